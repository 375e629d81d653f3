"""How well the network is known, and what to ask each centre first."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from transfer_planner.domain.base import Status
from transfer_planner.i18n import Message, msg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transfer_planner.domain.centre import Centre, Linac, Network

Knowledge = Literal["declared", "sourced", "derived", "assumed", "fictitious", "unstated", "unknown"]
"""From the best known to the least: answered by the centre, published, computed from what is published, one rule for all,
invented for an exercise, given without a source, not known."""

FICTITIOUS_SOURCE = "fictif"
"""Source id that the fictitious overlays cite."""

STATUSES: tuple[Status, ...] = get_args(Status)
SETTLED: frozenset[Knowledge] = frozenset({"declared", "sourced"})
"""What need not be asked."""


class Field(NamedTuple):
    """A field of the network that changes plans."""

    name: str
    of: Literal["linac", "centre", "network"]
    question: Message


FIELDS = (
    Field("model", "linac", msg("Vendor and model of each linac, and which pairs are beam-matched")),
    Field("treatment_planning_system", "centre", msg("Treatment planning system")),
    Field("oncology_information_system", "centre", msg("Record-and-verify system")),
    Field("opening", "centre", msg("Opening hours, and possible evening and Saturday extension")),
    Field("booked_min_per_day", "linac", msg("Minutes booked a day on each linac")),
    Field("physics_hours_per_day", "centre", msg("Physics hours a day for patients from elsewhere")),
    Field("techniques", "linac", msg("Techniques delivered by each linac")),
    Field("conventions", "network", msg("Signed conventions of continuity")),
    Field("information_systems", "centre", msg("Servers and software shared with other centres")),
    Field("new_starts_per_day", "centre", msg("New patients from elsewhere a day")),
    Field("photon_mv", "linac", msg("Photon energies of each linac")),
    Field("mlc", "linac", msg("Multileaf collimator of each linac")),
    Field("features", "linac", msg("Imaging and motion management of each linac")),
    Field("electron_mev", "linac", msg("Electron energies of each linac")),
    Field("chemotherapy", "centre", msg("Concurrent chemotherapy on site")),
    Field("ct_simulator_slots_per_day", "centre", msg("CT-simulator slots a day for patients from elsewhere")),
    Field("paediatrics", "centre", msg("Treatment of patients under 18")),
    Field("anaesthesia", "centre", msg("Treatment under anaesthesia")),
    Field("couch_max_kg", "linac", msg("Couch limit of each linac")),
    Field("location", "centre", msg("Exact position of the entrance")),
)
"""The fields audited, those that change plans most first."""

LABELS: dict[Knowledge, Message] = {
    "declared": msg("declared by the centre"),
    "sourced": msg("published"),
    "derived": msg("derived"),
    "assumed": msg("assumed"),
    "fictitious": msg("fictitious"),
    "unstated": msg("without source"),
    "unknown": msg("unknown"),
}


class Share(NamedTuple):
    """How a field is known over the network: number of centres, or of linacs, by knowledge."""

    field: Field
    counts: dict[Knowledge, int]

    def percent(self, knowledge: Knowledge) -> float:
        """Return the share of a knowledge, percent."""
        total = sum(self.counts.values())
        return 100 * self.counts[knowledge] / total if total else 0.0


class Question(NamedTuple):
    """What to ask a centre, and what is known so far: the least known of its linacs."""

    field: Field
    knowledge: Knowledge


def audit_network(network: Network) -> tuple[Share, ...]:
    """Return how each field is known over all centres, in the order of `FIELDS`."""
    found = ((field, [*chain.from_iterable(_known(network, c, field) for c in network.centres)]) for field in FIELDS)
    return tuple(Share(field, {knowledge: known.count(knowledge) for knowledge in LABELS}) for field, known in found)


def ask_first(network: Network) -> dict[str, tuple[Question, ...]]:
    """Return what to ask each centre, by id: whatever is neither declared nor published, what changes plans most first."""
    order = list(LABELS)
    questions: dict[str, tuple[Question, ...]] = {}
    for centre in network.centres:
        known = ((field, [*_known(network, centre, field)]) for field in FIELDS)
        worst = ((field, order[max(map(order.index, each))]) for field, each in known if each)
        questions[centre.id] = tuple(Question(field, least) for field, least in worst if least not in SETTLED)
    return questions


def _known(network: Network, centre: Centre, field: Field) -> Iterator[Knowledge]:
    """Yield how a field of a centre is known: once, or once per linac."""
    if field.of == "network":
        # A convention cites no source: that it stands in the file is its declaration.
        signed = any(centre.id in convention.between for convention in network.conventions)
        yield ("fictitious" if network.fictitious else "declared") if signed else "unknown"
    elif field.of == "centre":
        yield knowledge(network, centre, field.name)
    else:
        for linac in centre.linacs:
            yield knowledge(network, centre, field.name, linac)


def knowledge(network: Network, centre: Centre, name: str, linac: Linac | None = None) -> Knowledge:
    """Return how a field of a centre, or of one of its linacs, is known."""
    value = getattr(linac or centre, name)
    if value is None or (linac is None and value == ()):  # a linac may be known to have none
        return "unknown"
    if linac is None:
        unsaid = name == "opening" and centre.opening.weekdays is None
        return "unknown" if unsaid else _cited(network, centre.provenance.get(name))
    paths = (f"linacs.{name}", name, "linacs")
    of_centre = next(filter(None, map(centre.provenance.get, paths)), None)
    return _cited(network, linac.provenance.get(name, of_centre))


def _cited(network: Network, source: str | None) -> Knowledge:
    """Return what citing a source, a status or nothing is worth."""
    if source == FICTITIOUS_SOURCE:
        return "fictitious"
    if any(source == known.id for known in network.sources):
        return "sourced"
    return next((status for status in STATUSES if status == source), "unstated")
