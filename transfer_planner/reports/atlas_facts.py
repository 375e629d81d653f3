"""What the atlas tells, read once: each fall with its outcomes over the seeds, each pair, each centre. Counts only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from transfer_planner.domain.atlas import Interval
from transfer_planner.network.audit import audit_network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from transfer_planner.domain.atlas import Atlas, Contingency, ContingencyKind, DestinationUse, Outcome
    from transfer_planner.domain.centre import Centre, Network
    from transfer_planner.network.audit import Knowledge

FIRST_RANKS = 3
"""Ranks 1 to 3: those of whom a region must be able to take care."""
CAPACITY_FIELDS = (
    "opening",
    "booked_min_per_day",
    "physics_hours_per_day",
    "new_starts_per_day",
    "ct_simulator_slots_per_day",
)
"""Fields of the network that say how much a centre can receive."""
WIDE: tuple[ContingencyKind, ...] = ("domain", "group", "software")
"""Kinds of fall that strike more than the centres one would think of."""
TOLD: frozenset[Knowledge] = frozenset({"declared", "sourced"})
"""How a capacity must be known to be no assumption of ours."""


def span(values: Iterable[float]) -> Interval | None:
    """Return the interval of some values; None when there is none."""
    found = list(values)
    if not found:
        return None
    return Interval(low=min(found), mean=sum(found) / len(found), high=max(found), seeds=len(found))


def beyond(outcome: Outcome, ranks: int = 5) -> int:
    """Return the patients beyond tolerance among the first ranks, wherever they are treated or wait."""
    return sum(tally.over + tally.waiting_over for tally in outcome.ranks if tally.rank <= ranks)


def beyond_first(outcome: Outcome) -> int:
    """Return the patients of ranks 1 to 3 beyond tolerance."""
    return beyond(outcome, FIRST_RANKS)


def excess_days(outcome: Outcome) -> float:
    """Return the days beyond tolerance, all ranks."""
    return sum(tally.excess_tenths for tally in outcome.ranks) / 10


def waiting(outcome: Outcome) -> int:
    """Return the patients who wait for their centre."""
    return sum(tally.waiting for tally in outcome.ranks)


def with_solution(outcome: Outcome) -> int:
    """Return the patients for whom there is a solution: placed within tolerance, or a wait that stays within it."""
    return (outcome.patients or 0) - beyond(outcome)


class Received(NamedTuple):
    """A destination over the seeds that send it somebody."""

    use: DestinationUse
    patients: Interval
    peak: Interval


@dataclass(frozen=True)
class Fall:
    """A contingency and what becomes of it."""

    contingency: Contingency
    planned: tuple[Outcome, ...]
    failed: tuple[Outcome, ...]

    def over(self, figure: Callable[[Outcome], float | None]) -> Interval | None:
        """Return a figure over the seeds planned; None when no seed tells it."""
        return span(value for outcome in self.planned if (value := figure(outcome)) is not None)

    @cached_property
    def beyond(self) -> Interval | None:
        """Patients beyond tolerance."""
        return self.over(beyond)

    @cached_property
    def beyond_first(self) -> Interval | None:
        """Patients of ranks 1 to 3 beyond tolerance."""
        return self.over(beyond_first)

    @property
    def middle(self) -> Outcome | None:
        """The seed drawn on the map: the middle one when they are put in order of patients beyond tolerance."""
        order = sorted(self.planned, key=lambda o: (beyond(o), excess_days(o), o.seed))
        return order[(len(order) - 1) // 2] if order else None

    @property
    def gravity(self) -> tuple[float, float, float]:
        """What puts the falls in order: ranks 1 to 3 beyond tolerance, then all, then days."""
        figures = (self.beyond_first, self.beyond, self.over(excess_days))
        one, two, three = (0.0 if figure is None else figure.mean for figure in figures)
        return one, two, three

    @property
    def precise(self) -> bool:
        """Whether every seed was planned within the precision of the sweep."""
        return bool(self.planned) and not self.failed and all(outcome.precise for outcome in self.planned)

    def received(self) -> dict[str, Received]:
        """Return the destinations by id, the busiest first: use in the seed drawn (else in the first that uses it)."""
        uses: dict[str, list[DestinationUse]] = {}
        drawn = self.middle
        for outcome in sorted(self.planned, key=lambda o: o is not drawn):
            for use in outcome.destinations:
                uses.setdefault(use.centre_id, []).append(use)
        found = {}
        for centre_id, of_centre in uses.items():
            patients = span([use.patients for use in of_centre] + [0] * (len(self.planned) - len(of_centre)))
            peak = span(use.peak_minutes_share for use in of_centre)
            if patients is not None and peak is not None:
                found[centre_id] = Received(of_centre[0], patients, peak)
        return dict(sorted(found.items(), key=lambda row: (-row[1].patients.mean, row[0])))


class Hindrance(NamedTuple):
    """A resource that binds in a fall, over the seeds in which it does."""

    rule: str
    centre_id: str
    days_full: Interval
    kept_out: Interval
    seeds: int


def hindrances(fall: Fall) -> list[Hindrance]:
    """Return the resources that keep patients out, those that keep most out first."""
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for outcome in fall.planned:
        for binding in outcome.binding:
            found.setdefault((binding.rule, binding.centre_id), []).append((binding.days_full, binding.kept_out))
    rows = []
    for (rule, centre_id), seen in found.items():
        days, out = span(full for full, _ in seen), span(kept for _, kept in seen)
        if days is not None and out is not None:
            rows.append(Hindrance(rule, centre_id, days, out, len(seen)))
    return sorted(rows, key=lambda row: (-row.kept_out.mean * row.seeds, row.centre_id, row.rule))


@dataclass(frozen=True)
class Cases:
    """The cases of an atlas, each with its outcomes."""

    atlas: Atlas

    @cached_property
    def falls(self) -> tuple[Fall, ...]:
        """Every contingency, in the order of the atlas."""
        planned: dict[str, list[Outcome]] = {}
        failed: dict[str, list[Outcome]] = {}
        for outcome in self.atlas.outcomes:
            (planned if outcome.status == "planned" else failed).setdefault(outcome.contingency_id, []).append(outcome)
        return tuple(
            Fall(one, tuple(planned.get(one.id, ())), tuple(failed.get(one.id, ()))) for one in self.atlas.contingencies
        )

    @cached_property
    def by_id(self) -> dict[str, Fall]:
        """Every contingency by its id and by the other ids of the same fall."""
        return {name: fall for fall in self.falls for name in (*fall.contingency.also, fall.contingency.id)}

    def of(self, kind: ContingencyKind) -> list[Fall]:
        """Return the falls that bear a name of a kind, the gravest first."""
        mine = [
            fall
            for fall in self.falls
            if any(name.startswith(f"{kind}:") for name in (fall.contingency.id, *fall.contingency.also))
        ]
        return sorted(mine, key=lambda fall: ([-figure for figure in fall.gravity], fall.contingency.id))

    def alone(self, centre_id: str) -> Fall | None:
        """Return the fall of a centre alone; None when it was not examined."""
        return self.by_id.get(f"centre:{centre_id}")

    def together(self, one: str, two: str) -> Fall | None:
        """Return the fall of two centres; None when it was not examined."""
        return self.by_id.get("pair:" + "+".join(sorted((one, two))))

    def worse_together(self, one: str, two: str) -> Interval | None:
        """Return the patients beyond tolerance that a pair adds to what each centre leaves alone, seed by seed.

        Returns
        -------
        None when some fall or every common seed is missing.
        """
        falls = (self.together(one, two), self.alone(one), self.alone(two))
        both, first, second = ({o.seed: beyond(o) for o in fall.planned} if fall else {} for fall in falls)
        return span(
            both[seed] - first[seed] - second[seed] for seed in sorted(both.keys() & first.keys() & second.keys())
        )

    @cached_property
    def pairs(self) -> list[Fall]:
        """Pairs examined, the gravest first; a pair that is also a group or a domain is among them."""
        return self.of("pair")

    @cached_property
    def wide(self) -> list[Fall]:
        """Falls of shared systems, groups and software that strike several centres, the gravest first, each once."""
        found = {
            fall.contingency.id: fall for kind in WIDE for fall in self.of(kind) if len(fall.contingency.centre_ids) > 1
        }
        return sorted(found.values(), key=lambda fall: ([-figure for figure in fall.gravity], fall.contingency.id))


@dataclass(frozen=True)
class AtlasFacts(Cases):
    """The atlas beside its network, with every case at hand."""

    network: Network

    @cached_property
    def centres(self) -> list[Centre]:
        """Centres of the network, those whose fall is gravest first."""
        falls = {centre.id: self.alone(centre.id) for centre in self.network.centres}

        def order(centre: Centre) -> tuple[list[float], str]:
            fall = falls[centre.id]
            return ([-figure for figure in fall.gravity] if fall else [1.0], centre.id)

        return sorted(self.network.centres, key=order)

    @property
    def pairs_possible(self) -> int:
        """How many pairs the network has."""
        return sum(1 for _ in combinations(self.network.centres, 2))

    def known_capacity(self) -> dict[Knowledge, float]:
        """Return how the capacity figures are known: share of each knowledge, 0 to 1, the best known first."""
        counts: dict[Knowledge, int] = {}
        for share in audit_network(self.network):
            if share.field.name in CAPACITY_FIELDS:
                for knowledge, count in share.counts.items():
                    counts[knowledge] = counts.get(knowledge, 0) + count
        total = sum(counts.values()) or 1
        return {knowledge: count / total for knowledge, count in counts.items() if count}

    @property
    def capacity_told(self) -> bool:
        """Whether every capacity figure is declared or published."""
        return set(self.known_capacity()) <= TOLD
