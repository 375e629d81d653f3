"""The folder of the atlas: data, paper, page, workbook and drawing, all of them or none."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transfer_planner.io.atlas import atlas_to_json
from transfer_planner.io.reference import read_policy
from transfer_planner.reports.atlas_facts import AtlasFacts
from transfer_planner.reports.atlas_html import atlas_html
from transfer_planner.reports.atlas_pdf import atlas_pdf, drawings
from transfer_planner.reports.atlas_workbook import atlas_workbook
from transfer_planner.reports.folder import check_target, put_folder

if TYPE_CHECKING:
    from transfer_planner.domain.atlas import Atlas
    from transfer_planner.domain.centre import Network
    from transfer_planner.i18n import Language


def write_atlas(atlas: Atlas, network: Network, out: Path, lang: Language) -> tuple[str, ...]:
    """Write `atlas.json` and its report into a folder, and return the names of the files.

    The folder is new, empty, or one that this function wrote before; nothing else is ever replaced.

    Parameters
    ----------
    atlas
        What to print.
    network
        The network it was made from, overlays merged.
    out
        Folder to write.
    lang
        Language of the report.

    Raises
    ------
    DataError
        When the folder holds anything else, or cannot be written.
    """
    out = Path(os.path.abspath(out))  # noqa: PTH100 - resolve() would follow a link to somewhere else
    check_target(out, "atlas")
    return put_folder(out, render_atlas(atlas, network, lang), _manifest(atlas), "atlas")


def render_atlas(atlas: Atlas, network: Network, lang: Language) -> dict[str, bytes]:
    """Return the content of every file by its name."""
    facts, policy = AtlasFacts(atlas, network), read_policy()
    drawn = drawings(facts, lang)
    with ThreadPoolExecutor(1) as typesetter:  # Typst leaves Python free meanwhile
        paper = typesetter.submit(atlas_pdf, facts, policy, lang, drawn)
        files = {
            "atlas.json": atlas_to_json(atlas).encode(),
            "atlas.html": atlas_html(facts, policy, lang, drawn).encode(),
            "atlas.xlsx": atlas_workbook(facts, policy, lang),
            "pairs.svg": drawn["pairs"].encode(),
        }
        files["atlas.pdf"] = paper.result()
    return files


def _manifest(atlas: Atlas) -> dict[str, Any]:
    return {
        "software": atlas.software.model_dump(),
        "created_at": atlas.created_at.isoformat(),
        "region": atlas.region,
        "exercise": atlas.fictitious,
        "network_sha256": atlas.network_sha256,
        "seeds": list(atlas.seeds),
    }
