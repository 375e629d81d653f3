"""Decide again from a plan: what it would become, and who would change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.domain.plan import TIERS
from transfer_planner.problem.problem import Solution, is_feasible, tier_values
from transfer_planner.solvers.solve import solve

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from transfer_planner.domain.plan import Plan
    from transfer_planner.planning.board import Board, Values
    from transfer_planner.planning.decisions import Placed
    from transfer_planner.problem.build import Instance, PoolUnit
    from transfer_planner.problem.offers import Offer
    from transfer_planner.problem.options import Option


@dataclass(frozen=True)
class Effort:
    """How long to look.

    Parameters
    ----------
    seconds
        Solver time.
    seed
        Of the search.
    deterministic
        The same answer at every run.
    """

    seconds: float
    seed: int = 0
    deterministic: bool = False


@dataclass(frozen=True)
class Change:
    """What changes for a patient from one plan to another.

    Parameters
    ----------
    patient_id, rank
        Who.
    centre_before, start_before, centre_after, start_after
        Where and when; None when waiting.
    tiers
        What the patient costs after, less before.
    """

    patient_id: str
    rank: int
    centre_before: str | None
    start_before: date | None
    centre_after: str | None
    start_after: date | None
    tiers: Values

    @property
    def clinical(self) -> int:
        """Tenths of a day beyond tolerance gained or lost, all ranks together."""
        return sum(self.tiers[:-1])


def settle(board: Board, start: Solution | None, effort: Effort) -> tuple[Solution, Values] | None:
    """Return the best plan found for a board's problem and its tiers, never worse than the start; None when there is none."""
    problem = board.problem
    if start is not None and effort.seconds <= 0:
        return start, tier_values(problem, start)
    result = solve(
        problem,
        time_limit_s=effort.seconds,
        seed=effort.seed,
        deterministic=effort.deterministic,
        start=start,
    )
    found = [plan for plan in (start, result.solution) if plan is not None and is_feasible(problem, plan)]
    plans = [(tier_values(problem, plan), plan) for plan in found]
    if not plans:
        return None
    values, plan = min(plans, key=lambda item: item[0])
    return plan, values


def as_before(placed: Sequence[Placed], given: Mapping[PoolUnit, int], instance: Instance) -> Solution | None:
    """Return a plan in the columns of another problem of the same patients; None when an option is no longer there.

    Parameters
    ----------
    placed
        What is decided for each patient.
    given
        Staff given to each place (`Instance.given`).
    instance
        The other problem.
    """
    options = []
    for first, offer, one in zip(instance.ends.tolist(), instance.offers, placed, strict=False):
        position = 0 if one.option.start is None and offer.wait is not None else _position(offer, one)
        if position is None:
            return None
        options.append(first + position)
    units = [given.get(unit, 0) for unit in instance.units]
    return Solution(np.array(options, dtype=np.int64), np.array(units, dtype=np.int64))


def _position(offer: Offer, one: Placed) -> int | None:
    """Return the same start on the same linac, the work that it takes aside: a matched linac needs less."""
    option = one.option
    if option.start is None or one.linac is None:
        return None
    ways = {way.grade for way in offer.ways if one.linac.id in {linac.id for linac in way.pool.linacs}}
    found = (offer.position(grade, option.mode, one.linac.id, option.start) for grade in sorted(ways, key=str))
    return next((position for position in found if position is not None), None)


def changes(plan: Plan, instance: Instance, solution: Solution) -> tuple[Change, ...]:
    """Return what changes from a plan to a solution, those who lose most first."""
    columns = zip(instance.subjects, solution.options.tolist(), strict=True)
    return _changes(plan, ((subject.patient.patient_id, instance.option(column)) for subject, column in columns))


def changes_of(plan: Plan, board: Board) -> tuple[Change, ...]:
    """Return what changes from a plan to what stands on a board."""
    known = {decision.patient_id for decision in plan.decisions}
    moved = ((code, board.instance.option(column)) for code, column in board.taken.items() if code in known)
    return _changes(plan, moved)


def _changes(plan: Plan, options: Iterable[tuple[str, Option]]) -> tuple[Change, ...]:
    decisions = {decision.patient_id: decision for decision in plan.decisions}
    found = []
    for code, option in options:
        before = decisions[code]
        where = option.pool.centre.id if option.pool else None
        was = None if before.action == "wait" else before.centre_id
        now = (where, option.start, option.grade, option.mode)
        if now == (was, before.start_date, before.grade, before.compensation):
            continue
        tiers = tuple(a - before.tier_costs.get(tier, 0) for a, tier in zip(option.costs, TIERS, strict=True))
        found.append(Change(code, before.rank, was, before.start_date, where, option.start, tiers))
    return tuple(sorted(found, key=lambda change: (tuple(-v for v in change.tiers), change.patient_id)))
