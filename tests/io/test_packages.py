"""A package gives back what it announces to its destination alone, and whatever else it is turned into is refused."""

from __future__ import annotations

import io
import shutil
import stat
import zipfile
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from transfer_planner.domain.plan import Software
from transfer_planner.domain.scenario import PARIS
from transfer_planner.errors import DataError
from transfer_planner.io import age
from transfer_planner.io.dicom_inventory import find_by_number, find_in_folders
from transfer_planner.io.package_check import check_content, check_received
from transfer_planner.io.packages import (
    MANIFEST,
    Manifest,
    PackedFile,
    PackedPatient,
    Route,
    extract,
    opened_package,
    write_package,
)
from transfer_planner.io.pseudonyms import Coder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHEETS = {"plan-rows.json": b"[]\n", "reception-gray.pdf": b"%PDF" * 500}


@pytest.fixture(scope="module")
def keys() -> tuple[str, str]:
    return age.new_key()


@pytest.fixture(autouse=True)
def key_at_hand(keys: tuple[str, str], tmp_path: Path) -> Iterator[None]:
    age.write_key(tmp_path / "gray.key", *keys, "gray")
    with age.opening_with(age.Keyring((tmp_path / "gray.key",))):
        yield


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """Return a folder of objects of three patients, of whom two go to this destination."""
    folder = tmp_path / "export"
    for code in ("P001", "P002", "P666"):
        (folder / code / "ct").mkdir(parents=True)
        (folder / code / "RP.dcm").write_bytes(f"plan of {code}".encode() * 3000)
        (folder / code / "ct" / "1.dcm").write_bytes(f"image of {code}".encode() * 3000)
    return folder


def announced(objects: dict[str, Any], *, included: bool = True, files: dict[str, bytes] = SHEETS) -> Manifest:
    return Manifest(
        schema_version=1,
        software=Software(version="1"),
        made_at=datetime(2026, 3, 2, 12, tzinfo=PARIS),
        plan_fingerprint="0" * 12,
        scenario_id="exercise",
        exercise=True,
        destination="gray",
        routes=(Route(origin="dentellieres", channel="usb", delay_h=1.5, agreed=False),),
        files=tuple(PackedFile(path=n, size=len(d), sha256=sha256(d).hexdigest()) for n, d in files.items()),
        objects_included=included,
        patients=tuple(PackedPatient(patient_id=c, objects=[one for _, one in each]) for c, each in objects.items()),
    )


@pytest.fixture
def packed(exported: Path, tmp_path: Path, keys: tuple[str, str]) -> Path:
    objects = find_in_folders(exported, ["P001", "P002"])
    sources = {one.path: file for each in objects.values() for file, one in each}
    path = tmp_path / "gray.zip.age"
    digest = write_package(path, announced(objects), {**SHEETS, **sources}, recipients=[keys[1]])
    assert digest == sha256(path.read_bytes()).hexdigest()
    return path


def kinds(faults: Any) -> set[tuple[str, str, str | None]]:
    return {(one.kind, one.path, one.patient_id) for one in faults}


def test_what_is_packed_comes_out_whole(packed: Path, exported: Path, tmp_path: Path) -> None:
    """The destination gets its patients' objects and sheets, nobody else's, in folders of its own."""
    out = tmp_path / "received"
    with opened_package(packed) as (manifest, archive):
        assert check_content(manifest, archive) == ()
        extract(manifest, archive, out)
    assert (out / "objects/P002/ct/1.dcm").read_bytes() == (exported / "P002/ct/1.dcm").read_bytes()
    assert sorted(path.name for path in out.iterdir()) == [MANIFEST, "objects", "plan-rows.json", "reception-gray.pdf"]
    assert "P666" not in (out / MANIFEST).read_text()
    assert b"plan of" not in packed.read_bytes()
    assert check_received(manifest, out) == ()
    assert stat.S_IMODE(out.stat().st_mode) == 0o700


def test_the_wrong_key_and_damage(packed: Path, tmp_path: Path) -> None:
    """Another centre cannot open it, nor can anybody once a byte is changed or lost; nothing is written."""
    age.write_key(tmp_path / "other.key", *age.new_key(), "other")
    with age.opening_with(age.Keyring((tmp_path / "other.key",))), pytest.raises(DataError), opened_package(packed):
        pass
    whole = packed.read_bytes()
    for content in (whole[:-1], whole[: len(whole) // 2], whole[:5000] + b"\0" + whole[5001:], b"PK\3\4", b""):
        packed.write_bytes(content)
        with pytest.raises(DataError) as error, opened_package(packed):
            pass
        assert error.value.findings[0].code in {"altered", "not_age"}


def test_what_arrives_is_compared_with_what_was_announced(packed: Path, exported: Path, tmp_path: Path) -> None:
    """Missing, altered, swapped, strangers' and unannounced files are each told, names and folders notwithstanding."""
    with opened_package(packed) as (manifest, _):
        pass
    received = tmp_path / "usb"
    for code in ("P001", "P002", "P666"):
        (received / "objects" / code).mkdir(parents=True)
    renamed = received / "objects/P001/whatever.bin"
    renamed.write_bytes((exported / "P001/RP.dcm").read_bytes())
    assert kinds(check_received(manifest, received)) == {
        ("missing", f"objects/{path}", path[:4]) for path in ("P001/ct/1.dcm", "P002/RP.dcm", "P002/ct/1.dcm")
    }
    (received / "objects/P001/1.dcm").write_bytes(b"image of P001 cut")
    (received / "objects/P001/RP2.dcm").write_bytes((exported / "P002/RP.dcm").read_bytes())
    (received / "objects/P666/RP.dcm").write_bytes(b"stranger")
    (received / "autorun.inf").write_bytes(b"?")
    assert kinds(check_received(manifest, received)) == {
        ("altered", "objects/P001/1.dcm", "P001"),
        ("other_patient", "objects/P001/RP2.dcm", "P002"),
        ("other_patient", "objects/P666/RP.dcm", "P666"),
        ("not_listed", "autorun.inf", None),
        ("missing", "objects/P002/ct/1.dcm", "P002"),
    }


def test_a_file_that_changes_meanwhile_leaves_no_archive(exported: Path, tmp_path: Path, keys: tuple[str, str]) -> None:
    """An object written to between its listing and its packing stops the work; a wrong key does too."""
    objects = find_in_folders(exported, ["P001"])
    sources = {one.path: file for file, one in objects["P001"]}
    (exported / "P001/RP.dcm").write_bytes(b"new")
    for recipients in ([keys[1]], ["age1wrong"]):
        with pytest.raises(DataError):
            write_package(tmp_path / "x.age", announced(objects), {**SHEETS, **sources}, recipients=recipients)
    assert not [path for path in tmp_path.iterdir() if "x.age" in path.name]


def forged(path: Path, keys: tuple[str, str], entries: dict[Any, bytes], manifest: Manifest, how: int = 0) -> None:
    """Write by hand what somebody might send instead of a package."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", how) as archive:
        archive.writestr(MANIFEST, manifest.model_dump_json())
        for name, data in entries.items():
            archive.writestr(name, data)
    path.write_bytes(age.encrypt(stream.getvalue(), recipients=[keys[1]]))


def link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("plan-rows.json")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    ("entries", "how", "code"),
    [
        ({"../escape": b"x"}, 0, "dangerous_archive"),
        ({"/etc/escape": b"x"}, 0, "dangerous_archive"),
        ({"a\\..\\escape": b"x"}, 0, "dangerous_archive"),
        ({"C:escape": b"x"}, 0, "dangerous_archive"),
        ({link(): b"/etc/passwd"}, 0, "dangerous_archive"),
        ({"plan-rows.json": b"\0" * 10_000_000}, zipfile.ZIP_DEFLATED, "dangerous_archive"),
        ({"surprise.exe": b"x"}, 0, "not_announced"),
        ({}, 0, "not_announced"),
    ],
    ids=["parent", "root", "backslash", "drive", "link", "bomb", "surprise", "absent"],
)
def test_forged_archives_are_refused(
    entries: dict[Any, bytes], how: int, code: str, tmp_path: Path, keys: tuple[str, str]
) -> None:
    """Paths that lead out, links, bombs and unannounced files are refused before anything is taken out."""
    path, rows = tmp_path / "forged.age", {"plan-rows.json": b"[]\n"}
    forged(path, keys, entries, announced({}, files=rows), how)
    with pytest.raises(DataError) as error, opened_package(path):
        pass
    assert [finding.code for finding in error.value.findings] == [code]


def test_a_manifest_that_leads_out_is_refused(tmp_path: Path, keys: tuple[str, str]) -> None:
    """Neither a manifest that announces a path outside nor one of another format is followed."""
    path = tmp_path / "forged.age"
    forged(path, keys, {}, announced({}, files={"../escape": b"x"}))
    with pytest.raises(DataError), opened_package(path):
        pass
    path.write_bytes(age.encrypt(b"PK\5\6" + b"\0" * 18, recipients=[keys[1]]))
    with pytest.raises(DataError) as error, opened_package(path):
        pass
    assert error.value.findings[0].code == "not_a_package"


def test_an_entry_that_cannot_be_read_is_told(tmp_path: Path, keys: tuple[str, str]) -> None:
    """A forged entry that says to be a patch of another archive is no more than an altered file."""
    path, rows = tmp_path / "forged.age", {"plan-rows.json": b"[]\n"}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(MANIFEST, announced({}, files=rows).model_dump_json())
        archive.writestr("plan-rows.json", rows["plan-rows.json"])
    content = bytearray(stream.getvalue())
    content[content.rindex(b"plan-rows.json") - 46 + 8] |= 0x20
    path.write_bytes(age.encrypt(bytes(content), recipients=[keys[1]]))
    with opened_package(path) as (manifest, archive):
        assert kinds(check_content(manifest, archive)) == {("altered", "plan-rows.json", None)}


def test_an_altered_file_stops_the_extraction(tmp_path: Path, keys: tuple[str, str]) -> None:
    """A file whose content is not that announced is told, and no folder is left."""
    path = tmp_path / "forged.age"
    forged(path, keys, {"plan-rows.json": b"[1]"}, announced({}, files={"plan-rows.json": b"[]\n"}))
    with opened_package(path) as (manifest, archive):
        assert kinds(check_content(manifest, archive)) == {("altered", "plan-rows.json", None)}
        with pytest.raises(DataError) as error:
            extract(manifest, archive, tmp_path / "out")
    assert error.value.findings[0].where == "plan-rows.json"
    assert not [each for each in tmp_path.iterdir() if "out" in each.name]


def test_objects_are_found_by_number_and_a_wrong_patient_is_seen(tmp_path: Path) -> None:
    """With the table of codes, objects are found wherever they stand and named without identity; a stranger's is told."""
    from tests.dicom_backup import Backup, Person  # writes DICOM with pydicom

    backup = Backup(tmp_path / "export")
    people = [Person("IPP1", "DUPONT^JEAN"), Person("IPP2", "MARTIN^ANNE")]
    for person in people:
        series, images = backup.images(person, 2)
        backup.plan(person, structures=backup.structures(person, series, images))
    coder = Coder(b"secret")
    code = coder.code("IPP1")
    objects = find_by_number(tmp_path / "export", [code], coder)
    assert sorted(one.kind or "" for _, one in objects[code]) == ["image", "image", "plan", "structures"]
    assert not any("DUPONT" in one.path or "IPP1" in one.path for _, one in objects[code])
    received, manifest = tmp_path / "received", announced(objects, files={})
    for file, one in objects[code]:
        (received / one.path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, received / one.path)
    assert check_received(manifest, received) == ()
    stranger = next(
        file for file, _ in find_by_number(tmp_path / "export", [coder.code("IPP2")], coder)[coder.code("IPP2")]
    )
    plan = next(one for _, one in objects[code] if one.kind == "plan")
    shutil.copy(stranger, received / plan.path)
    assert kinds(check_received(manifest, received)) == {("other_patient", plan.path, code)}
