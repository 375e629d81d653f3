"""All the clinical tiers at once: a plan that meets every relaxed target proves them all."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.problem.problem import Setups, is_feasible, tier_values
from transfer_planner.solvers.greedy import complete
from transfer_planner.solvers.neighbourhoods import Neighbourhoods
from transfer_planner.solvers.programme import Assembler
from transfer_planner.solvers.reduction import affordable, crowded, roomy, undominated
from transfer_planner.solvers.relaxation import Relaxation, first_options, relax

if TYPE_CHECKING:
    from collections.abc import Callable

    from transfer_planner.problem.problem import IntArray, Problem, Solution
    from transfer_planner.solvers.engine import FloatArray
    from transfer_planner.solvers.programme import Restricted
    from transfer_planner.solvers.run import Run

STEPS = 40
IDLE_STEPS = 10
"""Steps without a better plan after which a deterministic search ends."""
OWN_SHARE = 0.9
WIDTHS = (20, 60)
WEIGHT = 3
"""How much more a tier weighs than the next where plans are led to the targets."""
FULL = 0.2
"""Share of its capacity from which a resource may stand in the way of a plan."""
WHOLE = 1e-3


@dataclass(frozen=True)
class Targets:
    """Relaxed targets of the clinical tiers.

    Parameters
    ----------
    values
        The targets: lower bounds that hold together, each with those above met.
    options
        Options that a plan meeting them can use.
    weights
        Value of every option in a relaxed plan that meets them, shape (n,).
    units
        Units that the relaxed plan gives, rounded, shape (v,).
    whole
        Whether no target had to be rounded up: then a plan often meets them all.
    """

    values: list[int]
    options: IntArray
    weights: FloatArray
    units: IntArray
    whole: bool


def relaxed_targets(assembler: Assembler, incumbent: Solution, deadline: float) -> Targets | None:
    """Return the relaxed targets, fractions rounded up; None when time is out."""
    problem = assembler.problem
    values: list[int] = []
    options = np.arange(problem.num_options)
    start = first_options(assembler, options, incumbent)
    whole = True
    weights, units = np.zeros(problem.num_options), np.zeros(len(problem.pools.kind), dtype=np.int64)
    for tier in range(problem.num_tiers - 1):
        relaxation = relax(assembler, tier, values, options, start, deadline=deadline)
        if relaxation is None:
            return None
        values.append(relaxation.target)
        whole = whole and relaxation.target - relaxation.bound < WHOLE
        if whole:
            options = affordable(problem, relaxation.within(relaxation.target), values)
        start = np.intersect1d(np.union1d(start, relaxation.options[relaxation.weights > 1e-9]), options)
        weights[:] = 0
        weights[relaxation.options] = relaxation.weights
        units = whole_units(assembler, relaxation)
    return Targets(values, options, weights, units, whole)


def whole_units(assembler: Assembler, relaxation: Relaxation) -> IntArray:
    """Return the units that a relaxed plan gives, rounded by largest remainder kind by kind: never more than it gives in all."""
    shares = relaxation.extras[assembler.units] + WHOLE
    units = np.floor(shares).astype(np.int64)
    for kind in np.unique(assembler.problem.pools.kind):
        members = np.flatnonzero(assembler.problem.pools.kind == kind)
        left = int(shares[members].sum()) - int(units[members].sum())
        nearest = np.argsort(units[members] - shares[members], kind="stable")
        units[members[nearest[:left]]] += 1
    return np.asarray(np.minimum(units, assembler.problem.pools.limit[assembler.problem.pools.kind]), dtype=np.int64)


def blend(problem: Problem) -> Problem:
    """Return the problem with its clinical tiers added up into one, each weighing more than the next; opening costs nothing."""
    tiers = problem.num_tiers - 1
    weights = WEIGHT ** np.arange(tiers)[::-1]
    free = replace(problem.extensions, price=np.zeros_like(problem.extensions.price))
    open_all = Setups(rows=(), price=np.zeros(0, dtype=np.int64))
    return replace(problem, costs=(weights @ problem.costs[:tiers])[None, :], extensions=free, setups=open_all)


class Approach:
    """Leads plans to the targets, all tiers blended: by neighbourhoods here and by a programme beside.

    Resources that the relaxed plan leaves far from full are left out of the programme, and brought back where its plan overfills them.

    Parameters
    ----------
    run
        The run.
    targets
        The targets.
    wide
        Relaxation of the last tier under them, if known: what is close to it costs little there too.
    """

    def __init__(self, run: Run, targets: Targets, wide: Relaxation | None) -> None:
        self.run, self.wanted = run, tuple(targets.values)
        self.blended = blend(run.problem)
        self.counted = Assembler(self.blended, counted=True)
        weights, units = targets.weights, targets.units
        if wide is not None:
            weights, units = np.zeros_like(weights), whole_units(run.plain, wide)
            weights[wide.options] = wide.weights
        near = complete(run.problem, weights, units)
        run.offer(near, "relaxed plan completed")
        both = [run.best] if near is None else [near, run.best]
        self.near = min(both, key=lambda plan: tier_values(self.blended, plan))
        self.skipped = roomy(self.blended, targets.weights, FULL, priced=False)
        self.options = np.union1d(targets.options, self.near.options)
        self.asked: Restricted | None = None

    @property
    def met(self) -> bool:
        """Whether the best plan meets the targets."""
        return self.run.values[: self.run.last] == self.wanted

    def ask(self, seconds: float) -> None:
        """Have the programme solved beside."""
        options = np.union1d(undominated(self.blended, self.options, 1, self.skipped), self.near.options)
        self.asked = self.counted.restricted(options, 0, skipped=self.skipped)
        start = self.counted.start(self.asked, self.near)
        self.run.engine.ask(self.asked.programme, max(0.1, OWN_SHARE * seconds), start)

    def _hear(self, search: Neighbourhoods, end: float) -> float:
        """Take the plan of the programme, if it is done; ask again with the resources that it overfills. Return the seconds left."""
        run = self.run
        seconds = run.left() if run.deterministic else end - time.monotonic()
        if self.asked is not None and not run.engine.running:
            self._take(search, seconds)
        return 0.0 if self.met else seconds

    def _take(self, search: Neighbourhoods, seconds: float) -> None:
        run, asked = self.run, self.asked
        outcome = run.engine.stop()
        self.asked = None
        if asked is not None and outcome.values is not None:
            plan = asked.solution(outcome.values, self.near.options)
            if is_feasible(run.problem, plan):
                run.offer(plan, "clinical targets")
                if tier_values(self.blended, plan)[0] < search.value:
                    search.restart(plan)
            elif not run.deterministic:
                self.skipped &= ~crowded(run.problem, plan, FULL, priced=False)
                self.ask(seconds)

    def go(self, seconds: float, enough: Callable[[], bool] | None = None) -> None:
        """Search until the targets are met, or plans are good enough, or time is out; the programme may have been asked."""
        run, end = self.run, time.monotonic() + seconds
        plain = Assembler(self.blended)
        first = first_options(plain, self.options, self.near)
        relaxation = relax(plain, 0, (), self.options, first, deadline=end)
        if relaxation is None:
            return
        everybody = np.arange(run.problem.num_choices)
        search = Neighbourhoods(plain, relaxation, self.near, (), everybody, run.rng, widths=WIDTHS)
        steps = idle = 0
        left = self._hear(search, end)
        while left > 0 and not search.whole and not (run.deterministic and (steps >= STEPS or idle >= IDLE_STEPS)):
            if enough is not None and enough():
                break
            plan = search.step(left, deterministic=run.deterministic)
            run.offer(plan, "neighbourhood, clinical tiers")
            steps, idle = steps + 1, 0 if plan is not None else idle + 1
            left = self._hear(search, end)
        run.engine.stop()
