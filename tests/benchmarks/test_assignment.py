"""Generalised assignment problems are those of the literature, and the planner's solver takes them as they are."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from benchmarks.assignment import KINDS, Kind, as_problem, draw, measure
from transfer_planner.problem.problem import Solution, is_feasible, tier_values

SEED = 7
"""Of small instances that have more than one assignment: tight ones of other seeds often have none."""


@pytest.mark.parametrize("kind", KINDS)
def test_draws_are_repeatable_tight_and_of_their_type(kind: Kind) -> None:
    """The same seed gives the same instance; agents have eight tenths of what all jobs would use on average; ranges hold."""
    costs, uses, capacity = draw(kind, 5, 200, 1)
    again = draw(kind, 5, 200, 1)
    assert all(np.array_equal(one, other) for one, other in zip((costs, uses, capacity), again, strict=True))
    assert not np.array_equal(uses, draw(kind, 5, 200, 2)[1])
    assert capacity.tolist() == (0.8 * uses.sum(axis=1) / 5 + 1e-9).astype(int).tolist()
    assert costs.min() >= 0
    assert uses.min() >= (5 if kind == "C" else 1)
    correlation = np.corrcoef(costs.ravel(), uses.ravel())[0, 1]
    assert abs(correlation) < 0.2 if kind == "C" else correlation < (-0.9 if kind == "D" else -0.3)


@pytest.mark.parametrize("kind", KINDS)
def test_problem_says_the_instance(kind: Kind) -> None:
    """Every assignment has the cost and the loads that a sum by hand gives; the solver finds and proves the best one that fits."""
    costs, uses, capacity = draw(kind, 3, 6, SEED)
    problem, jobs, fitting = as_problem(costs, uses, capacity), np.arange(6), []
    for agents in product(range(3), repeat=6):
        taken = Solution(jobs * 3 + np.array(agents), np.zeros(0, dtype=np.int64))
        cost = int(costs[list(agents), jobs].sum())
        assert tier_values(problem, taken) == (cost,)
        loads = np.bincount(agents, weights=uses[list(agents), jobs], minlength=3)
        assert is_feasible(problem, taken) == (loads <= capacity).all()
        fitting += [cost] if (loads <= capacity).all() else []
    told = measure(kind, 3, 6, SEED, 5)
    assert (told["value"], told["bound"], told["feasible"]) == (min(fitting), min(fitting), True)
