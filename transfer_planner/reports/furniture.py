"""What stands on every page: whence, when, from what, with which reservations."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from transfer_planner.i18n import Message, msg
from transfer_planner.reports import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Decision, Plan
    from transfer_planner.i18n import Language

EXERCISE = msg("EXERCISE – fictitious data")
UNCONFIRMED = msg("UNCONFIRMED DATA")
CAPACITY = msg("UNCONFIRMED CAPACITIES")
STATUS = {"OPTIMAL": msg("optimal, proven"), "FEASIBLE": msg("feasible, optimality not proven")}


_last: dict[str, tuple[Plan, str]] = {}


def plan_fingerprint(plan: Plan) -> str:
    """Return the first twelve digits of the fingerprint of a plan, the same whenever and however fast it was made."""
    last = _last.get("plan")  # every page asks for it
    if last is None or last[0] is not plan:
        last = _last["plan"] = (plan, _fingerprint(plan))
    return last[1]


def _fingerprint(plan: Plan) -> str:
    # where the files stand and how long the solver took are no part of what was decided
    bare = plan.model_dump(mode="json", exclude={"created_at", "wall_s", "solver", "inputs", "superseded_by"})
    return hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()[:12]


def capacity_confirmed(case: Case, centre_id: str) -> bool:
    """Return whether a destination told its spare minutes, by phone or in its survey."""
    answers = [a for a in case.scenario.declared_capacity if a.centre_id == centre_id]
    if any(answer.spare_minutes_per_day is not None for answer in answers):
        return True
    linacs = case.network.centre(centre_id).linacs
    return bool(linacs) and all(linac.provenance.get("booked_min_per_day") == "declared" for linac in linacs)


def reservations(plan: Plan, case: Case, decisions: Iterable[Decision]) -> tuple[Message, ...]:
    """Return what every reader must know before trusting a page about these decisions, gravest first."""
    here = tuple(decisions)
    found = []
    if plan.superseded_by:
        found.append(msg("SUPERSEDED – see plan {plan}", plan=plan.superseded_by))
    if plan.exercise or case.network.fictitious:
        found.append(EXERCISE)
    if any(decision.to_confirm for decision in here):
        found.append(UNCONFIRMED)
    destinations = {d.centre_id for d in here if d.action == "transfer" and d.centre_id}
    if not all(capacity_confirmed(case, centre_id) for centre_id in destinations):
        found.append(CAPACITY)
    return tuple(found)


def unconfirmed(case: Case, decisions: Iterable[Decision]) -> tuple[Message, ...]:
    """Return what must still be confirmed about these decisions: roster fields, capacities, travel."""
    here = tuple(decisions)
    asked = Counter(name for decision in here for name in decision.to_confirm)
    found = [
        msg("{field} ({count})", field=words.FIELDS.get(name, Message(name)), count=count)
        for name, count in asked.most_common()
    ]
    destinations = {d.centre_id for d in here if d.action == "transfer" and d.centre_id}
    silent = sum(not capacity_confirmed(case, centre_id) for centre_id in destinations)
    if silent:
        found.append(msg("capacities of {count} of {all} destinations", count=silent, all=len(destinations)))
    if any(d.travel_source == "estimate" for d in here if d.action == "transfer"):
        found.append(msg("travel times"))
    return tuple(found)


def footer(plan: Plan, lang: Language) -> str:
    """Return edition time, version, plan status and the fingerprints of what the plan was made from."""
    prints = {
        "centres": plan.inputs.centres.sha256[:8],
        "scenario": plan.inputs.scenario.sha256[:8],
        "roster": plan.inputs.roster.sha256[:8],
        "policy": plan.inputs.policy_sha256[:8],
    }
    return msg(
        "Edited {when} · {name} {version} · plan {plan} ({status}) · centres {centres} · scenario {scenario}"
        " · list {roster} · policy {policy}",
        when=words.moment(plan.created_at, lang),
        name=plan.software.name,
        version=plan.software.version,
        plan=plan_fingerprint(plan),
        status=STATUS[plan.status],
        **prints,
    ).text(lang)


def furniture(plan: Plan, case: Case, lang: Language, *, decisions: Iterable[Decision] | None = None) -> dict[str, Any]:
    """Return the furniture of a document, as `style.typ` expects it.

    Parameters
    ----------
    plan, case
        What the document is about.
    lang
        Language of the document.
    decisions
        The decisions it shows; all of them by default.
    """
    here = plan.decisions if decisions is None else tuple(decisions)
    texts = words.texts(reservations(plan, case, here), lang)
    todo = ", ".join(m.text(lang) for m in unconfirmed(case, here))
    return {
        "running": plan.title.get(lang) or plan.title.get("fr", plan.scenario_id),
        "footer": footer(plan, lang),
        "watermark": "\n".join(texts),
        "reservations": texts,
        "unconfirmed": msg("To confirm: {what}", what=todo).text(lang) if todo else "",
    }
