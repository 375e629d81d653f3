"""The comparison of two atlases as a page that opens anywhere, and as a PDF."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from transfer_planner.i18n import msg
from transfer_planner.reports import words
from transfer_planner.reports.atlas_compare import VERDICTS
from transfer_planner.reports.atlas_map import SHADE, svg_document
from transfer_planner.reports.atlas_words import INVENTED, ends, maybe
from transfer_planner.reports.furniture import EXERCISE
from transfer_planner.reports.html_table import html_table
from transfer_planner.reports.map_layout import wrap
from transfer_planner.reports.map_marks import put_text
from transfer_planner.reports.map_words import ACCENT, HAIR, INK, SOFT
from transfer_planner.reports.maps import POLICY, asset, font_faces
from transfer_planner.reports.typeset import render_pdf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transfer_planner.domain.atlas import Atlas, Interval
    from transfer_planner.i18n import Language
    from transfer_planner.reports.atlas_compare import CaseChange, Comparison

LABELS = {
    "kind": msg("Two atlases compared"),
    "advice": msg("Did last year's measures help?"),
    "centres": msg("Each centre alone: P1–P3 beyond tolerance"),
    "key": msg(
        "Light: first atlas; dark: second; the line goes from the least to the greatest of the draws, the mark is the mean."
    ),
    "cases": msg("All cases"),
    "parameters": msg("What the two atlases do not suppose alike"),
    "alike": msg("Both atlases suppose the same."),
    "reading": msg("How to read it"),
    "none": msg("None."),
}
ADVICE_HEADS = (msg("Advice of the first atlas"), msg("At the time"), msg("Now"))
PARAMETER_HEADS = (msg("Supposed"), msg("First atlas"), msg("Second atlas"))
CASE_HEADS = (
    msg("What falls"),
    msg("P1–P3 beyond tolerance"),
    msg("All beyond tolerance"),
    msg("Days beyond tolerance"),
    msg("Verdict"),
)
READING = (
    msg(
        "Better or worse: the draws of the two atlases do not meet; with the very same patients, the difference has one sign at every draw."
    ),
    msg(
        "Not distinguishable: they meet, or there is a single draw, or the difference is no more than what the solver leaves open."
    ),
    msg("P4 and P5 are not proven by the sweep: only P1 to P3 are."),
)
PAPER_CASES = 60
"""Cases printed; the page holds all of them."""


def title(comparison: Comparison, lang: Language) -> str:
    """Return the title of the comparison."""
    where = comparison.after.region or msg("the network").text(lang)
    return msg("Two atlases compared – {where}", where=where).text(lang)


def label(atlas: Atlas, lang: Language) -> str:
    """Say which atlas it is."""
    when, network = words.moment(atlas.created_at, lang), atlas.network_sha256[:8]
    return msg("edited {when}, network {network}", when=when, network=network).text(lang)


def counts(cases: list[CaseChange], lang: Language) -> list[str]:
    """Count the cases by what became of them."""
    found = [case.verdict for case in cases]
    return [
        msg("{what}: {n}", what=said, n=found.count(key)).text(lang) for key, said in VERDICTS.items() if key in found
    ]


def warnings(comparison: Comparison, lang: Language) -> list[str]:
    """Return what every reader must know first."""
    sides = (comparison.before, comparison.after)
    found = [EXERCISE] if any(atlas.fictitious for atlas in sides) else []
    if any(not row.real for atlas in sides for row in atlas.rosters):
        found.append(INVENTED)
    if comparison.parameters(lang):
        found.append(msg("PARAMETERS DIFFER"))
    if comparison.after.created_at < comparison.before.created_at:
        found.append(msg("THE SECOND ATLAS IS THE OLDER"))
    return words.texts(found, lang)


def case_rows(comparison: Comparison, cases: list[CaseChange], lang: Language) -> list[list[str]]:
    """Return one row for each case: before → after, and what it means."""
    return [
        [
            comparison.title(case.contingency, lang),
            *(f"{maybe(change.before, lang)} → {maybe(change.after, lang)}" for change in case.figures.values()),
            VERDICTS[case.verdict].text(lang),
        ]
        for case in cases
    ]


def change_svg(comparison: Comparison, cases: list[CaseChange], lang: Language) -> str:
    """Draw, for each centre alone, the interval of each atlas: the first light above, the second dark below."""
    rows = [case for case in cases if case.contingency.kind == "centre"]
    figures = [case.figures["beyond_first"] for case in rows]
    highs = [one.high for change in figures for one in (change.before, change.after) if one is not None]
    width, left, step, top = 1060.0, 330.0, 34.0, max([*highs, 1.0])
    room = width - left - 290
    body = []
    for at, (case, change) in enumerate(zip(rows, figures, strict=True)):
        y = at * step
        body.append(
            put_text(
                left - 12, y + 22, wrap(comparison.title(case.contingency, lang), 42, lines=1)[0], 15, anchor="end"
            )
        )
        body += _range(change.before, left, y + 11, room / top, SHADE)
        body += _range(change.after, left, y + 23, room / top, ACCENT)
        x = left + room + 70
        body.append(put_text(x, y + 22, ends(change.before, lang), 15, anchor="end", bold=True))
        body.append(
            f'<path d="M{x + 8:g} {y + 17:g}h16m-5 -5l5 5l-5 5" fill="none" stroke="{INK}" stroke-width="1.6"/>'
        )
        body.append(put_text(x + 32, y + 22, ends(change.after, lang), 15, bold=True))
        bold = case.verdict in {"worse", "better"}
        body.append(
            put_text(x + 92, y + 22, VERDICTS[change.verdict].text(lang), 14, bold=bold, fill="" if bold else SOFT)
        )
        body.append(f'<path d="M0 {y + step:g}H{width:g}" stroke="{HAIR}" stroke-width="0.7"/>')
    body.append(f'<path d="M{left:g} 0V{len(rows) * step:g}" stroke="{INK}" stroke-width="1.4"/>')
    return svg_document(width, max(len(rows) * step, step), "".join(body), LABELS["centres"].text(lang))


def _range(value: Interval | None, left: float, y: float, scale: float, fill: str) -> Iterator[str]:
    if value is None:
        return
    low, mean, high = (left + scale * one for one in (value.low, value.mean, value.high))
    yield f'<rect x="{low - 3:.1f}" y="{y - 4:g}" width="{high - low + 6:.1f}" height="8" rx="4" fill="{fill}" stroke="{INK}" stroke-width="0.9"/>'
    yield f'<circle cx="{mean:.1f}" cy="{y:g}" r="5.5" fill="{fill}" stroke="{INK}" stroke-width="1.6"/>'


def _tables(comparison: Comparison, cases: list[CaseChange], lang: Language) -> dict[str, dict[str, Any]]:
    return {
        "advice": words.table(ADVICE_HEADS, comparison.advice(lang), lang),
        "cases": words.table(CASE_HEADS, case_rows(comparison, cases, lang), lang),
        "parameters": words.table(PARAMETER_HEADS, comparison.parameters(lang), lang),
    }


def _which(comparison: Comparison, lang: Language) -> list[dict[str, str]]:
    sides = ((msg("First atlas"), comparison.before), (msg("Second atlas"), comparison.after))
    return [{"label": said.text(lang), "atlas": label(atlas, lang)} for said, atlas in sides]


def comparison_html(comparison: Comparison, lang: Language) -> str:
    """Return the comparison as one self-contained page, without script and without any request."""
    cases = comparison.cases()
    tables = _tables(comparison, cases, lang)
    name, banner = escape(title(comparison, lang)), " · ".join(warnings(comparison, lang))
    which = "".join(
        f"<li><b>{escape(one['label'])}</b> – {escape(one['atlas'])}</li>" for one in _which(comparison, lang)
    )
    said = {key: escape(message.text(lang)) for key, message in LABELS.items()}
    reading = "".join(f"<li>{escape(line.text(lang))}</li>" for line in READING)
    parameters = _table(tables["parameters"], "") if tables["parameters"]["rows"] else f"<p>{said['alike']}</p>"
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>{name}</title>'
        f"<style>{font_faces()}{asset('compare.css')}</style></head><body>"
        + (f'<p class="banner">{escape(banner)}</p>' if banner else "")
        + f"<main><h1>{name}</h1><ul>{which}</ul><p><b>{escape(' · '.join(counts(cases, lang)))}</b></p>"
        f"<h2>{said['advice']}</h2>{_table(tables['advice'], said['none'])}"
        f"<h2>{said['centres']}</h2><p>{said['key']}</p>{change_svg(comparison, cases, lang)}"
        f"<h2>{said['reading']}</h2><ul>{reading}</ul><h2>{said['parameters']}</h2>{parameters}"
        f"<h2>{said['cases']}</h2>{_table(tables['cases'], said['none'])}</main></body></html>\n"
    )


def _table(table: dict[str, Any], none: str) -> str:
    return html_table(table) if table["rows"] else f"<p>{none}</p>"


def comparison_pdf(comparison: Comparison, lang: Language) -> bytes:
    """Return the comparison as a PDF."""
    cases = comparison.cases()
    notes, name = warnings(comparison, lang), title(comparison, lang)
    foot = msg(
        "{name} {version} · {before} · {after}",
        name=comparison.after.software.name,
        version=comparison.after.software.version,
        before=label(comparison.before, lang),
        after=label(comparison.after, lang),
    )
    tables = _tables(comparison, cases, lang)
    more = len(tables["cases"]["rows"]) - PAPER_CASES
    tables["cases"]["rows"] = tables["cases"]["rows"][:PAPER_CASES]
    data = {
        "furniture": {
            "running": name,
            "footer": foot.text(lang),
            "watermark": "\n".join(notes[:3]),
            "reservations": notes,
        },
        "words": {key: message.text(lang) for key, message in LABELS.items()},
        "heading": comparison.after.region or name,
        "which": _which(comparison, lang),
        "counts": " · ".join(counts(cases, lang)),
        "tables": tables,
        "more": msg("… and {n} more, in the page.", n=more).text(lang) if more > 0 else "",
        "reading": words.texts(READING, lang),
    }
    drawing = change_svg(comparison, cases, lang).encode()
    moment = comparison.after.created_at
    return render_pdf("atlas-compare.typ", data, files={"change.svg": drawing}, title=name, lang=lang, timestamp=moment)
