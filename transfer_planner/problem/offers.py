"""Everything that may be decided for a patient, with what it costs; options that can never help are left out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from transfer_planner.clinical.compatibility import (
    PATHWAYS,
    delivered_technique,
    equipment,
    mirror_grade,
    refusals,
    session_minutes,
)
from transfer_planner.clinical.fractionation import FRENCH
from transfer_planner.network.graph import mirror_between
from transfer_planner.problem import rules
from transfer_planner.problem.options import Option, Pool, wait_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    import networkx as nx

    from transfer_planner.domain.base import Action, Compensation, Grade, Technique
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.scenario import Pin
    from transfer_planner.problem.calendars import Calendars
    from transfer_planner.problem.options import CostVector, Subject
    from transfer_planner.problem.problem import IntArray

BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


class Way(NamedTuple):
    """A pool where a patient may be treated, and how.

    Parameters
    ----------
    pool
        Where.
    grade
        Mirror grade; None for a restart at home.
    ready
        First day allowed (H04).
    technique, minutes, physics_hours, lead_days
        What is delivered, linac minutes of a fraction, hours of physics, treatment days between a new CT and the start.
    travel_min
        One way, minutes.
    modes
        Compensation modes that the pool and the travel allow.
    """

    pool: Pool
    grade: Grade | None
    ready: date
    technique: Technique
    minutes: int
    physics_hours: int
    lead_days: int
    travel_min: int
    modes: frozenset[Compensation]


@dataclass(frozen=True)
class Offer:
    """What may be decided for a patient, option by option: the wait first if it may be, then way by way.

    Parameters
    ----------
    subject
        The patient.
    wait
        Waiting for the home centre; None when the pins forbid it.
    calendars
        Every calendar of the patient.
    ways
        Where and how.
    way, row
        Way and calendar of each option, the wait not counted, shape (n,).
    costs
        Tiers of these options, shape (6, n).
    refused
        Why the centres without any option refuse, by id.
    """

    subject: Subject
    wait: Option | None
    calendars: Calendars
    ways: tuple[Way, ...]
    way: IntArray
    row: IntArray
    costs: IntArray
    refused: dict[str, tuple[str, ...]]

    def __len__(self) -> int:
        """Return the number of options."""
        return self.waits + len(self.row)

    @property
    def waits(self) -> int:
        """1 when waiting is an option, else 0."""
        return int(self.wait is not None)

    @property
    def starts(self) -> IntArray:
        """Days from day 0 to the first session of the options, the wait not counted."""
        return self.calendars.starts[self.row]

    def only(self, kept: BoolArray) -> Offer:
        """Return the offer with some of its options, the wait not concerned."""
        return replace(self, way=self.way[kept], row=self.row[kept], costs=self.costs[:, kept])

    def option(self, position: int) -> Option:
        """Return an option in full."""
        if self.wait is not None and position == 0:
            return self.wait
        number = position - self.waits
        way, row = self.ways[int(self.way[number])], int(self.row[number])
        home, sessions = self.subject.home, self.calendars.sessions(row)
        prolongation, start = home.prolongation(sessions), sessions[0].date
        tiers = self.costs[:, number].tolist()
        return Option(
            action="restart" if way.grade is None else "transfer",
            costs=(tiers[0], tiers[1], tiers[2], tiers[3], tiers[4], tiers[5]),
            prolongation_days=prolongation,
            excess_tenths=10 * max(0, prolongation - self.subject.assessment.tolerance_days),
            pool=way.pool,
            sessions=sessions,
            grade=way.grade,
            pathway="degraded" if way.grade is None else PATHWAYS[way.grade],
            technique=way.technique,
            mode=self.calendars.modes[int(self.calendars.mode[row])],
            ready=way.ready,
            minutes=way.minutes,
            physics_hours=way.physics_hours,
            simulation=None if way.grade is None else rules.h08_simulation_date(way.grade, start, way.lead_days),
            missed=home.missed_before(start),
        )

    def position(self, grade: Grade | None, mode: Compensation, linac_id: str | None, start: date) -> int | None:
        """Return the position of a transfer or restart; None when it is no option."""
        ways = [
            number
            for number, way in enumerate(self.ways)
            if way.grade == grade and linac_id in {linac.id for linac in way.pool.linacs}
        ]
        if mode not in self.calendars.modes:
            return None
        same = self.calendars.mode[self.row] == self.calendars.modes.index(mode)
        same &= np.isin(self.way, ways) & (self.starts == (start - self.calendars.zero).days)
        found = np.flatnonzero(same)
        return self.waits + int(found[0]) if len(found) else None


def _cheaper(tiers: IntArray, last: IntArray, bound: CostVector) -> BoolArray:
    """Return where costs come before a bound in lexicographic order.

    Parameters
    ----------
    tiers
        The tiers above the last, shape (5, k).
    last
        The last tier, shape (ways, k).
    """
    better = np.zeros(tiers.shape[1], dtype=bool)
    equal = ~better
    for tier, limit in zip(tiers, bound, strict=False):
        better |= equal & (tier < limit)
        equal &= tier == limit
    cheaper: BoolArray = better | (equal & (last < bound[-1]))
    return cheaper


class OfferMaker:
    """Lists what may be decided for patients, one crisis given.

    Parameters
    ----------
    case
        The validated inputs.
    graph
        Graph of the network.
    pools
        Where patients may go, and where they may restart.
    """

    def __init__(self, case: Case, graph: nx.MultiDiGraph[str], pools: tuple[Pool, ...]) -> None:
        self.case, self.graph, self.pools = case, graph, pools
        self.dicom_date = case.scenario.dicom_date
        numbers: dict[tuple[object, ...], int] = {}
        keys = [(pool.home, *equipment(pool.centre, pool.linacs[0])) for pool in pools]
        self.kinds = [numbers.setdefault(key, len(numbers)) for key in keys]
        self.pins: dict[str, list[Pin]] = defaultdict(list)
        for pin in case.scenario.pins:
            self.pins[pin.patient_id].append(pin)
        self.restart_days: dict[str, int] = {}
        for restart in case.scenario.home_restart:
            for linac_id in restart.linac_ids:
                known = self.restart_days.get(linac_id, restart.from_day)
                self.restart_days[linac_id] = min(known, restart.from_day)
        self.known: dict[int, Offer] = {}
        """Offers without pins, by the identity of their calendars, which they keep alive."""

    def offer(self, subject: Subject, calendars: Calendars) -> Offer:
        """Return the wait if the pins allow it, the options that cost less than it, and why the other centres refuse.

        Patients who share their calendars differ in their codes alone (`Dossiers`): without pins, they share their options too.
        """
        free = subject.patient.patient_id not in self.pins
        if free and id(calendars) in self.known:
            return replace(self.known[id(calendars)], subject=subject)
        wait: Option | None = wait_option(subject, self.case)
        if wait is not None and not self._kept(subject, "wait", None, None):
            wait = None
        offer = self._offer(subject, calendars, wait)
        if free:
            self.known[id(calendars)] = offer
        return offer

    def best_move(self, subject: Subject, calendars: Calendars) -> CostVector | None:
        """Return the least costs of a transfer or restart were the patient alone; None when nowhere is possible."""
        costs = self._offer(subject, calendars, None).costs
        if not costs.shape[1]:
            return None
        least = costs[:, np.lexsort(costs[::-1])[0]].tolist()
        return (least[0], least[1], least[2], least[3], least[4], least[5])

    def _offer(self, subject: Subject, calendars: Calendars, wait: Option | None) -> Offer:
        ways, reasons = self._places(subject, in_time=len(calendars) > 0)
        ready = np.array([(way.ready - calendars.zero).days for way in ways], dtype=np.int64)
        allowed = np.array([[mode in way.modes for mode in calendars.modes] for way in ways], dtype=bool)
        in_time = allowed.reshape(len(ways), len(calendars.modes))[:, calendars.mode] & (
            calendars.starts >= ready[:, None]
        )
        last = self._last_tier(ways, calendars)
        useful = in_time if wait is None else in_time & _cheaper(calendars.tiers, last, wait.costs)
        if subject.patient.patient_id in self.pins:
            useful = useful & self._pinned(subject, ways, calendars)
        possible, opened = (
            {ways[n].pool.index for n in np.flatnonzero(mask.any(axis=1))} for mask in (in_time, useful)
        )
        for index in {way.pool.index for way in ways} - opened:
            reasons[index] = ["not_better_than_waiting" if index in possible else "H04_horizon"]
        way, row = np.nonzero(useful)
        return Offer(
            subject=subject,
            wait=wait,
            calendars=calendars,
            ways=ways,
            way=way,
            row=row,
            costs=np.vstack([calendars.tiers[:, row], last[way, row]]),
            refused=self._by_centre(reasons, {self.pools[index].centre.id for index in opened}),
        )

    def _places(self, subject: Subject, *, in_time: bool) -> tuple[tuple[Way, ...], dict[int, list[str]]]:
        """Return how each pool may treat a patient, and why it cannot whatever the day (H03, H09, H12)."""
        ways: list[Way] = []
        reasons: dict[int, list[str]] = {}
        patient, assessment = subject.patient, subject.assessment
        by_kind: dict[int, list[str]] = {}
        by_centre: dict[str, frozenset[Compensation]] = {}
        for pool, kind in zip(self.pools, self.kinds, strict=True):
            if pool.home and pool.centre.id != patient.centre_id:
                continue
            if kind not in by_kind:
                by_kind[kind] = refusals(patient, assessment, pool.centre, pool.linacs[0], restart=pool.home)
            if pool.centre.id not in by_centre:
                by_centre[pool.centre.id] = frozenset(m for m in subject.modes if self._allows(subject, pool, m))
            modes = by_centre[pool.centre.id]
            reasons[pool.index] = by_kind[kind] + (["H09_travel"] if in_time and "none" not in modes else [])
            if not reasons[pool.index]:
                ways += self._ways(subject, pool, modes)
        return tuple(ways), reasons

    def _by_centre(self, reasons: dict[int, list[str]], opened: set[str]) -> dict[str, tuple[str, ...]]:
        """Return why the centres refuse that are not open to the patient."""
        refused: dict[str, dict[str, None]] = {}
        for index, why in reasons.items():
            centre_id = self.pools[index].centre.id
            if centre_id not in opened:
                refused.setdefault(centre_id, {}).update(dict.fromkeys(why))
        return {centre_id: tuple(why) for centre_id, why in refused.items()}

    def _allows(self, subject: Subject, pool: Pool, mode: Compensation) -> bool:
        """Return whether a pool and the travel allow a mode (H09); restarts have no travel limit and no mode."""
        if pool.home:
            return mode == "none"
        if mode == "saturday" and not pool.centre.opening.saturday_surge_max:
            return False
        return rules.h09_travel(
            subject.patient,
            subject.assessment,
            subject.travels[pool.centre.id],
            mode=mode,
            scenario=self.case.scenario,
            policy=self.case.policy,
        ).allowed

    def _ways(self, subject: Subject, pool: Pool, modes: frozenset[Compensation]) -> Iterator[Way]:
        """Yield how a pool that does not refuse a patient may treat: one way a grade that is worth it."""
        policy = self.case.policy
        technique = delivered_technique(subject.patient, pool.linacs[0], restart=pool.home)
        if technique is None:
            return
        minutes = session_minutes(
            subject.patient, technique, minor=subject.assessment.minor, table=policy.session_minutes
        )
        for grade, ready in self._grades(subject, pool, technique):
            effort = None if grade is None else policy.grades[grade]
            yield Way(
                pool=pool,
                grade=grade,
                ready=ready,
                technique=technique,
                minutes=minutes,
                physics_hours=policy.restart_physics_hours if effort is None else effort.physics_hours,
                lead_days=0 if effort is None else effort.lead_days,
                travel_min=subject.travels[pool.centre.id].minutes,
                modes=modes,
            )

    def _grades(self, subject: Subject, pool: Pool, technique: Technique) -> Iterator[tuple[Grade | None, date]]:
        """Yield the grades under which a pool may take a patient, with their ready dates (H04)."""
        scenario, patient, linac = self.case.scenario, subject.patient, pool.linacs[0]
        if pool.home:
            from_day = max(1, self.restart_days[linac.id])
            yield None, FRENCH.next_treatment_day(scenario.day_zero + timedelta(days=from_day))
            return
        usable = patient.plan_data == "dicom" and self.dicom_date is not None
        mirror = mirror_between(self.graph, patient.linac_id or "", linac.id)
        grade = mirror_grade(patient, technique, mirror, linac, plan_data_usable=usable)
        delay = rules.h04_agreement_days(
            self.graph,
            patient.centre_id,
            pool.centre.id,
            emergency=patient.urgency == "emergency",
            scenario=scenario,
            policy=self.case.policy,
        )
        earliest: date | None = None
        candidates: tuple[Grade, ...] = (grade,) if grade in ("emergency", "G4") else (grade, "G4")
        for candidate in candidates:
            ready = rules.h04_ready_date(
                candidate,
                delay_days=delay,
                lead_days=self.case.policy.grades[candidate].lead_days,
                day_zero=scenario.day_zero,
                dicom_date=self.dicom_date,
            )
            if earliest is None or ready < earliest:
                earliest = ready
                yield candidate, ready

    def _last_tier(self, ways: tuple[Way, ...], calendars: Calendars) -> IntArray:
        """Return tier 6 of every calendar by every way, shape (ways, calendars)."""
        trips = np.array([2 * way.travel_min for way in ways], dtype=np.int64)
        hours = np.array([way.physics_hours for way in ways], dtype=np.int64)
        effort = (self.case.policy.burden.physics_hour * hours)[:, None]
        return trips[:, None] * calendars.visits + calendars.burden + effort

    def _kept(self, subject: Subject, action: Action, pool: Pool | None, start: date | None) -> bool:
        """Return whether a decision keeps every pin of the patient (H10)."""
        centre_id = pool.centre.id if pool else None
        linac_ids = [linac.id for linac in pool.linacs] if pool else [None]
        pins = self.pins.get(subject.patient.patient_id, [])
        return any(all(rules.h10_keeps(pin, action, centre_id, linac, start) for pin in pins) for linac in linac_ids)

    def _pinned(self, subject: Subject, ways: tuple[Way, ...], calendars: Calendars) -> BoolArray:
        """Return which calendars by which ways keep the pins of a patient, shape (ways, calendars)."""
        starts = [calendars.zero + timedelta(days=offset) for offset in calendars.starts.tolist()]
        kept = [
            [self._kept(subject, "restart" if way.pool.home else "transfer", way.pool, start) for start in starts]
            for way in ways
        ]
        return np.array(kept, dtype=bool).reshape(len(ways), len(starts))
