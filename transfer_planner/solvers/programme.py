"""From the index-space problem to sparse programmes, whole or restricted to some options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from transfer_planner.problem.problem import IntArray, Problem, Solution
from transfer_planner.solvers.engine import FloatArray, Programme

if TYPE_CHECKING:
    from collections.abc import Sequence

Block = tuple[sparse.spmatrix, FloatArray, FloatArray]


@dataclass(frozen=True)
class Restricted:
    """A programme over some options.

    Parameters
    ----------
    programme
        Variables in order: options, extensions, setups, units.
    options
        Which options, shape (n,).
    choices
        Which choices they decide, shape (c,).
    owner
        Choice of each option, shape (n,).
    first_unit
        Position of the first unit among the variables.
    binding
        Resources that can bind: the first rows of the programme, in order.
    """

    programme: Programme
    options: IntArray
    choices: IntArray
    owner: IntArray
    first_unit: int
    binding: IntArray

    def solution(self, values: FloatArray, base: IntArray) -> Solution:
        """Return the solution that integer values stand for; choices left out keep their option of `base`."""
        taken = values[: len(self.options)] > 0.5
        options = base.copy()
        options[self.owner[taken]] = self.options[taken]
        return Solution(options, np.rint(values[self.first_unit :]).astype(np.int64))


class Assembler:
    """Assembles programmes of one problem; the slicing of the big matrix is shared.

    Parameters
    ----------
    problem
        The problem.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.uses = problem.uses.astype(np.float64)
        self.costs = problem.costs.astype(np.float64)
        rows = len(problem.capacity)
        ext, setups = problem.extensions, problem.setups
        self.extension_matrix = sparse.csc_matrix(
            (-np.ones(len(ext.row)), (ext.row, np.arange(len(ext.row)))), shape=(rows, len(ext.row))
        )
        grouped = np.concatenate(setups.rows) if setups.rows else np.zeros(0, dtype=np.int64)
        group = np.repeat(np.arange(len(setups.rows)), [len(r) for r in setups.rows])
        self.setup_matrix = sparse.csc_matrix(
            (-problem.capacity[grouped].astype(np.float64), (grouped, group)), shape=(rows, len(setups.rows))
        )
        self.setup_rows = grouped
        self.gains = problem.pools.gains.astype(np.float64)

    def restricted(
        self,
        options: IntArray,
        objective: int | None,
        limits: Sequence[float] = (),
        *,
        fixed: Solution | None = None,
        free_units: bool = True,
        priced: bool = True,
        relaxed: bool = False,
    ) -> Restricted:
        """Return the programme over some options.

        Parameters
        ----------
        options
            Options kept, sorted; every choice they touch is decided among them.
        objective
            Tier minimised; None for a pure feasibility question.
        limits
            Largest values of the first tiers, over all choices.
        fixed
            The decisions of the choices left out; None when there are none or they use and cost nothing.
        free_units
            False keeps the units of `fixed`.
        priced
            False opens every extension and setup without price (the last tier does not matter).
        relaxed
            True leaves options unbounded above, which gives cleaner prices.
        """
        problem = self.problem
        owner = problem.choice[options]
        choices, position = np.unique(owner, return_inverse=True)
        uses = self.uses[:, options]
        capacity = problem.capacity.astype(np.float64)
        spent = np.zeros(problem.num_tiers)
        if fixed is not None:
            out = np.ones(problem.num_choices, dtype=bool)
            out[choices] = False
            kept = fixed.options[out]
            capacity = capacity - np.asarray(self.uses[:, kept].sum(axis=1)).ravel()
            spent = self.costs[:, kept].sum(axis=1)
        sizes = (len(options), self.extension_matrix.shape[1], self.setup_matrix.shape[1], self.gains.shape[1])
        ends = np.cumsum(sizes)
        lower, upper, cost = np.zeros(ends[-1]), np.ones(ends[-1]), np.zeros(ends[-1])
        upper[: ends[0]] = np.inf if relaxed else 1
        upper[ends[0] : ends[1]] = problem.extensions.limit
        upper[ends[2] :] = problem.pools.limit[problem.pools.kind]
        if fixed is not None and not free_units:
            lower[ends[2] :] = upper[ends[2] :] = fixed.units
        if not priced:
            lower[ends[0] : ends[2]] = upper[ends[0] : ends[2]]
        if objective is not None:
            cost[: ends[0]] = self.costs[objective, options]
            if objective == problem.num_tiers - 1:
                cost[ends[0] : ends[1]] = problem.extensions.price
                cost[ends[1] : ends[2]] = problem.setups.price
        opened = capacity.copy()
        opened[self.setup_rows] -= problem.capacity[self.setup_rows]
        binding = np.flatnonzero(self._most_used(uses, owner) > opened + 1e-9)
        blocks = [
            self._capacity_block(uses, opened, binding),
            self._choice_block(position, len(choices), ends[-1]),
            self._unit_block(ends),
        ]
        if limits:
            blocks.append(self._limit_block(options, limits, spent, ends[-1]))
        matrix = sparse.vstack([block[0] for block in blocks], format="csr")
        programme = Programme(
            cost=cost,
            lower=lower,
            upper=upper,
            integer=np.ones(ends[-1], dtype=bool),
            matrix=matrix,
            row_lower=np.concatenate([block[1] for block in blocks]),
            row_upper=np.concatenate([block[2] for block in blocks]),
        )
        return Restricted(programme, options, choices, owner, int(ends[2]), binding)

    def _capacity_block(self, uses: sparse.csc_matrix, opened: FloatArray, binding: IntArray) -> Block:
        """Rows of the resources that can bind, extensions, setups and units on the same line."""
        sheet = sparse.hstack([uses, self.extension_matrix, self.setup_matrix, -self.gains], format="csr")[binding]
        return sheet, np.full(len(binding), -np.inf), opened[binding]

    def _most_used(self, uses: sparse.csc_matrix, owner: IntArray) -> FloatArray:
        """Return the most that each row can be used, taking the greediest option of every choice."""
        rows, choices = uses.shape[0], self.problem.num_choices
        indices = uses.indices.astype(np.int64) * choices + np.repeat(owner, np.diff(uses.indptr))
        order = np.argsort(indices, kind="stable")
        keys, first = np.unique(indices[order], return_index=True)
        if not len(keys):
            return np.zeros(rows)
        most = np.maximum.reduceat(uses.data[order], first)
        return np.bincount(keys // choices, weights=most, minlength=rows)

    @staticmethod
    def _choice_block(position: IntArray, count: int, width: int) -> Block:
        matrix = sparse.csr_matrix(
            (np.ones(len(position)), (position, np.arange(len(position)))), shape=(count, width)
        )
        return matrix, np.ones(count), np.ones(count)

    def _unit_block(self, ends: IntArray) -> Block:
        pools = self.problem.pools
        matrix = sparse.csr_matrix(
            (np.ones(len(pools.kind)), (pools.kind, ends[2] + np.arange(len(pools.kind)))),
            shape=(len(pools.limit), ends[-1]),
        )
        return matrix, np.full(len(pools.limit), -np.inf), pools.limit.astype(np.float64)

    def _limit_block(self, options: IntArray, limits: Sequence[float], spent: FloatArray, width: int) -> Block:
        tiers = len(limits)
        matrix = sparse.lil_matrix((tiers, width))
        matrix[:, : len(options)] = self.costs[:tiers, options]
        return matrix.tocsr(), np.full(tiers, -np.inf), np.asarray(limits, dtype=np.float64) - spent[:tiers]
