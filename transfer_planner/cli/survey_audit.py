"""`survey audit`: how old the answers are, what is missing, what contradicts, and which answers would change plans."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table
from rich.text import Text

from transfer_planner.cli.common import FILE, Settings, command
from transfer_planner.domain.scenario import PARIS
from transfer_planner.i18n import Language, msg

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from transfer_planner.domain.centre import Network
    from transfer_planner.network.contradictions import Contradiction
    from transfer_planner.planning.unknowns import Measure

PLAN_S = 3.0
"""Time of each plan, seconds: enough to see most changes."""
SHOWN = 20


@command
@click.argument("scenarios", nargs=-1, type=FILE)
@click.option(
    "--seconds",
    metavar="NUMBER",
    type=click.FloatRange(1, 86400),
    default=120.0,
    help="Time given to measure each scenario; 120 by default.",
)
def audit(settings: Settings, scenarios: tuple[Path, ...], seconds: float) -> None:
    """Say how old the answers are, what is missing or contradicts, and which answers would change the plans of scenarios."""
    from transfer_planner.cli import terminal
    from transfer_planner.io.case import read_case
    from transfer_planner.io.centres import read_network
    from transfer_planner.network.contradictions import contradictions

    today = datetime.now(PARIS).date()
    network = read_network(settings.centres, settings.overlays)
    cases = [read_case(file, settings.centres, settings.overlays) for file in scenarios]
    doubts = contradictions(network, today)
    if not settings.as_json:
        _show_ages(network, today, settings.lang)
        _show_sources(network, today, settings.lang)
        _show_doubts(doubts, settings.lang)
    found = {}
    for case in cases:
        from transfer_planner.planning.unknowns import measure_unknowns

        with terminal.progress(settings) as progress:
            limit = min(settings.time_limit_s, PLAN_S)
            measure = measure_unknowns(case, seconds=seconds, time_limit_s=limit, progress=progress)
        found[case.scenario.id] = measure
        if not settings.as_json:
            _show_measure(case.scenario.id, measure, settings.lang)
    if settings.as_json:
        terminal.print_json(_fields(network, today, doubts, found, settings.lang))


def _show_ages(network: Network, today: date, lang: Language) -> None:
    """List the centres, those that never answered first."""
    from transfer_planner.cli import terminal
    from transfer_planner.network.audit import FIELDS, LABELS, ask_first

    heads = (msg("Centre"), msg("Answered on"), msg("Days ago"), msg("Open questions"), msg("First question"))
    table = Table(*(head.text(lang) for head in heads))
    asked = ask_first(network)
    for centre in sorted(network.centres, key=lambda one: (str(one.declared_on or ""), one.id)):
        questions, on = asked[centre.id], centre.declared_on
        first = (
            f"{questions[0].field.question.text(lang)} ({LABELS[questions[0].knowledge].text(lang)})"
            if questions
            else ""
        )
        age = str((today - on).days) if on else "–"
        day = on.isoformat() if on else msg("never").text(lang)
        table.add_row(Text(centre.name or centre.id), day, age, f"{len(questions)} / {len(FIELDS)}", Text(first))
    terminal.console().print(table)


def _show_sources(network: Network, today: date, lang: Language) -> None:
    """Name the published sources that are over two years old."""
    from transfer_planner.cli import terminal

    years = {source.id: re.search(r"(?:19|20)\d\d", str(source.as_of or "")) for source in network.sources}
    old = [f"{name} ({year[0]})" for name, year in years.items() if year and int(year[0]) < today.year - 2]
    if old:
        text = msg("Published over two years ago: {sources}", sources=", ".join(old))
        terminal.console().print(text.text(lang), markup=False)


def _show_doubts(doubts: Sequence[Contradiction], lang: Language) -> None:
    from transfer_planner.cli import terminal

    screen = terminal.console()
    title = msg("Contradictions: {count}", count=len(doubts))
    screen.print(Text(f"\n{title.text(lang)}", style="bold"))
    for doubt in doubts:
        screen.print(f"  • {doubt.text.text(lang)} ({', '.join(doubt.centre_ids)})", markup=False)


def _show_measure(scenario: str, measure: Measure, lang: Language) -> None:
    """List the answers that change the plan, the gravest first, and the questions whose answers do not."""
    from transfer_planner.cli import terminal
    from transfer_planner.network.audit import FIELDS
    from transfer_planner.planning.unknowns import ANSWERS

    screen, questions = terminal.console(), {field.name: field.question for field in FIELDS}
    title = msg(
        "Answers that would change the plan of {scenario} ({plans} plans made)", scenario=scenario, plans=measure.plans
    )
    screen.print(Text(f"\n{title.text(lang)}", style="bold"))
    heads = (
        msg("Question"),
        msg("If the answer is"),
        msg("Asked of"),
        msg("Effect"),
        msg("Patients elsewhere"),
        msg("Beyond tolerance"),
    )
    table = Table(*(head.text(lang) for head in heads))
    for one in measure.effects[:SHOWN]:
        whose = (
            one.centre_ids[0]
            if len(one.centre_ids) == 1
            else msg("{count} centres", count=len(one.centre_ids)).text(lang)
        )
        sign = msg("proven") if one.proven else msg("seen, not proven")
        effect = f"{one.tier} {one.difference:+d} ({sign.text(lang)})"
        row = (
            questions[one.field].text(lang),
            one.answer.text(lang),
            whose,
            effect,
            str(one.decisions),
            f"{one.over_tolerance:+d}",
        )
        table.add_row(*map(Text, row))
    screen.print(table)
    more = len(measure.effects) - SHOWN
    if more > 0:
        screen.print(msg("{count} lesser effects: see --json", count=more).text(lang))
    unmeasured = {field for field, _ in measure.not_measured}
    idle = {answer.field for answer in ANSWERS} - {one.field for one in measure.effects} - unmeasured
    names = " – ".join(questions[field].text(lang) for field in questions if field in idle)
    if names:
        screen.print(msg("No answer changes a tier, or all is known: {names}", names=names).text(lang), markup=False)
    if measure.not_measured:
        count = len(measure.not_measured)
        screen.print(
            msg("Not measured for want of time: {count} questions; give more --seconds", count=count).text(lang)
        )


def _fields(
    network: Network, today: date, doubts: Sequence[Contradiction], found: dict[str, Measure], lang: Language
) -> dict[str, Any]:
    return {
        "centres": [
            {
                "id": centre.id,
                "declared_on": centre.declared_on,
                "declared_by_role": centre.declared_by_role,
                "age_days": (today - centre.declared_on).days if centre.declared_on else None,
            }
            for centre in network.centres
        ],
        "contradictions": [{"centre_ids": doubt.centre_ids, "text": doubt.text.text(lang)} for doubt in doubts],
        "scenarios": {
            name: {
                "plans": measure.plans,
                "effects": [
                    {
                        "field": one.field,
                        "answer": one.answer.text(lang),
                        "centre_ids": one.centre_ids,
                        "tier": one.tier,
                        "difference": one.difference,
                        "proven": one.proven,
                        "decisions": one.decisions,
                        "over_tolerance": one.over_tolerance,
                    }
                    for one in measure.effects
                ],
                "not_measured": measure.not_measured,
            }
            for name, measure in found.items()
        },
    }
