"""Fill in a workbook as a person would: read its cells, change some, write it again."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook


def refill(content: bytes, answers: dict[str, dict[tuple[int, int], Any]], *, only: tuple[str, ...] = ()) -> bytes:
    """Return a workbook with other values in some cells.

    Parameters
    ----------
    content
        Workbook.
    answers
        Sheet → (row, column) from 1 → value; None empties the cell, a text starting with `=` is a formula without value.
    only
        Sheets kept; all of them by default.
    """
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as out:
        days = out.add_format({"num_format": "dd/mm/yyyy"})
        for name in book.sheet_names:
            if only and name not in only:
                continue
            page = out.add_worksheet(name)
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            cells = {(i, j): cell for i, row in enumerate(rows, 1) for j, cell in enumerate(row, 1)}
            for (i, j), cell in (cells | answers.get(name, {})).items():
                if isinstance(cell, date):
                    page.write_datetime(i - 1, j - 1, cell, days)
                elif isinstance(cell, str) and cell.startswith("="):
                    page.write_formula(i - 1, j - 1, cell, None, "")
                elif cell not in {None, ""}:
                    page.write(i - 1, j - 1, cell)
    return stream.getvalue()


def marks(content: bytes) -> dict[str, tuple[str, int, int]]:
    """Return where the name of each question stands: sheet, row and column from 1."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {
        str(cell): (name, i, j)
        for name in book.sheet_names
        for i, row in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False), 1)
        for j, cell in enumerate(row, 1)
        if "." in str(cell) and " " not in str(cell)
    }
