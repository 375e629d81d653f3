"""Who does what in the first 24 hours: packaged items, by role and by hour."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

from pydantic import ConfigDict, Field, model_validator

from transfer_planner.domain.base import Entity, Id
from transfer_planner.errors import DataError
from transfer_planner.io.findings import validate
from transfer_planner.io.yaml_documents import read_document

if TYPE_CHECKING:
    from pathlib import Path

Part = Literal["contacts", "mirrors", "conventions", "systems", "transfer_sheet", "priority_table", "directory"]
"""Parts of the binder that an item may send to."""


class Task(Entity):
    """One thing to do."""

    model_config = ConfigDict(populate_by_name=True)

    since: int = Field(ge=0, le=24, alias="from", description="Hours after the alert")
    until: int = Field(ge=0, le=24, alias="to", description="Hours after the alert")
    fr: str = Field(description="What to do, in French")
    en: str = Field(description="What to do, in English")
    see: Part | None = Field(None, description="Part of the binder to turn to")
    source: Literal["ANSSI", "GDPR", "CSP", "RNIV", "RCR", "past", "A"] = Field(description="Where it comes from")

    @model_validator(mode="after")
    def _in_order(self) -> Task:
        if self.since >= self.until:
            raise ValueError("an hour of beginning before the hour of the end")
        return self


class Role(Entity):
    """Everything one role does, in order."""

    id: Id = Field(description="Unique among the roles")
    fr: str = Field(description="Title in French")
    en: str = Field(description="Title in English")
    items: tuple[Task, ...] = Field(description="Tasks, in order of time")


class FirstDay(Entity):
    """The sheets of all roles."""

    schema_version: Literal[1] = Field(description="Version of this format")
    version: str = Field(description="Version of the sheets, printed on each")
    roles: tuple[Role, ...] = Field(description="Roles, in the order in which they are printed")


def read_first_day(path: Path) -> FirstDay:
    """Read the sheets of the roles.

    Raises
    ------
    DataError
        With every fault.
    """
    sheets, findings = validate(FirstDay, read_document(path).root)
    if sheets is None or findings:
        raise DataError(findings)
    return sheets


@cache
def packaged_first_day() -> FirstDay:
    """Return the packaged sheets."""
    with resources.as_file(resources.files("transfer_planner") / "data" / "first_day.yaml") as path:
        return read_first_day(path)
