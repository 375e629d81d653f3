"""Everything that may be decided for a patient, with what it costs; options that can never help are left out."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from transfer_planner.clinical.compatibility import (
    PATHWAYS,
    delivered_technique,
    mirror_grade,
    refusals,
    session_minutes,
)
from transfer_planner.clinical.fractionation import FRENCH, HomeCalendar, SessionDay, home_calendar
from transfer_planner.clinical.prioritisation import Assessment, allowed_modes, assess, category_key
from transfer_planner.network.graph import mirror_between
from transfer_planner.network.travel import travel
from transfer_planner.problem import rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    import networkx as nx

    from transfer_planner.domain.base import Action, Compensation, Grade, Technique
    from transfer_planner.domain.case import Case, Travel
    from transfer_planner.domain.centre import Centre, Linac
    from transfer_planner.domain.patient import Patient
    from transfer_planner.problem.problem import IntArray

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


@dataclass(frozen=True)
class Subject:
    """A patient with all that the rules need to know."""

    patient: Patient
    assessment: Assessment
    home: HomeCalendar
    modes: tuple[Compensation, ...]
    home_centre: Centre
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
    home_centre = case.network.centre(patient.centre_id)
    place = case.places[patient.patient_id]
    return Subject(
        patient=patient,
        assessment=assessment,
        home=home_calendar(patient, scenario.day_zero, stereotactic_gap_h=policy.min_hours_between_stereotactic),
        modes=allowed_modes(patient, assessment.category, scenario, policy),
        home_centre=home_centre,
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
    trips = 2 * subject.travels[subject.home_centre.id].minutes * visits
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


@dataclass(frozen=True)
class CalendarTable:
    """Every start of a patient under one compensation mode, as arrays; row i is one calendar, starts in order.

    Parameters
    ----------
    mode
        Compensation mode.
    sessions
        The calendars.
    starts
        Days from day 0 to the first session, shape (k,).
    tiers
        Tiers 1 to 5, shape (5, k).
    burden
        Prolongation part of tier 6, shape (k,).
    visits
        Treatment days, shape (k,).
    offsets, fractions
        Days from day 0 and fractions of all the sessions, one calendar after another.
    ends
        Where each calendar ends in `offsets`, after a leading 0, shape (k + 1,).
    """

    mode: Compensation
    sessions: tuple[tuple[SessionDay, ...], ...]
    starts: IntArray
    tiers: IntArray
    burden: IntArray
    visits: IntArray
    offsets: IntArray
    fractions: IntArray
    ends: IntArray


def calendar_tables(subject: Subject, case: Case) -> tuple[CalendarTable, ...]:
    """List the calendars of a patient from every day within the horizon, a table a mode (H11, H13).

    A mode that does not end the course earlier has nothing to make up and is left out.
    """
    scenario, home = case.scenario, subject.home
    first = scenario.day_zero + timedelta(days=1)
    if home.course.last_date is not None:
        first = max(first, home.course.last_date + timedelta(days=1))
    if not home.on_treatment:
        first = max(first, home.baseline)
    days = tuple(FRENCH.treatment_days(first, scenario.day_zero + timedelta(days=scenario.horizon_days)))
    plain = {day: home.sessions_from(day) for day in days}
    kept = [day for day in days if plain[day][0].date == day]
    tables = []
    for mode in subject.modes:
        calendars = [home.sessions_from(day, mode) for day in kept]
        if mode != "none":
            calendars = [c for c, day in zip(calendars, kept, strict=True) if _shorter(subject, c, plain[day])]
        if calendars:
            tables.append(_table(subject, mode, tuple(calendars), case))
    return tuple(tables)


def _shorter(subject: Subject, made_up: tuple[SessionDay, ...], plain: tuple[SessionDay, ...]) -> bool:
    return subject.home.on_treatment and made_up[-1].date < plain[-1].date


def _table(
    subject: Subject, mode: Compensation, calendars: tuple[tuple[SessionDay, ...], ...], case: Case
) -> CalendarTable:
    zero = case.scenario.day_zero.toordinal()
    prolongations = [subject.home.prolongation(sessions) for sessions in calendars]
    excesses = [10 * max(0, p - subject.assessment.tolerance_days) for p in prolongations]
    lengths = [len(sessions) for sessions in calendars]
    return CalendarTable(
        mode=mode,
        sessions=calendars,
        starts=np.array([sessions[0].date.toordinal() - zero for sessions in calendars], dtype=np.int64),
        tiers=np.array([clinical_tiers(subject, excess, case) for excess in excesses], dtype=np.int64).T,
        burden=np.array([tolerated_burden(subject, p, case) for p in prolongations], dtype=np.int64),
        visits=np.array(lengths, dtype=np.int64),
        offsets=np.array([day.toordinal() - zero for sessions in calendars for day, _ in sessions], dtype=np.int64),
        fractions=np.array([count for sessions in calendars for _, count in sessions], dtype=np.int64),
        ends=np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
    )


@dataclass(frozen=True)
class Block:
    """The options of one patient at one pool, under one grade and one mode: a run of a calendar table.

    Parameters
    ----------
    pool
        Where.
    grade, ready
        Mirror grade (None for a restart) and first day allowed.
    technique, minutes, physics_hours
        What is delivered, minutes of a fraction, hours of physics.
    table
        The calendars.
    rows
        Which calendars of the table are options, shape (k,).
    costs
        Tiers of these options, shape (6, k).
    """

    pool: Pool
    grade: Grade | None
    ready: date
    technique: Technique
    minutes: int
    physics_hours: int
    table: CalendarTable
    rows: IntArray
    costs: IntArray

    def option(self, subject: Subject, position: int, case: Case) -> Option:
        """Return one option in full."""
        sessions = self.table.sessions[self.rows[position]]
        prolongation = subject.home.prolongation(sessions)
        tiers = tuple(int(cost) for cost in self.costs[:, position])
        lead = 0 if self.grade is None else case.policy.grades[self.grade].lead_days
        return Option(
            action="restart" if self.grade is None else "transfer",
            costs=(tiers[0], tiers[1], tiers[2], tiers[3], tiers[4], tiers[5]),
            prolongation_days=prolongation,
            excess_tenths=10 * max(0, prolongation - subject.assessment.tolerance_days),
            pool=self.pool,
            sessions=sessions,
            grade=self.grade,
            pathway="degraded" if self.grade is None else PATHWAYS[self.grade],
            technique=self.technique,
            mode=self.table.mode,
            ready=self.ready,
            minutes=self.minutes,
            physics_hours=self.physics_hours,
            simulation=None if self.grade is None else rules.h08_simulation_date(self.grade, sessions[0].date, lead),
            missed=subject.home.missed_before(sessions[0].date),
        )


def _cheaper(costs: IntArray, bound: CostVector) -> IntArray:
    """Return which columns come before a bound in lexicographic order, as a mask."""
    better = np.zeros(costs.shape[1], dtype=bool)
    equal = ~better
    for tier, limit in zip(costs, bound, strict=True):
        better |= equal & (tier < limit)
        equal &= tier == limit
    return better


class OptionMaker:
    """Lists the options of patients, block by block."""

    def __init__(self, case: Case, graph: nx.MultiDiGraph[str], pools: tuple[Pool, ...]) -> None:
        self.case, self.graph, self.pools = case, graph, pools
        self.pins = defaultdict(list)
        for pin in case.scenario.pins:
            self.pins[pin.patient_id].append(pin)

    @cached_property
    def _restart_days(self) -> dict[str, int]:
        return {
            linac_id: min(r.from_day for r in self.case.scenario.home_restart if linac_id in r.linac_ids)
            for restart in self.case.scenario.home_restart
            for linac_id in restart.linac_ids
        }

    def best_move(self, subject: Subject) -> CostVector | None:
        """Return the least costs of a transfer or restart were the patient alone; None when nowhere is possible."""
        tables = calendar_tables(subject, self.case)
        blocks = [
            block
            for pool in self.pools
            if not pool.home or pool.centre.id == subject.patient.centre_id
            for block in self._pool_blocks(subject, pool, tables, None)[1]
        ]
        columns = [tuple(int(v) for v in column) for block in blocks for column in block.costs.T]
        return min(columns, default=None)  # type: ignore[return-value]

    def options(self, subject: Subject) -> tuple[Option | None, list[Block], dict[str, tuple[str, ...]]]:
        """Return the wait if the pins allow it, the useful blocks, and why the other centres refuse."""
        wait: Option | None = wait_option(subject, self.case)
        if wait is not None and not self._kept(subject, "wait", None, None):
            wait = None
        tables = calendar_tables(subject, self.case)
        blocks: list[Block] = []
        refused: dict[str, list[str]] = {}
        for pool in self.pools:
            if pool.home and pool.centre.id != subject.patient.centre_id:
                continue
            reasons, found = self._pool_blocks(subject, pool, tables, wait.costs if wait else None)
            blocks.extend(found)
            refused.setdefault(pool.centre.id, []).extend(reasons)
        open_to = {block.pool.centre.id for block in blocks}
        return wait, blocks, {c: tuple(dict.fromkeys(r)) for c, r in refused.items() if c not in open_to}

    def _kept(self, subject: Subject, action: Action, pool: Pool | None, start: date | None) -> bool:
        """Return whether a decision keeps every pin of the patient (H10)."""
        centre_id = pool.centre.id if pool else None
        linac_ids = [linac.id for linac in pool.linacs] if pool else [None]
        pins = self.pins[subject.patient.patient_id]
        return any(all(rules.h10_keeps(pin, action, centre_id, linac, start) for pin in pins) for linac in linac_ids)

    def _pool_blocks(
        self, subject: Subject, pool: Pool, tables: tuple[CalendarTable, ...], bound: CostVector | None
    ) -> tuple[list[str], list[Block]]:
        """Return why a pool refuses a patient, or its blocks of options that cost less than waiting."""
        linac = pool.linacs[0]
        reasons = refusals(subject.patient, subject.assessment, pool.centre, linac, restart=pool.home)
        technique = delivered_technique(subject.patient, linac, restart=pool.home)
        in_time = bool(tables)
        tables = tuple(table for table in tables if self._mode_allowed(subject, pool, table.mode))
        if in_time and not any(table.mode == "none" for table in tables):
            reasons.append("H09_travel")
        if reasons or technique is None:
            return reasons, []
        if not tables:
            return ["H04_horizon"], []
        blocks = []
        late = True
        for grade, ready in self._pathways(subject, pool, technique):
            for table in tables:
                rows = np.flatnonzero(table.starts >= (ready - self.case.scenario.day_zero).days)
                late = late and not len(rows)
                block = self._block(subject, pool, technique, grade, ready, table, rows, bound)
                if len(block.rows):
                    blocks.append(block)
        return ([] if blocks else ["H04_horizon" if late else "not_better_than_waiting"]), blocks

    def _mode_allowed(self, subject: Subject, pool: Pool, mode: Compensation) -> bool:
        """Return whether a pool and the travel allow a mode (H09); restarts have no travel limit and no mode."""
        if pool.home:
            return mode == "none"
        if mode == "saturday" and not pool.centre.opening.saturday_surge_max:
            return False
        return rules.h09_travel(
            subject.patient,
            subject.assessment,
            subject.travels[pool.centre.id],
            two_sessions=subject.home.course.per_day > 1 or mode == "bid",
            scenario=self.case.scenario,
            policy=self.case.policy,
        ).allowed

    def _pathways(self, subject: Subject, pool: Pool, technique: Technique) -> Iterator[tuple[Grade | None, date]]:
        """Yield the grades under which a pool may take a patient, with their ready dates (H04)."""
        scenario, patient = self.case.scenario, subject.patient
        if pool.home:
            from_day = max(1, self._restart_days[pool.linacs[0].id])
            yield None, FRENCH.next_treatment_day(scenario.day_zero + timedelta(days=from_day))
            return
        usable = patient.plan_data == "dicom" and scenario.dicom_date is not None
        linac = pool.linacs[0]
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
                dicom_date=scenario.dicom_date,
            )
            if earliest is None or ready < earliest:
                earliest = ready
                yield candidate, ready

    def _block(  # the parts of a decision
        self,
        subject: Subject,
        pool: Pool,
        technique: Technique,
        grade: Grade | None,
        ready: date,
        table: CalendarTable,
        rows: IntArray,
        bound: CostVector | None,
    ) -> Block:
        """Price the calendars of a table at a pool, and keep those that are worth it and keep the pins."""
        policy = self.case.policy
        hours = policy.restart_physics_hours if grade is None else policy.grades[grade].physics_hours
        trips = 2 * subject.travels[pool.centre.id].minutes * table.visits[rows]
        last = trips + table.burden[rows] + policy.burden.physics_hour * hours
        costs = np.vstack([table.tiers[:, rows], last[None, :]])
        keep = np.ones(len(rows), dtype=bool) if bound is None else _cheaper(costs, bound)
        if self.pins[subject.patient.patient_id]:
            action: Action = "restart" if pool.home else "transfer"
            starts = [table.sessions[row][0].date for row in rows]
            keep &= np.array([self._kept(subject, action, pool, start) for start in starts], dtype=bool)
        return Block(
            pool=pool,
            grade=grade,
            ready=ready,
            technique=technique,
            minutes=session_minutes(
                subject.patient, technique, minor=subject.assessment.minor, table=policy.session_minutes
            ),
            physics_hours=hours,
            table=table,
            rows=rows[keep],
            costs=costs[:, keep],
        )
