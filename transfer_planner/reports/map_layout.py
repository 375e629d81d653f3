"""Plane geometry of the printed map: projection, curves, and labels that do not cover one another."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import cos, hypot, pi, radians
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Array: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]

KM_PER_DEGREE = 111.195
"""Kilometres of a degree of latitude, mean radius of the Earth."""

DISTANCES = (4, 12, 26, 44, 66, 92, 122, 156, 194, 236)
"""Distances tried between a symbol and its label, drawing units."""

ROUNDS = 2
"""Times each label looks for its place."""

MANY = 60
"""With more labels than this, each is placed once, in a single order."""

ADVANCES = {
    0.25: " \u00a0\u202f',.:;`jil|’·îï!()",
    0.35: '"[]frt{}',
    0.40: "-/I\\_ÎÏ",
    0.50: "*?1ckyÿsvxzç",
    0.55: "27JLaehnouàâäéèêëôöùûü–",
    0.60: "$3569<>EFPSTVY^bdgpq~ÉÈÊË«»",
    0.65: "+048=ABCKRXZÀÂÇ",
    0.72: "#DGHNUwÙÛÜ…&OQÔ",
    0.88: "@Mm—Wæ",
    0.95: "%œ",
}
"""Advance widths of Atkinson Hyperlegible Next, in ems, rounded up."""

WIDTHS = {character: width for width, characters in ADVANCES.items() for character in characters}


class Point(NamedTuple):
    """A point of the drawing, y downwards."""

    x: float
    y: float


class Box(NamedTuple):
    """An upright rectangle: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Tell whether two boxes overlap."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def inside(self, other: Box) -> bool:
        """Tell whether this box lies within another."""
        return (
            other.left <= self.left
            and self.right <= other.right
            and other.top <= self.top
            and self.bottom <= other.bottom
        )

    def holds(self, point: Point) -> bool:
        """Tell whether a point lies within."""
        return self.left < point.x < self.right and self.top < point.y < self.bottom

    def grown(self, by: float, aside: float | None = None) -> Box:
        """Return the box with a margin, and perhaps another one at its sides."""
        wide = by if aside is None else aside
        return Box(self.left - wide, self.top - by, self.right + wide, self.bottom + by)

    def nearest(self, point: Point) -> Point:
        """Return the point of the box nearest to a point."""
        return Point(min(max(point.x, self.left), self.right), min(max(point.y, self.top), self.bottom))


@dataclass(frozen=True)
class Projection:
    """Equirectangular, degrees of longitude shortened by the cosine of the middle latitude."""

    west: float
    north: float
    shrink: float
    scale: float
    origin: Point

    @classmethod
    def fit(cls, points: Iterable[tuple[float, float]], frame: Box, *, least_km: float = 30) -> Projection:
        """Fit (lat, lon) points into a frame, never closer than `least_km` from side to side."""
        lats, lons = zip(*points, strict=True)
        middle, centre = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
        shrink = cos(radians(middle))
        least = least_km / KM_PER_DEGREE
        height = max(max(lats) - min(lats), least)
        width = max((max(lons) - min(lons)) * shrink, least)
        scale = min((frame.right - frame.left) / width, (frame.bottom - frame.top) / height)
        middle_of_frame = Point((frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2)
        return cls(centre, middle, shrink, scale, middle_of_frame)

    @property
    def per_km(self) -> float:
        """Drawing units per kilometre."""
        return self.scale / KM_PER_DEGREE

    def at(self, lat: float, lon: float) -> Point:
        """Return where a place stands on the drawing."""
        return Point(
            self.origin.x + (lon - self.west) * self.shrink * self.scale,
            self.origin.y - (lat - self.north) * self.scale,
        )


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the estimated width of a text, on the generous side."""
    units = sum(WIDTHS.get(character, 0.9) for character in text)
    return units * size * (1.09 if bold else 1.0)


def wrap(text: str, width: int, lines: int = 2) -> list[str]:
    """Break a text into lines of at most `width` characters; what does not fit ends in an ellipsis."""
    rows = [""]
    for word in text.split():
        if rows[-1] and len(rows[-1]) + 1 + len(word) > width:
            rows.append(word)
        else:
            rows[-1] = f"{rows[-1]} {word}".strip()
    if len(rows) > lines:
        rows = [*rows[: lines - 1], " ".join(rows[lines - 1 :])]
    return [row if len(row) <= width else row[: width - 1].rstrip() + "…" for row in rows]


def curve(start: Point, end: Point, bend: float, steps: int = 24) -> list[Point]:
    """Return points of a quadratic curve that leaves the straight line by `bend` of its length, to the left."""
    middle = Point(
        (start.x + end.x) / 2 + (end.y - start.y) * bend * 2, (start.y + end.y) / 2 - (end.x - start.x) * bend * 2
    )
    return [
        Point(
            (1 - t) ** 2 * start.x + 2 * t * (1 - t) * middle.x + t * t * end.x,
            (1 - t) ** 2 * start.y + 2 * t * (1 - t) * middle.y + t * t * end.y,
        )
        for t in (step / steps for step in range(steps + 1))
    ]


def spread(points: Sequence[Point], radii: Sequence[float], rounds: int = 60) -> list[Point]:
    """Move symbols apart until they no longer touch; those alone stay where they are."""
    moved = list(points)
    for _ in range(rounds):
        still = True
        for i in range(len(moved)):
            for j in range(i):
                gap = hypot(moved[i].x - moved[j].x, moved[i].y - moved[j].y)
                lack = radii[i] + radii[j] - gap
                if lack <= 0.01:
                    continue
                still = False
                # Two centres on one spot part sideways.
                ux, uy = ((moved[i].x - moved[j].x) / gap, (moved[i].y - moved[j].y) / gap) if gap else (1.0, 0.0)
                moved[i] = Point(moved[i].x + ux * lack / 2, moved[i].y + uy * lack / 2)
                moved[j] = Point(moved[j].x - ux * lack / 2, moved[j].y - uy * lack / 2)
        if still:
            break
    return moved


class Label(NamedTuple):
    """A text to place near its symbol."""

    key: str
    anchor: Point
    radius: float
    width: float
    height: float


class Placed(NamedTuple):
    """A label that found its place; the leader runs from its symbol to the box, None when they touch."""

    key: str
    box: Box
    leader: tuple[Point, Point] | None


@dataclass
class Sheet:
    """What the drawing already holds."""

    frame: Box
    boxes: list[Box] = field(default_factory=list)
    """Nothing may cover these."""
    ink: Array = field(default_factory=lambda: np.empty((0, 2)))
    """Better not covered: points along the flows and leaders, one a row."""
    symbols: list[Point] = field(default_factory=list)
    leaders: list[tuple[Point, Point]] = field(default_factory=list)

    def free(self, box: Box) -> bool:
        """Tell whether a box fits the frame and covers no other."""
        return box.inside(self.frame) and not any(box.meets(other) for other in self.boxes)

    def place_all(self, labels: Sequence[Label]) -> list[Placed]:
        """Place the labels in several orders and keep the best: most placed first, then nearest to their symbols."""
        trials = [self._place_in(order) for order in _orders(labels)]
        found = min(trials, key=lambda trial: (-len(trial), sum(cost for cost, _ in trial.values())))
        self.boxes += [placed.box.grown(2, 7) for _, placed in found.values()]
        return [placed for _, placed in found.values()]

    def _place_in(self, labels: Sequence[Label]) -> dict[str, tuple[float, Placed]]:
        """Place the labels one after the other, then let each one move again now that all the others stand."""
        found: dict[str, tuple[float, Placed]] = {}
        for _ in range(ROUNDS if len(labels) <= MANY else 1):
            for label in labels:
                others = [placed for key, (_, placed) in found.items() if key != label.key]
                best = self._with(others).best(label)
                if best is not None:
                    found[label.key] = best
        return found

    def _with(self, labels: Sequence[Placed]) -> Sheet:
        leaders = [placed.leader for placed in labels if placed.leader is not None]
        ink = [point for leader in leaders for point in between(*leader) for _ in range(3)]
        boxes = [placed.box.grown(2, 7) for placed in labels]
        return Sheet(self.frame, self.boxes + boxes, with_points(self.ink, ink), self.symbols, leaders)

    def best(self, label: Label) -> tuple[float, Placed] | None:
        """Return the best free place and its cost: near, on little ink, its leader across no other label."""
        taken = np.array(self.boxes, float).reshape(-1, 4)
        places, costs = _around(label)
        open_ = _inside(places, self.frame) & ~_meet(places, taken).any(axis=1)
        places, costs = places[open_], costs[open_]
        costs = costs + 5 * _hold(_grown(places, 2), self.ink).sum(axis=1) + 60 * self._doubtful(label, places)
        best: tuple[float, Placed] | None = None
        for at in np.argsort(costs, kind="stable"):
            if best is not None and best[0] <= costs[at]:
                break
            box = Box(*places[at].tolist())
            leader = _leader(label, box)
            cost = float(costs[at]) + 15 * (leader is not None) + 40 * self._crossed(leader, taken)
            if best is None or cost < best[0]:
                best = (cost, Placed(label.key, box, leader))
        return best

    def _crossed(self, leader: tuple[Point, Point] | None, taken: Array) -> int:
        """Return how much a leader passes over boxes; over another leader counts four."""
        if leader is None:
            return 0
        over = _hold(_grown(taken, -1), np.array(between(*leader))).sum()
        return int(over) + 4 * sum(cross(leader, other) for other in self.leaders)

    def _doubtful(self, label: Label, places: Array) -> Bools:
        """Tell for each place whether the label would lie nearer to another symbol than to its own."""
        others = np.array([point for point in self.symbols if point != label.anchor], float).reshape(-1, 2)
        own = _gaps(places, np.array([label.anchor], float))
        return np.asarray((_gaps(places, others) < own).any(axis=1))


def with_points(ink: Array, points: Sequence[Point]) -> Array:
    """Return ink with more points."""
    return np.concatenate([ink, np.array(points, float).reshape(-1, 2)])


def _around(label: Label) -> tuple[Array, Array]:
    """Return the places tried around a symbol, one box a row, and what each costs: near and east first, as in books."""
    angles = np.arange(24) * (2 * pi / 24)
    c, s = np.cos(angles), np.sin(angles)
    distances = np.array(DISTANCES, float)[:, None]
    left = label.anchor.x + c * (label.radius + distances) - label.width * (1 - c) / 2
    top = label.anchor.y + s * (label.radius + distances) - label.height * (1 - s) / 2
    places = np.stack([left, top, left + label.width, top + label.height], axis=-1)
    return places.reshape(-1, 4), (distances + 5 * (1 - c)).reshape(-1)


def _grown(places: Array, by: float) -> Array:
    return np.asarray(places + np.array([-by, -by, by, by]))


def _inside(places: Array, frame: Box) -> Bools:
    left, top, right, bottom = places.T
    return np.asarray((left >= frame.left) & (top >= frame.top) & (right <= frame.right) & (bottom <= frame.bottom))


def _meet(places: Array, boxes: Array) -> Bools:
    """Tell for each place (row) whether it overlaps each box (column)."""
    (left, top, right, bottom), b = places.T[:, :, None], boxes.T
    return np.asarray((left < b[2]) & (b[0] < right) & (top < b[3]) & (b[1] < bottom))


def _hold(places: Array, points: Array) -> Bools:
    """Tell for each place (row) whether it holds each point (column)."""
    (left, top, right, bottom), (x, y) = places.T[:, :, None], points.T
    return np.asarray((left < x) & (x < right) & (top < y) & (y < bottom))


def _gaps(places: Array, points: Array) -> Array:
    """Return the distance of each place (row) from each point (column)."""
    p = places[:, None]
    near = np.clip(points, p[..., :2], p[..., 2:]) - points
    return np.asarray(np.hypot(near[..., 0], near[..., 1]))


def apart(one: Point, two: Point) -> float:
    """Return the distance between two points."""
    return hypot(one.x - two.x, one.y - two.y)


def cross(one: tuple[Point, Point], two: tuple[Point, Point]) -> bool:
    """Tell whether two segments cross."""

    def side(line: tuple[Point, Point], point: Point) -> bool:
        a, b = line
        return (b.x - a.x) * (point.y - a.y) > (b.y - a.y) * (point.x - a.x)

    return side(one, two[0]) != side(one, two[1]) and side(two, one[0]) != side(two, one[1])


def _orders(labels: Sequence[Label]) -> list[list[Label]]:
    """Return orders to try, the same each time."""

    def crowd(label: Label) -> int:
        return -sum(apart(label.anchor, o.anchor) < 120 for o in labels)

    keys = [
        crowd,
        lambda o: -crowd(o),
        lambda o: o.anchor.x,
        lambda o: -o.anchor.x,
        lambda o: o.anchor.y,
        lambda o: -o.anchor.y,
    ]
    return [list(labels), *(sorted(labels, key=key) for key in keys)] if len(labels) <= MANY else [list(labels)]


def between(start: Point, end: Point, steps: int = 10) -> list[Point]:
    """Return points along a segment, its ends left out."""
    return [
        Point(start.x + (end.x - start.x) * i / steps, start.y + (end.y - start.y) * i / steps) for i in range(1, steps)
    ]


def _leader(label: Label, box: Box) -> tuple[Point, Point] | None:
    end = box.nearest(label.anchor)
    length = hypot(end.x - label.anchor.x, end.y - label.anchor.y)
    if length <= label.radius + 14:
        return None
    ratio = (label.radius + 1) / length
    start = Point(label.anchor.x + (end.x - label.anchor.x) * ratio, label.anchor.y + (end.y - label.anchor.y) * ratio)
    return start, end
