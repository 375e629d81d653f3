"""Two plans compared: every patient who changes is told once, where from and where to, on paper and on a page that asks for nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from tests.factories import make_case, make_plan
from transfer_planner.reports.compare import changes, comparison_svg, kind_counts, tier_rows
from transfer_planner.reports.compare_pages import NOBODY, change_rows, comparison_html, comparison_pdf


@pytest.fixture(scope="module")
def plans():
    """Return a plan, and another in which one patient of each kind changes."""
    case = make_case(30)
    before = make_plan(case)
    moved = [d for d in before.decisions if d.action == "transfer" and d.centre_id == "gray"]
    waits = [d for d in before.decisions if d.action == "wait"]
    day = moved[0].start_date
    new = {
        moved[0].patient_id: {"centre_id": "oscar-lambret", "linac_id": "oscar-lambret-1"},
        moved[1].patient_id: {"start_date": moved[1].start_date + timedelta(days=1)},
        moved[2].patient_id: {"linac_id": "gray-9"},
        waits[0].patient_id: {
            "action": "transfer", "centre_id": "gray", "linac_id": "gray-1", "start_date": day, "grade": "G3",
        },
        waits[1].patient_id: {"action": "restart", "centre_id": "dentellieres", "start_date": day},
        waits[2].patient_id: {"start_date": day},
    }  # fmt: skip
    gone = next(d for d in before.decisions if d.patient_id not in new and d.action == "transfer")
    undone = next(d for d in before.decisions if d.patient_id not in {*new, gone.patient_id} and d.action == "transfer")
    new[undone.patient_id] = {"action": "wait", "centre_id": None, "linac_id": None, "start_date": None}
    kept = [d for d in before.decisions if d is not gone]
    decisions = tuple(d.model_copy(update=new.get(d.patient_id, {})) for d in kept)
    tiers = tuple(t.model_copy(update={"value": t.value + (15 if t.id == "T2" else 0)}) for t in before.tiers)
    after = before.model_copy(update={"decisions": decisions, "tiers": tiers})
    kinds = {
        moved[0].patient_id: "moved", moved[1].patient_id: "day", moved[2].patient_id: "course",
        waits[0].patient_id: "placed", waits[1].patient_id: "home", undone.patient_id: "undone", gone.patient_id: "gone",
    }  # fmt: skip
    return before, after, case, kinds


def test_every_change_is_told_once_and_nothing_else(plans):
    before, after, _, kinds = plans
    assert {c.patient_id: c.kind for c in changes(before, after)} == kinds
    assert sum(count for count, _ in kind_counts(changes(before, after))) == len(kinds)
    assert changes(before, before) == []
    back = {"placed": "undone", "undone": "placed", "gone": "new"}
    assert {c.patient_id: c.kind for c in changes(after, before)} == {k: back.get(v, v) for k, v in kinds.items()}


def test_a_tier_tells_its_difference(plans):
    before, after, _, _ = plans
    gaps = {row[0]: row[-1] for row in tier_rows(before, after, "fr")}
    assert gaps == {"T1": "=", "T2": "+1,5", "T3": "=", "T4": "=", "T5": "=", "T6": "="}
    assert {row[0]: row[-1] for row in tier_rows(after, before, "en")}["T2"] == "−1.5"


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_page_and_paper_tell_the_same(plans, lang, pdf_text):
    before, after, case, kinds = plans
    html, paper = comparison_html(before, after, case, lang), pdf_text(comparison_pdf(before, after, case, lang))
    for row in change_rows(before, after, case, lang):
        assert row[1] in kinds
        assert all(cell in html.replace("&#x27;", "'") for cell in row)
        assert row[1] in paper
    assert not re.search(r"""(?:src|href)\s*=\s*["']?https?:|<script|url\((?!data:|#)""", html)
    assert len(html.encode()) < 1_000_000


def test_the_map_draws_only_those_who_change_place(plans):
    before, after, case, _ = plans
    svg = ET.fromstring(comparison_svg(before, after, case, "fr"))
    arrows = [
        g for g in svg.iter("{http://www.w3.org/2000/svg}g") if len(g) == 3 and all(p.tag.endswith("path") for p in g)
    ]
    assert len(arrows) == 3
    texts = [text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert "Trait\u202f: ce qui change" in texts
    assert not any("trajet aller" in text for text in texts)


def test_nothing_changes_is_said(plans, pdf_text):
    before, _, case, _ = plans
    assert NOBODY.text("fr") in comparison_html(before, before, case, "fr")
    assert NOBODY.text("fr") in pdf_text(comparison_pdf(before, before, case, "fr"))
