"""Solve a problem tier after tier: the best plan found, with a proven bound for every tier."""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from transfer_planner.problem.problem import Problem, Solution, is_feasible
from transfer_planner.solvers.approach import Approach
from transfer_planner.solvers.greedy import greedy, mended
from transfer_planner.solvers.last_tier import settle_last_tier
from transfer_planner.solvers.questions import bounded
from transfer_planner.solvers.remote import Local, Remote
from transfer_planner.solvers.run import Progress, Run
from transfer_planner.solvers.sweep import anneal_briefly, settle_roughly
from transfer_planner.solvers.targets import relaxed_targets

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

TARGETS_SHARE = 0.5
"""Share of the time for the targets of the clinical tiers."""
NODES = 5
SMALL_PROBLEM = 400


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
    interrupted
        True when Ctrl-C ended the search.
    """

    status: Literal["optimal", "feasible", "infeasible"]
    solution: Solution | None
    tiers: tuple[SolvedTier, ...]
    trace: tuple[tuple[float, str, tuple[int, ...]], ...] = ()
    interrupted: bool = False


def solve(
    problem: Problem,
    *,
    time_limit_s: float = 10.0,
    seed: int = 0,
    deterministic: bool = False,
    precision: Literal["full", "sweep"] = "full",
    progress: Progress | None = None,
    start: Solution | None = None,
    holds: Callable[[Solution], bool] | None = None,
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
    precision
        `sweep` is for many problems at once: deterministic, quick, in this process alone; the first three tiers are led within two per
        cent or ten tenths of a day of their bounds, the last is bounded by nothing.
    progress
        Told every better plan.
    start
        A plan to begin with, mended where it is not feasible; kept unless a better one is found.
    holds
        Asked of the first annealed plan what the problem does not tell; where it does not hold, that plan is returned at once.
    """
    nothing = Solution(np.zeros(0, dtype=np.int64), np.zeros(len(problem.pools.kind), dtype=np.int64))
    if problem.num_choices == 0:
        return Result("optimal", nothing, tuple(SolvedTier(0, 0, proven=True) for _ in range(problem.num_tiers)))
    rng, interrupted = np.random.default_rng(seed), False
    with ExitStack() as stack:
        deterministic = deterministic or precision == "sweep"
        if deterministic or problem.num_options <= SMALL_PROBLEM:
            engine: Local | Remote = Local(NODES if deterministic else None)
        else:
            engine = stack.enter_context(Remote())
        run = Run(problem, time_limit_s, deterministic, progress, rng, engine, nothing)
        try:
            if start is not None:
                run.offer(start if is_feasible(problem, start) else mended(problem, start), "start")
            if run.offer(greedy(problem), "greedy") or run.values or _any_plan(run):
                if precision == "sweep":
                    settle_roughly(run)
                else:
                    _all_tiers(run, holds)
        except KeyboardInterrupt:
            logger.info("interrupted: the best plan so far is kept")
            interrupted = True
    return _result(run, interrupted=interrupted)


def _all_tiers(run: Run, holds: Callable[[Solution], bool] | None) -> None:
    """Anneal a plan briefly, lead it to the targets of the clinical tiers, learn what bounds them, and settle the last tier."""
    if run.problem.num_options > SMALL_PROBLEM:
        anneal_briefly(run)
        if holds is not None and not holds(run.best):
            return
    targets = relaxed_targets(run, time.monotonic() + run.left(TARGETS_SHARE))
    if targets is not None:
        Approach(run, targets).go()
    for tier in range(run.last):
        if run.values[:tier] not in run.known and not run.many:
            bounded(run, tier)
    if not run.many:
        settle_last_tier(run)


def _any_plan(run: Run) -> bool:
    """Look for any plan at all, when pins are too tight for the greedy one."""
    restricted = run.plain.restricted(np.arange(run.problem.num_options), None)
    engine = Local()
    engine.ask(restricted.programme, run.left())
    outcome = engine.stop()
    if outcome.values is None:
        return False
    return run.offer(restricted.solution(outcome.values, np.zeros(run.problem.num_choices, dtype=np.int64)), "any plan")


def _result(run: Run, *, interrupted: bool) -> Result:
    if not run.values:
        return Result("infeasible", None, (), interrupted=interrupted)
    tiers, proven = [], True
    for value, bound in zip(run.values, run.bounds, strict=True):
        proven = proven and bound == value
        tiers.append(SolvedTier(value, bound, proven=proven))
    status: Literal["optimal", "feasible"] = "optimal" if proven else "feasible"
    return Result(status, run.best, tuple(tiers), tuple(run.trace), interrupted)
