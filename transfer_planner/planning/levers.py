"""What would help most: each lever is pulled in the inputs, and the plan decided again."""

from __future__ import annotations

import dataclasses
import itertools
import math
import time
from collections import Counter
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.domain.plan import TIERS
from transfer_planner.i18n import Message, msg
from transfer_planner.planning.again import Change, changes_of
from transfer_planner.planning.alternatives import retold
from transfer_planner.planning.board import Board, small_case
from transfer_planner.planning.instance import located
from transfer_planner.planning.pulls import CAPACITY, Lever, levers
from transfer_planner.problem import rules
from transfer_planner.problem.build import PHYSICS_SCALE
from transfer_planner.problem.problem import Extensions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan
    from transfer_planner.domain.scenario import DeclaredCapacity
    from transfer_planner.i18n import Language
    from transfer_planner.planning.board import Values
    from transfer_planner.problem.build import Instance, Row

SHOWN, SHOWN_PAIRS = 10, 3
CONFIRMED, PAIRED = 12, 3
"""Levers decided again in full after the screening, and how many of the best are paired."""
SCREENED, MOST_EXCHANGED, TRIES = 12, 30, 4
"""Patients beyond tolerance for whom others may give way, in the screening and after, and places tried for each."""
NOTHING: Values = (0,) * len(TIERS)


@dataclass(frozen=True)
class Help:
    """What some levers bring together.

    Parameters
    ----------
    levers
        One lever, or two.
    gain
        Tiers of the plan less those with the levers: a plan found, so at least that much.
    helped
        Patients who gain days beyond tolerance; where nobody does, those whose burden is less.
    changed
        Patients whose decision changes.
    """

    levers: tuple[Lever, ...]
    gain: Values
    helped: int
    changed: int


@dataclass(frozen=True)
class Ranking:
    """The best levers of a plan.

    Parameters
    ----------
    before, reference
        Tiers of the plan, and after deciding again without any lever: that gain is no lever's merit.
    best, pairs
        The best levers, and the best pairs.
    tried
        Levers looked at.
    left
        Levers and pairs that were worth deciding again and were not, for lack of time.
    """

    before: Values
    reference: Values
    best: tuple[Help, ...]
    pairs: tuple[Help, ...]
    tried: int
    left: int


def rank_levers(
    plan: Plan,
    case: Case,
    *,
    seconds: float = math.inf,
    lang: Language = "fr",
    progress: Callable[[Message], None] | None = None,
) -> Ranking:
    """Return the levers that help a plan most.

    Parameters
    ----------
    plan
        The plan.
    case
        Its inputs.
    seconds
        After so many seconds of computing no other lever is decided again; at least one is.
    lang
        Language of the plans made on the way.
    progress
        Told each step.
    """
    tell, deadline = progress or (lambda _: None), time.process_time() + seconds
    tell(msg("Looking again at the plan without any lever…"))
    puller = _Puller(plan, located(case), lang)
    all_levers = levers(puller.case)
    screened: list[tuple[Values, bool, str, Lever]] = []
    for number, lever in enumerate(all_levers, 1):
        tell(msg("Trying {number} levers of {count}…", number=number, count=len(all_levers)))
        gain = puller.screen(lever)
        if gain > NOTHING or lever.kind not in CAPACITY:
            screened.append((tuple(-value for value in gain), lever.centre_id is not None, lever.id, lever))
    chosen = [lever for *_, lever in sorted(screened, key=lambda item: item[:-1])[:CONFIRMED]]
    singles = [(lever,) for lever in chosen]
    decided = _told(puller, singles, tell, deadline)
    best = _sorted(decided)
    strongest = [help_.levers[0] for help_ in best[:PAIRED]]
    sets = [*itertools.combinations(strongest, 2), *puller.only_together(all_levers, {help_.levers for help_ in best})]
    paired = _told(puller, sets, tell, deadline)
    pairs = _sorted(paired)
    return Ranking(
        before=tuple(tier.value for tier in plan.tiers),
        reference=puller.values,
        best=tuple(best[:SHOWN]),
        pairs=tuple(pairs[:SHOWN_PAIRS]),
        tried=len(all_levers),
        left=len(singles) - len(decided) + len(sets) - len(paired),
    )


def _told(
    puller: _Puller, sets: Sequence[tuple[Lever, ...]], tell: Callable[[Message], None], deadline: float
) -> list[Help]:
    """Decide again with each set of levers, as long as there is time."""
    found: list[Help] = []
    for number, pulled in enumerate(sets, 1):
        if found and time.process_time() > deadline:
            break
        tell(msg("Deciding again, {number} of {count}…", number=number, count=len(sets)))
        found.append(puller.confirm(pulled))
    return found


def _sorted(found: Iterable[Help]) -> list[Help]:
    useful = [help_ for help_ in found if help_.gain > NOTHING]
    return sorted(useful, key=lambda help_: (tuple(-v for v in help_.gain), [lever.id for lever in help_.levers]))


class _Puller:
    """Pulls levers on a plan that has first been decided again without any."""

    def __init__(self, plan: Plan, case: Case, lang: Language) -> None:
        self.case = case
        self.board = Board(plan, case)
        self.board.take_all()
        self.board.improve(self.board.numbers)
        self.board.exchange(self._late(self.board)[:MOST_EXCHANGED], TRIES)
        again = retold(self.board, plan, lang) if self.board.values() < _tiers(plan) else None
        self.plan = again or plan
        self.values = _tiers(self.plan)
        late = {decision.patient_id for decision in self.plan.decisions if decision.excess_tenths > 0}
        self.concerned = late or set(self.board.numbers)
        self.small = Board(self.plan, small_case(case, self.concerned))
        most = self.small.problem.uses.max(axis=1).toarray().ravel()
        tight = np.flatnonzero(self.small.room() < most)
        self.tight = {(self.small.instance.rows[row].rule, self.small.instance.rows[row].centre_id) for row in tight}

    def screen(self, lever: Lever) -> Values:
        """Return what a lever brings to those concerned, the others staying where they are."""
        pulled = lever.pull(self.case)
        if lever.kind in CAPACITY and not self._binds(lever):
            return NOTHING
        if lever.kind in CAPACITY:
            board = with_capacities(self.small, small_case(pulled, self.concerned))
        else:
            if lever.centre_id is not None:
                pulled = _only(pulled, lever.centre_id)
            board = Board(self.plan, small_case(pulled, self.concerned))
        before = board.values()
        board.improve(board.numbers, passes=2)
        board.exchange(self._late(board)[:SCREENED], tries=1)
        return tuple(a - b for a, b in zip(before, board.values(), strict=True))

    def _binds(self, lever: Lever) -> bool:
        """Return whether the resource that a lever raises keeps anybody concerned from anything."""
        rules_raised = {"evening": ("H05", "H05C"), "physics": ("H07",), "ct": ("H08",), "starts": ("H06",)}
        return any((rule, lever.centre_id) in self.tight for rule in rules_raised[lever.kind])

    def only_together(self, found: tuple[Lever, ...], known: set[tuple[Lever, ...]]) -> list[tuple[Lever, ...]]:
        """Return pairs that may help though neither does alone: data back sooner are no use before the agreement."""
        where = Counter(d.centre_id for d in self.plan.decisions if d.patient_id in self.concerned and d.centre_id)
        usual = [centre_id for centre_id, _ in where.most_common(PAIRED)]
        data = [lever for lever in found if lever.kind == "data"]
        signed = [lever for lever in found if lever.kind == "convention" and lever.centre_id in usual]
        return [(a, b) for a in data for b in signed if not {(a,), (b,)} & known]

    def confirm(self, pulled: tuple[Lever, ...]) -> Help:
        """Decide everybody again with the levers pulled."""
        case: Case = reduce(lambda state, lever: lever.pull(state), pulled, self.case)
        if all(lever.kind in CAPACITY for lever in pulled):
            board = with_capacities(Board(self.plan, self.case, self.board.instance), case)
        else:
            board = Board(self.plan, case)
        board.improve(board.numbers)
        board.exchange(self._late(board)[:MOST_EXCHANGED], TRIES)
        changed = changes_of(self.plan, board)
        return Help(
            levers=pulled,
            gain=tuple(a - b for a, b in zip(self.values, board.values(), strict=True)),
            helped=_helped(changed),
            changed=len(changed),
        )

    @staticmethod
    def _late(board: Board) -> list[str]:
        """Return those beyond tolerance, who cost most in the first tiers first."""
        late = [code for code in board.numbers if any(board.held[code].costs[:-1])]
        return sorted(late, key=lambda code: (tuple(-cost for cost in board.held[code].costs), code))


def _tiers(plan: Plan) -> Values:
    return tuple(tier.value for tier in plan.tiers)


def _helped(changed: tuple[Change, ...]) -> int:
    clinical = sum(change.clinical < 0 for change in changed)
    return clinical or sum(change.tiers[-1] < 0 for change in changed)


def _only(case: Case, centre_id: str) -> Case:
    """Return the case with one destination only, besides the centres that fell."""
    kept = {centre_id, *rules.compromised_centres(case.network, case.scenario)}
    network = case.network
    update = {
        "centres": tuple(centre for centre in network.centres if centre.id in kept),
        "conventions": tuple(c for c in network.conventions if kept.issuperset(c.between)),
    }
    return dataclasses.replace(case, network=network.model_copy(update=update))


def with_capacities(board: Board, case: Case) -> Board:
    """Return a board with the capacities of another case in which the same things may be decided."""
    instance = board.instance
    answers = rules.latest_answers(case.scenario)
    now = np.array([_capacity(row, instance, case, answers) for row in instance.rows], dtype=np.int64).reshape(-1, 2)
    rows = np.flatnonzero(now[:, 1])
    price = np.full(len(rows), case.policy.burden.surge_minute, dtype=np.int64)
    problem = dataclasses.replace(
        instance.problem, capacity=now[:, 0], extensions=Extensions(rows.astype(np.int64), now[rows, 1], price)
    )
    return Board(board.plan, case, dataclasses.replace(instance, problem=problem, case=case))


def _capacity(row: Row, instance: Instance, case: Case, answers: dict[str, DeclaredCapacity]) -> tuple[int, int]:
    """Return the capacity of a row, and by how much it may be extended at a price."""
    centre, answer, scenario = case.network.centre(row.centre_id), answers.get(row.centre_id), case.scenario
    if row.rule == "H05":
        linacs = instance.pools[row.pool].linacs
        if instance.pools[row.pool].home:
            restarts = scenario.home_restart
            return sum(rules.restart_minutes(restarts, one.id, row.day, scenario.day_zero) for one in linacs), 0
        rooms = [rules.h05_linac_room(centre, linac, row.day, scenario, answer) for linac in linacs]
        within = sum(room.unpriced for room in rooms)
        return within, sum(room.free for room in rooms) - within
    if row.rule == "H05C":
        return (answer.spare_minutes_per_day or 0) if answer is not None else 0, 0
    if row.rule == "H06":
        return rules.h06_new_starts(centre, answer), 0
    if row.rule == "H08":
        return rules.h08_simulation_slots(centre, answer), 0
    hours = rules.h07_physics_hours(centre, answer, scenario.day_zero, row.day)
    return math.floor(hours * PHYSICS_SCALE + 1e-6), 0
