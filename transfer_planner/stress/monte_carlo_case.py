"""A run as a case to plan, in memory, and the same as the changes that an overlay of the network writes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from transfer_planner.domain.scenario import DeclaredCapacity, OutageDays
from transfer_planner.io.reference import read_communes
from transfer_planner.network.travel import locate

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.centre import Centre, Linac, Network
    from transfer_planner.domain.scenario import Scenario
    from transfer_planner.domain.stress import Draw
    from transfer_planner.stress.samplers import Sampler

DAY_MINUTES = 1440
HOURS = 24
LATEST_H = 8760
Changes = dict[str, Any]


def drawn_case(sampler: Sampler, draw: Draw) -> Case:
    """Return the case of a run.

    Parameters
    ----------
    sampler
        Of the run; the patients of its case are located.
    draw
        What happens.
    """
    case = sampler.case
    network = drawn_network(case.network, draw)
    patients, originals = sampler.patients(draw)
    communes = read_communes()
    places = {
        patient.patient_id: locate(patient, network, communes) if original is None else case.places[original]
        for patient, original in zip(patients, originals, strict=True)
    }
    return replace(
        case, network=network, scenario=drawn_scenario(case.scenario, draw), patients=patients, places=places
    )


def drawn_scenario(scenario: Scenario, draw: Draw) -> Scenario:
    """Return the scenario of a run: length of the outage, hour of the data, other centres that fell.

    Pins name patients: they hold with the scenario's own roster only.
    """
    changed: Changes = {}
    if draw.outage_days is not None:
        days = draw.outage_days
        changed["outage_days"] = OutageDays(low=days, likely=days, high=days)
    hours = scenario.data_recovery.dicom_after_h
    if draw.data_delay_days and hours is not None:
        late = min(LATEST_H, hours + HOURS * draw.data_delay_days)
        changed["data_recovery"] = scenario.data_recovery.model_copy(update={"dicom_after_h": late})
    if draw.centres_out:
        answers = [answer for answer in scenario.declared_capacity if answer.centre_id not in draw.centres_out]
        refusals = [DeclaredCapacity(centre_id=centre_id, accepts=False) for centre_id in draw.centres_out]
        changed["declared_capacity"] = (*answers, *refusals)
    if draw.roster is not None:
        changed["pins"] = ()
    return scenario.model_copy(update=changed)


def drawn_network(network: Network, draw: Draw) -> Network:
    """Return the network of a run."""
    changes = centre_changes(network, draw)
    centres = tuple(
        _changed(centre, changes[centre.id]) if centre.id in changes else centre for centre in network.centres
    )
    return network.model_copy(update={"centres": centres})


def centre_changes(network: Network, draw: Draw) -> dict[str, Changes]:
    """Return the fields that a run changes, by centre; those of its linacs under `linacs`, by linac."""
    found = {}
    for centre in network.centres:
        changes = _staff(centre, draw.absent.get(centre.id, 0.0))
        linacs = {linac.id: _linac(linac, draw.load.get(centre.id, 1.0), draw) for linac in centre.linacs}
        linacs = {linac_id: fields for linac_id, fields in linacs.items() if fields}
        if linacs:
            changes["linacs"] = linacs
        if changes:
            found[centre.id] = changes
    return found


def _staff(centre: Centre, absent: float) -> Changes:
    """Return what the staff present can give to incoming patients; what is unknown stays so."""
    changes: Changes = {}
    if absent and centre.physics_hours_per_day:
        changes["physics_hours_per_day"] = round(centre.physics_hours_per_day * (1 - absent), 2)
    for field in ("new_starts_per_day", "ct_simulator_slots_per_day"):
        value = getattr(centre, field)
        if absent and value and (left := round(value * (1 - absent))) != value:
            changes[field] = left
    return changes


def _linac(linac: Linac, factor: float, draw: Draw) -> Changes:
    changes: Changes = {}
    if factor != 1 and linac.booked_min_per_day:
        changes["booked_min_per_day"] = min(DAY_MINUTES, round(linac.booked_min_per_day * factor))
    if linac.id in draw.linacs_out:
        changes["techniques"] = ()
    return changes


def _changed(centre: Centre, changes: Changes) -> Centre:
    of_linacs = changes.get("linacs", {})
    own = {field: value for field, value in changes.items() if field != "linacs"}
    linacs = tuple(
        linac.model_copy(update=of_linacs[linac.id]) if linac.id in of_linacs else linac for linac in centre.linacs
    )
    return centre.model_copy(update={**own, "linacs": linacs})
