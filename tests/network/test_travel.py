"""Patients are located by the best they gave, and travel follows the stated model or the user's matrix."""

from __future__ import annotations

import math

import pytest

from transfer_planner.domain.case import Place
from transfer_planner.domain.centre import Centre, Network
from transfer_planner.domain.patient import Patient
from transfer_planner.domain.policy import TravelModel
from transfer_planner.domain.reference import Commune
from transfer_planner.network.travel import locate, travel, travel_error_min

MODEL = TravelModel(
    road_km_intercept=1.63,
    road_km_per_crow_km=1.226,
    road_km_sd=6.3,
    minutes_intercept=23.7,
    minutes_per_road_km=0.578,
    town_intercept_min=5.0,
    town_speed_kmh=25.0,
)
DEGREE_KM = math.radians(1) * 6371.009  # one degree of a meridian
COMMUNES = {
    "59606": Commune(insee="59606", name="Valenciennes", postcodes=("59300",), lat=50.36, lon=3.52, how="geonames"),
    "59001": Commune(insee="59001", name="A", postcodes=("59268", "59999"), lat=50.2, lon=3.2, how="geonames"),
    "59002": Commune(insee="59002", name="B", postcodes=("59268",), lat=50.4, lon=3.4, how="postcode"),
}


def centre_at(lat: float, lon: float = 3.0) -> Centre:
    return Centre(id="there", location={"lat": lat, "lon": lon})


NETWORK = Network(schema_version=1, centres=(Centre(id="home", location={"lat": 50.1, "lon": 3.1}),))


def patient(**given: object) -> Patient:
    row = {"patient_id": "P1", "centre_id": "home", "technique": "VMAT", "prescribed_fractions": 20}
    return Patient.model_validate(row | given)


EVERYTHING = {"lat": 50.7, "lon": 2.9, "commune_insee": "59606", "postcode": "59268"}


@pytest.mark.parametrize(
    ("known", "place"),
    [
        (("lat", "lon", "commune_insee", "postcode"), Place(50.7, 2.9, "coordinates", "")),
        (("lat", "commune_insee", "postcode"), Place(50.36, 3.52, "commune", "59606")),
        (("postcode",), Place(50.3, 3.3, "postcode", "")),
        ((), Place(50.1, 3.1, "home_centre", "home")),
    ],
)
def test_the_best_known_place_wins(known, place):
    """Coordinates, else commune, else the mean of the postcode's communes, else the home centre."""
    found = locate(patient(**{key: EVERYTHING[key] for key in known}), NETWORK, COMMUNES)
    assert found.how == place.how
    assert found.key == place.key
    assert (found.lat, found.lon) == pytest.approx((place.lat, place.lon))


@pytest.mark.parametrize("row", [{"commune_insee": "00000"}, {"postcode": "00000"}])
def test_an_unknown_place_is_no_other_place(row):
    """A commune or postcode outside the table raises; it is never read as the home centre."""
    with pytest.raises(KeyError):
        locate(patient(**row), NETWORK, COMMUNES)


def test_between_towns_the_fitted_line_holds():
    """One degree of latitude away: 111.195 km of crow, 137.955 km of road, 103.4 minutes."""
    way = travel(Place(50.0, 3.0, "coordinates", ""), centre_at(51.0), MODEL, {})
    road = 1.63 + 1.226 * DEGREE_KM
    assert road == pytest.approx(137.955, abs=0.001)
    assert way.km == 138.0
    assert way.minutes == 103
    assert way.source == "estimate"


def test_in_town_the_slower_speed_holds():
    """Two kilometres away the fitted line would say 26 minutes; the town rule says 15."""
    way = travel(Place(50.0, 3.0, "coordinates", ""), centre_at(50.0 + 2 / DEGREE_KM), MODEL, {})
    assert way.km == pytest.approx(4.1)
    assert way.minutes == 15


def test_travel_never_shortens_with_distance():
    """Farther is never quicker, also where the town rule gives way to the fitted line."""
    start = Place(50.0, 3.0, "coordinates", "")
    minutes = [travel(start, centre_at(50.0 + km / DEGREE_KM), MODEL, {}).minutes for km in range(60)]
    assert minutes == sorted(minutes)
    assert minutes[0] < minutes[-1]


@pytest.mark.parametrize("key", ["59606", "home"])
def test_the_users_matrix_stands_over_the_model(key):
    """A travel given by commune or centre is taken as given, minutes rounded half up."""
    place = Place(50.0, 3.0, "commune", key)
    assert travel(place, centre_at(51.0), MODEL, {(key, "there"): (40.5, 51.26)}) == (41, 51.3, "matrix")
    assert travel(place, centre_at(51.0), MODEL, {(key, "elsewhere"): (40.5, 51.26)}).source == "estimate"


def test_a_postcode_is_no_commune():
    """59606 is a commune; a patient located by a postcode of the same digits does not take its travel."""
    communes = {"80001": Commune(insee="80001", name="C", postcodes=("59606",), lat=50.0, lon=3.0, how="geonames")}
    place = locate(patient(postcode="59606"), NETWORK, communes)
    assert travel(place, centre_at(51.0), MODEL, {("59606", "there"): (40.5, 51.26)}).source == "estimate"


def test_the_error_is_stated_in_minutes():
    """6.3 km of road at 0.578 minutes a kilometre are 3.6 minutes, said as 4."""
    assert travel_error_min(MODEL) == 4
