"""The network in words: equipment, software and capacities, each figure with how it is known."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from transfer_planner.domain.centre import Opening
from transfer_planner.i18n import Message, msg
from transfer_planner.io.survey_fields import HOSTING, MEANS, TYPES
from transfer_planner.network.audit import LABELS, knowledge
from transfer_planner.reports import words

if TYPE_CHECKING:
    from transfer_planner.domain.centre import Centre, Linac, Network
    from transfer_planner.i18n import Language
    from transfer_planner.network.audit import Knowledge

Cell = dict[str, str]
"""A text `t` and its mark `m`: how it is known."""

MARKS: dict[Knowledge, Message] = {
    "declared": msg("decl."),
    "derived": msg("calc."),
    "assumed": msg("ass."),
    "fictitious": msg("fict."),
    "unstated": msg("no source"),
}
"""Printed after a figure; what is published bears no mark, what is unknown says so."""

CHOICES = TYPES | HOSTING | MEANS
"""Values that the survey says in words."""
UNKNOWN = LABELS["unknown"]
YES, NO = msg("yes"), msg("no")
FIELDS: dict[str, Message] = {
    "centre": msg("centre"),
    "linac": msg("linac"),
    "convention": msg("convention of continuity"),
    "name": msg("name"),
    "commune": msg("commune"),
    "information_systems": msg("information-system domains"),
    "oncology_information_system": msg("R&V"),
    "oncology_information_system_hosting": msg("servers of the R&V"),
    "treatment_planning_system": msg("TPS"),
    "paediatrics": msg("under 18"),
    "anaesthesia": msg("anaesthesia"),
    "chemotherapy": msg("concurrent chemotherapy"),
    "brachytherapy": msg("brachytherapy"),
    "new_starts_per_day": msg("new patients a day"),
    "physics_hours_per_day": msg("physics hours a day"),
    "ct_simulator_slots_per_day": msg("CT slots a day"),
    "opening": msg("opening"),
    "crisis_contacts": msg("contacts"),
    "vendor": msg("vendor"),
    "model": msg("model"),
    "type": msg("kind of machine"),
    "mlc": msg("collimator"),
    "photon_mv": msg("photons"),
    "electron_mev": msg("electrons"),
    "techniques": msg("techniques"),
    "features": msg("imaging and motion"),
    "couch_max_kg": msg("couch limit (kg)"),
    "matched_with": msg("matched linacs"),
}


def marks(lang: Language) -> list[dict[str, str]]:
    """Return the legend of the marks."""
    return [
        {"mark": mark.text(lang), "label": LABELS[known].text(lang)}
        for known, mark in MARKS.items()
        if known != "unstated"  # says it itself
    ]


def plain(text: str) -> Cell:
    """Return a cell without mark."""
    return {"t": text, "m": ""}


def said(value: Any, lang: Language) -> str:
    """Return any value of the network in words."""
    if value is None or isinstance(value, bool):
        return {None: UNKNOWN, True: YES, False: NO}[value].text(lang)
    if isinstance(value, float | int):
        return words.number(value, lang)
    if isinstance(value, date):
        return words.calendar_day(value, lang)
    if isinstance(value, Opening):
        return _opening(value, lang)
    if isinstance(value, tuple):
        return ", ".join(getattr(item, "linac", None) or str(item) for item in value) or "–"
    return CHOICES[value].text(lang) if value in CHOICES else str(value)


def _opening(value: Opening, lang: Language) -> str:
    if value.weekdays is None:
        return UNKNOWN.text(lang)
    hours = [
        words.number(minutes / 60, lang)
        for minutes in (value.weekdays, value.evening_surge_max, value.saturday_surge_max)
    ]
    return msg(
        "{day} h a day, evening +{evening} h, Saturday {saturday} h", day=hours[0], evening=hours[1], saturday=hours[2]
    ).text(lang)


def fact(network: Network, centre: Centre, name: str, lang: Language, linac: Linac | None = None) -> Cell:
    """Return a field of a centre or of a linac with its mark."""
    known = knowledge(network, centre, name, linac)
    if known == "unknown":
        return plain(UNKNOWN.text(lang))
    value = getattr(linac or centre, name)
    return {"t": said(value, lang), "m": MARKS[known].text(lang) if known in MARKS else ""}


def spare_minutes(network: Network, centre: Centre, lang: Language) -> Cell:
    """Return the weekday minutes left by the centre's own patients, all linacs; the least known figure gives the mark."""
    open_min = centre.opening.weekdays
    booked = [linac.booked_min_per_day for linac in centre.linacs]
    if open_min is None or not booked or None in booked:
        return plain(UNKNOWN.text(lang))
    spare = sum(max(0.0, open_min - minutes) for minutes in booked if minutes is not None)
    known = [knowledge(network, centre, "opening")]
    known += [knowledge(network, centre, "booked_min_per_day", linac) for linac in centre.linacs]
    worst = max(known, key=list(LABELS).index)
    return {"t": words.number(spare, lang, 0), "m": MARKS[worst].text(lang) if worst in MARKS else ""}


def machine(network: Network, centre: Centre, linac: Linac, lang: Language) -> Cell:
    """Return vendor and model of a linac."""
    model = fact(network, centre, "model", lang, linac)
    vendor = fact(network, centre, "vendor", lang, linac)
    if linac.model is None and linac.vendor is None:
        return model
    return {"t": f"{vendor['t']} {model['t']}", "m": model["m"] or vendor["m"]}


def energies(network: Network, centre: Centre, linac: Linac, lang: Language) -> Cell:
    """Return photon and electron beams of a linac."""
    if linac.photon_mv is None and linac.electron_mev is None:
        return plain(UNKNOWN.text(lang))
    photons = said(linac.photon_mv, lang)
    electrons = said(linac.electron_mev, lang)
    text = msg("X {photons}; e {electrons}", photons=photons, electrons=electrons).text(lang)
    return {"t": text, "m": fact(network, centre, "photon_mv", lang, linac)["m"]}


def techniques(network: Network, centre: Centre, linac: Linac, lang: Language) -> Cell:
    """Return the techniques of a linac, or those that are assumed of it."""
    if linac.techniques is None:
        return {"t": ", ".join(linac.deliverable), "m": MARKS["assumed"].text(lang)}
    return fact(network, centre, "techniques", lang, linac)
