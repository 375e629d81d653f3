"""What may happen in the runs of a Monte-Carlo, drawn batch by batch so that few runs tell much.

A batch is two replicates of a Latin hypercube. Each source of variation has as many draws (levels) as a replicate has runs, stratified
over its distribution; a roster is a balanced bootstrap, each patient as often as any other over the levels. Both replicates take every
level of every source once, in independent orders: so two runs share a level and nothing else, which tells the share of variance of its
source without further runs. Batches are independent of each other: intervals come from their means. Every source has its own random
numbers, whatever the other sources do: two scenarios with one seed meet the same absences, loads and failures (common random numbers).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from transfer_planner.domain.stress import SOURCES, Assumptions, Draw, RosterKind, Source
from transfer_planner.exercise.roster_synthesis import synthesise_roster
from transfer_planner.io.reference import read_communes
from transfer_planner.problem.rules import compromised_centres

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.centre import Centre
    from transfer_planner.domain.patient import Patient

LEVELS, REPLICATES = 25, 2
BATCH = LEVELS * REPLICATES
"""Runs drawn together."""

Uniforms = NDArray[np.float64]
Level = dict[str, object]


@dataclass(frozen=True)
class Sampler:
    """Draws runs; the same seed gives the same runs.

    Parameters
    ----------
    case
        The scenario as it is; its roster is what bootstrapped rosters are drawn from.
    assumptions
        Distributions that the scenario does not give.
    vary
        Sources that vary; the others are as the scenario says.
    roster
        How rosters are drawn.
    seed
        Of every draw.
    stratified
        False draws every run independently (a plain Monte-Carlo), to measure what stratification gains.
    """

    case: Case
    assumptions: Assumptions
    vary: frozenset[Source]
    roster: RosterKind
    seed: int
    stratified: bool = True

    @cached_property
    def fallen(self) -> frozenset[str]:
        """Centres that fell in the scenario."""
        return compromised_centres(self.case.network, self.case.scenario)

    @cached_property
    def others(self) -> tuple[Centre, ...]:
        """The other centres, in the order of the network."""
        return tuple(centre for centre in self.case.network.centres if centre.id not in self.fallen)

    def batch(self, number: int) -> tuple[Draw, ...]:
        """Return the runs of a batch."""
        levels = {source: self._levels(source, number) for source in SOURCES if source in self.vary}
        order = np.random.default_rng([self.seed, number, len(SOURCES)])
        count = LEVELS if self.stratified else BATCH
        taken = {source: [order.permutation(count) for _ in range(BATCH // count)] for source in levels}
        draws = []
        for index in range(BATCH):
            replicate, place = divmod(index, count)
            at = {source: int(orders[replicate][place]) for source, orders in taken.items()}
            drawn: Level = {}
            for source, level in at.items():
                drawn |= levels[source][level]
            draws.append(Draw.model_validate({"batch": number, "index": index, "levels": at, **drawn}))
        return tuple(draws)

    def patients(self, draw: Draw) -> tuple[tuple[Patient, ...], tuple[str | None, ...]]:
        """Return the roster of a run, and of whom in the scenario's roster each patient is a copy (None: invented)."""
        case = self.case
        if draw.roster is None:
            return case.patients, tuple(patient.patient_id for patient in case.patients)
        if self.roster == "synthetic":
            invented = synthesise_roster(
                case.network,
                sorted(self.fallen),
                day_zero=case.scenario.day_zero,
                sites=case.sites,
                communes=read_communes(),
                rng=np.random.default_rng([self.seed, draw.batch, SOURCES.index("roster"), draw.roster]),
                patients=len(case.patients),
            )
            return invented, (None,) * len(invented)
        chosen = [case.patients[place] for place in self._bootstrap(draw.batch)[draw.roster]]
        width = max(3, len(str(len(chosen))))
        copies = tuple(
            patient.model_copy(update={"patient_id": f"B{number:0{width}d}", "notes": patient.patient_id})
            for number, patient in enumerate(chosen, 1)
        )
        return copies, tuple(patient.patient_id for patient in chosen)

    def _bootstrap(self, batch: int) -> NDArray[np.int64]:
        """Return the places of the patients drawn for each roster of a batch, every patient equally often over the batch."""
        size, count = len(self.case.patients), LEVELS if self.stratified else BATCH
        rng = np.random.default_rng([self.seed, batch, SOURCES.index("roster")])
        if not self.stratified:
            return np.sort(rng.integers(0, size, (count, size)), axis=1)
        return np.sort(rng.permutation(np.tile(np.arange(size), count)).reshape(count, size), axis=1)

    def _uniforms(self, source: Source, batch: int, dimensions: int) -> Uniforms:
        """Return uniform numbers, shape (levels, dimensions), each dimension stratified."""
        from scipy.stats import qmc  # a second to import: only where runs are drawn

        rng = np.random.default_rng([self.seed, batch, SOURCES.index(source)])
        if not self.stratified:
            return rng.random((BATCH, dimensions))
        drawn: Uniforms = qmc.LatinHypercube(dimensions, seed=rng).random(LEVELS)
        return drawn

    def _levels(self, source: Source, batch: int) -> list[Level]:
        """Return the draws of a source."""
        if source == "outage":
            return [{"outage_days": days} for days in self._outage(self._uniforms(source, batch, 1)[:, 0])]
        if source == "data":
            delays = self.case.policy.data_delays
            days = [delay.days for delay in delays]
            weights = [delay.weight for delay in delays]
            return [{"data_delay_days": d} for d in _of_points(self._uniforms(source, batch, 1)[:, 0], days, weights)]
        if source == "roster":
            return [{"roster": level} for level in range(LEVELS if self.stratified else BATCH)]
        if source == "load":
            return self._load(batch)
        if source == "staff":
            shape = self.assumptions.staff
            shares = _triangle(
                self._uniforms(source, batch, len(self.others)), shape.low, shape.likely, shape.high
            ).round(3)
            return [{"absent": self._by_centre(row)} for row in shares]
        return self._failures(batch)

    def _outage(self, uniforms: Uniforms) -> list[int]:
        length, weights = self.case.scenario.outage_days, self.case.policy.outage_weights
        points = (length.low, length.likely, length.high)
        if self.assumptions.outage == "points":
            return _of_points(uniforms, points, (weights.low, weights.likely, weights.high))
        return [int(days) for days in np.rint(_triangle(uniforms, *points))]

    def _load(self, batch: int) -> list[Level]:
        spread = self.assumptions.load
        normal = ndtri(self._uniforms("load", batch, 1 + len(self.others)))
        change = spread.region_sd * normal[:, :1] + spread.centre_sd * normal[:, 1:]
        factors = 1 + np.clip(change, -spread.most, spread.most).round(3)
        return [{"load": self._by_centre(row.round(3))} for row in factors]

    def _failures(self, batch: int) -> list[Level]:
        linacs = [linac.id for centre in self.others for linac in centre.linacs]
        uniforms = self._uniforms("failures", batch, len(linacs) + len(self.others))
        chances = self.assumptions.failures
        levels: list[Level] = []
        for row in uniforms:
            broken = [linac for linac, u in zip(linacs, row, strict=False) if u < chances.linac]
            struck = [c for c, u in zip(self.others, row[len(linacs) :], strict=True) if u < chances.centre]
            systems = {system for centre in struck for system in centre.information_systems}
            down = [c.id for c in self.others if c in struck or systems.intersection(c.information_systems)]
            levels.append({"linacs_out": tuple(broken), "centres_out": tuple(down)})
        return levels

    def _by_centre(self, row: Uniforms) -> dict[str, float]:
        return {centre.id: float(value) for centre, value in zip(self.others, row, strict=True)}


def _of_points(uniforms: Uniforms, points: Sequence[int], weights: Sequence[float]) -> list[int]:
    """Return the point of each uniform number, points weighted."""
    borders = np.cumsum(weights) / sum(weights)
    places = np.minimum(np.searchsorted(borders, uniforms, side="right"), len(points) - 1)
    return [points[place] for place in places]


def _triangle(uniforms: Uniforms, low: float, likely: float, high: float) -> Uniforms:
    """Return the quantiles of a triangular distribution."""
    if high <= low:
        return np.full_like(uniforms, low)
    rising = low + np.sqrt(uniforms * (high - low) * (likely - low))
    falling = high - np.sqrt((1 - uniforms) * (high - low) * (high - likely))
    return np.where(uniforms < (likely - low) / (high - low), rising, falling)
