"""Read a table of travel times measured by the user: origin, destination, minutes, km."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg
from transfer_planner.io import roster_cells as cells
from transfer_planner.io.reference import fold_name, read_communes
from transfer_planner.io.roster_table import read_table, read_table_file

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from transfer_planner.i18n import Message

COLUMNS = {"origin": "origine", "destination": "destination", "minutes": "min", "km": "kilometres"}

LARGEST = 10_000

Matrix = dict[tuple[str, str], tuple[float, float]]


def read_travel_matrix(path: str | Path, centres: Collection[str]) -> tuple[Matrix, str]:
    """Read one way per row, CSV or XLSX.

    Parameters
    ----------
    path
        File with the columns `origin` (INSEE code or centre id), `destination` (centre id), `minutes`, `km`.
    centres
        Ids of the centres.

    Returns
    -------
    tuple
        (origin, destination) → (minutes, km), and the SHA-256 of the file.

    Raises
    ------
    DataError
        With every fault of every row.
    """
    content = read_table_file(path)
    table = read_table(path, content, lambda names: sum(_column(name) is not None for name in names))
    columns = {column: i for i, name in enumerate(table.header) if (column := _column(name))}
    findings = [
        Finding(str(path), f"l. {table.line}, {column}", None, msg("this column is required"), code="missing_column")
        for column in COLUMNS
        if column not in columns
    ]
    if findings:
        raise DataError(findings)
    matrix: Matrix = {}
    for line, values in table.rows:
        row = {column: values[i] if i < len(values) else "" for column, i in columns.items()}
        key = (_origin(row["origin"]), cells.read_text(row["destination"]))
        way = {column: _positive(row[column]) for column in ("minutes", "km")}
        faults: dict[str, tuple[Message, str]] = {}
        if key[0] not in centres and key[0] not in read_communes():
            faults["origin"] = (msg("an INSEE code or a centre id"), "unknown_origin")
        if key[1] not in centres:
            faults["destination"] = (msg("a centre id"), "unknown_destination")
        for column, number in way.items():
            if number is None:
                faults[column] = (msg("a number from {low} to {high}", low=0, high=LARGEST), "not_a_distance")
        if not faults and key in matrix:
            faults["origin"] = (msg("each way once"), "duplicate_way")
        findings += [
            Finding(str(path), f"l. {line}, {column}", cells.read_text(row[column]), text, code=code)
            for column, (text, code) in faults.items()
        ]
        if way["minutes"] is not None and way["km"] is not None:
            matrix.setdefault(key, (way["minutes"], way["km"]))
    if findings or table.findings:
        raise DataError([*findings, *table.findings])
    return matrix, sha256(content).hexdigest()


def _column(name: str) -> str | None:
    folded = fold_name(name)
    return next((column for column, other in COLUMNS.items() if folded in (column, other)), None)


def _origin(cell: object) -> str:
    text = cells.read_text(cell)
    return f"0{text}" if len(text) == 4 and text.isdigit() else text


def _positive(cell: object) -> float | None:
    try:
        number = cells.read_number(cell)
    except cells.Unreadable:
        return None
    return number if 0 <= number <= LARGEST else None
