"""What the tests of the Monte-Carlo share: a sampler of a small crisis, and runs written by hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.planning.cases import make_case
from transfer_planner.domain.atlas import RankTally, TierOutcome
from transfer_planner.domain.plan import TIERS
from transfer_planner.domain.stress import SOURCES, Draw, Run, Source
from transfer_planner.io.case import read_case
from transfer_planner.planning.instance import located
from transfer_planner.stress.monte_carlo import read_assumptions
from transfer_planner.stress.samplers import Sampler

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
