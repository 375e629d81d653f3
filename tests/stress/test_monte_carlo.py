"""A Monte-Carlo on a small real crisis: the same runs however they are made, and worst cases that `plan` reads again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.planning.cases import make_case
from tests.stress.stress_cases import ROOT, lens, made, sampler, told
from transfer_planner.domain.scenario import DeclaredCapacity
from transfer_planner.domain.stress import SOURCES, Draw
from transfer_planner.errors import DataError
from transfer_planner.io.case import read_case
from transfer_planner.planning.instance import located
from transfer_planner.stress import monte_carlo
from transfer_planner.stress.monte_carlo import Shared, Task, read_assumptions, work
from transfer_planner.stress.monte_carlo_case import drawn_case, drawn_scenario
from transfer_planner.stress.monte_carlo_statistics import FEWEST_BATCHES
from transfer_planner.stress.monte_carlo_worst import worst_files
from transfer_planner.stress.samplers import BATCH
from transfer_planner.stress.sweep import Here


def figures(result):
    """Return all that does not depend on the clock."""
    return result.model_dump(exclude={"created_at"})


@pytest.fixture(scope="module")
def tiny():
    """Return a batch of a crisis of six patients, with a worst case."""
    from tempfile import TemporaryDirectory

    shared = Shared(sampler(), deterministic=True)
    with TemporaryDirectory() as folder:
        return shared, made(Path(folder), shared, BATCH, worst=1)


def test_nothing_drawn_leaves_the_case_alone():
    """A draw in which nothing happens is the scenario itself."""
    one = sampler([])
    case = drawn_case(one, Draw(batch=0, index=0))
    assert case == one.case


def test_a_draw_changes_what_it_says_and_nothing_else():
    """Hours, starts, slots, booked minutes, linacs, refusals, outage, data: by hand on the tiny crisis."""
    one = sampler()
    draw = Draw(
        batch=0,
        index=0,
        outage_days=9,
        data_delay_days=2,
        load={"beta": 1.1, "gamma": 1.0},
        absent={"beta": 0.5, "gamma": 0.0},
        linacs_out=("g1",),
        centres_out=("gamma",),
    )
    before, case = one.case, drawn_case(one, draw)
    beta, gamma = case.network.centre("beta"), case.network.centre("gamma")
    assert beta.physics_hours_per_day == 2
    assert (beta.new_starts_per_day, beta.ct_simulator_slots_per_day) == (0, 0)
    assert beta.linacs[0].booked_min_per_day == 638
    assert gamma.linacs[0].techniques == ()
    assert case.network.centre("alpha") == before.network.centre("alpha")
    outage = case.scenario.outage_days
    assert (outage.low, outage.likely, outage.high) == (9, 9, 9)
    assert case.scenario.data_recovery.dicom_after_h == before.scenario.data_recovery.dicom_after_h + 48
    assert [a.centre_id for a in case.scenario.declared_capacity if not a.accepts] == ["gamma"]


def test_a_centre_that_falls_no_longer_holds_to_its_answer():
    """An answer given before, with its time, would otherwise stand over the refusal."""
    answer = DeclaredCapacity(centre_id="gamma", asked_at="2026-03-02T09:00:00+01:00", spare_minutes_per_day=60)
    scenario = make_case().scenario.model_copy(update={"declared_capacity": (answer,)})
    drawn = drawn_scenario(scenario, Draw(batch=0, index=0, centres_out=("gamma",)))
    assert [(a.centre_id, a.accepts) for a in drawn.declared_capacity] == [("gamma", False)]


def test_what_is_unknown_stays_unknown():
    """No draw invents hours or booked minutes where the network has none."""
    one = sampler()
    centre = one.case.network.centre("beta")
    blank = centre.model_copy(
        update={
            "physics_hours_per_day": None,
            "new_starts_per_day": None,
            "linacs": tuple(linac.model_copy(update={"booked_min_per_day": None}) for linac in centre.linacs),
        }
    )
    network = one.case.network.model_copy(update={"centres": (blank,)})
    draw = Draw(batch=0, index=0, load={"beta": 1.2}, absent={"beta": 0.3})
    found = drawn_case(replace(one, case=replace(one.case, network=network)), draw).network.centre("beta")
    assert (found.physics_hours_per_day, found.new_starts_per_day) == (None, None)
    assert found.linacs[0].booked_min_per_day is None


def test_figures_are_those_of_its_runs(tiny):
    """Whole batches, in order; every run planned; spreads counted over all of them."""
    _, result = tiny
    places = [(run.draw.batch, run.draw.index) for run in result.runs]
    assert places == [(0, index) for index in range(BATCH)]
    assert result.failed == 0
    over = next(spread for spread in result.spreads if spread.name == "over")
    counted = [sum(rank.over + rank.waiting_over for rank in run.ranks) for run in result.runs]
    assert over.mean == pytest.approx(sum(counted) / len(counted))
    assert {one.source for one in result.shares} in (set(), set(SOURCES))
    assert set(result.assumed) == {"fr", "en"}


def test_a_killed_run_goes_on_to_the_same_numbers(tmp_path):
    """What was made is not made again, and the end is that of a run never stopped."""
    shared, done = Shared(sampler()), []
    (tmp_path / "whole").mkdir()
    whole = made(tmp_path / "whole", shared, 3 * BATCH, worst=1, crew=Here(shared, told))

    def killed(given, task):
        if len(done) == BATCH + 7:
            raise KeyboardInterrupt
        done.append(task)
        return told(given, task)

    def counted(given, task):
        done.append(task)
        return told(given, task)

    with pytest.raises(KeyboardInterrupt):
        made(tmp_path, shared, 3 * BATCH, worst=1, crew=Here(shared, killed))
    resumed = made(tmp_path, shared, 3 * BATCH, worst=1, crew=Here(shared, counted))
    assert figures(resumed) == figures(whole)
    assert len(done) == len(set(map(shared.key, done))) == 3 * BATCH + 1


def test_a_run_made_twice_is_the_same_run(tiny):
    """A plan at sweep precision depends on nothing but the draw."""
    shared, result = tiny
    assert work(shared, Task(result.runs[3].draw)) == result.runs[3]
    fresh = Shared(sampler(), deterministic=True)
    assert work(fresh, Task(result.runs[3].draw)) == result.runs[3]


class Backwards(Here):
    """Works through batches of tasks from the last to the first, as a pool may."""

    full = property(lambda self: len(self._tasks) >= 30)

    def done(self):
        self._tasks.rotate(1)
        return super().done()


def test_the_order_in_which_runs_come_back_changes_nothing(tmp_path):
    """Runs are sorted before anything is said of them."""
    shared = Shared(sampler())
    results = []
    for crew in (Here(shared, told), Backwards(shared, told)):
        folder = tmp_path / type(crew).__name__
        folder.mkdir()
        results.append(figures(made(folder, shared, 3 * BATCH, worst=2, crew=crew)))
    assert results[0] == results[1]


def test_it_stops_at_a_whole_batch_once_precise(tmp_path):
    """A limit so wide that the fewest batches are enough; the runs beyond are not told."""
    shared = Shared(sampler())
    result = made(tmp_path, shared, 1000, until=100, worst=1, crew=Backwards(shared, told))
    assert (len(result.runs), result.stopped) == (FEWEST_BATCHES * BATCH, "precise")
    assert made(tmp_path, shared, 2 * BATCH, until=100, crew=Here(shared, told)).stopped == "all runs"


def test_other_inputs_never_meet_the_runs_of_these(tiny):
    """Seed, roster kind, inputs and draws all stand in the key of a run."""
    shared, result = tiny
    task = Task(result.runs[0].draw)
    other = make_case()
    changed = other.inputs.model_copy(update={"policy_sha256": "other"})
    keys = {
        shared.key(task),
        shared.key(Task(result.runs[1].draw)),
        shared.key(task._replace(again=True)),
        Shared(sampler(seed=1)).key(task),
        Shared(sampler(roster="synthetic")).key(task),
        Shared(sampler(case=replace(other, inputs=changed))).key(task),
    }
    assert len(keys) == 6


def test_a_crisis_that_no_run_can_plan_is_a_fault_of_the_data(tmp_path, monkeypatch):
    """Nothing is told as zeros."""
    monkeypatch.setattr(monte_carlo, "solve_roughly", lambda *_: None)
    with pytest.raises(DataError) as raised:
        made(tmp_path, Shared(sampler()), BATCH)
    assert raised.value.findings[0].code == "nothing_planned"


def test_a_worst_case_is_read_again_as_it_was_planned(tmp_path):
    """The folder alone gives network, roster and scenario of the run; `plan` finds the same tiers."""
    shared = Shared(sampler(case=lens()), deterministic=True)
    draws = [draw for number in range(3) for draw in shared.sampler.batch(number)]
    draw = next(draw for draw in draws if draw.linacs_out and draw.data_delay_days)
    result = _with_worst(work(shared, Task(draw, again=True)))
    for name, content in worst_files(result, shared.sampler).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    folder = tmp_path / "worst" / "1"
    read = located(read_case(folder / "scenario.yaml", folder / "centres.yaml"))
    mine = drawn_case(shared.sampler, draw)
    assert _bare(read) == _bare(mine)
    own = {"id", "roster", "overlays"}
    assert read.scenario.model_dump(exclude=own) == mine.scenario.model_dump(exclude=own)
    assert (read.patients, read.places, read.policy) == (mine.patients, mine.places, mine.policy)
    plan = monte_carlo.make_plan(read, deterministic=True, seed=shared.sampler.seed)
    assert [tier.value for tier in plan.tiers] == [tier.value for tier in result.worst[0].planned]


def _with_worst(one):
    """Return a Monte-Carlo of one run, kept as its worst case."""
    from transfer_planner.domain.stress import Stress, WorstCase

    worst = WorstCase(folder="worst/1", batch=one.draw.batch, index=one.draw.index, swept=one.tiers, planned=one.tiers)
    return Stress.model_construct(runs=(one,), worst=(worst,))


def _bare(case):
    """Return the network without whence its values come."""
    whole = case.network.model_dump()
    for centre in whole["centres"]:
        centre.pop("provenance")
        for linac in centre["linacs"]:
            linac.pop("provenance")
    return whole


def test_assumptions_of_a_file_are_checked(tmp_path):
    """Every fault is told with its place; sound ones are read."""
    packaged = (ROOT / "transfer_planner" / "data" / "stress.yaml").read_text("utf-8")
    file = tmp_path / "mine.yaml"
    file.write_text(packaged.replace("high: 0.20", "high: 0.05"), "utf-8")
    with pytest.raises(DataError) as raised:
        read_assumptions(file)
    assert [finding.code for finding in raised.value.findings] == ["staff_order"]
    file.write_text(packaged.replace("linac: 0.028", "linac: 2"), "utf-8")
    with pytest.raises(DataError) as raised:
        read_assumptions(file)
    assert "failures.linac" in raised.value.findings[0].where
    file.write_text(packaged.replace("outage: points", "outage: triangular"), "utf-8")
    assert read_assumptions(file).outage == "triangular"
