"""A plan at sweep precision: quick, in this process alone, its effort counted in rounds; the bounds are those of its relaxations."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.solvers.annealing import Annealing
from transfer_planner.solvers.greedy import mended, polish
from transfer_planner.solvers.joint import joint
from transfer_planner.solvers.questions import bounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_planner.solvers.run import Run

SHARE, SLACK = 0.02, 10
"""A tier is precise enough within this share of its value above its bound, or within so many tenths of a day."""
ROUNDS = 800
"""Rounds of annealing."""
TIERS = 3
"""The first tiers that must be precise."""


def precise(values: Sequence[int], bounds: Sequence[int]) -> bool:
    """Return whether the first tiers are close enough to their bounds."""
    pairs = list(zip(values[:TIERS], bounds[:TIERS], strict=False))
    return len(pairs) == TIERS and all(value - bound <= max(SLACK, SHARE * value) for value, bound in pairs)


def anneal_briefly(run: Run) -> None:
    """Anneal the best plan over all the options for a moment, and no longer than there is time."""
    problem, every = run.problem, np.arange(run.problem.num_options)
    annealing, count = Annealing(joint(problem), every, run.best, run.rng), itertools.count()
    for plan in annealing.rounds(lambda: next(count) / ROUNDS if run.left() > 0 else 1.0):
        run.offer(plan, "annealed")
    run.offer(mended(problem, annealing.drawn_plan()), "annealed, mended")
    run.offer(polish(problem, run.best, every), "single moves")


def settle_roughly(run: Run) -> None:
    """Plan at sweep precision: anneal briefly, and bound the first tiers."""
    anneal_briefly(run)
    for tier in range(TIERS):
        if run.values[tier] > run.bounds[tier]:
            bounded(run, tier)
