"""The documentation and the project around the code tell the truth."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from babel.messages.pofile import read_po
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from transfer_planner.cli.common import OPTIONS
from transfer_planner.cli.lazy import LazyGroup
from transfer_planner.cli.main import cli
from transfer_planner.i18n import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def commands(group: LazyGroup, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command by its full name."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, LazyGroup):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


COMMANDS = dict(commands(cli))


@pytest.mark.parametrize("name", COMMANDS)
def test_command_is_documented_with_its_options(name: str) -> None:
    """Each command has a section of docs/cli.md that names each of its own options."""
    page = (ROOT / "docs" / "cli.md").read_text("utf-8")
    section = re.search(rf"^## `{name}\b.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert section, name
    for option in COMMANDS[name].params:
        if isinstance(option, click.Option) and option not in OPTIONS:
            assert re.search(rf"`{option.opts[0]}[ `]", section[0]), option.opts[0]


def test_common_options_are_documented() -> None:
    """Each common option has its line."""
    page = (ROOT / "docs" / "cli.md").read_text("utf-8")
    for option in OPTIONS:
        assert f"`{option.opts[-1]}" in page, option.opts


def test_readme_lists_every_command() -> None:
    """The table of the readme forgets no command."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in COMMANDS if f"`{name}" not in readme] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Each relative link or picture of a page exists."""
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8")):
        assert target.startswith(("https://", "mailto:")) or (page.parent / target).exists(), target


def test_index_knows_every_page() -> None:
    """Each page of docs/ is reachable from its index."""
    index = (ROOT / "docs" / "index.md").read_text("utf-8")
    pages = {page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")} - {"index.md"}
    assert {page for page in pages if f"({page})" not in index} == set()


def sources() -> Iterator[tuple[str, str]]:
    """Yield file and source text of each message of the package, help of the commands included."""
    for file in sorted((ROOT / "transfer_planner").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "msg" and node.args:
                text = node.args[0]
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    yield file.name, text.value
    for name, command in COMMANDS.items():
        yield name, command.help or ""
        for option in command.params:
            yield name, getattr(option, "help", None) or ""


def test_every_message_has_its_french() -> None:
    """No English sentence reaches a French reader."""
    french = catalogue("fr")
    assert sorted({f"{file}: {text}" for file, text in sources() if text and text not in french}) == []


@pytest.mark.parametrize(
    "file", sorted((ROOT / "transfer_planner" / "locale" / "fr").glob("*.po")), ids=lambda f: f.name
)
def test_french_typography_and_parameters(file: Path) -> None:
    """French has its no-break spaces and fills in the same parameters as English."""
    with file.open("rb") as stream:
        entries = [(str(entry.id), str(entry.string)) for entry in read_po(stream, locale="fr") if entry.id]
    for english, french in entries:
        assert not re.search(r"[ \u00a0][;:!?]|«[^\u00a0\u202f]|[^\u00a0\u202f]»", french), french
        assert set(re.findall(r"\{(\w+)", french)) <= set(re.findall(r"\{(\w+)", english)), french


def test_lock_files_hold_every_dependency() -> None:
    """Each declared dependency is locked at a version that satisfies it, with hashes and no address."""
    extras = PROJECT["optional-dependencies"]
    wanted = {
        "requirements.lock": PROJECT["dependencies"],
        "requirements-dev.lock": [*PROJECT["dependencies"], *extras["test"], *extras["dev"]],
    }
    for name, declared in wanted.items():
        text = (ROOT / name).read_text("utf-8")
        locked: dict[str, list[str]] = {}
        for package, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE):
            locked.setdefault(canonicalize_name(package), []).append(version)
        for line in declared:
            requirement = Requirement(line)
            versions = locked[canonicalize_name(requirement.name)]
            assert all(requirement.specifier.contains(version) for version in versions), line
        assert "://" not in text
        assert text.count("--hash=sha256:") >= len(locked)


def test_version_is_the_same_everywhere() -> None:
    """The citation file gives the version of the package."""
    assert f"version: {PROJECT['version']}\n" in (ROOT / "CITATION.cff").read_text("utf-8")


def test_licence_is_whole() -> None:
    """LICENSE is the Apache licence from title to appendix."""
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
