"""`roster merge`: several partial lists of the same patients made one, disagreements told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from transfer_planner.cli.common import FILE, Settings, command
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from transfer_planner.io.roster_merge import Source

PARTIAL = frozenset({"missing", "missing_column"})
"""No fault in a list that others complete."""


@command
@click.argument("lists", nargs=-1, required=True)
@click.option("--out", metavar="FILE", type=FILE, required=True, help="Roster to write, CSV.")
def merge(settings: Settings, lists: tuple[str, ...], out: Path) -> int:
    """Merge lists, each written KIND=FILE (dicom, export, paper, memory), the most trusted first."""
    from transfer_planner.cli import import_outputs as outputs
    from transfer_planner.cli.inputs import check_file
    from transfer_planner.io.roster_merge import merge as merge_sources

    check_file(out, "--out")
    faults: list[Finding] = []
    sources = [source for text in lists if (source := _source(text, faults))]
    if faults:
        raise DataError(faults)
    done = merge_sources(sources)
    written = outputs.write_import(out, done.patients, done.incomplete, done.remarks, settings)
    counts = {"patients": len(done.patients), "incomplete": len(done.incomplete), "sources": len(sources)}
    return outputs.tell(written, counts, done.remarks, (), settings)


def _source(text: str, faults: list[Finding]) -> Source | None:
    """Read a list; its faults but blanks are added to those of the others."""
    from transfer_planner.io.files import attempt
    from transfer_planner.io.roster import load_roster
    from transfer_planner.io.roster_merge import Kind, Source

    kind, mark, name = text.partition("=")
    if not mark:
        kind, name = "export", text
    if kind not in get_args(Kind):
        known = msg("one of: {known}", known=", ".join(get_args(Kind)))
        faults.append(Finding("roster merge", text, kind, known, msg("write KIND=FILE"), "kind"))
        return None
    roster = attempt(faults, lambda: load_roster(name))
    if roster is None:
        return None
    faults += [finding for finding in roster.findings if finding.code not in PARTIAL]
    rows = {cells.values["patient_id"]: cells.values for cells in roster.cells if "patient_id" in cells.values}
    return Source(Path(name).name, kind, rows)  # type: ignore[arg-type]  # checked above
