"""What an atlas is made from is read whole, or every fault of every file is told in one go."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.stress.regions import region, write_network
from transfer_planner.errors import DataError
from transfer_planner.io.roster import write_roster
from transfer_planner.stress.contingencies import contingencies
from transfer_planner.stress.inputs import read_inputs
from transfer_planner.stress.settings import read_settings

ROOT = Path(__file__).resolve().parents[2]


def roster(folder: Path, centre_id: str, name: str) -> Path:
    """Write the roster of a centre, as some hospital would."""
    place = region()
    one = next(one for one in contingencies(place.network) if one.id == f"centre:{centre_id}")
    patients = (patient.model_copy(update={"notes": None}) for patient in place.case(one, 7).patients)
    file = folder / name
    write_roster(file, tuple(p.model_copy(update={"patient_id": p.patient_id.split("/")[1]}) for p in patients))
    return file


def codes(caught: pytest.ExceptionInfo[DataError]) -> list[str]:
    return sorted({finding.code for finding in caught.value.findings})


def test_as_packaged_without_anything(tmp_path: Path) -> None:
    """The crisis is the packaged one, on another day if asked, at the same hour."""
    file = write_network(tmp_path)
    assert read_inputs(file, ()).region.crisis == read_settings().crisis
    other = read_inputs(file, (), day_zero=date(2026, 7, 6)).region.crisis.attack_at
    assert (other.date(), other.hour, other.minute, other.utcoffset().seconds) == (date(2026, 7, 6), 6, 40, 7200)


def test_like_a_scenario(tmp_path: Path) -> None:
    """Length, data and surge are those of the scenario, its overlays are laid first, its staff is counted by linac."""
    read = read_inputs(ROOT / "centres.yaml", (), like=ROOT / "scenarios" / "oscar_lambret.yaml")
    crisis, network = read.region.crisis, read.region.network
    linacs = len(network.centre("oscar-lambret").linacs)
    assert (crisis.outage_days.likely, crisis.data_recovery.dicom_after_h) == (21, 48)
    assert crisis.redeployment.physics_fte * linacs == pytest.approx(6)
    assert network.fictitious
    assert [Path(file.path).name for file in read.overlays] == ["fictitious_equipment.yaml"]
    del tmp_path


def test_real_rosters_one_by_one_or_by_folder(tmp_path: Path) -> None:
    """A file is given for a centre, or a folder holds files named after centres; the others stay invented."""
    folder = tmp_path / "rosters"
    folder.mkdir()
    roster(folder, "beta", "beta.csv")
    file = roster(tmp_path, "alpha", "liste.csv")
    read = read_inputs(write_network(tmp_path), (), rosters=[f"alpha={file}", str(folder)])
    assert set(read.region.rosters) == {"alpha", "beta"}
    assert len(read.region.rosters["alpha"].patients) == 5


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    """An unknown centre, two rosters for one, a roster of another centre, an empty folder, a file that is not there."""
    (tmp_path / "empty").mkdir()
    file = roster(tmp_path, "alpha", "liste.csv")
    rosters = [f"alpha={file}", f"alpha={file}", f"beta={file}", f"omega={file}", str(tmp_path / "empty"), "gamma=no"]
    with pytest.raises(DataError) as caught:
        read_inputs(write_network(tmp_path), (), like=tmp_path / "nothing.yaml", rosters=rosters)
    assert codes(caught) == ["missing_file", "rosters", "two_rosters", "unknown_centre"]
    with pytest.raises(DataError) as caught:
        read_inputs(write_network(tmp_path), (), rosters=rosters)
    assert codes(caught) == ["centre_not_compromised", "missing_file", "rosters", "two_rosters", "unknown_centre"]


def test_a_roster_of_after_the_attack_is_refused(tmp_path: Path) -> None:
    """A list that goes on after the day supposed is told once, with the way to mend it, and not for every row."""
    file = roster(tmp_path, "alpha", "liste.csv")
    with pytest.raises(DataError) as caught:
        read_inputs(write_network(tmp_path), (), rosters=[f"alpha={file}"], day_zero=date(2026, 1, 5))
    assert codes(caught) == ["after_the_attack"]
    assert len(caught.value.findings) == 1
