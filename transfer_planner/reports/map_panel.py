"""The words beside the interactive map: summary, destinations, legend, and what opens on each centre. All of it escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from transfer_planner.i18n import Language, Message, msg
from transfer_planner.reports import map_words, words
from transfer_planner.reports.furniture import furniture
from transfer_planner.reports.map_data import plan_days
from transfer_planner.reports.map_facts import GRADES, PARTS, DayLoad, Domain, Line, MapFacts, Stop
from transfer_planner.reports.map_layout import Point
from transfer_planner.reports.map_marks import symbol
from transfer_planner.reports.map_scene import RADII

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan

CHART_WIDTH, CHART_HEIGHT = 290.0, 64.0


def panel(plan: Plan, case: Case, facts: MapFacts, lang: Language, credit: str) -> str:
    """Return the banner, the tools, the panel and one template of pop-up per centre."""
    banner = " · ".join(map_words.warning(plan, case, lang))
    head = f'<p class="banner">{escape(banner)}</p>' if banner else ""
    skip = msg("Skip to the table")
    numbers = "".join(f"<li><b>{n}</b> {_say(words, lang)}</li>" for n, words in map_words.counts(plan))
    safe = msg("Patient codes only, no identity; this page asks the network for nothing.")
    print_ = furniture(plan, case, lang)
    return (
        f'<a class="skip" href="#panel">{_say(skip, lang)}</a>{head}{_tools(plan, lang)}'
        f'<aside id="panel" tabindex="-1"><section id="about" hidden></section><h1>{escape(map_words.title(plan, lang))}</h1>'
        f'<p class="edition">{escape(map_words.edition(plan, lang))}</p><ul class="counts">{numbers}</ul>'
        f"{_destinations(facts, lang)}{_legend(facts, lang)}{_others(facts, lang)}"
        f'<p class="edition">{_say(safe, lang)}</p>'
        f'<p class="edition">{escape(print_["unconfirmed"])}</p>'
        f'<p class="edition">{escape(print_["footer"])}<br>{escape(credit)}</p></aside>'
        + "".join(_about(stop, _codes(plan, stop), lang) for stop in facts.stops.values())
    )


def _tools(plan: Plan, lang: Language) -> str:
    """Return the search, the slider of days and the choice of lines."""
    transfers = [d for d in plan.decisions if d.action == "transfer"]
    grades = [grade for grade in GRADES if any(d.grade == grade for d in transfers)]
    ranks = sorted({f"P{d.rank}" for d in transfers})
    find, day, whole = msg("Patient code or centre"), msg("Day"), msg("Whole plan")
    return (
        '<form id="tools" onsubmit="return false">'
        f'<p class="find"><label for="find">{_say(find, lang)}</label>'
        '<input id="find" type="text" role="combobox" aria-autocomplete="list" aria-expanded="false" aria-controls="found" '
        'autocomplete="off" spellcheck="false"><span id="found" role="listbox" hidden></span></p>'
        f'<p class="day"><label for="day">{_say(day, lang)}</label>'
        f'<input id="day" type="range" min="0" max="{len(plan_days(plan))}" value="0">'
        f'<output for="day" id="day-words">{_say(whole, lang)}</output></p>'
        + _choices(msg("Levels"), "grade", grades, lang)
        + _choices(msg("Priorities"), "rank", ranks, lang)
        + _by(lang)
        + '</form><p id="shown" role="status"></p>'
    )


def _choices(legend: Message, name: str, lines: Sequence[Line], lang: Language) -> str:
    boxes = "".join(
        f'<label title="{_say(map_words.LINES[line].words, lang)}"><input type="checkbox" name="{name}" value="{line}" checked>'
        f"{_say(map_words.LINES[line].letter, lang)}</label>"
        for line in lines
    )
    return f"<fieldset><legend>{_say(legend, lang)}</legend>{boxes}</fieldset>" if lines else ""


def _by(lang: Language) -> str:
    options = (("grade", msg("level"), " checked"), ("rank", msg("priority"), ""))
    radios = "".join(
        f'<label><input type="radio" name="by" value="{value}"{checked}>{_say(words, lang)}</label>'
        for value, words, checked in options
    )
    legend = msg("Lines")
    return f"<fieldset><legend>{_say(legend, lang)}</legend>{radios}</fieldset>"


def _codes(plan: Plan, stop: Stop) -> dict[date, list[str]]:
    """Return the codes of the patients who arrive at a centre, by day."""
    codes: dict[date, list[str]] = {}
    for d in plan.decisions:
        if d.action == "transfer" and d.centre_id == stop.id and d.start_date is not None:
            codes.setdefault(d.start_date, []).append(d.patient_id)
    return codes


def in_words(plan: Plan, facts: MapFacts, lang: Language) -> str:
    """Say the map, for those who do not see it."""
    towards = "; ".join(f"{s.name}: {map_words.patients(s.patients).text(lang)}" for s in facts.of("destination"))
    stopped = ", ".join(s.name for s in facts.of("fallen"))
    return msg(
        "Stopped: {stopped}. {count} transferred. {towards}",
        stopped=stopped,
        count=plan.summary.transferred,
        towards=towards,
    ).text(lang)


def _say(message: Message, lang: Language) -> str:
    return escape(message.text(lang))


def _destinations(facts: MapFacts, lang: Language) -> str:
    stops = facts.of("destination")
    if not stops:
        nobody = msg("No patient is transferred.")
        return f"<p><b>{_say(nobody, lang)}</b></p>"
    rows = "".join(
        f'<tr><th scope="row"><button type="button" data-stop="{escape(s.id)}">{escape(s.name)}</button>{_town(s)}</th>'
        f'<td class="n">{s.patients}</td><td>{escape(map_words.grades(s.by_grade, lang))}</td>'
        f"<td>{_say(map_words.minutes(s.travel), lang) if s.travel else '–'}</td>"
        f'<td class="n">{_say(map_words.percent(s.peak), lang) if s.peak else "–"}</td></tr>'
        for s in stops
    )
    heads = (msg("Receiving centre"), msg("Patients"), msg("Levels"), msg("Travel"), msg("Load"))
    head = "".join(f'<th scope="col">{_say(words, lang)}</th>' for words in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _town(stop: Stop) -> str:
    return f"<small>{escape(stop.town)}</small>" if stop.town else ""


def _legend(facts: MapFacts, lang: Language) -> str:
    rows = [
        (_icon(symbol(part, Point(24, 12))), map_words.PART_WORDS[part].text(lang))
        for part in PARTS
        if any(s.part == part for s in facts.stops.values())
    ]
    ranks = sorted({f"P{rank}" for stop in facts.stops.values() for rank in stop.by_rank})
    for line in (*map_words.lines_present(facts), *ranks):
        style = map_words.LINES[line]
        core = '<path d="M2 12H46" stroke="#fff" stroke-width="1.7"/>' if map_words.cored(line) else ""
        dash = map_words.dashes(line, 5)
        drawn = f'<path d="M2 12H46" stroke="{style.colour}" stroke-width="5" stroke-dasharray="{dash}"/>{core}'
        rows.append((_icon(drawn, line), f"{style.letter.text(lang)} – {style.words.text(lang)}"))
    if facts.of("destination"):
        gauge = '<span class="gauge"><i style="width:50%"></i><i style="width:25%"></i></span>'
        rows.append(
            (
                gauge,
                msg("linacs on the heaviest day: own patients (grey), transferred (black), free (white)").text(lang),
            )
        )
    room = '<circle cx="24" cy="12" r="10" fill="none" stroke="#1b1f24" stroke-width="1.5" stroke-dasharray="1 3"/>'
    rows.append((_icon(room), msg("capacity left: the wider the circle, the more minutes").text(lang)))
    rows.append((_line(map_words.SOFT, 1, "2 5"), msg("estimated travel one way from the stopped centre").text(lang)))
    if facts.domains:
        rows.append((_line(map_words.INK, 3, "0.1 7"), msg("centres that share an information system").text(lang)))
    body = "".join(f"<div><dt>{drawing}</dt><dd>{escape(words)}</dd></div>" for drawing, words in rows)
    width = msg("The wider the line, the more patients; its style is the most frequent one (+: others too).")
    head = msg("Legend")
    return f"<h2>{_say(head, lang)}</h2><dl>{body}</dl><p>{_say(width, lang)}</p>"


def _icon(drawing: str, line: Line = "") -> str:
    kind = f' class="line-{"rank" if line.startswith("P") else "grade"}"' if line else ""
    return f'<svg{kind} width="48" height="{2 * max(RADII.values()) + 2:g}" viewBox="0 -1 48 26" aria-hidden="true">{drawing}</svg>'


def _line(colour: str, width: int, dash: str) -> str:
    return _icon(
        f'<path d="M2 12H46" stroke="{colour}" stroke-width="{width}" stroke-dasharray="{dash}" stroke-linecap="round"/>'
    )


def _others(facts: MapFacts, lang: Language) -> str:
    """List the centres that receive nobody, and the systems that are shared."""
    parts = []
    for part in ("fallen", "blocked", "unused"):
        stops = facts.of(part)
        if stops:
            buttons = "".join(
                f'<li><button type="button" data-stop="{escape(s.id)}">{escape(s.name)}</button>{_town(s)}</li>'
                for s in stops
            )
            parts.append(
                f"<details{' open' if part != 'unused' else ''}><summary>{_say(map_words.PART_WORDS[part], lang)} ({len(stops)})</summary>"
                f"<ul>{buttons}</ul></details>"
            )
    if facts.domains:
        items = "".join(f"<li>{_say(_domain(d, facts), lang)}</li>" for d in facts.domains)
        head = msg("Shared information systems")
        parts.append(f"<details><summary>{_say(head, lang)}</summary><ul>{items}</ul></details>")
    return "".join(parts)


def _domain(domain: Domain, facts: MapFacts) -> Message:
    centres = ", ".join(facts.stops[member].name for member in domain.members)
    if domain.fallen:
        return msg("{system} – stopped: {centres}", system=domain.label, centres=centres)
    return msg("{system}: {centres}", system=domain.label, centres=centres)


def _about(stop: Stop, codes: dict[date, list[str]], lang: Language) -> str:
    """Return what opens on a centre."""
    return (
        f'<template id="about-{escape(stop.id)}"><h2>{escape(stop.name)}</h2>'
        f'<p class="edition">{escape(stop.commune or "")}</p>{"".join(_lines(stop, codes, lang))}</template>'
    )


def _lines(stop: Stop, codes: dict[date, list[str]], lang: Language) -> Iterator[str]:
    yield f"<p><b>{_say(map_words.PART_WORDS[stop.part], lang)}</b></p>"
    for said in map_words.staying(stop):
        yield f"<p>{_say(said, lang)}</p>"
    if stop.part != "destination":
        return
    facts = [
        (msg("Received"), map_words.patients(stop.patients).text(lang)),
        (msg("By priority"), map_words.ranks(stop)),
        (msg("By level"), map_words.grades(stop.by_grade, lang)),
    ]
    if stop.travel:
        facts.append((msg("Travel one way"), map_words.minutes(stop.travel).text(lang)))
    yield "<dl>" + "".join(f"<dt>{_say(k, lang)}</dt><dd>{escape(v)}</dd>" for k, v in facts) + "</dl>"
    arrivals, load = msg("Arrivals by day"), msg("Load of the linacs")
    yield f"<h3>{_say(arrivals, lang)}</h3><table class='days'>"
    for day, count in stop.arrivals:
        yield (
            f'<tr data-day="{escape(words.day(day, lang))}"><th scope="row">{escape(words.short_day(day, lang))}</th>'
            f'<td class="n">{count}</td><td class="codes">{escape(", ".join(codes.get(day, [])))}</td></tr>'
        )
    yield "</table>"
    peak = stop.peak
    if peak is not None:
        told = msg(
            "Heaviest day: {day}, {share} of the minutes of the linacs used; {left} min left",
            day=words.short_day(peak.day, lang),
            share=map_words.percent(peak),
            left=peak.left,
        )
        yield f"<h3>{_say(load, lang)}</h3>{_chart(stop.days)}<p>{_say(told, lang)}.</p>"


def _chart(days: Iterable[DayLoad]) -> str:
    """Draw a bar a day: own patients grey, transferred black, capacity outlined."""
    rows = list(days)[:60]
    top = max(max(d.capacity, d.booked + d.transferred, 1) for d in rows)
    step = min(CHART_WIDTH / len(rows), 18)

    def bar(i: int, low: float, high: float, paint: str) -> str:
        y, height = CHART_HEIGHT * (1 - high / top), CHART_HEIGHT * (high - low) / top
        return f'<rect x="{i * step + 1:.1f}" y="{y + 1:.1f}" width="{step * 0.8:.1f}" height="{height:.1f}" {paint}/>'

    bars = "".join(
        bar(i, 0, d.booked, f'fill="{map_words.HAIR}"')
        + bar(i, d.booked, d.booked + d.transferred, f'fill="{map_words.INK}"')
        + bar(i, 0, d.capacity, f'fill="none" stroke="{map_words.INK}" stroke-width="0.7"')
        for i, d in enumerate(rows)
    )
    return f'<svg class="chart" viewBox="0 0 {CHART_WIDTH + 2:g} {CHART_HEIGHT + 2:g}" aria-hidden="true">{bars}</svg>'
