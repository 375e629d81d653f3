"""Prices of the relaxed problem are those of its optimum, and no lever brings it more than they promise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.planning.test_plan import odd_case
from transfer_planner.planning import prices
from transfer_planner.planning.instance import build_instance, located
from transfer_planner.planning.levers import _Puller, rank_levers
from transfer_planner.planning.plan import make_plan
from transfer_planner.planning.pulls import levers
from transfer_planner.solvers.greedy import greedy
from transfer_planner.solvers.programme import Assembler
from transfer_planner.solvers.relaxation import first_options, relax

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_planner.problem.build import Instance

CLINICAL = 5


def relaxed(instance: Instance, tier: int, targets: Sequence[int]) -> float:
    """Return the relaxed optimum of a tier, the tiers above within some targets."""
    problem = instance.problem
    assembler, every = Assembler(problem), np.arange(problem.num_options)
    found = relax(assembler, tier, targets, every, first_options(assembler, every, greedy(problem)), deadline=math.inf)
    assert found is not None
    return found.bound


@pytest.fixture(scope="module", params=[5, 10])
def puller(request: pytest.FixtureRequest) -> _Puller:
    """Return a crisis of twelve odd patients, short of everything, priced."""
    case = odd_case(request.param)
    return _Puller(make_plan(case, deterministic=True, lang="en"), located(case), "en", math.inf)


def test_prices_give_the_relaxed_optimum(puller: _Puller) -> None:
    """In each clinical tier what patients and resources are worth adds up to the optimum; resources never cost less than nothing."""
    assert puller.all_priced
    instance = build_instance(puller.case, merge=False)
    for one, least, worth in puller.prices[:CLINICAL]:
        optimum = relaxed(instance, one.tier, one.targets)
        assert least.sum() + worth == pytest.approx(optimum, abs=1e-3)
        assert one.target == math.ceil(optimum - 1e-6)
        assert (one.rows <= 0).all()


def test_some_resource_has_a_price(puller: _Puller) -> None:
    """Where everything is short, some tier would be better with one unit more of something."""
    assert any((one.rows < 0).any() for one, *_ in puller.prices)


def test_no_lever_brings_the_relaxation_more_than_promised(puller: _Puller) -> None:
    """The relaxed problem solved again with each lever stays above what the prices allow, alone and by pairs."""
    every = levers(puller.case)
    promises = {(lever,): puller.promise(lever) for lever in every}
    data = next(lever for lever in every if lever.kind == "data")
    pairs = [(data, lever) for lever in every if lever.kind in ("convention", "physics", "travel")]
    promises |= {pair: puller.joint(pair, promises) for pair in pairs}
    helped = 0
    for pulled, promise in promises.items():
        case = puller.case
        for lever in pulled:
            case = lever.pull(case)
        instance = build_instance(case, merge=False)
        for (one, least, worth), promised in zip(puller.prices[:CLINICAL], promise.total, strict=False):
            with_it = relaxed(instance, one.tier, one.targets)
            assert with_it >= least.sum() + worth - promised - 0.1, [lever.id for lever in pulled]
            helped += with_it < least.sum() + worth - 1e-3
    assert helped


def test_bounds_hold_for_the_plan_without_levers(puller: _Puller) -> None:
    """No plan of the crisis as it is passes under the bounds that make a gain proven."""
    assert puller.bounds <= puller.values


def test_a_proven_gain_is_beyond_every_plan_without_the_lever() -> None:
    """Where a gain is proven, the plan without the lever is not as good, and its bounds neither."""
    case = odd_case(10)
    plan = make_plan(case, deterministic=True, lang="en")
    ranking = rank_levers(plan, case, lang="en")
    proven = [one for one in ranking.best if one.proven]
    assert proven
    for one in proven:
        with_it = tuple(a - b for a, b in zip(ranking.reference, one.gain, strict=True))
        assert with_it < ranking.bounds <= ranking.reference
    alone = {one.levers[0].id: one.gain for one in ranking.best}
    for pair in ranking.pairs:
        assert all(pair.gain > alone.get(lever.id, (0,) * 6) for lever in pair.levers)
    assert ranking.tried >= ranking.useless + len(ranking.best)


def test_carried_prices_find_the_same_resource(puller: _Puller) -> None:
    """A resource keeps its price in an instance built with other inputs; what is new there costs nothing."""
    lever = next(lever for lever in levers(puller.case) if lever.kind == "travel")
    other = build_instance(lever.pull(puller.case), merge=False)
    here = {name: row for row, name in enumerate(prices.row_names(puller.board.instance))}
    assert here.keys() & set(prices.row_names(other))
    for one, *_ in puller.prices:
        there = prices.carried(one, puller.names, other)
        for row, name in enumerate(prices.row_names(other)):
            assert there.rows[row] == (one.rows[here[name]] if name in here else 0)
