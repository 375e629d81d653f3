"""The binder from the command line: one file or a folder, private, refused cleanly."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Crisis


def test_one_private_file(crisis: Crisis) -> None:
    """A name in .pdf gives one document that its owner alone may read, the same for the same date."""
    files = [crisis.folder / name for name in ("a.pdf", "b.pdf")]
    for file in files:
        result = crisis.run("binder", "--centre", "gray", "--out", file, "--date", "2026-01-05", "--json")
        assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["files"] == ["b.pdf"]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_folder_is_ours_or_refused(crisis: Crisis) -> None:
    """A folder holds one binder a centre and a manifest, may be written again, and never replaces anything else."""
    folder = crisis.folder / "binders"
    for _ in range(2):
        assert crisis.run("binder", "--centre", "gray", "--out", folder).exit_code == 0
    assert {file.name for file in folder.iterdir()} == {"binder-gray.pdf", "manifest.json"}
    (folder / "notes.txt").write_text("precious")
    (finding,) = crisis.refused("binder", "--centre", "gray", "--out", folder)
    assert finding["code"] == "not_ours"


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (("--centre", "nowhere"), "--centre"),
        (("--date", "2026-01-05", "--valid-until", "2026-01-04"), "--valid-until"),
        (("--date", "1789-07-14", "--valid-until", "2026-01-04"), "--date"),
        (("--reference", "x" * 99), "--reference"),
    ],
)
def test_what_cannot_be_printed_is_refused(crisis: Crisis, arguments: tuple[str, ...], where: str) -> None:
    """An unknown centre, dates out of order or out of time, a reference too long."""
    (finding,) = crisis.refused("binder", "--out", crisis.folder / "x.pdf", *arguments)
    assert finding["where"] == where
    assert not (crisis.folder / "x.pdf").exists()


def test_the_faults_of_both_networks_are_told_at_once(crisis: Crisis) -> None:
    """The current network and the previous one are both read before anything is refused."""
    centres = crisis.folder / "centres.yaml"
    earlier = crisis.folder / "earlier.yaml"
    earlier.write_text(centres.read_text("utf-8").replace("region:", "regions:"), "utf-8")
    centres.write_text(centres.read_text("utf-8").replace("location:", "place:", 1), "utf-8")
    findings = crisis.refused("binder", "--out", crisis.folder / "x.pdf", "--previous", earlier)
    assert {finding["file"] for finding in findings} == {str(centres), str(earlier)}
