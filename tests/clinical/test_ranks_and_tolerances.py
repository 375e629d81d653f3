"""Shows each line of the table of ranks, each tolerance, and how a category is found."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from transfer_planner.clinical.prioritisation import Assessment, allowed_modes, assess
from transfer_planner.domain.patient import Patient
from transfer_planner.domain.scenario import Scenario
from transfer_planner.io.reference import read_policy, read_sites

ATTACK = date(2026, 3, 2)
PLANNED = {"delivered_fractions": 0, "status": "planned"}
ORL = {"site": "orl", "histology": "squamous"}
UNKNOWN = {"site": "orl", "histology": "unknown"}


def patient(**changes: Any) -> Patient:
    """Return an adult treated for a breast cancer, begun, with nothing special."""
    base: dict[str, Any] = {
        "patient_id": "P1",
        "centre_id": "home",
        "technique": "VMAT",
        "prescribed_fractions": 25,
        "prescribed_dose_gy": 50,
        "delivered_fractions": 10,
        "birth_year": 1960,
        "site": "sein",
        "histology": "adeno",
        "intent": "curative",
        "setting": "postoperative",
        "hormones": False,
    }
    return Patient.model_validate(base | changes)


def assessed(overrides: dict[str, Any] | None = None, **changes: Any) -> Assessment:
    return assess(patient(**changes), read_sites(), read_policy(overrides), ATTACK)


@pytest.mark.parametrize(
    ("rank", "changes"),
    [
        (4, {"rank": 4, "urgency": "emergency"}),
        (1, {"urgency": "emergency"}),
        (1, {"urgency": "emergency", "intent": "palliative", **PLANNED}),
        (1, ORL),
        (1, {"brachytherapy_boost_due": date(2026, 3, 20)}),
        (1, {"brachytherapy_boost_due": date(2026, 3, 20), **PLANNED}),
        (1, {"technique": "TBI", "site": "leucemie", **PLANNED}),
        (1, {"birth_year": 2009}),
        (3, {"birth_year": 2008}),
        (4, {"birth_year": 2009, **PLANNED}),
        (2, {"urgency": "urgent"}),
        (2, {"urgency": "urgent", "setting": "adjuvant_low_risk"}),
        (2, ORL | PLANNED),
        (2, UNKNOWN),
        (2, UNKNOWN | PLANNED),
        (2, {"site": None}),
        (1, {"category": 1, "site": None}),
        (5, {"setting": "adjuvant_low_risk"}),
        (5, {"setting": "adjuvant_low_risk", **PLANNED}),
        (1, ORL | {"setting": "adjuvant_low_risk"}),
        (5, {"site": "prostate", "hormones": True}),
        (5, {"site": "prostate", "hormones": True, **PLANNED}),
        (3, {"site": "prostate", "hormones": False}),
        (3, {"site": "prostate", "hormones": None}),
        (3, {"hormones": True}),
        (3, {}),
        (4, {"intent": "palliative"}),
        (4, {"intent": "palliative", **PLANNED}),
        (4, PLANNED),
        (1, {"site": "vessie"}),
    ],
)
def test_each_line_of_the_table_of_ranks(rank: int, changes: dict[str, Any]) -> None:
    """The roster's rank stands; else the first line that matches gives it."""
    assert assessed(**changes).rank == rank


@pytest.mark.parametrize(
    ("days", "changes"),
    [
        (2, ORL),
        (5, {}),
        (7, {"intent": "palliative"}),
        (2, UNKNOWN),
        (7, ORL | PLANNED),
        (21, PLANNED),
        (7, {"intent": "palliative", **PLANNED}),
        (7, UNKNOWN | PLANNED),
        (60, {"site": "prostate", "hormones": True, **PLANNED}),
        (21, {"site": "prostate", "hormones": False, **PLANNED}),
        (5, {"site": "prostate", "hormones": True}),
        (21, {"hormones": True, **PLANNED}),
        (0, {"urgency": "emergency"}),
        (0, {"urgency": "emergency", "intent": "palliative"}),
        (0, {"urgency": "emergency", **PLANNED}),
        (5, {"site": "poumon", "technique": "SBRT"}),
        (7, {"site": "poumon", "technique": "SBRT", **PLANNED}),
        (5, {"site": "poumon", "technique": "SBRT", "intent": "palliative"}),
        (2, {"site": "poumon"}),
        (0, {"site": "poumon", "technique": "SBRT", "urgency": "emergency"}),
        (5, {"site": "prostate", "technique": "SBRT"}),
        (2, {"urgency": "urgent", **ORL}),
    ],
)
def test_each_tolerance(days: int, changes: dict[str, Any]) -> None:
    """Tolerated prolongation, or delay of the first fraction, by category, urgency and status."""
    assert assessed(**changes).tolerance_days == days


@pytest.mark.parametrize(
    ("category", "changes"),
    [
        (2, ORL | {"category": 2}),
        (1, {"category": 1, "intent": "palliative"}),
        (3, ORL | {"intent": "palliative"}),
        (3, {"site": None, "intent": "palliative"}),
        (1, ORL),
        (2, {"site": "orl", "histology": "adeno"}),
        (None, {"site": "orl", "histology": None}),
        (1, {"site": "oesophage", "histology": "adeno"}),
        (1, {"site": "oesophage", "histology": None}),
        (1, {"site": "poumon", "histology": None}),
        (2, {"site": "prostate", "histology": None}),
        (3, {"site": "metastase_osseuse"}),
        (None, {"site": None, "diagnosis_icd10": None}),
    ],
)
def test_where_a_category_comes_from(category: int | None, changes: dict[str, Any]) -> None:
    """Roster, else palliative, else site and histology; unknown where histology decides and is blank."""
    assert assessed(**changes).category == category


@pytest.mark.parametrize(
    ("curative", "changes"),
    [
        (True, {}),
        (True, {"intent": None}),
        (False, {"intent": "palliative"}),
        (False, {"intent": None, "category": 3}),
        (True, {"intent": "curative", "category": 3}),
        (True, {"intent": None, "site": None}),
    ],
)
def test_a_blank_intent_is_curative_except_in_category_3(curative: bool, changes: dict[str, Any]) -> None:
    """Only a curative excess escalates."""
    assert assessed(**changes).curative is curative


@pytest.mark.parametrize(
    ("on_treatment", "changes"),
    [
        (True, {}),
        (True, {"delivered_fractions": None, "last_fraction_date": date(2026, 2, 27)}),
        (False, {"delivered_fractions": None}),
        (False, {"delivered_fractions": 0}),
        (True, {"delivered_fractions": None, "status": "on_treatment"}),
    ],
)
def test_a_course_has_begun_when_something_was_delivered_or_dated(on_treatment: bool, changes: dict[str, Any]) -> None:
    """A blank status is read from the deliveries."""
    assert assessed(**changes).on_treatment is on_treatment


def test_an_unknown_category_is_to_confirm() -> None:
    """What was read cautiously is listed, what was given is not."""
    confirm = assessed(**UNKNOWN).to_confirm
    assert "category" in confirm
    assert "birth_year" not in confirm
    assert "category" not in assessed().to_confirm


@pytest.mark.parametrize(
    "field",
    [
        "energy",
        "linac_id",
        "delivered_fractions",
        "fractions_per_week",
        "fractions_per_day",
        "mobility",
        "anaesthesia",
        "concurrent_chemotherapy",
        "plan_data",
        "birth_year",
        "status",
    ],
)
def test_every_cautious_reading_is_listed(field: str) -> None:
    """A blank cell that the planner fills by a cautious value is to confirm."""
    assert field in assessed(**{field: None}).to_confirm


@pytest.mark.parametrize(
    ("code", "category", "tolerance"),
    [("C34.1", 1, 2), ("C50", 2, 5), ("C53.9", None, 2), ("C71.6", None, 2), ("C79.5", None, 2), ("E11", None, 2)],
)
def test_a_diagnosis_tells_the_site(code: str, category: int | None, tolerance: int) -> None:
    """A blank site is that of the only ICD-10 prefix, to confirm; two sites, or histology where it decides, leave it open."""
    told = assessed(site=None, histology=None, diagnosis_icd10=code)
    assert (told.category, told.tolerance_days) == (category, tolerance)
    assert ("site" in told.to_confirm) == (code in {"C34.1", "C50", "C53.9"})
    assert ("category" in told.to_confirm) == (category is None)


def test_a_written_site_stands_over_the_diagnosis() -> None:
    """The diagnosis never changes a site given, and the rules about a site hold for one it tells."""
    assert assessed(site="sein", diagnosis_icd10="C34").category == 2
    assert "site" not in assessed(site="sein", diagnosis_icd10="C34").to_confirm
    assert assessed(site=None, diagnosis_icd10="C61", hormones=True).rank == 5
    assert assessed(site=None, diagnosis_icd10="C34", technique="SBRT").tolerance_days == 5


def test_the_policy_decides() -> None:
    """Tolerances and ranks change with the policy of the scenario."""
    assert assessed({"tolerances.on_treatment.2": 2}).tolerance_days == 2
    everyone = [{"rank": 5, "who": "Everyone"}]
    assert assessed({"ranks": everyone}, **ORL).rank == 5


def scenario(**changes: Any) -> Scenario:
    base: dict[str, Any] = {
        "schema_version": 1,
        "id": "s",
        "title": {"fr": "s", "en": "s"},
        "exercise": True,
        "attack_at": "2026-03-02T06:40:00+01:00",
        "compromised": {"centres": ["home"]},
        "outage_days": {"low": 7, "likely": 14, "high": 28},
        "roster": "r.csv",
        "surge": {"saturday": True},
        "compensation": ["saturday", "bid"],
    }
    return Scenario.model_validate(base | changes)


@pytest.mark.parametrize(
    ("modes", "changes"),
    [
        ({"none", "saturday", "bid"}, {}),
        ({"none", "saturday", "bid"}, {"prescribed_dose_gy": 55.0}),
        ({"none", "saturday"}, {"prescribed_dose_gy": 56.0}),
        ({"none", "saturday"}, {"prescribed_dose_gy": 62.5}),
        ({"none"}, {"prescribed_dose_gy": 63.0}),
        ({"none"}, {"prescribed_dose_gy": None}),
        ({"none"}, {"intent": "palliative"}),
        ({"none"}, UNKNOWN),
        ({"none", "saturday"}, {"anaesthesia": True}),
        ({"none", "saturday"}, {"fractions_per_day": 2, "fractions_per_week": 10}),
        ({"none"}, {"technique": "SBRT"}),
        ({"none"}, {"fractions_per_week": 3}),
    ],
)
def test_who_may_use_which_compensation(modes: set[str], changes: dict[str, Any]) -> None:
    """H11 and the limits of dose: 2.5 Gy on Saturdays, 2.2 Gy twice a day, never stereotactic or under anaesthesia."""
    treated = patient(**changes)
    found = allowed_modes(treated, assessed(**changes).category, scenario(), read_policy())
    assert set(found) == modes
    assert found[0] == "none"


def test_saturdays_need_the_saturday_surge_and_modes_the_scenario() -> None:
    """Nothing is used that the scenario does not allow."""
    closed = allowed_modes(patient(), 2, scenario(surge={"saturday": False}), read_policy())
    assert closed == ("none", "bid")
    assert allowed_modes(patient(), 2, scenario(compensation=[]), read_policy()) == ("none",)
