"""What a human has to settle: one line per question, never an answer chosen in silence."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, NamedTuple

from transfer_planner.i18n import Message, msg
from transfer_planner.io.files import write_whole
from transfer_planner.io.roster import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from transfer_planner.i18n import Language

HEADINGS = (msg("patient"), msg("field"), msg("what was seen"), msg("what the roster holds"), msg("to do"), msg("code"))


class Remark(NamedTuple):
    """A question, or an information when `grave` is False."""

    patient: str
    field: str
    """Column of the roster."""
    seen: Message
    kept: Message
    todo: Message
    code: str
    grave: bool = True


def write_remarks(path: Path, remarks: Iterable[Remark], labels: Mapping[str, Message], lang: Language) -> None:
    """Write remarks as a CSV that a French Excel opens with a double click, readable by its owner alone.

    Parameters
    ----------
    path, remarks
        File and content.
    labels
        What people call the columns of the roster.
    lang
        Language.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow(heading.text(lang) for heading in HEADINGS)
    for remark in remarks:
        said = (remark.seen.text(lang), remark.kept.text(lang), remark.todo.text(lang))
        field = labels[remark.field].text(lang)
        writer.writerow(harmless(cell) for cell in (remark.patient, field, *said, remark.code))
    write_whole(path, buffer.getvalue().encode("utf-8-sig"), private=True)
