"""Generalised assignment problems of the literature, given to the planner's solver as they are: `python -m benchmarks.assignment`.

Jobs are choices, an agent is a resource, a job on an agent is an option: one tier, no calendar, no patient.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy import sparse

from benchmarks.page import jobs_table
from transfer_planner.problem.problem import Extensions, Pools, Problem, Setups, is_feasible, tier_values
from transfer_planner.solvers.solve import solve

if TYPE_CHECKING:
    from transfer_planner.problem.problem import IntArray

Kind = Literal["C", "D", "E"]
KINDS: tuple[Kind, ...] = ("C", "D", "E")
SIZES = ((20, 200), (20, 400), (40, 400), (80, 400), (20, 1600), (40, 1600), (80, 1600))
TIGHT = 0.8
"""Share of what all jobs would use on average that the agents have."""


def draw(kind: Kind, agents: int, jobs: int, seed: int) -> tuple[IntArray, IntArray, IntArray]:
    """Draw an instance: what each job costs and uses on each agent, shape (agents, jobs), and what agents have, shape (agents,).

    Notes
    -----
    Types C and D are those of Martello and Toth (*Knapsack Problems*, 1990, chapter 7; Chu and Beasley, Computers & Operations
    Research 24, 1997, 17–23), type E that of Yagiura, Yamaguchi and Ibaraki (Optimization Methods and Software 10, 1998, 419–441).
    In D and E costs fall as uses rise, which makes them the hard ones.
    """
    rng = np.random.default_rng([seed, KINDS.index(kind), agents, jobs])
    shape = (agents, jobs)
    if kind == "C":
        uses, costs = rng.integers(5, 26, shape), rng.integers(10, 51, shape)
    elif kind == "D":
        uses = rng.integers(1, 101, shape)
        costs = 111 - uses + rng.integers(-10, 11, shape)
    else:
        uses = np.floor(1 - 10 * np.log(1 - rng.random(shape))).astype(np.int64)
        costs = np.floor(1000 / uses - 10 * rng.random(shape)).astype(np.int64)
    capacity = np.floor(TIGHT * uses.sum(axis=1) / agents).astype(np.int64)
    # A cost below zero would be a gain: the solver counts from zero.
    return costs - min(0, int(costs.min())), uses, capacity


def as_problem(costs: IntArray, uses: IntArray, capacity: IntArray) -> Problem:
    """Write an instance as a problem of one tier."""
    agents, jobs = costs.shape
    count, none = agents * jobs, np.zeros(0, dtype=np.int64)
    rows = np.tile(np.arange(agents), jobs)
    return Problem(
        choice=np.repeat(np.arange(jobs), agents),
        costs=costs.T.reshape(1, count),
        uses=sparse.csc_matrix((uses.T.ravel(), rows, np.arange(count + 1)), shape=(agents, count)),
        capacity=capacity,
        extensions=Extensions(none, none, none),
        setups=Setups((), none),
        pools=Pools(none, none, sparse.csc_matrix((agents, 0), dtype=np.int64)),
    )


def measure(kind: Kind, agents: int, jobs: int, seed: int, time_limit_s: float) -> dict[str, Any]:
    """Solve one instance; return what was reached and when."""
    problem = as_problem(*draw(kind, agents, jobs, seed))
    clock = time.monotonic()
    result = solve(problem, time_limit_s=time_limit_s)
    measured: dict[str, Any] = {
        "kind": kind,
        "agents": agents,
        "jobs": jobs,
        "seed": seed,
        "limit_s": time_limit_s,
        "solve_s": time.monotonic() - clock,
        "trace": [[seconds, values[0]] for seconds, _, values in result.trace],
    }
    if result.solution is None:
        return measured
    return measured | {
        "feasible": is_feasible(problem, result.solution),
        "value": tier_values(problem, result.solution)[0],
        "bound": result.tiers[0].bound,
    }


def main() -> None:
    """Measure instances and print the table; each is written as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=KINDS, action="append", help="May be repeated; all by default.")
    parser.add_argument("--size", type=int, nargs=2, action="append", metavar=("AGENTS", "JOBS"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--time-limit", type=float, default=60)
    parser.add_argument("--to", type=Path, help="JSON file of the measures.")
    given = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for agents, jobs in given.size or SIZES:
        for kind in given.kind or KINDS:
            rows.append(measure(kind, agents, jobs, given.seed, given.time_limit))
            print(jobs_table(rows[-1:]).splitlines()[-1], flush=True)
            if given.to:
                given.to.write_text(json.dumps(rows), "utf-8")


if __name__ == "__main__":
    main()
