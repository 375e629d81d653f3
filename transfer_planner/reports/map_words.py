"""Words, colours and strokes common to the printed and the interactive map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from babel.dates import format_date, format_datetime

from transfer_planner.domain.scenario import PARIS
from transfer_planner.i18n import Language, Message, msg
from transfer_planner.reports.map_facts import dominant

if TYPE_CHECKING:
    from datetime import date, datetime

    from transfer_planner.domain.base import Grade
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan
    from transfer_planner.reports.map_facts import DayLoad, MapFacts, Part, Stop

INK, SOFT, HAIR, WASH, ACCENT = "#1b1f24", "#5b6670", "#b4bcc4", "#eef1f4", "#0b4f8a"
LAND, SEA = "#ffffff", "#eef1f4"

GRADE_COLOURS: dict[Grade, str] = {
    "emergency": "#a1121f",
    "G0": "#0b4f8a",
    "G1": "#00695c",
    "G2": "#8a5a00",
    "G3": "#b8480f",
    "G4": "#6a1b7a",
}
"""Dark enough to stay readable in grey; the letter and the dashes tell grades apart without colour."""

GRADE_DASHES: dict[Grade, tuple[float, ...]] = {
    "emergency": (),
    "G0": (),
    "G1": (5, 1),
    "G2": (4, 1, 1, 1),
    "G3": (2, 1),
    "G4": (0.7, 0.9),
}
"""Dashes and gaps, in a unit that grows with the width of the line."""

GRADE_LETTERS: dict[Grade, Message] = {
    "emergency": msg("U"),
    "G0": msg("G0"),
    "G1": msg("G1"),
    "G2": msg("G2"),
    "G3": msg("G3"),
    "G4": msg("G4"),
}

GRADE_WORDS: dict[Grade, Message] = {
    "emergency": msg("urgent: simple fields, same day"),
    "G0": msg("matched linacs: the plan is reused"),
    "G1": msg("same model: recalculation"),
    "G2": msg("same maker: re-optimisation"),
    "G3": msg("other linac: new plan on the same CT"),
    "G4": msg("new planning CT"),
}

PART_WORDS: dict[Part, Message] = {
    "fallen": msg("centre stopped"),
    "destination": msg("receiving centre"),
    "blocked": msg("not used: shares a system with a stopped centre"),
    "unused": msg("centre that receives nobody"),
}


def dashes(grade: Grade, width: float) -> str:
    """Return the dash pattern of a flow, in drawing units; empty for a solid line."""
    return " ".join(f"{part * (3 + width * 0.35):.1f}" for part in GRADE_DASHES[grade])


def flow_width(patients: int, most: int, *, widest: float) -> float:
    """Return the width of a flow: a readable least, then in proportion to its patients."""
    return round(1.8 + (widest - 1.8) * patients / max(most, 8), 2)


def letter(by_grade: dict[Grade, int], lang: Language) -> str:
    """Return the letter of the dominant grade, with a plus when there are others."""
    return GRADE_LETTERS[dominant(by_grade)].text(lang) + ("+" if len(by_grade) > 1 else "")


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


def grades(by_grade: dict[Grade, int], lang: Language) -> str:
    """Say counts by grade: `4 G1, 2 G3`."""
    return ", ".join(f"{count}\u00a0{GRADE_LETTERS[grade].text(lang)}" for grade, count in by_grade.items())


def staying(stop: Stop) -> list[Message]:
    """Say how many patients of a centre wait or restart there."""
    waiting, restarting = msg("{n} waiting", n=stop.waiting), msg("{n} restarting here", n=stop.restarted)
    return [words for words, count in ((waiting, stop.waiting), (restarting, stop.restarted)) if count]


def ranks(stop: Stop) -> str:
    """Say counts by rank: `2 P1, 5 P2`."""
    return ", ".join(f"{count}\u00a0P{rank}" for rank, count in stop.by_rank.items())


def long_date(day: date, lang: Language) -> str:
    """Write a date in full."""
    return format_date(day, "full", locale="fr_FR" if lang == "fr" else "en_GB")


def short_date(day: date, lang: Language) -> str:
    """Write a day of the week and a date, short: `mer. 4 mars`."""
    return format_date(day, "EEE d MMM", locale="fr_FR" if lang == "fr" else "en_GB")


def moment(when: datetime, lang: Language) -> str:
    """Write a date and a time of day in Paris."""
    local = when.astimezone(PARIS)
    return format_datetime(local, "d MMM y, HH:mm", locale="fr_FR" if lang == "fr" else "en_GB")


def title(plan: Plan, lang: Language) -> str:
    """Return the title of the scenario in the reader's language, else in the other, else its id."""
    return plan.title.get(lang) or next(iter(plan.title.values()), "") or plan.scenario_id


def page_title(plan: Plan, lang: Language) -> str:
    """Return the title of the document."""
    return msg("Map of transfers – {scenario}", scenario=title(plan, lang)).text(lang)


def warning(plan: Plan, case: Case, lang: Language) -> str:
    """Return what must stand across every page; empty when all was confirmed."""
    if plan.exercise or case.network.fictitious:
        return msg("EXERCISE – fictitious data").text(lang)
    declared = {answer.centre_id for answer in case.scenario.declared_capacity}
    used = {d.centre_id for d in plan.decisions if d.action == "transfer"}
    return msg("CAPACITIES NOT CONFIRMED").text(lang) if used - declared else ""


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


def grades_present(facts: MapFacts) -> list[Grade]:
    """Return the grades a legend must explain."""
    return [grade for grade in GRADE_COLOURS if any(grade in flow.by_grade for flow in facts.flows)]


def edition(plan: Plan, lang: Language) -> str:
    """Return the line under the title: day of the attack, status, time of edition."""
    return msg(
        "Attack: {day} – {status} – edited on {when}",
        day=long_date(plan.attack_date, lang),
        status=status(plan),
        when=moment(plan.created_at, lang),
    ).text(lang)


def footer(plan: Plan, lang: Language) -> str:
    """Return the foot of the sheet: software and fingerprints of the inputs."""
    files = plan.inputs
    return msg(
        "{software} {version} – fingerprints: network {network}, scenario {scenario}, patients {roster}",
        software=plan.software.name,
        version=plan.software.version,
        network=files.centres.sha256[:8],
        scenario=files.scenario.sha256[:8],
        roster=files.roster.sha256[:8],
    ).text(lang)
