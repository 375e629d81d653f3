"""HiGHS and SCIP on the programme that the planner exports, tier by tier."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import numpy as np
from ortools.math_opt.python import mathopt

from transfer_planner.problem.problem import Problem, Solution, is_feasible, tier_values
from transfer_planner.solvers.engine import mathopt_model
from transfer_planner.solvers.programme import Assembler
from transfer_planner.solvers.solve import Result, SolvedTier

if TYPE_CHECKING:
    from collections.abc import Callable

    from transfer_planner.solvers.engine import FloatArray, Programme

EngineName = Literal["highs", "scip"]
NO_PLAN = Result("infeasible", None, ())
"""Said also of a search that found nothing in its time."""
ENGINES = {"highs": mathopt.SolverType.HIGHS, "scip": mathopt.SolverType.GSCIP}
EPSILON = 1e-6


@dataclass(frozen=True)
class Answer:
    """What an engine found for a tier: the variables (None without a plan) and a proven bound of the objective."""

    values: FloatArray | None
    bound: float


def tier_by_tier(problem: Problem, engine: EngineName, *, time_limit_s: float) -> Result:
    """Minimise the tiers in order, each programme whole, the tiers above limited to what was reached, from the plan found before.

    A tier may use half of the time left, the last one all of it; as long as there is no plan, everything.

    Parameters
    ----------
    problem
        The problem.
    engine
        Which.
    time_limit_s
        Wall-clock limit for everything, the making of the programmes included, seconds.

    Returns
    -------
    Result
        Its trace has the tiers that are known at that moment: while a tier is sought, those below it are not.
    """
    started = time.monotonic()
    assembler, options = Assembler(problem), np.arange(problem.num_options)
    best: Solution | None = None
    values: tuple[int, ...] = ()
    bounds: list[int] = []
    trace: list[tuple[float, str, tuple[int, ...]]] = []
    for tier in range(problem.num_tiers):
        restricted = assembler.restricted(options, tier, values[:tier])
        start = None if best is None else assembler.start(restricted, best)
        left = time_limit_s - (time.monotonic() - started)
        if left <= 0:
            break
        share = left if best is None or tier == problem.num_tiers - 1 else left / 2

        def heard(objective: float, above: tuple[int, ...] = values[:tier], tier: int = tier) -> None:
            trace.append((time.monotonic() - started, f"tier {tier + 1}", (*above, math.ceil(objective - EPSILON))))

        answer = optimise(restricted.programme, engine, seconds=share, start=start, heard=heard)
        if answer.values is not None:
            found = restricted.solution(answer.values, np.zeros(problem.num_choices, dtype=np.int64))
            # An engine that keeps its rules within a tolerance only is not believed.
            if is_feasible(problem, found) and (best is None or tier_values(problem, found) < values):
                best, values = found, tier_values(problem, found)
        if best is None:
            return NO_PLAN
        trace.append((time.monotonic() - started, f"tier {tier + 1}", values))
        bounds.append(0 if not math.isfinite(answer.bound) else max(0, math.ceil(answer.bound - EPSILON)))
    if best is None:
        return NO_PLAN
    return _result(best, values, bounds, trace)


def _result(
    best: Solution, values: tuple[int, ...], bounds: list[int], trace: list[tuple[float, str, tuple[int, ...]]]
) -> Result:
    """Return the plan with its bounds, none for the tiers that were not sought."""
    tiers, above = [], True
    for value, bound in zip(values, [*bounds, *[0] * (len(values) - len(bounds))], strict=True):
        above = above and value <= bound
        tiers.append(SolvedTier(value, min(value, bound), proven=above))
    return Result("optimal" if above else "feasible", best, tuple(tiers), tuple(trace))


def optimise(
    programme: Programme,
    engine: EngineName,
    *,
    seconds: float,
    start: FloatArray | None = None,
    heard: Callable[[float], None],
) -> Answer:
    """Give a programme to an engine.

    Parameters
    ----------
    programme
        The programme.
    engine
        Which.
    seconds
        Wall-clock limit.
    start
        Values to begin with, shape (n,).
    heard
        Told the objective of each better plan that the engine prints.
    """
    model = mathopt_model(programme)
    hints = []
    if start is not None:
        given = {model.get_variable(index): value for index, value in enumerate(start.tolist())}
        hints.append(mathopt.SolutionHint(variable_values=given))
    least = math.inf

    def listen(lines: list[str]) -> None:
        nonlocal least
        for line in lines:
            objective = printed_objective(line, engine)
            if objective < least:
                least = objective
                heard(objective)

    try:
        result = mathopt.solve(
            model,
            ENGINES[engine],
            params=mathopt.SolveParameters(time_limit=timedelta(seconds=max(0.01, seconds)), enable_output=False),
            model_params=mathopt.ModelSolveParameters(solution_hints=hints),
            msg_cb=listen,
        )
    except (
        RuntimeError,
        AttributeError,
    ):  # an engine may refuse a model (the library then fails on its own error class)
        return Answer(None, -math.inf)
    values = None
    if result.solutions and result.solutions[0].primal_solution is not None:
        found = result.solutions[0].primal_solution.variable_values
        values = np.array([found[variable] for variable in sorted(found, key=lambda v: v.id)], dtype=np.float64)
    return Answer(values, result.termination.objective_bounds.dual_bound)


def printed_objective(line: str, engine: EngineName) -> float:
    """Return the objective of the best plan in a line of an engine's progress table; infinite in any other line.

    HiGHS writes a share in percent, the bound, the best plan, the gap; SCIP cells between bars, the last four of them
    bound, best plan, gap and completion.
    """
    if engine == "highs":
        words = line.split()
        share = next((index for index, word in enumerate(words) if word.endswith("%")), -1)
        cell = words[share + 2] if share in (3, 4) and len(words) > share + 2 else ""
    else:
        cells = line.split("|")
        cell = cells[-3] if len(cells) > 12 else ""
    try:
        return float(cell)
    except ValueError:
        return math.inf
