"""A crisis: who fell, when, for how long, and what may be done about it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from transfer_planner.domain.base import Action, Compensation, Entity, Id

PARIS = ZoneInfo("Europe/Paris")


def in_paris(moment: datetime) -> datetime:
    """Return a moment in Paris time; one without offset is Paris time."""
    return moment.replace(tzinfo=PARIS) if moment.tzinfo is None else moment.astimezone(PARIS)


class Title(Entity):
    """A title in the two languages."""

    fr: str = Field(description="In French")
    en: str = Field("", description="In English")


class Compromised(Entity):
    """What fell."""

    centres: tuple[Id, ...] = Field((), description="Centre ids")
    information_systems: tuple[Id, ...] = Field((), description="Domain ids: every member centre falls")


class OutageDays(Entity):
    """How long the home centre stays down, calendar days from day 0."""

    low: int = Field(ge=0, le=730, description="If all goes well")
    likely: int = Field(ge=0, le=730, description="Most likely")
    high: int = Field(ge=0, le=730, description="If it goes badly")


class DataRecovery(Entity):
    """Hours after the attack at which patient data come back; null = never."""

    dicom_after_h: float | None = Field(None, ge=0, le=8760, description="CT, structures and plans")
    paper_after_h: float | None = Field(None, ge=0, le=8760, description="Paper records")


class Surge(Entity):
    """Which extensions the crisis cell allows."""

    evening: bool = Field(False, description="Evening extension at the destinations")
    saturday: bool = Field(False, description="Saturday sessions to make up missed ones")
    lodging: bool = Field(False, description="Patients may be lodged near a distant centre")


class HomeRestart(Entity):
    """Home linacs that can treat again in degraded mode."""

    from_day: int = Field(ge=0, le=730, description="Calendar days after day 0")
    linac_ids: tuple[Id, ...] = Field(description="Linacs that restart")
    minutes_per_day: int = Field(ge=0, le=1440, description="Minutes a treatment day, each linac")


class DeclaredCapacity(Entity):
    """What a centre answered on the phone; it stands over the network's values."""

    centre_id: Id = Field(description="Who answered")
    asked_at: datetime | None = Field(None, description="When")
    answered_by_role: str | None = Field(None, description="By which role")
    accepts: bool = Field(True, description="False: it takes nobody")
    spare_minutes_per_day: int | None = Field(None, ge=0, le=1_000_000, description="Minutes a weekday, whole centre")
    new_starts_per_day: int | None = Field(None, ge=0, le=1_000_000, description="New patients a day")
    physics_hours_per_day: float | None = Field(None, ge=0, le=1_000_000, description="Physics hours a treatment day")
    ct_slots: int | None = Field(None, ge=0, le=1_000_000, description="CT-simulator slots a day")
    from_date: date | None = Field(None, description="First day at which it can treat anyone")

    @field_validator("asked_at")
    @classmethod
    def _asked_in_paris(cls, value: datetime | None) -> datetime | None:
        return value if value is None else in_paris(value)


class Redeployment(Entity):
    """Idle staff of the compromised centres that can reinforce destinations."""

    physics_fte: float = Field(0, ge=0, le=100, multiple_of=0.5, description="Physics FTE, in halves")
    oncologists: int = Field(0, ge=0, le=100, description="Radiation oncologists")
    from_day: int = Field(0, ge=0, le=730, description="Calendar days after day 0")


class Pin(Entity):
    """A decision already taken for a patient, or a centre forbidden to them."""

    patient_id: Id = Field(description="Patient code")
    action: Action | None = Field(None, description="Decision imposed")
    centre_id: Id | None = Field(None, description="Destination imposed")
    linac_id: Id | None = Field(None, description="Linac imposed")
    start_date: date | None = Field(None, description="First session imposed")
    forbid: Id | None = Field(None, description="Centre that must not receive the patient")


class Scenario(Entity):
    """One crisis, one file."""

    schema_version: Literal[1] = Field(description="Version of this format")
    id: Id = Field(description="Scenario id")
    title: Title = Field(description="Title, French and English")
    exercise: bool = Field(description="True: every output says EXERCICE")
    attack_at: datetime = Field(description="Moment of the attack, with its offset; without one, Paris time")
    compromised: Compromised = Field(description="What fell")
    outage_days: OutageDays = Field(description="Expected length")
    data_recovery: DataRecovery = Field(DataRecovery(), description="When data come back")
    roster: str = Field(description="Path of the roster, relative to this file or absolute")
    overlays: tuple[str, ...] = Field((), description="Overlays of the network, relative to this file or absolute")
    travel_matrix: str | None = Field(None, description="CSV of travel times, relative to this file or absolute")
    surge: Surge = Field(Surge(), description="Extensions allowed")
    agency_led: bool = Field(False, description="The health agency leads: agreements in 1 day instead of 5")
    home_restart: tuple[HomeRestart, ...] = Field((), description="Degraded restart at home")
    declared_capacity: tuple[DeclaredCapacity, ...] = Field((), description="Answers given on the phone")
    redeployment: Redeployment = Field(Redeployment(), description="Idle staff that can move")
    horizon_days: int = Field(28, ge=1, le=365, description="Starts lie within so many days of day 0")
    compensation: tuple[Compensation, ...] = Field((), description="Compensation modes allowed besides none")
    policy: dict[str, Any] = Field({}, description="Overrides of the packaged policy, by path")
    pins: tuple[Pin, ...] = Field((), description="Decisions imposed or forbidden")
    events: tuple[dict[str, Any], ...] = Field((), description="Dated events of an exercise or a re-planning")
    notes: tuple[str, ...] = Field((), description="Reservations printed with the plan")

    @field_validator("attack_at")
    @classmethod
    def _in_paris(cls, value: datetime) -> datetime:
        return in_paris(value)

    @property
    def day_zero(self) -> date:
        """Local date of the attack."""
        return self.attack_at.date()

    @property
    def dicom_date(self) -> date | None:
        """Local date at which DICOM data come back; None = never."""
        hours = self.data_recovery.dicom_after_h
        if hours is None:
            return None
        return (self.attack_at.astimezone(ZoneInfo("UTC")) + timedelta(hours=hours)).astimezone(PARIS).date()
