"""`roster template`: the list to fill in by hand, as a workbook and on paper."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from transfer_planner.cli.common import FILE, Settings, command
from transfer_planner.domain.scenario import PARIS
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from pathlib import Path


@command
@click.option(
    "--out",
    metavar="FILE",
    type=FILE,
    required=True,
    help="Workbook to write, XLSX; the paper form goes beside it, PDF.",
)
@click.option("--centre", "centre_id", metavar="TEXT", help="Centre whose linacs are proposed.")
@click.option("--from", "known", metavar="FILE", type=FILE, help="Roster or incomplete rows to begin with.")
def template(settings: Settings, out: Path, centre_id: str | None, known: Path | None) -> None:
    """Write the list to fill in by hand, as a workbook and on paper."""
    from importlib.metadata import version

    from transfer_planner.cli import terminal
    from transfer_planner.cli.import_outputs import centre_named
    from transfer_planner.cli.inputs import check_file
    from transfer_planner.io.files import write_whole
    from transfer_planner.io.roster import load_roster
    from transfer_planner.reports.roster_template import paper_form, template_workbook

    paper = out.with_suffix(".pdf")
    for file in (out, paper):
        check_file(file, "--out")
    if out.suffix.lower() != ".xlsx":
        raise DataError([Finding(str(out), "--out", out.name, msg("a name that ends in .xlsx"), code="output")])
    centre = centre_named(centre_id, settings) if centre_id else None
    rows = [cells.values for cells in load_roster(known).cells] if known else []
    software, now = f"transfer-planner {version('transfer-planner')}", datetime.now(PARIS).replace(microsecond=0)
    write_whole(paper, paper_form(rows, centre, settings.lang, now=now, software=software), private=bool(rows))
    write_whole(out, template_workbook(rows, centre, settings.lang), private=bool(rows))
    if settings.as_json:
        terminal.print_json({"workbook": str(out), "paper": str(paper), "rows": len(rows)})
    else:
        done = msg("To fill in: {workbook}; to print: {paper}", workbook=out, paper=paper)
        terminal.console().print(done.text(settings.lang), markup=False)
