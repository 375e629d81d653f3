"""Counts and cuts change the relaxation, never the plans."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.solvers.problems import DAYS, random_problem
from transfer_planner.problem.problem import is_feasible, row_excess
from transfer_planner.solvers.chains import count_chains, find_chains
from transfer_planner.solvers.cuts import Separator, rounded
from transfer_planner.solvers.greedy import greedy
from transfer_planner.solvers.programme import Assembler
from transfer_planner.solvers.relaxation import first_options, relax
from transfer_planner.solvers.solve import solve


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(-12, 12), min_size=1, max_size=4),
    st.integers(0, 40),
    st.integers(1, 24),
    st.data(),
)
def test_rounded_rows_keep_every_integer_point(
    amounts: list[int], limit: int, divisor: int, data: st.DataObject
) -> None:
    """No integers ≥ 0 that meet a row break its rounding."""
    cut = rounded(np.array(amounts, dtype=np.float64), float(limit), float(divisor))
    point = np.array(data.draw(st.lists(st.integers(0, 9), min_size=len(amounts), max_size=len(amounts))))
    if cut is not None and point @ np.array(amounts) <= limit:
        assert point @ cut[0] <= cut[1] + 1e-9


def test_rounding_cuts_off_fractions() -> None:
    """Two patients of 12 hours do not fit in 20: at most one starts."""
    cut = rounded(np.array([12.0]), 20.0, 12.0)
    assert cut is not None
    assert cut[1] / cut[0][0] == pytest.approx(1)


def test_cumulative_rows_are_found() -> None:
    """The rows that add up over the days form one chain; minutes of a day do not."""
    problem = random_problem(np.random.default_rng(2), choices=30, most_options=8)
    chains = [chain.tolist() for chain in find_chains(problem)]
    assert list(range(DAYS + 1, 2 * DAYS + 1)) in chains


@pytest.mark.parametrize("seed", range(8))
def test_counts_say_the_same(seed: int) -> None:
    """For any options taken, the counts that the links give use the same amounts as the rows."""
    rng = np.random.default_rng(seed)
    problem = random_problem(rng, choices=20, most_options=8)
    counted = count_chains(problem)
    height = len(problem.capacity)
    taken = (rng.random(problem.num_options) < 0.3).astype(np.float64)
    links = counted.counts[height:].toarray()
    counts = np.linalg.solve(links, -(counted.uses[height:] @ taken)) if len(links) else np.zeros(0)
    assert np.allclose((counted.uses @ taken)[:height] + counted.counts[:height] @ counts, problem.uses @ taken)


@pytest.mark.parametrize("seed", range(8))
def test_cuts_and_bounds_hold_for_the_best_plan(seed: int) -> None:
    """The best plan meets every cut added, and no bound of the cut relaxations exceeds its tiers."""
    problem = random_problem(np.random.default_rng(seed), choices=25, most_options=8)
    result = solve(problem, time_limit_s=20)
    start, best = greedy(problem), result.solution
    assert result.status == "optimal"
    assert best is not None
    assert start is not None
    assert is_feasible(problem, best)
    assembler = Assembler(problem, counted=True)
    separator = Separator(assembler)
    options, limits = np.arange(problem.num_options), []
    for tier, solved in enumerate(result.tiers):
        relaxation = relax(
            assembler,
            tier,
            limits,
            options,
            first_options(assembler, options, best),
            deadline=time.monotonic() + 20,
            separator=separator,
        )
        assert relaxation is not None
        assert relaxation.bound <= solved.value + 1e-6
        assert np.isin(best.options, relaxation.within(solved.value)).all()
        limits.append(solved.value)
    extras = np.zeros(assembler.extras)
    extras[assembler.extensions] = row_excess(problem, best)[problem.extensions.row]
    extras[assembler.setups] = 1
    extras[assembler.units] = best.units
    taken = np.zeros(problem.num_options)
    taken[best.options] = 1
    height = len(problem.capacity)
    counts = assembler.extra_matrix[height:, assembler.counts].toarray()
    if len(counts):
        extras[assembler.counts] = np.linalg.solve(counts, -(assembler.uses[height:] @ taken))
    assert (assembler.cut_options @ taken + assembler.cut_extras @ extras <= assembler.cut_limits + 1e-6).all()
