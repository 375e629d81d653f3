"""With staff in plenty the overlay changes staff only, and is read like any other."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.minutes import PLENTY, overlay
from transfer_planner.io.centres import read_network

CENTRES = Path(__file__).parents[2] / "centres.yaml"


def test_overlay_gives_more_staff_and_nothing_else(tmp_path: Path) -> None:
    """Every centre has four times the physics hours and twice the starts and slots; the rest is as before."""
    file = tmp_path / "plenty.yaml"
    file.write_text(json.dumps(overlay(CENTRES)), "utf-8")
    before, after = read_network(CENTRES), read_network(CENTRES, [file])
    assert after.fictitious
    for one, other in zip(before.centres, after.centres, strict=True):
        for field, times in PLENTY.items():
            assert getattr(other, field) == round(times * getattr(one, field), 1)
        assert one.model_copy(update={field: getattr(other, field) for field in PLENTY}) == other
