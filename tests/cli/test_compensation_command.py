"""Shows that `compensation` answers people in their language and machines with fixed names, and refuses bad numbers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from transfer_planner.cli.compensation import compensation

WORKED = {"--dose": "70", "--fractions": "35", "--delivered": "30", "--gap-days": "7"}


def run(*more: str, **changes: str) -> Result:
    """Call the command on the worked example, with some options changed."""
    options = WORKED | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    return CliRunner().invoke(compensation, [part for pair in options.items() for part in pair] + list(more))


def answer(*more: str, **changes: str) -> dict[str, Any]:
    result = run("--json", *more, **changes)
    assert result.exit_code == 0, result.output
    content: dict[str, Any] = json.loads(result.stdout)
    return content


def test_the_worked_example_for_machines() -> None:
    """30 of 35 fractions delivered, a week lost: five fractions of 2.85 Gy, late BED +9.5 %."""
    content = answer()
    assert content["elapsed_days"] == {"planned": 46, "actual": 53}
    assert content["bed"] == pytest.approx({"planned": 67.8, "uncompensated": 61.5}, abs=0.05)
    assert content["eqd2"] == pytest.approx({"planned": 56.5, "uncompensated": 51.25}, abs=0.05)
    option = next(item for item in content["options"] if item["kind"] == "larger_fractions")
    assert option["fractions"] == 5
    assert option["dose_per_fraction_gy"] == pytest.approx(2.85, abs=0.005)
    assert option["tumour_bed"] == pytest.approx(67.8, abs=0.05)
    assert option["late_bed"] == pytest.approx(127.8, abs=0.05)
    assert option["late_bed_change_percent"] == pytest.approx(9.5, abs=0.1)
    assert option["warnings"]


def test_every_option_has_the_same_names() -> None:
    """What was refused is listed apart, with its reason."""
    content = answer(dose="105", delivered="20")
    names = {
        "kind",
        "fractions",
        "dose_per_fraction_gy",
        "tumour_bed",
        "late_bed",
        "late_bed_change_percent",
        "warnings",
    }
    assert all(names <= set(option) for option in content["options"])
    assert {item["kind"] for item in content["refused"]} == {"weekend_sessions", "two_a_day"}
    assert all(item["reason"] for item in content["refused"])


def test_the_numbers_given_are_used() -> None:
    """Breast with its own values: no loss with a delay of 28 days; a Tuesday start takes two days more."""
    breast = {"dose": "40", "fractions": "15", "delivered": "5", "alpha_beta": "4", "k": "0.5"}
    free = answer(**breast, tdelay="28")
    assert free["bed"]["planned"] == free["bed"]["uncompensated"]
    lost = answer(**breast, tdelay="21")
    assert lost["bed"]["planned"] - lost["bed"]["uncompensated"] == pytest.approx(2.0, abs=0.05)
    assert answer(start_weekday="tue")["elapsed_days"] == {"planned": 48, "actual": 55}
    assert answer(late_alpha_beta="2")["late_bed"]["planned"] == pytest.approx(140)


def test_people_read_french_by_default() -> None:
    """A table with decimal commas, and nobody is told what to prescribe."""
    result = run()
    assert result.exit_code == 0
    for text in ("67,8", "2,85", "+9,5", "Calculé, non prescrit", "BED tardive"):
        assert text in result.stdout


def test_people_may_read_english() -> None:
    """The same table with decimal points."""
    result = run("--lang", "en")
    for text in ("67.8", "2.85", "+9.5", "Computed, not prescribed"):
        assert text in result.stdout


def test_a_french_decimal_comma_is_read() -> None:
    """66,6 Gy is 66.6 Gy."""
    assert answer(dose="66,6") == answer(dose="66.6")


@pytest.mark.parametrize(
    "changes",
    [
        {"dose": "-1"},
        {"dose": "0"},
        {"dose": "nan"},
        {"dose": "inf"},
        {"dose": "seventy"},
        {"fractions": "0"},
        {"fractions": "35.5"},
        {"delivered": "-1"},
        {"gap_days": "-7"},
        {"alpha_beta": "0"},
        {"k": "-0.9"},
        {"tdelay": "-1"},
        {"late_alpha_beta": "nan"},
        {"start_weekday": "lundi"},
    ],
)
def test_numbers_out_of_range_are_wrong_usage(changes: dict[str, str]) -> None:
    """Exit code 2, nothing on stdout, the option named."""
    result = run(**changes)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert next(iter(changes)).replace("_", "-") in result.stderr


@pytest.mark.parametrize("delivered", ["35", "40"])
def test_nothing_left_to_compensate_with_is_bad_data(delivered: str) -> None:
    """As many fractions delivered as prescribed, or more: exit code 1, and what to do."""
    result = run(delivered=delivered)
    assert result.exit_code == 1
    assert "--delivered" in result.stderr
    assert "35" in result.stderr
    assert "Traceback" not in result.output
