"""The maps of the atlas: one base for a whole network, every centre always at the same place, and the flows of each fall over it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from math import hypot
from typing import TYPE_CHECKING

from transfer_planner.i18n import msg
from transfer_planner.reports import map_words
from transfer_planner.reports.map_facts import GRADES, PARTS, Flow, MapFacts, Part, Stop, short_name
from transfer_planner.reports.map_layout import Box, Label, Placed, Point, spread, text_width, wrap
from transfer_planner.reports.map_marks import put_text, symbol, trace
from transfer_planner.reports.map_scene import FEW, HEIGHT, RADII, Scene, bends, build_scene, rings
from transfer_planner.reports.map_words import ACCENT, HAIR, INK, LAND, LINES, SEA, SOFT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from transfer_planner.domain.atlas import Outcome
    from transfer_planner.domain.centre import Centre, Network
    from transfer_planner.i18n import Language, Message
    from transfer_planner.reports.atlas_facts import AtlasFacts, Fall

NAME, COUNT = 18.0, 20.0
"""Sizes of the names and of the counts, drawing units: 6 points on paper."""
MANY = 99
"""Count for which a label has room."""
WIDEST = 13.0
LETTERS = 21
"""Characters of a line of a name."""
SHADE = "#a9c7e2"
LARGEST, NUMBER = 48.0, 32.0
"""Radius of the largest disc, and size of the numbers beside."""
STRIP = 96.0
"""Height of the legend."""


@dataclass(frozen=True)
class AtlasMap:
    """The base of the maps of a network.

    Parameters
    ----------
    network
        The centres.
    lang
        Language of the maps.
    shown
        Centres drawn; all of them when there are few.
    """

    network: Network
    lang: Language
    shown: tuple[str, ...] = ()

    @cached_property
    def scene(self) -> Scene:
        """Return where everything stands."""
        kept = [centre for centre in self.network.centres if not self.shown or centre.id in self.shown]
        return build_scene(MapFacts({centre.id: _stop(centre) for centre in kept}, (), (), ()), self.lang)

    @cached_property
    def labels(self) -> dict[str, Placed]:
        """Return the label of each centre: its name, and room for a count."""
        labels = []
        counts = (map_words.patients(MANY), _waiting(MANY))
        room = max(text_width(words.text(self.lang), COUNT) for words in counts)
        for stop in self.scene.stops:
            rows = _rows(stop)
            width = max(room, *(text_width(row, NAME, bold=True) for row in rows))
            height = len(rows) * NAME * 1.14 + COUNT * 1.1
            labels.append(Label(stop.id, self.scene.moved[stop.id], RADII["destination"] + 2, width, height))
        return {placed.key: placed for placed in self.scene.sheet.place_all(labels)}

    @property
    def size(self) -> tuple[float, float]:
        """Return width and height, without the legend."""
        return self.scene.frame.right, HEIGHT

    def defs(self) -> str:
        """Return what the maps of a document share: the land, and the name of each centre, to be used by reference."""
        names = "".join(
            f'<g id="name-{stop.id}">{self._name(stop)}</g>' for stop in self.scene.stops if stop.id in self.labels
        )
        return f'<defs><g id="land">{self._land()}</g>{names}</defs>'

    def _land(self) -> str:
        scene = self.scene
        rows = [f'<rect width="{scene.frame.right:g}" height="{HEIGHT:g}" fill="{SEA}"/>']
        for feature in scene.outlines:
            path = "".join(trace(scene.projection.at(p[1], p[0]) for p in ring) + "Z" for ring in rings(feature))
            rows.append(f'<path d="{path}" fill="{LAND}" stroke="{HAIR}" stroke-width="1.5" stroke-linejoin="round"/>')
        leaders = [placed.leader for placed in self.labels.values() if placed.leader is not None]
        rows += [f'<path d="{trace(leader)}" stroke="{SOFT}" stroke-width="1.2"/>' for leader in leaders]
        return "".join(rows)

    def _name(self, stop: Stop) -> str:
        x, y, anchor = self._corner(stop)
        rows = []
        for row in _rows(stop):
            y += NAME * 1.14
            rows.append(put_text(x, y - NAME * 0.22, row, NAME, anchor=anchor, halo=True))
        return "".join(rows)

    def fall(self, fall: Fall) -> str:
        """Return the map of a fall, of the seed drawn, by reference to what `defs` holds: flows, symbols, names, counts."""
        drawn = fall.middle
        down = set(fall.contingency.centre_ids)
        received: dict[str, int] = {}
        waits = 0
        if drawn is not None:
            for flow in drawn.flows:
                received[flow.destination_id] = received.get(flow.destination_id, 0) + flow.patients
            waits = sum(tally.waiting for tally in drawn.ranks)
        parts = {stop.id: _part(self.network, stop.id, down, received) for stop in self.scene.stops}
        rows = ['<use href="#land"/>', *(self._flows(drawn) if drawn is not None else ())]
        rows += [symbol(parts[stop.id], self.scene.moved[stop.id]) for stop in self.scene.stops]
        for stop in self.scene.stops:
            if stop.id not in self.labels:
                continue
            concerned = parts[stop.id] in {"fallen", "destination"}
            look = ' font-weight="700"' if concerned else f' fill="{SOFT}"'
            rows.append(f'<use href="#name-{stop.id}"{look}/>')
            if stop.id in received:
                rows.append(self._count(stop, map_words.patients(received[stop.id]).text(self.lang)))
            elif len(down) == 1 and parts[stop.id] == "fallen" and waits:
                rows.append(self._count(stop, _waiting(waits).text(self.lang)))
        return "".join(rows)

    def svg(self, fall: Fall, name: str) -> str:
        """Return the map of a fall as a document, with its legend."""
        width, height = self.size
        body = self.defs() + self.fall(fall) + self.legend()
        return svg_document(width, height + STRIP, body, name)

    def gravity(self, facts: AtlasFacts, name: str) -> str:
        """Return the map of what each centre alone would leave beyond tolerance: the area of a disc counts patients.

        Centres bear their number in the order of gravity, as on the other drawings.
        """
        scene = build_scene(self.scene.facts, self.lang)  # a sheet of its own: nothing is written on it yet
        numbers = {centre.id: at for at, centre in enumerate(facts.centres, 1)}
        falls = {one.id: facts.alone(one.id) for one in self.network.centres}
        means = {
            key: (fall.beyond.mean, fall.beyond_first.mean)
            for key, fall in falls.items()
            if fall and fall.beyond and fall.beyond_first
        }
        most = max((whole for whole, _ in means.values()), default=0.0)
        radii = [max(_radius(means.get(stop.id, (0.0, 0.0))[0], most), RADII["unused"]) for stop in scene.stops]
        spots = spread([scene.true[stop.id] for stop in scene.stops], radii)
        rows = [f"<g>{self._land()}</g>"]
        labels = []
        for stop, at, radius in zip(scene.stops, spots, radii, strict=True):
            whole, first = means.get(stop.id, (0.0, 0.0))
            rows += [
                _disc(at, whole, most, SHADE),
                _disc(at, first, most, ACCENT),
                symbol("unused", at) if not whole else "",
            ]
            scene.sheet.boxes.append(Box(at.x, at.y, at.x, at.y).grown(radius))
            said = str(numbers[stop.id])
            labels.append(Label(stop.id, at, radius, text_width(said, NUMBER, bold=True), NUMBER))
        for placed in scene.sheet.place_all(labels):
            if placed.leader is not None:
                rows.append(f'<path d="{trace(placed.leader)}" stroke="{INK}" stroke-width="1.2"/>')
            said = str(numbers[placed.key])
            rows.append(
                put_text(placed.box.left, placed.box.bottom - NUMBER * 0.16, said, NUMBER, bold=True, halo=True)
            )
        width = scene.frame.right
        keys = ((ACCENT, msg("P1–P3 beyond tolerance")), (SHADE, msg("P4–P5 beyond tolerance")))
        for at_key, (fill, words) in enumerate(keys):
            y = HEIGHT + 28 + 36 * at_key
            rows.append(f'<circle cx="24" cy="{y:g}" r="13" fill="{fill}" stroke="{INK}"/>')
            rows.append(put_text(48, y + 9, words.text(self.lang), 26))
        return svg_document(width, HEIGHT + 84, "".join(rows), name)

    def legend(self) -> str:
        """Explain symbols and lines, under the map."""
        width, rows = self.size[0], []
        half = width / 2
        for at, part in enumerate(PARTS):
            x, y = 14 + half * (at % 2), HEIGHT + 20 + 22 * (at // 2)
            rows.append(symbol(part, Point(x, y)))
            words = msg("shares a system with a stopped centre") if part == "blocked" else map_words.PART_WORDS[part]
            rows.append(put_text(x + 20, y + 6, words.text(self.lang), 17))
        step = width / len(GRADES)
        for at, grade in enumerate(GRADES):
            style, x, y = LINES[grade], step * at + 4, HEIGHT + 72
            stroke = f' stroke-dasharray="{dash}"' if (dash := map_words.dashes(grade, 6)) else ""
            rows.append(f'<path d="M{x:.0f} {y}h60" fill="none" stroke="{style.colour}" stroke-width="6"{stroke}/>')
            if map_words.cored(grade):
                rows.append(f'<path d="M{x:.0f} {y}h60" stroke="#fff" stroke-width="2"/>')
            rows.append(put_text(x + 66, y + 6, style.letter.text(self.lang), 17, bold=True))
        return "".join(rows)

    def _corner(self, stop: Stop) -> tuple[float, float, str]:
        """Return where a label begins, and to which side it leans."""
        box = self.labels[stop.id].box
        right = box.right <= self.scene.moved[stop.id].x + 2
        return (box.right if right else box.left), box.top, "end" if right else "start"

    def _count(self, stop: Stop, words: str) -> str:
        x, y, anchor = self._corner(stop)
        y += len(_rows(stop)) * NAME * 1.14 + COUNT * 0.9
        return put_text(x, y, words, COUNT, anchor=anchor, halo=True)

    def _flows(self, drawn: Outcome) -> Iterator[str]:
        flows = [
            Flow(flow.home_id, flow.destination_id, dict(flow.by_grade.items()))
            for flow in drawn.flows
            if flow.by_grade
        ]
        most = max((flow.patients for flow in flows), default=0)
        for flow, bend in bends(flows, self.scene.moved):
            ends = self.scene.moved[flow.origin], self.scene.moved[flow.destination]
            yield _arrow(flow, *ends, bend, map_words.flow_width(flow.patients, most, widest=WIDEST))


def _waiting(count: int) -> Message:
    return msg("{n} wait", n=count)


def _radius(patients: float, most: float) -> float:
    return LARGEST * (patients / most) ** 0.5 if most else 0.0


def _disc(at: Point, patients: float, most: float, fill: str) -> str:
    if not patients:
        return ""
    disc = f'<circle cx="{at.x:.1f}" cy="{at.y:.1f}" r="{_radius(patients, most):.1f}" fill="{fill}"'
    return f'{disc} fill-opacity="0.85" stroke="{INK}" stroke-width="0.8"/>'


def base_for(network: Network, lang: Language, fall: Fall | None = None) -> AtlasMap:
    """Return the base on which a fall is drawn: that of the whole network, or of a large one only what the fall concerns."""
    if len(network.centres) <= FEW or fall is None:
        return AtlasMap(network, lang)
    drawn = fall.middle
    away = {flow.destination_id for flow in drawn.flows} if drawn else set()
    return AtlasMap(network, lang, tuple(sorted({*fall.contingency.centre_ids, *away})))


def svg_document(width: float, height: float, body: str, name: str) -> str:
    """Return a drawing as a document that says what it is."""
    said = escape(name)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{said}" '
        f"font-family=\"'Atkinson Hyperlegible Next', 'DejaVu Sans', sans-serif\" fill=\"{INK}\"><title>{said}</title>{body}</svg>\n"
    )


def _stop(centre: Centre) -> Stop:
    return Stop(
        id=centre.id,
        name=centre.name or centre.id,
        commune=centre.commune,
        lat=centre.location.lat,
        lon=centre.location.lon,
        department=centre.department,
        part="unused",
        arrivals=(),
        by_rank={},
        by_grade={},
        travel=None,
        days=(),
        waiting=0,
        restarted=0,
    )


def _rows(stop: Stop) -> list[str]:
    return wrap(short_name(stop.name), LETTERS, lines=3)


def _part(network: Network, centre_id: str, down: set[str], received: Iterable[str]) -> Part:
    if centre_id in down:
        return "fallen"
    if centre_id in received:
        return "destination"
    tainted = {system for centre in network.centres if centre.id in down for system in centre.information_systems}
    return "blocked" if tainted & set(network.centre(centre_id).information_systems) else "unused"


def _arrow(flow: Flow, start: Point, end: Point, bend: float, width: float) -> str:
    """Draw a flow as one curve and its head, on a white edge that parts it from what it crosses."""
    control = Point(
        (start.x + end.x) / 2 + (end.y - start.y) * bend * 2, (start.y + end.y) / 2 - (end.x - start.x) * bend * 2
    )
    length = hypot(end.x - control.x, end.y - control.y) or 1.0
    ux, uy = (end.x - control.x) / length, (end.y - control.y) / length
    away = RADII["destination"] + 1
    head, half = 7 + width, width / 2 + 4
    tip = Point(end.x - ux * away, end.y - uy * away)
    foot = Point(tip.x - ux * head, tip.y - uy * head)
    style = LINES[flow.line]
    path = f"M{start.x:.0f} {start.y:.0f}Q{control.x:.0f} {control.y:.0f} {foot.x:.0f} {foot.y:.0f}"
    dash = map_words.dashes(flow.line, width)
    stroke = f' stroke-dasharray="{dash}"' if dash else ""
    core = (
        f'<path d="{path}" fill="none" stroke="#fff" stroke-width="{width / 3:.1f}"/>'
        if map_words.cored(flow.line)
        else ""
    )
    wings = f"M{tip.x:.0f} {tip.y:.0f}L{foot.x - uy * half:.0f} {foot.y + ux * half:.0f}L{foot.x + uy * half:.0f} {foot.y - ux * half:.0f}Z"
    return (
        f'<path d="{path}" fill="none" stroke="#fff" stroke-width="{width + 3:.1f}"/>'
        f'<path d="{path}" fill="none" stroke="{style.colour}" stroke-width="{width:.1f}"{stroke}/>{core}'
        f'<path d="{wings}" fill="{style.colour}" stroke="#fff"/>'
    )
