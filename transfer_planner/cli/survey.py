"""`survey`: ask each centre what the plan needs to know, take its answers in, and say what remains to be asked."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from transfer_planner.cli.common import FILE, Settings, command
from transfer_planner.cli.lazy import LazyGroup
from transfer_planner.domain.scenario import PARIS
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = {
    "template": ("transfer_planner.cli.survey:template", msg("Write the questionnaire of a centre, prefilled.")),
    "import": ("transfer_planner.cli.survey:import_", msg("Review the answers; write them as an overlay.")),
    "audit": (
        "transfer_planner.cli.survey_audit:audit",
        msg("Age, gaps, contradictions, and what would change plans."),
    ),
}
HELP = msg("Ask the centres what the plan needs to know, and take their answers in.")
survey = LazyGroup("survey", commands_at=COMMANDS, help=HELP.source)


@command
@click.option("--centre", "centre_id", metavar="TEXT", required=True, help="Centre to ask.")
@click.option("--out", metavar="FILE", type=FILE, required=True, help="Workbook to write.")
def template(settings: Settings, centre_id: str, out: Path) -> None:
    """Write the questionnaire of a centre, prefilled with what is known."""
    from transfer_planner.cli import terminal
    from transfer_planner.cli.inputs import check_file
    from transfer_planner.io.centres import read_network
    from transfer_planner.io.files import write_whole
    from transfer_planner.reports.survey_workbook import survey_workbook

    check_file(out, "--out")
    network = read_network(settings.centres, settings.overlays)
    known = [centre.id for centre in network.centres]
    if centre_id not in known:
        text = msg("one of: {known}", known=", ".join(sorted(known)))
        raise DataError([Finding("survey template", "--centre", centre_id, text, code="unknown_reference")])
    write_whole(out, survey_workbook(network, centre_id, settings.lang), private=True)
    if settings.as_json:
        terminal.print_json({"out": str(out)})
        return
    done = msg("Questionnaire of {centre} written to {file}", centre=network.centre(centre_id).name, file=out)
    terminal.console().print(done.text(settings.lang), markup=False)


@command
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--out", metavar="FILE", type=FILE, help="Overlay to write; without it the answers are only shown.")
def import_(settings: Settings, files: tuple[Path, ...], out: Path | None) -> None:
    """Review the answers of some questionnaires, and write them as an overlay."""
    from transfer_planner.cli import survey_review, terminal
    from transfer_planner.cli.inputs import check_file
    from transfer_planner.io.files import write_whole

    if out is not None:
        check_file(out, "--out")
    today = datetime.now(PARIS).date()
    review = survey_review.read(files, settings.centres, settings.overlays, today)
    if out is not None:
        write_whole(out, review.text.encode(), private=True)
    if settings.as_json:
        terminal.print_json({"out": str(out) if out else None, **survey_review.fields(review, settings.lang)})
        return
    survey_review.show(review, settings.lang)
    done = (
        msg("Overlay written to {file}: give it by --overlay", file=out)
        if out
        else msg("Nothing written: give --out FILE")
    )
    terminal.console().print(done.text(settings.lang), markup=False)
