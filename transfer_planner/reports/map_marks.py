"""The marks of the printed map: symbols, lines, texts."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from transfer_planner.reports.map_scene import RADII
from transfer_planner.reports.map_words import ACCENT, INK, SOFT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transfer_planner.reports.map_facts import Part
    from transfer_planner.reports.map_layout import Point


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


def trace(points: Iterable[Point]) -> str:
    """Return the path through points, as SVG writes it."""
    return "M" + "L".join(f"{p.x:.1f} {p.y:.1f}" for p in points)


def put_text(
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
    """Write a line of text; its halo keeps it readable over lines."""
    style = f' text-anchor="{anchor}"' if anchor != "start" else ""
    style += ' font-weight="700"' if bold else ""
    style += ' paint-order="stroke" stroke="#fff" stroke-width="3.5" stroke-linejoin="round"' if halo else ""
    style += f' fill="{fill}"' if fill else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}"{style}>{escape(words)}</text>'
