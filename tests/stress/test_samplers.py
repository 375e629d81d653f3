"""Draws follow the distributions told, are stratified within a batch, and depend on the seed alone."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tests.stress.stress_cases import lens, sampler
from transfer_planner.domain.scenario import OutageDays
from transfer_planner.domain.stress import SOURCES
from transfer_planner.stress.samplers import BATCH, LEVELS, REPLICATES


def test_a_batch_is_the_same_for_a_seed_and_another_for_the_next():
    """Nothing but seed and number decides a batch."""
    assert sampler().batch(3) == sampler().batch(3)
    assert sampler().batch(3) != sampler().batch(4)
    assert sampler().batch(3) != sampler(seed=1).batch(3)


def test_every_level_of_every_source_comes_once_in_each_replicate():
    """Two runs of a batch share at most the levels that the two replicates give them, each level twice in all."""
    draws = sampler().batch(0)
    assert len(draws) == BATCH == LEVELS * REPLICATES
    for source in SOURCES:
        for replicate in range(REPLICATES):
            taken = [d.levels[source] for d in draws[replicate * LEVELS : (replicate + 1) * LEVELS]]
            assert sorted(taken) == list(range(LEVELS))


def test_runs_that_share_a_level_share_it_whole():
    """What a source does in a run is told by its level, whatever the other sources do."""
    fields = {
        "outage": ("outage_days",),
        "data": ("data_delay_days",),
        "roster": ("roster",),
        "load": ("load",),
        "staff": ("absent",),
        "failures": ("linacs_out", "centres_out"),
    }
    first, second = {}, {}
    for draw in sampler().batch(1):
        for source, names in fields.items():
            told = tuple(getattr(draw, name) for name in names)
            (first if draw.index < LEVELS else second)[source, draw.levels[source]] = told
    assert first == second


def test_outages_have_the_weights_of_the_policy_in_every_batch():
    """Strata of a quarter, a half, a quarter over 25 levels: 6 or 7, 12 or 13, 6 or 7, never further."""
    case = sampler().case
    days = case.scenario.outage_days
    for number in range(4):
        counts = Counter(draw.outage_days for draw in sampler().batch(number)[:LEVELS])
        assert set(counts) == {days.low, days.likely, days.high}
        assert counts[days.low] in (6, 7)
        assert counts[days.likely] in (12, 13)
        assert counts[days.high] in (6, 7)


def test_triangular_outages_have_the_mean_of_the_triangle():
    """(low + likely + high) / 3, within the strata of a few batches."""
    plain = sampler()
    case = plain.case
    length = OutageDays(low=10, likely=20, high=60)
    scenario = case.scenario.model_copy(update={"outage_days": length})
    triangle = plain.assumptions.model_copy(update={"outage": "triangular"})
    made = sampler(["outage"], case=_with(case, scenario=scenario), assumptions=triangle)
    days = [draw.outage_days for number in range(8) for draw in made.batch(number)]
    assert min(days) >= 10
    assert max(days) <= 60
    assert np.mean(days) == pytest.approx(30, abs=0.5)


def test_a_bootstrap_is_balanced_over_a_batch():
    """Every patient of the roster is drawn as often as there are rosters, no more and no less."""
    made = sampler()
    rosters = {d.roster: made.patients(d) for d in made.batch(0)}
    assert len(rosters) == LEVELS
    originals = Counter(code for _, codes in rosters.values() for code in codes)
    assert originals == dict.fromkeys((p.patient_id for p in made.case.patients), LEVELS)
    for patients, codes in rosters.values():
        assert len(patients) == len(made.case.patients)
        assert len({patient.patient_id for patient in patients}) == len(patients)
        assert [patient.notes for patient in patients] == list(codes)


def test_a_synthetic_roster_is_as_large_and_of_the_centre_that_fell():
    """Nobody of the scenario's own roster is in it."""
    made = sampler(["roster"], case=lens(), roster="synthetic")
    draws = made.batch(0)
    patients, originals = made.patients(draws[0])
    assert len(patients) == len(made.case.patients)
    assert set(originals) == {None}
    assert {patient.centre_id for patient in patients} == made.fallen
    assert made.patients(draws[0])[0] == patients
    assert made.patients(draws[1])[0] != patients


def test_sources_left_out_leave_the_draws_of_the_others_alone():
    """Common random numbers: a load is the same load whether patients vary or not."""
    loads = [sorted(str(d.load) for d in sampler(vary).batch(0)) for vary in (["load"], SOURCES)]
    assert loads[0] == loads[1]
    draw = sampler(["load"]).batch(0)[0]
    assert (draw.outage_days, draw.data_delay_days, draw.roster, draw.absent) == (None, None, None, {})


def test_factors_shares_and_failures_keep_within_their_distributions():
    """Loads have the mean and the limits told, absences those of their triangle, failures their chance."""
    made = sampler(["load", "staff", "failures"])
    draws = [draw for number in range(12) for draw in made.batch(number)]
    loads = np.array([list(d.load.values()) for d in draws])
    most = made.assumptions.load.most
    assert abs(loads - 1).max() <= most + 1e-9
    assert loads.mean() == pytest.approx(1, abs=0.01)
    absent = np.array([list(d.absent.values()) for d in draws])
    staff = made.assumptions.staff
    assert staff.low <= absent.min()
    assert absent.max() <= staff.high
    assert absent.mean() == pytest.approx((staff.low + staff.likely + staff.high) / 3, abs=0.003)
    linacs = sum(len(centre.linacs) for centre in made.others)
    broken = np.mean([len(d.linacs_out) for d in draws]) / linacs
    assert broken == pytest.approx(made.assumptions.failures.linac, rel=0.5)
    assert not {code for d in draws for code in d.centres_out} & made.fallen


def test_a_second_centre_takes_those_on_its_systems_with_it():
    """A domain falls as one."""
    made = sampler(["failures"])
    shared = [c.model_copy(update={"information_systems": ("one",)}) for c in made.others]
    network = made.case.network.model_copy(
        update={"centres": tuple(c for c in made.case.network.centres if c.id in made.fallen) + tuple(shared)}
    )
    certain = made.assumptions.failures.model_copy(update={"centre": 0.4})
    both = sampler(
        ["failures"],
        case=_with(made.case, network=network),
        assumptions=made.assumptions.model_copy(update={"failures": certain}),
    )
    fallen = {draw.centres_out for draw in both.batch(0)}
    assert fallen == {(), tuple(c.id for c in shared)}


def test_a_plain_sampler_draws_each_run_by_itself():
    """Without strata every run has draws of its own, and a bootstrap is no longer balanced."""
    made = sampler(stratified=False)
    draws = made.batch(0)
    assert sorted(d.levels["load"] for d in draws) == list(range(BATCH))
    assert len({str(d.load) for d in draws}) == BATCH
    counts = Counter(code for d in draws for code in made.patients(d)[1])
    assert len(set(counts.values())) > 1


def _with(case, **changes):
    from dataclasses import replace

    return replace(case, **changes)
