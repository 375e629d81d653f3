"""From the index-space problem to sparse programmes, whole or restricted to some options."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

from transfer_planner.problem.problem import IntArray, Problem, Solution, row_excess
from transfer_planner.solvers.chains import count_chains
from transfer_planner.solvers.engine import BoolArray, FloatArray, Programme
from transfer_planner.solvers.reduction import most_used

if TYPE_CHECKING:
    from collections.abc import Sequence

Block = tuple[sparse.spmatrix, FloatArray, FloatArray]

PENALTY = 1e6
"""Price of a tenth of a day beyond a limit in relaxations, so that they always have a solution."""


@dataclass(frozen=True)
class Restricted:
    """A programme over some options.

    Parameters
    ----------
    programme
        Variables in order: options, extensions, setups, units, counts, and the slack of the limits in relaxations. Rows in order:
        resources and links, choices, kinds of units, openings, limits.
    options
        Which options, shape (n,).
    choices
        Which choices they decide, shape (c,).
    owner
        Choice of each option, shape (n,).
    units
        Where the units stand among the variables.
    binding
        Resources and links kept: the first rows of the programme, in order.
    opened
        Which group of rows each choice may use only when opened: group · number of choices + choice, in the order of the rows.
    """

    programme: Programme
    options: IntArray
    choices: IntArray
    owner: IntArray
    units: slice
    binding: IntArray
    opened: IntArray

    def solution(self, values: FloatArray, base: IntArray) -> Solution:
        """Return the solution that integer values stand for; choices left out keep their option of `base`."""
        taken = values[: len(self.options)] > 0.5
        options = base.copy()
        options[self.owner[taken]] = self.options[taken]
        return Solution(options, np.rint(values[self.units]).astype(np.int64))


class Assembler:
    """Assembles programmes of one problem; the slicing of the big matrix is shared.

    Parameters
    ----------
    problem
        The problem.
    counted
        True writes cumulative resources over counts: sparser programmes and stronger cuts, but more variables.
    """

    def __init__(self, problem: Problem, *, counted: bool = False) -> None:
        self.problem = problem
        self.costs = problem.costs.astype(np.float64)
        ext, setups = problem.extensions, problem.setups
        chains = count_chains(problem) if counted else None
        self.uses = problem.uses.astype(np.float64) if chains is None else chains.uses
        rows = self.uses.shape[0]
        links = rows - len(problem.capacity)
        self.link_chain = np.zeros(0, dtype=np.int64) if chains is None else chains.chain
        self.row_chain = np.full(len(problem.capacity), -1) if chains is None else chains.row_chain
        self.capacity = np.concatenate([problem.capacity.astype(np.float64), np.zeros(links)])
        grouped = np.concatenate(setups.rows) if setups.rows else np.zeros(0, dtype=np.int64)
        group = np.repeat(np.arange(len(setups.rows)), [len(r) for r in setups.rows])
        sizes = (len(ext.row), len(setups.rows), len(problem.pools.kind), links)
        ends = np.cumsum((0, *sizes)).tolist()
        self.extras = ends[-1]
        self.extensions, self.setups, self.units, self.counts = (slice(a, b) for a, b in pairwise(ends))
        blocks = [
            sparse.csc_matrix((-np.ones(sizes[0]), (ext.row, np.arange(sizes[0]))), shape=(rows, sizes[0])),
            sparse.csc_matrix((-self.capacity[grouped], (grouped, group)), shape=(rows, sizes[1])),
            sparse.vstack([-problem.pools.gains.astype(np.float64), sparse.csc_matrix((links, sizes[2]))]),
            sparse.csc_matrix((rows, 0)) if chains is None else chains.counts,
        ]
        self.extra_matrix = sparse.hstack(blocks, format="csr")
        self.opened = self.capacity.copy()
        self.opened[grouped] = 0
        self.members = self._members()

    def recosted(self, problem: Problem) -> Assembler:
        """Return the assembler of a problem that differs in its costs alone."""
        other = copy(self)
        other.problem, other.costs = problem, problem.costs.astype(np.float64)
        return other

    def _members(self) -> sparse.coo_matrix:
        """Return which options use a group of rows that must be opened, shape (groups, n)."""
        setups, rows = self.problem.setups, len(self.problem.capacity)
        groups = len(setups.rows)
        inside = np.concatenate(setups.rows) if groups else np.zeros(0, dtype=np.int64)
        group = np.repeat(np.arange(groups), [len(r) for r in setups.rows])
        sheet = sparse.csr_matrix((np.ones(len(inside)), (group, inside)), shape=(groups, rows))
        used = (sheet @ (self.problem.uses != 0)).tocsr()
        used.data[:] = 1
        return used

    def start(self, restricted: Restricted, plan: Solution) -> FloatArray:
        """Return the variables of a programme that keeps all the options of a plan, for that plan.

        Raises
        ------
        ValueError
            When an option of the plan is not among those of the programme.
        """
        problem, rows = self.problem, len(self.problem.capacity)
        if not np.isin(plan.options, restricted.options).all():
            raise ValueError("the programme leaves out an option of the plan")
        used = np.asarray(self.uses[:, plan.options].sum(axis=1)).ravel()
        extras = np.zeros(self.extras)
        extras[self.extensions] = row_excess(problem, plan)[problem.extensions.row]
        extras[self.setups] = np.asarray(self.members[:, plan.options].sum(axis=1)).ravel() > 0
        extras[self.units] = plan.units
        if len(self.link_chain):
            extras[self.counts] = -spsolve(self.extra_matrix[rows:, self.counts].tocsc(), used[rows:])
        values = np.concatenate([np.isin(restricted.options, plan.options), extras])
        within: FloatArray = np.clip(values, restricted.programme.lower, restricted.programme.upper)
        return within

    def restricted(
        self,
        options: IntArray,
        objective: int | None,
        limits: Sequence[float] = (),
        *,
        fixed: Solution | None = None,
        relaxed: bool = False,
        lenient: bool = False,
        skipped: BoolArray | None = None,
    ) -> Restricted:
        """Return the programme over some options.

        Parameters
        ----------
        options
            Options kept, sorted; every choice they touch is decided among them.
        objective
            Tier minimised; None for a pure feasibility question. Extensions and setups are open without price but in the last tier.
        limits
            Largest values of the first tiers, over all choices.
        fixed
            The decisions of the choices left out; None when there are none or they use and cost nothing.
        relaxed
            True leaves options unbounded above, which gives cleaner prices.
        lenient
            True lets limits be exceeded at a penalty.
        skipped
            Resources left out, shape (m,): a wider programme.
        """
        owner = self.problem.choice[options]
        choices, position = np.unique(owner, return_inverse=True)
        kept = np.zeros(0, dtype=np.int64) if fixed is None else np.delete(fixed.options, choices)
        width, slack = len(options) + self.extras, lenient and len(limits) > 0
        priced = objective == self.problem.num_tiers - 1
        binding, capacities = self._capacity_block(options, owner, kept, skipped)
        opened = np.zeros(0, dtype=np.int64)
        blocks = [capacities, self._choice_block(position, len(choices), width), self._unit_block(len(options))]
        if priced and fixed is None and self.members.nnz:
            opened, links = self._opened_block(options, owner)
            blocks.append(links)
        if limits:
            blocks.append(self._limit_block(options, limits, kept))
        matrix = sparse.vstack([block[0] for block in blocks], format="csr")
        if slack:
            column = np.zeros((matrix.shape[0], 1))
            column[-len(limits) :] = -1
            matrix = sparse.hstack([matrix, sparse.csr_matrix(column)], format="csr")
        lower, upper = self._bounds(len(options), priced=priced, relaxed=relaxed)
        programme = Programme(
            cost=np.append(self._cost(options, objective), [PENALTY] * slack),
            lower=np.append(lower, [0.0] * slack),
            upper=np.append(upper, [np.inf] * slack),
            integer=np.ones(width + slack, dtype=bool),
            matrix=matrix,
            row_lower=np.concatenate([block[1] for block in blocks]),
            row_upper=np.concatenate([block[2] for block in blocks]),
        )
        first = len(options)
        units = slice(first + self.units.start, first + self.units.stop)
        return Restricted(programme, options, choices, owner, units, binding, opened)

    def _cost(self, options: IntArray, objective: int | None) -> FloatArray:
        extras = np.zeros(self.extras)
        if objective is None:
            return np.zeros(len(options) + self.extras)
        if objective == self.problem.num_tiers - 1:
            extras[self.extensions] = self.problem.extensions.price
            extras[self.setups] = self.problem.setups.price
        return np.concatenate([self.costs[objective, options], extras])

    def _bounds(self, count: int, *, priced: bool, relaxed: bool) -> tuple[FloatArray, FloatArray]:
        problem = self.problem
        lower, upper = np.zeros(self.extras), np.ones(self.extras)
        upper[self.extensions] = problem.extensions.limit
        upper[self.units] = problem.pools.limit[problem.pools.kind]
        upper[self.counts] = problem.num_choices
        if not priced:
            lower[: self.setups.stop] = upper[: self.setups.stop]
        most = np.inf if relaxed else 1.0
        return np.concatenate([np.zeros(count), lower]), np.concatenate([np.full(count, most), upper])

    def _capacity_block(
        self, options: IntArray, owner: IntArray, kept: IntArray, skipped: BoolArray | None
    ) -> tuple[IntArray, Block]:
        """Return the resources that can bind, with the links that they need, and their rows."""
        rows = len(self.problem.capacity)
        uses, right, opened = self.uses[:, options], self.capacity, self.opened
        least = opened[:rows]
        if len(kept):
            used = np.asarray(self.uses[:, kept].sum(axis=1)).ravel()
            right, opened = right - used, opened - used
            least = least - np.asarray(self.problem.uses[:, kept].sum(axis=1)).ravel()
        sheet = self.problem.uses[:, options] if len(self.link_chain) else uses
        most = most_used(sheet, owner)
        binds = most[:rows] > least + 1e-9
        if skipped is not None:
            binds &= ~skipped
        chained = np.flatnonzero(binds & (self.row_chain >= 0))
        links = np.isin(self.link_chain, self.row_chain[chained])
        binding = np.flatnonzero(np.concatenate([binds, links]))
        sheet = sparse.hstack([uses.tocsr()[binding], self.extra_matrix[binding]], format="csr")
        lower = np.where(binding < rows, -np.inf, opened[binding])
        return binding, (sheet, lower, opened[binding])

    def _opened_block(self, options: IntArray, owner: IntArray) -> tuple[IntArray, Block]:
        """Let no choice use a group of rows more than the group is opened: one row for each choice and group."""
        part = self.members[:, options].tocoo()
        keys = part.row.astype(np.int64) * self.problem.num_choices + owner[part.col]
        opened, position = np.unique(keys, return_inverse=True)
        count, width = len(opened), len(options) + self.extras
        groups = len(options) + self.setups.start + opened // self.problem.num_choices
        rows = np.concatenate([position, np.arange(count)])
        columns = np.concatenate([part.col, groups])
        data = np.concatenate([np.ones(len(position)), -np.ones(count)])
        matrix = sparse.csr_matrix((data, (rows, columns)), shape=(count, width))
        return opened, (matrix, np.full(count, -np.inf), np.zeros(count))

    @staticmethod
    def _choice_block(position: IntArray, count: int, width: int) -> Block:
        matrix = sparse.csr_matrix((np.ones(len(position)), (position, np.arange(len(position)))), shape=(count, width))
        return matrix, np.ones(count), np.ones(count)

    def _unit_block(self, count: int) -> Block:
        pools = self.problem.pools
        columns = count + self.units.start + np.arange(len(pools.kind))
        shape = (len(pools.limit), count + self.extras)
        matrix = sparse.csr_matrix((np.ones(len(pools.kind)), (pools.kind, columns)), shape=shape)
        return matrix, np.full(len(pools.limit), -np.inf), pools.limit.astype(np.float64)

    def _limit_block(self, options: IntArray, limits: Sequence[float], kept: IntArray) -> Block:
        tiers = len(limits)
        spent = self.costs[:tiers, kept].sum(axis=1)
        extras = sparse.csr_matrix((tiers, self.extras))
        matrix = sparse.hstack([sparse.csr_matrix(self.costs[:tiers, options]), extras], format="csr")
        return matrix, np.full(tiers, -np.inf), np.asarray(limits, dtype=np.float64) - spent
