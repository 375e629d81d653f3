"""What stands ready in peacetime: for each centre, where each technique could go, how well, how far."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from transfer_planner.clinical.compatibility import delivered_technique, mirror_grade
from transfer_planner.domain.base import INDIVIDUAL_TECHNIQUES
from transfer_planner.domain.patient import Patient
from transfer_planner.network.graph import mirror_between

if TYPE_CHECKING:
    from datetime import date

    import networkx as nx

    from transfer_planner.clinical.compatibility import Mirror
    from transfer_planner.domain.base import Grade, Technique
    from transfer_planner.domain.centre import Centre, Linac


class Pair(NamedTuple):
    """The best pair of linacs for a technique: its grade, the linac of the other centre, that of the home centre."""

    grade: Grade
    linac_id: str
    home_linac_id: str


class Destination(NamedTuple):
    """A centre as a refuge of another one.

    Parameters
    ----------
    centre_id
        Which centre.
    minutes, km
        Travel one way between the two centres.
    grades
        Best pair of linacs by technique of the home centre; absent where it cannot be delivered.
    convention
        True when a convention of continuity is signed.
    signed_on
        When, if told.
    shared_systems
        Information-system domains that the two centres share: they fall together.
    """

    centre_id: str
    minutes: int
    km: float
    grades: dict[Technique, Pair]
    convention: bool
    signed_on: date | None
    shared_systems: tuple[str, ...]


def techniques_of(centre: Centre) -> tuple[Technique, ...]:
    """Return the techniques that a centre delivers, or that are assumed of it, without those decided one by one."""
    found = {technique: None for linac in centre.linacs for technique in linac.deliverable}
    return tuple(technique for technique in found if technique not in INDIVIDUAL_TECHNIQUES)


def destinations_of(graph: nx.MultiDiGraph[str], home_id: str) -> list[Destination]:
    """Return every other centre as a refuge of one that stops, the nearest first.

    Parameters
    ----------
    graph
        Graph of `build_network`, with travel.
    home_id
        The centre that stops.

    Notes
    -----
    The grade is that of a patient whose plan data are all there, whose energy both linacs are known to have; the plan of a
    real crisis grades each patient.
    """
    home = graph.nodes[home_id]["centre"]
    others = [data["centre"] for node, data in graph.nodes(data=True) if data["kind"] == "centre" and node != home_id]
    return sorted((_destination(graph, home, other) for other in others), key=lambda d: (d.minutes, d.centre_id))


def _destination(graph: nx.MultiDiGraph[str], home: Centre, other: Centre) -> Destination:
    way = graph.edges[home.id, other.id, "travel"]
    convention = graph.edges.get((home.id, other.id, "convention"))
    shared = graph.edges.get((home.id, other.id, "shares_system"), {})
    found = {technique: _best(graph, home, other, technique) for technique in techniques_of(home)}
    return Destination(
        centre_id=other.id,
        minutes=way["minutes"],
        km=way["km"],
        grades={technique: best for technique, best in found.items() if best is not None},
        convention=convention is not None,
        signed_on=convention["signed_on"] if convention else None,
        shared_systems=shared.get("domains", ()),
    )


def _best(graph: nx.MultiDiGraph[str], home: Centre, other: Centre, technique: Technique) -> Pair | None:
    """Return the best pair of linacs of two centres; None where the technique cannot be delivered."""
    grades = [
        Pair(grade, away.id, linac.id)
        for linac in home.linacs
        if technique in linac.deliverable
        for away in other.linacs
        if (grade := _grade(home, linac, away, technique, mirror_between(graph, linac.id, away.id)))
    ]
    return min(grades, default=None)


def _grade(home: Centre, linac: Linac, away: Linac, technique: Technique, mirror: Mirror | None) -> Grade | None:
    patient = Patient(
        patient_id="any",
        centre_id=home.id,
        linac_id=linac.id,
        technique=technique,
        energy=_common_energy(linac, away, technique),
        prescribed_fractions=1,
    )
    delivered = delivered_technique(patient, away)
    return None if delivered is None else mirror_grade(patient, delivered, mirror, away, plan_data_usable=True)


def _common_energy(linac: Linac, away: Linac, technique: Technique) -> str | None:
    """Return an energy that both linacs are known to have; None when there is none."""
    if technique == "ELECTRONS":
        return next((f"{mev}E" for mev in linac.electron_mev or () if mev in (away.electron_mev or ())), None)
    return next((beam for beam in linac.photon_mv or () if beam in (away.photon_mv or ())), None)
