"""From a plan back to its input files, and where outputs may go."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from pathlib import Path

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan


def check_output(out: Path) -> Path:
    """Return the output folder; refuse it before the work, not after.

    Raises
    ------
    DataError
        When it cannot be created, or already holds something else than outputs.
    """
    parent = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.exists())
    if not parent.is_dir():
        expected = msg("a folder; this is a file")
    elif not os.access(parent, os.W_OK | os.X_OK):
        expected = msg("a folder where you may write")
    elif out.is_dir() and any(out.iterdir()) and not (out / "manifest.json").is_file():
        expected = msg("a new folder, or one that holds the outputs of a plan")
    else:
        return out
    raise DataError([Finding("--out", str(parent), str(out), expected, msg("Give another folder."), code="output")])


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
    own = {(scenario_file.parent / overlay).resolve() for overlay in scenario.overlays}
    overlays = [folder / file.path for file in plan.inputs.overlays]
    matrix = plan.inputs.travel_matrix
    case = read_case(
        scenario_file,
        folder / plan.inputs.centres.path,
        [overlay for overlay in overlays if overlay.resolve() not in own],
        None if matrix is None else folder / matrix.path,
    )
    return plan, case
