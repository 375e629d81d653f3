"""Overlays merge as the format says, and each value remembers the file it came from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from transfer_planner.errors import DataError
from transfer_planner.io.case import read_case
from transfer_planner.io.centres import read_network

if TYPE_CHECKING:
    from collections.abc import Callable

    from transfer_planner.domain.centre import Network

BASE = Path(__file__).parent / "centres.yaml"


@pytest.fixture
def laid(tmp_path: Path) -> Callable[..., Network]:
    """Return a function that lays texts over the base network, in order."""

    def lay(*texts: str) -> Network:
        files = []
        for number, text in enumerate(texts):
            files.append(tmp_path / f"overlay-{number}.yaml")
            files[-1].write_text(text, encoding="utf-8")
        return read_network(BASE, files)

    return lay


def test_mappings_merge(laid: Callable[..., Network]) -> None:
    """A value deep in an overlay leaves its neighbours as they were."""
    centre = laid("centres: [{id: a, location: {lat: 49}, provenance: {opening: declared}}]").centre("a")
    assert (centre.location.lat, centre.location.lon, centre.name) == (49, 3.52, "Centre A")
    assert centre.provenance["location"] == "assumed"
    assert centre.provenance["opening"] == "declared"


def test_objects_merge_by_id_and_new_ones_are_added(laid: Callable[..., Network]) -> None:
    """Centres and linacs keep their order; new ones come after."""
    network = laid(
        "centres:\n  - {id: e, location: {lat: 1, lon: 1}}\n"
        "  - {id: a, linacs: [{id: a-2, vendor: Varian}, {id: a-1, model: Infinity}]}"
    )
    assert [centre.id for centre in network.centres] == ["a", "b", "d", "e"]
    first, second = network.centre("a").linacs
    assert (first.vendor, first.model, first.techniques) == ("Elekta", "Infinity", ("3DCRT", "VMAT"))
    assert (second.id, second.vendor) == ("a-2", "Varian")


def test_conventions_merge_whatever_the_order_of_their_ends(laid: Callable[..., Network]) -> None:
    """[b, a] is [a, b]; another pair is another convention."""
    conventions = laid("conventions: [{between: [b, a], signed_on: 2026-02-01}, {between: [a, d]}]").conventions
    assert [set(convention.between) for convention in conventions] == [{"a", "b"}, {"a", "d"}]
    assert str(conventions[0].signed_on) == "2026-02-01"


def test_matched_linacs_merge_by_linac(laid: Callable[..., Network]) -> None:
    """The evidence of a pair is replaced, another pair is added."""
    overlay = (
        "centres: [{id: a, linacs: [{id: a-1, matched_with: [{linac: b-1, declared_on: 2026-01-01}, {linac: d-1}]}]}]"
    )
    matched = laid(overlay).centre("a").linacs[0].matched_with
    assert [(pair.linac, pair.evidence) for pair in matched] == [("b-1", "rapport"), ("d-1", "")]


def test_anything_else_replaces(laid: Callable[..., Network]) -> None:
    """Scalars, lists of words and null replace; an empty list of objects adds nothing and removes nothing."""
    network = laid(
        "centres:\n  - {id: a, information_systems: [], physics_hours_per_day: null, "
        "linacs: [{id: a-1, techniques: [SBRT]}]}\n  - {id: b, linacs: []}"
    )
    centre = network.centre("a")
    assert (centre.information_systems, centre.physics_hours_per_day) == ((), None)
    assert centre.linacs[0].techniques == ("SBRT",)
    assert [linac.id for linac in network.centre("b").linacs] == ["b-1"]


def test_the_last_overlay_has_the_last_word(laid: Callable[..., Network]) -> None:
    """Overlays apply in order."""
    one, two = (f"centres: [{{id: a, name: {name}}}]" for name in ("One", "Two"))
    assert laid(one, two).centre("a").name == "Two"
    assert laid(two, one).centre("a").name == "One"


def test_the_command_line_comes_after_the_scenario(tmp_path: Path) -> None:
    """Scenario overlays first, then those of the command line; both are in the inputs, in that order."""
    here = BASE.parent
    for name in ("scenario", "command"):
        (tmp_path / f"{name}.yaml").write_text(f"centres: [{{id: a, name: {name}}}]", encoding="utf-8")
    crisis = tmp_path / "crisis.yaml"
    text = (here / "scenario.yaml").read_text("utf-8").replace("roster.csv", (here / "roster.csv").as_posix())
    crisis.write_text(f"{text}overlays: [scenario.yaml]\n", encoding="utf-8")
    case = read_case(crisis, BASE, [tmp_path / "command.yaml"])
    assert case.network.centre("a").name == "command"
    assert [Path(overlay.path).name for overlay in case.inputs.overlays] == ["scenario.yaml", "command.yaml"]


def test_a_fault_of_the_base_names_the_base(tmp_path: Path) -> None:
    """An overlay above does not take the blame for a value it did not write."""
    base = tmp_path / "base.yaml"
    base.write_text(BASE.read_text("utf-8").replace("lat: 50.36", "lat: 500"), encoding="utf-8")
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text("centres: [{id: a, location: {lon: 3.6}}, {id: b, location: {lat: 600}}]", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_network(base, [overlay])
    assert [(Path(f.file).name, f.where) for f in caught.value.findings] == [
        ("base.yaml", "centres[a].location.lat (l. 12)"),
        ("overlay.yaml", "centres[b].location.lat (l. 1)"),
    ]


def test_faults_of_all_overlays_report_together(tmp_path: Path) -> None:
    """A broken overlay does not hide a missing one."""
    broken = tmp_path / "broken.yaml"
    broken.write_text("centres: [", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_network(BASE, [tmp_path / "none.yaml", broken])
    assert [finding.code for finding in caught.value.findings] == ["missing_file", "syntax"]
