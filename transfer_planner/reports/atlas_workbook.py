"""Everything of the atlas as a workbook: one sheet for each kind of fact, one row for each, ready to filter."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, NamedTuple

import xlsxwriter

from transfer_planner.domain.scenario import PARIS
from transfer_planner.i18n import Message, msg
from transfer_planner.reports import atlas_advice as advice
from transfer_planner.reports import atlas_pages as pages
from transfer_planner.reports.atlas_facts import beyond, beyond_first, excess_days, waiting, with_solution
from transfer_planner.reports.atlas_words import (
    KINDS,
    RULES,
    assumed_share,
    centre_short,
    failure,
    fall_name,
    footer,
    known_name,
    parameter_rows,
    reservations,
    title,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from transfer_planner.domain.atlas import Interval, Outcome
    from transfer_planner.domain.policy import Policy
    from transfer_planner.i18n import Language
    from transfer_planner.reports.atlas_facts import AtlasFacts, Fall

Cell = str | float | bool | None


class Sheet(NamedTuple):
    """A sheet: its name, headings and rows."""

    name: Message
    heads: tuple[Message, ...]
    rows: Iterable[Sequence[Cell]]


LOW, MEAN, HIGH = msg("{what} – least"), msg("{what} – mean"), msg("{what} – greatest")
FIGURES: tuple[tuple[Message, Callable[[Outcome], float | None]], ...] = (
    (msg("Patients"), lambda outcome: outcome.patients),
    (msg("With a solution within tolerance"), with_solution),
    (msg("Beyond tolerance"), beyond),
    (msg("Of whom P1–P3"), beyond_first),
    (msg("Waiting"), waiting),
    (msg("Days beyond tolerance"), excess_days),
    (msg("Median travel (min)"), lambda outcome: outcome.travel.median_min if outcome.travel else None),
)
CASE = (msg("Case"), msg("Kind"), msg("What falls"))
DRAW = (*CASE, msg("Draw"))


def atlas_workbook(facts: AtlasFacts, policy: Policy, lang: Language) -> bytes:
    """Return the workbook: frozen headings, filters, every cell by its own type."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    name = title(facts.atlas, lang)
    with xlsxwriter.Workbook(stream, options) as book:
        created = facts.atlas.created_at.astimezone(PARIS).replace(tzinfo=None)
        book.set_properties({"title": name, "author": facts.atlas.software.name, "created": created})
        _read_me(book, facts, policy, lang)
        head = book.add_format({"bold": True, "bg_color": "#EEF1F4", "border": 1, "text_wrap": True, "valign": "top"})
        for sheet in _sheets(facts, lang):
            _fill(book.add_worksheet(sheet.name.text(lang)[:31]), sheet, head, lang)
    return stream.getvalue()


def _read_me(book: Any, facts: AtlasFacts, policy: Policy, lang: Language) -> None:
    page = book.add_worksheet(msg("Read me").text(lang))
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    page.set_column(0, 0, 60, wrap)
    page.set_column(1, 2, 60, wrap)
    page.write_string(0, 0, title(facts.atlas, lang), book.add_format({"bold": True, "font_size": 14}))
    page.write_string(1, 0, " · ".join(one.text(lang) for one in reservations(facts)), bold)
    made = pages.method(facts, policy, lang)
    lines = [[footer(facts, lang)], [assumed_share(facts, lang)], [], *([one] for one in made["facts"][:-1])]
    lines += [[one] for one in made["definitions"]]
    lines += [[], *parameter_rows(facts.atlas.parameters, lang), [], *made["notes"]["rows"]]
    for at, line in enumerate(lines, 3):
        for column, text in enumerate(line):
            page.write_string(at, column, text, wrap)


def _fill(page: Any, sheet: Sheet, head: Any, lang: Language) -> None:
    count = 0
    for at, name in enumerate(sheet.heads):
        page.write_string(0, at, name.text(lang), head)
        page.set_column(at, at, 34 if at == 2 or len(name.source) > 22 else 16)
    for count, row in enumerate(sheet.rows, 1):
        for at, cell in enumerate(row):
            if isinstance(cell, bool):
                page.write_string(count, at, (msg("yes") if cell else msg("no")).text(lang))
            elif isinstance(cell, str):
                page.write_string(count, at, cell)
            elif cell is not None:
                page.write_number(count, at, cell)
    page.freeze_panes(1, min(3, len(sheet.heads) - 1))
    page.autofilter(0, 0, max(1, count), len(sheet.heads) - 1)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_footer("&R&8&P / &N")


def _interval(value: Interval | None) -> tuple[Cell, Cell, Cell]:
    return (None, None, None) if value is None else (value.low, round(value.mean, 3), value.high)


def _three(name: Message) -> tuple[Message, ...]:
    return tuple(Message(one.source, {"what": name}) for one in (LOW, MEAN, HIGH))


def _named(facts: AtlasFacts, fall: Fall, lang: Language) -> tuple[str, str, str]:
    one = fall.contingency
    return one.id, KINDS[one.kind].text(lang), fall_name(facts.network, fall, lang)


def _sheets(facts: AtlasFacts, lang: Language) -> Iterator[Sheet]:
    yield from _case_sheets(facts, lang)
    yield from _outcome_sheets(facts, lang)
    yield from _finding_sheets(facts, lang)
    rosters = [
        (row.centre_id, known_name(facts.network, row.centre_id), row.real, *_interval(row.patients), row.sha256)
        for row in facts.atlas.rosters
    ]
    heads = (msg("Centre"), msg("Name"), msg("Real list"), *_three(msg("Patients")), msg("Fingerprint"))
    yield Sheet(msg("Lists of patients"), heads, rosters)


def _case_sheets(facts: AtlasFacts, lang: Language) -> Iterator[Sheet]:
    heads: tuple[Message, ...] = (
        *CASE,
        msg("Centres"),
        msg("Also"),
        msg("Draws computed"),
        msg("Not computed"),
        msg("Precision"),
    )
    heads += tuple(head for name, _ in FIGURES for head in _three(name))
    rows = (
        (
            *_named(facts, fall, lang),
            " + ".join(fall.contingency.centre_ids),
            ", ".join(fall.contingency.also),
            len(fall.planned),
            len(fall.failed),
            pages.precision(fall, lang) if fall.planned else "",
            *(cell for _, figure in FIGURES for cell in _interval(fall.over(figure))),
        )
        for fall in facts.falls
    )
    yield Sheet(msg("Cases"), heads, rows)
    names = {centre.id: centre_short(centre) for centre in facts.centres}
    pairs = [
        (names[a], names[b], *_interval(fall.beyond), *_interval(facts.worse_together(a, b)))
        for fall in facts.pairs
        for a, b in [fall.contingency.centre_ids]
        if a in names and b in names
    ]
    more = msg("More than the two apart")
    heads = (msg("Centre"), msg("Other centre"), *_three(msg("Beyond tolerance")), *_three(more))
    yield Sheet(msg("Pairs"), heads, pairs)


def _outcome_sheets(facts: AtlasFacts, lang: Language) -> Iterator[Sheet]:
    def each(rows_of: Callable[[Outcome], Iterable[Sequence[Cell]]]) -> Iterator[Sequence[Cell]]:
        for fall in facts.falls:
            name = _named(facts, fall, lang)
            for outcome in fall.planned:
                yield from ((*name, outcome.seed, *row) for row in rows_of(outcome))

    def place(centre_id: str) -> str:
        return known_name(facts.network, centre_id)

    yield Sheet(msg("Draws"), _DRAW_HEADS, _draws(facts, lang))
    yield Sheet(
        msg("Priorities"),
        (*DRAW, msg("Priority"), msg("Patients"), msg("Placed in time"), msg("Placed late"), msg("Waiting"), msg("of whom late"), msg("Days beyond tolerance")),
        each(
            lambda o: (
                (f"P{t.rank}", t.patients, t.within, t.over, t.waiting, t.waiting_over, t.excess_tenths / 10) for t in o.ranks
            )
        ),
    )  # fmt: skip
    yield Sheet(
        msg("Transfers"),
        (*DRAW, msg("Home centre"), msg("Destination"), msg("Patients"), msg("Levels"), msg("Median travel (min)"), msg("Physics hours"), msg("Convention"), msg("Days lost without it")),
        each(
            lambda o: (
                (
                    place(f.home_id), place(f.destination_id), f.patients,
                    ", ".join(f"{n} {grade}" for grade, n in f.by_grade.items()),
                    f.median_travel_min, f.physics_hours, f.convention, f.days_lost,
                )
                for f in o.flows
            )
        ),
    )  # fmt: skip
    yield Sheet(
        msg("Receiving centres"),
        (*DRAW, msg("Destination"), msg("Patients"), msg("Physics hours"), msg("Physics hours available"), msg("Minutes taken, worst day (0 to 1)"), msg("Starts on the fullest day"), msg("Limit of that day")),
        each(
            lambda o: (
                (
                    place(d.centre_id), d.patients, d.physics_hours, d.physics_hours_available, d.peak_minutes_share,
                    d.peak_starts, d.peak_starts_max,
                )
                for d in o.destinations
            )
        ),
    )  # fmt: skip
    yield Sheet(
        msg("What binds"),
        (*DRAW, msg("What is full"), msg("Where"), msg("Full days"), msg("Patients kept out")),
        each(lambda o: ((RULES[b.rule].text(lang), place(b.centre_id), b.days_full, b.kept_out) for b in o.binding)),
    )


_DRAW_HEADS = (
    *DRAW,
    msg("Status"),
    msg("Why"),
    *(name for name, _ in FIGURES),
    *(Message(f"T{n}") for n in range(1, 7)),
    *(msg("T{n}, bound", n=n) for n in range(1, 7)),
    msg("Precise"),
    msg("Seconds"),
    msg("Fingerprint"),
)


def _draws(facts: AtlasFacts, lang: Language) -> Iterator[Sequence[Cell]]:
    """Yield every outcome; one that failed has its reason and no figure."""
    for fall in facts.falls:
        for outcome in sorted((*fall.planned, *fall.failed), key=lambda o: o.seed):
            name = (*_named(facts, fall, lang), outcome.seed)
            if outcome.status == "failed":
                why = failure(outcome, lang)
                yield (
                    *name,
                    msg("not computed").text(lang),
                    why,
                    *[None] * (len(FIGURES) + 13),
                    outcome.wall_s,
                    outcome.fingerprint,
                )
                continue
            tiers = {tier.id: tier for tier in outcome.tiers}
            values = [tiers[f"T{n}"].value if f"T{n}" in tiers else None for n in range(1, 7)]  # type: ignore[index]
            bounds = [tiers[f"T{n}"].bound if f"T{n}" in tiers else None for n in range(1, 7)]  # type: ignore[index]
            figures = [figure(outcome) for _, figure in FIGURES]
            done = msg("computed").text(lang)
            yield (*name, done, "", *figures, *values, *bounds, outcome.precise, outcome.wall_s, outcome.fingerprint)


def _finding_sheets(facts: AtlasFacts, lang: Language) -> Iterator[Sheet]:
    """Yield what to do, as it stands in the report."""
    for name, heads, made in (
        (msg("To sign"), advice.CONVENTION_HEADS, advice.conventions(facts, lang)),
        (msg("To match"), advice.MATCH_HEADS, advice.matches(facts, lang)),
        (msg("Not absorbed"), advice.BREAK_HEADS, advice.broken(facts, lang)),
        (msg("Single sites"), advice.SINGLE_HEADS, advice.single_points(facts, lang)),
        (msg("Isolated centres"), advice.ISOLATED_HEADS, advice.isolated(facts, lang)),
    ):
        yield Sheet(name, heads, made["rows"])
