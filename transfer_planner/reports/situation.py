"""The numbered situation report to the health agency, in counts only, and the obligations clock."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from transfer_planner.i18n import Message, msg
from transfer_planner.reports import words
from transfer_planner.reports.obligations import clock_rows, packaged_obligations
from transfer_planner.reports.typeset import render_pdf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transfer_planner.domain.base import Category
    from transfer_planner.domain.centre import Centre
    from transfer_planner.domain.patient import Patient
    from transfer_planner.reports.desk import Desk

REPORT = {
    "kind": msg("Situation report to the regional health agency (ARS)"),
    "scope": msg("Scope"),
    "patients": msg("Patients concerned"),
    "solution": msg("With and without solution"),
    "needs": msg("Needs"),
    "other": msg("Other needs, difficulties, decisions expected of the agency"),
    "next": msg("Next report on, at"),
    "author": msg("Sent by (role, name, phone)"),
    "sent": msg("Sent at, to"),
    "definition": msg(
        "A solution: the plan keeps the patient within the tolerated prolongation, here, elsewhere or by a short wait."
    ),
    "no_plan": msg("No plan yet: to be filled in by hand, or in the next report."),
    "no_identity": msg("Counts only: no patient code or name stands on this page."),
}
CLOCK = {
    "kind": msg("Obligations clock"),
    "when": msg("By when"),
    "what": msg("What"),
    "whom": msg("Towards whom"),
    "source": msg("Source"),
    "status": msg("To verify"),
    "done": msg("Done at, by"),
    "warning": msg(
        "Aid to memory, not legal advice: which texts apply to your centre is to be verified by the direction or a lawyer."
        " Hours are counted from the moment of the attack, the cautious start; several texts count from when it is known."
    ),
}
SOLUTION_HEADS = (
    msg("Category"),
    msg("Patients"),
    msg("with solution"),
    msg("without solution"),
    msg("waiting for reopening"),
)


def situation_report(desk: Desk) -> bytes:
    """Return the PDF of the report, one page."""
    title = msg("Situation report no. {n}", n=desk.number).text(desk.lang)
    data = {
        "furniture": desk.furniture(desk.decisions.values()),
        "words": desk.say(REPORT),
        "heading": title,
        "moment": words.moment(desk.now, desk.lang),
        "scope": words.texts(_scope(desk), desk.lang),
        "figures": _figures(desk),
        "table": words.table(SOLUTION_HEADS, _solutions(desk), desk.lang),
        "planned": desk.plan is not None,
        "needs": words.texts(_needs(desk), desk.lang),
    }
    return render_pdf("situation.typ", data, title=title, lang=desk.lang, timestamp=desk.now)


def obligations_clock(desk: Desk) -> bytes:
    """Return the PDF of the obligations, the most pressing first."""
    attack_at = desk.case.scenario.attack_at
    data = {
        "furniture": desk.furniture(),
        "words": desk.say(CLOCK),
        "start": msg("Attack: {when}", when=words.moment(attack_at, desk.lang)).text(desk.lang),
        "rows": clock_rows(attack_at, desk.lang),
        "version": msg("Table {version}", version=packaged_obligations().version).text(desk.lang),
    }
    title = CLOCK["kind"].text(desk.lang)
    return render_pdf("obligations.typ", data, title=title, lang=desk.lang, timestamp=desk.now)


def _scope(desk: Desk) -> list[Message]:
    scenario = desk.case.scenario
    systems = [s.label or s.id for s in desk.case.network.information_systems]
    down = [s for s in desk.case.network.information_systems if s.id in scenario.compromised.information_systems]
    lines = [
        msg("Attack on {when}.", when=words.moment(scenario.attack_at, desk.lang)),
        msg(
            "Centres stopped: {centres}.",
            centres="; ".join(words.place_name(desk.case, c.id) for c in desk.stopped) or "–",
        ),
        msg(
            "Linacs down: {n} ({linacs}).",
            n=sum(len(c.linacs) for c in desk.stopped),
            linacs=_linacs(desk.stopped) or "–",
        ),
    ]
    if systems and down:
        lines.append(
            msg("Shared information systems hit: {systems}.", systems=", ".join(s.label or s.id for s in down))
        )
    out = scenario.outage_days
    lines.append(
        msg("Outage expected: {likely} days ({low} to {high}).", likely=out.likely, low=out.low, high=out.high)
    )
    return lines


def _linacs(stopped: Iterable[Centre]) -> str:
    """Return how many of each model."""
    names = (" ".join(filter(None, (x.vendor, x.model))) or "?" for centre in stopped for x in centre.linacs)
    return ", ".join(f"{n} × {name}" for name, n in sorted(Counter(names).items()))


def _figures(desk: Desk) -> list[dict[str, Any]]:
    """Return the counts the agency asks for; a blank of the roster is counted beside, never as a no."""
    patients, assessments = desk.patients, desk.assessments
    begun = [p for p in patients if assessments[p.patient_id].on_treatment]

    def first(category: Category | None, group: Iterable[Patient]) -> int:
        return sum(assessments[p.patient_id].category == category for p in group)

    unknown = sum(p.concurrent_chemotherapy is None for p in patients)
    unborn = sum(p.birth_year is None for p in patients)
    today = sum(desk.next_session(p) == desk.day for p in patients)
    to_know = msg("{n} not told")
    rows: list[tuple[int, Message, Message | None]] = [
        (len(begun), msg("patients on treatment"), None),
        (
            first(1, begun),
            msg("of whom category 1"),
            msg("{n} to triage", n=first(None, begun)) if first(None, begun) else None,
        ),
        (len(patients) - len(begun), msg("planned, not begun"), None),
        (today, msg("sessions expected today"), None),
        (sum(p.urgency == "emergency" for p in patients), msg("emergencies"), None),
        (
            sum(bool(p.concurrent_chemotherapy) for p in patients),
            msg("concurrent chemotherapy"),
            msg(to_know.source, n=unknown) if unknown else None,
        ),
        (
            sum(assessments[p.patient_id].minor for p in patients),
            msg("children"),
            msg(to_know.source, n=unborn) if unborn else None,
        ),
        (sum(bool(p.anaesthesia) for p in patients), msg("under anaesthesia"), None),
    ]
    return [
        {"value": str(value), "label": label.text(desk.lang), "beside": beside.text(desk.lang) if beside else ""}
        for value, label, beside in rows
    ]


def _solutions(desk: Desk) -> list[list[str]]:
    """Return, by category, patients with and without solution; blanks before the first plan."""
    codes = {p.patient_id: desk.assessments[p.patient_id].category for p in desk.patients}
    found = [d for d in desk.decisions.values() if d.patient_id in codes]
    rows, keys = [], (1, 2, 3, None)
    for key in (*keys, "all"):
        here = [code for code, category in codes.items() if key in {category, "all"}]
        mine = [d for d in found if d.patient_id in set(here)]
        late = [d for d in mine if d.excess_tenths > 0]
        waiting = sum(d.action == "wait" for d in mine)
        label = msg("all").text(desk.lang) if key == "all" else words.category(key, desk.lang)  # type: ignore[arg-type]
        counts = [len(mine) - len(late), len(late), waiting] if desk.plan is not None else ["", "", ""]
        rows.append([label, str(len(here)), *map(str, counts)])
    return rows


def _needs(desk: Desk) -> list[Message]:
    """Return what the plan needs of others."""
    if desk.plan is None:
        return []
    moved = [d for d in desk.decisions.values() if d.action == "transfer"]
    modes = Counter({p.patient_id: p.mobility or "seated" for p in desk.case.patients}[d.patient_id] for d in moved)
    needs = [
        msg(
            "Agreement of {n} destination(s) to receive {patients} patient(s).",
            n=len({d.centre_id for d in moved}),
            patients=len(moved),
        ),
        msg(
            "Physics at the destinations: {hours} h.",
            hours=words.number(sum(d.physics_hours for d in moved), desk.lang, 0),
        ),
        msg(
            "Transport: {n} new prescriptions ({ambulance} by ambulance, {seated} seated, {own} by own car).",
            n=len(moved),
            ambulance=modes["ambulance"],
            seated=modes["seated"],
            own=modes["own"],
        ),
    ]
    far = sum((d.travel_km or 0) > 150 for d in moved)
    lodged = sum(any(r.code == "lodging" for r in d.reasons) for d in moved)
    if far:
        needs.append(msg("Prior agreement of the health insurance beyond 150 km: {n} patient(s).", n=far))
    if lodged:
        needs.append(msg("Lodging near the destination: {n} patient(s).", n=lodged))
    if desk.plan.redeployment:
        fte = sum(move.physics_fte for move in desk.plan.redeployment)
        doctors = sum(move.oncologists for move in desk.plan.redeployment)
        needs.append(
            msg(
                "Staff to send: {fte} FTE of physics, {doctors} oncologist(s).",
                fte=words.number(fte, desk.lang),
                doctors=doctors,
            )
        )
    if desk.plan.summary.saturday_openings:
        needs.append(msg("Saturday openings: {n}.", n=desk.plan.summary.saturday_openings))
    return needs
