"""A correct tiny plan is accepted; each rule broken alone is found, and so is any number of the file that is changed."""

from __future__ import annotations

import copy
import re
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from tests.planning import cases
from transfer_planner.io.reference import read_policy
from transfer_planner.planning.verify import RULES, verify_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
TESTED: set[str] = set()


class World:
    """The tiny case and plan as they would be written, to be changed by a test."""

    def __init__(self) -> None:
        self.network, self.scenario, self.roster = cases.network(), cases.scenario(), cases.roster()
        self.plan = cases.plan()
        self.policy: dict[str, Any] = {}

    def centre(self, code: str) -> dict[str, Any]:
        return next(centre for centre in self.network["centres"] if centre["id"] == code)

    def patient(self, code: str) -> dict[str, Any]:
        return next(row for row in self.roster if row["patient_id"] == code)

    def decision(self, code: str) -> dict[str, Any]:
        return next(row for row in self.plan["decisions"] if row["patient_id"] == code)

    def broken(self) -> set[str]:
        """Return the rules and fields that do not hold."""
        case = cases.make_case(self.network, self.scenario, self.roster, read_policy(self.policy))
        return {violation.rule for violation in verify_plan(cases.make_plan(self.plan), case)}

    def rules(self) -> set[str]:
        """Return the hard rules that are broken."""
        return {rule for rule in self.broken() if re.fullmatch(r"H\d\d", rule)}


def isolates(rule: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Mark the test that breaks a rule alone."""
    TESTED.add(rule)
    return lambda test: test


def test_the_tiny_plan_holds() -> None:
    """A plan computed by hand is accepted whole."""
    assert World().broken() == set()


# ---- hard rules


@isolates("H01")
def test_h01_a_patient_without_decision() -> None:
    """A planned patient whose decision is missing is found."""
    world = World()
    world.plan["decisions"].remove(world.decision("P3"))
    assert world.rules() == {"H01"}


def test_h01_two_decisions() -> None:
    """A patient with two decisions is found."""
    world = World()
    world.plan["decisions"].append(copy.deepcopy(world.decision("P3")))
    assert world.rules() == {"H01"}


@pytest.mark.parametrize("code", ["P4", "P99"])
def test_h01_a_decision_for_nobody(code: str) -> None:
    """A decision for a patient unknown, or with nothing left, is found."""
    world = World()
    world.plan["decisions"].append(world.decision("P3") | {"patient_id": code})
    assert world.rules() == {"H01"}


@pytest.mark.parametrize(
    "change", [{"linac_id": "b9"}, {"centre_id": "gamma"}, {"start_date": None}, {"action": "restart"}]
)
def test_h01_an_incomplete_transfer(change: dict[str, Any]) -> None:
    """A transfer without start, or whose linac is not at its centre, or that restarts elsewhere, is no decision."""
    world = World()
    world.decision("P1").update(change)
    assert "H01" in world.broken()


@isolates("H02")
def test_h02_a_centre_that_shares_a_system() -> None:
    """A destination that shares an information system with a compromised centre is found."""
    world = World()
    world.centre("beta")["information_systems"] = ["beta-is", "alpha-is"]
    assert world.rules() == {"H02"}


def test_h02_a_compromised_destination() -> None:
    """A destination that fell with its information system is found."""
    world = World()
    world.scenario["compromised"]["information_systems"] = ["gamma-is"]
    assert "H02" in world.broken()


@isolates("H03")
@pytest.mark.parametrize(
    ("patient", "change"),
    [
        ("P1", {"needs": ["DIBH"]}),
        ("P2", {"energy": "9E"}),
        ("P1", {"birth_year": 2015}),
        ("P1", {"anaesthesia": True}),
        ("P2", {"technique": "ELECTRONS"}),
    ],
)
def test_h03_what_the_linac_cannot_do(patient: str, change: dict[str, Any]) -> None:
    """A feature, an energy, an authorisation or a technique that the destination lacks is found."""
    world = World()
    world.patient(patient).update(change)
    assert "H03" in world.rules() <= {"H03", "H11"}


def test_h03_couch() -> None:
    """A patient heavier than the couch allows is found; an unknown limit refuses nobody."""
    world = World()
    world.patient("P2")["mass_kg"] = 220
    assert world.rules() == set()
    world.centre("gamma")["linacs"][0]["couch_max_kg"] = 200
    assert world.rules() == {"H03"}


def test_h03_electrons_of_unknown_energy() -> None:
    """Electrons whose energy nobody wrote go only to a linac that lists some."""
    world = World()
    world.patient("P2").update(technique="ELECTRONS", energy=None)
    world.centre("gamma")["linacs"][0]["techniques"] = ["ELECTRONS"]
    assert world.rules() == {"H03"}
    world.centre("gamma")["linacs"][0]["electron_mev"] = [6]
    assert world.rules() == set()


def test_h03_emergency_needs_simple_fields() -> None:
    """An emergency goes only to a linac that lists 3DCRT itself."""
    world = World()
    world.centre("beta")["linacs"][0]["techniques"] = ["IMRT", "VMAT"]
    assert world.rules() == {"H03"}


def test_h03_individual_decisions_are_flagged() -> None:
    """Total body irradiation moves only with the flag of an individual medical decision."""
    world = World()
    world.patient("P2")["technique"] = "TBI"
    world.centre("gamma")["linacs"][0]["techniques"] = ["TBI"]
    assert world.rules() == {"H03"}
    world.decision("P2")["reasons"] = [{"code": "individual_decision", "text": "décision médicale individuelle"}]
    assert world.rules() == set()


@isolates("H04")
def test_h04_too_early() -> None:
    """A start before the data are back and the plan recalculated is found."""
    world = World()
    world.scenario["data_recovery"]["dicom_after_h"] = 48
    assert world.rules() == {"H04"}


def test_h04_agreement() -> None:
    """Without the agency, agreement takes five days; a signed convention gives none."""
    world = World()
    world.scenario["agency_led"] = False
    assert world.rules() == {"H04"}
    world.network["conventions"] = [{"between": ["beta", "alpha"]}, {"between": ["alpha", "gamma"]}]
    assert world.rules() == set()


def test_h04_horizon() -> None:
    """A start beyond the horizon is found."""
    world = World()
    world.scenario["horizon_days"] = 6
    assert world.rules() == {"H04"}


def test_h04_restart() -> None:
    """A restart before the home linac treats again is found."""
    world = World()
    world.scenario["home_restart"][0]["from_day"] = 8
    assert "H04" in world.rules()


def test_h04_planned_start() -> None:
    """A planned patient who would start before the first fraction was due is found."""
    world = World()
    world.patient("P2")["first_fraction_date"] = "2026-03-10"
    assert world.rules() == {"H04"}


@isolates("H05")
def test_h05_too_many_minutes() -> None:
    """A linac-day beyond its capacity is found."""
    world = World()
    world.centre("gamma")["linacs"][0]["booked_min_per_day"] = 700
    assert world.rules() == {"H05"}


@pytest.mark.parametrize(
    "answer",
    [{"accepts": False}, {"from_date": "2026-03-07"}, {"spare_minutes_per_day": 20}],
)
def test_h05_declared_capacity(answer: dict[str, Any]) -> None:
    """What a centre answered on the phone binds its linacs."""
    world = World()
    world.scenario["declared_capacity"] = [{"centre_id": "gamma", "physics_hours_per_day": 9} | answer]
    assert world.rules() == {"H05"} | ({"H07"} if "from_date" in answer else set())


def test_h05_declared_for_the_whole_centre() -> None:
    """Declared spare minutes bind the centre, not each linac."""
    world = World()
    twin = copy.deepcopy(world.centre("beta")["linacs"][0]) | {"id": "b2"}
    world.centre("beta")["linacs"].append(twin)
    world.centre("beta")["new_starts_per_day"] = 2
    world.scenario["declared_capacity"] = [{"centre_id": "beta", "spare_minutes_per_day": 30}]
    assert world.rules() == set()
    # The emergency starts with the other patient, each on a linac: 25 and 22 minutes.
    world.decision("P5").update(linac_id="b2", start_date="2026-03-04", ct_simulation_date="2026-03-04")
    assert world.rules() == {"H05"}


def test_h05_saturday() -> None:
    """Saturday minutes are limited too."""
    world = World()
    world.centre("beta")["opening"]["saturday_surge_max"] = 10
    assert world.rules() == {"H05"}


def test_h05_evening() -> None:
    """Without the evening surge, opening hours bind."""
    world = World()
    world.scenario["surge"]["evening"] = False
    assert world.rules() == {"H05"}


@isolates("H06")
def test_h06_too_many_starts() -> None:
    """A centre-day with more new patients than it can start is found."""
    world = World()
    world.centre("beta")["new_starts_per_day"] = 0
    assert world.rules() == {"H06"}


def test_h06_more_oncologists_than_the_pool() -> None:
    """An oncologist who is not in the pool is found."""
    world = World()
    world.scenario["redeployment"]["oncologists"] = 0
    assert world.rules() == {"H06"}


@isolates("H07")
def test_h07_too_many_physics_hours() -> None:
    """Physics hours beyond those available by a day are found."""
    world = World()
    world.centre("beta")["physics_hours_per_day"] = 3
    assert world.rules() == {"H07"}


def test_h07_more_physicists_than_the_pool() -> None:
    """A physicist who is not in the pool is found."""
    world = World()
    world.scenario["redeployment"]["physics_fte"] = 0
    assert world.rules() == {"H07"}


def test_h07_redeployment_begins_on_its_day() -> None:
    """Redeployed hours count only from the day that the scenario gives: here one day instead of three."""
    world = World()
    world.scenario["redeployment"]["from_day"] = 4
    assert world.rules() == {"H07"}


@isolates("H08")
def test_h08_too_many_simulations() -> None:
    """A centre-day with more simulations than slots is found."""
    world = World()
    world.centre("gamma")["ct_simulator_slots_per_day"] = 0
    assert world.rules() == {"H08"}


def test_h08_wrong_day() -> None:
    """A simulation on another day than its own is found."""
    world = World()
    world.decision("P2")["ct_simulation_date"] = "2026-03-04"
    assert world.rules() == {"H08"}


@isolates("H09")
def test_h09_too_far() -> None:
    """A travel beyond the patient's limit is found; lodging does not allow it to rank 4, flagged or not."""
    world = World()
    world.patient("P2")["max_travel_min"] = 30
    assert world.rules() == {"H09"}
    world.scenario["surge"]["lodging"] = True
    assert world.rules() == {"H09"}
    world.decision("P2")["reasons"] = [{"code": "lodging", "text": "hébergement"}]
    assert world.rules() == {"H09"}


def test_h09_ranks_that_may_go_further() -> None:
    """Ranks 1 and 2 may go beyond the limit, but flagged."""
    world = World()
    world.patient("P1")["max_travel_min"] = 10
    assert world.rules() == {"H09"}
    world.decision("P1")["reasons"] = [{"code": "travel_to_justify", "text": "à justifier"}]
    assert world.rules() == set()


@isolates("H10")
@pytest.mark.parametrize(
    "pin",
    [
        {"patient_id": "P1", "forbid": "beta"},
        {"patient_id": "P1", "start_date": "2026-03-05"},
        {"patient_id": "P3", "action": "transfer"},
        {"patient_id": "P2", "centre_id": "beta"},
        {"patient_id": "P6", "action": "restart", "linac_id": "a1"},
    ],
)
def test_h10_pins(pin: dict[str, Any]) -> None:
    """A decision that the scenario imposes otherwise is found."""
    world = World()
    world.scenario["pins"] = [pin]
    assert world.rules() == {"H10"}


@isolates("H11")
@pytest.mark.parametrize("dose_gy", [30, None])
def test_h11_saturday_conditions(dose_gy: float | None) -> None:
    """Saturday compensation above 2.5 Gy a fraction, or of an unknown dose, is found."""
    world = World()
    world.patient("P1")["prescribed_dose_gy"] = dose_gy
    assert world.rules() == {"H11"}


@pytest.mark.parametrize("change", [{}, {"anaesthesia": True}, {"fractions_per_day": 2}, {"prescribed_dose_gy": 24}])
def test_h11_two_sessions_a_day(change: dict[str, Any]) -> None:
    """Two sessions a day are refused under anaesthesia, when already two, and above 2.2 Gy; accepted otherwise."""
    world = World()
    world.scenario["compensation"] = ["bid"]
    world.centre("beta")["anaesthesia"] = True
    world.decision("P1")["compensation"] = "bid"
    # Thursday carries two fractions: one more day made up.
    days = (("2026-03-04", 25, 1), ("2026-03-05", 30, 2), ("2026-03-06", 15, 1), ("2026-03-09", 15, 1))
    world.decision("P1")["sessions"] = [{"date": d, "minutes": m, "fractions": f} for d, m, f in days]
    world.patient("P1").update(change)
    assert world.rules() == ({"H11"} if change else set())
    assert change or "decisions.sessions" not in world.broken()


def test_h11_stereotactic_days_apart() -> None:
    """Stereotactic sessions on consecutive days are found."""
    world = World()
    world.patient("P2")["technique"] = "SBRT"
    world.centre("gamma")["linacs"][0]["techniques"] = ["SBRT"]
    assert world.rules() == {"H11"}


@isolates("H12")
def test_h12_chemotherapy() -> None:
    """A destination that does not give concurrent chemotherapy is found, unless it is kept elsewhere."""
    world = World()
    world.patient("P1")["concurrent_chemotherapy"] = True
    assert world.rules() == {"H12"}
    world.patient("P1")["chemotherapy_kept_at"] = "elsewhere"
    assert world.rules() == set()


@isolates("H13")
@pytest.mark.parametrize(("patient", "session"), [("P1", 4), ("P2", 1)])
def test_h13_sunday(patient: str, session: int) -> None:
    """A session on a Sunday is found."""
    world = World()
    world.decision(patient)["sessions"][session]["date"] = "2026-03-08"
    assert world.rules() == {"H13"}


def test_h13_saturday_without_the_mode() -> None:
    """A Saturday session of a patient who is not on that mode is found."""
    world = World()
    world.decision("P2")["sessions"][1]["date"] = "2026-03-07"
    assert world.rules() == {"H13"}


# ---- tiers


@pytest.mark.parametrize("tier", ["T1", "T2", "T3", "T4", "T5", "T6"])
def test_tiers(tier: str) -> None:
    """A tier whose value is not the sum of what its decisions cost is found, alone."""
    world = World()
    row = next(row for row in world.plan["tiers"] if row["id"] == tier)
    row.update(value=row["value"] + 1, proven=False)
    world.plan["status"] = "FEASIBLE"
    assert world.broken() == {tier}


TESTED |= {"T1", "T2", "T3", "T4", "T5", "T6"}


def test_a_long_curative_excess_counts_one_tier_higher() -> None:
    """Beyond 14 days, the excess of a curative patient of rank 3 counts in T2; here beyond two days."""
    world = World()
    world.policy = {"escalation_days": 2}
    assert world.broken() == {"T2", "T3"}
    world.decision("P3")["tier_costs"] = {"T2": 15, "T3": 20, "T6": 800}
    world.plan["tiers"][1].update(value=15, bound=15)
    world.plan["tiers"][2].update(value=20, bound=20)
    assert world.broken() == set()


@pytest.mark.parametrize(
    ("tier", "change"),
    [("T1", {"bound": 21}), ("T6", {"bound": 5126}), ("T3", {"bound": 24}), ("T4", {"bound": -1, "proven": False})],
)
def test_bounds(tier: str, change: dict[str, Any]) -> None:
    """A bound above the value or below zero is found, and a proof that its bound does not carry."""
    world = World()
    next(row for row in world.plan["tiers"] if row["id"] == tier).update(change)
    assert world.broken() - {"status"} == {tier}


# ---- everything else that the file states


UNCHECKED = {
    "schema_version", "software", "created_at", "seed", "deterministic", "wall_s", "path", "reason", "to_confirm",
}  # fmt: skip
"""What cannot be computed again, or carries no meaning for the plan."""
OTHER_WORDS = {
    "G1": "G2", "G4": "G3", "emergency": "G1", "none": "saturday", "saturday": "none", "OPTIMAL": "FEASIBLE", "matrix": "estimate",
}  # fmt: skip


def leaves(tree: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every value of a plan, the first two rows of each table but every decision."""
    items = enumerate(tree) if isinstance(tree, list) else tree.items() if isinstance(tree, dict) else ()
    if not isinstance(tree, list | dict):
        yield path
    for key, value in items:
        if key not in UNCHECKED and not (isinstance(key, int) and key > 1 and path != ("decisions",)):
            yield from leaves(value, (*path, key))


def other(value: Any) -> Any:
    """Return another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if value is None:
        return "2026-03-05"
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return (date.fromisoformat(value) + timedelta(days=1)).isoformat()
    return OTHER_WORDS.get(value, "other")


@pytest.mark.parametrize("path", list(leaves(cases.plan())), ids=lambda path: ".".join(map(str, path)))
def test_no_number_changes_unnoticed(path: tuple[str | int, ...]) -> None:
    """Any figure, date or word of plan.json that is changed is found by the verification, or refused by the reader."""
    world = World()
    *parents, last = path
    row: Any = world.plan
    for key in parents:
        row = row[key]
    row[last] = other(row[last])
    try:
        plan = cases.make_plan(world.plan)
    except ValidationError:
        return
    assert verify_plan(plan, cases.make_case())


@pytest.mark.parametrize("table", ["loads", "centre_days", "not_planned"])
def test_missing_rows(table: str) -> None:
    """A row that a table lacks, or holds twice, is found."""
    world = World()
    row = world.plan[table].pop()
    assert world.broken() >= {table}
    world.plan[table] += [row, row]
    assert world.broken() >= {table}


def test_every_fact_is_said_in_french() -> None:
    """A violation names the patient, what was found and what was expected, in French too."""
    world = World()
    world.patient("P2")["max_travel_min"] = 30
    case = cases.make_case(a_roster=world.roster)
    texts = [v.text.text("fr") for v in verify_plan(cases.make_plan(), case) if v.rule == "H09"]
    assert texts == ["P2 parcourt 40 minutes jusqu’à gamma, au plus 30 attendues."]


def test_values_are_said_as_people_say_them() -> None:
    """Nothing, yes, days, decimals and calendars are said in words; a long list says only where it begins to differ."""
    world = World()
    world.patient("P2")["max_travel_min"] = 30
    row = world.decision("P2")
    row |= {"ready_date": None, "physics_hours": row["physics_hours"] + 0.25}
    row["sessions"][1]["minutes"] += 1
    world.plan["exercise"] = not world.plan["exercise"]
    texts = " ".join(v.text.text("fr") for v in verify_plan(cases.make_plan(world.plan), cases.make_case()))
    assert "decisions.ready_date de P2 vaut (rien)" in texts
    assert "exercise de plan.json vaut non, oui attendu." in texts
    assert ",25, " in texts
    assert "decisions.sessions[1] de P2 vaut" in texts
    assert not re.search(r"None|True|False|datetime|\d{4}-\d\d-\d\d", texts)


def test_rules_tests_and_paragraphs_are_the_same() -> None:
    """Every rule and tier has its function, its isolated test and its paragraph."""
    paragraphs = re.findall(r"^### ([HT]\d+)\b", (ROOT / "docs" / "formulation.md").read_text("utf-8"), re.MULTILINE)
    assert paragraphs == list(RULES)
    assert set(RULES) == TESTED
