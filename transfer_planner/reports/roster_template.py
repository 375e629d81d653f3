"""The roster to fill in by hand: a workbook with choices and checks, and a paper form with the same fields."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING, Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from transfer_planner.i18n import Language, Message, msg
from transfer_planner.reports import roster_fields as fields
from transfer_planner.reports.typeset import render_pdf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from transfer_planner.domain.centre import Centre

Values = dict[str, Any]
ROWS = 300
"""Rows that hold choices and checks."""
HEADER, LISTS = 2, "Listes"
WIDE = {"site": 34, "notes": 40, "technique": 12, "needs": 18, "patient_id": 16, "setting": 22}
RANGES: dict[str, tuple[float, float]] = {
    "birth_year": (1890, 2100),
    "lat": (-90, 90),
    "lon": (-180, 180),
    "prescribed_dose_gy": (0.1, 200),
    "prescribed_fractions": (1, 100),
    "delivered_fractions": (0, 100),
    "fractions_per_week": (1, 14),
    "fractions_per_day": (1, 3),
    "prolongation_days_so_far": (0, 365),
    "mass_kg": (1, 400),
    "max_travel_min": (0, 600),
}
"""Column → least and greatest value that a spreadsheet accepts."""
DATES = (date(2000, 1, 1), date(2100, 12, 31))
TITLE = msg("Patients under treatment, to fill in")
ADVICE = msg(
    "Codes only, never a name. Orange columns are required; leave blank what is not known: blanks are read with caution."
)


def template_workbook(rows: Sequence[Mapping[str, Any]], centre: Centre | None, lang: Language) -> bytes:
    """Return the workbook to fill in.

    Parameters
    ----------
    rows
        Rows known already; blanks left out.
    centre
        Centre whose ids the lists propose; None = typed by hand.
    lang
        Language of headings, lists and notes; rosters are read in both.
    """
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        sheet = book.add_worksheet(msg("Patients to fill in").text(lang))
        lists = book.add_worksheet(LISTS)
        lists.hide()
        bold = {"bold": True, "valign": "top", "text_wrap": True, "border": 1}
        looks = {
            need: book.add_format({**bold, "bg_color": "#F6D9B8" if need else "#EEF1F4"}) for need in (True, False)
        }
        cells = {"date": book.add_format({"num_format": "dd/mm/yyyy"}), "text": book.add_format({"num_format": "@"})}
        sheet.write_string(0, 0, TITLE.text(lang), book.add_format({"bold": True, "font_size": 14}))
        sheet.write_string(1, 0, ADVICE.text(lang))
        for at, column in enumerate(fields.ORDER):
            kind = fields.kind_of(column)
            sheet.set_column(
                at, at, WIDE.get(column, 14), cells.get("date" if kind == "date" else "text" if kind == "text" else "")
            )
            sheet.write_string(HEADER, at, fields.heading(column, lang), looks[column in fields.REQUIRED])
            if column in fields.HELP:
                sheet.write_comment(HEADER, at, fields.HELP[column].text(lang), {"x_scale": 2})
            sheet.data_validation(HEADER + 1, at, HEADER + ROWS, at, _check(column, at, lists, centre, lang))
        for line, row in enumerate(rows, HEADER + 1):
            _write_row(sheet, line, row, cells["date"], lang)
        sheet.freeze_panes(HEADER + 1, 1)
        sheet.set_row(HEADER, 45)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.repeat_rows(HEADER)
    return stream.getvalue()


def _check(
    column: str, at: int, lists: xlsxwriter.worksheet.Worksheet, centre: Centre | None, lang: Language
) -> dict[str, Any]:
    """Return the validation of a column; a closed list is written on the sheet of lists."""
    kind = fields.kind_of(column)
    shown = {"ignore_blank": True, "input_title": fields.LABEL[column].text(lang)[:32]}
    if column in fields.HELP:
        shown["input_message"] = fields.HELP[column].text(lang)[:255]
    if column != "needs" and (told := _proposed(column, centre, lang)):  # several needs stand in one cell
        for line, label in enumerate(told):
            lists.write_string(line, at, label)
        letter = xl_col_to_name(at)
        return {**shown, "validate": "list", "source": f"={LISTS}!${letter}$1:${letter}${len(told)}"}
    if kind == "date":
        error = msg("A date, such as 02/03/2026.").text(lang)
        return {
            **shown,
            "validate": "date",
            "criteria": "between",
            "minimum": DATES[0],
            "maximum": DATES[1],
            "error_message": error,
        }
    if column in RANGES:
        low, high = RANGES[column]
        validate = "integer" if kind == "whole" else "decimal"
        error = msg("A number from {low} to {high}.", low=f"{low:g}", high=f"{high:g}").text(lang)
        return {
            **shown,
            "validate": validate,
            "criteria": "between",
            "minimum": low,
            "maximum": high,
            "error_message": error,
        }
    return {**shown, "validate": "any"}


def _proposed(column: str, centre: Centre | None, lang: Language) -> list[str]:
    if centre is not None and column == "centre_id":
        return [centre.id]
    if centre is not None and column == "linac_id":
        return [linac.id for linac in centre.linacs]
    return [choice.label for choice in fields.choices(column, lang)]


def _write_row(
    sheet: xlsxwriter.worksheet.Worksheet, line: int, row: Mapping[str, Any], days: Any, lang: Language
) -> None:
    for at, column in enumerate(fields.ORDER):
        value = row.get(column)
        if isinstance(value, date):
            sheet.write_datetime(line, at, value, days)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            sheet.write_number(line, at, value)
        elif value is not None:
            sheet.write_string(line, at, _said(column, value, lang))


def _said(column: str, value: Any, lang: Language) -> str:
    """Return a value as the lists of the workbook say it."""
    if isinstance(value, tuple):
        return "|".join(value)
    text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    return next((choice.label for choice in fields.choices(column, lang) if choice.value == text), text)


def paper_form(
    rows: Sequence[Mapping[str, Any]], centre: Centre | None, lang: Language, *, now: datetime, software: str
) -> bytes:
    """Return the paper form: one page per patient, boxes for closed lists, lines for the rest.

    Parameters
    ----------
    rows
        What is known already, one page each; none = one blank page, to be copied.
    centre
        Centre whose linacs are proposed.
    lang
        Language.
    now
        Date of the document.
    software
        Name and version, for the footer.
    """
    pages = [_page(row, centre, lang) for row in rows or [{}]]
    words = {
        "kind": msg("Roster by hand"),
        "advice": msg(
            "One page per patient. Codes only; the table of codes stays in the centre. Leave blank what is not known."
        ),
        "filled_by": msg("Filled in by (role)"),
        "filled_on": msg("on"),
        "checked_by": msg("Second source checked by (role)"),
        "required": msg("required"),
    }
    data = {
        "pages": pages,
        "words": {name: text.text(lang) for name, text in words.items()},
        "furniture": {"running": "", "footer": software, "watermark": ""},
    }
    return render_pdf("roster-form.typ", data, title=TITLE.text(lang), lang=lang, timestamp=now)


def _page(row: Mapping[str, Any], centre: Centre | None, lang: Language) -> list[dict[str, Any]]:
    return [
        {"title": title.text(lang), "fields": [_field(column, row.get(column), centre, lang) for column in columns]}
        for title, columns in fields.GROUPS
    ]


def _field(column: str, value: Any, centre: Centre | None, lang: Language) -> dict[str, Any]:
    label: Message = fields.LABEL[column]
    said = "" if value is None else f"{value:%d/%m/%Y}" if isinstance(value, date) else _said(column, value, lang)
    options = [] if column == "site" else _proposed(column, centre, lang)
    return {
        "label": label.text(lang),
        "required": column in fields.REQUIRED,
        "help": fields.HELP[column].text(lang) if column in fields.HELP else "",
        "options": [{"label": option, "ticked": option == said} for option in options],
        "value": said,
        "date": fields.kind_of(column) == "date",
        "wide": column in {"notes", "site", "technique", "setting"} or len(options) > 4,
    }
