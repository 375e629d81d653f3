"""The same tasks on a Dask cluster: every worker must run the same version, and a lost worker's tasks are done by the others."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from transfer_planner.errors import DataError, Finding, require
from transfer_planner.i18n import msg
from transfer_planner.stress.fingerprints import code_sha256, software
from transfer_planner.stress.sweep import Workers

if TYPE_CHECKING:
    from collections.abc import Callable

    from transfer_planner.i18n import Message

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R")
TIMEOUT_S = 10
"""How long a scheduler may take to answer."""


class Cluster(Workers[T], Generic[S, T, R]):
    """The workers of a Dask scheduler; a `Crew`. Use as a context.

    Parameters
    ----------
    shared
        What every task needs, sent once to each worker.
    work
        Does a task; a function of a module.
    address
        Of the scheduler, such as `tcp://host:8786`.

    Raises
    ------
    DataError
        When nobody answers there, no worker is at work, or one runs another version.
    MissingDependencyError
        When Dask is not installed.
    """

    def __init__(self, shared: S, work: Callable[[S, T], R], address: str) -> None:
        distributed = require("distributed", extra="cluster")
        for name in ("distributed", "distributed.client"):  # what goes wrong is said here, without a traceback
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._address, self._work = address, work
        try:
            asyncio.run(_greet(distributed, address))
            self._client = distributed.Client(address, timeout=TIMEOUT_S, set_as_default=False)
        except (OSError, ValueError, MemoryError) as error:  # the last one: another kind of server, read as sizes
            expected = msg("the address of a Dask scheduler that answers, such as tcp://host:8786")
            raise self._fault(expected, msg("start `dask scheduler`, and look at its address"), "scheduler") from error
        self._done = distributed.as_completed(loop=self._client.loop)
        self._killed: type[Exception] = distributed.scheduler.KilledWorker
        self._given = {}
        self._number = 0
        try:
            self._workers = self._check()
            self._shared = self._client.scatter(shared, broadcast=True)
        except BaseException:
            self._client.close()
            raise

    def _check(self) -> int:
        """Refuse workers of another version; return how many threads work."""
        threads: dict[str, int] = self._client.nthreads()
        if not threads:
            raise self._fault(msg("a scheduler with workers"), msg("start `dask worker` beside it"), "no_worker")
        found = self._client.run(_version, on_error="return")
        others = sorted({str(one) for one in found.values() if one != _version()})
        if others:
            mine = msg("workers with the same software: {mine}", mine=software())
            mend = msg("install the same version of everything on the workers and here, then run again")
            theirs = "; ".join(one.partition(" ")[2] or one for one in others)
            raise DataError([Finding(self._address, "--scheduler", theirs, mine, mend, "other_version")])
        return sum(threads.values())

    def __exit__(self, *_: object) -> None:
        """Take the tasks left back from the workers."""
        self._client.cancel(list(self._given), force=True)
        self._given.clear()
        self._client.close()

    def give(self, task: T) -> None:
        """Give a task out."""
        self._number += 1
        future = self._client.submit(
            _worked, self._work, self._shared, task, _version(), key=f"transfer-planner-{self._number}", pure=False
        )
        self._given[future] = task
        self._done.add(future)

    def done(self) -> list[tuple[T, R]]:
        """Wait for a task.

        Raises
        ------
        DataError
            When workers die again and again with a task in hand, or one of another version has joined.
        """
        future = next(self._done)
        task = self._given.pop(future)
        again = msg("run the same command again: what is done is kept")
        try:
            return [(task, future.result())]
        except self._killed as error:
            raise self._fault(msg("workers that stay alive"), again, "workers_lost") from error
        except CancelledError as error:
            raise self._fault(msg("a scheduler that stays alive"), again, "scheduler_lost") from error
        except OtherVersionError as error:
            raise self._fault(
                msg("workers with the same software: {mine}", mine=software()), again, "other_version"
            ) from error

    def _fault(self, expected: Message, mend: Message, code: str) -> DataError:
        return DataError([Finding(self._address, "--scheduler", self._address, expected, mend, code)])


async def _greet(distributed: Any, address: str) -> None:
    """Ask a scheduler who it is: a client that never connects would keep the program from ending."""
    async with distributed.core.rpc(address, timeout=TIMEOUT_S) as scheduler:
        await asyncio.wait_for(scheduler.identity(), TIMEOUT_S)


class OtherVersionError(Exception):
    """A worker that joined later runs another version."""


def _version() -> str:
    return f"{code_sha256()} {software()}"


def _worked(work: Callable[[Any, Any], Any], shared: Any, task: Any, wanted: str) -> Any:
    if _version() != wanted:
        raise OtherVersionError(_version())
    return work(shared, task)
