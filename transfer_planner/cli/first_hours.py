"""`first-hours`: the papers of the first hours, before any plan or from one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from transfer_planner.cli.common import FILE, Settings, command
from transfer_planner.domain.scenario import PARIS
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan
    from transfer_planner.reports.desk import Desk


@command
@click.argument("source", type=FILE, metavar="PLAN|SCENARIO")
@click.option(
    "--out", metavar="FOLDER", type=FILE, help="Folder of the papers; maps/<scenario>-first-hours-<time> by default."
)
@click.option("--identities", metavar="FILE", type=FILE, help="Encrypted table of identities (.age); blanks otherwise.")
@click.option(
    "--day",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]),
    help="The day called today; that of the attack by default.",
)
@click.option(
    "--number",
    metavar="NUMBER",
    type=click.IntRange(1, 999),
    default=1,
    help="Number of the situation report; 1 by default.",
)
def first_hours(
    settings: Settings, source: Path, out: Path | None, identities: Path | None, day: datetime | None, number: int
) -> None:
    """Print calls, requests, letters and reports of the first hours, before any plan or from one."""
    from transfer_planner.cli import summary, terminal
    from transfer_planner.io.identities import read_people, without_person
    from transfer_planner.reports.folder import check_target

    plan, case = _read(source, settings)
    now = datetime.now(PARIS).replace(microsecond=0)
    out = out or Path("maps") / f"{case.scenario.id}-first-hours-{now:%Y%m%d-%H%M%S}"
    check_target(out, "first-hours")
    people = {} if identities is None else read_people(identities)
    from transfer_planner.reports.desk import Desk
    from transfer_planner.reports.first_hours import write_first_hours

    desk = Desk(
        case=case,
        plan=plan,
        people=people,
        now=now,
        day=day.date() if day else case.scenario.day_zero,
        number=number,
        lang=settings.lang,
    )
    files = write_first_hours(desk, out)
    missing = without_person(people, [patient.patient_id for patient in desk.patients])
    if settings.as_json:
        terminal.print_json({"out": str(out), "files": files, "without_identity": len(missing)})
        return
    summary.show_files(out, files, settings.lang)
    if people:
        _say_identities(desk, missing, settings)


def _read(source: Path, settings: Settings) -> tuple[Plan | None, Case]:
    """Read a plan and its files, or a scenario alone."""
    from transfer_planner.cli.inputs import plan_file, reread
    from transfer_planner.io.case import read_case

    if source.is_dir() or source.suffix == ".json":
        return reread(plan_file(source))
    return None, read_case(source, settings.centres, settings.overlays)


def _say_identities(desk: Desk, missing: tuple[str, ...], settings: Settings) -> None:
    """Say for whom names are left blank, by code, and that the folder now holds identities."""
    from transfer_planner.cli import terminal

    told = msg(
        "Identities printed for {count} of {all} patients. This folder holds names: hand it over on paper, then erase it.",
        count=len(desk.patients) - len(missing),
        all=len(desk.patients),
    )
    terminal.console().print(told.text(settings.lang), style="bold", markup=False)
    if missing:
        shown = ", ".join(missing[:10]) + (" …" if len(missing) > 10 else "")
        terminal.console().print(msg("Left blank: {codes}", codes=shown).text(settings.lang), markup=False)
