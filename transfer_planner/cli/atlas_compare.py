"""`atlas-compare`: what changed from an atlas to the next one, and whether last year's measures helped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from transfer_planner.cli.common import FILE, Settings, command
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from pathlib import Path

    from transfer_planner.i18n import Language
    from transfer_planner.reports.atlas_compare import Comparison


@command
@click.argument("before", metavar="ATLAS", type=FILE)
@click.argument("after", metavar="ATLAS", type=FILE)
@click.option("--out", metavar="FILE", type=FILE, help="Drawing and tables of what changed: FILE.html and FILE.pdf.")
def atlas_compare(settings: Settings, before: Path, after: Path, out: Path | None) -> int:
    """Tell what changed from an atlas to the next: better, worse, or not distinguishable."""
    from transfer_planner.cli import terminal
    from transfer_planner.cli.comparison import files_of, show_written, write_files
    from transfer_planner.io.atlas import read_atlas
    from transfer_planner.reports.atlas_compare import Comparison, check_comparable
    from transfer_planner.reports.atlas_compare_pages import comparison_html, comparison_pdf

    files = files_of(out)
    first, second = (read_atlas(atlas_file(path)) for path in (before, after))
    check_comparable(first, second, str(after))
    comparison = Comparison(first, second)
    if files:
        page, pdf = comparison_html(comparison, settings.lang), comparison_pdf(comparison, settings.lang)
        write_files(files, page, pdf, private=False)
    if settings.as_json:
        terminal.print_json(fields(comparison, settings.lang) | {"files": [str(file) for file in files]})
    else:
        show(comparison, settings.lang)
        show_written(files, settings.lang)
    return 0


def atlas_file(path: Path) -> Path:
    """Return the atlas of a folder of outputs, or the file given."""
    return path / "atlas.json" if path.is_dir() else path


def fields(comparison: Comparison, lang: Language) -> dict[str, Any]:
    """Return what `atlas-compare --json` prints."""
    return {
        "parameters": [
            {"what": what, "before": before, "after": after} for what, before, after in comparison.parameters(lang)
        ],
        "advice": [{"what": what, "before": before, "after": after} for what, before, after in comparison.advice(lang)],
        "cases": [
            {
                "id": case.contingency.id,
                "verdict": case.verdict,
                "figures": {
                    name: {
                        "verdict": change.verdict,
                        "before": change.before and change.before.model_dump(),
                        "after": change.after and change.after.model_dump(),
                        "gap": change.gap and change.gap.model_dump(),
                    }
                    for name, change in case.figures.items()
                },
            }
            for case in comparison.cases()
        ],
    }


def show(comparison: Comparison, lang: Language) -> None:
    """Print what the atlases do not suppose alike, what became of the advice, and the cases that moved most."""
    from rich.text import Text

    from transfer_planner.cli.comparison import SHOWN, show_table
    from transfer_planner.cli.terminal import console
    from transfer_planner.reports import atlas_compare_pages as pages

    cases = comparison.cases()
    for warning in pages.warnings(comparison, lang):
        console().print(Text(warning, style="bold"))
    for name, heads, rows in (
        ("parameters", pages.PARAMETER_HEADS, comparison.parameters(lang)),
        ("advice", pages.ADVICE_HEADS, comparison.advice(lang)),
        ("cases", pages.CASE_HEADS, pages.case_rows(comparison, cases[:SHOWN], lang)),
    ):
        show_table(pages.LABELS[name], heads, rows, lang)
    if len(cases) > SHOWN:
        console().print(msg("… and {n} more: see the files of --out.", n=len(cases) - SHOWN).text(lang))
    console().print(Text(" · ".join(pages.counts(cases, lang)), style="bold"))
