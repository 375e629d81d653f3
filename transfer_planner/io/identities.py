"""Who the patients are, from an encrypted table read at print time; nothing of it is kept, logged or told in a finding."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from pydantic import Field, ValidationError

from transfer_planner.domain.base import Entity, Id
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg
from transfer_planner.io import age
from transfer_planner.io.reference import fold_name
from transfer_planner.io.roster_table import Table, read_table, read_table_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path


class Person(Entity):
    """What is printed of a person; every blank is left to fill in by hand."""

    patient_id: Id = Field(description="Code, as in the roster")
    name: str = Field("", max_length=80, description="Name used")
    first_name: str = Field("", max_length=80, description="First name used")
    phone: str = Field("", max_length=60, description="Telephone")
    relative: str = Field("", max_length=120, description="Relative or guardian, with a telephone")
    address: str = Field("", max_length=240, description="Postal address; | starts a new line")
    doctor: str = Field("", max_length=120, description="Referring doctor")
    doctor_address: str = Field("", max_length=240, description="Address of that doctor; | starts a new line")

    @property
    def full_name(self) -> str:
        """First name and name."""
        return f"{self.first_name} {self.name}".strip()


COLUMNS = {
    "patient_id": ("code", "code patient", "patient"),
    "name": ("nom",),
    "first_name": ("prenom",),
    "phone": ("telephone", "tel"),
    "relative": ("proche",),
    "address": ("adresse",),
    "doctor": ("medecin", "medecin traitant"),
    "doctor_address": ("adresse medecin",),
}
"""Columns and their French names, folded."""
_PRINTABLE = re.compile(r"[ -~\u00a0-\u024f\u0370-\u04ff\u1e00-\u1eff\u2010-\u2027\u2030-\u203a]*")
"""What the packaged fonts can print: Latin, Greek and Cyrillic letters, with their signs."""
_CALLED = {fold_name(called): name for name, others in COLUMNS.items() for called in (name, *others)}


def read_people(path: str | Path) -> dict[str, Person]:
    """Read identities from an age file that holds a table, CSV or XLSX.

    Returns
    -------
    dict
        Patient code → person.

    Raises
    ------
    DataError
        When the file is not encrypted, cannot be opened, or with every fault of the table; no identity is told.
    """
    content = read_table_file(path)
    age.is_by_passphrase(content, name=path)  # refuses a file in clear
    table = read_table(path, content, lambda names: sum(fold_name(name) in _CALLED for name in names))
    findings = list(_header_faults(path, table))
    if findings:
        raise DataError(findings)
    places = {_CALLED[fold_name(name)]: place for place, name in enumerate(table.header) if name}
    people: dict[str, Person] = {}
    for line, cells in table.rows:
        row = {name: _text(cells[place]) for name, place in places.items() if place < len(cells)}
        faults = list(_row_faults(path, line, row, people))
        findings += faults
        if not faults:
            people[row["patient_id"]] = Person(**row)
    if findings:
        raise DataError(findings)
    return people


def _text(cell: object) -> str:
    whole = isinstance(cell, float) and cell.is_integer()  # a spreadsheet holds every number as a decimal one
    text = str(int(cell) if whole else cell)  # type: ignore[call-overload]
    return " ".join(unicodedata.normalize("NFC", text).split())


def _header_faults(path: str | Path, table: Table) -> Iterator[Finding]:
    names = [_CALLED.get(fold_name(name)) for name in table.header]
    expected = msg("columns among: {names}", names=", ".join(COLUMNS))
    for told, name in zip(table.header, names, strict=True):
        if name is None and told:
            yield Finding(str(path), f"l. {table.line}", told[:40], expected, msg("remove it"), "unknown_column")
        if name is not None and names.count(name) > 1:
            yield Finding(str(path), f"l. {table.line}", name, msg("a column given once"), code="duplicate_column")
    if "patient_id" not in names:
        yield Finding(str(path), f"l. {table.line}", None, msg("a column {name}", name="patient_id"), code="no_code")


def _row_faults(path: str | Path, line: int, row: Mapping[str, str], known: Mapping[str, Person]) -> Iterator[Finding]:
    try:
        Person(**row)
    except ValidationError as error:
        for each in error.errors():
            column = str(each["loc"][0])
            expected = msg("a patient code, as in the roster") if column == "patient_id" else msg("a shorter text")
            yield Finding(str(path), f"l. {line}, {column}", "…", expected, code="unreadable_cell")
    for column, text in row.items():
        if not _PRINTABLE.fullmatch(text):
            expected = msg("Latin, Greek or Cyrillic letters, which can be printed")
            yield Finding(str(path), f"l. {line}, {column}", "…", expected, code="unprintable")
    if row.get("patient_id") in known:
        yield Finding(str(path), f"l. {line}, patient_id", "…", msg("a code given once"), code="duplicate_code")


def without_person(people: Mapping[str, Person], codes: Iterable[str]) -> tuple[str, ...]:
    """Return the codes for which no identity was given."""
    return tuple(code for code in codes if code not in people)
