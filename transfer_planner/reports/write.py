"""The folder of a plan: everything is rendered first, then written at once."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transfer_planner.io.plans import plan_to_json
from transfer_planner.reports.calendar import calendar
from transfer_planner.reports.crisis import crisis_cell
from transfer_planner.reports.folder import check_target, put_folder
from transfer_planner.reports.furniture import plan_fingerprint
from transfer_planner.reports.maps import map_html, map_pdf
from transfer_planner.reports.maps_svg import map_svg
from transfer_planner.reports.priority import priority_csv, priority_pdf, priority_workbook
from transfer_planner.reports.reception import destinations, reception_booklet
from transfer_planner.reports.sheets import transfer_sheets
from transfer_planner.reports.transport import transport_list

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import InputFile, Inputs, Plan
    from transfer_planner.i18n import Language


def write_reports(plan: Plan, case: Case, out: Path, lang: Language, *, levers: Sequence[str] = ()) -> tuple[str, ...]:
    """Write every output of a plan into a folder, and return the names of the files.

    The folder is new, empty, or one that this function wrote before (its manifest says so); nothing else is ever replaced.

    Parameters
    ----------
    plan, case
        What to print.
    out
        Folder to write.
    lang
        Language of the outputs.
    levers
        What would help most, in words, for the crisis-cell page.

    Raises
    ------
    DataError
        When the folder holds anything else, or cannot be written.
    """
    out = Path(os.path.abspath(out))  # noqa: PTH100 - resolve() would follow a link to somewhere else
    check_target(out)
    return put_folder(out, render_reports(plan, case, out, lang, levers=levers), _manifest(plan))


def write_plan(plan: Plan, case: Case, out: Path) -> tuple[str, ...]:
    """Write `plan.json` alone into a folder of its own; `report` may complete it later.

    Raises
    ------
    DataError
        When the folder holds anything else, or cannot be written.
    """
    out = Path(os.path.abspath(out))  # noqa: PTH100 - as above
    check_target(out)
    return put_folder(out, {"plan.json": plan_to_json(_relative(plan, case, out)).encode()}, _manifest(plan))


def render_reports(
    plan: Plan, case: Case, out: Path, lang: Language, *, levers: Sequence[str] = ()
) -> dict[str, bytes]:
    """Return the content of every output by file name; paths in `plan.json` are relative to `out`."""
    drawing = map_svg(plan, case, lang)
    plan_fingerprint(plan)  # remembered, before several threads ask for it
    work: dict[str, Callable[[], bytes]] = {
        "transfer-sheets.pdf": lambda: transfer_sheets(plan, case, lang),  # the longest first
        "crisis-cell.pdf": lambda: crisis_cell(plan, case, lang, drawing=drawing, levers=levers),
        "map.pdf": lambda: map_pdf(plan, case, lang, drawing=drawing),
        "calendar.pdf": lambda: calendar(plan, case, lang),
        "priority-table.pdf": lambda: priority_pdf(plan, case, lang),
        "transport-list.pdf": lambda: transport_list(plan, case, lang),
    }
    for centre_id in sorted(destinations(plan), key=lambda centre: plan.summary.by_destination.get(centre, 0)):
        work[f"reception-{centre_id}.pdf"] = partial(reception_booklet, plan, case, centre_id, lang)
    with ThreadPoolExecutor(2) as typesetters:  # Typst leaves Python free meanwhile
        coming = {name: typesetters.submit(task) for name, task in work.items()}
        files = {
            "plan.json": plan_to_json(_relative(plan, case, out)).encode(),
            "priority-table.xlsx": priority_workbook(plan, case, lang),
            "priority-table.csv": priority_csv(plan, case, lang),
            "map.html": map_html(plan, case, lang).encode(),
        }
        files |= {name: document.result() for name, document in coming.items()}
    return files


def _manifest(plan: Plan) -> dict[str, Any]:
    return {
        "software": plan.software.model_dump(),
        "created_at": plan.created_at.isoformat(),
        "scenario_id": plan.scenario_id,
        "exercise": plan.exercise,
        "plan_fingerprint": plan_fingerprint(plan),
        "superseded_by": plan.superseded_by,
    }


def _relative(plan: Plan, case: Case, out: Path) -> Plan:
    """Return the plan with the paths of its inputs as seen from the folder that will hold it."""
    return plan.model_copy(update={"inputs": inputs_from(out, plan.inputs, case.inputs)})


def inputs_from(out: Path, inputs: Inputs, given: Inputs) -> Inputs:
    """Return inputs with the paths of the files as seen from a folder.

    Parameters
    ----------
    out
        The folder, absolute.
    inputs
        Files read, by fingerprint.
    given
        Where these files stand now.
    """
    read = [given.centres, given.scenario, given.roster, *given.overlays, *filter(None, [given.travel_matrix])]
    paths = {file.sha256: file.path for file in read}

    def seen(file: InputFile) -> InputFile:
        path = Path(paths.get(file.sha256, file.path))
        if path.is_absolute() and path.drive == out.drive:
            path = Path(os.path.relpath(path, out))
        return file.model_copy(update={"path": path.as_posix()})

    update = {
        "centres": seen(inputs.centres),
        "scenario": seen(inputs.scenario),
        "roster": seen(inputs.roster),
        "overlays": tuple(seen(file) for file in inputs.overlays),
        "travel_matrix": None if inputs.travel_matrix is None else seen(inputs.travel_matrix),
    }
    return inputs.model_copy(update=update)
