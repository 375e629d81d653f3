"""Every other thing that plan.json states, compared with the input files."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from transfer_planner.clinical.fractionation import FRENCH
from transfer_planner.i18n import msg
from transfer_planner.planning.verify_facts import (
    ONE_DAY,
    Violation,
    home_start,
    planned_sessions,
    prolongation,
    sessions_under,
    treatments,
)
from transfer_planner.planning.verify_places import (
    delivered_technique,
    grade_of,
    ready_day,
    restart_day,
    travel_to,
)
from transfer_planner.planning.verify_rules import (
    mode_allowed,
)
from transfer_planner.planning.verify_tiers import (
    outcomes,
    reopenings,
    treated_outcome,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.plan import Decision, Plan
    from transfer_planner.planning.verify_facts import Facts

PATHWAYS = {
    "emergency": "emergency",
    "G0": "reuse",
    "G1": "recalculate",
    "G2": "reoptimise",
    "G3": "replan",
    "G4": "resimulate",
}


def _differs(found: Any, expected: Any) -> bool:
    if isinstance(found, float) or isinstance(expected, float):
        return found is None or expected is None or abs(float(found) - float(expected)) > 1e-6
    return bool(found != expected)


def _first_difference(found: Any, expected: Any) -> tuple[str, Any, Any]:
    """Return where two lists begin to differ, and what stands there; the whole for anything else."""
    if not (isinstance(found, list) and isinstance(expected, list)):
        return "", found, expected
    rows = enumerate(zip_longest(found, expected))
    return next((f"[{at}]", *pair) for at, pair in rows if pair[0] != pair[1])


def compare(
    prefix: str,
    pairs: Mapping[str, tuple[Any, Any]],
    *,
    subject: str = "plan.json",
    patient_id: str | None = None,
    centre_id: str | None = None,
    day: date | None = None,
) -> Iterator[Violation]:
    """Yield a violation for every field (name → found, expected) whose two values differ."""
    for name, (found, expected) in pairs.items():
        if _differs(found, expected):
            at, one, other = _first_difference(found, expected)
            text = msg(
                "{field} of {subject} is {found}, expected {expected}.",
                field=prefix + name + at,
                subject=subject,
                found=one,
                expected=other,
            )
            yield Violation(prefix + name, patient_id, centre_id, day, text)


def _compare_decision(decision: Decision, pairs: Mapping[str, tuple[Any, Any]]) -> Iterator[Violation]:
    code = decision.patient_id
    yield from compare(
        "decisions.", pairs, subject=code, patient_id=code, centre_id=decision.centre_id, day=decision.start_date
    )


def check_header(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Check what the plan says of its inputs, its scenario and its status."""
    scenario, here, there = facts.case.scenario, plan.inputs, facts.case.inputs
    prints = {
        "inputs.centres": (here.centres.sha256, there.centres.sha256),
        "inputs.scenario": (here.scenario.sha256, there.scenario.sha256),
        "inputs.roster": (here.roster.sha256, there.roster.sha256),
        "inputs.overlays": ([file.sha256 for file in here.overlays], [file.sha256 for file in there.overlays]),
        "inputs.travel_matrix": (
            here.travel_matrix and here.travel_matrix.sha256,
            there.travel_matrix and there.travel_matrix.sha256,
        ),
        "inputs.policy_sha256": (here.policy_sha256, there.policy_sha256),
        "scenario_id": (plan.scenario_id, scenario.id),
        "title": (plan.title.get("fr"), scenario.title.fr),
        "exercise": (plan.exercise, scenario.exercise),
        "attack_date": (plan.attack_date, facts.day_zero),
    }
    proven = all(tier.proven for tier in plan.tiers)
    yield from compare("", prints | {"status": (plan.status, "OPTIMAL" if proven else "FEASIBLE")})


def check_not_planned(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Check that exactly the patients without remaining fraction are not planned."""
    found = Counter(row.patient_id for row in plan.not_planned)
    expected = Counter(p.patient_id for p in facts.case.patients if p.remaining_fractions <= 0)
    for code in sorted({*found, *expected}):
        yield from compare("", {"not_planned": (found[code], expected[code])}, subject=code, patient_id=code)


def check_patient_fields(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Check what a decision repeats of the patient, whatever is decided."""
    for decision in plan.decisions:
        patient = facts.patients.get(decision.patient_id)
        if patient is None or patient.remaining_fractions <= 0:
            continue
        assessment = facts.assessments[decision.patient_id]
        pairs = {
            "home_centre_id": (decision.home_centre_id, patient.centre_id),
            "rank": (decision.rank, assessment.rank),
            "category": (decision.category, assessment.category),
            "tolerance_days": (decision.tolerance_days, assessment.tolerance_days),
            "planned_end_date": (decision.planned_end_date, planned_sessions(patient, facts)[-1][0]),
            "latest_start_date": (decision.latest_start_date, latest_start(patient, facts)),
            "to_confirm": (sorted({*assessment.to_confirm, *decision.to_confirm}), sorted(decision.to_confirm)),
        }
        yield from _compare_decision(decision, pairs)


def latest_start(patient: Patient, facts: Facts) -> date | None:
    """Return the last start that keeps the prolongation within tolerance under some allowed mode, day by day."""
    tolerance = facts.assessments[patient.patient_id].tolerance_days
    first, last = facts.day_zero + ONE_DAY, planned_sessions(patient, facts)[-1][0]
    if not patient.treated_on_treatment:
        first, last = max(first, home_start(patient, facts)), home_start(patient, facts)
    last += timedelta(days=tolerance)
    modes = [mode for mode in ("none", "saturday", "bid") if mode_allowed(facts, patient, mode)]
    day = last
    while day >= first:
        for mode in modes if FRENCH.is_treatment_day(day) else ():
            sessions = sessions_under(patient, facts, day, mode)
            if sessions[0][0] == day and prolongation(patient, facts, sessions) <= tolerance:
                return day
        day -= ONE_DAY
    return None


def check_outcome_fields(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Check what a decision says that it gives."""
    for decision, outcome in outcomes(plan, facts):
        pairs = {
            "missed_sessions": (decision.missed_sessions, outcome.missed),
            "prolongation_days": (decision.prolongation_days, float(outcome.prolongation_days)),
            "excess_tenths": (decision.excess_tenths, outcome.excess_tenths),
            "physics_hours": (decision.physics_hours, float(outcome.physics_hours)),
        }
        yield from _compare_decision(decision, pairs)


def check_treatment_fields(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Check what a transfer or a restart says of its place, its pathway and its calendar."""
    for treatment in treatments(plan, facts):
        decision, patient, centre, linac, _ = treatment
        sessions = treated_outcome(facts, treatment).sessions
        trip = travel_to(facts, patient, centre)
        grade = None if decision.action == "restart" else grade_of(facts, treatment)
        ready = restart_day(facts, linac) if grade is None else ready_day(facts, patient, centre, grade)
        pairs = {
            "grade": (decision.grade, grade),
            "pathway": (decision.pathway, "degraded" if grade is None else PATHWAYS[grade]),
            "technique": (decision.technique, delivered_technique(patient, linac, decision.action)),
            "ready_date": (decision.ready_date, ready),
            "sessions": (
                [(row.date, row.minutes, row.fractions) for row in decision.sessions],
                list(sessions),
            ),
            "start_date": (decision.start_date, sessions[0][0] if sessions else None),
            "end_date": (decision.end_date, sessions[-1][0] if sessions else None),
            "travel_min": (decision.travel_min, trip.minutes),
            "travel_km": (decision.travel_km, trip.km),
            "travel_source": (decision.travel_source, trip.source),
        }
        yield from _compare_decision(decision, pairs)


def check_wait_fields(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Check that a wait states the reopening of the home centre, the way there, and no treatment elsewhere."""
    days = reopenings(facts)
    for decision in plan.decisions:
        patient = facts.patients.get(decision.patient_id)
        if decision.action != "wait" or patient is None or patient.remaining_fractions <= 0:
            continue
        stated = decision.reopening
        trip = travel_to(facts, patient, facts.centres[patient.centre_id])
        likely = sessions_under(patient, facts, max(days[1], home_start(patient, facts)), "none")
        pairs: dict[str, tuple[Any, Any]] = {
            "reopening": (
                stated and [stated.low, stated.likely, stated.high],
                list(days),
            ),
            "linac_id": (decision.linac_id, None),
            "grade": (decision.grade, None),
            "pathway": (decision.pathway, None),
            "technique": (decision.technique, None),
            "compensation": (decision.compensation, "none"),
            "sessions": (len(decision.sessions), 0),
            "ct_simulation_date": (decision.ct_simulation_date, None),
            "ready_date": (decision.ready_date, None),
        }
        # A wait may leave these out, as they are those of the home centre and of the likely reopening.
        optional = {
            "centre_id": (decision.centre_id, patient.centre_id),
            "start_date": (decision.start_date, likely[0][0]),
            "end_date": (decision.end_date, likely[-1][0]),
            "travel_min": (decision.travel_min, trip.minutes),
            "travel_km": (decision.travel_km, trip.km),
            "travel_source": (decision.travel_source, trip.source),
        }
        pairs |= {name: pair for name, pair in optional.items() if pair[0] is not None}
        yield from _compare_decision(decision, pairs)
