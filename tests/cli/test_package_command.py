"""A plan is handed over to a destination that opens and checks its package without network; nobody else can."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import make_crisis
from transfer_planner.io.case import read_case
from transfer_planner.planning.plan import make_plan
from transfer_planner.reports.write import write_plan

if TYPE_CHECKING:
    from tests.cli.conftest import Crisis


@pytest.fixture(scope="module")
def handed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Crisis, str]:
    """Plan the crisis, with one object for each patient; return a destination too, whose keys exist."""
    crisis = make_crisis(tmp_path_factory.mktemp("handover"))
    case = read_case(crisis.scenario, crisis.folder / "centres.yaml")
    plan = make_plan(case, time_limit_s=1)
    write_plan(plan, case, crisis.folder / "plan")
    for patient in case.patients:
        folder = crisis.folder / "dicom" / patient.patient_id
        folder.mkdir(parents=True)
        (folder / "RP.dcm").write_text(f"plan of {patient.patient_id}")
    (crisis.folder / "keys").mkdir()
    centre = next(decision.centre_id for decision in plan.decisions if decision.action == "transfer")
    crisis.run("lifeboat", "keys", "--out", crisis.folder / "keys" / f"{centre}.key", "--label", centre)
    return crisis, str(centre)


@pytest.fixture
def crisis(handed: tuple[Crisis, str], monkeypatch: pytest.MonkeyPatch) -> Crisis:
    monkeypatch.chdir(handed[0].folder)
    return handed[0]


@pytest.fixture
def planned(handed: tuple[Crisis, str]) -> str:
    return handed[1]


def test_a_package_is_made_opened_and_checked(crisis: Crisis, planned: str) -> None:
    """The destination gets its patients alone; what it receives is compared with what was announced."""
    result = crisis.run(
        "package", "make", "plan", "--out", "packs", "--public-keys", "keys", "--centre", planned,
        "--dicom", "dicom", "--objects", "--json",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    (made,) = json.loads(result.stdout)["packages"]
    codes = [patient["patient_id"] for patient in made["manifest"]["patients"]]
    key = ("--key", f"keys/{planned}.key")
    opened = crisis.run("package", "open", made["file"], "--out", "received", *key)
    assert made["sha256"][:4] in opened.stdout
    assert sorted(path.name for path in Path("received/objects").iterdir()) == sorted(codes)
    assert crisis.run("package", "check", made["file"], "--received", "received", *key).exit_code == 0
    Path("received/objects", codes[0], "RP.dcm").write_text("plan of another")
    checked = crisis.run("package", "check", made["file"], "--received", "received", *key)
    assert checked.exit_code == 4
    assert "altéré" in checked.stdout
    assert crisis.run("package", "open", made["file"], "--out", "received", *key).exit_code == 1
    crisis.run("lifeboat", "keys", "--out", "other.key")
    other = crisis.run("package", "open", made["file"], "--out", "else", "--key", "other.key", "--json")
    assert [found["code"] for found in json.loads(other.stdout)["findings"]] == ["wrong_key"]
    assert not Path("else").exists()


def test_missing_keys_are_listed_before_anything_is_written(crisis: Crisis, planned: str) -> None:
    """Every destination without key is named; objects without a folder and unknown destinations too."""
    plan = json.loads(Path("plan/plan.json").read_text("utf-8"))
    receiving = {d["centre_id"] for d in plan["decisions"] if d["action"] == "transfer"}
    found = crisis.refused("package", "make", "plan", "--out", "out", "--public-keys", "keys")
    assert {Path(each["file"]).stem for each in found} == receiving - {planned}
    found = crisis.refused("package", "make", "plan", "--out", "out", "--public-keys", "keys", "--centre", "moon")
    assert [each["code"] for each in found] == ["centre"]
    make = ("package", "make", "plan", "--out", "out", "--public-keys", "keys", "--centre", planned)
    assert [each["code"] for each in crisis.refused(*make, "--objects")] == ["no_objects"]
    assert [each["code"] for each in crisis.refused(*make, "--dicom", "nowhere")] == ["no_folder"]
