"""Results are kept whole or not at all, and a file that cannot serve says why."""

from __future__ import annotations

import sqlite3
import stat
from typing import TYPE_CHECKING

import pytest

from transfer_planner.errors import DataError
from transfer_planner.stress.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as caught, Store(path):
        pass
    return caught.value.findings[0].code


def fill(store: Store) -> None:
    for number in range(100):
        store.put(str(number), "x" * 1000)


def test_what_is_put_is_found_again(tmp_path: Path) -> None:
    """A result is there for the next run, for its owner alone; a result put again replaces the first."""
    path = tmp_path / "results.sqlite"
    with Store(path) as store:
        assert store.get("a") is None
        store.put("a", "1")
        store.put("a", "2")
    with Store(path) as store:
        assert (store.get("a"), store.get("b")) == ("2", None)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_one_run_at_a_time(tmp_path: Path) -> None:
    """A second run on the same file is told so at once."""
    path = tmp_path / "results.sqlite"
    with Store(path):
        assert refusal(path) == "store_locked"
    with Store(path):
        pass


def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    """A text, another SQLite file, another version and a folder are refused, and not touched."""
    text, other, later = tmp_path / "text", tmp_path / "other", tmp_path / "later"
    text.write_text("centre;patients\n" * 1000, encoding="utf-8")
    for path, mark in ((other, 0), (later, 0x52544154)):
        base = sqlite3.connect(path)
        base.executescript(f"CREATE TABLE result (x); PRAGMA application_id={mark}; PRAGMA user_version=99")
        base.close()
    before = [path.read_bytes() for path in (text, other, later)]
    assert refusal(text) == "store_damaged"
    assert refusal(other) == refusal(later) == "store_version"
    assert [path.read_bytes() for path in (text, other, later)] == before
    assert refusal(tmp_path) == "store_unwritable"
    assert refusal(tmp_path / "nowhere" / "results.sqlite") == "store_unwritable"


def test_a_damaged_file_is_never_read_as_results(tmp_path: Path) -> None:
    """Pages overwritten in the middle of the file are noticed when they are read."""
    path = tmp_path / "results.sqlite"
    with Store(path) as store:
        for number in range(500):
            store.put(f"{number:04d}", "x" * 200)
    with path.open("r+b") as stream:
        stream.seek(4096)
        stream.write(b"\xff" * (path.stat().st_size - 4096))
    with pytest.raises(DataError) as caught, Store(path) as store:
        store.get("0250")
    assert caught.value.findings[0].code == "store_damaged"


def test_a_full_disk_keeps_what_was_done(tmp_path: Path) -> None:
    """When there is no more room the run stops with a clear message, and the results before are there."""
    path = tmp_path / "results.sqlite"
    with Store(path) as store:
        store._base.execute("PRAGMA max_page_count=4")
        with pytest.raises(DataError) as caught:
            fill(store)
    assert caught.value.findings[0].code == "store_full"
    with Store(path) as store:
        assert store.get("0") == "x" * 1000
