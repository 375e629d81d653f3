"""The obligations clock: who must be told what, by when, by which text, and that the text is to be verified."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from transfer_planner.clinical.fractionation import FRENCH
from transfer_planner.domain.base import Entity, Id
from transfer_planner.errors import DataError
from transfer_planner.i18n import msg
from transfer_planner.io.findings import validate
from transfer_planner.io.yaml_documents import read_document
from transfer_planner.reports import words

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from transfer_planner.i18n import Language


class Obligation(Entity):
    """Something the law, or a contract, asks for."""

    id: Id = Field(description="Unique")
    fr: str = Field(description="What to do, in French")
    en: str = Field(description="What to do, in English")
    whom_fr: str = Field(description="Towards whom, in French")
    whom_en: str = Field(description="Towards whom, in English")
    hours: int | None = Field(None, ge=0, description="Hours after the attack; 0 = without delay")
    working_days: int | None = Field(None, ge=1, description="Working days, instead of hours")
    source: str = Field(description="Text it comes from")
    status: Literal["S", "A"] = Field(description="S the text was read for this table, A to be verified")


class Obligations(Entity):
    """The table."""

    schema_version: Literal[1] = Field(description="Version of this format")
    version: str = Field(description="Version of the table, printed with it")
    obligations: tuple[Obligation, ...] = Field(description="In the order in which they are printed when not dated")


def read_obligations(path: Path) -> Obligations:
    """Read the table.

    Raises
    ------
    DataError
        With every fault.
    """
    table, findings = validate(Obligations, read_document(path).root)
    if table is None:
        raise DataError(findings)
    return table


@cache
def packaged_obligations() -> Obligations:
    """Return the packaged table."""
    with resources.as_file(resources.files("transfer_planner") / "data" / "obligations.yaml") as path:
        return read_obligations(path)


def due(item: Obligation, attack_at: datetime) -> datetime | None:
    """Return by when, counted from the attack; None when no text gives a date."""
    if item.working_days is not None:
        day = FRENCH.add_treatment_days(attack_at.date(), item.working_days)
        return attack_at.replace(year=day.year, month=day.month, day=day.day, hour=23, minute=59)
    return None if item.hours is None else attack_at + timedelta(hours=item.hours)


def clock_rows(attack_at: datetime, lang: Language) -> list[dict[str, Any]]:
    """Return the obligations, the most pressing first, those without date last."""
    rows = [(due(item, attack_at), item) for item in packaged_obligations().obligations]
    rows.sort(key=lambda row: (row[0] is None, str(row[0])))
    return [
        {
            "when": _when(item, moment, lang),
            "urgent": item.hours == 0,
            "what": words.french_spaces(item.fr).replace("'", "’") if lang == "fr" else item.en,
            "whom": item.whom_fr.replace("'", "’") if lang == "fr" else item.whom_en,
            "source": words.french_spaces(item.source).replace("'", "’"),
            "status": (msg("text read, to verify") if item.status == "S" else msg("TO VERIFY")).text(lang),
        }
        for moment, item in rows
    ]


def _when(item: Obligation, moment: datetime | None, lang: Language) -> str:
    if moment is None:
        return msg("as soon as possible").text(lang)
    if item.hours == 0:
        return msg("without delay").text(lang)
    span = msg("{n} working days", n=item.working_days) if item.working_days else msg("{n} h", n=item.hours)
    return msg("{span}: {moment}", span=span, moment=words.moment(moment, lang)).text(lang)
