"""From the case to the index-space problem: options become columns, capacities become rows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from transfer_planner.clinical.fractionation import FRENCH, SATURDAY
from transfer_planner.network.graph import build_network
from transfer_planner.problem import rules
from transfer_planner.problem.options import Block, Option, OptionMaker, Pool, Subject, subject_of
from transfer_planner.problem.problem import Extensions, IntArray, Pools, Problem, Setups

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.centre import Centre, Linac

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
    subjects
        The patients planned: choices, in roster order.
    blocks
        Options by runs: (patient, block), in column order; None is the wait.
    ends
        First column of each run, and the number of columns.
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
    refused
        For each patient, the centres that refuse with the reasons.
    not_planned
        Patients without remaining fraction.
    """

    problem: Problem
    subjects: tuple[Subject, ...]
    blocks: tuple[tuple[int, Block | Option], ...]
    ends: IntArray
    pools: tuple[Pool, ...]
    rows: tuple[Row, ...]
    units: tuple[PoolUnit, ...]
    refused: tuple[dict[str, tuple[str, ...]], ...]
    not_planned: tuple[str, ...]
    case: Case
    maker: OptionMaker
    closed: frozenset[str]

    def option(self, column: int) -> Option:
        """Return what a column stands for, in full."""
        run = int(np.searchsorted(self.ends, column, side="right")) - 1
        number, block = self.blocks[run]
        if isinstance(block, Option):
            return block
        return block.option(self.subjects[number], column - int(self.ends[run]), self.case)

    def earliest_starts(self) -> list[date]:
        """Return for each patient the first day on which any option starts; the likely reopening when there is none."""
        zero = self.case.scenario.day_zero
        last = zero + timedelta(days=self.case.scenario.outage_days.likely)
        earliest = [last] * len(self.subjects)
        for number, block in self.blocks:
            if isinstance(block, Block):
                start = zero + timedelta(days=int(block.table.starts[block.rows].min()))
                earliest[number] = min(earliest[number], start)
        return earliest


class PinConflictError(ValueError):
    """The pins of a patient leave no decision."""

    def __init__(self, patient_id: str) -> None:
        self.patient_id = patient_id
        super().__init__(patient_id)


def make_pools(case: Case, closed: frozenset[str], *, merge: bool) -> tuple[Pool, ...]:
    """Group the linacs that may receive somebody, and those that restart at closed centres; identical ones together."""
    answers = rules.latest_answers(case.scenario)
    restarted = {linac_id for restart in case.scenario.home_restart for linac_id in restart.linac_ids}
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
        return f"{fields}{links}" if merge and linac.id not in restarted else linac.id

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
    """Collects the columns of the blocks as triplets."""

    def __init__(self, sheet: _Sheet, first_extra: int) -> None:
        self.sheet, self.first_extra = sheet, first_extra
        self.count = 0
        self.parts: list[tuple[IntArray, IntArray, IntArray]] = []
        self.centre_index = {centre: index for index, centre in enumerate(sheet.centres)}

    def add(self, block: Block, lead_days: int) -> Block:
        """Add the options of a block that one linac has room for; return the block that they make."""
        sheet, table, pool = self.sheet, block.table, block.pool
        lengths = table.ends[block.rows + 1] - table.ends[block.rows]
        heads = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        flat = np.repeat(table.ends[block.rows] - heads, lengths) + np.arange(lengths.sum())
        offsets = table.offsets[flat]
        minutes = block.minutes * table.fractions[flat]
        minutes[heads] += self.first_extra
        fits = np.logical_and.reduceat(minutes <= sheet.single[pool.index, offsets], heads)
        if not fits.all():
            if not fits.any():
                return replace(block, rows=block.rows[:0], costs=block.costs[:, :0])
            return self.add(replace(block, rows=block.rows[fits], costs=block.costs[:, fits]), lead_days)
        local = np.repeat(np.arange(len(block.rows)), lengths)
        self._put(sheet.bases["H05"] + pool.index * sheet.days + offsets, local, minutes)
        centre = self.centre_index[pool.centre.id]
        if pool.centre.id in sheet.whole and not pool.home:
            weekday = sheet.open_days[offsets]
            self._put(sheet.bases["H05C"] + centre * sheet.days + offsets[weekday], local[weekday], minutes[weekday])
        self._put_start(block, centre, table.starts[block.rows], lead_days)
        self.count += len(block.rows)
        return block

    def _put_start(self, block: Block, centre: int, starts: IntArray, lead_days: int) -> None:
        """Count the new start (H06), the cumulative physics hours (H07) and the re-simulation (H08)."""
        sheet = self.sheet
        local = np.arange(len(starts))
        self._put(sheet.bases["H06"] + centre * sheet.days + starts, local, np.ones_like(starts))
        if block.grade is None:
            return
        width = len(sheet.start_days)
        remaining = width - sheet.start_position[starts]
        heads = np.concatenate(([0], np.cumsum(remaining)[:-1]))
        days = np.repeat(sheet.start_position[starts] - heads, remaining) + np.arange(remaining.sum())
        hours = np.full(len(days), block.physics_hours * PHYSICS_SCALE, dtype=np.int64)
        self._put(sheet.bases["H07"] + centre * width + days, np.repeat(local, remaining), hours)
        if block.grade in ("G4", "emergency"):
            scans = sheet.start_days[np.maximum(0, sheet.start_position[starts] - lead_days)]
            self._put(sheet.bases["H08"] + centre * sheet.days + scans, local, np.ones_like(starts))

    def _put(self, rows: IntArray, local: IntArray, values: IntArray) -> None:
        self.parts.append((rows, self.count + local, values))

    def matrix(self) -> sparse.csc_matrix:
        """Return the uses, rows unused included."""
        rows, columns, values = (
            (np.concatenate(part) for part in zip(*self.parts, strict=True))
            if self.parts
            else np.zeros((3, 0), np.int64)
        )
        shape = (self.sheet.height, self.count)
        return sparse.coo_matrix((values, (rows, columns)), shape=shape).tocsc()


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


def _last_offset(subjects: tuple[Subject, ...], case: Case) -> int:
    """Return the days from day 0 to the last session that any option can have."""
    last = case.scenario.day_zero + timedelta(days=case.scenario.horizon_days)
    ends = (subject.home.sessions_from(last)[-1].date for subject in subjects)
    return (max(ends, default=last) - case.scenario.day_zero).days + 1


def build_problem(case: Case, *, merge_linacs: bool = True) -> Instance:
    """Build the planning problem of a case.

    Parameters
    ----------
    case
        The validated inputs, places included.
    merge_linacs
        True plans identical linacs of a centre together (a relaxation of H05, split afterwards); False gives the exact programme.

    Raises
    ------
    PinConflictError
        When the pins of a patient leave no decision.
    """
    graph = build_network(case.network)
    closed = rules.h02_closed_centres(graph, case.network, case.scenario)
    pools = make_pools(case, closed, merge=merge_linacs)
    subjects = tuple(subject_of(patient, case) for patient in case.patients if patient.remaining_fractions > 0)
    sheet = _Sheet(case, pools, _last_offset(subjects, case))
    maker, columns = OptionMaker(case, graph, pools), _Columns(sheet, case.policy.session_minutes.first_session_extra)
    runs: list[tuple[int, Block | Option]] = []
    ends, costs, refused = [0], [], []
    for number, subject in enumerate(subjects):
        wait, blocks, why_not = maker.options(subject)
        if wait is not None:
            runs.append((number, wait))
            costs.append(np.array(wait.costs, dtype=np.int64).reshape(6, 1))
            columns.count += 1
            ends.append(columns.count)
        for block in blocks:
            lead = 0 if block.grade is None else case.policy.grades[block.grade].lead_days
            kept = columns.add(block, lead)
            if len(kept.rows):
                runs.append((number, kept))
                costs.append(kept.costs)
                ends.append(columns.count)
        if not runs or runs[-1][0] != number:
            raise PinConflictError(subject.patient.patient_id)
        refused.append(why_not)
    uses = columns.matrix()
    used = np.unique(uses.indices)
    names = tuple(sheet.name(int(row)) for row in used)
    capacity = np.array([sheet.capacity(name) for name in names], dtype=np.int64).reshape(-1, 2)
    units, staff = _redeployment(names, case)
    problem = Problem(
        choice=np.repeat([number for number, _ in runs], np.diff(ends)).astype(np.int64),
        costs=np.hstack([np.zeros((6, 0), dtype=np.int64), *costs]),
        uses=uses.tocsr()[used].tocsc(),
        capacity=capacity[:, 0],
        extensions=_extensions(capacity[:, 1], case.policy.burden.surge_minute),
        setups=_setups(names, case.policy.burden.saturday_opening),
        pools=staff,
    )
    return Instance(
        problem=problem,
        subjects=subjects,
        blocks=tuple(runs),
        ends=np.array(ends, dtype=np.int64),
        pools=pools,
        rows=names,
        units=units,
        refused=tuple(refused),
        not_planned=tuple(p.patient_id for p in case.patients if p.remaining_fractions <= 0),
        case=case,
        maker=maker,
        closed=closed,
    )
