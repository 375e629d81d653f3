"""The column beside the printed map: reservation, counts, meaning of every sign, notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from transfer_planner.i18n import Message, msg
from transfer_planner.reports.map_facts import PARTS
from transfer_planner.reports.map_layout import Point, apart, wrap
from transfer_planner.reports.map_marks import put_text, symbol
from transfer_planner.reports.map_scene import COLUMN, WIDEST
from transfer_planner.reports.map_words import (
    HAIR,
    INK,
    LINES,
    PART_WORDS,
    SOFT,
    cored,
    dashes,
    flow_width,
    lines_present,
    patients,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transfer_planner.reports.map_layout import Placed
    from transfer_planner.reports.map_scene import Scene


class Caption(NamedTuple):
    """What a drawing says above its legend.

    Parameters
    ----------
    title
        Name of the drawing.
    warnings
        Reservations, gravest first.
    counts
        Numbers and what they count.
    lines
        Heading of the kinds of line.
    nobody
        Said when there is no flow.
    """

    title: str
    warnings: tuple[str, ...]
    counts: list[tuple[int, Message]]
    lines: Message = msg("Line: most frequent level")
    nobody: Message = msg("No patient is transferred.")


def legend(scene: Scene, caption: Caption, labels: list[Placed]) -> tuple[list[str], float]:
    """Explain every sign, from top to bottom of the column.

    Returns
    -------
    The marks, and where the column ends.
    """
    marks: list[str] = []
    lang = scene.lang
    x, y = scene.frame.right + 18, 4.0
    for banner in caption.warnings:
        rows = wrap(banner, 22, lines=3)
        height = 8 + 19 * len(rows)
        marks.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{COLUMN - 20:g}" height="{height}" fill="{INK}"/>')
        for i, row in enumerate(rows):
            marks.append(put_text(x + 8, y + 19 + 19 * i, row, 16, bold=True, fill="#fff"))
        y += height + 6
    for number, words in caption.counts:
        y += 25
        marks.append(put_text(x + 44, y, str(number), 22, anchor="end", bold=True))
        for i, row in enumerate(wrap(words.text(lang), 26)):
            y += 15 * min(i, 1)
            marks.append(put_text(x + 52, y, row, 14))
    for heading, entries in _sections(scene, caption):
        y += 34
        marks.append(put_text(x, y, heading, 15, bold=True))
        marks.append(f'<path d="M{x:.1f} {y + 6:.1f}h{COLUMN - 20:g}" stroke="{HAIR}"/>')
        y += 8
        for drawing, meaning in entries:
            rows = wrap(meaning, 29, lines=3)
            y += 22
            marks.append(f'<g transform="translate({x + 22:.1f} {y - 4:.1f})">{drawing}</g>')
            for i, row in enumerate(rows):
                y += 15 * min(i, 1)
                marks.append(put_text(x + 52, y, row, 13.5))
    y += 18
    for note in _notes(scene, caption, labels):
        for row in wrap(note, 42, lines=3):
            y += 15
            marks.append(put_text(x, y, row, 11.5, fill=SOFT))
    return marks, y


def _sections(scene: Scene, caption: Caption) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    lang = scene.lang
    parts = [part for part in PARTS if any(s.part == part for s in scene.stops)]
    yield msg("Centres").text(lang), [(symbol(part, Point(0, 0)), PART_WORDS[part].text(lang)) for part in parts]
    present = lines_present(scene.facts)
    if present:
        most = max(flow.patients for flow in scene.facts.flows)
        widths = [
            (_stroke(INK, flow_width(n, most, widest=WIDEST), ""), patients(n).text(lang))
            for n in sorted({1, (most + 1) // 2, most})
        ]
        yield msg("Width: patients").text(lang), widths
        yield (
            caption.lines.text(lang),
            [
                (
                    _stroke(LINES[line].colour, 5, dashes(line, 5), core=cored(line)),
                    " – ".join(filter(None, (LINES[line].letter.text(lang), LINES[line].words.text(lang)))),
                )
                for line in present
            ],
        )
    if any(stop.peak for stop in scene.stops) and not scene.dense:
        gauge = (
            f'<g transform="translate(-22 -5)"><rect width="44" height="9" fill="#fff" stroke="{INK}"/>'
            f'<rect width="22" height="9" fill="{HAIR}" stroke="{INK}"/><rect x="22" width="12" height="9" fill="{INK}"/></g>'
        )
        words = msg("own patients (grey), transferred (black), free (white)").text(lang)
        yield msg("Linacs on the heaviest day").text(lang), [(gauge, words)]
    others = []
    if scene.facts.bands:
        others.append((_stroke(SOFT, 1, "2 5"), msg("estimated travel one way from the stopped centre").text(lang)))
    if any(domain.fallen for domain in scene.facts.domains):
        dots = (
            f'<path d="M-22 0H22" stroke="{SOFT}" stroke-width="2.5" stroke-dasharray="0.1 6" stroke-linecap="round"/>'
        )
        others.append((dots, msg("shared information system, stopped").text(lang)))
    if others:
        yield msg("Other lines").text(lang), others


def _stroke(colour: str, width: float, dash: str, *, core: bool = False) -> str:
    stroke = f' stroke-dasharray="{dash}"' if dash else ""
    white = f'<path d="M-22 0H22" stroke="#fff" stroke-width="{width / 3:.1f}"/>' if core else ""
    return f'<path d="M-22 0H22" stroke="{colour}" stroke-width="{width:g}"{stroke}/>{white}'


def _notes(scene: Scene, caption: Caption, labels: list[Placed]) -> Iterator[str]:
    lang = scene.lang
    if not scene.facts.flows:
        yield caption.nobody.text(lang)
    if any(len(flow.by_line) > 1 for flow in scene.facts.flows):
        yield msg("+: others too.").text(lang)
    if any(apart(scene.true[k], p) > 3 for k, p in scene.moved.items()):
        yield msg("Symbols too close are moved apart; a dot marks the true place.").text(lang)
    unnamed, outside = len(scene.stops) - len(labels), len(scene.facts.stops) - len(scene.stops)
    if unnamed:
        yield msg("{n} centres drawn without their name.", n=unnamed).text(lang)
    if outside:
        yield msg("{n} centres outside the view.", n=outside).text(lang)
    if scene.outlines:
        yield msg("Outlines: Natural Earth.").text(lang)
