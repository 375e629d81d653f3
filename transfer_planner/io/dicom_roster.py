"""Roster rows out of courses: what DICOM tells, and blanks for what it does not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from transfer_planner.domain.patient import Patient
from transfer_planner.i18n import Language, Message, msg
from transfer_planner.io.dicom_courses import BLANK, Course, build_courses
from transfer_planner.io.dicom_tally import rhythm
from transfer_planner.io.dicom_technique import deduce_technique
from transfer_planner.io.roster_checks import check_patient

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from transfer_planner.io.dicom_folder import Index
    from transfer_planner.io.dicom_objects import PlanFacts
    from transfer_planner.io.roster_remarks import Remark

RECENT_DAYS = 60
"""A course without a session for so long is over or given up."""


@dataclass(frozen=True)
class Home:
    """The centre whose backup is read.

    Parameters
    ----------
    centre_id
        Id in the network.
    linacs
        Name of a machine in DICOM, folded → linac id.
    """

    centre_id: str
    linacs: Mapping[str, str]


@dataclass
class Imported:
    """What an import gives.

    Parameters
    ----------
    patients
        Whole rows.
    incomplete
        Rows that lack a required column, to be completed by hand or merged.
    remarks
        Questions and information.
    finished, past
        Courses left out: every fraction delivered; no session for long.
    day
        Day on which the lists are true: that of the last record.
    """

    patients: list[Patient] = field(default_factory=list)
    incomplete: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    finished: int = 0
    past: int = 0
    day: date | None = None


def build_roster(index: Index, home: Home, lang: Language, day: date | None = None) -> Imported:
    """Make the rows of a folder.

    Parameters
    ----------
    index
        What the folder holds.
    home
        Centre and machines.
    lang
        Language of the notes.
    day
        Day on which patients are on treatment; by default that of the last record, else of the last plan.
    """
    day = day or last_day(index)
    since = day - timedelta(days=RECENT_DAYS) if day else date.min
    courses, remarks = build_courses(index, since)
    done = Imported(remarks=remarks, day=day)
    for course in courses:
        if course.delivered is not None and course.delivered >= course.prescribed > 0:
            done.finished += 1
        elif max(plan.day for plan in course.plans) < since:
            done.past += 1
        else:
            _add_row(done, course, index, home, lang)
    _add_lost(done, index, home, since)
    done.remarks.sort(key=lambda remark: (remark.patient, not remark.grave, remark.field))
    return done


def last_day(index: Index) -> date | None:
    """Return the day of the last record, else of the last plan."""
    days = [record.day for record in index.records.values() if record.day]
    return max(days or [plan.plan.day for plan in index.plans.values() if plan.plan and plan.plan.day], default=None)


def _add_row(done: Imported, course: Course, index: Index, home: Home, lang: Language) -> None:
    sessions = course.sessions
    week, per_day = rhythm(sessions)
    found = deduce_technique(_facts(course))
    if found.technique is None or not found.sure:
        reasons = _joined(found.reasons)
        kept = BLANK if found.technique is None else msg("{technique}", technique=found.technique)
        course.ask("technique", reasons, "technique", kept, grave=found.technique is None)
    here, present = _objects(course, index)
    values: dict[str, Any] = {
        "patient_id": course.code,
        "birth_year": course.plans[-1].object.birth_year,
        "intent": _intent(course),
        "status": "on_treatment" if sessions else None,
        "centre_id": home.centre_id,
        "linac_id": _linac(course, home),
        "technique": found.technique,
        "energy": _energy(course),
        "prescribed_dose_gy": course.dose_gy,
        "prescribed_fractions": course.prescribed or None,
        "delivered_fractions": course.delivered,
        "delivered_source": "record" if course.delivered is not None else "unknown",
        "first_fraction_date": sessions[0] if sessions else None,
        "last_fraction_date": sessions[-1] if sessions else None,
        "fractions_per_week": week,
        "fractions_per_day": per_day,
        "phases": course.phases,
        "plan_data": "dicom" if here else None,
        "notes": _notes(course, _joined(found.reasons), present, lang),
    }
    _keep(done, course, values)


def _keep(done: Imported, course: Course, values: dict[str, Any]) -> None:
    """Keep a row; a value that contradicts the others is blanked and asked about."""
    missing = [name for name, item in Patient.model_fields.items() if item.is_required() and values.get(name) is None]
    done.remarks += course.remarks
    if missing:
        done.incomplete.append(values)
        return
    filled = {name: value for name, value in values.items() if value is not None}
    wrong = _contradictions(filled)
    for column in sorted(wrong):
        asked = Course(course.code, [])
        asked.ask(column, msg("a value that cannot be: {value}", value=filled.get(column)), "contradiction")
        done.remarks += asked.remarks
        filled.pop(column, None)
    if wrong & {"technique", "prescribed_fractions"}:
        done.incomplete.append(filled)
    else:
        done.patients.append(Patient.model_validate(filled))


def _contradictions(filled: Mapping[str, Any]) -> set[str]:
    try:
        return {column for column, _, _ in check_patient(Patient.model_validate(filled))}
    except ValidationError as error:
        return {str(each["loc"][0]) for each in error.errors()}


def _add_lost(done: Imported, index: Index, home: Home, since: date) -> None:
    """Keep an incomplete row for a patient who has recent records and no plan at all."""
    known = {plan.code for plan in index.plans.values()}
    days: dict[str, set[date]] = {}
    for record in index.records.values():
        if record.code not in known and record.day and record.day >= since:
            days.setdefault(record.code, set()).add(record.day)
    for code, seen in sorted(days.items()):
        done.incomplete.append(
            {
                "patient_id": code,
                "centre_id": home.centre_id,
                "status": "on_treatment",
                "first_fraction_date": min(seen),
                "last_fraction_date": max(seen),
            }
        )


def _facts(course: Course) -> PlanFacts:
    """Return the last plan; where it replaces another, with the fractions and dose of the whole course."""
    facts = course.plans[-1].facts
    if len(course.plans) == 1 or course.phases:
        return facts
    return facts.model_copy(update={"fractions": course.prescribed, "dose_gy": course.dose_gy})


def _intent(course: Course) -> str | None:
    intent = course.plans[-1].facts.intent
    return intent.lower() if intent in {"CURATIVE", "PALLIATIVE"} else None


def _machines(course: Course) -> list[str]:
    """Return the machines that treated last, else those of the plan."""
    last = course.plans[-1]
    treated = [
        record.machine for record in sorted(last.records, key=lambda record: record.day or date.min) if record.machine
    ]
    return treated[-1:] or sorted({beam.machine for beam in last.facts.beams if beam.machine})


def _linac(course: Course, home: Home) -> str | None:
    names = _machines(course)
    treated = {record.machine for plan in course.plans for record in plan.records if record.machine}
    if len({*treated, *names}) > 1:
        course.ask(
            "linac_id",
            msg("several machines: {names}", names=", ".join(sorted({*treated, *names}))),
            "machines",
            grave=False,
        )
    ids = {home.linacs.get(name.casefold()) for name in names}
    if len(ids) == 1 and (linac := ids.pop()):
        return linac
    if names:
        course.ask(
            "linac_id", msg("machine {names}, not matched with a linac", names=", ".join(names)), "unknown_machine"
        )
    return None


def _energy(course: Course) -> str | None:
    beams = course.plans[-1].facts.beams
    photons = {beam.energy for beam in beams if beam.radiation != "ELECTRON"} - {None}
    energies = sorted(filter(None, photons or {beam.energy for beam in beams}))
    if len(energies) > 1:
        course.ask("energy", msg("several energies: {energies}", energies=", ".join(energies)), "energies")
    return energies[0] if len(energies) == 1 else None


def _objects(course: Course, index: Index) -> tuple[bool, Message]:
    """Tell whether plan, structures and images are all there, and say what is."""
    last = course.plans[-1].object
    structures = [index.structures[uid] for uid in last.refs if uid in index.structures]
    doses = [dose for dose in index.doses.values() if last.uid in dose.refs]
    series = [index.series[uid] for each in structures for uid in each.refs if uid in index.series]
    others = [each for each in (*structures, *doses) if each.code != course.code]
    if others or any(course.code not in each.codes for each in series):
        course.ask("plan_data", msg("structures, dose or images that belong to another patient"), "wrong_patient")
    mine = [each for each in structures if each.code == course.code]
    images, wanted = sum(each.images for each in series if course.code in each.codes), sum(each.images for each in mine)
    here = bool(mine) and images > 0 and images >= wanted and not others
    present = msg(
        "plan, structures {structures}, images {images} of {wanted}, dose {dose}",
        structures=_YES if mine else _NO,
        images=images,
        wanted=wanted or "?",
        dose=_YES if doses else _NO,
    )
    if not here:
        course.ask("plan_data", present, "incomplete_objects")
    return here, present


_YES, _NO = msg("yes"), msg("no")


def _joined(messages: Iterable[Message]) -> Message:
    first, *rest = messages
    for each in rest:
        first = msg("{first}; {then}", first=first, then=each)
    return first


def _notes(course: Course, reasons: Message, present: Message, lang: Language) -> str:
    last = course.plans[-1]
    mlc = sorted({beam.mlc for beam in last.facts.beams if beam.mlc})
    parts = [msg("DICOM: {reasons}", reasons=reasons), present]
    if mlc:
        parts.append(msg("leaves {mlc}", mlc=", ".join(mlc)))
    if course.delivered is None and any(plan.records for plan in course.plans):
        low, high = (sum(getattr(plan.tally, name) for plan in course.plans) for name in ("low", "high"))
        parts.append(msg("from {low} to {high} fractions by the records", low=low, high=high))
    if len(course.plans) > 1:
        parts.append(msg("{count} plans", count=len(course.plans)))
    return " – ".join(part.text(lang) for part in parts)
