"""A first plan at once: by rank, each patient the cheapest option that still fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.problem.problem import IntArray, Problem, Solution
from transfer_planner.solvers.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from transfer_planner.solvers.engine import FloatArray

WHOLE = 0.99
NONE = -1


@compiled
def _first_that_fits(options: IntArray, ends: IntArray, rows: IntArray, amounts: IntArray, left: IntArray) -> int:
    """Return the first of some options that uses no more than what is left, or NONE."""
    for option in options:
        fits = True
        for at in range(ends[option], ends[option + 1]):
            fits = fits and amounts[at] <= left[rows[at]]
        if fits:
            return int(option)
    return NONE


class Room:
    """What is left of every resource while options are taken one by one.

    Parameters
    ----------
    problem
        The problem.
    units
        Units given to each pool variable.
    """

    def __init__(self, problem: Problem, units: IntArray) -> None:
        self.problem = problem
        self.left = problem.capacity.copy()
        if len(units):
            self.left = self.left + (problem.pools.gains @ units).astype(np.int64)
        self.left[problem.extensions.row] += problem.extensions.limit
        self._indptr, self._rows = problem.uses.indptr, problem.uses.indices
        self._amounts = problem.uses.data

    def first_that_fits(self, options: IntArray) -> int | None:
        """Return the first of some options that still fits, None when none does."""
        found = _first_that_fits(options, self._indptr, self._rows, self._amounts, self.left)
        return None if found == NONE else found

    def take(self, option: int) -> None:
        """Take an option."""
        part = slice(self._indptr[option], self._indptr[option + 1])
        self.left[self._rows[part]] -= self._amounts[part]

    def give_back(self, option: int) -> None:
        """Put back what an option took."""
        part = slice(self._indptr[option], self._indptr[option + 1])
        self.left[self._rows[part]] += self._amounts[part]


def even_units(problem: Problem) -> IntArray:
    """Share the units of each kind evenly over the places, the places that gain most first."""
    units = np.zeros(len(problem.pools.kind), dtype=np.int64)
    worth = np.asarray(problem.pools.gains.sum(axis=0)).ravel()
    for kind, limit in enumerate(problem.pools.limit):
        members = np.flatnonzero(problem.pools.kind == kind)
        members = members[np.argsort(-worth[members], kind="stable")]
        for unit in range(int(limit) if len(members) else 0):
            units[members[unit % len(members)]] += 1
    return units


def greedy(problem: Problem) -> Solution | None:
    """Return the plan by rank: who has most to lose in the first tiers chooses first; None when stuck (pins)."""
    nobody = Solution(np.zeros(problem.num_choices, dtype=np.int64), even_units(problem))
    return refill(problem, nobody, np.ones(problem.num_choices, dtype=bool))


def complete(problem: Problem, weights: FloatArray, units: IntArray) -> Solution | None:
    """Return a plan close to a relaxed one: who is placed whole there goes first, the others by rank; None when stuck.

    Parameters
    ----------
    problem
        The problem.
    weights
        Value of every option in the relaxed plan, shape (n,).
    units
        Units given to each pool variable.
    """
    ranking = np.lexsort((*problem.costs[::-1], -np.round(weights, 3), problem.choice))
    placed = np.zeros(problem.num_choices)
    np.maximum.at(placed, problem.choice, weights)
    order = _by_rank(problem)
    order = order[np.argsort(placed[order] < WHOLE, kind="stable")]
    nobody = np.zeros(problem.num_choices, dtype=np.int64)
    return _fill(problem, Solution(nobody, units), ranking, order)


def mended(problem: Problem, plan: Solution) -> Solution | None:
    """Return a plan that holds, close to one that may overfill resources; None when stuck."""
    taken = np.zeros(problem.num_options)
    taken[plan.options] = 1
    return complete(problem, taken, plan.units)


def refill(problem: Problem, plan: Solution, movable: NDArray[np.bool_]) -> Solution | None:
    """Decide some choices of a plan again, by rank, within what the others leave; None when stuck."""
    order = _by_rank(problem)
    return _fill(problem, plan, problem.ranking, order[movable[order]])


def _fill(problem: Problem, plan: Solution, ranking: IntArray, order: IntArray) -> Solution | None:
    """Decide some choices of a plan again, one after the other, each taking its first option that fits; None when stuck."""
    room = Room(problem, plan.units)
    options = plan.options.copy()
    for choice in np.setdiff1d(np.arange(problem.num_choices), order):
        room.take(int(options[choice]))
    first = np.searchsorted(problem.choice[ranking], np.arange(problem.num_choices + 1))
    for choice in order:
        option = room.first_that_fits(ranking[first[choice] : first[choice + 1]])
        if option is None:
            return None
        room.take(option)
        options[choice] = option
    return Solution(options, plan.units)


def polish(problem: Problem, plan: Solution, options: IntArray) -> Solution:
    """Return the plan with single choices moved where the last tier falls and no other tier rises; nothing is extended or opened for it.

    Parameters
    ----------
    problem
        The problem.
    plan
        A feasible plan.
    options
        Options to move to, sorted.
    """
    room, chosen = Room(problem, plan.units), plan.options.copy()
    room.left[problem.extensions.row] -= problem.extensions.limit
    for option in chosen:
        room.take(int(option))
    used = np.asarray(problem.uses[:, chosen].sum(axis=1)).ravel()
    for rows in problem.setups.rows:
        if not used[rows].any():
            room.left[rows] = 0
    first = np.searchsorted(problem.choice[options], np.arange(problem.num_choices + 1))
    moved = True
    while moved:
        moved = False
        for choice in range(problem.num_choices):
            now = int(chosen[choice])
            better = options[first[choice] : first[choice + 1]]
            harmless = (problem.costs[:-1, better] <= problem.costs[:-1, [now]]).all(axis=0)
            better = better[harmless & (problem.costs[-1, better] < problem.costs[-1, now])]
            room.give_back(now)
            best = room.first_that_fits(better[np.argsort(problem.costs[-1, better])])
            moved = moved or best is not None
            chosen[choice] = now if best is None else best
            room.take(int(chosen[choice]))
    return Solution(chosen, plan.units)


def _by_rank(problem: Problem) -> IntArray:
    """Return the choices by what they have to lose."""
    first = np.searchsorted(problem.choice, np.arange(problem.num_choices))
    return np.lexsort(tuple(-row for row in np.maximum.reduceat(problem.costs, first, axis=1)[::-1]))
