"""All the tiers added up into one, each weighing more than the next; where first ones are held, the others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from transfer_planner.solvers.targets import tier_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_planner.problem.problem import Problem

TENTH = 1500
"""How much a tenth of a day weighs in the last clinical tier against a unit of burden."""


def joint(problem: Problem, held: int = 0) -> Problem:
    """Return the problem with its tiers after the first few added up into one."""
    tiers = problem.num_tiers - 1
    clinical_costs = tier_weights(problem)[held:] @ problem.costs[held:tiers]
    return replace(problem, costs=np.vstack([problem.costs[:held], TENTH * clinical_costs + problem.costs[tiers]]))


def holding(problem: Problem, limits: Sequence[float]) -> Problem:
    """Return the problem with the first tiers held within limits, as resources are, and the others added up into one."""
    held, added = len(limits), joint(problem, len(limits))
    if not held:
        return added
    uses = sparse.vstack([problem.uses, sparse.csr_matrix(problem.costs[:held])], format="csc")
    gains = sparse.vstack([problem.pools.gains, sparse.csr_matrix((held, len(problem.pools.kind)))], format="csc")
    return replace(
        problem,
        costs=added.costs[held:],
        uses=uses,
        capacity=np.concatenate([problem.capacity, np.array(limits, dtype=np.int64)]),
        pools=replace(problem.pools, gains=gains),
    )
