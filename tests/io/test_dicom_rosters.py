"""From a folder of DICOM files to rows: fractions counted and reconciled, plans chained, everything doubtful asked."""

from __future__ import annotations

import os
import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.dicom_backup import LAST_DAY, Backup, Person, arc, beam, weekdays, write_patient
from transfer_planner.io.dicom_folder import Index, index_folder
from transfer_planner.io.dicom_roster import Home, Imported, build_roster
from transfer_planner.io.dicom_tally import rhythm
from transfer_planner.io.pseudonyms import Coder

if TYPE_CHECKING:
    from pathlib import Path

    from transfer_planner.domain.patient import Patient

CODER = Coder(b"secret of the tests")
HOME = Home("dentellieres", {"clinac_1": "dent-1", "tomo_2": "dent-2"})
SOMEONE, OTHER = Person("123456", "DURAND^Zoe"), Person("654321", "PETIT^Jean")


@pytest.fixture
def backup(tmp_path: Path) -> Backup:
    return Backup(tmp_path / "backup")


def index(backup: Backup) -> Index:
    state = backup.folder.parent / "state"
    made = index_folder(backup.folder, CODER, state=state, progress=lambda *_: None)
    state.unlink()
    return made


def imported(backup: Backup) -> Imported:
    return build_roster(index(backup), HOME, "en")


def only_patient(done: Imported) -> Patient:
    (patient,) = done.patients
    return patient


def asked(done: Imported) -> set[str]:
    return {remark.code for remark in done.remarks if remark.grave}


def whole_patient(backup: Backup, **plan: Any) -> str:
    """Write everything but records; return the plan."""
    series, images = backup.images(SOMEONE, 2)
    return backup.plan(SOMEONE, structures=backup.structures(SOMEONE, series, images), **plan)


def test_a_whole_course_needs_no_question(backup: Backup) -> None:
    """Twelve sessions of 25: every fact is there, and nothing is asked."""
    backup.sessions(SOMEONE, whole_patient(backup), 12)
    done = imported(backup)
    assert asked(done) == set()
    patient = only_patient(done)
    told = patient.model_dump(exclude_defaults=True, exclude={"notes", "patient_id"})
    assert told == {
        "birth_year": 1951,
        "intent": "curative",
        "status": "on_treatment",
        "centre_id": "dentellieres",
        "linac_id": "dent-1",
        "technique": "VMAT",
        "energy": "6X",
        "prescribed_dose_gy": 50.0,
        "prescribed_fractions": 25,
        "delivered_fractions": 12,
        "delivered_source": "record",
        "first_fraction_date": weekdays(LAST_DAY, 12)[0],
        "last_fraction_date": LAST_DAY,
        "fractions_per_week": 5,
        "fractions_per_day": 1,
        "plan_data": "dicom",
    }
    assert patient.notes is not None
    assert "2 arc(s), leaves moving" in patient.notes
    assert "images 2 of 2" in patient.notes
    assert "MLCX 2x60" in patient.notes


def test_a_fraction_number_that_repeats_is_asked(backup: Backup) -> None:
    """Two whole sessions under one number: 3 or 4 fractions, so none is written."""
    plan = whole_patient(backup)
    for day, number in zip(weekdays(LAST_DAY, 4), (1, 2, 3, 3), strict=True):
        backup.record(SOMEONE, plan, day, number)
    done = imported(backup)
    assert asked(done) == {"repeated"}
    assert only_patient(done).delivered_fractions is None
    assert "from 3 to 4 fractions" in str(only_patient(done).notes)


def test_a_session_exported_twice_is_asked(backup: Backup) -> None:
    """The same session under two object numbers looks like one delivered twice: a human tells."""
    plan = whole_patient(backup)
    backup.sessions(SOMEONE, plan, 3)
    backup.record(SOMEONE, plan, LAST_DAY, 3)
    assert asked(imported(backup)) == {"repeated"}


def test_a_number_that_is_skipped_is_asked(backup: Backup) -> None:
    """Numbers 1, 2 and 4: a record is lost, or a number was."""
    plan = whole_patient(backup)
    for day, number in zip(weekdays(LAST_DAY, 3), (1, 2, 4), strict=True):
        backup.record(SOMEONE, plan, day, number)
    done = imported(backup)
    assert asked(done) == {"skipped"}
    assert only_patient(done).delivered_fractions is None


def test_records_that_begin_late_are_asked(backup: Backup) -> None:
    """The first records are missing."""
    backup.sessions(SOMEONE, whole_patient(backup), 3, first_number=8)
    done = imported(backup)
    assert asked(done) == {"late_start"}
    assert only_patient(done).delivered_fractions is None


def test_a_partial_fraction_is_asked_and_one_completed_later_is_not(backup: Backup) -> None:
    """Half of the monitor units are no fraction; the other half next day make one."""
    plan = whole_patient(backup)
    backup.sessions(SOMEONE, plan, 2, last=LAST_DAY - timedelta(days=2))
    backup.record(SOMEONE, plan, LAST_DAY - timedelta(days=1), 3, share=0.5)
    done = imported(backup)
    assert asked(done) == {"partial"}
    backup.record(SOMEONE, plan, LAST_DAY, 3, share=0.5)
    done = imported(backup)
    assert asked(done) == set()
    assert only_patient(done).delivered_fractions == 3


def test_a_beam_that_is_missing_makes_the_fraction_partial(backup: Backup) -> None:
    """Both beams are needed; one record each on the same day does."""
    plan = whole_patient(backup)
    backup.record(SOMEONE, plan, LAST_DAY, 1, beams=[1])
    assert asked(imported(backup)) == {"partial"}
    backup.record(SOMEONE, plan, LAST_DAY, 1, beams=[2])
    done = imported(backup)
    assert asked(done) == set()
    assert only_patient(done).delivered_fractions == 1


def test_more_than_the_plan_is_asked(backup: Backup) -> None:
    """Six fractions of five: never written as they are, nor as finished."""
    backup.sessions(SOMEONE, whole_patient(backup, fractions=5, dose=20.0), 6)
    done = imported(backup)
    assert "too_many" in asked(done)
    assert only_patient(done).delivered_fractions is None


def test_a_finished_course_is_left_out_and_counted(backup: Backup) -> None:
    """All fractions delivered: nobody to transfer."""
    backup.sessions(SOMEONE, whole_patient(backup, fractions=5, dose=20.0), 5)
    done = imported(backup)
    assert (done.patients, done.finished) == ([], 1)


def test_an_old_course_is_left_out_and_counted(backup: Backup) -> None:
    """No session for 60 days before the last one of the folder: over or given up."""
    backup.sessions(SOMEONE, whole_patient(backup), 3, last=LAST_DAY - timedelta(days=80))
    backup.sessions(OTHER, backup.plan(OTHER), 3)
    done = imported(backup)
    assert (len(done.patients), done.past) == (1, 1)


def test_a_replaced_plan_makes_one_course(backup: Backup) -> None:
    """Ten of 25 fractions, then a plan of 15 that names the first: 25 in all, and what both delivered."""
    first = whole_patient(backup)
    backup.sessions(SOMEONE, first, 10, last=LAST_DAY - timedelta(days=7))
    second = backup.plan(SOMEONE, fractions=15, day=LAST_DAY, predecessor=first)
    backup.sessions(SOMEONE, second, 3)
    done = imported(backup)
    patient = only_patient(done)
    assert (patient.prescribed_fractions, patient.delivered_fractions) == (25, 13)
    assert "replan" in {remark.code for remark in done.remarks}
    assert "replan" not in asked(done)


def test_a_replaced_plan_that_goes_on_counting_makes_one_course(backup: Backup) -> None:
    """Numbers that go on from 11 under the second plan are no gap."""
    first = whole_patient(backup)
    backup.sessions(SOMEONE, first, 10, last=LAST_DAY - timedelta(days=7))
    second = backup.plan(SOMEONE, fractions=25, day=LAST_DAY, predecessor=first)
    backup.sessions(SOMEONE, second, 3, first_number=11)
    done = imported(backup)
    assert (only_patient(done).prescribed_fractions, only_patient(done).delivered_fractions) == (25, 13)


def test_a_replan_whose_fractions_do_not_add_up_is_asked(backup: Backup) -> None:
    """Ten of 25, then 20 more: 30 are written, the count is not."""
    first = whole_patient(backup)
    backup.sessions(SOMEONE, first, 10)
    backup.plan(SOMEONE, fractions=20, day=LAST_DAY, predecessor=first)
    done = imported(backup)
    assert "replan" in asked(done)
    assert (only_patient(done).prescribed_fractions, only_patient(done).delivered_fractions) == (30, None)


def test_two_phases_are_added(backup: Backup) -> None:
    """A boost that begins after the first phase ended belongs to the same course."""
    first = whole_patient(backup, fractions=5, dose=10.0)
    backup.sessions(SOMEONE, first, 5, last=LAST_DAY - timedelta(days=7))
    backup.sessions(SOMEONE, backup.plan(SOMEONE, fractions=8, dose=16.0), 3)
    done = imported(backup)
    patient = only_patient(done)
    assert (patient.phases, patient.prescribed_fractions, patient.delivered_fractions) == ("10/5+16/8", 13, 8)
    assert patient.prescribed_dose_gy == 26.0


def test_two_plans_at_once_are_asked(backup: Backup) -> None:
    """Two plans treated on the same days are no series: the patient stays, the count does not."""
    for _ in range(2):
        backup.sessions(SOMEONE, backup.plan(SOMEONE), 4)
    done = imported(backup)
    assert "two_plans" in asked(done)
    assert only_patient(done).delivered_fractions is None


def test_a_plan_without_records_is_asked(backup: Backup) -> None:
    """Not begun, or its records are lost: neither is chosen."""
    whole_patient(backup)
    done = imported(backup)
    assert asked(done) == {"plan_without_records"}
    assert (only_patient(done).status, only_patient(done).delivered_fractions) == (None, None)


def test_records_without_plan_make_an_incomplete_row(backup: Backup) -> None:
    """The patient is on treatment, whatever is missing: to be completed by hand."""
    backup.sessions(SOMEONE, "1.2.3.4", 4)
    done = imported(backup)
    assert done.patients == []
    assert asked(done) == {"record_without_plan"}
    (row,) = done.incomplete
    assert (row["patient_id"], row["status"], row["last_fraction_date"]) == (
        CODER.code("123456"),
        "on_treatment",
        LAST_DAY,
    )


def test_a_record_of_another_patient_is_never_counted(backup: Backup) -> None:
    """It is asked of both."""
    plan = whole_patient(backup)
    backup.sessions(SOMEONE, plan, 3)
    backup.record(OTHER, plan, LAST_DAY, 4)
    done = imported(backup)
    assert asked(done) == {"wrong_patient", "strange_record"}
    assert only_patient(done).delivered_fractions == 3


def test_structures_of_another_patient_are_no_data(backup: Backup) -> None:
    """A plan drawn on somebody else's structures is not ready for a transfer."""
    series, images = backup.images(OTHER, 2)
    plan = backup.plan(SOMEONE, structures=backup.structures(OTHER, series, images))
    backup.sessions(SOMEONE, plan, 3)
    done = imported(backup)
    assert "wrong_patient" in asked(done)
    assert only_patient(done).plan_data is None


def test_missing_images_are_asked(backup: Backup) -> None:
    """Structures drawn on three images of which two are left."""
    series, images = backup.images(SOMEONE, 2)
    plan = backup.plan(SOMEONE, structures=backup.structures(SOMEONE, series, [*images, "1.2.9"]))
    backup.sessions(SOMEONE, plan, 3)
    done = imported(backup)
    assert asked(done) == {"incomplete_objects"}
    assert only_patient(done).plan_data is None


def test_two_people_under_one_number_are_asked(backup: Backup) -> None:
    """The same number with another name: two files mixed up, or a name mended."""
    backup.sessions(SOMEONE, whole_patient(backup), 3)
    backup.plan(Person("123456", "MARTIN^Paul"), ApprovalStatus="UNAPPROVED")
    assert "two_identities" in asked(imported(backup))


def test_spellings_of_one_name_are_one_person(backup: Backup) -> None:
    """Accents, case, empty parts and a birth date left out make no second person."""
    backup.sessions(SOMEONE, whole_patient(backup), 3)
    backup.plan(Person("123456", "durand^ZOÉ^^", ""), ApprovalStatus="UNAPPROVED")
    assert asked(imported(backup)) == set()


def test_several_energies_stay_blank(backup: Backup) -> None:
    """The roster holds one energy: which one is a question."""
    plan = whole_patient(backup, beams=[beam(1), beam(2, energy=18)])
    backup.sessions(SOMEONE, plan, 3)
    done = imported(backup)
    assert asked(done) == {"energies"}
    assert only_patient(done).energy is None


def test_an_unknown_machine_stays_blank(backup: Backup) -> None:
    """A name that no linac bears is asked, never guessed."""
    backup.sessions(SOMEONE, whole_patient(backup, beams=[arc(1, machine="X9"), arc(2, machine="X9")]), 3, machine="X9")
    done = imported(backup)
    assert asked(done) == {"unknown_machine"}
    assert only_patient(done).linac_id is None


def test_the_day_of_the_list_may_be_given(backup: Backup) -> None:
    """Seen from three months later, the course is over."""
    backup.sessions(SOMEONE, whole_patient(backup), 3)
    done = build_roster(index(backup), HOME, "fr", LAST_DAY + timedelta(days=90))
    assert (done.patients, done.past) == ([], 1)


def test_drafts_and_checks_are_no_treatment(backup: Backup) -> None:
    """A draft and a verification plan beside the approved one change nothing."""
    backup.sessions(SOMEONE, whole_patient(backup), 3)
    backup.plan(SOMEONE, ApprovalStatus="UNAPPROVED")
    backup.plan(SOMEONE, PlanIntent="VERIFICATION")
    assert asked(imported(backup)) == set()


def test_copies_count_once_and_other_contents_are_told(backup: Backup) -> None:
    """A backup of a backup doubles no fraction; a record that says something else under the same number is a fault."""
    plan = whole_patient(backup)
    backup.sessions(SOMEONE, plan, 3)
    file = next(backup.folder.rglob("RTRECORD*"))
    copy = backup.folder / "old" / "copy.dcm"
    copy.parent.mkdir()
    copy.write_bytes(file.read_bytes())
    assert only_patient(imported(backup)).delivered_fractions == 3
    content = file.read_bytes()
    place = content.index(b"202602")
    copy.write_bytes(content[:place] + b"202601" + content[place + 6 :])
    assert [code for _, code in index(backup).files] == ["differs"]


def test_links_pipes_and_other_files_are_told(backup: Backup) -> None:
    """A loop of links ends, a pipe does not hang, other files are named; the rest is read."""
    backup.sessions(SOMEONE, whole_patient(backup), 3)
    (backup.folder / "loop").symlink_to(backup.folder)
    os.mkfifo(backup.folder / "pipe")
    (backup.folder / "notes.txt").write_text("notes")
    made = index(backup)
    assert sorted(code for _, code in made.files) == ["link", "not_dicom", "special"]
    assert len(made.records) == 3


def test_an_interrupted_import_goes_on(backup: Backup, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read is not read again; the state holds no identity; a line cut short and a changed file are read anew."""
    backup.sessions(SOMEONE, whole_patient(backup), 3)
    state = backup.folder.parent / "state"
    before = index_folder(backup.folder, CODER, state=state, progress=lambda *_: None)
    kept = state.read_text("utf-8")
    assert not any(word in kept for word in ("DURAND", "123456", str(backup.folder)))
    state.write_text(kept[:-30], "utf-8")
    read: list[str] = []
    from transfer_planner.io import dicom_folder

    original = dicom_folder.read_file
    monkeypatch.setattr(dicom_folder, "read_file", lambda path, coder: (read.append(path), original(path, coder))[1])
    after = index_folder(backup.folder, CODER, state=state, progress=lambda *_: None)
    assert len(read) == 2  # the last file, and one for the identity
    assert (after.plans, after.records, after.series, after.identities) == (
        before.plans,
        before.records,
        before.series,
        before.identities,
    )
    read.clear()
    index_folder(backup.folder, Coder(b"another secret"), state=state, progress=lambda *_: None)
    assert len(read) == before.looked_at


def test_several_processes_read_the_same(backup: Backup, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool gives what one process gives, in the same order."""
    backup.sessions(SOMEONE, whole_patient(backup), 3)
    from transfer_planner.io import dicom_folder

    alone = index(backup)
    monkeypatch.setattr(dicom_folder, "POOL_FROM", 1)
    monkeypatch.setattr(dicom_folder.os, "cpu_count", lambda: 2)
    assert index(backup) == alone


def test_every_trouble_of_the_synthetic_backup_is_found(backup: Backup) -> None:
    """Each trouble that the generator writes is asked under its own name, and clean patients are not."""
    expected = {
        "": set(),
        "gap": set(),
        "repeat": {"repeated"},
        "skip": {"skipped"},
        "partial": {"partial"},
        "replan": set(),
        "two_plans": {"two_plans"},
        "no_record": {"plan_without_records"},
        "no_plan": {"record_without_plan"},
        "no_images": {"incomplete_objects"},
        "wrong_patient": {"strange_record", "wrong_patient"},
    }
    rng = random.Random(3)
    people = {trouble: Person(f"70{rank:02d}", f"N{rank}^X") for rank, trouble in enumerate(expected)}
    for trouble, person in people.items():
        write_patient(backup, person, "IMRT", trouble, rng, 2)
    done = imported(backup)
    found = {
        trouble: {
            remark.code for remark in done.remarks if remark.grave and remark.patient == CODER.code(person.number)
        }
        for trouble, person in people.items()
    }
    found["wrong_patient"] |= {"wrong_patient"} & asked(done)
    assert found == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([], (None, None)),
        ([date(2026, 2, 5), date(2026, 2, 6)], (None, 1)),
        (weekdays(LAST_DAY, 12), (5, 1)),
        ([day for day in weekdays(LAST_DAY, 15) if day.weekday() in (0, 2, 4)], (3, 1)),
        (sorted([*weekdays(LAST_DAY, 10)] * 2), (10, 2)),
        (sorted([*weekdays(LAST_DAY, 10), LAST_DAY]), (6, 1)),
    ],
)
def test_rhythm(days: list[date], expected: tuple[int | None, int | None]) -> None:
    """Fractions per week are those of the fullest whole week; two a day only when seen twice."""
    assert rhythm(days) == expected
