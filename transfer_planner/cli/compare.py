"""`compare`: what changes from a plan to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from transfer_planner.cli.common import FILE, Settings, command
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from pathlib import Path

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan
    from transfer_planner.i18n import Language


@command
@click.argument("before", metavar="PLAN", type=FILE)
@click.argument("after", metavar="PLAN", type=FILE)
@click.option("--out", metavar="FILE", type=FILE, help="Map and table of what changes: FILE.html and FILE.pdf.")
def compare(settings: Settings, before: Path, after: Path, out: Path | None) -> int:
    """Tell what changes from a plan to another: tiers, and patients by code; draw it on a map."""
    from transfer_planner.cli import terminal
    from transfer_planner.cli.comparison import files_of, show_written, write_files
    from transfer_planner.cli.inputs import plan_file, reread
    from transfer_planner.io.plans import read_plan

    files = files_of(out)
    first = read_plan(plan_file(before))
    second, case = reread(plan_file(after))
    check_patients(first, second, after)
    if files:
        from transfer_planner.reports.compare_pages import comparison_html, comparison_pdf

        lang = settings.lang
        page, pdf = comparison_html(first, second, case, lang), comparison_pdf(first, second, case, lang)
        write_files(files, page, pdf, private=True)
    if settings.as_json:
        terminal.print_json(fields(first, second, case, settings.lang) | {"files": [str(file) for file in files]})
    else:
        show(first, second, case, settings.lang)
        show_written(files, settings.lang)
    return 0


def check_patients(first: Plan, second: Plan, path: Path) -> None:
    """Refuse two plans that have no patient in common.

    Raises
    ------
    DataError
        When there is nothing to compare.
    """
    known = [{d.patient_id for d in plan.decisions} for plan in (first, second)]
    if all(known) and not known[0] & known[1]:
        expected = msg("two plans of the same crisis, with patients in common")
        raise DataError([Finding(str(path), "decisions", None, expected, code="nothing_in_common")])


def fields(first: Plan, second: Plan, case: Case, lang: Language) -> dict[str, Any]:
    """Return what `compare --json` prints."""
    from transfer_planner.reports.compare import changes, decision_words

    values = {tier.id: tier.value for tier in second.tiers}
    return {
        "tiers": {tier.id: {"before": tier.value, "after": values.get(tier.id)} for tier in first.tiers},
        "changes": [
            {
                "patient_id": change.patient_id,
                "rank": change.rank,
                "kind": change.kind,
                "before": decision_words(change.before, case, lang),
                "after": decision_words(change.after, case, lang),
            }
            for change in changes(first, second)
        ],
    }


def show(first: Plan, second: Plan, case: Case, lang: Language) -> None:
    """Print the tiers and the patients who change."""
    from rich.text import Text

    from transfer_planner.cli.comparison import SHOWN, show_table
    from transfer_planner.cli.terminal import console
    from transfer_planner.reports.compare import changes, kind_counts, plan_label, tier_rows
    from transfer_planner.reports.compare_pages import CHANGE_HEADS, NOBODY, TIER_HEADS, change_rows

    for name, plan in ((msg("First plan"), first), (msg("Second plan"), second)):
        console().print(Text(f"{name.text(lang)} – {plan_label(plan, lang)}"))
    tiers = msg("What the objective gains or loses (below zero: better)")
    show_table(tiers, TIER_HEADS, tier_rows(first, second, lang), lang)
    found = changes(first, second)
    if not found:
        console().print(Text(NOBODY.text(lang), style="bold"))
        return
    show_table(msg("Patients who change"), CHANGE_HEADS, change_rows(first, second, case, lang)[:SHOWN], lang)
    if len(found) > SHOWN:
        console().print(msg("… and {n} more: see the files of --out.", n=len(found) - SHOWN).text(lang))
    for count, said in kind_counts(found):
        console().print(Text(f"{count:>4}  {said.text(lang)}"))
