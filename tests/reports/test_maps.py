"""Maps tell where everyone goes, on one file that asks the network for nothing, and their texts never overlap."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from tests.factories import make_case, make_network, make_plan
from transfer_planner.domain.centre import Network
from transfer_planner.domain.plan import Load
from transfer_planner.reports.map_data import plan_days, spare_minutes
from transfer_planner.reports.map_facts import map_facts, short_name
from transfer_planner.reports.map_layout import Box, Label, Point, Projection, Sheet, curve, spread, text_width, wrap
from transfer_planner.reports.maps import map_html, map_pdf
from transfer_planner.reports.maps_svg import bends, map_svg

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(1)</script> & {{ 7*7 }} ${1} `x` </template>"
LILLE_AND_AMIENS = {
    "bourgogne": (50.6341, 3.0329),
    "galilee": (50.6464, 3.0836),
    "oscar-lambret": (50.6131, 3.0364),
    "chu-amiens": (49.8762, 2.2557),
    "cthe-amiens": (49.8726, 2.2935),
    "lens": (50.4395, 2.8208),
    "valenciennes": (50.3602, 3.5122),
}


def centre(centre_id, lat, lon, **fields):
    fields = {"name": f"Centre {centre_id}", "commune": "Ville", "department": "59"} | fields
    return {"id": centre_id, "location": {"lat": lat, "lon": lon}, "linacs": [{"id": f"{centre_id}-1"}], **fields}


def scene(centres, stopped, *, patients=12, to=(), systems=(), listed_systems=()):
    """Return a plan that sends the patients of the stopped centres to each of `to` in turn."""
    network = Network.model_validate(
        {
            "schema_version": 1,
            "centres": centres,
            "information_systems": [{"id": s, "label": f"SI {s}"} for s in systems],
        }
    )
    case = make_case(patients, compromised={"centres": stopped, "information_systems": listed_systems})
    case = replace(case, network=network)
    plan = make_plan(case)
    moved = []
    for index, decision in enumerate(plan.decisions):
        home = stopped[index % len(stopped)] if stopped else centres[0]["id"]
        if to:
            at = to[index % len(to)]
            changes = {"action": "transfer", "centre_id": at, "linac_id": f"{at}-1", "grade": f"G{index % 5}"}
            changes |= {"home_centre_id": home, "start_date": date(2026, 3, 3) + timedelta(days=index % 3)}
        else:
            changes = {"action": "wait", "centre_id": None, "linac_id": None, "grade": None, "home_centre_id": home}
        moved.append(decision.model_copy(update=changes))
    counts = {"transferred": len(moved) if to else 0, "waiting": 0 if to else len(moved), "restarted": 0}
    summary = plan.summary.model_copy(update=counts)
    plan = plan.model_copy(update={"decisions": tuple(moved), "summary": summary, "loads": ()})
    return plan, case


def towns():
    department = {"chu-amiens": "80", "cthe-amiens": "80", "lens": "62"}
    return [centre(k, *point, department=department.get(k, "59")) for k, point in LILLE_AND_AMIENS.items()]


def nation(count=180):
    """Return centres on a spiral about the size of a country, thick in the middle."""
    centres = []
    for i in range(count):
        point = curve(Point(0, 0), Point(1, 0), 0, 1)[1]
        angle, radius = i * 2.399963, 4.2 * (i / count) ** 0.7
        spot = Point(46.5 + radius * point.x * _cos(angle), 2.5 + 1.4 * radius * _cos(angle - 1.5708))
        centres.append(centre(f"c{i:03d}", spot.x, spot.y, name=f"CH de la ville {i}", department=None))
    return centres


def _cos(angle):
    return complex(2.718281828459045 ** (1j * angle)).real


@pytest.fixture(scope="module")
def valenciennes():
    case = make_case(30)
    return make_plan(case), case


SCENES = {
    "towns": lambda: scene(
        towns(), ["valenciennes"], to=["bourgogne", "galilee", "oscar-lambret", "chu-amiens", "cthe-amiens"]
    ),
    "lille-down": lambda: scene(
        towns(),
        ["bourgogne", "galilee", "oscar-lambret"],
        patients=40,
        to=["chu-amiens", "cthe-amiens", "lens", "valenciennes"],
    ),
    "nobody": lambda: scene(towns(), ["valenciennes"]),
    "alone": lambda: scene([centre("seul", 50.36, 3.51)], ["seul"]),
    "nation": lambda: scene(nation(), ["c000", "c003"], patients=60, to=[f"c{i:03d}" for i in range(4, 44)]),
}


def everything():
    """Return a scene whose legend has every entry: parts, levels, loads, shared systems, notes."""
    centres = [
        *towns(),
        centre("a", 50.9, 2.4, information_systems=["one"]),
        centre("b", 50.8, 2.2, information_systems=["one"]),
        centre("c", 49.4, 2.8),
    ]
    plan, case = scene(centres, ["a"], patients=30, to=list(LILLE_AND_AMIENS)[:5], systems=("one",))
    urgent = plan.decisions[0].model_copy(update={"grade": "emergency"})
    waits = [
        d.model_copy(update={"action": a, "centre_id": None})
        for d, a in zip(plan.decisions[1:3], ("wait", "restart"), strict=True)
    ]
    load = {"linac_id": "x", "date": date(2026, 3, 4), "booked_min": 300, "transferred_min": 100, "capacity_min": 500}
    summary = plan.summary.model_copy(update={"waiting": 1, "restarted": 1})
    loads = tuple(Load(centre_id=c, **load) for c in LILLE_AND_AMIENS)
    changes = {"decisions": (urgent, *waits, *plan.decisions[3:]), "loads": loads, "summary": summary}
    return plan.model_copy(update=changes), case


SCENES["everything"] = everything


def boxes(svg):
    """Return the box of every text of the map itself, watermark left out, by the estimated width."""
    root = ET.fromstring(svg)
    right = float(root.get("viewBox").split()[2]) - 262
    found = []
    for text in root.iter(f"{SVG}text"):
        if text.get("fill-opacity"):
            continue
        size, x, y = (float(text.get(key)) for key in ("font-size", "x", "y"))
        width = text_width(text.text, size, bold=text.get("font-weight") == "700")
        x -= {"end": width, "middle": width / 2}.get(text.get("text-anchor"), 0)
        if x < right:
            found.append((text.text, Box(x, y - 0.75 * size, x + width, y + 0.2 * size)))
    return found


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_printed_texts_never_overlap(name, lang):
    found = boxes(map_svg(*SCENES[name](), lang))
    met = [(a, b) for i, (a, one) in enumerate(found) for b, two in found[:i] if one.meets(two)]
    assert met == []


@pytest.mark.parametrize("name", SCENES)
def test_legend_stays_within_the_drawing(name):
    root = ET.fromstring(map_svg(*SCENES[name](), "fr"))
    _, _, width, height = (float(n) for n in root.get("viewBox").split())
    for text in root.iter(f"{SVG}text"):
        if not text.get("transform"):
            assert float(text.get("y")) < height
            assert float(text.get("x")) < width


def test_printed_map_is_the_same_each_time(valenciennes):
    assert map_svg(*valenciennes, "fr") == map_svg(*valenciennes, "fr")
    assert map_pdf(*valenciennes, "fr") == map_pdf(*valenciennes, "fr")


def test_page_is_the_same_each_time(valenciennes):
    assert map_html(*valenciennes, "fr") == map_html(*valenciennes, "fr")


def test_page_asks_the_network_for_nothing_and_stays_small(valenciennes):
    html = map_html(*valenciennes, "fr")
    assert len(html.encode()) < 1_000_000
    links = re.findall(
        r"""(?:src|href)\s*=\s*["'\\]*\s*((?:https?:)?//[^"'\\ >]+)|url\(\s*["']?((?:https?:)?//[^)]+)""", html
    )
    # Leaflet's own credit, in a control that the page does not show.
    assert {link for pair in links for link in pair if link} <= {"https://leafletjs.com"}
    assert "default-src 'none'" in html
    assert not re.search(r"url\((?!#|data:)", html)
    assert "sourceMappingURL" not in html


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_destination_stands_on_every_map(valenciennes, lang):
    plan, case = valenciennes
    html, svg = map_html(plan, case, lang), map_svg(plan, case, lang)
    words = " ".join(text for text, _ in boxes(svg))
    for centre_id, count in plan.summary.by_destination.items():
        name = case.network.centre(centre_id).name
        assert f'data-stop="{centre_id}">{name}' in html
        assert f'id="about-{centre_id}"' in html
        assert name in words
        assert f"{count} patients" in words


def test_counts_add_up_to_the_plan(valenciennes):
    plan, case = valenciennes
    facts = map_facts(plan, case)
    received = {s.id: s.patients for s in facts.stops.values() if s.patients}
    assert received == plan.summary.by_destination
    assert sum(flow.patients for flow in facts.flows) == plan.summary.transferred
    for stop in facts.of("destination"):
        assert sum(stop.by_rank.values()) == sum(n for _, n in stop.arrivals) == stop.patients
    home = facts.stops["dentellieres"]
    assert (home.waiting, home.restarted) == (plan.summary.waiting, plan.summary.restarted)


def test_load_of_a_day_sums_the_linacs(valenciennes):
    plan, case = valenciennes
    peak = map_facts(plan, case).stops["gray"].peak
    loads = [x for x in plan.loads if x.centre_id == "gray" and x.date == peak.day]
    assert peak.transferred == sum(x.transferred_min for x in loads)
    assert peak.left == sum(x.capacity_min - x.booked_min - x.transferred_min for x in loads)


def test_codes_are_all_that_a_map_says_of_a_patient(valenciennes):
    """Every code can be searched on the page; paper shows counts only; neither tells a year of birth or a diagnosis."""
    plan, case = valenciennes
    svg, html = map_svg(plan, case, "fr"), map_html(plan, case, "fr")
    assert not any(re.search(rf"\b{d.patient_id}\b", svg) for d in plan.decisions)
    data = json.loads(re.search(r'id="map-data">(.*?)</script>', html)[1])
    assert [move["code"] for move in data["moves"]] == [d.patient_id for d in plan.decisions]
    assert set(data["moves"][0]) == {"code", "from", "to", "at", "grade", "rank", "days", "words"}
    labels = [case.sites[p.site].label_fr for p in case.patients if p.site]
    assert labels
    assert not any(label in html for label in labels)


def test_capacity_left_is_what_the_loads_leave(valenciennes):
    """On a day of work, spare minutes are the room of every linac less what is transferred."""
    plan, case = valenciennes
    facts, days = map_facts(plan, case), plan_days(plan)
    rooms = spare_minutes(plan, case, facts, days)
    assert set(rooms) == {s.id for s in facts.stops.values() if s.part in {"destination", "unused"}}
    day = next(x.date for x in plan.loads if x.centre_id == "gray" and x.date.weekday() < 5)
    centre = case.network.centre("gray")
    taken = sum(x.transferred_min for x in plan.loads if x.centre_id == "gray" and x.date == day)
    room = sum(600 + 120 - linac.booked_min_per_day for linac in centre.linacs)
    assert rooms["gray"][days.index(day)] == room - taken
    answer = {"centre_id": "gray", "asked_at": "2026-03-02T09:00:00+01:00", "spare_minutes_per_day": taken + 5}
    told = replace(case, scenario=make_case(1, declared_capacity=[answer]).scenario)
    assert spare_minutes(plan, told, facts, days)["gray"][days.index(day)] == 5


def test_three_hundred_patients_make_a_page_under_a_megabyte_and_a_half():
    plan, case = scene(nation(60), ["c000"], patients=300, to=[f"c{i:03d}" for i in range(4, 44)])
    assert len(map_html(plan, case, "fr").encode()) < 1_500_000


def test_parts_follow_the_shared_systems():
    """Listed centre and members of a listed system are stopped; one step further a centre is blocked."""
    centres = [
        centre("a", 50.0, 3.0, information_systems=["one"]),
        centre("b", 50.1, 3.1, information_systems=["one"]),
        centre("c", 50.2, 3.2, information_systems=["two"]),
        centre("d", 50.3, 3.3, information_systems=["two", "three"]),
        centre("e", 50.4, 3.4, information_systems=["three"]),
    ]
    plan, case = scene(centres, ["a"], to=["e"], systems=("one", "two", "three"), listed_systems=["two"])
    facts = map_facts(plan, case)
    assert {s.id: s.part for s in facts.stops.values()} == {
        "a": "fallen", "b": "blocked", "c": "fallen", "d": "fallen", "e": "destination",
    }  # fmt: skip
    assert {d.id: d.fallen for d in facts.domains} == {"one": True, "two": True, "three": True}
    svg = map_svg(plan, case, "en")
    assert "shares a system" in svg
    assert "SI one" in map_html(plan, case, "en")


class Tags(HTMLParser):
    """Collect the tags and the text of a page."""

    def __init__(self):
        super().__init__()
        self.tags, self.text = [], []

    def handle_starttag(self, tag, _attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text.append(data)


def tags(html):
    parser = Tags()
    parser.feed(html)
    return parser


def test_names_are_never_markup():
    """A hostile centre and title change the words of the maps, not their tags."""
    quiet, loud = (
        scene(
            [
                centre("a", 50.0, 3.0, information_systems=["x"]),
                centre("b", 50.3, 3.4, information_systems=["x"]),
                centre("c", 50.1, 3.6, name=name, commune=name),
            ],
            ["a"],
            to=["c"],
            systems=("x",),
        )
        for name in ("Centre calme", HOSTILE)
    )
    loud[0].title["fr"] = HOSTILE
    calm, html = (map_html(*pair, "fr") for pair in (quiet, loud))
    assert tags(html).tags.count("script") == tags(calm).tags.count("script")
    assert tags(html).tags.count("template") == tags(calm).tags.count("template")
    assert HOSTILE in "".join(tags(html).text)
    assert "<script>alert" not in html
    svg = map_svg(*loud, "fr")
    assert not list(ET.fromstring(svg).iter(f"{SVG}script"))
    assert map_pdf(*loud, "fr").startswith(b"%PDF")


def test_exercise_and_unconfirmed_capacities_are_said(valenciennes):
    plan, case = valenciennes
    assert "EXERCICE" in map_svg(plan, case, "fr")
    assert '<p class="banner">EXERCICE' in map_html(plan, case, "fr")
    real = plan.model_copy(update={"exercise": False})
    case = replace(case, network=make_network(fictitious=False))
    assert "CAPACITÉS NON" in map_svg(real, case, "fr")
    assert "CAPACITÉS NON CONFIRMÉES" in map_html(real, case, "fr")
    answer = {"asked_at": "2026-03-02T09:00:00+01:00", "spare_minutes_per_day": 300}
    answers = [{"centre_id": c, **answer} for c in plan.summary.by_destination]
    case = replace(case, scenario=make_case(1, declared_capacity=answers).scenario)
    sure = tuple(d.model_copy(update={"to_confirm": ()}) for d in plan.decisions)
    real = real.model_copy(update={"decisions": sure})
    for text in (map_svg(real, case, "fr"), map_html(real, case, "fr")):
        assert "EXERCICE" not in text
        assert "NON CONFIRM" not in text


def test_nobody_transferred_is_said():
    plan, case = SCENES["nobody"]()
    assert "Aucun patient n’est transféré" in map_html(plan, case, "fr")
    assert "Aucun patient n’est transféré" in map_svg(plan, case, "fr")
    assert map_pdf(plan, case, "fr").startswith(b"%PDF")


def test_a_nation_shows_those_concerned_and_counts_the_others():
    plan, case = SCENES["nation"]()
    svg = map_svg(plan, case, "en")
    words = " ".join(text for text, _ in boxes(svg))
    assert sum(f"ville {i}" in words for i in range(4, 44)) > 30
    assert re.search(r"\d+ centres (outside the view|drawn without their name)", svg)
    assert len(map_html(plan, case, "en").encode()) < 1_000_000


def test_grades_are_told_without_colour(valenciennes):
    svg = map_svg(*valenciennes, "fr")
    grey = re.sub(r'(stroke|fill)="#[0-9a-f]+"', "", svg)
    for letter in ("U – ", "G0 – ", "G1 – ", "G2 – ", "G3 – ", "G4 – "):
        assert letter in grey
    assert len(set(re.findall(r'stroke-width="5"(?: stroke-dasharray="([^"]*)")?', svg))) == 5


def test_printed_sheet_holds_both_languages(valenciennes):
    for lang in ("fr", "en"):
        pdf = map_pdf(*valenciennes, lang)
        assert pdf.startswith(b"%PDF")
        assert len(pdf) < 1_000_000


def test_flows_that_leave_side_by_side_bend_apart(valenciennes):
    facts = map_facts(*valenciennes)
    spots = {s.id: Point(s.lon, -s.lat) for s in facts.stops.values()}
    bent = {flow.destination: bend for flow, bend in bends(facts.flows, spots)}
    assert bent["bourgogne"] != bent["oscar-lambret"]


def test_spread_parts_symbols_and_leaves_others():
    here = [Point(0, 0), Point(1, 0), Point(100, 0), Point(300, 5), Point(300, 5)]
    there = spread(here, [10] * 5)
    assert there[2] == here[2]
    for i in range(5):
        for j in range(i):
            assert abs(complex(*there[i]) - complex(*there[j])) > 19.9


def test_label_goes_where_there_is_room_or_nowhere():
    label = Label("a", Point(20, 20), 5, 60, 12)
    cost, placed = Sheet(Box(0, 0, 200, 60), [Box(0, 0, 200, 40)]).best(label)
    assert placed.box.top >= 40
    assert placed.leader is not None
    assert cost > 4
    assert Sheet(Box(0, 0, 200, 60), [Box(0, 0, 200, 60)]).best(label) is None


def test_projection_keeps_distances():
    """Twenty kilometres north and twenty east measure the same on the drawing."""
    projection = Projection.fit([(50.0, 3.0), (51.0, 4.0)], Box(0, 0, 1000, 1000))
    start, north = projection.at(50.5, 3.5), projection.at(50.5 + 20 / 111.195, 3.5)
    east = projection.at(50.5, 3.5 + 20 / (111.195 * 0.63607822))
    assert start.y - north.y == pytest.approx(20 * projection.per_km)
    assert east.x - start.x == pytest.approx(20 * projection.per_km)


def test_bands_invert_the_estimate_of_travel(valenciennes):
    """The edge of a band, driven as the model says, takes the minutes of the band."""
    _, case = valenciennes
    model = case.policy.travel_model
    for minutes, km in map_facts(*valenciennes).bands:
        road = model.road_km_intercept + model.road_km_per_crow_km * km
        assert model.minutes_intercept + model.minutes_per_road_km * road == pytest.approx(minutes)


@pytest.mark.parametrize(
    ("name", "short"),
    [("Centre de traitement (CTHE)", "Centre de traitement"), ("(CTHE)", "(CTHE)"), ("CHU", "CHU")],
)
def test_short_name_drops_the_brackets(name, short):
    assert short_name(name) == short


def test_wrap_never_exceeds_its_width():
    rows = wrap("Centre de radiothérapie et de cancérologie du Hainaut-Cambrésis", 20)
    assert rows == ["Centre de", "radiothérapie et de…"]
    assert all(len(row) <= 20 for row in wrap("x" * 90, 20))
