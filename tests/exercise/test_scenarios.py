"""Every scenario of the repository is an exercise that can be read without a finding."""

from __future__ import annotations

import shlex
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from transfer_planner.exercise.roster_synthesis import synthesise_roster
from transfer_planner.io.case import read_case
from transfer_planner.io.centres import read_network
from transfer_planner.io.reference import read_communes, read_sites
from transfer_planner.io.roster import write_roster
from transfer_planner.io.scenarios import fallen

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario_reads_without_finding(path):
    """The case is complete: an exercise, a treatment day, patients of every centre that fell and of no other."""
    case = read_case(path, ROOT / "centres.yaml")
    assert case.scenario.exercise
    assert case.network.fictitious
    assert any("Exercice" in note for note in case.scenario.notes)
    assert {p.centre_id for p in case.patients} == set(fallen(case.scenario, case.network))
    assert all(p.last_fraction_date is None or p.last_fraction_date < case.scenario.day_zero for p in case.patients)


def test_scenarios_differ():
    """The set covers what it announces: ids are distinct, and so are rosters."""
    cases = [read_case(path, ROOT / "centres.yaml") for path in SCENARIOS]
    assert len(cases) >= 10
    assert len({case.scenario.id for case in cases}) == len({case.scenario.roster for case in cases}) == len(cases)


def documented_draws() -> list[tuple[str, dict[str, Any]]]:
    """Return the roster file and the options of every `synth` command of the documentation."""
    parser = ArgumentParser()
    parser.add_argument("--centre", action="append")
    parser.add_argument("--day-zero", type=date.fromisoformat)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--patients", type=int)
    parser.add_argument("--out")
    lines = (ROOT / "docs/scenarios.md").read_text(encoding="utf-8").splitlines()
    parsed = (vars(parser.parse_args(shlex.split(line)[1:])) for line in lines if line.startswith("synth --"))
    return [(str(options.pop("out")).removeprefix("$rosters/"), options) for options in parsed]


@pytest.mark.parametrize(
    ("name", "options"), documented_draws(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_documented_command_gives_the_committed_roster(name, options, tmp_path):
    """The documentation tells truly how each roster was made."""
    network = read_network(ROOT / "centres.yaml", [ROOT / "scenarios/overlays/fictitious_equipment.yaml"])
    roster = synthesise_roster(
        network,
        options["centre"],
        day_zero=options["day_zero"],
        sites=read_sites(),
        communes=read_communes(),
        rng=options["seed"],
        patients=options["patients"],
    )
    write_roster(tmp_path / name, roster)
    assert (tmp_path / name).read_text("utf-8") == (ROOT / "scenarios/rosters" / name).read_text("utf-8")


def test_every_roster_is_documented():
    """No roster stands in the folder without its command."""
    documented = {name for name, _ in documented_draws()}
    assert documented == {path.name for path in (ROOT / "scenarios/rosters").glob("*.csv")}
