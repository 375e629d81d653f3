"""The shape of the code: layers, one door per library, budgets of size."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "transfer_planner"
FILES = sorted(PACKAGE.rglob("*.py"))
DOORS = {
    "ortools": "solvers",
    "folium": "reports",
    "branca": "reports",
    "typst": "reports",
    "segno": "reports",
    "xlsxwriter": "reports",
    "click": "cli",
    "rich": "cli",
    "networkx": "network",
    "python_calamine": "io",
}
EXTRAS = {"distributed": {"stress/cluster.py"}, "pydicom": {"io/dicom_rt.py"}, "pyrage": {"io/age.py"}}
"""Libraries of an extra, and the one file that asks for each."""
DISTRIBUTIONS = {"yaml": "pyyaml", "python_calamine": "python-calamine"}
NEVER_IMPORTED = {"tzdata"}
"""Declared because the standard library reads it where the system has no time zones."""
PURE = ("domain", "clinical", "network", "problem")
IMPURE = {"os", "pathlib", "io", "random", "time", "socket", "subprocess", "tempfile", "shutil", "importlib.resources"}


def imported(file: Path) -> set[str]:
    """Return the modules that a file imports at run time."""
    names: set[str] = set()
    tree = ast.parse(file.read_text("utf-8"))
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and getattr(block.test, "id", "") == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def functions(file: Path) -> list[tuple[str, int]]:
    """Return the functions of a file with the lines of their bodies, docstring left out."""
    found = []
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            found.append((f"{file.relative_to(ROOT)}:{node.name}", lines))
    return found


def test_layers() -> None:
    """import-linter finds every folder importing only those below it."""
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run(
        [linter, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(("library", "door"), DOORS.items())
def test_one_door_per_library(library: str, door: str) -> None:
    """A library with a door is imported by one folder only, and really is."""
    users = {
        file.relative_to(PACKAGE).parts[0] for file in FILES if any(n.split(".")[0] == library for n in imported(file))
    }
    assert users == {door}


def test_one_file_per_library_of_an_extra() -> None:
    """Libraries that may be absent are asked for through `require`, each by one file only."""
    users: dict[str, set[str]] = {}
    for file in FILES:
        for library in re.findall(r'\brequire\("(\w+)', file.read_text("utf-8")):
            users.setdefault(library, set()).add(file.relative_to(PACKAGE).as_posix())
    assert users == EXTRAS


def test_dependencies_are_those_imported() -> None:
    """Each library imported is declared, and each one declared is imported."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {re.split(r"[^\w.-]", line)[0].lower() for line in project["dependencies"]} - NEVER_IMPORTED
    tops = {name.split(".")[0] for file in FILES for name in imported(file)} - sys.stdlib_module_names
    assert {DISTRIBUTIONS.get(name, name) for name in tops - {"transfer_planner"}} == declared


@pytest.mark.parametrize("folder", PURE)
def test_pure_folders_touch_neither_files_nor_clock(folder: str) -> None:
    """No file, process, socket, clock or global random state under a pure folder."""
    for file in (PACKAGE / folder).rglob("*.py"):
        assert not imported(file) & IMPURE, file
        text = file.read_text("utf-8")
        for call in ("open(", ".today(", ".now(", "np.random.seed", "read_text(", "read_bytes("):
            assert call not in text, (file, call)


def test_nothing_imports_the_package_root() -> None:
    """Modules import each other by their full names, never through the root."""
    for file in FILES:
        assert "transfer_planner" not in imported(file), file


def test_size_of_files_and_functions() -> None:
    """No function over 80 lines nor file over 600; most functions are short."""
    sizes = [size for file in FILES for size in functions(file)]
    assert [name for name, lines in sizes if lines > 80] == []
    assert [str(file) for file in FILES if len(file.read_text("utf-8").splitlines()) > 600] == []
    lines = sorted(lines for _, lines in sizes)
    assert median(lines) <= 10
    assert lines[len(lines) * 9 // 10] <= 40


def test_bodies_of_commands_are_short() -> None:
    """A command reads, calls and renders: at most 30 lines."""
    for file in (PACKAGE / "cli").glob("*.py"):
        commands = {
            node.name
            for node in ast.walk(ast.parse(file.read_text("utf-8")))
            if isinstance(node, ast.FunctionDef) and any(getattr(d, "id", "") == "command" for d in node.decorator_list)
        }
        for name, lines in functions(file):
            assert name.split(":")[1] not in commands or lines <= 30, (name, lines)
