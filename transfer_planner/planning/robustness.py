"""What a plan becomes if the outage is shorter or longer, and if data come back late."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from transfer_planner.domain.plan import TIERS
from transfer_planner.domain.scenario import OutageDays
from transfer_planner.planning.board import Board, small_case
from transfer_planner.planning.explain import offer_of
from transfer_planner.planning.instance import located
from transfer_planner.problem.options import wait_option

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan
    from transfer_planner.planning.board import Values
    from transfer_planner.planning.explain import Offer


@dataclass(frozen=True)
class Future:
    """One way in which things may turn out.

    Parameters
    ----------
    outage_days, data_delay_days
        What happens.
    weight
        How likely.
    tiers
        What the plan is then worth.
    put_off
        Patients who cannot start on the day decided.
    """

    outage_days: int
    data_delay_days: int
    weight: float
    tiers: Values
    put_off: int


@dataclass(frozen=True)
class Waiting:
    """A patient who waits.

    Parameters
    ----------
    patient_id, rank
        Who.
    right_until
        Last day of outage up to which waiting is right; None when no centre could take the patient at all.
    wrong_weight
        Weight of the outage lengths beyond.
    place
        The best place still free that beats waiting; None when there is none.
    """

    patient_id: str
    rank: int
    right_until: date | None
    wrong_weight: float
    place: Offer | None


@dataclass(frozen=True)
class Robustness:
    """How a plan stands up.

    Parameters
    ----------
    planned, expected, worst
        Tiers as planned, expected over the futures, and worst tier by tier.
    futures
        The futures, the likeliest first.
    data_delays
        Days by which data may come late, with their weights, as the policy has them; empty when data never come.
    waiting
        The patients who wait, most urgent first.
    """

    planned: Values
    expected: tuple[float, ...]
    worst: Values
    futures: tuple[Future, ...]
    data_delays: dict[int, float]
    waiting: tuple[Waiting, ...]


def robustness(plan: Plan, case: Case) -> Robustness:
    """Evaluate a plan again in every future: destinations are kept, starts are put off where data are late.

    Parameters
    ----------
    plan
        The plan.
    case
        Its inputs.
    """
    case = located(case)
    planned = tuple(tier.value for tier in plan.tiers)
    outage, weights = case.scenario.outage_days, case.policy.outage_weights
    lengths: dict[int, float] = {}
    for days, weight in ((outage.low, weights.low), (outage.likely, weights.likely), (outage.high, weights.high)):
        lengths[days] = lengths.get(days, 0.0) + weight
    waiting = {decision.patient_id for decision in plan.decisions if decision.action == "wait"}
    awaited = case.scenario.dicom_date is not None
    delays = {delay.days: delay.weight for delay in case.policy.data_delays} if awaited else {}
    futures = []
    for delay, likely in delays.items() or ((0, 1.0),):
        late, put_off, newly = _data_late(plan, case, delay)
        for days, weight in lengths.items():
            waits = _waits(plan, case, waiting | newly, days)
            tiers = tuple(map(sum, zip(planned, late, waits, strict=True)))
            futures.append(Future(days, delay, weight * likely, tiers, put_off))
    columns = list(zip(*(future.tiers for future in futures), strict=True))
    return Robustness(
        planned=planned,
        expected=tuple(
            round(sum(f.weight * value for f, value in zip(futures, column, strict=True)), 1) for column in columns
        ),
        worst=tuple(max(column) for column in columns),
        futures=tuple(sorted(futures, key=lambda f: (-f.weight, f.data_delay_days, f.outage_days))),
        data_delays=delays,
        waiting=tuple(_waiting(plan, case, waiting, lengths)),
    )


def _data_late(plan: Plan, case: Case, days: int) -> tuple[Values, int, set[str]]:
    """Return what data coming later cost, how many patients are put off, and who then waits."""
    nothing = (0,) * len(TIERS)
    hours = case.scenario.data_recovery.dicom_after_h
    if not days or hours is None:
        return nothing, 0, set()
    recovery = case.scenario.data_recovery.model_copy(update={"dicom_after_h": hours + 24 * days})
    late = dataclasses.replace(case, scenario=case.scenario.model_copy(update={"data_recovery": recovery, "pins": ()}))
    needing = {
        d.patient_id: d
        for d in plan.decisions
        if d.action == "transfer" and d.grade in ("G0", "G1", "G2", "G3") and d.start_date is not None
    }
    if not needing:
        return nothing, 0, set()
    board = Board(plan, small_case(late, needing.keys()))
    cost, newly, put_off = nothing, set(), 0
    for code, decision in sorted(needing.items(), key=lambda item: (item[1].rank, item[0])):
        options = board.options(code)
        wanted = (decision.linac_id, decision.grade, decision.compensation, decision.start_date)
        if any(board.key(column) == wanted for column in options):
            continue
        put_off += 1
        room = board.room(code)
        fitting = [column for column in options if not board.lacking(column, room)]
        same = [c for c in fitting if (pool := board.instance.option(c).pool) and pool.centre.id == decision.centre_id]
        chosen = (same or fitting)[0]
        cost = tuple(map(sum, zip(cost, offer_of(board, code, chosen).change, strict=True)))
        if board.instance.option(chosen).action == "wait":
            newly.add(code)
        board.move(code, chosen)
    return cost, put_off, newly


def _waits(plan: Plan, case: Case, waiting: set[str], days: int) -> Values:
    """Return what waiting costs for one outage length, less what was expected."""
    known = dataclasses.replace(
        case,
        scenario=case.scenario.model_copy(update={"outage_days": OutageDays(low=days, likely=days, high=days)}),
    )
    change = (0,) * len(TIERS)
    if not waiting:
        return change
    for subject in Board(plan, small_case(case, waiting)).instance.subjects:
        then, expected = wait_option(subject, known).costs, wait_option(subject, case).costs
        change = tuple(total + a - b for total, a, b in zip(change, then, expected, strict=True))
    return change


def _waiting(plan: Plan, case: Case, waiting: set[str], lengths: dict[int, float]) -> list[Waiting]:
    """Say for each waiting patient until when waiting is right, and which place is still free."""
    if not waiting:
        return []
    board = Board(plan, small_case(case, waiting))
    found = []
    for decision in plan.decisions:
        if decision.patient_id not in waiting:
            continue
        code, right = decision.patient_id, decision.waiting_right_up_to_days
        room = board.room(code)
        free = next((c for c in board.options(code) if not board.lacking(c, room)), None)
        place = None if free is None or board.instance.option(free).action == "wait" else offer_of(board, code, free)
        wrong = 0.0 if right is None else sum(weight for days, weight in lengths.items() if days > right)
        until = None if right is None else plan.attack_date + timedelta(days=right)
        found.append(Waiting(code, decision.rank, until, wrong, place))
    return sorted(found, key=lambda one: (one.rank, one.patient_id))
