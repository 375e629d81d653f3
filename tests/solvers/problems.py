"""Small problems made by hand or by chance, and the search that tries everything."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from scipy import sparse

from transfer_planner.problem.problem import (
    Extensions,
    Pools,
    Problem,
    Setups,
    Solution,
    is_feasible,
    tier_values,
)

TIERS = 3
DAYS = 5


def make_problem(
    choice: list[int],
    costs: Any,
    uses: Any,
    capacity: list[int],
    *,
    extensions: tuple[tuple[int, int, int], ...] = (),
    setups: tuple[tuple[list[int], int], ...] = (),
    pools: tuple[list[int], list[int], Any] | None = None,
) -> Problem:
    """Return a problem from plain lists: extensions (row, limit, price), setups (rows, price), pools (kind, limit, gains)."""
    kind, limit, gains = pools or ([], [], np.zeros((len(capacity), 0)))
    rows, limits, prices = (np.array([e[i] for e in extensions], dtype=np.int64) for i in range(3))
    return Problem(
        choice=np.array(choice, dtype=np.int64),
        costs=np.array(costs, dtype=np.int64),
        uses=sparse.csc_matrix(np.array(uses, dtype=np.int64)),
        capacity=np.array(capacity, dtype=np.int64),
        extensions=Extensions(rows, limits, prices),
        setups=Setups(
            tuple(np.array(s[0], dtype=np.int64) for s in setups), np.array([s[1] for s in setups], dtype=np.int64)
        ),
        pools=Pools(
            np.array(kind, dtype=np.int64),
            np.array(limit, dtype=np.int64),
            sparse.csc_matrix(np.array(gains, dtype=np.int64).reshape(len(capacity), len(kind))),
        ),
    )


def random_problem(rng: np.random.Generator, *, choices: int = 4, most_options: int = 4) -> Problem:
    """Return a problem like the real ones, small: minutes a day, cumulative hours, a Saturday to open, staff to share out.

    The last rows add up over the days, as physics hours do; each choice can always wait, dearly.
    """
    choice, costs, columns = [], [], []
    for number in range(choices):
        choice.append(number)
        costs.append([int(rng.integers(0, 40)), int(rng.integers(5, 40)), int(rng.integers(0, 30))])
        columns.append(np.zeros(2 * DAYS + 1, dtype=np.int64))
        for _ in range(int(rng.integers(1, most_options + 1))):
            start, hours = int(rng.integers(DAYS)), int(rng.choice([2, 4, 9, 12]))
            column = np.zeros(2 * DAYS + 1, dtype=np.int64)
            column[start:DAYS] = int(rng.choice([12, 15, 35]))
            column[DAYS] = int(rng.integers(0, 2)) * 12
            column[DAYS + 1 + start :] = hours
            choice.append(number)
            costs.append(
                [10 * max(0, start - int(rng.integers(5))), int(rng.integers(0, 20)), int(rng.integers(0, 300))]
            )
            columns.append(column)
    days = np.arange(1, DAYS + 1)
    gains = np.zeros((2 * DAYS + 1, 2), dtype=np.int64)
    gains[DAYS + 1 :, 0] = 3 * days
    gains[:2, 1] = 15
    return make_problem(
        choice,
        np.array(costs).T,
        np.array(columns).T,
        [*rng.integers(12, 60, DAYS).tolist(), int(rng.integers(12, 40)), *(int(rng.integers(1, 6)) * days).tolist()],
        extensions=tuple((row, int(rng.integers(0, 20)), int(rng.integers(1, 4))) for row in range(0, DAYS, 2)),
        setups=(([DAYS], int(rng.integers(1, 200))),),
        pools=([0, 1], [int(rng.integers(0, 3)), int(rng.integers(0, 2))], gains),
    )


def exhaustive(problem: Problem) -> tuple[int, ...] | None:
    """Return the best tiers over every combination of options and units; None when none is feasible."""
    by_choice = [np.flatnonzero(problem.choice == choice) for choice in range(problem.num_choices)]
    units = [range(int(problem.pools.limit[kind]) + 1) for kind in problem.pools.kind]
    best: tuple[int, ...] | None = None
    for given in itertools.product(*units):
        for options in itertools.product(*by_choice):
            solution = Solution(np.array(options), np.array(given, dtype=np.int64))
            if is_feasible(problem, solution):
                values = tier_values(problem, solution)
                best = values if best is None else min(best, values)
    return best
