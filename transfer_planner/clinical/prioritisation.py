"""Categories, ranks and tolerances, from the packaged tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transfer_planner.clinical.fractionation import STEREOTACTIC, course_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from transfer_planner.domain.base import Category, Compensation, Rank
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.policy import CategoryKey, Policy, RankRule
    from transfer_planner.domain.reference import Site
    from transfer_planner.domain.scenario import Scenario

ADULT_AGE = 18
CAUTIOUS_FIELDS = (
    "linac_id",
    "energy",
    "intent",
    "status",
    "delivered_fractions",
    "first_fraction_date",
    "last_fraction_date",
    "fractions_per_week",
    "fractions_per_day",
    "prescribed_dose_gy",
    "birth_year",
    "concurrent_chemotherapy",
    "anaesthesia",
    "mobility",
    "plan_data",
    "immobilisation",
)
"""Roster fields whose blank is read cautiously and listed as to confirm."""


@dataclass(frozen=True)
class Assessment:
    """What the tables say of a patient.

    Parameters
    ----------
    category
        RCR category; None = unknown, to triage.
    rank
        Priority, 1 first.
    rank_reason
        Who that rank is for (message source text); empty when the roster gave it.
    tolerance_days
        Tolerated prolongation, calendar days.
    on_treatment
        Whether the course had begun.
    minor
        Under 18.
    curative
        Curative intent (a blank is, except in category 3).
    to_confirm
        Roster fields read cautiously.
    """

    category: Category | None
    rank: Rank
    rank_reason: str
    tolerance_days: int
    on_treatment: bool
    minor: bool
    curative: bool
    to_confirm: tuple[str, ...]


def site_of(patient: Patient, sites: Mapping[str, Site]) -> str | None:
    """Return the tumour site: roster, else the one site whose ICD-10 prefixes hold the diagnosis; None when there is no one."""
    if patient.site is not None or patient.diagnosis_icd10 is None:
        return patient.site
    found = [site.id for site in sites.values() if patient.diagnosis_icd10.startswith(site.icd10)]
    return found[0] if len(found) == 1 else None


def category_of(patient: Patient, sites: Mapping[str, Site]) -> Category | None:
    """Return the category: roster, else palliative → 3, else by site and histology; None when it cannot be told."""
    if patient.category is not None:
        return patient.category
    if patient.intent == "palliative":
        return 3
    site = sites.get(site_of(patient, sites) or "")
    return site.category.get(patient.histology or "unknown") if site else None


def is_minor(patient: Patient, day_zero: date) -> bool:
    """Return whether the patient is under 18 by year of birth; an unknown year is read as adult."""
    return patient.birth_year is not None and day_zero.year - patient.birth_year < ADULT_AGE


def category_key(category: Category | None) -> CategoryKey:
    """Return the key of a category in the policy's tables."""
    keys: dict[int, CategoryKey] = {1: "1", 2: "2", 3: "3"}
    return "unknown" if category is None else keys[category]


def tolerance_of(patient: Patient, category: Category | None, site: str | None, policy: Policy) -> int:
    """Return the tolerated prolongation, calendar days."""
    table, on_treatment = policy.tolerances, patient.treated_on_treatment
    if patient.urgency == "emergency":
        return table.emergency
    if on_treatment:
        if site == "poumon" and patient.technique == "SBRT":
            return table.lung_sbrt
        return table.on_treatment[category_key(category)]
    if site == "prostate" and patient.hormones and category != 3:
        return table.prostate_hormones_planned
    return table.planned[category_key(category)]


def _matches(rule: RankRule, facts: Mapping[str, object]) -> bool:
    """Return whether every condition that a rule states holds."""
    for name, value in facts.items():
        wanted = getattr(rule, name)
        if wanted is not None and (value not in wanted if isinstance(wanted, tuple) else value != wanted):
            return False
    return True


def assess(patient: Patient, sites: Mapping[str, Site], policy: Policy, day_zero: date) -> Assessment:
    """Return category, rank and tolerance of a patient, and what was read cautiously to get there."""
    category, site = category_of(patient, sites), site_of(patient, sites)
    on_treatment = patient.treated_on_treatment
    minor = is_minor(patient, day_zero)
    facts: dict[str, object] = {
        "category": category_key(category),
        "status": "on_treatment" if on_treatment else "planned",
        "urgency": patient.urgency,
        "technique": patient.technique,
        "setting": patient.setting,
        "site": site,
        "hormones": patient.hormones,
        "minor": minor,
        "brachytherapy_boost": patient.brachytherapy_boost_due is not None,
    }
    rule = next(rule for rule in policy.ranks if _matches(rule, facts))
    return Assessment(
        category=category,
        rank=patient.rank or rule.rank,
        rank_reason="" if patient.rank else rule.who,
        tolerance_days=tolerance_of(patient, category, site, policy),
        on_treatment=on_treatment,
        minor=minor,
        curative=patient.intent == "curative" or (patient.intent is None and category != 3),
        to_confirm=read_cautiously(patient, sites),
    )


def read_cautiously(patient: Patient, sites: Mapping[str, Site]) -> tuple[str, ...]:
    """Return the roster fields to confirm: blanks that have a cautious reading, and a site told by the diagnosis alone."""
    fields = [name for name in CAUTIOUS_FIELDS if getattr(patient, name) is None]
    if not patient.treated_on_treatment:
        fields = [name for name in fields if name != "last_fraction_date"]
    if patient.site is None and site_of(patient, sites) is not None:
        fields.insert(0, "site")
    if category_of(patient, sites) is None:
        fields.insert(0, "category")
    if not (patient.commune_insee or patient.postcode or (patient.lat is not None and patient.lon is not None)):
        fields.append("commune_insee")
    return tuple(fields)


def allowed_modes(
    patient: Patient, category: Category | None, scenario: Scenario, policy: Policy
) -> tuple[Compensation, ...]:
    """Return the compensation modes open to a patient, `none` first (H11; Saturdays need the Saturday surge)."""
    dose = patient.dose_per_fraction_gy
    course = course_of(patient, scenario.day_zero, stereotactic_gap_h=policy.min_hours_between_stereotactic)
    modes: list[Compensation] = ["none"]
    for mode in dict.fromkeys(scenario.compensation):
        if mode == "none" or dose is None or course.gap_days > 1:
            continue
        rule = policy.compensation[mode]
        fits = category_key(category) in rule.categories and dose <= rule.max_dose_per_fraction_gy + 1e-9
        if mode == "saturday":
            fits = fits and scenario.surge.saturday
        else:
            fits = fits and course.per_day == 1 and not patient.anaesthesia and patient.technique not in STEREOTACTIC
        if fits:
            modes.append(mode)
    return tuple(modes)
