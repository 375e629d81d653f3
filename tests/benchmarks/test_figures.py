"""The tables of the benchmarks say who is better, who was as good when, what is proven and what was disturbed."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.figures import as_good, best_bounds, comparisons, first_plan, gaps, race, time_within, verdict
from benchmarks.page import goal_s, growth, growth_svg, jobs_table, page, tier_cells


def measure(tiers: list[int] | None, solve_s: float, **more: Any) -> dict[str, Any]:
    """Make the measures of one contender."""
    found: dict[str, Any] = {"tiers": tiers, "solved_tiers": tiers, "bounds": tiers, "transferred": 1, "waiting": 2}
    times = {"build_s": 1.0, "solve_s": solve_s, "peak_mib": 100.0, "limit_s": 20, "load": [0.1, 1.0], "others": 0.0}
    sizes = {"options": 1000, "patients": 3, "resources": 40, "feasible": True, "violations": [], "trace": []}
    return times | sizes | (found if tiers else {}) | more


OURS = measure([5, 10, 0, 0, 0, 90], 3.0, trace=[[0.5, [5, 20, 0, 0, 0, 70]], [2.0, [5, 10, 0, 0, 0, 90]]])
MANUAL = measure([5, 20, 0, 0, 0, 80], 0.0, bounds=None)
HIGHS = measure(
    [5, 10, 0, 0, 0, 95],
    9.0,
    bounds=[5, 8, 0, 0, 0, 80],
    trace=[[4.0, [7]], [5.0, [5, 20, 0, 0, 0, 99]], [6.0, [5, 15]], [9.0, [5, 10, 0, 0, 0, 95]]],
)


def a_run(**more: Any) -> dict[str, Any]:
    """Make the measures of one scenario: ours better than the manual rule in T2, equal to CP-SAT, which was disturbed."""
    command = {"wall_s": 9.0, "peak_mib": 300.0, "load": [0.1, 0.2], "limit_s": 20, "exit_code": 0}
    measures = {
        "ours": OURS,
        "command": command | {key: OURS[key] for key in ("tiers", "bounds", "transferred", "waiting")},
        "manual": MANUAL,
        "cpsat": measure([5, 10, 0, 0, 0, 90], 7.0, others=0.8, bounds=[5, 8, 0, 0, 0, 80]),
        "highs": HIGHS,
        "scip": measure(None, 19.0),
    }
    about = {"scenario": "small", "machine": "2 cores", "measured_at": "2026-03-02T10:00+00:00", "nation": None}
    return about | {"measures": measures} | more


def test_first_tier_that_differs_decides() -> None:
    """A better T2 outweighs a worse T6."""
    measures = a_run()["measures"]
    assert verdict(measures["ours"], measures["manual"]) == "ours, T2 10 against 20 (-50.0 %)"
    assert verdict(measures["manual"], measures["ours"]) == "theirs, T2 20 against 10 (+100.0 %)"
    assert verdict(measures["ours"], measures["cpsat"]) == "equal"
    assert verdict(measures["ours"], measures["scip"]) == "ours, alone to have a plan"
    assert verdict(measures["ours"], {"failed": ["no memory"]}) == "one of them failed"


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ([4], True),
        ([5], False),
        ([5, 9], True),
        ([5, 10], False),
        ([5, 11, 0], False),
        ([5, 10, 3], True),
        ([5, 10, 4], False),
    ],
)
def test_unknown_tiers_count_only_when_they_cannot_matter(known: list[int], *, expected: bool) -> None:
    """A plan of which the first tiers are known is as good only when a tier known is better, or all are known."""
    assert as_good(known, [5, 10, 3]) is expected


def test_race_is_run_to_the_worse_of_the_two_plans() -> None:
    """Ours reaches the 95 of HiGHS with its second plan, built in 1 s and found 2 s later; HiGHS with its last one."""
    assert race(OURS, HIGHS) == (3.0, 10.0)
    assert race(OURS, MANUAL) == (1.5, 1.0)
    assert race(OURS, measure(None, 19.0)) == (1.5, None)


def test_first_plan_of_a_rule_is_its_end() -> None:
    """A rule of thumb has no trace."""
    assert [first_plan(one) for one in (OURS, MANUAL, HIGHS, measure(None, 3.0))] == [1.5, 1.0, 5.0, None]


def test_best_bound_comes_from_whoever_is_as_good_above() -> None:
    """The bound 70 of a plan that is worse in T2 says nothing of plans that are better there; the manual rule proves nothing."""
    worse = measure([5, 20, 0, 0, 0, 75], 1.0, bounds=[5, 9, 0, 0, 0, 85])
    measures = {"highs": HIGHS, "cpsat": worse, "manual": MANUAL}
    assert best_bounds(measures) == [5, 9, 0, 0, 0, 80]
    assert best_bounds({"scip": measure(None, 1.0)}) is None


def test_within_needs_every_tier() -> None:
    """T2 is met within 10 tenths of a day, T6 within a share of it; what is not yet known is not within."""
    bounds = [5, 5, 0, 0, 0, 90]
    assert time_within(HIGHS, bounds, 0.06) == 10.0
    assert time_within(HIGHS, bounds, 0.01) is None
    assert gaps([100, 0, 0, 0, 0, 200], [50, 0, 0, 0, 0, 100]) == [0.5, 0, 0, 0, 0, 0.5]
    assert gaps([5, 15, 0, 0, 0, 50], bounds) == [0.0] * 6


def test_nothing_is_proven_below_an_unproven_tier() -> None:
    """T3 is at its bound, but T2 above it is not."""
    cells = tier_cells({"tiers": [5, 10, 4, 0, 0, 90], "bounds": [5, 8, 4, 0, 0, 90]})
    assert cells[:3] == ["5", "10 ≥ 8 (20.0 %)", "4 ≥ 4 (0.0 %)"]


def test_comparisons_give_times_and_disturbance() -> None:
    """One line a competitor; the last names who was disturbed."""
    lines = comparisons(a_run())
    assert len(lines) == 5
    assert "same quality after 3.0 s (ours) and 10.0 s (theirs)" in lines[2]
    assert lines[-1] == "disturbed by other work: one CP-SAT model"


def national(patients: int, build_s: float) -> dict[str, Any]:
    """Make the measures of a national outage; the goal is reached with the last plan only."""
    trace = [[2.0, [5, 60, 0, 0, 0, 99]], [6.0, [5, 10, 0, 0, 0, 90]]]
    ours = measure([5, 10, 0, 0, 0, 90], 8.0, build_s=build_s, trace=trace)
    return a_run(nation={"patients": patients, "centres": 5}, scenario=f"nation-{patients}") | {
        "measures": {"ours": ours, "manual": MANUAL}
    }


def test_growth_is_the_slope_on_logarithmic_scales() -> None:
    """Twice the patients in twice the time is a slope of 1."""
    runs = [national(size, size / 100) for size in (500, 1000, 2000)]
    slope = growth(runs)
    assert slope is not None
    assert abs(slope - 1) < 1e-9
    assert growth(runs[:2]) is None
    assert goal_s(runs[0]["measures"]["ours"]) == 11.0
    drawn = growth_svg(runs)
    assert drawn.count("<circle") == 9
    assert "2,000" in drawn
    assert growth_svg([]) == ""


def test_page_has_a_line_for_every_contender() -> None:
    """Every row of a table has as many cells as its head; national outages and assignment problems have their own tables."""
    jobs = [
        {
            "kind": "D",
            "agents": 2,
            "jobs": 9,
            "value": 100,
            "bound": 99,
            "feasible": True,
            "trace": [[1.0, 101], [2.0, 100]],
        },
        {"kind": "E", "agents": 2, "jobs": 9, "trace": []},
    ]
    text = page(
        [a_run(), national(500, 2.0)], jobs_table([job | {"solve_s": 3.0} for job in jobs]), "images/growth.svg"
    )
    for table in text.split("\n\n"):
        rows = [line.count("|") for line in table.splitlines() if line.startswith("|")]
        assert len(set(rows)) <= 1
    assert text.count("| small |") == 4 + 5
    assert "| 500 | 5 | 1,000 | 20 | 2.0 | 4.0 | 8.0 |" in text
    assert "| D | 2 | 9 | 100 | 99 | 1.00 % | 1.0 | 2.0 | – | 3.0 |" in text
    assert "| E | 2 | 9 | no plan | – | – | – | – | – | 3.0 |" in text
    assert "no plan in time" in text
    assert "**Disturbed by other work**" in text
    assert "(images/growth.svg)" in text
