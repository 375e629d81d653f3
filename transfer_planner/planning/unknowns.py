"""Which answers would change plans: each unknown is given its best and its worst answer, and the plan is made again."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from transfer_planner.domain.centre import Convention, MatchedLinac
from transfer_planner.errors import DataError
from transfer_planner.i18n import Message, msg
from transfer_planner.network.audit import FIELDS, SETTLED, ask_first, knowledge
from transfer_planner.planning.instance import located
from transfer_planner.planning.plan import make_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.centre import Centre, Linac, Network
    from transfer_planner.domain.plan import Plan, TierId

MEASURED: tuple[TierId, ...] = ("T1", "T2", "T3", "T4", "T5")
"""Tiers that tell whether patients fare otherwise; the last one weighs comfort and work."""
PHOTONS, ELECTRONS = ("6X", "6FFF", "10X", "10FFF", "15X", "18X"), (4, 6, 9, 12, 15, 18)
OWNER = {field.name: field.of for field in FIELDS}
FEATURES = ("CBCT", "DIBH", "GATING", "SGRT", "6DOF")
USUAL, ADVANCED = ("3DCRT", "IMRT", "VMAT", "SBRT", "SRS", "ELECTRONS"), {"VMAT", "HELICAL", "SBRT", "SRS"}


class Home(NamedTuple):
    """The linacs that stopped: mirrors are looked for among the others."""

    linacs: tuple[Linac, ...]
    planning_system: str | None


class Answer(NamedTuple):
    """A possible answer to a question.

    Parameters
    ----------
    field
        Field of the network that it settles.
    text
        What it says.
    apply
        Makes the centre that it describes.
    good
        True when it only adds freedom to the plan, False when it only takes some away.
    """

    field: str
    text: Message
    apply: Callable[[Centre, Home], Centre]
    good: bool = False


@dataclass(frozen=True)
class Effect:
    """What an answer would change.

    Parameters
    ----------
    field, answer
        Question and answer.
    centre_ids
        Whose answer: one centre, or all of those that were asked together.
    tier
        First tier that changes; None when none does.
    difference
        By how much, negative when the answer is good news.
    proven
        False when the search was cut short there: seen, not proven.
    decisions
        Patients who would go elsewhere, or wait instead.
    over_tolerance
        Change of the number of patients beyond tolerance.
    """

    field: str
    answer: Message
    centre_ids: tuple[str, ...]
    tier: TierId | None
    difference: int
    proven: bool
    decisions: int
    over_tolerance: int

    @property
    def weight(self) -> tuple[int, bool, int]:
        """Return what sorts effects, the gravest first."""
        return (
            len(MEASURED) if self.tier is None else MEASURED.index(self.tier),
            not self.proven,
            -abs(self.difference),
        )


@dataclass(frozen=True)
class Measure:
    """What was measured on a scenario.

    Parameters
    ----------
    effects
        Effects, the gravest first: of a field for all its centres together, then centre by centre where it matters.
    plans
        Plans made.
    not_measured
        Questions left when the time was out.
    """

    effects: tuple[Effect, ...]
    plans: int
    not_measured: tuple[tuple[str, str], ...]


def measure_unknowns(
    case: Case, *, seconds: float, time_limit_s: float, progress: Callable[[Message], None] = lambda _: None
) -> Measure:
    """Measure which unknowns of a network would change the plan of a case.

    All the centres that leave a field open answer together first. When even then neither the best nor the worst answer changes a tier,
    no single centre's answer can (proven plans): more freedom never harms, less never helps. The other fields are measured centre by centre,
    bad news for the centres that receive somebody alone.

    Parameters
    ----------
    case
        Scenario with its inputs.
    seconds
        Time for the whole measure, seconds; a plan begun is finished.
    time_limit_s
        Time of each plan, seconds.
    progress
        Told each plan.
    """
    end = time.monotonic() + seconds
    case = located(case)
    base = make_plan(case, time_limit_s=time_limit_s)
    fallen = {decision.home_centre_id for decision in base.decisions}
    home = _home(case.network, fallen)
    open_fields = _open(case.network)
    effects: list[Effect] = []
    left: list[tuple[str, str]] = []
    plans = 1

    def measured(answer: Answer, centres: Sequence[str]) -> Effect | None:
        nonlocal plans
        if time.monotonic() > end:
            return None
        progress(msg("Plan {number}: {answer}", number=plans + 1, answer=answer.text))
        plans += 1
        return _effect(case, base, answer, tuple(centres), home, time_limit_s)

    receiving = {decision.centre_id for decision in base.decisions if decision.action == "transfer"}
    matter: list[tuple[Answer, list[str]]] = []
    for answer in ANSWERS:
        centres = [centre for centre in open_fields[answer.field] if centre not in fallen]
        effect = measured(answer, centres) if centres else None
        if centres and effect is None:
            left.append((answer.field, ""))
        elif effect is not None and effect.tier is not None:
            effects.append(effect)
            bad_news = effect.difference > 0  # bad news of a centre that receives nobody leaves the plan as it is
            matter.append((answer, [centre for centre in centres if not bad_news or centre in receiving]))
    order = {effect.answer: effect.weight for effect in effects}
    for answer, centres in sorted(matter, key=lambda pair: order[pair[0].text]):
        for centre in centres:
            effect = measured(answer, [centre])
            if effect is None:
                left.append((answer.field, centre))
            elif effect.tier is not None:
                effects.append(effect)
    return Measure(tuple(sorted(effects, key=lambda effect: effect.weight)), plans, tuple(left))


def _open(network: Network) -> dict[str, list[str]]:
    """Return the centres that leave each field open, by field."""
    asked = ask_first(network)
    return {
        field.name: [
            centre for centre, questions in asked.items() if any(q.field.name == field.name for q in questions)
        ]
        for field in FIELDS
    }


def _home(network: Network, fallen: set[str]) -> Home:
    centres = [centre for centre in network.centres if centre.id in fallen]
    linacs = tuple(linac for centre in centres for linac in centre.linacs)
    return Home(linacs, next((centre.treatment_planning_system for centre in centres), None))


def _effect(
    case: Case, base: Plan, answer: Answer, centres: tuple[str, ...], home: Home, time_limit_s: float
) -> Effect | None:
    """Plan with an answer; None when the pins of the scenario forbid it."""
    network = case.network
    changed = tuple(
        _answered(network, centre, answer, home) if centre.id in centres else centre for centre in network.centres
    )
    update: dict[str, Any] = {"centres": changed}
    if answer.field == "conventions":
        ends = sorted({decision.home_centre_id for decision in base.decisions})
        signed = (Convention(between=(one, other)) for one in ends for other in centres)
        update["conventions"] = (*network.conventions, *signed)
    try:
        plan = make_plan(
            dataclasses.replace(case, network=network.model_copy(update=update)), time_limit_s=time_limit_s
        )
    except DataError:
        return None
    tier, difference, proven = _first_change(base, plan, good=answer.good)
    places = {decision.patient_id: (decision.action, decision.centre_id) for decision in base.decisions}
    moved = sum(places[decision.patient_id] != (decision.action, decision.centre_id) for decision in plan.decisions)
    over = sum(plan.summary.over_tolerance.values()) - sum(base.summary.over_tolerance.values())
    return Effect(answer.field, answer.text, centres, tier, difference, proven, moved, over)


def _answered(network: Network, centre: Centre, answer: Answer, home: Home) -> Centre:
    """Return a centre as an answer describes it; what is published or declared of a linac stays."""
    told = answer.apply(centre, home)
    if OWNER[answer.field] != "linac":
        return told
    kept = (knowledge(network, centre, answer.field, linac) in SETTLED for linac in centre.linacs)
    linacs = (old if keep else new for old, new, keep in zip(centre.linacs, told.linacs, kept, strict=True))
    return told.model_copy(update={"linacs": tuple(linacs)})


def _first_change(base: Plan, plan: Plan, *, good: bool) -> tuple[TierId | None, int, bool]:
    """Return the first tier that changes, by how much, and whether the bounds prove it.

    More freedom never harms and less never helps: a change the other way comes from a search cut short, and is none.
    """
    for before, after in zip(base.tiers[: len(MEASURED)], plan.tiers, strict=False):
        if after.value != before.value:
            if (after.value < before.value) != good:
                break
            proven = after.value < before.bound or after.bound > before.value
            return before.id, after.value - before.value, proven
    return None, 0, True


def _each(centre: Centre, change: Callable[[Linac], Mapping[str, Any]]) -> Centre:
    linacs = tuple(linac.model_copy(update=dict(change(linac))) for linac in centre.linacs)
    return centre.model_copy(update={"linacs": linacs})


def _set(**values: Any) -> Callable[[Centre, Home], Centre]:
    return lambda centre, _: centre.model_copy(update=values)


def _set_linacs(**values: Any) -> Callable[[Centre, Home], Centre]:
    return lambda centre, _: _each(centre, lambda _: values)


def _times(name: str, factor: float) -> Callable[[Centre, Home], Centre]:
    def change(centre: Centre, _: Home) -> Centre:
        value = (getattr(centre, name) or 0) * factor
        return centre.model_copy(update={name: value if name == "physics_hours_per_day" else round(value)})

    return change


def _booked(factor: float) -> Callable[[Centre, Home], Centre]:
    return lambda centre, _: _each(
        centre, lambda linac: {"booked_min_per_day": min(1440.0, (linac.booked_min_per_day or 0) * factor)}
    )


def _opening(evening: int, saturday: int) -> Callable[[Centre, Home], Centre]:
    update = {"evening_surge_max": evening, "saturday_surge_max": saturday}
    return lambda centre, _: centre.model_copy(update={"opening": centre.opening.model_copy(update=update)})


def _same_machines(centre: Centre, home: Home) -> Centre:
    """Make every linac beam-matched with one that stopped: the best that an answer can say."""
    pairs = tuple(MatchedLinac(linac=linac.id, evidence="?") for linac in home.linacs)
    same = centre.model_copy(update={"treatment_planning_system": home.planning_system})
    return _each(same, lambda linac: {"matched_with": (*linac.matched_with, *pairs)})


def _other_machines(centre: Centre, _: Home) -> Centre:
    return _each(centre, lambda _: {"vendor": None, "model": None, "mlc": None, "matched_with": ()})


def _more_techniques(centre: Centre, _: Home) -> Centre:
    return _each(centre, lambda linac: {"techniques": tuple(dict.fromkeys((*linac.deliverable, *USUAL)))})


def _fewer_techniques(centre: Centre, _: Home) -> Centre:
    return _each(centre, lambda linac: {"techniques": tuple(t for t in linac.deliverable if t not in ADVANCED)})


def _stopped(centre: Centre, _: Home) -> Centre:
    return _each(centre, lambda _: {"techniques": ()})


def _answers() -> Iterator[Answer]:
    """Yield the best and the worst answer to each question."""
    yield Answer("model", msg("linacs matched with those that stopped"), _same_machines, good=True)
    yield Answer("model", msg("linacs of another make"), _other_machines)
    yield Answer("treatment_planning_system", msg("another planning system"), _set(treatment_planning_system=None))
    yield Answer("information_systems", msg("falls with the centre that stopped"), _stopped)
    yield Answer("opening", msg("no evening and no Saturday"), _opening(0, 0))
    yield Answer("opening", msg("three hours more in the evening, ten on Saturday"), _opening(180, 600), good=True)
    yield Answer("booked_min_per_day", msg("a fifth more booked"), _booked(1.2))
    yield Answer("booked_min_per_day", msg("a fifth less booked"), _booked(0.8), good=True)
    yield Answer("physics_hours_per_day", msg("half the physics hours"), _times("physics_hours_per_day", 0.5))
    yield Answer("physics_hours_per_day", msg("twice the physics hours"), _times("physics_hours_per_day", 2), good=True)
    yield Answer("new_starts_per_day", msg("half the new patients a day"), _times("new_starts_per_day", 0.5))
    yield Answer("new_starts_per_day", msg("twice the new patients a day"), _times("new_starts_per_day", 2), good=True)
    yield Answer("ct_simulator_slots_per_day", msg("no CT-simulator slot"), _set(ct_simulator_slots_per_day=0))
    yield Answer(
        "ct_simulator_slots_per_day",
        msg("ten CT-simulator slots a day"),
        _set(ct_simulator_slots_per_day=10),
        good=True,
    )
    yield Answer("techniques", msg("neither VMAT nor stereotaxy"), _fewer_techniques)
    yield Answer("techniques", msg("all usual techniques"), _more_techniques, good=True)
    yield Answer("photon_mv", msg("6 MV alone"), _set_linacs(photon_mv=("6X",)))
    yield Answer("photon_mv", msg("all photon energies"), _set_linacs(photon_mv=PHOTONS), good=True)
    yield Answer("electron_mev", msg("no electrons"), _set_linacs(electron_mev=()))
    yield Answer("electron_mev", msg("all electron energies"), _set_linacs(electron_mev=ELECTRONS), good=True)
    yield Answer("features", msg("no imaging nor breath-hold"), _set_linacs(features=()))
    yield Answer("features", msg("imaging, breath-hold, gating, 6D couch"), _set_linacs(features=FEATURES), good=True)
    yield Answer("couch_max_kg", msg("couches of 150 kg"), _set_linacs(couch_max_kg=150.0))
    yield Answer("chemotherapy", msg("no chemotherapy on site"), _set(chemotherapy=False))
    yield Answer("chemotherapy", msg("chemotherapy on site"), _set(chemotherapy=True), good=True)
    yield Answer("paediatrics", msg("treats under 18"), _set(paediatrics=True), good=True)
    yield Answer("anaesthesia", msg("treats under anaesthesia"), _set(anaesthesia=True), good=True)
    yield Answer(
        "conventions", msg("convention signed with the centre that stopped"), lambda centre, _: centre, good=True
    )


ANSWERS = tuple(_answers())
