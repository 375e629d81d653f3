"""`robustness`: what the plan becomes if things turn out otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from transfer_planner.cli.common import FILE, Settings, command
from transfer_planner.domain.plan import TIERS
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from transfer_planner.domain.case import Case
    from transfer_planner.i18n import Language
    from transfer_planner.planning.robustness import Robustness, Waiting


@command
@click.argument("plan", type=FILE)
def robustness(settings: Settings, plan: Path) -> int:
    """Evaluate a plan for other lengths of outage and late data; say until when waiting is right."""
    from transfer_planner.cli import answers, terminal
    from transfer_planner.planning.robustness import robustness as evaluate

    made, case = answers.standing(plan)
    found = evaluate(made, case)
    if settings.as_json:
        terminal.print_json(answers.plain(found, settings.lang))
        return 0
    lang, screen = settings.lang, terminal.console()
    screen.print(_tiers_table(found, lang))
    screen.print(Text(_assumed(found, lang), style="dim"))
    if found.waiting:
        screen.print(Text(f"\n{msg('Waiting is right until:').text(lang)}", style="bold"))
    for one in found.waiting:
        screen.print(Text(f"  • {_waiting(one, case, lang)}"))
    return 0


def _assumed(found: Robustness, lang: Language) -> str:
    """Say how late data were supposed to come, and in what the tiers are counted."""
    from transfer_planner.reports import words

    chances = [
        msg("{days} d: {chance}", days=days, chance=words.percent(weight, lang)).text(lang)
        for days, weight in found.data_delays.items()
    ]
    late = msg("Delay of the data, assumed in the policy (`data_delays`): {chances}.", chances=" – ".join(chances))
    never = msg("The data never come back: no delay to try.")
    units = msg("T1–T5 in days, T6 in minutes.")
    return f"{(late if chances else never).text(lang)} {units.text(lang)}"


def _tiers_table(found: Robustness, lang: Language) -> Table:
    from transfer_planner.reports import words

    table = Table(title=msg("What the plan is worth").text(lang), title_justify="left")
    headings = (msg("outage"), msg("data late by"), msg("chance"), msg("put off"))
    for heading in headings:
        table.add_column(heading.text(lang), justify="right")
    for tier in TIERS:
        table.add_column(tier, justify="right")

    def row(label: str, tiers: Sequence[float], *cells: str, style: str = "") -> None:
        table.add_row(label, *(cells or ("", "", "")), *_scaled(tiers, lang), style=style)

    row(msg("as planned").text(lang), found.planned, style="bold")
    for future in found.futures:
        days = msg("{days} d", days=future.outage_days).text(lang)
        late = msg("{days} d", days=future.data_delay_days).text(lang)
        row(days, future.tiers, late, words.percent(future.weight, lang), str(future.put_off))
    row(msg("expected").text(lang), found.expected, style="bold")
    row(msg("worst").text(lang), found.worst, style="bold")
    return table


def _scaled(tiers: Sequence[float], lang: Language) -> list[str]:
    from transfer_planner.reports import words

    *clinical, last = tiers
    return [*(words.number(value / 10, lang) for value in clinical), words.number(last, lang, 0)]


def _waiting(one: Waiting, case: Case, lang: Language) -> str:
    """Say until when a patient may wait, and what is still free."""
    from transfer_planner.cli import answers
    from transfer_planner.reports import words

    if one.right_until is None:
        until = msg("no centre could take this patient: no date")
    else:
        until = msg(
            "until {day} ({chance} chance that the outage is longer)",
            day=words.short_day(one.right_until, lang),
            chance=words.percent(one.wrong_weight, lang),
        )
    free = msg("no better place is free")
    if one.place is not None:
        where = answers.centre(case, one.place.centre_id, lang)
        free = msg("free: {centre}, {offer}", centre=where, offer=answers.offer(one.place, lang))
    return f"P{one.rank} {one.patient_id} – {until.text(lang)} – {free.text(lang)}"
