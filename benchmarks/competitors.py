"""Other ways to plan the same problem: the rule of thumb of a crisis cell, the greedy rule by rank, and one big CP-SAT model."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from ortools.sat.python import cp_model

from transfer_planner.problem.problem import IntArray, Problem, Solution, tier_values
from transfer_planner.solvers.greedy import greedy
from transfer_planner.solvers.solve import Result, SolvedTier

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transfer_planner.problem.build import Instance

NO_PLAN = Result("infeasible", None, ())
"""Said also of a search that found nothing in its time."""

LAST = 1e6
"""Minutes farther than any centre, nearer than the wait."""


def nearest_until_full(instance: Instance) -> Result:
    """Plan as by hand: who matters most first, each to the nearest centre that still has a start, as early as it can; else wait.

    Patients follow each other by rank, then in the order of the roster; those whom pins forbid to wait come before.
    Centres follow each other by travel minutes. Restarted home linacs count as a centre at the distance of home, or come after every
    centre: the better plan of the two is kept. Among equal starts at one centre, the option of least cost is taken. Idle
    staff is shared out evenly.

    Parameters
    ----------
    instance
        The problem, best built linac by linac: a person books a linac, not a group of them.
    """
    problem = instance.problem
    minutes, centres, starts, at_home = _places(instance)
    can_wait = np.zeros(problem.num_choices, dtype=bool)
    can_wait[problem.choice[np.isinf(minutes)]] = True
    ranks = np.array([subject.assessment.rank for subject in instance.subjects])
    order, units = np.lexsort((ranks, can_wait)).tolist(), _even_staff(instance)
    plans = []
    for distance in (minutes, np.where(at_home, LAST, minutes)):
        ranking = np.lexsort((*problem.costs[::-1], starts, centres, distance, problem.choice))
        solution = first_fit(problem, order, ranking, units)
        if solution is not None:
            plans.append((tier_values(problem, solution), solution))
    if not plans:
        return NO_PLAN
    values, best = min(plans, key=lambda plan: plan[0])
    return Result("feasible", best, tuple(SolvedTier(value, 0, proven=False) for value in values))


def by_rank(instance: Instance) -> Result:
    """Plan greedily: who has most to lose in the first tiers chooses first, each the cheapest option that still fits."""
    solution = greedy(instance.problem)
    if solution is None:
        return NO_PLAN
    values = tier_values(instance.problem, solution)
    return Result("feasible", solution, tuple(SolvedTier(value, 0, proven=False) for value in values))


def _places(instance: Instance) -> tuple[np.ndarray, IntArray, IntArray, np.ndarray]:
    """Return for each option the minutes of travel (infinite for a wait), the centre, the first day, and whether it is a restart."""
    count = instance.problem.num_options
    minutes, at_home = np.full(count, np.inf), np.zeros(count, dtype=bool)
    centres, starts = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    position = {centre.id: index for index, centre in enumerate(instance.case.network.centres)}
    for offer, first, end in zip(instance.offers, instance.ends[:-1], instance.ends[1:], strict=True):
        moves = slice(first + offer.waits, end)
        minutes[moves] = np.array([way.travel_min for way in offer.ways])[offer.way]
        centres[moves] = np.array([position[way.pool.centre.id] for way in offer.ways])[offer.way]
        starts[moves] = offer.starts
        at_home[moves] = np.array([way.pool.home for way in offer.ways])[offer.way]
    return minutes, centres, starts, at_home


def _even_staff(instance: Instance) -> IntArray:
    """Share the idle staff of each kind one unit a centre, the centres nearest to the patients first, then over again."""
    pools = instance.problem.pools
    units = np.zeros(len(pools.kind), dtype=np.int64)
    distance = np.array(
        [sum(subject.travels[unit.centre_id].minutes for subject in instance.subjects) for unit in instance.units]
    )
    for kind, limit in enumerate(pools.limit):
        members = np.flatnonzero(pools.kind == kind)
        if len(members):
            members = members[np.argsort(distance[members], kind="stable")]
            np.add.at(units, np.resize(members, int(limit)), 1)
    return units


def first_fit(problem: Problem, order: Iterable[int], ranking: IntArray, units: IntArray) -> Solution | None:
    """Give each choice in turn the first of its options that fits in what is left; None when some choice has none.

    Parameters
    ----------
    problem
        The problem.
    order
        Choices, first served first.
    ranking
        Options sorted by choice, then by preference, shape (n,).
    units
        Units given to each pool variable.
    """
    left = problem.capacity + (problem.pools.gains @ units).astype(np.int64)
    left[problem.extensions.row] += problem.extensions.limit
    uses = problem.uses
    heads = np.searchsorted(problem.choice[ranking], np.arange(problem.num_choices + 1))
    taken = np.zeros(problem.num_choices, dtype=np.int64)
    for choice in order:
        for option in ranking[heads[choice] : heads[choice + 1]]:
            used = slice(uses.indptr[option], uses.indptr[option + 1])
            if (uses.data[used] <= left[uses.indices[used]]).all():
                left[uses.indices[used]] -= uses.data[used]
                taken[choice] = option
                break
        else:
            return None
    return Solution(taken, units)


class _Model:
    """The whole problem as one CP-SAT model: a boolean an option, a row a constraint."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.model, self.solver = problem, cp_model.CpModel(), cp_model.CpSolver()
        extensions, pools = problem.extensions, problem.pools
        self.options = [self.model.new_bool_var("") for _ in range(problem.num_options)]
        self.extended = [self.model.new_int_var(0, int(limit), "") for limit in extensions.limit]
        self.opened = [self.model.new_bool_var("") for _ in problem.setups.price]
        self.units = [self.model.new_int_var(0, int(pools.limit[kind]), "") for kind in pools.kind]
        heads = np.searchsorted(problem.choice, np.arange(problem.num_choices + 1))
        for first, end in itertools.pairwise(heads.tolist()):
            self.model.add_exactly_one(self.options[first:end])
        for kind, limit in enumerate(pools.limit):
            self.model.add(sum(self.units[index] for index in np.flatnonzero(pools.kind == kind)) <= int(limit))
        self._add_capacities()
        self._add_setups()

    def _add_capacities(self) -> None:
        """Bound what the options use of each row by its capacity, its extension and what the units bring to it."""
        problem = self.problem
        uses, gains = problem.uses.tocsr(), problem.pools.gains.tocsr()
        extension = {int(row): self.extended[index] for index, row in enumerate(problem.extensions.row)}
        for row, capacity in enumerate(problem.capacity):
            used, gained = (slice(matrix.indptr[row], matrix.indptr[row + 1]) for matrix in (uses, gains))
            terms: list[Any] = [self.options[option] for option in uses.indices[used]]
            amounts = uses.data[used].tolist()
            terms += [self.units[unit] for unit in gains.indices[gained]]
            amounts += (-gains.data[gained].astype(np.int64)).tolist()
            if row in extension:
                terms.append(extension[row])
                amounts.append(-1)
            self.model.add(cp_model.LinearExpr.weighted_sum(terms, amounts) <= int(capacity))

    def _add_setups(self) -> None:
        """Open a group as soon as an option uses one of its rows; a choice takes one option, hence one constraint for all of them."""
        problem = self.problem
        uses = problem.uses.tocsr()
        for rows, opened in zip(problem.setups.rows, self.opened, strict=True):
            users = np.unique(uses[rows].indices)
            for same in np.split(users, np.flatnonzero(np.diff(problem.choice[users])) + 1):
                if len(same):
                    self.model.add(cp_model.LinearExpr.sum([self.options[option] for option in same]) <= opened)

    def tier(self, tier: int) -> cp_model.LinearExpr:
        """Return the value of a tier; extensions and setups are paid in the last."""
        problem = self.problem
        costly = np.flatnonzero(problem.costs[tier])
        terms: list[Any] = [self.options[option] for option in costly]
        prices = problem.costs[tier, costly].tolist()
        if tier == problem.num_tiers - 1:
            terms += [*self.extended, *self.opened]
            prices += [*problem.extensions.price.tolist(), *problem.setups.price.tolist()]
        return cp_model.LinearExpr.weighted_sum(terms, prices)

    def search(self, seconds: float) -> bool:
        """Search for so long; say whether a plan was found."""
        self.solver.parameters.max_time_in_seconds = max(0.01, seconds)
        return self.solver.solve(self.model) in (cp_model.OPTIMAL, cp_model.FEASIBLE)

    def hint(self) -> None:
        """Start the next search from the plan just found."""
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        for variable in (*self.options, *self.extended, *self.opened, *self.units):
            self.model.add_hint(variable, self.solver.value(variable))

    def solution(self) -> Solution:
        """Read the plan just found."""
        taken = [index for index, option in enumerate(self.options) if self.solver.boolean_value(option)]
        units = [self.solver.value(unit) for unit in self.units]
        return Solution(np.array(taken, dtype=np.int64), np.array(units, dtype=np.int64))


def monolith(problem: Problem, *, time_limit_s: float) -> Result:
    """Solve one CP-SAT model tier after tier: minimise, fix what was reached, go on from the plan found.

    A tier may use half of the time left, the last one all of it; what a tier does not use goes to the next.

    Parameters
    ----------
    problem
        The problem.
    time_limit_s
        Wall-clock limit for everything, the making of the model included, seconds.
    """
    end = time.monotonic() + time_limit_s
    whole = _Model(problem)
    best: Solution | None = None
    bounds: list[int] = []
    trace = []
    for tier in range(problem.num_tiers):
        whole.model.minimize(whole.tier(tier))
        left = end - time.monotonic()
        found = whole.search(left if tier == problem.num_tiers - 1 else left / 2)
        if not found and best is None:
            # Without any plan yet, nothing else deserves the time left.
            found = whole.search(end - time.monotonic())
        if found:
            best = whole.solution()
            whole.hint()
        if best is None:
            return NO_PLAN
        values = tier_values(problem, best)
        trace.append((time.monotonic() - end + time_limit_s, f"tier {tier + 1}", values))
        bounds.append(min(values[tier], max(0, round(whole.solver.best_objective_bound))))
        whole.model.add(whole.tier(tier) <= values[tier])
    tiers, above = [], True
    for value, bound in zip(values, bounds, strict=True):
        above = above and value <= bound
        tiers.append(SolvedTier(value, bound, proven=above))
    return Result("optimal" if above else "feasible", best, tuple(tiers), tuple(trace))
