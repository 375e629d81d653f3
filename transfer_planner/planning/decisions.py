"""From an option to a decision that people can read, with its reasons."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transfer_planner.clinical.fractionation import latest_start
from transfer_planner.domain.base import INDIVIDUAL_TECHNIQUES
from transfer_planner.domain.plan import INDIVIDUAL, LODGING, TIERS, TO_JUSTIFY, Decision, Reason, Reopening, Session
from transfer_planner.i18n import LANGUAGES, Day, Language, Message, msg
from transfer_planner.problem import rules
from transfer_planner.problem.options import waiting_right_up_to

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from transfer_planner.domain.base import Grade
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.centre import Linac
    from transfer_planner.problem.build import Instance
    from transfer_planner.problem.offers import Offer
    from transfer_planner.problem.options import Option, Subject

GRADE_REASONS: dict[Grade, Message] = {
    "emergency": msg("emergency: simple fields on a same-day CT, no agreement to wait for"),
    "G0": msg("beam-matched linac, same TPS and R&V: the plan is reused"),
    "G1": msg("same model of linac: the plan is recalculated"),
    "G2": msg("same maker and kind of linac: the plan is optimised again"),
    "G3": msg("another linac, unknown equipment or another technique: planned again on the existing CT"),
    "G4": msg("no usable plan data at this date: new planning CT"),
}
REFUSALS: dict[str, Message] = {
    "H03_technique": msg("no linac delivers the technique"),
    "H03_electron_energy": msg("the electron energy is not listed"),
    "H03_features": msg("a required feature is not listed"),
    "H03_paediatrics": msg("not known to be authorised for children"),
    "H03_anaesthesia": msg("not known to treat under anaesthesia"),
    "H03_couch": msg("couch limit below the patient's mass"),
    "H12_chemotherapy": msg("not known to give the concurrent chemotherapy"),
    "H09_travel": msg("too far"),
    "H04_horizon": msg("cannot be ready within the horizon"),
    "not_better_than_waiting": msg("no earlier than waiting, at a higher cost"),
}


@dataclass(frozen=True)
class Placed:
    """What is decided for a patient, linac included.

    Parameters
    ----------
    offer
        All that might be decided.
    option
        The decision.
    linac
        Where; None for a wait.
    earliest
        First day on which any option of the patient starts.
    """

    offer: Offer
    option: Option
    linac: Linac | None
    earliest: date

    @property
    def subject(self) -> Subject:
        """The patient."""
        return self.offer.subject


def decide(placed: Placed, instance: Instance, lang: Language) -> Decision:
    """Say a decision in full."""
    case = instance.case
    subject, option = placed.subject, placed.option
    patient, assessment = subject.patient, subject.assessment
    where = option.pool.centre if option.pool else None
    trip = subject.travels[where.id if where else patient.centre_id]
    minutes = option.minutes_by_day(case.policy.session_minutes.first_session_extra)
    waits = option.waits
    right = None
    if waits is not None:
        move = instance.maker.best_move(subject, placed.offer.calendars)
        right = None if move is None else waiting_right_up_to(subject, move, case)
    return Decision(
        patient_id=patient.patient_id,
        rank=assessment.rank,
        category=assessment.category,
        action=option.action,
        home_centre_id=patient.centre_id,
        centre_id=where.id if where else None,
        linac_id=placed.linac.id if placed.linac else None,
        pathway=option.pathway,
        grade=option.grade,
        technique=option.technique,
        compensation=option.mode,
        ready_date=option.ready,
        start_date=option.start,
        end_date=option.sessions[-1].date if option.sessions else None,
        planned_end_date=subject.home.planned_end,
        sessions=tuple(
            Session(date=day, minutes=minutes[day], fractions=fractions) for day, fractions in option.sessions
        ),
        missed_sessions=option.missed,
        prolongation_days=option.prolongation_days,
        tolerance_days=assessment.tolerance_days,
        excess_tenths=option.excess_tenths,
        latest_start_date=latest_start(subject.home, assessment.tolerance_days, subject.modes, case.scenario.day_zero),
        reopening=None
        if waits is None
        else Reopening(low=waits[0].reopening, likely=waits[1].reopening, high=waits[2].reopening),
        waiting_right_up_to_days=right,
        tier_costs=dict(zip(TIERS, option.costs, strict=True)),
        travel_min=trip.minutes,
        travel_km=trip.km,
        travel_source=trip.source,
        physics_hours=float(option.physics_hours),
        ct_simulation_date=option.simulation,
        to_confirm=assessment.to_confirm,
        reasons=tuple(_reason(code, message, lang) for code, message in _reasons(placed, right, instance)),
    )


def _reason(code: str, message: Message, lang: Language) -> Reason:
    others = {other: message.text(other) for other in LANGUAGES if other != lang}
    return Reason(code=code, text=message.text(lang), translations=others)


def _reasons(placed: Placed, right: int | None, instance: Instance) -> Iterator[tuple[str, Message]]:
    """Yield why, what matters most first: what must be flagged, then the place, then the rank."""
    subject, option = placed.subject, placed.option
    patient, assessment = subject.patient, subject.assessment
    if option.action == "wait":
        yield from _wait_reasons(placed, right, instance)
    if option.excess_tenths and option.action != "wait":
        yield "excess", _late(placed)
    if option.action == "restart":
        yield "restart", msg("the home linac treats again in degraded mode, signed by a physicist")
    elif option.grade is not None:
        yield "grade", GRADE_REASONS[option.grade]
    if option.action == "transfer":
        yield from _transfer_flags(placed, instance.case)
    if option.technique is not None and option.technique != patient.technique and option.grade != "emergency":
        yield "substitution", msg("{by} instead of {of}", by=option.technique, of=patient.technique)
    if option.mode == "saturday":
        yield "saturday", msg("Saturday sessions make up for the missed ones")
    if option.mode == "bid":
        yield "bid", msg("two sessions on Tuesdays and Thursdays, at least 6 h apart, make up for the missed ones")
    if assessment.category is None:
        yield "triage", msg("category unknown: to triage within two hours")
    if patient.delivered_fractions is None and assessment.on_treatment:
        yield "delivered_unknown", msg("fractions delivered unknown: do not treat before two sources agree")
    if assessment.rank_reason:
        yield "rank", msg("P{rank}: {who}", rank=assessment.rank, who=Message(assessment.rank_reason))
    else:
        yield "rank", msg("P{rank}: decided by the centre", rank=assessment.rank)


def _transfer_flags(placed: Placed, case: Case) -> Iterator[tuple[str, Message]]:
    """Yield what a transfer must have flagged (H03, H09), and why it exceeds tolerance."""
    subject, option = placed.subject, placed.option
    patient, pool = subject.patient, option.pool
    if pool is None:
        return
    if patient.technique in INDIVIDUAL_TECHNIQUES or (patient.technique == "SBRT" and subject.assessment.on_treatment):
        yield INDIVIDUAL, msg("{technique}: individual medical decision", technique=patient.technique)
    verdict = rules.h09_travel(
        patient,
        subject.assessment,
        subject.travels[pool.centre.id],
        mode=option.mode,
        scenario=case.scenario,
        policy=case.policy,
    )
    minutes = subject.travels[pool.centre.id].minutes
    if verdict.to_justify:
        yield TO_JUSTIFY, msg("{minutes} min one way, beyond the usual limit: to justify", minutes=minutes)
    if verdict.lodging:
        yield LODGING, msg("{minutes} min one way: only with lodging near the centre", minutes=minutes)


def _late(placed: Placed) -> Message:
    """Return why a treatment starts too late for the tolerance."""
    start, tolerance = placed.option.start, placed.subject.assessment.tolerance_days
    if start is None or start <= placed.earliest:
        return msg("beyond the {days} days tolerated: no centre can be ready earlier", days=tolerance)
    return msg(
        "beyond the {days} days tolerated: the places from {day} on are taken by patients who would lose more",
        days=tolerance,
        day=Day(placed.earliest),
    )


def _wait_reasons(placed: Placed, right: int | None, instance: Instance) -> Iterator[tuple[str, Message]]:
    """Yield why a patient waits: within tolerance, nowhere possible, dearer, or places taken."""
    counts = Counter(reasons[0] for reasons in placed.offer.refused.values() if reasons)
    destinations = len(placed.subject.travels) - len(instance.closed)
    excess = placed.option.excess_tenths
    if not excess:
        yield "wait_within_tolerance", msg("waiting for the reopening is expected to stay within tolerance")
    if sum(counts.values()) >= destinations and counts:
        most, count = counts.most_common(1)[0]
        reason = REFUSALS[most]
        if most == "not_better_than_waiting":
            yield "wait_better", msg("no transfer would do better than waiting")
        else:
            yield "wait_nowhere", msg("no centre can: {reason} ({count} centres)", reason=reason, count=count)
    elif excess:
        yield "wait_no_room", msg("every possible place is taken by patients who would lose more")
    if right is None:
        return
    if right >= instance.case.scenario.outage_days.likely:
        yield "wait_until", msg("waiting stops being right beyond {days} days of outage", days=right)
    else:
        yield "wait_until", msg("if a place is found, a transfer is better beyond {days} days of outage", days=right)
