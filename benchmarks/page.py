"""The page of the benchmarks: docs/benchmarks.md and its figure, from the measures kept."""

from __future__ import annotations

from math import log10
from typing import Any

from benchmarks.figures import (
    TITLES,
    UNTIMED,
    Measure,
    best_bounds,
    disturbed,
    first_plan,
    gaps,
    race,
    rivals,
    seconds_words,
    time_within,
    verdict,
)

Run = dict[str, Any]
GOAL = (0.005, 0.01)
"""Shares of the bounds to reach in national outages: clinical tiers, burden."""


def page(runs: list[Run], jobs: str = "", figure: str = "") -> str:
    """Return the page of tables.

    Parameters
    ----------
    runs
        Measures, one of a scenario each; those of national outages say their number of centres.
    jobs
        Table of the assignment problems; empty leaves the section out.
    figure
        Path of the figure of growth, relative to the page; empty without one.
    """
    machines = "; ".join(dict.fromkeys(run["machine"] for run in runs))
    regional = [run for run in runs if not run.get("nation")]
    national = sorted((run for run in runs if run.get("nation")), key=lambda run: int(run["nation"]["patients"]))
    text = f"""# How far from optimal

The planner against other ways to plan the same problem under the same rules. What each contender does, how the figures are taken and
how to take them again: [benchmarks](../benchmarks/README.md). Written by `python benchmarks/run.py`.

Machine: {machines}. Limits are wall-clock: no run is exactly repeatable.

Tiers are lexicographic, less is better. A tier that is not proven optimal has its proven bound (`≥`) and gap; the others are proven, except
those of the manual and of the greedy rule, which prove nothing.
"""
    if regional:
        text += "\n## Who plans better, and how fast\n\n" + RACE_HEAD + "".join(map(versus, regional))
        text += "\n## Time to quality\n\n" + QUALITY_HEAD + "".join(map(quality, regional))
    if national:
        text += "\n## A nation\n\n" + nation_text(national, figure)
    if jobs:
        text += f"\n## Plain assignment problems\n\n{JOBS_HEAD}{jobs}"
    return text + "\n## Problem by problem\n" + "".join(section(run) for run in [*regional, *national])


RACE_HEAD = """*Same quality*: seconds, building of the problem included, after which each surely had a plan as good as the worse of the two last
plans. *Ratio*: theirs over ours; a dash where one of them has none.

| scenario | against | limit, s | better | same quality, ours, s | theirs, s | ratio |
|---|---|--:|---|--:|--:|--:|
"""
QUALITY_HEAD = """Seconds, building included. The bound of a tier is the best that any contender proved for plans as good as the best known in the tiers
above. A clinical tier is also within when it is at most 10 tenths of a day above. *Own gaps*: what the contender itself proved at its end.

| scenario | planner | limit, s | first plan, s | within 1 % of the bounds, s | 0.1 %, s | own gap T1–T5 | own gap T6 | peak, MiB |
|---|---|--:|--:|--:|--:|--:|--:|--:|
"""
JOBS_HEAD = """Generalised assignment with tight capacities that differ by destination, types C, D and E of the literature, given to the same solver as a
problem of one tier. Times are of the solver; *after*: within that share of the last bound.

"""


def versus(run: Run) -> str:
    """Return the lines of the race of a scenario, ours as long as theirs where it was measured."""
    lines = ""
    for name in rivals(run):
        theirs = run["measures"][name]
        ours = run["measures"].get("ours", {})
        limit = "–" if name in UNTIMED else f"{theirs['limit_s']:g}"
        ratio, mine, other = "–", None, None
        if "build_s" in ours and "build_s" in theirs:
            mine, other = race(ours, theirs)
            ratio = f"{other / mine:.1f}" if mine and other else "–"
        cells = [run["scenario"], TITLES[name], limit, verdict(ours, theirs), seconds_words(mine), seconds_words(other)]
        lines += f"| {' | '.join([*cells, ratio])} |\n"
    return lines


def quality(run: Run) -> str:
    """Return the lines of the times to quality of a scenario."""
    measures: dict[str, Measure] = {name: m for name, m in run["measures"].items() if name != "command"}
    bounds = best_bounds(measures)
    lines = ""
    for name in (title for title in TITLES if title in measures):
        measure = measures[name]
        limit = "–" if name in UNTIMED else f"{measure['limit_s']:g}"
        within = [None, None] if bounds is None else [time_within(measure, bounds, share) for share in (0.01, 0.001)]
        peak = f"{measure['peak_mib']:,.0f}" if "peak_mib" in measure else "–"
        cells = [run["scenario"], TITLES[name], limit, *map(seconds_words, (first_plan(measure), *within))]
        lines += f"| {' | '.join([*cells, *own_gaps(measure), peak])} |\n"
    return lines


def own_gaps(measure: Measure) -> tuple[str, str]:
    """Return the largest gap of the clinical tiers and that of the last, by a contender's own bounds."""
    if "solved_tiers" not in measure or measure["bounds"] is None:
        return "–", "–"
    *clinical, last = gaps(measure["solved_tiers"], measure["bounds"])
    return f"{100 * max(clinical):.1f} %", f"{100 * last:.2f} %"


def nation_text(runs: list[Run], figure: str) -> str:
    """Return what the national outages show."""
    text = """A synthetic country of 180 centres and 600 linacs, with 15,000 to 20,000 patients on treatment; the cloud of a vendor of record-and-verify
systems fails and stops some of its customers. *Goal*: T1–T5 within 0.5 % (or 10 tenths of a day), T6 within 1 % of the own bounds.

| patients | centres hit | options | limit, s | build, s | first plan, s | goal after, s | own gap T1–T5 | own gap T6 | peak, MiB |
|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
"""
    for run in runs:
        ours = run["measures"].get("ours", {})
        if "build_s" not in ours:
            text += f"| {run['nation']['patients']:,} | {run['nation']['centres']} |{' failed |' + ' – |' * 7}\n"
            continue
        cells = [f"{run['nation']['patients']:,}", str(run["nation"]["centres"]), f"{ours['options']:,}"]
        cells += [f"{ours['limit_s']:g}", f"{ours['build_s']:.1f}", seconds_words(first_plan(ours))]
        cells += [seconds_words(goal_s(ours)), *own_gaps(ours), f"{ours['peak_mib']:,.0f}"]
        text += f"| {' | '.join(cells)} |\n"
    slope = growth(runs)
    if slope is not None:
        text += f"\nBuilding grows as the number of patients to the power {slope:.2f} (1 is linear).\n"
    if figure:
        text += f"\n![Seconds against patients, both on logarithmic scales]({figure})\n"
    return text + "\n" + RACE_HEAD + "".join(map(versus, runs))


def goal_s(measure: Measure) -> float | None:
    """Return the seconds, building included, to the goal of national outages; None if it was not reached."""
    bounds = measure.get("bounds") or []
    for seconds, known in measure.get("trace", ()) if bounds else ():
        if len(known) == len(bounds):
            *clinical, last = gaps(known, bounds)
            if max(clinical) <= GOAL[0] and last <= GOAL[1]:
                return float(measure["build_s"] + seconds)
    return None


def growth(runs: list[Run]) -> float | None:
    """Return the slope of the building time against the patients, both as logarithms; None with fewer than three sizes."""
    points = [
        (log10(run["nation"]["patients"]), log10(run["measures"]["ours"]["build_s"]))
        for run in runs
        if run["measures"].get("ours", {}).get("build_s")
    ]
    if len(points) < 3:
        return None
    middle = [sum(axis) / len(points) for axis in zip(*points, strict=True)]
    spread = sum((x - middle[0]) ** 2 for x, _ in points)
    return float(sum((x - middle[0]) * (y - middle[1]) for x, y in points) / spread)


def jobs_table(rows: list[Measure]) -> str:
    """Return the table of assignment problems; empty without any."""
    if not rows:
        return ""
    text = "| type | agents | jobs | value | bound | gap | first, s | 1 % after, s | 0.1 % after, s | solve, s |\n"
    text += "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
    for row in rows:
        known = ["no plan", "–", "–"]
        if "value" in row:
            share = (row["value"] - row["bound"]) / max(1, row["value"])
            known = [
                f"{row['value']:,}",
                f"{row['bound']:,}",
                f"{100 * share:.2f} %" if row["feasible"] else "**not feasible**",
            ]
        first = row["trace"][0][0] if row["trace"] else None
        times = [first, *(job_within(row, share) for share in (0.01, 0.001)), row["solve_s"]]
        cells = [row["kind"], str(row["agents"]), f"{row['jobs']:,}", *known, *map(seconds_words, times)]
        text += f"| {' | '.join(cells)} |\n"
    return text


def job_within(row: Measure, share: float) -> float | None:
    """Return the seconds until the plan of an assignment problem was within a share of its last bound; None if never."""
    bound = row.get("bound", 0)
    return next((seconds for seconds, value in row["trace"] if value - bound <= share * value), None)


def section(run: Run) -> str:
    """Return the table of one problem."""
    measures = run["measures"]
    known = next((measure for measure in measures.values() if "options" in measure), None)
    size = (
        f"{known['patients']:,} patients, {known['options']:,} options, {known['resources']:,} resources. "
        if known
        else ""
    )
    text = (
        f"\n### {run['scenario']}\n\n{size}Measured {run['measured_at'][:10]}.\n\n"
        "| planner | limit, s | build, s | solve, s | wall, s | peak, MiB | T1 | T2 | T3 | T4 | T5 | T6 | moved / wait | checked |\n"
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|\n"
    )
    for name, measure in measures.items():
        limit = "–" if name in UNTIMED else f"{measure['limit_s']:g}"
        times = [f"{measure[key]:.1f}" if key in measure else "–" for key in ("build_s", "solve_s")]
        wall = f"{measure['wall_s']:.1f}" if name == "command" else "–"
        peak = f"{measure['peak_mib']:,.0f}" if "peak_mib" in measure else "–"
        moved = f"{measure['transferred']} / {measure['waiting']}" if "tiers" in measure else "–"
        cells = [TITLES[name], limit, *times, wall, peak, *tier_cells(measure), moved, checked(measure)]
        text += f"| {' | '.join(cells)} |\n"
    noisy = [(name, measure) for name, measure in measures.items() if disturbed(measure)]
    if noisy:
        loads = "; ".join(f"{TITLES[name]} ({load_words(measure)})" for name, measure in noisy)
        text += f"\n**Disturbed by other work**, times are too long: {loads}.\n"
    return text


def tier_cells(measure: Measure) -> list[str]:
    """Return the six tiers, with bound and gap where not proven."""
    if "tiers" not in measure:
        return ["–"] * 6
    values, bounds, proven, cells = measure["tiers"], measure["bounds"] or measure["tiers"], True, []
    for value, bound in zip(values, bounds, strict=True):
        proven = proven and value <= bound
        gap = 100 * (value - bound) / max(1, value)
        cells.append(f"{value:,}" if proven else f"{value:,} ≥ {bound:,} ({gap:.1f} %)")
    return cells


def checked(measure: Measure) -> str:
    """Say what the checks of the plan found."""
    if "failed" in measure:
        return "failed"
    if "tiers" not in measure:
        return "no plan in time"
    if "exit_code" in measure:
        return "yes" if measure["exit_code"] in {0, 3} else f"exit code {measure['exit_code']}"
    return "yes" if not measure["violations"] else f"**no**: {len(measure['violations'])} violations"


def load_words(measure: Measure) -> str:
    """Say how busy the machine was."""
    before, after = measure["load"]
    others = f", {measure['others']:.1f} cores taken by others" if "others" in measure else ""
    return f"load average {before:.1f} before, {after:.1f} after{others}"


WIDTH, HEIGHT, MARGIN = 640, 400, 64
CURVES = (("build", "#5b6770"), ("first plan", "#0b6e99"), ("goal", "#b3541e"))


def growth_svg(runs: list[Run]) -> str:
    """Draw seconds against patients on logarithmic scales, a line of slope 1 beside; a size without the goal has no point on that curve."""
    points: dict[str, list[tuple[float, float]]] = {name: [] for name, _ in CURVES}
    for run in sorted(runs, key=lambda run: int(run["nation"]["patients"])):
        ours = run["measures"].get("ours", {})
        if "build_s" not in ours:
            continue
        for name, seconds in zip(points, (ours["build_s"], first_plan(ours), goal_s(ours)), strict=True):
            if seconds:
                points[name].append((log10(run["nation"]["patients"]), log10(seconds)))
    drawn = [point for curve in points.values() for point in curve]
    if not drawn:
        return ""
    left, right = min(x for x, _ in drawn) - 0.05, max(x for x, _ in drawn) + 0.05
    low, high = int(min(y for _, y in drawn) // 1), int(-(-max(y for _, y in drawn) // 1))
    high = max(high, low + 1)

    def at(x: float, y: float) -> tuple[float, float]:
        across = MARGIN + (x - left) / (right - left) * (WIDTH - 2 * MARGIN)
        return round(across, 1), round(HEIGHT - MARGIN - (y - low) / (high - low) * (HEIGHT - 2 * MARGIN), 1)

    body = "".join(_level(at(left, y), at(right, y), f"{10.0**y:g} s") for y in range(low, high + 1))
    for x in sorted({x for x, _ in drawn}):
        across, down = at(x, low)
        body += f'<text x="{across}" y="{down + 20}" text-anchor="middle">{round(10**x):,}</text>'
    steep = min(right - left, high - low)
    body += _line([at(left, low), at(left + steep, low + steep)], "#9aa5ab", ' stroke-dasharray="4 4"')
    for number, (name, colour) in enumerate(CURVES):
        if points[name]:
            body += _line([at(*point) for point in points[name]], colour, ' stroke-width="2"')
            body += "".join(
                f'<circle cx="{a}" cy="{b}" r="4" fill="{colour}"/>' for a, b in (at(*p) for p in points[name])
            )
            body += f'<text x="{MARGIN + 12}" y="{MARGIN + 20 + 18 * number}" fill="{colour}">{name}</text>'
    body += (
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 16}" text-anchor="middle">patients to place (dashed: linear growth)</text>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13" '
        f'role="img" aria-label="Seconds against patients, logarithmic scales"><rect width="100%" height="100%" fill="#fff"/>{body}</svg>\n'
    )


def _level(start: tuple[float, float], end: tuple[float, float], text: str) -> str:
    """Draw a line of the scale."""
    return (
        _line([start, end], "#dde2e5", "")
        + f'<text x="{start[0] - 8}" y="{start[1] + 4}" text-anchor="end">{text}</text>'
    )


def _line(points: list[tuple[float, float]], colour: str, more: str) -> str:
    """Draw a broken line."""
    return f'<polyline fill="none" stroke="{colour}"{more} points="{" ".join(f"{x},{y}" for x, y in points)}"/>'
