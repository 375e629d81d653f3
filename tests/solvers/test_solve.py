"""The solver finds the best plan in every tier, proves no more than is true, and stops when told."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.solvers.problems import exhaustive, make_problem, random_problem
from transfer_planner.problem.problem import Problem, Solution, is_feasible, tier_values
from transfer_planner.solvers.engine import solve_exported
from transfer_planner.solvers.greedy import greedy
from transfer_planner.solvers.programme import Assembler
from transfer_planner.solvers.solve import Result, solve

SEEDS = range(12)


def values(result: Result) -> tuple[int, ...]:
    """Return the tiers of a result."""
    return tuple(tier.value for tier in result.tiers)


def medium(seed: int) -> Problem:
    """Return a problem too big to try everything."""
    return random_problem(np.random.default_rng(seed), choices=25, most_options=8)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_nothing_beats_the_plan(seed: int) -> None:
    """Trying every combination finds the same tiers, and the solver proves them."""
    problem = random_problem(np.random.default_rng(seed))
    result = solve(problem, time_limit_s=20)
    assert result.solution is not None
    assert values(result) == exhaustive(problem) == tier_values(problem, result.solution)
    assert result.status == "optimal"


@pytest.mark.parametrize("seed", SEEDS)
def test_deterministic_runs_are_as_good(seed: int) -> None:
    """A deterministic run solves small problems to the same tiers."""
    problem = random_problem(np.random.default_rng(seed))
    assert values(solve(problem, deterministic=True)) == exhaustive(problem)


@pytest.mark.parametrize("holding", [True, False])
def test_a_first_plan_that_does_not_hold_ends_the_search(*, holding: bool) -> None:
    """What the problem does not tell is asked once, of the first annealed plan."""
    problem, asked = random_problem(np.random.default_rng(0), choices=60, most_options=20), []

    def holds(plan: Solution) -> bool:
        asked.append(tier_values(problem, plan))
        return holding

    result = solve(problem, time_limit_s=20, holds=holds)
    assert len(asked) == 1
    assert (values(result) == asked[0]) is not holding
    assert (result.status == "optimal") is holding


@pytest.mark.parametrize("engine", ["sat", "scip"])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("counted", [False, True])
def test_other_engines_agree(engine: str, seed: int, *, counted: bool) -> None:
    """CP-SAT and SCIP solve the assembled programmes, tier after tier, to the values of the plan."""
    problem = medium(seed)
    result = solve(problem, time_limit_s=20)
    assert result.status == "optimal"
    assembler = Assembler(problem, counted=counted)
    for tier, value in enumerate(values(result)):
        everything = np.arange(problem.num_options)
        restricted = assembler.restricted(everything, tier, values(result)[:tier])
        found = solve_exported(restricted.programme, engine, time_limit_s=20)  # type: ignore[arg-type]
        assert found == pytest.approx(value)


@pytest.mark.parametrize("seed", SEEDS)
def test_more_capacity_never_worsens_a_plan(seed: int) -> None:
    """More of one resource gives tiers at least as good."""
    problem = random_problem(np.random.default_rng(seed))
    row = seed % len(problem.capacity)
    richer = dataclasses.replace(problem, capacity=problem.capacity + 10 * (np.arange(len(problem.capacity)) == row))
    assert values(solve(richer, time_limit_s=20)) <= values(solve(problem, time_limit_s=20))


@pytest.mark.parametrize("seed", SEEDS)
def test_order_of_choices_does_not_matter(seed: int) -> None:
    """Choices in reverse order give the same tiers."""
    problem = random_problem(np.random.default_rng(seed))
    order = np.argsort(-problem.choice, kind="stable")
    turned = dataclasses.replace(
        problem,
        choice=problem.choice[-1] - problem.choice[order],
        costs=problem.costs[:, order],
        uses=problem.uses[:, order],
    )
    assert values(solve(turned, time_limit_s=20)) == values(solve(problem, time_limit_s=20))


@pytest.mark.parametrize("seed", SEEDS)
def test_greedy_plan_is_a_plan_and_never_better(seed: int) -> None:
    """The first plan is feasible, and the last one is at least as good."""
    problem = medium(seed)
    first = greedy(problem)
    assert first is not None
    assert is_feasible(problem, first)
    assert values(solve(problem, time_limit_s=1)) <= tier_values(problem, first)


def test_deterministic_runs_are_equal() -> None:
    """Two deterministic runs take the same options and prove the same bounds."""
    problem = random_problem(np.random.default_rng(5), choices=60, most_options=30)
    first, second = (solve(problem, seed=3, deterministic=True) for _ in range(2))
    assert first.solution is not None
    assert second.solution is not None
    assert np.array_equal(first.solution.options, second.solution.options)
    assert np.array_equal(first.solution.units, second.solution.units)
    assert first.tiers == second.tiers
    assert [step[1:] for step in first.trace] == [step[1:] for step in second.trace]


def test_another_process_proves_as_much() -> None:
    """A problem big enough for another process is solved to the tiers that an inline run proves."""
    problem = random_problem(np.random.default_rng(8), choices=45, most_options=30)
    result = solve(problem, time_limit_s=6)
    inline = solve(problem, deterministic=True)
    assert result.solution is not None
    assert is_feasible(problem, result.solution)
    for tier, other in zip(result.tiers, inline.tiers, strict=True):
        assert tier.bound <= tier.value
        if not (tier.proven and other.proven):
            break
        assert tier.value == other.value


def test_time_that_is_out_leaves_the_first_plan() -> None:
    """Without time the greedy plan is returned, and bounds stay below values."""
    problem = medium(3)
    result = solve(problem, time_limit_s=0)
    assert result.solution is not None
    assert is_feasible(problem, result.solution)
    assert all(0 <= tier.bound <= tier.value for tier in result.tiers)


def test_interrupted_run_keeps_its_plan() -> None:
    """An interruption at the first plan returns that plan."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    problem = medium(1)
    result = solve(problem, progress=interrupt)
    assert result.solution is not None
    assert is_feasible(problem, result.solution)
    assert result.status == "feasible"
    assert len(result.trace) == 1


def test_nothing_to_choose() -> None:
    """A problem without choices is solved."""
    problem = make_problem([], np.zeros((3, 0)), np.zeros((1, 0)), [1])
    assert solve(problem).status == "optimal"


def test_pins_that_no_capacity_allows() -> None:
    """Two choices with one option each that exceed a row together have no plan."""
    problem = make_problem([0, 1], [[0, 0], [0, 0]], [[2, 2]], [3])
    assert solve(problem).status == "infeasible"


def test_tight_pins_are_found_where_the_greedy_plan_is_stuck() -> None:
    """A plan is found although the first choice, taken greedily, leaves no room for the second."""
    problem = make_problem([0, 0, 1], [[9, 0, 0], [0, 0, 1]], [[0, 2, 2]], [3])
    problem = dataclasses.replace(problem, costs=np.array([[3, 9, 0], [0, 1, 0]], dtype=np.int64))
    stuck = make_problem([0, 0, 1], [[9, 0, 0], [0, 0, 0]], [[0, 2, 2]], [3])
    assert greedy(stuck) is None
    assert values(solve(stuck)) == (9, 0)
    assert values(solve(problem)) == (3, 0)


def test_escalating_tiers_are_not_traded() -> None:
    """A tenth in a tier is never bought from any amount in a lower one."""
    problem = make_problem([0, 0], [[1, 0], [0, 10**6]], [[0, 0]], [1])
    assert values(solve(problem)) == (0, 10**6)
