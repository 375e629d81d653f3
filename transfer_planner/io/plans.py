"""Read and write plan.json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from transfer_planner.domain.plan import Plan
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg
from transfer_planner.io.files import read_bytes
from transfer_planner.io.findings import expected

if TYPE_CHECKING:
    from pathlib import Path

LIMIT_MIB = 200


def read_plan(path: str | Path) -> Plan:
    """Read a plan.

    Raises
    ------
    DataError
        When the file is missing, cut, or is no plan of this format.
    """
    content = read_bytes(path, limit_mib=LIMIT_MIB)
    try:
        return Plan.model_validate_json(content, strict=True)
    except ValidationError as error:
        mend = msg("plan.json is not to be edited: take another copy, or plan again")
        findings = []
        for each in error.errors():
            value = None if each["type"] == "missing" else str(each["input"])[:80]
            where = ".".join(map(str, each["loc"]))
            findings.append(Finding(str(path), where, value, expected(each), mend, each["type"]))
        raise DataError(findings) from error


def plan_to_json(plan: Plan) -> str:
    """Write a plan as canonical JSON: keys sorted, two spaces, one final newline; equal plans give equal text."""
    return (
        json.dumps(plan.model_dump(mode="json"), ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False) + "\n"
    )
