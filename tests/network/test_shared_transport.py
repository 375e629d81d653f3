"""Shared vehicles keep the rules of detour, seats and days in common, whoever asks first."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.factories import packaged
from transfer_planner.domain.case import Place
from transfer_planner.domain.policy import TravelModel
from transfer_planner.network.shared_transport import (
    DAYS_IN_COMMON,
    DETOUR_ALL_KM,
    SEATS,
    Traveller,
    shared_journeys,
)

MODEL = TravelModel.model_validate(packaged("policy.yaml")["travel_model"])
MONDAY = date(2026, 3, 2)


def traveller(name: str, km: float, lon: float = 3.5, days: int = 5, since: int = 0) -> Traveller:
    """Return a patient west of a destination; a degree of longitude is about 71 km."""
    dates = frozenset(MONDAY + timedelta(days=since + n) for n in range(days))
    return Traveller(name, Place(50.36, lon, "commune", "59606"), km, dates)


def codes(people: list[Traveller]) -> list[list[str]]:
    """Return the patients of each vehicle, in the order in which they are fetched."""
    return [[t.patient_id for t in group.travellers] for group in shared_journeys(people, MODEL)]


def test_one_commune_fills_a_vehicle_and_the_rest_go_alone() -> None:
    """Three of the four patients of a commune share; the fourth has nobody left."""
    (group,) = shared_journeys([traveller(name, 40) for name in "ABCD"], MODEL)
    assert [t.patient_id for t in group.travellers] == ["A", "B", "C"]
    assert (group.detour_km, len(group.days)) == (0, 5)


def test_a_neighbour_on_the_way_is_taken_and_one_too_far_aside_is_not() -> None:
    """A detour of a few km is allowed; more than ten for one patient is not."""
    assert codes([traveller("A", 40, 3.5), traveller("B", 34, 3.57)]) == [["A", "B"]]
    assert codes([traveller("A", 40, 3.5), traveller("B", 38, 3.8)]) == []


def test_too_few_days_in_common_are_no_group() -> None:
    """Two patients of one commune who meet on two days only travel apart."""
    late = traveller("B", 40, since=5 - DAYS_IN_COMMON + 1)
    assert codes([traveller("A", 40), late]) == []


@given(st.lists(st.tuples(st.floats(5, 150), st.floats(3.0, 4.0), st.integers(1, 20)), max_size=12))
def test_groups_keep_every_rule(people: list[tuple[float, float, int]]) -> None:
    """Nobody travels twice, seats and detours hold, and the days are those of everybody."""
    groups = shared_journeys([traveller(f"P{n}", km, lon, days) for n, (km, lon, days) in enumerate(people)], MODEL)
    together = [t.patient_id for group in groups for t in group.travellers]
    assert len(together) == len(set(together))
    for group in groups:
        assert 2 <= len(group.travellers) <= SEATS
        assert group.detour_km <= DETOUR_ALL_KM
        assert group.days == frozenset.intersection(*(t.days for t in group.travellers))
        assert len(group.days) >= DAYS_IN_COMMON
        assert [t.km for t in group.travellers] == sorted((t.km for t in group.travellers), reverse=True)
