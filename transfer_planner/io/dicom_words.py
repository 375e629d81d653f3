"""What is said of a file set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transfer_planner.errors import Finding
from transfer_planner.i18n import Message, msg

if TYPE_CHECKING:
    from collections.abc import Iterable

FAULTS: dict[str, tuple[Message, Message | None]] = {
    "not_dicom": (msg("a DICOM file"), None),
    "no_preamble": (
        msg("a DICOM file with its 128 first bytes"),
        msg("export it again, or convert it to DICOM part 10"),
    ),
    "unreadable": (msg("a file or folder that you may read"), msg("ask for the right to read it, or copy it again")),
    "truncated": (msg("a whole DICOM file: this one is cut short"), msg("take another copy")),
    "damaged": (msg("a DICOM file that says what it is"), msg("take another copy")),
    "deflated": (msg("a DICOM file that is not compressed as a whole"), msg("export it again, uncompressed")),
    "too_long": (
        msg("a plan, record or structure set of usual size"),
        msg("look at it with care: it is no ordinary file"),
    ),
    "no_patient": (msg("a patient number"), msg("find whose file it is")),
    "differs": (
        msg("one content for one object: another file holds the same object and says otherwise"),
        msg("keep the right one"),
    ),
    "characters": (msg("a name in the character set announced; the object is read all the same"), None),
    "link": (msg("a file or folder, not a link: links are not followed"), msg("import the folder it leads to")),
    "special": (msg("a file, not a pipe or a device"), None),
}
"""Code of a fault → what is expected, what to do."""


def findings(files: Iterable[tuple[str, str]]) -> list[Finding]:
    """Return what to tell of files set aside, each with its path."""
    return [Finding(path, "", None, *FAULTS[code], code) for path, code in files]
