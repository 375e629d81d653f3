"""Figures, intervals and shares of variance, against runs whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tests.stress.stress_cases import run
from transfer_planner.domain.stress import Run
from transfer_planner.stress.monte_carlo_statistics import Sample, figures, interval, narrow
from transfer_planner.stress.samplers import BATCH, LEVELS


def test_figures_of_a_run_count_those_beyond_tolerance_placed_or_waiting():
    """Days in tiers 1 to 5, minutes in tier 6."""
    one = run(0, 0, 4)
    waiting = one.ranks[0].model_copy(update={"rank": 1, "waiting": 3, "waiting_over": 2, "within": 7, "over": 0})
    found = figures(one.model_copy(update={"ranks": (waiting, *one.ranks)}))
    assert (found["over"], found["over_1"], found["over_3"], found["waiting"]) == (6, 2, 4, 3)
    assert (found["T3"], found["T6"]) == (4.0, 1000)
    assert "travel" not in found


def test_the_interval_is_that_of_student_over_batches():
    """By hand: means 1, 2, 6; Student with two degrees of freedom."""
    values, batches = np.array([0.0, 2, 1, 3, 5, 7]), np.array([0, 0, 1, 1, 2, 2])
    mean, half = interval(values, batches)
    assert mean == pytest.approx(3)
    assert half == pytest.approx(stats.t.ppf(0.975, 2) * np.std([1, 2, 6], ddof=1) / np.sqrt(3))
    assert interval(values, np.zeros(6, dtype=int)) == (3.0, None)


def test_it_stops_only_when_the_interval_is_narrow_over_enough_batches():
    """Three equal batches are not yet trusted; four are; wide ones never; no limit never stops."""
    equal = [run(batch, index, 3 + index % 2) for batch in range(4) for index in range(BATCH)]
    assert not narrow(equal[: 3 * BATCH], 0.5)
    assert narrow(equal, 0.5)
    assert not narrow(equal, None)
    apart = [run(batch, index, batch) for batch in range(4) for index in range(BATCH)]
    assert not narrow(apart, 0.5)


def _design(batches, value, seed=0):
    """Return runs drawn as the sampler draws them, of two sources with known effects."""
    rng = np.random.default_rng(seed)
    runs = []
    for batch in range(batches):
        effects = {s: rng.permutation((np.arange(LEVELS) + rng.random(LEVELS)) / LEVELS) for s in ("load", "staff")}
        for replicate in range(2):
            orders = {source: rng.permutation(LEVELS) for source in effects}
            for place in range(LEVELS):
                levels = {source: int(order[place]) for source, order in orders.items()}
                x, y = (effects[s][levels[s]] for s in ("load", "staff"))
                runs.append((batch, replicate * LEVELS + place, value(x, y), levels))
    return [run(b, i, 0, levels).model_copy(update={"ranks": _over(v)}) for b, i, v, levels in runs]


def _over(value):
    return (run(0, 0, 0).ranks[0].model_copy(update={"over": value}),)


def test_shares_of_variance_are_those_of_a_sum():
    """Y = 3 U + V over uniforms: shares 9/10 and 1/10, nothing left for meetings."""
    found = {one.source: one for one in Sample(_design(40, lambda x, y: 3 * x + y)).shares()}
    assert found["load"].share == pytest.approx(0.9, abs=0.03)
    assert found["staff"].share == pytest.approx(0.1, abs=2 * found["staff"].half_width)
    assert abs(found["load"].share - 0.9) < 2 * found["load"].half_width


def test_meetings_belong_to_no_source():
    """Y = (U - 1/2)(V - 1/2): all of the variance is in the meeting, none in either source by itself."""
    found = Sample(_design(40, lambda x, y: 100 * (x - 0.5) * (y - 0.5))).shares()
    assert all(abs(one.share) < 0.1 for one in found)
    assert all(one.half_width < 0.2 for one in found)


def test_a_jackknife_interval_covers_the_truth_most_of_the_time():
    """Nineteen in twenty in principle; at least thirty-two of forty here."""
    hits = 0
    for seed in range(40):
        found = {one.source: one for one in Sample(_design(10, lambda x, y: 2 * x + y, seed)).shares()}
        hits += abs(found["load"].share - 0.8) <= found["load"].half_width
    assert hits >= 32


def test_what_strata_gain_is_told_by_the_runs_themselves():
    """Stratified draws of a sum need few runs; runs that vary between batches only gain nothing; few batches tell nothing."""
    strata = Sample(_design(20, lambda x, y: 3 * x + y))
    assert strata.plain_runs() > 10 * len(strata.draws)
    lumped = Sample([run(batch, index, batch) for batch in range(6) for index in range(BATCH)])
    assert lumped.plain_runs() == 5
    assert Sample(_design(3, lambda x, y: x + y)).plain_runs() is None


def test_no_variance_has_no_shares():
    """A result that never changes is driven by nothing."""
    assert Sample([run(0, index, 2, {"load": index % LEVELS}) for index in range(BATCH)]).shares() == ()


def test_runs_that_failed_count_nowhere_and_break_nothing():
    """A pair of which one failed is left out."""
    runs = _design(6, lambda x, y: 3 * x + y)
    failed = Run(draw=runs[7].draw, status="failed", message={"fr": "x", "en": "x"})
    sample = Sample([*runs[:7], failed, *runs[8:]])
    assert len(sample.draws) == len(runs) - 1
    assert {one.source for one in sample.shares()} == {"load", "staff"}
    assert sum(sample.spreads()[0].counts) == len(runs) - 1


def test_distributions_bin_every_run():
    """Quantiles are those of the values; the bins hold all of them, borders included."""
    values = [0, 1, 1, 2, 7, 10]
    spread = Sample([run(0, index, value) for index, value in enumerate(values)]).spreads()[0]
    assert spread.name == "over"
    assert (spread.quantiles["min"], spread.quantiles["50"], spread.quantiles["max"]) == (0, 1.5, 10)
    assert sum(spread.counts) == len(values)
    assert len(spread.edges) == len(spread.counts) + 1


def test_convergence_is_told_batch_after_batch():
    """Each step is what would have been told had the runs ended there."""
    runs = [run(batch, index, batch) for batch in range(3) for index in range(4)]
    steps = Sample(runs).convergence()
    assert [step.runs for step in steps] == [4, 8, 12]
    assert [step.mean for step in steps] == [0, 0.5, 1]
    assert steps[0].half_width is None
    assert steps[2].half_width == pytest.approx(stats.t.ppf(0.975, 2) * 1 / np.sqrt(3))


def test_means_by_what_happens_are_those_of_the_runs_in_which_it_does():
    """Only of the sources that vary."""
    runs = [
        run(0, 0, 2, {"outage": 0, "failures": 0}, outage_days=7),
        run(0, 1, 4, {"outage": 1, "failures": 1}, outage_days=7, linacs_out=("x",)),
        run(0, 2, 9, {"outage": 2, "failures": 2}, outage_days=14, linacs_out=("x",), centres_out=("y",)),
    ]
    found = {(one.source, one.value): (one.runs, one.mean) for one in Sample(runs).conditionals()}
    assert found == {
        ("outage", "7"): (2, 3.0),
        ("outage", "14"): (1, 9.0),
        ("failures", "centre"): (1, 9.0),
        ("failures", "linac"): (1, 4.0),
        ("failures", "none"): (1, 2.0),
    }
