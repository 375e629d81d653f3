"""The lifeboat: dated encrypted copies of the roster in one folder, each with its fingerprint."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from transfer_planner.domain.scenario import PARIS
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import Message, msg
from transfer_planner.io import age
from transfer_planner.io.files import fault, read_bytes, reason, write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FINGERPRINTS = "SHA256SUMS"
"""In the usual format: `sha256sum -c SHA256SUMS` checks it without this software."""
LIMIT_MIB = 100
_NAME = re.compile(r"lifeboat-(\d{8}-\d{6})\.(?:csv|xlsx)\.age")
_LINE = re.compile(r"([0-9a-f]{64}) [ *](\S+)")

State = Literal["whole", "altered", "unlisted", "missing"]
STATES: dict[State, Message] = {
    "whole": msg("whole"),
    "altered": msg("altered or truncated"),
    "unlisted": msg("no fingerprint"),
    "missing": msg("missing"),
}


@dataclass(frozen=True)
class Version:
    """One copy of the roster.

    Parameters
    ----------
    file
        Where it stands.
    made_at
        When it was packed.
    state
        What its fingerprint says.
    size
        Bytes; 0 when it is missing.
    """

    file: Path
    made_at: datetime
    state: State
    size: int


def pack(
    content: bytes,
    folder: Path,
    *,
    now: datetime,
    recipients: Sequence[str] = (),
    passphrase: str | None = None,
    keep: int = 30,
) -> Version:
    """Encrypt a roster into the folder, open what was written, then let go of the oldest versions.

    Parameters
    ----------
    content
        Bytes of the roster file.
    folder
        Folder of the lifeboat; it must exist, so that an absent stick is noticed.
    now
        Time of packing.
    recipients, passphrase
        Who opens it, as `age.encrypt`.
    keep
        Versions left in the folder.

    Raises
    ------
    DataError
        When it cannot be encrypted or written, or does not open again; earlier versions are then untouched.
    """
    if not folder.is_dir():
        mend = msg("plug in the stick or mount the share; this folder is never made by itself")
        raise fault(folder, msg("an existing folder"), mend, code="no_folder")
    # A key made for this one check and thrown away: it proves that the file opens, and no secret key is needed here.
    witness, public = age.new_key() if recipients else (None, None)
    closed = age.encrypt(content, recipients=[*recipients, public] if public else (), passphrase=passphrase)
    suffix = "xlsx" if content.startswith(b"PK") else "csv"
    file = folder / f"lifeboat-{now:%Y%m%d-%H%M%S}.{suffix}{age.SUFFIX}"
    listed = _listed(folder)
    try:
        write_whole(file, closed, private=True)
        _open_again(file, content, identities=[witness] if witness else (), passphrase=passphrase)
        earlier = sorted((name for name in listed.keys() - {file.name} if _NAME.fullmatch(name)), reverse=True)
        kept = {name: listed[name] for name in listed.keys() - set(earlier[keep - 1 :])}
        kept[file.name] = sha256(closed).hexdigest()
        lines = "".join(f"{fingerprint}  {name}\n" for name, fingerprint in sorted(kept.items()))
        write_whole(folder / FINGERPRINTS, lines.encode(), private=True)
        for old in earlier[keep - 1 :]:
            (folder / old).unlink(missing_ok=True)
    except OSError as error:
        expected = msg("a folder that can be written ({reason})", reason=reason(error))
        raise fault(folder, expected, code="unwritable") from error
    return Version(file, now, "whole", len(closed))


def _open_again(file: Path, content: bytes, *, identities: Sequence[str], passphrase: str | None) -> None:
    """Read a version from the disk and compare it; one that is not what it should be is removed."""
    try:
        written = read_bytes(file, limit_mib=LIMIT_MIB)
        if age.decrypt(written, identities=identities, passphrase=passphrase, name=file) != content:
            raise fault(file, msg("the roster that was packed"), code="not_verified")
    except DataError:
        file.unlink(missing_ok=True)
        raise


def versions(folder: Path) -> tuple[Version, ...]:
    """Return the versions of a folder, the newest first, each checked against its fingerprint.

    Raises
    ------
    DataError
        When there is no such folder.
    """
    if not folder.is_dir():
        raise fault(folder, msg("an existing folder"), code="no_folder")
    listed = _listed(folder)
    names = {*listed, *(path.name for path in folder.iterdir())}
    return tuple(
        _version(folder / name, datetime.strptime(match[1], "%Y%m%d-%H%M%S").replace(tzinfo=PARIS), listed.get(name))
        for name in sorted(names, reverse=True)
        if (match := _NAME.fullmatch(name))
    )


def newest(path: Path) -> Path:
    """Return the newest whole version of a folder, or the file given.

    Raises
    ------
    DataError
        When the folder holds none.
    """
    if not path.is_dir():
        return path
    found = versions(path)
    usable = next((one for state in ("whole", "unlisted") for one in found if one.state == state), None)
    if usable is None:
        raise DataError(
            [_unusable(one) for one in found]
            or [Finding(str(path), "", None, msg("a folder that holds a lifeboat"), code="no_version")]
        )
    return usable.file


def _unusable(one: Version) -> Finding:
    expected = msg("a whole version; this one is {state}", state=STATES[one.state])
    return Finding(str(one.file), "", None, expected, msg("take another copy of the lifeboat"), one.state)


def _version(file: Path, made_at: datetime, fingerprint: str | None) -> Version:
    if not file.is_file():
        return Version(file, made_at, "missing", 0)
    try:
        content = read_bytes(file, limit_mib=LIMIT_MIB)
    except DataError:
        return Version(file, made_at, "altered", file.stat().st_size)
    same: State = "whole" if sha256(content).hexdigest() == fingerprint else "altered"
    return Version(file, made_at, "unlisted" if fingerprint is None else same, len(content))


def _listed(folder: Path) -> dict[str, str]:
    """Return the fingerprint of each file listed; a line that is none is left out, its file then has no fingerprint."""
    file = folder / FINGERPRINTS
    text = read_bytes(file, limit_mib=1).decode("utf-8", "replace") if file.exists() else ""
    return {match[2]: match[1] for line in text.splitlines() if (match := _LINE.fullmatch(line))}
