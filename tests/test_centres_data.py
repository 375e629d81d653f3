"""The network file holds the 18 centres as published, says where each value comes from, and invents nothing."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from transfer_planner.domain.centre import Centre, Linac
from transfer_planner.io.centres import read_network
from transfer_planner.io.reference import read_communes, read_outlines, read_policy
from transfer_planner.network.audit import audit_network
from transfer_planner.network.graph import build_network, check_network

ROOT = Path(__file__).parents[1]
FILE = ROOT / "centres.yaml"
EQUIPMENT = ROOT / "scenarios/overlays/fictitious_equipment.yaml"
CLOUD = ROOT / "scenarios/overlays/fictitious_cloud_ois.yaml"
NETWORK = read_network(FILE)
EXERCISE = read_network(FILE, [EQUIPMENT, CLOUD])
LINACS = {linac.id: linac for centre in NETWORK.centres for linac in centre.linacs}
BOXES = {  # department: south, north, west, east
    "02": (48.83, 50.08, 2.95, 4.26),
    "59": (49.96, 51.09, 2.06, 4.24),
    "60": (49.06, 49.77, 1.68, 3.17),
    "62": (50.01, 51.01, 1.55, 3.20),
    "80": (49.57, 50.37, 1.37, 3.21),
}
STATUSES = {"declared", "derived", "assumed"}


def test_there_are_18_centres_and_51_linacs():
    """Centres and linacs of 2023, every id once."""
    assert len({centre.id for centre in NETWORK.centres}) == len(NETWORK.centres) == 18
    assert len(LINACS) == sum(len(centre.linacs) for centre in NETWORK.centres) == 51
    assert Counter(centre.department for centre in NETWORK.centres) == {"59": 7, "62": 4, "60": 3, "02": 2, "80": 2}


def test_published_totals_are_those_of_the_region():
    """Sessions, physicists and radiographers sum to the published totals."""
    assert sum(centre.activity.sessions_per_year for centre in NETWORK.centres) == 349_116
    assert sum(centre.staff.physicists_fte or 0 for centre in NETWORK.centres) == pytest.approx(61.3)
    assert sum(centre.staff.radiographers_fte or 0 for centre in NETWORK.centres) == pytest.approx(221.9, abs=0.05)
    assert [centre.id for centre in NETWORK.centres if centre.activity.partial] == ["gcs-artois-lens"]


@pytest.mark.parametrize("centre", NETWORK.centres, ids=lambda centre: centre.id)
def test_a_centre_is_where_it_says(centre):
    """Codes are well formed, the point lies in the department and near the commune."""
    assert re.fullmatch(r"\d{9}", centre.finess_et)
    assert re.fullmatch(r"\d{9}", centre.finess_ej)
    assert centre.insee.startswith(centre.department)
    assert centre.postcode.startswith(centre.department)
    south, north, west, east = BOXES[centre.department]
    assert south < centre.location.lat < north
    assert west < centre.location.lon < east
    commune = read_communes()[centre.insee]
    assert commune.name == centre.commune
    assert centre.postcode in commune.postcodes
    assert abs(commune.lat - centre.location.lat) < 0.06
    assert abs(commune.lon - centre.location.lon) < 0.06


@pytest.mark.parametrize("centre", NETWORK.centres, ids=lambda centre: centre.id)
def test_every_value_says_where_it_comes_from(centre):
    """Each known value of the centre and its linacs cites a source or a status, and every citation resolves."""
    known = STATUSES | {source.id for source in NETWORK.sources}
    free = {"id", "information_systems", "linacs", "equipment_notes", "notes", "crisis_contacts", "provenance"}
    told = {field for field in Centre.model_fields if getattr(centre, field) not in (None, ())} - free
    assert told <= centre.provenance.keys()
    assert set(centre.provenance.values()) <= known
    assert centre.provenance["linacs.count"] == "sae-2023"
    for linac in centre.linacs:
        filled = {field for field in Linac.model_fields if getattr(linac, field) not in (None, (), {})} - free
        assert filled <= linac.provenance.keys() | centre.provenance.keys()
        assert set(linac.provenance.values()) <= known


def test_what_nobody_published_stays_unknown():
    """Forty-two linacs have no vendor, no linac has beams or a match, no centre a domain or a convention."""
    assert sum(linac.vendor is None for linac in LINACS.values()) == 42
    assert LINACS["gray-1"].model == "Infinity"
    assert LINACS["gray-2"].model is None
    assert all(linac.photon_mv is linac.electron_mev is linac.mlc is None for linac in LINACS.values())
    assert not any(linac.matched_with for linac in LINACS.values())
    assert {centre.treatment_planning_system for centre in NETWORK.centres} == {None, "RayStation"}
    assert not NETWORK.conventions
    assert not NETWORK.information_systems
    assert not NETWORK.fictitious
    assert all(centre.anaesthesia is None and not centre.crisis_contacts for centre in NETWORK.centres)
    assert {centre.id for centre in NETWORK.centres if centre.paediatrics} == {"oscar-lambret"}


@pytest.mark.parametrize("centre", NETWORK.centres, ids=lambda centre: centre.id)
def test_capacities_follow_the_documented_method(centre):
    """Booked minutes, physics hours, starts and simulator slots are what docs/data.md computes, for every centre."""
    linacs, staff = len(centre.linacs), centre.staff
    oncologists = None
    if staff.oncologists_salaried_fte is not None or staff.oncologists_liberal is not None:
        oncologists = (staff.oncologists_salaried_fte or 0) + (staff.oncologists_liberal or 0)
    per_linac = 6_498 if centre.activity.partial else centre.activity.sessions_per_year / linacs
    if centre.activity.partial or oncologists is None:
        oncologists = 1.5 * linacs
    physicists = 1.2583 * linacs if staff.physicists_fte is None else staff.physicists_fte
    assert {linac.booked_min_per_day for linac in centre.linacs} == {int(per_linac * 15 / 250 + 0.5)}
    assert centre.new_starts_per_day == int(oncologists + 0.5)
    assert centre.physics_hours_per_day == pytest.approx(physicists * 7 * 0.30, abs=0.051)
    assert centre.ct_simulator_slots_per_day == min(linacs, 4)
    assert centre.opening.model_dump() == {"weekdays": 600, "evening_surge_max": 120, "saturday_surge_max": 360}


def test_the_network_and_its_overlays_are_sound():
    """No invariant of the graph is broken, with or without the fictitious equipment."""
    model = read_policy().travel_model
    assert check_network(build_network(NETWORK, model)) == ()
    assert check_network(build_network(EXERCISE, model)) == ()


@pytest.mark.parametrize("overlay", [EQUIPMENT, CLOUD], ids=lambda path: path.stem)
def test_an_overlay_cannot_be_taken_for_data(overlay):
    """Overlays shout that they are fictitious, set the flag, and every label says it."""
    text = overlay.read_text("utf-8")
    assert "FICTIF – POUR EXERCICE SEULEMENT" in text[:400]
    network = read_network(FILE, [EQUIPMENT, overlay])
    assert network.fictitious
    assert all(
        domain.label.startswith("FICTIF") and domain.status == "fictif" for domain in network.information_systems
    )


def test_the_overlay_keeps_what_is_published():
    """Vendor, model, type and software of centres.yaml are unchanged; known techniques and features only grow."""
    for before, after in zip(NETWORK.centres, EXERCISE.centres, strict=True):
        for field in ("paediatrics", "treatment_planning_system", "oncology_information_system", "opening", "staff"):
            assert getattr(before, field) in (None, getattr(after, field))
        for old, new in zip(before.linacs, after.linacs, strict=True):
            assert all(getattr(old, field) in (None, getattr(new, field)) for field in ("vendor", "model", "type"))
            assert old.booked_min_per_day == new.booked_min_per_day
            assert set(old.techniques or ()) <= set(new.techniques)
            assert set(old.features or ()) <= set(new.features)


def test_the_overlay_leaves_no_linac_unknown_and_says_it_is_fictitious():
    """Every linac is complete, and the audit counts every completed one as fictitious."""
    counts = {share.field.name: share.counts for share in audit_network(EXERCISE)}
    for field in ("model", "photon_mv", "mlc", "techniques", "features", "couch_max_kg"):
        assert counts[field]["unknown"] == 0
    assert counts["model"]["fictitious"] == 43
    assert counts["photon_mv"]["fictitious"] == counts["techniques"]["fictitious"] == 51


def test_exercises_meet_every_kind_of_mirror():
    """From Les Dentellières: declared pairs on the same software, same models, same kinds only, and other vendors."""
    graph = build_network(EXERCISE)
    centre_of = {node: data["centre_id"] for node, data in graph.nodes(data=True) if data["kind"] == "linac"}
    away = [
        shared
        for home, other, key, shared in graph.edges(keys=True, data=True)
        if key == "mirror" and centre_of[home] == "dentellieres" != centre_of[other]
    ]
    assert any(shared["declared"] and shared["software"] for shared in away)
    assert any(shared["model"] and shared["mlc"] and not shared["declared"] for shared in away)
    assert any(shared["vendor"] and shared["type"] and not shared["model"] for shared in away)
    assert {linac.vendor for centre in EXERCISE.centres for linac in centre.linacs} == {"Varian", "Elekta", "Accuray"}
    members = {centre.id for centre in EXERCISE.centres if "ois-cloud" in centre.information_systems}
    assert len({EXERCISE.centre(centre_id).oncology_information_system for centre_id in members}) == 1


def test_every_commune_of_the_region_has_a_point():
    """The 3,782 communes stand in their department's box, and say how the point is known."""
    communes = [commune for commune in read_communes().values() if commune.insee[:2] in BOXES]
    assert len(communes) == 3_782
    assert Counter(commune.how for commune in communes) == {
        "geonames": 1_549,
        "postcode": 2_198,
        "intercommunality": 35,
    }
    for commune in communes:
        south, north, west, east = BOXES[commune.insee[:2]]
        assert south - 0.05 < commune.lat < north + 0.05, commune
        assert west - 0.05 < commune.lon < east + 0.05, commune
        assert commune.postcodes


def test_the_outlines_are_those_of_the_five_departments():
    """Outlines name their source and department, and stay within its box."""
    outlines = read_outlines()
    assert "Natural Earth" in outlines["source"]
    assert [feature["properties"]["code"] for feature in outlines["features"]] == sorted(BOXES)
    for feature in outlines["features"]:
        south, north, west, east = BOXES[feature["properties"]["code"]]
        shape = feature["geometry"]["coordinates"]
        polygons = shape if feature["geometry"]["type"] == "MultiPolygon" else [shape]
        points = [point for polygon in polygons for ring in polygon for point in ring]
        assert len(points) > 200
        assert all(west - 0.1 < lon < east + 0.1 and south - 0.1 < lat < north + 0.1 for lon, lat in points)
