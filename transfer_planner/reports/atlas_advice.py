"""What the atlas advises: what a committee must remember, what to do first, and the lists of advice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transfer_planner.i18n import msg
from transfer_planner.reports import words
from transfer_planner.reports.atlas_words import (
    CAPABILITIES,
    fall_name,
    figure,
    known_name,
    maybe,
    measure,
    proof,
)

if TYPE_CHECKING:
    from transfer_planner.domain.atlas import UnabsorbableCentre
    from transfer_planner.i18n import Language
    from transfer_planner.reports.atlas_facts import AtlasFacts
    from transfer_planner.reports.atlas_words import Table

FEW_MEASURES = 2
"""Measures named where room lacks."""
CONVENTION_HEADS = (
    msg("Convention to sign"),
    msg("Outages in which it serves"),
    msg("Patients carried"),
    msg("Days lost without it"),
    msg("Solved again with it"),
)
MATCH_HEADS = (
    msg("Linacs to match"),
    msg("Outages in which it serves"),
    msg("Patients carried"),
    msg("Physics hours spared"),
    msg("Solved again with it"),
)
BREAK_HEADS = (
    msg("Centre whose loss is not absorbed"),
    msg("P1–P3 beyond tolerance"),
    msg("Days beyond tolerance, P1–P3"),
    msg("Draws (proven unavoidable)"),
    msg("Cheapest measures found"),
    msg("With these measures"),
)
SINGLE_HEADS = (msg("Only here"), msg("Centre"), msg("Its patients who need it"), msg("How sure"))
ISOLATED_HEADS = (msg("Isolated centre"), msg("Within reach"), msg("Nearest other"))


def headlines(facts: AtlasFacts, lang: Language) -> list[str]:
    """Return what a committee must remember: what breaks alone, what breaks by two, what is most grave."""
    alone = [fall for fall in facts.of("centre") if fall.planned]
    broken = [fall for fall in alone if fall.beyond_first is not None and fall.beyond_first.high > 0]
    names = ", ".join(fall_name(facts.network, fall, lang) for fall in broken[:3])
    said = [
        msg(
            "{n} of {all} centres: their loss alone leaves patients P1–P3 beyond tolerance at some draw, first of all {names}.",
            n=len(broken),
            all=len(alone),
            names=names,
        )
        if broken
        else msg(
            "The region absorbs the loss of any one of {all} centres: nobody of P1–P3 beyond tolerance.", all=len(alone)
        )
    ]
    pairs = [fall for fall in facts.pairs if fall.planned]
    late = [fall for fall in pairs if fall.beyond_first is not None and fall.beyond_first.high > 0]
    if pairs:
        said.append(
            msg(
                "{n} of {all} pairs examined leave patients P1–P3 beyond tolerance; {worst} is the gravest: {count} patients.",
                n=len(late),
                all=len(pairs),
                worst=fall_name(facts.network, pairs[0], lang, "pair"),
                count=maybe(pairs[0].beyond, lang),
            )
        )
    worst = next((fall for fall in facts.wide if fall.planned), None)
    if worst is not None:
        said.append(
            msg(
                "Among shared systems, groups and software, {name} is the gravest: {count} patients beyond tolerance.",
                name=fall_name(facts.network, worst, lang),
                count=maybe(worst.beyond, lang),
            )
        )
    return words.texts(said, lang)


def actions(facts: AtlasFacts, lang: Language) -> list[str]:
    """Return what to do first: one sentence each for what to sign, to match, to buy, to watch."""
    found = facts.atlas.findings
    said = []
    if found.conventions:
        first = found.conventions[0]
        said.append(
            msg(
                "Sign first: {one} – {two} ({n} cases, {days} days lost without it).",
                one=known_name(facts.network, first.between[0]),
                two=known_name(facts.network, first.between[1]),
                n=first.contingencies,
                days=figure(first.days_lost, lang),
            )
        )
    bought = next((row for row in found.unabsorbable if row.measures), None)
    if bought is not None:
        said.append(
            msg(
                "Provide first, for the loss of {centre}: {what}. Days beyond tolerance, P1–P3: {before} → {after}.",
                centre=known_name(facts.network, bought.centre_id),
                what=measures_said(facts, bought, lang, FEW_MEASURES),
                before=figure(bought.excess_days, lang),
                after=maybe(bought.remaining_days, lang),
            )
        )
    if found.matches:
        pair = found.matches[0]
        said.append(
            msg(
                "Match first: {one} – {two} ({hours} physics hours spared).",
                one=pair.linac_ids[0],
                two=pair.linac_ids[1],
                hours=figure(pair.physics_hours_saved, lang),
            )
        )
    if found.single_points:
        points = ", ".join(
            msg(
                "{what} ({centre})",
                what=CAPABILITIES[point.capability],
                centre=known_name(facts.network, point.centre_id),
            ).text(lang)
            for point in found.single_points[:3]
        )
        said.append(msg("No second site: {points}.", points=points))
    return words.texts(said, lang)


def measures_said(facts: AtlasFacts, row: UnabsorbableCentre, lang: Language, most: int | None = None) -> str:
    """Return measures in words; where room lacks, the first ones and how many others."""
    separator = "\u202f; " if lang == "fr" else "; "
    said = [measure(facts.network, one, lang) for one in row.measures[:most]]
    left = len(row.measures) - len(said)
    return separator.join([*said, *([msg("and {n} more", n=left).text(lang)] if left else [])])


def conventions(facts: AtlasFacts, lang: Language, most: int | None = None) -> Table:
    """Return the conventions to sign, the most useful first."""
    rows = [
        [
            " – ".join(known_name(facts.network, end) for end in one.between),
            str(one.contingencies),
            figure(one.patients, lang),
            figure(one.days_lost, lang),
            proof(one.proof, facts, lang),
        ]
        for one in facts.atlas.findings.conventions[:most]
    ]
    return words.table(CONVENTION_HEADS, rows, lang)


def matches(facts: AtlasFacts, lang: Language, most: int | None = None) -> Table:
    """Return the pairs of linacs to match, the most useful first."""
    rows = [
        [
            " – ".join(one.linac_ids),
            str(one.contingencies),
            figure(one.patients, lang),
            figure(one.physics_hours_saved, lang),
            proof(one.proof, facts, lang),
        ]
        for one in facts.atlas.findings.matches[:most]
    ]
    return words.table(MATCH_HEADS, rows, lang)


def broken(facts: AtlasFacts, lang: Language, most: int | None = None) -> Table:
    """Return the centres whose loss is not absorbed, and what would mend it."""
    few = None if most is None else FEW_MEASURES
    return words.table(
        BREAK_HEADS, (_broken(facts, one, lang, few) for one in facts.atlas.findings.unabsorbable[:most]), lang
    )


def _broken(facts: AtlasFacts, one: UnabsorbableCentre, lang: Language, few: int | None) -> list[str]:
    cost = (
        ""
        if one.cost_hours is None
        else " " + msg("({n} staff hours a day)", n=words.number(one.cost_hours, lang)).text(lang)
    )
    return [
        known_name(facts.network, one.centre_id),
        figure(one.patients_over, lang),
        figure(one.excess_days, lang),
        msg("{n} of {all} ({proven})", n=one.seeds, all=len(facts.atlas.seeds), proven=one.proven_seeds).text(lang),
        measures_said(facts, one, lang, few) + cost if one.measures else msg("none found").text(lang),
        with_measures(facts, one, lang),
    ]


def with_measures(facts: AtlasFacts, one: UnabsorbableCentre, lang: Language) -> str:
    """Return what solving again with the measures showed."""
    if not one.measures:
        return "–"
    said = [msg("absorbed (draws: {n} of {all})", n=one.absorbed_seeds, all=len(facts.atlas.seeds)).text(lang)]
    if one.remaining_days is not None and one.remaining_days.high > 0:
        said.append(msg("days that remain: {days}", days=figure(one.remaining_days, lang)).text(lang))
    if one.proofs:
        said.append(msg("draws solved again: {n}", n=len(one.proofs)).text(lang))
    return ", ".join(said)


def single_points(facts: AtlasFacts, lang: Language, most: int | None = None) -> Table:
    """Return what only one centre is known to offer."""
    rows = []
    for point in facts.atlas.findings.single_points[:most]:
        sure = [(msg("assumed") if point.assumed else msg("known")).text(lang)]
        if point.unknown_at:
            sure.append(msg("{n} centres unknown", n=len(point.unknown_at)).text(lang))
        rows.append(
            [
                CAPABILITIES[point.capability].text(lang),
                known_name(facts.network, point.centre_id),
                maybe(point.patients, lang),
                ", ".join(sure),
            ]
        )
    return words.table(SINGLE_HEADS, rows, lang)


def isolated(facts: AtlasFacts, lang: Language, most: int | None = None) -> Table:
    """Return the centres that few others can relieve."""

    def reach(centre_id: str, minutes: int) -> str:
        name = known_name(facts.network, centre_id)
        return msg("{name}, {minutes} min", name=name, minutes=minutes).text(lang)

    rows = [
        [
            known_name(facts.network, one.centre_id),
            "\u202f; ".join(reach(near.centre_id, near.minutes) for near in one.within_reach)
            or msg("nobody within {n} min", n=one.limit_min).text(lang),
            reach(one.nearest.centre_id, one.nearest.minutes) if one.nearest else "–",
        ]
        for one in facts.atlas.findings.isolated[:most]
    ]
    return words.table(ISOLATED_HEADS, rows, lang)
