"""The planning problem in index space: plain, immutable data for any solver of assignment problems of this form.

One option per choice; options use integer amounts of resources; capacities may be extended at a price, opened by setups, and raised by
integer pools; costs are lexicographic tiers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy import sparse

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Extensions:
    """Rows whose capacity may be extended, unit by unit, at a price in the last tier.

    Parameters
    ----------
    row
        Row extended, shape (e,).
    limit
        Units at most, shape (e,).
    price
        Last-tier cost of a unit, shape (e,).
    """

    row: IntArray
    limit: IntArray
    price: IntArray


@dataclass(frozen=True)
class Setups:
    """Groups of rows that have their capacity only when opened, at a price in the last tier.

    Parameters
    ----------
    rows
        Rows of each group.
    price
        Last-tier cost of opening the group, shape (s,).
    """

    rows: tuple[IntArray, ...]
    price: IntArray


@dataclass(frozen=True)
class Pools:
    """Integer units to share out; each unit given to a place raises some capacities.

    Parameters
    ----------
    kind
        Kind of each variable, shape (v,); the units of one kind are limited together.
    limit
        Units of each kind, shape (kinds,).
    gains
        Capacity gained by row (rows) for one unit of each variable (columns), shape (m, v).
    """

    kind: IntArray
    limit: IntArray
    gains: sparse.csc_matrix


@dataclass(frozen=True)
class Problem:
    """Choose one option per choice within the capacities, minimising the tiers in order.

    Parameters
    ----------
    choice
        Choice to which each option belongs, shape (n,), sorted.
    costs
        Tier costs of the options, integers, shape (tiers, n).
    uses
        Resources (rows) used by the options (columns), integers, shape (m, n).
    capacity
        Capacity of the rows, integers, shape (m,).
    extensions
        Priced extensions.
    setups
        Priced openings.
    pools
        Units that raise capacities.
    """

    choice: IntArray
    costs: IntArray
    uses: sparse.csc_matrix
    capacity: IntArray
    extensions: Extensions
    setups: Setups
    pools: Pools

    @property
    def num_options(self) -> int:
        """Number of options."""
        return len(self.choice)

    @property
    def num_choices(self) -> int:
        """Number of choices."""
        return int(self.choice[-1]) + 1 if len(self.choice) else 0

    @property
    def num_tiers(self) -> int:
        """Number of tiers; extensions and setups are paid in the last."""
        return int(self.costs.shape[0])

    @cached_property
    def ranking(self) -> IntArray:
        """The options choice by choice, each time in the order of the tiers, shape (n,)."""
        return np.lexsort((*self.costs[::-1], self.choice))


@dataclass(frozen=True)
class Solution:
    """An option per choice and the units given.

    Parameters
    ----------
    options
        Option taken by each choice, shape (choices,).
    units
        Units given to each pool variable, shape (v,).
    """

    options: IntArray
    units: IntArray


def row_excess(problem: Problem, solution: Solution) -> IntArray:
    """Return what each row uses beyond its capacity with the units given, before extensions and setups; at least 0."""
    used = np.asarray(problem.uses[:, solution.options].sum(axis=1)).ravel()
    gained = problem.pools.gains @ solution.units if len(solution.units) else 0
    return np.maximum(0, used - problem.capacity - gained).astype(np.int64)


def is_feasible(problem: Problem, solution: Solution) -> bool:
    """Return whether a solution takes one option per choice within capacities, extensions and pools."""
    if not np.array_equal(problem.choice[solution.options], np.arange(problem.num_choices)):
        return False
    given = np.bincount(problem.pools.kind, weights=solution.units, minlength=len(problem.pools.limit))
    if (given > problem.pools.limit).any() or (solution.units < 0).any():
        return False
    excess = row_excess(problem, solution)
    allowed = np.zeros_like(excess)
    allowed[problem.extensions.row] = problem.extensions.limit
    return bool((excess <= allowed).all())


def tier_values(problem: Problem, solution: Solution) -> tuple[int, ...]:
    """Return the tiers of a feasible solution, extensions and setups included in the last."""
    values = problem.costs[:, solution.options].sum(axis=1)
    excess = row_excess(problem, solution)
    surge = int((excess[problem.extensions.row] * problem.extensions.price).sum())
    used = np.asarray(problem.uses[:, solution.options].sum(axis=1)).ravel()
    opened = sum(
        int(price) for rows, price in zip(problem.setups.rows, problem.setups.price, strict=True) if used[rows].any()
    )
    return (*(int(v) for v in values[:-1]), int(values[-1]) + surge + opened)
