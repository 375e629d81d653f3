"""Measure the planner against its competitors, problem by problem, and write the tables: `python benchmarks/run.py`.

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
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from benchmarks.figures import OURS, TITLES, UNTIMED, Measure, comparisons  # noqa: E402
from benchmarks.page import growth_svg, jobs_table, page  # noqa: E402

STORE = ROOT / "benchmarks" / "results"
PAGE, FIGURE = "benchmarks.md", "images/growth.svg"
OUTPUTS_S = 900
"""Seconds that a contender may take besides its limit: reading, building, saying and checking the plan."""
LARGEST_FOR_ALL = 2000
"""Patients of a national outage up to which every contender is measured; beyond, only ours and the rules of thumb."""
ONE_CENTRE = ("boulogne_isolated", "gray_edge", "lens", "oscar_lambret", "valenciennes_ransomware")
"""Scenarios measured in both regimes: as they are, and with staff in plenty so that linac minutes bind."""
NATION = ((500, 60.0), (1000, 60.0), (2000, 60.0), (4000, 200.0), (6000, 300.0))
"""Patients of the national outages, and the seconds given."""
JOBS = [
    (agents, jobs) for agents, jobs in ((20, 200), (20, 400), (40, 400), (80, 400), (20, 1600), (40, 1600), (80, 1600))
]


@dataclass(frozen=True)
class Study:
    """A problem to measure.

    Parameters
    ----------
    name
        Of the scenario.
    scenario, centres
        Files.
    limits
        Seconds for each contender, in the order of measuring.
    nation
        Patients and centres hit of a national outage; None for a scenario of the region.
    overlay
        Laid over the network and the overlays of the scenario.
    """

    name: str
    scenario: Path
    centres: Path
    limits: dict[str, float]
    nation: dict[str, int] | None = None
    overlay: Path | None = None

    def fingerprint(self) -> str:
        """Return what a measure depends on besides the code."""
        beside = f"{self.name}[.-]*" if self.nation else "*/*"
        laid = [self.overlay] if self.overlay else []
        return fingerprint_of([self.centres, self.scenario, *laid, *self.scenario.parent.glob(beside)])


def main() -> int:
    """Measure what is not yet measured, print, write the page."""
    given = arguments()
    given.store.mkdir(parents=True, exist_ok=True)
    say("Preparing…")
    studies = regional(given) if given.only in (None, "region") else []
    if given.only in (None, "nation"):
        studies += national(given)
    # Once, at the start: what is measured here stays in the tables of this run, whatever is edited meanwhile.
    code, failed = code_fingerprint(), False
    for number, study in enumerate(studies, 1):
        say(f"[{number}/{len(studies)}] {study.name}")
        run = measured(study, code, given.store, again=given.again)
        failed = failed or any("failed" in measure for measure in run["measures"].values())
        for line in comparisons(run):
            say(f"  {line}")
        write_page(given, code)
    if given.only in (None, "jobs"):
        failed = not assignment(given) or failed
        write_page(given, code)
    say(f"{given.out / PAGE} written")
    return int(failed)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("region", "nation", "jobs"), help="One part; all by default.")
    parser.add_argument("--scenario", type=Path, action="append", help="May be repeated; all of scenarios/ by default.")
    parser.add_argument("--patients", type=int, action="append", help="Sizes of national outages; may be repeated.")
    parser.add_argument(
        "--against", choices=[n for n in TITLES if n not in OURS], action="append", help="Competitors; all by default."
    )
    parser.add_argument(
        "--time-limit", type=float, default=14, help="Seconds given to ours on scenarios of the region."
    )
    parser.add_argument(
        "--long-limit", type=float, default=60, help="Seconds given to competitors and, a second time, to ours."
    )
    parser.add_argument("--seed", type=int, default=0, help="Of the nation and of the assignment problems.")
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="Folder of the page and its figure.")
    parser.add_argument("--store", type=Path, default=STORE, help="Folder of the measures, one file a problem.")
    parser.add_argument("--again", action="store_true", help="Measure again what is already measured.")
    return parser.parse_args()


def say(line: str) -> None:
    """Print at once."""
    print(line, flush=True)


def regional(given: argparse.Namespace) -> list[Study]:
    """Return the scenarios of the region."""
    short, longer = given.time_limit, given.long_limit
    limits = {"ours": short, "ours_long": longer, "command": short}
    limits |= {name: longer for name in TITLES if name not in OURS and name in (given.against or TITLES)}
    paths = [path.resolve() for path in given.scenario or sorted((ROOT / "scenarios").glob("*.yaml"))]
    centres = ROOT / "centres.yaml"
    studies = [Study(path.stem, path, centres, limits) for path in paths]
    overlay = (given.store / "minutes.overlay").resolve()
    call([sys.executable, "-m", "benchmarks.minutes", str(overlay), "--centres", str(centres)])
    without = {name: limit for name, limit in limits.items() if name != "command"}
    one_centre = [path for path in paths if path.stem in ONE_CENTRE]
    return studies + [Study(f"{path.stem}_minutes", path, centres, without, overlay=overlay) for path in one_centre]


def national(given: argparse.Namespace) -> list[Study]:
    """Write the national outages, the same for a seed, and return them."""
    sizes = {size: seconds for size, seconds in NATION if not given.patients or size in given.patients}
    sizes |= dict.fromkeys(set(given.patients or ()) - sizes.keys(), given.long_limit)
    folder = given.store / f"nation-{given.seed}"
    asked = ["--to", str(folder.resolve()), "--seed", str(given.seed), *(f"--patients={size}" for size in sizes)]
    call([sys.executable, "-m", "benchmarks.nation", *asked])
    studies = []
    for size, seconds in sorted(sizes.items()):
        names = [n for n in TITLES if n not in OURS and n in (given.against or TITLES)]
        chosen = ["ours", *(n for n in names if n in UNTIMED or size <= LARGEST_FOR_ALL)]
        scenario = (folder / f"nation-{size}.yaml").resolve()
        members = json.loads((folder / f"nation-{size}-cloud.yaml").read_text("utf-8"))["centres"]
        about = {"patients": size, "centres": len(members)}
        studies.append(
            Study(scenario.stem, scenario, (folder / "nation.yaml").resolve(), dict.fromkeys(chosen, seconds), about)
        )
    return studies


def call(command: list[str]) -> None:
    """Make files of problems."""
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def fingerprint_of(files: list[Path]) -> str:
    """Return the fingerprint of files, of the machine and of its versions."""
    digest = hashlib.sha256(machine().encode())
    for path in sorted({path for path in files if path.is_file()}):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def code_fingerprint() -> str:
    """Return what every measure depends on, so that one made before a change is not taken for one made after."""
    package = [
        path for path in (ROOT / "transfer_planner").rglob("*") if path.suffix in {".py", ".yaml", ".csv", ".json"}
    ]
    contenders = [ROOT / "benchmarks" / f"{name}.py" for name in ("contend", "competitors", "programmes", "nation")]
    return fingerprint_of([*package, *contenders])


def machine() -> str:
    """Describe the machine and the versions that matter, without names."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{cores} cores ({platform.machine()}), {memory:.0f} GiB of memory, {platform.system()}, "
        f"Python {platform.python_version()}, OR-Tools {version('ortools')}"
    )


def measured(study: Study, code: str, store: Path, *, again: bool) -> dict[str, Any]:
    """Measure every contender that is not yet measured, one after another; each is kept as soon as it is known."""
    file = store / f"{study.name}.json"
    before = {} if again else stored(file)
    inputs = study.fingerprint()
    same = (before.get("code"), before.get("inputs")) == (code, inputs)
    kept = before["measures"] if same else {}
    measures: dict[str, Measure] = {}
    for name, limit in study.limits.items():
        known = kept.get(name)
        if known is not None and "failed" not in known and known["limit_s"] == limit:
            measures[name] = known
            say(f"  {TITLES[name]}: measured before, nothing has changed since")
            continue
        say(f"  {TITLES[name]}…")
        with tempfile.TemporaryDirectory() as folder:
            measures[name] = contend(name, study, limit, Path(folder)) | {"limit_s": limit}
        run: dict[str, Any] = {
            "code": code,
            "inputs": inputs,
            "scenario": study.name,
            "machine": machine(),
            "nation": study.nation,
        }
        run |= {"measured_at": datetime.now(UTC).isoformat(timespec="minutes"), "measures": {**kept, **measures}}
        write_whole(file, json.dumps(run))
    return stored(file)


def stored(file: Path) -> dict[str, Any]:
    """Return what a file of measures says; nothing if there is none."""
    run: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return run


def write_whole(file: Path, text: str) -> None:
    """Write a file whole or not at all, so that a run stopped at any moment goes on from there."""
    part = file.with_suffix(".part")
    part.write_text(text, "utf-8")
    part.replace(file)


def contend(name: str, study: Study, limit: float, folder: Path) -> Measure:
    """Run one contender in a fresh process; return what it says, its wall time, its memory and the load meanwhile."""
    answer = folder / "out" / "plan.json" if name == "command" else folder / "answer.json"
    command = (
        ["-m", "transfer_planner", "plan", str(study.scenario), "--out", str(answer.parent)]
        if name == "command"
        else ["-m", "benchmarks.contend", name.removesuffix("_long"), str(study.scenario), "--to", str(answer)]
    )
    command += ["--centres", str(study.centres), "--time-limit", str(limit)]
    if study.overlay:
        command += ["--overlay", str(study.overlay)]
    load, busy, clock = os.getloadavg()[0], busy_seconds(), time.monotonic()
    with (folder / "log").open("w+", encoding="utf-8") as log:
        child = subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        stop = threading.Timer(limit + OUTPUTS_S, child.kill)
        stop.start()
        try:
            _, status, usage = os.wait4(child.pid, 0)
        finally:
            stop.cancel()
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


def assignment(given: argparse.Namespace) -> bool:
    """Measure the assignment problems that are not yet measured; say whether all went well."""
    key, file = jobs_key(given), given.store / "jobs.json"
    rows = {} if given.again else kept_jobs(given)
    well = True
    for agents, jobs in JOBS:
        for kind in "CDE":
            name = f"{kind} {agents}×{jobs}"
            if name in rows:
                continue
            say(f"assignment {name}…")
            with tempfile.TemporaryDirectory() as folder:
                answer = Path(folder) / "answer.json"
                job = ["--kind", kind, "--size", str(agents), str(jobs), "--seed", str(given.seed)]
                job += ["--time-limit", f"{given.long_limit:g}", "--to", str(answer)]
                with suppress(subprocess.TimeoutExpired):
                    command = [sys.executable, "-m", "benchmarks.assignment", *job]
                    subprocess.run(command, cwd=ROOT, check=False, timeout=given.long_limit + OUTPUTS_S)
                if answer.exists():
                    rows[name] = json.loads(answer.read_text("utf-8"))[0]
                else:
                    well = False
            write_whole(file, json.dumps({"key": key, "rows": rows}))
    return well


def jobs_key(given: argparse.Namespace) -> str:
    """Return what the measures of assignment problems depend on."""
    solver = [*(ROOT / "transfer_planner" / "solvers").glob("*.py"), ROOT / "benchmarks" / "assignment.py"]
    return f"{fingerprint_of(solver)} {given.seed} {given.long_limit:g}"


def kept_jobs(given: argparse.Namespace) -> dict[str, Measure]:
    """Return the measures of assignment problems that still hold."""
    before = stored(given.store / "jobs.json")
    rows: dict[str, Measure] = before["rows"] if before.get("key") == jobs_key(given) else {}
    return rows


def write_page(given: argparse.Namespace, code: str) -> None:
    """Write the page of everything measured with the code as it is, and its figure."""
    files = (file for file in sorted(given.store.glob("*.json")) if file.name != "jobs.json")
    runs = [run for run in map(stored, files) if run.get("code") == code]
    figure = growth_svg([run for run in runs if run["nation"]])
    jobs = jobs_table(list(kept_jobs(given).values()))
    if figure:
        (given.out / FIGURE).parent.mkdir(parents=True, exist_ok=True)
        (given.out / FIGURE).write_text(figure, "utf-8")
    write_whole(given.out / PAGE, page(runs, jobs, FIGURE if figure else ""))


if __name__ == "__main__":
    sys.exit(main())
