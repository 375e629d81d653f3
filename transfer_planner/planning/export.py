"""The exact integer programme of a case, linac by linac, for any other solver."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.domain.plan import TIERS
from transfer_planner.planning.instance import build_instance, located
from transfer_planner.solvers.engine import export_programme
from transfer_planner.solvers.programme import Assembler
from transfer_planner.solvers.solve import solve

if TYPE_CHECKING:
    from pathlib import Path

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import TierId


def export_mps(case: Case, path: Path, tier: TierId, *, time_limit_s: float = 10.0, seed: int = 0) -> tuple[int, ...]:
    """Write the exact programme of a tier, the tiers above limited to their best values.

    Parameters
    ----------
    case
        The validated inputs.
    path
        File to write.
    tier
        Tier minimised.
    time_limit_s
        Solver time to find the values of the tiers above.
    seed
        Of that search.

    Returns
    -------
    tuple of int
        The limits put on the tiers above, in order.
    """
    index = TIERS.index(tier)
    problem = build_instance(located(case), merge=False).problem
    limits: tuple[int, ...] = ()
    if index:
        result = solve(problem, time_limit_s=time_limit_s, seed=seed)
        limits = tuple(solved.value for solved in result.tiers[:index])
    restricted = Assembler(problem).restricted(np.arange(problem.num_options), index, limits)
    export_programme(restricted.programme, path)
    return limits
