"""HiGHS and SCIP, tier by tier, are exact on tiny problems: what the planner is compared with is fair."""

from __future__ import annotations

import math

import pytest

from benchmarks.programmes import EngineName, printed_objective, tier_by_tier
from tests.benchmarks.test_competitors import exhaustive, tiny
from transfer_planner.problem.problem import is_feasible, tier_values


@pytest.mark.parametrize("engine", ["highs", "scip"])
@pytest.mark.parametrize("seed", range(3))
def test_tier_by_tier_is_exact_on_tiny_problems(seed: int, engine: EngineName) -> None:
    """Given the time, each engine proves the tiers of exhaustive search, and its trace never gets worse."""
    problem = tiny(seed)
    result = tier_by_tier(problem, engine, time_limit_s=20)
    assert result.solution is not None
    assert is_feasible(problem, result.solution)
    best = exhaustive(problem)
    assert tier_values(problem, result.solution) == best
    assert [(tier.value, tier.bound, tier.proven) for tier in result.tiers] == [(value, value, True) for value in best]
    whole = [values for _, _, values in result.trace if len(values) == len(best)]
    assert whole == sorted(whole, reverse=True)
    assert whole[-1] == best


def test_no_time_is_no_plan() -> None:
    """Without time there is neither plan nor proof."""
    result = tier_by_tier(tiny(0), "highs", time_limit_s=0)
    assert result.solution is None
    assert result.tiers == ()


@pytest.mark.parametrize(
    ("engine", "line", "expected"),
    [
        (
            "highs",
            " T       0       0         0   0.00%   30              340               91.18%   0   0   0   0   0.2s",
            340,
        ),
        (
            "highs",
            "         0       0         0   0.00%   -inf            inf                  inf   0   0   0   0   0.0s",
            math.inf,
        ),
        ("highs", "Solving report", math.inf),
        (
            "scip",
            "* 0.1s|     1 |     0 |   132 |     - |    LP  |   0 | 891 | 203 | 167 |   0 |  0 |  36 |   0 | 6.0e+01 | 6.1e+01 |   0.00%| unknown",
            61,
        ),
        (
            "scip",
            "  0.1s|     1 |     0 |     0 |     - |    14M |   0 | 891 | 203 | 167 |   0 |  0 |  36 |   0 | 6.0e+01 |      --  |    Inf | unknown",
            math.inf,
        ),
        (
            "scip",
            " time | node  | left  |LP iter|LP it/n|mem/heur|mdpt |vars |cons |rows |cuts |sepa|confs|strbr| dualbound | primalbound |  gap  | compl.",
            math.inf,
        ),
    ],
)
def test_progress_tables_are_read(engine: EngineName, line: str, expected: float) -> None:
    """The best plan stands after the bound; other lines say nothing."""
    assert printed_objective(line, engine) == expected
