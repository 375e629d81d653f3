"""`roster`: check a list of patients, or invent one for exercises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from transfer_planner.cli.common import FILE, Settings, command
from transfer_planner.cli.lazy import LazyGroup
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = {
    "check": ("transfer_planner.cli.roster:check", msg("Read a roster; list every fault and what is left blank.")),
    "import": ("transfer_planner.cli.roster_import:roster_import", msg("Make a roster out of what survives.")),
    "template": ("transfer_planner.cli.roster_template:template", msg("Write the list to fill in by hand.")),
    "merge": ("transfer_planner.cli.roster_merge:merge", msg("Merge partial lists of the same patients.")),
    "synth": ("transfer_planner.cli.roster_synth:synth", msg("Invent a roster for exercises.")),
}
roster = LazyGroup("roster", commands_at=COMMANDS, help=msg("Make, check or merge rosters, or invent one.").source)


@command
@click.argument("file", type=FILE)
def check(settings: Settings, file: Path) -> None:
    """Read a roster; list every fault and what is left blank."""
    from transfer_planner.cli import facts, terminal
    from transfer_planner.io.roster import read_roster

    patients = read_roster(file)
    if settings.as_json:
        terminal.print_json({"findings": [], "patients": len(patients), "blank": facts.blanks(patients)})
        return
    terminal.console().print(msg("No fault. {count} patients.", count=len(patients)).text(settings.lang))
    facts.show_blanks(patients, settings.lang)
