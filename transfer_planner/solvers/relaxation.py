"""Linear relaxations, tier after tier: bounds, prices, and the options that can still be part of a best plan.

Options are brought in only as their reduced cost asks for them (column generation by enumeration), so that a relaxation of a
hundred thousand options costs what a few thousand cost.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.problem.problem import IntArray, Solution
from transfer_planner.solvers.engine import FloatArray, Outcome, solve_relaxed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_planner.solvers.programme import Assembler, Restricted

FIRST_OPTIONS = 24
ADDED_OPTIONS = 12
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Relaxation:
    """The relaxation of one tier, the tiers above within their limits.

    Parameters
    ----------
    bound
        Optimum of the relaxation: a lower bound of the tier.
    options
        Candidate options, shape (n,).
    prices
        Reduced cost of each candidate, at least 0, shape (n,).
    weights
        Value of each candidate in the relaxed optimum, shape (n,).
    units
        Units in the relaxed optimum, shape (v,).
    """

    bound: float
    options: IntArray
    prices: FloatArray
    weights: FloatArray
    units: FloatArray

    @property
    def target(self) -> int:
        """Least integer value that the tier can have."""
        return math.ceil(self.bound - TOLERANCE)

    def within(self, value: float) -> IntArray:
        """Return the options that a plan of at most this value can use (reduced-cost fixing)."""
        return self.options[self.prices <= value - self.bound + TOLERANCE]


def first_options(assembler: Assembler, options: IntArray, incumbent: Solution) -> IntArray:
    """Return a few options per choice to start from: the cheapest in order of tiers, and the incumbent's."""
    problem = assembler.problem
    owner = problem.choice[options]
    order = np.lexsort((*problem.costs[::-1, options], owner))
    ranked = options[order]
    position = np.arange(len(ranked)) - np.searchsorted(owner[order], owner[order])
    return np.union1d(ranked[position < FIRST_OPTIONS], np.intersect1d(incumbent.options, options))


def relax(
    assembler: Assembler,
    tier: int,
    limits: Sequence[float],
    options: IntArray,
    start: IntArray,
    *,
    deadline: float,
) -> Relaxation | None:
    """Solve the relaxation of a tier over candidate options; None when time is out or the limits cannot be met.

    Parameters
    ----------
    assembler
        Of the problem.
    tier
        Tier minimised.
    limits
        Largest values of the tiers above.
    options
        Candidates, sorted.
    start
        Candidates to start from; they must meet the limits.
    deadline
        `time.monotonic()` at which to give up.
    """
    last = assembler.problem.num_tiers - 1
    active = start
    while True:
        restricted = assembler.restricted(active, tier, limits, priced=tier == last, relaxed=True)
        outcome = solve_relaxed(restricted.programme, time_limit_s=deadline - time.monotonic())
        if outcome.status != "optimal" or outcome.values is None:
            return None
        prices = _prices(assembler, tier, len(limits), options, restricted, outcome)
        missing = _most_wanted(assembler, options, prices, active)
        if not len(missing):
            weights = np.zeros(len(options))
            weights[np.searchsorted(options, active)] = outcome.values[: len(active)]
            return Relaxation(
                outcome.bound, options, np.maximum(0, prices), weights, outcome.values[restricted.first_unit :]
            )
        active = np.union1d(active, missing)


def _prices(
    assembler: Assembler, tier: int, num_limits: int, options: IntArray, restricted: Restricted, outcome: Outcome
) -> FloatArray:
    """Return the reduced costs of all candidates from the prices of the resources."""
    duals = outcome.duals
    if duals is None:
        raise ValueError("a relaxation must come with its prices")
    problem = assembler.problem
    binding, choices = restricted.binding, restricted.choices
    capacity = np.zeros(len(problem.capacity))
    capacity[binding] = duals[: len(binding)]
    chosen = np.zeros(problem.num_choices)
    chosen[choices] = duals[len(binding) : len(binding) + len(choices)]
    prices = assembler.costs[tier, options] - capacity @ assembler.uses[:, options] - chosen[problem.choice[options]]
    if num_limits:
        prices = prices - duals[len(duals) - num_limits :] @ assembler.costs[:num_limits, options]
    return np.asarray(prices, dtype=np.float64)


def _most_wanted(assembler: Assembler, options: IntArray, prices: FloatArray, active: IntArray) -> IntArray:
    """Return the options of negative price to bring in, the best few of each choice."""
    wanted = np.flatnonzero(prices < -TOLERANCE * np.maximum(1.0, np.abs(prices).max(initial=0.0)))
    wanted = wanted[~np.isin(options[wanted], active)]
    owner = assembler.problem.choice[options[wanted]]
    order = np.lexsort((prices[wanted], owner))
    position = np.arange(len(order)) - np.searchsorted(owner[order], owner[order])
    return np.sort(options[wanted[order[position < ADDED_OPTIONS]]])
