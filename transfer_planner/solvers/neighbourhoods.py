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
WIDTHS = (20, 60)
"""Options a choice, step after step."""
STEP_S = 1.0
APART = 500
"""Choices from which two taken at random have nothing to do with each other: only neighbours are decided together."""
GAP = 30
"""What a step may leave on the table."""
SEARCH = (
    "num_workers:1 random_seed:1 linearization_level:2 symmetry_level:0 cp_model_probing_level:0 max_presolve_iterations:1"
    " relative_gap_limit:0"
)
EFFORT = 0.1
"""Deterministic seconds of a step where the clock does not count."""
QUICK_S, SLOW_S = 0.08, 0.25
"""Times of a step below which the next are larger, and above which they are smaller: many small steps beat few large ones."""


class Neighbourhoods:
    """Improves one tier of a plan, the tiers above within their limits.

    Parameters
    ----------
    assembler
        Of the problem, without counts.
    relaxation
        Of the tier: its prices tell which options are worth a look.
    plan
        Where to start; `restart` takes another.
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
        self.assembler, self.relaxation = assembler, relaxation
        self.limits, self.rng = tuple(limits), rng
        self.search = f"{SEARCH} absolute_gap_limit:{GAP + 0.5}"
        self.tier, self.open_choices = len(limits), open_choices
        self.restart(plan)
        self.size = min(FIRST_SIZE, len(open_choices))
        self.price = np.full(assembler.problem.num_options, np.inf)
        self.price[relaxation.options] = relaxation.prices
        self.near = {width: best_options(assembler, relaxation, width) for width in WIDTHS}
        self.count = 0
        self.whole = False

    def restart(self, plan: Solution) -> None:
        """Go on from a better plan."""
        self.plan, self.value = plan, tier_values(self.assembler.problem, plan)[self.tier]

    def _pick(self) -> IntArray:
        """Choose the choices to decide again: any, dear ones, or neighbours in time and place of one dear one or of two."""
        choices, problem = self.open_choices, self.assembler.problem
        current = self.plan.options[choices]
        dear = np.minimum(self.price[current], self.value + 1.0) + 1
        odds = dear / dear.sum()
        self.count += 1
        kind = self.count % 4 if len(choices) <= APART else 2 + self.count % 2
        if kind == 0:
            return self.rng.choice(choices, self.size, replace=False)
        if kind == 1:
            return self.rng.choice(choices, self.size, replace=False, p=odds)
        near = 2 * self.rng.random(len(choices))
        for seed in self.rng.choice(len(choices), min(kind - 1, len(choices)), replace=False, p=odds):
            rows = problem.uses[:, [current[seed]]].indices
            near += np.asarray((problem.uses[:, current].tocsr()[rows] > 0).sum(axis=0)).ravel()
            near[seed] = np.inf
        return choices[np.argsort(-near, kind="stable")[: self.size]]

    def step(self, seconds: float, *, deterministic: bool) -> Solution | None:
        """Decide a part again; return a plan better in the tier if there is one."""
        problem = self.assembler.problem
        picked = np.zeros(problem.num_choices, dtype=bool)
        picked[self._pick()] = True
        width = WIDTHS[self.count % len(WIDTHS)]
        near = self.near[width]
        worth = near[self.price[near] <= self.value - self.relaxation.bound]
        options = np.union1d(worth[picked[problem.choice[worth]]], self.plan.options[picked])
        restricted = self.assembler.restricted(options, self.tier, self.limits, fixed=self.plan)
        began = time.monotonic()
        effort = f" max_deterministic_time:{EFFORT}" if deterministic else ""
        outcome = solve_small(
            restricted.programme,
            time_limit_s=600 if deterministic else min(STEP_S, seconds),
            parameters=f"{self.search}{effort}",
        )
        took = QUICK_S if deterministic else time.monotonic() - began
        if outcome.status != "optimal" or took > SLOW_S:
            self.size = max(min(8, len(self.open_choices)), int(self.size * 0.9))
        elif took <= QUICK_S:
            self.size = min(len(self.open_choices), self.size + 1)
        everything = self.size >= len(self.open_choices) and width == max(WIDTHS)
        self.whole = self.whole or (outcome.status == "optimal" and everything)
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
