"""One contender on one scenario, in a process of its own: `python -m benchmarks.contend ours scenarios/lens.yaml --to out.json`."""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from unittest import mock

from transfer_planner.io.case import read_case
from transfer_planner.planning import plan as planning
from transfer_planner.planning.instance import build_instance, located
from transfer_planner.planning.verify import verify_plan
from transfer_planner.problem.build import Instance, build_problem
from transfer_planner.solvers.solve import Result, SolvedTier, solve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan, Tier
    from transfer_planner.problem.problem import Problem

CONTENDERS = ("ours", "manual", "greedy", "cpsat", "highs", "scip")
ENGINES: dict[str, Literal["highs", "scip"]] = {"highs": "highs", "scip": "scip"}
WITHOUT_BOUND = ("manual", "greedy")
Contender = Callable[[Instance], Result]


def contender(name: str, time_limit_s: float) -> Contender:
    """Return how a competitor plans."""
    # Imported by the competitors only, not to weigh on the memory of ours.
    if name in ENGINES:
        from benchmarks.programmes import tier_by_tier

        return lambda instance: tier_by_tier(instance.problem, ENGINES[name], time_limit_s=time_limit_s)
    from benchmarks.competitors import by_rank, monolith, nearest_until_full

    if name in ("manual", "greedy"):
        return nearest_until_full if name == "manual" else by_rank
    return lambda instance: monolith(instance.problem, time_limit_s=time_limit_s)


def as_plan(case: Case, plan_it: Contender, instance: Instance, result: Result) -> Plan:
    """Make the plan that the planner would print, were this its solver's result.

    Identical linacs are told apart as in any plan; those that cannot be, the contender plans again each by itself.
    """
    current = [(instance, result)]

    def build(case: Case, *, apart: frozenset[str] = frozenset(), **_: object) -> Instance:
        if apart:
            finer = build_problem(case, apart=apart)
            current.append((finer, plan_it(finer)))
        return current[-1][0]

    def solved(_problem: Problem, **_: object) -> Result:
        return current[-1][1]

    with mock.patch.object(planning, "build_instance", build), mock.patch.object(planning, "solve", solved):
        return planning.make_plan(case)


def own_plan(case: Case, seconds: float) -> tuple[Plan, list[tuple[float, tuple[int, ...]]]]:
    """Plan as the planner does, and return the steps of its last search, in seconds since the start of the first."""
    begun: list[float] = []

    def timed(problem: Problem, **given: Any) -> Result:
        begun.append(time.monotonic())
        return solve(problem, **given)

    with mock.patch.object(planning, "solve", timed):
        plan = planning.make_plan(case, time_limit_s=seconds)
    before = begun[-1] - begun[0]
    return plan, [(seconds + before, tuple(tiers)) for seconds, _, tiers in plan.solver["steps"]]


def measure(name: str, scenario: Path, centres: Path, overlays: list[Path], time_limit_s: float) -> dict[str, Any]:
    """Return times in seconds, peak memory in MiB, and what the plan is worth."""
    clock = [time.monotonic()]
    case = located(read_case(scenario, centres, overlays))
    clock.append(time.monotonic())
    instance = build_instance(case, merge=name != "manual")
    clock.append(time.monotonic())
    listing = clock[2] - clock[1]
    sizes = {
        "patients": instance.problem.num_choices,
        "options": instance.problem.num_options,
        "resources": len(instance.rows),
    }
    solved: Sequence[Tier | SolvedTier]
    if name == "ours":
        del instance  # not to weigh on the memory of ours, which lists again
        # Its limit covers that: what it takes is added, as the others have all of theirs for the search.
        plan, trace = own_plan(case, time_limit_s + listing)
        solved, solve_s = plan.tiers, time.monotonic() - clock[2] - listing
    else:
        plan_it = contender(name, time_limit_s)
        result = plan_it(instance)
        solved, solve_s = result.tiers, time.monotonic() - clock[2]
    measured = {"read_s": clock[1] - clock[0], "build_s": listing, "solve_s": solve_s, "peak_mib": peak_mib(), **sizes}
    if not solved:
        return measured
    if name != "ours":
        plan, trace = as_plan(case, plan_it, instance, result), [(when, tiers) for when, _, tiers in result.trace]
    return measured | {
        "violations": [f"{v.rule} {v.text.text('en')}" for v in verify_plan(plan, case)],
        "solved_tiers": [tier.value for tier in solved],
        "tiers": [tier.value for tier in plan.tiers],
        "bounds": [tier.bound for tier in solved] if name not in WITHOUT_BOUND else None,
        "transferred": plan.summary.transferred,
        "waiting": plan.summary.waiting,
        "trace": [[seconds, list(tiers)] for seconds, tiers in trace],
    }


def peak_mib() -> float:
    """Return the most memory that this process has held, and the largest of those that it started and that ended, together."""
    unit = 1 if sys.platform == "darwin" else 1024
    each = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each) * unit / 2**20


def main() -> None:
    """Run one contender and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=CONTENDERS)
    parser.add_argument("scenario", type=Path)
    parser.add_argument("--centres", type=Path, default=Path("centres.yaml"))
    parser.add_argument("--overlay", type=Path, action="append", default=[])
    parser.add_argument("--time-limit", type=float, default=20)
    parser.add_argument("--to", type=Path, required=True)
    given = parser.parse_args()
    given.to.write_text(
        json.dumps(measure(given.name, given.scenario, given.centres, given.overlay, given.time_limit)), "utf-8"
    )


if __name__ == "__main__":
    main()
