"""Results kept on disk by the fingerprint of all that they depend on: never worked out twice, never mixed with others."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg
from transfer_planner.io.files import reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from transfer_planner.i18n import Message

APPLICATION, FORMAT = 0x52544154, 1
"""Marks of the file: whose it is, and the version of its table."""
OTHER_FILE = msg("give another file with --store, or delete this one: every result is then worked out again")


class Store:
    """A SQLite file of results, one writer at a time; use as a context.

    Every result is on disk before the next one begins, so that a killed run loses only those in hand.

    Parameters
    ----------
    path
        The file, made when it does not exist; only its owner may read it.

    Raises
    ------
    DataError
        When the file is another's, of another version, damaged, in use, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._told():
            if not path.exists():
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._base = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            self._open()
        except BaseException:
            self._base.close()
            raise

    def _open(self) -> None:
        with self._told():
            self._base.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._base.execute("BEGIN EXCLUSIVE")
            marks = [self._base.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
            tables = self._base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if tables and marks != [APPLICATION, FORMAT]:
                raise self._fault(msg("a store written by this version"), OTHER_FILE, "store_version")
            self._base.execute("CREATE TABLE IF NOT EXISTS result (key TEXT PRIMARY KEY, content TEXT) WITHOUT ROWID")
            self._base.execute(f"PRAGMA application_id={APPLICATION}")
            self._base.execute(f"PRAGMA user_version={FORMAT}")
            self._base.execute("COMMIT")

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._base.close()

    def get(self, key: str) -> str | None:
        """Return the result of a fingerprint; None when it is not known yet."""
        with self._told():
            row = self._base.execute("SELECT content FROM result WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def put(self, key: str, content: str) -> None:
        """Keep a result; it is on disk when this returns."""
        with self._told():
            self._base.execute("INSERT OR REPLACE INTO result VALUES (?, ?)", (key, content))

    def damaged(self) -> DataError:
        """Make the error for a result that cannot be read back."""
        return self._fault(msg("results as they were written"), OTHER_FILE, "store_damaged")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the system or SQLite refuses into a fault in the user's words."""
        try:
            yield
        except OSError as error:
            expected = msg("a file that can be written ({reason})", reason=reason(error))
            raise self._fault(expected, msg("give another file with --store"), "store_unwritable") from error
        except sqlite3.OperationalError as error:
            raise self._refused(error) from error
        except sqlite3.DatabaseError as error:
            raise self._fault(msg("a store of results, undamaged"), OTHER_FILE, "store_damaged") from error

    def _refused(self, error: sqlite3.OperationalError) -> DataError:
        again = msg("run the same command again: what is done is kept")
        match error.sqlite_errorcode & 0xFF:
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                expected = msg("a store that no other run is using")
                mend = msg("wait until the other run is over, or give another file with --store")
                return self._fault(expected, mend, "store_locked")
            case sqlite3.SQLITE_FULL:
                return self._fault(msg("room on the disk"), again, "store_full")
            case sqlite3.SQLITE_CORRUPT:
                return self._fault(msg("a store of results, undamaged"), OTHER_FILE, "store_damaged")
        expected = msg("a file that can be written ({reason})", reason=str(error))
        return self._fault(expected, again, "store_unwritable")

    def _fault(self, expected: Message, mend: Message, code: str) -> DataError:
        return DataError([Finding(str(self.path), "--store", self.path.name, expected, mend, code)])
