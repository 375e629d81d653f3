"""`stress`: what becomes of a crisis that turns out otherwise, a thousand times over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table
from rich.text import Text

from transfer_planner.cli.common import FILE, Settings, command
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from transfer_planner.domain.stress import RosterKind, Source, Stress
    from transfer_planner.i18n import Language
    from transfer_planner.stress.monte_carlo import Shared

SOURCES: tuple[Source, ...] = ("outage", "data", "roster", "load", "staff", "failures")
"""As in `domain.stress`, which takes pydantic to load: help is immediate."""


@dataclass(frozen=True)
class Options:
    """The options of this command, by name."""

    runs: int
    until: float
    vary: tuple[Source, ...]
    roster: RosterKind
    assumptions: Path | None
    worst: int
    workers: int | None
    scheduler: str | None
    store: Path | None


@command
@click.argument("scenario", type=FILE)
@click.option("--out", metavar="FOLDER", type=FILE, required=True, help="Folder of the outputs.")
@click.option(
    "--runs",
    metavar="NUMBER",
    type=click.IntRange(1, 100_000),
    default=1000,
    help="Runs at most, in whole batches of 50; 1000 by default.",
)
@click.option(
    "--until",
    metavar="PATIENTS",
    type=click.FloatRange(0, 1000),
    default=0.5,
    help="Stop when the 95 % interval of the mean number of patients beyond tolerance is ± this; 0.5 by default, 0: make all runs.",
)
@click.option(
    "--vary",
    type=click.Choice(SOURCES),
    multiple=True,
    help="Source that varies; may be repeated; all of them by default.",
)
@click.option(
    "--roster",
    type=click.Choice(["bootstrap", "synthetic"]),
    default="bootstrap",
    help="Patients drawn from the roster (by default), or invented anew.",
)
@click.option("--assumptions", metavar="FILE", type=FILE, help="Distributions, over the packaged ones.")
@click.option(
    "--worst", metavar="NUMBER", type=click.IntRange(0, 50), default=3, help="Worst cases to keep; 3 by default."
)
@click.option("--workers", metavar="NUMBER", type=click.IntRange(1, 1024), help="Processes; one a core by default.")
@click.option(
    "--scheduler", metavar="TEXT", help="Address of a Dask scheduler that shares the runs out over a cluster."
)
@click.option(
    "--store", metavar="FILE", type=FILE, help="Where runs are kept as they are made; FOLDER.store by default."
)
def stress(settings: Settings, scenario: Path, out: Path, **given: Any) -> None:
    """Plan a crisis many times, each time otherwise: outage, data, patients, load, staff, second failures."""
    from transfer_planner.cli import terminal
    from transfer_planner.io.case import read_case
    from transfer_planner.reports.folder import check_target

    check_target(out, "stress")
    case = read_case(scenario, settings.centres, settings.overlays)
    # Slow to import: only once the input is known to be good.
    from transfer_planner.planning.instance import located
    from transfer_planner.reports.stress import write_stress
    from transfer_planner.stress import monte_carlo
    from transfer_planner.stress.monte_carlo_worst import worst_files
    from transfer_planner.stress.samplers import Sampler

    options = Options(**given)
    sampler = Sampler(
        located(case),
        monte_carlo.read_assumptions(options.assumptions),
        frozenset(options.vary or SOURCES),
        options.roster,
        settings.seed,
    )
    shared = monte_carlo.Shared(sampler, settings.time_limit_s, settings.deterministic)
    made = _made(shared, options, options.store or out.with_name(f"{out.name}.store"), settings)
    files = write_stress(made, worst_files(made, sampler), out, settings.lang)
    if settings.as_json:
        terminal.print_json(_fields(made, out, files))
    else:
        _show(made, out, files, settings.lang)


def _made(shared: Shared, options: Options, store: Path, settings: Settings) -> Stress:
    """Make the runs, on as many processes as asked."""
    from transfer_planner.cli.bar import stages
    from transfer_planner.stress import monte_carlo
    from transfer_planner.stress.crews import crew
    from transfer_planner.stress.store import Store

    asked = monte_carlo.Asked(options.runs, options.until or None, options.worst)
    workers = crew(shared, monte_carlo.work, workers=options.workers, scheduler=options.scheduler)
    with Store(store) as keeper, workers as at_work, stages(settings) as told:
        return monte_carlo.stress(shared, asked, at_work, keeper, told)


def _show(made: Stress, out: Path, files: Sequence[str], lang: Language) -> None:
    """Sum up on the terminal."""
    from transfer_planner.cli import terminal
    from transfer_planner.reports import words
    from transfer_planner.reports.stress_words import SOURCE_NAMES, figure_name, happens, with_interval

    screen = terminal.console()
    title = made.title.get(lang) or made.title["fr"]
    heading = msg("{title}: {runs} runs", title=title, runs=len(made.runs)).text(lang)
    table = Table(title=heading, title_justify="left", title_style="bold")
    heads = (msg("Figure"), msg("Mean"), msg("5 %"), msg("Median"), msg("95 %"), msg("Greatest"))
    for number, head in enumerate(heads):
        table.add_column(head.text(lang), justify="right" if number else "left")
    for spread in made.spreads:
        cells = (words.number(spread.quantiles[q], lang) for q in ("5", "50", "95", "max"))
        table.add_row(figure_name(spread.name, lang), with_interval(spread.mean, spread.half_width, lang), *cells)
    screen.print(table)
    if made.failed or made.imprecise:
        few = msg(
            "{failed} runs could not be planned, {imprecise} not precisely.",
            failed=made.failed,
            imprecise=made.imprecise,
        )
        screen.print(Text(few.text(lang), style="yellow"))
    if made.shares:
        screen.print(Text(msg("What drives the patients beyond tolerance:").text(lang), style="bold"))
    for share in made.shares:
        error = "" if share.half_width is None else f" ± {words.percent(share.half_width, lang, 0)}"
        screen.print(
            Text(
                f"  • {SOURCE_NAMES[share.source].text(lang)} – {words.percent(max(0.0, share.share), lang, 0)}{error}"
            )
        )
    draws = {(run.draw.batch, run.draw.index): run.draw for run in made.runs}
    if made.worst:
        screen.print(Text(msg("Worst cases, to plan again:").text(lang), style="bold"))
    for case in made.worst:
        folder = out / case.folder
        screen.print(Text(f"  • {happens(draws[case.batch, case.index], lang)}"))
        screen.print(
            Text(f"    transfer-planner plan {folder}/scenario.yaml --centres {folder}/centres.yaml", style="dim")
        )
    screen.print(msg("{count} files in {folder}", count=len(files), folder=out).text(lang), markup=False)


def _fields(made: Stress, out: Path, files: Sequence[str]) -> dict[str, object]:
    plain = made.model_dump(mode="json", exclude={"runs", "assumed", "assumptions", "inputs"})
    return {"out": str(out), "files": list(files), "runs_made": len(made.runs), **plain}
