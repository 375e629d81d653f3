"""The map to print: a hand-written drawing, readable in black and white, the same bytes for the same plan."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import atan2, cos, hypot, pi, radians, sin
from typing import TYPE_CHECKING, Any

from transfer_planner.i18n import Language, msg
from transfer_planner.io.reference import read_outlines
from transfer_planner.reports.map_facts import PARTS, MapFacts, Stop, map_facts, short_name
from transfer_planner.reports.map_layout import (
    Box,
    Label,
    Placed,
    Point,
    Projection,
    Sheet,
    curve,
    spread,
    text_width,
    wrap,
)
from transfer_planner.reports.map_words import (
    ACCENT,
    GRADE_COLOURS,
    GRADE_LETTERS,
    GRADE_WORDS,
    HAIR,
    INK,
    LAND,
    PART_WORDS,
    SEA,
    SOFT,
    counts,
    dashes,
    flow_width,
    grades_present,
    letter,
    minutes,
    page_title,
    patients,
    percent,
    staying,
    warning,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan
    from transfer_planner.reports.map_facts import Flow, Part

HEIGHT, COLUMN, MARGIN = 1000.0, 262.0, 34.0
RADII: dict[Part, float] = {"fallen": 12, "destination": 9, "blocked": 8, "unused": 5}
WIDEST = 11.0
LONG = 170.0
"""Length from which a flow that comes alone carries its number."""

FEW = 40
"""Up to so many centres the view shows all of them; beyond, those concerned by the crisis."""


@dataclass
class Scene:
    """A drawing in progress: where things stand and what is already taken."""

    facts: MapFacts
    lang: Language
    frame: Box
    projection: Projection
    stops: list[Stop]
    true: dict[str, Point]
    moved: dict[str, Point]
    sheet: Sheet
    outlines: list[dict[str, Any]]


def map_svg(plan: Plan, case: Case, lang: Language) -> str:
    """Draw the map of a plan.

    Returns
    -------
    An SVG document: outlines, travel bands, flows, centres and their load, legend, scale and north.
    """
    scene = _scene(map_facts(plan, case), lang)
    below = [*_outlines(scene), *_systems(scene), *_bands(scene)]
    flows, pills = _flows(scene)
    labels = _labels(scene)
    symbols = [
        symbol(stop.part, scene.moved[stop.id]) for part in reversed(PARTS) for stop in scene.stops if stop.part == part
    ]
    f = scene.frame
    width = f.right + COLUMN
    body = "\n".join(
        [
            f'<rect x="{f.left:g}" y="{f.top:g}" width="{f.right:.1f}" height="{f.bottom:g}" fill="{SEA}"/>',
            '<g clip-path="url(#frame)">',
            *below,
            *flows,
            *_leaders(scene, labels),
            *symbols,
            "</g>",
            *_across(scene, warning(plan, case, lang)),
            *pills,
            *(_label(scene, placed) for placed in labels),
            *_scale(scene),
            f'<rect x="{f.left + 0.5:g}" y="{f.top + 0.5:g}" width="{f.right - 1:.1f}" height="{f.bottom - 1:g}" fill="none" stroke="{HAIR}"/>',
            *_legend(scene, plan, case, labels),
        ]
    )
    name = escape(page_title(plan, lang))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1f} {HEIGHT:g}" role="img" aria-label="{name}" '
        f"font-family=\"'Atkinson Hyperlegible Next', 'DejaVu Sans', sans-serif\" fill=\"{INK}\">\n<title>{name}</title>\n"
        f'<clipPath id="frame"><rect x="{f.left:g}" y="{f.top:g}" width="{f.right:.1f}" height="{f.bottom:g}"/></clipPath>\n'
        f"{body}\n</svg>\n"
    )


def symbol(part: Part, at: Point) -> str:
    """Draw a centre: each part has its own shape."""
    x, y, r = at.x, at.y, RADII[part]
    circle = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:g}"'
    if part == "fallen":
        a = r * 0.55
        return (
            f'<g><rect x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r:g}" height="{2 * r:g}" rx="2" fill="{INK}" stroke="#fff" stroke-width="2"/>'
            f'<path d="M{x - a:.1f} {y - a:.1f}L{x + a:.1f} {y + a:.1f}M{x - a:.1f} {y + a:.1f}L{x + a:.1f} {y - a:.1f}" '
            f'stroke="#fff" stroke-width="3.5" stroke-linecap="round"/></g>'
        )
    if part == "destination":
        return f'{circle} fill="{ACCENT}" stroke="#fff" stroke-width="2"/>'
    if part == "blocked":
        a = r * 0.7
        return (
            f'<g>{circle} fill="#fff" stroke="{INK}" stroke-width="2.5"/>'
            f'<path d="M{x - a:.1f} {y + a:.1f}L{x + a:.1f} {y - a:.1f}" stroke="{INK}" stroke-width="2.5"/></g>'
        )
    return f'{circle} fill="#fff" stroke="{SOFT}" stroke-width="2"/>'


def departments_of(stops: Iterable[Stop]) -> list[dict[str, Any]]:
    """Return the outlines of the departments where centres stand, those that are known."""
    codes = {stop.department for stop in stops}
    return [feature for feature in read_outlines()["features"] if feature["properties"]["code"] in codes]


def bends(flows: Iterable[Flow], spots: Mapping[str, Point]) -> list[tuple[Flow, float]]:
    """Return the flows, widest first, and the bend of each: those that leave side by side open like a fan."""
    sides: list[list[tuple[float, Flow]]] = []
    angles = [
        (
            flow.origin,
            atan2(spots[flow.destination].y - spots[flow.origin].y, spots[flow.destination].x - spots[flow.origin].x),
            flow,
        )
        for flow in flows
        if flow.origin in spots and flow.destination in spots
    ]
    for origin, angle, flow in sorted(angles, key=lambda row: (row[0], row[1], row[2].destination)):
        if sides and sides[-1][-1][1].origin == origin and angle - sides[-1][-1][0] < radians(14):
            sides[-1].append((angle, flow))
        else:
            sides.append([(angle, flow)])
    bent = [(flow, 0.12 + 0.11 * ((len(side) - 1) / 2 - rank)) for side in sides for rank, (_, flow) in enumerate(side)]
    return sorted(bent, key=lambda row: (-row[0].patients, row[0].origin, row[0].destination))


def _scene(facts: MapFacts, lang: Language) -> Scene:
    concerned = [s for s in facts.stops.values() if s.part != "unused"] or list(facts.stops.values())
    shown = list(facts.stops.values()) if len(facts.stops) <= FEW else concerned
    outlines = departments_of(shown)
    places = [(s.lat, s.lon) for s in shown] + [(lat, lon) for f in outlines for ring in _rings(f) for lon, lat in ring]
    lats, lons = zip(*places, strict=True)
    shrink = cos(radians((min(lats) + max(lats)) / 2))
    tall, wide = max(max(lats) - min(lats), 0.3), max((max(lons) - min(lons)) * shrink, 0.3)
    width = min(max(HEIGHT * wide / tall, 760), 1250)
    frame = Box(0, 0, round(width), HEIGHT)
    projection = Projection.fit(places, frame.grown(-MARGIN))
    true = {s.id: projection.at(s.lat, s.lon) for s in facts.stops.values()}
    stops = sorted(
        (s for s in facts.stops.values() if frame.grown(-8).holds(true[s.id])),
        key=lambda s: (PARTS.index(s.part), -s.patients, s.id),
    )
    moved = spread([true[s.id] for s in stops], [RADII[s.part] + 2 for s in stops])
    # Scale and north keep the bottom left corner.
    sheet = Sheet(frame.grown(-6), [Box(0, HEIGHT - 62, 210, HEIGHT)])
    sheet.boxes += [_around(point, RADII[s.part] + 2) for s, point in zip(stops, moved, strict=True)]
    return Scene(
        facts,
        lang,
        frame,
        projection,
        stops,
        true,
        dict(zip((s.id for s in stops), moved, strict=True)),
        sheet,
        outlines,
    )


def _around(point: Point, radius: float) -> Box:
    return Box(point.x, point.y, point.x, point.y).grown(radius)


def _rings(feature: dict[str, Any]) -> Iterator[list[tuple[float, float]]]:
    geometry = feature["geometry"]
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    for polygon in polygons:
        yield from polygon


def _path(points: Iterable[Point]) -> str:
    return "M" + "L".join(f"{p.x:.1f} {p.y:.1f}" for p in points)


def _outlines(scene: Scene) -> Iterator[str]:
    for feature in scene.outlines:
        path = "".join(_path(scene.projection.at(p[1], p[0]) for p in ring) + "Z" for ring in _rings(feature))
        yield f'<path d="{path}" fill="{LAND}" stroke="{HAIR}" stroke-width="1.5" stroke-linejoin="round"/>'


def _systems(scene: Scene) -> Iterator[str]:
    """Tie the stopped centres to those that share a system with them."""
    for domain in scene.facts.domains:
        members = [scene.moved[m] for m in domain.members if m in scene.moved]
        if domain.fallen and len(members) > 1:
            hub = Point(sum(p.x for p in members) / len(members), sum(p.y for p in members) / len(members))
            path = "".join(_path((hub, p)) for p in members)
            yield f'<path d="{path}" fill="none" stroke="{SOFT}" stroke-width="2.5" stroke-dasharray="0.1 6" stroke-linecap="round"/>'


def _bands(scene: Scene) -> Iterator[str]:
    """Draw the outer edge of each travel band around the stopped centres, and its minutes where there is room."""
    centres = [scene.true[s.id] for s in scene.facts.of("fallen")]
    for minutes_, km in scene.facts.bands:
        radius = km * scene.projection.per_km
        words = f"{minutes_}\u00a0min"
        written = False
        for centre in centres:
            runs: list[list[Point]] = [[]]
            for step in range(145):
                angle = 2 * pi * step / 144 - pi / 2
                point = Point(centre.x + radius * cos(angle), centre.y + radius * sin(angle))
                box = Box(point.x - 26, point.y - 9, point.x + 26, point.y + 9)
                if any(hypot(point.x - o.x, point.y - o.y) < radius - 0.1 for o in centres):
                    runs.append([])
                elif not written and scene.sheet.free(box):
                    written = True
                    scene.sheet.boxes.append(box)
                    yield _text(point.x, point.y + 4, words, 13, anchor="middle", fill=SOFT)
                    runs.append([])
                elif written and scene.sheet.boxes[-1].holds(point):
                    runs.append([])
                else:
                    runs[-1].append(point)
            path = "".join(_path(run) for run in runs if len(run) > 1)
            if path:
                yield f'<path d="{path}" fill="none" stroke="{SOFT}" stroke-width="1" stroke-dasharray="2 5"/>'


def _flows(scene: Scene) -> tuple[list[str], list[str]]:
    """Draw the flows, widest first, and the count of each where it covers nothing."""
    most = max((flow.patients for flow in scene.facts.flows), default=0)
    lines, pills = [], []
    drawn = []
    for flow, bend in bends(scene.facts.flows, scene.moved):
        width = flow_width(flow.patients, most, widest=WIDEST)
        points = curve(scene.moved[flow.origin], scene.moved[flow.destination], bend, steps=40)
        lines.append(_flow_line(flow, points, width))
        scene.sheet.ink += points
        drawn.append((flow, points))
    # The label of the destination already gives the number: on a short flow that comes alone a pill would only hide it.
    several = {f.destination for f, _ in drawn if sum(o.destination == f.destination for o, _ in drawn) > 1}
    for flow, points in drawn:
        if flow.destination in several or hypot(points[0].x - points[-1].x, points[0].y - points[-1].y) > LONG:
            pills.append(_pill(scene, flow, points))
    return lines, [pill for pill in pills if pill]


def _flow_line(flow: Flow, points: list[Point], width: float) -> str:
    end = points[-1]
    head = 7 + width
    body = [p for p in points if hypot(p.x - end.x, p.y - end.y) > RADII["destination"] + head * 0.9] or points[:2]
    ux, uy = end.x - body[-1].x, end.y - body[-1].y
    length = hypot(ux, uy) or 1.0
    ux, uy = ux / length, uy / length
    tip = Point(end.x - ux * (RADII["destination"] + 1), end.y - uy * (RADII["destination"] + 1))
    base = Point(tip.x - ux * head, tip.y - uy * head)
    half = width / 2 + 4
    colour = GRADE_COLOURS[flow.grade]
    dash = dashes(flow.grade, width)
    stroke = f' stroke-dasharray="{dash}"' if dash else ""
    path = _path([*body, base])
    core = (
        f'<path d="{path}" fill="none" stroke="#fff" stroke-width="{width / 3:.1f}"/>'
        if flow.grade == "emergency"
        else ""
    )
    arrow = f"M{tip.x:.1f} {tip.y:.1f}L{base.x - uy * half:.1f} {base.y + ux * half:.1f}L{base.x + uy * half:.1f} {base.y - ux * half:.1f}Z"
    return (
        f'<g><path d="{path}" fill="none" stroke="#fff" stroke-width="{width + 3:.1f}"/>'
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width:.1f}"{stroke}/>{core}'
        f'<path d="{arrow}" fill="{colour}" stroke="#fff" stroke-width="1.5"/></g>'
    )


def _pill(scene: Scene, flow: Flow, points: list[Point]) -> str:
    words = f"{flow.patients} · {letter(flow.by_grade, scene.lang)}"
    half = text_width(words, 14, bold=True) / 2 + 5
    steps = (24, 22, 26, 20, 28, 18, 30, 16, 32, 14, 34, 12, 10)
    spots = [points[step] for step in steps] + [
        Point(points[step].x + dx, points[step].y + dy)
        for step in steps
        for dx, dy in ((0, 18), (0, -18), (half, 0), (-half, 0))
    ]
    boxes = [Box(p.x - half, p.y - 10, p.x + half, p.y + 10) for p in spots]
    box = next((box for box in boxes if scene.sheet.free(box)), None)
    if box is None:
        return ""
    scene.sheet.boxes.append(box.grown(1))
    colour = GRADE_COLOURS[flow.grade]
    return (
        f'<g><rect x="{box.left:.1f}" y="{box.top:.1f}" width="{2 * half:.1f}" height="20" rx="10" fill="#fff" stroke="{colour}" stroke-width="1.5"/>'
        + _text((box.left + box.right) / 2, box.top + 15, words, 14, anchor="middle", bold=True)
        + "</g>"
    )


def stop_lines(stop: Stop, lang: Language) -> list[tuple[str, float, bool]]:
    """Return the lines of a label: text, size, bold."""
    size = 12.5 if stop.part == "unused" else 15
    name = [(row, size, stop.part != "unused") for row in wrap(short_name(stop.name), 25)]
    if stop.town:
        name.append((wrap(stop.town, 25, lines=1)[0], min(size, 13), False))
    if stop.part == "destination":
        words = [patients(stop.patients).text(lang), letter(stop.by_grade, lang)]
        name.append((" · ".join(words + ([minutes(stop.travel).text(lang)] if stop.travel else [])), 13, False))
    name += [(words.text(lang), 13, False) for words in staying(stop)]
    return name


def _labels(scene: Scene) -> list[Placed]:
    labels = []
    for stop in scene.stops:
        lines = stop_lines(stop, scene.lang)
        width = max(text_width(text, size, bold=bold) for text, size, bold in lines)
        height = sum(size * 1.16 for _, size, _ in lines) + 3
        if stop.peak is not None:
            width, height = max(width, 118), height + 15
        must = stop.part != "unused" or len(scene.stops) <= FEW
        labels.append(Label(stop.id, scene.moved[stop.id], RADII[stop.part], width, height, must))
    return scene.sheet.place_all(labels)


def _leaders(scene: Scene, labels: list[Placed]) -> Iterator[str]:
    for stop in scene.stops:
        true, moved = scene.true[stop.id], scene.moved[stop.id]
        if hypot(true.x - moved.x, true.y - moved.y) > 3:
            yield f'<path d="{_path((true, moved))}" stroke="{INK}" stroke-width="1"/><circle cx="{true.x:.1f}" cy="{true.y:.1f}" r="1.8"/>'
    for placed in labels:
        if placed.leader is not None:
            path = _path(placed.leader)
            yield f'<path d="{path}" stroke="#fff" stroke-width="3.5"/><path d="{path}" stroke="{INK}" stroke-width="1"/>'


def _label(scene: Scene, placed: Placed) -> str:
    stop = scene.facts.stops[placed.key]
    box = placed.box
    # The text leans towards its symbol.
    right = box.right <= scene.moved[stop.id].x + 2
    x = box.right if right else box.left
    y = box.top
    rows = []
    for text, size, bold in stop_lines(stop, scene.lang):
        y += size * 1.16
        rows.append(_text(x, y - size * 0.22, text, size, anchor="end" if right else "start", bold=bold, halo=True))
    if stop.peak is not None:
        rows.append(_gauge(box.right - 118 if right else box.left, y + 4, stop, scene.lang))
    return "".join(rows)


def _gauge(x: float, y: float, stop: Stop, lang: Language) -> str:
    """Draw the heaviest day: own patients grey, transferred black, free minutes white."""
    peak = stop.peak
    if peak is None:
        return ""
    total = max(peak.capacity, peak.booked + peak.transferred, 1)
    own, ours = 72 * peak.booked / total, 72 * peak.transferred / total
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="72" height="9" fill="#fff" stroke="{INK}"/>'
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{own:.1f}" height="9" fill="{HAIR}" stroke="{INK}"/>'
        f'<rect x="{x + own:.1f}" y="{y:.1f}" width="{ours:.1f}" height="9" fill="{INK}"/>'
        + _text(x + 77, y + 9, percent(peak).text(lang), 12.5, halo=True)
    )


def _text(
    x: float,
    y: float,
    words: str,
    size: float,
    *,
    anchor: str = "start",
    bold: bool = False,
    halo: bool = False,
    fill: str = "",
) -> str:
    style = f' text-anchor="{anchor}"' if anchor != "start" else ""
    style += ' font-weight="700"' if bold else ""
    style += ' paint-order="stroke" stroke="#fff" stroke-width="3.5" stroke-linejoin="round"' if halo else ""
    style += f' fill="{fill}"' if fill else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}"{style}>{escape(words)}</text>'


def _across(scene: Scene, words: str) -> Iterator[str]:
    """Write the reservation across the map, faintly, so that a part cut out still says it."""
    if words:
        x, y = (scene.frame.left + scene.frame.right) / 2, HEIGHT / 2
        size = 1050 / max(text_width(words, 1, bold=True), 1)
        yield (
            f'<text x="{x:.1f}" y="{y:g}" font-size="{size:.0f}" font-weight="700" text-anchor="middle" fill-opacity="0.07" '
            f'transform="rotate(-48 {x:.1f} {y:g})">{escape(words)}</text>'
        )


def _scale(scene: Scene) -> Iterator[str]:
    """Draw a bar of a round length, and the north."""
    per_km = scene.projection.per_km
    km = max((k for k in (1, 2, 5, 10, 20, 50, 100, 200) if k * per_km <= 130), default=1)
    x, y, length = 56.0, HEIGHT - 22, km * per_km
    yield f'<path d="M28 {y + 4}V{y - 22}M28 {y - 28}l-7 14h14z" stroke="{INK}" stroke-width="2"/>'
    yield _text(28, y - 32, "N", 13, anchor="middle", bold=True, halo=True)
    yield f'<path d="M{x} {y - 6}v6h{length:.1f}v-6" fill="none" stroke="{INK}" stroke-width="2"/>'
    yield _text(x, y - 10, f"{km}\u00a0km", 13, halo=True)


def _legend(scene: Scene, plan: Plan, case: Case, labels: list[Placed]) -> Iterator[str]:
    """Explain every sign, from top to bottom of the column."""
    lang = scene.lang
    x, y = scene.frame.right + 18, 4.0
    banner = warning(plan, case, lang)
    if banner:
        rows = wrap(banner, 22)
        height = 8 + 19 * len(rows)
        yield f'<rect x="{x:.1f}" y="{y:.1f}" width="{COLUMN - 20:g}" height="{height}" fill="{INK}"/>'
        for i, row in enumerate(rows):
            yield _text(x + 8, y + 19 + 19 * i, row, 16, bold=True, fill="#fff")
        y += height + 8
    for number, words in counts(plan):
        y += 25
        yield _text(x + 44, y, str(number), 22, anchor="end", bold=True)
        for i, row in enumerate(wrap(words.text(lang), 26)):
            y += 15 * min(i, 1)
            yield _text(x + 52, y, row, 14)
    for heading, entries in _entries(scene):
        y += 34
        yield _text(x, y, heading, 15, bold=True)
        yield f'<path d="M{x:.1f} {y + 6:.1f}h{COLUMN - 20:g}" stroke="{HAIR}"/>'
        y += 8
        for drawing, words in entries:
            rows = wrap(words, 29, lines=3)
            y += 22
            yield f'<g transform="translate({x + 22:.1f} {y - 4:.1f})">{drawing}</g>'
            for i, row in enumerate(rows):
                y += 15 * min(i, 1)
                yield _text(x + 52, y, row, 13.5)
    y += 18
    for note in _notes(scene, labels):
        for row in wrap(note, 42, lines=3):
            y += 15
            yield _text(x, y, row, 11.5, fill=SOFT)


def _entries(scene: Scene) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    lang = scene.lang
    parts = [part for part in PARTS if any(s.part == part for s in scene.stops)]
    yield msg("Centres").text(lang), [(symbol(part, Point(0, 0)), PART_WORDS[part].text(lang)) for part in parts]
    present = grades_present(scene.facts)
    if present:
        most = max(flow.patients for flow in scene.facts.flows)
        widths = [
            (_stroke(INK, flow_width(n, most, widest=WIDEST), ""), patients(n).text(lang))
            for n in sorted({1, (most + 1) // 2, most})
        ]
        yield msg("Width: patients").text(lang), widths
        yield (
            msg("Line: most frequent level").text(lang),
            [
                (
                    _stroke(GRADE_COLOURS[grade], 5, dashes(grade, 5), core=grade == "emergency"),
                    f"{GRADE_LETTERS[grade].text(lang)} – {GRADE_WORDS[grade].text(lang)}",
                )
                for grade in present
            ],
        )
    if any(stop.peak for stop in scene.stops):
        gauge = (
            f'<g transform="translate(-22 -5)"><rect width="44" height="9" fill="#fff" stroke="{INK}"/>'
            f'<rect width="22" height="9" fill="{HAIR}" stroke="{INK}"/><rect x="22" width="12" height="9" fill="{INK}"/></g>'
        )
        words = msg("own patients (grey), transferred (black), free (white)").text(lang)
        yield msg("Linacs on the heaviest day").text(lang), [(gauge, words)]
    others = [(_stroke(SOFT, 1, "2 5"), msg("estimated travel one way from the stopped centre").text(lang))]
    if any(domain.fallen for domain in scene.facts.domains):
        dots = (
            f'<path d="M-22 0H22" stroke="{SOFT}" stroke-width="2.5" stroke-dasharray="0.1 6" stroke-linecap="round"/>'
        )
        others.append((dots, msg("shared information system, stopped").text(lang)))
    yield msg("Other lines").text(lang), others


def _stroke(colour: str, width: float, dash: str, *, core: bool = False) -> str:
    stroke = f' stroke-dasharray="{dash}"' if dash else ""
    white = f'<path d="M-22 0H22" stroke="#fff" stroke-width="{width / 3:.1f}"/>' if core else ""
    return f'<path d="M-22 0H22" stroke="{colour}" stroke-width="{width:g}"{stroke}/>{white}'


def _notes(scene: Scene, labels: list[Placed]) -> Iterator[str]:
    lang = scene.lang
    if not scene.facts.flows:
        yield msg("No patient is transferred.").text(lang)
    if any(len(flow.by_grade) > 1 for flow in scene.facts.flows):
        yield msg("+: patients of other levels too.").text(lang)
    if any(hypot(scene.true[k].x - p.x, scene.true[k].y - p.y) > 3 for k, p in scene.moved.items()):
        yield msg("Symbols too close are moved apart; a dot marks the true place.").text(lang)
    unnamed, outside = len(scene.stops) - len(labels), len(scene.facts.stops) - len(scene.stops)
    if unnamed:
        yield msg("{n} centres drawn without their name.", n=unnamed).text(lang)
    if outside:
        yield msg("{n} centres outside the view.", n=outside).text(lang)
    if scene.outlines:
        yield msg("Outlines: Natural Earth.").text(lang)
