"""`explain`: why this decision, and why not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.text import Text

from transfer_planner.cli.common import FILE, Settings, command
from transfer_planner.i18n import Language, msg

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from transfer_planner.domain.case import Case
    from transfer_planner.planning.again import Change
    from transfer_planner.planning.explain import Explanation, Place
    from transfer_planner.planning.forced import Forced

FORCED_SHARE = 0.4
SHOWN = 12


@command
@click.argument("plan", type=FILE)
@click.argument("patient")
@click.option("--why-not", metavar="TEXT", help="Centre to force: what it would cost, and to whom.")
def explain(settings: Settings, plan: Path, patient: str, why_not: str | None) -> int:
    """Explain the decision of a patient against every other centre."""
    from transfer_planner.cli import answers, terminal
    from transfer_planner.planning import explain as reasons
    from transfer_planner.planning.again import Effort
    from transfer_planner.planning.forced import why_not as force

    made, case = answers.standing(plan)
    if why_not is not None:
        answers.known_centre(case, why_not, "--why-not")
    explanation = reasons.explain(made, case, patient)
    forced = None
    if why_not is not None and explanation.decision.centre_id != why_not:
        effort = Effort(FORCED_SHARE * settings.time_limit_s, settings.seed, settings.deterministic)
        with terminal.progress(settings) as progress:
            progress(msg("Deciding again with this place forced…"))
            forced = force(made, case, patient, why_not, effort)
    if settings.as_json:
        fields = answers.plain(explanation, settings.lang)
        if why_not is not None:
            fields["why_not"] = {
                "centre_id": why_not,
                "possible": forced is not None or explanation.decision.centre_id == why_not,
                "forced": answers.plain(forced, settings.lang),
            }
        terminal.print_json(fields)
    elif why_not is None:
        _show(explanation, case, settings.lang)
    else:
        _show_forced(explanation, forced, why_not, case, settings.lang)
    return 0


def _headline(explanation: Explanation, case: Case, lang: Language) -> Text:
    from transfer_planner.cli import answers
    from transfer_planner.reports import words

    decision = explanation.decision
    where = words.ACTIONS[decision.action].text(lang)
    if decision.action == "transfer" and decision.start_date is not None:
        where = f"{answers.centre(case, decision.centre_id, lang)}, {words.short_day(decision.start_date, lang)}"
    rank, category = words.rank(decision.rank, lang), words.category(decision.category, lang)
    return Text(f"{decision.patient_id} · {rank} · {category} · {where}", style="bold")


def _show(explanation: Explanation, case: Case, lang: Language) -> None:
    from transfer_planner.cli import terminal

    screen = terminal.console()
    screen.print(_headline(explanation, case, lang))
    for reason in explanation.decision.reasons:
        screen.print(Text(f"  {reason.text}", style="dim"))
    open_places = [place for place in explanation.places if place.verdict != "refused"]
    refused = [place for place in explanation.places if place.verdict == "refused"]
    titles = ((open_places, msg("What each place would do:")), (refused, msg("Refused by a rule:")))
    for places, title in titles:
        if places:
            screen.print(Text(f"\n{title.text(lang)}", style="bold"))
        for place in places:
            screen.print(_line(place, case, lang))


def _line(place: Place, case: Case, lang: Language) -> Text:
    """Say one place."""
    from transfer_planner.cli import answers
    from transfer_planner.planning.explain import VERDICTS

    text = Text("  • ").append(answers.centre(case, place.centre_id, lang), style="bold")
    said = []
    if place.verdict != "refused":
        text.append(f" – {VERDICTS[place.verdict].text(lang)}", style="green" if place.verdict == "chosen" else "")
    if place.offer is not None:
        said.append(answers.offer(place.offer, lang))
    said += [reason.text(lang) for reason in place.reasons]
    if said:
        text.append(f" – {' ; '.join(said)}".replace(" ;", "\u202f;" if lang == "fr" else ";"))
    if place.wanted is not None:
        better = msg("if there were room: {offer}", offer=answers.offer(place.wanted, lang)).text(lang)
        text.append(f"\n      {better}", style="dim")
        for shortage in place.shortages:
            text.append(f"\n      {shortage.text.text(lang)}", style="dim")
    return text


def _show_forced(explanation: Explanation, forced: Forced | None, centre_id: str, case: Case, lang: Language) -> None:
    """Say what a forced decision costs, and to whom."""
    from transfer_planner.cli import answers, terminal
    from transfer_planner.planning.explain import difference

    screen = terminal.console()
    screen.print(_headline(explanation, case, lang))
    place = next(place for place in explanation.places if place.centre_id == centre_id)
    screen.print(_line(place, case, lang))
    if place.verdict == "chosen":
        return
    if forced is None:
        screen.print(Text(msg("It cannot be forced: no decision there keeps the rules.").text(lang), style="bold red"))
        return
    where = msg("Forced there: {offer}", offer=answers.offer(forced.offer, lang))
    whole = msg("The whole plan: {change}", change=difference(forced.change))
    screen.print(Text(f"\n{where.text(lang)}\n{whole.text(lang)}", style="bold"))
    show_changes(forced.others, case, lang)


def show_changes(changes: Iterable[Change], case: Case, lang: Language) -> None:
    """List who loses and who gains, by rank; nobody's identity."""
    from transfer_planner.cli import answers, terminal
    from transfer_planner.planning.explain import difference
    from transfer_planner.reports import words

    screen = terminal.console()
    listed = [change for change in changes if any(change.tiers)]
    lose = sum(change.clinical > 0 for change in listed)
    gain = sum(change.clinical < 0 for change in listed)
    counts = msg(
        "Others who change: {count} ({lose} lose days, {gain} gain some)", count=len(listed), lose=lose, gain=gain
    )
    screen.print(counts.text(lang))

    def place(centre_id: str | None, start: object) -> str:
        from datetime import date

        day = f", {words.short_day(start, lang)}" if isinstance(start, date) else ""
        return f"{answers.centre(case, centre_id, lang)}{day}"

    for change in listed[:SHOWN]:
        before, after = place(change.centre_before, change.start_before), place(change.centre_after, change.start_after)
        screen.print(Text(f"  • P{change.rank} : {before} → {after} – {difference(change.tiers).text(lang)}"))
