"""Annealing: each choice in turn is drawn anew, what is dear or overfills a resource ever less likely.

Heat-bath sampling (Geman and Geman, 1984). What is overfull has a price that rises until a plan holds and falls while plans hold, so that
the search goes in and out of them (strategic oscillation, Glover, 1989). The draws are compiled: some hundred thousand a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from transfer_planner.problem.problem import IntArray, Solution, is_feasible, tier_values
from transfer_planner.solvers.compiled import compiled
from transfer_planner.solvers.engine import BoolArray, FloatArray  # noqa: TC001  (the compiler reads annotations of tuples)
from transfer_planner.solvers.reduction import most_used

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transfer_planner.problem.problem import Problem

HOT, COLD = 1e4, 30.0
"""Temperatures at first and at last, in costs."""
PRESSURE, LEAST_PRESSURE = 2.0, 1e4
"""Price of overfilling a resource by what an option uses of it on average: so many temperatures, and so much besides."""
RISE, FALL = 1.1, 0.93
"""What that price is multiplied by after a round: where overfull; everywhere when nothing is."""
LOWEST, HIGHEST = 0.01, 1e6
"""By no less and no more in all."""
NOISE = 1 << 14
"""Gumbel variates drawn once; each draw reads them from a random place on."""
PRICED = 0.85
"""Share of the relaxed prices of resources that the draws pay: what frees a scarce resource is worth something before any is overfull."""
CROWDED = 0.2
"""Share of its capacity left from which a resource is taken to be crowded."""


class _Drawn(NamedTuple):
    """What is drawn: the first option of each choice and the end, costs of the options, the rows they use and the groups they need open.

    Rows and groups stand option after option, from one end to the next. Rows are extended up to a limit at a price.
    """

    firsts: IntArray
    costs: FloatArray
    ends: IntArray
    rows: IntArray
    amounts: FloatArray
    limit: FloatArray
    price: FloatArray
    group_ends: IntArray
    groups: IntArray
    opening: FloatArray


class _Plan(NamedTuple):
    """A plan as it stands: the option of each choice, what is left of each row, and how many options need each group open."""

    taken: IntArray
    slack: FloatArray
    users: IntArray


@compiled
def _worth(drawn: _Drawn, plan: _Plan, penalty: FloatArray, option: int, worth: float, most: float) -> float:
    """Return a worth with what an option extends, overfills and opens; infinite as soon as it is the most or more."""
    for at in range(drawn.group_ends[option], drawn.group_ends[option + 1]):
        if plan.users[drawn.groups[at]] == 0:
            worth += drawn.opening[drawn.groups[at]]
    for at in range(drawn.ends[option], drawn.ends[option + 1]):
        row, amount = drawn.rows[at], drawn.amounts[at]
        room = plan.slack[row]
        if amount <= room and room >= 0:
            continue
        before, after, limit = max(-room, 0.0), max(amount - room, 0.0), drawn.limit[row]
        worth += drawn.price[row] * (after - before)
        worth += penalty[row] * (max(after - limit, 0.0) - max(before - limit, 0.0))
        if worth >= most:
            return np.inf
    return worth


@compiled
def _change(drawn: _Drawn, plan: _Plan, option: int, sign: int) -> None:
    """Put an option in (1) or take it out (-1)."""
    for at in range(drawn.ends[option], drawn.ends[option + 1]):
        plan.slack[drawn.rows[at]] -= sign * drawn.amounts[at]
    for at in range(drawn.group_ends[option], drawn.group_ends[option + 1]):
        plan.users[drawn.groups[at]] += sign


@compiled
def _draw(
    drawn: _Drawn,
    plan: _Plan,
    penalty: FloatArray,
    order: IntArray,
    places: IntArray,
    noise: FloatArray,
    temperature: float,
    patients: int,
) -> None:
    """Draw choices anew in an order: the least of cost and price minus Gumbel noise is a draw by the Boltzmann distribution.

    The choices after those of patients are units of staff, which only free what is overfull: none of their options is given up early.
    """
    luck = noise.max()
    for index in range(len(order)):
        choice, place = order[index], places[index]
        old = plan.taken[choice]
        _change(drawn, plan, old, -1)
        new, least = old, _worth(drawn, plan, penalty, old, drawn.costs[old] - temperature * noise[place], np.inf)
        for option in range(drawn.firsts[choice], drawn.firsts[choice + 1]):
            place = place + 1 if place + 1 < len(noise) else 0
            worth = drawn.costs[option] - temperature * noise[place]
            if choice < patients and drawn.costs[option] - temperature * luck >= least:
                break
            if option == old or (choice < patients and worth >= least):
                continue
            worth = _worth(drawn, plan, penalty, option, worth, least if choice < patients else np.inf)
            if worth < least:
                new, least = option, worth
        _change(drawn, plan, new, 1)
        plan.taken[choice] = new


@compiled
def _uses(
    matrix: tuple[IntArray, IntArray, IntArray], columns: IntArray, tight: BoolArray, crowded: BoolArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the ends, rows and amounts of some columns of a sparse matrix in the tight rows; the crowded ones tell soonest, and come first."""
    ends, rows, amounts = matrix
    kept = np.zeros(len(columns) + 1, np.int64)
    for place, column in enumerate(columns):
        kept[place + 1] = kept[place]
        for at in range(ends[column], ends[column + 1]):
            kept[place + 1] += tight[rows[at]]
    row, amount = np.empty(kept[-1], np.int32), np.empty(kept[-1], np.float32)
    for place, column in enumerate(columns):
        front, back = kept[place], kept[place + 1]
        for at in range(ends[column], ends[column + 1]):
            if crowded[rows[at]]:
                row[front], amount[front] = rows[at], amounts[at]
                front += 1
            elif tight[rows[at]]:
                back -= 1
                row[back], amount[back] = rows[at], amounts[at]
    return kept, row, amount


def _arrays(matrix: sparse.csc_matrix) -> tuple[IntArray, IntArray, IntArray]:
    """Return where the columns of a sparse matrix end, its rows and its values: what compiled loops read."""
    return matrix.indptr, matrix.indices, matrix.data


class Annealing:
    """Anneals a plan of a problem with one tier. Staff is shared out too: each unit is a choice among places.

    Parameters
    ----------
    problem
        The problem.
    options
        Options to draw from; those of the plan are added.
    plan
        Where to start.
    rng
        Source of the random choices.
    prices
        What a unit of each resource is worth in a relaxation of the problem, at least 0, shape (m,); None when nothing is known.
    """

    def __init__(
        self,
        problem: Problem,
        options: IntArray,
        plan: Solution,
        rng: np.random.Generator,
        prices: FloatArray | None = None,
    ) -> None:
        self.problem, self.rng, self.plan = problem, rng, plan
        self.value: float = tier_values(problem, plan)[0]
        paid = np.zeros(len(problem.capacity)) if prices is None else PRICED * prices
        costs = problem.costs[0] + paid @ problem.uses
        options = np.union1d(options, plan.options)
        self.options = options[np.lexsort((costs[options], problem.choice[options]))]
        self.noise = rng.gumbel(size=NOISE)
        self.places, holder, held = self._units(plan)
        owner = np.concatenate([problem.choice[self.options], holder])
        capacity, limit, self.price = self._capacity()
        slack = capacity + problem.pools.gains @ plan.units - problem.uses[:, plan.options].sum(axis=1).A1
        tight = most_used(problem.uses, problem.choice) > capacity
        crowded = tight & (slack < CROWDED * capacity)
        ends, rows, amounts = _uses(_arrays(problem.uses), self.options, tight, crowded)
        nowhere = sparse.csc_matrix((len(capacity), 1))
        gains = sparse.hstack([problem.pools.gains, nowhere], format="csc")
        unit_ends, unit_rows, unit_amounts = _uses(_arrays(gains), self.places, tight, crowded)
        average = np.bincount(rows, amounts, len(capacity)) / np.maximum(1, np.bincount(rows, minlength=len(capacity)))
        self.unit = 1 / np.maximum(1, average)
        groups, places = self._groups(), np.zeros(len(self.places))
        self.costs = np.concatenate([problem.costs[0, self.options], places])
        self.drawn = _Drawn(
            firsts=np.append(np.flatnonzero(np.diff(owner, prepend=-1)), len(owner)),
            costs=np.concatenate([costs[self.options], -paid @ gains[:, self.places]]),
            ends=np.concatenate([ends, ends[-1] + unit_ends[1:]]),
            rows=np.concatenate([rows, unit_rows]),
            amounts=np.concatenate([amounts, -unit_amounts]),
            limit=limit,
            price=np.maximum(0, self.price - paid),
            group_ends=groups.indptr.astype(np.int64),
            groups=groups.indices.astype(np.int64),
            opening=problem.setups.price.astype(np.float64),
        )
        taken = np.concatenate([np.flatnonzero(np.isin(self.options, plan.options)), len(self.options) + held])
        users = np.asarray(groups[:, taken].sum(axis=1)).ravel().astype(np.int64)
        self.now = _Plan(taken=taken, slack=np.where(tight, slack, np.inf), users=users)

    def _units(self, plan: Solution) -> tuple[IntArray, IntArray, IntArray]:
        """Return where units can go, the choice that each place belongs to, and which places the plan takes; the place after all is nowhere."""
        pools, choices = self.problem.pools, self.problem.num_choices
        places: list[int] = []
        holder: list[int] = []
        held: list[int] = []
        for kind, limit in enumerate(pools.limit.tolist()):
            members = np.flatnonzero(pools.kind == kind)
            given = np.repeat(np.arange(len(members)), plan.units[members]).tolist()
            for unit in range(min(limit, max(len(given), choices))):
                held.append(len(places) + (given[unit] if unit < len(given) else len(members)))
                holder += [choices + len(held) - 1] * (len(members) + 1)
                places += [*members.tolist(), len(pools.kind)]
        return np.array(places, np.int64), np.array(holder, np.int64), np.array(held, np.int64)

    def _capacity(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return what each row holds with what is free, by how much it can be extended beyond, and the price."""
        capacity, extensions = self.problem.capacity.astype(np.float64), self.problem.extensions
        limit, price = np.zeros((2, len(capacity)))
        free = extensions.price == 0
        capacity[extensions.row[free]] += extensions.limit[free]
        limit[extensions.row[~free]], price[extensions.row[~free]] = extensions.limit[~free], extensions.price[~free]
        return capacity, limit, price

    def _groups(self) -> sparse.csc_matrix:
        """Return which groups (rows) options and places of units (columns) need open."""
        problem, setups = self.problem, self.problem.setups
        rows = np.concatenate([*setups.rows, np.zeros(0, np.int64)])
        groups = np.repeat(np.arange(len(setups.rows)), [len(rows) for rows in setups.rows])
        shape = (len(setups.rows), len(problem.capacity))
        members = sparse.csr_matrix((np.ones(len(rows)), (groups, rows)), shape=shape)
        grouped = np.isin(np.arange(shape[1]), rows)
        ends, inside, amounts = _uses(_arrays(problem.uses), self.options, grouped, grouped)
        needed = members @ sparse.csc_matrix((amounts, inside, ends), shape=(shape[1], len(self.options)))
        nothing = sparse.csc_matrix((len(setups.rows), len(self.places)))
        return sparse.hstack([needed > 0, nothing], format="csc")

    def rounds(self, progress: Callable[[], float]) -> Iterator[Solution | None]:
        """Draw every choice anew, round after round; yield a plan better than those before, or None, after each.

        Parameters
        ----------
        progress
            Share done: the temperature follows it; the rounds end at 1.
        """
        choices, factor = len(self.now.taken), np.ones(len(self.unit))
        while (done := progress()) < 1:
            temperature = HOT * (COLD / HOT) ** done
            penalty = self.unit * (PRESSURE * temperature + LEAST_PRESSURE) * factor
            order, places = self.rng.permutation(choices), self.rng.integers(NOISE, size=choices)
            _draw(self.drawn, self.now, penalty, order, places, self.noise, temperature, self.problem.num_choices)
            overfull = -self.now.slack > self.drawn.limit
            if overfull.any():
                factor[overfull] = np.minimum(HIGHEST, RISE * factor[overfull])
                yield None
            else:
                factor = np.maximum(LOWEST, factor * FALL)
                yield self._better()

    def drawn_plan(self) -> Solution:
        """Return the plan as it stands, which may overfill resources."""
        taken, choices = self.now.taken, self.problem.num_choices
        places = self.places[taken[choices:] - len(self.options)]
        units = np.bincount(places, minlength=len(self.problem.pools.kind) + 1)[:-1]
        return Solution(self.options[taken[:choices]], units.astype(np.int64))

    def _better(self) -> Solution | None:
        """Return the plan as it stands if it is better than those before."""
        drawn, taken = self.drawn, self.now.taken
        extended = self.price @ np.maximum(0, -self.now.slack)
        opened = drawn.opening @ (self.now.users > 0)
        if self.costs[taken].sum() + extended + opened >= self.value:
            return None
        plan = self.drawn_plan()
        value = tier_values(self.problem, plan)[0]
        if value >= self.value or not is_feasible(self.problem, plan):
            return None
        self.plan, self.value = plan, value
        return plan
