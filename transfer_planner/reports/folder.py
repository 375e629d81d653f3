"""A folder of outputs: a new one, an empty one, or one written before; it appears whole, or nothing does."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from errno import EACCES, ENOTDIR
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg
from transfer_planner.io.files import reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transfer_planner.i18n import Message

Kind = Literal["plan", "first-hours", "binder", "stress", "atlas"]
MANIFEST = "manifest.json"
FOLDER_MODE, FILE_MODE = 0o700, 0o600
"""Patient codes, treatments, perhaps identities: for the person who made them only."""


def fault(out: Path, value: str | None, expected: Message, code: str) -> DataError:
    """Make the error for a folder that cannot hold the outputs."""
    return DataError([Finding(str(out), "--out", value, expected, msg("give another folder with --out"), code)])


def check_target(out: Path, kind: Kind = "plan") -> None:
    """Refuse a folder of outputs before the work, not after half a minute of printing.

    Parameters
    ----------
    out
        Folder to write.
    kind
        What it will hold; one written before held the same.

    Raises
    ------
    DataError
        When it cannot be made, or holds anything that `put_folder` did not write.
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
        foreign = _foreign(out, _written_before(out, kind))
    except OSError as error:
        raise fault(out, out.name, msg("a folder that can be read"), "unreadable") from error
    if foreign:
        shown = ", ".join(foreign[:5]) + (" …" if len(foreign) > 5 else "")
        raise fault(out, shown, msg("an empty folder, or one written by this software and left as it was"), "not_ours")


def _foreign(out: Path, ours: set[str]) -> list[str]:
    """Return what a folder holds beside our files; folders that hold none of them are not looked into."""
    holders = {name.split("/")[0] for name in ours if "/" in name} - {"", ".", ".."}
    present = [item for item in out.iterdir() if item.name not in holders or item.is_symlink()]
    found = {item.name for item in present if item.name not in ours or item.is_dir()}
    for item in (inner for holder in holders for inner in (out / holder).rglob("*")):
        path = item.relative_to(out).as_posix()
        if item.is_symlink() or not (item.is_dir() or path in ours):
            found.add(path)
    return sorted(found)


def _written_before(out: Path, kind: Kind) -> set[str]:
    """Return the files that the manifest of a folder claims; none when there is no manifest of ours, or of another kind."""
    try:
        manifest = json.loads((out / MANIFEST).read_bytes())
        if manifest.get("kind", "plan") != kind:
            return set()
        return {MANIFEST, *(str(entry["path"]) for entry in manifest["files"])}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()


def put_folder(out: Path, files: Mapping[str, bytes], facts: Mapping[str, Any], kind: Kind = "plan") -> tuple[str, ...]:
    """Write a folder of outputs with its manifest, and return the paths of the files; an earlier one stays until then.

    Parameters
    ----------
    out
        Folder, checked by `check_target`.
    files
        Content by path; `worst/1/roster.csv` makes folders.
    facts
        What the manifest says beside size and fingerprint of each file.
    kind
        What the folder holds.

    Raises
    ------
    DataError
        When it cannot be written.
    """
    listed = [
        {"path": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in sorted(files.items())
    ]
    manifest = {"schema_version": 1, "kind": kind, **facts, "files": listed}
    content = (json.dumps(manifest, ensure_ascii=False, indent=2) + "\n").encode()
    whole = {**files, MANIFEST: content}
    try:
        _put(whole, out)
    except OSError as error:
        problem = msg("a folder that can be written ({reason})", reason=reason(error))
        raise fault(out, out.name, problem, "unwritable") from error
    return tuple(sorted(whole))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, FILE_MODE)


def _private_folders(root: Path, path: Path) -> None:
    for part in reversed([path, *path.parents]):
        (root / part).mkdir(mode=FOLDER_MODE, exist_ok=True)


def _put(files: Mapping[str, bytes], out: Path) -> None:
    """Write a sibling folder, then give it the name asked for; an earlier one stays until then."""
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))  # mode 0700
    try:
        fresh, old = work / "new", work / "old"
        fresh.mkdir(mode=FOLDER_MODE)
        for name, data in files.items():
            _private_folders(fresh, Path(name).parent)
            with open(fresh / name, "xb", opener=_private) as stream:
                stream.write(data)
                os.fsync(stream.fileno())
        if out.exists():
            out.rename(old)
        try:
            fresh.rename(out)
        except OSError:
            if old.exists():
                old.rename(out)
            raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
