"""`roster synth`: a roster of nobody, for exercises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from transfer_planner.cli.common import FILE, Settings, command
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


@command
@click.option(
    "--centre", "centres_down", metavar="TEXT", multiple=True, required=True, help="Centre that stops; may be repeated."
)
@click.option(
    "--day-zero",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]),
    required=True,
    help="Date of the attack.",
)
@click.option(
    "--patients",
    metavar="NUMBER",
    type=click.IntRange(1, 5000),
    help="Patients in all; by default from yearly activity.",
)
@click.option("--out", metavar="FILE", type=FILE, required=True, help="CSV file to write.")
def synth(
    settings: Settings, centres_down: tuple[str, ...], day_zero: datetime, patients: int | None, out: Path
) -> None:
    """Invent a roster for exercises; the same seed gives the same patients."""
    from transfer_planner.cli import terminal
    from transfer_planner.cli.inputs import check_file
    from transfer_planner.exercise.roster_synthesis import synthesise_roster
    from transfer_planner.io.centres import read_network
    from transfer_planner.io.reference import read_communes, read_sites
    from transfer_planner.io.roster import write_roster
    from transfer_planner.io.scenarios import YEARS

    check_file(out, "--out")
    if day_zero.year not in YEARS:
        text = msg("a date between {first} and {last}", first=YEARS[0], last=YEARS[-1])
        raise DataError([Finding("roster synth", "--day-zero", f"{day_zero:%Y-%m-%d}", text, code="far_date")])
    invented = synthesise_roster(
        read_network(settings.centres, settings.overlays),
        centres_down,
        day_zero=day_zero.date(),
        sites=read_sites(),
        communes=read_communes(),
        rng=settings.seed,
        patients=patients,
    )
    write_roster(out, invented)
    if settings.as_json:
        terminal.print_json({"patients": len(invented), "out": str(out)})
    else:
        done = msg("{count} invented patients written to {file}", count=len(invented), file=out)
        terminal.console().print(done.text(settings.lang), markup=False)
