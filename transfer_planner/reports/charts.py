"""Bar charts by day, drawn on paper by `charts.typ`: arrivals, linac loads, physics hours, all on one kind of time axis."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from math import ceil
from typing import TYPE_CHECKING, Any

from transfer_planner.clinical.fractionation import FRENCH
from transfer_planner.i18n import Message, msg
from transfer_planner.reports import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from transfer_planner.domain.plan import CentreDay, Decision, Load
    from transfer_planner.i18n import Language

HOUR = 60
STEPS = tuple(digit * 10**power for power in range(7) for digit in (1, 2, 5))
"""Steps of a scale; the first one that needs at most four serves."""
FIRST_RANKS = (1, 2)
"""Ranks drawn dark among the arrivals."""

LABELS = {
    "booked": msg("own patients"),
    "received": msg("patients received"),
    "capacity": msg("limit"),
    "first": msg("P1 and P2"),
    "others": msg("P3 to P5"),
    "used": msg("hours due"),
    "available": msg("hours available"),
}


@dataclass(frozen=True)
class Bar:
    """One day of a chart.

    Parameters
    ----------
    parts
        What is stacked: light, then dark.
    limit
        Level not to exceed; None where there is none.
    text
        What stands above the bar.
    """

    parts: tuple[float, float]
    limit: float | None = None
    text: str = ""


def legend(lang: Language) -> dict[str, str]:
    """Return the words of the legends."""
    return {name: message.text(lang) for name, message in LABELS.items()}


def axis(days: Iterable[date]) -> list[date]:
    """Return the days of a time axis: those given, and every treatment day between them."""
    given = set(days)
    return sorted(given | set(FRENCH.treatment_days(min(given), max(given)))) if given else []


COUNT, HOURS = msg("{n}"), msg("{n} h")


def chart(
    name: str, bars: Mapping[date, Bar], days: Sequence[date], lang: Language, *, unit: Message = COUNT, note: str = ""
) -> dict[str, Any]:
    """Return a chart as `charts.typ` draws it.

    Parameters
    ----------
    name, note
        Title, and what is said beside it.
    bars
        What is drawn, by day, hours or numbers of patients.
    days
        The time axis, shared by charts that are to be compared.
    lang
        Language of the labels.
    unit
        A value of the scale in words.
    """
    highest = max((max(sum(bar.parts), bar.limit or 0) for bar in bars.values()), default=0)
    step = next(s for s in STEPS if highest <= 4 * s)
    ticks = [step * n for n in range(max(1, ceil(highest / step)) + 1)]
    return {
        "name": name,
        "note": note,
        "alt": msg("Chart by day: {name} {note}", name=name, note=note).text(lang).strip(),
        "top": ticks[-1],
        "ticks": [{"at": at, "label": msg(unit.source, n=words.number(at, lang, 0)).text(lang)} for at in ticks],
        "limits": _limits([bars[day].limit if day in bars else None for day in days]),
        "days": [_day(day, bars.get(day), lang, labelled=at == 0 or day.weekday() == 0) for at, day in enumerate(days)],
    }


def _limits(levels: Sequence[float | None]) -> list[dict[str, float]]:
    """Return the lines of the limits: where each begins, over how many days, at which level."""
    lines = []
    at = 0
    for level, group in groupby(levels):
        length = len(list(group))
        if level is not None:
            lines.append({"at": at, "length": length, "level": level})
        at += length
    return lines


def _day(day: date, bar: Bar | None, lang: Language, *, labelled: bool) -> dict[str, Any]:
    drawn = bar or Bar((0, 0))
    return {"parts": drawn.parts, "text": drawn.text, "label": words.short_day(day, lang) if labelled else ""}


def arrivals_chart(
    decisions: Sequence[Decision], days: Sequence[date], lang: Language, limits: Mapping[date, float] | None = None
) -> dict[str, Any]:
    """Return the first sessions by day, first ranks dark, under the new patients a day that the centre takes."""
    starts = sorted((d.start_date, d.rank) for d in decisions if d.start_date is not None)
    bars = {}
    for day, arriving in groupby(starts, key=lambda start: start[0]):
        ranks = [rank for _, rank in arriving]
        first = sum(rank in FIRST_RANKS for rank in ranks)
        bars[day] = Bar((len(ranks) - first, first), (limits or {}).get(day), str(len(ranks)))
    return chart(msg("First sessions").text(lang), bars, days, lang)


def physics_chart(rows: Iterable[CentreDay], days: Sequence[date], lang: Language) -> dict[str, Any]:
    """Return the physics hours due since the first day, under those available."""
    bars = {row.date: Bar((row.physics_hours_cumulative, 0), row.physics_hours_available) for row in rows}
    return chart(msg("Physics hours since the first day").text(lang), bars, days, lang, unit=HOURS)


def load_charts(loads: Iterable[Load], days: Sequence[date], lang: Language) -> list[dict[str, Any]]:
    """Return, for each linac, own patients and patients received under the limit, day by day; the busiest day is named."""
    rows = sorted(loads, key=lambda load: (load.linac_id, load.date))
    return [_load_chart(linac, list(group), days, lang) for linac, group in groupby(rows, key=lambda x: x.linac_id)]


def share(load: Load) -> float:
    """Return how full a linac-day is; 0 where nothing may be treated."""
    return (load.booked_min + load.transferred_min) / load.capacity_min if load.capacity_min > 0 else 0.0


def _load_chart(linac: str, loads: list[Load], days: Sequence[date], lang: Language) -> dict[str, Any]:
    bars = {x.date: Bar((x.booked_min / HOUR, x.transferred_min / HOUR), x.capacity_min / HOUR) for x in loads}
    worst = max(loads, key=share)
    note = msg(
        "busiest: {percent} on {day}",
        percent=f"{round(100 * share(worst))}{words.PERCENT[lang]}",
        day=words.short_day(worst.date, lang),
    )
    return chart(linac, bars, days, lang, unit=HOURS, note=note.text(lang))
