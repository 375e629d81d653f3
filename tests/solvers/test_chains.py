"""Counts and relaxations say no more than is true."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from tests.solvers.problems import DAYS, random_problem
from transfer_planner.solvers.chains import count_chains, find_chains
from transfer_planner.solvers.programme import Assembler
from transfer_planner.solvers.reduction import affordable
from transfer_planner.solvers.relaxation import first_options, relax
from transfer_planner.solvers.solve import solve


def test_cumulative_rows_are_found() -> None:
    """The rows that add up over the days form one chain; minutes of a day do not."""
    problem = random_problem(np.random.default_rng(2), choices=30, most_options=8)
    chains = [chain.tolist() for chain in find_chains(problem)]
    assert list(range(DAYS + 1, 2 * DAYS + 1)) in chains


@pytest.mark.parametrize("seed", range(8))
def test_counts_say_the_same(seed: int) -> None:
    """For any options taken, the counts that the links give use the same amounts as the rows."""
    rng = np.random.default_rng(seed)
    problem = random_problem(rng, choices=20, most_options=8)
    counted = count_chains(problem)
    height = len(problem.capacity)
    taken = (rng.random(problem.num_options) < 0.3).astype(np.float64)
    links = counted.counts[height:].toarray()
    counts = np.linalg.solve(links, -(counted.uses[height:] @ taken)) if len(links) else np.zeros(0)
    assert np.allclose((counted.uses @ taken)[:height] + counted.counts[:height] @ counts, problem.uses @ taken)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("counted", [False, True])
def test_relaxed_bounds_and_prices_hold_for_the_best_plan(seed: int, *, counted: bool) -> None:
    """No bound of a relaxation exceeds the tiers of the best plan, and no price leaves out an option of it."""
    problem = random_problem(np.random.default_rng(seed), choices=25, most_options=8)
    result = solve(problem, time_limit_s=20)
    best = result.solution
    assert result.status == "optimal"
    assert best is not None
    assembler = Assembler(problem, counted=counted)
    every, limits = np.arange(problem.num_options), []
    for tier, solved in enumerate(result.tiers):
        options = affordable(problem, every, [*limits, math.inf])
        first = first_options(assembler, options, best)
        relaxation = relax(assembler, tier, limits, options, first, deadline=time.monotonic() + 20)
        assert relaxation is not None
        assert relaxation.bound <= solved.value + 1e-6
        assert np.isin(best.options, relaxation.within(solved.value)).all()
        limits.append(solved.value)
