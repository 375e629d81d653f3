"""The competitors of the benchmarks keep the rules, and never beat exhaustive search: what they are compared with is fair."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import sparse

from benchmarks.competitors import first_fit, monolith, nearest_until_full
from benchmarks.contend import Contender, as_plan
from tests.planning import cases
from transfer_planner.planning.instance import build_instance
from transfer_planner.planning.verify import verify_plan
from transfer_planner.problem.problem import (
    Extensions,
    IntArray,
    Pools,
    Problem,
    Setups,
    Solution,
    is_feasible,
    tier_values,
)

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case


def tiny(seed: int) -> Problem:
    """Draw four choices of three options, the first of them free, with an extension, a setup and units to share out."""
    rng = np.random.default_rng(seed)
    choice = np.repeat(np.arange(4), 3)
    uses = rng.integers(0, 4, (5, 12)) * (rng.random((5, 12)) < 0.6) * (np.arange(12) % 3 > 0)
    costs = rng.integers(0, 5, (3, 12))
    costs[:, ::3] += 3
    return Problem(
        choice=choice,
        costs=costs,
        uses=sparse.csc_matrix(uses),
        capacity=rng.integers(1, 5, 5),
        extensions=Extensions(np.array([1, 3]), np.array([2, 3]), rng.integers(1, 4, 2)),
        setups=Setups((np.array([0, 2]),), rng.integers(1, 6, 1)),
        pools=Pools(np.array([0, 0, 1]), np.array([2, 1]), sparse.csc_matrix(rng.integers(0, 3, (5, 3)))),
    )


def exhaustive(problem: Problem) -> tuple[int, ...]:
    """Return the best tiers over all the plans that are feasible."""
    members = [np.flatnonzero(problem.choice == choice) for choice in range(problem.num_choices)]
    units = [range(problem.pools.limit[kind] + 1) for kind in problem.pools.kind]
    plans = (
        Solution(np.array(options), np.array(given, dtype=np.int64))
        for options, given in product(product(*members), list(product(*units)))
    )
    return min(tier_values(problem, plan) for plan in plans if is_feasible(problem, plan))


def any_ranking(problem: Problem, rng: np.random.Generator) -> IntArray:
    """Return the options of each choice in any order."""
    return np.lexsort((rng.random(problem.num_options), problem.choice))


@pytest.mark.parametrize("seed", range(4))
def test_monolith_is_exact_on_tiny_problems(seed: int) -> None:
    """One CP-SAT model, given the time, proves the tiers of exhaustive search, with a plan that is feasible."""
    problem = tiny(seed)
    result = monolith(problem, time_limit_s=20)
    assert result.solution is not None
    assert is_feasible(problem, result.solution)
    best = exhaustive(problem)
    assert tier_values(problem, result.solution) == best
    assert [(tier.value, tier.bound, tier.proven) for tier in result.tiers] == [(value, value, True) for value in best]


@pytest.mark.parametrize("seed", range(4))
def test_first_fit_is_feasible_and_never_better(seed: int) -> None:
    """Whatever the order of patients and options, the rule of thumb keeps the capacities and does not beat exhaustive search."""
    problem, rng = tiny(seed), np.random.default_rng(seed)
    best = exhaustive(problem)
    for _ in range(10):
        order = rng.permutation(problem.num_choices).tolist()
        solution = first_fit(problem, order, any_ranking(problem, rng), np.array([1, 1, 1]))
        assert solution is not None
        assert is_feasible(problem, solution)
        assert tier_values(problem, solution) >= best


def test_first_fit_takes_the_first_that_fits() -> None:
    """The first served takes its first option; the next finds it full and takes its second."""
    problem = Problem(
        choice=np.array([0, 0, 1, 1]),
        costs=np.zeros((1, 4), dtype=np.int64),
        uses=sparse.csc_matrix(np.array([[2, 0, 2, 0]])),
        capacity=np.array([3]),
        extensions=Extensions(*(np.zeros(0, dtype=np.int64) for _ in range(3))),
        setups=Setups((), np.zeros(0, dtype=np.int64)),
        pools=Pools(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), sparse.csc_matrix((1, 0))),
    )
    none = np.zeros(0, dtype=np.int64)
    solution = first_fit(problem, [1, 0], np.arange(4), none)
    assert solution is not None
    assert solution.options.tolist() == [1, 2]
    assert first_fit(problem, [1, 0], np.array([0, 2]), none) is None


def manual_places(case: Case) -> dict[str, tuple[str | None, int | None]]:
    """Return the centre and the day of March that the manual rule gives each patient."""
    instance = build_instance(case, merge=False)
    result = nearest_until_full(instance)
    assert result.solution is not None
    assert is_feasible(instance.problem, result.solution)
    options = [instance.option(int(column)) for column in result.solution.options]
    return {
        subject.patient.patient_id: (
            option.pool.centre.id if option.pool else None,
            option.start.day if option.start else None,
        )
        for subject, option in zip(instance.subjects, options, strict=True)
    }


def test_manual_rule_fills_the_nearest_centre() -> None:
    """Beta, 30 min, before Gamma, 40 min, while its 2 physics hours a day allow; then home, restarted on the 9th; else the wait."""
    network, scenario = cases.network(), cases.scenario()
    network["centres"][1]["physics_hours_per_day"] = 2
    network["centres"][2]["new_starts_per_day"] = 2
    scenario["redeployment"] = {}
    # P1 (4 h) has the hours of the 3rd and 4th; P5, an emergency (3 h), stays in Beta though Gamma could on the 4th; P3 (4 h) finds
    # none left at Beta before waiting is as good; P2 waits within tolerance, which no transfer betters.
    expected = {"P1": ("beta", 4), "P2": (None, None), "P3": ("gamma", 9), "P5": ("beta", 6), "P6": ("alpha", 9)}
    assert manual_places(cases.make_case(network, scenario)) == expected
    scenario["home_restart"] = []
    assert manual_places(cases.make_case(network, scenario)) == expected | {"P6": (None, None)}


def test_manual_rule_sends_idle_staff_to_the_nearest_centres() -> None:
    """One oncologist and half a physicist go to Beta, the nearest; P3 starts there on the same day as P1."""
    assert manual_places(cases.make_case())["P3"] == ("beta", 4)


@pytest.mark.parametrize("plan_it", [nearest_until_full, lambda instance: monolith(instance.problem, time_limit_s=20)])
def test_competitors_make_plans_that_verify(plan_it: Contender) -> None:
    """The plan made of a competitor's result holds before the independent verification, with the tiers that it was given."""
    case = cases.make_case()
    instance = build_instance(case, merge=False)
    result = plan_it(instance)
    plan = as_plan(case, plan_it, instance, result)
    assert verify_plan(plan, case) == ()
    assert [tier.value for tier in plan.tiers] == [tier.value for tier in result.tiers]
