"""Many independent tasks on all the cores, each done once: kept results are read, the others worked out and kept."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar

from pydantic import ValidationError

from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from transfer_planner.domain.base import Entity
    from transfer_planner.stress.store import Store

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R")
E = TypeVar("E", bound="Entity")
IN_HAND = 2
"""Tasks given out at a time for each worker: one at work, one waiting."""
LOSSES = 3
"""Worker processes that may die one after another, no task done in between."""


class Crew(Protocol[T, R]):
    """Those who work: tasks are given out, a bounded number at a time, and come back done in any order."""

    @property
    def full(self) -> bool:
        """Whether it has as many tasks in hand as it should."""

    @property
    def busy(self) -> bool:
        """Whether it has any task in hand."""

    def give(self, task: T) -> None:
        """Give out a task."""

    def done(self) -> list[tuple[T, R]]:
        """Wait until a task is done; return those that are."""


def sweep(
    tasks: Iterable[T], key: Callable[[T], str], crew: Crew[T, E], store: Store, entity: type[E]
) -> Iterator[tuple[T, E]]:
    """Yield every task with its result, in any order; a task whose result is kept is not given out.

    The caller may stop at any time; memory does not grow with the number of tasks.

    Parameters
    ----------
    tasks
        What to do, read as it goes.
    key
        Fingerprint of all that the result of a task depends on.
    crew
        Who works.
    store
        Where results are kept.
    entity
        What a result is.

    Raises
    ------
    DataError
        When the store fails, or workers die again and again.
    """
    for task in tasks:
        kept = store.get(key(task))
        if kept is not None:
            yield task, _read(kept, store, entity)
            continue
        while crew.full:
            yield from _taken(key, crew, store)
        crew.give(task)
    while crew.busy:
        yield from _taken(key, crew, store)


def _taken(key: Callable[[T], str], crew: Crew[T, E], store: Store) -> Iterator[tuple[T, E]]:
    for task, result in crew.done():
        store.put(key(task), result.model_dump_json())
        yield task, result


def _read(content: str, store: Store, entity: type[E]) -> E:
    try:
        return entity.model_validate_json(content)
    except ValidationError as error:
        raise store.damaged() from error


class Here(Generic[S, T, R]):
    """The process that asks, one task at a time; a `Crew`.

    Parameters
    ----------
    shared
        What every task needs.
    work
        Does a task.
    """

    def __init__(self, shared: S, work: Callable[[S, T], R]) -> None:
        self._shared, self._work = shared, work
        self._tasks: deque[T] = deque()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Forget the tasks left."""
        self._tasks.clear()

    @property
    def full(self) -> bool:
        """Whether there is a task."""
        return bool(self._tasks)

    busy = full

    def give(self, task: T) -> None:
        """Give a task."""
        self._tasks.append(task)

    def done(self) -> list[tuple[T, R]]:
        """Do the task."""
        task = self._tasks.popleft()
        return [(task, self._work(self._shared, task))]


class Workers(Generic[T]):
    """Several workers and the tasks in their hands: the part that the processes of a machine and a cluster share."""

    _workers: int
    _given: dict[Any, T]

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    @property
    def full(self) -> bool:
        """Whether every worker has enough."""
        return len(self._given) >= IN_HAND * self._workers

    @property
    def busy(self) -> bool:
        """Whether a task is in hand."""
        return bool(self._given)


class Processes(Workers[T], Generic[S, T, R]):
    """Worker processes of this machine; a `Crew`. Use as a context, which ends them at once.

    Parameters
    ----------
    shared
        What every task needs, sent once to each worker.
    work
        Does a task; a function of a module.
    workers
        How many processes.
    """

    def __init__(self, shared: S, work: Callable[[S, T], R], workers: int) -> None:
        self._shared, self._work, self._workers = shared, work, workers
        self._given: dict[Future[R], T] = {}
        self._losses = 0
        self._pool = self._begin()

    def _begin(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._workers, get_context("spawn"), _prepare, (self._shared, self._work))

    def __exit__(self, *_: object) -> None:
        """End the workers, whatever they are doing."""
        self._given.clear()
        self._end()

    def _end(self) -> None:
        processes = list((self._pool._processes or {}).values())  # noqa: SLF001  # `kill_workers` comes with Python 3.14
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()
        for process in processes:
            process.join()

    def give(self, task: T) -> None:
        """Give a task out."""
        try:
            self._given[self._pool.submit(_work, task)] = task
        except BrokenProcessPool:
            self._replace([task])

    def done(self) -> list[tuple[T, R]]:
        """Wait for a task, those of a dead worker given out again.

        Raises
        ------
        DataError
            When workers die again and again.
        """
        while True:
            finished = wait(self._given, return_when=FIRST_COMPLETED).done
            results = [(self._given[future], future.result()) for future in finished if not _lost(future)]
            for future in finished:
                if not _lost(future):
                    del self._given[future]
            if results:
                self._losses = 0
                return results
            self._replace([])

    def _replace(self, tasks: list[T]) -> None:
        """Begin again with new workers and the tasks in hand."""
        self._losses += 1
        if self._losses > LOSSES:
            raise DataError([lost_finding(self._losses)])
        tasks = [*(task for future, task in self._given.items()), *tasks]
        self._given.clear()
        self._end()
        self._pool = self._begin()
        for task in tasks:
            self.give(task)


def lost_finding(count: int) -> Finding:
    """Return the fault of workers that die again and again."""
    expected = msg("workers that stay alive; {count} died one after another, often for lack of memory", count=count)
    mend = msg("run the same command again with fewer --workers: what is done is kept")
    return Finding("atlas", "--workers", None, expected, mend, "workers_lost")


def _lost(future: Future[Any]) -> bool:
    return isinstance(future.exception(), BrokenProcessPool)


_mine: list[Any] = []
"""In a worker process: what is shared, and the function that works."""


def _prepare(shared: Any, work: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends its workers
    _mine[:] = [shared, work]
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Leave when the parent is gone, killed perhaps: nobody would take the results."""
    parent = parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


def _work(task: Any) -> Any:
    shared, work = _mine
    return work(shared, task)
