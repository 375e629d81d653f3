"""Calendar, transport list and printed priority table: everybody is there, charts keep their scale, nothing overflows."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from tests.factories import make_case, make_plan
from transfer_planner.domain.case import Place
from transfer_planner.reports import charts
from transfer_planner.reports.calendar import calendar
from transfer_planner.reports.priority import priority_pdf
from transfer_planner.reports.reception import due_day
from transfer_planner.reports.transport import transport_list

EVERY = [calendar, transport_list, priority_pdf]


def test_a_scale_ends_above_what_it_shows_with_few_lines():
    days = charts.axis([date(2026, 3, 6), date(2026, 3, 10)])
    assert days == [date(2026, 3, 6), date(2026, 3, 9), date(2026, 3, 10)]
    for highest in (0, 0.5, 1, 3.2, 12, 99, 720):
        bar = charts.Bar((highest / 2, highest / 2), limit=highest / 3)
        made = charts.chart("x", {days[0]: bar}, days, "fr")
        assert made["top"] >= max(highest, 1)
        assert 2 <= len(made["ticks"]) <= 6
        assert [day["label"] for day in made["days"]] == ["ven. 6 mars", "lun. 9 mars", ""]


def test_arrivals_add_up_to_the_plan(plan):
    started = [d for d in plan.decisions if d.start_date]
    days = charts.axis(d.start_date for d in started)
    made = charts.arrivals_chart(started, days, "en")
    assert sum(sum(day["parts"]) for day in made["days"]) == len(started)
    assert sum(day["parts"][1] for day in made["days"]) == sum(d.rank <= 2 for d in started)


def test_the_busiest_day_of_a_linac_is_named(plan):
    loads = [load for load in plan.loads if load.linac_id == "gray-1"]
    worst = max(loads, key=charts.share)
    (made,) = charts.load_charts(loads, charts.axis(x.date for x in loads), "en")
    assert f"{round(100 * charts.share(worst))}%" in made["note"]


def test_the_calendar_names_every_destination_and_linac(plan, case, pdf_text):
    text = pdf_text(calendar(plan, case, "fr"))
    assert {load.linac_id for load in plan.loads} <= set(re.findall(r"[a-z-]+-\d", text))
    assert "Calendrier des arrivées et de la charge des appareils" in text


def test_physics_is_due_the_treatment_day_before(plan):
    moved = next(d for d in plan.decisions if d.action == "transfer" and d.grade != "emergency")
    monday = moved.model_copy(update={"start_date": date(2026, 3, 9)})
    assert due_day(monday, plan.attack_date) == date(2026, 3, 6)
    assert due_day(monday.model_copy(update={"grade": "emergency"}), plan.attack_date) == date(2026, 3, 9)
    first = moved.model_copy(update={"start_date": plan.attack_date})
    assert due_day(first, plan.attack_date) == plan.attack_date


def test_the_transport_list_holds_those_who_move_and_nobody_else(plan, case, pdf_text):
    text = pdf_text(transport_list(plan, case, "fr"))
    moved = {d.patient_id for d in plan.decisions if d.action == "transfer"}
    assert set(re.findall(r"\bP\d{3}\b", text)) == moved
    for wanted in ("Liste des transports", "Transport partagé", "série > 50 km", "accord préalable", "Valenciennes"):
        assert wanted in text


def test_patients_of_one_commune_share_and_those_of_unknown_home_do_not(plan, case, pdf_text):
    seated = tuple(p.model_copy(update={"mobility": "seated"}) for p in case.patients)
    together = pdf_text(transport_list(plan, replace(case, patients=seated), "en"))
    assert "Days together" in together
    unknown = {p.patient_id: Place(50.36, 3.52, "home_centre", "dentellieres") for p in seated}
    alone = pdf_text(transport_list(plan, replace(case, patients=seated, places=unknown), "en"))
    assert "Days together" not in alone


@pytest.mark.parametrize("render", EVERY)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_an_empty_plan_can_be_printed(render, lang, pdf_text):
    case = make_case(1)
    plan = make_plan(case, decisions=(), loads=(), centre_days=())
    assert pdf_text(render(plan, case, lang))


@pytest.mark.parametrize("render", EVERY)
def test_the_same_plan_gives_the_same_bytes(render, plan, case):
    assert render(plan, case, "fr") == render(plan, case, "fr")


def test_the_printed_table_has_a_row_for_everybody(plan, case, pdf_text):
    text = pdf_text(priority_pdf(plan, case, "en"))
    assert {d.patient_id for d in plan.decisions} <= set(re.findall(r"\bP\d{3}\b", text))
    assert "Patient called" in text
