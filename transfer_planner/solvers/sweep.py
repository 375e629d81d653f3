"""A plan at sweep precision: quick, in this process alone, its effort counted in steps; the bounds are those of its relaxations."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.solvers.greedy import complete, polish
from transfer_planner.solvers.neighbourhoods import Neighbourhoods
from transfer_planner.solvers.programme import Assembler
from transfer_planner.solvers.questions import candidates
from transfer_planner.solvers.relaxation import first_options, relax
from transfer_planner.solvers.targets import clinical, relaxed_targets, whole_units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_planner.solvers.run import Run
    from transfer_planner.solvers.targets import Targets

SHARE, SLACK = 0.02, 10
"""A tier is precise enough within this share of its value above its bound, or within so many tenths of a day."""
WIDTHS = (20, 60)
STEPS, IDLE_STEPS = 24, 7
"""Parts of a plan decided again: in all, and without a better plan."""
TIERS = 3
"""The first tiers that must be precise."""


def precise(values: Sequence[int], bounds: Sequence[int]) -> bool:
    """Return whether the first tiers are close enough to their bounds."""
    pairs = list(zip(values[:TIERS], bounds[:TIERS], strict=False))
    return len(pairs) == TIERS and all(value - bound <= max(SLACK, SHARE * value) for value, bound in pairs)


def settle_roughly(run: Run) -> None:
    """Plan at sweep precision: lead a plan to the relaxed targets until its first tiers are close to them, then move single patients."""
    targets = relaxed_targets(run, time.monotonic() + run.left())
    if targets is None:
        return
    relaxed = targets.relaxation
    near = complete(run.problem, relaxed.spread(run.problem), whole_units(run.plain, relaxed))
    run.offer(near, "relaxed plan completed")
    if not precise(run.values, targets.values):
        _search(run, targets)
    for tier in range(TIERS):
        if run.values[:tier] not in run.known:
            candidates(run, tier)
    run.offer(polish(run.problem, run.best, np.arange(run.problem.num_options)), "single moves")


def _search(run: Run, targets: Targets) -> None:
    """Decide parts of the plan again until its first tiers are close to their targets, or no part gets better."""
    problem = clinical(run.problem)
    plain = Assembler(problem)
    options = np.union1d(targets.options, run.best.options)
    first = first_options(plain, options, run.best)
    relaxation = relax(plain, 0, (), options, first, deadline=time.monotonic() + run.left())
    if relaxation is None:
        return
    everybody = np.arange(problem.num_choices)
    search = Neighbourhoods(plain, relaxation, run.best, (), everybody, run.rng, widths=WIDTHS, gap=0)
    steps = idle = 0
    while steps < STEPS and idle < IDLE_STEPS and not search.whole and not precise(run.values, targets.values):
        plan = search.step(run.left(), deterministic=True)
        run.offer(plan, "neighbourhood, clinical tiers")
        steps, idle = steps + 1, 0 if plan is not None else idle + 1
