"""At sweep precision plans hold, bounds are true, and the same problem gives the same plan."""

from __future__ import annotations

import numpy as np
import pytest

from tests.solvers.problems import exhaustive, random_problem
from transfer_planner.problem.problem import is_feasible, tier_values
from transfer_planner.solvers import annealing
from transfer_planner.solvers.greedy import greedy
from transfer_planner.solvers.remote import Local
from transfer_planner.solvers.run import Run
from transfer_planner.solvers.solve import solve
from transfer_planner.solvers.sweep import ROUNDS, TIERS, anneal_briefly, precise


@pytest.mark.parametrize("seed", range(30))
def test_bounds_are_true(seed: int) -> None:
    """The plan is a plan; no tier is worse than the greedy one's or better than the best; where the tiers above are best, so is the bound."""
    problem = random_problem(np.random.default_rng(seed), choices=5)
    result, best = solve(problem, precision="sweep"), exhaustive(problem)
    assert result.solution is not None
    assert best is not None
    assert is_feasible(problem, result.solution)
    values = tuple(tier.value for tier in result.tiers)
    assert values == tier_values(problem, result.solution)
    assert values >= best
    for tier, solved in enumerate(result.tiers):
        if values[:tier] == best[:tier]:
            assert solved.bound <= best[tier]
        assert not solved.proven or values[: tier + 1] == best[: tier + 1]


def test_same_plan_again() -> None:
    """Two runs give the same plan."""
    problem = random_problem(np.random.default_rng(3), choices=25, most_options=8)
    first, second = (solve(problem, precision="sweep") for _ in range(2))
    assert first.solution is not None
    assert second.solution is not None
    assert np.array_equal(first.solution.options, second.solution.options)
    assert first.tiers == second.tiers


def test_precision_is_judged_on_the_first_tiers() -> None:
    """Two per cent or ten tenths of a day; unknown bounds are not precise."""
    assert TIERS == 3
    assert precise((100, 510, 10, 999), (90, 500, 0, 0))
    assert not precise((100, 511, 10, 0), (90, 500, 0, 0))
    assert precise((1000, 0, 0), (980, 0, 0))
    assert not precise((1001, 0, 0), (980, 0, 0))
    assert not precise((0, 0, 0), (0, 0))


@pytest.mark.parametrize(("seconds", "rounds"), [(0.0, 0), (600.0, ROUNDS)])
def test_a_brief_annealing_begins_no_round_when_time_is_out(
    seconds: float, rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large problem may not outlast the time given to plan it."""
    drawn: list[int] = []
    monkeypatch.setattr(annealing, "_draw", lambda *_: drawn.append(1))
    problem = random_problem(np.random.default_rng(0))
    start = greedy(problem)
    assert start is not None
    run = Run(problem, seconds, False, None, np.random.default_rng(0), Local(None), start)
    run.offer(start, "greedy")
    anneal_briefly(run)
    assert len(drawn) == rounds
