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

SHOWN = 20
"""Cases told on a terminal."""


@command
@click.argument("before", metavar="ATLAS", type=FILE)
@click.argument("after", metavar="ATLAS", type=FILE)
@click.option("--out", metavar="FILE", type=FILE, help="Drawing and tables of what changed: FILE.html and FILE.pdf.")
def atlas_compare(settings: Settings, before: Path, after: Path, out: Path | None) -> int:
    """Tell what changed from an atlas to the next: better, worse, or not distinguishable."""
    from transfer_planner.cli import summary, terminal
    from transfer_planner.cli.inputs import check_file
    from transfer_planner.io.atlas import read_atlas
    from transfer_planner.io.files import write_whole
    from transfer_planner.reports.atlas_compare import Comparison, check_comparable
    from transfer_planner.reports.atlas_compare_pages import comparison_html, comparison_pdf

    files = [] if out is None else [out.with_suffix(suffix) for suffix in (".html", ".pdf")]
    for file in files:
        check_file(file, "--out")
    first, second = (read_atlas(atlas_file(path)) for path in (before, after))
    check_comparable(first, second, str(after))
    comparison = Comparison(first, second)
    if files:
        pages = comparison_html(comparison, settings.lang).encode(), comparison_pdf(comparison, settings.lang)
        for file, content in zip(files, pages, strict=True):
            write_whole(file, content)
    if settings.as_json:
        terminal.print_json(fields(comparison, settings.lang) | {"files": [str(file) for file in files]})
    else:
        show(comparison, settings.lang)
        if files:
            summary.show_files(files[0].parent, [file.name for file in files], settings.lang)
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
    from rich.table import Table
    from rich.text import Text

    from transfer_planner.cli.terminal import console
    from transfer_planner.reports import atlas_compare_pages as pages

    def table(title: str, heads: list[str], rows: list[list[str]]) -> None:
        made = Table(title=title, title_justify="left")
        for head in heads:
            made.add_column(head)
        for row in rows:
            made.add_row(*(Text(cell) for cell in row))
        if rows:
            console().print(made)

    cases = comparison.cases()
    said = {key: message.text(lang) for key, message in pages.LABELS.items()}
    for warning in pages.warnings(comparison, lang):
        console().print(Text(warning, style="bold"))
    for name, heads, rows in (
        ("parameters", pages.PARAMETER_HEADS, comparison.parameters(lang)),
        ("advice", pages.ADVICE_HEADS, comparison.advice(lang)),
        ("cases", pages.CASE_HEADS, pages.case_rows(comparison, cases[:SHOWN], lang)),
    ):
        table(said[name], [head.text(lang) for head in heads], rows)
    if len(cases) > SHOWN:
        console().print(msg("… and {n} more: see the files of --out.", n=len(cases) - SHOWN).text(lang))
    console().print(Text(" · ".join(pages.counts(cases, lang)), style="bold"))
