"""The technique of a plan, deduced from its beams, with the reasons that a physicist will check."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from transfer_planner.i18n import Message, msg

if TYPE_CHECKING:
    from transfer_planner.domain.base import Technique
    from transfer_planner.io.dicom_objects import PlanFacts

STEREOTACTIC_GY, STEREOTACTIC_FRACTIONS = 6.0, 12
"""From this dose per fraction on and up to so many fractions, modulated or arc beams are stereotactic."""
SINGLE_GY = 12.0
"""A single fraction below is palliative more often than stereotactic."""
MANY_FIELDS = 7
"""So many static fields at such a dose are stereotactic; fewer are simple palliative fields."""
SEGMENTS = 5
"""Up to so many leaf positions a beam is a field in field, not modulated."""
_HELICAL = re.compile(r"tomo|radixact|hi.?art", re.IGNORECASE)
_ROBOTIC = re.compile(r"cyber.?knife", re.IGNORECASE)
_CRANIAL = re.compile(r"gamma.?knife|leksell|perfexion|icon", re.IGNORECASE)
_SPECIAL: dict[str, tuple[Technique | None, Message]] = {
    "ION": (None, msg("beams of protons or ions")),
    "BRACHY": ("BRACHY", msg("sources and applicators, no external beam")),
    "TBI": ("TBI", msg("the plan says total body irradiation")),
    "TSEI": ("TSEI", msg("the plan says total skin irradiation")),
}


class Deduction(NamedTuple):
    """A technique and why; `sure` is False when a physicist could read the beams otherwise."""

    technique: Technique | None
    reasons: tuple[Message, ...]
    sure: bool = True


def deduce_technique(plan: PlanFacts) -> Deduction:
    """Deduce the technique of a plan; None when it has no place in the roster's list."""
    if plan.special is not None:
        technique, reason = _SPECIAL[plan.special]
        return Deduction(technique, (reason,), sure=technique is not None)
    if not plan.beams:
        return Deduction(None, (msg("no treatment beam"),), sure=False)
    kinds = {beam.radiation or "PHOTON" for beam in plan.beams}
    if not kinds <= {"PHOTON", "ELECTRON"}:
        return Deduction(None, (_SPECIAL["ION"][1],), sure=False)
    if kinds == {"ELECTRON"}:
        return Deduction("ELECTRONS", (msg("electron beams only"),))
    base = _by_machine(plan) or _by_movement(plan)
    found = _by_dose(plan, base)
    if "ELECTRON" in kinds:
        return Deduction(found.technique, (*found.reasons, msg("electron beams too")), sure=False)
    return found


def _by_machine(plan: PlanFacts) -> Deduction | None:
    names = " ".join(f"{beam.maker or ''} {beam.machine or ''}" for beam in plan.beams)
    if _HELICAL.search(names):
        return Deduction("HELICAL", (msg("the machine is helical"),))
    if _ROBOTIC.search(names):
        return Deduction(
            "SBRT", (msg("the machine is robotic"), msg("inside or outside the skull: not told")), sure=False
        )
    if _CRANIAL.search(names) or all(beam.cone for beam in plan.beams):
        return Deduction("SRS", (msg("a machine or cones for the skull"),))
    return None


def _by_movement(plan: PlanFacts) -> Deduction:
    arcs = sum(beam.arc for beam in plan.beams)
    shapes = max(beam.shapes for beam in plan.beams)
    if arcs:
        moving = any(beam.arc and beam.shapes > 1 for beam in plan.beams)
        if moving:
            return Deduction("VMAT", (msg("{count} arc(s), leaves moving", count=arcs),), sure=shapes > SEGMENTS)
        return Deduction("3DCRT", (msg("{count} arc(s), leaves at rest", count=arcs),), sure=False)
    fields = len(plan.beams)
    if shapes > SEGMENTS:
        return Deduction("IMRT", (msg("{count} field(s), gantry at rest, leaves moving", count=fields),))
    if shapes > 1:
        return Deduction("3DCRT", (msg("{count} field(s), field in field", count=fields),))
    return Deduction("3DCRT", (msg("{count} field(s), gantry and leaves at rest", count=fields),))


def _by_dose(plan: PlanFacts, base: Deduction) -> Deduction:
    """Tell stereotactic treatments by their fractions."""
    if base.technique in {"SRS", "SBRT"} or plan.dose_gy is None or not plan.fractions:
        return base
    each, count = plan.dose_gy / plan.fractions, plan.fractions
    if each < STEREOTACTIC_GY or count > STEREOTACTIC_FRACTIONS:
        return base
    why = msg("{each} Gy per fraction in {count} fraction(s)", each=f"{each:.4g}", count=count)
    simple = base.technique == "3DCRT" and len(plan.beams) < MANY_FIELDS
    if simple or (count == 1 and each < SINGLE_GY):
        return Deduction(base.technique, (*base.reasons, why), sure=False)
    return Deduction("SBRT", (*base.reasons, why), sure=base.technique != "HELICAL")
