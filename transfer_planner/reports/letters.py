"""Letters: to the patient in large print, and to the referring doctor; names only from the encrypted file, else blanks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transfer_planner.clinical.prioritisation import is_minor
from transfer_planner.i18n import Message, msg
from transfer_planner.reports import words
from transfer_planner.reports.typeset import render_pdf

if TYPE_CHECKING:
    from transfer_planner.domain.centre import Centre
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.plan import Decision
    from transfer_planner.reports.desk import Desk

PATIENT = {
    "kind": msg("Your radiotherapy: what changes"),
    "where": msg("Where"),
    "when": msg("First session"),
    "at": msg("at"),
    "bring": msg("Bring"),
    "transport": msg("Your transport"),
    "call": msg("A question? Call"),
    "date": msg("Date"),
    "signed": msg("The radiation oncologist"),
    "name": msg("Name, first name"),
    "reference": msg("Reference"),
}
DOCTOR = {
    "kind": msg("To the referring doctor"),
    "patient": msg("Patient"),
    "done": msg("Treatment so far"),
    "next": msg("What is planned"),
    "asked": msg("What we ask of you"),
    "call": msg("Our number, day and night"),
    "signed": msg("The radiation oncologist"),
    "name": msg("Name, first name"),
    "doctor": msg("Dr"),
    "date": msg("Date"),
    "yours": msg("Yours sincerely,"),
}
BRING = (
    msg("identity document, health card (carte Vitale) and health-insurance papers"),
    msg("your appointments card and this letter"),
    msg("the list of your medicines and your latest results"),
)
ASKED = (
    msg("Let the patient know that this interruption is managed, and that no treatment should be sought elsewhere."),
    msg("Watch for signs that worsen (pain, bleeding, breathing, neurological signs) and call us the same day."),
    msg(
        "Send us any item of the radiotherapy record that you hold (letters, dose reports): our records are out of reach."
    ),
)


def patient_letters(desk: Desk) -> bytes:
    """Return the PDF of the letters to patients, first ranks first, one page each."""
    data = {
        "furniture": desk.furniture(desk.decisions.values()),
        "words": desk.say(PATIENT),
        "letters": [_patient_letter(desk, patient) for patient in _by_home(desk)],
    }
    return render_pdf(
        "patient-letters.typ", data, title=PATIENT["kind"].text(desk.lang), lang=desk.lang, timestamp=desk.now
    )


def doctor_letters(desk: Desk) -> bytes:
    """Return the PDF of the letters to referring doctors, one page each."""
    data = {
        "furniture": desk.furniture(desk.decisions.values()),
        "words": desk.say(DOCTOR),
        "letters": [_doctor_letter(desk, patient) for patient in _by_home(desk)],
    }
    return render_pdf(
        "doctor-letters.typ", data, title=DOCTOR["kind"].text(desk.lang), lang=desk.lang, timestamp=desk.now
    )


def _by_home(desk: Desk) -> list[Patient]:
    """Return the patients centre by centre, first ranks first: each secretariat takes its own."""
    return sorted(desk.patients, key=lambda patient: patient.centre_id)


def _home(desk: Desk, patient: Patient) -> Centre:
    return desk.case.network.centre(patient.centre_id)


def _phone(centre: Centre) -> str:
    """Return the first telephone of the crisis cell, empty when none is known."""
    return next((contact.phone for contact in centre.crisis_contacts if contact.phone), "")


def _head(desk: Desk, patient: Patient) -> dict[str, Any]:
    """Return what both letters begin with."""
    home, decision = _home(desk, patient), desk.decisions.get(patient.patient_id)
    person = desk.people.get(patient.patient_id)
    notes = desk.furniture([] if decision is None else [decision])
    return {
        "code": patient.patient_id,
        "name": person.full_name if person else "",
        "address": [line.strip() for line in person.address.split("|")] if person and person.address else [],
        "home": words.place_name(desk.case, home.id),
        "home_address": ", ".join(filter(None, (home.address, f"{home.postcode or ''} {home.commune or ''}".strip()))),
        "day": words.day(desk.day, desk.lang),
        "phone": _phone(home),
        "watermark": notes["watermark"],
        "notes": notes["reservations"],
    }


def _patient_letter(desk: Desk, patient: Patient) -> dict[str, Any]:
    lang, decision = desk.lang, desk.decisions.get(patient.patient_id)
    moved = decision is not None and decision.action == "transfer"
    return {
        **_head(desk, patient),
        "hello": _hello(desk, patient).text(lang),
        "body": words.texts(_news(desk, decision), lang),
        "place": _place(desk, decision) if decision is not None and decision.start_date is not None else None,
        "first": "" if decision is None or decision.start_date is None else words.day(decision.start_date, lang),
        "bring": words.texts(_bring(patient), lang) if decision is None or decision.start_date else [],
        "transport": _transport(patient, moved=moved).text(lang),
        "care": words.texts(_care(patient), lang),
    }


def _hello(desk: Desk, patient: Patient) -> Message:
    if is_minor(patient, desk.case.scenario.day_zero):
        return msg("To the parents: in this letter, “you” also means your child.")
    return msg("Dear patient,")


def _news(desk: Desk, decision: Decision | None) -> list[Message]:
    """Return what happened and what is decided, in plain words."""
    stopped = msg("A computer failure has stopped the treatment machines of our centre. Your safety is not at risk.")
    if decision is None:
        return [
            stopped,
            msg("We are preparing what comes next, and will call you. Until then, do not come for a session."),
        ]
    if decision.action == "transfer":
        where = words.place_name(desk.case, decision.centre_id or "")
        return [
            stopped,
            msg("So as not to leave too long a break, your treatment goes on in another centre: {where}.", where=where),
            msg(
                "Its team receives your record. The first visit may be long: your position and the plan are checked again."
            ),
        ]
    if decision.action == "restart":
        return [stopped, msg("Your treatment goes on here, on a machine that works again.")]
    if decision.reopening is None:
        return [
            stopped,
            msg("Your treatment waits until our machines start again. We call you as soon as the date is known."),
        ]
    if decision.excess_tenths > 0:
        return [
            stopped,
            msg("We are looking for a place for you in another centre, and call you as soon as there is one."),
        ]
    return [
        stopped,
        msg("Your doctors have checked that a short wait is acceptable in your case: your treatment goes on here."),
        msg(
            "We expect to start again about {day}. We call you to give the date; do not come before that call.",
            day=words.day(decision.reopening.likely, desk.lang),
        ),
    ]


def _place(desk: Desk, decision: Decision) -> dict[str, str]:
    centre = desk.case.network.centre(decision.centre_id or decision.home_centre_id)
    town = " ".join(filter(None, (centre.postcode, centre.commune)))
    return {
        "name": centre.name or centre.id,
        "address": ", ".join(filter(None, (centre.address, town))),
    }


def _bring(patient: Patient) -> list[Message]:
    mask = [] if patient.immobilisation == "none" else [msg("your mask or cushion, if it was handed to you")]
    return [*mask, *BRING]


def _transport(patient: Patient, *, moved: bool) -> Message:
    if not moved:
        return msg("Nothing to change. If a journey was booked for these days, tell the company that it is put off.")
    if patient.mobility == "own":
        return msg("By your own car. If you can no longer drive that far, call us: we prescribe a transport.")
    return msg(
        "A new prescription is joined to this letter: hand it to your ambulance or taxi company, which knows only the old place."
    )


def _care(patient: Patient) -> list[Message]:
    """Return the advice that only some patients need, and what all need."""
    lines = []
    if patient.anaesthesia:
        lines.append(msg("Anaesthesia: we tell you by telephone from what hour on nothing may be eaten or drunk."))
    if patient.concurrent_chemotherapy is not False:
        lines.append(
            msg("Chemotherapy: if you have one, stop nothing by yourself; we settle its dates with your doctors.")
        )
    lines.append(msg("Go on with your medicines and skin care. Fever, bleeding, trouble breathing: call 15 at once."))
    return lines


def _doctor_letter(desk: Desk, patient: Patient) -> dict[str, Any]:
    lang, decision = desk.lang, desk.decisions.get(patient.patient_id)
    person = desk.people.get(patient.patient_id)
    asked = list(ASKED)
    if patient.concurrent_chemotherapy is not False:
        asked.insert(1, msg("Concurrent chemotherapy: please do not change it before we have spoken."))
    return {
        **_head(desk, patient),
        "doctor": person.doctor if person else "",
        "doctor_address": [line.strip() for line in person.doctor_address.split("|")] if person else [],
        "intro": msg(
            "A cyberattack has stopped the radiotherapy of our centre since {when}. It concerns your patient as follows.",
            when=words.moment(desk.case.scenario.attack_at, lang),
        ).text(lang),
        "done": _so_far(patient).text(lang),
        "next": _next(desk, decision).text(lang),
        "asked": words.texts(asked, lang),
    }


def _so_far(patient: Patient) -> Message:
    total, done = patient.prescribed_fractions, patient.delivered_fractions
    if done is None:
        return msg("Fractions prescribed: {total}; how many were delivered is being checked.", total=total)
    if not patient.treated_on_treatment:
        return msg("Fractions prescribed: {total}; the treatment has not begun.", total=total)
    return msg("Fractions delivered: {done} of {total}.", done=done, total=total)


def _next(desk: Desk, decision: Decision | None) -> Message:
    if decision is None:
        return msg("Not decided yet; the patient is called within the day.")
    lang = desk.lang
    tolerance = words.days(decision.tolerance_days, lang)
    if decision.start_date is None:
        likely = "–" if decision.reopening is None else words.day(decision.reopening.likely, lang)
        return msg(
            "Wait for our centre to start again, likely on {day} (tolerated: {days}).", day=likely, days=tolerance
        )
    where = words.place_name(desk.case, decision.centre_id or decision.home_centre_id)
    delay = words.days(decision.prolongation_days, lang)
    values = {"where": where, "day": words.day(decision.start_date, lang), "delay": delay, "days": tolerance}
    return msg("{where}, from {day}: overall prolongation {delay}, tolerated {days}.", **values)
