"""Read and write atlas.json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from transfer_planner.domain.atlas import Atlas
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg
from transfer_planner.io.files import read_bytes
from transfer_planner.io.findings import expected

if TYPE_CHECKING:
    from pathlib import Path

LIMIT_MIB = 500
MEND = msg("atlas.json is not to be edited: take another copy, or make the atlas again")


def read_atlas(path: str | Path) -> Atlas:
    """Read an atlas.

    Raises
    ------
    DataError
        When the file is missing, cut, or is no atlas of this format.
    """
    content = read_bytes(path, limit_mib=LIMIT_MIB)
    try:
        return Atlas.model_validate_json(content)
    except ValidationError as error:
        findings = []
        for each in error.errors():
            whole = each["type"] == "json_invalid"
            value = None if whole or each["type"] == "missing" else str(each["input"])[:80]
            where = ".".join(map(str, each["loc"]))
            findings.append(Finding(str(path), where, value, expected(each), MEND, each["type"]))
        raise DataError(findings) from error


def atlas_to_json(atlas: Atlas) -> str:
    """Write an atlas as canonical JSON: keys sorted, two spaces, one final newline; equal atlases give equal text."""
    return (
        json.dumps(atlas.model_dump(mode="json"), ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"
    )
