"""`stress` as a user runs it: outputs, worst cases that `plan` takes, faults told before any work."""

from __future__ import annotations

import json

import pytest

from transfer_planner.domain.stress import Stress


@pytest.fixture
def small(monkeypatch):
    """Make batches of four runs instead of fifty."""
    for module in ("samplers", "monte_carlo", "monte_carlo_statistics"):
        for name, value in (("LEVELS", 2), ("BATCH", 4)):
            monkeypatch.setattr(f"transfer_planner.stress.{module}.{name}", value, raising=False)


@pytest.mark.usefixtures("small")
def test_a_small_crisis_is_tried_and_its_worst_case_planned_again(crisis):
    """The folder is whole; the same command again makes the same numbers; the worst case gives the value told."""
    out = crisis.folder / "out"
    args = (
        "stress",
        crisis.scenario,
        "--out",
        out,
        "--runs",
        8,
        "--until",
        0,
        "--worst",
        1,
        "--workers",
        1,
        "--deterministic",
    )
    done = crisis.run(*args, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["runs_made"] == 8
    made = Stress.model_validate_json((out / "stress.json").read_text("utf-8"))
    assert {path.name for path in out.iterdir()} == {
        "stress.json",
        "stress.pdf",
        "stress.xlsx",
        "manifest.json",
        "worst",
    }
    assert (crisis.folder / "out.store").exists()
    again = crisis.run(*args, "--lang", "en")
    assert again.exit_code == 0, again.output
    assert "patients beyond tolerance" in again.stdout
    second = Stress.model_validate_json((out / "stress.json").read_text("utf-8"))
    assert second.model_dump(exclude={"created_at"}) == made.model_dump(exclude={"created_at"})
    worst = out / "worst" / "1"
    planned = crisis.folder / "again"
    result = crisis.run(
        "plan", worst / "scenario.yaml", "--out", planned, "--deterministic", "--centres", worst / "centres.yaml"
    )
    assert result.exit_code in (0, 3), result.output
    plan = json.loads((planned / "plan.json").read_text("utf-8"))
    assert [tier["value"] for tier in plan["tiers"]] == [tier.value for tier in made.worst[0].planned]


def test_faults_are_told_before_any_work(crisis):
    """A folder of somebody else, a file of assumptions that is not one, a store that is not ours."""
    out = crisis.folder / "out"
    args = ("stress", crisis.scenario, "--out", out)
    notes = crisis.folder / "notes.yaml"
    notes.write_text("schema_version: 1\noutage: sometimes\n", "utf-8")
    findings = crisis.refused(*args, "--assumptions", notes)
    assert {"outage", "load", "staff", "failures"} <= {finding["where"].split(" ")[0] for finding in findings}
    other = crisis.folder / "other.store"
    other.write_bytes(b"not a store, but long enough to be looked into" * 40)
    assert [finding["code"] for finding in crisis.refused(*args, "--store", other)] == ["store_damaged"]
    assert other.read_bytes().startswith(b"not a store")
    folder = crisis.folder / "mine"
    folder.mkdir()
    (folder / "thesis.docx").write_text("precious", "utf-8")
    result = crisis.run("stress", crisis.scenario, "--out", folder)
    assert result.exit_code == 1
    assert "thesis.docx" in result.stderr


def test_unknown_sources_are_wrong_usage(crisis):
    """The list of sources is closed."""
    result = crisis.run("stress", crisis.scenario, "--out", crisis.folder / "out", "--vary", "weather")
    assert result.exit_code == 2
