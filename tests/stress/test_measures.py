"""The measures found for a loss are enough, and none of them is too much: both are shown by solving again."""

from __future__ import annotations

import pytest

from tests.stress.regions import centre, region
from transfer_planner.domain.atlas import Measure, MeasureRule
from transfer_planner.stress.contingencies import contingencies
from transfer_planner.stress.evaluate import evaluate
from transfer_planner.stress.measures import CLINICAL, CureTask, cure, prices_of
from transfer_planner.stress.region import Changes, Region, Task
from transfer_planner.stress.settings import read_settings

FREE = {"new_starts_per_day": 20, "physics_hours_per_day": 99.0, "ct_simulator_slots_per_day": 20}
BUSY = {"activity": {"sessions_per_year": 5_000}}


def left(place: Region, *measures: Measure) -> int:
    """Return the tenths of a day of T1 to T3 when alpha falls, with measures."""
    found = evaluate(place, Task(contingencies(place.network)[0], 0, Changes(measures=measures)))
    return sum(tier.value for tier in found.tiers[:CLINICAL])


def found(place: Region, **rules: MeasureRule):
    one = contingencies(place.network)[0]
    return cure(place, CureTask(one, 0, prices_of(rules or read_settings().measures)), "x")


def test_one_short_resource_is_raised_and_no_other() -> None:
    """Where only physics hours are short, only they are raised; the loss is then absorbed as well as with hours without end."""
    place = region(centre("alpha", **BUSY), centre("beta", **FREE | {"physics_hours_per_day": 2.0}))
    best = left(region(centre("alpha", **BUSY), centre("beta", **FREE)))
    cured = found(place)
    assert {(one.kind, one.centre_id) for one in cured.measures} == {("physics", "beta")}
    assert cured.cost_hours == cured.measures[0].amount
    assert left(place) > left(place, *cured.measures) == cured.left_tenths == best


def test_a_step_less_is_not_enough() -> None:
    """The amount is the least: one hour a day less leaves more days beyond tolerance."""
    place = region(centre("alpha", **BUSY), centre("beta", **FREE | {"physics_hours_per_day": 2.0}))
    (only,) = found(place).measures
    less = only.model_copy(update={"amount": only.amount - 1})
    assert left(place, less) > left(place, only)


def test_the_cheaper_of_two_ways_is_taken() -> None:
    """Two centres as near could give the hours; evenings there cost more than they bring, and are not touched."""
    place = region(centre("alpha", **BUSY), centre("beta", **FREE | {"new_starts_per_day": 1}))
    starts = MeasureRule(step=1, steps=6, cost_hours=1)
    dear = MeasureRule(step=30, steps=4, cost_hours=50)
    cured = found(place, starts=starts, evening=dear)
    assert {one.kind for one in cured.measures} == {"starts"}


@pytest.mark.parametrize("limits", [FREE, {"linacs": [{"id": "b", "techniques": ["TBI"]}]}])
def test_where_no_measure_helps_none_is_given(limits) -> None:
    """With room enough, or where nobody can be treated at all, more of anything changes nothing."""
    cured = found(region(centre("alpha"), centre("beta", **limits)))
    assert (cured.measures, cured.cost_hours) == ((), 0)
