"""A first plan at once: by rank, each patient the cheapest option that still fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.problem.problem import IntArray, Problem, Solution

if TYPE_CHECKING:
    from collections.abc import Iterable


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

    def fits(self, option: int) -> bool:
        """Return whether an option still fits."""
        part = slice(self._indptr[option], self._indptr[option + 1])
        return bool((self._amounts[part] <= self.left[self._rows[part]]).all())

    def take(self, option: int) -> None:
        """Take an option."""
        part = slice(self._indptr[option], self._indptr[option + 1])
        self.left[self._rows[part]] -= self._amounts[part]


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


def complete(problem: Problem, order: Iterable[int], ranking: IntArray, units: IntArray) -> Solution | None:
    """Give each choice, in order, its first option by ranking that fits; None when some choice has none.

    Parameters
    ----------
    problem
        The problem.
    order
        Choices, the most important first.
    ranking
        Options sorted by choice and, within a choice, by preference, shape (n,).
    units
        Units given to each pool variable.
    """
    room = Room(problem, units)
    first = np.searchsorted(problem.choice[ranking], np.arange(problem.num_choices + 1))
    taken = np.zeros(problem.num_choices, dtype=np.int64)
    for choice in order:
        option = next((o for o in ranking[first[choice] : first[choice + 1]] if room.fits(o)), None)
        if option is None:
            return None
        room.take(option)
        taken[choice] = option
    return Solution(taken, units)


def greedy(problem: Problem) -> Solution | None:
    """Return the plan by rank: who has most to lose in the first tiers chooses first; None when stuck (pins)."""
    costs = problem.costs
    ranking = np.lexsort((*costs[::-1], problem.choice))
    worst = np.zeros((problem.num_tiers, problem.num_choices), dtype=np.int64)
    for tier in range(problem.num_tiers):
        np.maximum.at(worst[tier], problem.choice, costs[tier])
    order = np.lexsort(tuple(-row for row in worst[::-1]))
    return complete(problem, order, ranking, even_units(problem))
