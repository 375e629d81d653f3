"""Read and write atlas.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transfer_planner.domain.atlas import Atlas
from transfer_planner.i18n import msg
from transfer_planner.io.results import read_result, result_to_json

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
    return read_result(Atlas, path, limit_mib=LIMIT_MIB, mend=MEND)


def atlas_to_json(atlas: Atlas) -> str:
    """Write an atlas as canonical JSON: keys sorted, two spaces, one final newline; equal atlases give equal text."""
    return result_to_json(atlas, indent=1)
