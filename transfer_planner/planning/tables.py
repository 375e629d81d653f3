"""The tables of a plan: loads, centre days, staff moved, counts, tiers."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.clinical.fractionation import SATURDAY
from transfer_planner.domain.plan import TIERS, CentreDay, Load, RedeploymentMove, Summary
from transfer_planner.i18n import LANGUAGES, Language, Message, msg
from transfer_planner.network.travel import travel_error_min
from transfer_planner.problem import rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Decision
    from transfer_planner.planning.decisions import Placed
    from transfer_planner.problem.build import Instance


def loads(placed: Sequence[Placed], case: Case) -> tuple[Load, ...]:
    """Return every linac-day that receives a session."""
    scenario = case.scenario
    answers = rules.latest_answers(scenario)
    minutes: Counter[tuple[str, str, date]] = Counter()
    owners = {linac.id: (centre, linac) for centre in case.network.centres for linac in centre.linacs}
    home: set[str] = set()
    for one in placed:
        if one.linac is None or one.option.pool is None:
            continue
        if one.option.pool.home:
            home.add(one.linac.id)
        for day, count in one.option.minutes_by_day(case.policy.session_minutes.first_session_extra).items():
            minutes[one.option.pool.centre.id, one.linac.id, day] += count
    rows = []
    for (centre_id, linac_id, day), transferred in sorted(minutes.items()):
        centre, linac = owners[linac_id]
        if linac_id in home:
            capacity: float = rules.restart_minutes(scenario.home_restart, linac_id, day, scenario.day_zero)
            booked = 0.0
        else:
            room = rules.h05_linac_room(centre, linac, day, scenario, answers.get(centre_id))
            capacity, booked = room.capacity, room.booked
        rows.append(
            Load(
                centre_id=centre_id,
                linac_id=linac_id,
                date=day,
                booked_min=booked,
                transferred_min=transferred,
                capacity_min=capacity,
            )
        )
    return tuple(rows)


def redeployment(instance: Instance, units: np.ndarray, case: Case) -> tuple[RedeploymentMove, ...]:
    """Return the staff sent, one move a centre."""
    given: dict[str, Counter[str]] = defaultdict(Counter)
    for unit, count in zip(instance.units, units, strict=True):
        if count:
            given[unit.centre_id][unit.kind] += int(count)
    first = case.scenario.day_zero + timedelta(days=case.scenario.redeployment.from_day)
    return tuple(
        RedeploymentMove(
            centre_id=centre_id,
            physics_fte=counts["physics"] / 2,
            oncologists=counts["oncologists"],
            from_date=first,
        )
        for centre_id, counts in sorted(given.items())
    )


def centre_days(placed: Sequence[Placed], moves: Sequence[RedeploymentMove], case: Case) -> tuple[CentreDay, ...]:
    """Return every centre-day with a start or a simulation, and what it uses of the centre's limits."""
    starts: Counter[tuple[str, date]] = Counter()
    scans: Counter[tuple[str, date]] = Counter()
    hours: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for one in placed:
        option = one.option
        if option.pool is None or option.start is None:
            continue
        starts[option.pool.centre.id, option.start] += 1
        if option.simulation is not None:
            scans[option.pool.centre.id, option.simulation] += 1
        if not option.pool.home:
            hours[option.pool.centre.id].append((option.start, option.physics_hours))
    staff = {move.centre_id: move for move in moves}
    return tuple(
        _centre_day(
            centre_id, day, starts[centre_id, day], scans[centre_id, day], hours[centre_id], staff.get(centre_id), case
        )
        for centre_id, day in sorted({*starts, *scans})
    )


def _centre_day(  # a row of a table
    centre_id: str,
    day: date,
    starts: int,
    scans: int,
    hours: list[tuple[date, int]],
    move: RedeploymentMove | None,
    case: Case,
) -> CentreDay:
    centre, answer = case.network.centre(centre_id), rules.latest_answers(case.scenario).get(centre_id)
    effect = case.policy.redeployment
    most, available = (
        rules.h06_new_starts(centre, answer),
        rules.h07_physics_hours(centre, answer, case.scenario.day_zero, day),
    )
    if move is not None:
        available += move.physics_fte * effect.physics_hours_per_fte_day * rules.redeployed_days(case.scenario, day)
        if day >= move.from_date:
            most += move.oncologists * effect.new_starts_per_oncologist
    return CentreDay(
        centre_id=centre_id,
        date=day,
        new_starts=starts,
        new_starts_max=most,
        physics_hours_cumulative=float(sum(count for start, count in hours if start <= day)),
        physics_hours_available=round(available, 6),
        ct_simulations=scans,
        ct_simulations_max=rules.h08_simulation_slots(centre, answer),
    )


def summary(
    decisions: Sequence[Decision], rows: Sequence[Load], case: Case, not_planned: int, lang: Language
) -> Summary:
    """Count what the plan decides, and say what it assumes."""
    actions = Counter(decision.action for decision in decisions)
    transfers = [decision for decision in decisions if decision.action == "transfer"]
    over = Counter(str(d.category or "unknown") for d in decisions if d.excess_tenths > 0)
    fallen = rules.compromised_centres(case.network, case.scenario)
    surge = sum(surge_minutes(row, case) for row in rows if row.centre_id not in fallen)
    saturdays = len({(row.centre_id, row.date) for row in rows if row.date.weekday() == SATURDAY})
    burden = case.policy.burden
    assumed = {said: tuple(m.text(said) for m in assumptions(decisions, case)) for said in LANGUAGES}
    return Summary(
        patients=len(decisions),
        transferred=actions["transfer"],
        restarted=actions["restart"],
        waiting=actions["wait"],
        not_planned=not_planned,
        over_tolerance={"1": 0, "2": 0, "3": 0} | dict(sorted(over.items())),
        by_category=dict(sorted(Counter(str(d.category or "unknown") for d in decisions).items())),
        by_rank=dict(sorted(Counter(str(d.rank) for d in decisions).items())),
        by_grade=dict(sorted(Counter(str(d.grade) for d in transfers if d.grade).items())),
        by_destination=dict(sorted(Counter(str(d.centre_id) for d in transfers).items())),
        surge_minutes=surge,
        saturday_openings=saturdays,
        plan_burden=burden.surge_minute * surge + burden.saturday_opening * saturdays,
        assumptions=assumed.pop(lang),
        assumptions_translated=assumed,
    )


def surge_minutes(row: Load, case: Case) -> int:
    """Return the weekday minutes of a destination's linac beyond its opening hours (T6)."""
    if row.date.weekday() == SATURDAY:
        return 0
    opening = case.network.centre(row.centre_id).opening.weekdays or 0
    within = max(0, int(np.floor(opening - row.booked_min + rules.EPSILON)))
    return max(0, row.transferred_min - within)


def tier_values(decisions: Sequence[Decision], counts: Summary) -> tuple[int, ...]:
    """Return the six tiers: the sums of the decisions' costs, and the plan's own part of the last."""
    values = [sum(decision.tier_costs[tier] for decision in decisions) for tier in TIERS]
    values[-1] += counts.plan_burden
    return tuple(values)


def assumptions(decisions: Sequence[Decision], case: Case) -> list[Message]:
    """Return what the plan takes for granted and nobody has confirmed."""
    scenario, found = case.scenario, []
    if case.network.fictitious:
        found.append(msg("equipment, software and matched pairs are fictitious (exercise)"))
    answered = set(rules.latest_answers(scenario))
    unasked = sorted({str(d.centre_id) for d in decisions if d.action == "transfer"} - answered)
    if unasked:
        found.append(
            msg(
                "capacities not confirmed by {count} destinations (spare minutes, new starts, physics hours, CT slots): call them",
                count=len(unasked),
            )
        )
    if any(d.travel_source == "estimate" for d in decisions):
        found.append(
            msg(
                "travel times estimated from distances (± {minutes} min, one standard deviation)",
                minutes=travel_error_min(case.policy.travel_model),
            )
        )
    if scenario.redeployment.physics_fte:
        found.append(msg("a redeployed physicist counts fully, also on another TPS (may be half: to confirm)"))
    unknown = sum(1 for patient in case.patients if patient.delivered_fractions is None)
    if unknown:
        found.append(msg("fractions delivered unknown for {count} patients: read as none", count=unknown))
    home = sum(1 for place in case.places.values() if place.how == "home_centre")
    if home:
        found.append(msg("place of stay unknown for {count} patients: travel counted from the home centre", count=home))
    return found
