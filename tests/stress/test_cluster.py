"""The same tasks on a real scheduler and workers of their own: same results, a worker killed, others refused."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.stress.regions import centre, region
from tests.stress.tasks import Square, slowly, square
from transfer_planner.domain.plan import InputFile
from transfer_planner.domain.scenario import PARIS
from transfer_planner.errors import DataError
from transfer_planner.stress.atlas import make_atlas, work
from transfer_planner.stress.crews import crew
from transfer_planner.stress.inputs import AtlasInputs
from transfer_planner.stress.store import Store
from transfer_planner.stress.sweep import Here, sweep

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.cluster, pytest.mark.filterwarnings("default")]
ROOT = Path(__file__).resolve().parents[2]
HERE = {"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}


@contextmanager
def process(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Start a part of Dask, end it at the end."""
    command = [sys.executable, "-m", *arguments, "--no-dashboard"]
    started = subprocess.Popen(command, env={**os.environ, **HERE, **environment}, stderr=subprocess.PIPE, text=True)
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


@pytest.fixture
def scheduler() -> Iterator[str]:
    """Return the address of a scheduler without workers."""
    with process("distributed.cli.dask_scheduler", "--port", "0", "--host", "127.0.0.1") as started:
        assert started.stderr is not None
        line = next(line for line in started.stderr if "Scheduler at" in line)
        yield line.split()[-1]


@contextmanager
def workers(scheduler: str, count: int, **environment: str) -> Iterator[list[subprocess.Popen[str]]]:
    """Start workers of one thread, and wait until they are known."""
    from contextlib import ExitStack

    from distributed import Client

    with ExitStack() as stack:
        arguments = ("distributed.cli.dask_worker", scheduler, "--nthreads", "1", "--no-nanny")
        started = [stack.enter_context(process(*arguments, **environment)) for _ in range(count)]
        with Client(scheduler, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=120)
        yield started


def refusal(*arguments: Any, **more: Any) -> str:
    with pytest.raises(DataError) as caught, crew(*arguments, **more):
        pass
    return caught.value.findings[0].code


def figures(atlas: Any) -> Any:
    content = atlas.model_dump()
    for outcome in content["outcomes"]:
        del outcome["wall_s"]
    return content


def test_a_cluster_makes_the_same_atlas(scheduler: str, tmp_path: Path) -> None:
    """Two workers in processes of their own and this process agree on every figure."""
    place = region(centre("alpha"), centre("beta"), centre("gamma"))
    atlases = []
    with workers(scheduler, 2):
        for address in (None, scheduler):
            with (
                Store(tmp_path / f"store-{len(atlases)}") as store,
                crew(place, work, workers=1, scheduler=address) as workforce,
            ):
                atlases.append(
                    make_atlas(
                        AtlasInputs(place, InputFile(path="centres.yaml", sha256="0"), ()),
                        seeds=(0,),
                        pairs=True,
                        crew=workforce,
                        store=store,
                        step=lambda *_: None,
                        created_at=datetime(2026, 1, 5, tzinfo=PARIS),
                    )
                )
    assert figures(atlases[0]) == figures(atlases[1])


def test_a_killed_worker_costs_no_result(scheduler: str, tmp_path: Path) -> None:
    """One of two workers is killed in the middle: the other does its tasks."""
    with Here(0.0, slowly) as alone, Store(tmp_path / "alone") as store:
        expected = dict(sweep(range(20), str, alone, store, Square))
    with (
        workers(scheduler, 2) as started,
        crew(0.2, slowly, scheduler=scheduler) as workforce,
        Store(tmp_path / "store") as store,
    ):
        found = {}
        for task, result in sweep(range(20), str, workforce, store, Square):
            found[task] = result
            if len(found) == 5:
                started[0].kill()
    assert found == expected


def test_a_lost_scheduler_is_told_and_what_was_done_is_kept(tmp_path: Path) -> None:
    """The run ends with a message; the results before are in the store."""
    with process("distributed.cli.dask_scheduler", "--port", "0", "--host", "127.0.0.1") as started:
        assert started.stderr is not None
        address = next(line for line in started.stderr if "Scheduler at" in line).split()[-1]
        with (
            workers(address, 1),
            Store(tmp_path / "store") as store,
            crew(0.2, slowly, scheduler=address) as workforce,
        ):
            results = sweep(range(20), str, workforce, store, Square)
            next(results)
            started.kill()
            with pytest.raises(DataError) as caught:
                list(results)
            assert caught.value.findings[0].code == "scheduler_lost"
            assert store.get("0") is not None


def test_schedulers_and_workers_that_cannot_serve_are_refused(scheduler: str, tmp_path: Path) -> None:
    """Nobody at the address, an address that is none, a scheduler without workers, a worker with other software."""
    assert refusal(0, square, scheduler="nonsense::") == "scheduler"
    assert refusal(0, square, scheduler="tcp://127.0.0.1:1") == "scheduler"
    assert refusal(0, square, scheduler=scheduler) == "no_worker"
    other = tmp_path / "transfer_planner"
    subprocess.run(["cp", "-r", str(ROOT / "transfer_planner"), str(other)], check=True)
    (other / "stress" / "settings.py").write_text(
        (other / "stress" / "settings.py").read_text("utf-8") + "\n# another version\n", "utf-8"
    )
    with workers(scheduler, 1, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}"):
        assert refusal(0, square, scheduler=scheduler) == "other_version"
