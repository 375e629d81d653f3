"""Commands that answer questions about a plan speak to people and to machines, and refuse what they cannot answer."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import Crisis, make_crisis
from transfer_planner.domain.plan import TIERS
from transfer_planner.io.case import read_case
from transfer_planner.planning.plan import make_plan
from transfer_planner.reports.write import write_plan

if TYPE_CHECKING:
    from pathlib import Path

NEW = ("patient_id=N1", "centre_id=dentellieres", "technique=VMAT", "prescribed_fractions=30", "site=orl")


def plan_of(crisis: Crisis) -> Path:
    """Write a plan of the small crisis, without its papers."""
    case = read_case(crisis.scenario, crisis.folder / "centres.yaml")
    folder = crisis.folder / "plan"
    write_plan(make_plan(case, deterministic=True), case, folder)
    return folder


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Crisis, Path]:
    crisis = make_crisis(tmp_path_factory.mktemp("crisis"))
    return crisis, plan_of(crisis)


def answer(crisis: Crisis, *args: object) -> dict[str, Any]:
    """Run a command for machines."""
    result = crisis.run(*args, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def spoken(crisis: Crisis, *args: object, lang: str = "fr") -> str:
    """Run a command for people."""
    result = crisis.run(*args, "--lang", lang)
    assert result.exit_code == 0, result.output
    assert "Traceback" not in result.output
    return result.stdout


def some_patient(folder: Path) -> dict[str, Any]:
    decisions: list[dict[str, Any]] = json.loads((folder / "plan.json").read_text("utf-8"))["decisions"]
    return next(decision for decision in decisions if decision["action"] == "transfer")


def test_explain_says_each_centre(planned: tuple[Crisis, Path]) -> None:
    """All centres are there, for machines by id and for people by name, in French and in English."""
    crisis, folder = planned
    code = some_patient(folder)["patient_id"]
    fields = answer(crisis, "explain", folder, code)
    assert len(fields["places"]) == 19
    assert {place["verdict"] for place in fields["places"]} <= {
        "chosen",
        "better",
        "equal",
        "dearer",
        "taken",
        "refused",
    }
    offers = [place["offer"] for place in fields["places"] if place["offer"]]
    assert offers
    assert all(set(offer["change"]) == set(TIERS) for offer in offers)
    french, english = (spoken(crisis, "explain", folder, code, lang=lang) for lang in ("fr", "en"))
    assert french.startswith(f"{code} · P")
    assert "Centre Gray" in french
    assert "choisi" in french
    assert "chosen" in english


def test_why_not_forces_a_centre(planned: tuple[Crisis, Path]) -> None:
    """The place asked for is forced; the rule is told where it cannot be."""
    crisis, folder = planned
    decision = some_patient(folder)
    explained = answer(crisis, "explain", folder, decision["patient_id"])
    other = next(p["centre_id"] for p in explained["places"] if p["offer"] and p["centre_id"])
    command = ("explain", folder, decision["patient_id"], "--time-limit", "1", "--why-not")
    told = answer(crisis, *command, other)["why_not"]
    assert told["possible"]
    assert told["forced"]["offer"]["centre_id"] == other
    assert list(told["forced"]["after"].values()) >= list(told["forced"]["before"].values())
    assert "Le plan entier" in spoken(crisis, *command, other)
    closed = answer(crisis, *command, "dentellieres")["why_not"]
    assert (closed["possible"], closed["forced"]) == (False, None)
    assert "Impossible à imposer" in spoken(crisis, *command, "dentellieres")
    assert answer(crisis, *command, decision["centre_id"])["why_not"]["possible"]


def test_levers_are_ranked(planned: tuple[Crisis, Path]) -> None:
    """Levers come with what they gain, for how many; some text stands even where none helps."""
    crisis, folder = planned
    fields = answer(crisis, "levers", folder, "--deterministic")
    assert fields["tried"] > 50
    assert len(fields["levers"]) <= 10
    assert len(fields["pairs"]) <= 3
    for one in (*fields["levers"], *fields["pairs"]):
        assert next(value for value in one["gain"].values() if value) > 0
    assert "leviers" in spoken(crisis, "levers", folder, "--time-limit", "0.1")


def test_recommend_gives_places(planned: tuple[Crisis, Path]) -> None:
    """From a row or from fields, at most three places; the row stands in no file afterwards."""
    crisis, folder = planned
    fields = [word for pair in NEW for word in ("--set", pair)]
    told = answer(crisis, "recommend", folder, *fields)
    assert 0 < len(told["places"]) <= 3
    assert len({place["offer"]["centre_id"] for place in told["places"]}) == len(told["places"])
    row = crisis.folder / "new.csv"
    row.write_text("\n".join(",".join(pair.partition("=")[i] for pair in NEW) for i in (0, 2)) + "\n", "utf-8")
    assert answer(crisis, "recommend", folder, "--patient", row) == told
    assert "1. " in spoken(crisis, "recommend", folder, *fields)
    late = answer(crisis, "recommend", folder, *fields, "--not-before", "2026-03-16")
    assert all(place["offer"]["start"] >= "2026-03-16" for place in late["places"])


def test_recommend_refuses_a_faulty_row(planned: tuple[Crisis, Path]) -> None:
    """Every fault of the row is told at once; two rows, a known code, no row at all are faults too."""
    crisis, folder = planned
    bad = ("patient_id=N1", "centre_id=gray", "technique=VMATT", "prescribed_fractions=30", "mass_kg=x")
    faults = crisis.refused("recommend", folder, *(word for pair in bad for word in ("--set", pair)))
    assert {fault["file"] for fault in faults} == {"--set"}
    assert len(faults) == 2
    known = some_patient(folder)["patient_id"]
    again = [word for pair in (f"patient_id={known}", *NEW[1:]) for word in ("--set", pair)]
    assert crisis.refused("recommend", folder, *again)
    assert crisis.refused("recommend", folder, "--patient", crisis.roster)
    result = crisis.run("recommend", folder)
    assert result.exit_code == 2
    assert "soit --patient" in result.stderr


def test_alternatives_are_written_and_verify(planned: tuple[Crisis, Path]) -> None:
    """Each plan stands in a folder of its own that `verify` accepts."""
    crisis, folder = planned
    out = crisis.folder / "choice"
    told = answer(crisis, "alternatives", folder, "--out", out)
    assert sorted(p.parent.name for p in out.rglob("plan.json")) == sorted(a["aim"] for a in told["alternatives"])
    for other in told["alternatives"]:
        assert crisis.run("verify", other["plan"]).exit_code == 0
        assert other["changes"]
    assert spoken(crisis, "alternatives", folder)


def test_robustness_says_until_when_to_wait(planned: tuple[Crisis, Path]) -> None:
    """The futures' weights sum to one, and the worst is no better than expected."""
    crisis, folder = planned
    told = answer(crisis, "robustness", folder)
    assert sum(future["weight"] for future in told["futures"]) == pytest.approx(1)
    assert all(told["worst"][tier] >= told["expected"][tier] for tier in TIERS)
    text = spoken(crisis, "robustness", folder)
    assert "attendu" in text
    assert re.search(r"0 j\W: 50\W% – 1 j\W: 25\W% – 3 j\W: 25\W%", " ".join(text.split()))
    assert told["data_delays"] == {"0": 0.5, "1": 0.25, "3": 0.25}


def test_an_unknown_patient_or_centre_is_told(planned: tuple[Crisis, Path]) -> None:
    """A code that the plan does not know, a centre that does not exist."""
    crisis, folder = planned
    assert crisis.refused("explain", folder, "NOBODY")[0]["code"] == "unknown_patient"
    code = some_patient(folder)["patient_id"]
    fault = crisis.refused("explain", folder, code, "--why-not", "nowhere")[0]
    assert fault["code"] == "unknown_reference"
    assert "gray" in fault["expected"]


@pytest.mark.parametrize("command", [("explain", "P001"), ("levers",), ("alternatives",), ("robustness",)])
def test_changed_inputs_are_refused(crisis: Crisis, command: tuple[str, ...]) -> None:
    """A plan made from another roster does not answer."""
    folder = plan_of(crisis)
    crisis.change(1, mass_kg="71.5")
    faults = crisis.refused(command[0], folder, *command[1:])
    assert [fault["code"] for fault in faults] == ["input_changed"]


def test_a_destination_outside_the_network_comes_with_an_overlay(crisis: Crisis) -> None:
    """An overlay adds a centre with its own limits, and a plan can send patients there."""
    overlay = crisis.folder / "far.yaml"
    overlay.write_text(
        """schema_version: 1
centres:
  - id: outside
    name: Outside
    location: {lat: 50.36, lon: 3.52, precision: commune, error_m: 2000}
    new_starts_per_day: 4
    physics_hours_per_day: 40
    ct_simulator_slots_per_day: 4
    opening: {weekdays: 600}
    linacs:
      - {id: outside-1, vendor: Elekta, model: Infinity, type: c_arm, mlc: Agility, photon_mv: [6X, 10X],
         techniques: [3DCRT, IMRT, VMAT], booked_min_per_day: 100}
""",
        "utf-8",
    )
    case = read_case(crisis.scenario, crisis.folder / "centres.yaml", [overlay])
    plan = make_plan(case, deterministic=True)
    assert plan.summary.by_destination["outside"] > 0
    folder = crisis.folder / "plan"
    write_plan(plan, case, folder)
    decision = next(d for d in plan.decisions if d.centre_id == "outside")
    assert answer(crisis, "explain", folder, decision.patient_id)["decision"]["centre_id"] == "outside"
