"""Words, colours and strokes common to the printed and the interactive map."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from transfer_planner.i18n import Language, Message, msg
from transfer_planner.reports import words
from transfer_planner.reports.furniture import reservations
from transfer_planner.reports.map_facts import dominant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan
    from transfer_planner.reports.map_facts import DayLoad, Line, MapFacts, Part, Stop

INK, SOFT, HAIR, WASH, ACCENT = "#1b1f24", "#5b6670", "#b4bcc4", "#eef1f4", "#0b4f8a"
LAND, SEA = "#ffffff", "#eef1f4"


class Style(NamedTuple):
    """How a kind of line is drawn and told: dark enough to stay readable in grey, told apart without colour by its dashes."""

    colour: str
    dashes: tuple[float, ...]
    letter: Message
    words: Message


LINES: dict[Line, Style] = {
    "emergency": Style("#a1121f", (), msg("U"), msg("urgent: simple fields, same day")),
    "G0": Style("#0b4f8a", (), msg("G0"), msg("matched linacs: the plan is reused")),
    "G1": Style("#00695c", (5, 1), msg("G1"), msg("same model: recalculation")),
    "G2": Style("#8a5a00", (4, 1, 1, 1), msg("G2"), msg("same maker: re-optimisation")),
    "G3": Style("#b8480f", (2, 1), msg("G3"), msg("other linac: new plan on the same CT")),
    "G4": Style("#6a1b7a", (0.7, 0.9), msg("G4"), msg("new planning CT")),
    "P1": Style("#a1121f", (), msg("P1"), words.RANKS[1]),
    "P2": Style("#b8480f", (5, 1), msg("P2"), words.RANKS[2]),
    "P3": Style("#8a5a00", (4, 1, 1, 1), msg("P3"), words.RANKS[3]),
    "P4": Style("#0b4f8a", (2, 1), msg("P4"), words.RANKS[4]),
    "P5": Style("#5b6670", (0.7, 0.9), msg("P5"), words.RANKS[5]),
    "placed": Style("#00695c", (), msg("placed"), msg("transfer instead of waiting")),
    "moved": Style("#0b4f8a", (5, 1), Message(""), msg("to another centre")),
    "undone": Style("#a1121f", (0.7, 0.9), msg("taken back"), msg("back to the home centre")),
}
"""Dashes and gaps are in a unit that grows with the width of the line."""

PART_WORDS: dict[Part, Message] = {
    "fallen": msg("centre stopped"),
    "destination": msg("receiving centre"),
    "blocked": msg("not used: shares a system with a stopped centre"),
    "unused": msg("centre that receives nobody"),
}


def dashes(line: Line, width: float) -> str:
    """Return the dash pattern of a flow, in drawing units; empty for a solid line."""
    return " ".join(f"{part * (3 + width * 0.35):.1f}" for part in LINES[line].dashes)


def cored(line: Line) -> bool:
    """Return whether a line bears a white core."""
    return line in {"emergency", "P1"}


def flow_width(patients: int, most: int, *, widest: float) -> float:
    """Return the width of a flow: a readable least, then in proportion to its patients."""
    return round(1.8 + (widest - 1.8) * patients / max(most, 8), 2)


def letter(by_line: Mapping[Line, int], lang: Language) -> str:
    """Return the letter of the dominant kind of line, with a plus when there are others."""
    return LINES[dominant(by_line)].letter.text(lang) + ("+" if len(by_line) > 1 else "")


def patients(count: int) -> Message:
    """Say a number of patients."""
    return msg("1 patient") if count == 1 else msg("{n} patients", n=count)


def minutes(travel: tuple[int, int]) -> Message:
    """Say travel times, one way."""
    low, high = travel
    return msg("{n} min", n=low) if low == high else msg("{low}–{high} min", low=low, high=high)


def percent(day: DayLoad) -> Message:
    """Say the load of a day."""
    return msg("{n}%", n=round(day.share * 100))


def grades(by_grade: Mapping[Line, int], lang: Language) -> str:
    """Say counts by grade: `4 G1, 2 G3`."""
    return ", ".join(f"{count}\u00a0{LINES[grade].letter.text(lang)}" for grade, count in by_grade.items())


def staying(stop: Stop) -> list[Message]:
    """Say how many patients of a centre wait or restart there."""
    waiting, restarting = msg("{n} waiting", n=stop.waiting), msg("{n} restarting here", n=stop.restarted)
    return [said for said, count in ((waiting, stop.waiting), (restarting, stop.restarted)) if count]


def ranks(stop: Stop) -> str:
    """Say counts by rank: `2 P1, 5 P2`."""
    return ", ".join(f"{count}\u00a0P{rank}" for rank, count in stop.by_rank.items())


def title(plan: Plan, lang: Language) -> str:
    """Return the title of the scenario in the reader's language, else in the other, else its id."""
    return plan.title.get(lang) or next(iter(plan.title.values()), "") or plan.scenario_id


def page_title(plan: Plan, lang: Language) -> str:
    """Return the title of the document."""
    return msg("Map of transfers – {scenario}", scenario=title(plan, lang)).text(lang)


def warning(plan: Plan, case: Case, lang: Language) -> tuple[str, ...]:
    """Return what every reader must know before trusting a map, gravest first."""
    return tuple(message.text(lang) for message in reservations(plan, case, plan.decisions))


def status(plan: Plan) -> Message:
    """Say whether the plan is known to be the best."""
    return msg("best plan (proven)") if plan.status == "OPTIMAL" else msg("valid plan, not proven best")


def counts(plan: Plan) -> list[tuple[int, Message]]:
    """Return the counts by decision: those that are not zero, transfers always."""
    summary = plan.summary
    lines = [
        (summary.transferred, msg("transferred")),
        (summary.restarted, msg("restarting at home")),
        (summary.waiting, msg("waiting for the reopening")),
        (summary.not_planned, msg("with nothing to plan")),
    ]
    return [line for i, line in enumerate(lines) if line[0] or i == 0]


def lines_present(facts: MapFacts) -> list[Line]:
    """Return the kinds of line a legend must explain."""
    return [line for line in LINES if any(line in flow.by_line for flow in facts.flows)]


def edition(plan: Plan, lang: Language) -> str:
    """Return the line under the title: day of the attack, status, time of edition."""
    return msg(
        "Attack: {day} – {status} – edited on {when}",
        day=words.day(plan.attack_date, lang),
        status=status(plan),
        when=words.moment(plan.created_at, lang),
    ).text(lang)
