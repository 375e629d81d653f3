"""One more patient into a plan already decided: the best places, and what each costs whom."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg
from transfer_planner.planning.again import Change, changes_of
from transfer_planner.planning.board import Board
from transfer_planner.planning.explain import Offer, offer_of, refusals
from transfer_planner.planning.instance import located

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from transfer_planner.domain.base import Category
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.plan import Plan
    from transfer_planner.i18n import Message
    from transfer_planner.planning.board import Values

PLACES = 3
MOST_DISPLACED = 12
"""Less urgent patients looked at, at most, to make room for a more urgent one."""


@dataclass(frozen=True)
class Recommended:
    """A place for the new patient.

    Parameters
    ----------
    offer
        The place; its tiers are what the patient adds to the plan.
    displaced
        Patients who would have to move, with what each loses.
    """

    offer: Offer
    displaced: tuple[Change, ...] = ()

    @property
    def total(self) -> Values:
        """Tiers added to the plan, those of the displaced included."""
        return tuple(map(sum, zip(self.offer.change, *(change.tiers for change in self.displaced), strict=True)))


@dataclass(frozen=True)
class Recommendation:
    """Where one more patient may go.

    Parameters
    ----------
    patient_id, rank, category
        The patient, as the tables read the row.
    places
        The best places, one a centre.
    waiting
        Waiting for the home centre.
    refused
        Centres that refuse, with the reasons.
    """

    patient_id: str
    rank: int
    category: Category | None
    places: tuple[Recommended, ...]
    waiting: Recommended
    refused: dict[str, tuple[Message, ...]]


def recommend(plan: Plan, case: Case, patient: Patient, *, not_before: date | None = None) -> Recommendation:
    """Return the best places for one more patient, the decisions of the others being kept unless said.

    Parameters
    ----------
    plan
        The plan already decided.
    case
        Its inputs.
    patient
        The new patient, checked against the network.
    not_before
        First day on which the patient can start.

    Raises
    ------
    DataError
        When the code stands already in the plan, or no fraction is left.
    """
    known = {d.patient_id for d in plan.decisions} | {d.patient_id for d in plan.not_planned}
    for fault, expected in (
        (patient.patient_id in known, msg("a code that the plan does not hold yet")),
        (patient.remaining_fractions <= 0, msg("at least one fraction left")),
    ):
        if fault:
            raise DataError([Finding(case.inputs.roster.path, "patient_id", patient.patient_id, expected)])
    case = located(case)
    board = Board(plan, _with(case, patient))
    code, subject = patient.patient_id, board.instance.subjects[0]
    columns = [column for column in board.options(code) if _in_time(board, column, not_before)]
    pinned = {pin.patient_id for pin in case.scenario.pins}
    less = [d.patient_id for d in plan.decisions if d.rank > subject.assessment.rank and d.patient_id not in pinned]
    room, roomier = board.room(), board.room(*less)
    free: dict[str | None, Recommended] = {}
    taken: dict[str, int] = {}
    for column in columns:
        pool = board.instance.option(column).pool
        centre_id = pool.centre.id if pool else None
        if centre_id in free:
            continue
        if not board.lacking(column, room):
            free[centre_id] = Recommended(offer_of(board, code, column))
        elif centre_id is not None and not board.lacking(column, roomier):
            taken.setdefault(centre_id, column)
    waiting = free.pop(None)
    best = min((place.total for place in free.values()), default=waiting.total)
    places = [*free.values(), *_by_displacing(board, case, patient, less, taken, best)]
    places = sorted(_one_a_centre(places), key=lambda place: place.total)[:PLACES]
    refused = {c.id: tuple(dict(refusals(board, c.id, code)).values()) for c in case.network.centres}
    return Recommendation(
        patient_id=code,
        rank=subject.assessment.rank,
        category=subject.assessment.category,
        places=tuple(places),
        waiting=waiting,
        refused={c: why for c, why in refused.items() if why and c not in taken},
    )


def _with(case: Case, patient: Patient, others: frozenset[str] = frozenset()) -> Case:
    """Return the case of the new patient, and of some others."""
    kept = (patient, *(other for other in case.patients if other.patient_id in others))
    place = located(dataclasses.replace(case, patients=(patient,), places={})).places
    return dataclasses.replace(case, patients=kept, places={**case.places, **place})


def _in_time(board: Board, column: int, not_before: date | None) -> bool:
    start = board.instance.option(column).start
    return not_before is None or start is None or start >= not_before


def _one_a_centre(places: list[Recommended]) -> Iterator[Recommended]:
    seen = set()
    for place in sorted(places, key=lambda place: place.total):
        if place.offer.centre_id not in seen:
            seen.add(place.offer.centre_id)
            yield place


def _by_displacing(
    board: Board, case: Case, patient: Patient, less: list[str], taken: dict[str, int], best: Values
) -> Iterator[Recommended]:
    """Yield places better for the plan as a whole, made by moving less urgent patients."""
    promising = sorted(taken.values(), key=lambda column: tuple(board.problem.costs[:, column]))
    for column in promising[:PLACES]:
        if tuple(board.problem.costs[:-1, column]) >= best[:-1]:
            return
        rows = board.lacking(column, board.room())
        movable = [code for code in board.holders(rows, None) if code in less]
        wider = Board(board.plan, _with(case, patient, frozenset(movable[-MOST_DISPLACED:])))
        there = next((c for c in wider.options(patient.patient_id) if wider.key(c) == board.key(column)), None)
        if there is not None and wider.insert(patient.patient_id, there):
            moved = tuple(change for change in changes_of(board.plan, wider) if change.patient_id != patient.patient_id)
            yield Recommended(offer_of(board, patient.patient_id, column), moved)
