"""Shows each mirror grade, what a linac must offer, and how long a session takes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from transfer_planner.clinical.compatibility import (
    delivered_technique,
    mirror_grade,
    mirror_of,
    refusals,
    session_minutes,
)
from transfer_planner.clinical.prioritisation import assess
from transfer_planner.domain.centre import Centre, Linac
from transfer_planner.domain.patient import Patient
from transfer_planner.io.reference import read_policy, read_sites

if TYPE_CHECKING:
    from transfer_planner.domain.base import Technique

MATCHED = {"matched_with": [{"linac": "home-1"}]}


def linac(linac_id: str, **changes: Any) -> Linac:
    base: dict[str, Any] = {
        "id": linac_id,
        "vendor": "Elekta",
        "model": "Infinity",
        "type": "c_arm",
        "mlc": "Agility",
        "photon_mv": ["6X", "10X"],
        "electron_mev": [6, 9],
        "techniques": ["3DCRT", "IMRT", "VMAT", "ELECTRONS"],
        "features": ["CBCT"],
        "couch_max_kg": 200,
    }
    return Linac.model_validate(base | changes)


def centre(centre_id: str, *linacs: Linac, **changes: Any) -> Centre:
    base: dict[str, Any] = {
        "id": centre_id,
        "location": {"lat": 50.3, "lon": 3.5},
        "treatment_planning_system": "Monaco 5.51",
        "oncology_information_system": "MOSAIQ 2.8",
        "linacs": [item.model_dump() for item in linacs],
    }
    return Centre.model_validate(base | changes)


def patient(**changes: Any) -> Patient:
    base: dict[str, Any] = {
        "patient_id": "P1",
        "centre_id": "home",
        "linac_id": "home-1",
        "technique": "VMAT",
        "energy": "6X",
        "prescribed_fractions": 25,
        "delivered_fractions": 10,
        "birth_year": 1960,
        "plan_data": "dicom",
        "immobilisation": "available",
    }
    return Patient.model_validate(base | changes)


def grade(
    *,
    treated: dict[str, Any] | None = None,
    there: dict[str, Any] | None = None,
    here: dict[str, Any] | None = None,
    software: dict[str, Any] | None = None,
    technique: Technique = "VMAT",
    usable: bool = True,
    home_known: bool = True,
) -> str:
    a, b = linac("home-1", **(here or {})), linac("away-1", **(there or {}))
    home, away = centre("home", a), centre("away", b, **(software or {}))
    person = patient(**{"linac_id": "home-1" if home_known else None, **(treated or {})})
    return mirror_grade(person, technique, mirror_of((home, a), (away, b)), b, plan_data_usable=usable)


def test_g0_is_declared_evidence_and_the_same_software() -> None:
    """Declared beam-matched, same TPS and R&V whatever their versions and case."""
    newer = {"treatment_planning_system": "MONACO 6.1", "oncology_information_system": "mosaiq 3.0"}
    assert grade(there=MATCHED) == "G0"
    assert grade(there=MATCHED, software=newer) == "G0"


def test_matching_holds_in_both_directions() -> None:
    """One declaration, on either linac, is enough."""
    assert grade(here={"matched_with": [{"linac": "away-1"}]}) == "G0"


def test_two_models_declared_matched_are_g0() -> None:
    """The declaration rules, not the name of the model."""
    assert grade(there=MATCHED | {"model": "Versa HD"}) == "G0"


@pytest.mark.parametrize(
    "software",
    [
        {"treatment_planning_system": "RayStation"},
        {"treatment_planning_system": None},
        {"oncology_information_system": "ARIA"},
        {"oncology_information_system": None},
    ],
)
def test_matched_without_the_same_software_is_g1(software: dict[str, Any]) -> None:
    """Another or unknown TPS or R&V: the plan is recalculated."""
    assert grade(there=MATCHED, software=software) == "G1"


def test_g1_is_same_vendor_model_mlc_and_energy() -> None:
    """Never matched by the name of the model alone."""
    assert grade() == "G1"


@pytest.mark.parametrize(
    ("there", "treated"),
    [
        ({"model": "Versa HD"}, {}),
        ({"mlc": "MLCi2"}, {}),
        ({"mlc": None}, {}),
        ({"photon_mv": ["10X"]}, {}),
        ({"photon_mv": None}, {}),
        ({}, {"energy": "15X"}),
        ({}, {"energy": None}),
        (MATCHED, {"energy": None}),
        (MATCHED | {"photon_mv": None}, {}),
    ],
)
def test_g2_is_same_vendor_and_type(there: dict[str, Any], treated: dict[str, Any]) -> None:
    """Another model or MLC, or an energy that is absent or unknown: never better than G2."""
    assert grade(there=there, treated=treated) == "G2"


@pytest.mark.parametrize(
    ("there", "here", "technique"),
    [
        ({"vendor": "Varian", "model": "TrueBeam"}, {}, "VMAT"),
        ({"type": "ring"}, {"mlc": None}, "VMAT"),
        ({"type": None, "mlc": None}, {}, "VMAT"),
        ({"vendor": None}, {}, "VMAT"),
        ({"model": None}, {}, "VMAT"),
        ({}, {"vendor": None}, "VMAT"),
        ({}, {"model": None}, "VMAT"),
        (MATCHED | {"model": None}, {}, "VMAT"),
        ({}, {}, "HELICAL"),
        (MATCHED, {}, "HELICAL"),
    ],
)
def test_g3_is_anything_else(there: dict[str, Any], here: dict[str, Any], technique: Technique) -> None:
    """Another vendor or type, an unknown vendor or model, any substitution of technique."""
    assert grade(there=there, here=here, technique=technique) == "G3"


def test_matched_across_vendors_with_other_software_is_g3() -> None:
    """A declaration alone is not enough: without the same software nothing else is shared."""
    away = {"vendor": "Varian", "model": "TrueBeam", **MATCHED}
    assert grade(there=away, software={"treatment_planning_system": "Eclipse"}) == "G3"


@pytest.mark.parametrize(
    "changes",
    [
        {"usable": False},
        {"home_known": False},
        {"treated": {"immobilisation": "unavailable"}},
    ],
)
def test_g4_stands_before_every_other_grade(changes: dict[str, Any]) -> None:
    """No CT or structures, immobilisation lost or home linac unknown: simulate again, even on a matched pair."""
    assert grade(there=MATCHED, **changes) == "G4"


def test_blank_immobilisation_is_not_lost() -> None:
    """Only `unavailable` asks for a new simulation."""
    assert grade(treated={"immobilisation": None}) == grade(treated={"immobilisation": "none"}) == "G1"


def test_an_emergency_is_its_own_grade() -> None:
    """Simple fields on a same-day CT, whatever is known."""
    assert grade(treated={"urgency": "emergency"}, usable=False, home_known=False) == "emergency"


@pytest.mark.parametrize(
    ("asked", "offered", "delivered"),
    [
        ("3DCRT", ["IMRT", "3DCRT"], "3DCRT"),
        ("3DCRT", ["HELICAL"], "HELICAL"),
        ("3DCRT", ["VMAT", "IMRT"], "IMRT"),
        ("IMRT", ["VMAT"], "VMAT"),
        ("IMRT", ["3DCRT"], None),
        ("VMAT", ["IMRT"], None),
        ("VMAT", ["HELICAL"], "HELICAL"),
        ("HELICAL", ["VMAT"], "VMAT"),
        ("HELICAL", ["IMRT"], None),
        ("SBRT", ["VMAT", "SRS"], None),
        ("SBRT", ["SBRT"], "SBRT"),
        ("ADAPTIVE", ["VMAT"], None),
        ("TBI", ["3DCRT"], None),
        ("VMAT", None, "VMAT"),
        ("SBRT", None, None),
    ],
)
def test_closed_list_of_substitutions(asked: str, offered: list[str] | None, delivered: str | None) -> None:
    """A technique is treated by itself or by its substitutes; an unknown linac offers 3DCRT, IMRT and VMAT."""
    assert delivered_technique(patient(technique=asked), linac("away-1", techniques=offered)) == delivered


def test_emergencies_need_simple_fields() -> None:
    """A linac that does not list 3DCRT cannot take an emergency; a degraded restart treats the prescription."""
    urgent = patient(urgency="emergency", technique="SBRT")
    assert delivered_technique(urgent, linac("a", techniques=["3DCRT"])) == "3DCRT"
    assert delivered_technique(urgent, linac("a", techniques=["VMAT", "SBRT"])) is None
    assert delivered_technique(urgent, linac("a", techniques=["SBRT"]), restart=True) == "SBRT"


@pytest.mark.parametrize(
    ("treated", "machine", "place", "code"),
    [
        ({"technique": "SBRT"}, {}, {}, "H03_technique"),
        ({"technique": "ELECTRONS", "energy": "12E"}, {}, {}, "H03_electron_energy"),
        ({"technique": "ELECTRONS", "energy": "9E"}, {"electron_mev": None}, {}, "H03_electron_energy"),
        ({"technique": "ELECTRONS", "energy": None}, {"electron_mev": ()}, {}, "H03_electron_energy"),
        ({"needs": ("DIBH",)}, {}, {}, "H03_features"),
        ({"needs": ("CBCT",)}, {"features": None}, {}, "H03_features"),
        ({"birth_year": 2009}, {}, {}, "H03_paediatrics"),
        ({"anaesthesia": True}, {}, {}, "H03_anaesthesia"),
        ({"mass_kg": 201}, {}, {}, "H03_couch"),
        ({"concurrent_chemotherapy": True}, {}, {}, "H12_chemotherapy"),
        ({"concurrent_chemotherapy": True}, {}, {"chemotherapy": None}, "H12_chemotherapy"),
    ],
)
def test_what_a_linac_must_offer(
    treated: dict[str, Any], machine: dict[str, Any], place: dict[str, Any], code: str
) -> None:
    """H03 and H12, each alone; what is unknown refuses."""
    assert _refusals(treated, machine, place) == [code]


@pytest.mark.parametrize(
    ("treated", "machine", "place"),
    [
        ({}, {}, {}),
        ({"energy": "15X"}, {}, {}),
        ({"technique": "ELECTRONS", "energy": "9E"}, {}, {}),
        ({"technique": "ELECTRONS", "energy": None}, {}, {}),
        ({"mass_kg": 200}, {}, {}),
        ({"mass_kg": 300}, {"couch_max_kg": None}, {}),
        ({"birth_year": 2008}, {}, {}),
        ({"birth_year": 2009}, {}, {"paediatrics": True}),
        ({"anaesthesia": True}, {}, {"anaesthesia": True}),
        ({"concurrent_chemotherapy": True}, {}, {"chemotherapy": True}),
        ({"concurrent_chemotherapy": True, "chemotherapy_kept_at": "elsewhere"}, {}, {}),
    ],
)
def test_what_does_not_refuse(treated: dict[str, Any], machine: dict[str, Any], place: dict[str, Any]) -> None:
    """Photon energy and an unknown couch limit never exclude; authorisations and chemotherapy on site satisfy."""
    assert _refusals(treated, machine, place) == []


def _refusals(treated: dict[str, Any], machine: dict[str, Any], place: dict[str, Any]) -> list[str]:
    person, there = patient(**treated), linac("away-1", **machine)
    assessment = assess(person, read_sites(), read_policy(), date(2026, 3, 2))
    return list(refusals(person, assessment, centre("away", there, **place), there))


@pytest.mark.parametrize(
    ("minutes", "technique", "treated", "minor"),
    [
        (12, "3DCRT", {}, False),
        (12, "ELECTRONS", {}, False),
        (15, "VMAT", {}, False),
        (15, "IMRT", {}, False),
        (20, "VMAT", {"needs": ("DIBH",)}, False),
        (20, "IMRT", {"needs": ("DIBH", "CBCT")}, False),
        (12, "3DCRT", {"needs": ("DIBH",)}, False),
        (18, "HELICAL", {}, False),
        (35, "SBRT", {}, False),
        (45, "SRS", {}, False),
        (45, "CSI", {}, False),
        (75, "TBI", {}, False),
        (50, "VMAT", {"anaesthesia": True}, True),
        (15, "VMAT", {"anaesthesia": True}, False),
        (15, "VMAT", {}, True),
    ],
)
def test_minutes_of_a_session(minutes: int, technique: Technique, treated: dict[str, Any], minor: bool) -> None:
    """By the technique delivered; breath-hold and children under anaesthesia take longer."""
    assert session_minutes(patient(**treated), technique, minor=minor, table=read_policy().session_minutes) == minutes
