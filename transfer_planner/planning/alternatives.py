"""Other plans as good for the patients' clinical tiers, and different in what else matters to a crisis cell."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from transfer_planner.domain.plan import TIERS, Tier
from transfer_planner.i18n import Language, Message, msg
from transfer_planner.planning.again import Change, changes_of
from transfer_planner.planning.board import Board, travel_of
from transfer_planner.planning.instance import located
from transfer_planner.planning.plan import draft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.plan import Decision, Plan
    from transfer_planner.planning.board import Values
    from transfer_planner.problem.build import Instance
    from transfer_planner.problem.options import Option
    from transfer_planner.problem.problem import Solution

Aim = Literal["destinations", "physics", "frail", "balance"]
AIMS: dict[Aim, Message] = {
    "destinations": msg("fewer destinations"),
    "physics": msg("fewer plans made again"),
    "frail": msg("less travel for the frail"),
    "balance": msg("load better shared"),
}
ALLOWANCE = 0.02
"""Share of tier 6 that an alternative may lose."""
FRAIL_AGE = 75
PASSES = 4


@dataclass(frozen=True)
class Measures:
    """What a crisis cell compares.

    Parameters
    ----------
    destinations
        Centres that receive somebody.
    physics_hours
        Hours of physics at the destinations.
    new_plans
        Patients whose plan is made again (re-optimised, re-planned or re-simulated: G2, G3, G4, emergencies).
    frail_min
        Minutes of travel of the frail over their courses, both ways.
    fullest
        Load of the fullest destination linac over its course, share of its capacity.
    """

    destinations: int
    physics_hours: float
    new_plans: int
    frail_min: int
    fullest: float


@dataclass(frozen=True)
class Alternative:
    """Another plan, and what it changes.

    Parameters
    ----------
    aim
        What it is better at.
    plan
        The plan.
    measures
        What it gives.
    changed
        Who changes.
    """

    aim: Aim
    plan: Plan
    measures: Measures
    changed: tuple[Change, ...]

    @property
    def tiers(self) -> Values:
        """Its six tiers."""
        return tuple(tier.value for tier in self.plan.tiers)


def frail(patient: Patient, case: Case) -> bool:
    """Return whether travel weighs more on a patient: by ambulance, a child, or of 75 years or more."""
    age = None if patient.birth_year is None else case.scenario.day_zero.year - patient.birth_year
    return patient.mobility == "ambulance" or (age is not None and (age >= FRAIL_AGE or age < 18))


def measure(plan: Plan, case: Case) -> Measures:
    """Measure a plan."""
    patients = {patient.patient_id: patient for patient in case.patients}
    moved = [decision for decision in plan.decisions if decision.action == "transfer"]
    loads: Counter[str] = Counter()
    capacities: Counter[str] = Counter()
    for load in plan.loads:
        loads[load.linac_id] += round(load.booked_min) + load.transferred_min
        capacities[load.linac_id] += round(load.capacity_min)
    return Measures(
        destinations=len({decision.centre_id for decision in moved}),
        physics_hours=sum(decision.physics_hours for decision in moved),
        new_plans=sum(decision.grade not in ("G0", "G1") for decision in moved),
        frail_min=sum(
            2 * (decision.travel_min or 0) * visits(decision, patients[decision.patient_id])
            for decision in plan.decisions
            if frail(patients[decision.patient_id], case)
        ),
        fullest=max((round(loads[linac] / max(1, capacities[linac]), 3) for linac in loads), default=0.0),
    )


def visits(decision: Decision, patient: Patient) -> int:
    """Return the treatment days of a decision, at home for a wait."""
    return len(decision.sessions) or math.ceil(patient.remaining_fractions / (patient.fractions_per_day or 1))


def alternatives(plan: Plan, case: Case, lang: Language) -> tuple[Alternative, ...]:
    """Return plans that keep T1 to T5 patient by patient, lose at most 2 % of T6, and are better at something else.

    Parameters
    ----------
    plan
        The plan to compare with.
    case
        Its inputs.
    lang
        Language of the reasons in the plans.
    """
    case = located(case)
    start = Board(plan, case)
    start.take_all()
    before = measure(plan, case)
    found = []
    for aim in AIMS:
        rearranged = _Rearrangement(start.copy(), case, plan)
        rearranged.towards(aim)
        made = retold(rearranged.board.instance, rearranged.board.solution(), plan, lang)
        if made is None:
            continue
        after = measure(made, case)
        if improves(aim, before, after):
            found.append(Alternative(aim, made, after, changes_of(plan, rearranged.board)))
    return tuple(found)


def improves(aim: Aim, before: Measures, after: Measures) -> bool:
    """Return whether a plan is better at its aim."""
    name = {"destinations": "destinations", "physics": "physics_hours", "frail": "frail_min", "balance": "fullest"}[aim]
    return bool(getattr(after, name) < getattr(before, name))


def retold(instance: Instance, solution: Solution, plan: Plan, lang: Language) -> Plan | None:
    """Return a plan with other decisions, those of a solution for all its patients, in full; None when it cannot be said."""
    told = draft(instance, solution, lang)
    if told is None:
        return None
    tiers = tuple(
        Tier(id=tier, value=value, bound=min(value, old.bound), proven=old.proven and value == old.value)
        for tier, value, old in zip(TIERS, told.values, plan.tiers, strict=True)
    )
    return plan.model_copy(
        update={
            "lang": lang,
            "status": "OPTIMAL" if all(tier.proven for tier in tiers) else "FEASIBLE",
            "tiers": tiers,
            "decisions": told.decisions,
            "redeployment": told.moves,
            "loads": told.loads,
            "centre_days": told.centre_days,
            "summary": told.summary,
            "solver": {},
        }
    )


class _Rearrangement:
    """Moves patients towards an aim: nobody loses a day beyond tolerance, and tier 6 stays within its allowance."""

    def __init__(self, board: Board, case: Case, plan: Plan) -> None:
        self.board, self.case = board, case
        last = plan.tiers[-1].value
        self.most = last + int(ALLOWANCE * last)
        pinned = {pin.patient_id for pin in case.scenario.pins}
        self.movable = [code for code in board.numbers if code not in pinned]
        self.frail = {p.patient_id for p in case.patients if frail(p, case)}

    def towards(self, aim: Aim) -> None:
        """Move patients until nothing is gained."""
        if aim == "destinations":
            self._empty_centres()
            return
        score = {"physics": self._physics, "frail": self._travel, "balance": self._load}[aim]
        for _ in range(PASSES):
            if not sum(self._move(code, score) for code in self.movable):
                return

    def _candidates(self, code: str) -> Iterable[int]:
        """Yield the places that fit and cost no more in T1 to T5, within the allowance of T6; the cheapest first."""
        board, room = self.board, self.board.room(code)
        now, spent = board.leaving(code), board.values()[-1]
        costs = board.problem.costs
        for column in board.options(code):
            if (costs[:-1, column] > now[:-1]).any() or board.instance.option(column).action == "wait":
                continue
            if spent - now[-1] + int(costs[-1, column]) > self.most or board.lacking(column, room):
                continue
            if spent - now[-1] + board.costs(column, code)[-1] <= self.most:
                yield column

    def _move(self, code: str, score: Callable[[str, int | None], float]) -> bool:
        if score == self._travel and code not in self.frail:
            return False
        least, chosen = score(code, None), None
        for column in self._candidates(code):
            value = score(code, column)
            if value < least - 1e-9:
                least, chosen = value, column
        if chosen is not None:
            self.board.move(code, chosen)
        return chosen is not None

    def _physics(self, code: str, column: int | None) -> float:
        return self._option(code, column).physics_hours

    def _travel(self, code: str, column: int | None) -> float:
        option = self._option(code, column)
        days = len(option.sessions) if option.waits is None else option.waits[1].visits
        return float(travel_of(self.board.instance, self.board.numbers[code], option) * days)

    def _option(self, code: str, column: int | None) -> Option:
        """Return an option of a patient, the present one by default."""
        return self.board.instance.option(self.board.taken[code] if column is None else column)

    def _load(self, code: str, column: int | None) -> float:
        """Return how much an option adds to full days: its minutes, each weighed by how full the linac would be."""
        board = self.board
        if column is None:
            rows, amounts, _ = board.held[code]
        else:
            part = slice(board.problem.uses.indptr[column], board.problem.uses.indptr[column + 1])
            rows, amounts = board.problem.uses.indices[part], board.problem.uses.data[part]
        minutes = np.array([board.instance.rows[row].rule == "H05" for row in rows], dtype=bool)
        rows, amounts = rows[minutes], amounts[minutes]
        others = board.used[rows].astype(float)
        own = dict(zip(board.held[code].rows.tolist(), board.held[code].amounts.tolist(), strict=True))
        others -= np.array([own.get(int(row), 0) for row in rows], dtype=float)
        whole = np.maximum(1, board.capacity[rows] + board.surge_limit[rows])
        return float(((others + amounts) / whole * amounts).sum())

    def _empty_centres(self) -> None:
        """Empty destinations one by one, those of fewest patients first, where all their patients have another place."""
        where = {d.patient_id: d.centre_id for d in self.board.plan.decisions if d.action == "transfer"}
        for centre_id, _ in sorted(Counter(where.values()).items(), key=lambda item: (item[1], item[0] or "")):
            trial = _Rearrangement(self.board.copy(), self.case, self.board.plan)
            kept = {where[code] for code in where} - {centre_id}
            leaving = [code for code, place in where.items() if place == centre_id]
            moved = {code: trial.leave(code, kept) for code in leaving if code in self.movable}
            if len(moved) == len(leaving) and None not in moved.values():
                self.board = trial.board
                where |= moved

    def leave(self, code: str, kept: set[str | None]) -> str | None:
        """Move a patient to one of the centres kept; return it, None when there is no place."""
        for column in self._candidates(code):
            pool = self.board.instance.option(column).pool
            if pool is not None and not pool.home and pool.centre.id in kept:
                self.board.move(code, column)
                return pool.centre.id
        return None
