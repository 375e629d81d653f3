"""Read a survey workbook: every fault with its sheet and cell, all at once, whatever was inserted above or beside."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from transfer_planner.domain.centre import Centre, Channel, Contact, Convention, Linac, MatchedLinac
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import Message, catalogue, msg
from transfer_planner.io import roster_cells as cells
from transfer_planner.io.files import fault
from transfer_planner.io.findings import expected
from transfer_planner.io.roster_table import read_grids, read_table_file
from transfer_planner.io.survey_fields import SHEETS, TITLES, VERTICAL, Question, Sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from transfer_planner.domain.centre import Network

_MARK = re.compile(r"(" + "|".join(SHEETS) + r")\.([a-z_.]+)")
_KEYS: dict[Sheet, tuple[str, ...]] = {
    "linacs": ("id",),
    "pairs": ("linac", "matched"),
    "conventions": ("centre",),
    "channels": ("centre", "channel", "delay_h"),
    "contacts": ("role",),
}
"""What a row must say."""
_UNITS = ("min", "minutes", "h", "heures", "kg", "etp", "mev")
Place = tuple[str, int, int]
"""Name of the sheet, row and column from 1."""


@dataclass
class Row:
    """One object described: what was answered, and in which cell."""

    values: dict[str, Any] = field(default_factory=dict)
    at: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Survey:
    """The answers of a centre.

    Parameters
    ----------
    file
        Path as the user gave it.
    centre_id, role, answered_on
        Who answers, and when.
    confirms_all
        True when what was already there is declared too.
    sheets
        Rows of each sheet; one for the centre. A question left blank has no value.
    """

    file: str
    centre_id: str
    role: str
    answered_on: date
    confirms_all: bool
    sheets: Mapping[Sheet, tuple[Row, ...]]


def read_survey(path: str | Path, network: Network, *, today: date) -> Survey:
    """Read the workbook of one centre.

    Parameters
    ----------
    path
        Workbook filled in.
    network
        Network that it is about.
    today
        No answer is later.

    Raises
    ------
    DataError
        With every fault, each with its sheet and cell.
    """
    content = read_table_file(path)
    if not content.startswith(b"PK"):
        raise fault(path, msg("a survey workbook (XLSX)"), code="not_a_workbook")
    grids, alone = read_grids(path, content)
    reader = _Reader(str(path), grids, network)
    reader.findings += [
        Finding(found.file, f"{name} {found.where}", found.value, found.expected, found.mend, found.code)
        for name, faults in alone.items()
        for found in faults
    ]
    marks = reader.marks()
    sheets = {sheet: tuple(reader.rows(sheet, marks)) for sheet in SHEETS}
    survey = reader.survey(sheets, today)
    if reader.findings or survey is None:
        raise DataError(reader.findings)
    return survey


class _Reader:
    """Reads the sheets of one workbook; faults go to the list of findings."""

    def __init__(self, file: str, grids: Mapping[str, list[tuple[int, tuple[Any, ...]]]], network: Network) -> None:
        self.file, self.network, self.findings = file, network, list[Finding]()
        self.cells = {
            (name, line, at): cell
            for name, rows in grids.items()
            for line, row in rows
            for at, cell in enumerate(row, 1)
            if cell not in {"", None}
        }
        self.places: dict[tuple[Sheet, str], Place] = {}
        self.last = Counter({name: max((line for line, _ in rows), default=0) for name, rows in grids.items()})

    def find(self, where: str, value: Any, text: Message, mend: Message | None = None, *, code: str) -> None:
        """Keep a fault."""
        said = None if value is None else cells.read_text(value)[:80]
        self.findings.append(Finding(self.file, where, said, text, mend, code))

    def marks(self) -> dict[tuple[Sheet, str], Place]:
        """Return where the name of each question stands.

        Raises
        ------
        DataError
            When there is none at all.
        """
        found = self.places
        for place, cell in self.cells.items():
            match = _MARK.fullmatch(cell.strip()) if isinstance(cell, str) else None
            if match is None:
                continue
            key = next((key for key in ((sheet, match[2]) for sheet in SHEETS) if key[0] == match[1]), None)
            if key is None or key[1] not in {question.name for question in SHEETS[key[0]]}:
                continue
            if key in found:
                text = msg("each question once (first in {cell})", cell=called(found[key]))
                self.find(called(place), match[0], text, msg("delete the copy"), code="duplicate_question")
            found.setdefault(key, place)
        if not found:
            mend = msg("make one with `survey template`, and fill it in")
            raise fault(self.file, msg("a survey workbook of this software"), mend, code="not_a_survey")
        for sheet, questions in SHEETS.items():
            gone = [f"{sheet}.{question.name}" for question in questions if (sheet, question.name) not in found]
            mend = msg(
                "take the template again and copy the answers into it: rows, columns and sheets are not to be deleted"
            )
            if gone:
                text = msg("the questions {names}", names=", ".join(gone))
                self.find(TITLES[sheet].text("fr"), None, text, mend, code="missing_question")
        return found

    def rows(self, sheet: Sheet, marks: Mapping[tuple[Sheet, str], Place]) -> Iterator[Row]:
        """Yield the objects of a sheet that say something."""
        asked = [(one, marks[sheet, one.name]) for one in SHEETS[sheet] if (sheet, one.name) in marks]
        if sheet in VERTICAL:
            yield self.row([(question, (name, line, at + 2)) for question, (name, line, at) in asked])
            return
        if not asked:
            return
        name, top = asked[0][1][0], max(place[1] for _, place in asked) + 1  # the headings
        for line in range(top + 1, self.last[name] + 1):
            found = self.row([(question, (place[0], line, place[2])) for question, place in asked])
            if found.at:
                self.check_keys(sheet, found, f"{name} l. {line}")
                yield found

    def row(self, places: Sequence[tuple[Question, Place]]) -> Row:
        """Read one object."""
        found = Row()
        for question, place in places:
            cell = self.cells.get(place)
            if cell is None or cells.is_blank(cell, ""):
                continue
            found.at[question.name] = called(place)
            try:
                found.values[question.name] = _read(question, cell)
            except cells.Unreadable as error:
                self.find(called(place), cell, error.expected, error.mend, code="unreadable")
        return found

    def check_keys(self, sheet: Sheet, row: Row, where: str) -> None:
        """Ask for what a row must say."""
        words = {question.name: question.text for question in SHEETS[sheet]}
        for key in _KEYS[sheet]:
            if key not in row.at:
                self.find(where, None, msg("a value for “{question}”", question=words[key]), code="missing")

    def survey(self, sheets: Mapping[Sheet, tuple[Row, ...]], today: date) -> Survey | None:
        """Check the answers against the network and the limits of each field."""
        (head,), (centre,) = sheets["survey"], sheets["centre"]
        known = {centre.id for centre in self.network.centres}
        for question in SHEETS["survey"][:3]:
            if question.name not in head.at and ("survey", question.name) in self.places:
                sheet, line, at = self.places["survey", question.name]
                asked = msg("a value for “{question}”", question=question.text)
                self.find(called((sheet, line, at + 2)), None, asked, code="missing")
        mine, day = head.values.get("centre_id"), head.values.get("answered_on")
        if mine is not None and mine not in known:
            self.find(
                head.at["centre_id"],
                mine,
                msg("one of: {known}", known=", ".join(sorted(known))),
                code="unknown_reference",
            )
        if day is not None and day > today:
            self.find(head.at["answered_on"], day, msg("a day that is not to come"), code="far_date")
        if mine in known:
            self.check_centre(self.network.centre(mine), centre)
            self.check_lists(self.network.centre(mine), sheets)
        if not {"centre_id", "role", "answered_on"} <= head.values.keys():
            return None
        confirmed = bool(head.values.get("confirms_all"))
        return Survey(
            self.file, head.values["centre_id"], head.values["role"], head.values["answered_on"], confirmed, sheets
        )

    def check_centre(self, known: Centre, row: Row) -> None:
        """Check each answer about the centre as the network would."""
        data: dict[str, Any] = {"id": known.id, "location": known.location.model_dump()}
        for name, value in row.values.items():
            first, _, second = name.partition(".")
            if second:
                data.setdefault(first, {})[second] = value
            elif name != "information_systems":
                data[name] = value
        self.check(Centre, data, row)

    def check_lists(self, known: Centre, sheets: Mapping[Sheet, tuple[Row, ...]]) -> None:
        """Check linacs, pairs, conventions, channels and contacts."""
        linacs = {linac.id: centre.id for centre in self.network.centres for linac in centre.linacs}
        mine = {linac.id for linac in known.linacs}
        seen: set[str] = set()
        for row in sheets["linacs"]:
            code = row.values.get("id", "?")
            if code in seen or linacs.get(code, known.id) != known.id:
                self.find(row.at["id"], code, msg("a code that no other linac bears"), code="duplicate_id")
            seen.add(code)
            self.check(Linac, {name: value for name, value in row.values.items() if name != "in_service"}, row)
        mine |= {code for code in seen if linacs.get(code, known.id) == known.id}
        for row in sheets["pairs"]:
            self.check_reference(row, "linac", mine)
            self.check_reference(row, "matched", linacs.keys() | mine)
            if row.values.get("linac") == row.values.get("matched"):
                self.find(row.at.get("matched", ""), row.values.get("matched"), msg("another linac"), code="same_linac")
            self.check(MatchedLinac, {"linac": "x", **_only(row, "evidence", "declared_on")}, row)
        others = {centre.id for centre in self.network.centres} - {known.id}
        for row in (*sheets["conventions"], *sheets["channels"]):
            self.check_reference(row, "centre", others)
        for row in sheets["conventions"]:
            self.check(Convention, {"between": ("a", "b"), **_only(row, "signed_on")}, row)
        for row in sheets["channels"]:
            self.check(Channel, {"between": ("a", "b"), "channel": "usb", "delay_h": 0, **_only(row, "delay_h")}, row)
        for row in sheets["contacts"]:
            self.check(Contact, {"role": "x", **row.values}, row)

    def check_reference(self, row: Row, name: str, known: set[str]) -> None:
        """Read a code of the lists, or the name that a centre goes by."""
        value = row.values.get(name)
        if value is None:
            return
        by_name = {cells.fold(centre.name): centre.id for centre in self.network.centres}
        code = value if value in known else by_name.get(cells.fold(value), value)
        if code in known:
            row.values[name] = code
            return
        self.find(row.at[name], value, msg("one of: {known}", known=", ".join(sorted(known))), code="unknown_reference")

    def check(self, entity: type[BaseModel], data: dict[str, Any], row: Row) -> None:
        """Check values against the limits of an entity."""
        try:
            entity.model_validate(data)
        except ValidationError as error:
            for each in error.errors():
                name = ".".join(step for step in each["loc"] if isinstance(step, str))
                if name in row.at:
                    self.find(row.at[name], each["input"], expected(each), code=each["type"])


def _only(row: Row, *names: str) -> dict[str, Any]:
    return {name: row.values[name] for name in names if name in row.values}


def called(place: Place) -> str:
    """Return how people call a cell: `Appareils C5`."""
    name, line, at = place
    letters = ""
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{name} {letters}{line}"


def _read(question: Question, cell: Any) -> Any:
    """Read an answer as its kind says."""
    if question.kind == "choice":
        return _choice(question, cell)
    return _READERS[question.kind](cell)


def _choice(question: Question, cell: Any) -> str:
    said = cells.fold(cells.read_text(cell))
    for value, text in question.words.items():
        if said in {cells.fold(word) for word in (value, text.source, catalogue("fr").get(text.source, value))}:
            return value
    raise cells.Unreadable(msg("one of: {known}", known=", ".join(text.text("fr") for text in question.words.values())))


def _parts(cell: Any) -> list[str]:
    return [part.strip() for part in re.split(r"[|,;+/]", cells.read_text(cell)) if part.strip()]


def _several(read: Callable[[Any], Any], cell: Any) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(read(part) for part in _parts(cell)))


def _photon(part: str) -> str:
    energy = cells.read_energy(f"{part}X" if part.isdigit() else part)
    if energy.endswith("E"):
        raise cells.Unreadable(msg("photon energies, such as 6X | 6FFF | 10X"))
    return energy


def _electrons(cell: Any) -> tuple[int, ...]:
    parts = [re.sub(r"(?i)\s*(mev|e)$", "", part) for part in _parts(cell)]
    return tuple(sorted({cells.read_integer(part) for part in parts} - {0}))


_READERS: dict[str, Callable[[Any], Any]] = {
    "text": cells.read_text,
    "number": partial(cells.read_number, units=_UNITS),
    "integer": partial(cells.read_integer, units=_UNITS),
    "yes_no": cells.read_yes_no,
    "date": cells.read_date,
    "techniques": partial(_several, cells.label_reader("technique")),
    "features": partial(_several, cells.read_need),
    "photons": partial(_several, _photon),
    "electrons": _electrons,
}
"""Kind of a question → reader of its answers."""
