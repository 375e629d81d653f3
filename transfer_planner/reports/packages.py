"""What goes to a destination: its booklet with the sheets of its patients, its rows of the plan, and what was found of each."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from transfer_planner.io.packages import Manifest, PackedFile, PackedPatient, Route
from transfer_planner.network.travel import place_of_centre, travel
from transfer_planner.reports.furniture import plan_fingerprint
from transfer_planner.reports.priority import priority_csv
from transfer_planner.reports.reception import reception_booklet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Decision, Plan
    from transfer_planner.i18n import Language
    from transfer_planner.io.packages import FoundObject

CHECKING_MIN = 30
"""Assumed for a stick: writing it, scanning it on a clean workstation, comparing the fingerprints."""


def arrivals(plan: Plan, centre_id: str) -> tuple[Decision, ...]:
    """Return the decisions that bring a patient to a centre."""
    return tuple(d for d in plan.decisions if d.action == "transfer" and d.centre_id == centre_id)


def package_files(plan: Plan, case: Case, centre_id: str, lang: Language) -> dict[str, bytes]:
    """Return the sheets and the plan rows of a destination, by name; only its patients stand in them."""
    mine = plan.model_copy(update={"decisions": arrivals(plan, centre_id)})
    rows = [decision.model_dump(mode="json") for decision in mine.decisions]
    return {
        f"reception-{centre_id}.pdf": reception_booklet(plan, case, centre_id, lang),
        "plan-rows.csv": priority_csv(mine, case, lang),
        "plan-rows.json": (json.dumps(rows, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode(),
    }


def package_manifest(
    plan: Plan,
    case: Case,
    centre_id: str,
    *,
    files: Mapping[str, bytes],
    objects: Mapping[str, Sequence[FoundObject]],
    objects_included: bool,
    now: datetime,
) -> Manifest:
    """Return what a package announces.

    Parameters
    ----------
    plan, case, centre_id
        Destination in a plan.
    files
        Sheets and plan rows.
    objects
        What was found of each patient.
    objects_included
        True when the objects travel in the package.
    now
        Time of packing.
    """
    decisions = arrivals(plan, centre_id)
    return Manifest(
        schema_version=1,
        software=plan.software,
        made_at=now,
        plan_fingerprint=plan_fingerprint(plan),
        scenario_id=plan.scenario_id,
        exercise=plan.exercise,
        destination=centre_id,
        routes=tuple(route(case, home, centre_id) for home in sorted({d.home_centre_id for d in decisions})),
        files=tuple(
            PackedFile(path=name, size=len(data), sha256=sha256(data).hexdigest())
            for name, data in sorted(files.items())
        ),
        objects_included=objects_included,
        patients=tuple(
            PackedPatient(patient_id=d.patient_id, objects=tuple(objects.get(d.patient_id, ())))
            for d in sorted(decisions, key=lambda d: d.patient_id)
        ),
    )


def route(case: Case, origin: str, destination: str) -> Route:
    """Return how data go from a centre to another: as both agreed, else on a clean stick by road."""
    for known in case.network.channels:
        if set(known.between) == {origin, destination}:
            return Route(origin=origin, channel=known.channel, delay_h=known.delay_h, agreed=True)
    home, there = case.network.centre(origin), case.network.centre(destination)
    road = travel(place_of_centre(home), there, case.policy.travel_model, case.matrix).minutes
    return Route(origin=origin, channel="usb", delay_h=round((road + CHECKING_MIN) / 60, 1), agreed=False)
