"""The atlas: every contingency swept, then what to do about it, each advice proven by solving again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from transfer_planner.domain.atlas import (
    Atlas,
    Findings,
    Outcome,
    Parameters,
    Proof,
    RosterSource,
    UnabsorbableCentre,
)
from transfer_planner.domain.plan import Software
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import Message, msg
from transfer_planner.io.reference import policy_sha256
from transfer_planner.stress.binding import CAUSES
from transfer_planner.stress.contingencies import contingencies, longest_first
from transfer_planner.stress.evaluate import evaluate
from transfer_planner.stress.findings import Pairs, interval, isolated, single_points, some_interval, summary
from transfer_planner.stress.fingerprints import digest, network_text
from transfer_planner.stress.measures import CLINICAL, Cure, CureTask, cure, prices_of
from transfer_planner.stress.region import Changes, Task
from transfer_planner.stress.settings import read_settings
from transfer_planner.stress.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from transfer_planner.domain.atlas import Cause, Contingency, ContingencySummary, Interval
    from transfer_planner.stress.findings import Pair
    from transfer_planner.stress.inputs import AtlasInputs
    from transfer_planner.stress.region import Region
    from transfer_planner.stress.store import Store
    from transfer_planner.stress.sweep import Crew

E = TypeVar("E", Outcome, Cure)
T = TypeVar("T", Task, CureTask)
AnyTask = Task | CureTask
Step = Callable[[Message, int, int], None]
"""Told what is being done, how many tasks are done, and how many there are."""
MOST_PROVEN = 10
"""Conventions and matchings proven by solving again: those that weigh most."""


class Swept(NamedTuple):
    """What a sweep of the region found.

    Parameters
    ----------
    contingencies, outcomes, summaries
        In the same order; outcomes by seed within each contingency.
    findings
        What to do about it.
    """

    contingencies: tuple[Contingency, ...]
    outcomes: tuple[Outcome, ...]
    summaries: tuple[ContingencySummary, ...]
    findings: Findings


def work(region: Region, task: AnyTask) -> Outcome | Cure:
    """Do a task of an atlas: the function of its workers."""
    if isinstance(task, CureTask):
        return cure(region, task, key_of(region, task))
    return evaluate(region, task)


def key_of(region: Region, task: AnyTask) -> str:
    """Return the fingerprint of all that the result of a task depends on."""
    if isinstance(task, CureTask):
        return digest("cure", Task(task.contingency, task.seed).key(region), repr(task.prices))
    return task.key(region)


@dataclass(frozen=True)
class Sweeper:
    """Sweeps a region.

    Parameters
    ----------
    region
        The region.
    seeds
        Seeds of the rosters.
    parameters
        What is supposed.
    crew, store
        Who works, and where results are kept.
    step
        Told the progress of each stage.
    """

    region: Region
    seeds: tuple[int, ...]
    parameters: Parameters
    crew: Crew[AnyTask, Outcome | Cure]
    store: Store
    step: Step

    def everything(self) -> Swept:
        """Sweep every contingency, then look for what to do about it.

        Raises
        ------
        DataError
            When the store or the workers fail; what is done is kept.
        """
        every = contingencies(self.region.network, pairs=self.parameters.pairs)
        outcomes = self._outcomes(every)
        pairs = Pairs()
        for group in outcomes.values():
            for outcome in group:
                pairs.add(outcome)
        alone = [one for one in every if one.kind == "centre"]
        by_id = {one.id: one for one in every}
        signed = {
            pair: Task(by_id[where.contingency_id], where.seed, Changes(conventions=(pair,)))
            for pair, where in pairs.conventions_first(MOST_PROVEN)
        }
        matched = {
            pair: Task(by_id[where.contingency_id], where.seed, Changes(matches=(pair,)))
            for pair, where in pairs.matches_first(MOST_PROVEN)
        }
        return Swept(
            every,
            tuple(outcome for group in outcomes.values() for outcome in group),
            tuple(summary(name, group) for name, group in outcomes.items()),
            Findings(
                conventions=pairs.conventions(self._proofs(signed, outcomes)),
                matches=pairs.matches(self.region.network, self._proofs(matched, outcomes)),
                unabsorbable=self._unabsorbable(alone, outcomes),
                single_points=single_points(
                    self.region.network, {one.centre_ids[0]: outcomes[one.id] for one in alone}
                ),
                isolated=isolated(self.region, self.parameters.isolation),
            ),
        )

    def _outcomes(self, every: Sequence[Contingency]) -> dict[str, list[Outcome]]:
        """Return the outcomes of every contingency by seed, in the order of the contingencies."""
        found: dict[str, dict[int, Outcome]] = {one.id: {} for one in every}
        tasks = [Task(one, seed) for one in longest_first(self.region.network, every) for seed in self.seeds]
        for _, outcome in self._done(msg("Contingencies solved"), tasks, Outcome):
            found[outcome.contingency_id][outcome.seed] = outcome
        return {name: [group[seed] for seed in sorted(group)] for name, group in found.items()}

    def _proofs(self, wanted: Mapping[Pair, Task], outcomes: Mapping[str, Sequence[Outcome]]) -> dict[Pair, Proof]:
        """Solve again with each convention or matching, where it weighs most."""
        done = dict(self._done(msg("Conventions and matchings solved again"), list(wanted.values()), Outcome))
        before = {
            pair: next(one for one in outcomes[task.contingency.id] if one.seed == task.seed)
            for pair, task in wanted.items()
        }
        proofs = {pair: _proof(before[pair], done[task]) for pair, task in wanted.items()}
        return {pair: proof for pair, proof in proofs.items() if proof is not None}

    def _unabsorbable(
        self, alone: Sequence[Contingency], outcomes: Mapping[str, Sequence[Outcome]]
    ) -> tuple[UnabsorbableCentre, ...]:
        """Return the centres whose loss leaves ranks 1 to 3 beyond tolerance, with the measures that mend it, proven seed by seed."""
        lost = {one.id: [outcome.seed for outcome in outcomes[one.id] if _left(outcome)] for one in alone}
        alone = [one for one in alone if lost[one.id]]
        prices = prices_of(self.parameters.measures)
        crowded = {(name, one.seed) for name, group in outcomes.items() for one in group if one.causes.get("capacity")}
        wanted = [CureTask(one, seed, prices) for one in alone for seed in lost[one.id] if (one.id, seed) in crowded]
        cures: dict[str, list[Cure]] = defaultdict(list)
        for task, found in self._done(msg("Measures looked for"), wanted, Cure):
            cures[task.contingency.id].append(found)
        best = {name: max(group, key=lambda one: (one.cost_hours, one.fingerprint)) for name, group in cures.items()}
        again = [
            Task(one, outcome.seed, Changes(measures=best[one.id].measures))
            for one in alone
            for outcome in outcomes[one.id]
            if one.id in best and best[one.id].measures
        ]
        done: dict[str, dict[int, Outcome]] = defaultdict(dict)
        for _, outcome in self._done(msg("Measures solved again"), again, Outcome):
            done[outcome.contingency_id][outcome.seed] = outcome
        rows = [_unabsorbed(one, outcomes[one.id], best.get(one.id), done[one.id]) for one in alone]
        return tuple(sorted(rows, key=lambda row: (-row.excess_days.mean, row.centre_id)))

    def _done(self, stage: Message, tasks: Sequence[T], entity: type[E]) -> Iterator[tuple[T, E]]:
        """Do tasks, tell how far they are, and refuse what another version did."""
        self.step(stage, 0, len(tasks))
        crew = cast("Crew[T, E]", self.crew)  # the worker's function returns this entity for these tasks
        done = sweep(tasks, lambda task: key_of(self.region, task), crew, self.store, entity)
        for count, (task, result) in enumerate(done, 1):
            if result.fingerprint != key_of(self.region, task):
                raise DataError([_other_version()])
            self.step(stage, count, len(tasks))
            yield task, result


def make_atlas(  # everything that makes an atlas
    inputs: AtlasInputs,
    *,
    seeds: tuple[int, ...],
    pairs: bool,
    crew: Crew[AnyTask, Outcome | Cure],
    store: Store,
    step: Step,
    created_at: datetime,
) -> Atlas:
    """Sweep a region and tell all that was found.

    Parameters
    ----------
    inputs
        The region and its files.
    seeds
        Seeds of the synthetic rosters.
    pairs
        Whether any two centres may fall together.
    crew, store
        Who works, its function being `work`, and where results are kept.
    step
        Told the progress of each stage.
    created_at
        Now.

    Raises
    ------
    DataError
        When the store or the workers fail; what is done is kept.
    """
    region, settings = inputs.region, read_settings()
    parameters = Parameters(
        **region.crisis.model_dump(),
        policy_sha256=policy_sha256(region.policy),
        pairs=pairs,
        measures=settings.measures,
        isolation=settings.isolation,
    )
    swept = Sweeper(region, seeds, parameters, crew, store, step).everything()
    return Atlas(
        software=Software(version=version("transfer-planner")),
        created_at=created_at,
        attack_date=region.crisis.attack_at.date(),
        region=region.network.region,
        fictitious=region.network.fictitious,
        network_sha256=digest(network_text(region.network)),
        centres=inputs.centres,
        overlays=inputs.overlays,
        rosters=_rosters(region, swept),
        seeds=seeds,
        parameters=parameters,
        notes=settings.notes,
        contingencies=swept.contingencies,
        outcomes=swept.outcomes,
        summaries=swept.summaries,
        findings=swept.findings,
    )


def _rosters(region: Region, swept: Swept) -> tuple[RosterSource, ...]:
    """Tell where the patients of each centre come from; centres whose loss could not be planned have none."""
    rows: dict[str, list[int]] = defaultdict(list)
    alone = {one.id: one.centre_ids[0] for one in swept.contingencies if one.kind == "centre"}
    for outcome in swept.outcomes:
        if outcome.contingency_id in alone and outcome.patients is not None:
            rows[alone[outcome.contingency_id]].append(outcome.patients + (outcome.not_planned or 0))
    return tuple(
        RosterSource(
            centre_id=centre_id,
            real=centre_id in region.rosters,
            patients=some_interval(counts),
            sha256=region.rosters[centre_id].sha256 if centre_id in region.rosters else None,
        )
        for centre_id, counts in rows.items()
    )


def _other_version() -> Finding:
    expected = msg("results of this version of the software, as it was when the run began")
    mend = msg("run the same command again: what is done is kept")
    return Finding("atlas", "", None, expected, mend, "other_version")


def _proof(before: Outcome, after: Outcome) -> Proof | None:
    """Return what is gained; None when it could not be solved again."""
    if after.status == "failed":
        return None
    return Proof(
        contingency_id=before.contingency_id,
        seed=before.seed,
        before=tuple(tier.value for tier in before.tiers),
        least=tuple(tier.bound for tier in before.tiers),
        after=tuple(tier.value for tier in after.tiers),
    )


def _left(outcome: Outcome) -> int:
    """Return the tenths of a day of T1 to T3."""
    return sum(tier.value for tier in outcome.tiers[:CLINICAL])


def _summed(found: Iterable[Mapping[Cause, int]]) -> dict[Cause, Interval]:
    """Return the patients of each cause over the seeds."""
    counts = list(found)
    named = {cause: [count.get(cause, 0) for count in counts] for cause in CAUSES}
    return {cause: some_interval(values) for cause, values in named.items() if any(values)}


def _unabsorbed(
    contingency: Contingency, outcomes: Sequence[Outcome], best: Cure | None, again: Mapping[int, Outcome]
) -> UnabsorbableCentre:
    """Tell what a loss leaves beyond tolerance, and what measures change of it."""
    planned = [one for one in outcomes if one.status == "planned"]
    lost = [one for one in planned if _left(one)]
    over = [sum(tally.over + tally.waiting_over for tally in one.ranks[:CLINICAL]) for one in planned]
    solved = [_proof(one, again[one.seed]) for one in planned if one.seed in again]
    proofs = tuple(proof for proof in solved if proof is not None)
    after = [sum(proof.after[:CLINICAL]) for proof in proofs] or [_left(one) for one in planned]
    measures = best.measures if best is not None else ()
    return UnabsorbableCentre(
        centre_id=contingency.centre_ids[0],
        seeds=len(lost),
        proven_seeds=sum(any(tier.bound for tier in one.tiers[:CLINICAL]) for one in lost),
        excess_days=some_interval([_left(one) / 10 for one in planned]),
        patients_over=some_interval(over),
        measures=measures,
        cost_hours=best.cost_hours if best is not None and measures else None,
        causes=_summed(one.causes for one in planned),
        absorbed_seeds=sum(left == 0 for left in after) if measures else 0,
        remaining_days=interval([left / 10 for left in after]),
        proofs=proofs,
    )
