"""A case: everything read from the files of one scenario, ready to plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transfer_planner.domain.centre import Network
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.plan import Inputs
    from transfer_planner.domain.policy import Policy
    from transfer_planner.domain.reference import Site
    from transfer_planner.domain.scenario import Scenario


class Place(NamedTuple):
    """Where a patient stays, and how that is known."""

    lat: float
    lon: float
    how: Literal["coordinates", "commune", "postcode", "home_centre"]
    key: str
    """Commune code or centre id: the origin looked up in a travel matrix; empty for coordinates and postcodes."""


class Travel(NamedTuple):
    """One way from a place to a centre."""

    minutes: int
    km: float
    source: Literal["estimate", "matrix"]


@dataclass(frozen=True)
class Case:
    """The four inputs, validated together.

    Parameters
    ----------
    network
        The centres, overlays merged.
    scenario
        The crisis.
    policy
        Packaged policy with the scenario's overrides.
    patients
        Rows of the roster, in file order.
    sites
        Closed list of tumour sites, by id.
    inputs
        Absolute paths and fingerprints of the files read.
    places
        Where each patient stays, by patient id; empty until `network.travel` fills it.
    matrix
        Travel given by the user: (origin commune or centre id, destination centre id) → (minutes, km).
    """

    network: Network
    scenario: Scenario
    policy: Policy
    patients: tuple[Patient, ...]
    sites: Mapping[str, Site]
    inputs: Inputs
    places: Mapping[str, Place] = field(default_factory=dict)
    matrix: Mapping[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
