"""`alternatives`: other plans as good for the patients, to choose from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table
from rich.text import Text

from transfer_planner.cli.common import FILE, NOT_VERIFIED, Settings, command
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan
    from transfer_planner.i18n import Language
    from transfer_planner.planning.alternatives import Alternative, Measures


@command
@click.argument("plan", type=FILE)
@click.option("--out", metavar="FOLDER", type=FILE, help="Writes each plan there, in a folder of its own.")
def alternatives(settings: Settings, plan: Path, out: Path | None) -> int:
    """Find plans that keep T1 to T5, lose at most 2 % of T6, and differ in what a crisis cell weighs."""
    from transfer_planner.cli import answers, summary, terminal
    from transfer_planner.planning.alternatives import AIMS, measure
    from transfer_planner.planning.alternatives import alternatives as others
    from transfer_planner.planning.verify import verify_plan
    from transfer_planner.reports.folder import check_target
    from transfer_planner.reports.write import write_plan

    made, case = answers.standing(plan)
    for aim in AIMS if out else ():
        check_target(Path(out or ".") / aim)
    with terminal.progress(settings) as progress:
        progress(msg("Looking for other plans as good…"))
        found = others(made, case, settings.lang)
        violations = [violation for other in found for violation in verify_plan(other.plan, case)]
    if violations:
        summary.show_violations(violations, settings.lang)
        return NOT_VERIFIED
    written = {other.aim: Path(out) / other.aim for other in found} if out else {}
    for other in found if out else ():
        write_plan(other.plan, case, written[other.aim])
    if settings.as_json:
        measures = answers.plain(measure(made, case), settings.lang)
        fields = [_fields(other, written.get(other.aim), settings.lang) for other in found]
        terminal.print_json({"measures": measures, "alternatives": fields})
    else:
        _show(made, measure(made, case), found, case, settings.lang)
        for folder in written.values():
            terminal.console().print(Text(msg("Written to {folder}", folder=folder).text(settings.lang)))
    return 0


def _fields(other: Alternative, folder: Path | None, lang: Language) -> dict[str, Any]:
    from transfer_planner.cli import answers
    from transfer_planner.planning.alternatives import AIMS

    return {
        "aim": other.aim,
        "text": AIMS[other.aim].text(lang),
        "tiers": answers.plain(other.tiers, lang),
        "measures": answers.plain(other.measures, lang),
        "changes": answers.plain(other.changed, lang),
        "plan": None if folder is None else str(folder / "plan.json"),
    }


def _show(plan: Plan, before: Measures, found: tuple[Alternative, ...], case: Case, lang: Language) -> None:
    """Compare the plans side by side, then say who changes."""
    from transfer_planner.cli import answers, terminal
    from transfer_planner.cli.explain import show_changes
    from transfer_planner.planning.alternatives import AIMS
    from transfer_planner.reports import words

    screen = terminal.console()
    if not found:
        screen.print(msg("No other plan as good was found.").text(lang))
        return
    table = Table(title=msg("Plans as good in T1 to T5").text(lang), title_justify="left")
    table.add_column("")
    table.add_column(msg("this plan").text(lang), justify="right")
    for other in found:
        table.add_column(AIMS[other.aim].text(lang), justify="right")
    plans = [before, *(other.measures for other in found)]
    rows = [
        (msg("destinations"), [str(one.destinations) for one in plans]),
        (msg("physics hours"), [words.number(one.physics_hours, lang, 0) for one in plans]),
        (msg("plans made again"), [str(one.new_plans) for one in plans]),
        (msg("travel of the frail, min"), [words.number(one.frail_min, lang, 0) for one in plans]),
        (msg("fullest linac"), [words.percent(one.fullest, lang) for one in plans]),
        (msg("T6, burden in minutes"), _burdens(plan, found, lang)),
        (msg("patients who change"), ["", *(str(len(other.changed)) for other in found)]),
    ]
    for label, cells in rows:
        table.add_row(label.text(lang), *cells)
    screen.print(table)
    for other in found:
        kept = answers.all_tiers(tuple(a - t.value for a, t in zip(other.tiers, plan.tiers, strict=True)), lang)
        screen.print(Text(f"\n{AIMS[other.aim].text(lang)} – {kept}", style="bold"))
        show_changes(other.changed, case, lang)


def _burdens(plan: Plan, found: tuple[Alternative, ...], lang: Language) -> list[str]:
    from transfer_planner.reports import words

    return [words.number(one[-1], lang, 0) for one in (tuple(t.value for t in plan.tiers), *(o.tiers for o in found))]
