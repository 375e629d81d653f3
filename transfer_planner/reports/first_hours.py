"""The papers of the first hours: calls, requests, letters, situation report, obligations; written as one private folder."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transfer_planner.reports.calls import call_list, capacity_calls, requests
from transfer_planner.reports.folder import check_target, put_folder
from transfer_planner.reports.furniture import plan_fingerprint
from transfer_planner.reports.letters import doctor_letters, patient_letters
from transfer_planner.reports.situation import obligations_clock, situation_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from transfer_planner.reports.desk import Desk

PAPERS: dict[str, Callable[[Desk], bytes]] = {
    "capacity-calls.pdf": capacity_calls,
    "call-list.pdf": call_list,
    "situation-report.pdf": situation_report,
    "obligations-clock.pdf": obligations_clock,
    "patient-letters.pdf": patient_letters,
    "doctor-letters.pdf": doctor_letters,
}
"""Before any plan too."""
REQUESTS = "requests-to-receive.pdf"


def render_first_hours(desk: Desk) -> dict[str, bytes]:
    """Return the papers by file name; the requests to receive only once a plan says whom to ask for what."""
    papers = PAPERS if desk.plan is None else PAPERS | {REQUESTS: requests}
    with ThreadPoolExecutor(2) as typesetters:  # Typst leaves Python free meanwhile
        made = typesetters.map(lambda paper: paper(desk), papers.values())
        return dict(zip(papers, made, strict=True))


def write_first_hours(desk: Desk, out: Path) -> tuple[str, ...]:
    """Write the papers into a folder that its owner alone may read, and return the names of the files.

    The folder is new, empty, or one that this function wrote before; the manifest says nothing of identities.

    Raises
    ------
    DataError
        When the folder holds anything else, or cannot be written.
    """
    out = Path(os.path.abspath(out))  # noqa: PTH100 - resolve() would follow a link to somewhere else
    check_target(out, "first-hours")
    facts: dict[str, Any] = {
        "created_at": desk.now.isoformat(),
        "scenario_id": desk.case.scenario.id,
        "exercise": desk.case.scenario.exercise,
        "plan_fingerprint": None if desk.plan is None else plan_fingerprint(desk.plan),
        "identities": bool(desk.people),
    }
    return put_folder(out, render_first_hours(desk), facts, "first-hours")
