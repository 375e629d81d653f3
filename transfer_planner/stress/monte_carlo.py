"""A Monte-Carlo over a scenario: every run is planned at sweep precision, until the interval is narrow enough; the worst are planned again."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from importlib import resources
from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple

import yaml

from transfer_planner.domain.atlas import TierOutcome
from transfer_planner.domain.plan import Software
from transfer_planner.domain.scenario import PARIS
from transfer_planner.domain.stress import SOURCES, Assumptions, Draw, Run, Stress, WorstCase
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import LANGUAGES, Message, msg
from transfer_planner.io.findings import validate
from transfer_planner.io.yaml_documents import read_document
from transfer_planner.planning.plan import make_plan
from transfer_planner.problem.dossiers import Dossiers
from transfer_planner.stress.evaluate import ranks_of, solve_roughly, travel_of
from transfer_planner.stress.fingerprints import code_sha256, digest
from transfer_planner.stress.monte_carlo_case import drawn_case
from transfer_planner.stress.monte_carlo_statistics import Sample, narrow
from transfer_planner.stress.monte_carlo_words import assumed
from transfer_planner.stress.samplers import BATCH, Sampler
from transfer_planner.stress.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from transfer_planner.domain.case import Case
    from transfer_planner.stress.store import Store
    from transfer_planner.stress.sweep import Crew

Told = Callable[[Message, int, int], None]
"""Told the stage, how many of its runs are done, and how many there are."""
RUNS, AGAIN = msg("Runs"), msg("Worst cases, planned again")


class Task(NamedTuple):
    """A run to plan: at sweep precision, or again in full."""

    draw: Draw
    again: bool = False


@dataclass(frozen=True)
class Shared:
    """What every run needs.

    Parameters
    ----------
    sampler
        Draws the runs; the patients of its case are located.
    time_limit_s, deterministic
        For the worst cases, planned again as `plan` does.
    """

    sampler: Sampler
    time_limit_s: float = 14.0
    deterministic: bool = False

    @cached_property
    def fingerprint(self) -> str:
        """Fingerprint of all that the runs depend on beside their draws."""
        inputs, sampler = self.sampler.case.inputs, self.sampler
        files = (inputs.centres, inputs.scenario, inputs.roster, *inputs.overlays, inputs.travel_matrix)
        return digest(
            code_sha256(),
            *(file.sha256 if file else "" for file in files),
            inputs.policy_sha256,
            f"{sampler.seed} {sampler.roster} {sampler.stratified}",
        )

    @cached_property
    def dossiers(self) -> Dossiers:
        """What is known of the patients, worked out once in each process."""
        return Dossiers(self.sampler.case)

    def key(self, task: Task) -> str:
        """Return the fingerprint of a run."""
        precision = f"{self.time_limit_s} {self.deterministic}" if task.again else "sweep"
        return digest(self.fingerprint, precision, task.draw.model_dump_json())


@dataclass(frozen=True)
class Asked:
    """What is asked of a Monte-Carlo.

    Parameters
    ----------
    runs
        Runs at most; whole batches are made.
    until
        Half-width of the 95 % interval of the mean number of patients beyond tolerance at which to stop; None: never.
    worst
        Worst cases to plan again and keep.
    """

    runs: int
    until: float | None
    worst: int

    @property
    def batches(self) -> int:
        """Batches at most."""
        return math.ceil(self.runs / BATCH)


def read_assumptions(path: Path | None = None) -> Assumptions:
    """Return the packaged distributions, or those of a file.

    Raises
    ------
    DataError
        With every finding of the file.
    """
    if path is None:
        text = (resources.files("transfer_planner") / "data" / "stress.yaml").read_text(encoding="utf-8")
        return Assumptions.model_validate(yaml.safe_load(text))
    document = read_document(path)
    made, findings = validate(Assumptions, document.root)
    if made is not None and not made.staff.low <= made.staff.likely <= made.staff.high:
        findings.append(document.root.finding(("staff",), msg("low ≤ likely ≤ high"), code="staff_order"))
    if made is None or findings:
        raise DataError(findings)
    return made


def work(shared: Shared, task: Task) -> Run:
    """Plan a run."""
    case = drawn_case(shared.sampler, task.draw)
    try:
        return _planned_again(shared, task.draw, case) if task.again else _planned(shared, task.draw, case)
    except DataError as error:
        finding = error.findings[0]
        words = msg("{value}: expected {expected}", value=finding.value, expected=finding.expected)
        return _failed(task.draw, words)


def _planned(shared: Shared, draw: Draw, case: Case) -> Run:
    solved = solve_roughly(case, shared.dossiers)
    if solved is None:
        return _failed(draw, msg("no plan was found"))
    return Run(
        draw=draw,
        status="planned",
        patients=len(solved.placed),
        ranks=ranks_of(solved.placed),
        tiers=solved.tiers,
        precise=solved.precise,
        travel=travel_of(solved.placed),
    )


def _planned_again(shared: Shared, draw: Draw, case: Case) -> Run:
    """Plan as `plan` does; the tiers alone are told, met when proven."""
    plan = make_plan(
        case, time_limit_s=shared.time_limit_s, seed=shared.sampler.seed, deterministic=shared.deterministic
    )
    tiers = tuple(TierOutcome(id=t.id, value=t.value, bound=t.bound, met=t.proven) for t in plan.tiers)
    return Run(draw=draw, status="planned", patients=len(plan.decisions), tiers=tiers)


def _failed(draw: Draw, why: Message) -> Run:
    return Run(draw=draw, status="failed", message={lang: why.text(lang) for lang in LANGUAGES})


def stress(shared: Shared, asked: Asked, crew: Crew[Task, Run], store: Store, told: Told) -> Stress:
    """Draw and plan runs until they are enough; the same seed gives the same runs, however they are shared out and resumed.

    Parameters
    ----------
    shared
        What every run needs.
    asked
        How many runs, or how narrow an interval.
    crew
        Who plans: `work` with `shared`.
    store
        Keeps each run at once.
    told
        Told how far it is.

    Raises
    ------
    DataError
        When no run can be planned.
    """
    runs = _runs(shared, asked, crew, store, told)
    planned = [run for run in runs if run.status == "planned"]
    if not planned:
        raise DataError([_nothing_planned(shared, runs[0])])
    sample = Sample(runs)
    sampler, case = shared.sampler, shared.sampler.case
    return Stress(
        software=Software(version=version("transfer-planner")),
        created_at=datetime.now(PARIS).replace(microsecond=0),
        inputs=case.inputs,
        scenario_id=case.scenario.id,
        title={"fr": case.scenario.title.fr, "en": case.scenario.title.en},
        exercise=case.scenario.exercise,
        fictitious=case.network.fictitious,
        seed=sampler.seed,
        vary=tuple(source for source in SOURCES if source in sampler.vary),
        roster=sampler.roster,
        outage_days=case.scenario.outage_days,
        outage_weights=case.policy.outage_weights,
        data_delays=case.policy.data_delays,
        assumptions=sampler.assumptions,
        assumed={lang: assumed(sampler, lang) for lang in LANGUAGES},
        runs_asked=asked.runs,
        until=asked.until,
        stopped="precise" if narrow(runs, asked.until) else "all runs",
        failed=len(runs) - len(planned),
        imprecise=sum(not run.precise for run in planned),
        spreads=sample.spreads(),
        plain_runs=sample.plain_runs(),
        convergence=sample.convergence(),
        shares=sample.shares(),
        conditionals=sample.conditionals(),
        worst=_worst(planned, shared, asked.worst, crew, store, told),
        runs=tuple(runs),
    )


def _runs(shared: Shared, asked: Asked, crew: Crew[Task, Run], store: Store, told: Told) -> list[Run]:
    """Plan batch after batch; runs come back in any order, and only whole batches from the first on decide when to stop."""
    batches: list[list[Run]] = [[] for _ in range(asked.batches)]
    whole = 0
    results = sweep(_tasks(shared.sampler, asked.batches), shared.key, crew, store, Run)
    for done, (task, run) in enumerate(results, 1):
        batches[task.draw.batch].append(run)
        told(RUNS, done, asked.batches * BATCH)
        while whole < asked.batches and len(batches[whole]) == BATCH:
            batches[whole].sort(key=lambda run: run.draw.index)
            whole += 1
            kept = [run for batch in batches[:whole] for run in batch]
            if narrow(kept, asked.until):
                return kept
    return [run for batch in batches for run in batch]


def _tasks(sampler: Sampler, batches: int) -> Iterator[Task]:
    for number in range(batches):
        yield from map(Task, sampler.batch(number))


def _worst(
    planned: list[Run], shared: Shared, count: int, crew: Crew[Task, Run], store: Store, told: Told
) -> tuple[WorstCase, ...]:
    """Return the worst runs in the order of the tiers, planned again in full."""
    worst = sorted(planned, key=lambda run: tuple(tier.value for tier in run.tiers), reverse=True)[:count]
    again: dict[tuple[int, int], Run] = {}
    for task, run in sweep([Task(run.draw, again=True) for run in worst], shared.key, crew, store, Run):
        if task.again:  # a run still in hand when the others were precise enough may come back here
            again[task.draw.batch, task.draw.index] = run
            told(AGAIN, len(again), len(worst))
    return tuple(
        WorstCase(
            folder=f"worst/{place}",
            batch=run.draw.batch,
            index=run.draw.index,
            swept=run.tiers,
            planned=again[run.draw.batch, run.draw.index].tiers,
        )
        for place, run in enumerate(worst, 1)
    )


def _nothing_planned(shared: Shared, run: Run) -> Finding:
    why = (run.message or {}).get("en", "")
    expected = msg("a scenario of which at least one run can be planned ({reason})", reason=why)
    return Finding(shared.sampler.case.inputs.scenario.path, "", None, expected, code="nothing_planned")
