"""All the clinical tiers at once: a plan that meets every relaxed target proves them all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.problem.problem import Setups
from transfer_planner.solvers.reduction import affordable
from transfer_planner.solvers.relaxation import Relaxation, first_options, relax

if TYPE_CHECKING:
    from transfer_planner.problem.problem import IntArray, Problem
    from transfer_planner.solvers.programme import Assembler
    from transfer_planner.solvers.run import Run

WHOLE = 1e-3
WEIGHT = 5
"""How much a tenth of a day weighs in a clinical tier against one in the next, where tiers are added up."""


@dataclass(frozen=True)
class Targets:
    """Relaxed targets of the clinical tiers.

    Parameters
    ----------
    values
        The targets: lower bounds that hold together, each with those above met.
    options
        Options that a plan meeting them can use.
    relaxation
        The relaxation of the last of them that there was time for: its prices tell what is worth a look.
    rounded
        First tier whose target had to be rounded up, or the number of targets: plans often meet those before it.
    late
        Whether time was out before the last of them.
    """

    values: list[int]
    options: IntArray
    relaxation: Relaxation
    rounded: int
    late: bool


def relaxed_targets(run: Run, deadline: float) -> Targets | None:
    """Return the relaxed targets, fractions rounded up, which the run learns; None when time is out before the first.

    Where time is out later, the targets left are what the tiers are worth if each choice takes its cheapest option.
    """
    assembler, problem, incumbent = run.plain, run.problem, run.best
    values: list[int] = []
    options = np.arange(problem.num_options)
    start = first_options(assembler, options, incumbent)
    rounded = problem.num_tiers - 1
    last: Relaxation | None = None
    late = False
    for tier in range(problem.num_tiers - 1):
        relaxation = relax(assembler, tier, values, options, start, deadline=deadline)
        if relaxation is None and tier <= rounded:
            # the options of whole plans alone may not even meet the targets in fractions
            rounded, options = tier - 1, np.arange(problem.num_options)
            start = first_options(assembler, options, incumbent)
            relaxation = relax(assembler, tier, values, options, start, deadline=deadline)
        if relaxation is None:
            rounded, late = min(rounded, tier), True
            values.append(run.floor[tier])
            continue
        last = relaxation
        values.append(relaxation.target)
        if relaxation.target - relaxation.bound >= WHOLE:
            rounded = min(rounded, tier)
        if tier < rounded:
            options = affordable(problem, relaxation.within(relaxation.target), values)
        start = np.intersect1d(np.union1d(start, relaxation.options[relaxation.weights > 1e-9]), options)
    if last is None:
        return None
    for tier, target in enumerate(values):
        run.learn(values[:tier], target)
    return Targets(values, options, last, rounded, late)


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


def tier_weights(problem: Problem) -> IntArray:
    """Return the weights of the clinical tiers where they are added up."""
    return np.asarray(WEIGHT ** np.arange(problem.num_tiers - 1)[::-1], dtype=np.int64)


def clinical(problem: Problem) -> Problem:
    """Return the problem with its clinical tiers added up into one, each weighing more than the next; opening and extending cost nothing."""
    free = replace(problem.extensions, price=np.zeros_like(problem.extensions.price))
    open_all = Setups(rows=(), price=np.zeros(0, dtype=np.int64))
    costs = tier_weights(problem) @ problem.costs[:-1]
    return replace(problem, costs=costs[None, :], extensions=free, setups=open_all)
