"""Papers for the telephone: capacity call sheets, requests to receive, and the list of patients to call."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from transfer_planner.clinical.prioritisation import is_minor
from transfer_planner.i18n import Message, msg
from transfer_planner.network.travel import place_of_centre, travel
from transfer_planner.problem.rules import latest_answers
from transfer_planner.reports import words
from transfer_planner.reports.sheets import in_order
from transfer_planner.reports.typeset import render_pdf

if TYPE_CHECKING:
    from datetime import date

    from transfer_planner.domain.centre import Centre
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.plan import Decision
    from transfer_planner.reports.desk import Desk

NAMED = 22
"""Patients named on a request to receive; with more, the rest is said by number and the booklet names them."""
CAPACITY = {
    "kind": msg("Capacity call sheet"),
    "call": msg("Whom to call"),
    "phone": msg("Phone"),
    "asked": msg("Asked on, at"),
    "by": msg("Asked by"),
    "answered": msg("Answered by (role)"),
    "question": msg("Question"),
    "answer": msg("Answer"),
    "known": msg("Known so far"),
    "back": msg("To type into the scenario file, without what is not known; then plan again:"),
    "remarks": msg("Remarks, and when to call back"),
}
OPENINGS = (
    msg(
        "“Good morning, this is the crisis cell of our centre, {home}. Our radiotherapy has been stopped since {when}. I have six questions"
        " about what you could take from us; an estimate will do, and I will call you back before any patient is sent.”"
    ),
    msg(
        "“Good morning, this is the crisis cell. The radiotherapy of these centres has been stopped since {when}: {home}. I have six questions"
        " about what you could take; an estimate will do, and I will call you back before any patient is sent.”"
    ),
)
"""For one stopped centre, for several."""
QUESTIONS = (
    ("accepts", msg("Can you receive patients of ours?"), msg("yes / no")),
    ("spare_minutes_per_day", msg("Linac minutes free on a weekday, all machines together?"), msg("minutes a day")),
    ("new_starts_per_day", msg("New patients you can start each day?"), msg("patients a day")),
    ("physics_hours_per_day", msg("Physics hours you can give each day?"), msg("hours a day")),
    ("ct_slots", msg("Planning CT slots each day?"), msg("slots a day")),
    ("from_date", msg("From which day?"), msg("date")),
)
REQUEST = {
    "kind": msg("Request to receive patients"),
    "to": msg("To"),
    "from": msg("From"),
    "asked": msg("What we ask"),
    "patients": msg("Patients, by code"),
    "given": msg("What comes with each patient"),
    "reply": msg("Your reply, today if you can, at this number:"),
    "all": msg("we receive all of them"),
    "part": msg("we receive some of them (strike out the others)"),
    "none": msg("we cannot"),
    "who": msg("Radiation oncologist who accepts"),
    "physicist": msg("Medical physicist"),
    "security": msg("Security officer who takes the data in"),
    "signature": msg("Name, time, signature"),
}
REQUEST_HEADS = (
    msg("Rank"),
    msg("Patient"),
    msg("First session"),
    msg("Latest start"),
    msg("Technique"),
    msg("Mirror grade"),
    msg("Linac"),
    msg("Fractions left"),
    msg("Yes / no"),
)
GIVEN = (
    msg("the transfer sheet, filled in and signed by the home centre"),
    msg("the plan data the mirror grade needs, on a medium checked on a clean workstation"),
    msg("the immobilisation, brought by the patient or the transport"),
    msg("a number to call our oncologist and our physicist at any time"),
)
CALLS = {
    "kind": msg("Call list of patients"),
    "script": msg("What to say"),
    "reached": msg("reached"),
    "message": msg("message left"),
    "none": msg("no answer"),
    "patient": msg("Patient"),
    "phone": msg("Phone"),
    "say": msg("What to tell"),
    "time": msg("Time, initials"),
    "again": msg("Call back"),
}
SCRIPT = (
    msg("Check who answers: name, first name, date of birth. Say nothing of the treatment to anybody else."),
    msg(
        "“This is the radiotherapy department of {home}. A computer failure stops our machines. You are in no danger.”"
    ),
    msg(
        "Tell what stands on the line of the patient. Where nothing is decided yet: “we call you back by this evening”."
    ),
    msg("Ask: how many sessions done? any treatment elsewhere, chemotherapy? transport booked? where do you sleep?"),
    msg(
        "“Keep your mask, your papers and your appointments card. Do not stop your medicines. In an emergency, call 15.”"
    ),
    msg(
        "On an answering machine, leave only: “please call back”, your first name and the number; never the name of the department. Try again within two hours."
    ),
)


def capacity_calls(desk: Desk) -> bytes:
    """Return the PDF of the capacity call sheets, one page for each centre that stands, the nearest first."""
    standing = [c for c in desk.case.network.centres if c not in desk.stopped and c.linacs]
    far = {centre.id: _minutes(desk, centre) for centre in standing}
    data = {
        "furniture": {**desk.furniture(), "running": ""},
        "words": desk.say(CAPACITY),
        "opening": _opening(desk).text(desk.lang),
        "centres": [_capacity(desk, c, far[c.id]) for c in sorted(standing, key=lambda c: (far[c.id], c.id))],
    }
    title = CAPACITY["kind"].text(desk.lang)
    return render_pdf("capacity.typ", data, title=title, lang=desk.lang, timestamp=desk.now)


def _minutes(desk: Desk, centre: Centre) -> int:
    """Return the travel from the nearest of the stopped centres."""
    model, matrix = desk.case.policy.travel_model, desk.case.matrix
    return min((travel(place_of_centre(home), centre, model, matrix).minutes for home in desk.stopped), default=0)


def _opening(desk: Desk) -> Message:
    """Return what the caller says first."""
    names = ", ".join(centre.name or centre.id for centre in desk.stopped)
    when = words.moment(desk.case.scenario.attack_at, desk.lang)
    return msg(OPENINGS[len(desk.stopped) > 1].source, home=names, when=when)


def _capacity(desk: Desk, centre: Centre, minutes: int) -> dict[str, Any]:
    lang = desk.lang
    planned = [d for d in desk.decisions.values() if d.action == "transfer" and d.centre_id == centre.id]
    facts = [
        msg("linacs: {n}", n=len(centre.linacs)),
        msg("{minutes} min by road", minutes=minutes),
    ]
    if desk.plan is not None:
        facts.append(msg("patients planned here: {n}", n=len(planned)))
    return {
        "id": centre.id,
        "name": words.place_name(desk.case, centre.id),
        "facts": " · ".join(fact.text(lang) for fact in facts),
        "contacts": [f"{c.role} – {c.phone or c.mssante or ''}" for c in centre.crisis_contacts],
        "questions": [
            {"key": key, "text": text.text(lang), "unit": unit.text(lang), "known": _known(desk, centre, key)}
            for key, text, unit in QUESTIONS
        ],
    }


def _known(desk: Desk, centre: Centre, key: str) -> str:
    """Return what is known so far of an answer: declared by phone, else written in the network."""
    answer = latest_answers(desk.case.scenario).get(centre.id)
    value = None if answer is None else getattr(answer, key)
    if value is not None:
        if isinstance(value, bool):
            value = (msg("yes") if value else msg("no")).text(desk.lang)
        return msg("answered: {value}", value=value).text(desk.lang)
    if key == "spare_minutes_per_day" and centre.opening.weekdays is not None:
        booked = [linac.booked_min_per_day for linac in centre.linacs]
        if None in booked:
            return "–"
        value = round(sum(max(0.0, centre.opening.weekdays - (minutes or 0)) for minutes in booked))
    elif key == "ct_slots":
        value = centre.ct_simulator_slots_per_day
    else:
        value = getattr(centre, key, None)
    return "–" if value is None else msg("in the file: {value}", value=value).text(desk.lang)


def requests(desk: Desk) -> bytes:
    """Return the PDF of the requests to receive, one page for each destination of the plan."""
    here: dict[str, list[Decision]] = {}
    for decision in in_order(d for d in desk.decisions.values() if d.action == "transfer" and d.centre_id):
        here.setdefault(decision.centre_id or "", []).append(decision)
    data = {
        "furniture": {**desk.furniture(d for group in here.values() for d in group), "running": ""},
        "words": desk.say(REQUEST),
        "heads": words.texts(REQUEST_HEADS, desk.lang),
        "given": words.texts(GIVEN, desk.lang),
        "requests": [_request(desk, centre_id, group) for centre_id, group in sorted(here.items())],
    }
    title = REQUEST["kind"].text(desk.lang)
    return render_pdf("requests.typ", data, title=title, lang=desk.lang, timestamp=desk.now)


def _request(desk: Desk, centre_id: str, group: list[Decision]) -> dict[str, Any]:
    lang, patients = desk.lang, {p.patient_id: p for p in desk.case.patients}
    first = min(d.start_date for d in group if d.start_date is not None)
    grades = Counter(words.GRADE_CODES[d.grade].text(lang) for d in group if d.grade)
    asked = msg(
        "Receive {n} radiotherapy patient(s), from {day}. Mirror grades: {grades}. Physics: {hours} h in all.",
        n=len(group),
        day=words.day(first, lang),
        grades=", ".join(f"{grade} × {n}" for grade, n in sorted(grades.items())),
        hours=words.number(sum(d.physics_hours for d in group), lang, 0),
    )
    more = len(group) - NAMED
    return {
        "to": words.place_name(desk.case, centre_id),
        "from": ", ".join(words.place_name(desk.case, home) for home in sorted({d.home_centre_id for d in group})),
        "asked": asked.text(lang),
        "rows": [_request_row(desk, d, patients[d.patient_id]) for d in group[:NAMED]],
        "more": msg("… and {n} more, named in the reception booklet.", n=more).text(lang) if more > 0 else "",
    }


def _request_row(desk: Desk, decision: Decision, patient: Patient) -> list[str]:
    lang = desk.lang

    def short(value: date | None) -> str:
        return "–" if value is None else words.short_day(value, lang)

    late = decision.latest_start_date
    unknown = patient.delivered_fractions is None
    return [
        f"P{decision.rank}",
        decision.patient_id,
        short(decision.start_date),
        msg("already past").text(lang) if late is None else short(late),
        decision.technique or patient.technique,
        words.GRADE_CODES[decision.grade].text(lang) if decision.grade else "",
        decision.linac_id or "",
        msg("to confirm").text(lang) if unknown else str(patient.remaining_fractions),
        "",
    ]


def call_list(desk: Desk) -> bytes:
    """Return the PDF of the patients to call, one list for each stopped centre."""
    homes: dict[str, list[Patient]] = {}
    for patient in desk.patients:
        homes.setdefault(patient.centre_id, []).append(patient)
    data = {
        "furniture": desk.furniture(desk.decisions.values()),
        "words": desk.say(CALLS),
        "lists": [_list(desk, home, homes[home]) for home in sorted(homes)],
    }
    title = CALLS["kind"].text(desk.lang)
    return render_pdf("call-list.typ", data, title=title, lang=desk.lang, timestamp=desk.now)


def _list(desk: Desk, home: str, patients: list[Patient]) -> dict[str, Any]:
    """Return the patients of today, of tomorrow, then the others, first ranks first."""
    days = {patient.patient_id: desk.next_session(patient) for patient in patients}
    groups = (
        (msg("Expected today, {day}", day=words.day(desk.day, desk.lang)), {desk.day}),
        (msg("Expected on {day}", day=words.day(desk.tomorrow, desk.lang)), {desk.tomorrow}),
        (msg("Expected later"), {*days.values()} - {desk.day, desk.tomorrow}),
    )
    called = words.centre_name(desk.case, home)
    return {
        "home": words.place_name(desk.case, home),
        "script": [msg(line.source, home=called).text(desk.lang) for line in SCRIPT],
        "groups": [
            {
                "title": title.text(desk.lang),
                "rows": [_call(desk, p) for p in patients if days[p.patient_id] in wanted],
            }
            for title, wanted in groups
        ],
    }


def _call(desk: Desk, patient: Patient) -> dict[str, Any]:
    person = desk.people.get(patient.patient_id)
    rank = desk.assessments[patient.patient_id].rank
    return {
        "rank": f"P{rank}",
        "code": patient.patient_id,
        "name": person.full_name if person else "",
        "phone": person.phone if person else "",
        "relative": person.relative if person else "",
        "say": what_to_tell(desk, desk.decisions.get(patient.patient_id)).text(desk.lang),
        "notes": words.texts(_notes(desk, patient), desk.lang),
    }


def what_to_tell(desk: Desk, decision: Decision | None) -> Message:
    """Return in one line what a patient is told."""
    if decision is None:
        return msg("no session today nor tomorrow; we call back")
    where = words.place_name(desk.case, decision.centre_id or decision.home_centre_id)
    if decision.start_date is not None:
        return msg("{where}, from {day}", where=where, day=words.short_day(decision.start_date, desk.lang))
    reopening = decision.reopening
    if reopening is None:
        return msg("no session for now; we call back")
    return msg("waits; likely reopening {day}", day=words.short_day(reopening.likely, desk.lang))


def _notes(desk: Desk, patient: Patient) -> list[Message]:
    notes = {
        msg("child: speak to a parent"): is_minor(patient, desk.case.scenario.day_zero),
        msg("anaesthesia: no fasting today"): bool(patient.anaesthesia),
        msg("chemotherapy: ask what is planned"): patient.concurrent_chemotherapy is not False,
        msg("ambulance: tell the company"): patient.mobility == "ambulance",
        msg("fractions: ask how many"): patient.delivered_fractions is None,
    }
    return [note for note, holds in notes.items() if holds]
