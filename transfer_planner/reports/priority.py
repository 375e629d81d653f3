"""The priority table: one row per patient, first ranks first, as a workbook and as a CSV."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import xlsxwriter

from transfer_planner.domain.scenario import PARIS
from transfer_planner.i18n import Message, msg
from transfer_planner.reports import words
from transfer_planner.reports.furniture import footer, furniture, reservations
from transfer_planner.reports.sheets import in_order
from transfer_planner.reports.typeset import render_pdf

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.plan import Decision, Plan
    from transfer_planner.i18n import Language

Cell = str | float | date | None
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a spreadsheet read a text as a formula."""


class Column(NamedTuple):
    """A column: its heading and its width, characters."""

    head: Message
    width: float


COLUMNS = (
    Column(msg("Rank"), 7),
    Column(msg("Patient"), 12),
    Column(msg("Category"), 11),
    Column(msg("Latest start"), 12),
    Column(msg("Decision"), 24),
    Column(msg("Destination"), 30),
    Column(msg("Linac"), 18),
    Column(msg("Mirror grade"), 9),
    Column(msg("First session"), 12),
    Column(msg("Last session"), 12),
    Column(msg("Fractions left"), 10),
    Column(msg("Sessions missed"), 10),
    Column(msg("Prolongation (days)"), 12),
    Column(msg("Tolerated (days)"), 10),
    Column(msg("Excess (days)"), 12),
    Column(msg("Travel (min)"), 9),
    Column(msg("Compensation"), 16),
    Column(msg("To confirm"), 34),
    Column(msg("Why"), 60),
    Column(msg("Reservations"), 34),
)


def priority_rows(plan: Plan, case: Case, lang: Language) -> list[tuple[Cell, ...]]:
    """Return the rows of the table, without the headings."""
    patients = {patient.patient_id: patient for patient in case.patients}
    return [_row(plan, case, d, patients[d.patient_id], lang) for d in in_order(plan.decisions)]


def _row(plan: Plan, case: Case, decision: Decision, patient: Patient, lang: Language) -> tuple[Cell, ...]:
    centre = decision.home_centre_id if decision.centre_id is None else decision.centre_id
    return (
        f"P{decision.rank}",
        decision.patient_id,
        words.category(decision.category, lang),
        decision.latest_start_date or msg("already past").text(lang),
        words.ACTIONS[decision.action].text(lang),
        words.place_name(case, centre),
        decision.linac_id,
        words.GRADE_CODES[decision.grade].text(lang) if decision.grade else None,
        decision.start_date or (decision.reopening.likely if decision.reopening else None),
        decision.end_date,
        patient.remaining_fractions if patient.delivered_fractions is not None else msg("unknown").text(lang),
        decision.missed_sessions,
        decision.prolongation_days,
        decision.tolerance_days,
        decision.excess_tenths / 10,
        decision.travel_min,
        words.COMPENSATIONS[decision.compensation].text(lang),
        words.fields(decision.to_confirm, lang),
        words.reasons(decision, lang),
        ", ".join(message.text(lang) for message in reservations(plan, case, [decision])),
    )


PAPER = (
    "Rank",
    "Patient",
    "Category",
    "Latest start",
    "Decision",
    "Destination",
    "Linac",
    "Mirror grade",
    "First session",
    "Fractions left",
    "Prolongation (days)",
    "Tolerated (days)",
    "To confirm",
)
"""Headings of the columns printed."""
BY_HAND = (msg("Patient called"), msg("File sent"))
"""Columns filled in by hand."""


def paper_heads(lang: Language) -> list[str]:
    """Return the headings of the printed table, those of the columns filled in by hand last."""
    return [Message(head).text(lang) for head in PAPER] + words.texts(BY_HAND, lang)


def priority_pdf(plan: Plan, case: Case, lang: Language) -> bytes:
    """Return the table on landscape A4, to tick and to annotate."""
    frame = furniture(plan, case, lang)
    printed = [at for at, column in enumerate(COLUMNS) if column.head.source in PAPER]
    data = {
        "furniture": {**frame, "running": ""},
        "kind": msg("Priority table of patients").text(lang),
        "title_line": frame["running"],
        "table": {
            "heads": paper_heads(lang),
            "rows": [
                [*(_paper_cell(row[at], lang) for at in printed), "☐", "☐"] for row in priority_rows(plan, case, lang)
            ],
        },
        "none": msg("None.").text(lang),
    }
    title = msg("Priority table of patients – {title}", title=frame["running"]).text(lang)
    return render_pdf("priority.typ", data, title=title, lang=lang, timestamp=plan.created_at)


def _paper_cell(cell: Cell, lang: Language) -> str:
    if isinstance(cell, date):
        return words.short_day(cell, lang)
    return cell if isinstance(cell, str) else "" if cell is None else words.number(cell, lang)


def priority_csv(plan: Plan, case: Case, lang: Language) -> bytes:
    """Return the table as CSV that a French Excel opens with a double click: UTF-8 with its mark, semicolons, CRLF.

    Dates are ISO; decimals have the mark of the language; a text that a spreadsheet would run as a formula is quoted by an apostrophe.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.head.text(lang) for column in COLUMNS])
    writer.writerows([_csv_cell(cell, lang) for cell in row] for row in priority_rows(plan, case, lang))
    return stream.getvalue().encode("utf-8-sig")


def _csv_cell(cell: Cell, lang: Language) -> str:
    if cell is None:
        return ""
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(DANGEROUS) else cell
    text = f"{cell:g}"
    return text.replace(".", ",") if lang == "fr" else text


def priority_workbook(plan: Plan, case: Case, lang: Language) -> bytes:
    """Return the table as a workbook: frozen headings, filters, ready to print on landscape A4."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    title = msg("Priority table of patients – {title}", title=plan.title.get(lang) or plan.scenario_id).text(lang)
    with xlsxwriter.Workbook(stream, options) as book:
        created = plan.created_at.astimezone(PARIS).replace(tzinfo=None)
        book.set_properties({"title": title, "author": plan.software.name, "created": created})
        page = book.add_worksheet(msg("Priorities").text(lang))
        _fill(book, page, priority_rows(plan, case, lang), lang)
        notes = " · ".join(message.text(lang) for message in reservations(plan, case, plan.decisions))
        page.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
        page.write_string(1, 0, notes, book.add_format({"bold": True}))
        page.set_landscape()
        page.set_paper(9)  # A4
        page.fit_to_pages(1, 0)
        page.repeat_rows(0, 2)
        page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
        page.set_footer(f"&L&7{footer(plan, lang).replace('&', '&&')[:220]}&R&8&P / &N")
    return stream.getvalue()


def _fill(
    book: xlsxwriter.Workbook, page: xlsxwriter.worksheet.Worksheet, rows: list[tuple[Cell, ...]], lang: Language
) -> None:
    """Write headings and rows, every cell by its own type: no text ever becomes a formula, a link or a number."""
    look = {"valign": "top", "border": 4, "text_wrap": True}
    plain, days = book.add_format(look), book.add_format({**look, "num_format": "dd/mm/yyyy"})
    head = book.add_format({**look, "bold": True, "bg_color": "#EEF1F4", "border": 1})
    first = book.add_format({**look, "bold": True})
    for at, column in enumerate(COLUMNS):
        page.set_column(at, at, column.width)
        page.write_string(2, at, column.head.text(lang), head)
    for line, row in enumerate(rows, start=3):
        for at, cell in enumerate(row):
            if isinstance(cell, date):
                page.write_datetime(line, at, cell, days)
            elif isinstance(cell, str):
                page.write_string(line, at, cell, first if at < 2 else plain)
            elif cell is not None:
                page.write_number(line, at, cell, plain)
            else:
                page.write_blank(line, at, None, plain)
    page.freeze_panes(3, 2)
    page.autofilter(2, 0, 2 + max(1, len(rows)), len(COLUMNS) - 1)
