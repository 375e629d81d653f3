"""The reception booklet of a destination: who arrives when, what it loads, what to prepare, and the sheets of its patients."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from transfer_planner.i18n import Message, msg
from transfer_planner.reports import words
from transfer_planner.reports.furniture import furniture
from transfer_planner.reports.sheets import in_order, labels, sheet, sheet_files
from transfer_planner.reports.typeset import render_pdf

if TYPE_CHECKING:
    from transfer_planner.domain.base import Grade
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Decision, Load, Plan
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
    "booked": msg("own patients"),
    "transferred": msg("patients received"),
    "capacity": msg("capacity"),
    "none": msg("None."),
    "minutes": msg("minutes a day"),
}
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
PHYSICS_HEADS = (msg("Ready for"), msg("Patient"), msg("Mirror grade"), msg("Work"), msg("Hours"), msg("Done by"))
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


def reception_booklet(plan: Plan, case: Case, centre_id: str, lang: Language, *, single: bool = False) -> bytes:
    """Return the PDF of one destination; it names only the patients it receives.

    Parameters
    ----------
    plan, case, centre_id
        What is planned, and for which destination.
    lang
        Language of the booklet.
    single
        True when every transfer sheet is known to take one page: nearly twice as fast.
    """
    decisions = in_order(d for d in plan.decisions if d.action == "transfer" and d.centre_id == centre_id)
    centre = words.place_name(case, centre_id)
    title = msg("Reception booklet – {centre}", centre=centre).text(lang)
    data = {
        "furniture": furniture(plan, case, lang, decisions=decisions),
        "single": single,
        "labels": labels(lang),
        "words": {name: message.text(lang) for name, message in LABELS.items()},
        "centre": centre,
        "kind": msg("Reception booklet of the destination").text(lang),
        "figures": _figures(decisions, lang),
        "arrivals": _table(ARRIVAL_HEADS, _arrivals(decisions, lang), lang),
        "charts": _charts(plan, centre_id, lang),
        "physics": _table(PHYSICS_HEADS, _physics(decisions, lang), lang),
        "physics_note": _physics_note(plan, centre_id, lang),
        "simulations": _table(SIMULATION_HEADS, _simulations(case, decisions, lang), lang),
        "sheets": [sheet(plan, case, decision, lang) for decision in decisions],
    }
    return render_pdf(
        "reception.typ", data, files=sheet_files(plan, decisions), title=title, lang=lang, timestamp=plan.created_at
    )


def _table(heads: tuple[Message, ...], rows: list[list[str]], lang: Language) -> dict[str, Any]:
    return {"heads": [head.text(lang) for head in heads], "rows": rows}


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


def _physics(decisions: list[Decision], lang: Language) -> list[list[str]]:
    return [
        [
            _day(d.start_date, lang),
            d.patient_id,
            _grade(d, lang),
            WORK[d.grade].text(lang) if d.grade else "",
            words.number(d.physics_hours, lang),
            "",
        ]
        for d in _by_day(decisions)
    ]


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


def _charts(plan: Plan, centre_id: str, lang: Language) -> list[dict[str, Any]]:
    """Return, for each linac, booked and transferred minutes against capacity, day by day."""
    loads = sorted((x for x in plan.loads if x.centre_id == centre_id), key=lambda x: (x.linac_id, x.date))
    return [
        {
            "linac": linac,
            "days": [
                {
                    "label": words.short_day(load.date, lang) if _labelled(rows, at) else "",
                    "booked": load.booked_min,
                    "transferred": load.transferred_min,
                    "capacity": load.capacity_min,
                }
                for at, load in enumerate(rows)
            ],
        }
        for linac, rows in ((key, list(group)) for key, group in groupby(loads, key=lambda x: x.linac_id))
    ]


def _labelled(rows: list[Load], at: int) -> bool:
    """Return whether a bar bears its date: Mondays, and the first one if no Monday follows too closely."""
    return rows[at].date.weekday() == 0 or (at == 0 and all(row.date.weekday() for row in rows[:4]))
