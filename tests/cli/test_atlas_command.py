"""The atlas from the command line: a folder, whole; stopped, it goes on; what it cannot use is refused in words."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from tests.stress.regions import centre, write_network
from transfer_planner.cli.main import cli
from transfer_planner.io.atlas import read_atlas

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def network(folder: Path) -> Path:
    """Write three centres."""
    return write_network(folder, centre("alpha", paediatrics=True), centre("beta"), centre("gamma"))


def run(file: Path, *args: object) -> Result:
    return CliRunner().invoke(cli, ["atlas", "--centres", str(file), *map(str, args)], catch_exceptions=False)


def figures(folder: Path) -> dict[str, Any]:
    """Return all that an atlas says, the time it took not counted."""
    content = read_atlas(folder / "atlas.json").model_dump(exclude={"created_at"})
    for outcome in content["outcomes"]:
        del outcome["wall_s"]
    return content


def test_an_atlas_in_one_command(tmp_path: Path) -> None:
    """The folder holds every output, the terminal tells what matters, the machine gets it all."""
    file = network(tmp_path)
    result = run(file, "--out", tmp_path / "atlas", "--seeds", 2, "--workers", 1, "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "7 contingencies" in result.output
    names = {"atlas.json", "atlas.pdf", "atlas.html", "atlas.xlsx", "pairs.svg", "manifest.json"}
    assert {one.name for one in (tmp_path / "atlas").iterdir()} == names
    made, first = read_atlas(tmp_path / "atlas" / "atlas.json"), figures(tmp_path / "atlas")
    assert made.seeds == (0, 1)
    assert made.centres.path == "../centres.yaml"
    assert made.findings.single_points[0].capability == "paediatrics"
    again = run(file, "--out", tmp_path / "atlas", "--seeds", 2, "--workers", 1, "--json")
    said = json.loads(again.stdout)
    assert (said["contingencies"], said["failed"], len(said["summaries"])) == (7, [], 7)
    assert figures(tmp_path / "atlas") == first


def test_a_killed_run_goes_on_and_equals_one_that_was_not(tmp_path: Path) -> None:
    """Killed in the middle of the sweep, with its workers; the next run takes over what was done, and ends alike."""
    file, kept = network(tmp_path), tmp_path / "cut.results.sqlite"
    command = [sys.executable, "-m", "transfer_planner", "atlas", "--centres", str(file), "--workers", "2"]
    process = subprocess.Popen([*command, "--out", str(tmp_path / "cut")], stdout=subprocess.DEVNULL)
    while count(kept) < 4 and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = count(kept)
    assert 4 <= done < 21
    assert not (tmp_path / "cut").exists()
    assert run(file, "--out", tmp_path / "cut", "--workers", 1).exit_code == 0
    assert run(file, "--out", tmp_path / "whole", "--workers", 1).exit_code == 0
    assert figures(tmp_path / "cut") == figures(tmp_path / "whole")


def count(file: Path) -> int:
    """Return how many results are kept, as a copy of the file tells: the run holds the file itself."""
    try:
        copy = file.with_name("copy")
        copy.write_bytes(file.read_bytes())
        base = sqlite3.connect(copy)
        number = base.execute("SELECT count(*) FROM result").fetchone()[0]
        base.close()
    except (OSError, sqlite3.Error):
        return 0
    return int(number)


def test_ctrl_c_says_where_what_is_done_is_kept(tmp_path: Path) -> None:
    """Interrupted, the command ends at once, without a trace of Python, and names the file that keeps its results."""
    file, kept = network(tmp_path), tmp_path / "cut.results.sqlite"
    command = [
        sys.executable,
        "-m",
        "transfer_planner",
        "atlas",
        "--centres",
        str(file),
        "--workers",
        "2",
        "--seeds",
        "9",
    ]
    process = subprocess.Popen([*command, "--out", str(tmp_path / "cut")], stderr=subprocess.PIPE, text=True)
    while count(kept) < 2 and process.poll() is None:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in told
    assert "cut.results.sqlite" in told.replace("\n", "")
    assert not (tmp_path / "cut").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--store", "text"), "store_damaged"),
        (("--roster", "omega=text"), "unknown_centre"),
        (("--like", "text"), "not_a_mapping"),
        (("--scheduler", "nonsense"), "scheduler"),
    ],
)
def test_what_cannot_be_used_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, str], code: str
) -> None:
    """A store that is none, an unknown centre, a scenario that is none, an address that is none: told, nothing written."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text").write_text("nothing of the kind\n" * 300, encoding="utf-8")
    result = run(network(tmp_path), "--out", "atlas", "--json", *arguments)
    assert result.exit_code == 1
    assert [finding["code"] for finding in json.loads(result.stdout)["findings"]] == [code]
    assert not (tmp_path / "atlas").exists()


def test_a_folder_that_is_not_ours_is_refused_before_the_work(tmp_path: Path) -> None:
    """Nothing is computed for a folder that cannot be written."""
    (tmp_path / "atlas").mkdir()
    (tmp_path / "atlas" / "notes.txt").write_text("precious")
    result = run(network(tmp_path), "--out", tmp_path / "atlas", "--json")
    assert result.exit_code == 1
    assert not (tmp_path / "atlas.results.sqlite").exists()
