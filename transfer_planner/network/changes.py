"""What changed between two editions of a network: centres, linacs, equipment, software, conventions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transfer_planner.domain.base import Entity
    from transfer_planner.domain.centre import Centre, Network

CENTRE_FIELDS = (
    "name",
    "commune",
    "information_systems",
    "oncology_information_system",
    "oncology_information_system_hosting",
    "treatment_planning_system",
    "paediatrics",
    "anaesthesia",
    "chemotherapy",
    "brachytherapy",
    "new_starts_per_day",
    "physics_hours_per_day",
    "ct_simulator_slots_per_day",
    "opening",
)
LINAC_FIELDS = (
    "vendor",
    "model",
    "type",
    "mlc",
    "photon_mv",
    "electron_mev",
    "techniques",
    "features",
    "couch_max_kg",
    "matched_with",
)


class Change(NamedTuple):
    """One change of a centre; `field` is `centre`, `linac` or `convention` for what came or went."""

    centre_id: str
    of: str
    field: str
    before: Any
    after: Any


def network_changes(previous: Network, current: Network) -> list[Change]:
    """Return what changed since an earlier edition, centre by centre; a convention is told at both its ends."""
    before, after = ({centre.id: centre for centre in network.centres} for network in (previous, current))
    changes: list[Change] = []
    for centre_id in dict.fromkeys((*after, *before)):
        old, new = before.get(centre_id), after.get(centre_id)
        if old is None or new is None:
            changes.append(Change(centre_id, "", "centre", old and old.name, new and new.name))
        else:
            changes += _centre_changes(old, new)
        changes += _convention_changes(previous, current, centre_id)
    return changes


def _centre_changes(old: Centre, new: Centre) -> Iterator[Change]:
    yield from _fields(old, new, CENTRE_FIELDS, new.id, "")
    if old.crisis_contacts and old.crisis_contacts != new.crisis_contacts:  # the public file never has any
        yield Change(new.id, "", "crisis_contacts", None, None)
    before, after = ({linac.id: linac for linac in centre.linacs} for centre in (old, new))
    for linac_id in dict.fromkeys((*after, *before)):
        gone, come = before.get(linac_id), after.get(linac_id)
        if gone is None or come is None:
            yield Change(new.id, linac_id, "linac", gone and _machine(gone), come and _machine(come))
        else:
            yield from _fields(gone, come, LINAC_FIELDS, new.id, linac_id)


def _machine(linac: Any) -> str:
    return " ".join(filter(None, (linac.vendor, linac.model))) or "?"


def _fields(old: Entity, new: Entity, names: tuple[str, ...], centre_id: str, of: str) -> Iterator[Change]:
    for name in names:
        if getattr(old, name) != getattr(new, name):
            yield Change(centre_id, of, name, getattr(old, name), getattr(new, name))


def _convention_changes(previous: Network, current: Network, centre_id: str) -> Iterator[Change]:
    def signed(network: Network) -> dict[str, Any]:
        pairs = (c for c in network.conventions if centre_id in c.between)
        return {next(end for end in c.between if end != centre_id): c.signed_on for c in pairs}

    before, after = signed(previous), signed(current)
    for other in sorted(before.keys() ^ after.keys()):
        yield Change(centre_id, other, "convention", other in before, other in after)
