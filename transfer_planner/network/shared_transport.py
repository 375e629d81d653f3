"""Which seated patients may share a vehicle: one destination, days in common, small detours."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from transfer_planner.network.sphere import great_circle_km

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from transfer_planner.domain.case import Place
    from transfer_planner.domain.policy import TravelModel

DETOUR_EACH_KM, DETOUR_ALL_KM = 10.0, 30.0
"""Detour allowed for each patient beyond the first, and in all (shared medical transport, France)."""
SEATS = 3
"""Patients in a light medical vehicle."""
DAYS_IN_COMMON = 3
"""Fewer days together are not worth arranging."""


class Traveller(NamedTuple):
    """A patient who goes to a destination: where from, how far (road km one way), on which days."""

    patient_id: str
    place: Place
    km: float
    days: frozenset[date]


class SharedJourney(NamedTuple):
    """Patients of one vehicle in the order in which they are fetched, the days they have in common, the detour in km."""

    travellers: tuple[Traveller, ...]
    days: frozenset[date]
    detour_km: float


def shared_journeys(travellers: Iterable[Traveller], model: TravelModel) -> list[SharedJourney]:
    """Group the travellers to one destination, the farthest first; those left alone make no group.

    Parameters
    ----------
    travellers
        Seated patients of one destination.
    model
        Road model of the policy.

    Notes
    -----
    Each vehicle starts with the farthest patient left and takes, as long as the rules allow it, whoever lives at the same
    place, then whoever has most days in common, then whoever costs the smallest detour.
    """
    left = sorted(travellers, key=lambda t: (-t.km, t.patient_id))
    groups = []
    while left:
        group = [left.pop(0)]
        days = group[0].days
        while len(group) < SEATS:
            found = [
                (detour > 0, -len(days & t.days), detour, t.patient_id, t)
                for t in left
                if len(days & t.days) >= DAYS_IN_COMMON and (detour := _detour([*group, t], model)) is not None
            ]
            if not found:
                break
            best = min(found)[-1]
            left.remove(best)
            group = _route([*group, best])
            days &= best.days
        if len(group) > 1:
            groups.append(SharedJourney(tuple(group), days, round(_detour(group, model) or 0, 1)))
    return groups


def _route(group: Sequence[Traveller]) -> list[Traveller]:
    """Return the patients in the order in which they are fetched: the farthest first."""
    return sorted(group, key=lambda t: (-t.km, t.patient_id))


def _detour(group: Sequence[Traveller], model: TravelModel) -> float | None:
    """Return the detour of a vehicle in all, km; None where a rule forbids it."""
    each = [max(0.0, _leg_km(a.place, b.place, model) + b.km - a.km) for a, b in pairwise(_route(group))]
    return sum(each) if max(each) <= DETOUR_EACH_KM and sum(each) <= DETOUR_ALL_KM else None


def _leg_km(a: Place, b: Place, model: TravelModel) -> float:
    """Return the road between two homes, km; none within a commune."""
    if (a.lat, a.lon) == (b.lat, b.lon):
        return 0.0
    crow_km = great_circle_km((a.lat, a.lon), (b.lat, b.lon))
    return model.road_km_intercept + model.road_km_per_crow_km * crow_km
