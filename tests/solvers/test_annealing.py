"""Annealing yields plans that hold, each better than those before, and shares out staff."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tests.solvers.problems import exhaustive, make_problem, random_problem
from transfer_planner.problem.problem import Solution, is_feasible, tier_values
from transfer_planner.solvers.annealing import Annealing
from transfer_planner.solvers.greedy import greedy
from transfer_planner.solvers.joint import holding, joint


def anneal(annealing: Annealing, rounds: int) -> list[Solution]:
    """Return the plans that some rounds yield."""
    count = itertools.count()
    return [plan for plan in annealing.rounds(lambda: next(count) / rounds) if plan is not None]


@pytest.mark.parametrize("seed", range(10))
def test_plans_hold_and_get_better(seed: int) -> None:
    """Each plan is feasible and worth less than the one before; the last is the best there is, or all but."""
    problem = joint(random_problem(np.random.default_rng(seed)))
    start, best = greedy(problem), exhaustive(problem)
    assert start is not None
    assert best is not None
    annealing = Annealing(problem, np.arange(problem.num_options), start, np.random.default_rng(0))
    plans = [start, *anneal(annealing, 150)]
    values = [tier_values(problem, plan)[0] for plan in plans]
    assert all(is_feasible(problem, plan) for plan in plans)
    assert all(after < before for before, after in itertools.pairwise(values))
    assert annealing.value == values[-1]
    assert annealing.plan is plans[-1]
    assert values[-1] <= best[0] + 500  # opening a Saturday is free for it


def test_staff_goes_where_it_is_worth_most() -> None:
    """Two units of staff leave the place where they bring nothing for the one where both patients need one."""
    gains = np.array([[1, 0], [0, 1]])
    problem = make_problem(
        [0, 0, 1, 1], [[900, 0, 900, 0]], [[0, 0, 0, 0], [0, 1, 0, 1]], [0, 0], pools=([0, 0], [2], gains)
    )
    start = Solution(np.array([0, 2]), np.array([2, 0]))
    annealing = Annealing(problem, np.arange(4), start, np.random.default_rng(0))
    anneal(annealing, 200)
    assert annealing.plan.options.tolist() == [1, 3]
    assert annealing.plan.units.tolist() == [0, 2]


def test_what_is_held_is_kept() -> None:
    """No plan annealed within limits breaks them, though it would be worth less."""
    problem = random_problem(np.random.default_rng(3), choices=12, most_options=8)
    start = greedy(problem)
    assert start is not None
    limits = tier_values(problem, start)[:1]
    annealing = Annealing(holding(problem, limits), np.arange(problem.num_options), start, np.random.default_rng(0))
    plans = anneal(annealing, 200)
    assert plans
    assert all(tier_values(problem, plan)[0] <= limits[0] for plan in plans)
