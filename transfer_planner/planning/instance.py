"""From a case to its problem: where patients stay, and pins that leave no decision told as faults."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg
from transfer_planner.io.reference import read_communes
from transfer_planner.network.travel import locate
from transfer_planner.problem.build import Instance, PinConflictError, build_problem

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case
    from transfer_planner.problem.dossiers import Dossiers


def located(case: Case) -> Case:
    """Return the case with the place where each patient stays."""
    if case.places:
        return case
    communes = read_communes()
    return dataclasses.replace(
        case, places={patient.patient_id: locate(patient, case.network, communes) for patient in case.patients}
    )


def build_instance(
    case: Case, *, merge: bool = True, apart: frozenset[str] = frozenset(), dossiers: Dossiers | None = None
) -> Instance:
    """Build the problem of a case whose patients are located.

    Parameters
    ----------
    case
        The inputs, places included.
    merge
        True plans identical linacs of a centre together.
    apart
        Linacs that are planned by themselves all the same.
    dossiers
        What is known of patients from cases of the same dates, policy and places.

    Raises
    ------
    DataError
        When the pins of a patient leave no decision.
    """
    try:
        return build_problem(case, merge_linacs=merge, apart=apart, dossiers=dossiers)
    except PinConflictError as error:
        raise DataError([pin_finding(case, error.patient_id)]) from error


def pin_finding(case: Case, patient_id: str | None) -> Finding:
    """Return the fault of the pins of a patient, or of all pins together."""
    return Finding(
        file=case.inputs.scenario.path,
        where="pins" if patient_id is None else f"pins[{patient_id}]",
        value=patient_id,
        expected=msg("pins that the rules and the capacities allow together"),
        mend=msg("remove a pin of these patients, or change its centre, linac or start date"),
        code="pins_impossible",
    )
