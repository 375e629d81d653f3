"""A Monte-Carlo as a workbook: figures, convergence, shares, every run with its draw and its result."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import xlsxwriter

from transfer_planner.domain.plan import TIERS
from transfer_planner.i18n import msg
from transfer_planner.reports.stress_words import FAILURES, SOURCE_NAMES, figure_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transfer_planner.domain.stress import Run, Stress
    from transfer_planner.i18n import Language, Message

Cell = str | float | int | None
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""A text stays text, whatever it begins with."""


def stress_workbook(stress: Stress, lang: Language) -> bytes:
    """Return the workbook."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, OPTIONS) as book:
        writer = _Writer(book, lang)
        writer.table(msg("Figures"), _figure_heads(), _figures(stress, lang))
        writer.table(msg("Shares of variance"), (msg("Source"), msg("Share"), msg("± (95 %)")), _shares(stress, lang))
        heads = (msg("Source"), msg("What happens"), msg("Runs"), msg("Mean beyond tolerance"))
        writer.table(msg("By what happens"), heads, _conditionals(stress, lang))
        steps = [(step.runs, step.mean, step.half_width) for step in stress.convergence]
        writer.table(msg("Convergence"), (msg("Runs"), msg("Mean"), msg("± (95 %)")), steps)
        writer.table(msg("Runs"), _run_heads(), (_run(run) for run in stress.runs))
        writer.table(msg("Assumptions"), (msg("Assumption"),), [(text,) for text in stress.assumed[lang]], width=140)
    return stream.getvalue()


class _Writer:
    """Writes the sheets."""

    def __init__(self, book: xlsxwriter.Workbook, lang: Language) -> None:
        self.book, self.lang = book, lang
        self.head = book.add_format(
            {"bold": True, "bg_color": "#EEF1F4", "border": 1, "text_wrap": True, "valign": "top"}
        )
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})

    def table(self, name: Message, heads: Sequence[Message], rows: Iterable[Sequence[Cell]], width: int = 14) -> None:
        """Write a sheet of one table, its first row kept in sight."""
        page: Any = self.book.add_worksheet(name.text(self.lang)[:31])
        page.set_column(0, 0, max(width, 26))
        page.set_column(1, max(1, len(heads)), width)
        page.freeze_panes(1, 1)
        page.set_landscape()
        page.set_paper(9)  # A4
        page.fit_to_pages(1, 0)
        for column, head in enumerate(heads):
            page.write_string(0, column, head.text(self.lang), self.head)
        count = 0
        for count, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    page.write_string(count, column, cell, self.wrapped)
                elif cell is not None:
                    page.write_number(count, column, cell)
        page.autofilter(0, 0, max(1, count), max(0, len(heads) - 1))


def _figure_heads() -> tuple[Message, ...]:
    said = (msg("Figure"), msg("Mean"), msg("± (95 %)"), msg("Spread"), msg("Least"), msg("5 %"), msg("25 %"))
    return (*said, msg("Median"), msg("75 %"), msg("95 %"), msg("Greatest"))


def _figures(stress: Stress, lang: Language) -> list[Sequence[Cell]]:
    return [
        (figure_name(spread.name, lang), spread.mean, spread.half_width, spread.sd, *spread.quantiles.values())
        for spread in stress.spreads
    ]


def _shares(stress: Stress, lang: Language) -> list[Sequence[Cell]]:
    return [(SOURCE_NAMES[one.source].text(lang), one.share, one.half_width) for one in stress.shares]


def _conditionals(stress: Stress, lang: Language) -> list[Sequence[Cell]]:
    rows: list[Sequence[Cell]] = []
    for one in stress.conditionals:
        what: Cell = FAILURES[one.value].text(lang) if one.source == "failures" else int(one.value)
        rows.append((SOURCE_NAMES[one.source].text(lang), what, one.runs, one.mean))
    return rows


def _run_heads() -> tuple[Message, ...]:
    drawn = (msg("Batch"), msg("Run"), msg("Result"), msg("Outage, days"), msg("Data late, days"), msg("Roster"))
    more = (
        msg("Linacs out"),
        msg("Centres out"),
        msg("Mean factor of booked minutes"),
        msg("Mean share of absent staff"),
    )
    counted = (msg("Patients"), msg("Beyond tolerance"), msg("Waiting"), msg("Median travel, minutes"))
    ranks = tuple(msg("Beyond tolerance, P{rank}", rank=rank) for rank in range(1, 6))
    tiers = tuple(msg("{tier}, tenths of a day", tier=tier) for tier in TIERS[:-1])
    return (*drawn, *more, *counted, *ranks, *tiers, msg("T6, minutes"), msg("Precise"))


def _run(run: Run) -> list[Cell]:
    draw = run.draw
    over: dict[int, int] = {tally.rank: tally.over + tally.waiting_over for tally in run.ranks}
    planned = run.status == "planned"
    return [
        draw.batch,
        draw.index,
        run.status,
        draw.outage_days,
        draw.data_delay_days,
        draw.roster,
        ", ".join(draw.linacs_out),
        ", ".join(draw.centres_out),
        _mean(draw.load.values()),
        _mean(draw.absent.values()),
        run.patients,
        sum(over.values()) if planned else None,
        sum(tally.waiting for tally in run.ranks) if planned else None,
        run.travel.median_min if run.travel else None,
        *((over.get(rank, 0) if planned else None) for rank in range(1, 6)),
        *(tuple(tier.value for tier in run.tiers) or (None,) * len(TIERS)),
        int(run.precise) if planned else None,
    ]


def _mean(values: Iterable[float]) -> float | None:
    known = list(values)
    return sum(known) / len(known) if known else None
