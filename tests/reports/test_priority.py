"""The priority table: order, types, no formula ever, readable by a French Excel."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date

import pytest
from python_calamine import CalamineWorkbook

from transfer_planner.domain.plan import Reason
from transfer_planner.reports.priority import COLUMNS, priority_csv, priority_workbook
from transfer_planner.reports.sheets import in_order

ATTACKS = ('=HYPERLINK("http://x")', "+1", "-1+2", "@SUM(1)", "\t=1", "\r=1")


@pytest.fixture
def hostile(plan):
    """Return the plan with a formula in the reasons of each of its first patients."""
    decisions = list(plan.decisions)
    for at, text in enumerate(ATTACKS):
        decisions[at] = decisions[at].model_copy(update={"reasons": (Reason(code="x", text=text),)})
    return plan.model_copy(update={"decisions": tuple(decisions)})


def _rows(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_csv_has_its_mark_semicolons_and_crlf(plan, case):
    data = priority_csv(plan, case, "fr")
    assert data.startswith(b"\xef\xbb\xbfPriorit")
    assert data.count(b"\r\n") == len(plan.decisions) + 1
    heads, *rows = _rows(data)
    assert heads[:3] == ["Priorité", "Patient", "Catégorie"]
    assert [row[1] for row in rows] == [d.patient_id for d in in_order(plan.decisions)]
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)


def test_csv_decimals_follow_the_language_and_dates_are_iso(plan, case):
    wait = next(d for d in plan.decisions if d.action == "wait")
    column = [c.head.source for c in COLUMNS].index("Prolongation (days)")
    for lang, mark in (("fr", ","), ("en", ".")):
        row = next(row for row in _rows(priority_csv(plan, case, lang)) if row[1] == wait.patient_id)
        assert row[column] == f"{wait.prolongation_days:g}".replace(".", mark)
        assert date.fromisoformat(row[8]) == wait.reopening.likely


def test_csv_never_starts_a_cell_with_a_formula(hostile, case):
    cells = [cell for row in _rows(priority_csv(hostile, case, "fr")) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r"))]
    assert {f"'{text}" for text in ATTACKS} <= set(cells)


def test_workbook_holds_no_formula_and_no_link(hostile, case):
    book = zipfile.ZipFile(io.BytesIO(priority_workbook(hostile, case, "fr")))
    page = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in page
    assert "hyperlink" not in page
    assert "=HYPERLINK" in book.read("xl/sharedStrings.xml").decode()


def test_workbook_is_typed_frozen_filtered_and_ready_to_print(plan, case):
    data = priority_workbook(plan, case, "fr")
    page = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    for wanted in ("<autoFilter", 'state="frozen"', 'orientation="landscape"', 'fitToHeight="0"'):
        assert wanted in page
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    assert rows[0][0].startswith("Tableau de priorisation des patients")
    assert "EXERCICE – données fictives" in rows[1][0]
    assert rows[2][:2] == ["Priorité", "Patient"]
    first = in_order(plan.decisions)[0]
    assert rows[3][1] == first.patient_id
    assert rows[3][8] == first.start_date
    assert rows[3][12] == first.prolongation_days


def test_the_same_plan_gives_the_same_workbook(plan, case):
    assert priority_workbook(plan, case, "fr") == priority_workbook(plan, case, "fr")
