"""Results that this software writes as JSON and reads again: nobody edits them, and what is wrong is told field by field."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from transfer_planner.errors import DataError, Finding
from transfer_planner.io.files import read_bytes
from transfer_planner.io.findings import expected

if TYPE_CHECKING:
    from pathlib import Path

    from transfer_planner.i18n import Message

M = TypeVar("M", bound=BaseModel)


def read_result(model: type[M], path: str | Path, *, limit_mib: int, mend: Message) -> M:
    """Read a result.

    Parameters
    ----------
    model
        What it is.
    path
        File.
    limit_mib
        Larger files are refused.
    mend
        What to do about a file that is no such result.

    Raises
    ------
    DataError
        When the file is missing, cut, or is no result of this format.
    """
    content = read_bytes(path, limit_mib=limit_mib)
    try:
        return model.model_validate_json(content, strict=True)
    except ValidationError as error:
        findings = []
        for each in error.errors():
            whole = each["type"] == "json_invalid"
            value = None if whole or each["type"] == "missing" else str(each["input"])[:80]
            where = ".".join(map(str, each["loc"]))
            findings.append(Finding(str(path), where, value, expected(each), mend, each["type"]))
        raise DataError(findings) from error


def result_to_json(result: BaseModel, *, indent: int) -> str:
    """Write a result as canonical JSON: keys sorted, one final newline; equal results give equal text."""
    content = result.model_dump(mode="json")
    return json.dumps(content, ensure_ascii=False, indent=indent, sort_keys=True, allow_nan=False) + "\n"
