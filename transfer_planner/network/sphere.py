"""Distances and points on the Earth read as a sphere."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geopy.distance import great_circle

LatLon = tuple[float, float]
"""Latitude and longitude, degrees."""


@lru_cache(maxsize=65536)
def great_circle_km(one: LatLon, other: LatLon) -> float:
    """Return the distance between two points, km."""
    return float(_sphere().measure(one, other))


@cache
def _sphere() -> great_circle:
    """Return what measures: making one for each distance costs more than measuring."""
    from geopy.distance import great_circle  # slow to import, and most commands ask for no distance

    return great_circle()


def point_at(start: LatLon, km: float, bearing_deg: float) -> LatLon:
    """Return the point reached from another one, so many km along a bearing (0 north, 90 east)."""
    from geopy.distance import great_circle

    reached = great_circle(kilometers=km).destination(start, bearing_deg)
    return float(reached.latitude), float(reached.longitude)
