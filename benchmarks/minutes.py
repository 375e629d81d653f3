"""The other regime: staff in plenty, so that linac minutes bind instead of physics hours: `python -m benchmarks.minutes FILE`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from transfer_planner.io.centres import read_network
from transfer_planner.io.files import write_whole

PLENTY = {"physics_hours_per_day": 4, "new_starts_per_day": 2, "ct_simulator_slots_per_day": 2}
"""How many times more of each every centre has."""


def overlay(centres: Path) -> dict[str, Any]:
    """Return the overlay of a network whose staff does not bind; what is unknown stays so."""
    rows = []
    for centre in read_network(centres).centres:
        values = {field: getattr(centre, field) for field in PLENTY}
        more = {field: round(times * values[field], 1) for field, times in PLENTY.items() if values[field] is not None}
        rows.append({"id": centre.id} | more)
    return {"schema_version": 1, "fictitious": True, "centres": rows}


def main() -> None:
    """Write the overlay."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("to", type=Path)
    parser.add_argument("--centres", type=Path, default=Path("centres.yaml"))
    given = parser.parse_args()
    write_whole(given.to, json.dumps(overlay(given.centres), indent=1).encode())


if __name__ == "__main__":
    main()
