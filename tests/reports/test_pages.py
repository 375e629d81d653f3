"""Every printed page: nothing leaves the paper, no line covers another, tags, fonts and language are there, bytes repeat."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest

from tests.factories import make_case, make_network, make_patient, make_plan
from tests.reports.pages import collisions, outside
from transfer_planner.reports.calendar import calendar
from transfer_planner.reports.compare_pages import comparison_pdf
from transfer_planner.reports.crisis import crisis_cell
from transfer_planner.reports.maps import map_pdf
from transfer_planner.reports.priority import priority_pdf
from transfer_planner.reports.reception import reception_booklet
from transfer_planner.reports.transport import transport_list
from transfer_planner.reports.typeset import page_count, render_pdf

LONG = "Centre régional de cancérologie et de radiothérapie du Grand Hainaut-Cambrésis-Avesnois (site de Maubeuge Sud)"
GOLDEN = Path(__file__).with_name("golden")


@pytest.fixture(scope="module")
def printed(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*.pdf"))}


@pytest.fixture(scope="module")
def extreme():
    """Return sixty patients with long codes and hardly a field filled in, all sent to one centre with a very long name."""
    blank = {
        "birth_year": None, "mass_kg": None, "immobilisation": None, "plan_data": None, "first_fraction_date": None,
        "concurrent_chemotherapy": None, "anaesthesia": None,
    }  # fmt: skip
    patients = tuple(
        make_patient(number, patient_id=f"SERVICE-DE-RADIO-{number:07d}", **(blank if number % 2 else {}))
        for number in range(60)
    )
    case = make_case(patients=patients)
    centres = [
        centre.model_copy(update={"name": f"{LONG} {number}", "commune": "Saint-Martin-Boulogne-sur-Mer-les-Bains"})
        for number, centre in enumerate(make_network().centres)
    ]
    case = replace(case, network=case.network.model_copy(update={"centres": tuple(centres)}))
    plan = make_plan(case)
    moved = tuple(
        d.model_copy(update={"action": "transfer", "centre_id": "gray", "linac_id": "gray-1"}) if d.start_date else d
        for d in plan.decisions
    )
    title = dict.fromkeys(("fr", "en"), "Rançongiciel du centre " + LONG)
    return plan.model_copy(update={"decisions": moved, "title": title, "superseded_by": "0123456789ab"}), case


def test_nothing_leaves_the_paper_nor_covers_another_line(printed):
    assert {name: (outside(pdf), collisions(pdf)) for name, pdf in printed.items()} == dict.fromkeys(printed, ([], []))


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize(
    "document", [crisis_cell, map_pdf, calendar, priority_pdf, transport_list], ids=lambda made: made.__name__
)
def test_extreme_data_stay_on_the_paper(extreme, document, lang):
    pdf = document(*extreme, lang)
    assert (outside(pdf), collisions(pdf)) == ([], [])


def test_long_codes_and_empty_fields_stay_in_their_booklet(extreme):
    plan, case = extreme
    pdf = reception_booklet(plan.model_copy(update={"decisions": plan.decisions[:16]}), case, "gray", "fr")
    assert (outside(pdf), collisions(pdf)) == ([], [])


def test_two_extreme_plans_compared_stay_on_the_paper(extreme):
    plan, case = extreme
    moved = tuple(d.model_copy(update={"centre_id": "oscar-lambret"}) for d in plan.decisions)
    pdf = comparison_pdf(plan, plan.model_copy(update={"decisions": moved}), case, "fr")
    assert (outside(pdf), collisions(pdf)) == ([], [])


def test_the_checks_see_a_fault(monkeypatch):
    """A text beyond the edge and a text over another are both found."""
    from transfer_planner.reports import typeset

    bad = (
        b'#set document(title: "t")\n#set text(font: "Atkinson Hyperlegible Next")\n= Titre\n'
        b"#place(dx: 400pt, box(width: 300pt)[a long line that leaves the sheet on its right side for good])\n"
        b"#place(top + left, dy: 100pt)[one line]\n#place(top + left, dy: 101pt)[two line]"
    )
    monkeypatch.setattr(typeset, "_templates", lambda: {"bad.typ": bad})
    pdf = render_pdf("bad.typ", {}, title="t", lang="fr", timestamp=make_plan(make_case(1)).created_at)
    assert len(outside(pdf)) == 1
    assert len(collisions(pdf)) == 1


def test_every_document_is_accessible_and_carries_its_fonts(printed):
    """PDF/UA-1 and PDF/A-2a as they declare themselves: tagged, titled, in its language, every font inside, every figure told."""
    for name, pdf in printed.items():
        assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf, name
        assert b"<pdfaid:part>2</pdfaid:part>" in pdf, name
        assert re.search(rb"/MarkInfo\s*<<[^>]*/Marked true", pdf), name
        assert re.search(rb"/Lang\s*\((fr|fr-FR)\)", pdf), name
        assert b"/DisplayDocTitle true" in pdf, name
        descriptors = re.findall(rb"/Type\s*/FontDescriptor.*?endobj", pdf, re.DOTALL)
        assert descriptors, name
        assert all(b"/FontFile" in font for font in descriptors), name
        figures = re.findall(rb"/S\s*/Figure.*?endobj", pdf, re.DOTALL)
        assert all(b"/Alt" in figure for figure in figures), name
        with pypdfium2.PdfDocument(pdf) as document:
            assert document.get_metadata_value("Title"), name


def test_map_and_comparison_say_what_they_said(plan, case, pdf_pages):
    """Text and number of pages of the documents of a fixed plan; `python -m tests.reports.golden` writes them again."""
    from tests.reports.golden import golden

    for name, pages in golden(plan, case, pdf_pages).items():
        assert (GOLDEN / f"{name}.txt").read_text("utf-8") == pages, name


def test_the_same_plan_gives_the_same_bytes(plan, case):
    for document in (map_pdf, crisis_cell):
        assert document(plan, case, "fr") == document(plan, case, "fr")
    assert page_count(map_pdf(plan, case, "fr")) == 1
