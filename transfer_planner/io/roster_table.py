"""Tables of text and typed cells out of CSV and XLSX files, whatever they are called."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass, replace
from html import unescape
from typing import TYPE_CHECKING, Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg
from transfer_planner.io.age import opened
from transfer_planner.io.files import MEBIBYTE, ZIP_ERRORS, fault, read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

LIMIT_MIB = 50
UNZIPPED_LIMIT_MIB = 400
CELL_LIMIT = 10_000_000
TITLE_LINES = 10
"""Rows among which the header is looked for: titles often stand above it."""
LONG_LINE = 100_000
SURE = 2
"""Column names known that tell a header from a title."""
_COMPRESSIONS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""Those of workbooks; a zip of another kind may swell or fail in its own ways."""
_OLE = b"\xd0\xcf\x11\xe0"
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+)([0-9]+)"')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]+[0-9]+):([A-Z]+([0-9]+))"')
_FORMULA_ALONE = re.compile(
    rb'<(?:\w+:)?c\b(?![^>]*\bt="str")[^>]*?\br="([A-Z]+[0-9]+)"[^>]*>'  # of type str, an empty text is the value computed
    rb"<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)


Row = tuple[int, tuple[Any, ...]]
"""Line in the file, cells."""


@dataclass(frozen=True)
class Table:
    """A header and rows; each row with its line in the file (CSV) or its row number (XLSX).

    Parameters
    ----------
    line
        Line of the header.
    header
        Texts of the row that names the columns: the first one, or one below titles.
    rows
        (line, cells); cells are text, or numbers, booleans and dates of a spreadsheet. Blank rows are left out.
    findings
        Faults of single cells seen while reading.
    """

    line: int
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Any, ...]], ...]
    findings: tuple[Finding, ...] = ()


def read_table(path: str | Path, content: bytes, known: Callable[[Sequence[str]], int]) -> Table:
    """Read a table; the content decides whether it is a workbook or text, not the name of the file.

    An encrypted one is decrypted in memory.

    Parameters
    ----------
    path
        Name told in findings.
    content
        Bytes of the file.
    known
        Counts the column names known among some texts: chooses the separator of a CSV and the sheet of a workbook.

    Raises
    ------
    DataError
        When the file cannot be read as a table.
    """
    content = opened(path, content)
    if content.startswith(b"PK"):
        return _read_workbook(path, content, known)
    if content.startswith(_OLE):
        raise fault(
            path,
            msg("a CSV file, or an XLSX workbook without password"),
            msg("open it in the spreadsheet, remove the password, save as .xlsx"),
            code="encrypted_or_xls",
        )
    return _read_text(path, content, known)


def read_table_file(path: str | Path) -> bytes:
    """Read the bytes of a table, within the size limit.

    Raises
    ------
    DataError
        When the file cannot be read or exceeds the limit.
    """
    return read_bytes(path, limit_mib=LIMIT_MIB)


def _read_text(path: str | Path, content: bytes, known: Callable[[Sequence[str]], int]) -> Table:
    text = _decode(path, content)
    lines = text.splitlines()
    shift = 1 if lines and re.fullmatch(r"sep=.?", lines[0]) else 0  # Excel writes sep=; on a first line
    if shift:
        text = text.partition("\n")[2]
    first = [line[:LONG_LINE] for line in lines[shift:] if line.strip(' ,;\t"')][:TITLE_LINES]
    if not first:
        raise fault(path, msg("a header and at least one row"), msg("the file is empty"), code="empty_file")
    delimiter = max(",;\t", key=lambda mark: max(map(known, csv.reader(first, delimiter=mark))))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, line = [], 1
    try:
        for cells in reader:
            rows.append((line + shift, tuple(cells)))
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            [
                Finding(
                    str(path),
                    f"l. {line + shift}",
                    None,
                    msg("a row whose quotes are closed"),
                    msg("look for a quote too many on this line"),
                    "quotes",
                )
            ]
        ) from error
    return _table(path, rows, (), known)


def _decode(path: str | Path, content: bytes) -> str:
    """Decode UTF-8, UTF-16 with its mark (Excel's "Unicode text"), else Windows-1252, which holds all of Latin-1's letters."""
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = content.decode("utf-16")
        else:
            try:
                text = content.decode("utf-8-sig")
            except UnicodeDecodeError:
                text = content.decode("cp1252")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise fault(
            path,
            msg("a CSV or XLSX file; this one holds bytes that are no text"),
            msg("save the list again as CSV or XLSX"),
            code="binary",
        )
    return text


def _read_workbook(path: str | Path, content: bytes, known: Callable[[Sequence[str]], int]) -> Table:
    grids, xml, hidden = _read_sheets(path, content)
    scores = {name: _header(_filled(grid), known)[1] for name, grid in grids.items()}
    name = max(scores, key=lambda sheet: scores[sheet], default="")
    if not name:
        raise fault(path, msg("a header and at least one row"), msg("the file is empty"), code="empty_file")
    others = tuple(
        Finding(
            str(path),
            other,
            None,
            msg("one sheet with a list: `{name}` is read, this one holds a list too", name=name),
            msg("put all the patients on one sheet, or delete this one"),
            "second_sheet",
        )
        for other, score in scores.items()
        if other != name and score >= SURE and 2 * score > scores[name]
    )
    table = _table(path, grids[name], (*others, *_alone(path, xml[name])), known)
    unseen = msg("a list on a sheet that can be seen: this one is hidden")
    look = msg("show the sheet, and look at it")
    secret = [Finding(str(path), name, None, unseen, look, "hidden_sheet")] if name in hidden else []
    return replace(table, findings=(*table.findings, *secret, *_merged(path, xml[name], table.line)))


def _merged(path: str | Path, xml: bytes, header: int) -> Iterator[Finding]:
    """Yield the merged cells below the header: people see their value in all of them, only the first holds it."""
    for first, last, row in _MERGED.findall(xml):
        if int(row) > header:
            text, mend = msg("a cell of its own for each patient"), msg("unmerge, and write the value in each cell")
            yield Finding(str(path), f"{first.decode()}:{last.decode()}", None, text, mend, "merged_cells")


def read_grids(path: str | Path, content: bytes) -> tuple[dict[str, list[Row]], dict[str, tuple[Finding, ...]]]:
    """Read every sheet of a workbook; return the rows of each by name, and its formulas that hold no value.

    Raises
    ------
    DataError
        When it is no workbook that can be read, or would fill the memory.
    """
    grids, xml, _ = _read_sheets(path, content)
    return grids, {name: _alone(path, xml[name]) for name in grids}


def _read_sheets(path: str | Path, content: bytes) -> tuple[dict[str, list[Row]], dict[str, bytes], set[str]]:
    """Return rows and XML of every sheet by name, and the names of those that are hidden."""
    sheets = _check_zip(path, content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        grids = {
            name: [
                (i, tuple(row))
                for i, row in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False), 1)
            ]
            for name in book.sheet_names
        }
    except PasswordError as error:
        raise fault(path, msg("a workbook without password"), code="encrypted_or_xls") from error
    except CalamineError as error:
        raise fault(
            path,
            msg("an XLSX workbook"),
            msg("save the list again as CSV or XLSX"),
            code="not_a_workbook",
        ) from error
    hidden = {sheet.name for sheet in book.sheets_metadata if sheet.visible != SheetVisibleEnum.Visible}
    return grids, {name: sheets.get(name, b"") for name in grids}, hidden


def _alone(path: str | Path, xml: bytes) -> tuple[Finding, ...]:
    """Return the formulas of a sheet that hold no value."""
    return tuple(
        Finding(
            str(path),
            cell.decode(),
            None,
            msg("a value: this formula holds none"),
            msg("open the workbook, save it, or paste the values over the formulas"),
            "formula_without_value",
        )
        for cell in _FORMULA_ALONE.findall(xml)
    )


def _check_zip(path: str | Path, content: bytes) -> dict[str, bytes]:
    """Check sizes before anything is unzipped at full length; return the XML of each sheet by its name."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            total = sum(entry.file_size for entry in entries)
            if total > UNZIPPED_LIMIT_MIB * MEBIBYTE:
                raise fault(
                    path,
                    msg("a workbook of at most {limit} MB once unzipped", limit=UNZIPPED_LIMIT_MIB),
                    msg("keep only the sheet of the patients"),
                    code="zip_bomb",
                    value=f"{total / MEBIBYTE:.0f} MB",
                )
            names = {entry.filename for entry in entries}
            if "xl/workbook.xml" not in names or any(entry.compress_type not in _COMPRESSIONS for entry in entries):
                raise fault(
                    path,
                    msg("a CSV file, or an XLSX workbook"),
                    msg("save the list again as CSV or XLSX"),
                    code="not_a_workbook",
                )
            for sheet in names:
                if sheet.startswith("xl/worksheets/") and sheet.endswith(".xml"):
                    _check_area(path, archive.read(sheet))
            return _sheets(archive, names)
    except ZIP_ERRORS as error:
        raise fault(
            path,
            msg("an XLSX workbook"),
            msg("the file is damaged: take another copy"),
            code="not_a_workbook",
        ) from error


def _sheets(archive: zipfile.ZipFile, names: set[str]) -> dict[str, bytes]:
    """Return the XML of each sheet by the name people see, to look for what the reader does not tell."""
    targets = {}
    if "xl/_rels/workbook.xml.rels" in names:
        for tag in re.findall(rb"<(?:\w+:)?Relationship\b[^>]*>", archive.read("xl/_rels/workbook.xml.rels")):
            key, target = (re.search(rb"\b" + name + rb'="([^"]*)"', tag) for name in (b"Id", b"Target"))
            if key and target:
                targets[key[1]] = "xl/" + target[1].decode(errors="replace").removeprefix("/xl/")
    sheets = {}
    for tag in re.findall(rb"<(?:\w+:)?sheet\b[^>]*>", archive.read("xl/workbook.xml")):
        name, key = (re.search(rb"\b" + attribute + rb'="([^"]*)"', tag) for attribute in (b"name", b"r:id"))
        file = targets.get(key[1]) if key else None
        if name and file in names:
            sheets[unescape(name[1].decode(errors="replace"))] = archive.read(file)
    return sheets


def _check_area(path: str | Path, xml: bytes) -> None:
    """Refuse a sheet whose used rectangle would fill the memory: one stray cell at the bottom is enough."""
    cells = _CELL.findall(xml)
    width = max((_column(letters) for letters in {letters for letters, _ in cells}), default=0)
    height = max((int(number) for number in {number for _, number in cells}), default=0)
    if width * height > CELL_LIMIT:
        raise fault(
            path,
            msg("a sheet whose last cell is near the last patient"),
            msg("delete the columns and rows beyond the list, then save"),
            code="stray_cell",
            value=f"{height} × {width}",
        )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _table(
    path: str | Path, rows: Sequence[Row], findings: tuple[Finding, ...], known: Callable[[Sequence[str]], int]
) -> Table:
    filled = _filled(rows)
    if not filled:
        raise fault(path, msg("a header and at least one row"), msg("the file is empty"), code="empty_file")
    place, _ = _header(filled, known)
    line, names = filled[place]
    return Table(line, tuple(str(cell).strip() for cell in names), tuple(filled[place + 1 :]), findings)


def _filled(rows: Sequence[Row]) -> list[Row]:
    return [(line, cells) for line, cells in rows if any(str(cell).strip() for cell in cells)]


def _header(filled: Sequence[Row], known: Callable[[Sequence[str]], int]) -> tuple[int, int]:
    """Return which of the first rows names the columns, the first unless a lower one surely does, and how many it names."""
    scores = [known([str(cell) for cell in cells]) for _, cells in filled[:TITLE_LINES]] or [0]
    best = max(range(len(scores)), key=scores.__getitem__)
    place = best if scores[0] < SURE <= scores[best] else 0
    return place, scores[place]
