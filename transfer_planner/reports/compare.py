"""Two plans side by side: who changes, from where to where, and what the objective gains or loses."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from transfer_planner.domain.plan import TIERS
from transfer_planner.i18n import Message, msg
from transfer_planner.reports import map_words, words
from transfer_planner.reports.furniture import plan_fingerprint
from transfer_planner.reports.map_facts import Flow, MapFacts, map_facts
from transfer_planner.reports.map_legend import Caption
from transfer_planner.reports.maps_svg import draw

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Decision, Plan, Tier
    from transfer_planner.i18n import Language
    from transfer_planner.reports.map_facts import Line, Stop

KINDS: dict[str, Message] = {
    "placed": msg("transfer instead of waiting"),
    "moved": msg("to another centre"),
    "undone": msg("back to the home centre"),
    "home": msg("waiting or restarting at home"),
    "day": msg("another first session"),
    "course": msg("another linac or course"),
    "new": msg("only in the second plan"),
    "gone": msg("only in the first plan"),
}
"""What may change for a patient, the gravest first to organise."""


class Change(NamedTuple):
    """A patient whom two plans do not treat alike; None where a plan does not know the patient."""

    patient_id: str
    rank: int
    before: Decision | None
    after: Decision | None

    @property
    def kind(self) -> str:
        """What changes most."""
        before, after = self.before, self.after
        if before is None or after is None:
            return "new" if before is None else "gone"
        away = (before.action == "transfer", after.action == "transfer")
        if away[0] != away[1]:
            return "placed" if away[1] else "undone"
        if before.centre_id != after.centre_id and all(away):
            return "moved"
        if before.action != after.action:
            return "home"
        return "day" if before.start_date != after.start_date else "course"


def changes(before: Plan, after: Plan) -> list[Change]:
    """Return the patients whose place, day, linac or course differ, what changes most first, then by rank."""
    old, new = ({d.patient_id: d for d in plan.decisions} for plan in (before, after))
    found = []
    for code in sorted({*old, *new}):
        one, two = old.get(code), new.get(code)
        if one is None or two is None or _treatment(one) != _treatment(two):
            known = two or one
            found.append(Change(code, known.rank if known else 0, one, two))
    order = list(KINDS)
    return sorted(found, key=lambda change: (order.index(change.kind), change.rank, change.patient_id))


def _treatment(decision: Decision) -> tuple[object, ...]:
    """Return what a patient notices: where, when, how; of a wait, that it is one."""
    where = (decision.centre_id, decision.linac_id) if decision.action != "wait" else ()
    when = decision.start_date if where else None
    return decision.action, where, when, decision.technique, decision.compensation


def kind_counts(found: Iterable[Change]) -> list[tuple[int, Message]]:
    """Count the changes by kind."""
    counts = Counter(change.kind for change in found)
    return [(counts[kind], said) for kind, said in KINDS.items() if counts[kind]]


def decision_words(decision: Decision | None, case: Case, lang: Language) -> str:
    """Say where and when, on one line."""
    if decision is None:
        return "–"
    if decision.action == "wait" or decision.start_date is None or decision.centre_id is None:
        return msg("waits for the reopening").text(lang)
    known = {centre.id: centre.name or centre.id for centre in case.network.centres}
    where = (
        msg("at home").text(lang) if decision.action == "restart" else known.get(decision.centre_id, decision.centre_id)
    )
    facts = [where, decision.linac_id or "", words.short_day(decision.start_date, lang)]
    if decision.compensation != "none":
        facts.append(words.COMPENSATIONS[decision.compensation].text(lang))
    return ", ".join(fact for fact in facts if fact)


def tier_rows(before: Plan, after: Plan, lang: Language) -> list[list[str]]:
    """Return, for each tier, its name, its two values and their difference; a difference below zero is a gain."""
    old, new = ({tier.id: tier for tier in plan.tiers} for plan in (before, after))
    return [
        [
            tier,
            _what(tier).text(lang),
            *(_amount(row, lang) for row in (old[tier], new[tier])),
            _gap(old[tier], new[tier], lang),
        ]
        for tier in TIERS
        if tier in old and tier in new
    ]


def _what(tier: str) -> Message:
    if tier == "T6":
        return msg("burden: travel, prolongation, physics, overtime")
    return msg("days beyond tolerance of the patients P{rank}", rank=tier[1])


def _amount(tier: Tier, lang: Language, value: int | None = None) -> str:
    shown = tier.value if value is None else value
    return words.number(shown, lang, 0) if tier.id == "T6" else words.number(shown / 10, lang)


def _gap(old: Tier, new: Tier, lang: Language) -> str:
    gap = new.value - old.value
    return "=" if gap == 0 else ("+" if gap > 0 else "−") + _amount(old, lang, abs(gap))


def plan_label(plan: Plan, lang: Language) -> str:
    """Say which plan it is."""
    when, print_ = words.moment(plan.created_at, lang), plan_fingerprint(plan)
    return msg("plan {plan}, edited {when}", plan=print_, when=when).text(lang)


def comparison_svg(before: Plan, after: Plan, case: Case, lang: Language) -> str:
    """Draw who changes place between two plans."""
    found = changes(before, after)
    caption = Caption(
        title(after, lang),
        map_words.warning(after, case, lang),
        [(len(found), msg("patients who change")), *kind_counts(found)],
        msg("Line: what changes"),
        msg("Nobody changes place."),
    )
    return draw(_facts(before, after, case, found), caption, lang)


def title(after: Plan, lang: Language) -> str:
    """Return the title of the comparison."""
    return msg("Two plans compared – {scenario}", scenario=map_words.title(after, lang)).text(lang)


def _facts(before: Plan, after: Plan, case: Case, found: Iterable[Change]) -> MapFacts:
    """Return the map of the second plan, its flows replaced by what changes."""
    facts = map_facts(after, case)
    old = before.summary.by_destination
    stops = {stop.id: _stop(stop, old.get(stop.id, 0)) for stop in facts.stops.values()}
    routes: dict[tuple[str, str], Counter[Line]] = {}
    for change in found:
        if change.before is not None and change.after is not None and change.kind in map_words.LINES:
            route = _place(change.before), _place(change.after)
            routes.setdefault(route, Counter())[change.kind] += 1
    flows = (Flow(*route, dict(counts)) for route, counts in sorted(routes.items()))
    return MapFacts(stops, tuple(flow for flow in flows if {flow.origin, flow.destination} <= set(stops)), (), ())


def _stop(stop: Stop, before: int) -> Stop:
    """Return a centre with the patients it receives in either plan."""
    part = "destination" if before and stop.part == "unused" else stop.part
    note = msg("{before}, then {after} patients", before=before, after=stop.patients) if part == "destination" else None
    return replace(stop, part=part, note=note, days=())


def _place(decision: Decision) -> str:
    away = decision.action == "transfer" and decision.centre_id
    return decision.centre_id if away and decision.centre_id else decision.home_centre_id
