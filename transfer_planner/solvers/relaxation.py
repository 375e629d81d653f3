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

from transfer_planner.solvers.engine import FloatArray, Outcome, solve_relaxed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_planner.problem.problem import IntArray, Problem, Solution
    from transfer_planner.solvers.programme import Assembler, Restricted

FIRST_OPTIONS = 24
ADDED_OPTIONS = 12
LITTLE = 2e-4
"""Share of the last tier, and of any where options are many, that options left out of its relaxation may still change; the bound and the prices allow for them."""
MANY = 150_000
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
    extras
        Extensions, setups, units and counts in the relaxed optimum.
    limit_prices
        By how much the bound falls for a unit more of each limit of the tiers above, shape (limits,).
    row_prices
        By how much the tier changes for a unit more of each resource, at most 0, shape (m,).
    broken
        True when the limits cannot all be met.
    """

    bound: float
    options: IntArray
    prices: FloatArray
    weights: FloatArray
    extras: FloatArray
    limit_prices: FloatArray
    row_prices: FloatArray
    broken: bool = False

    @property
    def target(self) -> int:
        """Least integer value that the tier can have."""
        return math.ceil(self.bound - TOLERANCE)

    def spread(self, problem: Problem) -> FloatArray:
        """Return the value of every option of the problem in the relaxed optimum, shape (all options,)."""
        weights = np.zeros(problem.num_options)
        weights[self.options] = self.weights
        return weights

    def within(self, value: float) -> IntArray:
        """Return the options that a plan of at most this value can use (reduced-cost fixing)."""
        return self.options[self.prices <= value - self.bound + TOLERANCE]


def first_options(assembler: Assembler, options: IntArray, incumbent: Solution) -> IntArray:
    """Return a few options per choice to start from: the cheapest in order of tiers, and the incumbent's."""
    problem = assembler.problem
    among = np.zeros(problem.num_options, dtype=np.bool_)
    among[options] = True
    ranked = problem.ranking[among[problem.ranking]]
    owner = problem.choice[ranked]
    position = np.arange(len(ranked)) - np.searchsorted(owner, owner)
    first = np.zeros(problem.num_options, dtype=np.bool_)
    first[ranked[position < FIRST_OPTIONS]] = True
    first[incumbent.options[among[incumbent.options]]] = True
    return np.flatnonzero(first)


def relax(
    assembler: Assembler,
    tier: int,
    limits: Sequence[float],
    options: IntArray,
    start: IntArray,
    *,
    deadline: float,
    loose: bool = False,
) -> Relaxation | None:
    """Solve the relaxation of a tier over candidate options, bringing them in until none is missing, or what they can change is little.

    None when the first round is not done in time, or the limits cannot be met.

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
        Candidates to start from.
    deadline
        `time.monotonic()` at which to give up; the last round is returned: its bound and prices hold, and may be low.
    loose
        True ends when what is missing can change little, as in the last tier and where options are many.
    """
    loose = loose or tier == assembler.problem.num_tiers - 1 or len(options) > MANY
    active = start
    found: Relaxation | None = None
    lenient = False
    while True:
        restricted = assembler.restricted(active, tier, limits, relaxed=True, lenient=lenient)
        outcome = solve_relaxed(restricted.programme, time_limit_s=deadline - time.monotonic())
        if outcome.status == "infeasible" and not lenient:  # the options brought in so far cannot meet the limits
            lenient = True
            continue
        if outcome.status != "optimal" or outcome.values is None:
            break
        reduced, row_prices, limit_prices = _prices(assembler, tier, len(limits), restricted, outcome)
        missing = _most_wanted(assembler, options, reduced[options], active)
        prices, lacking = _at_least_zero(assembler.problem, options, reduced)
        bound = outcome.bound + lacking
        weights = np.zeros(len(options))
        weights[np.searchsorted(options, active)] = outcome.values[: len(active)]
        extras = outcome.values[len(active) : len(active) + assembler.extras]
        broken = lenient and outcome.values[-1] > TOLERANCE
        found = Relaxation(
            bound,
            options,
            prices,
            weights,
            extras,
            limit_prices,
            row_prices,
            broken=broken,
        )
        little = loose and outcome.bound - bound <= LITTLE * abs(bound)
        if little or not len(missing):
            break
        active = np.union1d(active, missing)
    return None if found is None or found.broken else found


def _at_least_zero(problem: Problem, options: IntArray, reduced: FloatArray) -> tuple[FloatArray, float]:
    """Return the prices of options, at least 0, and what this adds to the bound, at most 0: one option of each choice is taken."""
    owner = problem.choice[options]
    cheapest = np.zeros(problem.num_choices)
    np.minimum.at(cheapest, owner, reduced[options])
    return np.maximum(0, reduced[options] - cheapest[owner]), float(cheapest.sum())


def _prices(
    assembler: Assembler, tier: int, num_limits: int, restricted: Restricted, outcome: Outcome
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the reduced costs of all options from the prices of the rows, the prices of the resources and of the limits."""
    duals = outcome.duals
    if duals is None:
        raise ValueError("a relaxation must come with its prices")
    problem = assembler.problem
    parts = (restricted.binding, restricted.choices, problem.pools.limit, restricted.opened)
    rows, choices, _, opened, limits = np.split(duals, np.cumsum([len(part) for part in parts]))
    resources = np.zeros(assembler.uses.shape[0])
    resources[restricted.binding] = rows
    chosen = np.zeros(problem.num_choices)
    chosen[restricted.choices] = choices
    reduced = assembler.costs[tier] - chosen[problem.choice] - resources @ assembler.uses
    if len(opened):
        paid = np.zeros(assembler.members.shape[0] * problem.num_choices)
        paid[restricted.opened] = opened
        part = assembler.members.tocoo()
        keys = part.row.astype(np.int64) * problem.num_choices + problem.choice[part.col]
        reduced -= np.bincount(part.col, weights=paid[keys], minlength=problem.num_options)
    limits = limits[:num_limits]
    reduced -= limits @ assembler.costs[:num_limits]
    return np.asarray(reduced, dtype=np.float64), resources[: len(problem.capacity)], -limits


def _most_wanted(assembler: Assembler, options: IntArray, prices: FloatArray, active: IntArray) -> IntArray:
    """Return the options of negative price to bring in, the best few of each choice."""
    wanted = np.flatnonzero(prices < -TOLERANCE * np.maximum(1.0, np.abs(prices).max(initial=0.0)))
    wanted = wanted[~np.isin(options[wanted], active)]
    owner = assembler.problem.choice[options[wanted]]
    order = np.lexsort((prices[wanted], owner))
    position = np.arange(len(order)) - np.searchsorted(owner[order], owner[order])
    return np.sort(options[wanted[order[position < ADDED_OPTIONS]]])
