"""The drawings of a Monte-Carlo as marks on paper, in millimetres from the top left; `stress.typ` puts them down. All read in grey."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, floor
from typing import TYPE_CHECKING, Any, Literal

from transfer_planner.i18n import msg
from transfer_planner.reports import words
from transfer_planner.reports.charts import STEPS
from transfer_planner.reports.stress_words import FAILURES, SOURCE_NAMES, with_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_planner.domain.stress import Conditional, ShareOfVariance, Spread, Step, Stress
    from transfer_planner.i18n import Language

Mark = dict[str, Any]
Fill = Literal["accent", "hair", "wash", "white", "ink"]
Side = Literal["left", "center", "right"]

WIDTH = 184.0
AXIS = 12.0
"""Room for the scale at the left."""


def plot(height: float, marks: Sequence[Mark], said: str) -> Mark:
    """Return a drawing; `said` tells it to those who do not see it."""
    return {"width": WIDTH, "height": height, "marks": list(marks), "alt": said}


def rect(x: float, y: float, width: float, height: float, fill: Fill) -> Mark:
    """Return a rectangle."""
    return {"kind": "rect", "x": x, "y": y, "w": width, "h": height, "fill": fill}


def line(
    x: float, y: float, to_x: float, to_y: float, *, weight: float = 0.6, dashed: bool = False, soft: bool = False
) -> Mark:
    """Return a line; `weight` in points."""
    return {
        "kind": "line",
        "x": x,
        "y": y,
        "to_x": to_x,
        "to_y": to_y,
        "weight": weight,
        "dashed": dashed,
        "soft": soft,
    }


def label(x: float, y: float, text: str, *, side: Side = "left", size: float = 7, bold: bool = False) -> Mark:
    """Return a text whose middle is at `y`; `side` tells which part of it is at `x`."""
    return {"kind": "label", "x": x, "y": y, "text": text, "side": side, "size": size, "bold": bold}


def whiskers(x: float, y: float, to_x: float, *, weight: float = 1.2) -> list[Mark]:
    """Return a horizontal interval with its two ends."""
    ends = [line(at, y - 1.1, at, y + 1.1, weight=weight) for at in (x, to_x)]
    return [line(x, y, to_x, y, weight=weight), *ends]


class Scale:
    """A round scale from zero or from the least value, along a length in millimetres."""

    def __init__(self, low: float, high: float, start: float, length: float, most: int = 6) -> None:
        steps = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, *STEPS)
        self.step = next((s for s in steps if high - low <= most * s), steps[-1])
        self.low = floor(low / self.step + 1e-9) * self.step
        self.high = max(ceil(high / self.step - 1e-9) * self.step, self.low + self.step)
        self.start, self.length = start, length

    def at(self, value: float) -> float:
        """Return where a value stands, within the scale."""
        share: float = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + self.length * share

    def ticks(self) -> list[float]:
        """Return the round values of the scale."""
        count = round((self.high - self.low) / self.step)
        return [round(self.low + self.step * number, 6) for number in range(count + 1)]


def histogram(spread: Spread, lang: Language, height: float = 36) -> Mark:
    """Draw how a figure is distributed, with its mean, its interval and the 5–95 % range."""
    top, left = 8.0, AXIS
    across = Scale(spread.edges[0], spread.edges[-1], left, WIDTH - left - 4, most=12)
    up = Scale(0, max(spread.counts), 0, height, most=4)
    base = top + height
    marks = [line(left, base - up.at(t), WIDTH - 4, base - up.at(t), weight=0.3, soft=True) for t in up.ticks()]
    marks += [label(left - 1.5, base - up.at(t), words.number(t, lang, 0), side="right", size=6.2) for t in up.ticks()]
    for count, low, high in zip(spread.counts, spread.edges, spread.edges[1:], strict=False):
        if count:
            x, end = across.at(low), across.at(high)
            marks.append(rect(x + 0.2, base - up.at(count), end - x - 0.4, up.at(count), "hair"))
    marks += [
        label(across.at(t), base + 2.4, words.number(t, lang, 2), side="center", size=6.2) for t in across.ticks()
    ]
    marks.append(line(left, base, WIDTH - 4, base, weight=0.8))
    for name in ("5", "95"):
        x = across.at(spread.quantiles[name])
        marks += [
            line(x, top - 1, x, base, weight=0.9, dashed=True),
            label(x, top - 2.6, f"{name}{words.PERCENT[lang]}", side="center", size=6.2),
        ]
    x, half = across.at(spread.mean), spread.half_width or 0.0
    marks += [line(x, top - 1, x, base, weight=1.8)]
    mean = msg("mean {value}", value=with_interval(spread.mean, spread.half_width, lang)).text(lang)
    marks.append(label(x, top - 5.4, mean, side="left" if x < WIDTH / 2 else "right", size=7.4, bold=True))
    marks += whiskers(across.at(spread.mean - half), top + 1.2, across.at(spread.mean + half))
    return plot(base + 4.6, marks, mean)


def boxes(rows: Sequence[tuple[str, Spread]], lang: Language) -> Mark:
    """Draw several distributions on one scale: 5 to 95 % a line, the middle half a box, the median a bar, the mean a cross."""
    left, row = 46.0, 6.6
    room = WIDTH - left - 34
    across = Scale(0, max((spread.quantiles["95"] for _, spread in rows), default=1), left, room)
    marks, last = [], row * len(rows)
    marks += [line(across.at(t), 0, across.at(t), last, weight=0.3, soft=True) for t in across.ticks()]
    marks += [
        label(across.at(t), last + 2.2, words.number(t, lang, 2), side="center", size=6.2) for t in across.ticks()
    ]
    for number, (name, spread) in enumerate(rows):
        y, q = row * (number + 0.5), {name: across.at(value) for name, value in spread.quantiles.items()}
        marks += [label(left - 2, y, name, side="right"), *whiskers(q["5"], y, q["95"], weight=0.9)]
        marks.append(rect(q["25"], y - 1.9, max(0.4, q["75"] - q["25"]), 3.8, "hair"))
        marks.append(line(q["50"], y - 1.9, q["50"], y + 1.9, weight=1.8))
        x = across.at(spread.mean)
        marks += [line(x - 1, y - 1, x + 1, y + 1, weight=1), line(x - 1, y + 1, x + 1, y - 1, weight=1)]
        marks.append(label(left + room + 3, y, with_interval(spread.mean, spread.half_width, lang), bold=True))
    return plot(last + 4.4, marks, "; ".join(f"{name}: {words.number(spread.mean, lang)}" for name, spread in rows))


def shares(found: Sequence[ShareOfVariance], lang: Language) -> Mark:
    """Draw the share of variance of each source by itself, with its interval, and what only their meetings explain."""
    left, row = 46.0, 6.2
    room = WIDTH - left - 34
    rows = [(SOURCE_NAMES[one.source].text(lang), max(0.0, one.share), one.half_width, one.share) for one in found]
    rest = 1 - sum(share for _, share, _, _ in rows)
    rows.append((msg("meetings of several").text(lang), max(0.0, rest), None, rest))
    across = Scale(0, max(1.0, *(share for _, share, _, _ in rows)), left, room, most=5)
    marks, said, last = [], [], row * len(rows)
    marks += [line(across.at(t), 0, across.at(t), last, weight=0.3, soft=True) for t in across.ticks()]
    marks += [
        label(across.at(t), last + 2.2, words.percent(t, lang, 0), side="center", size=6.2) for t in across.ticks()
    ]
    for number, (name, share, half, value) in enumerate(rows):
        y, x = row * (number + 0.5), across.at(share)
        meeting = number == len(rows) - 1
        marks.append(label(left - 2, y, name, side="right"))
        if share > 0:
            marks.append(rect(left, y - 2, x - left, 4, "wash" if meeting else "accent"))
        if half is not None:
            marks += whiskers(across.at(share - half), y, across.at(share + half), weight=1)
        text = words.percent(share, lang, 0)
        if half is not None:
            text = f"{text} ± {words.percent(half, lang, 0)}"
        marks.append(label(left + room + 3, y, text, bold=True))
        said.append(f"{name}: {words.percent(max(0.0, value), lang, 0)}")
    marks.append(line(left, 0, left, last, weight=0.8))
    return plot(last + 4.4, marks, "; ".join(said))


def conditionals(found: Sequence[Conditional], lang: Language) -> Mark:
    """Draw the mean number of patients beyond tolerance, by what held in the run."""
    left, row = 62.0, 5.4
    room = WIDTH - left - 44
    across = Scale(0, max((one.mean for one in found), default=1), left, room)
    marks, said, y, last = [], [], 0.0, None
    for one in found:
        y += 0.0 if one.source in (last, None) or last is None else 1.6
        middle = y + row / 2
        what = (
            FAILURES[one.value].text(lang) if one.source == "failures" else msg("{days} d", days=one.value).text(lang)
        )
        name = SOURCE_NAMES[one.source].text(lang)
        if one.source != last:
            marks.append(label(0, middle, name, bold=True))
        x = across.at(one.mean)
        runs = msg("{count} runs", count=one.runs).text(lang)
        marks += [label(left - 2, middle, what, side="right"), rect(left, middle - 1.7, x - left, 3.4, "hair")]
        marks.append(label(x + 2, middle, f"{words.number(one.mean, lang)}", bold=True))
        marks.append(label(WIDTH, middle, runs, side="right", size=6.2))
        said.append(f"{name} {what}: {words.number(one.mean, lang)}")
        last, y = one.source, y + row
    marks.append(line(left, 0, left, y, weight=0.8))
    return plot(y + 1, marks, "; ".join(said))


def convergence(stress: Stress, lang: Language, height: float = 30) -> Mark:
    """Draw the mean and its interval against the runs."""
    steps = [step for step in stress.convergence if step.half_width is not None]
    if not steps:
        lone = msg("one batch: no interval").text(lang)
        return plot(4, [label(0, 2, lone)], lone)
    shown = steps[1:] if len(steps) > 3 else steps  # two batches alone tell hardly anything
    spans = [(step, step.half_width or 0.0) for step in shown]
    top = 3.0
    up = Scale(min(s.mean - h for s, h in spans), max(s.mean + h for s, h in spans), 0, height, most=5)
    across = Scale(0, shown[-1].runs, AXIS, WIDTH - AXIS - 4, most=10)
    base = top + height
    marks = [line(AXIS, base - up.at(t), WIDTH - 4, base - up.at(t), weight=0.3, soft=True) for t in up.ticks()]
    marks += [label(AXIS - 1.5, base - up.at(t), words.number(t, lang, 2), side="right", size=6.2) for t in up.ticks()]
    marks += [
        label(across.at(t), base + 2.4, words.number(t, lang, 0), side="center", size=6.2) for t in across.ticks()
    ]
    points = [[across.at(s.runs), base - up.at(s.mean + h)] for s, h in spans]
    points += [[across.at(s.runs), base - up.at(s.mean - h)] for s, h in reversed(spans)]
    marks.append({"kind": "band", "points": points})
    marks += _path(shown, across, up, base)
    marks.append(line(AXIS, base, WIDTH - 4, base, weight=0.8))
    final = steps[-1]
    said = msg("{count} runs: {value}", count=final.runs, value=with_interval(final.mean, final.half_width, lang))
    return plot(base + 4.6, marks, said.text(lang))


def _path(steps: Sequence[Step], across: Scale, up: Scale, base: float) -> list[Mark]:
    places = [(across.at(step.runs), base - up.at(step.mean)) for step in steps]
    return [line(x, y, to_x, to_y, weight=1.4) for (x, y), (to_x, to_y) in pairwise(places)]
