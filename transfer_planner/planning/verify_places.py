"""Linacs and centres read again from the input files: what a linac delivers, what it costs, what a centre can take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from transfer_planner.clinical.fractionation import FRENCH
from transfer_planner.domain.base import substitutes
from transfer_planner.network.travel import travel
from transfer_planner.planning.verify_facts import (
    ONE_DAY,
    first_treatment_day,
    sessions_under,
    treatment_days_between,
    treatment_days_later,
)

if TYPE_CHECKING:
    from transfer_planner.domain.base import Grade, Technique
    from transfer_planner.domain.case import Travel
    from transfer_planner.domain.centre import Centre, Linac
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.plan import Plan
    from transfer_planner.planning.verify_facts import Facts, Treatment

REUSE: tuple[Grade, ...] = ("G0", "G1", "G2", "G3")
"""Grades that start from the home centre's data."""


# ---- technique and grade


def delivered_technique(patient: Patient, linac: Linac, action: str) -> Technique | None:
    """Return the technique that a linac gives a patient; None when it cannot."""
    wanted: tuple[Technique, ...] = substitutes(patient.technique)
    if patient.urgency == "emergency" and action == "transfer":
        wanted = ("3DCRT",)
    return next((technique for technique in wanted if technique in linac.deliverable), None)


def has_energy(energy: str | None, linac: Linac) -> bool:
    """Return whether a linac is known to have an energy, itself known."""
    if energy is None:
        return False
    if energy.endswith("E"):
        return energy[:-1] in {str(mev) for mev in linac.electron_mev or ()}
    return energy in (linac.photon_mv or ())


def family(software: str | None) -> str | None:
    """Return a software name without version numbers and case."""
    if software is None:
        return None
    words = [word for word in software.casefold().split() if not any(letter.isdigit() for letter in word)]
    return " ".join(words) or software.casefold()


def natural_grade(facts: Facts, patient: Patient, centre: Centre, linac: Linac) -> Grade:
    """Return the first mirror grade whose condition holds for a transfer."""
    home_centre, home = facts.linacs.get(patient.linac_id or "", (None, None))
    if patient.urgency == "emergency":
        return "emergency"
    data = patient.plan_data == "dicom" and facts.case.scenario.dicom_date is not None
    if not data or patient.immobilisation == "unavailable" or home is None or home_centre is None:
        return "G4"
    known = None not in (home.vendor, home.model, linac.vendor, linac.model)
    if not known or delivered_technique(patient, linac, "transfer") != patient.technique:
        return "G3"
    declared = linac.id in {m.linac for m in home.matched_with} or home.id in {m.linac for m in linac.matched_with}
    planning = family(home_centre.treatment_planning_system)
    record = family(home_centre.oncology_information_system)
    same_software = (
        None not in (planning, record)
        and planning == family(centre.treatment_planning_system)
        and record == family(centre.oncology_information_system)
    )
    energy = has_energy(patient.energy, linac)
    if declared and same_software and energy:
        return "G0"
    if home.vendor == linac.vendor and home.model == linac.model and home.mlc == linac.mlc is not None and energy:
        return "G1"
    return "G2" if home.vendor == linac.vendor and home.type == linac.type is not None else "G3"


def grade_of(facts: Facts, treatment: Treatment) -> Grade:
    """Return the grade of a transfer: the natural one, or G4 where re-simulating now starts earlier."""
    _, patient, centre, linac, _ = treatment
    grade = natural_grade(facts, patient, centre, linac)
    if treatment.decision.grade == "G4" and grade in REUSE:
        sooner = ready_day(facts, patient, centre, "G4") < ready_day(facts, patient, centre, grade)
        return "G4" if sooner else grade
    return grade


def agreement_delay(facts: Facts, patient: Patient, centre: Centre) -> int:
    """Return the treatment days before a destination may receive a patient."""
    policy = facts.case.policy.agreement_delay
    pairs = [set(convention.between) for convention in facts.case.network.conventions]
    if patient.urgency == "emergency":
        return policy.emergency
    if {patient.centre_id, centre.id} in pairs:
        return policy.convention
    return policy.agency_led if facts.case.scenario.agency_led else policy.none


def ready_day(facts: Facts, patient: Patient, centre: Centre, grade: Grade) -> date:
    """Return the first day on which a destination may start a transferred patient (H04)."""
    base = treatment_days_later(facts.day_zero, agreement_delay(facts, patient, centre))
    recovered = facts.case.scenario.dicom_date
    if grade in REUSE and recovered is not None:
        base = max(base, recovered)
    lead = facts.case.policy.grades[grade].lead_days
    return max(treatment_days_later(first_treatment_day(base), lead), treatment_days_later(facts.day_zero, 1))


def restart_day(facts: Facts, linac: Linac) -> date | None:
    """Return the first day on which a home linac treats in degraded mode; None when it does not."""
    days = [restart.from_day for restart in facts.case.scenario.home_restart if linac.id in restart.linac_ids]
    if not days:
        return None
    return first_treatment_day(max(facts.day_zero + timedelta(days=min(days)), facts.day_zero + ONE_DAY))


# ---- what one decision takes


def row_minutes(facts: Facts, treatment: Treatment) -> list[tuple[date, int, int]]:
    """Return the sessions of a decision: day, minutes of linac, fractions."""
    decision, patient, _, linac, start = treatment
    table = facts.case.policy.session_minutes
    technique = delivered_technique(patient, linac, decision.action)
    if technique is None:
        return []
    minutes = table.by_technique[technique]
    if technique in ("IMRT", "VMAT") and "DIBH" in patient.needs:
        minutes = table.dibh
    if facts.assessments[patient.patient_id].minor and patient.anaesthesia:
        minutes = table.child_under_anaesthesia
    rows = []
    extra = table.first_session_extra
    for day, fractions in sessions_under(patient, facts, start, decision.compensation):
        rows.append((day, minutes * fractions + extra, fractions))
        extra = 0
    return rows


def physics_hours(facts: Facts, treatment: Treatment) -> int:
    """Return the physics hours that a decision takes."""
    if treatment.decision.action == "restart":
        return facts.case.policy.restart_physics_hours
    return facts.case.policy.grades[grade_of(facts, treatment)].physics_hours


def travel_to(facts: Facts, patient: Patient, centre: Centre) -> Travel:
    """Return the way from where a patient stays to a centre."""
    return travel(facts.places[patient.patient_id], centre, facts.case.policy.travel_model, facts.case.matrix)


# ---- what a place can take


@dataclass(frozen=True)
class LinacDay:
    """Minutes of a linac on a day.

    Parameters
    ----------
    booked
        Taken by the centre's own patients.
    capacity
        That it may treat in all.
    opening
        Within opening hours; beyond is evening surge, which costs.
    """

    booked: float
    capacity: float
    opening: float


def linac_day(facts: Facts, centre: Centre, linac: Linac, day: date) -> LinacDay:
    """Return what a linac has booked and may treat on a day (H05)."""
    scenario = facts.case.scenario
    if centre.id in facts.fallen:
        return _restarted_day(facts, linac, day)
    answer = facts.answers.get(centre.id)
    closed = answer is not None and (not answer.accepts or (answer.from_date is not None and day < answer.from_date))
    if day.weekday() == 5:
        minutes = centre.opening.saturday_surge_max if scenario.surge.saturday and not closed else 0
        return LinacDay(0, minutes, minutes)
    opening = centre.opening.weekdays or 0
    booked = opening if linac.booked_min_per_day is None else linac.booked_min_per_day
    capacity: float = opening
    if scenario.surge.evening and centre.opening.weekdays is not None:
        capacity = opening + centre.opening.evening_surge_max
    if answer is not None and answer.spare_minutes_per_day is not None:
        capacity = min(capacity, booked + answer.spare_minutes_per_day)
    return LinacDay(booked, booked if closed else capacity, opening)


def _restarted_day(facts: Facts, linac: Linac, day: date) -> LinacDay:
    """Return the minutes of a home linac in degraded mode: those of the last restart begun, no patient booked."""
    minutes, since = 0, -1
    for restart in facts.case.scenario.home_restart:
        begun = facts.day_zero + timedelta(days=restart.from_day) <= day
        if linac.id in restart.linac_ids and begun and restart.from_day > since:
            minutes, since = restart.minutes_per_day, restart.from_day
    if day.weekday() == 5:
        minutes = 0
    return LinacDay(0, minutes, minutes)


def starts_limit(plan: Plan, facts: Facts, centre: Centre, day: date) -> int:
    """Return how many patients a centre may start on a day (H06)."""
    answer = facts.answers.get(centre.id)
    limit = centre.new_starts_per_day or 0
    if answer is not None and answer.new_starts_per_day is not None:
        limit = answer.new_starts_per_day
    for move in plan.redeployment:
        if move.centre_id == centre.id and day >= redeployed_from(facts):
            limit += move.oncologists * facts.case.policy.redeployment.new_starts_per_oncologist
    return limit


def physics_limit(plan: Plan, facts: Facts, centre: Centre, day: date) -> float:
    """Return the physics hours that a centre can have given by a day, that day included (H07)."""
    answer = facts.answers.get(centre.id)
    a_day, first = centre.physics_hours_per_day or 0, facts.day_zero + ONE_DAY
    if answer is not None and answer.physics_hours_per_day is not None:
        a_day = answer.physics_hours_per_day
    if answer is not None and answer.from_date is not None:
        first = max(first, answer.from_date)
    hours = a_day * treatment_days_between(first, day)
    for move in plan.redeployment:
        if move.centre_id == centre.id:
            first = max(redeployed_from(facts), facts.day_zero + ONE_DAY)
            an_fte = facts.case.policy.redeployment.physics_hours_per_fte_day
            hours += move.physics_fte * an_fte * treatment_days_between(first, day)
    return hours


def simulations_limit(facts: Facts, centre: Centre) -> int:
    """Return the CT-simulator slots of a centre a day (H08)."""
    answer = facts.answers.get(centre.id)
    if answer is not None and answer.ct_slots is not None:
        return answer.ct_slots
    return centre.ct_simulator_slots_per_day or 0


def redeployed_from(facts: Facts) -> date:
    """Return the day from which redeployed staff reinforce destinations."""
    return facts.day_zero + timedelta(days=facts.case.scenario.redeployment.from_day)


def is_session_day(day: date, *, saturdays: bool) -> bool:
    """Return whether a session may fall on a day (H13)."""
    return FRENCH.is_treatment_day(day) or (saturdays and FRENCH.is_surge_saturday(day))
