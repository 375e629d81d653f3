"""Inequalities that every integer plan meets and a relaxed one breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from transfer_planner.problem.problem import IntArray
    from transfer_planner.solvers.engine import FloatArray
    from transfer_planner.solvers.programme import Assembler

VIOLATION = 1e-4
MOST_DIVISORS = 30
TIGHT = 0.98

Cuts = tuple[list[sparse.csr_matrix], list[sparse.csr_matrix], list[float]]


def rounded(amounts: FloatArray, limit: float, divisor: float) -> tuple[FloatArray, float] | None:
    """Round a row of integers ≥ 0: amounts · x ≤ limit gives result · x ≤ its limit (mixed-integer rounding); None when void."""
    ratio = limit / divisor
    whole = np.floor(ratio + 1e-9)
    rest = max(0.0, ratio - whole)
    if rest > 1 - 1e-6:
        return None
    parts = amounts / divisor
    floors = np.floor(parts + 1e-9)
    fractions = np.maximum(0.0, parts - floors)
    return floors + np.maximum(0.0, fractions - rest) / (1 - rest), float(whole)


class Separator:
    """Finds the cuts that a relaxed plan breaks.

    Parameters
    ----------
    assembler
        Of the problem; it keeps the cuts.
    """

    def __init__(self, assembler: Assembler) -> None:
        self.assembler = assembler
        problem = assembler.problem
        self.rows = assembler.uses.tocsr()[: len(problem.capacity)]
        groups = len(problem.setups.rows)
        group = np.full(len(problem.capacity), -1)
        for number, rows in enumerate(problem.setups.rows):
            group[rows] = number
        uses = problem.uses.tocoo()
        inside = group[uses.row] >= 0
        keys = problem.choice[uses.col[inside]] * max(1, groups) + group[uses.row[inside]]
        self.pairs, position = np.unique(keys, return_inverse=True)
        links = sparse.csr_matrix(
            (np.ones(len(position)), (position, uses.col[inside])), shape=(len(self.pairs), problem.num_options)
        )
        links.data[:] = 1
        self.links, self.group = links, self.pairs % max(1, groups)
        self.linked = np.zeros(len(self.pairs), dtype=bool)

    def add(self, weights: FloatArray, extras: FloatArray, *, priced: bool) -> int:
        """Add the cuts that a relaxed plan breaks; return how many.

        Parameters
        ----------
        weights
            Of all options, shape (n,).
        extras
            Extensions, setups, units and counts.
        priced
            False when extensions and setups are open without price.
        """
        added = self._add_rounded(weights, extras)
        if priced and len(self.pairs):
            added += self._add_linked(weights, extras)
        return added

    def _add_linked(self, weights: FloatArray, extras: FloatArray) -> int:
        """Forbid a choice to use a group of rows more than the group is opened."""
        opened = extras[self.assembler.setups][self.group]
        new = np.flatnonzero((self.links @ weights - opened > VIOLATION) & ~self.linked)
        if len(new):
            self.linked[new] = True
            columns = self.assembler.setups.start + self.group[new]
            opening = sparse.csr_matrix(
                (-np.ones(len(new)), (np.arange(len(new)), columns)), shape=(len(new), self.assembler.extras)
            )
            self.assembler.add_cuts(self.links[new], opening, np.zeros(len(new)))
        return len(new)

    def _add_rounded(self, weights: FloatArray, extras: FloatArray) -> int:
        """Round the rows that the relaxed plan fills, by the divisor that it breaks most."""
        assembler = self.assembler
        height = self.rows.shape[0]
        sheet = assembler.extra_matrix[:height]
        slack = assembler.opened[:height] - self.rows @ weights - sheet @ extras
        found: Cuts = ([], [], [])
        for row in np.flatnonzero(slack <= (1 - TIGHT) * np.maximum(1, assembler.capacity[:height])):
            self._round(int(row), weights, extras, sheet, found)
        if found[2]:
            assembler.add_cuts(sparse.vstack(found[0]), sparse.vstack(found[1]), np.array(found[2]))
        return len(found[2])

    def _round(self, row: int, weights: FloatArray, extras: FloatArray, sheet: sparse.csr_matrix, found: Cuts) -> None:
        """Add the deepest rounding of one row."""
        uses, other = self.rows[[row]], sheet[[row]]
        indices: IntArray = np.concatenate([uses.indices, weights.size + other.indices])
        amounts = np.concatenate([uses.data, other.data])
        values = np.concatenate([weights, extras])[indices]
        support = values > 1e-9
        if not (np.abs(values[support] - np.round(values[support])) > 1e-6).any():
            return
        limit = float(self.assembler.opened[row])
        best, depth = None, VIOLATION
        for divisor in _divisors(amounts[support]):
            cut = rounded(amounts[support], limit, divisor)
            if cut is not None:
                size = float(np.linalg.norm(cut[0])) or 1.0
                broken = float(cut[0] @ values[support] - cut[1]) / size
                if broken > depth:
                    best, depth = divisor, broken
        if best is None:
            return
        whole = rounded(amounts, limit, best)
        if whole is not None:
            split = len(uses.data)
            for part, matrix, data in zip(found[:2], (uses, other), (whole[0][:split], whole[0][split:]), strict=True):
                part.append(sparse.csr_matrix((data, matrix.indices, matrix.indptr), shape=matrix.shape))
            found[2].append(whole[1])


def _divisors(amounts: FloatArray) -> list[float]:
    """Return the divisors to try: the amounts, their sums two by two, their halves and thirds."""
    sizes = np.unique(amounts[amounts > 0])[-8:]
    sums = (sizes[:, None] + sizes[None, :]).ravel()
    tried = np.unique(np.concatenate([sizes, sums, sizes / 2, sizes / 3]))
    return [float(d) for d in tried[tried > 1][:MOST_DIVISORS]]
