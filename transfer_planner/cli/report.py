"""`report`: the outputs of a plan, again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from transfer_planner.cli.common import FILE, NOT_VERIFIED, Settings, command

if TYPE_CHECKING:
    from pathlib import Path


@command
@click.argument("plan", type=FILE)
@click.option("--out", metavar="FOLDER", type=FILE, help="Folder of the outputs; that of the plan by default.")
@click.option(
    "--superseded-by",
    metavar="PLAN",
    help="Plan that replaces this one, or its fingerprint: every page is then marked as superseded.",
)
@click.option(
    "--levers",
    metavar="FILE",
    type=FILE,
    help="What would help most, from `levers PLAN --json`: for the crisis-cell page.",
)
def report(settings: Settings, plan: Path, out: Path | None, superseded_by: str | None, levers: Path | None) -> int:
    """Write the outputs of a plan again, in another language for instance."""
    from transfer_planner.cli import summary, terminal
    from transfer_planner.cli.inputs import fingerprint_of, levers_said, plan_file, reread
    from transfer_planner.planning.verify import verify_plan
    from transfer_planner.reports.folder import check_target
    from transfer_planner.reports.write import write_reports

    file = plan_file(plan)
    out = out or file.parent
    made, case = reread(file)
    check_target(out)
    if violations := verify_plan(made, case):
        summary.show_violations(violations, settings.lang)
        return NOT_VERIFIED
    if superseded_by is not None:
        made = made.model_copy(update={"superseded_by": fingerprint_of(superseded_by)})
    said = () if levers is None else levers_said(levers)
    files = write_reports(made, case, out, settings.lang, levers=said)
    if settings.as_json:
        terminal.print_json({"out": str(out), "files": files})
    else:
        summary.show_files(out, files, settings.lang)
    return 0
