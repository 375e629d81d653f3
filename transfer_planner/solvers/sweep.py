"""A plan at sweep precision: quick, in this process alone, its effort counted in steps; the bounds are those of its relaxations."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.solvers.greedy import polish
from transfer_planner.solvers.relaxation import first_options, relax
from transfer_planner.solvers.targets import Approach, relaxed_targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_planner.solvers.run import Run
    from transfer_planner.solvers.targets import Targets

SHARE, SLACK = 0.02, 10
"""A tier is precise enough within this share of its value above its bound, or within so many tenths of a day."""
TIERS = 3
"""The first tiers that must be precise."""


def precise(values: Sequence[int], bounds: Sequence[int]) -> bool:
    """Return whether the first tiers are close enough to their bounds."""
    pairs = list(zip(values[:TIERS], bounds[:TIERS], strict=False))
    return len(pairs) == TIERS and all(value - bound <= max(SLACK, SHARE * value) for value, bound in pairs)


def settle_roughly(run: Run) -> None:
    """Plan at sweep precision: lead a plan to the relaxed targets until its first tiers are close to them, then move single patients."""
    targets = relaxed_targets(run.plain, run.best, time.monotonic() + run.left())
    if targets is None:
        return
    approach = Approach(run, targets, None)
    approach.go(run.left(), lambda: precise(run.values, targets.values))
    run.bounds = _bounds(run, targets)
    run.offer(polish(run.problem, run.best, np.arange(run.problem.num_options)), "single moves")


def _bounds(run: Run, targets: Targets) -> list[int]:
    """Return bounds of the clinical tiers: the targets as far as they are met above, then relaxations under the values that stand."""
    bounds: list[int] = []
    for tier, target in enumerate(targets.values):
        if list(run.values[:tier]) == targets.values[:tier]:
            bounds.append(target)
        elif tier < TIERS:
            every = np.arange(run.problem.num_options)
            start = first_options(run.plain, every, run.best)
            deadline = time.monotonic() + run.left()
            relaxation = relax(run.plain, tier, run.values[:tier], every, start, deadline=deadline)
            bounds.append(0 if relaxation is None else relaxation.target)
    return bounds
