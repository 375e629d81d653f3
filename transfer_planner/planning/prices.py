"""Prices of the relaxed problem: what each resource is worth in each tier, and so at most what a change of the inputs can bring.

The relaxation of a tier has a price for each resource and for each limit on the tiers above. Whatever the problem, these prices give
a value that no relaxed plan can beat (Lagrangian duality); with the prices of the problem as it is, the problem as it would be is
therefore limited without being solved.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.solvers.programme import Assembler
from transfer_planner.solvers.relaxation import TOLERANCE, first_options, relax

if TYPE_CHECKING:
    from transfer_planner.problem.build import Instance
    from transfer_planner.problem.problem import Problem, Solution
    from transfer_planner.solvers.engine import FloatArray

Name = tuple[str, str, str, object]


@dataclass(frozen=True)
class TierPrices:
    """Prices of the relaxation of one tier.

    Parameters
    ----------
    tier
        Index of the tier.
    target
        Least integer value of the tier, those above meeting theirs.
    rows
        Price of each resource, at most 0: the change of the tier for one unit more, shape (m,).
    limits
        Price of each target above, at most 0, shape (tier,).
    targets
        Targets above, shape (tier,).
    """

    tier: int
    target: int
    rows: FloatArray
    limits: FloatArray
    targets: tuple[int, ...]


def prices_of(problem: Problem, incumbent: Solution, seconds: float) -> tuple[TierPrices, ...]:
    """Return the prices of the tiers, as many as the time allows.

    Parameters
    ----------
    problem
        The problem.
    incumbent
        Any plan of it.
    seconds
        Time, seconds.
    """
    deadline = time.monotonic() + seconds
    assembler, every = Assembler(problem), np.arange(problem.num_options)
    start = first_options(assembler, every, incumbent)
    found: list[TierPrices] = []
    for tier in range(problem.num_tiers):
        targets = tuple(one.target for one in found)
        relaxation = relax(assembler, tier, targets, every, start, deadline=deadline)
        if relaxation is None:
            break
        start = np.union1d(start, relaxation.options[relaxation.weights > TOLERANCE])
        rows, limits = np.minimum(0, relaxation.row_prices), np.minimum(0, -relaxation.limit_prices)
        found.append(TierPrices(tier, relaxation.target, rows, limits, targets))
    return tuple(found)


def reduced_costs(problem: Problem, prices: TierPrices) -> FloatArray:
    """Return what each option costs in a tier once it pays for what it uses, shape (n,)."""
    costs = problem.costs[prices.tier] - prices.limits @ problem.costs[: prices.tier] - prices.rows @ problem.uses
    return np.asarray(costs, dtype=np.float64)


def cheapest(problem: Problem, prices: TierPrices) -> FloatArray:
    """Return what each patient costs at least at these prices, shape (choices,)."""
    least = np.full(problem.num_choices, np.inf)
    np.minimum.at(least, problem.choice, reduced_costs(problem, prices))
    return least


def resources_worth(problem: Problem, prices: TierPrices) -> float:
    """Return what all the resources are worth at these prices (at most 0), extensions, openings and staff at their best."""
    last = prices.tier == problem.num_tiers - 1
    extensions, setups, pools = problem.extensions, problem.setups, problem.pools
    alone = prices.rows * problem.capacity
    worth = float(prices.limits @ np.array(prices.targets, dtype=np.float64))
    for rows, price in zip(setups.rows, setups.price, strict=True):
        worth += min(0.0, float(alone[rows].sum()) + (float(price) if last else 0.0))
        alone[rows] = 0
    more = prices.rows[extensions.row] + (extensions.price if last else 0)
    units = prices.rows @ pools.gains
    best = np.zeros(len(pools.limit))
    np.minimum.at(best, pools.kind, units)
    return worth + float(alone.sum() + (np.minimum(0, more) * extensions.limit).sum() + (best * pools.limit).sum())


def row_names(instance: Instance) -> list[Name]:
    """Return what tells a resource from the others, in any instance built linac by linac."""
    return [
        (row.rule, row.centre_id, instance.pools[row.pool].linacs[0].id if row.pool >= 0 else "", row.day)
        for row in instance.rows
    ]


def carried(prices: TierPrices, names: dict[Name, int], instance: Instance) -> TierPrices:
    """Return the prices in another instance: what it alone has costs nothing.

    Parameters
    ----------
    prices
        Of the first instance.
    names
        Its resources by name.
    instance
        The other.
    """
    places = np.array([names.get(name, -1) for name in row_names(instance)], dtype=np.int64)
    rows = np.where(places >= 0, np.append(prices.rows, 0.0)[places], 0.0)
    return TierPrices(prices.tier, prices.target, rows, prices.limits, prices.targets)
