"""The atlas on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transfer_planner.i18n import msg
from transfer_planner.reports import atlas_advice as advice
from transfer_planner.reports import atlas_pages as pages
from transfer_planner.reports.atlas_drawings import bar_of, bars_svg, pairs_svg
from transfer_planner.reports.atlas_facts import WIDE
from transfer_planner.reports.atlas_map import base_for
from transfer_planner.reports.atlas_words import KINDS, assumed_share, centre_short, fall_name, furniture, title
from transfer_planner.reports.binder_centre import grade_words
from transfer_planner.reports.network_words import marks
from transfer_planner.reports.typeset import render_pdf

if TYPE_CHECKING:
    from transfer_planner.domain.policy import Policy
    from transfer_planner.i18n import Language
    from transfer_planner.reports.atlas_facts import AtlasFacts, Fall

LABELS = {
    "kind": msg("Atlas of outages, for the steering committee"),
    "page": msg("Atlas of outages – if this centre stops"),
    "alone": msg("Where the region breaks: each centre alone"),
    "bars": msg(
        "Patients beyond tolerance: P1–P3 dark, P4–P5 light; the line with two ends is the least and the greatest of the draws."
    ),
    "wide": msg("Shared systems, legal groups, software everywhere at once (another scale)"),
    "todo": msg("What to do first"),
    "sign": msg("Conventions to sign"),
    "buy": msg("Losses that are not absorbed, and the cheapest measures that would"),
    "match": msg("Linacs whose beams to match"),
    "pairs": msg("Two centres at once"),
    "ranks": msg("By priority (least–greatest of the draws)"),
    "binding": msg("What binds"),
    "measures": msg("What would help"),
    "receives": msg("What this centre could give to others"),
    "mirror": msg("Mirror destinations, the nearest first, and what they receive"),
    "nothing_full": msg("Nothing is full that keeps anybody out."),
    "no_map": msg("Not computed: no map."),
    "findings": msg("What to sign, match, provide and watch"),
    "single": msg("What only one site is known to offer"),
    "isolated": msg("Isolated centres"),
    "others": msg("The other cases"),
    "method": msg("Method, assumptions, sources"),
    "parameters": msg("The crisis supposed in every case (assumptions)"),
    "notes": msg("Where these assumptions come from"),
    "knowledge": msg("How the network is known, share of the centres or linacs"),
    "failures": msg("Not computed"),
    "sources": msg("Sources of the figures"),
    "none": msg("None."),
}
SHORT_CONVENTIONS, SHORT_BREAKS, SHORT_MATCHES, SHORT_POINTS = 4, 3, 3, 6
"""Rows of the committee's page; longer lists follow the centres."""
WIDE_BARS = 8
ALONE_BARS = 26
WORST_PAIRS = 30
MOST_ADVICE = 20
"""Conventions and linacs to match on paper: the workbook has them all."""


def wide_name(facts: AtlasFacts, fall: Fall, lang: Language) -> str:
    """Return what falls, and how many centres."""
    names = (fall.contingency.id, *fall.contingency.also)
    kind = next(kind for kind in WIDE if any(name.startswith(f"{kind}:") for name in names))
    name, count = fall_name(facts.network, fall, lang, kind), len(fall.contingency.centre_ids)
    return msg("{name} ({n} centres)", name=name, n=count).text(lang)


def drawings(facts: AtlasFacts, lang: Language) -> dict[str, str]:
    """Return the drawings of the summary by name: `alone`, `wide`, `pairs`, `gravity`."""
    alone = [fall for centre in facts.centres if (fall := facts.alone(centre.id))][:ALONE_BARS]
    wide = facts.wide[:WIDE_BARS]
    names = [centre_short(centre, 34) for centre in facts.centres if facts.alone(centre.id)]
    bars = [bar_of(fall, name, lang, str(at)) for at, (fall, name) in enumerate(zip(alone, names, strict=False), 1)]
    broad = [bar_of(fall, wide_name(facts, fall, lang), lang) for fall in wide]
    return {
        "alone": bars_svg(LABELS["alone"].text(lang), bars, lang),
        "wide": bars_svg(LABELS["wide"].text(lang), broad, lang, names=430),
        "pairs": pairs_svg(facts, lang),
        "gravity": base_for(facts.network, lang).gravity(facts, LABELS["alone"].text(lang)),
    }


def atlas_pdf(facts: AtlasFacts, policy: Policy, lang: Language, drawn: dict[str, str] | None = None) -> bytes:
    """Return the PDF of the atlas; `drawn` when `drawings` are at hand.

    Parameters
    ----------
    facts
        The atlas and its network.
    policy
        Travel model and travel limits.
    lang
        Language of the document.
    drawn
        Drawings of the summary.
    """
    drawn = drawn or drawings(facts, lang)
    graph = pages.atlas_graph(facts, policy)
    files = {f"{name}.svg": text.encode() for name, text in drawn.items()}
    parts = []
    shared = base_for(facts.network, lang)
    for at, centre in enumerate(facts.centres):
        part, fall = pages.centre_part(facts, graph, centre, policy, lang), facts.alone(centre.id)
        part["drawn"] = fall is not None and fall.middle is not None
        if fall is not None and part["drawn"]:
            base = base_for(facts.network, lang, fall)
            base = shared if base == shared else base
            files[f"map-{at}.svg"] = base.svg(fall, part["name"]).encode()
        parts.append(part)
    alternatives = {
        "alone": advice.headlines(facts, lang)[0],
        "wide": LABELS["wide"].text(lang),
        "pairs": LABELS["pairs"].text(lang),
    }
    heading = title(facts.atlas, lang)
    data = {
        "furniture": furniture(facts, heading, lang),
        "words": {name: message.text(lang) for name, message in LABELS.items()},
        "heading": heading,
        "headlines": advice.headlines(facts, lang),
        "caution": assumed_share(facts, lang),
        "actions": advice.actions(facts, lang),
        "wide": len(facts.wide),
        "alt": alternatives,
        "short": {
            "conventions": advice.conventions(facts, lang, SHORT_CONVENTIONS),
            "broken": advice.broken(facts, lang, SHORT_BREAKS),
            "matches": advice.matches(facts, lang, SHORT_MATCHES),
            "single_points": advice.single_points(facts, lang, SHORT_POINTS),
            "isolated": advice.isolated(facts, lang, SHORT_POINTS),
        },
        "full": {
            "conventions": advice.conventions(facts, lang, MOST_ADVICE),
            "broken": advice.broken(facts, lang),
            "matches": advice.matches(facts, lang, MOST_ADVICE),
            "conventions_note": _cut(len(facts.atlas.findings.conventions), lang),
            "matches_note": _cut(len(facts.atlas.findings.matches), lang),
        },
        "single_points": advice.single_points(facts, lang),
        "isolated": advice.isolated(facts, lang),
        "centres": parts,
        "falls": _falls(facts, lang),
        "method": pages.method(facts, policy, lang),
        "marks": marks(lang),
        "grades": grade_words(lang),
    }
    return render_pdf("atlas.typ", data, files=files, title=heading, lang=lang, timestamp=facts.atlas.created_at)


def _cut(count: int, lang: Language) -> str:
    """Say how many rows of advice stand in the workbook only; nothing when none does."""
    if count <= MOST_ADVICE:
        return ""
    return msg("The {n} most useful of {all}; all of them are in the workbook.", n=MOST_ADVICE, all=count).text(lang)


def _falls(facts: AtlasFacts, lang: Language) -> list[dict[str, object]]:
    """Return the tables of the falls that have no page of their own."""
    found: list[dict[str, object]] = [
        {"name": KINDS[kind].text(lang), "note": "", "table": pages.falls(facts, rows, lang, kind)}
        for kind in WIDE
        if (rows := facts.of(kind))
    ]
    if facts.pairs:
        shown = facts.pairs[:WORST_PAIRS]
        note = msg("The {n} gravest of {all}; all of them are in the workbook.", n=len(shown), all=len(facts.pairs))
        found.append(
            {
                "name": KINDS["pair"].text(lang),
                "note": note.text(lang),
                "table": pages.falls(facts, shown, lang, "pair"),
            }
        )
    return found
