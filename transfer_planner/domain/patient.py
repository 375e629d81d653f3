"""A row of the roster, as the centre wrote it; a blank stays None and is read cautiously later."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from transfer_planner.domain.base import Category, Entity, Feature, Id, Rank, Technique


class Patient(Entity):
    """One patient of a compromised centre. Codes only: no name, no birth date, no address."""

    patient_id: Id = Field(description="Code of the patient in the centre, never an identity")
    birth_year: int | None = Field(None, ge=1890, le=2100, description="Year of birth")
    commune_insee: str | None = Field(None, description="Commune where the patient stays, INSEE code")
    postcode: str | None = Field(None, description="Postcode where the patient stays")
    lat: float | None = Field(None, ge=-90, le=90, description="Latitude where the patient stays")
    lon: float | None = Field(None, ge=-180, le=180, description="Longitude where the patient stays")
    site: str | None = Field(None, description="Tumour site, closed list of the packaged table")
    histology: Literal["squamous", "adeno", "other", "unknown"] | None = Field(None, description="Histology")
    diagnosis_icd10: str | None = Field(None, description="ICD-10 code")
    intent: Literal["curative", "palliative"] | None = Field(None, description="Intent of the treatment")
    setting: (
        Literal["definitive", "neoadjuvant", "postoperative", "residual", "adjuvant_low_risk", "symptom_relief"] | None
    ) = Field(None, description="Setting of the treatment")
    hormones: bool | None = Field(None, description="Under hormone therapy")
    category: Category | None = Field(None, description="RCR category, if the centre knows it")
    urgency: Literal["none", "urgent", "emergency"] = Field("none", description="Urgency")
    status: Literal["on_treatment", "planned"] | None = Field(None, description="Already started or not")
    centre_id: Id = Field(description="Home centre")
    linac_id: Id | None = Field(None, description="Home linac; blank = unknown")
    technique: Technique = Field(description="Technique prescribed")
    energy: str | None = Field(None, description="6X, 6FFF, 10X, … or 9E; blank = unknown")
    needs: tuple[Feature, ...] = Field((), description="Features without which the patient cannot be treated")
    prescribed_dose_gy: float | None = Field(None, gt=0, le=200, description="Total dose, Gy")
    prescribed_fractions: int = Field(ge=1, le=100, description="Fractions prescribed")
    delivered_fractions: int | None = Field(None, ge=0, description="Fractions delivered; blank = unknown")
    delivered_source: Literal["record", "paper", "patient", "unknown"] | None = Field(
        None, description="Where the count comes from"
    )
    first_fraction_date: date | None = Field(None, description="First fraction, done or planned")
    last_fraction_date: date | None = Field(None, description="Last fraction delivered")
    fractions_per_week: int | None = Field(None, ge=1, le=14, description="Blank = 5")
    fractions_per_day: int | None = Field(None, ge=1, le=3, description="Blank = 1")
    prolongation_days_so_far: int = Field(0, ge=0, le=365, description="Days already lost before the attack")
    phases: str | None = Field(None, description="Phases, e.g. 50/25+16/8")
    concurrent_chemotherapy: bool | None = Field(None, description="Concurrent chemotherapy")
    chemotherapy_kept_at: str | None = Field(None, description="Centre id or 'elsewhere': who keeps giving it")
    mass_kg: float | None = Field(None, gt=0, le=400, description="Body mass, kg")
    rank: Rank | None = Field(None, description="Priority decided by the centre; blank = by the table")
    brachytherapy_boost_due: date | None = Field(None, description="Date of a brachytherapy boost")
    anaesthesia: bool | None = Field(None, description="Treated under anaesthesia")
    mobility: Literal["own", "seated", "ambulance"] | None = Field(None, description="Blank = seated")
    max_travel_min: int | None = Field(None, ge=0, le=600, description="The patient's own limit one way, minutes")
    plan_data: Literal["dicom", "paper", "none"] | None = Field(None, description="What survives of the plan")
    immobilisation: Literal["available", "unavailable", "none"] | None = Field(None, description="Mask, cushion, …")
    notes: str | None = Field(None, description="Free text; no identity")

    @property
    def remaining_fractions(self) -> int:
        """Fractions left; an unknown count is read as none delivered."""
        return self.prescribed_fractions - (self.delivered_fractions or 0)

    @property
    def dose_per_fraction_gy(self) -> float | None:
        """Mean dose per fraction, Gy; None when the dose is unknown."""
        return None if self.prescribed_dose_gy is None else self.prescribed_dose_gy / self.prescribed_fractions

    @property
    def treated_on_treatment(self) -> bool:
        """True when the course has begun: as the roster says, else if something was delivered or dated."""
        if self.status is not None:
            return self.status == "on_treatment"
        return bool(self.delivered_fractions) or self.last_fraction_date is not None
