"""The six tiers computed again from the input files and what the plan decides."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from transfer_planner.domain.plan import TIERS
from transfer_planner.i18n import msg
from transfer_planner.planning.verify_facts import (
    Treatment,
    Violation,
    first_treatment_day,
    home_start,
    missed_sessions,
    prolongation,
    sessions_under,
    treatments,
)
from transfer_planner.planning.verify_places import linac_day, physics_hours, row_minutes, travel_to
from transfer_planner.planning.verify_rules import linac_loads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.plan import Decision, Plan, TierId
    from transfer_planner.planning.verify_facts import Facts

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Outcome:
    """What a decision gives, computed again.

    Parameters
    ----------
    sessions
        Day, minutes and fractions; empty for a wait.
    missed
        Sessions at home before the start (of the likely reopening, for a wait).
    prolongation_days
        Calendar days; the expectation to one decimal for a wait.
    excess_tenths
        Beyond tolerance, tenths of a day.
    physics_hours
        Hours taken.
    costs
        The six tier costs.
    """

    sessions: tuple[tuple[date, int, int], ...]
    missed: int
    prolongation_days: Fraction
    excess_tenths: int
    physics_hours: int
    costs: dict[TierId, int]


def half_up(value: Fraction) -> int:
    """Round half up, exactly."""
    return math.floor(value + HALF)


def reopenings(facts: Facts) -> tuple[date, date, date]:
    """Return the first home treatment day after a low, likely and high outage."""
    outage = facts.case.scenario.outage_days
    low, likely, high = (
        first_treatment_day(facts.day_zero + timedelta(days=days)) for days in (outage.low, outage.likely, outage.high)
    )
    return low, likely, high


def tier_costs(facts: Facts, patient: Patient, excess: int, burden: Fraction) -> dict[TierId, int]:
    """Spread a patient's excess and burden over the tiers: a long curative excess counts one tier higher."""
    assessment = facts.assessments[patient.patient_id]
    costs: dict[TierId, int] = dict.fromkeys(TIERS, 0)
    limit = facts.case.policy.escalation_days * 10
    above = max(0, excess - limit) if assessment.curative and assessment.rank > 1 else 0
    costs[TIERS[assessment.rank - 1]] = excess - above
    if above:
        costs[TIERS[assessment.rank - 2]] = above
    costs["T6"] = half_up(burden)
    return costs


def burden_of(facts: Facts, patient: Patient, travelled: int, lengthened: Fraction, hours: int) -> Fraction:
    """Return a patient's minutes-equivalents: travel, tolerated prolongation and physics."""
    policy, assessment = facts.case.policy, facts.assessments[patient.patient_id]
    table = {str(key): weight for key, weight in policy.burden.prolongation_day.items()}
    a_day = table["unknown" if assessment.category is None else str(assessment.category)]
    tolerated = min(max(Fraction(0), lengthened), Fraction(assessment.tolerance_days))
    return travelled + a_day * tolerated + policy.burden.physics_hour * hours


def treated_outcome(facts: Facts, treatment: Treatment) -> Outcome:
    """Compute again what a transfer or a restart gives."""
    decision, patient, centre, _, start = treatment
    days = sessions_under(patient, facts, start, decision.compensation)
    longer = prolongation(patient, facts, days)
    excess = 10 * max(0, longer - facts.assessments[patient.patient_id].tolerance_days)
    hours = physics_hours(facts, treatment)
    travelled = 2 * travel_to(facts, patient, centre).minutes * len(days)
    return Outcome(
        sessions=tuple(row_minutes(facts, treatment)),
        missed=missed_sessions(patient, facts, start),
        prolongation_days=Fraction(longer),
        excess_tenths=excess,
        physics_hours=hours,
        costs=tier_costs(facts, patient, excess, burden_of(facts, patient, travelled, Fraction(longer), hours)),
    )


def wait_outcome(facts: Facts, patient: Patient) -> Outcome:
    """Compute again what waiting for the home centre gives, expected over the three outage lengths."""
    weights = facts.case.policy.outage_weights
    tolerance = facts.assessments[patient.patient_id].tolerance_days
    expected_days = expected_excess = Fraction(0)
    for weight, day in zip((weights.low, weights.likely, weights.high), reopenings(facts), strict=True):
        start = max(day, home_start(patient, facts))
        longer = prolongation(patient, facts, sessions_under(patient, facts, start, "none"))
        expected_days += Fraction(str(weight)) * longer
        expected_excess += Fraction(str(weight)) * max(0, longer - tolerance)
    likely = sessions_under(patient, facts, max(reopenings(facts)[1], home_start(patient, facts)), "none")
    excess, longer_days = half_up(10 * expected_excess), Fraction(half_up(10 * expected_days), 10)
    travelled = 2 * travel_to(facts, patient, facts.centres[patient.centre_id]).minutes * len(likely)
    return Outcome(
        sessions=(),
        missed=missed_sessions(patient, facts, likely[0][0]),
        prolongation_days=longer_days,
        excess_tenths=excess,
        physics_hours=0,
        costs=tier_costs(facts, patient, excess, burden_of(facts, patient, travelled, longer_days, 0)),
    )


def outcomes(plan: Plan, facts: Facts) -> Iterator[tuple[Decision, Outcome]]:
    """Yield every decision that can be read, with what it gives."""
    for treatment in treatments(plan, facts):
        yield treatment.decision, treated_outcome(facts, treatment)
    for decision in plan.decisions:
        patient = facts.patients.get(decision.patient_id)
        if decision.action == "wait" and patient is not None and patient.remaining_fractions > 0:
            yield decision, wait_outcome(facts, patient)


def surge_minutes(plan: Plan, facts: Facts) -> int:
    """Return the weekday minutes beyond opening hours, or beyond what the centre has booked if that is more."""
    total = 0
    for (code, day), minutes in linac_loads(plan, facts).items():
        centre, linac = facts.linacs[code]
        if day.weekday() < 5:
            room = linac_day(facts, centre, linac, day)
            total += max(0, math.ceil(room.booked + minutes - max(room.opening, room.booked)))
    return total


def saturday_openings(plan: Plan, facts: Facts) -> int:
    """Return how many centres open on how many Saturdays."""
    return len({(facts.linacs[code][0].id, day) for code, day in linac_loads(plan, facts) if day.weekday() == 5})


def plan_burden(plan: Plan, facts: Facts) -> int:
    """Return the plan's own part of T6."""
    weights = facts.case.policy.burden
    return weights.surge_minute * surge_minutes(plan, facts) + weights.saturday_opening * saturday_openings(plan, facts)


def check_tier(plan: Plan, facts: Facts, *, tier: TierId) -> Iterator[Violation]:
    """Check the cost of every decision in a tier, the tier's value, and what is claimed of its bound."""
    total = 0
    for decision, outcome in outcomes(plan, facts):
        found, expected = decision.tier_costs.get(tier, 0), outcome.costs[tier]
        total += expected
        if found != expected:
            text = msg(
                "{patient} costs {found} in {tier}, expected {expected}.",
                patient=decision.patient_id,
                found=found,
                tier=tier,
                expected=expected,
            )
            yield Violation(tier, decision.patient_id, decision.centre_id, decision.start_date, text)
    if tier == "T6":
        total += plan_burden(plan, facts)
    stated = [row for row in plan.tiers if row.id == tier]
    if len(stated) != 1:
        text = msg("{tier} stands {found} times among the tiers, expected once.", tier=tier, found=len(stated))
        yield Violation(tier, None, None, None, text)
    for row in stated:
        if row.value != total:
            text = msg("{tier} is {found}, expected {expected}.", tier=tier, found=row.value, expected=total)
            yield Violation(tier, None, None, None, text)
        if row.bound > row.value or row.bound < 0:
            text = msg(
                "{tier}: the bound {bound} does not lie between 0 and the value {value}.",
                tier=tier,
                bound=row.bound,
                value=row.value,
            )
            yield Violation(tier, None, None, None, text)
        if row.proven and row.value != row.bound:
            text = msg(
                "{tier} is said to be proven, but its value {value} is not its bound {bound}.",
                tier=tier,
                value=row.value,
                bound=row.bound,
            )
            yield Violation(tier, None, None, None, text)
