"""The atlas as one page that opens anywhere with the network cut: choose what falls, see where its patients go."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

from transfer_planner.i18n import Message, msg
from transfer_planner.reports import atlas_advice as advice
from transfer_planner.reports import atlas_pages as pages
from transfer_planner.reports import words
from transfer_planner.reports.atlas_facts import WIDE, beyond, beyond_first, excess_days, waiting
from transfer_planner.reports.atlas_map import STRIP, base_for
from transfer_planner.reports.atlas_pdf import LABELS, drawings
from transfer_planner.reports.atlas_words import (
    KINDS,
    assumed_share,
    centre_short,
    ends,
    failure,
    fall_name,
    footer,
    known_name,
    percents,
    reservations,
    stopped,
    title,
)
from transfer_planner.reports.binder_centre import grade_words
from transfer_planner.reports.html_table import html_table
from transfer_planner.reports.map_words import INK
from transfer_planner.reports.maps import POLICY, asset, font_faces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transfer_planner.domain.policy import Policy
    from transfer_planner.i18n import Language
    from transfer_planner.reports.atlas_facts import AtlasFacts, Fall
    from transfer_planner.reports.atlas_map import AtlasMap
    from transfer_planner.reports.atlas_words import Table

MOST_MAPS = 400
"""Cases that bring their map: the gravest; beyond, the page would no longer open quickly."""
SHORT = 16
"""Characters of a cell that is not to be broken."""
TO_HEADS = (
    msg("Receiving centre"),
    msg("Patients"),
    msg("Minutes taken, worst day"),
    msg("Physics hours, used of available"),
)
WORDS = {
    "rows": msg("{n} of {all} cases shown"),
    "unknown": msg("This case was not examined, or its map is not in this page: see the table of all cases."),
}
SECTIONS = (
    ("summary", msg("Summary")),
    ("explore", msg("If this stops")),
    ("pairs", LABELS["pairs"]),
    ("cases", msg("All cases")),
    ("centres", msg("Centre by centre")),
    ("todo", LABELS["findings"]),
    ("method", LABELS["method"]),
)


def atlas_html(facts: AtlasFacts, policy: Policy, lang: Language, drawn: dict[str, str] | None = None) -> str:
    """Return the atlas as a self-contained page, without any request; `drawn` when `drawings` are at hand."""
    drawn = drawn or drawings(facts, lang)
    name = escape(title(facts.atlas, lang))
    banner = " · ".join(message.text(lang) for message in reservations(facts))
    base = base_for(facts.network, lang)
    links = "".join(f'<a href="#{key}">{_say(label, lang)}</a>' for key, label in SECTIONS)
    contents = {
        "summary": _summary(facts, drawn, lang),
        "explore": _explore(facts, lang),
        "pairs": _inline(drawn["pairs"]),
        "cases": _cases(facts, lang),
        "centres": "".join(_centres(facts, policy, base, lang)),
        "todo": _todo(facts, lang),
        "method": _method(facts, policy, lang),
    }
    body = "".join(
        f'<section id="{key}"><h2 tabindex="-1">{_say(label, lang)}</h2>{contents[key]}</section>'
        for key, label in SECTIONS
    )
    holes = {"n": "{n}", "all": "{all}"}  # the page fills them in itself
    said = {key: Message(message.source, holes).text(lang) for key, message in WORDS.items()}
    script = asset("atlas.js").replace("</script", "<\\/script")
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>{name}</title>'
        f"<style>{font_faces()}{asset('compare.css')}{asset('atlas.css')}</style></head><body>"
        f'<a class="skip" href="#explore">{_say(SECTIONS[1][1], lang)}</a>'
        + (f'<p class="banner">{escape(banner)}</p>' if banner else "")
        + f'<svg class="store" width="0" height="0" aria-hidden="true">{base.defs()}</svg>'
        f"<main><h1>{name}</h1><nav>{links}</nav>{body}<footer>{escape(assumed_share(facts, lang))}<br>{escape(footer(facts, lang))}</footer></main>"
        f"{''.join(_templates(facts, base, lang))}"
        f'<script type="application/json" id="words">{json.dumps(said, ensure_ascii=False).replace("<", chr(92) + "u003c")}</script>'
        f"<script>{script}</script></body></html>\n"
    )


def _say(message: Message, lang: Language) -> str:
    return escape(message.text(lang))


def _inline(drawing: str) -> str:
    """Return a drawing whose parts can be reached one by one."""
    reachable = drawing.replace('role="img"', 'role="group"', 1)
    return f'<div class="wide">{reachable}</div>'


def _list(lines: list[str], kind: str = "") -> str:
    look = f' class="{kind}"' if kind else ""
    return f"<ul{look}>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def _table(table: Table | None, lang: Language, caption: Message | None = None) -> str:
    """Return a table of words; the first column names its rows."""
    head = f"<h3>{_say(caption, lang)}</h3>" if caption else ""
    if table is None or not table["rows"]:
        return f"{head}<p>{_say(LABELS['none'], lang)}</p>"
    return f'{head}<div class="wide">{html_table(table, short=SHORT)}</div>'


def _summary(facts: AtlasFacts, drawn: dict[str, str], lang: Language) -> str:
    todo = f"<h3>{_say(LABELS['todo'], lang)}</h3>{_list(advice.actions(facts, lang), 'strong')}"
    wide = f"<h3>{_say(LABELS['wide'], lang)}</h3>{_inline(drawn['wide'])}" if facts.wide else ""
    return (
        f"{_list(advice.headlines(facts, lang), 'strong')}{todo}"
        f'<div class="sides"><div><h3>{_say(LABELS["alone"], lang)}</h3><p class="edition">{_say(LABELS["bars"], lang)}</p>'
        f"{_inline(drawn['alone'])}{wide}</div>{_inline(drawn['gravity'])}</div>"
    )


def _explore(facts: AtlasFacts, lang: Language) -> str:
    """Return the choice of what falls, and room for its map and its figures."""
    centres = "".join(
        f'<option value="{escape(centre.id)}">{escape(centre_short(centre))}</option>'
        for centre in facts.network.centres
    )
    gravest = facts.centres[0].id
    ones = "".join(
        f'<option value="centre:{escape(centre.id)}"{" selected" if centre.id == gravest else ""}>{escape(centre_short(centre))}</option>'
        for centre in facts.network.centres
    )
    groups = f'<optgroup label="{_say(KINDS["centre"], lang)}">{ones}</optgroup>'
    for kind in WIDE:
        falls = facts.of(kind)
        rows = "".join(
            f'<option value="{escape(_own_id(fall, kind))}">{escape(fall_name(facts.network, fall, lang))}</option>'
            for fall in falls
        )
        groups += f'<optgroup label="{_say(KINDS[kind], lang)}">{rows}</optgroup>' if falls else ""
    first, second, nothing = msg("What stops"), msg("and at the same time"), msg("nothing else")
    legend = "".join(f"<div><dt>{row['grade']}</dt><dd>{escape(row['label'])}</dd></div>" for row in grade_words(lang))
    drawn = msg("The map shows one draw, the middle one; the tables show the least and the greatest of all draws.")
    script = msg("This choice needs scripts; the maps of the centres stand below.")
    return (
        f'<form id="choice" onsubmit="return false"><label for="one">{_say(first, lang)}</label><select id="one">{groups}</select>'
        f'<label for="two">{_say(second, lang)}</label><select id="two"><option value="">{_say(nothing, lang)}</option>{centres}</select></form>'
        f'<p id="scriptless">{_say(script, lang)}</p><div id="shown" aria-live="polite"></div>'
        f'<p class="edition">{_say(drawn, lang)}</p><dl class="grades">{legend}</dl>'
    )


def _own_id(fall: Fall, kind: str) -> str:
    """Return the id of a fall that bears the name of a kind."""
    ids = (fall.contingency.id, *fall.contingency.also)
    return next(name for name in ids if name.startswith(f"{kind}:"))


def _templates(facts: AtlasFacts, base: AtlasMap, lang: Language) -> Iterator[str]:
    """Yield what is shown of each case, asleep until it is chosen."""
    order = sorted(facts.falls, key=lambda fall: ([-figure for figure in fall.gravity], fall.contingency.id))
    kept = {fall.contingency.id for fall in order[:MOST_MAPS]} | {
        fall.contingency.id for fall in facts.falls if fall.contingency.kind != "pair"
    }
    for fall in facts.falls:
        if fall.contingency.id in kept:
            ids = " ".join((fall.contingency.id, *fall.contingency.also))
            yield f'<template data-fall="{escape(ids)}">{_shown(facts, base, fall, lang)}</template>'


def _map(base: AtlasMap, fall: Fall, name: str, *, legend: bool) -> str:
    if fall.middle is None:
        return f"<p>{_say(LABELS['no_map'], base.lang)}</p>"
    width, height = base.size
    drawn = base.fall(fall) + (base.legend() if legend else "")
    return (
        f'<svg class="map" viewBox="0 0 {width:g} {height + (STRIP if legend else 0):g}" role="img" aria-label="{escape(name)}" '
        f'fill="{INK}">{drawn}</svg>'
    )


def _shown(facts: AtlasFacts, base: AtlasMap, fall: Fall, lang: Language) -> str:
    name = fall_name(facts.network, fall, lang)
    figures = "".join(
        f"<li><b>{escape(one['value'])}</b> {escape(one['label'])}</li>" for one in pages.key_figures(fall, lang)
    )
    others = [failure(outcome, lang) for outcome in fall.failed]
    if fall.contingency.kind in WIDE:
        others.insert(0, msg("Stopped: {centres}", centres=stopped(facts.network, fall)).text(lang))
    return (
        f'<div class="sides"><div>{_map(base, fall, name, legend=True)}</div>'
        f'<div><h3 tabindex="-1">{escape(name)}</h3><p><b>{escape(pages.verdict(facts, fall, lang))}</b></p>'
        f'<ul class="counts">{figures if fall.planned else ""}</ul>{_list(others) if others else ""}'
        + (
            _table(pages.by_rank(fall, lang), lang, LABELS["ranks"])
            + _table(_towards(facts, fall, lang), lang)
            + _table(pages.binding(facts, fall, lang, 8), lang, LABELS["binding"])
            if fall.planned
            else ""
        )
        + "</div></div>"
    )


def _towards(facts: AtlasFacts, fall: Fall, lang: Language) -> Table:
    """Return the destinations of a case."""
    rows = []
    for centre_id, got in fall.received().items():
        physics = f"{got.use.physics_hours:.0f} / {got.use.physics_hours_available:.0f}"
        rows.append([known_name(facts.network, centre_id), ends(got.patients, lang), percents(got.peak, lang), physics])
    return words.table(TO_HEADS, rows, lang)


def _cases(facts: AtlasFacts, lang: Language) -> str:
    """Return every case as a table that sorts and filters itself."""
    find, all_kinds = msg("Find a centre or a system"), msg("every kind")
    kinds = {fall.contingency.kind for fall in facts.falls}
    options = "".join(f'<option value="{kind}">{_say(KINDS[kind], lang)}</option>' for kind in KINDS if kind in kinds)
    head = "".join(
        f'<th scope="col"><button type="button">{_say(label, lang)}</button></th>'
        for label in (msg("Kind"), *pages.FALL_HEADS)
    )
    rows = "".join(_case(facts, fall, lang) for fall in sorted(facts.falls, key=lambda f: [-x for x in f.gravity]))
    return (
        f'<form id="filter" onsubmit="return false"><label for="find">{_say(find, lang)}</label><input id="find" type="search" autocomplete="off">'
        f'<label for="kind">{_say(msg("Kind"), lang)}</label><select id="kind"><option value="">{_say(all_kinds, lang)}</option>{options}</select>'
        f'<output id="rows" for="find kind"></output></form>'
        f'<div class="wide"><table id="all"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _case(facts: AtlasFacts, fall: Fall, lang: Language) -> str:
    words, figures = pages.fall_row(facts, fall, lang), _sorted_by(fall)
    cells = "".join(
        f'<td data-v="{value:g}">{escape(word)}</td>' if value is not None else f"<td>{escape(word)}</td>"
        for word, value in zip(words[1:], figures, strict=True)
    )
    one = fall.contingency
    return (
        f'<tr data-kind="{one.kind}"><td>{_say(KINDS[one.kind], lang)}</td>'
        f'<th scope="row"><button type="button" data-fall="{escape(one.id)}">{escape(words[0])}</button></th>{cells}</tr>'
    )


def _sorted_by(fall: Fall) -> list[float | None]:
    """Return the means by which the columns of a case are put in order."""
    values: list[Any] = [
        fall.over(lambda outcome: outcome.patients),
        fall.over(beyond),
        fall.over(beyond_first),
        fall.over(waiting),
        fall.over(excess_days),
        fall.over(lambda outcome: outcome.travel.median_min if outcome.travel else None),
    ]
    return [*(None if value is None else value.mean for value in values), None]


def _centres(facts: AtlasFacts, policy: Policy, base: AtlasMap, lang: Language) -> Iterator[str]:
    graph = pages.atlas_graph(facts, policy)
    for centre in facts.centres:
        part, fall = pages.centre_part(facts, graph, centre, policy, lang), facts.alone(centre.id)
        figures = "".join(f"<li><b>{escape(one['value'])}</b> {escape(one['label'])}</li>" for one in part["figures"])
        capacities = [f"{one['value']['t']} {one['value']['m']} {one['label']}" for one in part["capacities"]]
        drawn = _map(base, fall, part["name"], legend=False) if fall else f"<p>{_say(LABELS['no_map'], lang)}</p>"
        yield (
            f'<article id="centre-{escape(centre.id)}"><h3>{escape(part["name"])}</h3><p><b>{escape(part["verdict"])}</b></p>'
            f'<ul class="counts">{figures}</ul><div class="sides"><div>{drawn}</div><div>'
            f"{_table(part['ranks'], lang, LABELS['ranks'])}{_table(part['binding'], lang, LABELS['binding'])}"
            f"<h3>{_say(LABELS['measures'], lang)}</h3>{_list(part['measures'])}"
            f"<h3>{_say(LABELS['receives'], lang)}</h3>{_list(capacities)}</div></div>"
            f"{_table(_mirror(part['mirror']), lang, LABELS['mirror'])}</article>"
        )


def _mirror(mirror: dict[str, Any]) -> Table:
    """Return the mirror table in plain words; a doubtful grade bears its question mark."""

    def cell(one: dict[str, str]) -> str:
        return f"{one['t']} {one['m']}".strip()

    rows = []
    for row in mirror["rows"]:
        first = " – ".join(filter(None, (row["name"], row["shared"])))
        grades = [(grade["grade"] + (" ?" if grade["doubt"] else "")) or "–" for grade in row["grades"]]
        rows.append([first, *map(cell, row["cells"][1:]), *grades, *row["taken"]])
    return {"heads": [*mirror["heads"], *mirror["techniques"], *mirror["taken_heads"]], "rows": rows}


def _todo(facts: AtlasFacts, lang: Language) -> str:
    tables = (
        (LABELS["sign"], advice.conventions(facts, lang)),
        (LABELS["match"], advice.matches(facts, lang)),
        (LABELS["buy"], advice.broken(facts, lang)),
        (LABELS["single"], advice.single_points(facts, lang)),
        (LABELS["isolated"], advice.isolated(facts, lang)),
    )
    return "".join(_table(table, lang, name) for name, table in tables)


def _method(facts: AtlasFacts, policy: Policy, lang: Language) -> str:
    made = pages.method(facts, policy, lang)
    failures = {"heads": made["failure_heads"], "rows": made["failures"]}
    sources = "".join(f"<li>{escape(' – '.join(filter(None, source)))}</li>" for source in made["sources"])
    return (
        _list([*made["facts"], *made["definitions"]])
        + _table(made["parameters"], lang, LABELS["parameters"])
        + (_table(made["notes"], lang, LABELS["notes"]) if made["notes"]["rows"] else "")
        + _table(made["knowledge"], lang, LABELS["knowledge"])
        + (_table(failures, lang, LABELS["failures"]) if made["failures"] else "")
        + f"<h3>{_say(LABELS['sources'], lang)}</h3><ul>{sources}</ul>"
    )
