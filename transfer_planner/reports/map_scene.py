"""Where everything stands on the printed map before a line is drawn: view, scale, symbols moved apart, bends of the flows."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, cos, radians
from typing import TYPE_CHECKING, Any

from transfer_planner.io.reference import read_outlines
from transfer_planner.reports.map_facts import PARTS, MapFacts, Stop
from transfer_planner.reports.map_layout import Box, Point, Projection, Sheet, spread

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from transfer_planner.i18n import Language
    from transfer_planner.reports.map_facts import Flow, Part

HEIGHT, COLUMN, MARGIN = 1000.0, 262.0, 34.0
LEAST_WIDTH, MOST_WIDTH = 760, 860
"""Width of the map without its legend: the sheet keeps room for the table."""

RADII: dict[Part, float] = {"fallen": 12, "destination": 9, "blocked": 8, "unused": 5}
WIDEST = 11.0
LONG = 170.0
"""Length from which a flow that comes alone carries its number."""

FEW, DENSE = 40, 20
"""Up to `FEW` centres the view shows and names all of them; beyond, those concerned by the crisis. With more than `DENSE`
destinations the labels shorten."""


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
    corner: Box
    outlines: list[dict[str, Any]]

    @property
    def dense(self) -> bool:
        """True when there are too many destinations for full labels."""
        return sum(stop.part == "destination" for stop in self.stops) > DENSE


def build_scene(facts: MapFacts, lang: Language) -> Scene:
    """Choose the view and put the symbols on it."""
    concerned = [s for s in facts.stops.values() if s.part != "unused"] or list(facts.stops.values())
    shown = list(facts.stops.values()) if len(facts.stops) <= FEW else concerned
    outlines = departments_of(shown)
    places = [(s.lat, s.lon) for s in shown] + [(lat, lon) for f in outlines for ring in rings(f) for lon, lat in ring]
    lats, lons = zip(*places, strict=True)
    shrink = cos(radians((min(lats) + max(lats)) / 2))
    tall, wide = max(max(lats) - min(lats), 0.3), max((max(lons) - min(lons)) * shrink, 0.3)
    width = min(max(HEIGHT * wide / tall, LEAST_WIDTH), MOST_WIDTH)
    frame = Box(0, 0, round(width), HEIGHT)
    projection = Projection.fit(places, frame.grown(-MARGIN))
    true = {s.id: projection.at(s.lat, s.lon) for s in facts.stops.values()}
    stops = sorted(
        (s for s in facts.stops.values() if frame.grown(-8).holds(true[s.id])),
        key=lambda s: (PARTS.index(s.part), -s.patients, s.id),
    )
    moved = spread([true[s.id] for s in stops], [RADII[s.part] + 2 for s in stops])
    # Scale and north take the emptiest corner, the bottom left one for choice.
    corners = [Box(x, y, x + 210, y + 66) for x in (0, frame.right - 210) for y in (HEIGHT - 66, 0)]
    corner = min(corners, key=lambda box: sum(box.grown(40).holds(true[s.id]) for s in stops))
    sheet = Sheet(frame.grown(-6), [corner], symbols=moved)
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
        corner,
        outlines,
    )


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
    bent = []
    for side in sides:
        step = min(0.11, 0.3 / len(side))
        bent += [(flow, 0.12 + step * ((len(side) - 1) / 2 - rank)) for rank, (_, flow) in enumerate(side)]
    return sorted(bent, key=lambda row: (-row[0].patients, row[0].origin, row[0].destination))


def rings(feature: dict[str, Any]) -> Iterator[list[tuple[float, float]]]:
    """Return the rings of a feature, (lon, lat) each."""
    geometry = feature["geometry"]
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    for polygon in polygons:
        yield from polygon


def _around(point: Point, radius: float) -> Box:
    return Box(point.x, point.y, point.x, point.y).grown(radius)
