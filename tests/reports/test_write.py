"""The folder of a plan: whole or not at all, private, never over something else, with a true manifest."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

import pytest

from transfer_planner.errors import DataError
from transfer_planner.io.plans import read_plan
from transfer_planner.reports import furniture, write
from transfer_planner.reports.furniture import plan_fingerprint
from transfer_planner.reports.typeset import TypesettingError
from transfer_planner.reports.write import write_reports


def _names(folder):
    return {path.name for path in folder.iterdir()}


def _tree(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def quick(monkeypatch):
    """Render two small files instead of everything."""
    files = {"plan.json": b"{}\n", "crisis-cell.pdf": b"%PDF"}
    monkeypatch.setattr(write, "render_reports", lambda *_, **__: dict(files))
    return files


def test_every_promised_file_is_there(folder, plan):
    centres = {d.centre_id for d in plan.decisions if d.action == "transfer"}
    assert _names(folder) == {
        "plan.json",
        "priority-table.xlsx",
        "priority-table.csv",
        "priority-table.pdf",
        "calendar.pdf",
        "transport-list.pdf",
        "transfer-sheets.pdf",
        "crisis-cell.pdf",
        "map.html",
        "map.pdf",
        "manifest.json",
        *(f"reception-{centre}.pdf" for centre in centres),
    }


def test_the_manifest_tells_every_other_file_truly(folder, plan):
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["software"] == {"name": "transfer-planner", "version": plan.software.version}
    assert [entry["path"] for entry in manifest["files"]] == sorted(_names(folder) - {"manifest.json"})
    for entry in manifest["files"]:
        data = (folder / entry["path"]).read_bytes()
        assert (entry["size"], entry["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())


def test_only_the_owner_may_read(folder):
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_paths_of_the_inputs_are_relative_to_the_plan(folder):
    read = read_plan(folder / "plan.json")
    path = Path(read.inputs.centres.path)
    assert not path.is_absolute()
    assert (folder / path).resolve() == Path("/srv/radiotherapy/input.yaml")


def test_a_plan_read_again_has_the_same_fingerprint(folder, plan):
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert plan_fingerprint(read_plan(folder / "plan.json")) == plan_fingerprint(plan) == manifest["plan_fingerprint"]
    assert plan_fingerprint(plan.model_copy(update={"wall_s": 99.0})) == plan_fingerprint(plan)
    assert plan_fingerprint(plan.model_copy(update={"decisions": plan.decisions[1:]})) != plan_fingerprint(plan)


def test_the_map_and_the_fingerprint_are_made_once(plan, case, tmp_path, monkeypatch):
    """Every page shows them; making them again for each would double the time of the whole folder."""
    made = []
    for module, name in ((write, "map_svg"), (furniture, "_fingerprint")):
        true = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *a, true=true, name=name: made.append(name) or true(*a))
    write.render_reports(plan.model_copy(), case, tmp_path, "fr")
    assert sorted(made) == ["_fingerprint", "map_svg"]


def test_no_identity_and_no_machine_path_in_any_text(folder):
    for name in ("plan.json", "priority-table.csv", "map.html", "manifest.json"):
        text = (folder / name).read_text("utf-8")
        assert "birth_year" not in text
        assert '"/srv' not in text


def test_a_second_run_replaces_the_first_and_leaves_nothing_behind(tmp_path, plan, case, quick):
    out = tmp_path / "out"
    write_reports(plan, case, out, "fr")
    quick["plan.json"] = b'{"new": 1}\n'
    assert write_reports(plan, case, out, "fr") == ("crisis-cell.pdf", "manifest.json", "plan.json")
    assert _tree(out)["plan.json"] == b'{"new": 1}\n'
    assert _names(tmp_path) == {"out"}


@pytest.mark.usefixtures("quick")
def test_an_empty_folder_is_taken(tmp_path, plan, case):
    (tmp_path / "out").mkdir()
    write_reports(plan, case, tmp_path / "out", "fr")
    assert "manifest.json" in _names(tmp_path / "out")


@pytest.mark.usefixtures("quick")
def test_parents_are_made(tmp_path, plan, case):
    write_reports(plan, case, tmp_path / "a" / "b" / "out", "fr")
    assert (tmp_path / "a" / "b" / "out" / "plan.json").exists()


@pytest.mark.parametrize("file", ["thesis.docx", "manifest.json"])
@pytest.mark.usefixtures("quick")
def test_a_folder_of_somebody_else_is_refused_and_kept(tmp_path, plan, case, file):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / file).write_text("precious")
    (tmp_path / "out" / "notes.txt").write_text("precious")
    with pytest.raises(DataError) as raised:
        write_reports(plan, case, tmp_path / "out", "fr")
    assert raised.value.findings[0].code == "not_ours"
    assert _tree(tmp_path / "out") == {file: b"precious", "notes.txt": b"precious"}


@pytest.mark.usefixtures("quick")
def test_a_note_added_to_our_folder_is_never_lost(tmp_path, plan, case):
    write_reports(plan, case, tmp_path / "out", "fr")
    (tmp_path / "out" / "phone-numbers.txt").write_text("precious")
    with pytest.raises(DataError) as raised:
        write_reports(plan, case, tmp_path / "out", "fr")
    assert raised.value.findings[0].value == "phone-numbers.txt"
    assert (tmp_path / "out" / "phone-numbers.txt").read_text() == "precious"


@pytest.mark.usefixtures("quick")
def test_a_file_or_a_link_is_refused(tmp_path, plan, case):
    (tmp_path / "file").write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("file", "link"):
        with pytest.raises(DataError) as raised:
            write_reports(plan, case, tmp_path / name, "fr")
        assert raised.value.findings[0].code == "not_a_folder"


def test_a_failure_while_rendering_leaves_nothing(tmp_path, plan, case, monkeypatch):
    def fail(*_, **__):
        raise TypesettingError("crisis.typ: no")

    monkeypatch.setattr(write, "crisis_cell", fail)
    with pytest.raises(TypesettingError):
        write_reports(plan, case, tmp_path / "out", "fr")
    assert _names(tmp_path) == set()


@pytest.mark.usefixtures("quick")
def test_a_failure_while_writing_leaves_what_was_there(tmp_path, plan, case, monkeypatch):
    out = tmp_path / "out"
    write_reports(plan, case, out, "fr")
    before = _tree(out)
    calls = []

    def fail(stream):
        calls.append(stream)
        if len(calls) == 2:
            raise OSError(28, "No space left on device", "plan.json")

    monkeypatch.setattr(write.os, "fsync", fail)
    with pytest.raises(DataError) as raised:
        write_reports(plan, case, out, "fr")
    assert "disk is full" in str(raised.value)
    assert _tree(out) == before
    assert _names(tmp_path) == {"out"}


@pytest.mark.usefixtures("quick")
def test_a_failure_at_the_last_rename_puts_the_first_folder_back(tmp_path, plan, case, monkeypatch):
    out = tmp_path / "out"
    write_reports(plan, case, out, "fr")
    before, rename = _tree(out), Path.rename

    def fail(self, target):
        if self.name == "new":
            raise PermissionError(13, "Permission denied", str(target))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(DataError):
        write_reports(plan, case, out, "fr")
    assert _tree(out) == before
    assert _names(tmp_path) == {"out"}


def test_a_protected_place_is_told_before_anything_is_printed(tmp_path, plan, case, monkeypatch):
    monkeypatch.setattr(write.os, "access", lambda *_: False)
    monkeypatch.setattr(write, "render_reports", lambda *_, **__: pytest.fail("printed in vain"))
    with pytest.raises(DataError) as raised:
        write_reports(plan, case, tmp_path / "a" / "out", "fr")
    finding = raised.value.findings[0]
    assert (finding.code, finding.value) == ("unwritable", str(tmp_path))


@pytest.mark.usefixtures("quick")
def test_a_place_that_cannot_be_written_is_a_finding(tmp_path, plan, case):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError) as raised:
        write_reports(plan, case, tmp_path / "file" / "out", "fr")
    finding = raised.value.findings[0]
    assert finding.code == "unwritable"
    assert finding.expected.text("fr").startswith("un dossier où l’on peut écrire")
