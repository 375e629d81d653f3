"""One task of a sweep: a contingency planned at sweep precision, and counted."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from transfer_planner.clinical.fractionation import SATURDAY
from transfer_planner.domain.atlas import (
    DestinationUse,
    Flow,
    LinacPeak,
    LinkedLinacs,
    Outcome,
    RankTally,
    TierOutcome,
    TravelSummary,
)
from transfer_planner.domain.plan import TIERS
from transfer_planner.errors import DataError
from transfer_planner.i18n import LANGUAGES, msg
from transfer_planner.planning import tables
from transfer_planner.planning.again import as_before
from transfer_planner.planning.decisions import Placed
from transfer_planner.planning.instance import build_instance, located
from transfer_planner.planning.linacs import split_pools
from transfer_planner.problem import rules
from transfer_planner.solvers.solve import solve
from transfer_planner.solvers.sweep import SHARE, SLACK, precise
from transfer_planner.stress.binding import binding, causes
from transfer_planner.stress.transfers import days_lost, hours_saved, needs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transfer_planner.domain.base import Rank
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Load
    from transfer_planner.problem.build import Instance
    from transfer_planner.problem.dossiers import Dossiers
    from transfer_planner.problem.problem import Solution
    from transfer_planner.solvers.solve import Result
    from transfer_planner.stress.region import Region, Task

RANKS: tuple[Rank, ...] = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Solved:
    """A case planned at sweep precision.

    Parameters
    ----------
    instance, result, solution
        The problem, what the solver proved, and its plan.
    placed
        What is decided for each patient, linac included.
    loads
        Linac-days that receive a session.
    tiers
        The six tiers, linac by linac.
    """

    instance: Instance
    result: Result
    solution: Solution
    placed: tuple[Placed, ...]
    loads: tuple[Load, ...]
    tiers: tuple[TierOutcome, ...]

    @property
    def precise(self) -> bool:
        """Whether the first tiers are within the sweep's precision of their bounds."""
        return precise([tier.value for tier in self.tiers], [tier.bound for tier in self.tiers])


def solve_roughly(case: Case, dossiers: Dossiers | None = None, before: Solved | None = None) -> Solved | None:
    """Plan a case at sweep precision, in this thread alone; None when its pins leave no plan.

    Parameters
    ----------
    case
        What is to be planned.
    dossiers
        What is known of the patients from other cases.
    before
        The same patients planned in a case that this one only makes easier: their plan is the first one, so that none worse is found.

    Raises
    ------
    DataError
        When the pins of a patient leave no decision.
    """
    case, apart = located(case), frozenset[str]()
    while True:
        instance = build_instance(case, apart=apart, dossiers=dossiers)
        start = None if before is None else as_before(before.placed, before.instance.given(before.solution), instance)
        result = solve(instance.problem, precision="sweep", start=start)
        if result.solution is None:
            return None
        options = [instance.option(int(column)) for column in result.solution.options]
        linacs, stuck = split_pools(instance, options)
        placed = tuple(
            Placed(offer, option, linac, case.scenario.day_zero)
            for offer, option, linac in zip(instance.offers, options, linacs, strict=True)
        )
        loads = tables.loads(placed, case)
        solved = Solved(instance, result, result.solution, placed, loads, _tiers(placed, loads, result, case))
        if not stuck:
            return solved
        apart |= stuck
        before = before or solved


def _tiers(placed: Sequence[Placed], loads: Sequence[Load], result: Result, case: Case) -> tuple[TierOutcome, ...]:
    """Return the tiers of the plan once every patient has a linac: the last one may cost more than in the problem."""
    values = [sum(one.option.costs[tier] for one in placed) for tier in range(len(TIERS))]
    burden, fallen = case.policy.burden, rules.compromised_centres(case.network, case.scenario)
    values[-1] += burden.surge_minute * sum(
        tables.surge_minutes(row, case) for row in loads if row.centre_id not in fallen
    )
    saturdays = {(row.centre_id, row.date) for row in loads if row.date.weekday() == SATURDAY}
    values[-1] += burden.saturday_opening * len(saturdays)
    tiers, met = [], True
    for name, value, solved in zip(TIERS, values, result.tiers, strict=True):
        bound = min(value, solved.bound)
        met = met and value - bound <= max(SLACK, SHARE * value)
        tiers.append(TierOutcome(id=name, value=value, bound=bound, met=met))
    return tuple(tiers)


def evaluate(region: Region, task: Task) -> Outcome:
    """Return the outcome of a task; what cannot be planned says why."""
    started = time.monotonic()
    contingency = task.contingency
    told: dict[str, Any] = {"contingency_id": contingency.id, "seed": task.seed, "fingerprint": task.key(region)}
    try:
        case = region.case(contingency, task.seed)
        solved = solve_roughly(case, region.dossiers(case))
        if task.changes is not None:
            case = region.case(contingency, task.seed, task.changes)
            solved = solve_roughly(case, region.dossiers(case), solved)
    except DataError as error:
        finding = error.findings[0]
        words = msg("{value}: expected {expected}", value=finding.value, expected=finding.expected)
        said = {lang: words.text(lang) for lang in LANGUAGES}
        return Outcome(**told, status="failed", code=finding.code, message=said, wall_s=_since(started))
    if solved is None:
        said = {lang: msg("no plan was found").text(lang) for lang in LANGUAGES}
        return Outcome(**told, status="failed", code="no_plan", message=said, wall_s=_since(started))
    return _counted(solved, told, started)


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)


def _counted(solved: Solved, told: dict[str, Any], started: float) -> Outcome:
    instance, transfers = solved.instance, [one for one in solved.placed if one.option.action == "transfer"]
    return Outcome(
        **told,
        status="planned",
        patients=len(solved.placed),
        on_treatment=sum(one.subject.assessment.on_treatment for one in solved.placed),
        not_planned=len(instance.not_planned),
        needs=needs_of([one.subject for one in solved.placed]),
        ranks=ranks_of(solved.placed),
        tiers=solved.tiers,
        precise=solved.precise,
        travel=travel_of(solved.placed),
        flows=_flows(transfers, instance),
        destinations=_destinations(solved),
        linked=_linked(transfers, instance),
        binding=binding(instance, solved.solution),
        causes=causes(instance, solved.solution),
        wall_s=_since(started),
    )


def ranks_of(placed: Iterable[Placed]) -> tuple[RankTally, ...]:
    """Count the patients of each rank."""
    counts: dict[Rank, Counter[str]] = {rank: Counter() for rank in RANKS}
    for one in placed:
        count, excess = counts[one.subject.assessment.rank], one.option.excess_tenths
        count["patients"] += 1
        count["excess_tenths"] += excess
        if one.option.action == "wait":
            count["waiting"] += 1
            count["waiting_over"] += excess > 0
        else:
            count["over" if excess > 0 else "within"] += 1
    fields = ("patients", "within", "over", "waiting", "waiting_over", "excess_tenths")
    return tuple(RankTally(rank=rank, **{name: count[name] for name in fields}) for rank, count in counts.items())


def travel_of(placed: Iterable[Placed]) -> TravelSummary | None:
    """Return how far those transferred travel; None when nobody is."""
    minutes = [_minutes(one) for one in placed if one.option.action == "transfer"]
    if not minutes:
        return None
    return TravelSummary(
        median_min=median(minutes), p90_min=float(np.quantile(minutes, 0.9)), max_min=float(max(minutes))
    )


def _where(one: Placed) -> str:
    return "" if one.option.pool is None else one.option.pool.centre.id


def _minutes(one: Placed) -> int:
    return one.subject.travels[_where(one)].minutes


def _flows(transfers: list[Placed], instance: Instance) -> tuple[Flow, ...]:
    groups: dict[tuple[str, str], list[Placed]] = defaultdict(list)
    for one in transfers:
        groups[one.subject.patient.centre_id, _where(one)].append(one)
    graph = instance.maker.graph
    return tuple(
        Flow(
            home_id=home,
            destination_id=destination,
            patients=len(group),
            by_grade=dict(sorted(Counter(one.option.grade for one in group if one.option.grade).items())),
            by_rank=dict(sorted(Counter(one.subject.assessment.rank for one in group).items())),
            median_travel_min=median(map(_minutes, group)),
            min_travel_min=min(map(_minutes, group)),
            max_travel_min=max(map(_minutes, group)),
            physics_hours=float(sum(one.option.physics_hours for one in group)),
            convention=graph.has_edge(home, destination, "convention"),
            days_lost=sum(days_lost(one, instance) for one in group),
        )
        for (home, destination), group in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    )


def _destinations(solved: Solved) -> tuple[DestinationUse, ...]:
    case = solved.instance.case
    moves = tables.redeployment(solved.instance, solved.solution.units, case)
    days = defaultdict(list)
    for day in tables.centre_days(solved.placed, moves, case):
        days[day.centre_id].append(day)
    peaks: dict[str, Load] = {}
    for row in solved.loads:
        if row.centre_id not in peaks or _share(row) > _share(peaks[row.centre_id]):
            peaks[row.centre_id] = row
    counts = Counter(_where(one) for one in solved.placed if one.option.action == "transfer")
    found = []
    for centre_id, patients in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        last, peak = days[centre_id][-1], peaks[centre_id]
        busiest = max(days[centre_id], key=lambda day: (day.new_starts / max(1, day.new_starts_max), day.date))
        found.append(
            DestinationUse(
                centre_id=centre_id,
                patients=patients,
                physics_hours=last.physics_hours_cumulative,
                physics_hours_available=last.physics_hours_available,
                peak_minutes_share=min(1.0, _share(peak)),
                peak=LinacPeak(**peak.model_dump(exclude={"centre_id"})),
                peak_starts=busiest.new_starts,
                peak_starts_max=busiest.new_starts_max,
            )
        )
    return tuple(found)


def _share(row: Load) -> float:
    """Return the share of the free minutes of a linac-day that is taken."""
    return row.transferred_min / max(1.0, row.capacity_min - row.booked_min)


def _linked(transfers: list[Placed], instance: Instance) -> tuple[LinkedLinacs, ...]:
    counts: Counter[tuple[str, str]] = Counter()
    hours: Counter[tuple[str, str]] = Counter()
    for one in transfers:
        saved = hours_saved(one, instance)
        if saved > 0 and one.linac is not None and one.subject.patient.linac_id is not None:
            pair = (one.subject.patient.linac_id, one.linac.id)
            counts[pair] += 1
            hours[pair] += saved
    return tuple(
        LinkedLinacs(home_linac_id=home, linac_id=linac, patients=counts[home, linac], hours_saved=float(saved))
        for (home, linac), saved in sorted(hours.items(), key=lambda item: (-item[1], item[0]))
    )
