"""Every scenario of the repository is an exercise that can be read without a finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from transfer_planner.io.case import read_case
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
