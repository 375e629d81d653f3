"""What the tests of the Monte-Carlo share: a sampler of a small crisis, and runs written by hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.planning.cases import make_case
from transfer_planner.domain.atlas import RankTally, TierOutcome
from transfer_planner.domain.plan import TIERS
from transfer_planner.domain.stress import SOURCES, Draw, Run, Source, Stress
from transfer_planner.io.case import read_case
from transfer_planner.planning.instance import located
from transfer_planner.stress.monte_carlo import Asked, Shared, Task, read_assumptions, stress, work
from transfer_planner.stress.samplers import Sampler
from transfer_planner.stress.store import Store
from transfer_planner.stress.sweep import Here

if TYPE_CHECKING:
    from collections.abc import Iterable


ROOT = Path(__file__).resolve().parents[2]


@cache
def lens():
    """Return the smallest scenario of the region."""
    return located(read_case(ROOT / "scenarios" / "lens.yaml", ROOT / "centres.yaml"))


def sampler(vary: Iterable[Source] = SOURCES, seed: int = 0, **more: Any) -> Sampler:
    """Return the sampler of the tiny crisis of three centres."""
    given = {"case": make_case(), "assumptions": read_assumptions(), "roster": "bootstrap"} | more
    return Sampler(vary=frozenset(vary), seed=seed, **given)


def run(batch: int, index: int, over: int, levels: dict[Source, int] | None = None, **drawn: Any) -> Run:
    """Return a run of ten patients of rank 3, so many of them beyond tolerance by a day."""
    draw = Draw(batch=batch, index=index, levels=levels or {}, **drawn)
    rank = RankTally(
        rank=3, patients=10, within=10 - over, over=over, waiting=0, waiting_over=0, excess_tenths=10 * over
    )
    values = (0, 0, 10 * over, 0, 0, 1000)
    tiers = tuple(TierOutcome(id=t, value=v, bound=v, met=True) for t, v in zip(TIERS, values, strict=True))
    return Run(draw=draw, status="planned", patients=10, ranks=(rank,), tiers=tiers, precise=True)


def told(_shared: Shared, task: Task) -> Run:
    """Return a run that depends on its draw alone, at once."""
    one = run(task.draw.batch, task.draw.index, (7 * task.draw.batch + 3 * task.draw.index) % 10)
    return one.model_copy(update={"draw": task.draw})


def silent(*_: object) -> None:
    """Take progress without a word."""


def made(
    folder: Path, shared: Shared, runs: int, until: float | None = None, worst: int = 0, crew: Any = None
) -> Stress:
    """Make a Monte-Carlo in this process."""
    with Store(folder / "runs.store") as store:
        return stress(shared, Asked(runs, until, worst), crew or Here(shared, work), store, silent)
