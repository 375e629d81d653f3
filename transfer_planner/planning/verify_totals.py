"""The tables and counts of plan.json, compared with what its decisions and the input files give."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from transfer_planner.i18n import msg
from transfer_planner.planning.verify_facts import Violation
from transfer_planner.planning.verify_fields import compare
from transfer_planner.planning.verify_places import (
    linac_day,
    physics_limit,
    redeployed_from,
    simulations_limit,
    starts_limit,
)
from transfer_planner.planning.verify_rules import linac_loads, physics_used, simulation_counts, start_counts
from transfer_planner.planning.verify_tiers import outcomes, plan_burden, saturday_openings, surge_minutes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from transfer_planner.domain.plan import Plan
    from transfer_planner.planning.verify_facts import Facts


def _rows(name: str, found: Counter[tuple[str, date]], expected: set[tuple[str, date]]) -> Iterator[Violation]:
    """Yield the rows of a table that are missing or repeated."""
    for place, day in sorted({*found, *expected}):
        if found[place, day] > 1 or ((place, day) in expected and found[place, day] == 0):
            text = msg(
                "{table}: {found} rows for {place} on {date}, expected one.",
                table=name,
                found=found[place, day],
                place=place,
                date=day,
            )
            yield Violation(name, None, place, day, text)


def check_loads(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Check that the loads are exactly the linac-days that receive a session, with their minutes."""
    expected = linac_loads(plan, facts)
    yield from _rows("loads", Counter((row.linac_id, row.date) for row in plan.loads), set(expected))
    for row in plan.loads:
        if row.linac_id not in facts.linacs:
            text = msg("{table}: {place} is not in the network.", table="loads", place=row.linac_id)
            yield Violation("loads", None, row.centre_id, row.date, text)
            continue
        centre, linac = facts.linacs[row.linac_id]
        room = linac_day(facts, centre, linac, row.date)
        pairs = {
            "centre_id": (row.centre_id, centre.id),
            "booked_min": (row.booked_min, float(room.booked)),
            "transferred_min": (row.transferred_min, expected.get((row.linac_id, row.date))),
            "capacity_min": (row.capacity_min, float(room.capacity)),
        }
        yield from compare("loads.", pairs, subject=f"{row.linac_id} {row.date}", centre_id=row.centre_id, day=row.date)


def check_centre_days(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Check that every centre-day with a start or a simulation stands there, with its counts and limits."""
    starts, simulations = start_counts(plan, facts), simulation_counts(plan, facts)
    found = Counter((row.centre_id, row.date) for row in plan.centre_days)
    yield from _rows("centre_days", found, {*starts, *simulations})
    for row in plan.centre_days:
        centre = facts.centres.get(row.centre_id)
        if centre is None:
            text = msg("{table}: {place} is not in the network.", table="centre_days", place=row.centre_id)
            yield Violation("centre_days", None, row.centre_id, row.date, text)
            continue
        key = (row.centre_id, row.date)
        pairs = {
            "new_starts": (row.new_starts, starts[key]),
            "new_starts_max": (row.new_starts_max, starts_limit(plan, facts, centre, row.date)),
            "physics_hours_cumulative": (
                row.physics_hours_cumulative,
                float(physics_used(plan, facts, centre.id, row.date)),
            ),
            "physics_hours_available": (
                row.physics_hours_available,
                float(physics_limit(plan, facts, centre, row.date)),
            ),
            "ct_simulations": (row.ct_simulations, simulations[key]),
            "ct_simulations_max": (row.ct_simulations_max, simulations_limit(facts, centre)),
        }
        yield from compare(
            "centre_days.", pairs, subject=f"{row.centre_id} {row.date}", centre_id=row.centre_id, day=row.date
        )


def check_redeployment(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Check that staff go in halves of an FTE and whole people, once a centre, from the day that the scenario gives."""
    count = Counter(move.centre_id for move in plan.redeployment)
    for move in plan.redeployment:
        pairs = {
            "centre_id": (move.centre_id in facts.centres and move.centre_id not in facts.fallen, True),
            "moves": (count[move.centre_id], 1),
            "physics_fte": (move.physics_fte, max(0.0, round(move.physics_fte * 2) / 2)),
            "oncologists": (move.oncologists, max(0, move.oncologists)),
            "from_date": (move.from_date, redeployed_from(facts)),
        }
        yield from compare("redeployment.", pairs, subject=move.centre_id, centre_id=move.centre_id)


def check_summary(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Check every count of the summary against the decisions."""
    summary = plan.summary
    actions = Counter(decision.action for decision in plan.decisions)
    over: Counter[str] = Counter()
    for decision, outcome in outcomes(plan, facts):
        if outcome.excess_tenths > 0:
            over[str(facts.assessments[decision.patient_id].category or "unknown")] += 1
    known = [facts.assessments[d.patient_id] for d in plan.decisions if d.patient_id in facts.assessments]
    transfers = [decision for decision in plan.decisions if decision.action == "transfer"]
    pairs = {
        "patients": (summary.patients, len(plan.decisions)),
        "transferred": (summary.transferred, actions["transfer"]),
        "restarted": (summary.restarted, actions["restart"]),
        "waiting": (summary.waiting, actions["wait"]),
        "not_planned": (summary.not_planned, len(plan.not_planned)),
        "over_tolerance": (_positive(summary.over_tolerance), over),
        "by_category": (_positive(summary.by_category), Counter(str(a.category or "unknown") for a in known)),
        "by_rank": (_positive(summary.by_rank), Counter(str(a.rank) for a in known)),
        "by_grade": (_positive(summary.by_grade), Counter(d.grade for d in transfers if d.grade)),
        "by_destination": (_positive(summary.by_destination), Counter(d.centre_id for d in transfers)),
        "surge_minutes": (summary.surge_minutes, surge_minutes(plan, facts)),
        "saturday_openings": (summary.saturday_openings, saturday_openings(plan, facts)),
        "plan_burden": (summary.plan_burden, plan_burden(plan, facts)),
    }
    yield from compare("summary.", pairs)


def _positive(counts: Mapping[str, int]) -> dict[str, int]:
    return {key: count for key, count in counts.items() if count}
