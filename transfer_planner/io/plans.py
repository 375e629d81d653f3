"""Read and write plan.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transfer_planner.domain.plan import Plan
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg
from transfer_planner.io.results import read_result, result_to_json
from transfer_planner.io.scenarios import YEARS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIMIT_MIB = 200
MEND = msg("plan.json is not to be edited: take another copy, or plan again")


def read_plan(path: str | Path) -> Plan:
    """Read a plan.

    Raises
    ------
    DataError
        When the file is missing, cut, or is no plan of this format.
    """
    plan = read_result(Plan, path, limit_mib=LIMIT_MIB, mend=MEND)
    if findings := [*_out_of_time(plan, str(path))]:
        raise DataError(findings)
    return plan


def _out_of_time(plan: Plan, file: str) -> Iterator[Finding]:
    """Yield the starts so far away that the calendar would end before the course."""
    for index, decision in enumerate(plan.decisions):
        if decision.start_date is not None and decision.start_date.year not in YEARS:
            text = msg("a date between {first} and {last}", first=YEARS[0], last=YEARS[-1])
            where, value = f"decisions.{index}.start_date", decision.start_date.isoformat()
            yield Finding(file, where, value, text, MEND, "far_date")


def plan_to_json(plan: Plan) -> str:
    """Write a plan as canonical JSON: keys sorted, two spaces, one final newline; equal plans give equal text."""
    return result_to_json(plan, indent=2)
