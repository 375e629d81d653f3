"""What the runs of a Monte-Carlo say: distributions, intervals over batches, share of variance of each source."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from transfer_planner.domain.plan import TIERS
from transfer_planner.domain.stress import Conditional, ShareOfVariance, Source, Spread, Step
from transfer_planner.stress.samplers import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transfer_planner.domain.stress import Draw, Run

Values = NDArray[np.float64]

OVER = "over"
"""The figure whose interval decides when to stop: patients beyond tolerance, placed or waiting."""
CONFIDENCE = 0.95
FEWEST_BATCHES = 4
"""Batches without which no interval is trusted."""
QUANTILES = {"min": 0.0, "5": 0.05, "25": 0.25, "50": 0.5, "75": 0.75, "95": 0.95, "max": 1.0}
MOST_BINS = 16
MOST_CONDITIONS = 8
SEVERITY = ("none", "linac", "centre")
"""Second failures, the least grave first."""


def figures(run: Run) -> dict[str, float]:
    """Return the figures of a run that was planned: patients, days beyond tolerance by tier, minutes of T6 and of travel."""
    over: dict[int, int] = {tally.rank: tally.over + tally.waiting_over for tally in run.ranks}
    found: dict[str, float] = {OVER: sum(over.values()), "waiting": sum(tally.waiting for tally in run.ranks)}
    found |= {f"{OVER}_{rank}": over.get(rank, 0) for rank in range(1, 6)}
    found |= {tier.id: tier.value if tier.id == TIERS[-1] else tier.value / 10 for tier in run.tiers}
    if run.travel is not None:
        found["travel"] = run.travel.median_min
    return found


class Sample:
    """The runs planned, as arrays.

    Parameters
    ----------
    runs
        In the order of the batches; those that failed are left out.
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        planned = [run for run in runs if run.status == "planned"]
        self.draws = tuple(run.draw for run in planned)
        self.batches = np.array([draw.batch for draw in self.draws], dtype=np.int64)
        rows = [figures(run) for run in planned]
        names = list(dict.fromkeys(name for row in rows for name in row))
        self.values: dict[str, Values] = {
            name: np.array([row.get(name, np.nan) for row in rows], dtype=np.float64) for name in names
        }

    def spreads(self) -> tuple[Spread, ...]:
        """Return how each figure is distributed."""
        return tuple(_spread(name, values, self.batches) for name, values in self.values.items())

    def convergence(self) -> tuple[Step, ...]:
        """Return the mean number of patients beyond tolerance and its interval, after each batch."""
        values, steps = self.values.get(OVER, np.zeros(0)), []
        for batch in np.unique(self.batches):
            done = self.batches <= batch
            mean, half = interval(values[done], self.batches[done])
            steps.append(Step(runs=int(done.sum()), mean=mean, half_width=half))
        return tuple(steps)

    def plain_runs(self) -> int | None:
        """Return how many independent runs would tell the mean as precisely: its variance over that of the mean of these."""
        values, batches = self.values[OVER], np.unique(self.batches)
        means = np.array([values[self.batches == batch].mean() for batch in batches])
        if len(batches) < FEWEST_BATCHES or means.var() == 0:
            return None
        return round(float(values.var() / (means.var(ddof=1) / len(batches))))

    def shares(self) -> tuple[ShareOfVariance, ...]:
        """Return the share of the variance of patients beyond tolerance that each source explains by itself, the greatest first."""
        if not self.draws or np.ptp(self.values[OVER]) == 0:
            return ()
        found = [self._share(source) for source in self.draws[0].levels]
        return tuple(sorted(found, key=lambda one: -one.share))

    def conditionals(self) -> tuple[Conditional, ...]:
        """Return the mean number of patients beyond tolerance by length of outage, delay of data, second failure."""
        told: dict[Source, Callable[[Draw], str | int | None]] = {
            "outage": lambda draw: draw.outage_days,
            "data": lambda draw: draw.data_delay_days,
            "failures": _failure,
        }
        found: list[Conditional] = []
        for source, what in told.items():
            groups: dict[str | int, list[float]] = defaultdict(list)
            for draw, value in zip(self.draws, self.values.get(OVER, ()), strict=True):
                held = what(draw) if source in draw.levels else None
                if held is not None:
                    groups[held].append(float(value))
            if len(groups) <= MOST_CONDITIONS:
                found += [
                    Conditional(
                        source=source, value=str(held), runs=len(groups[held]), mean=float(np.mean(groups[held]))
                    )
                    for held in sorted(groups, key=lambda held: SEVERITY.index(held) if isinstance(held, str) else held)
                ]
        return tuple(found)

    def _share(self, source: Source) -> ShareOfVariance:
        """Estimate a first-order index from the runs that share a draw of the source and no other, with a jackknife over batches."""
        first, second = self._pairs(source)
        values, known = self.values[OVER], np.unique(self.batches)

        def share(kept: NDArray[np.bool_]) -> float:
            mean, variance = values[kept].mean(), values[kept].var()
            ours = kept[first]
            together = (values[first[ours]] - mean) * (values[second[ours]] - mean)
            return float(together.mean() / variance) if variance > 0 and len(together) else 0.0

        whole = share(np.ones(len(values), dtype=np.bool_))
        if len(known) < 2:
            return ShareOfVariance(source=source, share=whole)
        without = np.array([share(self.batches != batch) for batch in known])
        error = np.sqrt((len(known) - 1) * without.var())
        return ShareOfVariance(source=source, share=whole, half_width=float(_student(len(known)) * error))

    def _pairs(self, source: Source) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the places of the runs of the two replicates that share a level of a source."""
        at = {(d.batch, d.levels[source], d.index // LEVELS): place for place, d in enumerate(self.draws)}
        pairs = [
            (place, at[batch, level, 1])
            for (batch, level, replicate), place in at.items()
            if replicate == 0 and (batch, level, 1) in at
        ]
        first, second = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        return first, second


def interval(values: Values, batches: NDArray[np.int64]) -> tuple[float, float | None]:
    """Return the mean of a figure and half of its 95 % interval: batches are independent, runs of a batch are not."""
    means = np.array([values[batches == batch].mean() for batch in np.unique(batches)])
    if len(means) < 2:
        return float(values.mean()), None
    return float(values.mean()), float(_student(len(means)) * means.std(ddof=1) / np.sqrt(len(means)))


def narrow(runs: Sequence[Run], until: float | None) -> bool:
    """Return whether the mean number of patients beyond tolerance is known well enough to stop."""
    if until is None:
        return False
    sample = Sample(runs)
    if len(np.unique(sample.batches)) < FEWEST_BATCHES:
        return False
    _, half = interval(sample.values[OVER], sample.batches)
    return half is not None and half <= until


def _student(batches: int) -> float:
    return float(stdtrit(batches - 1, 0.5 + CONFIDENCE / 2))


def _spread(name: str, values: Values, batches: NDArray[np.int64]) -> Spread:
    known = ~np.isnan(values)
    values, batches = values[known], batches[known]
    mean, half = interval(values, batches)
    counts, edges = np.histogram(values, _edges(values))
    return Spread(
        name=name,
        mean=mean,
        half_width=half,
        sd=float(values.std()),
        quantiles={label: float(np.quantile(values, share)) for label, share in QUANTILES.items()},
        counts=tuple(int(count) for count in counts),
        edges=tuple(float(edge) for edge in edges),
    )


def _edges(values: Values) -> Values:
    """Return the borders of at most sixteen bins of a round width."""
    span = float(np.ptp(values)) + 1
    step = next(
        s for s in (digit * 10**power for power in range(12) for digit in (1, 2, 5)) if span / s <= MOST_BINS - 1
    )
    low = np.floor(values.min() / step) * step
    return np.asarray(np.arange(low, values.max() + step + 0.5 * step, step), dtype=np.float64)


def _failure(draw: Draw) -> str:
    if draw.centres_out:
        return "centre"
    return "linac" if draw.linacs_out else "none"
