"""`recommend`: one more patient into a plan already decided."""

from __future__ import annotations

import csv
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from transfer_planner.cli.common import FILE, Settings, command
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from datetime import datetime

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.patient import Patient
    from transfer_planner.planning.recommend import Recommendation


@command
@click.argument("plan", type=FILE)
@click.option("--patient", metavar="FILE", type=FILE, help="Roster of one row: the new patient.")
@click.option("--set", "fields", metavar="TEXT", multiple=True, help="A column of that row, COLUMN=VALUE; repeated.")
@click.option("--not-before", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]), help="First day of a start.")
def recommend(
    settings: Settings, plan: Path, patient: Path | None, fields: tuple[str, ...], not_before: datetime | None
) -> int:
    """Find the best three places for one more patient in a plan already decided."""
    from transfer_planner.cli import answers, terminal
    from transfer_planner.planning.recommend import recommend as places_for

    if (patient is None) == (not fields):
        raise click.UsageError(msg("give either --patient FILE or --set COLUMN=VALUE").text(settings.lang))
    made, case = answers.standing(plan)
    row = _read(patient, fields, case)
    found = places_for(made, case, row, not_before=not_before.date() if not_before else None)
    if settings.as_json:
        terminal.print_json(answers.plain(found, settings.lang))
    else:
        _show(found, case, settings)
    return 0


def _read(path: Path | None, fields: tuple[str, ...], case: Case) -> Patient:
    """Read the new patient from a file, or from the fields given."""
    from transfer_planner.io.roster import load_roster
    from transfer_planner.io.roster_checks import check_with_network
    from transfer_planner.problem.rules import compromised_centres

    if path is None:
        named = dict(field.partition("=")[::2] for field in fields)
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder) / "patient.csv"
            with written.open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream).writerows([list(named), list(named.values())])
            roster = load_roster(written)
        roster = replace(
            roster, file="--set", findings=tuple(replace(finding, file="--set") for finding in roster.findings)
        )
    else:
        roster = load_roster(path)
    findings = list(roster.findings)
    if len(roster.rows) > 1:
        findings.append(Finding(roster.file, "", str(len(roster.rows)), msg("one patient, not several")))
    down = tuple(compromised_centres(case.network, case.scenario))
    for row in roster.rows:
        for column, text, code in check_with_network(row.patient, case.scenario, case.network, down):
            findings.append(Finding(roster.file, column, str(getattr(row.patient, column)), text, code=code))
    if findings:
        raise DataError(findings)
    return roster.patients[0]


def _show(found: Recommendation, case: Case, settings: Settings) -> None:
    from transfer_planner.cli import answers, terminal
    from transfer_planner.cli.explain import show_changes
    from transfer_planner.reports import words

    lang, screen = settings.lang, terminal.console()
    category = words.category(found.category, lang)
    screen.print(Text(f"{found.patient_id} · {words.rank(found.rank, lang)} · {category}", style="bold"))
    if not found.places:
        screen.print(
            Text(msg("No centre can take this patient better than waiting does.").text(lang), style="bold red")
        )
    for number, place in enumerate(found.places, 1):
        name = answers.centre(case, place.offer.centre_id, lang)
        screen.print(Text(f"{number}. ").append(name, style="bold").append(f" – {answers.offer(place.offer, lang)}"))
        if place.displaced:
            show_changes(place.displaced, case, lang)
    screen.print(Text(f"{answers.centre(case, None, lang)} – {answers.offer(found.waiting.offer, lang)}", style="dim"))
    if not found.places:
        for centre_id, why in found.refused.items():
            reasons = ", ".join(reason.text(lang) for reason in why)
            screen.print(Text(f"  • {answers.centre(case, centre_id, lang)} – {reasons}"))
