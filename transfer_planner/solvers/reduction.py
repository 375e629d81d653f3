"""Options and resources that a programme can do without, and lose nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from transfer_planner.solvers.compiled import compiled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_planner.problem.problem import IntArray, Problem, Solution
    from transfer_planner.solvers.engine import BoolArray, FloatArray


def affordable(problem: Problem, options: IntArray, limits: Sequence[float]) -> IntArray:
    """Return the options that leave the tiers within their limits if every other choice takes its cheapest.

    Parameters
    ----------
    problem
        The problem.
    options
        Candidates, sorted.
    limits
        Largest values of the first tiers.
    """
    while True:
        before = len(options)
        for tier, limit in enumerate(limits):
            costs, owner = problem.costs[tier, options], problem.choice[options]
            least = np.full(problem.num_choices, np.iinfo(np.int64).max)
            np.minimum.at(least, owner, costs)
            spare = limit - least[np.unique(owner)].sum()
            options = options[costs - least[owner] <= spare]
        if len(options) == before:
            return options


def roomy(problem: Problem, weights: FloatArray, full: float, *, priced: bool) -> BoolArray:
    """Return which resources a relaxed plan leaves far from full.

    Parameters
    ----------
    problem
        The problem.
    weights
        Value of every option in the relaxed plan, shape (n,).
    full
        Share of its capacity from which a resource counts as full.
    priced
        True when extensions are paid: what needs them then counts as full.
    """
    capacity = problem.capacity.copy()
    if not priced:
        capacity[problem.extensions.row] += problem.extensions.limit
    room = problem.uses @ weights < full * capacity
    return np.asarray(room & (np.diff(problem.pools.gains.tocsr().indptr) == 0), dtype=np.bool_)


def undominated(
    problem: Problem, options: IntArray, tiers: int, skipped: BoolArray, groups: sparse.csr_matrix | None = None
) -> IntArray:
    """Return the options without those that another of the same choice equals or betters in every tier and resource.

    Parameters
    ----------
    problem
        The problem.
    options
        Candidates, sorted.
    tiers
        How many of the first tiers count.
    skipped
        Resources that do not count, shape (m,).
    groups
        Which options use a group of resources to be opened, shape (groups, n), where opening is paid.
    """
    uses = problem.uses[:, options].tocsr()[~skipped]
    uses = (uses if groups is None else sparse.vstack([uses, groups[:, options]])).tocsc()
    owner = problem.choice[options]
    ends = np.flatnonzero(np.diff(owner, append=-1)) + 1
    kept = np.ones(len(options), dtype=np.bool_)
    for first, end in zip([0, *ends[:-1]], ends, strict=False):
        block = uses[:, first:end]
        rows, position = np.unique(block.indices, return_inverse=True)
        amounts = np.zeros((end - first, len(rows)), dtype=np.float32)
        amounts[np.repeat(np.arange(end - first), np.diff(block.indptr)), position] = block.data
        kept[first:end] = ~_worse(amounts, problem.costs[:tiers, options[first:end]])
    return options[kept]


def _worse(amounts: FloatArray, costs: IntArray) -> BoolArray:
    """Return which options use and cost at least what another one does; of equal ones the first is kept."""
    support = (amounts > 0).astype(np.float32)
    within = support @ support.T >= support.sum(axis=1)[:, None]  # within[i, j]: j uses all that i uses
    for row in costs:
        within &= row[:, None] <= row[None, :]
    np.fill_diagonal(within, val=False)
    better, worse = np.nonzero(within)
    holds = (amounts[better] <= amounts[worse]).all(axis=1) if len(better) else np.zeros(0, dtype=np.bool_)
    matrix = np.zeros_like(within)
    matrix[better[holds], worse[holds]] = True
    equal = matrix & matrix.T
    return np.asarray((matrix & ~equal).any(axis=0) | np.triu(equal).any(axis=0), dtype=np.bool_)


def most_used(uses: sparse.csc_matrix, owner: IntArray) -> FloatArray:
    """Return the most that each row can be used, taking the greediest option of every choice, shape (rows,).

    Parameters
    ----------
    uses
        Resources used by the options, shape (rows, n).
    owner
        Choice of each option, shape (n,); those of a choice stand together.
    """
    most = np.zeros(uses.shape[0])
    _add_most(uses.indptr, uses.indices, uses.data, owner, most)
    return most


@compiled
def _add_most(ends: IntArray, rows: IntArray, amounts: FloatArray, owner: IntArray, most: FloatArray) -> None:
    """Add what the greediest option of every choice uses of each row."""
    seen, top = np.full(len(most), -1), np.zeros(len(most))
    for option in range(len(owner)):
        for at in range(ends[option], ends[option + 1]):
            row = rows[at]
            if seen[row] != owner[option]:
                seen[row], top[row] = owner[option], 0.0
            if amounts[at] > top[row]:
                most[row] += amounts[at] - top[row]
                top[row] = amounts[at]


def crowded(problem: Problem, plan: Solution, full: float, *, priced: bool) -> BoolArray:
    """Return which resources a plan fills to a share of their capacity, without extensions if these are paid, or overfills."""
    weights = np.zeros(problem.num_options)
    weights[plan.options] = 1
    return ~roomy(problem, weights, full, priced=priced)
