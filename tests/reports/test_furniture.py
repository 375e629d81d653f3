"""Reservations: the gravest first, each on every page it concerns, with what is still to confirm."""

from __future__ import annotations

import re

import pytest

from tests.factories import make_case, make_plan
from transfer_planner.reports.crisis import crisis_cell
from transfer_planner.reports.furniture import furniture, plan_fingerprint, reservations, unconfirmed
from transfer_planner.reports.maps import map_html, map_pdf
from transfer_planner.reports.reception import reception_booklet

OTHER = "0123456789ab"


@pytest.fixture(scope="module")
def superseded(plan):
    return plan.model_copy(update={"superseded_by": OTHER})


def test_the_gravest_reservation_comes_first(superseded, plan, case):
    texts = [message.text("fr") for message in reservations(superseded, case, superseded.decisions)]
    assert texts[:2] == [f"VERSION REMPLACÉE – voir le plan {OTHER}", "EXERCICE – données fictives"]
    assert [message.text("fr") for message in reservations(plan, case, plan.decisions)] == texts[1:]


def test_what_is_to_confirm_is_counted(plan, case):
    told = ", ".join(message.text("fr") for message in unconfirmed(case, plan.decisions))
    fields = [name for decision in plan.decisions for name in decision.to_confirm]
    assert fields
    assert sum(int(n) for n in re.findall(r"\((\d+)\)", told)) == len(fields)
    assert re.search(r"capacités de \d centres receveurs sur \d", told)
    sure = [d.model_copy(update={"to_confirm": (), "action": "wait"}) for d in plan.decisions]
    assert unconfirmed(case, sure) == ()
    assert furniture(plan, case, "en", decisions=sure)["unconfirmed"] == ""


def test_a_superseded_plan_keeps_its_own_fingerprint(superseded, plan):
    assert plan_fingerprint(superseded) == plan_fingerprint(plan)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_page_says_what_it_must(superseded, case, pdf_pages, lang):
    """Across each page: superseded, exercise; at its head: what is to confirm."""
    booklet = reception_booklet(superseded, case, "gray", lang)
    own = pdf_pages(booklet)[0]
    assert {"fr": "À confirmer", "en": "To confirm"}[lang] in own
    for page in [
        *pdf_pages(booklet),
        *pdf_pages(crisis_cell(superseded, case, lang)),
        *pdf_pages(map_pdf(superseded, case, lang)),
    ]:
        assert OTHER in page
        assert {"fr": "EXERCICE", "en": "EXERCISE"}[lang] in page
    assert OTHER in map_html(superseded, case, lang)


def test_confirmed_data_leave_the_pages_bare():
    case = make_case(4)
    plan = make_plan(case)
    told = furniture(plan, case, "fr", decisions=[d for d in plan.decisions if not d.to_confirm][:1])
    assert "DONNÉES NON CONFIRMÉES" not in told["watermark"]
