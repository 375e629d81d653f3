"""What the ways of drawing gain: strata and replicates, common random numbers, a cheap control; and what a run costs.

    python benchmarks/stress.py SCENARIO [--batches N] [--centres FILE]

Every line is a ratio of variances of the mean number of patients beyond tolerance for the same number of runs: 2 means that half of the
runs are enough. Intervals are those of Fisher for two estimated variances.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from transfer_planner.domain.stress import SOURCES
from transfer_planner.io.case import read_case
from transfer_planner.planning.instance import build_instance, located
from transfer_planner.problem.dossiers import Dossiers
from transfer_planner.solvers.greedy import greedy
from transfer_planner.solvers.solve import solve
from transfer_planner.stress.monte_carlo import read_assumptions
from transfer_planner.stress.monte_carlo_case import drawn_case
from transfer_planner.stress.samplers import Sampler

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case
    from transfer_planner.problem.build import Instance
    from transfer_planner.problem.problem import Solution


def beyond(instance: Instance, solution: Solution) -> int:
    """Return the patients beyond tolerance."""
    return sum(instance.option(int(column)).excess_tenths > 0 for column in solution.options)


class Bench:
    """Runs of one scenario, with what each part of them costs."""

    def __init__(self, case: Case) -> None:
        self.case, self.dossiers = case, Dossiers(case)
        self.seconds = {"build": 0.0, "greedy": 0.0, "solve": 0.0}
        self.count = 0

    def run(self, sampler: Sampler, draw: object) -> tuple[int, int]:
        """Return the patients beyond tolerance of a run: as planned, and in the greedy plan."""
        clock = [time.process_time()]
        instance = build_instance(drawn_case(sampler, draw), dossiers=self.dossiers)  # type: ignore[arg-type]
        clock.append(time.process_time())
        quick = greedy(instance.problem)
        clock.append(time.process_time())
        result = solve(instance.problem, precision="sweep")
        clock.append(time.process_time())
        for name, spent in zip(self.seconds, np.diff(clock), strict=True):
            self.seconds[name] += float(spent)
        self.count += 1
        if result.solution is None or quick is None:
            raise ValueError("a run without a plan")
        return beyond(instance, result.solution), beyond(instance, quick)

    def batches(self, sampler: Sampler, count: int) -> np.ndarray:
        """Return the runs of some batches, shape (batches, runs, 2)."""
        return np.array([[self.run(sampler, draw) for draw in sampler.batch(number)] for number in range(count)])


def ratio(plain: np.ndarray, better: np.ndarray) -> str:
    """Return a ratio of variances of batch means with its interval."""
    first, second = (values.mean(axis=1).var(ddof=1) for values in (plain, better))
    low, high = stats.f.ppf([0.025, 0.975], len(plain) - 1, len(better) - 1)
    value = first / second if second else np.inf
    return f"{value:.1f} ({value / high:.1f}–{value / low:.1f})"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", type=Path)
    parser.add_argument("--batches", type=int, default=12)
    parser.add_argument("--centres", type=Path, default=Path("centres.yaml"))
    given = parser.parse_args()
    case = located(read_case(given.scenario, given.centres))
    bench, made = Bench(case), Sampler(case, read_assumptions(), frozenset(SOURCES), "bootstrap", 0)
    strata = bench.batches(made, given.batches)
    plain = bench.batches(replace(made, stratified=False), given.batches)
    each = {name: spent / bench.count for name, spent in bench.seconds.items()}
    print(f"{case.scenario.id}: {len(case.patients)} patients, {bench.count} runs")
    print("CPU seconds a run: " + ", ".join(f"{name} {spent:.2f}" for name, spent in each.items()))
    print(f"beyond tolerance: {plain[..., 0].mean():.2f} plain, {strata[..., 0].mean():.2f} stratified")
    print(f"strata and replicates: {ratio(plain[..., 0], strata[..., 0])}")
    surge = case.scenario.surge.model_copy(update={"evening": not case.scenario.surge.evening})
    other = replace(case, scenario=case.scenario.model_copy(update={"surge": surge}))
    again = Bench(other).batches(replace(made, case=other), given.batches)
    apart = Bench(other).batches(replace(made, case=other, seed=1), given.batches)
    gain = ratio(apart[..., 0] - strata[..., 0], again[..., 0] - strata[..., 0])
    print(f"common random numbers, evening surge or not: {gain}")
    correlation = np.corrcoef(strata.reshape(-1, 2).T)[0, 1] if np.ptp(strata[..., 1]) else 0.0
    cheap = (each["build"] + each["greedy"]) / (each["build"] + each["solve"])
    left = (np.sqrt(1 - correlation**2) + np.sqrt(cheap * correlation**2)) ** 2
    print(
        f"greedy plan as a control: correlation {correlation:.2f}, cost {cheap:.2f} of a run, gain at equal cost {1 / left:.2f}"
    )


if __name__ == "__main__":
    main()
