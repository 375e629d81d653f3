"""Who works: this process, all its cores, or a cluster."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar

from transfer_planner.stress.sweep import Here, Processes

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from transfer_planner.stress.sweep import Crew

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R")


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def crew(
    shared: S, work: Callable[[S, T], R], *, workers: int | None = None, scheduler: str | None = None
) -> AbstractContextManager[Crew[T, R]]:
    """Return who works, as a context.

    Parameters
    ----------
    shared
        What every task needs.
    work
        Does a task; a function of a module.
    workers
        Processes of this machine, one for each core by default; 1 works in this one.
    scheduler
        Address of a Dask scheduler, which stands over `workers`.

    Raises
    ------
    DataError
        When the scheduler cannot be used.
    """
    if scheduler is not None:
        from transfer_planner.stress.cluster import Cluster

        return Cluster[S, T, R](shared, work, scheduler)
    count = cores() if workers is None else workers
    made: Any = Here(shared, work) if count == 1 else Processes(shared, work, count)
    return made  # type: ignore[no-any-return]
