"""Solve a problem tier after tier: the best plan found, with a proven bound for every tier.

Clinical tiers first: relaxations give a target for each; a programme over the options that can still be part of a best plan looks for
a plan that meets them all at once, and tier by tier where none does. Then the last tier: neighbourhoods of the plan are solved
again, while HiGHS raises the bound on the other core.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from transfer_planner.problem.problem import IntArray, Problem, Solution, is_feasible, tier_values
from transfer_planner.solvers.engine import solve_integer, solve_small
from transfer_planner.solvers.greedy import greedy
from transfer_planner.solvers.programme import Assembler
from transfer_planner.solvers.relaxation import Relaxation, first_options, relax

logger = logging.getLogger(__name__)

Progress = Callable[[str, tuple[int, ...], tuple[float, ...]], None]
"""Told the step, the tiers of the best plan so far, and the bounds known."""

CLINICAL_GAP = 10
LAST_GAP = 0.003
OPTIONS_PER_CHOICE = 60
NEIGHBOURHOOD = 24
SMALL_STEP_S = 2.0


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
    """What a run knows: the best plan, the limits and bounds of the tiers settled, the time."""

    problem: Problem
    deadline: float
    deterministic: bool
    progress: Progress | None
    rng: np.random.Generator
    started: float = field(default_factory=time.monotonic)
    best: Solution | None = None
    values: tuple[int, ...] = ()
    limits: list[float] = field(default_factory=list)
    bounds: list[float] = field(default_factory=list)
    options: IntArray | None = None
    trace: list[tuple[float, str, tuple[int, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.assembler = Assembler(self.problem)

    def left(self, most: float = math.inf) -> float:
        """Return the seconds left, at most so many; a deterministic run does not look at the clock."""
        return 3600.0 if self.deterministic else min(most, self.deadline - time.monotonic())

    def offer(self, solution: Solution | None, step: str) -> bool:
        """Keep a plan if it is feasible and better; say whether it was kept."""
        if solution is None or not is_feasible(self.problem, solution):
            return False
        values = tier_values(self.problem, solution)
        if self.best is not None and values >= self.values:
            return False
        self.best, self.values = solution, values
        self.trace.append((time.monotonic() - self.started, step, values))
        if self.progress is not None:
            self.progress(step, values, tuple(self.bounds))
        return True


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
    if problem.num_choices == 0:
        return Result("optimal", Solution(np.zeros(0, np.int64), np.zeros(len(problem.pools.kind), np.int64)), _none(problem))
    run = _Run(problem, time.monotonic() + time_limit_s, deterministic, progress, np.random.default_rng(seed))
    try:
        if not run.offer(greedy(problem), "greedy") and not _any_plan(run):
            return Result("infeasible", None, ())
        _clinical_tiers(run)
        _last_tier(run)
    except KeyboardInterrupt:
        logger.info("interrupted: the best plan so far is kept")
    return _result(run)


def _none(problem: Problem) -> tuple[SolvedTier, ...]:
    return tuple(SolvedTier(0, 0, proven=True) for _ in range(problem.num_tiers))


def _any_plan(run: _Run) -> bool:
    """Look for any plan at all, when pins are too tight for the greedy one."""
    options = np.arange(run.problem.num_options)
    restricted = run.assembler.restricted(options, None, priced=False)
    outcome = solve_integer(restricted.programme, time_limit_s=60)
    if outcome.values is None:
        return False
    return run.offer(restricted.solution(outcome.values, np.zeros(run.problem.num_choices, np.int64)), "any plan")


def _result(run: _Run) -> Result:
    tiers, above = [], True
    for index, value in enumerate(run.values):
        bound = run.bounds[index] if index < len(run.bounds) else 0.0
        bound = min(value, max(0, math.ceil(bound - 1e-6)))
        above = above and bound == value
        tiers.append(SolvedTier(value, bound, proven=above))
    return Result("optimal" if above else "feasible", run.best, tuple(tiers), tuple(run.trace))


def _best_options(run: _Run, relaxation: Relaxation, per_choice: int) -> IntArray:
    """Return the options of least price of each choice, those of the relaxed optimum and those of the best plan."""
    owner = run.problem.choice[relaxation.options]
    order = np.lexsort((relaxation.prices, owner))
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(len(order)) - np.searchsorted(owner[order], owner[order])
    chosen = relaxation.options[(position < per_choice) | (relaxation.weights > 1e-9)]
    if run.best is None:
        return chosen
    return np.union1d(chosen, run.best.options)


def _clinical_tiers(run: _Run) -> None:
    """Settle every tier but the last: all at once at their relaxed values if a plan meets them, else one by one."""
    problem, last = run.problem, run.problem.num_tiers - 1
    options = np.arange(problem.num_options)
    targets: list[float] = []
    if run.best is None:
        return
    start = first_options(run.assembler, options, run.best)
    relaxation = None
    for tier in range(problem.num_tiers):
        relaxation = relax(run.assembler, tier, targets, options, start, deadline=time.monotonic() + run.left())
        if relaxation is None or tier == last:
            break
        targets.append(relaxation.target)
        options = relaxation.within(relaxation.target)
        start = np.intersect1d(np.union1d(start, relaxation.options[relaxation.weights > 1e-9]), options)
    if relaxation is not None and run.values[:last] != tuple(targets):
        for per_choice in (OPTIONS_PER_CHOICE, 3 * OPTIONS_PER_CHOICE):
            chosen = np.intersect1d(_best_options(run, relaxation, per_choice), relaxation.options)
            restricted = run.assembler.restricted(chosen, None, targets, priced=False)
            outcome = solve_integer(restricted.programme, time_limit_s=run.left(4), node_limit=_nodes(run, 200))
            if outcome.values is not None:
                run.offer(restricted.solution(outcome.values, run.best.options), "clinical targets")
                break
    if run.values[:last] == tuple(targets):
        run.limits = list(targets)
        run.bounds = list(targets)
        return
    for tier in range(last):
        _one_tier(run, tier)


def _nodes(run: _Run, nodes: int) -> int | None:
    return nodes if run.deterministic else None


def _one_tier(run: _Run, tier: int) -> None:
    """Settle one clinical tier, those above being settled."""
    if run.best is None:
        return
    everything = run.options if tier and run.options is not None else np.arange(run.problem.num_options)
    start = first_options(run.assembler, everything, run.best)
    relaxation = relax(run.assembler, tier, run.limits, everything, start, deadline=time.monotonic() + run.left())
    if relaxation is None:
        run.limits.append(run.values[tier])
        run.bounds.append(0)
        return
    bound: float = relaxation.target
    for per_choice in (OPTIONS_PER_CHOICE, None):
        if run.values[tier] <= bound:
            break
        outcome_bound = _improve_tier(run, tier, relaxation, per_choice)
        if per_choice is None:
            bound = max(bound, min(outcome_bound, run.values[tier]))
    run.limits.append(run.values[tier])
    run.bounds.append(bound)
    run.options = np.union1d(relaxation.within(run.values[tier]), run.best.options)


def _improve_tier(run: _Run, tier: int, relaxation: Relaxation, per_choice: int | None) -> float:
    """Look for a plan better in one tier, over the choices that matter to it; return the bound proven."""
    problem, best = run.problem, run.best
    if best is None:
        return 0
    better = relaxation.within(run.values[tier] - 1)
    if per_choice is not None:
        better = np.intersect1d(better, _best_options(run, relaxation, per_choice))
    free = free_options(problem, tier)
    base = np.where(free >= 0, free, best.options)
    better = better[free[problem.choice[better]] < 0]
    better = np.union1d(better, best.options[free < 0])
    restricted = run.assembler.restricted(
        better, tier, run.limits, fixed=Solution(base, best.units), priced=False
    )
    outcome = solve_integer(restricted.programme, time_limit_s=run.left(0.3 * max(1.0, run.left())), node_limit=_nodes(run, 2000))
    if outcome.values is not None:
        run.offer(restricted.solution(outcome.values, base), f"tier {tier + 1}")
    if outcome.status in ("optimal", "infeasible"):
        return run.values[tier]
    return outcome.bound


def free_options(problem: Problem, tier: int) -> IntArray:
    """Return for each choice an option that uses nothing and costs nothing up to a tier; -1 where there is none."""
    uses = np.diff(problem.uses.indptr)
    free = np.flatnonzero((uses == 0) & (problem.costs[: tier + 1].sum(axis=0) == 0))
    result = np.full(problem.num_choices, -1, dtype=np.int64)
    result[problem.choice[free]] = free
    return result


def _last_tier(run: _Run) -> None:
    """Improve the last tier until the gap is small or time is out, raising its bound meanwhile."""
    tier = run.problem.num_tiers - 1
    if run.best is None or len(run.limits) < tier:
        return
    options = run.options if run.options is not None else np.arange(run.problem.num_options)
    start = first_options(run.assembler, options, run.best)
    relaxation = relax(run.assembler, tier, run.limits, options, start, deadline=time.monotonic() + run.left())
    if relaxation is None:
        return
    run.bounds.append(relaxation.bound)
    search = _Neighbourhoods(run, relaxation)
    search.until(run.left(1.5), steps=20)
    if _close(run):
        return
    with ThreadPoolExecutor(max_workers=1) as pool:
        bounding: Future[float] | None = None
        if not run.deterministic and run.left() > 1:
            bounding = pool.submit(_raise_bound, run, relaxation, run.left() - 0.3)
        search.until(run.left(), steps=60)
        if bounding is not None:
            run.bounds[-1] = max(run.bounds[-1], bounding.result())


def _close(run: _Run) -> bool:
    return run.values[-1] - run.bounds[-1] <= max(1.0, LAST_GAP * run.values[-1])


def _raise_bound(run: _Run, relaxation: Relaxation, seconds: float) -> float:
    """Return the bound that HiGHS proves for the last tier over the options that a better plan can use."""
    options = relaxation.within(run.values[-1])
    if run.best is not None:
        options = np.union1d(options, run.best.options)
    restricted = run.assembler.restricted(options, run.problem.num_tiers - 1, run.limits)
    return min(solve_integer(restricted.programme, time_limit_s=seconds).bound, run.values[-1])


class _Neighbourhoods:
    """Solves again a part of the plan, the rest being kept; chooses parts that pay more than their relaxed price."""

    def __init__(self, run: _Run, relaxation: Relaxation) -> None:
        self.run, self.relaxation = run, relaxation
        problem = run.problem
        self.size = min(NEIGHBOURHOOD, problem.num_choices)
        self.price = np.full(problem.num_options, np.inf)
        self.price[relaxation.options] = relaxation.prices
        owner = problem.choice[relaxation.options]
        order = np.lexsort((relaxation.prices, owner))
        self.position = np.full(problem.num_options, np.iinfo(np.int64).max)
        ranked = relaxation.options[order]
        self.position[ranked] = np.arange(len(order)) - np.searchsorted(owner[order], owner[order])
        self.count = 0

    def until(self, seconds: float, steps: int) -> None:
        """Go on for so long (or so many steps, in deterministic runs), or until the gap is closed."""
        end = time.monotonic() + seconds
        for _ in range(steps if self.run.deterministic else 1_000_000):
            if _close(self.run) or (not self.run.deterministic and time.monotonic() >= end):
                return
            self._step(end - time.monotonic())

    def _pick(self) -> IntArray:
        """Choose the choices to decide again: dear ones, neighbours in time and place of a dear one, or any."""
        run = self.run
        if run.best is None:
            return np.zeros(0, dtype=np.int64)
        problem, current = run.problem, run.best.options
        dear = np.minimum(self.price[current], 1e6) + 1
        odds = dear / dear.sum()
        self.count += 1
        if self.count % 3 == 0:
            return run.rng.choice(problem.num_choices, self.size, replace=False)
        if self.count % 3 == 1:
            return run.rng.choice(problem.num_choices, self.size, replace=False, p=odds)
        seed = int(run.rng.choice(problem.num_choices, p=odds))
        rows = problem.uses[:, [current[seed]]].indices
        shared = np.asarray((problem.uses[:, current].tocsr()[rows] > 0).sum(axis=0)).ravel()
        near = np.argsort(-(shared + 2 * run.rng.random(problem.num_choices)), kind="stable")[: self.size]
        return np.union1d(near, [seed])

    def _step(self, seconds: float) -> None:
        run = self.run
        if run.best is None:
            return
        picked = np.zeros(run.problem.num_choices, dtype=bool)
        picked[self._pick()] = True
        gap = run.values[-1] - self.relaxation.bound
        mask = (
            picked[run.problem.choice[self.relaxation.options]]
            & (self.relaxation.prices <= gap)
            & (self.position[self.relaxation.options] < OPTIONS_PER_CHOICE)
        )
        options = np.union1d(self.relaxation.options[mask], run.best.options[picked])
        restricted = run.assembler.restricted(options, run.problem.num_tiers - 1, run.limits, fixed=run.best)
        began = time.monotonic()
        outcome = solve_small(
            restricted.programme,
            time_limit_s=60 if run.deterministic else min(SMALL_STEP_S, seconds),
            parameters="num_workers:1 random_seed:1" + (" max_deterministic_time:1" if run.deterministic else ""),
        )
        if outcome.values is not None:
            run.offer(restricted.solution(outcome.values, run.best.options), "neighbourhood")
        quick = outcome.status == "optimal" if run.deterministic else time.monotonic() - began < SMALL_STEP_S / 4
        if outcome.status != "optimal":
            self.size = max(8, int(self.size * 0.8))
        elif quick:
            self.size = min(run.problem.num_choices, int(self.size * 1.15) + 1)
