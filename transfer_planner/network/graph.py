"""The network as a plain graph: who stands where, how far apart, and which linacs mirror which."""

from __future__ import annotations

from itertools import combinations, permutations
from typing import TYPE_CHECKING, Any

import networkx as nx

from transfer_planner.clinical.compatibility import Mirror, mirror_of
from transfer_planner.errors import Finding
from transfer_planner.i18n import msg
from transfer_planner.network.travel import place_of_centre, travel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from transfer_planner.domain.centre import Network
    from transfer_planner.domain.policy import TravelModel
    from transfer_planner.i18n import Message

    Fault = tuple[str, str | None, Message, Message | None, str]

MAX_SPEED_KMH = 130
"""No road is faster than this from door to door."""


def build_network(
    network: Network,
    model: TravelModel | None = None,
    matrix: Mapping[tuple[str, str], tuple[float, float]] | None = None,
) -> nx.MultiDiGraph[str]:
    """Build the graph of the centres and linacs.

    Parameters
    ----------
    network
        The centres, overlays merged.
    model
        Road model of the policy; without it the graph has no `travel` edge.
    matrix
        Travel given by the user, which stands over the model.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes: centres (`kind="centre"`, `centre`) and linacs (`kind="linac"`, `centre_id`, `linac`), by id.
        Edges, by key: `has` centre → linac; `travel` centre → centre (`minutes`, `km`, `source`); `shares_system` and
        `convention` between centres, both ways (`domains`; `signed_on`); `mirror` between linacs, both ways
        (fields of `Mirror`).
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(region=network.region, fictitious=network.fictitious)
    for centre in network.centres:
        graph.add_node(centre.id, kind="centre", centre=centre)
        for linac in centre.linacs:
            graph.add_node(linac.id, kind="linac", centre_id=centre.id, linac=linac)
            graph.add_edge(centre.id, linac.id, key="has")
    if model is not None:
        for a, b in permutations(network.centres, 2):
            way = travel(place_of_centre(a), b, model, matrix or {})
            graph.add_edge(a.id, b.id, key="travel", **way._asdict())
    for a, b in combinations(network.centres, 2):
        if domains := set(a.information_systems) & set(b.information_systems):
            _both_ways(graph, a.id, b.id, "shares_system", domains=tuple(sorted(domains)))
    for convention in network.conventions:
        _both_ways(graph, *convention.between, "convention", signed_on=convention.signed_on)
    machines = [(centre, linac) for centre in network.centres for linac in centre.linacs]
    for one, other in combinations(machines, 2):
        shared = mirror_of(one, other)
        if shared is not None:
            _both_ways(graph, one[1].id, other[1].id, "mirror", **vars(shared))
    return graph


def mirror_between(graph: nx.MultiDiGraph[str], one: str, other: str) -> Mirror | None:
    """Return what two linacs share; None when no `mirror` edge joins them."""
    return Mirror(**graph.edges[one, other, "mirror"]) if graph.has_edge(one, other, "mirror") else None


def sharing_system(graph: nx.MultiDiGraph[str], centre_ids: frozenset[str]) -> frozenset[str]:
    """Return the centres that share an information system with one of these (one step), these not counted."""
    found = {b for a, b, key in graph.out_edges(centre_ids, keys=True) if key == "shares_system"}
    return frozenset(found) - centre_ids


def check_network(graph: nx.MultiDiGraph[str], file: str = "centres.yaml") -> tuple[Finding, ...]:
    """Return what cannot be true of a network, whatever its values: the file names them, nothing is mended.

    Parameters
    ----------
    graph
        Graph of `build_network`.
    file
        Path that the findings name.
    """
    return tuple(
        Finding(file, *fault) for check in (_centre_faults, _travel_faults, _mirror_faults) for fault in check(graph)
    )


def _centre_faults(graph: nx.MultiDiGraph[str]) -> Iterator[Fault]:
    for node, data in graph.nodes(data=True):
        if data["kind"] == "centre" and not data["centre"].linacs:
            yield node, None, msg("at least one linac"), None, "no_linac"
        if data["kind"] != "linac":
            continue
        linac = data["linac"]
        if "ELECTRONS" in (linac.techniques or ()) and linac.electron_mev == ():
            yield f"{node}.electron_mev", "[]", msg("at least one energy: the linac lists ELECTRONS"), None, "electrons"
        owners = [centre for centre, _, key in graph.in_edges(node, keys=True) if key == "has"]
        if len(owners) != 1:
            yield node, ", ".join(owners), msg("a linac of one centre"), None, "owner"


def _travel_faults(graph: nx.MultiDiGraph[str]) -> Iterator[Fault]:
    for one, other, key, way in graph.edges(keys=True, data=True):
        if key == "travel" and not 0 < way["km"] <= way["minutes"] * MAX_SPEED_KMH / 60:
            value = f"{way['minutes']} min, {way['km']} km"
            expected = msg("a road between two places, at no more than {speed} km/h", speed=MAX_SPEED_KMH)
            yield f"{one} → {other}", value, expected, msg("check the two positions or the travel matrix"), "travel"


def _mirror_faults(graph: nx.MultiDiGraph[str]) -> Iterator[Fault]:
    for one, other, key, shared in graph.edges(keys=True, data=True):
        vendors = {graph.nodes[node]["linac"].vendor for node in (one, other)} if key == "mirror" else set()
        if one < other and vendors and shared["declared"] and None not in vendors and len(vendors) > 1:
            value = " / ".join(sorted(vendors))
            yield (
                f"{one} ↔ {other}",
                value,
                msg("matched linacs of one vendor"),
                msg("check the declaration"),
                "matched",
            )


def _both_ways(graph: nx.MultiDiGraph[str], one: str, other: str, key: str, **shared: Any) -> None:
    graph.add_edge(one, other, key=key, **shared)
    graph.add_edge(other, one, key=key, **shared)
