"""The maps of a plan: a page that opens in any browser with the network cut, and an A4 sheet."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from html import escape
from importlib import resources
from typing import TYPE_CHECKING, Any

import folium
from branca.element import Element, MacroElement
from folium.template import Template

from transfer_planner.i18n import Language, msg
from transfer_planner.reports import map_panel, map_words
from transfer_planner.reports.furniture import furniture
from transfer_planner.reports.map_data import hub, map_data
from transfer_planner.reports.map_facts import MapFacts, map_facts
from transfer_planner.reports.map_scene import departments_of
from transfer_planner.reports.maps_svg import map_svg
from transfer_planner.reports.typeset import render_pdf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan

CREDIT = "Leaflet 1.9.4 (BSD-2-Clause) – Atkinson Hyperlegible Next (OFL) – Natural Earth"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; font-src data:"
"""The page forbids itself every request."""


class OfflineMap(folium.Map):
    """A folium map without its links to the web; the page brings Leaflet itself."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - the type folium gives it
    default_css: list[tuple[str, str]] = []  # noqa: RUF012


class Literal(Element):
    """Text put into the page as it is, never read as a template."""

    _template = Template("{{ this.content }}")
    content = ""


class Start(MacroElement):
    """The last words of the script: names, pop-ups and numbers on the layers that folium made."""

    _template = Template(
        "{% macro script(this, kwargs) %}startMap({{ this._parent.get_name() }}, "
        "{ {%- for key, layer in this.layers.items() %}{{ key }}: {{ layer.get_name() }},{% endfor -%} });{% endmacro %}"
    )
    layers: Mapping[str, folium.FeatureGroup]


def map_html(plan: Plan, case: Case, lang: Language) -> str:
    """Draw the interactive map as one self-contained page.

    Returns
    -------
    An HTML document that makes no request at all and names no patient. The same plan gives the same text.
    """
    facts = map_facts(plan, case)
    page = OfflineMap(
        tiles=None,
        attribution_control=False,
        zoom_snap=0.25,
        zoom_delta=0.5,
        zoom_animation=False,
        fade_animation=False,
        max_zoom=14,
        min_zoom=4,
    )
    _add_outlines(page, facts)
    layers = {
        "bands": folium.FeatureGroup(msg("Travel bands").text(lang)),
        "domains": folium.FeatureGroup(msg("Shared information systems").text(lang)),
        "flows": folium.FeatureGroup(msg("Transfers").text(lang)),
        "loads": folium.FeatureGroup(msg("Load of the linacs").text(lang)),
        "room": folium.FeatureGroup(msg("Capacity left").text(lang), show=False),
    }
    for layer in layers.values():
        layer.add_to(page)
    _add_bands(layers["bands"], facts)
    _add_domains(layers["domains"], facts)
    folium.LayerControl("bottomright", collapsed=False).add_to(page)
    make: Any = Start  # branca declares no types for it
    start = make()
    start.layers = layers
    page.add_child(start)
    root: Any = page.get_root()  # a Figure, declared as any element
    root.title = escape(map_words.page_title(plan, lang))
    for content in _head():
        root.header.add_child(_literal(content))
    data = map_data(plan, case, facts, lang)
    root.html.add_child(_literal(map_panel.panel(plan, case, facts, lang, CREDIT)))
    root.html.add_child(_literal(f'<script type="application/json" id="map-data">{_json(data)}</script>'))
    return _settle(root.render(), lang)


def map_pdf(plan: Plan, case: Case, lang: Language, *, drawing: str = "") -> bytes:
    """Set the printed map on an A4 sheet, landscape, with the table of the destinations; `drawing` if it is at hand."""
    facts = map_facts(plan, case)
    rows = [
        {
            "name": f"{s.name}, {s.town}" if s.town else s.name,
            "patients": str(s.patients),
            "levels": map_words.grades(s.by_grade, lang),
            "travel": map_words.minutes(s.travel).text(lang) if s.travel else "–",
            "load": map_words.percent(s.peak).text(lang) if s.peak else "–",
        }
        for s in facts.of("destination")
    ]
    heads = (msg("Receiving centre, levels"), msg("Patients"), msg("Travel"), msg("Load"))
    data = {
        "heading": msg("Map of transfers").text(lang),
        "scenario": map_words.title(plan, lang),
        "facts": map_words.edition(plan, lang),
        "columns": [head.text(lang) for head in heads],
        "rows": rows,
        "empty": msg("No patient is transferred.").text(lang),
        "alternative": map_panel.in_words(plan, facts, lang),
        "furniture": furniture(plan, case, lang) | {"running": ""},
    }
    return render_pdf(
        "map.typ",
        data,
        files={"map.svg": (drawing or map_svg(plan, case, lang)).encode()},
        title=map_words.page_title(plan, lang),
        lang=lang,
        timestamp=plan.created_at,
    )


def _literal(content: str) -> Literal:
    element = Literal()
    element.content = content
    return element


def asset(name: str) -> str:
    """Return the text of a packaged file that pages carry."""
    return (resources.files("transfer_planner.reports") / "assets" / name).read_text("utf-8")


def _font(weight: str) -> str:
    file = resources.files("transfer_planner.reports") / "fonts" / f"AtkinsonHyperlegibleNext-{weight}.ttf"
    return "data:font/ttf;base64," + b64encode(file.read_bytes()).decode()


def font_faces() -> str:
    """Return the styles that bring the fonts of the documents."""
    return "".join(
        f"@font-face{{font-family:Hyperlegible;font-weight:{weight};src:url({_font(name)})}}"
        for name, weight in (("Regular", 400), ("Bold", 700))
    )


def _head() -> list[str]:
    """Return what the page carries: its policy, styles, fonts and scripts."""
    # Leaflet's pictures belong to controls and markers that the page does not use.
    style = re.sub(r"url\((?!#)[^)]*\)", "none", asset("leaflet-1.9.4.css"))
    script = re.sub(r"//# sourceMappingURL=.*", "", asset("leaflet-1.9.4.js"))
    script += asset("map_names.js") + asset("map_flows.js") + asset("map_search.js") + asset("map.js")
    return [
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        f"<style>{style}{font_faces()}{asset('map.css')}</style>",
        "<script>" + script.replace("</script", "<\\/script") + "</script>",
    ]


def _json(data: Any) -> str:
    """Return JSON that cannot close the script it stands in."""
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def _settle(html: str, lang: Language) -> str:
    """Give the page its language, let readers zoom, and number folium's random names so that the text is always the same."""
    numbers: dict[str, str] = {}
    html = re.sub(
        r"\b[0-9a-f]{32}\b|(?<=_)[0-9a-f]{32}", lambda m: numbers.setdefault(m[0], str(len(numbers) + 1)), html
    )
    html = re.sub(r"initial-scale=1.0,\s*maximum-scale=1.0, user-scalable=no", "initial-scale=1", html)
    return html.replace("<html>", f'<html lang="{lang}">', 1)


def _add_outlines(page: folium.Map, facts: MapFacts) -> None:
    features = departments_of(facts.stops.values())
    if features:
        style = {"color": map_words.HAIR, "weight": 1.5, "fillColor": map_words.LAND, "fillOpacity": 1}
        outlines = {"type": "FeatureCollection", "features": features}
        folium.GeoJson(outlines, style_function=lambda _: style, control=False, interactive=False).add_to(page)


def _add_bands(layer: folium.FeatureGroup, facts: MapFacts) -> None:
    for stop in facts.of("fallen"):
        for _, km in facts.bands:
            folium.Circle(
                (stop.lat, stop.lon),
                radius=km * 1000,
                color=map_words.SOFT,
                weight=1,
                dash_array="2 5",
                fill=False,
                interactive=False,
            ).add_to(layer)


def _add_domains(layer: folium.FeatureGroup, facts: MapFacts) -> None:
    for domain in facts.domains:
        members = [facts.stops[m] for m in domain.members]
        middle = hub(facts, domain.members)
        colour = map_words.INK if domain.fallen else map_words.SOFT
        _line([[middle, (s.lat, s.lon)] for s in members], color=colour, weight=3, dash_array="0.1 7").add_to(layer)


def _line(points: Any, **style: Any) -> Any:
    """Return a line; folium declares no types for it."""
    make: Any = folium.PolyLine
    return make(points, interactive=False, **style)
