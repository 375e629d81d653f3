"""The atlas in words and tables, common to the PDF and to the page: summary, what to do, one part a centre, falls, method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transfer_planner.i18n import Message, msg
from transfer_planner.network.audit import LABELS as KNOWN
from transfer_planner.network.audit import audit_network
from transfer_planner.network.graph import build_network
from transfer_planner.network.travel import travel_error_min
from transfer_planner.reports import words
from transfer_planner.reports.atlas_advice import measures_said, with_measures
from transfer_planner.reports.atlas_facts import beyond_first, excess_days, hindrances, waiting, with_solution
from transfer_planner.reports.atlas_words import (
    CAPABILITIES,
    KINDS,
    RULES,
    assumed_share,
    centre_short,
    ends,
    failure,
    fall_name,
    figure,
    known_name,
    maybe,
    parameter_rows,
    percents,
    seeds,
)
from transfer_planner.reports.binder_centre import centre_pages
from transfer_planner.reports.network_words import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import networkx as nx

    from transfer_planner.domain.atlas import ContingencyKind, UnabsorbableCentre
    from transfer_planner.domain.centre import Centre
    from transfer_planner.domain.policy import Policy
    from transfer_planner.i18n import Language
    from transfer_planner.reports.atlas_facts import AtlasFacts, Fall
    from transfer_planner.reports.atlas_words import Table

FALL_HEADS = (
    msg("What falls"),
    msg("Patients"),
    msg("Beyond tolerance"),
    msg("Of whom P1–P3"),
    msg("Waiting"),
    msg("Days beyond tolerance"),
    msg("Median travel (min)"),
    msg("Precision"),
)
RANK_HEADS = (
    msg("Priority"),
    msg("Patients"),
    msg("Placed in time"),
    msg("Placed late"),
    msg("Waiting"),
    msg("of whom late"),
)
BINDING_HEADS = (msg("What is full"), msg("Where"), msg("Full days"), msg("Patients kept out"))
NOTE_HEADS = (msg("Supposed"), msg("Status"), msg("Why, or from where"))
STATUSES = {"S": KNOWN["sourced"], "D": KNOWN["derived"], "A": KNOWN["assumed"]}
NOTED = {
    "crisis.attack_at": msg("Attack"),
    "crisis.outage_days": msg("Outage: short, likely, long"),
    "crisis.data_recovery": msg("Data back"),
    "crisis.surge": msg("Evenings, Saturdays, lodging"),
    "crisis.agency_led": msg("The health agency leads (agreement in 1 day)"),
    "crisis.redeployment": msg("Staff redeployed for each linac that stopped"),
    "measures": msg("Measures and their cost"),
    "isolation": msg("Isolated"),
}
"""Sections of the packaged assumptions; what is not here is told by its path."""
DEFINITIONS = (
    msg(
        "Each case is planned by the rules of the plan of a real crisis, every patient at once, for each draw of the patients on treatment."
    ),
    msg(
        "Beyond tolerance: the prolongation exceeds what the category tolerates, at a destination, at home or waiting for the reopening."
    ),
    msg(
        "Intervals: least and greatest of the draws, their mean before them; the spread of the draws, no confidence interval."
    ),
    msg(
        "Absorbed: nobody of ranks P1 to P3 beyond tolerance, at any draw. Proven unavoidable: no plan at all avoids it, by the bound."
    ),
    msg(
        "Precision: T1 to T3 within 2 % or one day of their bound at every draw; otherwise the figures may be improved, and the table says so."
    ),
    msg("Maps show the middle draw, when the draws are put in order of patients beyond tolerance."),
    msg(
        "Days lost without a convention: days of excess that vanish if these patients start as much earlier as a convention makes them ready, where"
        " there is room. An upper estimate, except where the case was solved again."
    ),
    msg("A resource binds when it is full and keeps out patients beyond tolerance who would be better placed there."),
)


def fall_row(facts: AtlasFacts, fall: Fall, lang: Language, kind: ContingencyKind | None = None) -> list[str]:
    """Return a fall in a row: what falls, then its figures; dashes and the reason where nothing could be planned."""
    name = fall_name(facts.network, fall, lang, kind)
    if not fall.planned:
        why = "; ".join(failure(outcome, lang) for outcome in fall.failed) or msg("not computed").text(lang)
        return [name, *["–"] * (len(FALL_HEADS) - 2), why]
    return [
        name,
        maybe(fall.over(lambda outcome: outcome.patients), lang),
        maybe(fall.beyond, lang),
        maybe(fall.beyond_first, lang),
        maybe(fall.over(waiting), lang),
        maybe(fall.over(excess_days), lang),
        maybe(fall.over(lambda outcome: outcome.travel.median_min if outcome.travel else None), lang),
        precision(fall, lang),
    ]


def precision(fall: Fall, lang: Language) -> str:
    """Say how sure the figures of a fall are."""
    total = len(fall.planned) + len(fall.failed)
    if fall.failed:
        return msg("draws computed: {n} of {all}", n=len(fall.planned), all=total).text(lang)
    loose = sum(not outcome.precise for outcome in fall.planned)
    if loose:
        return msg("may be improved (draws: {n} of {all})", n=loose, all=total).text(lang)
    return msg("as fine as asked").text(lang)


def falls(facts: AtlasFacts, rows: Sequence[Fall], lang: Language, kind: ContingencyKind) -> Table:
    """Return the cases of a kind as a table."""
    return words.table(FALL_HEADS, (fall_row(facts, fall, lang, kind) for fall in rows), lang)


def by_rank(fall: Fall, lang: Language) -> Table:
    """Return what becomes of the patients of each rank."""
    rows = []
    for rank in range(1, 6):
        mine = [tally for outcome in fall.planned for tally in outcome.ranks if tally.rank == rank]
        if not mine:
            continue

        def over(name: str, at: int = rank) -> str:
            """Return a figure of the rank; a draw without patients of this rank counts zero."""
            value = fall.over(lambda o: sum(getattr(t, name) for t in o.ranks if t.rank == at))
            return ends(value, lang)

        names = ("patients", "within", "over", "waiting", "waiting_over")
        rows.append([f"P{rank}", *(over(name) for name in names)])
    return words.table(RANK_HEADS, rows, lang)


def binding(facts: AtlasFacts, fall: Fall, lang: Language, most: int | None = None) -> Table:
    """Return the resources that keep patients out."""
    rows = [
        [
            RULES[one.rule].text(lang),
            known_name(facts.network, one.centre_id),
            ends(one.days_full, lang),
            ends(one.kept_out, lang),
        ]
        for one in hindrances(fall)[:most]
    ]
    return words.table(BINDING_HEADS, rows, lang)


def key_figures(fall: Fall, lang: Language) -> list[dict[str, str]]:
    """Return the figures of a fall, the first ones to read."""
    figures = (
        (fall.over(lambda outcome: outcome.patients), msg("patients to decide for")),
        (fall.over(with_solution), msg("with a solution within tolerance")),
        (fall.beyond, msg("beyond tolerance")),
        (fall.beyond_first, msg("of whom P1–P3")),
        (fall.over(lambda o: o.travel.median_min if o.travel else None), msg("min one way, median")),
    )
    return [{"value": ends(value, lang), "label": label.text(lang)} for value, label in figures]


def verdict(facts: AtlasFacts, fall: Fall | None, lang: Language) -> str:
    """Say whether the region absorbs a fall."""
    if fall is None or not fall.planned or fall.beyond is None:
        why = "; ".join(failure(outcome, lang) for outcome in fall.failed) if fall else ""
        return (msg("Not computed: {why}", why=why) if why else msg("Not computed.")).text(lang)
    late = [outcome for outcome in fall.planned if beyond_first(outcome)]
    total = len(fall.planned) + len(fall.failed)
    if late:
        known = {row.centre_id: row for row in facts.atlas.findings.unabsorbable}
        proven = known.get(fall.contingency.centre_ids[0]) if fall.contingency.kind == "centre" else None
        said = (
            msg(
                "Not absorbed: patients P1–P3 beyond tolerance (draws: {n} of {all}; proven unavoidable: {proven}).",
                n=len(late),
                all=total,
                proven=proven.proven_seeds,
            )
            if proven
            else msg("Not absorbed: patients P1–P3 beyond tolerance (draws: {n} of {all}).", n=len(late), all=total)
        )
    elif fall.beyond.high > 0:
        said = msg("Absorbed for P1–P3; patients P4–P5 beyond tolerance at some draw.")
    else:
        said = msg("Absorbed: everybody within tolerance at every draw.")
    return said.text(lang) + ("" if fall.precise else " " + precision(fall, lang).capitalize() + ".")


def centre_part(
    facts: AtlasFacts, graph: nx.MultiDiGraph[str], centre: Centre, policy: Policy, lang: Language
) -> dict[str, Any]:
    """Return everything the atlas says of one centre, its map left out."""
    fall = facts.alone(centre.id)
    pages = centre_pages(facts.network, graph, centre, policy, lang)
    mine = next((row for row in facts.atlas.findings.unabsorbable if row.centre_id == centre.id), None)
    return {
        "id": centre.id,
        "name": words.place_of(centre),
        "verdict": verdict(facts, fall, lang),
        "figures": key_figures(fall, lang) if fall and fall.planned else [],
        "ranks": by_rank(fall, lang) if fall and fall.planned else None,
        "binding": binding(facts, fall, lang, 5) if fall else None,
        "mirror": _mirror(facts, fall, pages["matrix"], graph, centre, lang),
        "capacities": pages["capacities"],
        "measures": _advice(facts, centre, mine, lang),
    }


MIRROR_HEADS = (
    msg("Destination"),
    msg("One way"),
    msg("Convention"),
    msg("Spare min a day"),
    msg("Physics h a day"),
)
TAKEN_HEADS = (msg("Received"), msg("Minutes taken, worst day"))


def _mirror(
    facts: AtlasFacts,
    fall: Fall | None,
    matrix: dict[str, Any],
    graph: nx.MultiDiGraph[str],
    centre: Centre,
    lang: Language,
) -> dict[str, Any]:
    """Return the mirror table of the binder, with what each destination receives when this centre falls."""
    from transfer_planner.network.mirrors import destinations_of

    received = fall.received() if fall else {}
    rows = []
    for way, row in zip(destinations_of(graph, centre.id), matrix["rows"], strict=True):
        got = received.get(way.centre_id)
        _, road, signed, spare, _, physics, _ = row["cells"]
        rows.append(
            {
                "name": words.place_of(facts.network.centre(way.centre_id)),
                "cells": [plain(centre_short(facts.network.centre(way.centre_id), 30)), road, signed, spare, physics],
                "shared": row["shared"],
                "grades": row["grades"],
                "taken": [ends(got.patients, lang), percents(got.peak, lang)] if got else ["–", "–"],
                "used": got is not None,
            }
        )
    return {
        "heads": words.texts(MIRROR_HEADS, lang),
        "techniques": matrix["techniques"],
        "taken_heads": words.texts(TAKEN_HEADS, lang),
        "rows": rows,
    }


def _advice(facts: AtlasFacts, centre: Centre, mine: UnabsorbableCentre | None, lang: Language) -> list[str]:
    """Return what would help a centre: measures proven, conventions to sign, linacs to match, what it alone offers."""
    found = facts.atlas.findings
    said = []
    if mine is not None and mine.measures:
        what = {"what": measures_said(facts, mine, lang), "proof": with_measures(facts, mine, lang)}
        said.append(msg("Provide: {what}. Result: {proof}.", **what))
    elif mine is not None:
        said.append(msg("No set of measures found that absorbs this loss."))
    for one in [row for row in found.conventions if centre.id in row.between][:3]:
        other = next(end for end in one.between if end != centre.id)
        said.append(
            msg(
                "Sign with {centre}: {n} cases, {days} days lost without it.",
                centre=known_name(facts.network, other),
                n=one.contingencies,
                days=figure(one.days_lost, lang),
            )
        )
    said += [
        msg(
            "Match {one} and {two}: {hours} physics hours spared.",
            one=pair.linac_ids[0],
            two=pair.linac_ids[1],
            hours=figure(pair.physics_hours_saved, lang),
        )
        for pair in [row for row in found.matches if centre.id in row.centre_ids][:2]
    ]
    said += [
        msg("No second site for: {what}.", what=CAPABILITIES[point.capability])
        for point in found.single_points
        if point.centre_id == centre.id
    ]
    return words.texts(said, lang) or [msg("Nothing to sign, buy or match first for this centre.").text(lang)]


def atlas_graph(facts: AtlasFacts, policy: Policy) -> nx.MultiDiGraph[str]:
    """Return the graph of the network, with travel."""
    return build_network(facts.network, policy.travel_model)


def method(facts: AtlasFacts, policy: Policy, lang: Language) -> dict[str, Any]:
    """Return how the atlas was made, and what it rests on."""
    atlas = facts.atlas
    real = [roster for roster in atlas.rosters if roster.real]
    invented = len(atlas.rosters) - len(real)
    computed = sum(outcome.status == "planned" for outcome in atlas.outcomes)
    facts_of = [
        msg(
            "{cases} cases, {seeds} draws ({which}): {done} plans computed, {failed} not.",
            cases=len(atlas.contingencies),
            seeds=len(atlas.seeds),
            which=seeds(atlas.seeds),
            done=computed,
            failed=len(atlas.outcomes) - computed,
        ),
        msg(
            "Lists of patients: {real} real, {invented} invented from the published activity.",
            real=len(real),
            invented=invented,
        ),
        msg("Travel between centres is estimated from distances, ± {n} min.", n=travel_error_min(policy.travel_model)),
    ]
    pairs = sum(1 for fall in facts.pairs)
    if pairs < facts.pairs_possible:
        facts_of.append(msg("{n} of {all} pairs were examined.", n=pairs, all=facts.pairs_possible))
    return {
        "facts": [*(one.text(lang) for one in facts_of), assumed_share(facts, lang) + "."],
        "definitions": words.texts(DEFINITIONS, lang),
        "parameters": {
            "heads": [msg("Supposed").text(lang), msg("Value").text(lang)],
            "rows": parameter_rows(atlas.parameters, lang),
        },
        "notes": words.table(NOTE_HEADS, _notes(facts, lang), lang),
        "knowledge": _knowledge(facts, lang),
        "failures": [
            [KINDS[fall.contingency.kind].text(lang), fall_name(facts.network, fall, lang), failure(outcome, lang)]
            for fall in facts.falls
            for outcome in fall.failed
        ],
        "failure_heads": [
            head.text(lang) for head in (msg("Kind"), msg("What falls"), msg("Why nothing was computed"))
        ],
        "sources": [
            [source.id, source.title, source.owner or "", str(source.as_of or "")] for source in facts.network.sources
        ],
    }


def _notes(facts: AtlasFacts, lang: Language) -> Iterator[list[str]]:
    """Yield where what is supposed comes from."""
    for note in facts.atlas.notes:
        yield [
            NOTED[note.path].text(lang) if note.path in NOTED else note.path,
            STATUSES[note.status].text(lang),
            Message(note.source).text(lang),
        ]


def _knowledge(facts: AtlasFacts, lang: Language) -> Table:
    """Return how each field of the network is known, percent."""
    shares = audit_network(facts.network)
    kept = [name for name in KNOWN if any(share.counts[name] for share in shares)]
    rows = [
        [
            share.field.question.text(lang),
            *(f"{words.number(share.percent(name), lang, 0)}{words.PERCENT[lang]}" for name in kept),
        ]
        for share in shares
    ]
    return words.table((msg("Asked of the centres"), *(KNOWN[name] for name in kept)), rows, lang)


def centre_names(facts: AtlasFacts) -> dict[str, str]:
    """Return the names of the centres by id, one line each."""
    return {centre.id: centre_short(centre) for centre in facts.network.centres}
