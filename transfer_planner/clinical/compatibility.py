"""What a linac can deliver (H03, H12), and how much of a plan can be reused there (mirror grades)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from transfer_planner.domain.base import substitutes

if TYPE_CHECKING:
    from transfer_planner.clinical.prioritisation import Assessment
    from transfer_planner.domain.base import Grade, Technique
    from transfer_planner.domain.centre import Centre, Linac
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.policy import SessionMinutes

PATHWAYS: dict[Grade, str] = {
    "emergency": "emergency",
    "G0": "reuse",
    "G1": "recalculate",
    "G2": "reoptimise",
    "G3": "replan",
    "G4": "resimulate",
}
"""What is done at the destination, by grade."""
ELECTRONS = re.compile(r"(\d{1,2})E")
"""An electron energy as rosters write it."""


def delivered_technique(patient: Patient, linac: Linac, *, restart: bool = False) -> Technique | None:
    """Return the technique a linac would deliver to a patient; None when it cannot.

    Emergencies are treated elsewhere with simple fields; everybody else by the first substitute that the linac offers.
    """
    offered = linac.deliverable
    if patient.urgency == "emergency" and not restart:
        return "3DCRT" if "3DCRT" in offered else None
    return next((technique for technique in substitutes(patient.technique) if technique in offered), None)


def electron_energy(patient: Patient) -> int | None:
    """Return the electron energy of the roster, MeV; None for photons or unknown."""
    match = ELECTRONS.fullmatch(patient.energy or "")
    return int(match[1]) if match else None


def refusals(
    patient: Patient, assessment: Assessment, centre: Centre, linac: Linac, *, restart: bool = False
) -> list[str]:
    """Return why a linac cannot take a patient, as stable codes; empty when it can (H03; H12 for transfers)."""
    reasons: list[str] = []
    electrons, listed = electron_energy(patient), linac.electron_mev or ()
    if delivered_technique(patient, linac, restart=restart) is None:
        reasons.append("H03_technique")
    if electrons not in listed if electrons is not None else patient.technique == "ELECTRONS" and not listed:
        reasons.append("H03_electron_energy")
    if not set(patient.needs) <= set(linac.features or ()):
        reasons.append("H03_features")
    if assessment.minor and not centre.paediatrics:
        reasons.append("H03_paediatrics")
    if patient.anaesthesia and not centre.anaesthesia:
        reasons.append("H03_anaesthesia")
    if patient.mass_kg is not None and linac.couch_max_kg is not None and patient.mass_kg > linac.couch_max_kg:
        reasons.append("H03_couch")
    if not restart and patient.concurrent_chemotherapy and not patient.chemotherapy_kept_at and not centre.chemotherapy:
        reasons.append("H12_chemotherapy")
    return reasons


def equipment(centre: Centre, linac: Linac) -> tuple[object, ...]:
    """Return all that `refusals` asks of a linac and its centre: where it is equal, the same patients are refused."""
    return (
        linac.deliverable,
        linac.electron_mev,
        linac.features,
        linac.couch_max_kg,
        centre.paediatrics,
        centre.anaesthesia,
        centre.chemotherapy,
    )


@cache
def software_family(name: str | None) -> str | None:
    """Return a software name without version numbers and case; None when unknown."""
    if name is None:
        return None
    words = [word for word in name.casefold().split() if not any(letter.isdigit() for letter in word)]
    return " ".join(words) or name.casefold()


def _same(a: str | None, b: str | None) -> bool:
    return a is not None and a == b


@dataclass(frozen=True)
class Mirror:
    """What two linacs share; a field unknown on either side is not shared.

    Parameters
    ----------
    declared
        Declared beam-matched, in either direction.
    evidence
        What the declaration rests on; empty when nothing is declared.
    identified
        Vendor and model are known on both sides.
    vendor, model, mlc, type
        Equal and known.
    software
        TPS and R&V of the same families.
    photon_mv
        Beams that both are known to have.
    """

    declared: bool
    evidence: str
    identified: bool
    vendor: bool
    model: bool
    mlc: bool
    type: bool
    software: bool
    photon_mv: tuple[str, ...]


def mirror_of(one: tuple[Centre, Linac], other: tuple[Centre, Linac]) -> Mirror | None:
    """Return what two linacs share; None when they are neither declared matched nor known to be of one vendor."""
    (home, a), (away, b) = one, other
    evidence = [m.evidence for m in a.matched_with if m.linac == b.id] + [
        m.evidence for m in b.matched_with if m.linac == a.id
    ]
    if not evidence and not _same(a.vendor, b.vendor):
        return None
    return Mirror(
        declared=bool(evidence),
        evidence=next(filter(None, evidence), ""),
        identified=None not in (a.vendor, a.model, b.vendor, b.model),
        vendor=_same(a.vendor, b.vendor),
        model=_same(a.model, b.model),
        mlc=_same(a.mlc, b.mlc),
        type=_same(a.type, b.type),
        software=all(
            _same(software_family(getattr(home, field)), software_family(getattr(away, field)))
            for field in ("treatment_planning_system", "oncology_information_system")
        ),
        photon_mv=tuple(beam for beam in a.photon_mv or () if beam in (b.photon_mv or ())),
    )


def energy_available(energy: str | None, linac: Linac) -> bool:
    """Return whether an energy, if known, is known to be on a linac."""
    if energy is None:
        return False
    if energy.endswith("E"):
        return int(energy[:-1]) in (linac.electron_mev or ())
    return energy in (linac.photon_mv or ())


def mirror_grade(
    patient: Patient,
    technique: Technique,
    mirror: Mirror | None,
    linac: Linac,
    *,
    plan_data_usable: bool,
) -> Grade:
    """Return the mirror grade of a linac for a patient: the first condition that holds.

    Parameters
    ----------
    patient
        The patient; a blank home linac grades G4.
    technique
        Technique delivered there; another one than the roster's is a substitution.
    mirror
        What the home linac and this one share; None for nothing.
    linac
        The receiving linac.
    plan_data_usable
        True when CT, structures and plan are in DICOM and come back (H04).
    """
    if patient.urgency == "emergency":
        return "emergency"
    if not plan_data_usable or patient.immobilisation == "unavailable" or patient.linac_id is None:
        return "G4"
    if mirror is None or not mirror.identified or technique != patient.technique:
        return "G3"
    if energy_available(patient.energy, linac):
        if mirror.declared and mirror.software:
            return "G0"
        if mirror.vendor and mirror.model and mirror.mlc:
            return "G1"
    return "G2" if mirror.vendor and mirror.type else "G3"


def session_minutes(patient: Patient, technique: Technique, *, minor: bool, table: SessionMinutes) -> int:
    """Return the linac minutes of one fraction, first-session extra not included."""
    if minor and patient.anaesthesia:
        return table.child_under_anaesthesia
    if technique in ("IMRT", "VMAT") and "DIBH" in patient.needs:
        return table.dibh
    return table.by_technique[technique]
