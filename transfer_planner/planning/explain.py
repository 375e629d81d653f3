"""Why this decision, and why no other: each place is refused by a rule, taken by others, or dearer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from transfer_planner.domain.plan import TIERS
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import Day, Message, msg
from transfer_planner.planning.board import Board, Values, answers_no, earlier, small_case, travel_of
from transfer_planner.planning.decisions import REFUSALS
from transfer_planner.planning.instance import located
from transfer_planner.problem import rules
from transfer_planner.problem.build import PHYSICS_SCALE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from transfer_planner.domain.base import Action, Compensation, Grade
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Decision, Plan
    from transfer_planner.domain.scenario import Pin
    from transfer_planner.problem.options import Subject

NOTHING: Values = (0,) * len(TIERS)
Verdict = Literal["chosen", "better", "equal", "dearer", "taken", "refused"]
VERDICTS: dict[Verdict, Message] = {
    "chosen": msg("chosen"),
    "better": msg("free and better"),
    "equal": msg("as good"),
    "dearer": msg("possible, dearer"),
    "taken": msg("no room"),
    "refused": msg("refused"),
}


@dataclass(frozen=True)
class Offer:
    """A place for a patient, and what it changes against the decision.

    Parameters
    ----------
    action, centre_id, linac_id, start, grade, compensation
        What would be decided.
    travel_min
        One way, minutes.
    change
        Tiers of the plan with this place, less those of the plan; positive is dearer.
    """

    action: Action
    centre_id: str | None
    linac_id: str | None
    start: date | None
    grade: Grade | None
    compensation: Compensation
    travel_min: int
    change: Values


@dataclass(frozen=True)
class Shortage:
    """What a better place lacks.

    Parameters
    ----------
    rule
        H05 (linac minutes), H05C (minutes declared by the centre), H06 (new starts), H07 (physics hours), H08 (CT slots).
    first, last
        Days on which it lacks.
    missing
        The most that lacks on a day, in minutes, starts, hours or slots.
    held_by
        Patients who hold it, by rank.
    """

    rule: str
    first: date
    last: date
    missing: float
    held_by: Mapping[int, int]

    @property
    def text(self) -> Message:
        """The shortage in words."""
        said = {"first": Day(self.first), "last": Day(self.last), "missing": decimal(self.missing)}
        holders = who(self.held_by)
        if self.rule == "H06":
            return msg("no new start left on {first}: {holders}", holders=holders, **said)
        if self.rule == "H08":
            return msg("no CT slot left on {first}: {holders}", holders=holders, **said)
        if self.rule == "H07":
            return msg("physics hours used up until {last}, {missing} h short: {holders}", holders=holders, **said)
        if self.first == self.last:
            return msg("linac full on {first}, {missing} min short: {holders}", holders=holders, **said)
        return msg(
            "linac full on some days from {first} to {last}, up to {missing} min short: {holders}",
            holders=holders,
            **said,
        )


@dataclass(frozen=True)
class Place:
    """What the plan says of one place for one patient.

    Parameters
    ----------
    centre_id
        The centre; None for waiting.
    verdict
        What becomes of it.
    rules
        Codes of the rules that refuse it.
    reasons
        The same in words.
    wanted
        The best that this centre could do were nobody else there, when others hold it.
    offer
        The best that still fits.
    shortages
        Why the wanted one does not fit.
    """

    centre_id: str | None
    verdict: Verdict
    rules: tuple[str, ...] = ()
    reasons: tuple[Message, ...] = ()
    wanted: Offer | None = None
    offer: Offer | None = None
    shortages: tuple[Shortage, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """A decision against every other place, the nearest rival first."""

    decision: Decision
    places: tuple[Place, ...] = field(default=())


def decimal(value: float, *, signed: bool = False) -> Message | str:
    """Return a number of at most one decimal that is said in the reader's language."""
    tenths = round(10 * value)
    whole, part = divmod(abs(tenths), 10)
    sign = "−" if tenths < 0 else "+" if signed else ""
    return msg("{whole}.{part}", whole=f"{sign}{whole}", part=part) if part else f"{sign}{whole}"


def who(held_by: Mapping[int, int]) -> Message:
    """Say by whom something is held: a number and ranks, nobody's identity."""
    if not held_by:
        return msg("there is none")
    ranks = ", ".join(f"{count} P{rank}" for rank, count in sorted(held_by.items()))
    return msg("held by {count} patient(s) ({ranks})", count=sum(held_by.values()), ranks=ranks)


def difference(change: Values) -> Message:
    """Say the first tier that changes, and by how much."""
    found = earlier(change, NOTHING)
    if found is None:
        return msg("the same in every tier")
    tier, amount = found
    if tier == TIERS[-1]:
        more, less = msg("T6: {amount} min of burden more"), msg("T6: {amount} min of burden less")
        return Message((more if amount > 0 else less).source, {"amount": abs(amount)})
    more = msg("{tier}: {amount} d more beyond tolerance (rank P{rank})")
    less = msg("{tier}: {amount} d less beyond tolerance (rank P{rank})")
    params = {"tier": tier, "amount": decimal(abs(amount) / 10), "rank": tier[1]}
    return Message((more if amount > 0 else less).source, params)


def decision_of(plan: Plan, patient_id: str, file: str) -> Decision:
    """Return the decision of a patient.

    Raises
    ------
    DataError
        When the plan decides nothing for this code.
    """
    found = next((d for d in plan.decisions if d.patient_id == patient_id), None)
    if found is None:
        expected = msg("a patient of the plan")
        if any(d.patient_id == patient_id for d in plan.not_planned):
            expected = msg("a patient with a fraction left: this one is not planned")
        raise DataError([Finding(file, "PATIENT", patient_id, expected, code="unknown_patient")])
    return found


def explain(plan: Plan, case: Case, patient_id: str) -> Explanation:
    """Explain the decision of a patient against every other place.

    Parameters
    ----------
    plan
        The plan.
    case
        The inputs it was made from.
    patient_id
        Code of the patient.

    Raises
    ------
    DataError
        When the plan does not know the patient.
    """
    decision = decision_of(plan, patient_id, case.inputs.roster.path)
    board = Board(plan, small_case(located(case), {patient_id}))
    places = [_place(board, centre.id, decision) for centre in case.network.centres]
    return Explanation(decision, tuple(sorted((*places, _waiting(board, decision)), key=_order)))


def _order(place: Place) -> tuple[object, ...]:
    """Order places: the chosen one, those free from the nearest on, those taken, those refused."""
    verdicts: tuple[Verdict, ...] = ("chosen", "better", "equal", "dearer", "taken", "refused")
    change = place.offer.change if place.offer else place.wanted.change if place.wanted else (10**9,)
    return verdicts.index(place.verdict), change, place.centre_id or ""


def offer_of(board: Board, patient_id: str, column: int) -> Offer:
    """Say an option and what it changes in the plan."""
    option = board.instance.option(column)
    now = board.leaving(patient_id) if patient_id in board.held else NOTHING
    there = board.costs(column, patient_id)
    return Offer(
        action=option.action,
        centre_id=option.pool.centre.id if option.pool else None,
        linac_id=option.pool.linacs[0].id if option.pool else None,
        start=option.start,
        grade=option.grade,
        compensation=option.mode,
        travel_min=travel_of(board.instance, board.numbers[patient_id], option),
        change=tuple(a - b for a, b in zip(there, now, strict=True)),
    )


def _columns_at(board: Board, patient_id: str, centre_id: str | None) -> list[int]:
    """Return the options of a patient at a place, the best first."""
    columns = []
    for column in board.options(patient_id):
        pool = board.instance.option(column).pool
        if (pool.centre.id if pool else None) == centre_id:
            columns.append(column)
    return columns


def _waiting(board: Board, decision: Decision) -> Place:
    columns = _columns_at(board, decision.patient_id, None)
    if decision.action == "wait":
        return Place(None, "chosen")
    if not columns:
        return Place(None, "refused", ("H10",), (PINNED,))
    offer = offer_of(board, decision.patient_id, columns[0])
    return Place(None, _verdict(offer), offer=offer)


def _verdict(offer: Offer) -> Verdict:
    found = earlier(offer.change, NOTHING)
    return "equal" if found is None else "dearer" if found[1] > 0 else "better"


def _place(board: Board, centre_id: str, decision: Decision) -> Place:
    """Say what becomes of a centre for a patient."""
    code = decision.patient_id
    chosen = decision.centre_id == centre_id
    columns = _columns_at(board, code, centre_id)
    if not columns:
        found = dict(refusals(board, centre_id, code)) or {"H05": msg("no linac has room for a session, even alone")}
        dearer = tuple(found) == ("not_better_than_waiting",)
        return Place(centre_id, "dearer" if dearer else "refused", tuple(found), tuple(found.values()))
    room, empty = board.room(code), board.room(*board.held)
    best = next((column for column in columns if not board.lacking(column, empty)), columns[0])
    wanted = offer_of(board, code, best)
    free = next((column for column in columns if not board.lacking(column, room)), None)
    if chosen:
        nearer = earlier(wanted.change, NOTHING)
        shown = nearer is not None and nearer[1] < 0 and free != best
        return Place(centre_id, "chosen", wanted=wanted if shown else None, shortages=_short(board, best, code, shown))
    offer = None if free is None else offer_of(board, code, free)
    shown = offer is None or (free != best and wanted.change[:-1] < max(offer.change[:-1], NOTHING[:-1]))
    return Place(
        centre_id,
        "taken" if offer is None else _verdict(offer),
        wanted=wanted if shown else None,
        offer=offer,
        shortages=_short(board, best, code, shown),
    )


def _short(board: Board, column: int, code: str, shown: bool) -> tuple[Shortage, ...]:
    return tuple(shortages(board, column, code)) if shown else ()


def shortages(board: Board, column: int, patient_id: str) -> Iterator[Shortage]:
    """Yield what an option lacks, rule by rule, and who holds it."""
    lacking = board.lacking(column, board.room(patient_id))
    ranks = {d.patient_id: d.rank for d in board.plan.decisions}
    names = board.instance.rows
    for rule in sorted({names[row].rule for row in lacking}):
        rows = [row for row in lacking if names[row].rule == rule]
        missing = max(lacking[row] for row in rows)
        days = [names[row].day for row in rows]
        held_by = Counter(ranks[code] for code in board.holders(rows, patient_id))
        scale = PHYSICS_SCALE if rule == "H07" else 1
        yield Shortage(rule, min(days), max(days), missing / scale, dict(sorted(held_by.items())))


PINNED = msg("a decision imposed or forbidden excludes it")


def refusals(board: Board, centre_id: str, patient_id: str) -> Iterator[tuple[str, Message]]:
    """Yield the rules by which a centre refuses a patient, each with its words."""
    case, instance = board.case, board.instance
    centre = case.network.centre(centre_id)
    number = board.numbers[patient_id]
    restarts = any(pool.home and pool.centre.id == centre_id for pool in instance.pools)
    if restarts and centre_id == instance.subjects[number].patient.centre_id:
        yield from _unmet(board, centre_id, number)
        return
    if centre_id in rules.compromised_centres(case.network, case.scenario):
        yield "H02", msg("it has itself stopped treating")
        return
    if centre_id in instance.closed:
        fallen = rules.compromised_centres(case.network, case.scenario)
        own = {d for one in fallen for d in case.network.centre(one).information_systems}
        yield (
            "H02",
            msg(
                "it shares an information system with a stopped centre ({domains})",
                domains=", ".join(sorted(own & {*centre.information_systems})),
            ),
        )
        return
    if answers_no(case, centre_id):
        yield "declared_capacity", msg("it answered that it takes nobody")
        return
    if any(not _kept(pin, centre_id) for pin in case.scenario.pins if pin.patient_id == patient_id):
        yield "H10", PINNED
        return
    if not centre.linacs:
        yield "H03_technique", msg("none of its linacs is known")
    yield from _unmet(board, centre_id, number)


def _unmet(board: Board, centre_id: str, number: int) -> Iterator[tuple[str, Message]]:
    """Yield what a centre lacks for a patient."""
    subject = board.instance.subjects[number]
    for code in board.instance.offers[number].refused.get(centre_id, ()):
        yield code, _in_words(code, subject, centre_id, board.case)


def _kept(pin: Pin, centre_id: str) -> bool:
    return pin.forbid != centre_id and pin.action in (None, "transfer") and pin.centre_id in (None, centre_id)


def _in_words(code: str, subject: Subject, centre_id: str, case: Case) -> Message:
    """Say a refusal, with its figures where they help."""
    if code == "H09_travel":
        patient, limits = subject.patient, case.policy.travel_limits
        limit = patient.max_travel_min or limits.by_mobility[patient.mobility or "seated"]
        if subject.assessment.rank in limits.to_justify_ranks:
            limit = max(limit, limits.to_justify)
        minutes = subject.travels[centre_id].minutes
        return msg("too far: {minutes} min one way, {limit} allowed", minutes=minutes, limit=limit)
    if code == "H03_technique":
        return msg("no linac delivers {technique}", technique=subject.patient.technique)
    if code == "H03_features":
        return msg("a required feature is not listed ({needs})", needs=", ".join(subject.patient.needs))
    return REFUSALS[code]
