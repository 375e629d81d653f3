"""The words of a Monte-Carlo: figures, sources of variation, what happens in a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transfer_planner.i18n import Message, msg
from transfer_planner.reports import words

if TYPE_CHECKING:
    from transfer_planner.domain.stress import Draw, Source
    from transfer_planner.i18n import Language

SOURCE_NAMES: dict[Source, Message] = {
    "outage": msg("length of the outage"),
    "data": msg("return of the data"),
    "roster": msg("patients"),
    "load": msg("booked minutes"),
    "staff": msg("absent staff"),
    "failures": msg("second failures"),
}
FAILURES = {
    "none": msg("none"),
    "linac": msg("a linac or more"),
    "centre": msg("another centre"),
}


NAMES: dict[str, Message] = {
    "over": msg("patients beyond tolerance"),
    "waiting": msg("patients who wait for the reopening"),
    "travel": msg("median travel, minutes one way"),
    "T6": msg("T6, burden in minutes"),
}


def figure_name(figure: str, lang: Language) -> str:
    """Return a figure in words."""
    if figure in NAMES:
        return NAMES[figure].text(lang)
    if figure.startswith("T"):
        return msg("{tier}, days beyond tolerance", tier=figure).text(lang)
    return msg("beyond tolerance, {rank}", rank=words.rank(int(figure[-1]), lang)).text(lang)


def happens(draw: Draw, lang: Language) -> str:
    """Say what happens in a run."""
    parts = []
    if draw.outage_days is not None:
        parts.append(msg("outage {days} d", days=draw.outage_days))
    if draw.data_delay_days:
        parts.append(msg("data {days} d late", days=draw.data_delay_days))
    if draw.linacs_out:
        parts.append(msg("linacs out: {names}", names=", ".join(draw.linacs_out)))
    if draw.centres_out:
        parts.append(msg("centres out: {names}", names=", ".join(draw.centres_out)))
    for factors, said in ((draw.load, msg("booked minutes × {mean}")), (draw.absent, msg("staff absent: {mean}"))):
        if factors:
            mean = sum(factors.values()) / len(factors)
            shown = words.number(mean, lang, 2) if factors is draw.load else words.percent(mean, lang, 0)
            parts.append(Message(said.source, {"mean": shown}))
    return ", ".join(part.text(lang) for part in parts)


def with_interval(mean: float, half: float | None, lang: Language) -> str:
    """Return a mean with half of its interval, as many decimals as that allows."""
    digits = 1 if half is None or half >= 0.1 else 2
    large = abs(mean) >= 1000
    text = words.number(mean, lang, 0 if large else digits)
    return text if half is None else f"{text} ± {words.number(half, lang, 0 if large else digits)}"
