"""The binder: the paper plan prepared in peacetime, for one centre or for all of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, time
from itertools import groupby
from typing import TYPE_CHECKING, Any

from transfer_planner.domain.scenario import PARIS
from transfer_planner.i18n import Message, msg
from transfer_planner.network.changes import network_changes
from transfer_planner.network.graph import build_network
from transfer_planner.network.travel import travel_error_min
from transfer_planner.reports import words
from transfer_planner.reports.binder_centre import (
    CONTACT_HEADS,
    LINAC_HEADS,
    centre_pages,
    directory,
    equipment,
    grade_words,
)
from transfer_planner.reports.checklist import packaged_checklist, text
from transfer_planner.reports.first_day import packaged_first_day
from transfer_planner.reports.folder import put_folder
from transfer_planner.reports.furniture import EXERCISE
from transfer_planner.reports.network_words import FIELDS, marks, said
from transfer_planner.reports.priority import paper_heads
from transfer_planner.reports.typeset import render_pdf

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from transfer_planner.domain.centre import Centre, Network
    from transfer_planner.domain.policy import Policy
    from transfer_planner.i18n import Language
    from transfer_planner.network.changes import Change
    from transfer_planner.reports.checklist import Item
    from transfer_planner.reports.first_day import Role

LABELS = {
    "kind": msg("Crisis binder (transfer plan on paper)"),
    "contents": msg("Contents"),
    "control": msg("Document control"),
    "reference": msg("Reference"),
    "version": msg("Version"),
    "dated": msg("Edition of"),
    "valid": msg("Valid until"),
    "network": msg("Fingerprint of the network"),
    "software": msg("Made with"),
    "use": msg("How to use this binder"),
    "first_day": msg("The first 24 hours, role by role"),
    "who": msg("Name"),
    "phone": msg("Phone"),
    "alert": msg("Alert at"),
    "do": msg("To do"),
    "done": msg("Done at"),
    "initials": msg("Initials"),
    "page": msg("p."),
    "source": msg("Source"),
    "sources_note": msg(
        "Sources: ANSSI, cybersecurity agency; GDPR; CSP, public-health code; RNIV, patient identification; RCR, BFCO(19)1; seen"
        " before, in published outages; A, practice assumed here. To be validated and dated by the site."
    ),
    "centres": msg("The centre and its mirrors"),
    "centres_all": msg("The centres and their mirrors"),
    "card": msg("Card of the centre"),
    "receive": msg("What it could give to incoming patients"),
    "linacs": msg("Linacs"),
    "published": msg("What is published, and reservations"),
    "mirrors": msg("Mirror destinations by technique"),
    "first": msg("Whom to call first, by technique"),
    "contacts": msg("Contacts"),
    "own": msg("Crisis cell of the centre"),
    "others": msg("Mirror centres, the nearest"),
    "outside": msg("Outside"),
    "conventions": msg("Conventions of continuity"),
    "in_force": msg("In force"),
    "missing": msg("Missing, within reach: to sign in peacetime"),
    "systems": msg("Information-system domains"),
    "falls": msg("Fall together with this centre:"),
    "alone": msg("no other centre declared"),
    "no_system": msg(
        "No domain is declared for this centre. That is unknown, not none: ask who hosts R&V, TPS and backups."
    ),
    "ask": msg("What this binder does not know"),
    "all_known": msg("Nothing to ask: every figure is published or declared."),
    "blank": msg("Blank sheets"),
    "blank_sheet": msg("Transfer sheet, to copy"),
    "blank_table": msg("Priority table, to copy"),
    "remarks": msg("Remarks"),
    "annexes": msg("Yearly annexes"),
    "directory": msg("Directory of crisis cells"),
    "equipment": msg("Equipment and techniques"),
    "changes": msg("What changed since the previous edition"),
    "no_changes": msg("Nothing changed."),
    "no_previous": msg("No previous edition was given: nothing is compared."),
    "none": msg("None."),
    "legend": msg("Figures:"),
    "doubt": msg("? the machine or its techniques are unknown: cautious grade"),
    "unmarked": msg("no mark: published"),
    "sources": msg("Sources of the figures"),
    "changed": msg("changed"),
    "if": msg("if it applies"),
    "date_place": msg("Centre, date"),
    "patient": msg("Patient code"),
    "destination": msg("Destination, linac"),
    "session": msg("First session"),
    "rank": msg("Rank, category"),
    "deadline": msg("Latest start"),
    "delivered": msg("Fractions delivered / prescribed"),
    "signatures": msg("Name, date, signature"),
    "levels": msg(
        "B blocking: treat only once ticked, or lifted by a named person, with the reason. W warning. I information."
    ),
    "confidential": msg("CONFIDENTIAL – duty phones"),
}
USE = (
    msg("Keep it printed in two places off the hospital network; nobody opens a computer to find it."),
    msg("At the alert, hand out the role sheets, then open the page of the centre that stopped."),
    msg("Call the mirror centres in the order printed; write each answer down, with hour and role."),
    msg(
        "Grades and capacities are those of peacetime: what is assumed or unknown is printed as such and confirmed by phone."
    ),
    msg("Copy the blank sheets; never write on the last one."),
    msg("Test the phone numbers twice a year; replace the binder before the date of validity."),
)
SIGNING = (
    (msg("Written by"), msg("Medical physicist and quality manager")),
    (msg("Verified by"), msg("Radiation oncologist in charge")),
    (msg("Approved by"), msg("Direction of the centre")),
)
SIGN_HEADS = (msg("Step"), msg("Role"), msg("Name"), msg("Date"), msg("Signature"))
REVISION_HEADS = (msg("Version"), msg("Date"), msg("What changed"), msg("By"))
CHANGE_HEADS = (msg("Centre"), msg("Of which"), msg("What changed: before → now"))
SIGNATORIES = (
    msg("Oncologist, home centre"),
    msg("Physicist, home centre"),
    msg("Oncologist, destination"),
    msg("Physicist, destination"),
    msg("Radiographer, destination"),
)
SOURCES = {"past": msg("seen before"), "GDPR": msg("GDPR")}
"""What is said otherwise than its own acronym."""
BLANK_ROWS = 20
ELSEWHERE = frozenset({"restart", "wait"})
"""Conditions of the checklist that have no place on a blank transfer sheet."""


@dataclass(frozen=True)
class Control:
    """What identifies an edition of the binder.

    Parameters
    ----------
    reference, version
        As in the document system of the site; an empty reference is made from the centre.
    dated, valid_until
        Date of the edition, and the last day on which it may be used.
    software
        Name and version of the software.
    """

    reference: str
    version: str
    dated: date
    valid_until: date
    software: str


def binder(
    network: Network,
    centres: Sequence[Centre],
    policy: Policy,
    control: Control,
    lang: Language,
    *,
    previous: Network | None = None,
) -> bytes:
    """Return the PDF of the binder.

    Parameters
    ----------
    network
        The centres, overlays merged; contacts come only from there.
    centres
        Those whose pages are printed; the annexes always hold all of them.
    policy
        Travel model, travel limits and delays of agreement.
    control
        Identity of the edition.
    lang
        Language of the binder.
    previous
        An earlier edition of the network, to tell what changed.
    """
    graph = build_network(network, policy.travel_model)
    if not control.reference:
        control = replace(control, reference=f"CLASSEUR-{(centres[0].id if len(centres) == 1 else 'REGION').upper()}")
    changes = network_changes(previous, network) if previous else []
    changed = {(change.centre_id, change.of) for change in changes}
    one = words.place_of(centres[0]) if len(centres) == 1 else ""
    where = one or network.region or LABELS["centres_all"].text(lang)
    title = msg("Crisis binder – {where}", where=where).text(lang)
    data = {
        "furniture": _furniture(network, control, where, lang),
        "words": {name: message.text(lang) for name, message in LABELS.items()},
        "where": where,
        "single": bool(one),
        "control": _control(network, control, lang),
        "use": words.texts(USE, lang),
        "roles": [_role(role, lang) for role in packaged_first_day().roles],
        "first_day_version": packaged_first_day().version,
        "marks": marks(lang),
        "grades": grade_words(lang),
        "travel": msg(
            "Travel between centres is estimated from distances, ± {n} min.", n=travel_error_min(policy.travel_model)
        ).text(lang),
        "centres": [centre_pages(network, graph, centre, policy, lang) for centre in centres],
        "sheet": _blank_sheet(lang),
        "table": {"heads": paper_heads(lang), "rows": [[""] * len(paper_heads(lang))] * BLANK_ROWS},
        "contact_heads": words.texts(CONTACT_HEADS, lang),
        "directory": directory(network, lang),
        "equipment_heads": words.texts(LINAC_HEADS[:-1], lang),
        "equipment": equipment(network, changed, lang),
        "changes": words.table(CHANGE_HEADS, _changes(changes, previous, network, lang), lang),
        "compared": previous is not None,
        "sources": [_source(source.id, source.title, source.owner, source.as_of) for source in network.sources],
    }
    moment = datetime.combine(control.dated, time(), PARIS)
    return render_pdf("binder.typ", data, title=title, lang=lang, timestamp=moment)


def binder_folder(
    out: Path,
    network: Network,
    centres: Sequence[Centre],
    policy: Policy,
    control: Control,
    lang: Language,
    *,
    previous: Network | None = None,
) -> tuple[str, ...]:
    """Write one binder for each centre into a folder, and return the names of the files.

    Raises
    ------
    DataError
        When the folder cannot be written.
    """
    files = {
        f"binder-{centre.id}.pdf": binder(network, [centre], policy, control, lang, previous=previous)
        for centre in centres
    }
    facts = {"dated": control.dated.isoformat(), "network_fingerprint": network_fingerprint(network)}
    return put_folder(out, files, facts, "binder")


def network_fingerprint(network: Network) -> str:
    """Return the first twelve digits of the fingerprint of a network."""
    return hashlib.sha256(network.model_dump_json().encode()).hexdigest()[:12]


def _furniture(network: Network, control: Control, where: str, lang: Language) -> dict[str, Any]:
    foot = msg(
        "{reference} · version {version} · valid until {valid} · network {network} · {software}",
        reference=control.reference,
        version=control.version,
        valid=words.calendar_day(control.valid_until, lang),
        network=network_fingerprint(network),
        software=control.software,
    )
    notes = [EXERCISE.text(lang)] if network.fictitious else []
    if any(centre.crisis_contacts for centre in network.centres):
        notes.append(LABELS["confidential"].text(lang))
    return {
        "running": msg("Crisis binder – {where}", where=where).text(lang),
        "footer": foot.text(lang),
        "watermark": notes[0] if network.fictitious else "",
        "reservations": notes,
    }


def _control(network: Network, control: Control, lang: Language) -> dict[str, Any]:
    facts = (
        ("reference", control.reference),
        ("version", control.version),
        ("dated", words.day(control.dated, lang)),
        ("valid", words.day(control.valid_until, lang)),
        ("network", network_fingerprint(network)),
        ("software", control.software),
    )
    return {
        "facts": [{"label": LABELS[name].text(lang), "value": value} for name, value in facts],
        "signing": words.table(SIGN_HEADS, [[*words.texts(step, lang), "", "", ""] for step in SIGNING], lang),
        "revisions": words.table(
            REVISION_HEADS, [[control.version, words.calendar_day(control.dated, lang), "", ""], *[[""] * 4] * 3], lang
        ),
    }


def _role(role: Role, lang: Language) -> dict[str, Any]:
    """Return the tasks of a role by band of hours."""
    bands: dict[tuple[int, int], list[dict[str, str]]] = {}
    for task in role.items:
        told = words.french_spaces(task.fr).replace("'", "’") if lang == "fr" else task.en
        source = SOURCES.get(task.source, Message(task.source))
        entry = {"text": told, "see": task.see or "", "source": source.text(lang)}
        bands.setdefault((task.since, task.until), []).append(entry)
    return {
        "id": role.id,
        "name": role.fr if lang == "fr" else role.en,
        "bands": [
            {"name": msg("{since} to {until} h", since=since, until=until).text(lang), "tasks": tasks}
            for (since, until), tasks in bands.items()
        ],
    }


def _blank_sheet(lang: Language) -> dict[str, Any]:
    """Return every item of the checklist that a transfer may need, in two columns of about one height."""
    checklist = packaged_checklist()
    wanted = [item for item in checklist.items if not ELSEWHERE & set(item.when)]
    wide: list[dict[str, Any]] = []
    columns: tuple[list[dict[str, Any]], ...] = ([], [])
    printed = 0
    for block in checklist.blocks:
        items = [_item(item, lang) for item in wanted if item.block == block.id]
        column = wide if block.wide else columns[2 * printed >= len(wanted)]
        column.append({"title": text(block, lang), "items": items})
        printed += len(items)
    return {
        "version": checklist.version,
        "wide": wide,
        "columns": columns,
        "signatories": words.texts(SIGNATORIES, lang),
    }


def _item(item: Item, lang: Language) -> dict[str, Any]:
    asked = item.write
    told = text(item, lang)
    return {
        "level": item.level,
        "text": words.french_spaces(told).replace("'", "’") if lang == "fr" else told,
        "sometimes": bool(set(item.when) - {"transfer", "on_treatment"}),
        "write": list((asked.fr if lang == "fr" else asked.en) if asked else ()),
    }


def _changes(changes: Sequence[Change], previous: Network | None, network: Network, lang: Language) -> list[list[str]]:
    """Return one row for each centre, linac or convention that changed; a centre is named on its first row only."""
    names = {
        centre.id: words.place_of(centre) for edition in filter(None, (previous, network)) for centre in edition.centres
    }
    rows = []
    for centre_id, of_centre in groupby(changes, key=lambda change: change.centre_id):
        for at, (of, group) in enumerate(groupby(of_centre, key=lambda change: change.of)):
            told = [_change(change, lang) for change in group]
            rows.append([names[centre_id] if at == 0 else "", names.get(of, of), " · ".join(told)])
    return rows


def _change(change: Change, lang: Language) -> str:
    """Return a change in words: what it was, what it is."""
    what = FIELDS[change.field]
    if change.field == "crisis_contacts":
        return msg("{what}: see the directory", what=what).text(lang)
    before, after = said(change.before, lang), said(change.after, lang)
    if change.field in {"centre", "linac"}:
        gone = change.after is None
        told = (
            msg("{what} removed: {name}", what=what, name=before)
            if gone
            else msg("{what} added: {name}", what=what, name=after)
        )
        return told.text(lang)
    if change.field == "convention":
        return (msg("{what} signed", what=what) if change.after else msg("{what} no longer in force", what=what)).text(
            lang
        )
    return msg("{what}: {before} → {after}", what=what, before=before, after=after).text(lang)


def _source(name: str, title: str, owner: str | None, as_of: int | str | None) -> list[str]:
    return [name, title, owner or "", str(as_of or "")]
