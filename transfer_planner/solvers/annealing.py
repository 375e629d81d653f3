"""Annealing: each choice in turn is drawn anew, what is dear or overfills a resource ever less likely.

Heat-bath sampling (Geman and Geman, 1984). What is overfull has a price that rises until a plan holds and falls while plans hold, so that
the search goes in and out of them (strategic oscillation, Glover, 1989).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from transfer_planner.problem.problem import Solution, is_feasible, tier_values
from transfer_planner.solvers.reduction import most_used

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transfer_planner.problem.problem import IntArray, Problem
    from transfer_planner.solvers.engine import FloatArray

HOT, COLD = 2e4, 300.0
"""Temperatures at first and at last, in costs."""
PRESSURE, LEAST_PRESSURE = 2.0, 1e4
"""Price of overfilling a resource by what an option uses of it on average: so many temperatures, and so much besides."""
RISE, FALL, LOWEST = 1.3, 0.8, 0.01
"""What that price is multiplied by after a round: where overfull; everywhere when nothing is; and by no less in all."""
NOWHERE = -1


class _Choice(NamedTuple):
    """The options of a choice: the first, their costs, and their entries: where these stand, of which option, row and amount."""

    first: int
    costs: FloatArray
    entries: slice
    option: IntArray
    rows: IntArray
    amounts: FloatArray


class Annealing:
    """Anneals a plan of a problem with one tier. Staff is shared out too: each unit is a choice among places.

    Parameters
    ----------
    problem
        The problem. Opening groups of resources is taken to be free.
    options
        Options to draw from; those of the plan are added.
    plan
        Where to start.
    rng
        Source of the random choices.
    """

    def __init__(self, problem: Problem, options: IntArray, plan: Solution, rng: np.random.Generator) -> None:
        self.problem, self.rng, self.plan = problem, rng, plan
        self.value: float = tier_values(problem, plan)[0]
        self.options = np.union1d(options, plan.options)
        self.places, holder, held = self._units(plan)
        owner = np.concatenate([problem.choice[self.options], holder])
        uses, self.capacity, self.unit, self.price = self._measured(owner)
        self.costs = np.concatenate([problem.costs[0, self.options].astype(np.float64), np.zeros(len(self.places))])
        self.rows, self.amounts, self.ends = uses.indices.astype(np.int64), uses.data, uses.indptr.tolist()
        self.taken = [*np.searchsorted(self.options, plan.options).tolist(), *(len(self.options) + held).tolist()]
        self.slack = self.capacity - np.asarray(uses[:, self.taken].sum(axis=1)).ravel()
        firsts = np.flatnonzero(np.diff(owner, prepend=-1)).tolist()
        self.choices = [self._choice(first, end) for first, end in zip(firsts, [*firsts[1:], len(owner)], strict=True)]

    def _units(self, plan: Solution) -> tuple[IntArray, IntArray, IntArray]:
        """Return where units can go, the choice that each place belongs to, and which places the plan takes."""
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
                places += [*members.tolist(), NOWHERE]
        return np.array(places, np.int64), np.array(holder, np.int64), np.array(held, np.int64)

    def _measured(self, owner: IntArray) -> tuple[sparse.csc_matrix, FloatArray, FloatArray, FloatArray]:
        """Return what options use of the rows that can be overfull, then of those extended at a price; what these hold, use on average, cost."""
        problem, extensions = self.problem, self.problem.extensions
        nowhere = sparse.csc_matrix((len(problem.capacity), 1))
        gains = sparse.hstack([problem.pools.gains, nowhere], format="csc")[:, self.places]
        uses = sparse.hstack([problem.uses[:, self.options], -gains], format="csc").astype(np.float64)
        most = most_used(uses, owner, int(owner[-1]) + 1)
        capacity = problem.capacity.astype(np.float64)
        full = capacity.copy()
        full[extensions.row] += extensions.limit
        hard = np.flatnonzero(most > full)
        priced = (extensions.price > 0) & (most > capacity)[extensions.row]
        soft = extensions.row[priced]
        sheet = uses.tocsr()
        average = sheet[hard].maximum(0).sum(axis=1).A1 / np.maximum(1, (sheet[hard] > 0).sum(axis=1).A1)
        both = sparse.vstack([sheet[hard], sheet[soft]], format="csc")
        both.sort_indices()
        return (
            both,
            np.concatenate([full[hard], capacity[soft]]),
            1 / average,
            extensions.price[priced].astype(np.float64),
        )

    def _choice(self, first: int, end: int) -> _Choice:
        entries = slice(self.ends[first], self.ends[end])
        option = np.repeat(np.arange(end - first), np.diff(self.ends[first : end + 1]))
        return _Choice(first, self.costs[first:end], entries, option, self.rows[entries], self.amounts[entries])

    def rounds(self, progress: Callable[[], float]) -> Iterator[Solution | None]:
        """Draw every choice anew, round after round; yield a plan better than those before, or None, after each.

        Parameters
        ----------
        progress
            Share done: the temperature follows it; the rounds end at 1.
        """
        hard = len(self.unit)
        factor = np.ones(hard)
        while (done := progress()) < 1:
            temperature = HOT * (COLD / HOT) ** done
            price = np.concatenate([self.unit * (PRESSURE * temperature + LEAST_PRESSURE) * factor, self.price])
            self._round(temperature, price)
            overfull = self.slack[:hard] < 0
            if overfull.any():
                factor[overfull] *= RISE
                yield None
            else:
                factor = np.maximum(LOWEST, factor * FALL)
                yield self._better()

    def _round(self, temperature: float, price: FloatArray) -> None:
        """Draw every choice anew: the least of cost and price plus Gumbel noise is a draw by the Boltzmann distribution."""
        slack, rows, amounts, ends = self.slack, self.rows, self.amounts, self.ends
        noise = temperature * self.rng.gumbel(size=len(self.costs))
        dear = self.costs - noise
        paid = price[rows]
        for index in self.rng.permutation(len(self.choices)).tolist():
            choice, old = self.choices[index], self.taken[index]
            mine = slice(ends[old], ends[old + 1])
            slack[rows[mine]] += amounts[mine]
            room = slack[choice.rows]
            # what the option adds to what is overfull
            over = np.maximum(choice.amounts - room, 0) + np.minimum(room, 0)
            over *= paid[choice.entries]
            count = len(choice.costs)
            worth = dear[choice.first : choice.first + count] + np.bincount(choice.option, over, count)
            new = choice.first + int(worth.argmin())
            self.taken[index] = new
            mine = slice(ends[new], ends[new + 1])
            slack[rows[mine]] -= amounts[mine]

    def _better(self) -> Solution | None:
        """Return the plan as it stands if it is better than those before."""
        taken, choices = np.array(self.taken), self.problem.num_choices
        value = self.costs[taken].sum() - np.minimum(0, self.slack[len(self.unit) :]) @ self.price
        if value >= self.value:
            return None
        places = self.places[taken[choices:] - len(self.options)]
        units = np.bincount(places[places != NOWHERE], minlength=len(self.problem.pools.kind))
        plan = Solution(self.options[taken[:choices]], units.astype(np.int64))
        value = tier_values(self.problem, plan)[0]
        if value >= self.value or not is_feasible(self.problem, plan):
            return None
        self.plan, self.value = plan, value
        return plan
