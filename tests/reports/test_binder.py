"""The binder: nothing is invented, what is assumed says so, page references are true, contacts are those of the overlay alone."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.factories import make_network, packaged
from transfer_planner.domain.centre import Contact, Network
from transfer_planner.domain.policy import Policy
from transfer_planner.errors import DataError
from transfer_planner.network.changes import network_changes
from transfer_planner.network.graph import build_network
from transfer_planner.network.mirrors import destinations_of, techniques_of
from transfer_planner.reports import binder as module
from transfer_planner.reports.binder import Control, binder
from transfer_planner.reports.binder_centre import centre_pages
from transfer_planner.reports.first_day import packaged_first_day, read_first_day

POLICY = Policy.model_validate(packaged("policy.yaml"))
CONTROL = Control("", "2026.1", date(2026, 1, 5), date(2027, 1, 4), "transfer-planner 0")


def changed(network: Network, centre_id: str, **fields: object) -> Network:
    """Return the network with some fields of a centre changed."""
    centres = [c.model_copy(update=fields) if c.id == centre_id else c for c in network.centres]
    return network.model_copy(update={"centres": tuple(centres)})


def pages_of(network, centre_id="gray", lang="fr"):
    return centre_pages(network, build_network(network, POLICY.travel_model), network.centre(centre_id), POLICY, lang)


@pytest.fixture(scope="module")
def network():
    return make_network(conventions=[{"between": ["gray", "dentellieres"], "signed_on": "2026-01-02"}])


@pytest.fixture(scope="module")
def french(network, pdf_pages):
    return pdf_pages(binder(network, [network.centre("gray")], POLICY, CONTROL, "fr"))


def test_the_cover_identifies_the_edition_and_every_page_repeats_it(french):
    for wanted in (
        "Classeur de crise",
        "Centre Gray, Maubeuge",
        "CLASSEUR-GRAY",
        "2026.1",
        "lundi 4 janvier 2027",
        "Approuvé par",
    ):
        assert wanted in french[0]
    assert all("CLASSEUR-GRAY · version 2026.1" in page and "EXERCICE" in page for page in french)


def test_the_contents_and_the_role_sheets_send_to_the_right_page(french):
    """Each page number printed is that of the page which bears the title."""
    titles = ("Destinations miroirs par technique", "Conventions de continuité", "Annuaire des cellules de crise")
    for title in titles:
        page = int(re.search(rf"{title}[ .\u2060]+(\d+)", french[1])[1])
        assert title in french[page - 1], title
    mirrors = int(re.search(r"Destinations miroirs par technique[ .\u2060]+(\d+)", french[1])[1])
    assert f"→ p. {mirrors}" in french[2].replace("\u00a0", " ")


def test_each_role_has_its_sheet(french):
    for role in packaged_first_day().roles:
        assert sum(role.fr in page and "0 à 1 h" in page for page in french) == 1, role.id


def test_without_overlay_contacts_are_blank_and_with_one_they_are_printed(network, french, pdf_text):
    assert not re.search(r"\b0\d( \d\d){4}\b", " ".join(french))
    assert "CONFIDENTIEL" not in french[0]
    contacts = (Contact(role="Physicien d'astreinte", phone="03 00 00 00 07", mssante="p@x.mssante.fr"),)
    filled = changed(network, "gray", crisis_contacts=contacts)
    text = pdf_text(binder(filled, [filled.centre("gray")], POLICY, CONTROL, "fr"))
    assert text.count("03 00 00 00 07") == 2  # own page and directory
    assert "CONFIDENTIEL" in text


def test_figures_say_how_they_are_known():
    """Assumed and computed figures bear their mark, unknown ones say unknown, published ones nothing."""
    network = make_network(sources=[{"id": "sae", "title": "SAE"}], fictitious=False)
    known = {"physics_hours_per_day": "sae", "new_starts_per_day": "derived", "opening": "assumed"}
    network = changed(network, "gray", provenance=known, ct_simulator_slots_per_day=None)
    marks = {each["label"]: each["value"] for each in pages_of(network)["capacities"]}
    assert marks["heures de physique par jour"] == {"t": "9", "m": ""}
    assert marks["nouveaux patients par jour"] == {"t": "6", "m": "calc."}
    assert marks["créneaux de scanner par jour"] == {"t": "inconnu", "m": ""}
    assert marks["minutes libres par jour"]["m"] == "sans source"  # the booked minutes cite nothing


def test_grades_follow_what_two_linacs_share(network):
    """Same model is G1; an unknown machine is G3 with a doubt; a technique that is missing has no grade."""
    matrix = {row["cells"][0]["t"]: row for row in pages_of(network)["matrix"]["rows"]}
    home = matrix["Centre de cancérologie Les Dentellières, Valenciennes"]
    assert {grade["grade"] for grade in home["grades"]} == {"G1"}
    assert home["cells"][2]["t"] == "2 janvier 2026"
    linac = network.centre("bourgogne").linacs[0]
    blank = linac.model_copy(update={"vendor": None, "model": None, "techniques": ("VMAT",)})
    doubtful = changed(network, "bourgogne", linacs=(blank,))
    matrix = {row["cells"][0]["t"]: row for row in pages_of(doubtful)["matrix"]["rows"]}
    grades = dict(zip(techniques_of(network.centre("gray")), matrix["Centre Bourgogne, Lille"]["grades"], strict=True))
    assert grades["VMAT"] == {"grade": "G3", "doubt": True}
    assert grades["SBRT"] == {"grade": "", "doubt": False}
    unknown = tuple(x.model_copy(update={"model": None}) for x in network.centre("gray").linacs)
    rows = pages_of(changed(network, "gray", linacs=unknown))["matrix"]["rows"]
    assert all(grade["doubt"] for row in rows for grade in row["grades"])  # the doubt may be at home


def test_who_falls_with_us_is_never_called_first(network):
    falls = {"information_systems": [{"id": "is", "label": "Hébergeur commun"}]}
    shared = make_network(**falls)
    shared = changed(changed(shared, "gray", information_systems=("is",)), "dentellieres", information_systems=("is",))
    assert not any("Dentellières" in row[1] for row in pages_of(shared)["first"]["rows"])
    assert any("Dentellières" in row[1] for row in pages_of(network)["first"]["rows"])
    assert pages_of(shared)["systems"] == [
        {"label": "Hébergeur commun", "centres": ["Centre de cancérologie Les Dentellières, Valenciennes"]}
    ]


def test_missing_conventions_are_those_within_reach_best_first(network):
    graph = build_network(network, POLICY.travel_model)
    near = {d.centre_id for d in destinations_of(graph, "gray") if d.minutes <= 90}
    rows = pages_of(network)["missing"]["rows"]
    assert len(rows) == len(near - {"dentellieres"})
    assert [row[2] for row in rows] == sorted(row[2] for row in rows)


def test_what_changed_since_last_year(network, pdf_text):
    """Equipment, linacs, conventions and software are compared; an edition equal to the last one says so."""
    linacs = network.centre("gray").linacs
    new = linacs[0].model_copy(update={"model": "Halcyon"})
    now = changed(network, "gray", linacs=(new,), treatment_planning_system="Eclipse")
    found = {(c.of, c.field) for c in network_changes(network, now)}
    assert found == {("", "treatment_planning_system"), ("gray-1", "model"), ("gray-2", "linac")}
    text = pdf_text(binder(now, [now.centre("gray")], POLICY, CONTROL, "fr", previous=network))
    for wanted in (
        "TPS\u202f: inconnu → Eclipse",
        "modèle\u202f: TrueBeam → Halcyon",
        "accélérateur retiré\u202f: Varian TrueBeam",
        "modifié",
    ):
        assert wanted.replace("\u202f", " ") in text.replace("\u202f", " "), wanted
    same = pdf_text(binder(now, [now.centre("gray")], POLICY, CONTROL, "en", previous=now))
    assert "Nothing changed." in same
    gone = network.model_copy(update={"conventions": (), "centres": network.centres[:-1]})
    found = {(c.centre_id, c.of, c.field, c.after is None) for c in network_changes(network, gone)}
    assert ("marie-curie-arras", "", "centre", True) in found
    assert ("gray", "dentellieres", "convention", False) in found


def test_all_centres_in_one_binder(network, pdf_text):
    text = pdf_text(binder(network, network.centres, POLICY, CONTROL, "en"))
    assert "CLASSEUR-REGION" in text
    for centre in network.centres:
        assert text.count(f"{centre.name}, {centre.commune} – Contacts") == 1


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_centre_of_which_nothing_is_known(lang, pdf_text):
    """Empty fields, no linac, a name of two hundred characters: the binder is printed all the same."""
    bare = {"id": "x", "name": "Centre " + "au très long nom " * 12, "location": {"lat": 50.0, "lon": 3.0}}
    network = Network.model_validate({"schema_version": 1, "centres": [bare, bare | {"id": "y", "name": ""}]})
    text = pdf_text(binder(network, network.centres, POLICY, CONTROL, lang))
    assert ("unknown" if lang == "en" else "inconnu") in text


def test_the_same_edition_gives_the_same_bytes(network):
    centres = [network.centre("gray")]
    assert binder(network, centres, POLICY, CONTROL, "fr") == binder(network, centres, POLICY, CONTROL, "fr")


def test_french_labels_are_all_translated():
    assert not [name for name, m in module.LABELS.items() if m.text("fr") == m.source and len(m.source.split()) > 2]


def test_every_fault_of_the_role_sheets_is_told(tmp_path):
    file = tmp_path / "first_day.yaml"
    file.write_text(
        'schema_version: 1\nversion: "1"\nroles:\n'
        "  - {id: a, fr: A, en: A, items: [{from: 4, to: 1, fr: x, en: x, source: A}]}\n"
        "  - {id: b, fr: B, en: B, items: [{from: 0, to: 1, fr: x, en: x, source: hearsay}]}\n",
        "utf-8",
    )
    with pytest.raises(DataError) as raised:
        read_first_day(file)
    assert len(raised.value.findings) == 2
