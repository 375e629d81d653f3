"""Nothing leaves the page: long names, codes of 64 characters, 60 patients in a booklet, empty fields, contacts everywhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from tests.factories import make_case, make_plan, packaged
from transfer_planner.domain.centre import Contact
from transfer_planner.domain.policy import Policy
from transfer_planner.reports.binder import Control, binder
from transfer_planner.reports.calendar import calendar
from transfer_planner.reports.crisis import crisis_cell
from transfer_planner.reports.priority import priority_pdf
from transfer_planner.reports.reception import reception_booklet
from transfer_planner.reports.transport import transport_list
from transfer_planner.reports.typeset import page_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan

MARGIN_PT = 9 / 25.4 * 72
WATERMARK_PT = 20
NAME = "Centre de cancérologie et de radiothérapie du Grand Hainaut et de la Thiérache Saint-Jean-Baptiste"
CONTROL = Control("R" * 40, "V" * 40, date(2026, 1, 5), date(2027, 1, 4), "transfer-planner 0")


def outside(pdf: bytes, pages: int | None = None) -> Iterator[tuple[int, str]]:
    """Yield page and character of each character beyond the margins; the watermark, larger than any text, is left out."""
    with pypdfium2.PdfDocument(pdf) as document:
        for number, page in enumerate(islice(document, pages), start=1):
            text, (width, height) = page.get_textpage(), page.get_size()
            for at in range(text.count_chars()):
                left, bottom, right, top = text.get_charbox(at)
                if max(right - left, top - bottom) > WATERMARK_PT:
                    continue
                if left < MARGIN_PT or right > width - MARGIN_PT or bottom < 0 or top > height:
                    yield number, text.get_text_range(at, 1)


@pytest.fixture(scope="module")
def extreme() -> tuple[Plan, Case]:
    """Return 60 patients with codes of 64 characters, all sent to centres with long names and contacts."""
    case = make_case(60)
    contacts = (Contact(role="Physicien médical responsable de la cellule", phone="03 00 00 00 00", mssante="m" * 40),)
    centres = tuple(
        c.model_copy(update={"name": f"{NAME} {c.id}", "crisis_contacts": contacts}) for c in case.network.centres
    )
    patients = tuple(p.model_copy(update={"patient_id": f"{p.patient_id:X<64}"}) for p in case.patients)
    places = {p.patient_id: next(iter(case.places.values())) for p in patients}
    network = case.network.model_copy(update={"centres": centres})
    case = replace(case, network=network, patients=patients, places=places)
    return make_plan(case), case


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("render", [crisis_cell, calendar, transport_list, priority_pdf])
def test_papers_of_a_plan(render, lang, extreme):
    plan, case = extreme
    assert list(outside(render(plan, case, lang))) == []


def test_sixty_patients_in_a_booklet(extreme):
    plan, case = extreme
    update = {"action": "transfer", "centre_id": "gray", "linac_id": "gray-1"}
    moved = tuple(d.model_copy(update=update) for d in plan.decisions)
    pdf = reception_booklet(plan.model_copy(update={"decisions": moved}), case, "gray", "fr")
    fronts = page_count(pdf) - 60
    assert list(outside(pdf, fronts)) == []


def test_the_crisis_cell_holds_on_one_page_and_its_map_whatever_the_names(extreme):
    _, case = extreme
    usual = make_case(60)
    assert page_count(crisis_cell(make_plan(usual), replace(usual, network=case.network), "fr")) == 2


def test_the_binder(extreme):
    _, case = extreme
    policy = Policy.model_validate(packaged("policy.yaml"))
    assert list(outside(binder(case.network, case.network.centres[:2], policy, CONTROL, "fr"))) == []
