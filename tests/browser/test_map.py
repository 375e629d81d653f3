"""The map in a real browser: no request leaves, no error is logged, layers, pop-ups, keyboard and print work."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.factories import make_case, make_plan
from transfer_planner.io.centres import read_network
from transfer_planner.reports.maps import map_html
from transfer_planner.reports.maps_svg import map_svg

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]

OVERLAPS = """() => {
  const boxes = [...document.querySelectorAll(".leaflet-names-pane .name, .leaflet-names-pane .pill")].map(
    (e) => [e.textContent, e.getBoundingClientRect()]);
  const met = [];
  boxes.forEach(([a, p], i) => boxes.slice(0, i).forEach(([b, q]) => {
    if (p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 1 && q.top < p.bottom - 1) met.push([a, b]);
  }));
  return met;
}"""

SVG_OVERLAPS = """() => {
  const boxes = [...document.querySelectorAll("svg text:not([fill-opacity])")].map((e) => [e.textContent, e.getBoundingClientRect()]);
  const met = [];
  boxes.forEach(([a, p], i) => boxes.slice(0, i).forEach(([b, q]) => {
    const slack = 0.25 * Math.min(p.height, q.height);
    if (p.left < q.right && q.left < p.right && p.top + slack < q.bottom && q.top + slack < p.bottom) met.push([a, b]);
  }));
  return met;
}"""


def faces():
    """Return the fonts of the documents, for a page that does not carry them."""
    for weight, name in ((400, "Regular"), (700, "Bold")):
        font = resources.files("transfer_planner.reports") / "fonts" / f"AtkinsonHyperlegibleNext-{name}.ttf"
        data = b64encode(font.read_bytes()).decode()
        yield f"@font-face{{font-family:'Atkinson Hyperlegible Next';font-weight:{weight};src:url(data:font/ttf;base64,{data})}}"


@pytest.fixture(scope="module")
def valenciennes():
    """Return the plan of the factory on the network of the region."""
    case = replace(make_case(46), network=read_network(ROOT / "centres.yaml"))
    return make_plan(case), case


@pytest.fixture
def page(offline, tmp_path, valenciennes):
    file = tmp_path / "map.html"
    file.write_text(map_html(*valenciennes, "fr"), "utf-8")
    with offline(file) as page:
        expect(page.locator(".name.destination").first).to_be_visible()
        yield page


def test_every_centre_has_its_mark_and_every_destination_its_name(page, valenciennes):
    plan, case = valenciennes
    expect(page.locator(".leaflet-marker-icon.stop")).to_have_count(len(case.network.centres))
    expect(page.locator(".leaflet-marker-icon.fallen")).to_have_count(1)
    for centre_id in plan.summary.by_destination:
        expect(page.locator(".name.destination", has_text=case.network.centre(centre_id).name)).to_be_visible()


@pytest.mark.parametrize("zooms", [0, 2, 4, -2])
def test_names_never_overlap(page, zooms):
    for _ in range(abs(zooms)):
        page.locator(".leaflet-control-zoom-in" if zooms > 0 else ".leaflet-control-zoom-out").click()
    page.wait_for_timeout(100)
    assert page.evaluate(OVERLAPS) == []


def test_layers_switch_off_and_on(page):
    lines = page.locator(".leaflet-overlay-pane path[stroke-linecap=butt]")
    total = lines.count()
    assert total >= 10
    page.get_by_role("checkbox", name="Transferts").uncheck()
    expect(lines).to_have_count(0)
    expect(page.locator(".pill")).to_have_count(0)
    page.get_by_role("checkbox", name="Transferts").check()
    expect(lines).to_have_count(total)
    expect(page.locator(".name .gauge").first).to_be_visible()
    page.get_by_label("Charge des appareils").uncheck()
    expect(page.locator(".name .gauge")).to_have_count(0)
    expect(page.locator(".band").first).to_be_visible()
    page.get_by_label("Bandes de trajet").uncheck()
    expect(page.locator(".band")).to_have_count(0)


def test_a_centre_tells_its_arrivals_and_its_load(page, valenciennes):
    plan, _ = valenciennes
    page.locator("table").get_by_role("button", name="Centre Gray").click()
    about = page.locator("#about")
    expect(about.get_by_role("heading", name="Centre Gray")).to_be_focused()
    expect(about).to_contain_text("Arrivées par jour")
    expect(about).to_contain_text("Par priorité")
    expect(about.locator("svg.chart")).to_be_visible()
    expect(page.locator(".leaflet-marker-icon.chosen")).to_have_count(1)
    for decision in plan.decisions:
        told = decision.patient_id in about.inner_text()
        assert told == (decision.action == "transfer" and decision.centre_id == "gray")
    page.keyboard.press("Escape")
    expect(about).to_be_hidden()
    expect(page.locator("table").get_by_role("button", name="Centre Gray")).to_be_focused()


def test_keyboard_alone_walks_the_centres(page):
    """Tab reaches skip link, search and slider in this order; arrows go from centre to centre; Enter opens; Escape goes back."""
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au tableau")).to_be_focused()
    for name in ("find", "day"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == name
    stopped = page.locator(".leaflet-marker-icon.fallen")
    stopped.focus()
    assert stopped.evaluate("(e) => getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("#about")).to_contain_text("centre à l’arrêt")
    page.keyboard.press("Escape")
    expect(stopped).to_be_focused()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.title").startswith("Centre Gray")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert not page.evaluate("document.activeElement.title").startswith("Centre Gray")


def test_the_slider_shows_one_day(page, valenciennes):
    plan, _ = valenciennes
    starts = [d.start_date for d in plan.decisions if d.action == "transfer"]
    page.locator("#day").focus()
    page.keyboard.press("ArrowRight")
    day = page.locator("#day-words").inner_text()
    assert page.locator("#day").get_attribute("aria-valuetext") == day != "Plan entier"
    first = sum(start == min(starts) for start in starts)
    expect(page.locator("#shown")).to_contain_text(f"arrivées du jour : {first}.")
    expect(page.locator("#shown")).to_contain_text(day)
    page.keyboard.press("End")
    expect(page.locator("#shown")).to_contain_text("arrivées du jour : 0.")
    page.keyboard.press("Home")
    expect(page.locator("#shown")).to_have_text(
        f"Patients transférés : {len(starts)} ; centres receveurs : {len(plan.summary.by_destination)}."
    )


def test_levels_and_priorities_filter_the_transfers(page, valenciennes):
    plan, _ = valenciennes
    moved = [d for d in plan.decisions if d.action == "transfer"]
    page.locator("#tools").get_by_label("P1").uncheck()
    page.locator("#tools").get_by_label("G0").uncheck()
    left = sum(d.rank != 1 and d.grade != "G0" for d in moved)
    assert 0 < left < len(moved)
    expect(page.locator("#shown")).to_contain_text(f"Patients transférés : {left} ;")
    expect(page.locator("#shown")).to_contain_text("Masqués : G0, P1.")
    legend = page.locator("#panel dl")
    expect(legend.get_by_text("P2 – très haute")).to_be_hidden()
    page.get_by_role("radio", name="priorité").check()
    expect(legend.get_by_text("P2 – très haute")).to_be_visible()
    expect(legend.get_by_text("appareils appariés")).to_be_hidden()
    assert page.locator(".name.destination", has_text="· P").count() > 0
    assert page.evaluate(OVERLAPS) == []


def test_search_finds_a_patient_and_a_centre(page, valenciennes):
    plan, case = valenciennes
    moved = next(d for d in plan.decisions if d.action == "transfer")
    field = page.locator("#find")
    field.fill(moved.patient_id.lower())
    expect(page.get_by_role("option").first).to_contain_text(moved.patient_id)
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == "found-0"
    field.press("Enter")
    expect(page.locator("#about .patient")).to_contain_text(moved.patient_id)
    expect(page.locator("#about h2")).to_have_text(case.network.centre(moved.centre_id).name)
    page.keyboard.press("Escape")
    expect(field).to_be_focused()
    field.fill("lambret")
    field.press("Enter")
    expect(page.locator("#about h2")).to_contain_text("Oscar Lambret")
    expect(page.locator("#about .patient")).to_have_count(0)
    field.fill("zzz")
    expect(page.locator("#found")).to_have_text("Aucun patient ni centre de ce nom")
    field.press("Escape")
    expect(page.locator("#found")).to_be_hidden()


def test_capacity_left_is_a_layer(page):
    rings = page.locator(".leaflet-overlay-pane path[stroke-dasharray='1 3']")
    expect(rings).to_have_count(0)
    page.get_by_label("Capacité restante").check()
    expect(page.locator(".name.destination", has_text="min libres au moins").first).to_be_visible()
    page.locator("#day").fill("3")
    expect(page.locator(".name.destination", has_text="min libres").first).not_to_contain_text("au moins")
    assert rings.count() > 3
    assert page.evaluate(OVERLAPS) == []


def test_page_prints(page):
    """On paper the map keeps its names and the table stays whole."""
    page.locator("#day").fill("2")
    page.emulate_media(media="print")
    page.wait_for_timeout(200)
    expect(page.locator("#tools")).to_be_hidden()
    expect(page.locator("#shown")).to_contain_text("arrivées du jour")
    expect(page.locator(".name.destination").first).to_be_visible()
    assert page.evaluate(OVERLAPS) == []
    expect(page.locator("#panel table").first).to_be_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_small_screen_keeps_everything(page):
    page.set_viewport_size({"width": 400, "height": 800})
    expect(page.locator(".folium-map")).to_be_visible()
    expect(page.locator("#panel table").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= 400")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_printed_texts_do_not_overlap_as_drawn(chromium, valenciennes, lang):
    """The widths that the layout estimates are those of a real font, or wider."""
    context = chromium.new_context(offline=True, viewport={"width": 1400, "height": 1100})
    page = context.new_page()
    page.set_content(f"<style>{''.join(faces())}</style><body style='margin:0'>{map_svg(*valenciennes, lang)}</body>")
    assert (
        page.evaluate("document.fonts.ready.then(() => [...document.fonts].map((face) => face.status))")
        == ["loaded"] * 2
    )
    assert page.locator("svg text").count() > 40
    assert page.evaluate(SVG_OVERLAPS) == []
    context.close()
