"""Cumulative resources counted: rows that add up day after day, rewritten over counts of options begun by each day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from transfer_planner.problem.problem import IntArray, Problem

SHORTEST_CHAIN = 4
MOST_AMOUNTS = 8


@dataclass(frozen=True)
class CountedRows:
    """The resources of a problem with the cumulative ones counted.

    Row i < m is resource i of the problem. A cumulative resource has its amounts on counts; each count is tied to the count of the day
    before and to the options that begin in between by a link row (i ≥ m), an equation.

    Parameters
    ----------
    uses
        Options in the rows, shape (m + links, n).
    counts
        Counts in the rows, shape (m + links, links).
    chain
        For each link, the number of its chain, shape (links,).
    row_chain
        For each resource, the number of its chain, -1 when it is not cumulative, shape (m,).
    """

    uses: sparse.csc_matrix
    counts: sparse.csc_matrix
    chain: IntArray
    row_chain: IntArray


def find_chains(problem: Problem) -> list[IntArray]:
    """Return runs of consecutive rows in which each row repeats all that the row before uses."""
    uses = problem.uses.tocsr()
    if uses.shape[0] < SHORTEST_CHAIN:
        return []
    before, after = uses[:-1], uses[1:]
    sizes = np.diff(uses.indptr)
    repeated = np.asarray(((before - after).multiply(before != 0) != 0).sum(axis=1)).ravel() == 0
    linked = repeated & (sizes[:-1] > 0)
    chains, first = [], 0
    for row in range(uses.shape[0]):
        if row == len(linked) or not linked[row]:
            chain = np.arange(first, row + 1)
            amounts = np.unique(uses[row].data)
            if len(chain) >= SHORTEST_CHAIN and len(amounts) <= MOST_AMOUNTS and sizes[chain].sum() > 3 * sizes[row]:
                chains.append(chain)
            first = row + 1
    return chains


def count_chains(problem: Problem) -> CountedRows:
    """Rewrite the cumulative resources over counts."""
    uses = problem.uses.tocsr()
    height, width = uses.shape
    links: list[tuple[IntArray, int]] = []
    entries: list[tuple[int, int, float]] = []
    chain_of: list[int] = []
    row_chain = np.full(height, -1, dtype=np.int64)
    for number, chain in enumerate(find_chains(problem)):
        row_chain[chain] = number
        done = np.zeros(width, dtype=bool)
        latest: dict[int, int] = {}
        for row in chain:
            part = slice(uses.indptr[row], uses.indptr[row + 1])
            options, amounts = uses.indices[part], uses.data[part]
            fresh = ~done[options]
            done[options] = True
            for amount in np.unique(amounts[fresh]):
                link = len(links)
                links.append((options[fresh & (amounts == amount)], link))
                chain_of.append(number)
                entries.append((height + link, link, -1.0))
                if int(amount) in latest:
                    entries.append((height + link, latest[int(amount)], 1.0))
                latest[int(amount)] = link
            entries.extend((int(row), link, float(amount)) for amount, link in latest.items())
    plain = sparse.diags((row_chain < 0).astype(np.float64)) @ uses
    members = np.concatenate([options for options, _ in links]) if links else np.zeros(0, dtype=np.int64)
    owners = np.repeat(np.arange(len(links)), [len(options) for options, _ in links])
    starts = sparse.csr_matrix((np.ones(len(members)), (owners, members)), shape=(len(links), width))
    rows, columns, values = np.array(entries, dtype=np.float64).reshape(-1, 3).T
    counts = sparse.csc_matrix(
        (values, (rows.astype(np.int64), columns.astype(np.int64))), shape=(height + len(links), len(links))
    )
    stacked = sparse.vstack([plain, starts], format="csc")
    stacked.eliminate_zeros()
    return CountedRows(stacked, counts, np.array(chain_of, dtype=np.int64), row_chain)
