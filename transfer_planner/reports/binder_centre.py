"""The pages of one centre in the binder: its card, where its patients could go, whom to call, what falls with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transfer_planner.i18n import Message, msg
from transfer_planner.network.audit import LABELS as KNOWN
from transfer_planner.network.audit import ask_first
from transfer_planner.network.mirrors import destinations_of, techniques_of
from transfer_planner.reports import words
from transfer_planner.reports.network_words import (
    MARKS,
    UNKNOWN,
    Cell,
    energies,
    fact,
    machine,
    plain,
    said,
    spare_minutes,
    techniques,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import networkx as nx

    from transfer_planner.domain.base import Grade, Technique
    from transfer_planner.domain.centre import Centre, Contact, Linac, Network
    from transfer_planner.domain.policy import Policy
    from transfer_planner.i18n import Language
    from transfer_planner.network.mirrors import Destination

FIRST = 3
"""Destinations named for each technique."""
BLANK_LINES = 2
"""Lines left for contacts that the overlay forgets."""
NEAREST = 8
"""Destinations whose contacts are listed."""

CARD = (
    ("finess_et", msg("FINESS (site)")),
    ("finess_ej", msg("FINESS (legal entity)")),
    ("legal_group", msg("Legal group")),
    ("territory", msg("Territory")),
    ("oncology_information_system", msg("R&V")),
    ("oncology_information_system_hosting", msg("Servers of the R&V")),
    ("treatment_planning_system", msg("TPS")),
    ("paediatrics", msg("Treats under 18")),
    ("anaesthesia", msg("Anaesthesia")),
    ("chemotherapy", msg("Concurrent chemotherapy")),
    ("brachytherapy", msg("Brachytherapy")),
    ("opening", msg("Opening of a linac")),
)
CAPACITIES = (
    ("new_starts_per_day", msg("new patients a day")),
    ("physics_hours_per_day", msg("physics hours a day")),
    ("ct_simulator_slots_per_day", msg("CT slots a day")),
)
SPARE = msg("spare minutes a day")
LINAC_HEADS = (
    msg("Linac"),
    msg("Model"),
    msg("Kind"),
    msg("Techniques"),
    msg("Beams"),
    msg("Imaging and motion"),
    msg("Booked (min a day)"),
)
MATRIX_HEADS = (
    msg("Destination"),
    msg("One way"),
    msg("Convention"),
    msg("Spare min a day"),
    msg("New patients a day"),
    msg("Physics h a day"),
    msg("CT slots a day"),
)
FIRST_HEADS = (msg("Technique"), msg("Call first"), msg("Then"), msg("Then"))
CONTACT_HEADS = (msg("Role"), msg("Name"), msg("Phone off the network"), msg("Secure mailbox"), msg("Checked on"))
OUTSIDE_HEADS = (msg("Whom"), msg("What for"), msg("Phone"), msg("Checked on"))
CONVENTION_HEADS = (msg("Destination"), msg("Signed on"), msg("One way"), msg("Best grade"), msg("Data handed over by"))
MISSING_HEADS = (
    msg("Destination"),
    msg("One way"),
    msg("Best grade"),
    msg("Data handed over by"),
    msg("Asked on"),
    msg("Answer"),
)
ASK_HEADS = (msg("To ask this centre"), msg("Known so far"), msg("Answer"))

ROLES = (
    msg("Leader of the crisis cell"),
    msg("Radiation oncologist on duty"),
    msg("Medical physicist on duty"),
    msg("Head radiographer"),
    msg("IT on call"),
    msg("Security officer"),
    msg("Quality and risks"),
    msg("Secretary"),
    msg("Direction on duty"),
)
"""Lines to fill in by hand where no contact is known."""
OUTSIDE = (
    (msg("Regional health agency (ARS), duty desk"), msg("alert, agreements to receive, category 1 without solution")),
    (msg("CERT Santé"), msg("incident report")),
    (msg("Nuclear-safety authority (ASNR)"), msg("conventions, restart in degraded mode")),
    (msg("Data-protection authority (CNIL)"), msg("breach of personal data, within 72 hours")),
    (msg("Police or gendarmerie"), msg("complaint")),
    (msg("R&V vendor, support"), msg("export, restoration")),
    (msg("TPS vendor, support"), msg("export, restoration")),
    (msg("Linac vendor, support"), msg("restart, logs of the linac")),
    (msg("Transport companies"), msg("new destinations, shared journeys")),
    (msg("Medical oncology"), msg("concurrent chemotherapy")),
)


def centre_pages(
    network: Network, graph: nx.MultiDiGraph[str], centre: Centre, policy: Policy, lang: Language
) -> dict[str, Any]:
    """Return everything the binder says of one centre."""
    away = destinations_of(graph, centre.id)
    return {
        "id": centre.id,
        "name": words.place_of(centre),
        "card": _card(network, centre, lang),
        "capacities": _capacities(network, centre, lang),
        "linacs": words.table(LINAC_HEADS, [_linac(network, centre, linac, lang) for linac in centre.linacs], lang),
        "notes": [*centre.equipment_notes, *centre.notes],
        "matrix": _matrix(network, centre, away, lang),
        "first": _first(network, centre, away, policy, lang),
        "contacts": words.table(
            CONTACT_HEADS, [*contact_rows(centre.crisis_contacts, lang), *[[""] * 5] * BLANK_LINES], lang
        ),
        "mirrors_contacts": _mirror_contacts(network, away, lang),
        "outside": words.table(OUTSIDE_HEADS, [[*words.texts(line, lang), "", ""] for line in OUTSIDE], lang),
        "conventions": _conventions(network, centre, away, lang),
        "missing": _missing(network, centre, away, policy, lang),
        "delays": _delays(policy, lang),
        "systems": _systems(network, centre),
        "ask": words.table(
            ASK_HEADS,
            [[q.field.question.text(lang), KNOWN[q.knowledge].text(lang), ""] for q in ask_first(network)[centre.id]],
            lang,
        ),
    }


def _card(network: Network, centre: Centre, lang: Language) -> list[dict[str, Any]]:
    town = " ".join(filter(None, (centre.postcode, centre.commune)))
    address = ", ".join(filter(None, (centre.address, town))) or UNKNOWN.text(lang)
    rows = [{"label": msg("Address").text(lang), "value": plain(address)}]
    return rows + [{"label": label.text(lang), "value": fact(network, centre, name, lang)} for name, label in CARD]


def _capacities(network: Network, centre: Centre, lang: Language) -> list[dict[str, Any]]:
    rows = [{"label": SPARE.text(lang), "value": spare_minutes(network, centre, lang)}]
    return rows + [
        {"label": label.text(lang), "value": fact(network, centre, name, lang)} for name, label in CAPACITIES
    ]


def _linac(network: Network, centre: Centre, linac: Linac, lang: Language) -> list[Cell]:
    return [
        plain(linac.id),
        machine(network, centre, linac, lang),
        fact(network, centre, "type", lang, linac),
        techniques(network, centre, linac, lang),
        energies(network, centre, linac, lang),
        fact(network, centre, "features", lang, linac),
        fact(network, centre, "booked_min_per_day", lang, linac),
    ]


def _matrix(network: Network, centre: Centre, away: list[Destination], lang: Language) -> dict[str, Any]:
    """Return one row for each destination, the nearest first, with the grade of each technique of the centre."""
    wanted = techniques_of(centre)
    return {
        "heads": words.texts(MATRIX_HEADS, lang),
        "techniques": list(wanted),
        "rows": [
            {
                "cells": [
                    plain(words.place_of(other := network.centre(d.centre_id))),
                    {"t": _way(d, lang), "m": MARKS["derived"].text(lang)},
                    plain(_signed(d, lang) if d.convention else msg("missing").text(lang)),
                    spare_minutes(network, other, lang),
                    *(fact(network, other, name, lang) for name, _ in CAPACITIES),
                ],
                "shared": msg("falls with us").text(lang) if d.shared_systems else "",
                "grades": [_grade(network, centre, d, technique) for technique in wanted],
            }
            for d in away
        ],
    }


def _way(destination: Destination, lang: Language) -> str:
    return msg("{minutes} min, {km} km", minutes=destination.minutes, km=words.number(destination.km, lang, 0)).text(
        lang
    )


def _signed(destination: Destination, lang: Language) -> str:
    if destination.signed_on is None:
        return msg("signed, date unknown").text(lang)
    return words.calendar_day(destination.signed_on, lang)


def _grade(network: Network, home: Centre, destination: Destination, technique: Technique) -> dict[str, Any]:
    """Return a grade, and whether it rests on a machine or on techniques that nobody has told."""
    if technique not in destination.grades:
        return {"grade": "", "doubt": False}
    pair = destination.grades[technique]
    linacs = {linac.id: linac for centre in (home, network.centre(destination.centre_id)) for linac in centre.linacs}
    used = (linacs[pair.linac_id], linacs[pair.home_linac_id])
    return {"grade": pair.grade, "doubt": any(linac.techniques is None or linac.model is None for linac in used)}


def _first(network: Network, centre: Centre, away: list[Destination], policy: Policy, lang: Language) -> dict[str, Any]:
    """Return whom to call first for each technique: the best grade, then the nearest; who falls with us comes last."""
    rows = []
    for technique in techniques_of(centre):
        able = [d for d in away if technique in d.grades and d.minutes <= policy.travel_limits.to_justify]
        best = sorted(able, key=lambda d: (bool(d.shared_systems), d.grades[technique].grade, d.minutes))[:FIRST]
        rows.append(
            [technique, *(_choice(network, centre, d, technique, lang) for d in best), *[""] * (FIRST - len(best))]
        )
    return words.table(FIRST_HEADS, rows, lang)


def _choice(network: Network, home: Centre, destination: Destination, technique: Technique, lang: Language) -> str:
    pair = destination.grades[technique]
    doubt = " ?" if _grade(network, home, destination, technique)["doubt"] else ""
    name = network.centre(destination.centre_id).name or destination.centre_id
    told = msg(
        "{name}: {grade} on {linac}, {minutes} min",
        name=name,
        grade=pair.grade + doubt,
        linac=pair.linac_id,
        minutes=destination.minutes,
    )
    return told.text(lang)


def contact_rows(contacts: Sequence[Contact], lang: Language, blanks: Sequence[Message] = ROLES) -> list[list[str]]:
    """Return the contacts of a centre, or one line to fill in by hand for each role; names are always by hand."""
    if contacts:
        return [[c.role, "", c.phone or "", c.mssante or "", ""] for c in contacts]
    return [[role.text(lang), "", "", "", ""] for role in blanks]


def _mirror_contacts(network: Network, away: list[Destination], lang: Language) -> dict[str, Any]:
    rows = []
    for destination in away[:NEAREST]:
        centre = network.centre(destination.centre_id)
        for at, row in enumerate(contact_rows(centre.crisis_contacts, lang, ROLES[:3])):
            rows.append([words.place_of(centre) if at == 0 else "", *row])
    return words.table((msg("Destination"), *CONTACT_HEADS), rows, lang)


def _best(destination: Destination) -> Grade | str:
    return min((pair.grade for pair in destination.grades.values()), default="–")


def _conventions(network: Network, home: Centre, away: list[Destination], lang: Language) -> dict[str, Any]:
    rows = [
        [
            words.place_of(network.centre(d.centre_id)),
            _signed(d, lang),
            _way(d, lang),
            _best(d),
            _channel(network, home, d, lang),
        ]
        for d in away
        if d.convention
    ]
    return words.table(CONVENTION_HEADS, rows, lang)


def _missing(network: Network, home: Centre, away: list[Destination], policy: Policy, lang: Language) -> dict[str, Any]:
    """Return the destinations within reach without a convention, the most useful to sign first."""
    reach = max(policy.travel_limits.by_mobility.values())
    wanted = [d for d in away if not d.convention and d.grades and d.minutes <= reach]
    rows = [
        [words.place_of(network.centre(d.centre_id)), _way(d, lang), _best(d), _channel(network, home, d, lang), "", ""]
        for d in sorted(wanted, key=lambda d: (_best(d), d.minutes))
    ]
    return words.table(MISSING_HEADS, rows, lang)


def _channel(network: Network, home: Centre, destination: Destination, lang: Language) -> str:
    """Return how the two centres agreed to hand data over."""
    ends = {home.id, destination.centre_id}
    agreed = next((channel for channel in network.channels if set(channel.between) == ends), None)
    if agreed is None:
        return msg("not agreed").text(lang)
    told = msg("{channel}, {hours} h", channel=said(agreed.channel, lang), hours=words.number(agreed.delay_h, lang))
    return told.text(lang)


def _delays(policy: Policy, lang: Language) -> str:
    delay = policy.agreement_delay
    told = msg(
        "Treatment days before a destination may receive: {convention} with a signed convention, {led} when the health agency"
        " leads, {none} otherwise (policy of the software, partly assumed).",
        convention=delay.convention,
        led=delay.agency_led,
        none=delay.none,
    )
    return told.text(lang)


def _systems(network: Network, centre: Centre) -> list[dict[str, Any]]:
    """Return the domains of a centre and who falls with it; nothing declared is no proof of independence."""
    labels = {domain.id: domain.label or domain.id for domain in network.information_systems}
    return [
        {
            "label": labels.get(domain, domain),
            "centres": [
                words.place_of(other)
                for other in network.centres
                if other.id != centre.id and domain in other.information_systems
            ],
        }
        for domain in centre.information_systems
    ]


def grade_words(lang: Language) -> list[dict[str, str]]:
    """Return the legend of the grades."""
    return [
        {"grade": grade, "label": label.text(lang)} for grade, label in words.GRADES.items() if grade != "emergency"
    ]


def directory(network: Network, lang: Language) -> list[dict[str, Any]]:
    """Return the yearly directory of crisis cells, centre by centre."""
    return [
        {
            "name": words.place_of(centre),
            "finess": centre.finess_et or "",
            "known": bool(centre.crisis_contacts),
            "rows": contact_rows(centre.crisis_contacts, lang, ROLES[:4]),
        }
        for centre in network.centres
    ]


def equipment(network: Network, changed: set[tuple[str, str]], lang: Language) -> list[dict[str, Any]]:
    """Return the table of equipment and techniques; what changed since last year is marked."""
    return [
        {
            "name": words.place_of(centre),
            "software": [
                {"label": said_label.text(lang), "value": fact(network, centre, name, lang)}
                for name, said_label in CARD
                if name in {"oncology_information_system", "treatment_planning_system", "brachytherapy"}
            ],
            "changed": (centre.id, "") in changed,
            "rows": [
                {"cells": _linac(network, centre, linac, lang)[:6], "changed": (centre.id, linac.id) in changed}
                for linac in centre.linacs
            ],
        }
        for centre in network.centres
    ]
