"""`compare` tells what changes between two plans; `report --superseded-by` marks the one that is replaced."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import make_crisis
from transfer_planner.io.plans import read_plan
from transfer_planner.reports.furniture import plan_fingerprint

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Crisis


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Crisis:
    """Plan a crisis, then write a second plan beside it in which the first transferred patient starts elsewhere."""
    crisis = make_crisis(tmp_path_factory.mktemp("crisis"))
    crisis.run("plan", crisis.scenario, "--out", crisis.folder / "one", "--time-limit", 0.5)
    plan = json.loads((crisis.folder / "one" / "plan.json").read_text("utf-8"))
    moved = next(d for d in plan["decisions"] if d["action"] == "transfer")
    moved["centre_id"] = next(c for c in ("gray", "bourgogne") if c != moved["centre_id"])
    plan["tiers"][5]["value"] += 7
    (crisis.folder / "two").mkdir()
    (crisis.folder / "two" / "plan.json").write_text(json.dumps(plan), "utf-8")
    return crisis


def test_what_changes_is_told_and_drawn(two: Crisis, tmp_path: Path) -> None:
    """Tiers and patients on the terminal; a page and a PDF for their owner alone."""
    folders = two.folder / "one", two.folder / "two" / "plan.json"
    told = json.loads(two.run("compare", *folders, "--json").stdout)
    assert [change["kind"] for change in told["changes"]] == ["moved"]
    gaps = [tier["after"] - tier["before"] for tier in told["tiers"].values()]
    assert gaps == [0, 0, 0, 0, 0, 7]
    result = two.run("compare", *folders, "--out", tmp_path / "what.changes")
    assert result.exit_code == 0, result.output
    assert "Premier plan" in result.stdout
    assert told["changes"][0]["patient_id"] in result.stdout
    assert {f.name: f.stat().st_mode & 0o77 for f in tmp_path.iterdir()} == {"what.html": 0, "what.pdf": 0}
    assert two.run("compare", folders[0], folders[0]).stdout.splitlines()[-1] == "Aucun patient ne change."


def test_plans_of_two_crises_are_refused(two: Crisis, tmp_path: Path) -> None:
    """Nothing to compare is bad data, and nothing is written."""
    plan = json.loads((two.folder / "one" / "plan.json").read_text("utf-8"))
    for decision in plan["decisions"]:
        decision["patient_id"] = "X" + decision["patient_id"]
    other = two.folder / "one" / "other.json"
    other.write_text(json.dumps(plan), "utf-8")
    result = two.run("compare", other, two.folder / "two", "--out", tmp_path / "diff")
    assert result.exit_code == 1
    assert "patients en commun" in result.stderr
    assert list(tmp_path.iterdir()) == []
    other.unlink()


def test_a_superseded_plan_says_by_which(two: Crisis, tmp_path: Path) -> None:
    """The plan given, or its fingerprint, is written in plan.json and in the manifest; anything else is refused."""
    print_ = plan_fingerprint(read_plan(two.folder / "two" / "plan.json"))
    for number, given in enumerate((two.folder / "two", print_)):
        out = tmp_path / str(number)
        result = two.run("report", two.folder / "one", "--out", out, "--superseded-by", given)
        assert result.exit_code == 0, result.output
        assert json.loads((out / "plan.json").read_text("utf-8"))["superseded_by"] == print_
        assert f"VERSION REMPLACÉE – voir le plan {print_}" in (out / "map.html").read_text("utf-8")
    result = two.run("report", two.folder / "one", "--out", tmp_path / "no", "--superseded-by", "nothing")
    assert result.exit_code == 1
    assert not (tmp_path / "no").exists()


def test_levers_reach_the_crisis_page(two: Crisis, tmp_path: Path) -> None:
    """`report --levers` takes the file of `levers --json`; another file is refused and nothing is written."""
    found = tmp_path / "levers.json"
    found.write_text(two.run("levers", two.folder / "one", "--json", "--time-limit", "0.1").stdout, "utf-8")
    result = two.run("report", two.folder / "one", "--out", tmp_path / "with", "--levers", found)
    assert result.exit_code == 0, result.output
    found.write_text("{}", "utf-8")
    result = two.run("report", two.folder / "one", "--out", tmp_path / "no", "--levers", found)
    assert result.exit_code == 1
    assert not (tmp_path / "no").exists()
