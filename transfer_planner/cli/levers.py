"""`levers`: what would help most."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import click
from rich.text import Text

from transfer_planner.cli.common import FILE, Settings, command
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from pathlib import Path

    from transfer_planner.i18n import Language
    from transfer_planner.planning.levers import Help, Ranking

BUDGET = 1.8
"""Seconds for each second of `--time-limit`."""


@command
@click.argument("plan", type=FILE)
def levers(settings: Settings, plan: Path) -> int:
    """Find what would help a plan most: the best ten levers and the best three pairs."""
    from transfer_planner.cli import answers, terminal
    from transfer_planner.planning.levers import rank_levers

    made, case = answers.standing(plan)
    seconds = math.inf if settings.deterministic else BUDGET * settings.time_limit_s
    with terminal.progress(settings) as progress:
        ranking = rank_levers(made, case, seconds=seconds, lang=settings.lang, progress=progress)
    if settings.as_json:
        terminal.print_json(
            {
                "before": answers.plain(ranking.before, settings.lang),
                "reference": answers.plain(ranking.reference, settings.lang),
                "bounds": answers.plain(ranking.bounds, settings.lang),
                "tried": ranking.tried,
                "useless": ranking.useless,
                "left": ranking.left,
                "levers": [_fields(one, settings.lang) for one in ranking.best],
                "pairs": [_fields(one, settings.lang) for one in ranking.pairs],
            }
        )
    else:
        _show(ranking, made.scenario_id, settings.lang)
    return 0


def _show(ranking: Ranking, scenario_id: str, lang: Language) -> None:
    from transfer_planner.cli import answers, terminal

    screen = terminal.console()
    if ranking.reference < ranking.before:
        own = tuple(a - b for a, b in zip(ranking.reference, ranking.before, strict=True))
        change = answers.all_tiers(own, lang)
        improved = msg("The plan itself can be bettered without any lever: {change}. Plan again.", change=change)
        screen.print(Text(improved.text(lang), style="bold yellow"))
    tried = msg("{count} levers priced one by one on {scenario}", count=ranking.tried, scenario=scenario_id)
    screen.print(Text(tried.text(lang), style="bold"))
    if ranking.useless:
        useless = msg("{count} of them bring nothing, by the prices of the relaxed problem.", count=ranking.useless)
        screen.print(Text(useless.text(lang), style="dim"))
    if not ranking.best:
        screen.print(msg("None of them would help this plan.").text(lang))
    for title, found in ((msg("What would help most:"), ranking.best), (msg("Best pairs:"), ranking.pairs)):
        if found:
            screen.print(Text(f"\n{title.text(lang)}", style="bold"))
        for number, one in enumerate(found, 1):
            screen.print(Text(f"{number:>3}. {_said(one, lang)}"))
    if ranking.best:
        meant = msg(
            "Each gain is that of a verified plan: at least so much. Proven: no plan is as good without the lever; "
            "elsewhere the plan itself might be bettered."
        )
        screen.print(Text(f"\n{meant.text(lang)}", style="dim"))
    if ranking.left:
        left = msg(
            "{count} more were not decided again for lack of time: give more with --time-limit.", count=ranking.left
        )
        screen.print(Text(f"\n{left.text(lang)}", style="dim"))


def _fields(one: Help, lang: Language) -> dict[str, object]:
    from transfer_planner.cli import answers

    return {
        "levers": [lever.id for lever in one.levers],
        "text": [lever.text.text(lang) for lever in one.levers],
        "said": _said(one, lang),
        "gain": answers.plain(one.gain, lang),
        "proven": one.proven,
        "helped": one.helped,
        "changed": one.changed,
    }


def _said(one: Help, lang: Language) -> str:
    """Say levers, what they change tier by tier, and whom they help."""
    from transfer_planner.cli import answers

    change = answers.all_tiers(tuple(-value for value in one.gain), lang)
    helped = msg("{helped} patient(s) helped, {changed} change", helped=one.helped, changed=one.changed).text(lang)
    proven = f" – {msg('proven').text(lang)}" if one.proven else ""
    return f"{' + '.join(lever.text.text(lang) for lever in one.levers)} – {change} – {helped}{proven}"
