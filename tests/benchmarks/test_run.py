"""The table of the benchmarks says who is better, what is proven and what was disturbed."""

from __future__ import annotations

from typing import Any

from benchmarks.run import comparisons, page, tier_cells, verdict


def measure(tiers: list[int] | None, solve_s: float, **more: Any) -> dict[str, Any]:
    """Make the measures of one contender."""
    found: dict[str, Any] = {"tiers": tiers, "solved_tiers": tiers, "bounds": tiers, "transferred": 1, "waiting": 2}
    times = {"build_s": 1.0, "solve_s": solve_s, "peak_mib": 100.0, "limit_s": 20, "load": [0.1, 1.0], "others": 0.0}
    sizes = {"options": 1000, "patients": 3, "resources": 40, "feasible": True, "violations": [], "trace": []}
    return times | sizes | (found if tiers else {}) | more


def a_run() -> dict[str, Any]:
    """Make the measures of one scenario: ours better than the manual rule in T2, equal to CP-SAT, which was disturbed."""
    ours = measure([5, 10, 0, 0, 0, 90], 3.0, trace=[[0.5, [5, 20, 0, 0, 0, 70]], [2.0, [5, 10, 0, 0, 0, 90]]])
    command = {"wall_s": 9.0, "peak_mib": 300.0, "load": [0.1, 0.2], "limit_s": 20, "exit_code": 0}
    measures = {
        "ours": ours,
        "command": command | {key: ours[key] for key in ("tiers", "bounds", "transferred", "waiting")},
        "manual": measure([5, 20, 0, 0, 0, 80], 0.0, bounds=None),
        "cpsat": measure(None, 19.0),
        "cpsat_long": measure([5, 10, 0, 0, 0, 90], 7.0, others=0.8, bounds=[5, 8, 0, 0, 0, 80]),
    }
    return {"scenario": "small", "machine": "2 cores", "measured_at": "2026-03-02T10:00+00:00", "measures": measures}


def test_first_tier_that_differs_decides() -> None:
    """A better T2 outweighs a worse T6."""
    measures = a_run()["measures"]
    assert verdict(measures["ours"], measures["manual"]) == "ours, T2 10 against 20 (-50.0 %)"
    assert verdict(measures["manual"], measures["ours"]) == "theirs, T2 20 against 10 (+100.0 %)"
    assert verdict(measures["ours"], measures["cpsat_long"]) == "equal"
    assert verdict(measures["ours"], measures["cpsat"]) == "ours, alone to have a plan"


def test_nothing_is_proven_below_an_unproven_tier() -> None:
    """T3 is at its bound, but T2 above it is not."""
    cells = tier_cells({"tiers": [5, 10, 4, 0, 0, 90], "bounds": [5, 8, 4, 0, 0, 90]})
    assert cells[:3] == ["5", "10 ≥ 8 (20.0 %)", "4 ≥ 4 (0.0 %)"]


def test_comparisons_give_ratios_and_disturbance() -> None:
    """Four seconds of ours are half of eight; the plan as good as theirs came one second after the build, plus one."""
    lines = comparisons(a_run())
    assert "ours / theirs = 0.50" in lines[2]
    assert "as good after 3.0 s" in lines[2]
    assert lines[-1] == "disturbed by other work: one CP-SAT model, longer"


def test_page_has_a_line_for_every_contender() -> None:
    """Every row of a table has as many cells as its head."""
    text = page([a_run()])
    for table in text.split("\n\n"):
        rows = [line.count("|") for line in table.splitlines() if line.startswith("|")]
        assert len(set(rows)) <= 1
    assert text.count("| small |") == 3
    assert "no plan in time" in text
    assert "**Disturbed by other work**" in text
