"""All the tiers at once: a plan is led to the relaxed targets of the clinical tiers, without forgetting the burden.

The plan is annealed, then improved by neighbourhoods; meanwhile the engine beside is asked for what a search cannot find or prove.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.problem.problem import Solution, is_feasible, tier_values
from transfer_planner.solvers.annealing import Annealing
from transfer_planner.solvers.engine import solve_small
from transfer_planner.solvers.greedy import complete, polish
from transfer_planner.solvers.joint import holding, joint
from transfer_planner.solvers.neighbourhoods import SEARCH, Neighbourhoods, best_options
from transfer_planner.solvers.questions import Questions
from transfer_planner.solvers.relaxation import TOLERANCE, Relaxation, first_options, relax
from transfer_planner.solvers.targets import whole_units

if TYPE_CHECKING:
    from transfer_planner.solvers.engine import FloatArray
    from transfer_planner.solvers.run import Run
    from transfer_planner.solvers.targets import Targets

GUIDE_SHARE = 0.3
"""Share of the time for the relaxation that guides the search."""
ANNEAL_SHARE, WIDTH = 0.1, 60
"""Share of the time to anneal, and options a choice."""
FEW_ROUNDS, MOST_ROUNDS = 1000, 20_000
"""Rounds to anneal where the clock does not count or the problem is small, and elsewhere."""
CROSSED, CROSSED_S = 2, 1.0
"""Options a choice added to those of two plans to make one of them, and seconds for it."""
STEPS, IDLE_STEPS = 40, 10
"""Steps of a search that does not look at the clock: in all, and without a better plan."""


class Approach:
    """Leads plans to the targets.

    Parameters
    ----------
    run
        The run.
    targets
        The targets.
    """

    def __init__(self, run: Run, targets: Targets) -> None:
        self.run, self.joint, self.held = run, joint(run.problem), 0
        self.rounds = MOST_ROUNDS if run.engine.beside else FEW_ROUNDS
        self.guide: Relaxation = targets.relaxation
        self.prices: FloatArray | None = None
        if not targets.late:
            self._guided()
        near = complete(run.problem, self.guide.spread(run.problem), whole_units(run.plain, self.guide))
        run.offer(near, "relaxed plan completed")
        plans = [run.best] if near is None else [near, run.best]
        plan = polish(run.problem, min(plans, key=self._worth), self.guide.options)
        run.offer(plan, "single moves")
        self.search = self._searching(plan)
        self.questions = Questions(run, targets, self.guide)

    def _worth(self, plan: Solution) -> int:
        return tier_values(self.joint, plan)[0]

    def _guided(self) -> None:
        """Take the relaxation of all tiers added up, the first ones held, as a guide; keep the one that is known when time is out."""
        run, known, self.prices = self.run, self.guide, None
        problem, every = joint(run.problem, self.held), np.arange(run.problem.num_options)
        # a last tier of nothing: what the last one pays for is free
        plain = run.plain.recosted(replace(problem, costs=np.vstack([problem.costs, np.zeros_like(every)])))
        start = np.union1d(first_options(plain, every, run.best), known.options[known.weights > TOLERANCE])
        deadline = time.monotonic() + run.left(GUIDE_SHARE)
        guide = relax(plain, self.held, run.values[: self.held], every, start, deadline=deadline, loose=True)
        if guide is not None:
            self.guide, self.prices = guide, np.concatenate([-guide.row_prices, guide.limit_prices])

    def _searching(self, plan: Solution) -> Neighbourhoods:
        """Return the search that goes on from a plan, its first tiers held."""
        run = self.run
        plain, guide = run.plain.recosted(joint(run.problem, self.held)), replace(self.guide, bound=-math.inf)
        return Neighbourhoods(plain, guide, plan, run.values[: self.held], np.arange(run.problem.num_choices), run.rng)

    def go(self) -> None:
        """Search until the targets are met, or all is proven, or time is out."""
        run, questions, steps, idle = self.run, self.questions, 0, 0
        if run.engine.beside and not run.many:
            questions.ask()
        self.anneal(self.rounds)
        while not self._over(steps, idle):
            left = max(0.05, run.left(clinical=True))
            plan = self.search.step(left, deterministic=run.deterministic)
            run.offer(plan, "neighbourhood, clinical tiers")
            steps, idle = steps + 1, 0 if plan is not None else idle + 1
            self._take(questions.hear())
        if not run.engine.beside and not questions.met:
            questions.question = "proof"
            questions.ask()
            while questions.asked is not None:
                questions.hear()
        run.engine.stop()

    def _over(self, steps: int, idle: int) -> bool:
        run, questions = self.run, self.questions
        if run.left(clinical=True) <= 0:
            return True
        if not run.engine.beside:
            return questions.met or self.search.whole or steps >= STEPS or idle >= IDLE_STEPS
        return questions.asked is None and (questions.met or self.search.whole)

    def anneal(self, most: int) -> None:
        """Draw the plan anew, ever less at random, the first tiers held, until the engine has a plan worth more; in so many rounds at most."""
        run, search, rounds = self.run, self.search, 0
        if search.size >= run.problem.num_choices:
            return  # its first step decides all again
        problem = holding(run.problem, search.limits)
        options = best_options(run.plain, self.guide, WIDTH)
        annealing = Annealing(problem, options, search.plan, run.rng, self.prices)
        began, seconds = time.monotonic(), max(0.01, run.left(ANNEAL_SHARE))

        def progress() -> float:
            return rounds / most if run.deterministic else max(rounds / most, (time.monotonic() - began) / seconds)

        for plan in annealing.rounds(progress):
            rounds += 1
            if plan is not None and annealing.value < search.value:
                search.restart(plan)
                run.offer(plan, "annealed")
            self._take(self.questions.hear())
            if self.search is not search:
                return

    def _take(self, plan: Solution | None) -> None:
        """Go on from a plan of the engine where it is better than ours, or rather from one made of both."""
        run, ours = self.run, self.search.plan
        if plan is None:
            return
        if not self.held and self._worth(plan) < self._worth(ours):
            self.search.restart(plan)
            self._cross(ours, plan)
        elif plan is run.best:
            # better in the order of the tiers, though dearer with all added up: what it gained is held
            pairs = zip(run.values, tier_values(run.problem, ours), strict=True)
            first = next((tier for tier, (value, our) in enumerate(pairs) if value != our), run.last)
            self.held = min(first + 1, run.last)
            self._guided()
            self.search = self._searching(plan)
            self._cross(ours, plan)
            self.anneal(self.rounds)

    def _cross(self, one: Solution, other: Solution) -> None:
        """Go on from a plan made of two and of the best options, where one is found soon that is better than the other."""
        options = best_options(self.run.plain, self.guide, CROSSED)
        options = np.union1d(options, np.union1d(one.options, other.options))
        programme = self.search.assembler.restricted(options, self.held, self.search.limits)
        seconds = max(0.1, min(CROSSED_S, self.run.left()))
        outcome = solve_small(programme.programme, time_limit_s=seconds, parameters=SEARCH)
        mixed = None if outcome.values is None else programme.solution(outcome.values, other.options)
        if mixed is not None and is_feasible(self.run.problem, mixed):
            self.run.offer(mixed, "crossed")
            values = tier_values(self.search.assembler.problem, mixed)
            if values[: self.held] <= self.search.limits and values[self.held] < self.search.value:
                self.search.restart(mixed)
