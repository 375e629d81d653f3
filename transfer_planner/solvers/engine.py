"""The door to OR-Tools: a sparse programme in, values, bound and prices out."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver.python import model_builder_helper as mbh
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.math_opt.solvers.highs_pb2 import HighsOptionsProto

from transfer_planner.io.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scipy import sparse

logger = logging.getLogger(__name__)

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
EngineName = Literal["sat", "scip"]

ANYTIME = HighsOptionsProto(double_options={"mip_min_logging_interval": 0.5})
BOUNDING = HighsOptionsProto(
    double_options={"mip_min_logging_interval": 0.5, "mip_heuristic_effort": 0.0},
    bool_options={
        "mip_heuristic_run_rins": False,
        "mip_heuristic_run_rens": False,
        "mip_heuristic_run_root_reduced_cost": False,
    },
)
PRINTED = 1e-3
"""Bounds are printed with twelve digits."""


@dataclass(frozen=True)
class Programme:
    """A linear programme: minimise cost·x, row_lower ≤ matrix·x ≤ row_upper, lower ≤ x ≤ upper.

    Parameters
    ----------
    cost, lower, upper
        Of the variables, shape (n,).
    integer
        Which variables are integers, shape (n,).
    matrix
        Shape (m, n).
    row_lower, row_upper
        Shape (m,).
    """

    cost: FloatArray
    lower: FloatArray
    upper: FloatArray
    integer: BoolArray
    matrix: sparse.csr_matrix
    row_lower: FloatArray
    row_upper: FloatArray


@dataclass(frozen=True)
class Outcome:
    """What an engine found.

    Parameters
    ----------
    status
        `optimal`, `feasible`, `infeasible` or `unknown`.
    values
        Of the variables; None when nothing was found.
    bound
        Proven lower bound of the objective; -inf when unknown.
    prices, duals
        Reduced costs and row prices (linear programmes only).
    """

    status: Literal["optimal", "feasible", "infeasible", "unknown"]
    values: FloatArray | None = None
    bound: float = -math.inf
    prices: FloatArray | None = None
    duals: FloatArray | None = None


def _helper(programme: Programme, *, relaxed: bool) -> mbh.ModelBuilderHelper:
    """Return the linear-solver model of a programme."""
    helper = mbh.ModelBuilderHelper()
    fill: Any = helper.fill_model_from_sparse_data  # the stubs of the library ask for array types that NumPy has not
    fill(
        programme.lower,
        programme.upper,
        programme.cost,
        programme.row_lower,
        programme.row_upper,
        programme.matrix,
    )
    if not relaxed:
        for index in np.flatnonzero(programme.integer):
            helper.set_var_integrality(int(index), True)
    return helper


def solve_relaxed(programme: Programme, *, time_limit_s: float) -> Outcome:
    """Solve the linear relaxation with GLOP; values, prices and duals when optimal."""
    solver = mbh.ModelSolverHelper("glop")
    solver.set_time_limit_in_seconds(max(0.01, time_limit_s))
    solver.solve(_helper(programme, relaxed=True))
    if not solver.has_solution() or _status(solver) != "optimal":
        return Outcome("infeasible" if solver.has_response() and _status(solver) == "infeasible" else "unknown")
    return Outcome(
        "optimal",
        np.asarray(solver.variable_values(), dtype=np.float64),
        float(solver.objective_value()),
        np.asarray(solver.reduced_costs(), dtype=np.float64),
        np.asarray(solver.dual_values(), dtype=np.float64),
    )


def solve_small(
    programme: Programme, engine: EngineName = "sat", *, time_limit_s: float, parameters: str = ""
) -> Outcome:
    """Solve a small integer programme with CP-SAT (or SCIP); the bound is not used."""
    solver = mbh.ModelSolverHelper(engine)
    solver.set_time_limit_in_seconds(max(0.01, time_limit_s))
    if engine == "sat":  # CP-SAT would take Ctrl-C for itself, and never give it back
        parameters = f"catch_sigint_signal: false {parameters}"
    if parameters:
        solver.set_solver_specific_parameters(parameters)
    solver.solve(_helper(programme, relaxed=False))
    if not solver.has_response() or not solver.has_solution():
        infeasible = solver.has_response() and _status(solver) == "infeasible"
        return Outcome("infeasible" if infeasible else "unknown")
    values = np.asarray(solver.variable_values(), dtype=np.float64)
    return Outcome("optimal" if _status(solver) == "optimal" else "feasible", values)


def _status(solver: mbh.ModelSolverHelper) -> str:
    return str(solver.status()).rsplit(".", 1)[-1].lower()


def solve_integer(
    programme: Programme,
    *,
    time_limit_s: float,
    node_limit: int | None = None,
    start: FloatArray | None = None,
    bounding: bool = False,
    told: Callable[[float], None] | None = None,
) -> Outcome:
    """Solve an integer programme with HiGHS; the bound holds also when time is out.

    Parameters
    ----------
    programme
        The programme; all its costs are integers, so the bound is rounded up.
    time_limit_s
        Wall-clock limit, seconds.
    node_limit
        Nodes at most, for runs that must not depend on the clock.
    start
        Values of a solution to begin with, shape (n,).
    bounding
        True spends no time on looking for solutions.
    told
        Told each bound that the engine prints, rounded up, while it works.
    """
    model = mathopt_model(programme)
    hints = [] if start is None else [_hint(model, start)]
    silent = start is not None  # a start that must be completed is a programme of its own, with its own bounds

    def heard(lines: list[str]) -> None:
        nonlocal silent
        for line in lines:
            silent = silent and "MIP start solution is feasible" not in line
            bound = _printed_bound(line)
            if told is not None and not silent and math.isfinite(bound):
                told(math.ceil(bound - PRINTED))

    try:
        result = mathopt.solve(
            model,
            mathopt.SolverType.HIGHS,
            params=mathopt.SolveParameters(
                time_limit=timedelta(seconds=max(0.01, time_limit_s)),
                node_limit=node_limit,
                highs=BOUNDING if bounding else ANYTIME,
            ),
            model_params=mathopt.ModelSolveParameters(solution_hints=hints),
            msg_cb=heard,
        )
    except (RuntimeError, AttributeError):  # HiGHS may refuse a model (the library then fails on its own error class)
        logger.warning("HiGHS gave no answer", exc_info=True)
        return Outcome("unknown")
    reason = result.termination.reason
    bound = result.termination.objective_bounds.dual_bound
    values = None
    if result.solutions and result.solutions[0].primal_solution is not None:
        found = result.solutions[0].primal_solution.variable_values
        values = np.array([found[variable] for variable in sorted(found, key=lambda v: v.id)], dtype=np.float64)
    if reason == mathopt.TerminationReason.INFEASIBLE:
        return Outcome("infeasible")
    bound = math.ceil(bound - 1e-6) if math.isfinite(bound) else -math.inf
    optimal = reason == mathopt.TerminationReason.OPTIMAL
    return Outcome("unknown" if values is None else "optimal" if optimal else "feasible", values, bound)


def _hint(model: mathopt.Model, start: FloatArray) -> mathopt.SolutionHint:
    return mathopt.SolutionHint(
        variable_values={model.get_variable(i): value for i, value in enumerate(start.tolist())}
    )


def _printed_bound(line: str) -> float:
    """Return the bound of a line of the progress table of HiGHS: the sixth column, after a share in percent; NaN elsewhere."""
    words = line.split()
    share = next((index for index, word in enumerate(words) if word.endswith("%")), -1)
    if share not in (3, 4) or len(words) <= share + 1:
        return math.nan
    try:
        return float(words[share + 1])
    except ValueError:
        return math.nan


def mathopt_model(programme: Programme) -> mathopt.Model:
    """Return the MathOpt model of a programme."""
    proto = model_pb2.ModelProto()
    variables, rows, matrix = proto.variables, proto.linear_constraints, proto.linear_constraint_matrix
    variables.ids.extend(range(len(programme.cost)))
    variables.lower_bounds.extend(programme.lower.tolist())
    variables.upper_bounds.extend(programme.upper.tolist())
    variables.integers.extend(programme.integer.tolist())
    rows.ids.extend(range(len(programme.row_lower)))
    rows.lower_bounds.extend(programme.row_lower.tolist())
    rows.upper_bounds.extend(programme.row_upper.tolist())
    priced = np.flatnonzero(programme.cost)
    proto.objective.linear_coefficients.ids.extend(priced.tolist())
    proto.objective.linear_coefficients.values.extend(programme.cost[priced].tolist())
    sheet = programme.matrix.tocsr()
    sheet.sum_duplicates()
    sheet.eliminate_zeros()
    matrix.row_ids.extend(np.repeat(np.arange(sheet.shape[0]), np.diff(sheet.indptr)).tolist())
    matrix.column_ids.extend(sheet.indices.tolist())
    matrix.coefficients.extend(sheet.data.tolist())
    return mathopt.Model.from_model_proto(proto)


def export_programme(programme: Programme, path: Path) -> None:
    """Write a programme as an MPS file: variables and rows are numbered in order.

    Raises
    ------
    OSError
        When the file cannot be written; the library's own writer would say nothing.
    """
    text = _helper(programme, relaxed=False).export_to_mps_string(mbh.MPModelExportOptions())
    write_whole(path, text.encode("ascii"))


def solve_exported(programme: Programme, engine: EngineName, *, time_limit_s: float) -> float | None:
    """Return the optimum of a programme by another engine (a second opinion); None when not proven."""
    outcome = solve_small(programme, engine, time_limit_s=time_limit_s)
    return (
        float(programme.cost @ outcome.values) if outcome.status == "optimal" and outcome.values is not None else None
    )
