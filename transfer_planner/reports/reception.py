"""The reception booklet of a destination: who arrives when, what it loads, what to prepare, and the sheets of its patients."""

from __future__ import annotations

from itertools import accumulate, chain, groupby
from typing import TYPE_CHECKING, Any

from transfer_planner.clinical.fractionation import FRENCH
from transfer_planner.i18n import Message, msg
from transfer_planner.reports import charts, words
from transfer_planner.reports.checklist import true_conditions
from transfer_planner.reports.furniture import furniture
from transfer_planner.reports.sheets import in_order, labels, sheet, sheet_files
from transfer_planner.reports.typeset import render_pdf

if TYPE_CHECKING:
    from datetime import date

    from transfer_planner.domain.base import Grade
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Decision, Plan
    from transfer_planner.i18n import Language

WORK: dict[Grade, Message] = {
    "emergency": msg("CT, simple fields, calculation, independent check"),
    "G0": msg("import, QA, imaging at the first session"),
    "G1": msg("import, recalculation, DVH check, patient-specific QA"),
    "G2": msg("re-optimisation on the existing CT, QA"),
    "G3": msg("new plan on the existing CT, QA"),
    "G4": msg("new CT, contours, plan, QA"),
}
LABELS = {
    "arrivals": msg("Arrivals by day"),
    "load": msg("Linac load by day"),
    "physics": msg("Physics work list"),
    "simulations": msg("New planning CTs"),
    "patients": msg("patients"),
    "first": msg("first arrival"),
    "hours": msg("physics hours"),
    "none": msg("None."),
    "needs": msg("What to prepare"),
    "homes": msg("Who sends them"),
}
NEEDS: dict[str, Message] = {
    "delivered_unknown": msg("fractions delivered unknown: treat only when two sources agree"),
    "mid_course_replanned": msg("new plan in mid-course: doses of two plans to add up"),
    "substituted": msg("other technique than prescribed: new prescription to sign"),
    "dose_above_physician_limit": msg("physician present at each session (dose per fraction)"),
    "breath_hold": msg("breath-hold or gating: equipment and coaching"),
    "chemotherapy": msg("concurrent chemotherapy: who gives it, from when"),
    "anaesthesia": msg("anaesthesia: slot and anaesthetist"),
    "minor": msg("under 18"),
}
"""What a condition of the checklist asks of the destination."""
MADE_AGAIN, BROUGHT = msg("mask or cushion to make again"), msg("mask or cushion to be brought by the patient")
AMBULANCE = msg("arrives by ambulance or lying down")
ARRIVAL_HEADS = (
    msg("Day"),
    msg("Patient"),
    msg("Rank"),
    msg("Linac"),
    msg("Technique"),
    msg("Mirror grade"),
    msg("Minutes"),
    msg("To confirm"),
)
PHYSICS_HEADS = (
    msg("Due"),
    msg("Patient"),
    msg("Mirror grade"),
    msg("Work"),
    msg("Linac"),
    msg("Hours"),
    msg("Sum"),
    msg("Done by"),
)
NEED_HEADS = (msg("What"), msg("Patients"))
HOME_HEADS = (msg("Home centre"), msg("Whom to call"), msg("Phone"), msg("Called at, by"))
SIMULATION_HEADS = (
    msg("Day"),
    msg("Patient"),
    msg("Rank"),
    msg("First session"),
    msg("Immobilisation"),
    msg("Seen by"),
)


def destinations(plan: Plan) -> list[str]:
    """Return the centres that receive patients, by id."""
    return sorted({d.centre_id for d in plan.decisions if d.action == "transfer" and d.centre_id})


def reception_booklet(plan: Plan, case: Case, centre_id: str, lang: Language) -> bytes:
    """Return the PDF of one destination; it names only the patients it receives."""
    decisions = in_order(d for d in plan.decisions if d.action == "transfer" and d.centre_id == centre_id)
    centre = words.place_name(case, centre_id)
    title = msg("Reception booklet – {centre}", centre=centre).text(lang)
    data = {
        "furniture": furniture(plan, case, lang, decisions=decisions),
        "labels": labels(lang),
        "words": {name: message.text(lang) for name, message in LABELS.items()},
        "centre": centre,
        "kind": msg("Reception booklet of the destination").text(lang),
        "figures": _figures(decisions, lang),
        "legend": charts.legend(lang),
        "charts": _charts(plan, decisions, centre_id, lang),
        "needs": words.table(NEED_HEADS, _needs(case, decisions, lang), lang),
        "homes": words.table(HOME_HEADS, _homes(case, decisions), lang),
        "arrivals": words.table(ARRIVAL_HEADS, _arrivals(decisions, lang), lang),
        "physics": words.table(PHYSICS_HEADS, _physics(decisions, plan.attack_date, lang), lang),
        "physics_note": _physics_note(plan, centre_id, lang),
        "simulations": words.table(SIMULATION_HEADS, _simulations(case, decisions, lang), lang),
        "sheets": [sheet(plan, case, decision, lang) for decision in decisions],
    }
    return render_pdf(
        "reception.typ", data, files=sheet_files(plan, decisions), title=title, lang=lang, timestamp=plan.created_at
    )


def _figures(decisions: list[Decision], lang: Language) -> list[dict[str, str]]:
    starts = [d.start_date for d in decisions if d.start_date is not None]
    hours = sum(d.physics_hours for d in decisions)
    return [
        {"value": str(len(decisions)), "label": LABELS["patients"].text(lang)},
        {"value": words.short_day(min(starts), lang) if starts else "–", "label": LABELS["first"].text(lang)},
        {"value": words.number(hours, lang), "label": LABELS["hours"].text(lang)},
    ]


def _by_day(decisions: list[Decision]) -> list[Decision]:
    return sorted(decisions, key=lambda d: (str(d.start_date), d.rank, d.patient_id))


def _grade(decision: Decision, lang: Language) -> str:
    return words.GRADE_CODES[decision.grade].text(lang) if decision.grade else ""


def _day(value: Any, lang: Language) -> str:
    return "" if value is None else words.short_day(value, lang)


def _arrivals(decisions: list[Decision], lang: Language) -> list[list[str]]:
    """Return one row per patient; the day stands only on the first row of each day."""
    rows = []
    for start, arriving in groupby(_by_day(decisions), key=lambda d: d.start_date):
        for first, decision in enumerate(arriving):
            rows.append(
                [
                    "" if first else _day(start, lang),
                    decision.patient_id,
                    f"P{decision.rank}",
                    decision.linac_id or "",
                    decision.technique or "",
                    _grade(decision, lang),
                    str(decision.sessions[0].minutes) if decision.sessions else "",
                    words.fields(decision.to_confirm, lang),
                ]
            )
    return rows


def due_day(decision: Decision, day_zero: date) -> date | None:
    """Return the day by which the physics work must be done: the treatment day before the first session.

    Emergencies are prepared on the day itself, and nothing is due before the attack.
    """
    if decision.start_date is None or decision.grade == "emergency":
        return decision.start_date
    return max(FRENCH.add_treatment_days(decision.start_date, -1), day_zero)


def _physics(decisions: list[Decision], day_zero: date, lang: Language) -> list[list[str]]:
    """Return the work of each patient, the most pressing first, with the hours due until then."""
    due = sorted((str(due_day(d, day_zero)), d.start_date or day_zero, d.rank, d.patient_id, d) for d in decisions)
    work = [item[-1] for item in due]
    sums = accumulate(d.physics_hours for d in work)
    return [
        [
            _day(due_day(d, day_zero), lang),
            d.patient_id,
            _grade(d, lang),
            WORK[d.grade].text(lang) if d.grade else "",
            d.linac_id or "",
            words.number(d.physics_hours, lang),
            words.number(total, lang),
            "",
        ]
        for d, total in zip(work, sums, strict=True)
    ]


def _needs(case: Case, decisions: list[Decision], lang: Language) -> list[list[str]]:
    """Return what to prepare, and for whom; what nobody needs is left out."""
    patients = {patient.patient_id: patient for patient in case.patients}
    found: dict[Message, list[str]] = {}
    for decision in decisions:
        patient = patients[decision.patient_id]
        holding = true_conditions(patient, decision, case)
        wanted = [need for condition, need in NEEDS.items() if condition in holding]
        if patient.immobilisation in {"available", "unavailable"}:
            wanted.append(BROUGHT if patient.immobilisation == "available" else MADE_AGAIN)
        if patient.mobility == "ambulance":
            wanted.append(AMBULANCE)
        for need in wanted:
            found.setdefault(need, []).append(decision.patient_id)
    order = [*NEEDS.values(), MADE_AGAIN, BROUGHT, AMBULANCE]
    return [[need.text(lang), ", ".join(sorted(found[need]))] for need in order if need in found]


def _homes(case: Case, decisions: list[Decision]) -> list[list[str]]:
    """Return the centres that send the patients, and whom to call there; blanks to fill by hand."""
    rows = []
    for home in sorted({d.home_centre_id for d in decisions}):
        contacts = case.network.centre(home).crisis_contacts
        name = words.place_name(case, home)
        rows += [[name, c.role, c.phone or c.mssante or "", ""] for c in contacts] or [[name, "", "", ""]]
    return rows


def _physics_note(plan: Plan, centre_id: str, lang: Language) -> str:
    """Return hours used against hours available at the last start, and the staff that comes to help."""
    rows = [row for row in plan.centre_days if row.centre_id == centre_id]
    notes = []
    if rows:
        last = max(rows, key=lambda row: row.date)
        notes.append(
            msg(
                "{used} h of {available} h available by {day}.",
                used=words.number(last.physics_hours_cumulative, lang),
                available=words.number(last.physics_hours_available, lang),
                day=words.short_day(last.date, lang),
            ).text(lang)
        )
    notes += [
        msg(
            "Staff sent by the home centre from {day}: {fte} FTE of physics, {oncologists} oncologist(s).",
            day=words.short_day(move.from_date, lang),
            fte=words.number(move.physics_fte, lang),
            oncologists=move.oncologists,
        ).text(lang)
        for move in plan.redeployment
        if move.centre_id == centre_id
    ]
    return " ".join(notes)


def _simulations(case: Case, decisions: list[Decision], lang: Language) -> list[list[str]]:
    masks = {patient.patient_id: patient.immobilisation for patient in case.patients}
    due = [d for d in decisions if d.ct_simulation_date is not None]
    return [
        [
            _day(d.ct_simulation_date, lang),
            d.patient_id,
            f"P{d.rank}",
            _day(d.start_date, lang),
            words.IMMOBILISATIONS[masks[d.patient_id]].text(lang),
            "",
        ]
        for d in sorted(due, key=lambda d: (str(d.ct_simulation_date), d.rank, d.patient_id))
    ]


def _charts(plan: Plan, decisions: list[Decision], centre_id: str, lang: Language) -> dict[str, Any]:
    """Return arrivals and physics hours over the days of arrival, and the linacs over the whole stay."""
    rows = [row for row in plan.centre_days if row.centre_id == centre_id]
    loads = [load for load in plan.loads if load.centre_id == centre_id]
    first_days = charts.axis(chain((d.start_date for d in decisions if d.start_date), (row.date for row in rows)))
    limits = {row.date: row.new_starts_max for row in rows}
    return {
        "arrivals": charts.arrivals_chart(decisions, first_days, lang, limits),
        "physics": charts.physics_chart(rows, first_days, lang),
        "loads": charts.load_charts(loads, charts.axis(load.date for load in loads), lang),
    }
