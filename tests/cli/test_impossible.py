"""Pins that contradict each other or the rules are faults of the data, told at once; an impossible crisis makes everybody wait."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.test_answers import plan_of

if TYPE_CHECKING:
    from tests.cli.conftest import Crisis


@pytest.mark.parametrize(
    ("pins", "code"),
    [
        (
            "{patient_id: P001, action: transfer, centre_id: gray}, {patient_id: P001, action: transfer, centre_id: galilee}",
            "contradictory_pins",
        ),
        ("{patient_id: P001, action: transfer}, {patient_id: P001, action: wait}", "contradictory_pins"),
        (
            "{patient_id: P001, action: transfer, centre_id: gray}, {patient_id: P001, forbid: gray}",
            "pin_to_forbidden_centre",
        ),
        ("{patient_id: P001, action: transfer, centre_id: dentellieres}", "pin_to_fallen_centre"),
        ("{patient_id: P001, action: transfer, centre_id: nowhere}", "unknown_reference"),
        ("{patient_id: NOBODY, action: wait}", "unknown_patient"),
        ("{patient_id: P001, action: transfer, start_date: 2027-01-01}", "pin_outside_horizon"),
        ("{patient_id: P001, action: restart}", "pins_impossible"),
        ("{patient_id: P001, action: transfer, start_date: 2026-03-07}", "pins_impossible"),
    ],
)
def test_pins_that_cannot_be(crisis: Crisis, pins: str, code: str) -> None:
    """Each is told with its place in the file, or with its patient where only the rules exclude it."""
    crisis.replace("pins: []", f"pins: [{pins}]")
    findings = crisis.refused()
    assert code in {finding["code"] for finding in findings}
    assert all("pins" in finding["where"] for finding in findings)


def test_pins_that_each_hold_and_not_together(crisis: Crisis) -> None:
    """Everybody pinned to one linac on one morning: each pin is possible, all are not; the patients are named."""
    codes = [line.partition(",")[0] for line in crisis.roster.read_text("utf-8").splitlines()[1:]]
    pins = [f"{{patient_id: {code}, action: transfer, centre_id: gray, start_date: 2026-03-13}}" for code in codes]
    crisis.replace("pins: []", f"pins: [{', '.join(pins)}]")
    findings = crisis.refused()
    assert {finding["code"] for finding in findings} == {"pins_impossible"}


def test_a_horizon_shorter_than_every_lead(crisis: Crisis) -> None:
    """Only an emergency can be ready: the others wait, each with a reason, and `explain` names the rule for every centre."""
    crisis.replace("agency_led: true", "agency_led: false")
    crisis.replace("horizon_days: 28", "horizon_days: 1")
    folder = plan_of(crisis)
    decisions: list[dict[str, Any]] = json.loads((folder / "plan.json").read_text("utf-8"))["decisions"]
    assert len(decisions) == 8
    assert all(decision["action"] == "wait" or decision["grade"] == "emergency" for decision in decisions)
    assert all(decision["reasons"] for decision in decisions)
    waiting = next(decision["patient_id"] for decision in decisions if decision["action"] == "wait")
    result = crisis.run("explain", folder, waiting, "--json")
    places = json.loads(result.stdout)["places"]
    assert all(place["rules"] for place in places if place["centre_id"] is not None)
    assert any("H04_horizon" in place["rules"] for place in places)
