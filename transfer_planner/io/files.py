"""Bytes of an input file, or a finding: a folder, a missing file, a file too large never give a traceback."""

from __future__ import annotations

import errno
import os
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import Message, msg

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
MEBIBYTE = 2**20
ZIP_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError)
"""What `zipfile` raises on damaged archives, and on encrypted or unknown ones (`RuntimeError`)."""
ZIP_ERRORS = (*ZIP_DAMAGE, OSError)
"""The same with what the system raises, where nothing is written meanwhile."""
_REASONS = {
    errno.ENOENT: msg("nothing of this name exists"),
    errno.EEXIST: msg("the name is taken"),
    errno.ENOTEMPTY: msg("somebody else is writing there"),
    errno.EISDIR: msg("it is a folder"),
    errno.ENOTDIR: msg("a part of the path is a file, not a folder"),
    errno.EACCES: msg("you have not the right"),
    errno.EPERM: msg("you have not the right"),
    errno.EROFS: msg("the disk may only be read"),
    errno.ENOSPC: msg("the disk is full"),
    errno.ENAMETOOLONG: msg("the name is too long"),
}


def read_bytes(path: str | Path, *, limit_mib: int) -> bytes:
    """Read a whole file.

    Parameters
    ----------
    path
        File to read.
    limit_mib
        Largest size accepted, MiB.

    Raises
    ------
    DataError
        When the file is missing, is a folder or another special file, may not be read, or is too large.
    """
    file = Path(path)
    try:
        size, regular = file.stat().st_size, file.is_file()
        if regular and size <= limit_mib * MEBIBYTE:
            return file.read_bytes()
    except FileNotFoundError as error:
        raise fault(
            path,
            msg("an existing file"),
            msg("check the path; a path inside a scenario is relative to the scenario file"),
            code="missing_file",
        ) from error
    except PermissionError as error:
        raise fault(
            path, msg("a file that may be read"), msg("ask for the right to read it"), code="forbidden"
        ) from error
    except OSError as error:
        raise fault(path, msg("a file that can be read ({reason})", reason=reason(error)), code="unreadable") from error
    except ValueError as error:
        problem = msg("a name without invisible characters")
        raise fault(str(path).replace("\0", "?"), problem, code="unreadable") from error
    if not regular:
        raise fault(path, msg("a file, not a folder"), code="not_a_file")
    raise fault(
        path,
        msg("a file of at most {limit} MB", limit=limit_mib),
        msg("check that it is the right file"),
        code="too_large",
        value=f"{size / MEBIBYTE:.0f} MB",
    )


def reason(error: OSError) -> Message:
    """Say why the system refused."""
    return _REASONS.get(error.errno or 0) or msg("{problem}", problem=error.strerror or error)


def write_whole(path: str | Path, content: bytes, *, private: bool = False) -> None:
    """Write a file that is there whole or not at all, whatever stops the work; an earlier one stays until then.

    Parameters
    ----------
    path, content
        File to write.
    private
        True: its owner alone may read it.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    file = Path(path).resolve()
    if file.exists() and not file.is_file():  # a folder says so; a pipe or a terminal is not to be replaced
        file.write_bytes(content)
        return
    work = file.with_name(f".transfer-planner-{os.getpid()}")
    try:
        work.touch(0o600 if private else 0o666)
        work.write_bytes(content)
        work.replace(file)
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise
    finally:
        with suppress(OSError):
            work.unlink()


def fault(
    path: str | Path, expected: Message, mend: Message | None = None, *, code: str, value: str | None = None
) -> DataError:
    """Make the error for a file that is faulty as a whole."""
    return DataError([Finding(str(path), "", value, expected, mend, code)])


def attempt(findings: list[Finding], read: Callable[[], T]) -> T | None:
    """Call a reader; on faulty data keep its findings and return None, so that the other files are read too."""
    try:
        return read()
    except DataError as error:
        findings.extend(error.findings)
        return None
