"""The last tier, the burden: neighbourhoods improve the plan, while the engine beside raises the bound."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.solvers.greedy import polish
from transfer_planner.solvers.neighbourhoods import Neighbourhoods, best_options
from transfer_planner.solvers.reduction import affordable, crowded, roomy, undominated
from transfer_planner.solvers.relaxation import TOLERANCE, Relaxation, first_options, relax

if TYPE_CHECKING:
    from transfer_planner.problem.problem import IntArray
    from transfer_planner.solvers.engine import BoolArray
    from transfer_planner.solvers.programme import Restricted
    from transfer_planner.solvers.run import Run

RELAX_SHARE = 0.4
"""Share of the time left for the relaxation of the tier."""
GAP = 0.003
"""Gap from which only a little more time is worth while."""
POLISH_S = 2.0
FULL = 0.95
"""Share of its capacity from which a resource of a relaxed plan is taken to matter."""
WIDTH = 12
"""Options a choice of the programmes in which plans are looked for."""
STALL_S = 3.0
"""Seconds without a better bound after which a better plan is looked for instead."""
OWN_SHARE = 0.95
FIND_SHARE = 0.5
STEPS = 60
PROVABLE = 3000
"""Options up to which a plan is pursued to its proof, however close to its bound."""


def settle_last_tier(run: Run) -> None:
    """Settle the last tier as well as the time allows, those above being as they are."""
    limits = run.values[: run.last]
    options = affordable(run.problem, np.arange(run.problem.num_options), [*limits, math.inf])
    first, deadline = first_options(run.plain, options, run.best), time.monotonic() + run.left(RELAX_SHARE)
    relaxation = relax(run.plain, run.last, limits, options, first, deadline=deadline)
    if relaxation is not None:
        _Pursuit(run, relaxation).go()


class _Pursuit:
    """The last tier pursued: what the engines are asked, and what they answered."""

    def __init__(self, run: Run, relaxation: Relaxation) -> None:
        self.run, self.relaxation = run, relaxation
        self.limits = list(run.values[: run.last])
        self._raise(relaxation.bound)
        self.skipped = roomy(run.problem, relaxation.spread(run.problem), FULL, priced=True)
        self.asked: Restricted | None = None
        self.wide, self.width = True, WIDTH
        self.risen = 0.0
        self.bounded = False
        self.polished: float | None = None

    @property
    def value(self) -> int:
        """Value of the best plan."""
        return self.run.values[self.run.last]

    @property
    def bound(self) -> int:
        """Its proven bound."""
        return self.run.bounds[self.run.last]

    def _raise(self, bound: float) -> None:
        if math.isfinite(bound):
            self.run.learn(self.limits, math.ceil(bound - TOLERANCE))

    def go(self) -> None:
        """Pursue the tier until value and bound meet, or are close, or time is out."""
        run = self.run
        run.offer(polish(run.problem, run.best, self._candidates()), "single moves")
        if self.value <= self.bound:
            return
        search = Neighbourhoods(
            run.plain, self.relaxation, run.best, self.limits, np.arange(run.problem.num_choices), run.rng
        )
        if run.engine.beside and not run.many:
            self._ask_bound()
        steps = 0
        while not self._over(steps, search):
            self._hear(search)
            steps += 1
            left = run.left() if run.deterministic else max(0.05, self._patience() - time.monotonic())
            run.offer(search.step(left, deterministic=run.deterministic), "neighbourhood, last tier")
        if not run.engine.beside and self.value > self.bound:
            self._ask_bound()
            while self.asked is not None:
                self._hear(search)
        self._hear(search)
        run.engine.stop()

    def _over(self, steps: int, search: Neighbourhoods) -> bool:
        if self.value <= self.bound:
            return True
        if not self.run.engine.beside:
            return search.whole or steps >= STEPS
        idle = search.whole and self.asked is None
        return idle or time.monotonic() > self._patience()

    def _patience(self) -> float:
        """Return until when to go on."""
        run = self.run
        end = run.started + run.time_limit_s
        close = self.value - self.bound <= GAP * self.value and run.problem.num_options > PROVABLE
        if self.polished is None and close:
            self.polished = time.monotonic() + POLISH_S
        return end if self.polished is None else min(end, self.polished)

    def _candidates(self) -> np.ndarray:
        """Return the options that a better plan can use."""
        options = self.relaxation.within(self.value - 1)
        return affordable(self.run.problem, options, [*self.limits, math.inf])

    def _ask_bound(self) -> None:
        """Ask for the best plan over all options, without the resources that seem to matter little."""
        run, self.wide, self.bounded, self.risen = self.run, True, True, time.monotonic()
        tiers, groups = run.problem.num_tiers, run.counted.members
        options = undominated(run.problem, self._candidates(), tiers, self.skipped, groups)
        self._ask(options, self.skipped, bounding=len(options) > PROVABLE)

    def _ask_plan(self) -> None:
        """Ask for the best plan over the few best options of each choice."""
        self.wide = False
        options = np.intersect1d(best_options(self.run.plain, self.relaxation, self.width), self._candidates())
        self._ask(options, None, bounding=False)
        self.width *= 2

    def _ask(self, options: IntArray, skipped: BoolArray | None, *, bounding: bool) -> None:
        run = self.run
        options = np.union1d(options, run.best.options)
        self.asked = run.counted.restricted(options, run.last, self.limits, skipped=skipped)
        start = run.counted.start(self.asked, run.best)
        seconds = run.left() * (OWN_SHARE if self.wide else FIND_SHARE)
        run.engine.ask(self.asked.programme, max(0.1, seconds), start, bounding=bounding)

    def _hear(self, search: Neighbourhoods) -> None:
        """Take what the engine has to say; ask for a plan when it raises the bound no more, and again when it is done."""
        run, asked = self.run, self.asked
        if asked is None:
            return
        before = self.bound
        if self.wide:
            self._raise(run.engine.bound)
        if self.bound > before:
            self.risen = time.monotonic()
        stalled = self.wide and time.monotonic() - self.risen > STALL_S and len(asked.options) > PROVABLE
        if run.engine.running and not stalled:
            return
        outcome, self.asked = run.engine.stop(), None
        if self.wide:
            self._raise(outcome.bound)
        if outcome.values is not None:
            plan = asked.solution(outcome.values, run.best.options)
            if run.offer(plan, "programme, last tier"):
                search.restart(run.best)
            filled = self.skipped & crowded(run.problem, plan, FULL, priced=True)
            self.skipped &= ~filled
            if self.wide and outcome.status == "optimal" and filled.any():
                self._ask_bound()
                return
        if not run.engine.beside or run.left() < 1:
            return
        if not self.wide and not self.bounded:
            self._ask_bound()
        else:
            self._ask_plan()
