"""The base of every entity, and the types that several of them share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Entity(BaseModel):
    """Frozen, strict about names: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
Status = Literal["declared", "derived", "assumed"]

Technique = Literal[
    "3DCRT", "IMRT", "VMAT", "HELICAL", "SBRT", "SRS", "TBI", "TSEI", "CSI", "ELECTRONS", "BRACHY", "ADAPTIVE"
]
Feature = Literal["CBCT", "DIBH", "GATING", "SGRT", "6DOF", "EXACTRAC", "MR", "CRANIAL_CONES"]
Grade = Literal["emergency", "G0", "G1", "G2", "G3", "G4"]
Action = Literal["transfer", "restart", "wait"]
Compensation = Literal["none", "saturday", "bid"]
Category = Literal[1, 2, 3]
Rank = Literal[1, 2, 3, 4, 5]

SUBSTITUTES: dict[Technique, tuple[Technique, ...]] = {
    "3DCRT": ("3DCRT", "IMRT", "VMAT", "HELICAL"),
    "IMRT": ("IMRT", "VMAT", "HELICAL"),
    "VMAT": ("VMAT", "HELICAL"),
    "HELICAL": ("HELICAL", "VMAT"),
}
"""What may stand in for a technique, itself first; the techniques not listed are treated only by themselves."""

ASSUMED_TECHNIQUES: tuple[Technique, ...] = ("3DCRT", "IMRT", "VMAT")
"""What a linac of unknown techniques is assumed to deliver."""

INDIVIDUAL_TECHNIQUES: frozenset[Technique] = frozenset({"TBI", "TSEI", "CSI", "BRACHY"})
"""Techniques that move only by an individual medical decision."""


def substitutes(technique: Technique) -> tuple[Technique, ...]:
    """Return the techniques that may deliver a prescription, in order of preference."""
    return SUBSTITUTES.get(technique, (technique,))
