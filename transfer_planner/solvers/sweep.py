"""A plan at sweep precision: quick, in this process alone, its effort counted in steps; the bounds are those of its relaxations."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.solvers.approach import Approach
from transfer_planner.solvers.greedy import polish
from transfer_planner.solvers.questions import candidates
from transfer_planner.solvers.targets import relaxed_targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_planner.solvers.run import Run

SHARE, SLACK = 0.02, 10
"""A tier is precise enough within this share of its value above its bound, or within so many tenths of a day."""
ROUNDS, DRAWS = 150, 20_000
"""Rounds of annealing at least, and draws."""
STEPS = 6
"""Parts of a plan decided again."""
TIERS = 3
"""The first tiers that must be precise."""


def precise(values: Sequence[int], bounds: Sequence[int]) -> bool:
    """Return whether the first tiers are close enough to their bounds."""
    pairs = list(zip(values[:TIERS], bounds[:TIERS], strict=False))
    return len(pairs) == TIERS and all(value - bound <= max(SLACK, SHARE * value) for value, bound in pairs)


def settle_roughly(run: Run) -> None:
    """Plan at sweep precision: lead a plan towards the relaxed targets until its first tiers are close to them, then move single patients."""
    targets = relaxed_targets(run, time.monotonic() + run.left(), TIERS)
    if targets is None:
        return
    approach, steps = Approach(run, targets), 0
    if not precise(run.values, targets.values):
        approach.anneal(max(ROUNDS, DRAWS // run.problem.num_choices))
    while steps < STEPS and not approach.search.whole and not precise(run.values, targets.values):
        run.offer(approach.search.step(run.left(), deterministic=True), "neighbourhood, clinical tiers")
        steps += 1
    for tier in range(TIERS):
        if run.values[:tier] not in run.known:
            candidates(run, tier)
    run.offer(polish(run.problem, run.best, np.arange(run.problem.num_options)), "single moves")
