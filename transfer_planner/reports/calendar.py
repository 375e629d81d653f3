"""The calendar of a plan: who starts where and when, and how full every linac is, drawn on one time axis."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

from babel.dates import format_date

from transfer_planner.i18n import msg
from transfer_planner.reports import charts, words
from transfer_planner.reports.furniture import furniture
from transfer_planner.reports.typeset import render_pdf

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan
    from transfer_planner.i18n import Language

COLUMNS = 28
"""Days in one table at most."""

LABELS = {
    "kind": msg("Calendar of arrivals and linac loads"),
    "arrivals": msg("First sessions by day"),
    "by_centre": msg("First sessions by centre and day"),
    "loads": msg("Linac load by day"),
    "none": msg("None."),
    "total": msg("Total"),
    "home": msg("at home"),
    "full": msg("limit of new patients reached"),
}


def calendar(plan: Plan, case: Case, lang: Language) -> bytes:
    """Return the PDF of the calendar: arrivals of the whole plan, then the loads of each destination."""
    frame = furniture(plan, case, lang)
    started = [d for d in plan.decisions if d.start_date is not None]
    days = charts.axis(d.start_date for d in started if d.start_date is not None)
    data = {
        "furniture": {**frame, "running": ""},
        "words": {name: message.text(lang) for name, message in LABELS.items()},
        "legend": charts.legend(lang),
        "title_line": frame["running"],
        "arrivals": charts.arrivals_chart(started, days, lang) if started else None,
        "tables": [_starts(plan, case, days[at : at + COLUMNS], lang) for at in range(0, len(days), COLUMNS)],
        "centres": _loads(plan, case, lang),
    }
    title = msg("Calendar – {title}", title=frame["running"]).text(lang)
    return render_pdf("calendar.typ", data, title=title, lang=lang, timestamp=plan.created_at)


def _starts(plan: Plan, case: Case, days: Sequence[date], lang: Language) -> dict[str, Any]:
    """Return one row per centre that starts a patient, one column per day; full where no other may start."""
    counts = Counter((d.centre_id, d.start_date) for d in plan.decisions if d.start_date in days)
    homes = {d.home_centre_id for d in plan.decisions}
    most = {(row.centre_id, row.date): row.new_starts_max for row in plan.centre_days}

    def cell(centre_id: str, day: date) -> dict[str, Any]:
        count = counts[centre_id, day]
        return {"text": str(count or ""), "full": count >= most.get((centre_id, day), count + 1)}

    rows = [
        {
            "name": words.place_name(case, centre_id)
            + (f" ({LABELS['home'].text(lang)})" if centre_id in homes else ""),
            "cells": [cell(centre_id, day) for day in days],
            "total": str(sum(counts[centre_id, day] for day in days)),
        }
        for centre_id in sorted({centre_id for centre_id, _ in counts if centre_id})
    ]
    sums = [sum(count for (_, day), count in counts.items() if day == one) for one in days]
    return {
        "heads": [_head(day, lang) for day in days],
        "rows": rows,
        "sums": [str(n or "") for n in sums],
        "total": str(sum(sums)),
    }


def _head(day: date, lang: Language) -> str:
    """Return the initial of the weekday over the day and the month."""
    return f"{format_date(day, 'EEEEE', locale=words.LOCALES[lang])}\n{day.day}/{day.month}"


def _loads(plan: Plan, case: Case, lang: Language) -> list[dict[str, Any]]:
    """Return the charts of each centre that treats someone, all on the axis of the whole plan."""
    days = charts.axis(load.date for load in plan.loads)
    rows = sorted(plan.loads, key=lambda load: load.centre_id)
    return [
        {"name": words.place_name(case, centre_id), "charts": charts.load_charts(group, days, lang)}
        for centre_id, group in groupby(rows, key=lambda load: load.centre_id)
    ]
