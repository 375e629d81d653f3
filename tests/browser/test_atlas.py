"""The atlas in a real browser: no request leaves, choice by list, by cell and by row, keyboard alone, sorting, print."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.factories import make_network
from tests.reports.atlases import make_atlas
from transfer_planner.io.reference import read_policy
from transfer_planner.reports.atlas_facts import AtlasFacts
from transfer_planner.reports.atlas_html import atlas_html
from transfer_planner.reports.atlas_words import ends

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def facts():
    network = make_network()
    return AtlasFacts(make_atlas(network), network)


@pytest.fixture(scope="module")
def file(facts, tmp_path_factory):
    made = tmp_path_factory.mktemp("atlas") / "atlas.html"
    made.write_text(atlas_html(facts, read_policy(), "fr"), "utf-8")
    return made


@pytest.fixture
def page(offline, file):
    with offline(file) as page:
        expect(page.locator("#shown svg.map")).to_be_visible()
        yield page


def shown(page):
    return page.locator("#shown h3[tabindex]")


def test_what_stops_is_chosen_from_the_lists(page, facts):
    expect(page.locator("#one")).to_have_value(f"centre:{facts.centres[0].id}")
    page.locator("#one").select_option("centre:gray")
    expect(shown(page)).to_have_text("Centre Gray, Maubeuge")
    page.locator("#two").select_option("bourgogne")
    expect(shown(page)).to_have_text("Centre Bourgogne, Lille + Centre Gray, Maubeuge")
    fall = facts.together("gray", "bourgogne")
    expect(page.locator("#shown .counts")).to_contain_text(ends(fall.beyond, "fr"))
    arrows = page.locator("#shown svg.map path[fill='none']:not([stroke='#fff'])")
    assert arrows.count() >= len(fall.middle.flows)
    page.locator("#one").select_option("software:aria")
    expect(page.locator("#two")).to_be_disabled()
    expect(page.locator("#shown")).to_contain_text("aucun plan trouvé dans le temps imparti")


def test_a_pair_that_is_also_a_group_is_found(page, facts):
    one, two = facts.by_id["group:g"].contingency.centre_ids
    page.locator("#one").select_option(f"centre:{two}")
    page.locator("#two").select_option(one)
    expect(shown(page)).to_have_text("Groupe G")
    expect(page.locator("#two option:disabled")).to_have_count(1)


def test_a_cell_of_the_pairs_opens_its_case(page):
    cell = page.locator("#pairs .cell").nth(4)
    name = cell.get_attribute("data-fall")
    cell.click()
    expect(shown(page)).to_be_focused()
    assert page.evaluate("decodeURIComponent(location.hash)") == f"#case={name}"
    expect(page.locator("#pairs .cell.chosen")).to_have_count(1)
    page.reload()
    expect(page.locator("#pairs .cell.chosen")).to_have_attribute("data-fall", name)


def test_keyboard_alone_walks_the_pairs(page):
    """One stop of the Tab key for all cells; arrows move inside the triangle and stop at its edge; Enter opens."""
    cells = page.locator("#pairs .cell")
    assert [cells.nth(i).get_attribute("tabindex") for i in range(cells.count())].count("0") == 1
    cells.first.focus()
    page.keyboard.press("ArrowUp")
    expect(cells.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    at = page.evaluate("document.activeElement.dataset.at")
    assert at == "1,1"
    page.keyboard.press("ArrowLeft")
    assert "hors tolérance" in page.evaluate("document.activeElement.getAttribute('aria-label')").replace(
        "au-delà de la", "hors"
    )
    page.keyboard.press("Enter")
    expect(shown(page)).to_be_focused()
    expect(shown(page)).to_contain_text(" + ")


def test_all_cases_sort_and_filter(page, facts):
    rows = page.locator("#all tbody tr:visible")
    expect(rows).to_have_count(len(facts.falls))
    head = page.locator("#all thead th").nth(2)
    for order in ("descending", "ascending"):
        head.get_by_role("button").click()
        expect(head).to_have_attribute("aria-sort", order)
        values = page.evaluate(
            "[...document.querySelectorAll('#all tbody tr')].map((r) => Number(r.cells[2].dataset.v))"
        )
        assert values == sorted(values, reverse=order == "descending")
    name = page.locator("#all thead th").nth(1)
    name.get_by_role("button").click()
    expect(name).to_have_attribute("aria-sort", "ascending")
    expect(page.locator("#all [aria-sort]")).to_have_count(1)
    page.locator("#find").fill("LEONARD gray")
    expect(rows).to_have_count(1)
    expect(page.locator("#rows")).to_have_text(f"1 cas affichés sur {len(facts.falls)}")
    page.locator("#find").fill("")
    page.locator("#kind").select_option("domain")
    expect(rows).to_have_count(1)
    rows.first.get_by_role("button").click()
    expect(shown(page)).to_have_text("SI partagé")


def test_every_centre_has_its_part(page, facts):
    expect(page.locator("article")).to_have_count(len(facts.network.centres))
    expect(page.locator("article svg.map")).to_have_count(len(facts.network.centres))
    first = page.locator("article").first
    expect(first.locator("svg.map use[href='#land']")).to_have_count(1)
    assert first.locator("svg.map").evaluate("(e) => e.getBBox().width") > 100


def test_page_prints_and_fits_a_small_screen(page):
    page.emulate_media(media="print")
    expect(page.locator("#choice")).to_be_hidden()
    expect(page.locator("nav")).to_be_hidden()
    expect(page.locator("#shown svg.map")).to_be_visible()
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 7
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= 400")


def test_without_scripts_the_centres_are_still_there(chromium, file, facts):
    context = chromium.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    expect(page.get_by_text("Ce choix demande les scripts")).to_be_visible()
    expect(page.locator("article svg.map")).to_have_count(len(facts.network.centres))
    context.close()
