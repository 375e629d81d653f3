"""Verify a plan: every hard rule, every tier and every number that it states, computed again from the input files.

No code is shared with the programme that is solved, nor with the solver: what this module accepts has been computed twice.
"""

from __future__ import annotations

import dataclasses
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from transfer_planner.i18n import Day, Message, msg
from transfer_planner.planning import verify_fields, verify_totals
from transfer_planner.planning.verify_facts import Facts, Violation, gather_facts
from transfer_planner.planning.verify_rules import (
    check_h01_one_decision,
    check_h02_destinations,
    check_h03_deliverable,
    check_h04_ready,
    check_h05_minutes,
    check_h06_new_starts,
    check_h07_physics_hours,
    check_h08_simulations,
    check_h09_travel,
    check_h10_pins,
    check_h11_two_sessions,
    check_h12_chemotherapy,
    check_h13_session_days,
)
from transfer_planner.planning.verify_tiers import check_tier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan

    Check = Callable[[Plan, Facts], Iterator[Violation]]

__all__ = ["RULES", "STATEMENTS", "Violation", "verify_plan"]

RULES: dict[str, Check] = {
    "H01": check_h01_one_decision,
    "H02": check_h02_destinations,
    "H03": check_h03_deliverable,
    "H04": check_h04_ready,
    "H05": check_h05_minutes,
    "H06": check_h06_new_starts,
    "H07": check_h07_physics_hours,
    "H08": check_h08_simulations,
    "H09": check_h09_travel,
    "H10": check_h10_pins,
    "H11": check_h11_two_sessions,
    "H12": check_h12_chemotherapy,
    "H13": check_h13_session_days,
    "T1": partial(check_tier, tier="T1"),
    "T2": partial(check_tier, tier="T2"),
    "T3": partial(check_tier, tier="T3"),
    "T4": partial(check_tier, tier="T4"),
    "T5": partial(check_tier, tier="T5"),
    "T6": partial(check_tier, tier="T6"),
}
"""The hard rules and the tiers, each checked by one function and told in one paragraph of docs/formulation.md."""

STATEMENTS: tuple[Check, ...] = (
    verify_fields.check_header,
    verify_fields.check_not_planned,
    verify_fields.check_patient_fields,
    verify_fields.check_outcome_fields,
    verify_fields.check_treatment_fields,
    verify_fields.check_wait_fields,
    verify_totals.check_loads,
    verify_totals.check_centre_days,
    verify_totals.check_redeployment,
    verify_totals.check_summary,
)
"""Checks of everything else that plan.json states; their violations carry the path of the field."""


def verify_plan(plan: Plan, case: Case) -> tuple[Violation, ...]:
    """Return everything in a plan that the input files contradict; empty when it holds.

    Parameters
    ----------
    plan
        The plan, as read or as made.
    case
        The input files, read again.
    """
    facts = gather_facts(case)
    found = (violation for check in (*RULES.values(), *STATEMENTS) for violation in check(plan, facts))
    return tuple(dataclasses.replace(violation, text=_in_words(violation.text)) for violation in found)


def _in_words(message: Message) -> Message:
    return Message(message.source, {name: _said(value) for name, value in message.params.items()})


def _said(value: object) -> object:
    """Return a value of a plan as people say it, in their language."""
    if isinstance(value, Message):
        return _in_words(value)
    if isinstance(value, bool):
        return msg("yes") if value else msg("no")
    if isinstance(value, date):
        return Day(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, list | tuple) and value:
        names = [f"item{number}" for number in range(len(value))]
        return Message(", ".join(f"{{{name}}}" for name in names), dict(zip(names, map(_said, value), strict=True)))
    return msg("(nothing)") if value in (None, (), []) else value


def _number(value: float) -> Message | str:
    whole, _, decimals = f"{value:.2f}".rstrip("0").partition(".")
    return msg("{whole}.{decimals}", whole=whole, decimals=decimals) if decimals else whole
