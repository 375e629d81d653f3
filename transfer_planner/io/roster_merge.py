"""Several partial lists of the same patients made one: field by field, every disagreement told, none settled in silence."""

from __future__ import annotations

from dataclasses import dataclass
from math import isclose
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pydantic import ValidationError

from transfer_planner.domain.patient import Patient
from transfer_planner.i18n import Message, msg
from transfer_planner.io.roster_checks import check_patient
from transfer_planner.io.roster_remarks import Remark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Kind = Literal["dicom", "export", "paper", "memory"]
Values = dict[str, Any]

TREATMENT = frozenset(
    {
        *("technique", "energy", "linac_id", "prescribed_dose_gy", "prescribed_fractions", "phases"),
        *("first_fraction_date", "last_fraction_date", "fractions_per_week", "fractions_per_day", "plan_data"),
    }
)
COUNTED = frozenset({"delivered_fractions", "last_fraction_date", "brachytherapy_boost_due"})
"""A disagreement here is never written: a fraction too many or too few is an accident."""
CONFIDENCE: dict[Kind, tuple[float, float]] = {
    "dicom": (0.95, 0.6),
    "export": (0.9, 0.9),
    "paper": (0.8, 0.85),
    "memory": (0.4, 0.5),
}
"""Kind of source → confidence in what it says of the treatment, and of the rest: assumptions, to be validated."""
CLEAR = 0.25
"""A lead of so much confidence lets a value stand while the question is open."""
SURE = 0.5
"""Below, a fact of the treatment that one source alone tells is told too."""
TOLERANCE = 0.005
NEVER = frozenset({"patient_id", "delivered_source"})


class Said(NamedTuple):
    """A value and who says so."""

    value: Any
    source: str
    confidence: float


@dataclass(frozen=True)
class Source:
    """A list to merge.

    Parameters
    ----------
    name
        What the questions call it.
    kind
        How it came about.
    rows
        Rows by patient code; blanks left out, incomplete rows too.
    """

    name: str
    kind: Kind
    rows: Mapping[str, Values]


@dataclass(frozen=True)
class Merged:
    """Whole rows, rows that still lack a required column, and questions."""

    patients: tuple[Patient, ...]
    incomplete: tuple[Values, ...]
    remarks: tuple[Remark, ...]


def merge(sources: Sequence[Source]) -> Merged:
    """Merge sources by patient code, the first ones before the others where confidence is equal."""
    patients, incomplete, remarks = [], [], []
    for code in dict.fromkeys(code for source in sources for code in source.rows):
        row, asked = _merge_one(code, sources)
        remarks += asked
        patient, faults = _checked(row)
        remarks += faults
        if patient is None:
            incomplete.append(row)
        else:
            patients.append(patient)
    return Merged(tuple(patients), tuple(incomplete), tuple(remarks))


def _merge_one(code: str, sources: Sequence[Source]) -> tuple[Values, list[Remark]]:
    row: Values = {"patient_id": code}
    remarks = []
    silent = [source.name for source in sources if code not in source.rows]
    if silent:
        seen = msg("not in {sources}", sources=", ".join(silent))
        remarks.append(Remark(code, "patient_id", seen, msg("kept"), msg("check"), "missing_in_source", grave=False))
    for column in Patient.model_fields:
        if column in NEVER:
            continue
        said = [
            Said(source.rows[code][column], source.name, _confidence(source.kind, column))
            for source in sources
            if source.rows.get(code, {}).get(column) not in (None, "", ())
        ]
        if said:
            value, asked = _settle(code, column, said)
            remarks += asked
            if value is not None:
                row[column] = value
    row |= _source_of_count(code, row, sources)
    return row, remarks


def _settle(code: str, column: str, said: Sequence[Said]) -> tuple[Any, list[Remark]]:
    """Return the value that stands, None when none does, and the question."""
    if column == "needs":
        return tuple(dict.fromkeys(need for each in said for need in each.value)), []
    if column == "notes":
        return " – ".join(dict.fromkeys(each.value for each in said)), []
    best = max(said, key=lambda each: each.confidence)
    others = [each for each in said if not _equal(each.value, best.value)]
    if not others:
        unsure = column in TREATMENT | COUNTED and best.confidence < SURE
        return best.value, [_unsure(code, column, best)] if unsure else []
    lead = best.confidence - max(each.confidence for each in others)
    required = Patient.model_fields[column].is_required()
    stands = column not in COUNTED and (required or lead >= CLEAR)
    kept = msg("{value} ({who})", value=best.value, who=best.source) if stands else msg("blank")
    seen = _told(said)
    todo = msg("decide, with two sources that agree")
    return best.value if stands else None, [Remark(code, column, seen, kept, todo, "disagree")]


def _unsure(code: str, column: str, said: Said) -> Remark:
    """Tell a fact of the treatment that nothing better than memory says."""
    seen = msg(
        "{value} ({who}, confidence {confidence} %)",
        value=said.value,
        who=said.source,
        confidence=round(100 * said.confidence),
    )
    return Remark(code, column, seen, msg("kept"), msg("look for a second source"), "memory_only", grave=False)


def _told(said: Iterable[Said]) -> Message:
    """Say every value with its source and its confidence."""
    told: Message | None = None
    for each in said:
        one = msg(
            "{value} ({who}, confidence {confidence} %)",
            value=each.value,
            who=each.source,
            confidence=round(100 * each.confidence),
        )
        told = one if told is None else msg("{first}; {then}", first=told, then=one)
    return told or msg("nothing")


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, int | float):
        return isclose(one, other, abs_tol=TOLERANCE)
    return bool(one == other)


def _confidence(kind: Kind, column: str) -> float:
    treatment, rest = CONFIDENCE[kind]
    return treatment if column in TREATMENT or column in COUNTED else rest


def _source_of_count(code: str, row: Values, sources: Sequence[Source]) -> Values:
    """Say where the fractions counted come from: the best of the sources that say this number."""
    if "delivered_fractions" not in row:
        return {}
    rank = {"record": 0, "paper": 1, "patient": 2, "unknown": 3}
    by_kind = {"dicom": "record", "export": "record", "paper": "paper", "memory": "unknown"}
    told = [
        str(source.rows[code].get("delivered_source") or by_kind[source.kind])
        for source in sources
        if source.rows.get(code, {}).get("delivered_fractions") == row["delivered_fractions"]
    ]
    return {"delivered_source": min(told, key=lambda name: rank.get(name, 3))} if told else {}


def _checked(row: Values) -> tuple[Patient | None, list[Remark]]:
    """Make the patient; ask about values of several sources that contradict each other once put together."""
    code = row["patient_id"]
    missing = [name for name, item in Patient.model_fields.items() if item.is_required() and name not in row]
    if missing:
        seen, todo = msg("no source tells it"), msg("complete the row by hand")
        return None, [Remark(code, column, seen, msg("blank"), todo, "incomplete") for column in missing]
    try:
        patient = Patient.model_validate(row)
    except ValidationError as error:
        faults = [
            (str(each["loc"][0]), msg("a value that cannot be: {value}", value=each["input"]))
            for each in error.errors()
        ]
    else:
        faults = [(column, msg("expected: {expected}", expected=text)) for column, text, _ in check_patient(patient)]
        if not faults:
            return patient, []
    todo = msg("decide, with two sources that agree")
    return None, [Remark(code, column, seen, msg("incomplete row"), todo, "contradiction") for column, seen in faults]
