"""A synthetic nation is read, planned and verified by the planner itself; the same seed gives the same files."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from benchmarks.nation import CLOUD, COMMUNES_KM, Nation, make_nation, write_nation, write_outage, write_rosters
from transfer_planner.domain.centre import Network
from transfer_planner.io.case import read_case
from transfer_planner.io.centres import read_network
from transfer_planner.io.roster import read_roster
from transfer_planner.network.sphere import great_circle_km
from transfer_planner.planning.instance import located
from transfer_planner.planning.plan import make_plan
from transfer_planner.planning.verify import verify_plan
from transfer_planner.problem.rules import compromised_centres

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def small() -> Nation:
    """Invent a dozen centres."""
    return make_nation(3, centres=12, linacs=30)


def test_size_is_that_of_a_nation() -> None:
    """180 centres, 600 linacs, 15,000 to 20,000 patients on treatment; about 70 centres are customers of the cloud."""
    network = Network.model_validate(make_nation(0).network)
    assert len(network.centres) == 180
    assert sum(len(centre.linacs) for centre in network.centres) == 600
    sessions = sum((centre.activity and centre.activity.sessions_per_year) or 0 for centre in network.centres)
    assert 15_000 < sessions / 250 < 20_000
    assert len({linac.id for centre in network.centres for linac in centre.linacs}) == 600
    assert len(make_nation(0).hosted) == 70


def test_homes_lie_around_their_centre(small: Nation) -> None:
    """Nobody lives farther than the radius drawn; whose commune is blank has no coordinates either."""
    centre = Network.model_validate(small.network).centres[0]
    rows = small.roster(centre.id)
    for patient in rows:
        assert patient.commune_insee is None
        if patient.lat is not None:
            assert (
                great_circle_km((patient.lat, patient.lon), (centre.location.lat, centre.location.lon))
                < COMMUNES_KM + 1
            )
    assert any(patient.lat is not None for patient in rows)


def test_outages_grow(small: Nation) -> None:
    """A larger outage holds the smaller one; too large a one is refused."""
    few, many = small.outage(20), small.outage(150)
    assert few[0] == many[0][: len(few[0])]
    assert [p.patient_id for p in few[1]] == [p.patient_id for p in many[1]][:20]
    assert len(many[1]) == 150
    with pytest.raises(ValueError, match="have only"):
        small.outage(100_000)


def test_files_are_the_same_for_a_seed(tmp_path: Path) -> None:
    """Two runs write the same bytes, another seed others."""
    contents = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        (tmp_path / name).mkdir()
        nation = make_nation(seed, centres=6, linacs=12)
        write_nation(nation, tmp_path / name)
        write_outage(nation, 10, tmp_path / name)
        contents.append([file.read_bytes() for file in sorted((tmp_path / name).iterdir())])
    assert contents[0] == contents[1]
    assert all(
        one != other for one, other in zip(contents[0][1:], contents[2][1:], strict=True) if b"schema" not in one[:40]
    )
    assert [one == other for one, other in pairwise(contents)] == [True, False]


def test_planner_plans_an_outage_and_verifies_it(tmp_path: Path, small: Nation) -> None:
    """The files are read without a fault, the centres of the cloud fall, and the plan of 25 patients keeps every rule."""
    network, scenario = write_nation(small, tmp_path), write_outage(small, 25, tmp_path)
    case = located(read_case(scenario, network))
    fallen, rows = small.outage(25)
    assert compromised_centres(case.network, case.scenario) == frozenset(fallen)
    assert case.patients == rows
    plan = make_plan(case, time_limit_s=2)
    assert len(plan.decisions) + len(plan.not_planned) == 25
    assert plan.summary.transferred > 0
    assert verify_plan(plan, case) == ()


def test_rosters_of_all_centres(tmp_path: Path) -> None:
    """Every centre has its own file, which the reader takes; the hosted ones share a software by which they can fall together."""
    nation = make_nation(1, centres=4, linacs=8)
    write_rosters(nation, tmp_path)
    network = read_network(write_nation(nation, tmp_path))
    for centre in network.centres:
        rows = read_roster(tmp_path / f"{centre.id}.csv")
        assert {patient.centre_id for patient in rows} == {centre.id}
    hosted = {centre.id for centre in network.centres if centre.oncology_information_system == CLOUD}
    assert hosted == set(nation.hosted)
