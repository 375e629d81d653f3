"""`roster synth`: the rosters of the repository can be made again, and faults are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.conftest import ROOT

if TYPE_CHECKING:
    from tests.cli.conftest import Crisis


def test_the_packaged_roster_is_made_again(crisis: Crisis) -> None:
    """The command of docs/scenarios.md gives the Valenciennes roster, byte for byte."""
    out = crisis.folder / "valenciennes.csv"
    overlay = crisis.folder / "scenarios" / "overlays" / "fictitious_equipment.yaml"
    options = [
        "--centre",
        "dentellieres",
        "--day-zero",
        "2026-03-02",
        "--seed",
        "1",
        "--overlay",
        overlay,
        "--out",
        out,
    ]
    result = crisis.run("roster", "synth", *options)
    assert result.exit_code == 0, result.output
    assert out.read_bytes() == (ROOT / "scenarios" / "rosters" / "valenciennes.csv").read_bytes()


def test_unknown_centre(crisis: Crisis) -> None:
    """A centre that the network does not know is refused."""
    out = crisis.folder / "roster.csv"
    (finding,) = crisis.refused("roster", "synth", "--centre", "nowhere", "--day-zero", "2026-03-02", "--out", out)
    assert finding["value"] == "nowhere"
    assert not out.exists()
