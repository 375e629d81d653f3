"""A plan laid over the resources: what is left, who holds the rest, and what still fits.

A board may hold all the patients of a plan or a few: the decisions of the others take their room all the same.
"""

from __future__ import annotations

import copy
import dataclasses
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from transfer_planner.clinical.fractionation import SATURDAY
from transfer_planner.domain.plan import TIERS
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg
from transfer_planner.planning.instance import build_instance, located
from transfer_planner.problem import rules
from transfer_planner.problem.build import PHYSICS_SCALE, Row
from transfer_planner.problem.problem import Solution

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import date

    from transfer_planner.domain.base import Compensation, Grade
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Decision, Plan
    from transfer_planner.problem.build import Instance
    from transfer_planner.problem.options import Option
    from transfer_planner.problem.problem import IntArray

Values = tuple[int, ...]


def check_inputs(plan: Plan, case: Case) -> None:
    """Refuse a plan whose input files are no longer those it was made from.

    Raises
    ------
    DataError
        With one finding a file.
    """
    made, read = plan.inputs, case.inputs
    pairs = [(getattr(made, name), getattr(read, name)) for name in ("centres", "scenario", "roster", "travel_matrix")]
    changed = [then.path for then, now in pairs if then and (now is None or then.sha256 != now.sha256)]
    known = {file.sha256 for file in read.overlays}
    changed += [file.path for file in made.overlays if file.sha256 not in known]
    if made.policy_sha256 != read.policy_sha256:
        changed.append("policy")
    if changed:
        expected = msg("the file the plan was made from; it has changed since")
        mend = msg("plan again, or put the earlier file back")
        raise DataError([Finding(path, "", None, expected, mend, "input_changed") for path in changed])


def small_case(case: Case, patients: Collection[str]) -> Case:
    """Return the case with some patients only."""
    kept = tuple(patient for patient in case.patients if patient.patient_id in patients)
    return dataclasses.replace(case, patients=kept)


def earlier(first: Sequence[int], second: Sequence[int]) -> tuple[str, int] | None:
    """Return the first tier in which two values differ, and by how much the first exceeds the second; None if nowhere."""
    return next(((tier, a - b) for tier, a, b in zip(TIERS, first, second, strict=True) if a != b), None)


class Held(NamedTuple):
    """What a patient holds of the resources, and costs."""

    rows: IntArray
    amounts: IntArray
    costs: Values


class Ordered(NamedTuple):
    """The options of a patient, the best first: columns, tiers, and what each uses."""

    columns: IntArray
    costs: list[Values]
    rows: IntArray
    amounts: IntArray
    ends: IntArray


class Board:
    """What a plan leaves of the resources of an instance, while patients are moved one by one.

    Parameters
    ----------
    plan
        Whose decisions hold the resources.
    case
        The inputs, with the patients that may move.
    instance
        The problem of these patients, when it is already built; else linac by linac.
    """

    def __init__(self, plan: Plan, case: Case, instance: Instance | None = None) -> None:
        self.instance = instance or build_instance(located(case), merge=False)
        self.problem, self.case, self.plan = self.instance.problem, self.instance.case, plan
        self.index = {row: number for number, row in enumerate(self.instance.rows)}
        self._pool_of = {linac.id: pool.index for pool in self.instance.pools for linac in pool.linacs}
        self._physics_days: dict[str, list[Row]] = {}
        for row in self.instance.rows:
            if row.rule == "H07":
                self._physics_days.setdefault(row.centre_id, []).append(row)
        self.numbers = {s.patient.patient_id: n for n, s in enumerate(self.instance.subjects)}
        self.first = np.searchsorted(self.problem.choice, np.arange(self.problem.num_choices + 1))
        self.taken: dict[str, int] = {}
        self._ordered: dict[str, Ordered] = {}
        self._saturdays = {i: s for s, rows in enumerate(self.problem.setups.rows) for i in rows.tolist()}
        self.surge_limit = np.zeros(len(self.instance.rows), dtype=np.int64)
        self.surge_limit[self.problem.extensions.row] = self.problem.extensions.limit
        self.used = np.zeros(len(self.instance.rows), dtype=np.int64)
        self.held: dict[str, Held] = {}
        for decision in plan.decisions:
            rows, amounts = self._uses_of(decision)
            self.held[decision.patient_id] = Held(rows, amounts, tuple(decision.tier_costs.get(t, 0) for t in TIERS))
            np.add.at(self.used, rows, amounts)
        self.capacity = self.problem.capacity.copy()
        self.gains = self.problem.pools.gains.T.toarray().astype(np.int64)
        self._staff()

    def _staff(self) -> None:
        """Add the staff sent, and note what the staff not yet sent could bring to each centre."""
        given = np.zeros(len(self.instance.units), dtype=np.int64)
        for move in self.plan.redeployment:
            counts = {"physics": round(2 * move.physics_fte), "oncologists": move.oncologists}
            for number, unit in enumerate(self.instance.units):
                if unit.centre_id == move.centre_id:
                    given[number] = counts[unit.kind]
        self.capacity += given @ self.gains
        sent = {
            "physics": round(2 * sum(move.physics_fte for move in self.plan.redeployment)),
            "oncologists": sum(move.oncologists for move in self.plan.redeployment),
        }
        staff = self.case.scenario.redeployment
        limits = {"physics": round(2 * staff.physics_fte), "oncologists": staff.oncologists}
        self.idle = {kind: limits[kind] - sent[kind] for kind in limits}
        self.sent = given

    def _hope(self) -> IntArray:
        """Return what staff not yet sent could add to each row, were it all sent there."""
        idle = np.array([self.idle[unit.kind] for unit in self.instance.units], dtype=np.int64)
        hope: IntArray = idle @ self.gains
        return hope

    def _uses_of(self, decision: Decision) -> tuple[IntArray, IntArray]:
        """Return what a decision uses of the rows of this board."""
        found = [(self.index[row], amount) for row, amount in self._rows_of(decision) if row in self.index]
        rows, amounts = np.array(found, dtype=np.int64).reshape(-1, 2).T
        return rows, amounts

    def _rows_of(self, decision: Decision) -> Iterator[tuple[Row, int]]:
        centre = decision.centre_id
        if centre is None or decision.linac_id is None or decision.start_date is None:
            return
        pool = self._pool_of.get(decision.linac_id, -2)
        for session in decision.sessions:
            yield Row("H05", centre, pool, session.date), session.minutes
            if decision.action == "transfer" and session.date.weekday() != SATURDAY:
                yield Row("H05C", centre, -1, session.date), session.minutes
        yield Row("H06", centre, -1, decision.start_date), 1
        if decision.action == "transfer":
            for row in self._physics_days.get(centre, ()):
                if row.day >= decision.start_date:
                    yield row, round(decision.physics_hours * PHYSICS_SCALE)
        if decision.ct_simulation_date is not None:
            yield Row("H08", centre, -1, decision.ct_simulation_date), 1

    def room(self, *without: str) -> IntArray:
        """Return what is left of each row, surge and idle staff included, once some patients have left."""
        room = self.capacity + self.surge_limit + self._hope() - self.used
        for held in (self.held[code] for code in without if code in self.held):
            np.add.at(room, held.rows, held.amounts)
        return room

    def ordered(self, patient_id: str) -> Ordered:
        """Return the options of a patient, the best first."""
        known = self._ordered.get(patient_id)
        if known is None:
            number = self.numbers[patient_id]
            columns = np.arange(self.first[number], self.first[number + 1])
            columns = columns[np.lexsort(self.problem.costs[::-1, columns])]
            uses = self.problem.uses[:, columns]
            costs = [tuple(cost) for cost in self.problem.costs[:, columns].T.tolist()]
            known = Ordered(columns, costs, uses.indices.astype(np.int64), uses.data, uses.indptr.astype(np.int64))
            self._ordered[patient_id] = known
        return known

    def options(self, patient_id: str) -> list[int]:
        """Return the options of a patient as columns, the best first."""
        columns: list[int] = self.ordered(patient_id).columns.tolist()
        return columns

    def fitting(self, patient_id: str, room: IntArray) -> list[tuple[int, Values]]:
        """Return the options of a patient that fit in some room with their costs, the best first."""
        ordered = self.ordered(patient_id)
        short = np.concatenate(([0], np.cumsum(ordered.amounts > room[ordered.rows])))
        fits = np.flatnonzero(short[ordered.ends[1:]] == short[ordered.ends[:-1]])
        return [(int(ordered.columns[i]), ordered.costs[i]) for i in fits]

    def key(self, column: int) -> tuple[str | None, Grade | None, Compensation, date | None]:
        """Return what tells an option of a patient from the others, in any instance built linac by linac."""
        option = self.instance.option(column)
        return None if option.pool is None else option.pool.linacs[0].id, option.grade, option.mode, option.start

    def lacking(self, column: int, room: IntArray) -> dict[int, int]:
        """Return the rows in which an option does not fit, with what each lacks."""
        uses = self.problem.uses
        part = slice(uses.indptr[column], uses.indptr[column + 1])
        missing = uses.data[part] - np.maximum(0, room[uses.indices[part]])
        return {int(row): int(m) for row, m in zip(uses.indices[part], missing, strict=True) if m > 0}

    def holders(self, rows: Iterable[int], without: str | None) -> list[str]:
        """Return the patients who hold some of these rows."""
        wanted = set(rows)
        return [
            code for code, held in self.held.items() if code != without and not wanted.isdisjoint(held.rows.tolist())
        ]

    def costs(self, column: int, without: str | None = None) -> Values:
        """Return the tiers of an option, with the surge and the Saturdays that it alone would open."""
        uses = self.problem.uses
        part = slice(uses.indptr[column], uses.indptr[column + 1])
        rows, amounts = uses.indices[part], uses.data[part]
        used = self.used.copy()
        if without in self.held:
            np.subtract.at(used, self.held[without].rows, self.held[without].amounts)
        within = np.maximum(0, self.capacity[rows] - used[rows])
        beyond = np.where(self.surge_limit[rows] > 0, np.maximum(0, amounts - within), 0)
        opened = {self._saturdays[row] for row in rows.tolist() if row in self._saturdays}
        empty = [s for s in opened if not used[self.problem.setups.rows[s]].any()]
        policy = self.case.policy.burden
        extra = int(beyond.sum()) * policy.surge_minute + len(empty) * policy.saturday_opening
        *clinical, last = (int(cost) for cost in self.problem.costs[:, column])
        return (*clinical, last + extra)

    def leaving(self, patient_id: str) -> Values:
        """Return what the plan saves if a patient leaves: the decision's tiers, and the surge and Saturdays it opened."""
        rows, amounts, costs = self.held[patient_id]
        before = np.maximum(0, self.used[rows] - self.capacity[rows])
        after = np.maximum(0, self.used[rows] - amounts - self.capacity[rows])
        surge = int((before - after)[self.surge_limit[rows] > 0].sum()) * self.case.policy.burden.surge_minute
        left = self.used.copy()
        np.subtract.at(left, rows, amounts)
        opened = {self._saturdays[row] for row in rows.tolist() if row in self._saturdays}
        closed = sum(not left[self.problem.setups.rows[s]].any() for s in opened)
        return (*costs[:-1], costs[-1] + surge + closed * self.case.policy.burden.saturday_opening)

    def move(self, patient_id: str, column: int) -> None:
        """Give a patient another option, and the staff that it needs."""
        held = self.held.get(patient_id)
        if held is not None:
            np.subtract.at(self.used, held.rows, held.amounts)
        uses = self.problem.uses
        part = slice(uses.indptr[column], uses.indptr[column + 1])
        rows, amounts = uses.indices[part].astype(np.int64), uses.data[part].astype(np.int64)
        np.add.at(self.used, rows, amounts)
        self.held[patient_id] = Held(rows, amounts, tuple(int(cost) for cost in self.problem.costs[:, column]))
        self.taken[patient_id] = column
        for number, unit in enumerate(self.instance.units):
            gain = self.gains[number]
            while self.idle[unit.kind] > 0 and (gain[rows][self._overfull(rows)] > 0).any():
                self.capacity += gain
                self.sent[number] += 1
                self.idle[unit.kind] -= 1

    def _overfull(self, rows: IntArray) -> np.ndarray:
        return self.used[rows] > self.capacity[rows] + self.surge_limit[rows]

    def copy(self) -> Board:
        """Return a board that can be played on apart."""
        other = copy.copy(self)
        other.used, other.capacity, other.sent = self.used.copy(), self.capacity.copy(), self.sent.copy()
        other.held, other.taken, other.idle = dict(self.held), dict(self.taken), dict(self.idle)
        return other

    def values(self) -> Values:
        """Return the tiers of all that stands on the board."""
        *clinical, last = (sum(tier) for tier in zip(*(held.costs for held in self.held.values()), strict=True))
        extensions, setups = self.problem.extensions, self.problem.setups
        beyond = np.maximum(0, self.used - self.capacity)[extensions.row]
        opened = [int(p) for rows, p in zip(setups.rows, setups.price, strict=True) if self.used[rows].any()]
        return (*clinical, last + int((beyond * extensions.price).sum()) + sum(opened))

    def insert(self, patient_id: str, column: int) -> bool:
        """Give a patient an option, and another place to those who lose least by leaving theirs; say whether all have one."""
        self.move(patient_id, column)
        placed = {patient_id}
        while True:
            room = self.room()
            worst = int(np.argmin(room))
            if room[worst] >= 0:
                return True
            holders = (code for code in self.holders([worst], None) if code in self.numbers and code not in placed)
            found = [(loss, code, place) for code in holders for loss, place in self._cheapest(code)]
            if not found:
                return False
            _, code, place = min(found)
            placed.add(code)
            self.move(code, place)

    def _cheapest(self, patient_id: str) -> Iterator[tuple[Values, int]]:
        """Yield what a patient loses by taking the best option that fits, and that option."""
        for column, costs in self.fitting(patient_id, self.room(patient_id))[:1]:
            yield tuple(a - b for a, b in zip(costs, self.held[patient_id].costs, strict=True)), column

    def exchange(self, patients: Iterable[str], tries: int) -> None:
        """Give patients better options, others giving way, wherever the plan as a whole gains."""
        for code in patients:
            ordered, now = self.ordered(code), self.held[code].costs
            wanted = [i for i, costs in enumerate(ordered.costs) if costs[:-1] < now[:-1]]
            seen: dict[object, int] = {}
            for i in wanted:
                option = self.instance.option(int(ordered.columns[i]))
                seen.setdefault((option.pool and option.pool.index, option.grade), int(ordered.columns[i]))
            before = self.values()
            for column in list(seen.values())[:tries]:
                trial = self.copy()
                if trial.insert(code, column) and trial.values() < before:
                    self.__dict__.update(trial.__dict__)
                    break

    def take_all(self) -> None:
        """Find the option that each decision is.

        Raises
        ------
        DataError
            When a decision is no option: the plan was made by another version, or by other rules.
        """
        decisions = {decision.patient_id: decision for decision in self.plan.decisions}
        for code, number in self.numbers.items():
            column = self.taken.get(code)
            if column is None:
                column = column_of(self.instance, number, decisions[code])
            if column is None:
                expected = msg("a decision that the rules allow; this one is no longer possible")
                raise DataError([Finding("plan.json", code, None, expected, msg("plan again"), "unknown_decision")])
            self.taken[code] = column

    def solution(self) -> Solution:
        """Return what stands on the board in index space.

        Raises
        ------
        DataError
            When a decision is no option of the instance.
        """
        self.take_all()
        columns = [self.taken[code] for code in self.numbers]
        return Solution(np.array(columns, dtype=np.int64), self.sent.copy())

    def improve(self, patients: Iterable[str], passes: int = 3, *, clinical: bool = False) -> None:
        """Move patients, one after another, to the best option that fits, until none gains (in the clinical tiers only)."""
        order = sorted(patients, key=lambda code: (tuple(-cost for cost in self.held[code].costs), code))
        for _ in range(passes):
            moved = False
            for code in order:
                moved = self._better(code, len(TIERS) - 1 if clinical else len(TIERS)) or moved
            if not moved:
                return

    def _better(self, patient_id: str, tiers: int) -> bool:
        now = self.leaving(patient_id)[:tiers]
        ordered = self.ordered(patient_id)
        if ordered.costs[0][:tiers] >= now:
            return False
        for column, costs in self.fitting(patient_id, self.room(patient_id)):
            if costs[:tiers] >= now:
                return False
            if self.costs(column, patient_id)[:tiers] < now:
                self.move(patient_id, column)
                return True
        return False


def column_of(instance: Instance, number: int, decision: Decision) -> int | None:
    """Return the option that a decision is; None when the instance has it not."""
    offer, first = instance.offers[number], int(instance.ends[number])
    if decision.action == "wait" or decision.start_date is None:
        return first if decision.action == "wait" and offer.wait is not None else None
    position = offer.position(decision.grade, decision.compensation, decision.linac_id, decision.start_date)
    return None if position is None else first + position


def answers_no(case: Case, centre_id: str) -> bool:
    """Return whether a centre answered that it takes nobody."""
    answer = rules.latest_answers(case.scenario).get(centre_id)
    return answer is not None and not answer.accepts


def travel_of(instance: Instance, number: int, option: Option) -> int:
    """Return the one-way minutes of a patient under an option."""
    subject = instance.subjects[number]
    return subject.travels[option.pool.centre.id if option.pool else subject.patient.centre_id].minutes
