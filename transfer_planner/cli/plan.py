"""`plan`: the main job."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from transfer_planner.cli.common import FILE, Settings, command
from transfer_planner.domain.scenario import PARIS


@command
@click.argument("scenario", type=FILE)
@click.option("--out", metavar="FOLDER", type=FILE, help="Folder of the outputs; maps/<scenario>-<time> by default.")
@click.option("--travel-matrix", metavar="FILE", type=FILE, help="CSV of travel times, over the estimates.")
def plan(settings: Settings, scenario: Path, out: Path | None, travel_matrix: Path | None) -> int:
    """Plan a crisis, check the plan, write every output and sum up."""
    from transfer_planner.cli import terminal
    from transfer_planner.io.case import read_case
    from transfer_planner.reports.folder import check_target

    case = read_case(scenario, settings.centres, settings.overlays, travel_matrix)
    out = out or Path("maps") / f"{case.scenario.id}-{datetime.now(PARIS):%Y%m%d-%H%M%S}"
    check_target(out)
    # Slow to import: only once the input is known to be good.
    from transfer_planner.cli import summary
    from transfer_planner.planning.plan import make_plan
    from transfer_planner.planning.verify import verify_plan
    from transfer_planner.reports.write import write_reports

    with terminal.progress(settings) as progress:
        made = make_plan(
            case,
            time_limit_s=settings.time_limit_s,
            seed=settings.seed,
            deterministic=settings.deterministic,
            lang=settings.lang,
            progress=progress,
        )
        violations = verify_plan(made, case)
        files = write_reports(made, case, out, settings.lang)
    if settings.as_json:
        terminal.print_json(summary.plan_fields(out, files, violations, settings.lang))
    else:
        summary.show_plan(made, case, out, files, settings.lang)
    summary.show_violations(violations, settings.lang)
    return summary.exit_code(made, violations)
