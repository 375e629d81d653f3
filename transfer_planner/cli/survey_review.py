"""The answers of surveys beside what was known, and what they contradict."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from transfer_planner.cli import terminal
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import Language, Message, msg
from transfer_planner.io.centres import read_network
from transfer_planner.io.files import attempt
from transfer_planner.io.survey import read_survey
from transfer_planner.io.survey_fields import HOSTING, MEANS, TYPES
from transfer_planner.io.survey_overlay import Change, declare, overlay_text
from transfer_planner.network.contradictions import Contradiction, contradictions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

KINDS: dict[str, Message] = {
    "added": msg("new"),
    "changed": msg("changed"),
    "confirmed": msg("confirmed"),
}

WORDS = {**HOSTING, **TYPES, **MEANS}


@dataclass(frozen=True)
class Review:
    """What an import would do.

    Parameters
    ----------
    changes
        Each answer beside what was known.
    contradictions
        What the network would then contradict, and did not before.
    text
        The overlay.
    """

    changes: tuple[Change, ...]
    contradictions: tuple[Contradiction, ...]
    text: str


def read(files: Sequence[Path], centres: Path, overlays: Sequence[Path], today: date) -> Review:
    """Read some workbooks against the network that they are about.

    Raises
    ------
    DataError
        With every fault of every workbook.
    """
    network = read_network(centres, overlays)
    findings: list[Finding] = []
    read_ = [attempt(findings, partial(read_survey, file, network, today=today)) for file in files]
    surveys = [survey for survey in read_ if survey is not None]
    if findings:
        raise DataError(findings)
    made = declare(surveys, network)
    text = overlay_text(made, surveys)
    with tempfile.TemporaryDirectory() as folder:  # read as any overlay is, before anybody relies on it
        file = Path(folder, "survey.yaml")
        file.write_text(text, "utf-8")
        after = read_network(centres, (*overlays, file))
    before = set(map(str, contradictions(network, today)))
    fresh = tuple(one for one in contradictions(after, today) if str(one) not in before)
    return Review(tuple(made.changes), fresh, text)


def show(review: Review, lang: Language) -> None:
    """List what changes, count what is confirmed, and warn of what does not go together."""
    screen = terminal.console()
    heads = (msg("Centre"), msg("Of"), msg("Question"), msg("Known"), msg("Declared"), "")
    table = Table(*(head.text(lang) if isinstance(head, Message) else head for head in heads))
    for one in review.changes:
        if one.kind != "confirmed":
            row = (
                one.centre_id,
                one.item,
                one.what.text(lang),
                said(one.old, lang),
                said(one.new, lang),
                KINDS[one.kind].text(lang),
            )
            table.add_row(*map(Text, row))
    screen.print(table)
    confirmed = sum(one.kind == "confirmed" for one in review.changes)
    counts = msg(
        "{changed} answers change what is known, {confirmed} confirm it.",
        changed=len(review.changes) - confirmed,
        confirmed=confirmed,
    )
    screen.print(counts.text(lang))
    for doubt in review.contradictions:
        terminal.complain(msg("To ask again: {text}", text=doubt.text).text(lang))


def said(value: Any, lang: Language) -> str:
    """Return a value as people write it."""
    if value is None:
        return msg("unknown").text(lang)
    if isinstance(value, bool):
        return (msg("yes") if value else msg("no")).text(lang)
    if isinstance(value, tuple):
        return " | ".join(said(each, lang) for each in value) or "–"
    if isinstance(value, float):
        return f"{value:g}"
    return WORDS[value].text(lang) if value in WORDS else str(value)


def fields(review: Review, lang: Language) -> dict[str, Any]:
    """Return a review for machines."""
    return {
        "changes": [
            {
                "centre_id": one.centre_id,
                "item": one.item,
                "question": one.what.text(lang),
                "old": one.old,
                "new": one.new,
                "kind": one.kind,
            }
            for one in review.changes
        ],
        "contradictions": [
            {"centre_ids": one.centre_ids, "text": one.text.text(lang)} for one in review.contradictions
        ],
    }
