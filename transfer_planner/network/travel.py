"""Where patients stay, and how long the road is from there to a centre."""

from __future__ import annotations

import math
from statistics import fmean
from typing import TYPE_CHECKING

from transfer_planner.domain.case import Place, Travel
from transfer_planner.network.sphere import great_circle_km

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transfer_planner.domain.centre import Centre, Network
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.policy import TravelModel
    from transfer_planner.domain.reference import Commune


def locate(patient: Patient, network: Network, communes: Mapping[str, Commune]) -> Place:
    """Return where a patient stays: coordinates, else commune, else postcode, else the home centre.

    Parameters
    ----------
    patient
        A row of a roster already checked: its commune or postcode is known.
    network
        The centres.
    communes
        Communes by INSEE code.

    Raises
    ------
    KeyError
        When neither the commune nor the postcode is in the table.
    """
    if patient.lat is not None and patient.lon is not None:
        return Place(patient.lat, patient.lon, "coordinates", "")
    if patient.commune_insee is not None:
        commune = communes[patient.commune_insee]
        return Place(commune.lat, commune.lon, "commune", commune.insee)
    if patient.postcode is not None:
        lat, lon = postcode_point(patient.postcode, communes)
        return Place(lat, lon, "postcode", "")  # the same digits may be the code of a commune elsewhere
    return place_of_centre(network.centre(patient.centre_id))


def postcode_point(postcode: str, communes: Mapping[str, Commune]) -> tuple[float, float]:
    """Return the mean latitude and longitude of the communes of a postcode.

    Raises
    ------
    KeyError
        When no commune has this postcode.
    """
    members = [commune for commune in communes.values() if postcode in commune.postcodes]
    if not members:
        raise KeyError(postcode)
    return fmean(commune.lat for commune in members), fmean(commune.lon for commune in members)


def place_of_centre(centre: Centre) -> Place:
    """Return a centre as a place to leave from."""
    return Place(centre.location.lat, centre.location.lon, "home_centre", centre.id)


def travel(
    place: Place,
    centre: Centre,
    model: TravelModel,
    matrix: Mapping[tuple[str, str], tuple[float, float]],
) -> Travel:
    """Return one way from a place to a centre: as given by the user's matrix, else estimated.

    Parameters
    ----------
    place
        Where the patient stays; its key, if any, is looked up in the matrix.
    centre
        Where the patient goes.
    model
        Road model of the policy.
    matrix
        (commune code or centre id, destination centre id) → (minutes, km).

    Notes
    -----
    The road is a line of the great-circle distance. Its time is a line of the road, fitted between towns; that line is
    meaningless for a few kilometres, where the rule in town gives less. The smaller of both holds.
    """
    given = matrix.get((place.key, centre.id))
    if given is not None:
        return Travel(_half_up(given[0]), round(given[1], 1), "matrix")
    crow_km = great_circle_km((place.lat, place.lon), (centre.location.lat, centre.location.lon))
    road_km = model.road_km_intercept + model.road_km_per_crow_km * crow_km
    between_towns = model.minutes_intercept + model.minutes_per_road_km * road_km
    in_town = model.town_intercept_min + road_km / model.town_speed_kmh * 60
    return Travel(_half_up(min(between_towns, in_town)), round(road_km, 1), "estimate")


def travel_error_min(model: TravelModel) -> int:
    """Return one standard deviation of an estimated travel time, minutes: that of the road distance, at road speed.

    It does not count what the point of the commune or of the centre is off by, nor the traffic.
    """
    return math.ceil(model.road_km_sd * model.minutes_per_road_km)


def _half_up(minutes: float) -> int:
    return math.floor(minutes + 0.5)
