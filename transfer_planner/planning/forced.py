"""Why not there: the decision is forced, and the plan made again around it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transfer_planner.domain.plan import TIERS
from transfer_planner.domain.scenario import Pin
from transfer_planner.errors import DataError
from transfer_planner.planning.again import Change, Effort, changes, settle
from transfer_planner.planning.board import Board, small_case
from transfer_planner.planning.explain import decision_of, offer_of
from transfer_planner.planning.instance import build_instance, located
from transfer_planner.problem.rules import compromised_centres

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan
    from transfer_planner.planning.board import Values
    from transfer_planner.planning.explain import Offer

TRIED = 5
"""Starts tried at the centre."""


@dataclass(frozen=True)
class Forced:
    """A plan made again around a forced decision.

    Parameters
    ----------
    before, after
        Tiers of the plan, and of the one made again.
    offer
        What the patient would get.
    others
        The other patients who change, those who lose most first.
    """

    before: Values
    after: Values
    offer: Offer
    others: tuple[Change, ...]

    @property
    def change(self) -> Values:
        """Tiers after, less before."""
        return tuple(a - b for a, b in zip(self.after, self.before, strict=True))


def why_not(plan: Plan, case: Case, patient_id: str, centre_id: str, effort: Effort) -> Forced | None:
    """Force a patient to a centre and decide the others again; None when no rule or capacity allows it.

    Parameters
    ----------
    plan
        The plan.
    case
        The inputs it was made from.
    patient_id, centre_id
        The decision to force.
    effort
        How long to look.

    Raises
    ------
    DataError
        When the plan does not know the patient.
    """
    decision_of(plan, patient_id, case.inputs.roster.path)
    case = located(case)
    action = "restart" if centre_id in compromised_centres(case.network, case.scenario) else "transfer"
    pin = Pin(patient_id=patient_id, action=action, centre_id=centre_id)
    scenario = case.scenario.model_copy(update={"pins": (*case.scenario.pins, pin)})
    forced = dataclasses.replace(case, scenario=scenario)
    try:
        build_instance(small_case(forced, {patient_id}), merge=False)
    except DataError:
        return None
    board = Board(plan, forced, build_instance(forced, merge=False))
    best = _best_around(board, patient_id)
    settled = settle(board, None if best is None else best.solution(), effort)
    if settled is None:
        return None
    solution, after = settled
    others = [change for change in changes(plan, board.instance, solution) if change.patient_id != patient_id]
    alone = Board(plan, small_case(forced, {patient_id}))
    forced_key = board.key(int(solution.options[board.numbers[patient_id]]))
    column = next(c for c in alone.options(patient_id) if alone.key(c) == forced_key)
    return Forced(
        before=tuple(next(tier.value for tier in plan.tiers if tier.id == name) for name in TIERS),
        after=after,
        offer=offer_of(alone, patient_id, column),
        others=tuple(others),
    )


def _best_around(board: Board, patient_id: str) -> Board | None:
    """Try the best starts of a patient, others giving way, and the best that is free; return the best board."""
    options = board.options(patient_id)
    room = board.room(patient_id)
    free = [column for column in options if not board.lacking(column, room)][:1]
    boards = []
    for column in dict.fromkeys([*options[:: max(1, len(options) // 40)][:TRIED], *options[:TRIED], *free]):
        trial = board.copy()
        if trial.insert(patient_id, column):
            trial.improve([code for code in trial.numbers if code != patient_id], clinical=True)
            boards.append(trial)
    return min(boards, key=lambda trial: trial.values(), default=None)
