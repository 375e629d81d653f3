"""A folder of outputs may hold folders: private, replaced as a whole, and never at the price of a file that is not ours."""

from __future__ import annotations

import stat

import pytest

from transfer_planner.errors import DataError
from transfer_planner.reports.folder import check_target, put_folder

FILES = {"stress.json": b"{}\n", "worst/1/roster.csv": b"a\n", "worst/1/scenario.yaml": b"id: x\n"}


def _tree(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_folders_are_written_private_and_replaced_whole(tmp_path):
    """Inner folders and files are the owner's; a second run leaves nothing of the first."""
    out = tmp_path / "out"
    assert put_folder(out, FILES, {}, "stress") == ("manifest.json", *sorted(FILES))
    assert {stat.S_IMODE(item.stat().st_mode) for item in (out, *out.rglob("*")) if item.is_dir()} == {0o700}
    assert {stat.S_IMODE(item.stat().st_mode) for item in out.rglob("*") if item.is_file()} == {0o600}
    check_target(out, "stress")
    put_folder(out, {"stress.json": b"[]\n"}, {}, "stress")
    assert set(_tree(out)) == {"stress.json", "manifest.json"}
    assert [item.name for item in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("stranger", ["worst/1/notes.txt", "worst/notes.txt", "worst/2/scenario.yaml", "other/x"])
def test_a_file_of_somebody_else_is_refused_at_any_depth(tmp_path, stranger):
    """A note put beside a worst case is never lost."""
    out = tmp_path / "out"
    put_folder(out, FILES, {}, "stress")
    (out / stranger).parent.mkdir(exist_ok=True)
    (out / stranger).write_text("precious")
    before = _tree(out)
    with pytest.raises(DataError) as raised:
        check_target(out, "stress")
    assert raised.value.findings[0].code == "not_ours"
    assert _tree(out) == before


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path):
    """A folder named as one of our files is somebody's."""
    out = tmp_path / "out"
    put_folder(out, {"stress.json": b"{}\n"}, {}, "stress")
    (out / "stress.json").unlink()
    (out / "stress.json").mkdir()
    with pytest.raises(DataError):
        check_target(out, "stress")


def test_a_link_inside_is_refused(tmp_path):
    """What a link leads to is not ours to replace."""
    out = tmp_path / "out"
    put_folder(out, FILES, {}, "stress")
    (out / "worst" / "1" / "roster.csv").unlink()
    (out / "worst" / "1" / "roster.csv").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DataError):
        check_target(out, "stress")


def test_a_manifest_leads_nowhere_else(tmp_path):
    """Paths of a manifest that climb out of the folder make nothing ours."""
    out = tmp_path / "out"
    put_folder(out, {"stress.json": b"{}\n", "x": b""}, {}, "stress")
    manifest = (out / "manifest.json").read_text("utf-8").replace('"path": "x"', '"path": "../x"')
    (out / "manifest.json").write_text(manifest, "utf-8")
    with pytest.raises(DataError) as raised:
        check_target(out, "stress")
    assert raised.value.findings[0].value == "x"
