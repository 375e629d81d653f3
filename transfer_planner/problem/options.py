"""What may be decided for a patient, and what it costs: treatment elsewhere, at home in degraded mode, or waiting."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from transfer_planner.clinical.fractionation import FRENCH, HomeCalendar, SessionDay, home_calendar
from transfer_planner.clinical.prioritisation import Assessment, allowed_modes, assess, category_key
from transfer_planner.network.travel import travel
from transfer_planner.problem import rules

if TYPE_CHECKING:
    from transfer_planner.domain.base import Action, Compensation, Grade, Technique
    from transfer_planner.domain.case import Case, Travel
    from transfer_planner.domain.centre import Centre, Linac
    from transfer_planner.domain.patient import Patient

CostVector = tuple[int, int, int, int, int, int]


@dataclass(frozen=True)
class Pool:
    """Identical linacs of a centre, planned together and split afterwards.

    Parameters
    ----------
    index
        Position among the pools.
    centre
        Their centre.
    linacs
        The linacs, at least one.
    home
        True for restarted linacs of a compromised centre.
    """

    index: int
    centre: Centre
    linacs: tuple[Linac, ...]
    home: bool = False


class Wait(NamedTuple):
    """Waiting for the home centre, for one outage length."""

    reopening: date
    start: date
    end: date
    missed: int
    prolongation: int
    visits: int


@dataclass(frozen=True)
class Option:
    """One thing that may be decided for a patient."""

    action: Action
    costs: CostVector
    prolongation_days: float
    excess_tenths: int
    pool: Pool | None = None
    sessions: tuple[SessionDay, ...] = ()
    grade: Grade | None = None
    pathway: str | None = None
    technique: Technique | None = None
    mode: Compensation = "none"
    ready: date | None = None
    minutes: int = 0
    physics_hours: int = 0
    simulation: date | None = None
    missed: int = 0
    waits: tuple[Wait, Wait, Wait] | None = None

    @property
    def start(self) -> date | None:
        """First session; None for a wait."""
        return self.sessions[0].date if self.sessions else None

    def minutes_by_day(self, first_extra: int) -> dict[date, int]:
        """Return the linac minutes of each session, with what the first takes more; none for a wait."""
        minutes = {day: self.minutes * fractions for day, fractions in self.sessions}
        if self.sessions:
            minutes[self.sessions[0].date] += first_extra
        return minutes


@dataclass(frozen=True)
class Subject:
    """A patient with all that the rules need to know."""

    patient: Patient
    assessment: Assessment
    home: HomeCalendar
    modes: tuple[Compensation, ...]
    travels: dict[str, Travel] = field(hash=False)


def clinical_tiers(subject: Subject, excess_tenths: int, case: Case) -> tuple[int, int, int, int, int]:
    """Return tiers 1 to 5 of an excess; the curative part beyond the escalation counts in the tier above."""
    rank = subject.assessment.rank
    tiers = [0, 0, 0, 0, 0]
    escalated = 0
    if subject.assessment.curative and rank > 1:
        escalated = max(0, excess_tenths - 10 * case.policy.escalation_days)
        tiers[rank - 2] = escalated
    tiers[rank - 1] = excess_tenths - escalated
    return (tiers[0], tiers[1], tiers[2], tiers[3], tiers[4])


def tolerated_burden(subject: Subject, prolongation: float, case: Case) -> float:
    """Return the part of tier 6 for the prolongation within tolerance."""
    weight = case.policy.burden.prolongation_day[category_key(subject.assessment.category)]
    return weight * min(max(0.0, prolongation), subject.assessment.tolerance_days)


def half_up(value: float) -> int:
    """Round half up, as every number of a plan is rounded."""
    return math.floor(value + 0.5 + rules.EPSILON)


def subject_of(patient: Patient, case: Case) -> Subject:
    """Gather what the rules need to know of a patient."""
    scenario, policy = case.scenario, case.policy
    assessment = assess(patient, case.sites, policy, scenario.day_zero)
    place = case.places[patient.patient_id]
    return Subject(
        patient=patient,
        assessment=assessment,
        home=home_calendar(patient, scenario.day_zero, stereotactic_gap_h=policy.min_hours_between_stereotactic),
        modes=allowed_modes(patient, assessment.category, scenario, policy),
        travels={c.id: travel(place, c, policy.travel_model, case.matrix) for c in case.network.centres},
    )


def wait_for(subject: Subject, days: int, case: Case) -> Wait:
    """Return what waiting gives if the home centre reopens so many days after day 0."""
    home = subject.home
    reopening = FRENCH.next_treatment_day(case.scenario.day_zero + timedelta(days=days))
    sessions = home.sessions_from(max(reopening, home.baseline))
    start = sessions[0].date
    missed = home.missed_before(start)
    return Wait(reopening, start, sessions[-1].date, missed, home.prolongation(sessions), len(sessions))


def _wait_costs(subject: Subject, excess_tenths: int, prolongation: float, visits: int, case: Case) -> CostVector:
    trips = 2 * subject.travels[subject.patient.centre_id].minutes * visits
    burden = half_up(trips + tolerated_burden(subject, prolongation, case))
    return (*clinical_tiers(subject, excess_tenths, case), burden)


def wait_option(subject: Subject, case: Case) -> Option:
    """Return the decision to wait for the home centre: expected excess over the three outage lengths (section 6)."""
    outage, weights = case.scenario.outage_days, case.policy.outage_weights
    low, likely, high = (wait_for(subject, days, case) for days in (outage.low, outage.likely, outage.high))
    weighted = ((weights.low, low), (weights.likely, likely), (weights.high, high))
    tolerance = subject.assessment.tolerance_days
    excess_tenths = half_up(10 * sum(w * max(0, wait.prolongation - tolerance) for w, wait in weighted))
    expected = half_up(10 * sum(w * wait.prolongation for w, wait in weighted)) / 10
    return Option(
        action="wait",
        costs=_wait_costs(subject, excess_tenths, expected, likely.visits, case),
        prolongation_days=expected,
        excess_tenths=excess_tenths,
        missed=likely.missed,
        waits=(low, likely, high),
    )


def waiting_right_up_to(subject: Subject, best_move: CostVector, case: Case, most: int = 365) -> int:
    """Return the longest outage, days, for which waiting costs no more than the best move; at most `most`."""
    for days in range(most + 1):
        wait = wait_for(subject, days, case)
        excess = 10 * max(0, wait.prolongation - subject.assessment.tolerance_days)
        if _wait_costs(subject, excess, wait.prolongation, wait.visits, case) > best_move:
            return max(0, days - 1)
    return most
