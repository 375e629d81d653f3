"""The checklist: each condition decides its items, each fact has a value or none, faults of the file are all found."""

from __future__ import annotations

from importlib import resources
from typing import get_args

import pytest

from tests.factories import make_case, make_patient, make_plan
from transfer_planner.errors import DataError
from transfer_planner.reports.checklist import (
    Condition,
    Known,
    needed,
    packaged_checklist,
    read_checklist,
    true_conditions,
)
from transfer_planner.reports.facts import Facts


def _holding(decision=None, **patient):
    """Return the conditions that hold for a patient and a decision with these differences."""
    case = make_case(patients=(make_patient(0, **patient),))
    made = make_plan(case).decisions[0]
    return true_conditions(case.patients[0], made.model_copy(update=decision or {}), case)


def _printed(holding):
    return {item.id for item in packaged_checklist().items if needed(item, holding)}


CASES = [
    ("transfer", {"action": "transfer"}, {}, {"action": "wait"}, {}),
    ("restart", {"action": "restart"}, {}, {}, {}),
    ("wait", {"action": "wait"}, {}, {}, {}),
    ("on_treatment", {}, {"status": "on_treatment"}, {}, {"status": "planned"}),
    ("mid_course_replanned", {"grade": "G2"}, {"status": "on_treatment"}, {"grade": "G1"}, {"status": "on_treatment"}),
    ("plan_reused", {"grade": "G1"}, {}, {"grade": "G2"}, {}),
    ("data_reused", {"grade": "G3"}, {}, {"grade": "G4"}, {}),
    ("resimulated", {"grade": "emergency"}, {}, {"grade": "G0"}, {}),
    ("delivered_unknown", {}, {"delivered_fractions": None}, {}, {"delivered_fractions": 0}),
    (
        "dose_above_physician_limit",
        {},
        {"prescribed_dose_gy": 24.3, "prescribed_fractions": 3},
        {},
        {"prescribed_dose_gy": 24, "prescribed_fractions": 3},
    ),
    (
        "dose_above_physician_limit",
        {},
        {"prescribed_dose_gy": None, "technique": "SBRT"},
        {},
        {"prescribed_dose_gy": None, "technique": "VMAT"},
    ),
    ("category_1_or_2", {"category": None}, {}, {"category": 3}, {}),
    ("chemotherapy", {}, {"concurrent_chemotherapy": True}, {}, {"concurrent_chemotherapy": None}),
    ("chemotherapy_unknown", {}, {"concurrent_chemotherapy": None}, {}, {"concurrent_chemotherapy": False}),
    ("anaesthesia", {}, {"anaesthesia": True}, {}, {"anaesthesia": None}),
    ("breath_hold", {}, {"needs": ("GATING",)}, {}, {"needs": ("CBCT",)}),
    ("stereotactic", {}, {"technique": "SRS"}, {}, {}),
    ("minor", {}, {"birth_year": 2009}, {}, {"birth_year": 2008}),
    ("far_50_km", {"travel_km": 50.1}, {}, {"travel_km": 50.0}, {}),
    ("far_150_km", {"travel_km": 150.1}, {}, {"travel_km": None}, {}),
    ("immobilised", {}, {"immobilisation": None}, {}, {"immobilisation": "none"}),
    ("substituted", {"technique": "HELICAL"}, {}, {"technique": None}, {}),
    ("pregnancy_possible", {}, {"birth_year": None}, {}, {"birth_year": 1950}),
    ("pregnancy_possible", {}, {"birth_year": 1980}, {}, {"birth_year": 1980, "site": "prostate"}),
]


@pytest.mark.parametrize(("name", "yes", "patient_yes", "no", "patient_no"), CASES)
def test_a_condition_holds_only_when_it_should(name, yes, patient_yes, no, patient_no):
    assert name in _holding(yes, **patient_yes)
    assert name not in _holding(no, **patient_no)


def test_every_condition_is_tested_and_used():
    used = {condition.removeprefix("not ") for item in packaged_checklist().items for condition in item.when}
    assert {case[0] for case in CASES} == set(get_args(Condition))
    assert used == set(get_args(Condition))


def test_every_block_of_the_design_has_items():
    checklist = packaged_checklist()
    assert [block.id for block in checklist.blocks] == [
        "identity",
        "contact",
        "clinical",
        "prescription",
        "delivered",
        "plan_data",
        "setup",
        "risks",
        "systemic",
        "anaesthesia",
        "data_received",
        "consent",
        "receiving",
        "compensation",
        "return",
    ]
    assert {item.block for item in checklist.items} == {block.id for block in checklist.blocks}


def test_an_unknown_count_forbids_treating_and_hides_the_plain_count():
    printed = _printed(_holding({}, delivered_fractions=None))
    assert "delivered-unknown" in printed
    assert "delivered-count" not in printed


def test_a_reused_plan_needs_its_data_and_a_new_ct_does_not():
    reused = _printed(_holding({"grade": "G0"}, status="on_treatment"))
    replanned = _printed(_holding({"grade": "G4"}, status="on_treatment"))
    assert {"data-plan", "data-ct", "received-medium", "received-paper"} <= reused
    assert not {"data-plan", "data-ct", "received-medium", "received-paper"} & replanned
    assert {"receiving-simulation", "risk-accumulated"} <= replanned


@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_fact_can_be_said_of_every_patient(number, lang):
    case = make_case(patients=(make_patient(number), make_patient(number, patient_id="X", intent=None, energy=None)))
    for patient, decision in zip(case.patients, make_plan(case).decisions, strict=True):
        facts = Facts(patient, decision, case, lang)
        assert all(fact.text for fact in facts.of(get_args(Known)))


def test_every_fact_is_used_by_an_item():
    assert {name for item in packaged_checklist().items for name in item.known} == set(get_args(Known))


def test_all_faults_of_an_edited_checklist_are_found_at_once(tmp_path):
    source = (resources.files("transfer_planner") / "data" / "checklist.yaml").read_text("utf-8")
    broken = source.replace("id: transport-mode", "id: contact-phone").replace("far_50_km,", "far_50,")
    broken = broken.replace("block: return\n", "block: retour\n", 1)
    (tmp_path / "checklist.yaml").write_text(broken, "utf-8")
    with pytest.raises(DataError) as raised:
        read_checklist(tmp_path / "checklist.yaml")
    assert {finding.code for finding in raised.value.findings} == {"duplicate_id", "condition", "unknown_block"}


def test_a_level_that_does_not_exist_is_found(tmp_path):
    source = (resources.files("transfer_planner") / "data" / "checklist.yaml").read_text("utf-8")
    (tmp_path / "checklist.yaml").write_text(source.replace("level: I", "level: X"), "utf-8")
    with pytest.raises(DataError) as raised:
        read_checklist(tmp_path / "checklist.yaml")
    assert raised.value.findings[0].value == "X"
