"""The transport list: mode, distance, prescriptions and agreements to ask for, and who may share a vehicle."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import groupby
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any, NamedTuple

from transfer_planner.i18n import Message, msg
from transfer_planner.io.reference import read_communes
from transfer_planner.network.shared_transport import (
    DETOUR_ALL_KM,
    DETOUR_EACH_KM,
    SEATS,
    SharedJourney,
    Traveller,
    shared_journeys,
)
from transfer_planner.network.travel import locate
from transfer_planner.reports import charts, words
from transfer_planner.reports.facts import MOBILITIES
from transfer_planner.reports.furniture import furniture
from transfer_planner.reports.typeset import render_pdf

if TYPE_CHECKING:
    from datetime import date

    from transfer_planner.domain.case import Case, Place
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.plan import Decision, Plan
    from transfer_planner.i18n import Language

FAR_KM, VERY_FAR_KM = 50, 150
"""One way: series of journeys to check, prior agreement needed."""

LABELS = {
    "kind": msg("Transport list"),
    "none": msg("None."),
    "vehicles": msg("vehicles, shared"),
    "saved": msg("spared by sharing"),
    "rules": msg("Rules"),
}
HEADS = (
    msg("Shared"),
    msg("Patient"),
    msg("Stays at"),
    msg("Mode"),
    msg("One way"),
    msg("First session"),
    msg("Last session"),
    msg("Journeys"),
    msg("To ask for"),
    msg("New prescription"),
    msg("Hour, company, booked by"),
)
GROUP_HEADS = (
    msg("Shared"),
    msg("Patients, in the order in which they are fetched"),
    msg("Days together"),
    msg("Detour"),
    msg("Hour agreed with the destination"),
    msg("Company"),
)
RULES = (
    msg("The destination changes: every patient transferred needs a new transport prescription, whatever the mode."),
    msg(
        "More than {km} km one way: check whether the series of journeys needs the prior agreement of the health"
        " insurance, and offer lodging.",
        km=FAR_KM,
    ),
    msg("More than {km} km one way: prior agreement of the health insurance.", km=VERY_FAR_KM),
    msg(
        "Shared transport: seated patients, at most {each} km of detour for each patient beyond the first and {all} km in"
        " all; {seats} patients a vehicle (assumed). Never for a patient in isolation or whose prescription excludes it.",
        each=int(DETOUR_EACH_KM),
        all=int(DETOUR_ALL_KM),
        seats=SEATS,
    ),
    msg("The plan gives days, not hours: ask the destination for neighbouring slots for each shared vehicle."),
    msg("To be checked by the transport desk with the health insurance."),
)


class Journeys(NamedTuple):
    """The transfers to one destination, and the vehicles shared."""

    centre_id: str
    decisions: list[Decision]
    groups: list[SharedJourney]


def transport_list(plan: Plan, case: Case, lang: Language) -> bytes:
    """Return the PDF of the transport list, destination by destination."""
    frame = furniture(plan, case, lang)
    patients = {patient.patient_id: patient for patient in case.patients}
    places = case.places or {p.patient_id: locate(p, case.network, read_communes()) for p in case.patients}
    case = replace(case, places=places)
    journeys = _journeys(plan, case, patients)
    data = {
        "furniture": {**frame, "running": ""},
        "words": {name: message.text(lang) for name, message in LABELS.items()},
        "title_line": frame["running"],
        "figures": _figures(journeys, patients, lang),
        "chart": _chart(journeys, patients, lang),
        "rules": words.texts(RULES, lang),
        "centres": [_centre(each, case, patients, lang) for each in journeys],
    }
    title = msg("Transport list – {title}", title=frame["running"]).text(lang)
    return render_pdf("transport.typ", data, title=title, lang=lang, timestamp=plan.created_at)


def _mode(patient: Patient) -> str:
    return patient.mobility or "seated"


def _journeys(plan: Plan, case: Case, patients: dict[str, Patient]) -> list[Journeys]:
    moved = sorted(
        (d for d in plan.decisions if d.action == "transfer" and d.centre_id), key=lambda d: (d.centre_id, d.patient_id)
    )
    found = []
    for centre_id, group in groupby(moved, key=lambda d: str(d.centre_id)):
        decisions = list(group)
        seated = [
            Traveller(d.patient_id, place, d.travel_km or 0.0, frozenset(s.date for s in d.sessions))
            for d in decisions
            if _mode(patients[d.patient_id]) == "seated" and (place := case.places[d.patient_id]).how != "home_centre"
        ]
        found.append(Journeys(centre_id, decisions, shared_journeys(seated, case.policy.travel_model)))
    return found


def _figures(journeys: list[Journeys], patients: dict[str, Patient], lang: Language) -> list[dict[str, str]]:
    decisions = [d for each in journeys for d in each.decisions]
    modes = Counter(_mode(patients[d.patient_id]) for d in decisions)
    figures = [
        (len(decisions), msg("new prescriptions")),
        *((modes[mode], label) for mode, label in MOBILITIES.items()),
        (sum((d.travel_km or 0) > FAR_KM for d in decisions), msg("over {km} km", km=FAR_KM)),
        (sum((d.travel_km or 0) > VERY_FAR_KM for d in decisions), msg("over {km} km", km=VERY_FAR_KM)),
        (sum(len(each.groups) for each in journeys), msg("vehicles shared")),
    ]
    return [{"value": str(value), "label": label.text(lang)} for value, label in figures]


def _chart(journeys: list[Journeys], patients: dict[str, Patient], lang: Language) -> dict[str, Any] | None:
    """Return the seated vehicles of each day: those needed when shared, and those that sharing spares."""
    alone: Counter[date] = Counter()
    spared: Counter[date] = Counter()
    for each in journeys:
        for decision in each.decisions:
            if _mode(patients[decision.patient_id]) == "seated":
                alone.update(session.date for session in decision.sessions)
        for group in each.groups:
            spared.update(dict.fromkeys(group.days, len(group.travellers) - 1))
    if not alone:
        return None
    bars = {day: charts.Bar((n - spared[day], spared[day])) for day, n in alone.items()}
    return charts.chart(msg("Seated transport: vehicles by day").text(lang), bars, charts.axis(alone), lang)


def _centre(journeys: Journeys, case: Case, patients: dict[str, Patient], lang: Language) -> dict[str, Any]:
    names, order = {}, {}
    for at, group in enumerate(journeys.groups):
        for stop, traveller in enumerate(group.travellers):
            names[traveller.patient_id] = ascii_uppercase[at % 26] * (1 + at // 26)
            order[traveller.patient_id] = (at, str(stop))
    alone = len(order)
    ordered = sorted(
        journeys.decisions, key=lambda d: (*order.get(d.patient_id, (alone, str(d.start_date))), d.patient_id)
    )
    rows = [_row(d, patients[d.patient_id], case, names.get(d.patient_id, ""), lang) for d in ordered]
    return {
        "name": words.place_name(case, journeys.centre_id),
        "table": words.table(HEADS, rows, lang),
        "groups": words.table(GROUP_HEADS, [_group(group, names, case, lang) for group in journeys.groups], lang),
    }


def _group(group: SharedJourney, names: dict[str, str], case: Case, lang: Language) -> list[str]:
    stops = [f"{t.patient_id} ({_stay(case.places[t.patient_id], lang)})" for t in group.travellers]
    days = msg(
        "{n}, from {first} to {last}",
        n=len(group.days),
        first=words.short_day(min(group.days), lang),
        last=words.short_day(max(group.days), lang),
    )
    detour = msg("{km} km", km=words.number(group.detour_km, lang))
    return [names[group.travellers[0].patient_id], " → ".join(stops), days.text(lang), detour.text(lang), "", ""]


def _stay(place: Place, lang: Language) -> str:
    """Return where a patient stays: the commune, or how it is known."""
    if place.how == "home_centre":
        return msg("to confirm").text(lang)
    commune = read_communes().get(place.key) if place.how == "commune" else None
    return commune.name if commune else msg("see the patient list").text(lang)


def _row(decision: Decision, patient: Patient, case: Case, shared: str, lang: Language) -> list[str]:
    km = decision.travel_km or 0
    mode: Message = MOBILITIES[_mode(patient)]
    told = mode.text(lang) + (" ?" if "mobility" in decision.to_confirm else "")
    asked = msg("prior agreement") if km > VERY_FAR_KM else msg("series over 50 km: check") if km > FAR_KM else None
    return [
        shared,
        decision.patient_id,
        _stay(case.places[decision.patient_id], lang),
        told,
        msg("{km} km, {minutes} min", km=words.number(km, lang, 0), minutes=decision.travel_min or 0).text(lang),
        words.short_day(decision.start_date, lang) if decision.start_date else "",
        words.short_day(decision.end_date, lang) if decision.end_date else "",
        str(2 * len(decision.sessions)),
        asked.text(lang) if asked else "",
        "☐",
        "",
    ]
