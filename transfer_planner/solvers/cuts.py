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

    def add(self, weights: FloatArray, extras: FloatArray) -> int:
        """Round the rows that the relaxed plan fills, by the divisor that it breaks most; return how many cuts were added.

        Parameters
        ----------
        weights
            Of all options, shape (n,).
        extras
            Extensions, setups, units and counts.
        """
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
