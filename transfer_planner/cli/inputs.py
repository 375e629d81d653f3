"""From a plan back to its input files, and where outputs may go."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from pathlib import Path

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Inputs, Plan
    from transfer_planner.planning.verify import Violation


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


def changed_inputs(plan: Plan, case: Case) -> tuple[Violation, ...]:
    """Return one violation for each input that is not the one the plan was made from."""
    from transfer_planner.planning.verify import Violation

    before, now = _fingerprints(plan.inputs), _fingerprints(case.inputs)
    text = "{name} is no longer the one the plan was made from"
    changed = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
    return tuple(
        Violation(rule="inputs", patient_id=None, centre_id=None, date=None, text=msg(text, name=name))
        for name in changed
    )


def _fingerprints(inputs: Inputs) -> dict[str, str]:
    """Return the fingerprint of each input under a name that does not depend on where it lies."""
    files = {"centres": inputs.centres, "scenario": inputs.scenario, "roster": inputs.roster}
    files |= {f"overlays[{i}]": file for i, file in enumerate(inputs.overlays)}
    if inputs.travel_matrix is not None:
        files["travel_matrix"] = inputs.travel_matrix
    return {name: file.sha256 for name, file in files.items()} | {"policy": inputs.policy_sha256}
