"""What the outcomes teach: figures over the seeds, conventions to sign, linacs to match, single points, isolated centres."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from transfer_planner.domain.atlas import (
    ContingencySummary,
    ConventionToSign,
    Interval,
    IsolatedCentre,
    PairToMatch,
    Reach,
    SinglePoint,
)
from transfer_planner.network.travel import place_of_centre, travel
from transfer_planner.stress.transfers import CAPABILITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from transfer_planner.domain.atlas import Capability, Isolation, Outcome, Proof
    from transfer_planner.domain.base import Rank
    from transfer_planner.domain.centre import Centre, Network
    from transfer_planner.stress.region import Region

Pair = tuple[str, str]
FLAGS: frozenset[Capability] = frozenset({"paediatrics", "anaesthesia", "chemotherapy", "brachytherapy"})
"""Capabilities of a centre; the others are techniques of its linacs."""


def interval(values: Sequence[float]) -> Interval | None:
    """Return the least, the mean and the greatest of some values; None when there is none."""
    if not values:
        return None
    mean = round(sum(values) / len(values), 3)
    return Interval(low=min(values), mean=mean, high=max(values), seeds=len(values))


def some_interval(values: Sequence[float]) -> Interval:
    """Return the least, the mean and the greatest of at least one value.

    Raises
    ------
    ValueError
        When there is none.
    """
    found = interval(values)
    if found is None:
        raise ValueError("no value")
    return found


def summary(contingency_id: str, outcomes: Sequence[Outcome]) -> ContingencySummary:
    """Return the figures of a contingency over its seeds; those that failed count for nothing."""
    planned = [one for one in outcomes if one.status == "planned"]
    ranks: tuple[Rank, ...] = tuple(tally.rank for tally in planned[0].ranks) if planned else ()

    def over(name: str) -> Interval | None:
        return interval([sum(getattr(tally, name) for tally in one.ranks) for one in planned])

    by_rank = {
        rank: interval([one.ranks[number].excess_tenths / 10 for one in planned]) for number, rank in enumerate(ranks)
    }
    return ContingencySummary(
        contingency_id=contingency_id,
        planned=len(planned),
        failed=len(outcomes) - len(planned),
        patients=over("patients"),
        within=over("within"),
        over=over("over"),
        waiting=over("waiting"),
        waiting_over=over("waiting_over"),
        excess_days=interval([sum(tally.excess_tenths for tally in one.ranks) / 10 for one in planned]),
        excess_days_by_rank={rank: found for rank, found in by_rank.items() if found is not None},
        median_travel_min=interval([one.travel.median_min for one in planned if one.travel is not None]),
    )


class Where(NamedTuple):
    """A contingency and a seed, and how much a pair weighs there."""

    weight: float
    patients: int
    contingency_id: str
    seed: int
    precise: bool

    @property
    def order(self) -> tuple[object, ...]:
        """Where a gain can be told from luck first: where the plan without the pair is close to its bound."""
        return not (self.precise and self.weight > 0), -self.weight, -self.patients, self.contingency_id, self.seed


@dataclass
class _Carried:
    """What a pair carries over all the contingencies: patients and weight by seed, and where it weighs most, precise plans first."""

    patients: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    weight: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    contingencies: set[str] = field(default_factory=set)
    most: Where | None = None

    def add(self, outcome: Outcome, patients: int, weight: float) -> None:
        self.patients[outcome.seed] += patients
        self.weight[outcome.seed] += weight
        self.contingencies.add(outcome.contingency_id)
        if outcome.contingency_id.startswith("software:"):  # too much falls at once for one pair to matter
            return
        here = Where(weight, patients, outcome.contingency_id, outcome.seed, outcome.precise)
        if self.most is None or here.order < self.most.order:
            self.most = here

    @property
    def order(self) -> tuple[float, float]:
        return -sum(self.weight.values()), -sum(self.patients.values())


class Pairs:
    """What pairs of centres and of linacs carry, added up outcome by outcome."""

    def __init__(self) -> None:
        self._seeds: set[int] = set()
        self._centres: dict[Pair, _Carried] = defaultdict(_Carried)
        self._linacs: dict[Pair, _Carried] = defaultdict(_Carried)

    def add(self, outcome: Outcome) -> None:
        """Add an outcome."""
        if outcome.status != "planned":
            return
        self._seeds.add(outcome.seed)
        for flow in outcome.flows:
            if not flow.convention:
                self._centres[_pair(flow.home_id, flow.destination_id)].add(outcome, flow.patients, flow.days_lost)
        for link in outcome.linked:
            self._linacs[_pair(link.home_linac_id, link.linac_id)].add(outcome, link.patients, link.hours_saved)

    def _figures(self, values: Mapping[int, float]) -> Interval:
        return some_interval([round(values.get(seed, 0), 3) for seed in sorted(self._seeds)])

    def conventions_first(self, most: int) -> list[tuple[Pair, Where]]:
        """Return the conventions that weigh most, and where each should be proven."""
        return _heaviest(self._centres, most)

    def matches_first(self, most: int) -> list[tuple[Pair, Where]]:
        """Return the matchings that weigh most, and where each should be proven."""
        return _heaviest(self._linacs, most)

    def conventions(self, proofs: Mapping[Pair, Proof]) -> tuple[ConventionToSign, ...]:
        """Return the conventions to sign, those that spare most days of excess first."""
        return tuple(
            ConventionToSign(
                between=pair,
                contingencies=len(self._centres[pair].contingencies),
                patients=self._figures(self._centres[pair].patients),
                days_lost=self._figures(self._centres[pair].weight),
                proof=proofs.get(pair),
            )
            for pair in _first(self._centres)
        )

    def matches(self, network: Network, proofs: Mapping[Pair, Proof]) -> tuple[PairToMatch, ...]:
        """Return the linacs to match, those that spare most hours of physics first."""
        home = {linac.id: centre.id for centre in network.centres for linac in centre.linacs}
        return tuple(
            PairToMatch(
                linac_ids=pair,
                centre_ids=(home[pair[0]], home[pair[1]]),
                contingencies=len(self._linacs[pair].contingencies),
                patients=self._figures(self._linacs[pair].patients),
                physics_hours_saved=self._figures(self._linacs[pair].weight),
                proof=proofs.get(pair),
            )
            for pair in _first(self._linacs)
        )


def _first(pairs: Mapping[Pair, _Carried]) -> list[Pair]:
    return sorted(pairs, key=lambda pair: (*pairs[pair].order, pair))


def _heaviest(pairs: Mapping[Pair, _Carried], most: int) -> list[tuple[Pair, Where]]:
    found = ((pair, pairs[pair].most) for pair in _first(pairs)[:most])
    return [(pair, where) for pair, where in found if where is not None and where.weight > 0]


def _pair(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


def single_points(network: Network, outcomes: Mapping[str, Sequence[Outcome]]) -> tuple[SinglePoint, ...]:
    """Return what one centre alone is known to offer, most patients first.

    Parameters
    ----------
    network
        The region.
    outcomes
        Outcomes of the loss of each centre alone, by centre id.
    """
    found = []
    centres = [centre for centre in network.centres if centre.linacs]
    for capability in CAPABILITIES:
        known = {centre.id: _offers(centre, capability) for centre in centres}
        if sum(answer is True for answer in known.values()) != 1:
            continue
        only = next(centre for centre in centres if known[centre.id])
        planned = [one for one in outcomes.get(only.id, ()) if one.status == "planned"]
        found.append(
            SinglePoint(
                capability=capability,
                centre_id=only.id,
                assumed=_status(only, capability) == "assumed",
                unknown_at=tuple(sorted(one for one, answer in known.items() if answer is None)),
                patients=interval([one.needs.get(capability, 0) for one in planned]),
            )
        )
    return tuple(sorted(found, key=lambda one: -(one.patients.mean if one.patients else 0)))


def _offers(centre: Centre, capability: Capability) -> bool | None:
    """Return whether a centre offers something; None when it is unknown."""
    if capability in FLAGS:
        answer: bool | None = getattr(centre, capability)
        return answer
    listed = [linac.techniques for linac in centre.linacs]
    if any(capability in techniques for techniques in listed if techniques is not None):
        return True
    return None if None in listed else False


def _status(centre: Centre, capability: Capability) -> str:
    """Return where the figure comes from: the most precise entry of the provenance."""
    keys = (capability,) if capability in FLAGS else ("linacs.techniques", "linacs")
    return next((centre.provenance[key] for key in keys if key in centre.provenance), "assumed")


def isolated(region: Region, rule: Isolation) -> tuple[IsolatedCentre, ...]:
    """Return the centres with few others within reach, the farthest from any other first."""
    centres = [centre for centre in region.network.centres if centre.linacs]
    found = []
    for centre in centres:
        ways = sorted(_ways(region, centre, centres), key=lambda way: (way.minutes, way.centre_id))
        near = tuple(way for way in ways if way.minutes <= rule.limit_min)
        if len(near) < rule.fewer_than:
            nearest = ways[0] if ways else None
            found.append(
                IsolatedCentre(centre_id=centre.id, limit_min=rule.limit_min, within_reach=near, nearest=nearest)
            )
    return tuple(sorted(found, key=lambda one: (-one.nearest.minutes if one.nearest else 0, one.centre_id)))


def _ways(region: Region, centre: Centre, centres: Iterable[Centre]) -> Iterable[Reach]:
    """Yield the other centres that keep working when a centre falls, and the way to each."""
    place, model = place_of_centre(centre), region.policy.travel_model
    for other in centres:
        if other.id != centre.id and not set(other.information_systems) & set(centre.information_systems):
            yield Reach(centre_id=other.id, minutes=travel(place, other, model, region.matrix).minutes)
