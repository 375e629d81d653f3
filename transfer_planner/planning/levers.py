"""What would help most: prices of the relaxed problem choose the levers, and deciding again with each proves what it brings."""

from __future__ import annotations

import dataclasses
import itertools
import logging
import math
import time
from collections import Counter
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.domain.plan import TIERS
from transfer_planner.i18n import Message, msg
from transfer_planner.planning import prices
from transfer_planner.planning.again import Change, Effort, changes, settle
from transfer_planner.planning.alternatives import retold
from transfer_planner.planning.board import Board, small_case
from transfer_planner.planning.instance import build_instance, located
from transfer_planner.planning.pulls import CAPACITY, Lever, levers
from transfer_planner.planning.verify import verify_plan
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
    from transfer_planner.problem.problem import Problem
    from transfer_planner.solvers.engine import FloatArray

logger = logging.getLogger(__name__)

SHOWN, SHOWN_PAIRS = 10, 3
CONFIRMED, PAIRED, PAIRS_CONFIRMED = 12, 6, 4
"""Levers decided again in full after the prices, how many of the best are paired, and pairs decided again."""
MOST_EXCHANGED, TRIES = 30, 4
"""Patients beyond tolerance for whom others may give way before the solver looks, and places tried for each."""
FIRST_SHARE, PRICES_SHARE, SOLVER_SHARE = 0.12, 0.25, 0.5
"""Shares of the time: to decide again without any lever, to find the prices, and, of what is left for a lever, to the solver."""
NOTHING: Values = (0,) * len(TIERS)


@dataclass(frozen=True)
class Help:
    """What some levers bring together.

    Parameters
    ----------
    levers
        One lever, or two.
    gain
        Tiers of the plan less those with the levers: a plan found and verified, so at least that much.
    proven
        True when no plan without the levers is as good, by the relaxed problem.
    helped
        Patients who gain days beyond tolerance; where nobody does, those whose burden is less.
    changed
        Patients whose decision changes.
    """

    levers: tuple[Lever, ...]
    gain: Values
    proven: bool
    helped: int
    changed: int


@dataclass(frozen=True)
class Ranking:
    """The best levers of a plan.

    Parameters
    ----------
    before, reference
        Tiers of the plan, and after deciding again without any lever: that gain is no lever's merit.
    bounds
        Values that no plan without a lever passes under, each with those above met; 0 where there was no time to know.
    best, pairs
        The best levers, and the best pairs: better than each of the two alone.
    tried
        Levers priced.
    useless
        Levers that the prices show to bring nothing to the relaxed problem.
    left
        Levers and pairs that were worth deciding again and were not, for lack of time.
    """

    before: Values
    reference: Values
    bounds: Values
    best: tuple[Help, ...]
    pairs: tuple[Help, ...]
    tried: int
    useless: int
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
        Time, seconds of computing; at least one lever is decided again. Without a limit nothing depends on the clock: the solver is left out,
        and levers are decided again by moves and exchanges alone.
    lang
        Language of the plans made on the way.
    progress
        Told each step.
    """
    tell, deadline = progress or (lambda _: None), time.process_time() + seconds
    tell(msg("Looking again at the plan without any lever…"))
    puller = _Puller(plan, located(case), lang, seconds)
    all_levers = levers(puller.case)
    promises: dict[tuple[Lever, ...], Promise] = {}
    for number, lever in enumerate(all_levers, 1):
        tell(msg("Pricing {number} levers of {count}…", number=number, count=len(all_levers)))
        promises[lever,] = puller.promise(lever)
    useful = _most_promising(promises, all_priced=puller.all_priced)
    singles = useful[:CONFIRMED]
    decided = _told(puller, singles, tell, deadline, PAIRS_CONFIRMED)
    best = _sorted(decided)
    strongest = [help_.levers[0] for help_ in best[:PAIRED]]
    apart = [*itertools.combinations(strongest, 2), *puller.only_together(all_levers, useful, strongest)]
    tell(msg("Pricing {count} pairs…", count=len(apart)))
    together = {pair: puller.joint(pair, promises) for pair in dict.fromkeys(apart)}
    sets = _most_promising(together, all_priced=puller.all_priced)[:PAIRS_CONFIRMED]
    paired = _told(puller, sets, tell, deadline, 0)
    alone = {help_.levers[0].id: help_.gain for help_ in decided}
    pairs = [pair for pair in _sorted(paired) if all(pair.gain > alone.get(one.id, NOTHING) for one in pair.levers)]
    return Ranking(
        before=tuple(tier.value for tier in plan.tiers),
        reference=puller.values,
        bounds=puller.bounds,
        best=tuple(best[:SHOWN]),
        pairs=tuple(pairs[:SHOWN_PAIRS]),
        tried=len(all_levers),
        useless=len(all_levers) - len(useful),
        left=len(singles) - len(decided) + len(sets) - len(paired),
    )


@dataclass(frozen=True)
class Promise:
    """At most what levers bring to the relaxation of each tier that is priced.

    Parameters
    ----------
    falls
        What each patient gains by new options, shape (tiers, patients).
    worth
        What resources bring by themselves, shape (tiers,).
    """

    falls: FloatArray
    worth: FloatArray

    @property
    def total(self) -> tuple[float, ...]:
        """In all, tier by tier, to a tenth."""
        return tuple((self.falls.sum(axis=1) + self.worth).round(1).tolist())


def _most_promising(promises: dict[tuple[Lever, ...], Promise], *, all_priced: bool) -> list[tuple[Lever, ...]]:
    """Return the sets of levers, those that promise most in the first tiers first; without those known to bring nothing."""
    kept = [pulled for pulled, promise in promises.items() if not all_priced or max(promise.total) > 0]
    everywhere = {pulled: [lever.centre_id is not None for lever in pulled] for pulled in kept}
    return sorted(
        kept,
        key=lambda one: (
            tuple(-value for value in promises[one].total),
            everywhere[one],
            [lever.id for lever in one],
        ),
    )


def _told(
    puller: _Puller,
    sets: Sequence[tuple[Lever, ...]],
    tell: Callable[[Message], None],
    deadline: float,
    later: int,
) -> list[Help]:
    """Decide again with each set of levers, as long as there is time; some is kept for so many more later."""
    found: list[Help] = []
    for number, pulled in enumerate(sets, 1):
        left = deadline - time.process_time()
        if found and left <= 0:
            break
        tell(msg("Deciding again, {number} of {count}…", number=number, count=len(sets)))
        found.append(puller.confirm(pulled, left / (len(sets) - number + 1 + later)))
    return found


def _sorted(found: Iterable[Help]) -> list[Help]:
    useful = [help_ for help_ in found if help_.gain > NOTHING and help_.changed]
    return sorted(useful, key=lambda help_: (tuple(-v for v in help_.gain), [lever.id for lever in help_.levers]))


class _Puller:
    """Pulls levers on a plan that has first been decided again without any."""

    def __init__(self, plan: Plan, case: Case, lang: Language, seconds: float) -> None:
        self.case, self.lang = case, lang
        self.board = Board(plan, case)
        self.board.take_all()
        self.plan = self._again(self.board, plan, FIRST_SHARE * seconds)[0]
        self.values = _tiers(self.plan)
        pinned = {pin.patient_id for pin in case.scenario.pins if pin.action is not None}
        self.free = {code: number for code, number in self.board.numbers.items() if code not in pinned}
        self.names = {name: row for row, name in enumerate(prices.row_names(self.board.instance))}
        problem = self.board.problem
        found = prices.prices_of(problem, self.board.solution(), PRICES_SHARE * seconds)
        self.prices = tuple((one, prices.cheapest(problem, one), prices.resources_worth(problem, one)) for one in found)
        self.all_priced = len(found) == len(TIERS)
        targets = [min(one.target, value) for one, value in zip(found, self.values, strict=False)]
        self.bounds: Values = tuple((*targets, *NOTHING)[: len(TIERS)])

    def _again(self, board: Board, plan: Plan, seconds: float) -> tuple[Plan, tuple[Change, ...]]:
        """Return the best plan found from one on the board of all its patients, verified, and what changes."""
        board.improve(board.numbers)
        board.exchange(_late(board)[:MOST_EXCHANGED], TRIES)
        effort = Effort(seconds if math.isfinite(seconds) else 0.0)
        settled = settle(board, board.solution(), effort)
        if settled is None or settled[1] >= _tiers(plan):
            return plan, ()
        made = retold(board.instance, settled[0], plan, self.lang)
        if made is None or _tiers(made) >= _tiers(plan):
            return plan, ()
        return made, changes(plan, board.instance, settled[0])

    def promise(self, lever: Lever) -> Promise:
        """Return at most what a lever brings to the relaxation of each tier."""
        pulled = lever.pull(self.case)
        if lever.kind not in CAPACITY:
            return self._changed(pulled, lever.centre_id)
        problem = raised(self.board.instance, pulled, lever.centre_id)
        worth = [worth - prices.resources_worth(problem, one) for one, _, worth in self.prices]
        return Promise(np.zeros((len(worth), 1)), np.array(worth))

    def joint(self, pair: tuple[Lever, ...], promises: dict[tuple[Lever, ...], Promise]) -> Promise:
        """Return at most what two levers bring together."""
        first, second = (promises[lever,] for lever in pair)
        centres = {lever.centre_id for lever in pair} - {None}
        both = Promise(np.maximum(first.falls, second.falls), first.worth + second.worth)
        if len(centres) > 1 or any(lever.kind in CAPACITY for lever in pair):
            return both
        pulled: Case = reduce(lambda state, lever: lever.pull(state), pair, self.case)
        same = self._changed(pulled, next(iter(centres), None))
        return Promise(np.maximum(both.falls, same.falls), both.worth)

    def _changed(self, pulled: Case, centre_id: str | None) -> Promise:
        """Return at most what changed inputs bring: new options at one centre, or anything anywhere."""
        if centre_id is None:
            instance, who = build_instance(pulled, merge=False), list(self.board.numbers.values())
        else:
            instance = build_instance(small_case(_only(pulled, centre_id), self.free.keys()), merge=False)
            who = list(self.free.values())
        falls = np.zeros((len(self.prices), len(self.board.numbers)))
        worth = np.zeros(len(self.prices))
        for tier, (one, least, before) in enumerate(self.prices):
            there = prices.carried(one, self.names, instance)
            falls[tier, who] = np.maximum(0, least[who] - prices.cheapest(instance.problem, there))
            if centre_id is None:
                worth[tier] = before - prices.resources_worth(instance.problem, there)
        return Promise(falls, worth)

    def only_together(
        self, found: Sequence[Lever], useful: Sequence[tuple[Lever, ...]], strongest: Sequence[Lever]
    ) -> list[tuple[Lever, ...]]:
        """Return pairs that may help though one does not alone: data back sooner are no use before the agreement."""
        known = {lever.id for lever in strongest}
        late = {decision.patient_id for decision in self.plan.decisions if decision.excess_tenths > 0}
        where = Counter(d.centre_id for d in self.plan.decisions if (not late or d.patient_id in late) and d.centre_id)
        usual = {centre_id for centre_id, _ in where.most_common(PAIRED)}
        promising = [pulled[0].id for pulled in useful if pulled[0].kind == "convention"][:PAIRED]
        data = [lever for lever in found if lever.kind == "data"]
        signed = [
            lever
            for lever in found
            if lever.kind == "convention" and (lever.centre_id in usual or lever.id in promising)
        ]
        return [(a, b) for a in data for b in signed if not {a.id, b.id} <= known]

    def confirm(self, pulled: tuple[Lever, ...], seconds: float) -> Help:
        """Decide everybody again with the levers pulled, and verify the plan."""
        case: Case = reduce(lambda state, lever: lever.pull(state), pulled, self.case)
        if all(lever.kind in CAPACITY for lever in pulled):
            board = with_capacities(Board(self.plan, self.case, self.board.instance), case)
        else:
            board = Board(self.plan, case)
        made, changed = self._again(board, self.plan, SOLVER_SHARE * seconds)
        if changed and verify_plan(made, case):
            logger.error("a plan with %s does not verify: left out", [lever.id for lever in pulled])
            made, changed = self.plan, ()
        after = _tiers(made)
        return Help(
            levers=pulled,
            gain=tuple(a - b for a, b in zip(self.values, after, strict=True)),
            proven=after < self.bounds,
            helped=_helped(changed),
            changed=len(changed),
        )


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
    problem = raised(board.instance, case)
    return Board(board.plan, case, dataclasses.replace(board.instance, problem=problem, case=case))


def raised(instance: Instance, case: Case, centre_id: str | None = None) -> Problem:
    """Return the problem of an instance with the capacities of another case, at one centre or everywhere."""
    answers = rules.latest_answers(case.scenario)
    problem = instance.problem
    within, beyond = problem.capacity.copy(), np.zeros_like(problem.capacity)
    beyond[problem.extensions.row] = problem.extensions.limit
    for number, row in enumerate(instance.rows):
        if centre_id in (None, row.centre_id):
            within[number], beyond[number] = _capacity(row, instance, case, answers)
    rows = np.flatnonzero(beyond)
    price = np.full(len(rows), case.policy.burden.surge_minute, dtype=np.int64)
    return dataclasses.replace(problem, capacity=within, extensions=Extensions(rows, beyond[rows], price))


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
