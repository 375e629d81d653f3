"""The atlas in print: the same figures everywhere, intervals as intervals, what failed as what failed, nothing off the paper."""

from __future__ import annotations

import hashlib
import io
import json
import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from python_calamine import CalamineWorkbook

from tests.factories import make_network
from tests.reports.atlases import interval, make_atlas
from tests.reports.pages import collisions, outside
from transfer_planner.domain.atlas import Findings, Measure
from transfer_planner.errors import DataError
from transfer_planner.i18n import Message, catalogue
from transfer_planner.io.atlas import atlas_to_json, read_atlas
from transfer_planner.io.reference import read_policy
from transfer_planner.reports.atlas import render_atlas, write_atlas
from transfer_planner.reports.atlas_advice import headlines
from transfer_planner.reports.atlas_drawings import FROM, SHADES, pairs_svg, shade
from transfer_planner.reports.atlas_facts import AtlasFacts, beyond, beyond_first, hindrances
from transfer_planner.reports.atlas_map import base_for
from transfer_planner.reports.atlas_pages import NOTED, by_rank, verdict
from transfer_planner.reports.atlas_pdf import atlas_pdf
from transfer_planner.reports.atlas_words import ends, figure
from transfer_planner.reports.map_facts import GRADES
from transfer_planner.reports.map_layout import text_width
from transfer_planner.reports.typeset import page_count

SVG = "{http://www.w3.org/2000/svg}"
LONG = "Centre régional de cancérologie et de radiothérapie du Grand Hainaut-Cambrésis-Avesnois"


def spaced(text):
    """Return a text as the pages are read: any white space is one space."""
    return re.sub(r"\s+", " ", text)


@pytest.fixture(scope="module")
def network():
    return make_network()


@pytest.fixture(scope="module")
def facts(network):
    return AtlasFacts(make_atlas(network), network)


@pytest.fixture(scope="module")
def written(facts, tmp_path_factory):
    """Return a folder written in French."""
    out = tmp_path_factory.mktemp("atlas") / "region"
    write_atlas(facts.atlas, facts.network, out, "fr")
    return out


def test_an_atlas_is_read_as_it_was_written(written, facts):
    assert read_atlas(written / "atlas.json") == facts.atlas
    assert (written / "atlas.json").read_text("utf-8") == atlas_to_json(facts.atlas)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda text: text[: len(text) // 2], "json_invalid"),
        (lambda text: text.replace('"schema_version": 1', '"schema_version": 2'), "literal_error"),
        (lambda text: text.replace('"region"', '"regoin"'), "extra_forbidden"),
    ],
)
def test_a_spoilt_atlas_is_refused_in_words(written, tmp_path, spoil, code):
    file = tmp_path / "atlas.json"
    file.write_text(spoil((written / "atlas.json").read_text("utf-8")), "utf-8")
    with pytest.raises(DataError) as refused:
        read_atlas(file)
    assert code in {finding.code for finding in refused.value.findings}


def test_the_folder_is_whole_private_and_sealed(written, facts):
    manifest = json.loads((written / "manifest.json").read_text("utf-8"))
    files = {item.name: item for item in written.iterdir()}
    assert manifest["kind"] == "atlas"
    assert {entry["path"] for entry in manifest["files"]} == set(files) - {"manifest.json"}
    for entry in manifest["files"]:
        assert hashlib.sha256(files[entry["path"]].read_bytes()).hexdigest() == entry["sha256"]
    assert {item.stat().st_mode & 0o777 for item in files.values()} == {0o600}
    write_atlas(facts.atlas, facts.network, written, "fr")  # its own outputs are replaced
    (written / "mine.txt").write_text("kept")
    with pytest.raises(DataError):
        write_atlas(facts.atlas, facts.network, written, "fr")
    (written / "mine.txt").unlink()


def test_the_same_atlas_gives_the_same_bytes(facts):
    once, again = (render_atlas(facts.atlas, facts.network, "en") for _ in range(2))
    assert {name for name in once if once[name] != again[name]} <= {"atlas.xlsx"}  # dated by the library


def test_figures_are_taken_over_the_seeds_planned(facts):
    cloud = facts.by_id["software:aria"]
    assert (len(cloud.planned), len(cloud.failed)) == (2, 1)
    assert cloud.beyond == interval(*(beyond(outcome) for outcome in cloud.planned))
    assert not cloud.precise
    for fall in facts.falls:
        assert fall.middle in fall.planned
        below = [o for o in fall.planned if beyond(o) <= beyond(fall.middle)]
        assert len(below) >= len(fall.planned) / 2


def test_a_pair_is_found_under_its_other_name(facts):
    one, two = facts.by_id["group:g"].contingency.centre_ids
    assert facts.together(one, two) is facts.by_id["group:g"]
    assert facts.together(two, one) is facts.by_id["group:g"]
    assert len(facts.pairs) == facts.pairs_possible == 15
    more = facts.worse_together(one, two)
    apart = [beyond(a) + beyond(b) for a, b in zip(facts.alone(one).planned, facts.alone(two).planned, strict=True)]
    both = [beyond(outcome) for outcome in facts.together(one, two).planned]
    assert more == interval(*(b - a for a, b in zip(apart, both, strict=True)))


def test_the_gravest_come_first(facts):
    order = [facts.alone(centre.id).gravity for centre in facts.centres]
    assert order == sorted(order, reverse=True)
    assert order[0] > order[-1]


def test_an_interval_is_said_as_an_interval():
    assert figure(interval(9, 12, 15), "fr") == "12 (9–15)"
    assert figure(interval(4, 4), "fr") == ends(interval(4), "en") == "4"
    assert ends(interval(1.5, 2), "fr", 1) == "1,5–2"
    assert ends(None, "fr") == "–"


def test_every_rank_is_told(facts):
    fall = facts.falls[0]
    rows = by_rank(fall, "en")["rows"]
    assert [row[0] for row in rows] == ["P1", "P2", "P3", "P4", "P5"]
    for at, row in enumerate(rows, 1):
        counts = [t.patients for o in fall.planned for t in o.ranks if t.rank == at]
        assert row[1] == ends(interval(*counts), "en")


def test_the_verdict_follows_the_first_ranks(facts):
    seen = set()
    for fall in facts.of("centre"):
        late = any(beyond_first(outcome) for outcome in fall.planned)
        said = verdict(facts, fall, "en")
        assert said.startswith("Not absorbed") == late
        seen.add(late)
    assert True in seen
    assert verdict(facts, None, "fr") == "Non calculé."


def test_what_binds_keeps_most_out_first(facts):
    rows = [hindrances(fall) for fall in facts.falls]
    assert any(rows)
    for row in rows:
        weight = [one.kept_out.mean * one.seeds for one in row]
        assert weight == sorted(weight, reverse=True)


def test_shades_darken_with_patients_and_stay_apart_in_grey():
    greys = [sum(w * int(fill[i : i + 2], 16) for w, i in ((0.299, 1), (0.587, 3), (0.114, 5))) for fill in SHADES]
    assert all(light - dark > 20 for light, dark in pairwise(greys))
    assert [shade(start) for start in FROM] == list(range(len(FROM)))
    assert shade(0.4) == 0


def test_the_map_of_pairs_has_every_pair_once(facts):
    drawing = ET.fromstring(pairs_svg(facts, "fr"))
    cells = [cell for cell in drawing.iter(f"{SVG}g") if cell.get("class") == "cell"]
    falls = [cell.get("data-fall") for cell in cells]
    assert len(falls) == len(set(falls)) == 15 + 6
    for cell in cells:
        fall = facts.by_id[cell.get("data-fall")]
        written = "".join(text.text for text in cell.iter(f"{SVG}text"))
        assert written == ends(fall.beyond, "fr")
        assert cell.find(f"{SVG}rect").get("fill") == SHADES[shade(fall.beyond.mean)]


def test_a_pair_not_computed_is_hatched_never_zero(network):
    atlas = make_atlas(network)
    gone = next(one.id for one in atlas.contingencies if one.kind == "pair")
    lost = [
        o.model_copy(update={"status": "failed", "ranks": (), "patients": None, "message": {"fr": "x", "en": "x"}})
        if o.contingency_id == gone
        else o
        for o in atlas.outcomes
    ]
    facts = AtlasFacts(atlas.model_copy(update={"outcomes": tuple(lost)}), network)
    assert facts.by_id[gone].beyond is None
    drawing = pairs_svg(facts, "en")
    assert f'data-fall="{gone}"' not in drawing
    assert drawing.count('fill="url(#hatch)"') == pairs_svg(AtlasFacts(atlas, network), "en").count("#hatch)") + 1


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_paper_has_two_pages_for_the_committee_then_one_a_centre(facts, lang, pdf_pages):
    pages = pdf_pages(atlas_pdf(facts, read_policy(), lang))
    assert spaced(headlines(facts, lang)[0])[:40] in pages[0]
    assert "Que faire d’abord" in pages[1] or "What to do first" in pages[1]
    for page, centre in zip(pages[2:], facts.centres, strict=False):
        assert centre.name in page
        assert spaced(verdict(facts, facts.alone(centre.id), lang))[:30] in page
    assert len(pages) >= 2 + len(facts.centres) + 2
    marks = {
        "fr": ("EXERCICE", "PATIENTS INVENTÉS", "CAPACITÉS NON CONFIRMÉES"),
        "en": ("EXERCISE", "INVENTED", "UNCONFIRMED"),
    }
    share = {"fr": "Chiffres de capacité", "en": "Capacity figures"}
    for page in pages:
        assert all(mark in page for mark in marks[lang]), page[:200]
        assert share[lang] in page


def test_nothing_leaves_the_paper_nor_covers_another_line(written):
    pdf = (written / "atlas.pdf").read_bytes()
    assert (outside(pdf), collisions(pdf)) == ([], [])
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf


def test_extreme_names_and_counts_stay_on_the_paper(pdf_pages):
    network = make_network()
    centres = [
        centre.model_copy(update={"name": f"{LONG} {at}", "commune": "Saint-Martin-Boulogne-sur-Mer-les-Bains"})
        for at, centre in enumerate(network.centres)
    ]
    network = network.model_copy(update={"centres": tuple(centres)})
    atlas = make_atlas(network, seeds=tuple(range(8)))
    kinds = ("starts", "physics", "simulator")
    many = [Measure(kind=kind, centre_id=centre.id, amount=12) for kind in kinds for centre in centres]
    broken = tuple(one.model_copy(update={"measures": many, "cost_hours": 99.5}) for one in atlas.findings.unabsorbable)
    atlas = atlas.model_copy(update={"findings": atlas.findings.model_copy(update={"unabsorbable": broken})})
    facts = AtlasFacts(atlas, network)
    pdf = atlas_pdf(facts, read_policy(), "fr")
    assert (outside(pdf), collisions(pdf)) == ([], [])
    assert facts.centres[0].name in pdf_pages(pdf)[2]  # the committee still has two pages


def test_an_atlas_of_nothing_prints(pdf_text):
    """One seed that failed everywhere, no pair, no finding: said, never shown as zeros."""
    network = make_network(fictitious=False)
    atlas = make_atlas(network, seeds=(7,))
    alone = tuple(one for one in atlas.contingencies if one.kind == "centre")
    failed = tuple(
        o.model_copy(
            update={"status": "failed", "patients": None, "ranks": (), "flows": (), "binding": (), "destinations": (), "travel": None,
                    "message": {"fr": "le solveur a échoué", "en": "the solver failed"}}
        )
        for o in atlas.outcomes if o.contingency_id in {one.id for one in alone}
    )  # fmt: skip
    atlas = atlas.model_copy(update={"contingencies": alone, "outcomes": failed, "findings": Findings()})
    files = render_atlas(atlas, network, "fr")
    text = pdf_text(files["atlas.pdf"])
    assert text.count("le solveur a échoué") >= 2 * len(alone)
    assert page_count(files["atlas.pdf"]) >= 2 + len(alone)
    assert "le solveur a échoué" in files["atlas.html"].decode()


def test_every_packaged_assumption_is_printed_in_french(facts, pdf_text):
    text = pdf_text(atlas_pdf(facts, read_policy(), "fr"))
    assert facts.atlas.notes
    for note in facts.atlas.notes:
        assert note.path in NOTED
        assert note.source in catalogue("fr")
        assert spaced(Message(note.source).text("fr"))[:40] in text


def test_the_workbook_holds_every_outcome(written, facts):
    book = CalamineWorkbook.from_filelike(io.BytesIO((written / "atlas.xlsx").read_bytes()))
    rows = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    atlas = facts.atlas
    counts = {
        "Cas": len(atlas.contingencies),
        "Paires": 15,
        "Tirages": len(atlas.outcomes),
        "Transferts": sum(len(o.flows) for o in atlas.outcomes),
        "Priorités": sum(len(o.ranks) for o in atlas.outcomes),
        "Ce qui limite": sum(len(o.binding) for o in atlas.outcomes),
        "À signer": len(atlas.findings.conventions),
        "Listes de patients": len(atlas.rosters),
    }
    assert {name: len(rows[name]) - 1 for name in counts} == counts
    lost = [row for row in rows["Tirages"] if row[4] == "non calculé"]
    assert len(lost) == 1
    assert lost[0][6:13] == [""] * 7


def test_the_page_asks_for_nothing_and_holds_every_case(written, facts):
    html = (written / "atlas.html").read_text("utf-8")
    assert not re.search(r"""(?:src|href)\s*=\s*["']?https?:|url\((?!data:|#)|@import""", html)
    asleep = re.findall(r'<template data-fall="([^"]+)">', html)
    assert {name for names in asleep for name in names.split()} == set(facts.by_id)
    assert html.count("<article ") == len(facts.network.centres)
    assert len(html.encode()) < 2_000_000


def test_every_grade_is_in_the_legend(facts):
    drawn = base_for(facts.network, "fr").svg(facts.falls[0], "x")
    texts = [text.text for text in ET.fromstring(drawn).iter(f"{SVG}text")]
    assert len([text for text in texts if text in {*GRADES, "U"}]) == len(GRADES)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_names_and_counts_stay_on_the_maps(lang):
    """However many wait at a centre at the edge of the map."""
    network = make_network()
    atlas = make_atlas(network)
    waiting = tuple(
        o.model_copy(update={"ranks": tuple(rank.model_copy(update={"waiting": 18}) for rank in o.ranks)})
        for o in atlas.outcomes
    )
    facts = AtlasFacts(atlas.model_copy(update={"outcomes": waiting}), network)
    base = base_for(network, lang)
    said = 0
    for fall in facts.falls:
        for text in ET.fromstring(base.svg(fall, "x")).iter(f"{SVG}text"):
            width = text_width(text.text, float(text.get("font-size")), bold=text.get("font-weight") == "700")
            x, leans = float(text.get("x")), text.get("text-anchor") == "end"
            assert (x - width if leans else x) >= 0
            assert (x if leans else x + width) <= base.size[0]
            said += {"fr": "90 attendent", "en": "90 wait"}[lang] == text.text
    assert said > 0
