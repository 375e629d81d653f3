"""What the input files say, read again in the plainest way: the ground on which a plan is verified.

Nothing here is shared with the programme that is solved: loops over days and dictionaries only, so that a reader can
follow every number by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from transfer_planner.clinical.fractionation import FRENCH
from transfer_planner.clinical.prioritisation import assess
from transfer_planner.domain.scenario import PARIS
from transfer_planner.io.reference import read_communes
from transfer_planner.network.travel import locate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from transfer_planner.clinical.prioritisation import Assessment
    from transfer_planner.domain.case import Case, Place
    from transfer_planner.domain.centre import Centre, Linac
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.plan import Decision, Plan
    from transfer_planner.domain.scenario import DeclaredCapacity
    from transfer_planner.i18n import Message

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Violation:
    """Something in a plan that the input files contradict.

    Parameters
    ----------
    rule
        Id of the rule or tier (H01–H13, T1–T6), or path of the field of plan.json that is wrong.
    patient_id
        Whose decision; None when it is not about one patient.
    centre_id
        Where; None when it is not about one centre.
    date
        When; None when it is not about one day.
    text
        What was found and what was expected.
    """

    rule: str
    patient_id: str | None
    centre_id: str | None
    date: date | None
    text: Message


@dataclass(frozen=True)
class Facts:
    """The case, with what is looked up often.

    Parameters
    ----------
    case
        The input files.
    patients
        By patient id.
    centres
        By centre id.
    linacs
        Centre and linac by linac id.
    fallen
        Centres that the attack stopped.
    answers
        Last answer given on the phone, by centre id.
    assessments
        Category, rank and tolerance by patient id.
    places
        Where each patient stays, by patient id.
    calendars
        Calendars laid out so far, by patient id, first day, mode and sessions missed.
    """

    case: Case
    patients: Mapping[str, Patient]
    centres: Mapping[str, Centre]
    linacs: Mapping[str, tuple[Centre, Linac]]
    fallen: frozenset[str]
    answers: Mapping[str, DeclaredCapacity]
    assessments: Mapping[str, Assessment]
    places: Mapping[str, Place]
    calendars: dict[tuple[str, date, str, int], list[tuple[date, int]]] = field(default_factory=dict)

    @property
    def day_zero(self) -> date:
        """Local date of the attack."""
        return self.case.scenario.day_zero


class Treatment(NamedTuple):
    """A transfer or a restart whose patient, centre, linac and start exist."""

    decision: Decision
    patient: Patient
    centre: Centre
    linac: Linac
    start: date


def _moment(answer: DeclaredCapacity) -> float:
    """Return when an answer was given, seconds; without an offset, Paris time."""
    asked = answer.asked_at
    if asked is None:
        return float("-inf")
    return (asked if asked.tzinfo else asked.replace(tzinfo=PARIS)).timestamp()


def gather_facts(case: Case) -> Facts:
    """Look up once what the checks need."""
    scenario = case.scenario
    systems = set(scenario.compromised.information_systems)
    listed = set(scenario.compromised.centres)
    # Undated answers first, then by time, then in order of the file: the last one holds.
    answers = sorted(scenario.declared_capacity, key=_moment)
    return Facts(
        case=case,
        patients={patient.patient_id: patient for patient in case.patients},
        centres={centre.id: centre for centre in case.network.centres},
        linacs={linac.id: (centre, linac) for centre in case.network.centres for linac in centre.linacs},
        fallen=frozenset(c.id for c in case.network.centres if c.id in listed or systems & set(c.information_systems)),
        answers={answer.centre_id: answer for answer in answers},
        assessments={p.patient_id: assess(p, case.sites, case.policy, scenario.day_zero) for p in case.patients},
        places=case.places or {p.patient_id: locate(p, case.network, read_communes()) for p in case.patients},
    )


def treatments(plan: Plan, facts: Facts, action: str | None = None) -> Iterator[Treatment]:
    """Yield the transfers and restarts of a plan (or only one kind); H01 reports those that cannot be read."""
    for decision in plan.decisions:
        patient = facts.patients.get(decision.patient_id)
        centre = facts.centres.get(decision.centre_id or "")
        at, linac = facts.linacs.get(decision.linac_id or "", (None, None))
        start = decision.start_date
        if decision.action == "wait" or (action is not None and decision.action != action):
            continue
        if patient and patient.remaining_fractions > 0 and centre and linac and at is centre and start:
            yield Treatment(decision, patient, centre, linac, start)


# ---- days


def first_treatment_day(day: date) -> date:
    """Return the day, or the first treatment day after it."""
    while not FRENCH.is_treatment_day(day):
        day += ONE_DAY
    return day


def treatment_days_later(day: date, count: int) -> date:
    """Return the treatment day that is `count` treatment days after a day; the day itself for 0."""
    while count > 0:
        day += ONE_DAY
        if FRENCH.is_treatment_day(day):
            count -= 1
    return day


def treatment_days_earlier(day: date, count: int) -> date:
    """Return the treatment day that is `count` treatment days before a day; the day itself for 0."""
    while count > 0:
        day -= ONE_DAY
        if FRENCH.is_treatment_day(day):
            count -= 1
    return day


def treatment_days_between(first: date, last: date) -> int:
    """Return how many treatment days lie from a day to another, both included."""
    count = 0
    while first <= last:
        count += FRENCH.is_treatment_day(first)
        first += ONE_DAY
    return count


# ---- courses


def days_apart(patient: Patient, facts: Facts) -> int:
    """Return the calendar days that separate two sessions at least."""
    days = 2 if (patient.fractions_per_week or 5) <= 3 else 1
    if patient.technique in ("SBRT", "SRS"):
        hours = facts.case.policy.min_hours_between_stereotactic
        while days * 24 < hours:
            days += 1
    return days


def delivered_days(patient: Patient, facts: Facts) -> set[date]:
    """Return the dated days of delivery: the last, and the first of a course begun if it is another one."""
    last, first = patient.last_fraction_date, patient.first_fraction_date
    days = set() if last is None else {last}
    if first is None or patient.delivered_fractions == 0 or not patient.treated_on_treatment:
        return days
    return days | {first} if first < (last or facts.day_zero) else days


def course(patient: Patient, facts: Facts, first_day: date, mode: str, missed: int) -> list[tuple[date, int]]:
    """Return the remaining sessions (day, fractions) from a day on, made up for `missed` sessions by a mode."""
    key = (patient.patient_id, first_day, mode, missed)
    if key not in facts.calendars:
        facts.calendars[key] = _laid_out(patient, facts, first_day, mode, missed)
    return facts.calendars[key]


def _laid_out(patient: Patient, facts: Facts, first_day: date, mode: str, missed: int) -> list[tuple[date, int]]:
    apart, previous = days_apart(patient, facts), patient.last_fraction_date
    a_day, a_week = patient.fractions_per_day or 1, patient.fractions_per_week or 5
    weekly: dict[tuple[int, int], int] = {}
    for day in delivered_days(patient, facts):
        weekly[day.isocalendar()[:2]] = weekly.get(day.isocalendar()[:2], 0) + a_day
    sessions: list[tuple[date, int]] = []
    left, day = patient.remaining_fractions, first_day
    while left > 0:
        week, fractions = day.isocalendar()[:2], 0
        if FRENCH.is_treatment_day(day) and (previous is None or (day - previous).days >= apart):
            fractions = max(0, min(a_day, left, a_week - weekly.get(week, 0)))
            weekly[week] = weekly.get(week, 0) + fractions
            if mode == "bid" and fractions > 0 and left > fractions and missed > 0 and day.weekday() in (1, 3):
                fractions, missed = fractions + 1, missed - 1
        elif mode == "saturday" and FRENCH.is_surge_saturday(day) and sessions and missed > 0:
            fractions, missed = 1, missed - 1
        if fractions > 0:
            sessions.append((day, fractions))
            left, previous = left - fractions, day
        day += ONE_DAY
    return sessions


def home_start(patient: Patient, facts: Facts) -> date:
    """Return the first day on which the patient would have been treated at home (baseline of a course not begun)."""
    day = facts.day_zero
    if patient.last_fraction_date is not None:
        day = max(day, patient.last_fraction_date + ONE_DAY)
    if not patient.treated_on_treatment and patient.first_fraction_date is not None:
        day = max(day, patient.first_fraction_date)
    return first_treatment_day(day)


def planned_sessions(patient: Patient, facts: Facts) -> list[tuple[date, int]]:
    """Return the remaining calendar at home, had nothing happened."""
    return course(patient, facts, home_start(patient, facts), "none", 0)


def missed_sessions(patient: Patient, facts: Facts, start: date) -> int:
    """Return how many sessions at home fall before a start."""
    return sum(1 for day, _ in planned_sessions(patient, facts) if day < start)


def sessions_under(patient: Patient, facts: Facts, start: date, mode: str) -> list[tuple[date, int]]:
    """Return the sessions (day, fractions) of a decision that starts on a day."""
    return course(patient, facts, start, mode, missed_sessions(patient, facts, start))


def prolongation(patient: Patient, facts: Facts, sessions: Iterable[tuple[date, int]]) -> int:
    """Return the prolongation of a calendar, calendar days; negative when it ends early."""
    days = [day for day, _ in sessions]
    if patient.treated_on_treatment:
        planned_end = planned_sessions(patient, facts)[-1][0]
        return (days[-1] - planned_end).days + patient.prolongation_days_so_far
    return (days[0] - home_start(patient, facts)).days
