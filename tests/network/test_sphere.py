"""Distances on the sphere are those of maps, and a point reached lies where it was sent."""

from __future__ import annotations

import math

import pytest

from transfer_planner.network.sphere import great_circle_km, point_at

EARTH_RADIUS_KM = 6371.009
LILLE, VALENCIENNES, PARIS = (50.63, 3.06), (50.36, 3.52), (48.86, 2.35)


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        (LILLE, VALENCIENNES, 44.2732),  # the three figures: geopy 2.5, great_circle
        (LILLE, PARIS, 203.3169),
        ((41.49008, -71.312796), (41.499498, -81.695391), 864.2145),
        ((0.0, 0.0), (0.0, 180.0), math.pi * EARTH_RADIUS_KM),
        ((0.0, 179.5), (0.0, -179.5), math.radians(1) * EARTH_RADIUS_KM),
        (LILLE, LILLE, 0.0),
    ],
)
def test_distances(one, other, km):
    """Known distances, both ways, the antipode and the date line among them."""
    assert great_circle_km(one, other) == pytest.approx(km, abs=1e-3)
    assert great_circle_km(other, one) == pytest.approx(km, abs=1e-3)


@pytest.mark.parametrize("bearing", [0, 45, 90, 200, 359])
def test_a_point_reached_is_as_far_as_asked(bearing):
    """Thirty kilometres from Lille in any direction; north keeps the meridian."""
    reached = point_at(LILLE, 30.0, bearing)
    assert great_circle_km(LILLE, reached) == pytest.approx(30.0, abs=1e-6)
    assert bearing or reached[1] == pytest.approx(LILLE[1])
    assert bearing != 90 or reached[1] > LILLE[1]
