"""What the script of the interactive map works on: centres, routes, patients by code, days, and the words to say them."""

from __future__ import annotations

from math import asinh, atan, degrees, radians, sinh, tan
from typing import TYPE_CHECKING, Any

from transfer_planner.i18n import Language, Message, catalogue, msg
from transfer_planner.problem.rules import h05_linac_room, latest_answers
from transfer_planner.reports import map_words, words
from transfer_planner.reports.map_facts import PARTS, WEIGHTS
from transfer_planner.reports.map_layout import Point, curve
from transfer_planner.reports.map_marks import symbol
from transfer_planner.reports.map_scene import DENSE, FEW, bends
from transfer_planner.reports.maps_svg import name_lines

if TYPE_CHECKING:
    from datetime import date

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Decision, Plan
    from transfer_planner.reports.map_facts import DayLoad, MapFacts, Stop

WORDS: dict[str, Message] = {
    "whole": msg("Whole plan"),
    "one": msg("1 patient"),
    "many": msg("{n} patients"),
    "arrive": msg("+{n} that day"),
    "percent": msg("{n}%"),
    "left": msg("{n} min left"),
    "least": msg("{n} min left at least"),
    "transferred": msg("Patients transferred: {patients}; receiving centres: {centres}"),
    "treated": msg(
        "{day} – patients under treatment away from their centre: {patients}; centres: {centres}; arrivals that day: {arriving}"
    ),
    "hidden": msg("Not shown: {what}"),
    "nothing": msg("No patient or centre of that name"),
    "zoom_in": msg("Zoom in"),
    "zoom_out": msg("Zoom out"),
    "close": msg("Close"),
    "map": msg("Map of transfers; arrow keys move it, plus and minus zoom"),
}


def map_data(plan: Plan, case: Case, facts: MapFacts, lang: Language) -> dict[str, Any]:
    """Return everything the script needs, as JSON can hold it."""
    days = plan_days(plan)
    rooms = spare_minutes(plan, case, facts, days)
    return {
        "words": {name: catalogue(lang).get(message.source, message.source) for name, message in WORDS.items()},
        "days": [words.day(day, lang) for day in days],
        "stops": [_stop(stop, days, rooms.get(stop.id, []), lang) for part in PARTS for stop in facts.of(part)],
        "routes": _routes(facts),
        "moves": [_move(d, days, case, lang) for d in plan.decisions],
        "lines": {
            line: {
                "colour": style.colour,
                "dashes": style.dashes,
                "letter": style.letter.text(lang),
                "weight": WEIGHTS.index(line),
                "core": map_words.cored(line),
            }
            for line, style in map_words.LINES.items()
        },
        "most": max((flow.patients for flow in facts.flows), default=0),
        "bands": _band_words(facts),
        "hubs": _hubs(facts),
        "home": _view(facts),
        "dense": len(facts.of("destination")) > DENSE,
    }


def plan_days(plan: Plan) -> list[date]:
    """Return the days on which the plan treats somebody, in order."""
    return sorted({load.date for load in plan.loads} | {d.start_date for d in plan.decisions if d.start_date})


def spare_minutes(plan: Plan, case: Case, facts: MapFacts, days: list[date]) -> dict[str, list[int]]:
    """Return the linac minutes that each centre able to receive has left, day by day, once the plan is carried out."""
    answers = latest_answers(case.scenario)
    used: dict[tuple[str, date], int] = {}
    for load in plan.loads:
        used[load.centre_id, load.date] = used.get((load.centre_id, load.date), 0) + load.transferred_min
    rooms = {}
    for centre in case.network.centres:
        if facts.stops[centre.id].part not in {"destination", "unused"}:
            continue
        answer = answers.get(centre.id)
        most = None if answer is None else answer.spare_minutes_per_day
        free = [sum(h05_linac_room(centre, x, day, case.scenario, answer).free for x in centre.linacs) for day in days]
        rooms[centre.id] = [
            max(0, (minutes if most is None else min(minutes, most)) - used.get((centre.id, day), 0))
            for day, minutes in zip(days, free, strict=True)
        ]
    return rooms


def _stop(stop: Stop, days: list[date], room: list[int], lang: Language) -> dict[str, Any]:
    loads = {load.day: load for load in stop.days}
    return {
        "id": stop.id,
        "lat": stop.lat,
        "lon": stop.lon,
        "part": stop.part,
        "symbol": symbol(stop.part, Point(16, 16)),
        "name": name_lines(stop),
        "travel": map_words.minutes(stop.travel).text(lang) if stop.travel else "",
        "staying": [said.text(lang) for said in map_words.staying(stop)],
        "title": f"{stop.name} – {map_words.PART_WORDS[stop.part].text(lang)}",
        "plain": stop.name + (f", {stop.town}" if stop.town else ""),
        "peak": _gauge(stop.peak),
        "loads": [_gauge(loads.get(day)) for day in days] if loads else [],
        "room": room,
        # Saturdays, when most linacs are closed, say little of what is left
        "least": min((minutes for day, minutes in zip(days, room, strict=False) if day.weekday() < 5), default=None),
    }


def _gauge(day: DayLoad | None) -> list[int] | None:
    """Return the share of own patients, of those transferred, and of both, in % of the capacity."""
    if day is None:
        return None
    total = max(day.capacity, day.booked + day.transferred, 1)
    return [round(100 * day.booked / total), round(100 * day.transferred / total), round(day.share * 100)]


def _routes(facts: MapFacts) -> list[dict[str, Any]]:
    """Return the curve of each flow."""
    spots = {s.id: _mercator(s.lat, s.lon) for s in facts.stops.values()}
    return [
        {
            "from": flow.origin,
            "to": flow.destination,
            "line": [
                [round(degree, 5) for degree in _geographic(point)]
                for point in curve(spots[flow.origin], spots[flow.destination], bend, steps=32)
            ],
        }
        for flow, bend in bends(facts.flows, spots)
    ]


def _move(decision: Decision, days: list[date], case: Case, lang: Language) -> dict[str, Any]:
    """Return a patient by code: where to, since when, and what to answer to a search."""
    away = decision.action == "transfer"
    at = decision.centre_id if away and decision.centre_id else decision.home_centre_id
    facts = [f"P{decision.rank}"]
    if away and decision.grade:
        facts.append(map_words.LINES[decision.grade].letter.text(lang))
    facts.append(words.centre_name(case, at))
    start = decision.start_date
    facts.append(msg("waits for the reopening").text(lang) if start is None else words.short_day(start, lang))
    last = max((day for day in days if decision.end_date is not None and day <= decision.end_date), default=start)
    return {
        "code": decision.patient_id,
        "from": decision.home_centre_id,
        "to": decision.centre_id if away else None,
        "at": at,
        "grade": decision.grade,
        "rank": f"P{decision.rank}",
        "days": None if start is None or last is None else [days.index(start), days.index(last)],
        "words": " · ".join(facts),
    }


def _band_words(facts: MapFacts) -> list[dict[str, Any]]:
    """Return the minutes to write at the north of each circle, for a single stopped centre (several would overlap)."""
    fallen = facts.of("fallen")
    if len(fallen) != 1:
        return []
    return [
        {"lat": fallen[0].lat + km / 111.195, "lon": fallen[0].lon, "words": f"{minutes}\u00a0min"}
        for minutes, km in facts.bands
    ]


def hub(facts: MapFacts, members: tuple[str, ...]) -> tuple[float, float]:
    """Return the middle of the centres that share a system."""
    stops = [facts.stops[m] for m in members]
    return sum(s.lat for s in stops) / len(stops), sum(s.lon for s in stops) / len(stops)


def _hubs(facts: MapFacts) -> list[dict[str, Any]]:
    spots = [(hub(facts, domain.members), domain.label) for domain in facts.domains]
    return [{"lat": lat, "lon": lon, "words": label} for (lat, lon), label in spots]


def _view(facts: MapFacts) -> list[list[float]]:
    """Return the corners of the first view: every centre, or those concerned when they are many."""
    stops = list(facts.stops.values())
    shown = stops if len(stops) <= FEW else [s for s in stops if s.part != "unused"] or stops
    lats, lons = [s.lat for s in shown], [s.lon for s in shown]
    return [[min(lats) - 0.1, min(lons) - 0.1], [max(lats) + 0.1, max(lons) + 0.1]]


def _mercator(lat: float, lon: float) -> Point:
    return Point(radians(lon), -asinh(tan(radians(lat))))


def _geographic(point: Point) -> tuple[float, float]:
    return degrees(atan(sinh(-point.y))), degrees(point.x)
