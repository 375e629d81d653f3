"""The checklist of the transfer sheet: packaged items, and which of them a patient needs."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import Field, model_validator

from transfer_planner.clinical.fractionation import STEREOTACTIC
from transfer_planner.clinical.prioritisation import is_minor, site_of
from transfer_planner.domain.base import Entity, Id
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg
from transfer_planner.io.findings import validate
from transfer_planner.io.yaml_documents import read_document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.plan import Decision
    from transfer_planner.i18n import Language

Level = Literal["B", "W", "I"]
CHILDBEARING = range(10, 56)
Condition = Literal[
    "transfer",
    "restart",
    "wait",
    "on_treatment",
    "mid_course_replanned",
    "plan_reused",
    "data_reused",
    "resimulated",
    "delivered_unknown",
    "dose_above_physician_limit",
    "category_1_or_2",
    "chemotherapy",
    "chemotherapy_unknown",
    "anaesthesia",
    "breath_hold",
    "stereotactic",
    "minor",
    "far_50_km",
    "far_150_km",
    "immobilised",
    "substituted",
    "pregnancy_possible",
]
Known = Literal[
    "mobility",
    "travel",
    "diagnosis",
    "intent",
    "category",
    "urgency",
    "prescription",
    "schedule",
    "phases",
    "technique",
    "technique_delivered",
    "delivered",
    "delivered_dose",
    "delivered_dates",
    "breaks",
    "planned_end",
    "first_date",
    "plan_data",
    "plan_data_if_not_reused",
    "immobilisation",
    "needs",
    "chemotherapy",
    "simulation",
    "physics",
    "first_session",
    "dose_per_fraction",
    "missed",
    "prolongation",
    "overall_time",
    "compensation",
]


class Block(Entity):
    """A group of items of the checklist."""

    id: Id = Field(description="Cited by the items")
    fr: str = Field(description="Title in French")
    en: str = Field(description="Title in English")
    wide: bool = Field(False, description="Printed across the page, above the two columns")


class Blanks(Entity):
    """Blanks to fill in by hand, in the two languages."""

    fr: tuple[str, ...] = Field(description="In French")
    en: tuple[str, ...] = Field(description="In English")

    @model_validator(mode="after")
    def _as_many(self) -> Blanks:
        if len(self.fr) != len(self.en):
            raise ValueError("as many blanks in French as in English")
        return self


class Item(Entity):
    """One line of the checklist."""

    id: Id = Field(description="Unique in the checklist")
    block: Id = Field(description="Block it stands in")
    level: Level = Field(description="B blocking, W warning, I information")
    fr: str = Field(description="What to check, in French")
    en: str = Field(description="What to check, in English")
    when: tuple[str, ...] = Field((), description="Conditions that must all hold; `not x` reverses one")
    known: tuple[Known, ...] = Field((), description="Facts printed already filled in")
    write: Blanks | None = Field(None, description="Blanks to fill in by hand")
    source: str = Field(description="Where the item comes from; A = assumed")


class Checklist(Entity):
    """All blocks and items, in the order in which they are printed."""

    schema_version: Literal[1] = Field(description="Version of this format")
    version: str = Field(description="Version of the checklist, printed on every sheet")
    blocks: tuple[Block, ...] = Field(description="Blocks, in order")
    items: tuple[Item, ...] = Field(description="Items, in order")


def read_checklist(path: Path) -> Checklist:
    """Read a checklist.

    Raises
    ------
    DataError
        With every fault: form, unknown blocks and conditions, duplicate ids.
    """
    root = read_document(path).root
    checklist, findings = validate(Checklist, root)
    if checklist is not None:
        findings = list(_faults(checklist, str(path)))
    if checklist is None or findings:
        raise DataError(findings)
    return checklist


@cache
def packaged_checklist() -> Checklist:
    """Return the packaged checklist."""
    with resources.as_file(resources.files("transfer_planner") / "data" / "checklist.yaml") as path:
        return read_checklist(path)


def _faults(checklist: Checklist, file: str) -> Iterator[Finding]:
    blocks, seen = {block.id for block in checklist.blocks}, set()
    conditions = get_args(Condition)
    for item in checklist.items:
        where = f"items[{item.id}]"
        if item.id in seen:
            yield Finding(file, f"{where}.id", item.id, msg("an id used once"), code="duplicate_id")
        seen.add(item.id)
        if item.block not in blocks:
            known = ", ".join(sorted(blocks))
            yield Finding(
                file, f"{where}.block", item.block, msg("one of: {expected}", expected=known), code="unknown_block"
            )
        for condition in item.when:
            if condition.removeprefix("not ") not in conditions:
                known = ", ".join(conditions)
                yield Finding(
                    file, f"{where}.when", condition, msg("one of: {expected}", expected=known), code="condition"
                )


def true_conditions(patient: Patient, decision: Decision, case: Case) -> frozenset[str]:
    """Return the conditions of the checklist that hold for a patient; a doubt holds."""
    grade, km = decision.grade, decision.travel_km or 0
    dose, limit = patient.dose_per_fraction_gy, case.policy.physician_present_above_gy
    begun, stereotactic = patient.treated_on_treatment, patient.technique in STEREOTACTIC
    facts: dict[Condition, bool] = {
        "transfer": decision.action == "transfer",
        "restart": decision.action == "restart",
        "wait": decision.action == "wait",
        "on_treatment": begun,
        "mid_course_replanned": begun and grade in {"G2", "G3", "G4", "emergency"},
        "plan_reused": grade in {"G0", "G1"},
        "data_reused": grade in {"G0", "G1", "G2", "G3"},
        "resimulated": grade in {"G4", "emergency"},
        "delivered_unknown": patient.delivered_fractions is None,
        "dose_above_physician_limit": stereotactic if dose is None else dose > limit,
        "category_1_or_2": decision.category in {1, 2, None},
        "chemotherapy": bool(patient.concurrent_chemotherapy),
        "chemotherapy_unknown": patient.concurrent_chemotherapy is None,
        "anaesthesia": bool(patient.anaesthesia),
        "breath_hold": bool({"DIBH", "GATING"} & set(patient.needs)),
        "stereotactic": stereotactic,
        "minor": is_minor(patient, case.scenario.day_zero),
        "far_50_km": km > 50,
        "far_150_km": km > 150,
        "immobilised": patient.immobilisation != "none",
        "pregnancy_possible": _pregnancy_possible(patient, case),
        "substituted": decision.technique is not None and decision.technique != patient.technique,
    }
    return frozenset(name for name, holds in facts.items() if holds)


def _pregnancy_possible(patient: Patient, case: Case) -> bool:
    """Return whether to ask: not for a prostate, nor outside 10 to 55 years; the list does not tell the sex."""
    year = case.scenario.day_zero.year
    age = None if patient.birth_year is None else year - patient.birth_year
    return site_of(patient, case.sites) != "prostate" and (age is None or age in CHILDBEARING)


def needed(item: Item, holding: frozenset[str]) -> bool:
    """Return whether an item is printed when these conditions hold."""
    return all((condition.removeprefix("not ") in holding) != condition.startswith("not ") for condition in item.when)


def text(entry: Block | Item, lang: Language) -> str:
    """Return the text of a block or an item."""
    return entry.fr if lang == "fr" else entry.en
