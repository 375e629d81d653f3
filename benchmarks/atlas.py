"""How long the contingencies of an atlas take, and what more workers gain.

    python -m benchmarks.atlas --overlay scenarios/overlays/fictitious_equipment.yaml --workers 1 2
    python -m benchmarks.atlas --centres nation/nation.yaml --roster nation/rosters --day-zero 2026-03-10 --kinds centre pair --sample 20

Every line sweeps the same contingencies with a store of its own, so that nothing is taken over; workers start within the time.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.domain.atlas import Outcome
from transfer_planner.stress.contingencies import contingencies, longest_first
from transfer_planner.stress.crews import cores, crew
from transfer_planner.stress.evaluate import evaluate
from transfer_planner.stress.inputs import read_inputs
from transfer_planner.stress.region import Task
from transfer_planner.stress.store import Store
from transfer_planner.stress.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_planner.stress.region import Region

KINDS = ("centre", "domain", "group", "software", "pair")
MIB = 2**20 if sys.platform == "darwin" else 2**10
"""What `getrusage` counts memory in, per MiB."""


def tasks(region: Region, kinds: Sequence[str], sample: int | None, seeds: int) -> list[Task]:
    """Return the tasks of the contingencies of some kinds, the largest first; of each kind a sample if asked for."""
    rng = np.random.default_rng(0)
    found = []
    for kind in kinds:
        every = [one for one in contingencies(region.network, pairs="pair" in kinds) if one.kind == kind]
        kept = range(len(every)) if sample is None else rng.permutation(len(every))[:sample]
        found += [every[int(number)] for number in kept]
    return [Task(one, seed) for one in longest_first(region.network, found) for seed in range(seeds)]


def swept(region: Region, todo: Sequence[Task], workers: int) -> tuple[float, list[Outcome]]:
    """Return the seconds that a sweep takes, and its outcomes."""
    with TemporaryDirectory() as folder, Store(Path(folder) / "store") as store:
        started = time.monotonic()
        with crew(region, evaluate, workers=workers) as workforce:
            outcomes = [outcome for _, outcome in sweep(todo, lambda task: task.key(region), workforce, store, Outcome)]
        return time.monotonic() - started, outcomes


def row(workers: int, seconds: float, outcomes: Sequence[Outcome], alone: float | None) -> str:
    """Return a line of the table."""
    planned = [one for one in outcomes if one.status == "planned"]
    patients = np.mean([one.patients or 0 for one in planned])
    precise = sum(one.precise for one in planned) / len(planned)
    gain = "" if alone is None else f"{alone / seconds:.2f}"
    memory = resource.getrusage(resource.RUSAGE_CHILDREN if workers > 1 else resource.RUSAGE_SELF).ru_maxrss / MIB
    longest = max(one.wall_s for one in outcomes)
    cells = (
        workers,
        len(outcomes),
        f"{patients:.0f}",
        f"{seconds:.1f}",
        f"{longest:.1f}",
        f"{precise:.0%}",
        f"{memory:.0f}",
        gain,
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def arguments() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--centres", type=Path, default=Path("centres.yaml"))
    parser.add_argument("--overlay", type=Path, action="append", default=[])
    parser.add_argument("--roster", action="append", default=[])
    parser.add_argument("--day-zero", type=date.fromisoformat, help="of the rosters")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=["centre", "domain", "group"])
    parser.add_argument("--sample", type=int, help="contingencies of each kind, all of them by default")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--workers", type=int, nargs="+", default=[cores()])
    return parser.parse_args()


def main() -> None:
    """Print a table."""
    given = arguments()
    region = read_inputs(given.centres, given.overlay, rosters=given.roster, day_zero=given.day_zero).region
    todo = tasks(region, given.kinds, given.sample, given.seeds)
    print("| workers | tasks | patients each | s | longest, s | precise | largest worker, MiB | gain |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|")
    alone: float | None = None
    for workers in given.workers:
        seconds, outcomes = swept(region, todo, workers)
        print(row(workers, seconds, outcomes, alone), flush=True)
        alone = seconds if alone is None else alone


if __name__ == "__main__":
    main()
