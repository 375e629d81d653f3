"""A clinical tier pursued from both sides: plans by programmes and neighbourhoods, the bound by the engine beside."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.problem.problem import IntArray, Problem, Solution
from transfer_planner.solvers.greedy import refill
from transfer_planner.solvers.neighbourhoods import Neighbourhoods, best_options
from transfer_planner.solvers.reduction import affordable, undominated
from transfer_planner.solvers.relaxation import TOLERANCE, Relaxation, first_options, relax

if TYPE_CHECKING:
    from transfer_planner.solvers.engine import Outcome, Programme
    from transfer_planner.solvers.run import Run

STAGES = ((12, 0.25), (30, 0.25), (None, 0.4))
"""Options a choice, and share of the time left, of the programmes solved for a tier."""
OWN_SHARE = 0.9
STEPS = 25
MANY_STEPS = 1_000_000


def settle_clinical_tier(run: Run, tier: int) -> None:
    """Settle one clinical tier as well as the time allows, those above being settled."""
    run.bounds = run.bounds[:tier]
    limits = list(run.values[:tier])
    relaxation = None
    if run.left() > 0:
        start, deadline = first_options(run.counted, run.options, run.best), time.monotonic() + run.left()
        relaxation = relax(run.counted, tier, limits, run.options, start, deadline=deadline, separator=run.separator)
    if relaxation is None:
        run.bounds.append(0)
        return
    pursuit = _Pursuit(run, tier, relaxation)
    run.bounds.append(pursuit.bound)
    for width, share in STAGES if len(pursuit.matter) else ():
        if pursuit.closed or run.left(clinical=True) <= 0:
            break
        pursuit.stage(width, run.left(share, clinical=True))
        run.bounds[tier] = pursuit.bound
    options = affordable(run.problem, relaxation.within(run.values[tier]), run.values[: tier + 1])
    run.options = np.union1d(options, run.best.options)


class _Pursuit:
    """A tier pursued: the choices that matter to it, where the others stand, and the bound so far."""

    def __init__(self, run: Run, tier: int, relaxation: Relaxation) -> None:
        self.run, self.tier, self.relaxation = run, tier, relaxation
        self.limits = list(run.values[:tier])
        self.free = free_options(run.problem, tier)
        self.matter = np.flatnonzero(self.free < 0)
        costs = run.problem.costs[tier, relaxation.within(self.value)]
        self.unit = max(1, int(np.gcd.reduce(costs))) if len(costs) else 1
        self.bound = min(self.value, self.unit * math.ceil(relaxation.target / self.unit))

    @property
    def value(self) -> int:
        """Value of the best plan."""
        return self.run.values[self.tier]

    @property
    def closed(self) -> bool:
        """Whether value and bound meet."""
        return self.value <= self.bound

    def stage(self, width: int | None, seconds: float) -> None:
        """Solve the tier over the options that a better plan can use, at most `width` a choice, from both sides."""
        run, before = self.run, self.value
        base = Solution(np.where(self.free >= 0, self.free, run.best.options), run.best.units)
        limits = [*self.limits, before - self.unit]
        options = affordable(run.problem, self.relaxation.within(limits[-1]), limits)
        if width is not None:
            options = np.intersect1d(options, best_options(run.counted, self.relaxation, width))
        options = options[self.free[run.problem.choice[options]] < 0]
        nothing = np.zeros(len(run.problem.capacity), dtype=np.bool_)
        options = undominated(run.problem, options, self.tier + 1, nothing)
        options = np.union1d(options, base.options[self.matter])
        restricted = run.counted.restricted(options, self.tier, limits, fixed=base)
        search = Neighbourhoods(run.plain, self.relaxation, base, self.limits, self.matter, run.rng)
        outcome = self._solve(restricted.programme, search, seconds, proves=width is None)
        if outcome.values is not None:
            run.offer(restricted.solution(outcome.values, base.options), f"tier {self.tier + 1}")
        if width is None:
            self._raise(before if outcome.status == "infeasible" else outcome.bound, before)
        self.bound = min(self.bound, self.value)
        if self.value < before:
            run.offer(refill(run.problem, run.best, self.free >= 0), f"tier {self.tier + 1}, others again")

    def _raise(self, bound: float, before: int) -> None:
        """Take a bound of the plans better than the one that stood before."""
        if math.isfinite(bound):
            lifted = self.unit * math.ceil((bound - TOLERANCE) / self.unit)
            self.bound = max(self.bound, min(before, lifted))

    def _solve(self, programme: Programme, search: Neighbourhoods, seconds: float, *, proves: bool) -> Outcome:
        """Solve a programme beside, and search neighbourhoods here meanwhile."""
        run, before, end = self.run, self.value, time.monotonic() + seconds
        run.engine.ask(programme, max(0.1, OWN_SHARE * seconds))
        for _ in range(STEPS if run.deterministic else MANY_STEPS):
            left = run.left() if run.deterministic else end - time.monotonic()
            done = not run.engine.running and run.engine.stop().status in ("optimal", "infeasible")
            if left <= 0 or self.closed or search.whole or done:
                break
            run.offer(search.step(left, deterministic=run.deterministic), f"neighbourhood, tier {self.tier + 1}")
            if proves:
                self._raise(run.engine.bound, before)
        while run.engine.running and time.monotonic() < end and not self.closed:
            time.sleep(0.01)
        return run.engine.stop()


def free_options(problem: Problem, tier: int) -> IntArray:
    """Return for each choice an option that uses nothing and costs nothing up to a tier; -1 where there is none."""
    uses = np.diff(problem.uses.indptr)
    free = np.flatnonzero((uses == 0) & (problem.costs[: tier + 1].sum(axis=0) == 0))
    result = np.full(problem.num_choices, -1, dtype=np.int64)
    result[problem.choice[free]] = free
    return result
