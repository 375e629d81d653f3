"""All the clinical tiers at once: a plan that meets every relaxed target proves them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.solvers.engine import solve_integer
from transfer_planner.solvers.neighbourhoods import best_options
from transfer_planner.solvers.relaxation import Relaxation, first_options, relax

if TYPE_CHECKING:
    from transfer_planner.problem.problem import IntArray, Solution
    from transfer_planner.solvers.programme import Assembler

WIDTHS = (60, 120)
"""Options a choice in the programmes that look for the plan."""
WHOLE = 1e-3


@dataclass(frozen=True)
class Targets:
    """Relaxed targets of the clinical tiers, all integers.

    Parameters
    ----------
    values
        The targets: lower bounds that hold together, each with those above met.
    options
        Options that a plan meeting them can use.
    last
        Relaxation of the last tier under them.
    """

    values: list[int]
    options: IntArray
    last: Relaxation


def relaxed_targets(assembler: Assembler, incumbent: Solution, deadline: float) -> Targets | None:
    """Return the relaxed targets; None where one is a fraction, since a plan then hardly ever meets it, or time is out."""
    problem = assembler.problem
    values: list[int] = []
    options = np.arange(problem.num_options)
    start = first_options(assembler, options, incumbent)
    for tier in range(problem.num_tiers - 1):
        relaxation = relax(assembler, tier, values, options, start, deadline=deadline)
        if relaxation is None or abs(relaxation.bound - round(relaxation.bound)) > WHOLE:
            return None
        values.append(relaxation.target)
        options = relaxation.within(relaxation.target)
        start = np.intersect1d(np.union1d(start, relaxation.options[relaxation.weights > 1e-9]), options)
    last = relax(assembler, problem.num_tiers - 1, values, options, start, deadline=deadline)
    return None if last is None else Targets(values, options, last)


def meet(
    assembler: Assembler, targets: Targets, incumbent: Solution, *, seconds: float, node_limit: int | None
) -> Solution | None:
    """Look for a plan that meets the targets, among the cheapest options of the last tier; None if none is found."""
    for width in WIDTHS:
        chosen = np.intersect1d(best_options(assembler, targets.last, width), targets.options)
        restricted = assembler.restricted(chosen, None, targets.values, priced=False)
        outcome = solve_integer(restricted.programme, time_limit_s=seconds, node_limit=node_limit)
        if outcome.values is not None:
            return restricted.solution(outcome.values, incumbent.options)
    return None
