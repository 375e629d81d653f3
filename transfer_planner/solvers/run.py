"""What a run of the solver knows: the best plan, the bounds, the time left, the engine at work beside it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.problem.problem import Problem, Solution, is_feasible, tier_values
from transfer_planner.solvers.cuts import Separator
from transfer_planner.solvers.programme import Assembler

if TYPE_CHECKING:
    from transfer_planner.problem.problem import IntArray
    from transfer_planner.solvers.relaxation import Relaxation
    from transfer_planner.solvers.remote import Local, Remote

Progress = Callable[[str, tuple[int, ...], tuple[float, ...]], None]
"""Told the step, the tiers of the best plan so far, and the bounds known."""

CLINICAL_SHARE = 0.7
"""Share of the time for the clinical tiers, when they are not settled before."""
FOREVER_S = 3600.0


@dataclass
class Run:
    """A run of the solver.

    Parameters
    ----------
    problem
        The problem.
    time_limit_s
        Wall-clock limit, seconds.
    deterministic
        True counts effort in steps and nodes, never in seconds.
    progress
        Told every better plan.
    rng
        Source of the random choices.
    engine
        Solves programmes, in another process or in this one.
    best
        The best plan so far, with its tiers in `values`.
    bounds
        Proven lower bounds of the tiers settled.
    options
        Options that a plan as good as the best can use.
    wide
        Relaxation of the last tier, when the clinical tiers are settled together.
    """

    problem: Problem
    time_limit_s: float
    deterministic: bool
    progress: Progress | None
    rng: np.random.Generator
    engine: Remote | Local
    best: Solution
    values: tuple[int, ...] = ()
    bounds: list[int] = field(default_factory=list)
    options: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    wide: Relaxation | None = None
    trace: list[tuple[float, str, tuple[int, ...]]] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        """Begin with every option."""
        self.plain = Assembler(self.problem)
        self.options = np.arange(self.problem.num_options)

    @cached_property
    def counted(self) -> Assembler:
        """Programmes with counts, which HiGHS solves best."""
        return Assembler(self.problem, counted=True)

    @cached_property
    def separator(self) -> Separator:
        """Cuts of the relaxations of clinical tiers."""
        return Separator(self.counted)

    @property
    def last(self) -> int:
        """The last tier."""
        return self.problem.num_tiers - 1

    def left(self, share: float = 1.0, *, clinical: bool = False) -> float:
        """Return a share of the seconds left, for the clinical tiers or in all; a deterministic run does not look at the clock."""
        if self.deterministic:
            return FOREVER_S
        limit = self.time_limit_s * (CLINICAL_SHARE if clinical else 1.0)
        return share * (self.started + limit - time.monotonic())

    def offer(self, plan: Solution | None, step: str) -> bool:
        """Keep a plan if it is feasible and better; say whether it was kept."""
        if plan is None or not is_feasible(self.problem, plan):
            return False
        values = tier_values(self.problem, plan)
        if self.values and values >= self.values:
            return False
        self.best, self.values = plan, values
        self.trace.append((time.monotonic() - self.started, step, values))
        if self.progress is not None:
            self.progress(step, values, tuple(self.bounds))
        return True
