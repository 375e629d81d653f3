"""What a run of the solver knows: the best plan, the bounds, the time left, the engine at work beside it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.problem.problem import Problem, Solution, is_feasible, tier_values
from transfer_planner.solvers.programme import Assembler
from transfer_planner.solvers.relaxation import MANY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_planner.solvers.remote import Local, Remote

Progress = Callable[[str, tuple[int, ...], tuple[float, ...]], None]
"""Told the step, the tiers of the best plan so far, and the bounds known."""

CLINICAL_SHARE = 0.75
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
    known
        Proven lower bounds: of the tier that follows these values of the tiers above.
    """

    problem: Problem
    time_limit_s: float
    deterministic: bool
    progress: Progress | None
    rng: np.random.Generator
    engine: Remote | Local
    best: Solution
    values: tuple[int, ...] = ()
    known: dict[tuple[int, ...], int] = field(default_factory=dict)
    trace: list[tuple[float, str, tuple[int, ...]]] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        """Prepare the programmes."""
        self.plain = Assembler(self.problem)
        first = np.searchsorted(self.problem.choice, np.arange(self.problem.num_choices))
        self.floor = tuple(np.minimum.reduceat(self.problem.costs, first, axis=1).sum(axis=1).tolist())
        """What each tier is worth at least: every choice takes its cheapest option."""

    @property
    def many(self) -> bool:
        """Whether options are too many for a programme over all of them."""
        return self.problem.num_options > MANY

    @cached_property
    def counted(self) -> Assembler:
        """Programmes with counts, which HiGHS solves best."""
        return Assembler(self.problem, counted=True)

    @property
    def last(self) -> int:
        """The last tier."""
        return self.problem.num_tiers - 1

    def learn(self, above: Sequence[int], bound: int) -> None:
        """Keep a proven lower bound of the tier that follows these values of the tiers above."""
        self.known[tuple(above)] = max(bound, self.known.get(tuple(above), 0))

    @property
    def bounds(self) -> tuple[int, ...]:
        """Proven lower bound of every tier of the best plan, those above being as they are."""
        known = (self.known.get(self.values[:tier], 0) for tier in range(len(self.values)))
        return tuple(min(value, max(*bounds)) for value, *bounds in zip(self.values, known, self.floor, strict=True))

    @property
    def unsettled(self) -> int:
        """The first tier whose value is above its bound, or the last."""
        pairs = zip(self.values, self.bounds, strict=True)
        return next((tier for tier, (value, bound) in enumerate(pairs) if value > bound), self.last)

    def left(self, share: float = 1.0, *, clinical: bool = False) -> float:
        """Return a share of the seconds left, for the clinical tiers or in all; a deterministic run does not look at the clock."""
        if self.deterministic:
            return FOREVER_S
        limit = self.time_limit_s * (CLINICAL_SHARE if clinical and not self.many else 1.0)
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
            self.progress(step, values, self.bounds)
        return True
