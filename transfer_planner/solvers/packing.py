"""Share items between identical bins, day by day, with the least overflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from transfer_planner.solvers.engine import Programme, solve_small

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_planner.problem.problem import IntArray

EFFORT, TIME_LIMIT_S = 1.0, 60.0
"""Deterministic seconds to look for the least overflow, the same on every machine, and a clock that stops it anyhow."""


def pack(
    sizes: IntArray,
    *,
    within: IntArray,
    beyond: IntArray,
    bins: int,
    fixed: Sequence[int | None],
    quickly: bool = False,
) -> list[int] | None:
    """Return the bin of each item; None when they do not fit.

    Parameters
    ----------
    sizes
        Size of each item on each day, shape (items, days).
    within, beyond
        Room of a bin on each day without and with overflow, shape (days,).
    bins
        Number of identical bins.
    fixed
        The bin that an item must have, or None.
    quickly
        True looks no further than one way, whatever the overflow; None may then only mean that it is not obvious.

    Notes
    -----
    Items in order of their first day go where the overflow, then the load, grows least. Where that breaks a bin or overflows,
    CP-SAT looks for the least overflow.
    """
    quick, overflow = _quick(sizes, within, within + beyond, bins, fixed)
    least = np.maximum(0, sizes.sum(axis=0) - bins * within).sum()
    if quickly or (quick is not None and overflow <= least):
        return quick
    best = _exact(sizes, within, beyond, bins, fixed)
    return best if best is not None else quick


def _quick(
    sizes: IntArray, within: IntArray, room: IntArray, bins: int, fixed: Sequence[int | None]
) -> tuple[list[int] | None, int]:
    loads = np.zeros((bins, sizes.shape[1]), dtype=np.int64)
    chosen = [0] * len(sizes)
    first = np.argmax(sizes > 0, axis=1)
    for item in sorted(range(len(sizes)), key=lambda i: (fixed[i] is None, first[i], -sizes[i].sum(), i)):
        wanted = fixed[item]
        after = loads + sizes[item]
        fits = (after <= room).all(axis=1)
        candidates = [b for b in range(bins) if fits[b] and (wanted is None or b == wanted)]
        if not candidates:
            return None, 0
        over = np.maximum(0, after - within).sum(axis=1) - np.maximum(0, loads - within).sum(axis=1)
        best = min(candidates, key=lambda b: (int(over[b]), int(loads[b][sizes[item] > 0].sum()), b))
        loads[best] += sizes[item]
        chosen[item] = best
    return chosen, int(np.maximum(0, loads - within).sum())


def _exact(
    sizes: IntArray, within: IntArray, beyond: IntArray, bins: int, fixed: Sequence[int | None]
) -> list[int] | None:
    items, days = sizes.shape
    places, total = items * bins, items * bins + bins * days
    one_bin = sparse.csr_matrix(
        (np.ones(places), (np.repeat(np.arange(items), bins), np.arange(places))), shape=(items, total)
    )
    loads = sparse.hstack([sparse.kron(sizes.T, np.eye(bins)), -sparse.identity(bins * days)])
    upper = np.concatenate([np.ones(places), np.repeat(beyond, bins)]).astype(np.float64)
    lower = np.zeros(total)
    for item, wanted in enumerate(fixed):
        if wanted is not None:
            lower[item * bins + wanted] = 1
    outcome = solve_small(
        Programme(
            cost=np.concatenate([np.zeros(places), np.ones(bins * days)]),
            lower=lower,
            upper=upper,
            integer=np.ones(total, dtype=bool),
            matrix=sparse.vstack([one_bin, loads], format="csr"),
            row_lower=np.concatenate([np.ones(items), np.full(bins * days, -np.inf)]),
            row_upper=np.concatenate([np.ones(items), np.repeat(within, bins)]).astype(np.float64),
        ),
        time_limit_s=TIME_LIMIT_S,
        parameters=f"num_workers:1 random_seed:1 linearization_level:2 max_deterministic_time:{EFFORT}",
    )
    if outcome.values is None:
        return None
    return [int(np.argmax(outcome.values[item * bins : (item + 1) * bins])) for item in range(items)]
