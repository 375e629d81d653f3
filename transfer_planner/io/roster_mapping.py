"""Lists that other software exports: their columns named as ours, their identities replaced by codes."""

from __future__ import annotations

import re
from collections import defaultdict
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pydantic import Field

from transfer_planner.domain.base import Entity
from transfer_planner.errors import DataError
from transfer_planner.i18n import msg
from transfer_planner.io import roster_cells as cells
from transfer_planner.io.files import fault
from transfer_planner.io.findings import validate
from transfer_planner.io.pseudonyms import Identity
from transfer_planner.io.reference import fold_name
from transfer_planner.io.roster import COLUMNS
from transfer_planner.io.roster_table import Table
from transfer_planner.io.roster_words import column_of
from transfer_planner.io.yaml_documents import read_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from transfer_planner.io.pseudonyms import Coder

NUMBER, NAME, BIRTH = "patient_number", "patient_name", "birth_date"
IDENTITIES: dict[str, str] = {
    NUMBER: "ipp|nip|n ipp|no ipp|numero ipp|numero patient|no patient|n patient|numero|numero dossier|no dossier|n dossier"
    "|id patient ris|patient id|patient number|mrn",
    NAME: "nom|prenom|nom prenom|nom et prenom|nom patient|prenom patient|nom de naissance|nom usuel|nom d usage|patient"
    "|patient name|name|surname|first name|last name",
    BIRTH: "date de naissance|date naissance|ddn|naissance|ne le|nee le|birth date|date of birth|dob",
}
"""What holds an identity → the names it goes by; never written to a roster."""
_IDENTITY_OF = {name: kind for kind, names in IDENTITIES.items() for name in names.split("|")}


class Mapping(Entity):
    """How the columns of an export are called, and what its words mean."""

    schema_version: Literal[1] = Field(description="Version of this format")
    columns: dict[str, str] = Field(
        {}, description="Header of the file → column of the roster, or patient_number, patient_name, birth_date"
    )
    values: dict[str, dict[str, str]] = Field({}, description="Column of the roster → text of the file → value")
    constants: dict[str, str] = Field({}, description="Column of the roster → value of every row that leaves it blank")
    ignore: tuple[str, ...] = Field((), description="Headers left out on purpose, even if known")


class Mapped(NamedTuple):
    """A table in our words."""

    table: Table
    identities: dict[str, dict[Identity, None]]
    ignored: tuple[str, ...]
    """Headers that mean nothing here."""


def read_mapping(path: Path) -> Mapping:
    """Read a mapping, YAML.

    Raises
    ------
    DataError
        With every fault: unknown key, unknown column.
    """
    root = read_document(path).root
    mapping, findings = validate(Mapping, root)
    if mapping is not None:
        known = {*COLUMNS, *IDENTITIES}
        named = [(("columns", header), column) for header, column in mapping.columns.items()]
        named += [((part, column), column) for part in ("values", "constants") for column in getattr(mapping, part)]
        for where, column in named:
            if column not in known:
                near = get_close_matches(column, known, n=1)
                mend = msg("did you mean `{field}`?", field=near[0]) if near else None
                findings.append(root.finding(where, msg("a column of the roster"), mend, code="unknown_column"))
    if findings or mapping is None:
        raise DataError(findings)
    return mapping


def target_of(header: str) -> str | None:
    """Return what a header names without a mapping: an identity, a column of the roster, or nothing."""
    bare = fold_name(re.sub(r"[^\w]+", " ", header))
    return _IDENTITY_OF.get(bare) or column_of(header)


def count_targets(names: Sequence[str]) -> int:
    """Count the headers that name something."""
    return sum(target_of(name) is not None for name in names)


def needs_codes(table: Table, mapping: Mapping) -> bool:
    """Tell whether a table holds patient numbers to be replaced."""
    return NUMBER in _targets(table, mapping)


def map_table(path: Path, table: Table, mapping: Mapping, coder: Coder | None) -> Mapped:
    """Name the columns as ours, replace identities, translate values.

    Parameters
    ----------
    path
        File, told in findings.
    table
        As it was read.
    mapping
        May be empty: headers known are recognised.
    coder
        Makes the codes; None when there is no patient number.

    Raises
    ------
    DataError
        When nothing tells the patients apart but names.
    """
    targets = _targets(table, mapping)
    kept = [target for target in dict.fromkeys(targets) if target in COLUMNS]
    coded = NUMBER in targets and coder is not None
    if not coded and "patient_id" not in kept:
        text = msg("a column of codes, or of patient numbers that codes will replace")
        raise fault(
            path, text, msg("name it in a mapping: columns: {{HEADER: patient_number}}"), code="no_patient_column"
        )
    if coded:
        kept = ["patient_id", *(column for column in kept if column != "patient_id")]
    if BIRTH in targets and "birth_year" not in kept:
        kept.append("birth_year")
    header = (*kept, *(column for column in mapping.constants if column not in kept))
    identities: defaultdict[str, dict[Identity, None]] = defaultdict(dict)
    rows = []
    for line, values in table.rows:
        row, identity = _row(values, targets, mapping)
        if coded and coder is not None and identity.number:
            row["patient_id"] = coder.code(identity.number)
            identities[row["patient_id"]].setdefault(identity)
        rows.append((line, (*(row.get(column, "") for column in header), *_beyond(values, table.header))))
    known = {*mapping.columns, *mapping.ignore}
    ignored = [name for name, target in zip(table.header, targets, strict=True) if name and target is None]
    done = Table(table.line, header, tuple(rows), table.findings)
    return Mapped(done, dict(identities), tuple(name for name in ignored if name not in known))


def _targets(table: Table, mapping: Mapping) -> list[str | None]:
    by_name = {fold_name(header): column for header, column in mapping.columns.items()}
    left_out = {fold_name(header) for header in mapping.ignore}
    found: list[str | None] = []
    for name in table.header:
        folded = fold_name(name)
        target = None if folded in left_out else by_name.get(folded) or target_of(name)
        found.append(None if target in found and target in COLUMNS else target)
    return found


def _row(values: Sequence[Any], targets: Sequence[str | None], mapping: Mapping) -> tuple[dict[str, Any], Identity]:
    """Return the cells of a row by our columns, and who it is about."""
    row: dict[str, Any] = {}
    who: defaultdict[str, list[str]] = defaultdict(list)
    for target, cell in zip(targets, values, strict=False):
        if target in IDENTITIES:
            who[str(target)].append(cells.read_text(cell))
        elif target is not None and not cells.is_blank(cell, target):
            row[target] = _translated(mapping, target, cell)
    for column, value in mapping.constants.items():
        row.setdefault(column, value)
    birth = next(filter(None, who[BIRTH]), "")
    if birth and "birth_year" not in row:
        row["birth_year"] = next(_year(birth), "")
    return row, Identity(next(filter(None, who[NUMBER]), ""), " ".join(filter(None, who[NAME])), birth)


def _translated(mapping: Mapping, column: str, cell: Any) -> Any:
    words = mapping.values.get(column)
    if not words or not isinstance(cell, str):
        return cell
    return {fold_name(word): value for word, value in words.items()}.get(fold_name(cell), cell)


def _year(birth: str) -> Iterator[int]:
    """Yield the year of a birth date, if it is one; the day is never kept."""
    try:
        yield cells.read_date(birth).year
    except cells.Unreadable:
        if re.fullmatch(r"(19|20)\d\d", birth):
            yield int(birth)


def _beyond(values: Sequence[Any], header: Sequence[str]) -> tuple[Any, ...]:
    """Return the cells beyond the header, so that a row cut in two is told as in any roster."""
    return tuple(values[len(header) :])
