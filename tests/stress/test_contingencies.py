"""Everything that may fall together is listed, once, from the network alone."""

from __future__ import annotations

from tests.stress.regions import centre, region
from transfer_planner.stress.contingencies import contingencies


def listed(*, pairs: bool = True, **changes):
    found = contingencies(region(**changes).network if changes else region().network, pairs=pairs)
    return {one.id: one for one in found}


def test_centres_and_pairs() -> None:
    """Four centres make four falls and six pairs; without pairs, only the centres and the software that all of them run."""
    found = listed()
    assert [one for one in found if one.startswith("centre:")] == [
        "centre:alpha",
        "centre:beta",
        "centre:gamma",
        "centre:delta",
    ]
    assert sum(one.kind == "pair" for one in found.values()) == 6
    assert found["pair:beta+delta"].centre_ids == ("beta", "delta")
    assert found["pair:beta+delta"].title == {"fr": "Beta et Delta", "en": "Beta and Delta"}
    assert not any(one.kind == "pair" for one in listed(pairs=False).values())


def test_a_set_of_centres_stands_once() -> None:
    """A domain, a group and a pair of the same two centres are one fall, which knows its other names."""
    network = region(
        centre("alpha", information_systems=["north"], legal_group="Groupe Été (EJ 1)"),
        centre("beta", information_systems=["north"], legal_group="Groupe Été (EJ 1)", treatment_planning_system=None),
        centre("gamma", information_systems=["alone"], oncology_information_system="MOSAIQ 2.8"),
        information_systems=[{"id": "north", "label": "Nord"}, {"id": "alone", "label": "Seul"}],
    ).network
    found = {one.id: one for one in contingencies(network)}
    assert found["domain:north"].centre_ids == ("alpha", "beta")
    assert found["domain:north"].also == ("group:groupe-ete-ej-1", "software:aria", "pair:alpha+beta")
    assert found["centre:gamma"].also == ("domain:alone", "software:mosaiq")
    assert found["software:eclipse"].centre_ids == ("alpha", "gamma")
    assert len({one.centre_ids for one in found.values()}) == len(found)


def test_a_vendor_that_hosts_stops_only_those_it_hosts() -> None:
    """The outage of a hosted software is apart from that of the software everywhere."""
    hosted = {"oncology_information_system_hosting": "vendor"}
    network = region(
        centre("alpha", **hosted), centre("beta", **hosted), centre("gamma"), centre("delta", linacs=[])
    ).network
    found = {one.id: one for one in contingencies(network, pairs=False)}
    assert found["software:aria"].centre_ids == ("alpha", "beta", "gamma")
    assert found["software:aria-hosted"].centre_ids == ("alpha", "beta")
    assert "centre:delta" not in found
