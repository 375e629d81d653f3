"""The commands end to end on a small crisis: outputs, exit codes, JSON, no network."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import pytest

from tests.cli.conftest import Crisis, make_crisis

if TYPE_CHECKING:
    from pathlib import Path


class Planned(NamedTuple):
    """A crisis that has been planned: what `plan --json` said, its exit code, and the folder."""

    crisis: Crisis
    told: dict[str, Any]
    code: int

    @property
    def out(self) -> Path:
        return self.crisis.folder / "out"


@pytest.fixture(scope="module")
def planned_once(tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """Plan the small crisis with every socket refused."""

    def refuse(*_args: object, **_kwargs: object) -> NoReturn:
        raise AssertionError("the network was used")

    crisis = make_crisis(tmp_path_factory.mktemp("crisis"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        result = crisis.run("plan", crisis.scenario, "--out", crisis.folder / "out", "--json", "--time-limit", 3)
    return Planned(crisis, json.loads(result.stdout), result.exit_code)


@pytest.fixture
def planned(planned_once: Planned, tmp_path: Path) -> Planned:
    """Return a copy that may be spoilt: the paths of a plan are relative, so that it moves with its inputs."""
    folder = tmp_path / "moved"
    shutil.copytree(planned_once.crisis.folder, folder)
    return planned_once._replace(crisis=Crisis(folder))


def test_plan_then_verify(planned: Planned) -> None:
    """A plan made without any network is complete, verified, and told by its exit code."""
    out, told = planned.out, planned.told
    written = json.loads((out / "plan.json").read_text("utf-8"))
    assert told["violations"] == []
    assert {key: told[key] for key in written} == written
    assert set(told["files"]) <= {file.name for file in out.iterdir()}
    assert planned.code == (3 if any(decision["excess_tenths"] for decision in written["decisions"]) else 0)
    result = planned.crisis.run("verify", out, "--json")  # the folder is enough
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {"verified": True, "violations": []}


def test_verify_refuses_a_falsified_plan(planned: Planned) -> None:
    """A decision tampered with is found, with exit code 4."""
    out = planned.out
    plan = json.loads((out / "plan.json").read_text("utf-8"))
    plan["decisions"][0]["rank"] = 6 - plan["decisions"][0]["rank"] or 5
    plan["tiers"][0]["value"] += 10
    (out / "plan.json").write_text(json.dumps(plan), "utf-8")
    result = planned.crisis.run("verify", out / "plan.json", "--json")
    assert result.exit_code == 4
    assert json.loads(result.stdout)["violations"]
    assert "VÉRIFICATION EN ÉCHEC" in result.stderr


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_verify_refuses_a_date_at_the_end_of_time(planned: Planned, day: str) -> None:
    """A start in another era is a fault of the file, with code 1 and no traceback."""
    file = planned.out / "plan.json"
    plan = json.loads(file.read_text("utf-8"))
    plan["decisions"][0]["start_date"] = day
    file.write_text(json.dumps(plan), "utf-8")
    shutil.move(planned.out, planned.crisis.folder / "moved")
    (finding,) = planned.crisis.refused("verify", planned.crisis.folder / "moved")
    assert (finding["where"], finding["value"]) == ("decisions.0.start_date", day)


def test_verify_sees_that_an_input_has_changed(planned: Planned) -> None:
    """A comment added to the scenario since then is a changed input, with exit code 4."""
    out = planned.out
    scenario = planned.crisis.scenario
    scenario.write_text(scenario.read_text("utf-8") + "# later\n", "utf-8")
    result = planned.crisis.run("verify", out / "plan.json", "--json")
    assert result.exit_code == 4
    assert "inputs.scenario" in {violation["rule"] for violation in json.loads(result.stdout)["violations"]}


def test_outputs_again_in_english(planned: Planned) -> None:
    """`report` writes the same files from plan.json alone."""
    out = planned.out
    again = planned.crisis.folder / "again"
    result = planned.crisis.run("--lang", "en", "report", out / "plan.json", "--out", again)
    assert result.exit_code == 0, result.output
    assert {file.name for file in again.iterdir()} == {file.name for file in out.iterdir()}
    assert str(again) in result.stdout
    assert set(planned.told["files"]) <= {file.name for file in again.iterdir()}


def test_json_is_alone_on_stdout(crisis: Crisis) -> None:
    """In a real process, where native libraries could print too, stdout is one JSON object."""
    out = crisis.folder / "out"
    command = [sys.executable, "-m", "transfer_planner", "plan", crisis.scenario, "--out", out, "--json"]
    options = ["--centres", crisis.folder / "centres.yaml", "--time-limit", "1"]
    run = subprocess.run([*command, *options], capture_output=True, check=False, cwd=crisis.folder)
    assert run.returncode in {0, 3}, run.stderr
    assert json.loads(run.stdout)["scenario_id"] == "valenciennes-ransomware"
    assert run.stderr == b""


def test_interrupted_while_planning(crisis: Crisis) -> None:
    """Ctrl-C during the calculation leaves no output folder and says so, with code 130."""
    out = crisis.folder / "out"
    args = ["plan", str(crisis.scenario), "--out", str(out), "--centres", str(crisis.folder / "centres.yaml")]
    code = f"""
import signal
from transfer_planner.cli.main import cli
from transfer_planner.planning import plan

plan.make_plan = lambda *_, **__: signal.raise_signal(signal.SIGINT)
cli({args!r})
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True, cwd=crisis.folder)
    assert run.returncode == 130
    assert run.stderr.startswith("Interrompu")
    assert not out.exists()


def test_summary_for_people(crisis: Crisis) -> None:
    """Without --json the terminal tells decisions, loads, proof and where the files are, in French."""
    out = crisis.folder / "out"
    result = crisis.run("plan", crisis.scenario, "--out", out, "--time-limit", 1)
    assert result.exit_code in {0, 3}, result.output
    for said in ("EXERCICE", "Centres receveurs", "T6", str(out), "plan.json"):
        assert said in result.stdout
    assert result.stderr == ""


def test_problem_is_written(crisis: Crisis) -> None:
    """`problem` writes an MPS file."""
    file = crisis.folder / "crisis.mps"
    result = crisis.run("problem", crisis.scenario, "--mps", file, "--tier", "T1")
    assert result.exit_code == 0, result.output
    assert "ROWS" in file.read_text("ascii")


def test_validate_says_what_is_known_and_what_to_ask(crisis: Crisis) -> None:
    """`validate --json` gives knowledge by field, questions by centre, blanks by roster."""
    result = crisis.run("validate", crisis.scenario, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["findings"] == []
    assert sum(told["knowledge"]["location"].values()) == told["centres"]
    assert told["ask_first"]["gray"]
    assert told["scenarios"][0]["patients"] == 8
    assert result.stderr == ""


def test_validate_for_people(crisis: Crisis) -> None:
    """Without --json the same is said in French."""
    result = crisis.run("validate", crisis.scenario)
    assert result.exit_code == 0, result.output
    assert "Aucune anomalie" in result.stdout
    assert "Centre Gray" in result.stdout


def test_roster_check(crisis: Crisis) -> None:
    """`roster check` counts patients and blanks."""
    result = crisis.run("roster", "check", crisis.roster, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["patients"] == 8
    assert "category" not in told["blank"]  # the table of sites tells it


def test_schemas_are_json(crisis: Crisis) -> None:
    """`schema` prints one JSON object; `--out` writes the files that editors use."""
    assert set(json.loads(crisis.run("schema").stdout)) >= {"centres", "scenario", "plan"}
    crisis.run("schema", "--out", crisis.folder / "schemas")
    assert json.loads((crisis.folder / "schemas" / "scenario.schema.json").read_text("utf-8"))["properties"]


def test_an_overlay_named_twice_is_read_again_twice(crisis: Crisis) -> None:
    """A plan made with an overlay that the scenario already names is verified like any other."""
    overlay = crisis.folder / "scenarios" / "overlays" / "fictitious_equipment.yaml"
    out = crisis.folder / "twice"
    made = crisis.run("plan", crisis.scenario, "--out", out, "--overlay", overlay, "--time-limit", "1")
    assert made.exit_code in (0, 3), made.output
    assert crisis.run("verify", out / "plan.json").exit_code == 0
