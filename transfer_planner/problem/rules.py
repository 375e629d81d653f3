"""The hard rules as functions of the inputs, one per rule; H01 is the shape of the problem, H11 and H13 that of the calendars."""

from __future__ import annotations

import math
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from transfer_planner.clinical.fractionation import FRENCH, SATURDAY
from transfer_planner.network.graph import sharing_system

if TYPE_CHECKING:
    import networkx as nx

    from transfer_planner.clinical.prioritisation import Assessment
    from transfer_planner.domain.base import Compensation, Grade
    from transfer_planner.domain.case import Travel
    from transfer_planner.domain.centre import Centre, Linac, Network
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.policy import Policy
    from transfer_planner.domain.scenario import DeclaredCapacity, HomeRestart, Pin, Scenario

EPSILON = 1e-9


def compromised_centres(network: Network, scenario: Scenario) -> frozenset[str]:
    """Return the centres that fell: listed, or members of a listed domain."""
    domains = set(scenario.compromised.information_systems)
    fallen = {centre.id for centre in network.centres if domains & set(centre.information_systems)}
    return frozenset(fallen | set(scenario.compromised.centres))


def h02_closed_centres(graph: nx.MultiDiGraph[str], network: Network, scenario: Scenario) -> frozenset[str]:
    """Return the centres that may receive nobody: compromised, or sharing a domain with one (one step)."""
    fallen = compromised_centres(network, scenario)
    return fallen | sharing_system(graph, fallen)


@cache
def h04_ready_date(grade: Grade, *, delay_days: int, lead_days: int, day_zero: date, dicom_date: date | None) -> date:
    """Return the first day on which a transfer of this grade may start."""
    base = FRENCH.add_treatment_days(day_zero, delay_days)
    if grade in ("G0", "G1", "G2", "G3") and dicom_date is not None:
        base = max(base, dicom_date)
    ready = FRENCH.add_treatment_days(FRENCH.next_treatment_day(base), lead_days)
    return max(ready, FRENCH.add_treatment_days(day_zero, 1))


def h04_agreement_days(
    graph: nx.MultiDiGraph[str], home_id: str, centre_id: str, *, emergency: bool, scenario: Scenario, policy: Policy
) -> int:
    """Return the treatment days before a destination agrees to receive."""
    table = policy.agreement_delay
    if emergency:
        return table.emergency
    if graph.has_edge(home_id, centre_id, "convention"):
        return table.convention
    return table.agency_led if scenario.agency_led else table.none


class LinacRoom(NamedTuple):
    """Minutes of a linac on a day."""

    booked: float
    capacity: float
    free: int
    """Minutes for transferred patients in all."""
    unpriced: int
    """Of which within opening hours."""


NO_ROOM = LinacRoom(0, 0, 0, 0)


def h05_linac_room(
    centre: Centre, linac: Linac, day: date, scenario: Scenario, answer: DeclaredCapacity | None
) -> LinacRoom:
    """Return the room of a destination's linac on a treatment day or a surge Saturday."""
    if answer is not None and answer.from_date is not None and day < answer.from_date:
        return NO_ROOM
    if day.weekday() == SATURDAY:
        minutes = centre.opening.saturday_surge_max if scenario.surge.saturday else 0
        return LinacRoom(0, minutes, minutes, minutes)
    opening = centre.opening.weekdays or 0
    booked = opening if linac.booked_min_per_day is None else linac.booked_min_per_day
    capacity: float = opening
    if scenario.surge.evening and centre.opening.weekdays is not None:
        capacity += centre.opening.evening_surge_max
    if answer is not None and answer.spare_minutes_per_day is not None:
        capacity = min(capacity, booked + answer.spare_minutes_per_day)
    free = max(0, math.floor(capacity - booked + EPSILON))
    return LinacRoom(booked, capacity, free, min(free, max(0, math.floor(opening - booked + EPSILON))))


def restart_minutes(restarts: tuple[HomeRestart, ...], linac_id: str, day: date, day_zero: date) -> int:
    """Return the minutes a restarted home linac may treat on a day (H05)."""
    active = [r for r in restarts if linac_id in r.linac_ids and day >= day_zero + timedelta(days=r.from_day)]
    return max(active, key=lambda r: r.from_day).minutes_per_day if active else 0


def h06_new_starts(centre: Centre, answer: DeclaredCapacity | None) -> int:
    """Return the new starts a day of a centre, redeployment not counted."""
    if answer is not None and answer.new_starts_per_day is not None:
        return answer.new_starts_per_day
    return centre.new_starts_per_day or 0


def h07_physics_hours(centre: Centre, answer: DeclaredCapacity | None, day_zero: date, day: date) -> float:
    """Return the physics hours available by a day, redeployment not counted."""
    rate, since = centre.physics_hours_per_day or 0.0, day_zero
    if answer is not None:
        rate = rate if answer.physics_hours_per_day is None else answer.physics_hours_per_day
        if answer.from_date is not None:
            since = max(since, answer.from_date - timedelta(days=1))
    return rate * FRENCH.count_treatment_days(since, day)


def redeployed_days(scenario: Scenario, day: date) -> int:
    """Return the treatment days worked by redeployed staff by a day."""
    first = scenario.day_zero + timedelta(days=max(1, scenario.redeployment.from_day))
    return FRENCH.count_treatment_days(first - timedelta(days=1), day)


def h08_simulation_slots(centre: Centre, answer: DeclaredCapacity | None) -> int:
    """Return the CT-simulator slots a day of a centre."""
    if answer is not None and answer.ct_slots is not None:
        return answer.ct_slots
    return centre.ct_simulator_slots_per_day or 0


def h08_simulation_date(grade: Grade, start: date, lead_days: int) -> date | None:
    """Return the day of the new CT; None when the existing one is used."""
    if grade == "emergency":
        return start
    return FRENCH.add_treatment_days(start, -lead_days) if grade == "G4" else None


class TravelVerdict(NamedTuple):
    """Whether a patient may travel so far."""

    allowed: bool
    to_justify: bool
    lodging: bool


def h09_travel(
    patient: Patient, assessment: Assessment, travel: Travel, *, mode: Compensation, scenario: Scenario, policy: Policy
) -> TravelVerdict:
    """Return whether a one-way travel is within limits under a compensation mode, and what must be flagged."""
    limits = policy.travel_limits
    limit = patient.max_travel_min
    if limit is None:
        limit = limits.by_mobility[patient.mobility or "seated"]
    if mode == "bid" or (patient.fractions_per_day or 1) > 1:
        limit = min(limit, limits.two_sessions_a_day)
    if travel.minutes <= limit:
        return TravelVerdict(allowed=True, to_justify=False, lodging=False)
    if assessment.rank in limits.to_justify_ranks and travel.minutes <= limits.to_justify:
        return TravelVerdict(allowed=True, to_justify=True, lodging=False)
    lodged = assessment.rank in limits.to_justify_ranks and scenario.surge.lodging
    return TravelVerdict(allowed=lodged, to_justify=lodged, lodging=lodged)


def h10_keeps(pin: Pin, action: str, centre_id: str | None, linac_id: str | None, start: date | None) -> bool:
    """Return whether an option keeps a pin; a wait has neither centre nor linac nor start."""
    if pin.forbid is not None and action == "transfer" and centre_id == pin.forbid:
        return False
    wanted = ((pin.action, action), (pin.centre_id, centre_id), (pin.linac_id, linac_id), (pin.start_date, start))
    return all(want is None or want == have for want, have in wanted)


def latest_answers(scenario: Scenario) -> dict[str, DeclaredCapacity]:
    """Return the last answer of each centre (by time asked, then by position)."""
    answers: dict[str, DeclaredCapacity] = {}
    for answer in scenario.declared_capacity:
        known = answers.get(answer.centre_id)
        if (
            known is None
            or known.asked_at is None
            or (answer.asked_at is not None and answer.asked_at >= known.asked_at)
        ):
            answers[answer.centre_id] = answer
    return answers
