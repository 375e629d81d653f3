"""Measure the planner against its competitors, scenario by scenario, and write the table: `python benchmarks/run.py`.

Only the standard library is imported here: a process inherits the peak memory of the one that starts it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
STORE = ROOT / "benchmarks" / "results"
QUIET = 0.15
"""Cores that may be busy with something else before a measure is called disturbed."""
TITLES = {
    "ours": "ours",
    "command": "ours, whole command",
    "manual": "nearest centre until full",
    "cpsat": "one CP-SAT model",
    "cpsat_long": "one CP-SAT model, longer",
}
Measure = dict[str, Any]


def main() -> int:
    """Measure what is not yet measured, print, write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", type=Path, action="append", help="May be repeated; all of scenarios/ by default.")
    parser.add_argument("--time-limit", type=float, default=20, help="Seconds given to ours and to CP-SAT.")
    parser.add_argument("--long-limit", type=float, default=60, help="Seconds given to CP-SAT the second time.")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks.md", help="The table, in Markdown.")
    parser.add_argument("--store", type=Path, default=STORE, help="Folder of the measures, one file a scenario.")
    parser.add_argument("--again", action="store_true", help="Measure again what is already measured.")
    given = parser.parse_args()
    everything = sorted((ROOT / "scenarios").glob("*.yaml"))
    scenarios = [path.resolve() for path in given.scenario or everything]
    # Once, at the start: what is measured here stays in the table of this run, whatever is edited meanwhile.
    limits = (given.time_limit, given.long_limit)
    keys = {path: fingerprint(path, limits) for path in sorted({*scenarios, *everything})}
    given.store.mkdir(parents=True, exist_ok=True)
    failed = False
    for number, scenario in enumerate(scenarios, 1):
        say(f"[{number}/{len(scenarios)}] {scenario.stem}")
        run = None if given.again else kept(given.store, scenario, keys[scenario])
        if run is None or any_failed(run):
            run = {"key": keys[scenario], **run_scenario(scenario, limits)}
            (given.store / f"{scenario.stem}.json").write_text(json.dumps(run), "utf-8")
            failed = failed or any_failed(run)
        else:
            say("  measured before, nothing has changed since")
        for line in comparisons(run):
            say(f"  {line}")
        known = [kept(given.store, path, key) for path, key in keys.items()]
        given.out.write_text(page([run for run in known if run is not None]), "utf-8")
    say(f"{given.out} written")
    return int(failed)


def say(line: str) -> None:
    """Print at once."""
    print(line, flush=True)


def kept(store: Path, scenario: Path, key: str) -> dict[str, Any] | None:
    """Return the measures of a scenario if they still hold: same limit, machine, code and data."""
    file = store / f"{scenario.stem}.json"
    run: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return run if run.get("key") == key else None


def any_failed(run: dict[str, Any]) -> bool:
    """Say whether a contender stopped without an answer."""
    return any("failed" in measure for measure in run["measures"].values())


def fingerprint(scenario: Path, limits: tuple[float, float]) -> str:
    """Return what a measure depends on, so that one made before a change is not taken for one made after."""
    files = [ROOT / "centres.yaml", scenario, *(ROOT / "benchmarks").glob("*.py")]
    files += [
        path for path in (ROOT / "transfer_planner").rglob("*") if path.suffix in {".py", ".yaml", ".csv", ".json"}
    ]
    files += [path for path in (ROOT / "scenarios").glob("*/*") if path.is_file()]
    digest = hashlib.sha256(f"{limits} {machine()}".encode())
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def machine() -> str:
    """Describe the machine and the versions that matter, without names."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{cores} cores ({platform.machine()}), {memory:.0f} GiB of memory, {platform.system()}, "
        f"Python {platform.python_version()}, OR-Tools {version('ortools')}"
    )


def run_scenario(scenario: Path, limits: tuple[float, float]) -> dict[str, Any]:
    """Measure every contender on a scenario, one after another."""
    measures = {}
    for name, title in TITLES.items():
        limit = limits[name == "cpsat_long"]
        say(f"  {title}…")
        with tempfile.TemporaryDirectory() as folder:
            measures[name] = measured(name, scenario, limit, Path(folder)) | {"limit_s": limit}
    return {
        "scenario": scenario.stem,
        "machine": machine(),
        "measured_at": datetime.now(UTC).isoformat(timespec="minutes"),
        "measures": measures,
    }


def measured(name: str, scenario: Path, limit: float, folder: Path) -> Measure:
    """Run one contender in a fresh process; return what it says, its wall time, its memory and the load meanwhile."""
    answer = folder / "out" / "plan.json" if name == "command" else folder / "answer.json"
    call = (
        ["-m", "transfer_planner", "plan", str(scenario), "--out", str(answer.parent)]
        if name == "command"
        else ["-m", "benchmarks.contend", name.removesuffix("_long"), str(scenario), "--to", str(answer)]
    )
    load, busy, clock = os.getloadavg()[0], busy_seconds(), time.monotonic()
    with (folder / "log").open("w+", encoding="utf-8") as log:
        child = subprocess.Popen(
            [sys.executable, *call, "--time-limit", str(limit)], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - clock
        log.seek(0)
        said = log.read()
    around: Measure = {"wall_s": wall, "load": [load, os.getloadavg()[0]]}
    if busy is not None:
        others = (busy_seconds() or 0) - busy - usage.ru_utime - usage.ru_stime
        around["others"] = max(0.0, others / wall)
    if not answer.exists():
        say(said)
        return around | {"failed": said.strip().splitlines()[-1:] or [f"exit code {child.returncode}"]}
    told: Measure = json.loads(answer.read_text("utf-8"))
    if name != "command":
        return around | told
    return around | {
        "peak_mib": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 2**20,
        "tiers": [tier["value"] for tier in told["tiers"]],
        "bounds": [tier["bound"] for tier in told["tiers"]],
        "transferred": told["summary"]["transferred"],
        "waiting": told["summary"]["waiting"],
        "exit_code": child.returncode,
    }


def busy_seconds() -> float | None:
    """Return the seconds of work of all cores since the start of the machine; None where the system does not tell."""
    try:
        line = Path("/proc/stat").read_text("ascii").splitlines()[0]
    except FileNotFoundError:
        return None
    user, nice, system, _, _, irq, soft, stolen = (int(field) for field in line.split()[1:9])
    return (user + nice + system + irq + soft + stolen) / os.sysconf("SC_CLK_TCK")


def disturbed(measure: Measure) -> bool:
    """Say whether other work took a part of the machine, or, where the system does not tell, whether the load was high at the start."""
    others: float = measure.get("others", measure["load"][0] - 0.5)
    return others > QUIET


def plan_s(measure: Measure) -> float:
    """Return the time to plan: build and solve; for the whole command, everything."""
    return float(measure["build_s"] + measure["solve_s"] if "solve_s" in measure else measure["wall_s"])


def reached(ours: Measure, theirs: Measure) -> float | None:
    """Return the seconds after which ours had a plan as good as theirs; None if never."""
    for seconds, tiers in ours["trace"]:
        if tiers <= theirs["solved_tiers"]:
            return float(ours["build_s"] + seconds)
    return None


def verdict(ours: Measure, theirs: Measure) -> str:
    """Say who is better in the first tier that differs."""
    if "tiers" not in ours or "tiers" not in theirs:
        return "ours, alone to have a plan" if "tiers" in ours else "ours has no plan"
    for tier, (mine, other) in enumerate(zip(ours["tiers"], theirs["tiers"], strict=True), 1):
        if mine != other:
            return f"{'ours' if mine < other else 'theirs'}, T{tier} {mine:,} against {other:,} ({shift(mine, other)})"
    return "equal"


def shift(mine: int, other: int) -> str:
    """Return the difference in percent of theirs."""
    return f"{100 * (mine - other) / other:+.1f} %" if other else f"{mine - other:+,}"


def comparisons(run: dict[str, Any]) -> list[str]:
    """Compare ours with each competitor in a sentence."""
    lines = []
    ours = run["measures"]["ours"]
    for name in ("manual", "cpsat", "cpsat_long"):
        theirs = run["measures"][name]
        if "failed" in ours or "failed" in theirs:
            lines.append(f"{TITLES[name]}: failed")
            continue
        since = reached(ours, theirs) if "tiers" in ours and "tiers" in theirs else None
        limit = "" if name == "manual" else f" ({theirs['limit_s']:g} s)"
        lines.append(
            f"{TITLES[name]}{limit}: time ours / theirs = {plan_s(ours) / plan_s(theirs):.2f}; "
            f"better: {verdict(ours, theirs)}" + (f"; ours as good after {since:.1f} s" if since is not None else "")
        )
    noisy = [TITLES[name] for name, measure in run["measures"].items() if disturbed(measure)]
    return [*lines, f"disturbed by other work: {', '.join(noisy)}"] if noisy else lines


def page(runs: list[dict[str, Any]]) -> str:
    """Return the page of tables."""
    machines = "; ".join(dict.fromkeys(run["machine"] for run in runs))
    text = f"""# Benchmarks

The planner against two other ways to plan the same problem under the same rules. What each contender does, how the figures are taken and
how to take them again: [benchmarks](../benchmarks/README.md). Written by `python benchmarks/run.py`.

Machine: {machines}. Limits are wall-clock: no run is exactly repeatable.

Tiers are lexicographic, less is better. A tier that is not proven optimal has its proven bound (`≥`) and gap; the others are proven, except
those of the manual rule, which proves nothing.

## Who plans better, and how fast

Time is that of ours over theirs, to build and solve. *As good after*: when ours already had a plan as good as their last one.

| scenario | against | limit, s | time ours / theirs | better | as good after, s |
|---|---|--:|--:|---|--:|
"""
    text += "".join(versus(run) for run in runs)
    text += "\n## Scenario by scenario\n"
    return text + "".join(section(run) for run in runs)


def versus(run: dict[str, Any]) -> str:
    """Return the lines of the first table for a scenario."""
    lines = ""
    ours = run["measures"]["ours"]
    for name in ("manual", "cpsat", "cpsat_long"):
        theirs = run["measures"][name]
        ratio = since = "–"
        if "tiers" in ours and "solve_s" in theirs:
            ratio = f"{plan_s(ours) / plan_s(theirs):.2f}"
            found = reached(ours, theirs) if "tiers" in theirs else None
            since = "–" if found is None else f"{found:.1f}"
        limit = "–" if name == "manual" else f"{theirs['limit_s']:g}"
        label = "manual rule" if name == "manual" else "CP-SAT"
        lines += f"| {run['scenario']} | {label} | {limit} | {ratio} | {verdict(ours, theirs)} | {since} |\n"
    return lines


def section(run: dict[str, Any]) -> str:
    """Return the table of one scenario."""
    ours = run["measures"]["ours"]
    size = (
        f"{ours['patients']} patients, {ours['options']:,} options, {ours['resources']:,} resources. "
        if "options" in ours
        else ""
    )
    text = (
        f"\n### {run['scenario']}\n\n{size}Measured {run['measured_at'][:10]}.\n\n"
        "| planner | limit, s | build, s | solve, s | wall, s | peak, MiB | T1 | T2 | T3 | T4 | T5 | T6 | moved / wait | checked |\n"
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|\n"
    )
    for name, measure in run["measures"].items():
        limit = "–" if name == "manual" else f"{measure['limit_s']:g}"
        times = [f"{measure[key]:.1f}" if key in measure else "–" for key in ("build_s", "solve_s")]
        wall = f"{measure['wall_s']:.1f}" if name == "command" else "–"
        peak = f"{measure['peak_mib']:.0f}" if "peak_mib" in measure else "–"
        moved = f"{measure['transferred']} / {measure['waiting']}" if "tiers" in measure else "–"
        cells = [TITLES[name], limit, *times, wall, peak, *tier_cells(measure), moved, checked(measure)]
        text += f"| {' | '.join(cells)} |\n"
    noisy = [(name, measure) for name, measure in run["measures"].items() if disturbed(measure)]
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
    return (
        "yes"
        if measure["feasible"] and not measure["violations"]
        else f"**no**: {len(measure['violations'])} violations"
    )


def load_words(measure: Measure) -> str:
    """Say how busy the machine was."""
    before, after = measure["load"]
    others = f", {measure['others']:.1f} cores taken by others" if "others" in measure else ""
    return f"load average {before:.1f} before, {after:.1f} after{others}"


if __name__ == "__main__":
    sys.exit(main())
