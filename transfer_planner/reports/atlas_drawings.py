"""Two drawings of the atlas: the pairs as a map of shades, the falls as bars with their interval. Both are read in grey."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from transfer_planner.i18n import msg
from transfer_planner.reports import words
from transfer_planner.reports.atlas_map import SHADE, svg_document
from transfer_planner.reports.atlas_words import centre_short, fall_name, figure
from transfer_planner.reports.map_layout import text_width, wrap
from transfer_planner.reports.map_marks import put_text
from transfer_planner.reports.map_words import ACCENT, HAIR, INK, SOFT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transfer_planner.domain.atlas import Interval
    from transfer_planner.domain.centre import Centre
    from transfer_planner.i18n import Language
    from transfer_planner.reports.atlas_facts import AtlasFacts, Fall

SHADES = ("#ffffff", "#dce8f3", SHADE, "#6a9bc8", "#2e6aa3", "#0a3558")
FROM = (0, 0.5, 5.5, 20.5, 50.5, 100.5)
"""Mean from which each shade begins: the same every year, so that two atlases are compared at a glance."""
SCALE = ("0", "1–5", "6–20", "21–50", "51–100", "> 100")
DARK = 3
"""Shade from which the text is white."""
MOST = 24
"""Centres of the map of pairs: beyond, numbers could not be read; the gravest are kept."""
NAMES, CELL, ROW, TOP = 268.0, 44.0, 30.0, 26.0
LEGEND, BESIDE = 334.0, 7
"""Width of the legend, and the rows of the map beside it."""


def shade(value: float) -> int:
    """Return the shade of a mean number of patients."""
    return max(at for at, start in enumerate(FROM) if value >= start)


def pairs_svg(facts: AtlasFacts, lang: Language) -> str:
    """Draw the patients beyond tolerance of every pair: centres in rows and columns, their own fall on the diagonal.

    Each cell bears its interval over the seeds; a corner says that the two falls together cost more than both apart.
    """
    centres = facts.centres[:MOST]
    legend = max(NAMES + CELL * len(centres) - LEGEND, NAMES + CELL * min(len(centres), BESIDE) + 24)
    wide, high = max(NAMES + CELL * len(centres), legend + LEGEND), TOP + ROW * len(centres)
    body = [_hatches()]
    for row, centre in enumerate(centres):
        y = TOP + ROW * row
        body.append(put_text(NAMES - 32, y + 20, centre_short(centre, 30), 14, anchor="end"))
        body.append(put_text(NAMES - 8, y + 20, str(row + 1), 14, anchor="end", bold=True))
        for column, other in enumerate(centres[: row + 1]):
            body.append(_cell(facts, (centre, other), (row, column), lang))
        body.append(put_text(NAMES + CELL * (row + 0.5), y - 7, str(row + 1), 14, anchor="middle", bold=True))
    body += _scale(legend, len(facts.centres) - len(centres), lang)
    name = msg("Patients beyond tolerance if two centres fall together").text(lang)
    return svg_document(wide + 2, max(high + 2, TOP + 210), "".join(body), name)


def _hatches() -> str:
    return (
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="6" height="6" fill="#fff"/><path d="M0 0V6" stroke="{HAIR}" stroke-width="2.4"/></pattern></defs>'
    )


def _cell(facts: AtlasFacts, pair: tuple[Centre, Centre], at: tuple[int, int], lang: Language) -> str:
    """Draw a cell: its shade, its interval, whether it is worse than the sum of its parts."""
    (one, two), (row, column) = pair, at
    x, y = NAMES + CELL * column, TOP + ROW * row
    own = one.id == two.id
    fall = facts.alone(one.id) if own else facts.together(one.id, two.id)
    value = None if fall is None else fall.beyond
    edge = f'stroke="{INK}" stroke-width="2"' if own else f'stroke="{HAIR}" stroke-width="0.8"'
    inset = 1 if own else 0
    box = f'x="{x + inset:g}" y="{y + inset:g}" width="{CELL - 2 * inset:g}" height="{ROW - 2 * inset:g}"'
    if fall is None or value is None:
        said = escape(msg("{name}: not computed", name=fall_name(facts.network, fall, lang) if fall else "").text(lang))
        rect = f'<rect {box} fill="url(#hatch)" {edge}/>'
        return (
            f"<g><title>{said}</title>{rect}{put_text(x + CELL / 2, y + 20, '?', 14, anchor='middle', bold=True)}</g>"
        )
    level = shade(value.mean)
    ink = "#ffffff" if level >= DARK else INK
    said = msg(
        "{name}: {count} beyond tolerance",
        name=fall_name(facts.network, fall, lang, "centre" if own else "pair"),
        count=figure(value, lang),
    ).text(lang)
    more = None if own else facts.worse_together(one.id, two.id)
    corner = (
        f'<path d="M{x + CELL - 11:g} {y + 0.8:g}h10.2v10.2z" fill="{ink}"/>'
        if more is not None and more.low > 0
        else ""
    )
    return (
        f'<g class="cell" data-fall="{escape(fall.contingency.id)}" data-at="{row},{column}"><title>{escape(said)}</title>'
        f'<rect {box} fill="{SHADES[level]}" {edge}/>{corner}{"".join(_number(value, x, y, ink, lang))}</g>'
    )


def _number(value: Interval, x: float, y: float, ink: str, lang: Language) -> Iterator[str]:
    """Write an interval as large as the cell allows, on two lines when it is long."""
    low, high = (words.number(end, lang, 0) for end in (value.low, value.high))
    text = low if low == high else f"{low}–{high}"
    size = min(14.0, (CELL - 5) / text_width(text, 1))
    if size >= 10.5 or low == high:
        yield put_text(x + CELL / 2, y + ROW / 2 + size * 0.36, text, round(size, 1), anchor="middle", fill=ink)
        return
    yield put_text(x + CELL / 2, y + 13, f"{low}–", 11.5, anchor="middle", fill=ink)
    yield put_text(x + CELL / 2, y + 25, high, 11.5, anchor="middle", fill=ink)


def _scale(x: float, left_out: int, lang: Language) -> Iterator[str]:
    """Explain shades and marks in the empty corner."""
    y = 16.0
    head = msg("Patients beyond tolerance, least–greatest over the draws")
    for row in wrap(head.text(lang), 40, lines=2):
        yield put_text(x, y, row, 15, bold=True)
        y += 18
    for at, (fill, label) in enumerate(zip(SHADES, SCALE, strict=True)):
        yield f'<rect x="{x + 54 * at:g}" y="{y:g}" width="54" height="22" fill="{fill}" stroke="{INK}" stroke-width="0.8"/>'
        yield put_text(x + 54 * at + 27, y + 16, label, 13, anchor="middle", fill="#ffffff" if at >= DARK else INK)
    y += 46
    marks = [
        (
            f'<rect x="{x + 1:g}" y="{y - 13:g}" width="26" height="16" fill="#fff" stroke="{INK}" stroke-width="2"/>',
            msg("diagonal: the centre alone"),
        ),
        (
            f'<path d="M{x + 12:g} {y + 9:g}h12v12z" fill="{INK}"/>',
            msg("worse together than the two apart, at every draw"),
        ),
        (
            f'<rect x="{x:g}" y="{y + 31:g}" width="28" height="16" fill="url(#hatch)" stroke="{HAIR}"/>',
            msg("not computed"),
        ),
    ]
    for at, (drawing, said) in enumerate(marks):
        yield drawing
        yield put_text(x + 36, y + 22 * at, said.text(lang), 13.5)
    notes = [msg("Rows and columns: the gravest alone first.")]
    if left_out > 0:
        notes.append(msg("{n} centres left out, less grave alone.", n=left_out))
    for at, note in enumerate(notes):
        yield put_text(x, y + 68 + 17 * at, note.text(lang), 12.5, fill=SOFT)


class Bar(NamedTuple):
    """A row of the bars: what falls, and its figures; None where nothing could be planned."""

    name: str
    first: Interval | None
    all: Interval | None
    note: str
    number: str = ""


def bars_svg(title: str, bars: Sequence[Bar], lang: Language, *, names: float = 300.0) -> str:
    """Draw patients beyond tolerance: ranks 1 to 3 dark, the others light, the interval of the whole a line with two ends.

    Parameters
    ----------
    title
        Said to those who do not see the drawing.
    bars
        Rows, in order.
    lang
        Language.
    names
        Width of the names, drawing units.
    """
    width, left, row = 1060.0, names, 25.0
    room = width - left - 240
    top = max([bar.all.high for bar in bars if bar.all is not None] + [1.0])
    body = []
    for at, bar in enumerate(bars):
        y = at * row
        body.append(put_text(left - (34 if bar.number else 10), y + 18, _fitted(bar.name, left - 40), 15, anchor="end"))
        if bar.number:
            body.append(put_text(left - 10, y + 18, bar.number, 15, anchor="end", bold=True))
        if bar.all is None or bar.first is None:
            body.append(put_text(left + 4, y + 18, bar.note or msg("not computed").text(lang), 14, fill=SOFT))
            continue
        first, whole = room * bar.first.mean / top, room * bar.all.mean / top
        low, high = left + room * bar.all.low / top, left + room * bar.all.high / top
        body.append(
            f'<rect x="{left:g}" y="{y + 5:g}" width="{whole:.1f}" height="16" fill="{SHADE}" stroke="{INK}" stroke-width="0.8"/>'
            f'<rect x="{left:g}" y="{y + 5:g}" width="{first:.1f}" height="16" fill="{ACCENT}" stroke="{INK}" stroke-width="0.8"/>'
        )
        if bar.all.high > bar.all.low:
            body.append(
                f'<path d="M{low:.1f} {y + 13:g}H{high:.1f}M{low:.1f} {y + 8:g}v10M{high:.1f} {y + 8:g}v10" stroke="#fff" stroke-width="4.5"/>'
                f'<path d="M{low:.1f} {y + 13:g}H{high:.1f}M{low:.1f} {y + 8:g}v10M{high:.1f} {y + 8:g}v10" stroke="{INK}" stroke-width="1.8"/>'
            )
        said = figure(bar.all, lang)
        at_x = max(high, left + whole) + 9
        body.append(put_text(at_x, y + 18, said, 15, bold=True))
        body.append(put_text(at_x + text_width(said, 15, bold=True) + 7, y + 18, bar.note, 13, fill=SOFT))
    body.append(f'<path d="M{left:g} 0V{len(bars) * row:g}" stroke="{INK}" stroke-width="1.4"/>')
    return svg_document(width, max(len(bars) * row, row), "".join(body), title)


def _fitted(name: str, width: float) -> str:
    """Return a name that keeps within a width."""
    most = len(name)
    while text_width(name[:most], 15) > width:
        most -= 1
    return name if most == len(name) else name[: most - 1].rstrip() + "…"


def bar_of(fall: Fall, name: str, lang: Language, number: str = "") -> Bar:
    """Return the bar of a fall."""
    patients = fall.over(lambda outcome: outcome.patients)
    if patients is None:
        return Bar(name, None, None, msg("not computed").text(lang), number)
    return Bar(name, fall.beyond_first, fall.beyond, msg("of {n}", n=figure(patients, lang)).text(lang), number)
