"""The packaged case mix: what the patients of an exercise suffer from and how they are treated."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal

import yaml
from pydantic import Field

from transfer_planner.domain.base import Entity, Feature, Technique
from transfer_planner.domain.policy import PolicyNote
from transfer_planner.domain.reference import Histology

Share = dict[str, float]
Urgency = Literal["none", "urgent", "emergency"]
Mobility = Literal["own", "seated", "ambulance"]


class Normal(Entity):
    """A bell curve."""

    mean: float = Field(description="Mean")
    sd: float = Field(gt=0, description="Standard deviation")


class TypicalCourse(Entity):
    """A treatment as often seen: every dictionary gives the weights of a draw."""

    id: str = Field(description="Name of the course")
    site: str = Field(description="Tumour site of the packaged table")
    icd10: Share = Field({}, description="ICD-10 codes; none = left blank")
    share: float = Field(gt=0, description="Weight among the patients on treatment on a given day")
    histology: dict[Histology, float] = Field(description="Histologies")
    intent: Literal["curative", "palliative"] = Field("curative", description="Intent")
    setting: Literal[
        "definitive", "neoadjuvant", "postoperative", "residual", "adjuvant_low_risk", "symptom_relief"
    ] = Field(description="Setting")
    technique: dict[Technique, float] = Field(description="Techniques; HELICAL stands in on a helical linac")
    phases: Share = Field(description="Schedules, dose in Gy/fractions, phases separated by +")
    fractions_per_week: int = Field(5, ge=1, description="Fractions a week")
    fractions_per_day: int = Field(1, ge=1, description="Fractions a day")
    age: tuple[float, float] = Field(description="Mean and standard deviation of the age, years")
    child: bool = Field(False, description="Under 18: only at a paediatric centre")
    urgency: dict[Urgency, float] = Field({"none": 1}, description="Urgency")
    needs: dict[Feature, float] = Field({}, description="Probability of needing a feature the home linac has")
    hormones: float | None = Field(None, description="Probability of hormone therapy; None = does not apply")
    chemotherapy: float = Field(0, ge=0, le=1, description="Probability of concurrent chemotherapy")
    brachytherapy: float = Field(0, ge=0, le=1, description="Probability of a brachytherapy boost after the course")
    immobilisation: bool = Field(False, description="A mask or cushion made for the patient")
    frail: bool = Field(False, description="Mobility of the frail")


class CaseMix(Entity):
    """Everything that a synthetic roster is drawn from."""

    schema_version: Literal[1] = Field(description="Version of this format")
    version: str = Field(description="Version of the table")
    treatment_days_per_year: int = Field(gt=0, description="Days that share the sessions of a year")
    planned_share: float = Field(ge=0, le=1, description="Share of the roster that has not started")
    planned_within_days: dict[Urgency, int] = Field(description="They start within so many calendar days of day zero")
    home_radius_km: float = Field(gt=0, description="Homes lie within this distance of the centre")
    missed_share: float = Field(ge=0, le=1, description="Share that missed a session before the attack")
    mass_kg: Normal = Field(description="Body mass of adults, kg")
    mobility: dict[Mobility, float] = Field(description="Mobility")
    frail_mobility: dict[Mobility, float] = Field(description="Mobility of the frail")
    plan_data: dict[Literal["dicom", "paper", "none"], float] = Field(description="What survives of the plan")
    delivered_source: dict[Literal["record", "paper", "patient"], float] = Field(description="Source of the count")
    travel_limit_share: float = Field(ge=0, le=1, description="Share of patients with a travel limit of their own")
    travel_limit_min: dict[int, float] = Field(description="Their limit, minutes one way")
    chemotherapy_elsewhere: float = Field(ge=0, le=1, description="Share of chemotherapies kept where they are")
    blank: dict[str, float] = Field(description="Probability that a column is left blank")
    courses: tuple[TypicalCourse, ...] = Field(description="Courses")
    notes: tuple[PolicyNote, ...] = Field(description="Status and source of every section")


@cache
def read_case_mix() -> CaseMix:
    """Return the packaged case mix."""
    text = (resources.files("transfer_planner") / "data" / "case_mix.yaml").read_text(encoding="utf-8")
    return CaseMix.model_validate(yaml.safe_load(text))
