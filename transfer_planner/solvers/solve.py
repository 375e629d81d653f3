"""Solve a problem tier after tier: the best plan found, with a proven bound for every tier.

A relaxation, tightened by cuts, gives the bound of a tier. It is pursued from both sides until they meet: neighbourhoods of the plan are
decided again by CP-SAT here, while HiGHS looks for plans and raises the bound in another process.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from transfer_planner.problem.problem import IntArray, Problem, Solution, is_feasible, tier_values
from transfer_planner.solvers.cuts import Separator
from transfer_planner.solvers.engine import Outcome, Programme, solve_integer
from transfer_planner.solvers.greedy import greedy, refill
from transfer_planner.solvers.neighbourhoods import Neighbourhoods, best_options
from transfer_planner.solvers.programme import Assembler
from transfer_planner.solvers.relaxation import TOLERANCE, Relaxation, first_options, relax
from transfer_planner.solvers.remote import Remote
from transfer_planner.solvers.targets import meet, relaxed_targets

logger = logging.getLogger(__name__)

Progress = Callable[[str, tuple[int, ...], tuple[float, ...]], None]
"""Told the step, the tiers of the best plan so far, and the bounds known."""

LAST_GAP = 0.003
STAGES = ((12, 0.25), (30, 0.25), (None, 0.3))
"""Options a choice, and share of the time left, of the programmes solved for a tier."""
OWN_SHARE = 0.85
MEET_SHARE = 0.3
POLISH_S = 2.0
STEPS = 25
MANY_STEPS = 1_000_000
NODES = 20
SMALL_PROBLEM = 400
PROVABLE = 3000
"""Options up to which a plan is pursued to its proof, however close to its bound."""


@dataclass(frozen=True)
class SolvedTier:
    """A tier of the best plan.

    Parameters
    ----------
    value
        Its value.
    bound
        Proven lower bound, the tiers above being as they are.
    proven
        True when value and bound meet, and all the tiers above are proven.
    """

    value: int
    bound: int
    proven: bool


@dataclass(frozen=True)
class Result:
    """The best plan found.

    Parameters
    ----------
    status
        `optimal` when every tier is proven, `feasible`, or `infeasible` (pins that no capacity allows).
    solution
        The plan; None when infeasible.
    tiers
        Values and bounds.
    trace
        Steps: seconds since the start, step, tiers.
    """

    status: Literal["optimal", "feasible", "infeasible"]
    solution: Solution | None
    tiers: tuple[SolvedTier, ...]
    trace: tuple[tuple[float, str, tuple[int, ...]], ...] = ()


@dataclass
class _Run:
    """What a run knows: the best plan, the bounds of the tiers settled, the time."""

    problem: Problem
    deadline: float
    deterministic: bool
    progress: Progress | None
    rng: np.random.Generator
    best: Solution
    values: tuple[int, ...] = ()
    bounds: list[int] = field(default_factory=list)
    options: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    trace: list[tuple[float, str, tuple[int, ...]]] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    remote: Remote | None = None
    wide: Relaxation | None = None
    relaxed: dict[tuple[int, ...], Relaxation | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.plain = Assembler(self.problem)
        self.options = np.arange(self.problem.num_options)

    def prepare(self) -> None:
        """Build what the relaxations need."""
        self.counted = Assembler(self.problem, counted=True)
        self.separator = Separator(self.counted)

    @property
    def last(self) -> int:
        """The last tier."""
        return self.problem.num_tiers - 1

    def left(self, share: float = 1.0) -> float:
        """Return a share of the seconds left; a deterministic run does not look at the clock."""
        return 3600.0 if self.deterministic else share * (self.deadline - time.monotonic())

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

    def relax(self, tier: int, limits: list[int], options: IntArray, start: IntArray) -> Relaxation | None:
        """Return the relaxation of a tier with cuts; the same question is answered once."""
        question = (tier, *limits)
        if question not in self.relaxed:
            deadline = time.monotonic() + self.left(1.0 if tier < self.last else 0.5)
            self.relaxed[question] = relax(
                self.counted, tier, limits, options, start, deadline=deadline, separator=self.separator
            )
        return self.relaxed[question]


def solve(
    problem: Problem,
    *,
    time_limit_s: float = 10.0,
    seed: int = 0,
    deterministic: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Return the best plan found within the time, and what is proven of it.

    Parameters
    ----------
    problem
        The problem.
    time_limit_s
        Wall-clock limit, seconds; not used by deterministic runs, whose effort is counted in steps.
    seed
        Of the neighbourhoods.
    deterministic
        True gives the same plan again on the same machine and versions.
    progress
        Told every better plan.
    """
    nothing = Solution(np.zeros(0, dtype=np.int64), np.zeros(len(problem.pools.kind), dtype=np.int64))
    if problem.num_choices == 0:
        return Result("optimal", nothing, tuple(SolvedTier(0, 0, proven=True) for _ in range(problem.num_tiers)))
    deadline = time.monotonic() + time_limit_s
    run = _Run(problem, deadline, deterministic, progress, np.random.default_rng(seed), nothing)
    with ExitStack() as stack:
        try:
            if not deterministic and problem.num_options > SMALL_PROBLEM:
                run.remote = stack.enter_context(Remote())
            if run.offer(greedy(problem), "greedy") or _any_plan(run):
                _all_tiers(run)
        except KeyboardInterrupt:
            logger.info("interrupted: the best plan so far is kept")
    return _result(run)


def _all_tiers(run: _Run) -> None:
    settled = _all_targets(run)
    run.prepare()
    for tier in range(run.last if settled else 0, run.problem.num_tiers):
        _one_tier(run, tier)


def _all_targets(run: _Run) -> bool:
    """Settle the clinical tiers all at once if a plan meets all their relaxed targets."""
    targets = relaxed_targets(run.plain, run.best, time.monotonic() + run.left())
    if targets is None:
        return False
    wanted = tuple(targets.values)
    if run.values[: run.last] != wanted:
        nodes = NODES if run.deterministic else None
        run.offer(
            meet(run.plain, targets, run.best, seconds=run.left(MEET_SHARE), node_limit=nodes), "clinical targets"
        )
    if run.values[: run.last] != wanted:
        return False
    run.bounds, run.options, run.wide = list(wanted), targets.options, targets.last
    return True


def _any_plan(run: _Run) -> bool:
    """Look for any plan at all, when pins are too tight for the greedy one."""
    restricted = run.plain.restricted(run.options, None, priced=False)
    outcome = solve_integer(restricted.programme, time_limit_s=run.left())
    if outcome.values is None:
        return False
    return run.offer(restricted.solution(outcome.values, np.zeros(run.problem.num_choices, dtype=np.int64)), "any plan")


def _result(run: _Run) -> Result:
    if not run.values:
        return Result("infeasible", None, ())
    tiers, proven = [], True
    for tier, value in enumerate(run.values):
        bound = min(value, run.bounds[tier]) if tier < len(run.bounds) else 0
        proven = proven and bound == value
        tiers.append(SolvedTier(value, bound, proven=proven))
    return Result("optimal" if proven else "feasible", run.best, tuple(tiers), tuple(run.trace))


def _one_tier(run: _Run, tier: int) -> None:
    """Settle one tier, those above being settled."""
    run.bounds = run.bounds[:tier]
    start = first_options(run.counted, run.options, run.best)
    relaxation = run.wide if tier == run.last else None
    if relaxation is None and run.left() > 0:
        relaxation = run.relax(tier, list(run.values[:tier]), run.options, start)
    if relaxation is None:
        run.bounds.append(0)
        return
    pursuit = _Pursuit(run, tier, relaxation)
    run.bounds.append(pursuit.bound)
    for width, share in STAGES if len(pursuit.matter) else ():
        if pursuit.closed or run.left() <= 0:
            break
        if pursuit.close and width is not None:
            continue
        pursuit.stage(width, run.left(1.0 if pursuit.last and width is None else share))
        run.bounds[tier] = pursuit.bound
    run.options = np.union1d(relaxation.within(run.values[tier]), run.best.options)


class _Pursuit:
    """A tier pursued: the choices that matter to it, where the others stand, and the bound so far."""

    def __init__(self, run: _Run, tier: int, relaxation: Relaxation) -> None:
        self.run, self.tier, self.relaxation = run, tier, relaxation
        self.limits = list(run.values[:tier])
        self.last = tier == run.last
        self.free = free_options(run.problem, tier)
        if self.last:
            self.free[:] = -1
        self.matter = np.flatnonzero(self.free < 0)
        self.unit = 1
        self.bound = min(self.value, self._lifted())
        self.polished: float | None = None

    @property
    def value(self) -> int:
        """Value of the best plan."""
        return self.run.values[self.tier]

    def _lifted(self) -> int:
        """Return the relaxed target, rounded up to what sums of the costs left can be."""
        if self.last:
            return self.relaxation.target
        left = self.run.problem.costs[self.tier, self.relaxation.within(self.value)]
        self.unit = max(1, int(np.gcd.reduce(left))) if len(left) else 1
        return self.unit * math.ceil(self.relaxation.target / self.unit)

    @property
    def closed(self) -> bool:
        """Whether value and bound meet."""
        return self.value <= self.bound

    @property
    def close(self) -> bool:
        """Whether they are so close that only a little more time is worth while."""
        worth = LAST_GAP * self.value if self.last and self.run.problem.num_options > PROVABLE else 0
        return self.value - self.bound <= worth

    def patience(self, end: float) -> float:
        """Return until when to go on, at most `end`."""
        if self.polished is None and self.close:
            self.polished = time.monotonic() + POLISH_S
        return end if self.polished is None else min(end, self.polished)

    def stage(self, width: int | None, seconds: float) -> None:
        """Solve the tier over the options that a plan as good can use, at most `width` a choice, from both sides."""
        run, before = self.run, self.value
        base = Solution(np.where(self.free >= 0, self.free, run.best.options), run.best.units)
        better = before - self.unit
        options = self.relaxation.within(better)
        if width is not None:
            options = np.intersect1d(options, best_options(run.counted, self.relaxation, width))
        options = options[self.free[run.problem.choice[options]] < 0]
        options = np.union1d(options, base.options[self.matter])
        limits = self.limits if self.last else [*self.limits, better]
        restricted = run.counted.restricted(options, self.tier, limits, fixed=base, priced=self.last)
        search = Neighbourhoods(run.plain, self.relaxation, base, self.limits, self.matter, run.rng)
        outcome = self._solve(restricted.programme, search, seconds)
        if outcome.values is not None:
            run.offer(restricted.solution(outcome.values, base.options), f"tier {self.tier + 1}")
        if width is None:
            proven = before if outcome.status == "infeasible" else outcome.bound
            if math.isfinite(proven):
                self.bound = max(self.bound, min(before, math.ceil(proven - TOLERANCE)))
        self.bound = min(self.bound, self.value)
        if self.value < before and not self.last:
            run.offer(refill(run.problem, run.best, self.free >= 0), f"tier {self.tier + 1}, others again")

    def _solve(self, programme: Programme, search: Neighbourhoods, seconds: float) -> Outcome:
        """Solve a programme, and search meanwhile where it takes another process."""
        run, end = self.run, time.monotonic() + seconds
        if run.remote is None:
            outcome = solve_integer(programme, time_limit_s=seconds, node_limit=NODES if run.deterministic else None)
            if outcome.status != "optimal":
                self._search(search, end, None)
            return outcome
        run.remote.ask(programme, max(0.1, OWN_SHARE * seconds))
        self._search(search, end, run.remote)
        while run.remote.running and time.monotonic() < self.patience(end) and not self.closed:
            time.sleep(0.01)
        return run.remote.stop()

    def _search(self, search: Neighbourhoods, end: float, remote: Remote | None) -> None:
        """Improve the plan until it is close to its bound, the other process is done, or time is out."""
        for _ in range(STEPS if self.run.deterministic else MANY_STEPS):
            left = self.patience(end) - time.monotonic()
            over = left <= 0 and not self.run.deterministic
            if self.closed or over or search.whole or (remote is not None and not remote.running):
                return
            plan = search.step(left, deterministic=self.run.deterministic)
            self.run.offer(plan, f"neighbourhood, tier {self.tier + 1}")


def free_options(problem: Problem, tier: int) -> IntArray:
    """Return for each choice an option that uses nothing and costs nothing up to a tier; -1 where there is none."""
    uses = np.diff(problem.uses.indptr)
    free = np.flatnonzero((uses == 0) & (problem.costs[: tier + 1].sum(axis=0) == 0))
    result = np.full(problem.num_choices, -1, dtype=np.int64)
    result[problem.choice[free]] = free
    return result
