"""The graph holds centres, linacs, roads and mirrors, and what cannot be true of it is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from transfer_planner.domain.centre import Network
from transfer_planner.io.reference import read_policy
from transfer_planner.network.graph import build_network, check_network

if TYPE_CHECKING:
    import networkx as nx

MODEL = read_policy().travel_model

VERSA = {"vendor": "Elekta", "model": "Versa HD", "type": "c_arm", "mlc": "Agility", "photon_mv": ["6X", "10X"]}
BEAM = {"vendor": "Varian", "model": "TrueBeam", "type": "c_arm", "photon_mv": ["6X"]}


def network(**changes: object) -> Network:
    """Return two centres 22 km apart: two Versa HD and an unknown linac here, an Infinity and a TrueBeam there."""
    here = {
        "id": "here",
        "location": {"lat": 50.0, "lon": 3.0},
        "treatment_planning_system": "Monaco 5.51",
        "oncology_information_system": "MOSAIQ",
        "linacs": [VERSA | {"id": "h1"}, VERSA | {"id": "h2", "mlc": None}, {"id": "h3"}],
    }
    there = {
        "id": "there",
        "location": {"lat": 50.2, "lon": 3.0},
        "treatment_planning_system": "monaco",
        "oncology_information_system": "Mosaiq 2.8",
        "linacs": [
            VERSA | {"id": "t1", "photon_mv": ["6X"], "matched_with": [{"linac": "h1", "evidence": "TG-51"}]},
            BEAM | {"id": "t2"},
        ],
    }
    return Network.model_validate({"schema_version": 1, "centres": [here | changes, there]})


def edges(graph: nx.MultiDiGraph, key: str) -> set[tuple[str, str]]:
    return {(a, b) for a, b, k in graph.edges(keys=True) if k == key}


def test_every_linac_stands_at_its_centre():
    """Nodes are the centres and linacs; each linac has one owner."""
    graph = build_network(network())
    assert set(graph) == {"here", "there", "h1", "h2", "h3", "t1", "t2"}
    assert edges(graph, "has") == {("here", "h1"), ("here", "h2"), ("here", "h3"), ("there", "t1"), ("there", "t2")}
    assert graph.nodes["t2"]["centre_id"] == "there"


def test_roads_link_the_centres_both_ways():
    """With a road model every pair of centres has its travel, matrix first; without one, none."""
    graph = build_network(network(), MODEL, {("there", "here"): (31, 30)})
    assert edges(graph, "travel") == {("here", "there"), ("there", "here")}
    assert graph.edges["here", "there", "travel"]["source"] == "estimate"
    assert graph.edges["there", "here", "travel"] == {"minutes": 31, "km": 30, "source": "matrix"}
    assert not edges(build_network(network()), "travel")


def test_mirrors_say_what_is_shared():
    """One vendor is enough for an edge; a declared pair names its evidence; unknown is never shared."""
    graph = build_network(network())
    assert edges(graph, "mirror") == {(a, b) for a in ("h1", "h2", "t1") for b in ("h1", "h2", "t1") if a != b}
    assert graph.edges["h1", "t1", "mirror"] == graph.edges["t1", "h1", "mirror"]
    assert graph.edges["t1", "h1", "mirror"] == {
        "declared": True,
        "evidence": "TG-51",
        "identified": True,
        "vendor": True,
        "model": True,
        "mlc": True,
        "type": True,
        "software": True,
        "photon_mv": ("6X",),
    }
    assert graph.edges["h2", "t1", "mirror"]["mlc"] is False


def test_shared_systems_and_conventions_hold_both_ways():
    """Centres on one information system, and centres with a convention, are linked in both directions."""
    given = network().model_dump()
    for centre in given["centres"]:
        centre["information_systems"] = ["one"]
    given["conventions"] = [{"between": ("here", "there")}]
    graph = build_network(Network.model_validate(given))
    both = {("here", "there"), ("there", "here")}
    assert edges(graph, "shares_system") == edges(graph, "convention") == both
    assert graph.edges["there", "here", "shares_system"]["domains"] == ("one",)


def test_a_sound_network_has_no_finding():
    """The network of these tests is accepted, so each fault below is found for itself."""
    assert check_network(build_network(network(), MODEL)) == ()


@pytest.mark.parametrize(
    ("code", "changes", "matrix"),
    [
        ("no_linac", {"linacs": []}, {}),
        ("electrons", {"linacs": [{"id": "h1", "techniques": ["ELECTRONS"], "electron_mev": []}]}, {}),
        ("owner", {"linacs": [VERSA | {"id": "h1"}, BEAM | {"id": "t2"}]}, {}),
        ("travel", {}, {("here", "there"): (5, 40)}),
        ("travel", {}, {("here", "there"): (0, 0)}),
        ("matched", {"linacs": [BEAM | {"id": "h1"}]}, {}),
    ],
)
def test_what_cannot_be_true_is_found(code, changes, matrix):
    """Each fault is found alone, names its place, and speaks French."""
    findings = check_network(build_network(network(**changes), MODEL, matrix), "mine.yaml")
    assert {finding.code for finding in findings} == {code}
    assert findings[0].file == "mine.yaml"
    assert any(node in findings[0].where for node in ("here", "h1", "t2"))
    assert findings[0].expected.text("fr") != findings[0].expected.text("en")
