"""`problem`: the integer programme, for any other solver."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from transfer_planner.cli.common import FILE, Settings, command
from transfer_planner.domain.plan import TIERS
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from pathlib import Path

    from transfer_planner.domain.plan import TierId


@command
@click.argument("scenario", type=FILE)
@click.option("--mps", metavar="FILE", type=FILE, required=True, help="File to write, MPS format.")
@click.option("--tier", type=click.Choice(TIERS), default="T1", help="Tier to optimise; T1 by default.")
def problem(settings: Settings, scenario: Path, mps: Path, tier: TierId) -> None:
    """Write the exact integer programme of a tier, the tiers above as constraints."""
    from transfer_planner.cli import terminal
    from transfer_planner.cli.inputs import check_file
    from transfer_planner.io.case import read_case
    from transfer_planner.planning.export import export_mps

    check_file(mps, "--mps")
    case = read_case(scenario, settings.centres, settings.overlays)
    export_mps(case, mps, tier, time_limit_s=settings.time_limit_s, seed=settings.seed)
    if settings.as_json:
        terminal.print_json({"mps": str(mps), "tier": tier})
    else:
        done = msg("{tier} written to {file}", tier=tier, file=mps)
        terminal.console().print(done.text(settings.lang))
