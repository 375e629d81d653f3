"""Reception booklets hold only the patients of one destination; the crisis-cell page counts everybody."""

from __future__ import annotations

import re

import pytest

from tests.factories import make_case, make_plan
from transfer_planner.domain.centre import Contact
from transfer_planner.reports import crisis, words
from transfer_planner.reports.crisis import SHOWN, crisis_cell
from transfer_planner.reports.reception import destinations, reception_booklet
from transfer_planner.reports.sheets import in_order
from transfer_planner.reports.typeset import page_count


def test_a_booklet_names_its_patients_and_nobody_else(plan, case, pdf_text):
    for centre_id in destinations(plan):
        text = pdf_text(reception_booklet(plan, case, centre_id, "fr"))
        here = {d.patient_id for d in plan.decisions if d.centre_id == centre_id and d.action == "transfer"}
        assert set(re.findall(r"\bP\d{3}\b", text)) == here


def test_a_booklet_lists_arrivals_loads_physics_and_simulations(plan, case, pdf_text):
    text = pdf_text(reception_booklet(plan, case, "gray", "fr"))
    for wanted in (
        "Dossier d’accueil du centre receveur",
        "Centre Gray, Maubeuge",
        "Arrivées par jour",
        "Charge des appareils par jour",
        "Travaux de physique à faire",
        "1,5 ETP de physique",
        "Nouveaux scanners dosimétriques",
        "CAPACITÉS NON CONFIRMÉES",
    ):
        assert wanted in text
    assert "livret" not in text


def test_a_sheet_says_the_same_in_a_booklet_as_among_all_sheets(plan, folder, pdf_pages):
    """The booklet prints after its front pages, in its own order, the very pages of its patients."""
    alone = pdf_pages((folder / "transfer-sheets.pdf").read_bytes())
    here = [page for page in pdf_pages((folder / "reception-gray.pdf").read_bytes()) if page in alone]
    assert len(here) == sum(d.action == "transfer" and d.centre_id == "gray" for d in plan.decisions)


def test_sixty_patients_in_one_booklet(pdf_text):
    case = make_case(60)
    plan = make_plan(case)
    moved = tuple(
        d.model_copy(update={"action": "transfer", "centre_id": "gray", "linac_id": "gray-1"}) for d in plan.decisions
    )
    pdf = reception_booklet(plan.model_copy(update={"decisions": moved}), case, "gray", "en")
    assert page_count(pdf) <= 60 + 6
    assert "page 1 / 1" in pdf_text(pdf)


def test_the_crisis_page_counts_and_names_who_is_late(plan, case, pdf_text):
    pdf = crisis_cell(plan, case, "fr")
    text = pdf_text(pdf)
    assert page_count(pdf) == 2
    for wanted in (
        "Point de situation – cellule de crise",
        "Ce que l’ARS demande d’abord",
        "Catégorie 1 sans solution dans la tolérance",
        "Rappels réglementaires",
        "Ce que le plan garantit",
        "non : il peut exister mieux",
        *plan.summary.assumptions,
    ):
        assert wanted in text
    late = [d.patient_id for d in plan.decisions if d.excess_tenths]
    assert sum(code in text for code in late) >= min(len(late), SHOWN)


def test_the_crisis_page_says_where_each_late_patient_goes(plan, case):
    late = next(d for d in in_order(plan.decisions) if d.excess_tenths and d.action == "transfer")
    row = next(row for row in crisis._late(plan, case, "fr")["rows"] if row[1] == late.patient_id)
    assert row[4] == f"{words.centre_name(case, late.centre_id)}, {words.short_day(late.start_date, 'fr')}"


def test_the_crisis_page_with_nobody_late_and_contacts(pdf_text):
    case = make_case(5, attack_at="2026-03-06T06:40:00+01:00")
    contacts = (Contact(role="Cadre MERM", phone="03 00 00 00 00"),)
    centres = tuple(c.model_copy(update={"crisis_contacts": contacts}) for c in case.network.centres)
    network = case.network.model_copy(update={"centres": centres})
    case = type(case)(**{**vars(case), "network": network})
    plan = make_plan(case)
    calm = tuple(d.model_copy(update={"excess_tenths": 0}) for d in plan.decisions)
    text = pdf_text(crisis_cell(plan.model_copy(update={"decisions": calm}), case, "en"))
    assert "Cadre MERM 03 00 00 00 00" in text
    assert "None." in text


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_an_empty_plan_can_be_printed(lang, pdf_text):
    case = make_case(1)
    plan = make_plan(case, decisions=(), loads=(), centre_days=())
    assert destinations(plan) == []
    assert pdf_text(crisis_cell(plan, case, lang))


def test_the_crisis_page_shows_what_would_help(plan, case, pdf_text):
    """The first five levers stand on the page when they are given, and no heading without them."""
    text = pdf_text(crisis_cell(plan, case, "fr", levers=[f"levier numéro {n}" for n in range(1, 8)]))
    assert "Ce qui aiderait le plus" in text
    assert "levier numéro 5" in text
    assert "levier numéro 6" not in text
    assert "Ce qui aiderait le plus" not in pdf_text(crisis_cell(plan, case, "fr"))
