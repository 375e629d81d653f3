"""What cannot be true together is told with whom to ask; a network that holds together gives nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from transfer_planner.domain.centre import Network
from transfer_planner.network.contradictions import contradictions

TODAY = date(2026, 11, 22)


def network(one: dict[str, Any] | None = None, other: dict[str, Any] | None = None, **rest: Any) -> Network:
    """Return two centres of one linac each, sound but for what is given."""
    machine = {"vendor": "Elekta", "model": "Infinity", "mlc": "Agility", "photon_mv": ["6X"], "techniques": ["VMAT"]}
    matched = {"linac": "b-1", "evidence": "golden data", "declared_on": date(2026, 1, 5)}
    centres = [
        {
            "id": name,
            "location": {"lat": 50, "lon": 3},
            "opening": {"weekdays": 600},
            **centre,
            "linacs": [{**machine, "id": f"{name}-1", **linac}],
        }
        for name, linac, centre in (
            ("a", {"matched_with": [matched], **(one or {})}, rest.pop("a", {})),
            ("b", other or {}, rest.pop("b", {})),
        )
    ]
    return Network.model_validate({"schema_version": 1, "centres": centres, **rest})


def told(found: Network) -> list[str]:
    return [contradiction.text.text("en") for contradiction in contradictions(found, TODAY)]


def test_a_sound_network_contradicts_nothing() -> None:
    """Two matched linacs alike raise no question, nor do unknown fields."""
    assert told(network()) == []
    assert told(network({"mlc": None, "model": None})) == []


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (network(other={"mlc": "Millennium 120"}), "multileaf collimator: Agility, Millennium 120"),
        (network(other={"model": "Versa HD"}), "model: Infinity, Versa HD"),
        (network(other={"photon_mv": ["10X"]}), "photon energies"),
        (
            network(a={"treatment_planning_system": "Monaco 6"}, b={"treatment_planning_system": "Eclipse"}),
            "treatment planning system",
        ),
        (network({"matched_with": [{"linac": "b-1"}]}), "without evidence"),
        (
            network({"matched_with": [{"linac": "b-1", "evidence": "x", "declared_on": date(2024, 1, 1)}]}),
            "over two years old",
        ),
        (network({"booked_min_per_day": 700}), "700 minutes booked in 600"),
        (network({"techniques": ["SBRT"], "features": []}), "stereotaxy, and no imaging"),
        (network({"techniques": ["HELICAL"], "type": "c_arm"}), "not a ring"),
        (network({"techniques": ["ELECTRONS"], "electron_mev": []}), "no electron energy"),
        (
            network(
                a={"oncology_information_system": "MOSAIQ", "oncology_information_system_hosting": "vendor"},
                b={"oncology_information_system": "Mosaiq", "oncology_information_system_hosting": "vendor"},
            ),
            "no shared server",
        ),
        (network(a={"information_systems": ["x"]}, information_systems=[{"id": "x"}]), "shared by a alone"),
        (network(conventions=[{"between": ("a", "b"), "signed_on": date(2027, 1, 1)}]), "a day to come"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_contradiction_is_told(made: Network, words: str) -> None:
    """One contradiction, one sentence."""
    (sentence,) = told(made)
    assert words in sentence
