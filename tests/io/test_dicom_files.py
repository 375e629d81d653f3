"""One DICOM file at a time: what is read of it, what is refused and why, and that no identity passes."""

from __future__ import annotations

import io
import struct
import sys
from datetime import date
from typing import TYPE_CHECKING

import pytest
from pydicom.errors import BytesLengthException
from pydicom.filereader import read_dataset

from tests.dicom_backup import Backup, Person, arc, beam, dataset, items
from transfer_planner.io import dicom_rt
from transfer_planner.io.dicom_header import with_lengths
from transfer_planner.io.dicom_rt import Reading, read_file
from transfer_planner.io.dicom_technique import deduce_technique
from transfer_planner.io.pseudonyms import Coder

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom.dataset import Dataset

CODER = Coder(b"secret of the tests")
SOMEONE = Person("123456", "DURAND^Zoé", "19600229")


@pytest.fixture
def backup(tmp_path: Path) -> Backup:
    return Backup(tmp_path)


def read(file: Path) -> Reading:
    return read_file(str(file), CODER)


def only(folder: Path, pattern: str) -> Path:
    (file,) = folder.rglob(pattern)
    return file


@pytest.mark.parametrize("implicit", [False, True])
def test_a_plan_gives_its_facts_and_no_identity(tmp_path: Path, implicit: bool) -> None:
    """Energy, leaves, arcs, dose, fractions and links are read, explicit or implicit; name and number are not kept."""
    backup = Backup(tmp_path, implicit=implicit)
    backup.plan(SOMEONE, beams=[arc(1, fff=True), arc(2, fff=True)], structures="1.2.3", predecessor="1.2.4")
    found = read(only(tmp_path, "RTPLAN*")).found
    assert found is not None
    assert found.plan is not None
    first = found.plan.beams[0]
    assert (first.energy, first.mlc, first.arc, first.machine) == ("6FFF", "MLCX 2x60", True, "CLINAC_1")
    assert (found.plan.fractions, found.plan.dose_gy, found.plan.day) == (25, 50.0, date(2026, 1, 12))
    assert (found.refs, found.plan.predecessors, found.birth_year) == (("1.2.3",), ("1.2.4",), 1960)
    kept = found.model_dump_json()
    assert not any(word in kept for word in ("DURAND", "Zoé", "123456", "19600229"))


@pytest.mark.parametrize("form", [{}, {"implicit": True}, {"lengths": True}], ids=str)
def test_lengths_put_in_change_nothing(tmp_path: Path, form: dict[str, bool]) -> None:
    """A plan means the same to pydicom once the lengths of its sequences are written; noise and cuts stay as they are."""
    Backup(tmp_path, **form).plan(SOMEONE, structures="1.2.3")
    file = only(tmp_path, "RTPLAN*")
    content, implicit = file.read_bytes(), form.get("implicit", False)
    start = 144 + int.from_bytes(content[140:144], "little")
    body = content[start:]
    made = with_lengths(body, explicit=not implicit)
    first, second = (read_dataset(io.BytesIO(each), implicit, True) for each in (body, made))
    assert first == second
    assert (made == body) == ("lengths" in form)
    for spoilt in (body[:-20], b"\xfe\xff\x0d\xe0\0\0\0\0" + body):
        assert with_lengths(spoilt, explicit=not implicit) == spoilt or "lengths" in form


def test_the_identity_comes_apart(backup: Backup) -> None:
    """Name, number and birth date are given beside the object, for the encrypted table alone."""
    backup.plan(SOMEONE)
    reading = read(only(backup.folder, "RTPLAN*"))
    assert reading.identity == ("123456", "DURAND^Zoé", "19600229")
    assert reading.found is not None
    assert reading.found.code == CODER.code(" 123456 ")
    assert Coder(b"another").code("123456") != reading.found.code


def test_a_record_gives_day_fraction_and_beams(backup: Backup) -> None:
    """What was delivered, of what, when and where."""
    file = backup.record(SOMEONE, "1.2.5", date(2026, 2, 3), 7, share=0.5)
    found = read(file).found
    assert found is not None
    assert (found.day, found.refs, found.machine) == (date(2026, 2, 3), ("1.2.5",), "CLINAC_1")
    assert [(item.beam, item.fraction, item.share, item.normal) for item in found.delivered] == [
        (1, 7, 0.5, False),
        (2, 7, 0.5, False),
    ]


def test_an_image_and_its_structures_are_linked(backup: Backup) -> None:
    """A structure set names the series and the number of its images; an image names its series."""
    series, images = backup.images(SOMEONE, 2)
    backup.structures(SOMEONE, series, images)
    drawn = read(only(backup.folder, "RTSTRUCT*")).found
    image = read(next(backup.folder.rglob("CT*"))).found
    assert drawn is not None
    assert image is not None
    assert (drawn.refs, drawn.images, image.series, image.code) == ((series,), 2, series, drawn.code)


@pytest.mark.parametrize("kind", ["CT", "RTSTRUCT", "RTPLAN", "RTDOSE", "RTRECORD"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("form", [{}, {"implicit": True}, {"lengths": True}], ids=str)
def test_a_file_cut_short_is_refused(tmp_path: Path, kind: str, share: float, form: dict[str, bool]) -> None:
    """Wherever an object is cut, even where pydicom reads on without a word, it is set aside."""
    backup = Backup(tmp_path, **form)
    series, images = backup.images(SOMEONE, 1)
    backup.structures(SOMEONE, series, images)
    plan = backup.plan(SOMEONE)
    backup.dose(SOMEONE, plan)
    backup.record(SOMEONE, plan, date(2026, 2, 3), 1)
    file = only(backup.folder, f"{kind}*")
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    assert read(file).fault in {"truncated", "damaged"}


def test_a_sound_image_is_read_whatever_its_sequences(backup: Backup) -> None:
    """Sequences of undefined length before the pixels, nested or private, cut nothing."""
    series = backup.uid()
    content = dataset(SOPInstanceUID="1.2.3", SeriesInstanceUID=series, Rows=2, Columns=2, BitsAllocated=8)
    content.ReferencedImageSequence = items(dataset(PurposeOfReferenceCodeSequence=items(dataset(CodeValue="1"))))
    content.add_new(0x00091001, "SQ", items(dataset(CodeValue="2")))
    content.PixelData = bytes(4)
    found = read(backup.write(SOMEONE, "CT", content)).found
    assert found is not None
    assert found.series == series


def test_a_beam_with_fewer_points_than_announced_is_refused(backup: Backup) -> None:
    """A plan may be cut between two elements, and look whole."""
    made = arc(1, announced=9)
    backup.plan(SOMEONE, beams=[made])
    assert read(only(backup.folder, "RTPLAN*")).fault == "truncated"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_dicom"),
        (b"%PDF-1.7 nothing", "not_dicom"),
        (bytes(128) + b"DICM", "damaged"),
        (bytes(128) + b"DICM" + b"\xff" * 400, "damaged"),
        (b"\x08\x00\x05\x00" + bytes(200), "no_preamble"),
    ],
)
def test_what_is_no_dicom_file_is_told(tmp_path: Path, content: bytes, code: str) -> None:
    """Other files, empty ones and noise are set aside, each with its reason."""
    file = tmp_path / "file"
    file.write_bytes(content)
    assert read(file) == Reading(fault=code)


def test_a_dose_of_histograms_alone_is_whole(backup: Backup) -> None:
    """A dose may hold no pixels."""
    content = dataset(SOPInstanceUID="1.2.3", DVHSequence=items(dataset(DVHType="CUMULATIVE")))
    found = read(backup.write(SOMEONE, "RTDOSE", content)).found
    assert found is not None
    assert found.kind == "dose"


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    """A file that vanished since it was listed stops nothing."""
    assert read(tmp_path / "gone").fault == "unreadable"


def test_an_object_of_no_use_is_no_fault(backup: Backup) -> None:
    """Other sound DICOM objects are passed over."""
    backup.plan(SOMEONE)
    file = only(backup.folder, "RTPLAN*")
    file.write_bytes(file.read_bytes().replace(b"1.481.5", b"1.481.1"))  # an RT image
    assert read(file) == Reading()


def test_no_patient_number_is_a_fault(backup: Backup) -> None:
    """An object of nobody cannot be counted for anybody."""
    backup.plan(Person("", "X^Y"))
    assert read(only(backup.folder, "RTPLAN*")).fault == "no_patient"


def test_an_unknown_character_set_keeps_the_object(tmp_path: Path) -> None:
    """The object counts; its name is listed as doubtful."""
    Backup(tmp_path).plan(SOMEONE)
    file = only(tmp_path, "RTPLAN*")
    file.write_bytes(file.read_bytes().replace(b"ISO_IR 100", b"ISO_IR 999"))
    reading = read(file)
    assert reading.fault == "characters"
    assert reading.found is not None


def test_a_file_compressed_as_a_whole_is_not_unfolded(backup: Backup) -> None:
    """A deflated file may hold gigabytes: it is refused unread."""
    backup.plan(SOMEONE)
    file = only(backup.folder, "RTPLAN*")
    plain, deflated = b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99"
    content = file.read_bytes().replace(b"\x14\x00" + plain, b"\x16\x00" + deflated)
    length = int.from_bytes(content[140:144], "little")
    file.write_bytes(content[:140] + (length + 2).to_bytes(4, "little") + content[144:])
    assert read(file).fault == "deflated"


def test_nesting_without_end_is_refused(backup: Backup) -> None:
    """Sequences nested a thousand deep overflow nothing."""
    inner = dataset(BeamNumber=1)
    backup.plan(SOMEONE, beams=[inner])
    file = only(backup.folder, "RTPLAN*")
    content = file.read_bytes()
    place = content.index(b"\x0a\x30\xb0\x00SQ")
    deep = b"\x0a\x30\xb0\x00SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    file.write_bytes(content[:place] + deep * 3000)
    assert read(file).fault == "truncated"


CHARACTERS, NAME, BEAMS, FRACTION, FRAMES = (
    tag.to_bytes(2, "little") + element.to_bytes(2, "little")
    for tag, element in ((0x0008, 0x0005), (0x0010, 0x0010), (0x300A, 0x00B0), (0x3008, 0x0022), (0x3006, 0x0010))
)


@pytest.mark.parametrize(
    ("kind", "tag", "instead", "raised"),
    [
        ("RTPLAN", CHARACTERS, b"CS\4\0a\0b ", ValueError),
        ("RTPLAN", CHARACTERS, b"IS\2\0001 ", TypeError),
        ("RTPLAN", CHARACTERS, b"CS\4\0hex ", LookupError),
        ("RTPLAN", CHARACTERS, b"ZZ\2\0a ", NotImplementedError),
        ("RTPLAN", NAME, b"FD\2\0a ", BytesLengthException),
        ("RTRECORD", FRACTION, b"IS\6\0inf\\\xe9 ", OverflowError),
        ("RTPLAN", BEAMS, b"SQ\0\0\3\0\0\0abc", OSError),
        ("RTPLAN", BEAMS, b"SQ\0\0\3", struct.error),
        ("RTSTRUCT", FRAMES, (b"SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff" + FRAMES) * 3000, RecursionError),
    ],
)
def test_whatever_the_library_raises_a_damaged_file_is_refused(
    backup: Backup, monkeypatch: pytest.MonkeyPatch, kind: str, tag: bytes, instead: bytes, raised: type[Exception]
) -> None:
    """The library raises errors of many kinds, one here for each; none stops an import."""
    series, images = backup.images(SOMEONE, 1)
    backup.structures(SOMEONE, series, images)
    backup.record(SOMEONE, backup.plan(SOMEONE), date(2026, 2, 3), 1)
    file = only(backup.folder, f"{kind}*")
    before, mark, after = file.read_bytes().partition(tag)
    rest = b"" if after.startswith(b"SQ") else after[4 + int.from_bytes(after[2:4], "little") :]
    file.write_bytes(before + mark + instead + rest)
    seen, caught = [], dicom_rt._damage

    def damage() -> tuple[type[Exception], ...]:
        seen.append(sys.exc_info()[0])
        return caught()

    monkeypatch.setattr(dicom_rt, "_damage", damage)
    assert read(file).fault == "truncated"
    assert seen == [raised]


@pytest.mark.parametrize(
    ("beams", "fractions", "dose", "technique", "sure"),
    [
        ([beam(1), beam(2)], 15, 40.05, "3DCRT", True),
        ([beam(1), beam(2)], 1, 8.0, "3DCRT", False),
        ([beam(1, points=4, shapes=3)], 25, 50.0, "3DCRT", True),
        ([beam(1, points=20, shapes=20)], 25, 50.0, "IMRT", True),
        ([arc(1), arc(2)], 25, 50.0, "VMAT", True),
        ([arc(1)], 1, 8.0, "VMAT", False),
        ([arc(1)], 1, 20.0, "SBRT", True),
        ([arc(1)], 5, 26.0, "VMAT", True),
        ([arc(1, fff=True)], 5, 36.25, "SBRT", True),
        ([beam(n) for n in range(1, 10)], 3, 54.0, "SBRT", True),
        ([beam(1, arc=True)], 25, 50.0, "3DCRT", False),
        ([beam(1, radiation="ELECTRON", energy=9)], 8, 16.0, "ELECTRONS", True),
        ([arc(1), beam(2, radiation="ELECTRON", energy=9)], 25, 50.0, "VMAT", False),
        ([arc(1, machine="TomoTherapy2")], 28, 50.4, "HELICAL", True),
        ([beam(1, machine="CyberKnife")], 3, 54.0, "SBRT", False),
        ([beam(1, radiation="PROTON")], 25, 50.0, None, False),
    ],
)
def test_technique(
    backup: Backup, beams: list[Dataset], fractions: int, dose: float, technique: str | None, sure: bool
) -> None:
    """Each technique is told from the beams and the fractions, and a doubtful one says so."""
    backup.plan(SOMEONE, beams=beams, fractions=fractions, dose=dose)
    found = read(only(backup.folder, "RTPLAN*")).found
    assert found is not None
    assert found.plan is not None
    made = deduce_technique(found.plan)
    assert (made.technique, made.sure) == (technique, sure)
    assert made.reasons


def test_dose_by_beams_when_no_target_dose_is_written(backup: Backup) -> None:
    """Beam doses x fractions stand in for a prescription; several target doses keep the highest."""
    by_beam = items(*(dataset(ReferencedBeamNumber=number, BeamDose=1.5) for number in (1, 2)))
    group = dataset(FractionGroupNumber=1, NumberOfFractionsPlanned=10, NumberOfBeams=2, ReferencedBeamSequence=by_beam)
    backup.plan(SOMEONE, dose=None, FractionGroupSequence=items(group))
    file = only(backup.folder, "RTPLAN*")
    found = read(file).found
    assert found is not None
    assert found.plan is not None
    assert found.plan.dose_gy == 30.0
    file.unlink()
    doses = items(*(dataset(DoseReferenceNumber=n, TargetPrescriptionDose=gy) for n, gy in ((1, 54.12), (2, 66.0))))
    backup.plan(SOMEONE, DoseReferenceSequence=doses)
    found = read(only(backup.folder, "RTPLAN*")).found
    assert found is not None
    assert found.plan is not None
    assert (found.plan.dose_gy, found.plan.doses_gy) == (66.0, (66.0, 54.12))
