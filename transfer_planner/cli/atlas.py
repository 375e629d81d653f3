"""`atlas`: every centre, every shared system, every pair down, before it happens."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from transfer_planner.cli import terminal
from transfer_planner.cli.common import FILE, Settings, command
from transfer_planner.domain.scenario import PARIS
from transfer_planner.i18n import Message, msg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transfer_planner.domain.atlas import Atlas, Cause, ConventionToSign, Interval, PairToMatch, UnabsorbableCentre
    from transfer_planner.domain.centre import Network
    from transfer_planner.domain.plan import InputFile
    from transfer_planner.i18n import Language
    from transfer_planner.stress.inputs import AtlasInputs

CAUSES: dict[Cause, Message] = {
    "capacity": msg("capacity"),
    "delay": msg("delay"),
    "travel": msg("travel"),
    "equipment": msg("equipment"),
}
SHOWN = 5
"""Centres, conventions and failures told on a terminal."""


@command
@click.option("--out", metavar="FOLDER", type=FILE, required=True, help="Folder of the outputs.")
@click.option(
    "--seeds",
    metavar="NUMBER",
    type=click.IntRange(1, 100),
    default=3,
    help="Invented rosters of each centre; 3 by default.",
)
@click.option("--pairs/--no-pairs", default=True, help="Whether any two centres may fall together; yes by default.")
@click.option(
    "--roster",
    "rosters",
    metavar="TEXT",
    multiple=True,
    help="Real roster, CENTRE=FILE, or a folder of them; may be repeated.",
)
@click.option("--like", metavar="FILE", type=FILE, help="Scenario whose crisis is supposed everywhere.")
@click.option(
    "--day-zero",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]),
    help="Day of the attack, over that of the crisis supposed.",
)
@click.option(
    "--workers", metavar="NUMBER", type=click.IntRange(1, 512), help="Processes at work; one for each core by default."
)
@click.option("--scheduler", metavar="TEXT", help="Address of a Dask scheduler, whose workers do the work.")
@click.option(
    "--store", metavar="FILE", type=FILE, help="File that keeps finished results; beside the folder by default."
)
def atlas(
    settings: Settings,
    out: Path,
    seeds: int,
    pairs: bool,
    workers: int | None,
    scheduler: str | None,
    store: Path | None,
    **given: Any,
) -> None:
    """Plan every centre, shared system, legal group, software and pair down; say what to sign, match, buy."""
    from transfer_planner.cli import summary
    from transfer_planner.reports.atlas import write_atlas
    from transfer_planner.reports.folder import check_target
    from transfer_planner.stress.inputs import read_inputs

    check_target(out, "atlas")
    inputs = read_inputs(settings.centres, settings.overlays, **_given(given))
    kept = store or out.with_name(f"{out.name}.results.sqlite")
    kept.parent.mkdir(parents=True, exist_ok=True)
    numbers = _seeds(settings.seed, seeds, inputs)
    made = _swept(settings, inputs, kept, {"workers": workers, "scheduler": scheduler}, seeds=numbers, pairs=pairs)
    network = inputs.region.network
    files = write_atlas(_placed(made, out), network, out, settings.lang)
    if settings.as_json:
        terminal.print_json({"out": str(out), "files": list(files), **_fields(made)})
    else:
        _show(made, network, settings.lang)
        summary.show_files(out, files, settings.lang)


def _seeds(first: int, count: int, inputs: AtlasInputs) -> tuple[int, ...]:
    """Return the seeds of the rosters; one alone where every roster is real."""
    invented = any(one.id not in inputs.region.rosters for one in inputs.region.network.centres if one.linacs)
    return tuple(range(first, first + (count if invented else 1)))


def _swept(settings: Settings, inputs: AtlasInputs, kept: Path, who: dict[str, Any], **asked: Any) -> Atlas:
    """Sweep the region, showing how far it is; interrupted, say where what is done is kept."""
    from transfer_planner.cli.bar import stages
    from transfer_planner.stress.atlas import make_atlas, work
    from transfer_planner.stress.crews import crew
    from transfer_planner.stress.store import Store

    try:
        with Store(kept) as store, crew(inputs.region, work, **who) as workforce, stages(settings) as step:
            return make_atlas(inputs, crew=workforce, store=store, step=step, created_at=_now(), **asked)
    except KeyboardInterrupt:
        said = msg("What is done is kept in {file}: run the same command again to go on.", file=kept)
        terminal.complain(said.text(settings.lang))
        raise


def _given(given: dict[str, Any]) -> dict[str, Any]:
    """Return the options of what is read, the day of the attack as a date."""
    day = given.pop("day_zero")
    return given | {"day_zero": None if day is None else day.date()}


def _now() -> datetime:
    """Return the time in Paris to the second, with a fixed offset as in plan.json."""
    now = datetime.now(PARIS).replace(microsecond=0)
    return now.astimezone(timezone(now.utcoffset() or timedelta()))


def _placed(made: Atlas, out: Path) -> Atlas:
    """Return the atlas with the paths of its inputs as seen from its folder."""

    def seen(file: InputFile) -> InputFile:
        with suppress(ValueError):  # another drive: no path leads from one to the other
            return file.model_copy(update={"path": Path(os.path.relpath(file.path, out)).as_posix()})
        return file

    return made.model_copy(update={"centres": seen(made.centres), "overlays": tuple(map(seen, made.overlays))})


def _fields(made: Atlas) -> dict[str, Any]:
    """Return what `--json` prints: the figures of every contingency and the findings."""
    failed = [one for one in made.outcomes if one.status == "failed"]
    return {
        "contingencies": len(made.contingencies),
        "failed": [
            one.model_dump(mode="json", include={"contingency_id", "seed", "code", "message"}) for one in failed
        ],
        "summaries": [one.model_dump(mode="json") for one in made.summaries],
        "findings": made.findings.model_dump(mode="json"),
    }


def _show(made: Atlas, network: Network, lang: Language) -> None:
    """Tell what matters most."""
    screen, names = terminal.console(), {centre.id: centre.name or centre.id for centre in network.centres}
    count = msg(
        "{count} contingencies; invented rosters of each centre: {seeds}",
        count=len(made.contingencies),
        seeds=len(made.seeds),
    )
    screen.print(Text(count.text(lang), style="bold"))
    _list(
        msg("Losses that the region cannot absorb (ranks 1 to 3)"),
        [_lost(one, names, lang) for one in made.findings.unabsorbable],
        lang,
    )
    signed = [one for one in made.findings.conventions if one.days_lost.high > 0]
    _list(msg("Conventions to sign first"), [_convention(one, names, lang) for one in signed], lang)
    matched = [one for one in made.findings.matches if one.physics_hours_saved.high > 0]
    _list(msg("Linacs to match first"), [_match(one, lang) for one in matched], lang)
    failed = [one for one in made.outcomes if one.status == "failed" and one.message]
    _list(msg("Not computed"), [f"{one.contingency_id}: {(one.message or {})[lang]}" for one in failed], lang)


def _list(title: Message, lines: Sequence[str], lang: Language) -> None:
    if not lines:
        return
    screen = terminal.console()
    screen.print(Text(f"\n{title.text(lang)}", style="bold"))
    for line in lines[:SHOWN]:
        screen.print(Text(f"  • {line}"))
    if len(lines) > SHOWN:
        screen.print(Text(f"  {msg('and {count} more', count=len(lines) - SHOWN).text(lang)}", style="dim"))


def _lost(one: UnabsorbableCentre, names: Mapping[str, str], lang: Language) -> str:
    causes = [f"{CAUSES[cause].text(lang)} {_said(count, lang)}" for cause, count in one.causes.items()]
    ways = [", ".join(causes)]
    if one.cost_hours is not None and one.remaining_days is not None:
        hours, left = _figure(one.cost_hours, lang), _said(one.remaining_days, lang)
        more = msg("with {hours} staff hours a day more, {days} days are left", hours=hours, days=left)
        ways.append(more.text(lang))
    said = msg(
        "{centre}: {days} days beyond tolerance, {patients} patients ({why})",
        centre=names[one.centre_id],
        days=_said(one.excess_days, lang),
        patients=_said(one.patients_over, lang),
        why="; ".join(ways),
    )
    return said.text(lang)


def _convention(one: ConventionToSign, names: Mapping[str, str], lang: Language) -> str:
    said = msg(
        "{one} – {other}: {days} days lost without it, in {count} contingencies",
        one=names[one.between[0]],
        other=names[one.between[1]],
        days=_said(one.days_lost, lang),
        count=one.contingencies,
    )
    return said.text(lang)


def _match(one: PairToMatch, lang: Language) -> str:
    said = msg(
        "{one} – {other}: {hours} physics hours spared, in {count} contingencies",
        one=one.linac_ids[0],
        other=one.linac_ids[1],
        hours=_said(one.physics_hours_saved, lang),
        count=one.contingencies,
    )
    return said.text(lang)


def _said(figure: Interval, lang: Language) -> str:
    """Say a figure with its interval over the seeds."""
    low, high = (_figure(value, lang) for value in (figure.low, figure.high))
    return low if low == high else msg("{low} to {high}", low=low, high=high).text(lang)


def _figure(value: float, lang: Language) -> str:
    from transfer_planner.reports import words

    return words.number(value, lang)
