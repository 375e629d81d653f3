"""What a draw overfills is mended."""

from __future__ import annotations

import numpy as np
import pytest

from tests.solvers.problems import random_problem
from transfer_planner.problem.problem import Solution, is_feasible
from transfer_planner.solvers.greedy import greedy, mended


@pytest.mark.parametrize("seed", range(5))
def test_a_plan_that_overfills_is_mended(seed: int) -> None:
    """Whatever was drawn, the plan made of it holds; one that holds already stays as it is."""
    rng = np.random.default_rng(seed)
    problem = random_problem(rng)
    ends = np.searchsorted(problem.choice, np.arange(problem.num_choices), side="right")
    start = greedy(problem)
    assert start is not None
    dearest = mended(problem, Solution(ends - 1, start.units))
    assert dearest is None or is_feasible(problem, dearest)
    again = mended(problem, start)
    assert again is not None
    assert again.options.tolist() == start.options.tolist()
