"""What is known of patients whatever fails around them, worked out once for many cases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from transfer_planner.problem.calendars import Calendars, calendars_of
from transfer_planner.problem.options import Subject, subject_of

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.patient import Patient

MOST = 5000
"""Dossiers kept, about 50 kB each; the oldest leave first."""


class Dossier(NamedTuple):
    """A patient with all that the rules need to know, and every calendar elsewhere."""

    subject: Subject
    calendars: Calendars


class Dossiers:
    """The dossiers of patients, for cases of the same dates, policy and places.

    The centres that fall, their capacities and equipment, the outage, the data lost, the conventions and the pins may change
    from a case to another; a patient under two codes is worked out once.

    Parameters
    ----------
    case
        One of these cases.
    """

    def __init__(self, case: Case) -> None:
        self._basis = _basis(case)
        self._known: dict[tuple[object, ...], Dossier] = {}

    def serve(self, case: Case) -> bool:
        """Return whether the dossiers hold for a case."""
        return _basis(case) == self._basis

    def of(self, patient: Patient, case: Case) -> Dossier:
        """Return the dossier of a patient of a case that they serve."""
        given = {name: value for name, value in patient if name not in ("patient_id", "notes")}
        key = (*given.values(), case.places[patient.patient_id])
        known = self._known.get(key)
        if known is None:
            subject = subject_of(patient, case)
            known = self._known[key] = Dossier(subject, calendars_of(subject, case))
            if len(self._known) > MOST:
                del self._known[next(iter(self._known))]
        return Dossier(replace(known.subject, patient=patient), known.calendars)


def _basis(case: Case) -> tuple[Any, ...]:
    """Return all that a dossier depends on besides the patient."""
    scenario = case.scenario
    return (
        scenario.day_zero,
        scenario.horizon_days,
        scenario.compensation,
        scenario.surge.saturday,
        case.policy,
        case.sites,
        case.matrix,
        [(centre.id, centre.location) for centre in case.network.centres],
    )
