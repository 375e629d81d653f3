"""Distances and points on the Earth read as a sphere."""

from __future__ import annotations

import math

EARTH_RADIUS_KM = 6371.009
"""Mean radius (IUGG)."""

LatLon = tuple[float, float]
"""Latitude and longitude, degrees."""


def great_circle_km(one: LatLon, other: LatLon) -> float:
    """Return the distance between two points, km, exact also for near and opposite ones."""
    lat1, lon1, lat2, lon2 = map(math.radians, (*one, *other))
    along = math.cos(lon2 - lon1)
    across = math.sqrt(
        (math.cos(lat2) * math.sin(lon2 - lon1)) ** 2
        + (math.cos(lat1) * math.sin(lat2) - math.sin(lat1) * math.cos(lat2) * along) ** 2
    )
    return EARTH_RADIUS_KM * math.atan2(
        across, math.sin(lat1) * math.sin(lat2) + math.cos(lat1) * math.cos(lat2) * along
    )


def point_at(start: LatLon, km: float, bearing_deg: float) -> LatLon:
    """Return the point reached from another one, so many km along a bearing (0 north, 90 east)."""
    lat, lon, bearing = map(math.radians, (*start, bearing_deg))
    angle = km / EARTH_RADIUS_KM
    reached = math.asin(math.sin(lat) * math.cos(angle) + math.cos(lat) * math.sin(angle) * math.cos(bearing))
    turned = math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(lat), math.cos(angle) - math.sin(lat) * math.sin(reached)
    )
    return math.degrees(reached), math.degrees(lon + turned)
