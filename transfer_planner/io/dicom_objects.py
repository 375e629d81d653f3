"""What is kept of a DICOM object: codes, links and the facts that make a course; never an identity."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from transfer_planner.domain.base import Entity

Kind = Literal["plan", "structures", "dose", "image", "record"]


class Beam(Entity):
    """A treatment beam of a plan."""

    number: int = Field(description="Number in the plan")
    machine: str | None = Field(None, description="Name of the machine, as the plan writes it")
    maker: str | None = Field(None, description="Maker and model of the machine, as the plan writes them")
    radiation: str | None = Field(None, description="PHOTON, ELECTRON, PROTON, …")
    energy: str | None = Field(None, description="6X, 6FFF, 10X, … or 9E")
    mlc: str | None = Field(None, description="Multileaf collimator: kind and pairs of leaves")
    arc: bool = Field(False, description="The gantry turns while the beam is on")
    shapes: int = Field(1, ge=0, description="Different leaf positions, counted up to a few")
    cone: bool = Field(False, description="A stereotactic cone")
    complete: bool = Field(True, description="Holds as many control points as it announces")


class PlanFacts(Entity):
    """What a plan says."""

    day: date | None = Field(None, description="Date of the plan")
    intent: str | None = Field(None, description="CURATIVE, PALLIATIVE, VERIFICATION, …")
    approval: str | None = Field(None, description="APPROVED, UNAPPROVED, REJECTED")
    fractions: int | None = Field(None, description="Fractions planned")
    dose_gy: float | None = Field(None, description="Highest prescribed target dose, else fractions x beam doses, Gy")
    doses_gy: tuple[float, ...] = Field((), description="Prescribed target doses, Gy, the highest first")
    beams: tuple[Beam, ...] = Field((), description="Treatment beams")
    missing_beams: int = Field(0, description="Beams announced by the fraction group and not there")
    predecessors: tuple[str, ...] = Field((), description="Plans that this one replaces")
    special: str | None = Field(None, description="BRACHY, ION, TBI, TSEI: no ordinary external beams")


class Delivered(Entity):
    """A beam delivered, as a record tells it."""

    beam: int | None = Field(None, description="Number of the beam in the plan")
    fraction: int | None = Field(None, description="Number of the fraction")
    share: float | None = Field(None, description="Dose delivered / dose specified, both in monitor units")
    normal: bool = Field(True, description="Ended normally")


class DicomObject(Entity):
    """One object, whatever the number of its copies."""

    kind: Kind = Field(description="What it is")
    uid: str = Field(description="SOP instance UID")
    code: str = Field(description="Code of the patient")
    who: str | None = Field(None, description="Mark of the name: two marks under one code are a conflict")
    born: str | None = Field(None, description="Mark of the birth date, likewise")
    birth_year: int | None = Field(None, description="Year of birth")
    refs: tuple[str, ...] = Field(
        (), description="UIDs: plan → structures, structures → series, dose and record → plan"
    )
    series: str | None = Field(None, description="Series of an image")
    images: int = Field(0, description="Images that a structure set was drawn on")
    day: date | None = Field(None, description="Day of the treatment recorded")
    machine: str | None = Field(None, description="Machine of the treatment recorded")
    plan: PlanFacts | None = Field(None, description="Facts of a plan")
    delivered: tuple[Delivered, ...] = Field((), description="Beams of a record")
