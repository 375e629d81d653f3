"""The levers of a crisis cell: each one changes the inputs in one respect."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from transfer_planner.domain.centre import Convention
from transfer_planner.i18n import Message, msg
from transfer_planner.network.graph import build_network
from transfer_planner.planning.board import answers_no
from transfer_planner.planning.explain import decimal
from transfer_planner.problem import rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.centre import Centre

Kind = Literal[
    "evening",
    "saturday",
    "physics",
    "ct",
    "starts",
    "convention",
    "accept",
    "data",
    "lodging",
    "travel",
    "physicist",
    "oncologist",
]
CAPACITY: frozenset[Kind] = frozenset({"evening", "physics", "ct", "starts"})
"""Kinds that only raise capacities of a centre: what may be decided stays the same."""
EVENING_MIN, SATURDAY_MIN, PHYSICS_H, STARTS, SLOTS, TRAVEL_MIN, LATE_DATA_H = 60, 360, 3.5, 2, 1, 30, 72


@dataclass(frozen=True)
class Lever:
    """Something that the crisis cell may obtain.

    Parameters
    ----------
    kind, centre_id
        What, and at which centre (None: everywhere).
    text
        In words.
    pull
        The case with it.
    """

    kind: Kind
    centre_id: str | None
    text: Message
    pull: Callable[[Case], Case]

    @property
    def id(self) -> str:
        """Stable name: kind and centre."""
        return self.kind if self.centre_id is None else f"{self.kind}:{self.centre_id}"


def levers(case: Case) -> tuple[Lever, ...]:
    """List the levers that a case still has."""
    graph = build_network(case.network)
    closed = rules.h02_closed_centres(graph, case.network, case.scenario)
    found: list[Lever] = []
    for centre in case.network.centres:
        if centre.id in closed or not centre.linacs:
            continue
        found += _refused(centre) if answers_no(case, centre.id) else _at(centre, case)
    return (*found, *_everywhere(case))


def _refused(centre: Centre) -> Iterator[Lever]:
    text = msg("{centre} accepts patients after all", centre=centre.name or centre.id)
    yield Lever("accept", centre.id, text, partial(_accept, centre_id=centre.id))


def _at(centre: Centre, case: Case) -> Iterator[Lever]:
    """Yield the levers of a destination."""
    one, name, surge = centre.id, centre.name or centre.id, case.scenario.surge
    yield Lever(
        "evening",
        one,
        msg("{centre}: {minutes} min more in the evening on each linac", centre=name, minutes=EVENING_MIN),
        partial(_open, centre_id=one, surge="evening", minutes=EVENING_MIN),
    )
    if not (surge.saturday and centre.opening.saturday_surge_max and "saturday" in case.scenario.compensation):
        yield Lever(
            "saturday",
            one,
            msg("{centre}: open on Saturdays, {minutes} min on each linac", centre=name, minutes=SATURDAY_MIN),
            partial(_open, centre_id=one, surge="saturday", minutes=SATURDAY_MIN),
        )
    yield Lever(
        "physics",
        one,
        msg("{centre}: half a physicist more ({hours} h a day)", centre=name, hours=decimal(PHYSICS_H)),
        partial(_more, centre_id=one, field="physics_hours_per_day", amount=PHYSICS_H),
    )
    yield Lever(
        "ct",
        one,
        msg("{centre}: {count} CT-simulator slot more a day", centre=name, count=SLOTS),
        partial(_more, centre_id=one, field="ct_simulator_slots_per_day", amount=SLOTS),
    )
    yield Lever(
        "starts",
        one,
        msg("{centre}: {count} new patients more a day", centre=name, count=STARTS),
        partial(_more, centre_id=one, field="new_starts_per_day", amount=STARTS),
    )
    homes = rules.compromised_centres(case.network, case.scenario)
    signed = {frozenset(convention.between) for convention in case.network.conventions}
    if any(frozenset((home, one)) not in signed for home in homes):
        yield Lever("convention", one, msg("{centre}: convention signed", centre=name), partial(_sign, centre_id=one))


def _everywhere(case: Case) -> Iterator[Lever]:
    """Yield the levers that belong to no centre."""
    hours = case.scenario.data_recovery.dicom_after_h
    if hours is None or hours > 0:
        text = (
            msg("data recovered a day earlier") if hours else msg("data recovered after {hours} h", hours=LATE_DATA_H)
        )
        yield Lever("data", None, text, _data)
    if not case.scenario.surge.lodging:
        yield Lever("lodging", None, msg("lodging near the centres"), _lodging)
    text = msg("usual travel limits raised by {minutes} min", minutes=TRAVEL_MIN)
    yield Lever("travel", None, text, _travel)
    yield Lever("physicist", None, msg("one more physicist redeployed"), partial(_staff, field="physics_fte"))
    yield Lever("oncologist", None, msg("one more oncologist redeployed"), partial(_staff, field="oncologists"))


def _scenario(case: Case, **update: Any) -> Case:
    return dataclasses.replace(case, scenario=case.scenario.model_copy(update=update))


def _network(case: Case, **update: Any) -> Case:
    return dataclasses.replace(case, network=case.network.model_copy(update=update))


def _open(case: Case, *, centre_id: str, surge: Literal["evening", "saturday"], minutes: int) -> Case:
    """Open one centre longer; where nobody was open so far, the others stay shut."""
    field = f"{surge}_surge_max"
    allowed = getattr(case.scenario.surge, surge)

    def opened(centre: Centre) -> Centre:
        value = getattr(centre.opening, field) if allowed else 0
        value += minutes if centre.id == centre_id else 0
        return centre.model_copy(update={"opening": centre.opening.model_copy(update={field: value})})

    modes = case.scenario.compensation
    if surge == "saturday" and surge not in modes:
        modes = (*modes, "saturday")
    extra = minutes * len(case.network.centre(centre_id).linacs) if surge == "evening" else 0
    case = _answered(case, centre_id, "spare_minutes_per_day", extra)
    case = _network(case, centres=tuple(opened(centre) for centre in case.network.centres))
    return _scenario(case, surge=case.scenario.surge.model_copy(update={surge: True}), compensation=modes)


def _more(case: Case, *, centre_id: str, field: str, amount: float) -> Case:
    """Raise what a centre can give, and what it answered."""
    centres = tuple(
        centre.model_copy(update={field: (getattr(centre, field) or 0) + amount}) if centre.id == centre_id else centre
        for centre in case.network.centres
    )
    asked = "ct_slots" if field == "ct_simulator_slots_per_day" else field
    return _network(_answered(case, centre_id, asked, amount), centres=centres)


def _answered(case: Case, centre_id: str, field: str, amount: float) -> Case:
    """Raise what a centre answered on the phone, where it gave a figure."""
    answers = tuple(
        answer.model_copy(update={field: getattr(answer, field) + amount})
        if answer.centre_id == centre_id and getattr(answer, field) is not None
        else answer
        for answer in case.scenario.declared_capacity
    )
    return _scenario(case, declared_capacity=answers)


def _accept(case: Case, *, centre_id: str) -> Case:
    answers = tuple(
        answer.model_copy(update={"accepts": True}) if answer.centre_id == centre_id else answer
        for answer in case.scenario.declared_capacity
    )
    return _scenario(case, declared_capacity=answers)


def _sign(case: Case, *, centre_id: str) -> Case:
    homes = sorted(rules.compromised_centres(case.network, case.scenario))
    signed = tuple(Convention(between=(home, centre_id), signed_on=case.scenario.day_zero) for home in homes)
    return _network(case, conventions=(*case.network.conventions, *signed))


def _data(case: Case) -> Case:
    hours = case.scenario.data_recovery.dicom_after_h
    sooner = LATE_DATA_H if hours is None else max(0, hours - 24)
    return _scenario(
        case, data_recovery=case.scenario.data_recovery.model_copy(update={"dicom_after_h": float(sooner)})
    )


def _lodging(case: Case) -> Case:
    return _scenario(case, surge=case.scenario.surge.model_copy(update={"lodging": True}))


def _travel(case: Case) -> Case:
    limits = case.policy.travel_limits
    raised = {mobility: minutes + TRAVEL_MIN for mobility, minutes in limits.by_mobility.items()}
    update = {"travel_limits": limits.model_copy(update={"by_mobility": raised})}
    return dataclasses.replace(case, policy=case.policy.model_copy(update=update))


def _staff(case: Case, *, field: Literal["physics_fte", "oncologists"]) -> Case:
    staff = case.scenario.redeployment
    return _scenario(case, redeployment=staff.model_copy(update={field: getattr(staff, field) + 1}))
