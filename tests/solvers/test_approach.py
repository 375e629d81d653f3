"""A plan better in the order of the tiers is held, even where it costs more with all of them added up."""

from __future__ import annotations

import time

import numpy as np

from tests.solvers.problems import random_problem
from transfer_planner.problem.problem import is_feasible, tier_values
from transfer_planner.solvers.approach import Approach
from transfer_planner.solvers.greedy import greedy
from transfer_planner.solvers.remote import Local
from transfer_planner.solvers.run import Run
from transfer_planner.solvers.solve import solve
from transfer_planner.solvers.targets import relaxed_targets


def approach(seed: int) -> Approach | None:
    """Return an approach that has searched a little, or None where there are no targets."""
    problem = random_problem(np.random.default_rng(seed), choices=12, most_options=6)
    start = greedy(problem)
    assert start is not None
    run = Run(problem, 20, True, None, np.random.default_rng(0), Local(5), start)
    run.offer(start, "greedy")
    targets = relaxed_targets(run, time.monotonic() + 20)
    if targets is None:
        return None
    found = Approach(run, targets)
    for _ in range(5):
        run.offer(found.search.step(5, deterministic=True), "step")
    return found


def test_what_is_gained_in_the_order_of_the_tiers_is_held() -> None:
    """From such a plan on, no step gives back what it gained; the other tiers go on falling or stay."""
    held = 0
    for seed in range(40):
        found = approach(seed)
        if found is None:
            continue
        run, best = found.run, solve(found.run.problem, time_limit_s=20).solution
        assert best is not None
        values = tier_values(run.problem, best)
        if values >= run.values or found._worth(best) < found._worth(found.search.plan):
            continue
        held += 1
        assert run.offer(best, "given")
        found._take(run.best)
        assert found.held > 0
        for _ in range(5):
            found.search.step(5, deterministic=True)
        after = tier_values(run.problem, found.search.plan)
        assert is_feasible(run.problem, found.search.plan)
        assert after[: found.held] <= values[: found.held]
    assert held > 0
