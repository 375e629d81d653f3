"""The crisis-cell page: the situation in counts, who exceeds tolerance and why, whom to call, what was assumed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from transfer_planner.clinical.prioritisation import is_minor
from transfer_planner.i18n import Message, msg
from transfer_planner.reports import words
from transfer_planner.reports.charts import share
from transfer_planner.reports.furniture import STATUS, capacity_confirmed, furniture
from transfer_planner.reports.maps_svg import map_svg
from transfer_planner.reports.reception import destinations
from transfer_planner.reports.sheets import in_order
from transfer_planner.reports.typeset import render_pdf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_planner.domain.base import Action
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Decision, Plan, Tier
    from transfer_planner.i18n import Language

LEVERS_SHOWN = 5
SHOWN = 10
"""Patients over tolerance named on the page; the priority table has them all."""

NO_BREAK = "\u00a0"

LABELS = {
    "kind": msg("Situation report – crisis cell"),
    "agency": msg("What the health agency asks first"),
    "counts": msg("Patients by category and decision"),
    "late": msg("Beyond tolerance, and why"),
    "loads": msg("Destinations: load, and calls to make"),
    "calls": msg("Other calls to make"),
    "map": msg("Map"),
    "map_alt": msg("Map of the flows from the stopped centres to the destinations"),
    "tiers": msg("What the plan guarantees"),
    "levers": msg("What would help most"),
    "legal": msg("Reminders of law"),
    "assumptions": msg("Assumptions and reservations"),
    "none": msg("None."),
    "confirm": msg("to be checked by the crisis cell"),
    "number": msg("Report no."),
    "made": msg("made at, by"),
    "next": msg("next report at"),
}
SERIES: dict[Action, Message] = {
    "transfer": msg("transferred"),
    "restart": msg("restarted at home"),
    "wait": msg("waiting"),
}
LATE_HEADS = (msg("Rank"), msg("Patient"), msg("Category"), msg("Excess"), msg("Decision"), msg("Why"))
LOAD_HEADS = (
    msg("Destination"),
    msg("Patients"),
    msg("Grades"),
    msg("Busiest linac-day"),
    msg("Physics hours"),
    msg("Capacities"),
    msg("Whom to call"),
    msg("Called at, by"),
)
CALL_HEADS = (msg("Whom"), msg("Phone"), msg("What for"), msg("Called at, by"))
TIER_HEADS = (msg("Tier"), msg("What is minimised"), msg("Value"), msg("At best"), msg("Proven"))
LEGAL = (
    msg(
        "Continuity conventions between centres go to the regional health agency (ARS) and to the nuclear-safety authority (ASNR)."
    ),
    msg(
        "A radiation oncologist and a medical physicist are present throughout treatment, also in the evening and on Saturdays."
    ),
    msg("The attack is reported to the health CERT (CERT Santé) and to the regional health agency."),
    msg("A breach of personal data is notified to the data-protection authority (CNIL) within 72 hours."),
    msg("A change of destination needs a new transport prescription."),
)
OTHERS = (
    (
        msg("Regional health agency (ARS), duty desk"),
        msg("patients of category 1 without solution; agreement to transfer"),
    ),
    (msg("CERT Santé"), msg("incident report, clean workstations")),
    (msg("Nuclear-safety authority (ASNR)"), msg("restart in degraded mode, continuity conventions")),
    (msg("Transport"), msg("new prescriptions, shared journeys")),
)


def crisis_cell(plan: Plan, case: Case, lang: Language, *, drawing: str = "", levers: Sequence[str] = ()) -> bytes:
    """Return the PDF of the crisis-cell page; `drawing` is the printed map when it is at hand, `levers` what would help most."""
    frame = furniture(plan, case, lang)
    data = {
        "furniture": {**frame, "running": ""},
        "words": {name: message.text(lang) for name, message in LABELS.items()},
        "title_line": frame["running"],
        "situation": _situation(plan, case, lang),
        "figures": _figures(plan, lang),
        "agency": _agency(plan, lang),
        "scope": _scope(case, plan, lang),
        "counts": _counts(plan, lang),
        "late": _late(plan, case, lang),
        "loads": words.table(LOAD_HEADS, [_load(plan, case, c, lang) for c in destinations(plan)], lang),
        "calls": words.table(CALL_HEADS, [[whom.text(lang), "", why.text(lang), ""] for whom, why in OTHERS], lang),
        "tiers": words.table(TIER_HEADS, [_tier(tier, lang) for tier in plan.tiers], lang),
        "levers": list(levers[:LEVERS_SHOWN]),
        "status": msg("Plan: {status}.", status=STATUS[plan.status]).text(lang),
        "legal": words.texts(LEGAL, lang),
        "assumptions": [*plan.summary.assumed(lang), *case.scenario.notes],
    }
    title = msg("Situation report – {title}", title=frame["running"]).text(lang)
    files = {"map.svg": (drawing or map_svg(plan, case, lang)).encode()}
    return render_pdf("crisis.typ", data, files=files, title=title, lang=lang, timestamp=plan.created_at)


def _situation(plan: Plan, case: Case, lang: Language) -> list[str]:
    scenario = case.scenario
    homes = sorted({d.home_centre_id for d in plan.decisions})
    out = scenario.outage_days
    recovery = scenario.data_recovery.dicom_after_h
    lines = [
        msg("Attack on {when}.", when=words.moment(scenario.attack_at, lang)),
        msg("Stopped: {centres}.", centres="; ".join(words.place_name(case, home) for home in homes) or "–"),
        msg("Outage expected: {likely} days ({low} to {high}).", likely=out.likely, low=out.low, high=out.high),
        msg("DICOM data: never.")
        if recovery is None
        else msg("DICOM data after {hours} h.", hours=words.number(recovery, lang, 0)),
    ]
    return words.texts(lines, lang)


def _figures(plan: Plan, lang: Language) -> list[dict[str, str]]:
    summary = plan.summary
    late = sum(d.excess_tenths > 0 for d in plan.decisions)
    figures = (
        (summary.patients, msg("patients to place")),
        (summary.transferred, SERIES["transfer"]),
        (summary.restarted, SERIES["restart"]),
        (summary.waiting, SERIES["wait"]),
        (late, msg("beyond tolerance")),
    )
    return [{"value": str(value), "label": label.text(lang)} for value, label in figures]


def _agency(plan: Plan, lang: Language) -> list[dict[str, str]]:
    """Return the two numbers the health agency asks for within the hour: category 1 and those to triage, without solution."""
    rows = []
    for category, label in (
        (1, msg("Category 1 without solution within tolerance")),
        (None, msg("Category to triage")),
    ):
        found = [d for d in plan.decisions if d.category == category and (category is None or d.excess_tenths > 0)]
        codes = ", ".join(d.patient_id for d in in_order(found)[:SHOWN]) + (" …" if len(found) > SHOWN else "")
        rows.append({"value": str(len(found)), "label": label.text(lang), "codes": codes})
    return rows


def _scope(case: Case, plan: Plan, lang: Language) -> list[dict[str, str]]:
    """Return the other numbers that the health agency asks for: who cannot go just anywhere, and what is down."""
    here = {d.patient_id for d in plan.decisions}
    patients = [patient for patient in case.patients if patient.patient_id in here]
    homes = {d.home_centre_id for d in plan.decisions}
    counts = (
        (sum(len(case.network.centre(home).linacs) for home in homes), msg("linacs stopped")),
        (sum(patient.treated_on_treatment for patient in patients), msg("on treatment")),
        (sum(patient.urgency == "emergency" for patient in patients), msg("emergencies")),
        (sum(bool(patient.concurrent_chemotherapy) for patient in patients), msg("with chemotherapy")),
        (sum(is_minor(patient, plan.attack_date) for patient in patients), msg("under 18")),
    )
    return [{"value": str(value), "label": label.text(lang)} for value, label in counts]


def _counts(plan: Plan, lang: Language) -> dict[str, Any]:
    """Return, for each category, how many patients each decision takes."""
    found = Counter((d.category, d.action) for d in plan.decisions)
    rows = [
        {"label": words.category(category, lang), "values": [found[category, action] for action in SERIES]}
        for category in (1, 2, 3, None)
    ]
    return {"series": words.texts(SERIES.values(), lang), "rows": rows}


def _late(plan: Plan, case: Case, lang: Language) -> dict[str, Any]:
    late = [d for d in in_order(plan.decisions) if d.excess_tenths > 0]
    rows = [
        [
            f"P{d.rank}",
            d.patient_id,
            words.category(d.category, lang),
            words.days(d.excess_tenths / 10, lang),
            _decision(d, case, lang),
            words.reasons(d, lang, most=1),
        ]
        for d in late[:SHOWN]
    ]
    more = msg("… and {n} more: see the priority table.", n=len(late) - SHOWN).text(lang) if len(late) > SHOWN else ""
    return words.table(LATE_HEADS, rows, lang) | {"more": more}


def _decision(decision: Decision, case: Case, lang: Language) -> str:
    """Return in a few words where a patient goes and from which day."""
    if decision.start_date is None or decision.centre_id is None:
        return msg("waits for the reopening").text(lang)
    where = msg("at home") if decision.action == "restart" else words.centre_name(case, decision.centre_id)
    return msg("{where}, {day}", where=where, day=words.short_day(decision.start_date, lang)).text(lang)


def _load(plan: Plan, case: Case, centre_id: str, lang: Language) -> list[str]:
    here = [d for d in plan.decisions if d.action == "transfer" and d.centre_id == centre_id]
    grades = Counter(words.GRADE_CODES[d.grade].text(lang) for d in here if d.grade)
    shares = [share(load) for load in plan.loads if load.centre_id == centre_id]
    days = [row for row in plan.centre_days if row.centre_id == centre_id]
    last = max(days, key=lambda row: row.date, default=None)
    confirmed = msg("confirmed") if capacity_confirmed(case, centre_id) else msg("to confirm")
    return [
        words.centre_name(case, centre_id),
        str(len(here)),
        "  ".join(f"{grade}×{count}" for grade, count in sorted(grades.items())),
        f"{round(100 * max(shares))}{words.PERCENT[lang]}" if shares else "–",
        "–"
        if last is None
        else msg(
            "{used} of {available}",
            used=words.number(last.physics_hours_cumulative, lang, 0),
            available=words.number(last.physics_hours_available, lang, 0),
        ).text(lang),
        confirmed.text(lang),
        _contact(case, centre_id),
        "",
    ]


def _contact(case: Case, centre_id: str) -> str:
    """Return the first contact of a centre, the phone in one piece; the binder has them all."""
    for contact in case.network.centre(centre_id).crisis_contacts[:1]:
        phone = contact.phone or contact.mssante or ""
        return f"{contact.role} {phone.replace(' ', NO_BREAK)}".strip()
    return ""


def _tier(tier: Tier, lang: Language) -> list[str]:
    """Return a tier in words: days of excess for the first five, minutes-equivalents for the last."""
    if tier.id == "T6":
        what = msg("burden: travel, prolongation, physics, overtime")
        shown = [msg("{n} min", n=words.number(x, lang, 0)).text(lang) for x in (tier.value, tier.bound)]
    else:
        what = msg("days beyond tolerance of the patients P{rank}", rank=tier.id[1])
        shown = [words.days(x / 10, lang) for x in (tier.value, tier.bound)]
    proven = msg("yes: nothing better exists") if tier.proven else msg("no: something better may exist")
    return [tier.id, what.text(lang), *shown, proven.text(lang)]
