"""Where the outputs of a plan may go: a new folder, an empty one, or one written before."""

from __future__ import annotations

import json
import os
from errno import EACCES, ENOTDIR
from pathlib import Path
from typing import TYPE_CHECKING

from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg
from transfer_planner.io.files import reason

if TYPE_CHECKING:
    from transfer_planner.i18n import Message

MANIFEST = "manifest.json"


def fault(out: Path, value: str | None, expected: Message, code: str) -> DataError:
    """Make the error for a folder that cannot hold the outputs."""
    return DataError([Finding(str(out), "--out", value, expected, msg("give another folder with --out"), code)])


def check_target(out: Path) -> None:
    """Refuse a folder of outputs before the work, not after half a minute of printing.

    Raises
    ------
    DataError
        When it cannot be made, or holds anything that `write_reports` did not write.
    """
    out = Path(os.path.abspath(out))  # noqa: PTH100 - resolve() would follow a link to somewhere else
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise fault(out, out.name, msg("a folder, not a file nor a link"), "not_a_folder")
    above = next((parent for parent in out.parents if parent.exists()), out)
    code = ENOTDIR if not above.is_dir() else 0 if os.access(above, os.W_OK | os.X_OK) else EACCES
    if code:
        problem = msg("a folder that can be written ({reason})", reason=reason(OSError(code, "")))
        raise fault(out, str(above), problem, "unwritable")
    if not out.exists():
        return
    try:
        present = {item.name: item.is_dir() for item in out.iterdir()}
    except OSError as error:
        raise fault(out, out.name, msg("a folder that can be read"), "unreadable") from error
    ours = _written_before(out)
    foreign = sorted(name for name, folder in present.items() if folder or name not in ours)
    if foreign:
        shown = ", ".join(foreign[:5]) + (" …" if len(foreign) > 5 else "")
        raise fault(out, shown, msg("an empty folder, or one written by this software and left as it was"), "not_ours")


def _written_before(out: Path) -> set[str]:
    """Return the files that the manifest of a folder claims; none when there is no manifest of ours."""
    try:
        manifest = json.loads((out / MANIFEST).read_bytes())
        return {MANIFEST, *(str(entry["path"]) for entry in manifest["files"])}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
