"""The plan on a terminal: what is decided, who exceeds tolerance, loads, proof, where the files are."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from transfer_planner.cli.common import NOT_VERIFIED, OVER_TOLERANCE
from transfer_planner.cli.terminal import console
from transfer_planner.i18n import Language, Message, msg
from transfer_planner.reports import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from transfer_planner.domain.base import Action, Category
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Decision, Plan, Tier
    from transfer_planner.planning.verify import Violation

ACTIONS: dict[Action, Message] = {
    "transfer": msg("transferred"),
    "restart": msg("treated at home, degraded mode"),
    "wait": msg("waiting for reopening"),
}
INTERRUPTED = msg("Search interrupted: this is the best plan found until then; it holds all the rules.")
CATEGORIES: dict[Category | None, Message] = {
    1: msg("category 1"),
    2: msg("category 2"),
    3: msg("category 3"),
    None: msg("category to triage"),
}


def show_plan(plan: Plan, case: Case, out: Path, files: Sequence[str], lang: Language) -> None:
    """Sum a plan up on stdout."""
    screen = console()
    title = f"{plan.title.get(lang) or plan.title.get('fr', plan.scenario_id)} · {words.day(plan.attack_date, lang)}"
    screen.print(Text(title, style="bold"))
    if plan.exercise:
        screen.print(Text(msg("EXERCISE – fictitious data").text(lang), style="bold yellow"))
    if plan.solver.get("interrupted"):
        screen.print(Text(INTERRUPTED.text(lang), style="bold yellow"))
    screen.print(_decisions_table(plan, lang), "")
    names = {centre.id: centre.name or centre.id for centre in case.network.centres}
    if plan.summary.transferred:
        screen.print(_destinations_table(plan, names, lang))
    moves = [
        msg(
            "{centre}: {physicists} FTE of physics, {oncologists} oncologist(s), from {day}",
            centre=names[move.centre_id],
            physicists=words.number(move.physics_fte, lang),
            oncologists=move.oncologists,
            day=words.short_day(move.from_date, lang),
        )
        for move in plan.redeployment
    ]
    _show_list(msg("Staff to redeploy:"), [move.text(lang) for move in moves], lang)
    _show_over_tolerance(plan.decisions, names, lang)
    _show_proof(plan, lang)
    _show_list(msg("Assumed; to be confirmed before acting:"), plan.summary.assumed(lang), lang)
    show_files(out, files, lang)


def _decisions_table(plan: Plan, lang: Language) -> Table:
    counts = Counter((decision.category, decision.action) for decision in plan.decisions)
    table = Table(title=msg("{count} patients", count=plan.summary.patients).text(lang), title_justify="left")
    table.add_column("")
    for action in ACTIONS.values():
        table.add_column(action.text(lang), justify="right")
    table.add_column(msg("over tolerance").text(lang), justify="right")
    for category, label in CATEGORIES.items():
        row = [counts[category, action] for action in ACTIONS]
        if any(row):
            over = sum(d.category == category and d.excess_tenths > 0 for d in plan.decisions)
            table.add_row(label.text(lang), *map(str, row), Text(str(over), style="bold red" if over else ""))
    if plan.not_planned:
        text = msg("{count} patient(s) with no fraction left are not planned", count=len(plan.not_planned))
        table.caption, table.caption_justify = text.text(lang), "left"
    return table


def _destinations_table(plan: Plan, names: dict[str, str], lang: Language) -> Table:
    """Patients and load of each destination: busiest linac-day, and minutes over all."""
    received = Counter(d.centre_id for d in plan.decisions if d.action == "transfer")
    table = Table(title=msg("Destinations").text(lang), title_justify="left")
    headings = (msg("centre"), msg("patients"), msg("minutes received"), msg("fullest linac-day"), msg("first arrival"))
    for heading in headings:
        table.add_column(heading.text(lang), justify="left" if heading is headings[0] else "right")
    for centre_id, patients in received.most_common():
        loads = [load for load in plan.loads if load.centre_id == centre_id]
        peak = max(((load.booked_min + load.transferred_min) / max(1, load.capacity_min) for load in loads), default=0)
        first = min(d.start_date for d in plan.decisions if d.centre_id == centre_id and d.start_date is not None)
        minutes = sum(load.transferred_min for load in loads)
        table.add_row(names[centre_id or ""], str(patients), str(minutes), f"{peak:.0%}", words.short_day(first, lang))
    return table


def _show_over_tolerance(decisions: Iterable[Decision], names: dict[str, str], lang: Language) -> None:
    over = sorted((d for d in decisions if d.excess_tenths > 0), key=lambda d: (d.rank, -d.excess_tenths, d.patient_id))
    console().print()
    if not over:
        console().print(Text(msg("Nobody exceeds tolerance.").text(lang), style="green"))
        return
    title = msg("{count} patient(s) beyond tolerance, most urgent first:", count=len(over))
    console().print(Text(title.text(lang), style="bold red"))
    for decision in over:
        text = msg(
            "P{rank} {patient}: {action}, {excess} days over {tolerance}",
            rank=decision.rank,
            patient=decision.patient_id,
            action=_action(decision, names, lang),
            excess=words.number(decision.excess_tenths / 10, lang),
            tolerance=decision.tolerance_days,
        )
        why = " – ".join(reason.said(lang) for reason in decision.reasons)
        console().print(Text(f"  • {text.text(lang)}").append(f" – {why}" if why else "", style="dim"))


def _action(decision: Decision, names: dict[str, str], lang: Language) -> Message:
    if decision.action != "transfer" or decision.start_date is None:
        return ACTIONS[decision.action]
    centre = names[decision.centre_id or ""]
    return msg("{centre} on {day}", centre=centre, day=words.short_day(decision.start_date, lang))


def _show_proof(plan: Plan, lang: Language) -> None:
    console().print()
    if all(tier.proven for tier in plan.tiers):
        text = msg("No better plan exists under the rules: every tier is proven optimal.")
    else:
        text = msg("Plan found in the time given; what is proven of each tier:")
    console().print(Text(text.text(lang), style="bold"))
    for tier in plan.tiers:
        console().print(f"  {tier_in_words(tier, lang).text(lang)}")


def tier_in_words(tier: Tier, lang: Language) -> Message:
    """Say a tier and what is proven of it."""
    scale = 1 if tier.id == "T6" else 10
    value, bound = words.number(tier.value / scale, lang), words.number(tier.bound / scale, lang)
    proof = msg("proven optimal") if tier.proven else msg("not proven; no plan goes below {bound}", bound=bound)
    if tier.id == "T6":
        return msg("T6, burden in minutes: {value} – {proof}", value=value, proof=proof)
    return msg(
        "{id}, days beyond tolerance at rank P{rank}: {value} – {proof}",
        id=tier.id,
        rank=tier.id[1],
        value=value,
        proof=proof,
    )


def show_files(out: Path, files: Sequence[str], lang: Language) -> None:
    """Say where the outputs are."""
    _show_list(msg("Written to {folder}:", folder=out), files, lang)


def _show_list(title: Message, items: Sequence[str], lang: Language) -> None:
    if items:
        console().print(Text(f"\n{title.text(lang)}", style="bold"))
        for item in items:
            console().print(Text(f"  {item}"))


def plan_fields(out: Path, files: Sequence[str], violations: Sequence[Violation], lang: Language) -> dict[str, Any]:
    """Return what `plan --json` prints: plan.json as written, then where the outputs are and what the plan breaks."""
    content: dict[str, Any] = json.loads((out / "plan.json").read_text("utf-8"))
    broken = [violation_fields(violation, lang) for violation in violations]
    return content | {"out": str(out), "files": files, "violations": broken}


def exit_code(plan: Plan, violations: Sequence[Violation]) -> int:
    """Return the exit code of `plan`."""
    if violations:
        return NOT_VERIFIED
    return OVER_TOLERANCE if any(plan.summary.over_tolerance.values()) else 0


def violation_fields(violation: Violation, lang: Language) -> dict[str, Any]:
    """Return a violation as plain fields."""
    return {
        "rule": violation.rule,
        "patient_id": violation.patient_id,
        "centre_id": violation.centre_id,
        "date": violation.date and violation.date.isoformat(),
        "text": violation.text.text(lang),
    }


def show_violations(violations: Sequence[Violation], lang: Language) -> None:
    """List on stderr what a plan breaks."""
    if not violations:
        return
    screen = console(stderr=True)
    title = msg("VERIFICATION FAILED, do not act on this plan: {count} fault(s)", count=len(violations))
    screen.print(Text(title.text(lang), style="bold red"))
    for violation in violations:
        screen.print(Text(f"  • [{violation.rule}] {violation.text.text(lang)}"))
