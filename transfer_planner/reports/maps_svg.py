"""The map to print: a hand-written drawing, readable in black and white, the same bytes for the same plan."""

from __future__ import annotations

from collections import Counter
from html import escape
from math import cos, hypot, pi, sin
from typing import TYPE_CHECKING

from transfer_planner.reports.map_facts import PARTS, map_facts, short_name
from transfer_planner.reports.map_layout import (
    Box,
    Label,
    Placed,
    Point,
    apart,
    curve,
    text_width,
    with_points,
    wrap,
)
from transfer_planner.reports.map_legend import Caption, legend
from transfer_planner.reports.map_marks import put_text, symbol, trace
from transfer_planner.reports.map_scene import (
    COLUMN,
    FEW,
    HEIGHT,
    LONG,
    RADII,
    WIDEST,
    Scene,
    bends,
    build_scene,
    rings,
)
from transfer_planner.reports.map_words import (
    HAIR,
    INK,
    LAND,
    LINES,
    SEA,
    SOFT,
    cored,
    counts,
    dashes,
    flow_width,
    letter,
    minutes,
    page_title,
    patients,
    percent,
    staying,
    warning,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan
    from transfer_planner.i18n import Language
    from transfer_planner.reports.map_facts import Flow, MapFacts, Stop


def map_svg(plan: Plan, case: Case, lang: Language) -> str:
    """Draw the map of a plan."""
    caption = Caption(page_title(plan, lang), warning(plan, case, lang), counts(plan))
    return draw(map_facts(plan, case), caption, lang)


def draw(facts: MapFacts, caption: Caption, lang: Language) -> str:
    """Draw centres and flows.

    Returns
    -------
    An SVG document: outlines, travel bands, flows, centres and their load, legend, scale and north.
    """
    scene = build_scene(facts, lang)
    below = [*_outlines(scene), *_systems(scene), *_bands(scene)]
    curves = _curves(scene)
    labels = _labels(scene)  # before the numbers of the flows, which have more places to choose from
    symbols = [
        symbol(stop.part, scene.moved[stop.id]) for part in reversed(PARTS) for stop in scene.stops if stop.part == part
    ]
    f = scene.frame
    width = f.right + COLUMN
    column, bottom = legend(scene, caption, labels)
    body = "\n".join(
        [
            f'<rect x="{f.left:g}" y="{f.top:g}" width="{f.right:.1f}" height="{f.bottom:g}" fill="{SEA}"/>',
            '<g clip-path="url(#frame)">',
            *below,
            *_flows(curves),
            *_leaders(scene, labels),
            *symbols,
            "</g>",
            *_across(scene, next(iter(caption.warnings), "")),
            *_pills(scene, curves),
            *(_label(scene, placed) for placed in labels),
            *_scale(scene),
            f'<rect x="{f.left + 0.5:g}" y="{f.top + 0.5:g}" width="{f.right - 1:.1f}" height="{f.bottom - 1:g}" fill="none" stroke="{HAIR}"/>',
            *column,
        ]
    )
    name = escape(caption.title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1f} {max(HEIGHT, bottom + 8):g}" role="img" aria-label="{name}" '
        f"font-family=\"'Atkinson Hyperlegible Next', 'DejaVu Sans', sans-serif\" fill=\"{INK}\">\n<title>{name}</title>\n"
        f'<clipPath id="frame"><rect x="{f.left:g}" y="{f.top:g}" width="{f.right:.1f}" height="{f.bottom:g}"/></clipPath>\n'
        f"{body}\n</svg>\n"
    )


def _outlines(scene: Scene) -> Iterator[str]:
    for feature in scene.outlines:
        path = "".join(trace(scene.projection.at(p[1], p[0]) for p in ring) + "Z" for ring in rings(feature))
        yield f'<path d="{path}" fill="{LAND}" stroke="{HAIR}" stroke-width="1.5" stroke-linejoin="round"/>'


def _systems(scene: Scene) -> Iterator[str]:
    """Tie the stopped centres to those that share a system with them."""
    for domain in scene.facts.domains:
        members = [scene.moved[m] for m in domain.members if m in scene.moved]
        if domain.fallen and len(members) > 1:
            hub = Point(sum(p.x for p in members) / len(members), sum(p.y for p in members) / len(members))
            path = "".join(trace((hub, p)) for p in members)
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
                if any(apart(point, o) < radius - 0.1 for o in centres):
                    runs.append([])
                elif not written and scene.sheet.free(box):
                    written = True
                    scene.sheet.boxes.append(box)
                    yield put_text(point.x, point.y + 4, words, 13, anchor="middle", fill=SOFT)
                    runs.append([])
                elif written and scene.sheet.boxes[-1].holds(point):
                    runs.append([])
                else:
                    runs[-1].append(point)
            path = "".join(trace(run) for run in runs if len(run) > 1)
            if path:
                yield f'<path d="{path}" fill="none" stroke="{SOFT}" stroke-width="1" stroke-dasharray="2 5"/>'


def _curves(scene: Scene) -> list[tuple[Flow, list[Point]]]:
    """Lay the flows, widest first."""
    curves = [
        (flow, curve(scene.moved[flow.origin], scene.moved[flow.destination], bend, steps=40))
        for flow, bend in bends(scene.facts.flows, scene.moved)
    ]
    scene.sheet.ink = with_points(scene.sheet.ink, [point for _, points in curves for point in points])
    return curves


def _flows(curves: list[tuple[Flow, list[Point]]]) -> Iterator[str]:
    most = max((flow.patients for flow, _ in curves), default=0)
    for flow, points in curves:
        yield _flow_line(flow, points, flow_width(flow.patients, most, widest=WIDEST))


def _pills(scene: Scene, curves: list[tuple[Flow, list[Point]]]) -> Iterator[str]:
    """Write the number of a flow where it covers nothing.

    The label of the destination already gives it: on a short flow that comes alone a pill would only hide the line.
    """
    arrivals = Counter(flow.destination for flow, _ in curves)
    for flow, points in curves:
        long = not scene.dense and apart(points[0], points[-1]) > LONG
        if arrivals[flow.destination] > 1 or long:
            yield _pill(scene, flow, points)


def _flow_line(flow: Flow, points: list[Point], width: float) -> str:
    end = points[-1]
    head = 7 + width
    body = [p for p in points if apart(p, end) > RADII["destination"] + head * 0.9] or points[:2]
    ux, uy = end.x - body[-1].x, end.y - body[-1].y
    length = hypot(ux, uy) or 1.0
    ux, uy = ux / length, uy / length
    tip = Point(end.x - ux * (RADII["destination"] + 1), end.y - uy * (RADII["destination"] + 1))
    base = Point(tip.x - ux * head, tip.y - uy * head)
    half = width / 2 + 4
    colour = LINES[flow.line].colour
    dash = dashes(flow.line, width)
    stroke = f' stroke-dasharray="{dash}"' if dash else ""
    path = trace([*body, base])
    core = f'<path d="{path}" fill="none" stroke="#fff" stroke-width="{width / 3:.1f}"/>' if cored(flow.line) else ""
    arrow = f"M{tip.x:.1f} {tip.y:.1f}L{base.x - uy * half:.1f} {base.y + ux * half:.1f}L{base.x + uy * half:.1f} {base.y - ux * half:.1f}Z"
    return (
        f'<g><path d="{path}" fill="none" stroke="#fff" stroke-width="{width + 3:.1f}"/>'
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width:.1f}"{stroke}/>{core}'
        f'<path d="{arrow}" fill="{colour}" stroke="#fff" stroke-width="1.5"/></g>'
    )


def _pill(scene: Scene, flow: Flow, points: list[Point]) -> str:
    words = " · ".join(filter(None, (str(flow.patients), letter(flow.by_line, scene.lang))))
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
    colour = LINES[flow.line].colour
    return (
        f'<g><rect x="{box.left:.1f}" y="{box.top:.1f}" width="{2 * half:.1f}" height="20" rx="10" fill="#fff" stroke="{colour}" stroke-width="1.5"/>'
        + put_text((box.left + box.right) / 2, box.top + 15, words, 14, anchor="middle", bold=True)
        + "</g>"
    )


def name_lines(stop: Stop, *, dense: bool = False) -> list[tuple[str, bool]]:
    """Return the name and the town of a centre in lines: text, bold."""
    rows = wrap(short_name(stop.name), 25, lines=1 if dense else 2)
    lines = [(row, stop.part != "unused") for row in rows]
    return [*lines, (wrap(stop.town, 25, lines=1)[0], False)] if stop.town and not dense else lines


def stop_lines(stop: Stop, lang: Language, *, dense: bool = False) -> list[tuple[str, float, bool]]:
    """Return the lines of a label: text, size, bold."""
    size = 12.5 if stop.part == "unused" or dense else 15
    lines = [
        (text, size if i == 0 or bold else min(size, 13), bold)
        for i, (text, bold) in enumerate(name_lines(stop, dense=dense))
    ]
    if stop.note is not None:
        lines.append((stop.note.text(lang), min(size, 13), False))
    elif stop.part == "destination":
        words = [str(stop.patients) if dense else patients(stop.patients).text(lang), letter(stop.by_grade, lang)]
        words += [minutes(stop.travel).text(lang)] if stop.travel else []
        lines.append((" · ".join(words), min(size, 13), False))
    return lines + [(words.text(lang), min(size, 13), False) for words in staying(stop)]


def _labels(scene: Scene) -> list[Placed]:
    labels = []
    for stop in scene.stops:
        if stop.part == "unused" and len(scene.facts.stops) > FEW:
            continue
        lines = stop_lines(stop, scene.lang, dense=scene.dense)
        width = max(text_width(text, size, bold=bold) for text, size, bold in lines)
        height = sum(size * 1.16 for _, size, _ in lines) + 3
        if stop.peak is not None and not scene.dense:
            width, height = max(width, 118), height + 15
        labels.append(Label(stop.id, scene.moved[stop.id], RADII[stop.part], width, height))
    return scene.sheet.place_all(labels)


def _leaders(scene: Scene, labels: list[Placed]) -> Iterator[str]:
    for stop in scene.stops:
        true, moved = scene.true[stop.id], scene.moved[stop.id]
        if apart(true, moved) > 3:
            yield f'<path d="{trace((true, moved))}" stroke="{INK}" stroke-width="1"/><circle cx="{true.x:.1f}" cy="{true.y:.1f}" r="1.8"/>'
    for placed in labels:
        if placed.leader is not None:
            path = trace(placed.leader)
            yield f'<path d="{path}" stroke="#fff" stroke-width="3.5"/><path d="{path}" stroke="{INK}" stroke-width="1"/>'


def _label(scene: Scene, placed: Placed) -> str:
    stop = scene.facts.stops[placed.key]
    box = placed.box
    # The text leans towards its symbol.
    right = box.right <= scene.moved[stop.id].x + 2
    x = box.right if right else box.left
    y = box.top
    rows = []
    for text, size, bold in stop_lines(stop, scene.lang, dense=scene.dense):
        y += size * 1.16
        rows.append(put_text(x, y - size * 0.22, text, size, anchor="end" if right else "start", bold=bold, halo=True))
    if stop.peak is not None and not scene.dense:
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
        + put_text(x + 77, y + 9, percent(peak).text(lang), 12.5, halo=True)
    )


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
    west, x, y, length = scene.corner.left + 28, scene.corner.left + 56, scene.corner.bottom - 22, km * per_km
    yield f'<path d="M{west} {y + 4}V{y - 22}M{west} {y - 28}l-7 14h14z" stroke="{INK}" stroke-width="2"/>'
    yield put_text(west, y - 32, "N", 13, anchor="middle", bold=True, halo=True)
    yield f'<path d="M{x} {y - 6}v6h{length:.1f}v-6" fill="none" stroke="{INK}" stroke-width="2"/>'
    yield put_text(x, y - 10, f"{km}\u00a0km", 13, halo=True)
