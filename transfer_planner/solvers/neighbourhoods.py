"""Large neighbourhood search: parts of a plan are decided again by CP-SAT, the rest being kept."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.problem.problem import IntArray, Solution, is_feasible, tier_values
from transfer_planner.solvers.engine import solve_small

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_planner.solvers.programme import Assembler
    from transfer_planner.solvers.relaxation import Relaxation

FIRST_SIZE = 24
OPTIONS_PER_CHOICE = 60
STEP_S = 2.0


class Neighbourhoods:
    """Improves one tier of a plan, the tiers above within their limits.

    Parameters
    ----------
    assembler
        Of the problem, without counts.
    relaxation
        Of the tier: its prices tell which options are worth a look.
    plan
        Where to start.
    limits
        Largest values of the tiers above.
    open_choices
        Choices that matter, as a mask; the others keep what they have.
    rng
        Source of the random choices.
    """

    def __init__(
        self,
        assembler: Assembler,
        relaxation: Relaxation,
        plan: Solution,
        limits: Sequence[float],
        open_choices: IntArray,
        rng: np.random.Generator,
    ) -> None:
        self.assembler, self.relaxation, self.plan = assembler, relaxation, plan
        self.limits, self.rng = tuple(limits), rng
        self.tier, self.open_choices = len(limits), open_choices
        self.value = tier_values(assembler.problem, plan)[self.tier]
        self.size = min(FIRST_SIZE, len(open_choices))
        self.price = np.full(assembler.problem.num_options, np.inf)
        self.price[relaxation.options] = relaxation.prices
        self.near = best_options(assembler, relaxation, OPTIONS_PER_CHOICE)
        self.count = 0
        self.whole = False

    def _pick(self) -> IntArray:
        """Choose the choices to decide again: dear ones, neighbours in time and place of a dear one, or any."""
        choices, problem = self.open_choices, self.assembler.problem
        current = self.plan.options[choices]
        dear = np.minimum(self.price[current], self.value + 1.0) + 1
        odds = dear / dear.sum()
        self.count += 1
        if self.count % 3 == 0:
            return self.rng.choice(choices, self.size, replace=False)
        if self.count % 3 == 1:
            return self.rng.choice(choices, self.size, replace=False, p=odds)
        seed = self.rng.choice(len(choices), p=odds)
        rows = problem.uses[:, [current[seed]]].indices
        shared = np.asarray((problem.uses[:, current].tocsr()[rows] > 0).sum(axis=0)).ravel()
        shared = shared + 2 * self.rng.random(len(choices))
        shared[seed] = np.inf
        return choices[np.argsort(-shared, kind="stable")[: self.size]]

    def step(self, seconds: float, *, deterministic: bool) -> Solution | None:
        """Decide a part again; return a plan better in the tier if there is one."""
        problem = self.assembler.problem
        picked = np.zeros(problem.num_choices, dtype=bool)
        picked[self._pick()] = True
        worth = self.near[self.price[self.near] <= self.value - self.relaxation.bound]
        options = np.union1d(worth[picked[problem.choice[worth]]], self.plan.options[picked])
        last = problem.num_tiers - 1
        restricted = self.assembler.restricted(
            options, self.tier, self.limits, fixed=self.plan, priced=self.tier == last
        )
        began = time.monotonic()
        effort = " max_deterministic_time:1" if deterministic else ""
        outcome = solve_small(
            restricted.programme,
            time_limit_s=600 if deterministic else min(STEP_S, seconds),
            parameters=f"num_workers:1 random_seed:1{effort}",
        )
        quick = deterministic or time.monotonic() - began < STEP_S / 4
        if outcome.status != "optimal":
            self.size = max(min(8, len(self.open_choices)), int(self.size * 0.8))
        elif quick:
            self.size = min(len(self.open_choices), int(self.size * 1.15) + 1)
        self.whole = outcome.status == "optimal" and self.size >= len(self.open_choices)
        if outcome.values is None:
            return None
        plan = restricted.solution(outcome.values, self.plan.options)
        if not is_feasible(problem, plan):
            return None
        values = tier_values(problem, plan)
        if values[self.tier] >= self.value or any(v > limit for v, limit in zip(values, self.limits, strict=False)):
            return None
        self.plan, self.value = plan, values[self.tier]
        return plan


def best_options(assembler: Assembler, relaxation: Relaxation, per_choice: int) -> IntArray:
    """Return the options of least price of each choice, and those of the relaxed optimum."""
    owner = assembler.problem.choice[relaxation.options]
    burden = assembler.problem.costs[-1, relaxation.options]
    order = np.lexsort((burden, np.round(relaxation.prices, 6), owner))
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(len(order)) - np.searchsorted(owner[order], owner[order])
    return relaxation.options[(position < per_choice) | (relaxation.weights > 1e-9)]
