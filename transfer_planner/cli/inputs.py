"""From a plan back to its input files, and where outputs may go."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan


def check_file(out: Path, option: str) -> None:
    """Refuse a file that cannot be written, before the work and not after.

    Raises
    ------
    DataError
        When it is a folder, or its folder is missing or protected.
    """
    folder = out.absolute().parent
    if out.is_dir():
        expected = msg("a file, not a folder")
    elif not folder.is_dir():
        expected = msg("a file in a folder that exists")
    elif not os.access(folder, os.W_OK | os.X_OK):
        expected = msg("a folder where you may write")
    else:
        return
    raise DataError([Finding(str(out), option, out.name, expected, msg("give another file"), code="output")])


def plan_file(path: Path) -> Path:
    """Return the plan of a folder of outputs, or the file given."""
    return path / "plan.json" if path.is_dir() else path


def fingerprint_of(plan: str) -> str:
    """Return the fingerprint of a plan, given as such or as its file or folder.

    Raises
    ------
    DataError
        When it is neither.
    """
    from transfer_planner.io.plans import read_plan
    from transfer_planner.reports.furniture import plan_fingerprint

    if re.fullmatch(r"[0-9a-f]{12}", plan) and not Path(plan).exists():
        return plan
    if not Path(plan).exists():
        expected = msg("a plan, or the 12 characters of its fingerprint (printed at the foot of its pages)")
        raise DataError([Finding(plan, "--superseded-by", plan, expected, code="plan")])
    return plan_fingerprint(read_plan(plan_file(Path(plan))))


def levers_said(file: Path) -> tuple[str, ...]:
    """Return what would help most, in words, from the JSON of `levers`.

    Raises
    ------
    DataError
        When the file cannot be read or is something else.
    """
    try:
        said = [one["said"] for one in json.loads(file.read_text("utf-8-sig"))["levers"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        expected = msg("the file that `levers PLAN --json` writes")
        raise DataError([Finding(str(file), "--levers", file.name, expected, code="levers")]) from error
    return tuple(map(str, said))


def reread(plan_file: Path) -> tuple[Plan, Case]:
    """Read a plan and the files it was made from, found by their paths relative to it.

    Raises
    ------
    DataError
        When the plan or one of its inputs cannot be read.
    """
    from transfer_planner.io.case import read_case
    from transfer_planner.io.plans import read_plan
    from transfer_planner.io.scenarios import read_scenario

    plan, folder = read_plan(plan_file), plan_file.absolute().parent
    scenario_file = folder / plan.inputs.scenario.path
    scenario = read_scenario(scenario_file)
    overlays = [folder / file.path for file in plan.inputs.overlays]
    matrix = plan.inputs.travel_matrix
    case = read_case(
        scenario_file,
        folder / plan.inputs.centres.path,
        overlays[len(scenario.overlays) :],  # those of the scenario come first, and are read with it
        None if matrix is None else folder / matrix.path,
    )
    return plan, case
