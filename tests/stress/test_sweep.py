"""Every task is done once, whoever works and whatever dies on the way."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest

from tests.stress.tasks import Square, fatal, fatal_once, square
from transfer_planner.errors import DataError
from transfer_planner.stress.store import Store
from transfer_planner.stress.sweep import IN_HAND, Here, Processes, sweep

if TYPE_CHECKING:
    from pathlib import Path

NUMBERS = range(12)


def test_workers_give_what_one_process_gives_and_nothing_is_done_twice(tmp_path: Path) -> None:
    """Two processes find the same squares as one; the next run reads them all, and gives no task out."""
    with Here(5, square) as crew, Store(tmp_path / "here") as store:
        expected = dict(sweep(NUMBERS, str, crew, store, Square))
    with Processes(5, square, 2) as crew, Store(tmp_path / "processes") as store:
        assert dict(sweep(NUMBERS, str, crew, store, Square)) == expected
        assert not crew.busy
    with Here(0, fatal) as crew, Store(tmp_path / "processes") as store:
        assert dict(sweep(NUMBERS, str, crew, store, Square)) == expected


def test_a_dead_worker_costs_no_result(tmp_path: Path) -> None:
    """The tasks in the hands of a worker that dies are given out again."""
    with Processes(str(tmp_path), fatal_once, 2) as crew, Store(tmp_path / "store") as store:
        found = dict(sweep(NUMBERS, str, crew, store, Square))
    assert (tmp_path / "killed").exists()
    assert {number: result.square for number, result in found.items()} == {n: n**2 for n in NUMBERS}


def test_workers_that_always_die_are_told(tmp_path: Path) -> None:
    """The run ends with a message, not in a loop."""
    with pytest.raises(DataError) as caught, Processes(0, fatal, 1) as crew, Store(tmp_path / "store") as store:
        list(sweep(NUMBERS, str, crew, store, Square))
    assert caught.value.findings[0].code == "workers_lost"


def test_tasks_are_read_as_they_are_done(tmp_path: Path) -> None:
    """From an endless list, no more tasks are taken than the workers hold; the caller stops when it has enough."""
    taken = count()
    with Processes(0, square, 1) as crew, Store(tmp_path / "store") as store:
        results = sweep(taken, str, crew, store, Square)
        read = {next(results)[0] for _ in range(5)}
        results.close()
    assert len(read) == 5
    assert max(read) < next(taken) <= 5 + IN_HAND


def test_a_result_that_cannot_be_read_back_is_refused(tmp_path: Path) -> None:
    """Something else under the key of a task is no result."""
    with Here(0, square) as crew, Store(tmp_path / "store") as store:
        store.put("0", '{"number": "zero"}')
        with pytest.raises(DataError) as caught:
            list(sweep([0], str, crew, store, Square))
    assert caught.value.findings[0].code == "store_damaged"
