"""The comparison of two plans as a page that opens anywhere, and as a PDF."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from transfer_planner.i18n import Message, msg
from transfer_planner.reports import compare, map_words, words
from transfer_planner.reports.furniture import furniture
from transfer_planner.reports.html_table import html_table
from transfer_planner.reports.maps import POLICY, asset, font_faces
from transfer_planner.reports.typeset import render_pdf

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan
    from transfer_planner.i18n import Language

TIER_HEADS = (msg("Tier"), msg("What is minimised"), msg("First plan"), msg("Second plan"), msg("Difference"))
CHANGE_HEADS = (msg("Rank"), msg("Patient"), msg("First plan"), msg("Second plan"), msg("What changes"))
NOBODY = msg("No patient changes.")


def change_rows(before: Plan, after: Plan, case: Case, lang: Language) -> list[list[str]]:
    """Return one row for each patient who changes."""
    return [
        [
            f"P{change.rank}",
            change.patient_id,
            compare.decision_words(change.before, case, lang),
            compare.decision_words(change.after, case, lang),
            compare.KINDS[change.kind].text(lang),
        ]
        for change in compare.changes(before, after)
    ]


def comparison_html(before: Plan, after: Plan, case: Case, lang: Language) -> str:
    """Return the comparison as one self-contained page, without script and without any request."""
    title = escape(compare.title(after, lang))
    banner = " · ".join(map_words.warning(after, case, lang))
    frame = furniture(after, case, lang)
    labels = ((msg("First plan"), before), (msg("Second plan"), after))
    which = "".join(f"<li><b>{_say(n, lang)}</b> – {escape(compare.plan_label(p, lang))}</li>" for n, p in labels)
    tiers = msg("What the objective gains or loses (below zero: better)")
    patients = msg("Patients who change")
    values = html_table(words.table(TIER_HEADS, compare.tier_rows(before, after, lang), lang))
    moves = change_rows(before, after, case, lang)
    changes = (
        html_table(words.table(CHANGE_HEADS, moves, lang), name=1) if moves else f"<p><b>{_say(NOBODY, lang)}</b></p>"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>{title}</title>'
        f"<style>{font_faces()}{asset('compare.css')}</style></head><body>"
        + (f'<p class="banner">{escape(banner)}</p>' if banner else "")
        + f"<main><h1>{title}</h1><ul>{which}</ul>"
        f"<h2>{_say(tiers, lang)}</h2>{values}"
        f"{compare.comparison_svg(before, after, case, lang)}"
        f"<h2>{_say(patients, lang)}</h2>{changes}"
        f"<footer>{escape(frame['unconfirmed'])}<br>{escape(frame['footer'])}</footer></main></body></html>\n"
    )


def comparison_pdf(before: Plan, after: Plan, case: Case, lang: Language) -> bytes:
    """Return the comparison as a PDF."""
    rows = change_rows(before, after, case, lang)
    counts = "; ".join(
        f"{count} {said.text(lang)}" for count, said in compare.kind_counts(compare.changes(before, after))
    )
    labels = {
        "kind": msg("Two plans compared"),
        "tiers": msg("What the objective gains or loses (below zero: better)"),
        "patients": msg("Patients who change"),
        "none": NOBODY,
    }
    data = {
        "furniture": furniture(after, case, lang),
        "words": {name: message.text(lang) for name, message in labels.items()},
        "scenario": map_words.title(after, lang),
        "plans": [
            {"label": msg("First plan").text(lang), "plan": compare.plan_label(before, lang)},
            {"label": msg("Second plan").text(lang), "plan": compare.plan_label(after, lang)},
        ],
        "tiers": words.table(TIER_HEADS, compare.tier_rows(before, after, lang), lang),
        "changes": words.table(CHANGE_HEADS, rows, lang),
        "alternative": counts or NOBODY.text(lang),
    }
    drawing = compare.comparison_svg(before, after, case, lang).encode()
    title = compare.title(after, lang)
    return render_pdf(
        "compare.typ", data, files={"map.svg": drawing}, title=title, lang=lang, timestamp=after.created_at
    )


def _say(message: Message, lang: Language) -> str:
    return escape(message.text(lang))
