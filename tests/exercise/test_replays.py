"""Replays of real attacks keep the published figures, give plans that verify, and find that a convention never delays."""

from __future__ import annotations

import re
import shlex
from argparse import ArgumentParser
from datetime import date
from functools import cache
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest

from transfer_planner.exercise.roster_synthesis import synthesise_roster
from transfer_planner.io.case import read_case
from transfer_planner.io.centres import read_network
from transfer_planner.io.reference import read_communes, read_sites
from transfer_planner.io.roster import write_roster
from transfer_planner.io.scenarios import fallen
from transfer_planner.network.sphere import great_circle_km
from transfer_planner.planning.plan import make_plan
from transfer_planner.planning.verify import verify_plan

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan

ROOT = Path(__file__).parents[2]
REPLAYS = ROOT / "scenarios" / "replays"
NAMES = sorted(path.stem for path in REPLAYS.glob("*.yaml"))
PAGE = (ROOT / "docs" / "replays.md").read_text(encoding="utf-8")
PATIENTS = {"cork": 136, "dax": 70, "yale": 200, "zagreb": 135}
"""Interrupted patients: the first three are published, the last is assumed."""
SIGNED = {
    "cork_2021_convention": "cork_2021",
    "dax_2021": "dax_2021_alone",
    "dax_2021_conventions": "dax_2021",
    "yale_2021_conventions": "yale_2021",
    "zagreb_2024_convention": "zagreb_2024",
}
"""Each replay with less to sign, and the one with more."""


def town(name: str) -> str:
    return name.partition("_")[0]


@cache
def case_of(name: str) -> Case:
    return read_case(REPLAYS / f"{name}.yaml", REPLAYS / "networks" / f"{town(name)}.yaml")


@cache
def planned(name: str) -> Plan:
    return make_plan(case_of(name), time_limit_s=1.0)


def first_day(plan: Plan) -> float:
    """Return the median of the days from the attack to the first session, patients of category 1."""
    starts = [d.start_date or (d.reopening and d.reopening.likely) for d in plan.decisions if d.category == 1]
    return median((day - plan.attack_date).days for day in starts if day is not None)


@pytest.mark.parametrize("name", NAMES)
def test_replay_reads_and_says_what_it_is(name):
    """Nothing to correct; as many interrupted patients as published; said to be a replay with invented patients."""
    case = case_of(name)
    assert len(case.patients) == PATIENTS[town(name)]
    assert {patient.status for patient in case.patients} == {"on_treatment"}
    assert {patient.centre_id for patient in case.patients} <= set(fallen(case.scenario, case.network))
    assert case.scenario.exercise
    assert any(note.startswith("Rejeu : patients inventés") for note in case.scenario.notes)
    assert f"`{name}.yaml`" in PAGE


@pytest.mark.parametrize("network", sorted((REPLAYS / "networks").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_figure_of_a_replay_is_cited_or_assumed(network):
    """A value that a plan uses names its source or says that it is assumed; equipment nobody published is unknown."""
    for centre in read_network(network).centres:
        used = {"location", "linacs.count"} | {
            field
            for field in ("new_starts_per_day", "physics_hours_per_day", "ct_simulator_slots_per_day", "chemotherapy")
            if getattr(centre, field) is not None
        }
        assert used <= centre.provenance.keys(), centre.id
        assert all(linac.vendor is linac.model is linac.techniques is None for linac in centre.linacs)


@pytest.mark.parametrize("name", NAMES)
def test_plan_verifies_and_drops_nobody(name):
    """The plan agrees with every rule, and every patient has a decision."""
    plan = planned(name)
    assert [violation.text.text("en") for violation in verify_plan(plan, case_of(name))] == []
    assert len(plan.decisions) == PATIENTS[town(name)]
    assert not plan.not_planned


@pytest.mark.parametrize(("signed", "unsigned"), SIGNED.items())
def test_signed_beforehand_is_never_later(signed, unsigned):
    """With less to sign, the most urgent lose no more days and begin no later."""
    after, before = planned(signed), planned(unsigned)
    assert after.tiers[0].value <= before.tiers[0].value
    assert first_day(after) <= first_day(before)


@pytest.mark.parametrize("name", ["cork_2021", "yale_2021", "zagreb_2024"])
def test_homes_lie_around_the_centre_where_no_commune_is_packaged(name):
    """Points between 2 and 45 km, in every direction and at every distance."""
    case = case_of(name)
    km, north = [], 0
    for patient in case.patients:
        home = case.network.centre(patient.centre_id).location
        assert patient.lat is not None
        km.append(great_circle_km((home.lat, home.lon), (patient.lat, patient.lon)))
        north += patient.lat > home.lat
    assert min(km) > 1
    assert max(km) < 46
    assert 18 < median(km) < 29
    assert 0.35 < north / len(km) < 0.65


def test_cork_waits_for_the_signature():
    """All five public centres fell; until Wednesday 19 May only emergencies could leave, and then each had a new CT."""
    case, plan = case_of("cork_2021"), planned("cork_2021")
    down = set(fallen(case.scenario, case.network))
    assert len(down) == 5
    moved = [decision for decision in plan.decisions if decision.action == "transfer"]
    assert {decision.centre_id for decision in moved} == {c.id for c in case.network.centres} - down
    assert {decision.grade for decision in moved} == {"emergency", "G4"}
    starts = [d.start_date for d in moved if d.grade == "G4" and d.start_date]
    assert min(starts) == date(2021, 5, 25)  # signed on the 19th, three days of planning, Whit Monday
    at_home = [d.start_date for d in plan.decisions if d.action == "restart" and d.start_date]
    assert min(at_home) == date(2021, 5, 31)  # day 16 is a Sunday
    sooner = [d.start_date for d in planned("cork_2021_convention").decisions if d.grade == "G4" and d.start_date]
    assert min(sooner) == date(2021, 5, 19)


@pytest.mark.parametrize("name", ["dax_2021", "dax_2021_alone", "dax_2021_conventions"])
def test_dax_goes_to_three_towns(name):
    """The patients of Dax go to Pau, Bayonne and Mont-de-Marsan, nearly all of them."""
    going = planned(name).summary.by_destination
    assert set(going) == {"pau", "bayonne", "mont-de-marsan"}
    assert sum(going.values()) >= 65


def test_yale_moves_only_the_most_urgent_once_the_end_is_known():
    """When six days are known, two emergencies leave and the others wait for 26 April; not knowing, more must leave."""
    plan = planned("yale_2021")
    assert {d.grade for d in plan.decisions if d.action == "transfer"} == {"emergency"}
    waiting = [d for d in plan.decisions if d.action == "wait"]
    assert len(waiting) == 198
    assert {d.reopening.likely for d in waiting if d.reopening} == {date(2021, 4, 26)}
    counts = [planned(n).summary.transferred for n in ("yale_2021", "yale_2021_conventions", "yale_2021_unknown_end")]
    assert counts == sorted(counts)
    assert counts[0] < counts[2]


def test_zagreb_comes_back_by_stages():
    """Before the thirteenth day only two linacs of five treat, simple fields; then ten patients a day at most begin again."""
    plan = planned("zagreb_2024")
    assert {decision.action for decision in plan.decisions} <= {"restart", "wait"}
    begun = [d for d in plan.decisions if d.start_date]
    early = {d.linac_id for d in begun if d.start_date and d.start_date < date(2024, 7, 10)}
    assert early
    assert early <= {"kbc-1", "kbc-2"}
    late = [d.start_date for d in begun if d.linac_id in {"kbc-3", "kbc-4", "kbc-5"}]
    assert min(day for day in late if day) == date(2024, 7, 10)
    assert all(day.new_starts <= 10 for day in plan.centre_days)


def test_page_claims_no_more_than_is_so():
    """A value that the page calls proven lies between the bound and the value of any plan; others lie above the bound."""
    rows = re.findall(r"^\| `(\w+)\.yaml` \|.*\| ([\d,]+) (j prouvés|j trouvés) \|$", PAGE, re.MULTILINE)
    assert sorted(name for name, *_ in rows) == NAMES
    for name, days, status in rows:
        tier, tenths = planned(name).tiers[0], round(10 * float(days.replace(",", ".")))
        assert tier.bound <= tenths, name
        assert status == "j trouvés" or tenths <= tier.value, name


def documented_draws() -> list[tuple[str, list[str], date, int, int]]:
    """Return town, centres, day, patients and seed of every `replay` line of the page."""
    parser = ArgumentParser()
    parser.add_argument("town")
    parser.add_argument("--centre", action="append")
    parser.add_argument("--day-zero", type=date.fromisoformat)
    parser.add_argument("--patients", type=int)
    parser.add_argument("--seed", type=int)
    lines = (line for line in PAGE.splitlines() if line.startswith("replay "))
    found = (parser.parse_args(shlex.split(line)[1:]) for line in lines)
    return [(one.town, one.centre, one.day_zero, one.patients, one.seed) for one in found]


@pytest.mark.parametrize(("name", "centres", "day", "patients", "seed"), documented_draws(), ids=str)
def test_documented_command_gives_the_committed_roster(name, centres, day, patients, seed, tmp_path):
    """The page tells truly how each list was made: drawn, then only those on treatment kept."""
    roster = synthesise_roster(
        read_network(REPLAYS / "networks" / f"{name}.yaml"),
        centres,
        day_zero=day,
        sites=read_sites(),
        communes=read_communes(),
        rng=seed,
        patients=patients,
    )
    write_roster(tmp_path / "drawn.csv", roster)
    lines = (tmp_path / "drawn.csv").read_text("utf-8").splitlines()
    kept = [line for line in lines if line.startswith("patient_id") or ",on_treatment," in line]
    assert kept == (REPLAYS / "rosters" / f"{name}.csv").read_text("utf-8").splitlines()
    assert len(kept) == PATIENTS[name] + 1
