"""The transfer sheet: one patient, one page to tick, sign and take along."""

from __future__ import annotations

import io
from datetime import timedelta
from functools import lru_cache
from itertools import groupby
from math import ceil
from typing import TYPE_CHECKING, Any

import segno

from transfer_planner.clinical.fractionation import FRENCH, HomeCalendar, home_calendar
from transfer_planner.i18n import msg
from transfer_planner.reports import words
from transfer_planner.reports.checklist import needed, packaged_checklist, text, true_conditions
from transfer_planner.reports.facts import CONFIRM, Facts, clipped
from transfer_planner.reports.furniture import furniture, plan_fingerprint, reservations
from transfer_planner.reports.options import options_table
from transfer_planner.reports.typeset import render_pdf

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.plan import Decision, Plan
    from transfer_planner.i18n import Language
    from transfer_planner.reports.checklist import Item

TITLES = {
    "transfer": msg("Transfer sheet"),
    "restart": msg("Restart sheet"),
    "wait": msg("Waiting sheet"),
}
WHERE = {
    "transfer": msg("Treated at"),
    "restart": msg("Restarts at home, degraded mode"),
    "wait": msg("Waits for the reopening of"),
}
WHEN = {
    "transfer": msg("First session"),
    "restart": msg("First session"),
    "wait": msg("Likely reopening"),
}
LABELS = {
    "who": msg("Patient"),
    "qr": msg("QR code: patient code, plan fingerprint, sheet version"),
    "from": msg("From"),
    "linac": msg("Linac"),
    "grade": msg("Mirror grade"),
    "rank": msg("Rank"),
    "category": msg("RCR category"),
    "deadline": msg("Latest start"),
    "why": msg("Why"),
    "point": msg("To check"),
    "initials": msg("Initials"),
    "time": msg("Time"),
    "lifted": msg("Lifted by, why"),
    "legend": msg(
        "B blocking: treat only once ticked, or lifted by a named person, with the reason. W warning. I information."
    ),
    "timeline": msg("Sessions"),
    "delivered": msg("delivered"),
    "done": msg("done"),
    "missed": msg("missed"),
    "planned": msg("planned"),
    "likely": msg("if reopened as likely"),
    "signature": msg("Name, date, signature"),
    "page": msg("sheet %s, page"),
    "wait": msg("What would change this decision"),
    "remarks": msg("Remarks"),
}
SIGNATORIES = {
    "transfer": (
        msg("Oncologist, home centre"),
        msg("Physicist, home centre"),
        msg("Oncologist, destination"),
        msg("Physicist, destination"),
        msg("Radiographer, destination"),
    ),
    "restart": (msg("Oncologist"), msg("Physicist"), msg("Radiographer")),
    "wait": (msg("Oncologist"), msg("Physicist"), msg("Who tells the patient")),
}
LINE = 42
"""Characters in a line of an item, about."""
FULL = 73
"""Lines in a column of a full page, about; shorter checklists are set wider apart."""
TIGHT, LOOSE = -0.25, 0.35
"""Millimetres added above and below every item, at least and at most."""
LEVELS = {"B": msg("B"), "W": msg("W"), "I": msg("I")}


def transfer_sheets(plan: Plan, case: Case, lang: Language) -> bytes:
    """Return the PDF of all transfer sheets, first ranks first."""
    decisions = in_order(plan.decisions)
    frame = furniture(plan, case, lang)
    data = {
        "furniture": frame,
        "labels": labels(lang),
        "sheets": [sheet(plan, case, decision, lang) for decision in decisions],
    }
    title = msg("Transfer sheets – {title}", title=frame["running"]).text(lang)
    files = sheet_files(plan, decisions)
    return render_pdf("sheets.typ", data, files=files, title=title, lang=lang, timestamp=plan.created_at)


def in_order(decisions: Iterable[Decision]) -> list[Decision]:
    """Return decisions by rank, then by first session (waiting patients last of their rank), then by code."""
    return sorted(
        decisions, key=lambda d: (d.rank, d.start_date is None, str(d.start_date or d.latest_start_date), d.patient_id)
    )


def labels(lang: Language) -> dict[str, str]:
    """Return the fixed words of a sheet."""
    return {name: message.text(lang) for name, message in LABELS.items()}


def qr_codes(plan: Plan, decisions: Iterable[Decision]) -> dict[str, bytes]:
    """Return one SVG per patient: patient code, plan fingerprint, sheet version, nothing else."""
    fingerprint, version = plan_fingerprint(plan), packaged_checklist().version
    return {f"qr-{d.patient_id}.svg": _qr_code(f"{d.patient_id} {fingerprint} {version}") for d in decisions}


@lru_cache(maxsize=4096)
def _qr_code(words: str) -> bytes:
    stream = io.BytesIO()
    segno.make_qr(words, error="m", mask=2).save(stream, kind="svg", border=0, xmldecl=False)
    return stream.getvalue()


def sheet_files(plan: Plan, decisions: Sequence[Decision]) -> dict[str, bytes]:
    """Return the files that the sheets of these patients read: their codes, and a mark of their own.

    Typst lays a page out again when it stands elsewhere, unless it begins with something no other page has: with its mark
    a sheet of the booklets is taken as it was laid out among all sheets, at a fifth of the time.
    """
    return qr_codes(plan, decisions) | {f"mark-{d.patient_id}.typ": b"#v(0pt, weak: true)" for d in decisions}


def sheet(plan: Plan, case: Case, decision: Decision, lang: Language) -> dict[str, Any]:
    """Return what one sheet says, as `sheet.typ` expects it."""
    patient = next(p for p in case.patients if p.patient_id == decision.patient_id)
    notes = words.texts(reservations(plan, case, [decision]), lang)
    doubts = words.fields(decision.to_confirm, lang)
    alert = msg("DO NOT TREAT before two sources agree on the fractions delivered").text(lang)
    return {
        "code": decision.patient_id,
        "kind": decision.action,
        "title": TITLES[decision.action].text(lang),
        "watermark": "\n".join(notes),
        "notes": notes,
        "alert": alert if patient.delivered_fractions is None else "",
        **_three_facts(case, decision, lang),
        "strip": _strip(case, decision, lang),
        "rank": decision.rank,
        "grade": decision.grade or "",
        "why": clipped(
            words.reasons(decision, lang, most=4, without=("grade", "delivered_unknown", "wait_until")), 560
        ),
        "outlook": _outlook(case, decision, lang),
        "timeline": _timeline(case, patient, decision, lang),
        **_checklist(case, patient, decision, lang),
        "signatories": words.texts(SIGNATORIES[decision.action], lang),
        "confirm": msg("To confirm: {what}", what=doubts).text(lang) if doubts else "",
        "version": packaged_checklist().version,
    }


def _three_facts(case: Case, decision: Decision, lang: Language) -> dict[str, Any]:
    """Return where and when, the facts read at arm's length with the code."""
    wait = decision.action == "wait"
    centre_id = decision.home_centre_id if wait or decision.centre_id is None else decision.centre_id
    moment = decision.reopening.likely if wait and decision.reopening else decision.start_date
    return {
        "where_label": WHERE[decision.action].text(lang),
        "where": words.place_name(case, centre_id),
        "linac": decision.linac_id or "",
        "when_label": WHEN[decision.action].text(lang),
        "when": ["–"] if moment is None else words.day(moment, lang).split(" ", 1),
    }


def _strip(case: Case, decision: Decision, lang: Language) -> list[dict[str, str]]:
    """Return the second line of facts: label, value, and a shape where there is one."""
    late = decision.latest_start_date
    deadline = msg("already past").text(lang) if late is None else words.short_day(late, lang)
    tolerance = words.days(decision.tolerance_days, lang)
    rows = [
        {
            "label": LABELS["rank"].text(lang),
            "value": words.RANKS[decision.rank].text(lang),
            "shape": f"P{decision.rank}",
        },
        {"label": LABELS["category"].text(lang), "value": words.category(decision.category, lang), "shape": ""},
        {
            "label": LABELS["deadline"].text(lang),
            "value": msg("{day} (tolerance {days})", day=deadline, days=tolerance).text(lang),
            "shape": "",
        },
    ]
    if decision.grade is not None:
        label, value = LABELS["grade"].text(lang), words.GRADES[decision.grade].text(lang)
        rows.insert(0, {"label": label, "value": value, "shape": words.GRADE_CODES[decision.grade].text(lang)})
    if decision.action != "wait":
        rows.insert(
            0,
            {"label": LABELS["from"].text(lang), "value": words.place_name(case, decision.home_centre_id), "shape": ""},
        )
    return rows


def _outlook(case: Case, decision: Decision, lang: Language) -> list[dict[str, str]]:
    """Return what a waiting patient waits for, and what would change the decision."""
    if decision.action != "wait" or decision.reopening is None:
        return []
    reopening = decision.reopening
    dates = {
        msg("Reopening if all goes well"): reopening.low,
        msg("Most likely reopening"): reopening.likely,
        msg("Reopening if it goes badly"): reopening.high,
    }
    rows = [{"label": label.text(lang), "value": words.day(value, lang)} for label, value in dates.items()]
    limit = decision.waiting_right_up_to_days
    codes = {reason.code for reason in decision.reasons}
    if limit is None:
        change = msg("No centre can take this patient today: any new capacity, or another travel limit, changes this.")
    else:
        last = words.day(case.scenario.day_zero + timedelta(days=limit), lang)
        change = (
            msg("If a place is found: beyond {n} days of outage (after {day}) a transfer is better.", n=limit, day=last)
            if "wait_no_room" in codes
            else msg(
                "If the outage lasts more than {n} days (after {day}), a transfer becomes better.", n=limit, day=last
            )
        )
    return [*rows, {"label": LABELS["wait"].text(lang), "value": change.text(lang)}]


def _checklist(case: Case, patient: Patient, decision: Decision, lang: Language) -> dict[str, Any]:
    """Return the blocks of the checklist with the items this patient needs, laid in two even columns."""
    checklist, facts = packaged_checklist(), Facts(patient, decision, case, lang)
    holding = true_conditions(patient, decision, case)
    wide: list[dict[str, Any]] = []
    blocks: list[dict[str, Any]] = []
    for block in checklist.blocks:
        items = [
            _item(item, facts, lang) for item in checklist.items if item.block == block.id and needed(item, holding)
        ]
        if items:
            options = options_table(patient, decision, case, lang) if block.id == "compensation" else None
            if options is not None:
                items[0]["write"] = []  # the table has its own lines to sign
            (wide if block.wide else blocks).append({"title": text(block, lang), "items": items, "options": options})
    heights = [_height(block) for block in blocks]
    split = _split(heights)
    # the warning of an unknown count, the box of a waiting patient and long reasons take lines too
    above: float = 3 * (patient.delivered_fractions is None) + 7 * (decision.action == "wait")
    above += 1.3 * (len(words.reasons(decision, lang, most=4)) // 112)
    room = FULL - above - max(sum(heights[:split]), sum(heights[split:]))
    return {"wide": wide, "blocks": blocks, "split": split, "pad": round(min(max(room * 0.03, TIGHT), LOOSE), 2)}


def _item(item: Item, facts: Facts, lang: Language) -> dict[str, Any]:
    return {
        "level": item.level,
        "letter": LEVELS[item.level].text(lang),
        "text": words.french_spaces(text(item, lang)).replace("'", "’") if lang == "fr" else text(item, lang),
        "known": [
            {"text": " · ".join(f.text for f in same), "origin": origin.text(lang), "sure": origin != CONFIRM}
            for origin, same in groupby(facts.of(item.known), key=lambda fact: fact.origin)
        ],
        "write": [] if item.write is None else list(item.write.fr if lang == "fr" else item.write.en),
    }


def _height(block: dict[str, Any]) -> float:
    """Return about how many lines a block takes; near enough to balance two columns."""
    lines = 2.2 if block["options"] is None else 6.5 + 1.3 * len(block["options"]["rows"])
    for item in block["items"]:
        known = " · ".join(f"{fact['text']} {fact['origin']}" for fact in item["known"])
        lines += 0.6 + ceil(len(item["text"]) / LINE) + ceil(len(known) / (LINE - 4)) + 1.1 * bool(item["write"])
    return lines


def _split(heights: list[float]) -> int:
    """Return how many blocks stand in the left column, so that the taller column is as short as can be."""
    return min(range(len(heights) + 1), key=lambda n: max(sum(heights[:n]), sum(heights[n:])))


def _timeline(case: Case, patient: Patient, decision: Decision, lang: Language) -> dict[str, Any]:
    """Return sessions done, missed and planned, as days counted from the first Monday drawn."""
    zero = case.scenario.day_zero
    home = home_calendar(patient, zero, stereotactic_gap_h=case.policy.min_hours_between_stereotactic)
    start, limit = _restart_date(decision), _limit(home, decision)
    sessions = decision.sessions or home.sessions_from(start)
    first = zero - timedelta(days=zero.weekday() + 7)
    last = max(sessions[-1].date, limit, home.planned_end) + timedelta(days=2)
    length = min((last - first).days + 1, 120)

    def at(when: date) -> int:
        return (when - first).days

    marks: list[dict[str, Any]] = [{"at": at(d), "kind": "done"} for d in _known_deliveries(patient) if d >= first]
    marks += [{"at": at(s.date), "kind": "missed"} for s in home.sessions if s.date < start]
    kind = "likely" if decision.action == "wait" else "planned"
    marks += [{"at": at(s.date), "kind": kind, "n": s.fractions} for s in sessions]
    lines: list[dict[str, Any]] = [
        {"at": at(zero), "label": msg("attack").text(lang), "kind": "attack"},
        {"at": at(limit), "label": msg("tolerance").text(lang), "kind": "limit"},
    ]
    late = decision.latest_start_date
    if late is not None:
        lines.append({"at": at(late), "label": words.short_day(late, lang), "kind": "deadline"})
    return {
        "length": length,
        "delivered": "?" if patient.delivered_fractions is None else str(patient.delivered_fractions),
        "total": str(patient.prescribed_fractions),
        "closed": [n for n in range(length) if not FRENCH.is_treatment_day(first + timedelta(days=n))],
        "weeks": [
            {"at": n, "label": words.short_day(first + timedelta(days=n), lang)} for n in range(0, length - 4, 7)
        ],
        "marks": [mark for mark in marks if mark["at"] < length],
        "lines": [line for line in lines if line["at"] < length],
        "what": (msg("end tolerated until") if home.on_treatment else msg("start tolerated until")).text(lang),
        "limit": words.short_day(limit, lang),
    }


def _known_deliveries(patient: Patient) -> list[date]:
    """Return the days of past sessions: all of them when the count fills the days between the first and the last, else the last."""
    first, last, count = patient.first_fraction_date, patient.last_fraction_date, patient.delivered_fractions
    if last is None or not patient.treated_on_treatment:
        return []
    days = [] if first is None else list(FRENCH.treatment_days(first, last))
    return days if len(days) == count and (patient.fractions_per_day or 1) == 1 else [last]


def _restart_date(decision: Decision) -> date:
    """Return the first session, or the likely reopening for a waiting patient."""
    if decision.start_date is not None:
        return decision.start_date
    if decision.reopening is not None:
        return decision.reopening.likely
    raise ValueError(f"{decision.patient_id}: neither a start nor a reopening")


def _limit(home: HomeCalendar, decision: Decision) -> date:
    """Return the last day at which the course may end (the first session, if it has not begun) within tolerance."""
    if home.on_treatment:
        return home.planned_end + timedelta(days=decision.tolerance_days - home.so_far)
    return home.baseline + timedelta(days=decision.tolerance_days)
