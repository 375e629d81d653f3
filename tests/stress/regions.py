"""A region of four small centres, for tests of sweeps: some patients each, invented, and a day that all can meet."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from transfer_planner.domain.centre import Network
from transfer_planner.io.reference import read_policy
from transfer_planner.stress.region import Region
from transfer_planner.stress.settings import read_settings

if TYPE_CHECKING:
    from pathlib import Path

TOWNS = {"alpha": (50.36, 3.51), "beta": (50.28, 3.97), "gamma": (50.43, 2.83), "delta": (50.72, 1.61)}


def centre(name: str, **changes: Any) -> dict[str, Any]:
    """Return a centre with two linacs and about five patients."""
    linac = {
        "vendor": "Varian",
        "model": "TrueBeam",
        "type": "c_arm",
        "mlc": "Millennium 120",
        "photon_mv": ["6X"],
        "electron_mev": [6, 9],
        "techniques": ["3DCRT", "IMRT", "VMAT", "ELECTRONS"],
        "features": ["CBCT", "DIBH"],
        "booked_min_per_day": 500,
    }
    lat, lon = TOWNS[name]
    base = {
        "id": name,
        "name": name.title(),
        "location": {"lat": lat, "lon": lon},
        "information_systems": [],
        "oncology_information_system": "ARIA",
        "treatment_planning_system": "Eclipse",
        "chemotherapy": True,
        "new_starts_per_day": 3,
        "physics_hours_per_day": 6.0,
        "ct_simulator_slots_per_day": 1,
        "opening": {"weekdays": 600, "evening_surge_max": 60, "saturday_surge_max": 240},
        "linacs": [linac | {"id": f"{name}-{number}"} for number in (1, 2)],
        "activity": {"year": 2023, "sessions_per_year": 1250},
    }
    return base | changes


def document(*centres: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a network file of some centres, all four by default."""
    chosen = list(centres) or [centre(name) for name in TOWNS]
    return {"schema_version": 1, "region": "Essai", "centres": chosen} | changes


def region(*centres: dict[str, Any], **changes: Any) -> Region:
    """Return the region of some centres."""
    network = Network.model_validate(document(*centres, **changes))
    return Region(network, read_policy(), read_settings().crisis, {}, {})


def write_network(folder: Path, *centres: dict[str, Any], **changes: Any) -> Path:
    """Write the network file of some centres."""
    file = folder / "centres.yaml"
    file.write_text(json.dumps(document(*centres, **changes), indent=1), encoding="utf-8")
    return file
