"""Shows that the packaged tables hold the published numbers, fit together, and can be overridden safely."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import pytest

from transfer_planner.domain.base import Technique
from transfer_planner.errors import DataError
from transfer_planner.i18n import Message, catalogue
from transfer_planner.io.reference import (
    fold_name,
    policy_sha256,
    read_communes,
    read_outlines,
    read_policy,
    read_sites,
    read_tissues,
    site_names,
)

if TYPE_CHECKING:
    from transfer_planner.domain.policy import Policy

NUMBERS: dict[str, Any] = {
    "tolerances.on_treatment": {"1": 2, "2": 5, "3": 7, "unknown": 2},
    "tolerances.planned": {"1": 7, "2": 21, "3": 7, "unknown": 7},
    "tolerances.emergency": 0,
    "tolerances.lung_sbrt": 5,
    "tolerances.prostate_hormones_planned": 60,
    "escalation_days": 14,
    "restart_physics_hours": 2,
    "session_minutes.by_technique": {
        "ELECTRONS": 12,
        "3DCRT": 12,
        "IMRT": 15,
        "VMAT": 15,
        "HELICAL": 18,
        "SBRT": 35,
        "SRS": 45,
        "CSI": 45,
        "TBI": 75,
        "TSEI": 75,
        "ADAPTIVE": 45,
        "BRACHY": 60,
    },
    "session_minutes.dibh": 20,
    "session_minutes.child_under_anaesthesia": 50,
    "session_minutes.first_session_extra": 10,
    "travel_limits.by_mobility": {"own": 90, "seated": 90, "ambulance": 60},
    "travel_limits.two_sessions_a_day": 45,
    "travel_limits.to_justify": 150,
    "travel_limits.to_justify_ranks": [1, 2],
    "agreement_delay": {"convention": 0, "agency_led": 1, "none": 5, "emergency": 0},
    "redeployment": {"physics_hours_per_fte_day": 7, "new_starts_per_oncologist": 2},
    "compensation.saturday": {"categories": ["1", "2"], "max_dose_per_fraction_gy": 2.5},
    "compensation.bid": {"categories": ["1", "2"], "max_dose_per_fraction_gy": 2.2},
    "min_hours_between_stereotactic": 40,
    "burden.prolongation_day": {"1": 600, "2": 120, "3": 60, "unknown": 600},
    "burden.physics_hour": 60,
    "burden.surge_minute": 1,
    "burden.saturday_opening": 480,
    "burden.changed_decision": 240,
    "outage_weights": {"low": 0.25, "likely": 0.5, "high": 0.25},
    "data_delays": [{"days": 0, "weight": 0.5}, {"days": 1, "weight": 0.25}, {"days": 3, "weight": 0.25}],
    "physician_present_above_gy": 8,
}
EFFORT = {"emergency": (0, 3), "G0": (1, 2), "G1": (1, 4), "G2": (2, 9), "G3": (2, 10), "G4": (3, 12)}


def at(policy: Policy, path: str) -> Any:
    value: Any = policy.model_dump(mode="json")
    for part in path.split("."):
        value = value[part]
    return value


@pytest.mark.parametrize("path", NUMBERS)
def test_the_policy_holds_the_published_number(path: str) -> None:
    """Each number of the formulation and of the clinical tables."""
    assert at(read_policy(), path) == NUMBERS[path]


def test_each_grade_has_its_lead_and_physics_hours() -> None:
    """From the emergency on simple fields to the new simulation."""
    grades = read_policy().grades
    assert {name: (effort.lead_days, effort.physics_hours) for name, effort in grades.items()} == EFFORT


def test_every_technique_has_its_minutes() -> None:
    """No technique of the closed list is forgotten."""
    assert set(read_policy().session_minutes.by_technique) == set(get_args(Technique))


def test_every_section_says_where_it_comes_from() -> None:
    """Each number lies under a note, and each note points at something."""
    policy = read_policy()
    noted = {note.path for note in policy.notes}
    for path in noted:
        at(policy, path)
    for section, value in policy.model_dump(mode="json", exclude={"schema_version", "version", "notes"}).items():
        whole = section in noted
        assert whole or {f"{section}.{name}" for name in value} <= {".".join(path.split(".")[:2]) for path in noted}


def test_the_reader_is_told_in_french() -> None:
    """Who a rank is for and where a number comes from are in the catalogue."""
    policy = read_policy()
    sources = [rule.who for rule in policy.ranks] + [note.source for note in policy.notes]
    assert [text for text in sources if text not in catalogue("fr")] == []
    assert Message(policy.ranks[3].who).text("fr") == "Irradiation corporelle totale"


@pytest.mark.parametrize(
    "overrides",
    [
        {"tolerances": {"on_treatment": {"2": 3}}},
        {"tolerances": {"on_treatment": {2: 3}}},
        {"tolerances.on_treatment.2": 3},
        {"tolerances.on_treatment": {2: 3}},
        {"tolerances": {"on_treatment.2": 3}},
    ],
)
def test_an_override_is_nested_or_dotted(overrides: dict[str, Any]) -> None:
    """Every way to write a path gives the same policy, and leaves the rest alone."""
    policy = read_policy(overrides)
    assert policy.tolerances.on_treatment == {"1": 2, "2": 3, "3": 7, "unknown": 2}
    assert policy.model_copy(update={"tolerances": read_policy().tolerances}) == read_policy()


def test_overrides_do_not_leak_into_the_packaged_policy() -> None:
    """Reading with overrides leaves the next reading untouched."""
    before = read_policy()
    read_policy({"tolerances.on_treatment.1": 9, "grades.G1.lead_days": 4})
    assert read_policy() == before


@pytest.mark.parametrize(
    ("overrides", "where"),
    [
        ({"tolerance.emergency": 1}, "policy.tolerance"),
        ({"tolerances.lung": 1}, "policy.tolerances.lung"),
        ({"tolerances.emergency": "soon"}, "policy.tolerances.emergency"),
        ({"tolerances.emergency": True}, "policy.tolerances.emergency"),
        ({"tolerances.emergency": 1.5}, "policy.tolerances.emergency"),
        ({"tolerances.emergency": -1}, "policy.tolerances.emergency"),
        ({"tolerances.emergency": None}, "policy.tolerances.emergency"),
        ({"tolerances": None}, "policy.tolerances"),
        ({"tolerances.on_treatment.4": 2}, "policy.tolerances.on_treatment.4"),
        ({"grades.G9": {"lead_days": 1, "physics_hours": 1}}, "policy.grades.G9"),
        ({"grades.G1.lead_days": -1}, "policy.grades.G1.lead_days"),
        ({"outage_weights.low": 0.5}, "policy.outage_weights"),
        ({"data_delays": [{"days": 0, "weight": 0.5}]}, "policy.data_delays"),
        ({"data_delays": []}, "policy.data_delays"),
        ({"data_delays": [{"days": 1, "weight": 0.5}, {"days": 1, "weight": 0.5}]}, "policy.data_delays"),
        ({"outage_weights.low": float("nan")}, "policy.outage_weights.low"),
        ({"travel_model.road_km_per_crow_km": float("inf")}, "policy.travel_model.road_km_per_crow_km"),
        ({"ranks": [{"rank": 1, "who": "Category 1", "category": ["1"]}]}, "policy.ranks"),
        ({"ranks": []}, "policy.ranks"),
        ({"grades.G2.lead_days": 1_000_000_000}, "policy.grades.G2.lead_days"),
        ({"travel_model.town_speed_kmh": 0.0}, "policy.travel_model.town_speed_kmh"),
    ],
)
def test_a_bad_override_is_refused_where_it_stands(overrides: dict[str, Any], where: str) -> None:
    """Unknown path, wrong type, negative, infinite or absurd number, weights not summing to 1, a rank missing."""
    with pytest.raises(DataError) as caught:
        read_policy(overrides, file="scenario.yaml")
    assert where in {finding.where for finding in caught.value.findings}
    assert {finding.file for finding in caught.value.findings} == {"scenario.yaml"}


def test_every_bad_override_is_told() -> None:
    """Two faults of type and one of value, three findings."""
    with pytest.raises(DataError) as caught:
        read_policy({"tolerances.emergency": "x", "burden.physics_hour": "y", "escalation_days": -1})
    assert len(caught.value.findings) == 3


def test_a_negative_intercept_of_a_fitted_line_is_accepted() -> None:
    """Only the intercepts of the travel model may be negative."""
    assert read_policy({"travel_model.road_km_intercept": -1.0}).travel_model.road_km_intercept == -1


def test_the_fingerprint_follows_the_policy() -> None:
    """Same policy, same fingerprint; any change changes it; the order of overrides does not."""
    a, b = {"tolerances.emergency": 1}, {"escalation_days": 10}
    assert policy_sha256(read_policy()) == policy_sha256(read_policy({}))
    assert policy_sha256(read_policy(a | b)) == policy_sha256(read_policy(b | a))
    assert policy_sha256(read_policy(a)) != policy_sha256(read_policy())
    assert len(policy_sha256(read_policy())) == 64


@pytest.mark.parametrize("site", ["orl", "col_uterin", "vagin", "vulve", "anus", "peau"])
def test_histology_decides(site: str) -> None:
    """Squamous is category 1, anything else 2, unknown cannot be told."""
    assert read_sites()[site].category == {"squamous": 1, "adeno": 2, "other": 2, "unknown": None}


@pytest.mark.parametrize(
    ("site", "categories"),
    [
        ("oesophage", {"squamous": 1, "adeno": 1, "other": 2, "unknown": 1}),
        ("poumon", dict.fromkeys(("squamous", "adeno", "other", "unknown"), 1)),
        ("medulloblastome", dict.fromkeys(("squamous", "adeno", "other", "unknown"), 1)),
        ("vessie", dict.fromkeys(("squamous", "adeno", "other", "unknown"), 1)),
        ("sein", dict.fromkeys(("squamous", "adeno", "other", "unknown"), 2)),
        ("prostate", dict.fromkeys(("squamous", "adeno", "other", "unknown"), 2)),
        ("rectum", dict.fromkeys(("squamous", "adeno", "other", "unknown"), 2)),
        ("metastase_osseuse", dict.fromkeys(("squamous", "adeno", "other", "unknown"), 3)),
        ("metastase_cerebrale", dict.fromkeys(("squamous", "adeno", "other", "unknown"), 3)),
        ("hemostatique", dict.fromkeys(("squamous", "adeno", "other", "unknown"), 3)),
    ],
)
def test_categories_of_sites(site: str, categories: dict[str, int]) -> None:
    """The table of unscheduled interruptions, by site and histology."""
    assert read_sites()[site].category == categories


def test_the_table_of_sites_fits_together() -> None:
    """Every histology has its category, every tissue exists, no name and no ICD-10 prefix means two sites."""
    sites = read_sites()
    owner: dict[str, str] = {}
    for site in sites.values():
        assert set(site.category) == {"squamous", "adeno", "other", "unknown"}
        assert site.tissue == "" or site.tissue in read_tissues()
        for name in (site.id, site.label_fr, site.label_en, *site.synonyms):
            assert owner.setdefault(fold_name(name), site.id) == site.id, name
        assert site_names()[fold_name(site.id)] == site.id
    prefixes = [prefix for site in sites.values() for prefix in site.icd10]
    assert len(prefixes) == len(set(prefixes))


@pytest.mark.parametrize(
    ("written", "site"),
    [
        ("SEIN", "sein"),
        ("seins", "sein"),
        ("Breast", "sein"),
        ("Sein gauche", "sein"),
        ("tête et cou", "orl"),
        ("TETE-ET-COU", "orl"),
        ("Col de l’utérus", "col_uterin"),
        ("col_uterin", "col_uterin"),
        ("Œsophage", "oesophage"),
        ("oesophages", "oesophage"),
        ("Métastases osseuses", "metastase_osseuse"),
        ("métas os", "metastase_osseuse"),
        ("whole brain", "metastase_cerebrale"),
        ("  Canal   anal ", "anus"),
        ("glioblastomes", "encephale"),
        ("Lung", "poumon"),
    ],
)
def test_what_radiographers_write_is_understood(written: str, site: str) -> None:
    """French and English, plural, capitals, accents, hyphens and underscores."""
    assert site_names()[fold_name(written)] == site


def test_radiobiology_of_tissues() -> None:
    """α/β, K in BED Gy per day, and delay, as published."""
    rows = {row.id: (row.alpha_beta_gy, row.k_gy_per_day, row.tdelay_days) for row in read_tissues().values()}
    assert rows == {
        "squamous_lung": (10, 0.9, 28),
        "breast": (4, 0.5, 21),
        "bladder": (10, 0.9, 28),
        "prostate": (3, 0.2, 0),
        "digestive": (10, 0.4, 21),
        "palliative": (10, 0, None),
        "late": (3, 0, None),
        "cns": (2, 0, None),
    }
    assert read_tissues()["late"].repair_half_time_h == 4


def test_communes_and_outlines_are_packaged() -> None:
    """Every commune has a code, a postcode and a point in the north of France; five departments have an outline."""
    communes = read_communes()
    assert communes["59606"].name == "Valenciennes"
    for insee, commune in communes.items():
        assert len(insee) == 5
        assert commune.postcodes
        assert all(len(postcode) == 5 for postcode in commune.postcodes)
        assert 47 < commune.lat < 52
        assert 0 < commune.lon < 6
    codes = {feature["properties"]["code"] for feature in read_outlines()["features"]}
    assert codes == {"02", "59", "60", "62", "80"}
