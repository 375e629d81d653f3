"""What the commands that answer questions share: a plan with its inputs unchanged, fields for machines, words for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from transfer_planner.domain.plan import TIERS
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import Language, Message, msg
from transfer_planner.planning.explain import decimal, difference
from transfer_planner.reports import words

if TYPE_CHECKING:
    from pathlib import Path

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan
    from transfer_planner.planning.board import Values
    from transfer_planner.planning.explain import Offer


def standing(path: Path) -> tuple[Plan, Case]:
    """Read a plan and its inputs; refuse inputs that have changed.

    Raises
    ------
    DataError
        When something cannot be read, or has changed since the plan was made.
    """
    from transfer_planner.cli.inputs import plan_file, reread
    from transfer_planner.planning.board import check_inputs
    from transfer_planner.planning.instance import located

    plan, case = reread(plan_file(path))
    check_inputs(plan, case)
    return plan, located(case)


def known_centre(case: Case, centre_id: str, option: str) -> str:
    """Return a centre id, or refuse it with those that exist.

    Raises
    ------
    DataError
        When no centre has this id.
    """
    known = [centre.id for centre in case.network.centres]
    if centre_id not in known:
        expected = msg("one of: {known}", known=", ".join(sorted(known)))
        raise DataError([Finding(case.inputs.centres.path, option, centre_id, expected, code="unknown_reference")])
    return centre_id


def plain(value: Any, lang: Language) -> Any:
    """Return what JSON can hold: six-tier values by tier, messages in words."""
    if isinstance(value, Message | date):
        return value.text(lang) if isinstance(value, Message) else value.isoformat()
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value):
        value = {item.name: getattr(value, item.name) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item, lang) for key, item in value.items()}
    if not isinstance(value, tuple | list):
        return value
    if len(value) == len(TIERS) and all(isinstance(item, int | float) for item in value):
        return dict(zip(TIERS, value, strict=True))
    return [plain(item, lang) for item in value]


def centre(case: Case, centre_id: str | None, lang: Language) -> str:
    """Return the name of a centre; None is waiting."""
    return msg("waiting for reopening").text(lang) if centre_id is None else words.centre_name(case, centre_id)


def all_tiers(change: Values, lang: Language) -> str:
    """Say every tier that changes: days, then minutes."""
    *clinical, last = change
    said = [f"T{n} {text(decimal(value / 10, signed=True), lang)}" for n, value in enumerate(clinical, 1) if value]
    minutes = decimal(last, signed=True)
    if not said:
        return difference(change).text(lang) if not last else msg("T6 {last} min of burden", last=minutes).text(lang)
    days = msg("{tiers} d beyond tolerance", tiers=", ".join(said))
    return (msg("{days}, T6 {last} min", days=days, last=minutes) if last else days).text(lang)


def text(value: Message | str, lang: Language) -> str:
    """Return a message in words, and a text as it is."""
    return value.text(lang) if isinstance(value, Message) else value


def offer(value: Offer, lang: Language) -> str:
    """Say a place and what it changes."""
    change = difference(value.change).text(lang)
    if value.start is None:
        return change
    said = [words.short_day(value.start, lang)]
    if value.grade is not None:
        said.append(f"{words.GRADE_CODES[value.grade].text(lang)}")
    said.append(msg("{minutes} min one way", minutes=value.travel_min).text(lang))
    if value.compensation != "none":
        said.append(words.COMPENSATIONS[value.compensation].text(lang))
    return f"{', '.join(said)} – {change}"
