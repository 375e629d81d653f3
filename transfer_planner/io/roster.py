"""Read and write the roster: one row per patient, every fault of every row in one go."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, get_args

from pydantic import ValidationError

from transfer_planner.domain.patient import Patient
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import Message, msg
from transfer_planner.io import roster_cells as cells
from transfer_planner.io.files import fault, write_whole
from transfer_planner.io.findings import expected
from transfer_planner.io.reference import fold_name
from transfer_planner.io.roster_checks import check_patient
from transfer_planner.io.roster_table import Table, read_table, read_table_file
from transfer_planner.io.roster_words import COLUMN_OF, LABELS, column_of, is_identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

COLUMNS = tuple(Patient.model_fields)
REQUIRED = tuple(name for name, field in Patient.model_fields.items() if field.is_required())
GUARDED = ("=", "+", "-", "@", "\t", "'")
"""A spreadsheet would run a text that starts so; it is written behind an apostrophe."""

SESSIONS = ("fr", "fraction", "fractions", "séance", "séances", "seances")
UNITS = {
    "_fractions": SESSIONS,
    "_gy": ("gy",),
    "_kg": ("kg",),
    "_min": ("min", "mn"),
    "days_so_far": ("j", "jour", "jours"),
}
"""End of a column name → units that may follow its number."""

_SOCIAL_SECURITY = re.compile(r"[12]\d{12}(\d{2})?")


@dataclass(frozen=True)
class Row:
    """A patient and the row that told so, as far as it can be read: what cannot is blank and a finding."""

    line: int
    patient: Patient


@dataclass(frozen=True)
class Cells:
    """What could be read of a row, whole or not, sound or not; blanks left out."""

    line: int
    values: dict[str, Any]
    sound: bool


@dataclass(frozen=True)
class Roster:
    """What was read of a roster.

    Parameters
    ----------
    file
        Path as the user gave it.
    rows
        Rows that can be read as a patient.
    findings
        Every fault of every row.
    codes
        Patient codes of all rows, faulty ones too.
    called
        Column → how findings call it: as the file does, then our name.
    sha256
        Fingerprint of the file.
    cells
        Every row, patient or not, for sources that are completed later.
    """

    file: str
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    codes: frozenset[str]
    called: dict[str, str]
    sha256: str
    cells: tuple[Cells, ...] = ()

    @property
    def patients(self) -> tuple[Patient, ...]:
        """Patients in file order."""
        return tuple(row.patient for row in self.rows)


def read_roster(path: str | Path) -> tuple[Patient, ...]:
    """Read a roster, CSV or XLSX; what depends on the network is checked by `read_case`.

    Raises
    ------
    DataError
        With every fault of every row.
    """
    roster = load_roster(path)
    if roster.findings:
        raise DataError(roster.findings)
    return roster.patients


def load_roster(path: str | Path) -> Roster:
    """Read a roster and keep its faults beside its sound rows.

    Raises
    ------
    DataError
        When there is no table to read.
    """
    content = read_table_file(path)
    table = read_table(path, content, count_known)
    if not count_known(table.header) and not any(map(is_identity, table.header)):
        raise fault(
            path,
            msg("a list of patients; no column of this file has a known name"),
            msg("check that it is the right file, and that a row names the columns"),
            code="not_a_roster",
        )
    return load_rows(path, table, sha256(content).hexdigest())


def load_rows(path: str | Path, table: Table, fingerprint: str) -> Roster:
    """Read the rows of a table that was read already, as `load_roster` does."""
    columns, findings = _header(str(path), table)
    if not table.rows:
        findings.append(_finding(path, table.line, "", None, msg("at least one patient"), code="empty_roster"))
    called = {column: _called(table.header[position], column) for position, column in columns.items()}
    rows: list[Row] = []
    every: list[Cells] = []
    codes: dict[str, int] = {}
    for line, values in table.rows:
        beyond = [*_beyond_header(str(path), line, values, table.header)]
        patient, read, faults = _read_row(str(path), line, values, called, columns, codes)
        findings += [*beyond, *faults]
        every.append(Cells(line, read, sound=patient is not None and not (beyond or faults)))
        if patient is not None:
            rows.append(Row(line, patient))
    findings += table.findings
    return Roster(str(path), tuple(rows), tuple(findings), frozenset(codes), called, fingerprint, tuple(every))


def count_known(names: Sequence[str]) -> int:
    """Count the names that are columns of the roster."""
    return sum(column_of(name) is not None for name in names)


def rows_content(rows: Iterable[Mapping[str, Any]], *, excel: bool = False) -> bytes:
    """Return rows as CSV, texts that a spreadsheet would run made harmless."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";" if excel else ",", lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in COLUMNS])
    return buffer.getvalue().encode("utf-8-sig" if excel else "utf-8")


def write_rows(path: str | Path, rows: Iterable[Mapping[str, Any]], *, excel: bool = False) -> None:
    """Write rows that may lack required columns, as `write_roster` does; readable by their owner alone."""
    write_whole(path, rows_content(rows, excel=excel), private=True)


def write_roster(path: str | Path, patients: Iterable[Patient], *, excel: bool = False) -> None:
    """Write a roster as CSV, one row per patient, texts that a spreadsheet would run made harmless.

    Parameters
    ----------
    path
        File to write.
    patients
        Rows, in order.
    excel
        True: semicolons and a byte order mark, so that a French Excel opens it in columns.
    """
    write_rows(path, (patient.model_dump() for patient in patients), excel=excel)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "|".join(value)
    if isinstance(value, str):
        return harmless(value)
    return repr(value) if isinstance(value, float) else str(value)


def harmless(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula, its line ends all alike."""
    text = _one_line_end(text)
    return f"'{text}" if text.startswith(GUARDED) else text


def _one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _header(file: str, table: Table) -> tuple[dict[int, str], list[Finding]]:
    """Match the names of the header with the columns; return position → column."""
    columns: dict[int, str] = {}
    findings = []
    line = table.line
    for position, name in enumerate(table.header):
        column = column_of(name)
        if column in columns.values():
            expected_text = msg("each column once; this one is `{column}` again", column=column)
            findings.append(_finding(file, line, name, name, expected_text, code="duplicate_column"))
        elif column is not None:
            columns[position] = column
        elif is_identity(name):
            findings.append(
                _finding(
                    file,
                    line,
                    name,
                    None,
                    msg("no identity: codes only are accepted"),
                    msg("delete this column; keep the table of codes in the centre"),
                    code="identity_column",
                )
            )
        elif name:
            near = get_close_matches(fold_name(name), COLUMN_OF, n=1)
            mend = msg("did you mean `{field}`?", field=COLUMN_OF[near[0]]) if near else msg("delete this column")
            findings.append(
                _finding(file, line, name, name, msg("a column of the roster"), mend, code="unknown_column")
            )
    findings += [
        _finding(file, line, column, None, msg("this column is required"), code="missing_column")
        for column in REQUIRED
        if column not in columns.values()
    ]
    return columns, findings


def _called(header: str, column: str) -> str:
    return column if fold_name(header) == fold_name(column) else f"{header} ({column})"


def _read_row(
    file: str, line: int, values: Sequence[Any], called: dict[str, str], columns: dict[int, str], codes: dict[str, int]
) -> tuple[Patient | None, dict[str, Any], list[Finding]]:
    """Read one row: the patient as far as told, the cells that can be read; `codes` remembers the line of each code."""
    findings: list[Finding] = []
    read: dict[str, Any] = {}
    written = {
        column: values[position]
        for position, column in columns.items()
        if position < len(values) and not cells.is_blank(values[position], column)
    }
    for column, cell in written.items():
        try:
            read[column] = READERS[column](cell)
        except cells.Unreadable as error:
            findings.append(_finding(file, line, called[column], cell, error.expected, error.mend, code="unreadable"))
    findings += [
        _finding(file, line, called[column], None, msg("a value: this field is required"), code="missing")
        for column in REQUIRED
        if column not in written and column in columns.values()  # an absent column is told once
    ]
    if (code := read.get("patient_id")) is not None and codes.setdefault(code, line) != line:
        text = msg("a code used once (first on line {line})", line=codes[code])
        mend = msg("keep one row per patient; phases go in the column `phases`")
        findings.append(_finding(file, line, called["patient_id"], code, text, mend, code="duplicate_patient"))
    try:
        Patient.model_validate(read)
    except ValidationError as error:
        for each in error.errors():
            column = str(each["loc"][0])
            if each["type"] != "missing":  # told above
                read.pop(column, None)
                text = expected(each)
                findings.append(_finding(file, line, called[column], written[column], text, code=each["type"]))
    if not read.keys() >= {*REQUIRED}:
        return None, read, findings
    patient = Patient.model_validate(read)
    return (
        patient,
        read,
        findings
        + [
            _finding(file, line, called.get(column, column), written.get(column), text, code=code)
            for column, text, code in check_patient(patient)
            if column in read or column not in written  # what cannot be read is told above
        ],
    )


def _beyond_header(file: str, line: int, values: Sequence[Any], header: Sequence[str]) -> Iterator[Finding]:
    """Yield the cells that stand under no name: most often a decimal comma that cut a value in two."""
    for position, cell in enumerate(values):
        if (position >= len(header) or not header[position]) and str(cell).strip():
            text = msg("a blank cell: this column has no name")
            mend = msg("name the column, or put in quotes a value that holds the separator")
            yield _finding(file, line, f"[{position + 1}]", None, text, mend, code="extra_cell")


def _finding(
    file: str | Path, line: int, column: str, cell: Any, expected: Message, mend: Message | None = None, *, code: str
) -> Finding:
    """Make a finding on a cell. A patient code that is none is not repeated: it may be a name."""
    is_code = column.endswith(("patient_id", "(patient_id)"))
    value = None if cell is None or (is_code and code != "duplicate_patient") else cells.read_text(cell)
    if value is not None and len(value) > 80:
        value = f"{value[:79]}…"
    return Finding(str(file), f"l. {line}, {column}" if column else f"l. {line}", value, expected, mend, code)


def _read_code(cell: Any) -> str:
    text = cells.read_text(cell)
    if _SOCIAL_SECURITY.fullmatch(text.replace(" ", "")):
        raise cells.Unreadable(msg("a code of the centre, not a social security number"))
    return text


def _read_free_text(cell: Any) -> str:
    text = _one_line_end(cells.read_text(cell))
    return text[1:] if text.startswith("'") and text[1:].startswith(GUARDED) else text


def _reader(column: str) -> Callable[[Any], Any]:
    if column in LABELS:
        return cells.read_needs if column == "needs" else cells.label_reader(column)
    if column in _SPECIAL:
        return _SPECIAL[column]
    annotation: Any = Patient.model_fields[column].annotation
    kinds = get_args(annotation) or (annotation,)
    units = next((names for suffix, names in UNITS.items() if column.endswith(suffix)), ())
    if int in kinds:
        return partial(cells.read_integer, units=units)
    if float in kinds:
        return partial(cells.read_number, units=units)
    return cells.read_yes_no if bool in kinds else cells.read_date if date in kinds else _read_free_text


_SPECIAL: dict[str, Callable[[Any], Any]] = {
    "patient_id": _read_code,
    "commune_insee": cells.read_commune,
    "postcode": cells.read_postcode,
    "site": cells.read_site,
    "diagnosis_icd10": cells.read_icd10,
    "category": cells.read_category,
    "rank": cells.read_category,
    "energy": cells.read_energy,
    "phases": cells.read_phases,
    "chemotherapy_kept_at": cells.read_kept_at,
}
READERS = {column: _reader(column) for column in COLUMNS}
"""Column → reader of its cells."""
