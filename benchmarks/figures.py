"""What measures say: who is better, who was as good when, how far from the bound. Pure functions of the measures of one problem."""

from __future__ import annotations

from typing import Any

Measure = dict[str, Any]
Tiers = list[int]

TITLES = {
    "ours": "ours",
    "ours_long": "ours, longer",
    "command": "ours, whole command",
    "manual": "nearest centre until full",
    "greedy": "greedy by rank",
    "cpsat": "one CP-SAT model",
    "highs": "HiGHS, tier by tier",
    "scip": "SCIP, tier by tier",
}
OURS = ("ours", "ours_long", "command")
UNTIMED = ("manual", "greedy")
"""Rules that end by themselves and prove nothing."""
MET_TENTHS = 10
"""A clinical tier is met when it is within so many tenths of a day of its bound, whatever the share."""
QUIET = 0.15
"""Cores that may be busy with something else before a measure is called disturbed."""


def as_good(known: Tiers, wanted: Tiers) -> bool:
    """Say whether tiers are as good as others; tiers after those known may be anything."""
    for mine, other in zip(known, wanted, strict=False):
        if mine != other:
            return mine < other
    return len(known) >= len(wanted)


def time_to(measure: Measure, wanted: Tiers) -> float | None:
    """Return the seconds, building included, after which a contender surely had a plan as good as some tiers; None if never."""
    for seconds, known in measure.get("trace", ()):
        if as_good(known, wanted):
            return float(measure["build_s"] + seconds)
    found = measure.get("solved_tiers")
    return plan_s(measure) if found is not None and as_good(found, wanted) else None


def first_plan(measure: Measure) -> float | None:
    """Return the seconds to the first plan, building included; None without one."""
    if "solved_tiers" not in measure:
        return None
    trace = measure["trace"]
    return float(measure["build_s"] + trace[0][0]) if trace else plan_s(measure)


def plan_s(measure: Measure) -> float:
    """Return the time to plan: build and solve; for the whole command, everything."""
    return float(measure["build_s"] + measure["solve_s"] if "solve_s" in measure else measure["wall_s"])


def best_bounds(measures: dict[str, Measure]) -> Tiers | None:
    """Return for each tier the best bound proven by anybody for plans as good as the best one in the tiers above; None without a plan."""
    solved = [measure for measure in measures.values() if "solved_tiers" in measure]
    if not solved:
        return None
    best: Tiers = min(measure["solved_tiers"] for measure in solved)
    bounds = []
    for tier in range(len(best)):
        proven = [
            measure["bounds"][tier]
            for measure in solved
            if measure["bounds"] is not None and measure["solved_tiers"][:tier] == best[:tier]
        ]
        bounds.append(max(proven, default=0))
    return bounds


def time_within(measure: Measure, bounds: Tiers, share: float) -> float | None:
    """Return the seconds, building included, until every tier was within a share of a bound; None if never."""
    steps = [(measure["build_s"] + seconds, known) for seconds, known in measure.get("trace", ())]
    if "solved_tiers" in measure:
        steps.append((plan_s(measure), measure["solved_tiers"]))
    for seconds, known in steps:
        if len(known) == len(bounds) and all(gap <= share for gap in gaps(known, bounds)):
            return float(seconds)
    return None


def gaps(values: Tiers, bounds: Tiers) -> list[float]:
    """Return (value − bound) / max(1, value) tier by tier; 0 for a clinical tier that is met, or for less than the bound."""
    shares = []
    for tier, (value, bound) in enumerate(zip(values, bounds, strict=True), 1):
        met = tier < len(values) and value - bound <= MET_TENTHS
        shares.append(0.0 if met else max(0.0, (value - bound) / max(1, value)))
    return shares


def verdict(ours: Measure, theirs: Measure) -> str:
    """Say who is better in the first tier that differs."""
    if "failed" in ours or "failed" in theirs:
        return "one of them failed"
    if "tiers" not in ours or "tiers" not in theirs:
        return "ours, alone to have a plan" if "tiers" in ours else "ours has no plan"
    for tier, (mine, other) in enumerate(zip(ours["tiers"], theirs["tiers"], strict=True), 1):
        if mine != other:
            return f"{'ours' if mine < other else 'theirs'}, T{tier} {mine:,} against {other:,} ({shift(mine, other)})"
    return "equal"


def shift(mine: int, other: int) -> str:
    """Return the difference in percent of theirs."""
    return f"{100 * (mine - other) / other:+.1f} %" if other else f"{mine - other:+,}"


def race(ours: Measure, theirs: Measure) -> tuple[float | None, float | None]:
    """Return the seconds to the same quality, ours and theirs: that of the worse of the two last plans; None for who never had it."""
    if "solved_tiers" not in ours or "solved_tiers" not in theirs:
        return first_plan(ours), first_plan(theirs)
    worse = max(ours["solved_tiers"], theirs["solved_tiers"])
    return time_to(ours, worse), time_to(theirs, worse)


def disturbed(measure: Measure) -> bool:
    """Say whether other work took a part of the machine, or, where the system does not tell, whether the load was high at the start."""
    others: float = measure.get("others", measure["load"][0] - 0.5)
    return others > QUIET


def rivals(run: dict[str, Any]) -> list[str]:
    """Return the competitors measured on a problem, in the order of the tables."""
    return [name for name in TITLES if name in run["measures"] and name not in OURS]


def comparisons(run: dict[str, Any]) -> list[str]:
    """Compare ours with each competitor in a sentence."""
    lines = []
    ours = run["measures"].get("ours", {})
    for name in rivals(run):
        theirs = run["measures"][name]
        if "build_s" not in ours or "build_s" not in theirs:
            lines.append(f"{TITLES[name]}: failed")
            continue
        mine, other = race(ours, theirs)
        limit = "" if name in UNTIMED else f" ({theirs['limit_s']:g} s)"
        lines.append(
            f"{TITLES[name]}{limit}: better: {verdict(ours, theirs)}; same quality after {seconds_words(mine)} s (ours) "
            f"and {seconds_words(other)} s (theirs)"
        )
    noisy = [TITLES[name] for name, measure in run["measures"].items() if disturbed(measure)]
    return [*lines, f"disturbed by other work: {', '.join(noisy)}"] if noisy else lines


def seconds_words(seconds: float | None) -> str:
    """Return seconds, or a dash for never."""
    return "–" if seconds is None else f"{seconds:.1f}"
