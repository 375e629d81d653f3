"""From the case to the index-space problem: options become columns, capacities become rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from transfer_planner.clinical.fractionation import FRENCH, SATURDAY
from transfer_planner.network.graph import build_network
from transfer_planner.problem import rules
from transfer_planner.problem.dossiers import Dossiers
from transfer_planner.problem.offers import Offer, OfferMaker
from transfer_planner.problem.options import Option, Pool, Subject
from transfer_planner.problem.problem import Extensions, IntArray, Pools, Problem, Setups, Solution

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.centre import Centre, Linac
    from transfer_planner.problem.dossiers import Dossier

PHYSICS_SCALE = 20
"""Physics hours are counted in 1/20 h, so that capacities in halves and tenths of an hour are exact."""


class Row(NamedTuple):
    """A resource on a day: `H05` linac minutes, `H05C` declared centre minutes, `H06`, `H07` or `H08`."""

    rule: str
    centre_id: str
    pool: int
    day: date


class PoolUnit(NamedTuple):
    """A variable number of redeployed units at a centre: half physicists or oncologists."""

    kind: str
    centre_id: str


@dataclass(frozen=True)
class Instance:
    """The problem and the names of its indices.

    Parameters
    ----------
    problem
        Index space.
    offers
        What may be decided for each patient planned: the options of a choice, in roster order.
    ends
        First column of each choice, and the number of columns.
    case
        What the problem was built from.
    maker
        Lists the options of a patient again, for explanations.
    closed
        Centres that may receive nobody (H02).
    pools
        Identical linacs planned together.
    rows
        Names of the rows.
    units
        Names of the pool variables.
    not_planned
        Patients without remaining fraction.
    """

    problem: Problem
    offers: tuple[Offer, ...]
    ends: IntArray
    pools: tuple[Pool, ...]
    rows: tuple[Row, ...]
    units: tuple[PoolUnit, ...]
    not_planned: tuple[str, ...]
    case: Case
    maker: OfferMaker
    closed: frozenset[str]

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        """The patients planned, in roster order."""
        return tuple(offer.subject for offer in self.offers)

    def option(self, column: int) -> Option:
        """Return what a column stands for, in full."""
        number = int(self.problem.choice[column])
        return self.offers[number].option(column - int(self.ends[number]))

    def given(self, solution: Solution) -> dict[PoolUnit, int]:
        """Return the staff that a solution gives to each place."""
        return dict(zip(self.units, solution.units.tolist(), strict=True))

    def earliest_starts(self) -> list[date]:
        """Return for each patient the first day on which any option starts; the likely reopening when there is none."""
        zero, likely = self.case.scenario.day_zero, self.case.scenario.outage_days.likely
        return [zero + timedelta(days=min([likely, *offer.starts.tolist()])) for offer in self.offers]


class PinConflictError(ValueError):
    """The pins of a patient leave no decision."""

    def __init__(self, patient_id: str) -> None:
        self.patient_id = patient_id
        super().__init__(patient_id)


def make_pools(
    case: Case, closed: frozenset[str], *, merge: bool, apart: frozenset[str] = frozenset()
) -> tuple[Pool, ...]:
    """Group the linacs that may receive somebody, and those that restart at closed centres; identical ones together, but for some."""
    answers = rules.latest_answers(case.scenario)
    restarted = {linac_id for restart in case.scenario.home_restart for linac_id in restart.linac_ids}
    alone = restarted | apart
    matched: dict[str, set[str]] = {}
    for centre in case.network.centres:
        for linac in centre.linacs:
            for other in linac.matched_with:
                matched.setdefault(linac.id, set()).add(other.linac)
                matched.setdefault(other.linac, set()).add(linac.id)

    def signature(centre: Centre, linac: Linac) -> str:
        own = {other.id for other in centre.linacs}
        fields = linac.model_dump_json(exclude={"id", "matched_with", "provenance"})
        links = sorted(matched.get(linac.id, set()) - own)
        return f"{fields}{links}" if merge and linac.id not in alone else linac.id

    groups: dict[tuple[str, bool, str], list[Linac]] = {}
    for centre in case.network.centres:
        if centre.id in closed:
            home = [linac for linac in centre.linacs if linac.id in restarted]
        else:
            answer = answers.get(centre.id)
            home = [] if answer is not None and not answer.accepts else list(centre.linacs)
        for linac in home:
            groups.setdefault((centre.id, centre.id in closed, signature(centre, linac)), []).append(linac)
    return tuple(
        Pool(index, case.network.centre(centre_id), tuple(linacs), home=is_home)
        for index, ((centre_id, is_home, _), linacs) in enumerate(groups.items())
    )


class _Sheet:
    """Rows laid out by rule, place and day; capacities are worked out once, unused rows dropped at the end."""

    def __init__(self, case: Case, pools: tuple[Pool, ...], days: int) -> None:
        self.case, self.pools, self.days = case, pools, days
        self.answers = rules.latest_answers(case.scenario)
        self.centres = tuple(dict.fromkeys(pool.centre.id for pool in pools))
        zero = case.scenario.day_zero
        self.dates = tuple(zero + timedelta(days=offset) for offset in range(days))
        self.open_days = np.array([FRENCH.is_treatment_day(day) for day in self.dates])
        self.treatable = self.open_days | np.array([FRENCH.is_surge_saturday(day) for day in self.dates])
        starts = range(min(days, case.scenario.horizon_days + 1))
        self.start_days = np.array([offset for offset in starts if self.open_days[offset]], dtype=np.int64)
        self.start_position = np.searchsorted(self.start_days, np.arange(days))
        self.whole = {
            centre
            for centre, answer in self.answers.items()
            if answer.spare_minutes_per_day is not None and centre in self.centres
        }
        sizes = {
            "H05": len(pools) * days,
            "H05C": len(self.centres) * days,
            "H06": len(self.centres) * days,
            "H07": len(self.centres) * len(self.start_days),
            "H08": len(self.centres) * days,
        }
        self.bases = dict(zip(sizes, np.cumsum([0, *sizes.values()]), strict=False))
        self.height = sum(sizes.values())
        self.minutes = np.array([self._linac_minutes(pool) for pool in pools]).reshape(len(pools), days, 2)
        self.single = self.minutes.sum(axis=2) // np.array([len(pool.linacs) for pool in pools]).reshape(-1, 1)

    def _linac_minutes(self, pool: Pool) -> list[tuple[int, int]]:
        """Minutes of a pool, day by day, within and beyond opening hours (H05)."""
        scenario, answer = self.case.scenario, self.answers.get(pool.centre.id)
        table = []
        for offset, day in enumerate(self.dates):
            within = beyond = 0
            if self.treatable[offset] and pool.home and self.open_days[offset]:
                within = sum(
                    rules.restart_minutes(scenario.home_restart, linac.id, day, scenario.day_zero)
                    for linac in pool.linacs
                )
            elif self.treatable[offset] and not pool.home:
                room = [rules.h05_linac_room(pool.centre, linac, day, scenario, answer) for linac in pool.linacs]
                within = sum(r.unpriced for r in room)
                beyond = sum(r.free for r in room) - within
            table.append((within, beyond))
        return table

    def name(self, row: int) -> Row:
        """Return what a row is."""
        rule = max((rule for rule in self.bases if self.bases[rule] <= row), key=lambda r: self.bases[r])
        place, day = divmod(row - int(self.bases[rule]), len(self.start_days) if rule == "H07" else self.days)
        if rule == "H05":
            return Row(rule, self.pools[place].centre.id, place, self.dates[day])
        return Row(rule, self.centres[place], -1, self.dates[self.start_days[day] if rule == "H07" else day])

    def capacity(self, row: Row) -> tuple[int, int]:
        """Return the capacity of a row, and by how much it may be extended at a price."""
        if row.rule == "H05":
            within, beyond = self.minutes[row.pool, (row.day - self.case.scenario.day_zero).days]
            return int(within), int(beyond)
        centre, answer = self.case.network.centre(row.centre_id), self.answers.get(row.centre_id)
        if row.rule == "H05C":
            return (answer.spare_minutes_per_day or 0) if answer is not None else 0, 0
        if row.rule == "H06":
            return rules.h06_new_starts(centre, answer), 0
        if row.rule == "H08":
            return rules.h08_simulation_slots(centre, answer), 0
        hours = rules.h07_physics_hours(centre, answer, self.case.scenario.day_zero, row.day)
        return math.floor(hours * PHYSICS_SCALE + 1e-6), 0


class _Columns:
    """Collects the columns of the patients as triplets."""

    def __init__(self, sheet: _Sheet, first_extra: int) -> None:
        self.sheet, self.first_extra = sheet, first_extra
        self.count = 0
        self.parts: list[tuple[IntArray, IntArray, IntArray]] = []
        position = {centre: index for index, centre in enumerate(sheet.centres)}
        self.centre_of = np.array([position[pool.centre.id] for pool in sheet.pools], dtype=np.int64)
        self.declared = np.array([pool.centre.id in sheet.whole and not pool.home for pool in sheet.pools], dtype=bool)

    def add(self, offer: Offer) -> Offer:
        """Add the options of an offer that one linac has room for; return the offer that they make."""
        sheet = self.sheet
        pool = np.array([way.pool.index for way in offer.ways], dtype=np.int64)[offer.way]
        local, flat = _ranges(offer.calendars.ends[offer.row], offer.calendars.ends[offer.row + 1])
        offsets = offer.calendars.offsets[flat]
        each = np.array([way.minutes for way in offer.ways], dtype=np.int64)[offer.way]
        minutes = each[local] * offer.calendars.fractions[flat]
        minutes[np.flatnonzero(np.diff(local, prepend=-1))] += self.first_extra
        tight = np.zeros(len(offer.row), dtype=bool)
        tight[local[minutes > sheet.single[pool[local], offsets]]] = True
        if tight.any():
            return self.add(offer.only(~tight))
        self.count += offer.waits
        self._put(sheet.bases["H05"] + pool[local] * sheet.days + offsets, local, minutes)
        told = self.declared[pool[local]] & sheet.open_days[offsets]
        centre = self.centre_of[pool]
        self._put(sheet.bases["H05C"] + centre[local[told]] * sheet.days + offsets[told], local[told], minutes[told])
        self._put_starts(offer, centre)
        self.count += len(offer.row)
        return offer

    def _put_starts(self, offer: Offer, centre: IntArray) -> None:
        """Count the new starts (H06), the cumulative physics hours (H07) and the re-simulations (H08)."""
        sheet, ways, starts = self.sheet, offer.ways, offer.starts
        local = np.arange(len(starts))
        self._put(sheet.bases["H06"] + centre * sheet.days + starts, local, np.ones_like(starts))
        away = np.flatnonzero(np.array([way.grade is not None for way in ways], dtype=bool)[offer.way])
        width = len(sheet.start_days)
        hours = np.array([way.physics_hours * PHYSICS_SCALE for way in ways], dtype=np.int64)[offer.way[away]]
        owner, days = _ranges(sheet.start_position[starts[away]], np.full(len(away), width))
        self._put(sheet.bases["H07"] + centre[away[owner]] * width + days, away[owner], hours[owner])
        scanned = np.flatnonzero(np.array([way.grade in ("G4", "emergency") for way in ways], dtype=bool)[offer.way])
        lead = np.array([way.lead_days for way in ways], dtype=np.int64)[offer.way[scanned]]
        scans = sheet.start_days[np.maximum(0, sheet.start_position[starts[scanned]] - lead)]
        self._put(sheet.bases["H08"] + centre[scanned] * sheet.days + scans, scanned, np.ones_like(scans))

    def _put(self, rows: IntArray, local: IntArray, values: IntArray) -> None:
        self.parts.append((rows, self.count + local, values))

    def matrix(self) -> tuple[IntArray, sparse.csc_matrix]:
        """Return the rows used, and what the columns use of them."""
        whole = (np.concatenate(part) for part in zip(*self.parts, strict=True)) if self.parts else np.zeros((3, 0))
        rows, columns, values = (part.astype(np.int64, copy=False) for part in whole)
        used = np.flatnonzero(np.bincount(rows, minlength=self.sheet.height))
        position = np.zeros(self.sheet.height, dtype=np.int64)
        position[used] = np.arange(len(used))
        shape = (len(used), self.count)
        return used, sparse.coo_matrix((values, (position[rows], columns)), shape=shape).tocsc()


def _ranges(first: IntArray, end: IntArray) -> tuple[IntArray, IntArray]:
    """Return the numbers of several ranges one after another: to which range each belongs, and each."""
    lengths = end - first
    owner = np.repeat(np.arange(len(lengths)), lengths)
    heads = np.concatenate(([0], np.cumsum(lengths)[:-1])) if len(lengths) else lengths
    return owner, np.arange(len(owner)) + (first - heads)[owner]


def _extensions(priced: IntArray, price: int) -> Extensions:
    row = np.flatnonzero(priced).astype(np.int64)
    return Extensions(row=row, limit=priced[row], price=np.full(len(row), price, dtype=np.int64))


def _setups(names: tuple[Row, ...], price: int) -> Setups:
    groups: dict[tuple[str, date], list[int]] = {}
    for index, row in enumerate(names):
        if row.rule == "H05" and row.day.weekday() == SATURDAY:
            groups.setdefault((row.centre_id, row.day), []).append(index)
    return Setups(
        rows=tuple(np.array(group, dtype=np.int64) for group in groups.values()),
        price=np.full(len(groups), price, dtype=np.int64),
    )


def _redeployment(names: tuple[Row, ...], case: Case) -> tuple[tuple[PoolUnit, ...], Pools]:
    """Return the variables that share out idle staff, and what each unit brings to the rows of a centre."""
    staff, effect = case.scenario.redeployment, case.policy.redeployment
    per_half = effect.physics_hours_per_fte_day * 0.5 * PHYSICS_SCALE
    first = case.scenario.day_zero + timedelta(days=staff.from_day)
    limits = {"physics": round(2 * staff.physics_fte), "oncologists": staff.oncologists}
    gains: dict[PoolUnit, list[tuple[int, int]]] = {}
    fallen = rules.compromised_centres(case.network, case.scenario)
    for index, row in enumerate(names):
        if row.centre_id in fallen:
            continue
        if row.rule == "H07" and limits["physics"]:
            gain = math.floor(per_half * rules.redeployed_days(case.scenario, row.day))
            gains.setdefault(PoolUnit("physics", row.centre_id), []).append((index, gain))
        if row.rule == "H06" and limits["oncologists"] and row.day >= first:
            gains.setdefault(PoolUnit("oncologists", row.centre_id), []).append(
                (index, effect.new_starts_per_oncologist)
            )
    units, kinds = tuple(gains), tuple(limits)
    triplets = [(row, column, gain) for column, unit in enumerate(units) for row, gain in gains[unit]]
    rows, columns, values = np.array(triplets, dtype=np.int64).reshape(-1, 3).T
    return units, Pools(
        kind=np.array([kinds.index(unit.kind) for unit in units], dtype=np.int64),
        limit=np.array(list(limits.values()), dtype=np.int64),
        gains=sparse.coo_matrix((values, (rows, columns)), shape=(len(names), len(units))).tocsc(),
    )


def _days(dossiers: Iterable[Dossier], case: Case) -> int:
    """Return the days from day 0 to the last session that any option can have, both counted."""
    last = case.scenario.day_zero + timedelta(days=case.scenario.horizon_days)
    ends = (dossier.subject.home.sessions_from(last)[-1].date for dossier in dossiers)
    return (max(ends, default=last) - case.scenario.day_zero).days + 1


def build_problem(
    case: Case, *, merge_linacs: bool = True, apart: frozenset[str] = frozenset(), dossiers: Dossiers | None = None
) -> Instance:
    """Build the planning problem of a case.

    Parameters
    ----------
    case
        The validated inputs, places included.
    merge_linacs
        True plans identical linacs of a centre together (a relaxation of H05, split afterwards); False gives the exact programme.
    apart
        Linacs that are planned by themselves all the same.
    dossiers
        What is known of patients from other cases; their dates, policy and places must be those of this case.

    Raises
    ------
    PinConflictError
        When the pins of a patient leave no decision.
    ValueError
        When the dossiers are those of other dates, of another policy or of other places.
    """
    graph = build_network(case.network)
    closed = rules.h02_closed_centres(graph, case.network, case.scenario)
    pools = make_pools(case, closed, merge=merge_linacs, apart=apart)
    dossiers = dossiers or Dossiers(case)
    if not dossiers.serve(case):
        raise ValueError("dossiers of other dates, of another policy or of other places")
    planned = [dossiers.of(patient, case) for patient in case.patients if patient.remaining_fractions > 0]
    sheet = _Sheet(case, pools, _days(planned, case))
    maker, columns = OfferMaker(case, graph, pools), _Columns(sheet, case.policy.session_minutes.first_session_extra)
    offers, costs = [], [np.zeros((6, 0), dtype=np.int64)]
    for subject, calendars in planned:
        offer = columns.add(maker.offer(subject, calendars))
        if not len(offer):
            raise PinConflictError(subject.patient.patient_id)
        offers.append(offer)
        if offer.wait is not None:
            costs.append(np.array(offer.wait.costs, dtype=np.int64).reshape(6, 1))
        costs.append(offer.costs)
    sizes = [len(offer) for offer in offers]
    used, uses = columns.matrix()
    names = tuple(sheet.name(row) for row in used.tolist())
    capacity = np.array([sheet.capacity(name) for name in names], dtype=np.int64).reshape(-1, 2)
    units, staff = _redeployment(names, case)
    problem = Problem(
        choice=np.repeat(np.arange(len(sizes)), sizes),
        costs=np.hstack(costs),
        uses=uses,
        capacity=capacity[:, 0],
        extensions=_extensions(capacity[:, 1], case.policy.burden.surge_minute),
        setups=_setups(names, case.policy.burden.saturday_opening),
        pools=staff,
    )
    return Instance(
        problem=problem,
        offers=tuple(offers),
        ends=np.concatenate(([0], np.cumsum(sizes, dtype=np.int64))),
        pools=pools,
        rows=names,
        units=units,
        not_planned=tuple(p.patient_id for p in case.patients if p.remaining_fractions <= 0),
        case=case,
        maker=maker,
        closed=closed,
    )
