"""What the engine beside is asked about the clinical tiers: for a plan at the targets, then for the proof of one tier after the other."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from transfer_planner.problem.problem import Solution, is_feasible
from transfer_planner.solvers.greedy import mended
from transfer_planner.solvers.neighbourhoods import best_options
from transfer_planner.solvers.reduction import affordable, roomy, undominated
from transfer_planner.solvers.relaxation import TOLERANCE, Relaxation, first_options, relax
from transfer_planner.solvers.targets import clinical, tier_weights

if TYPE_CHECKING:
    from transfer_planner.problem.problem import IntArray
    from transfer_planner.solvers.programme import Restricted
    from transfer_planner.solvers.run import Run
    from transfer_planner.solvers.targets import Targets

NARROW, WIDE = 25, 60
"""Options a choice where a plan at the targets is looked for, at first and then."""
TRY_SHARE = 0.4
"""Share of the time to look for a plan at targets that had to be rounded up."""
FULL = 0.2
"""Share of its capacity from which a resource may stand in the way of a plan."""

Question = Literal["narrow", "targets", "proof"]


class Questions:
    """Asks the engine one question after the other.

    Parameters
    ----------
    run
        The run.
    targets
        The targets.
    guide
        Its prices tell which options are worth a look.
    """

    def __init__(self, run: Run, targets: Targets, guide: Relaxation) -> None:
        self.run, self.targets, self.guide = run, targets, guide
        self.wanted = tuple(targets.values)
        self.whole = targets.rounded == run.last
        self.question: Question = "narrow" if self.whole else "targets" if targets.rounded == run.last - 1 else "proof"
        self.asked: Restricted | None = None
        self.tier, self.value, self.unit = 0, 0, 1
        self.limits: tuple[int, ...] = ()
        self.tried: set[tuple[int, ...]] = set()

    @property
    def met(self) -> bool:
        """Whether the best plan meets the targets."""
        return self.run.values[: self.run.last] == self.wanted

    def ask(self) -> None:
        """Ask what is to be asked next, if anything is."""
        if self.met:
            return
        if self.question == "proof":
            self._ask_proof()
        else:
            self._ask_targets()

    def hear(self) -> Solution | None:
        """Take what the engine has to say; when it is done, or its question has lost its point, ask the next and return its plan if there is one."""
        run, asked = self.run, self.asked
        if asked is None:
            return None
        self._learn(run.engine.bound)
        finished = not run.engine.running
        if not finished and not self._pointless():
            return None
        outcome, self.asked = run.engine.stop(), None
        if finished:
            self._learn(outcome.bound)
        plan = None if outcome.values is None else self._mended(asked.solution(outcome.values, run.best.options))
        run.offer(plan, f"programme, {self.question}")
        self.question = "targets" if self.question == "narrow" else "proof"
        self.ask()
        return plan

    def _mended(self, plan: Solution) -> Solution | None:
        """Return a plan that holds: resources left out of a programme may be overfull."""
        if is_feasible(self.run.problem, plan):
            return plan
        return mended(self.run.problem, plan)

    def _pointless(self) -> bool:
        """Whether the question at work has lost its point: settled meanwhile, or much easier from the plan that stands now."""
        run = self.run
        if self.question != "proof":
            return self.met
        value = run.values[self.tier]
        easier = 2 * (self.value - value) > self.value - run.bounds[self.tier]
        return run.values[: self.tier] != self.limits or run.unsettled != self.tier or easier

    def _learn(self, bound: float) -> None:
        """Keep what a bound of the question at work tells: of its tier; or, all the clinical tiers added up, of the last at the targets."""
        run = self.run
        if not math.isfinite(bound):
            return
        if self.question == "proof" and run.values[: self.tier] == self.limits:
            run.learn(self.limits, self.unit * math.ceil((bound - TOLERANCE) / self.unit))
        elif self.question == "targets" and not self.whole:
            above = self.wanted[:-1]
            run.learn(above, math.ceil(bound - TOLERANCE) - int(tier_weights(run.problem)[:-1] @ above))

    def _ask_targets(self) -> None:
        """Ask for a plan that meets the targets, whatever its burden.

        At first among few options of a choice; then among many, or all where that proves something, without the resources that the
        relaxed plan leaves far from full.
        """
        run, added, skipped = self.run, clinical(self.run.problem), None
        options = self.targets.options
        if self.whole:
            options = best_options(run.plain, self.guide, NARROW if self.question == "narrow" else WIDE)
        if self.question == "targets":
            skipped = roomy(added, self.targets.relaxation.spread(run.problem), FULL, priced=False)
            options = undominated(added, options, 1, skipped)
        options = np.union1d(options, run.best.options)
        self.asked = run.counted.restricted(options, None, skipped=skipped)
        cost = np.zeros_like(self.asked.programme.cost)
        cost[: len(options)] = added.costs[0, options]
        seconds = run.left(1.0 if self.whole else TRY_SHARE, clinical=True)
        start = run.counted.start(self.asked, run.best)
        run.engine.ask(replace(self.asked.programme, cost=cost), max(0.1, seconds), start)

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
        self.unit = max(1, int(np.gcd.reduce(run.problem.costs[tier, options], initial=0)))
        options = undominated(run.problem, options, tier + 1, np.zeros(len(run.problem.capacity), dtype=np.bool_))
        options = np.union1d(options, run.best.options)
        self.asked = run.counted.restricted(options, tier, list(self.limits))
        seconds = max(0.1, run.left(clinical=True))
        run.engine.ask(self.asked.programme, seconds, run.counted.start(self.asked, run.best))


def bounded(run: Run, tier: int) -> Relaxation | None:
    """Learn the relaxed bound of a tier, those above being as they are, and return its relaxation; None when time is out."""
    limits, every = run.values[:tier], np.arange(run.problem.num_options)
    first = first_options(run.plain, every, run.best)
    relaxation = relax(run.plain, tier, limits, every, first, deadline=time.monotonic() + run.left())
    if relaxation is not None:
        run.learn(limits, relaxation.target)
    return relaxation


def candidates(run: Run, tier: int) -> IntArray | None:
    """Return the options that a plan better in a tier, and no worse above, can use; None when time is out."""
    relaxation, value = bounded(run, tier), run.values[tier] - 1
    if relaxation is None:
        return None
    return affordable(run.problem, relaxation.within(value), [*run.values[:tier], value])
