"""All the clinical tiers at once: a plan is led to their relaxed targets, without forgetting the burden.

The plan is improved by neighbourhoods in this process; meanwhile the engine beside is asked, one question after the other: for a plan
that meets the targets, whatever its burden; for the best plan between that one and ours; for the proof of the first tier off its target.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from transfer_planner.problem.problem import Problem, Solution, is_feasible, tier_values
from transfer_planner.solvers.greedy import complete, polish
from transfer_planner.solvers.neighbourhoods import Neighbourhoods, best_options
from transfer_planner.solvers.reduction import affordable, roomy, undominated
from transfer_planner.solvers.relaxation import TOLERANCE, Relaxation, first_options, relax
from transfer_planner.solvers.targets import clinical, tier_weights, whole_units

if TYPE_CHECKING:
    from transfer_planner.problem.problem import IntArray
    from transfer_planner.solvers.programme import Assembler, Restricted
    from transfer_planner.solvers.run import Run
    from transfer_planner.solvers.targets import Targets

TENTH = 1500
"""How much a tenth of a day weighs in the last clinical tier against a unit of burden."""
NARROW, WIDE, BETWEEN = 25, 60, 8
"""Options a choice where a plan is looked for, at first and then, and where one is looked for between two plans."""
BETWEEN_S = 2.0
TRY_SHARE = 0.4
"""Share of the time to look for a plan at targets that had to be rounded up."""
FULL = 0.2
"""Share of its capacity from which a resource may stand in the way of a plan."""
STEPS, IDLE_STEPS = 40, 10
"""Steps of a search that does not look at the clock: in all, and without a better plan."""

Question = Literal["targets", "between", "proof"]


def joint(problem: Problem, held: int = 0) -> Problem:
    """Return the problem with its tiers after the first few added up into one, each weighing more than the next."""
    tiers = problem.num_tiers - 1
    clinical_costs = tier_weights(problem)[held:] @ problem.costs[held:tiers]
    return replace(problem, costs=np.vstack([problem.costs[:held], TENTH * clinical_costs + problem.costs[tiers]]))


class Approach:
    """Leads plans to the targets.

    Parameters
    ----------
    run
        The run.
    targets
        The targets.
    wide
        Relaxation of the last tier under them, or the last that there was time for: its prices tell what is worth a look.
    """

    def __init__(self, run: Run, targets: Targets, wide: Relaxation) -> None:
        self.run, self.wanted, self.wide = run, tuple(targets.values), wide
        self.joint, self.clinical = joint(run.problem), clinical(run.problem)
        near = complete(run.problem, wide.spread(run.problem), whole_units(run.plain, wide))
        run.offer(near, "relaxed plan completed")
        plans = [run.best] if near is None else [near, run.best]
        plan = polish(run.problem, min(plans, key=self._worth), wide.options)
        run.offer(plan, "single moves")
        plain, everybody = run.plain.recosted(self.joint), np.arange(run.problem.num_choices)
        self.search = Neighbourhoods(plain, replace(wide, bound=-math.inf), plan, (), everybody, run.rng)
        self.options, self.whole = targets.options, targets.rounded == run.last
        self.likely = targets.rounded >= run.last - 1
        self.skipped = roomy(self.clinical, targets.relaxation.spread(run.problem), FULL, priced=False)
        self.question: Question = "targets"
        self.narrow, self.held = self.whole, 0
        self.asked: Restricted | None = None
        self.tier, self.value, self.unit = 0, 0, 1
        self.limits: tuple[int, ...] = ()
        self.tried: set[tuple[int, ...]] = set()

    @cached_property
    def counted(self) -> Assembler:
        """Programmes of all tiers added up."""
        return self.run.counted.recosted(self.joint)

    def _worth(self, plan: Solution) -> int:
        return tier_values(self.joint, plan)[0]

    @property
    def met(self) -> bool:
        """Whether the best plan meets the targets."""
        return self.run.values[: self.run.last] == self.wanted

    def go(self) -> None:
        """Search until the targets are met, or all is proven, or time is out."""
        run, steps, idle = self.run, 0, 0
        if run.engine.beside and not self.met and not run.many:
            self._ask_targets() if self.likely else self._ask_proof()
        while not self._over(steps, idle):
            left = max(0.05, run.left(clinical=True))
            plan = self.search.step(left, deterministic=run.deterministic)
            run.offer(plan, "neighbourhood, clinical tiers")
            steps, idle = steps + 1, 0 if plan is not None else idle + 1
            self._hear()
        if not run.engine.beside and not self.met:
            self._ask_proof()
            while self.asked is not None:
                self._hear()
        run.engine.stop()

    def _over(self, steps: int, idle: int) -> bool:
        run = self.run
        if run.left(clinical=True) <= 0:
            return True
        if not run.engine.beside:
            return self.met or self.search.whole or steps >= STEPS or idle >= IDLE_STEPS
        return self.asked is None and (self.met or self.search.whole)

    def _hear(self) -> None:
        """Take what the engine has to say, and ask the next question."""
        if self.asked is None:
            return
        self._learn(self.run.engine.bound)
        if self.run.engine.running and not self._pointless():
            return
        finished, asked, self.asked = not self.run.engine.running, self.asked, None
        outcome = self.run.engine.stop()
        if finished:
            self._learn(outcome.bound)
        other = None if outcome.values is None else self._take(asked.solution(outcome.values, self.search.plan.options))
        if self.question == "targets" and self.narrow and not self.met:
            self.narrow = False
            self._ask_targets()
        elif self.question == "targets" and other is not None and self._promises(other):
            self._ask_between(other)
        elif not self.met:
            self._ask_proof()

    def _pointless(self) -> bool:
        """Whether the question at work has lost its point: settled meanwhile, or much easier from the plan that stands now."""
        run = self.run
        if self.question == "proof":
            value = run.values[self.tier]
            easier = 2 * (self.value - value) > self.value - run.bounds[self.tier]
            return run.values[: self.tier] != self.limits or run.unsettled != self.tier or easier
        return self.question == "targets" and self.met

    def _promises(self, other: Solution) -> bool:
        """Whether something may lie between our plan and another: one is better in the clinical tiers, the other in the burden."""
        plans = (self.search.plan, other)
        clinical_costs, burdens = (
            [tier_values(p, plan)[-1] for plan in plans] for p in (self.clinical, self.run.problem)
        )
        return (clinical_costs[0] - clinical_costs[1]) * (burdens[0] - burdens[1]) < 0

    def _learn(self, bound: float) -> None:
        """Keep what a bound of the question at work tells: of its tier; or, all the clinical tiers added up, of the last at the targets."""
        run = self.run
        if not math.isfinite(bound):
            return
        if self.question == "proof" and run.values[: self.tier] == self.limits:
            run.learn(self.limits, self.unit * math.ceil((bound - TOLERANCE) / self.unit))
        elif self.question == "targets" and not self.whole and not self.narrow:
            above = self.wanted[:-1]
            run.learn(above, math.ceil(bound - TOLERANCE) - int(tier_weights(run.problem)[:-1] @ above))

    def _take(self, plan: Solution) -> Solution:
        """Take a plan of the engine, mended if resources left out break it; return the one, of it and ours, that the search leaves."""
        run, ours = self.run, self.search.plan
        if not is_feasible(run.problem, plan):
            taken = np.zeros(run.problem.num_options)
            taken[plan.options] = 1
            mended = complete(run.problem, taken, plan.units)
            if mended is None:
                return plan
            plan = mended
        better = run.offer(plan, f"programme, {self.question}")
        if not self.held and self._worth(plan) < self._worth(ours):
            self.search.restart(plan)
        elif better:
            self._hold(plan)
        else:
            return plan
        return ours

    def _hold(self, plan: Solution) -> None:
        """Go on from a plan that is better in the order of the tiers, though dearer with all added up; what it gained is held."""
        run, problem = self.run, self.run.problem
        pairs = zip(run.values, tier_values(problem, self.search.plan), strict=True)
        first = next((tier for tier, (value, ours) in enumerate(pairs) if value != ours), run.last)
        self.held = min(first + 1, run.last)
        plain = run.plain.recosted(joint(problem, self.held))
        everybody = np.arange(problem.num_choices)
        wide = replace(self.wide, bound=-math.inf)
        self.search = Neighbourhoods(plain, wide, plan, run.values[: self.held], everybody, run.rng)

    def _ask_targets(self) -> None:
        """Ask for a plan that meets the targets, whatever its burden.

        At first among few options of a choice; then among many, or all where that proves something, without the resources that the
        relaxed plan leaves far from full.
        """
        run, plan = self.run, self.search.plan
        if self.narrow or self.whole:
            options = best_options(run.plain, self.wide, NARROW if self.narrow else WIDE)
        else:
            options = self.options
        skipped = None if self.narrow else self.skipped
        if skipped is not None:
            options = undominated(self.clinical, options, 1, skipped)
        options = np.union1d(options, plan.options)
        self.question, self.asked = "targets", run.counted.restricted(options, None, skipped=skipped)
        cost = np.zeros_like(self.asked.programme.cost)
        cost[: len(options)] = self.clinical.costs[0, options]
        programme = replace(self.asked.programme, cost=cost)
        seconds = run.left(1.0 if self.whole else TRY_SHARE, clinical=True)
        run.engine.ask(programme, max(0.1, seconds), run.counted.start(self.asked, plan))

    def _ask_between(self, other: Solution) -> None:
        """Ask for the best plan between two."""
        run, plan = self.run, self.search.plan
        options = np.union1d(best_options(run.plain, self.wide, BETWEEN), np.union1d(other.options, plan.options))
        self.question, self.asked = "between", self.counted.restricted(options, 0)
        run.engine.ask(self.asked.programme, min(BETWEEN_S, run.left()), self.counted.start(self.asked, plan))

    def _ask_proof(self) -> None:
        """Ask for the best value of the first tier that is not settled, those above being as they are."""
        run = self.run
        self.tier = tier = run.unsettled
        self.limits, self.value = run.values[:tier], run.values[tier]
        if tier == run.last or run.values[: tier + 1] in self.tried:
            return
        self.tried.add(run.values[: tier + 1])
        options = candidates(run, tier)
        if options is None:
            return
        self.question = "proof"
        self.unit = max(1, int(np.gcd.reduce(run.problem.costs[tier, options], initial=0)))
        options = undominated(run.problem, options, tier + 1, np.zeros(len(run.problem.capacity), dtype=np.bool_))
        options = np.union1d(options, run.best.options)
        self.asked = run.counted.restricted(options, tier, list(self.limits))
        seconds = max(0.1, run.left(clinical=True))
        run.engine.ask(self.asked.programme, seconds, run.counted.start(self.asked, run.best))


def candidates(run: Run, tier: int) -> IntArray | None:
    """Learn the relaxed bound of a tier, and return the options that a plan better in it can use; None when time is out."""
    problem, limits = run.problem, run.values[:tier]
    every = np.arange(problem.num_options)
    first = first_options(run.plain, every, run.best)
    relaxation = relax(run.plain, tier, limits, every, first, deadline=time.monotonic() + run.left())
    if relaxation is None:
        return None
    run.learn(limits, relaxation.target)
    value = run.values[tier] - 1
    return affordable(problem, relaxation.within(value), [*limits, value])
