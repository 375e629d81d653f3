"""`first-hours` on the command line: from a scenario alone, with encrypted identities, and refusals that write nothing."""

from __future__ import annotations

import json

from transfer_planner.io import age


def test_from_a_scenario_alone(crisis):
    out = crisis.folder / "papers"
    result = crisis.run("first-hours", crisis.scenario, "--out", out, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert "call-list.pdf" in told["files"]
    assert "requests-to-receive.pdf" not in told["files"]
    assert told["without_identity"] == 8


def test_identities_are_opened_with_a_key_and_not_told(crisis):
    secret, public = age.new_key()
    age.write_key(crisis.folder / "cell.key", secret, public, "cell")
    table = crisis.folder / "people.csv.age"
    table.write_bytes(age.encrypt(b"patient_id,name\nP001,FICTIF\n", recipients=[public]))
    options = ("--identities", table, "--key", crisis.folder / "cell.key", "--out", crisis.folder / "papers", "-v")
    result = crisis.run("first-hours", crisis.scenario, *options)
    assert result.exit_code == 0, result.output
    assert "1 patients sur 8" in result.stdout
    assert "FICTIF" not in result.output


def test_a_clear_table_is_refused_and_nothing_is_written(crisis):
    table = crisis.folder / "people.csv"
    table.write_text("patient_id,name\nP001,FICTIF\n")
    options = ("--identities", table, "--out", crisis.folder / "out")
    findings = crisis.refused("first-hours", crisis.scenario, *options)
    assert [finding["code"] for finding in findings] == ["not_age"]


def test_the_folder_of_a_plan_is_never_replaced(crisis):
    plan = crisis.folder / "plan"
    assert crisis.run("plan", crisis.scenario, "--out", plan, "--time-limit", "1").exit_code in {0, 3}
    result = crisis.run("first-hours", plan, "--out", plan)
    assert result.exit_code == 1
    assert (plan / "plan.json").exists()
    again = crisis.run("first-hours", plan, "--out", crisis.folder / "papers", "--day", "2026-03-03", "--number", "2")
    assert again.exit_code == 0, again.output
    assert (crisis.folder / "papers" / "requests-to-receive.pdf").exists()
