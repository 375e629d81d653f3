"""An outcome counts what is planned, says why nothing could be, and is the same at every run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.stress.regions import TOWNS, centre, region
from transfer_planner.planning.plan import make_plan
from transfer_planner.stress.contingencies import contingencies
from transfer_planner.stress.evaluate import evaluate
from transfer_planner.stress.region import Changes, RealRoster, Region, Task

if TYPE_CHECKING:
    from transfer_planner.domain.atlas import Outcome


DESTINATIONS = ("beta", "gamma", "delta")


def outcome(place: Region, name: str = "centre:alpha", seed: int = 0, changes: Changes | None = None) -> Outcome:
    one = next(one for one in contingencies(place.network) if name in (one.id, *one.also))
    return evaluate(place, Task(one, seed, changes))


def without_time(one: Outcome) -> dict[str, Any]:
    return one.model_dump(exclude={"wall_s"})


def scarce(**changes: Any) -> Region:
    """Return the region where destinations have one hour of physics a day."""
    return region(*(centre(name, physics_hours_per_day=1.0, **changes) for name in TOWNS))


def test_every_patient_is_counted_once() -> None:
    """Ranks, flows and destinations add up to the patients of the two centres."""
    found = outcome(region(), "pair:alpha+beta")
    assert found.status == "planned"
    assert found.patients == sum(tally.patients for tally in found.ranks) == 10
    assert all(tally.within + tally.over + tally.waiting == tally.patients for tally in found.ranks)
    transferred = found.patients - sum(tally.waiting for tally in found.ranks)
    assert sum(flow.patients for flow in found.flows) == sum(use.patients for use in found.destinations) == transferred
    assert all(sum(flow.by_grade.values()) == sum(flow.by_rank.values()) == flow.patients for flow in found.flows)
    assert {flow.home_id for flow in found.flows} <= {"alpha", "beta"}
    assert {flow.destination_id for flow in found.flows} <= {"gamma", "delta"}
    assert all(use.physics_hours <= use.physics_hours_available for use in found.destinations)


def test_tiers_are_those_of_a_plan_within_the_precision() -> None:
    """The full planner finds the same first tiers, within two per cent or ten tenths, and no better than the bound."""
    place = scarce()
    found = outcome(place)
    one = contingencies(place.network)[0]
    plan = make_plan(place.case(one, 0), deterministic=True)
    assert found.precise
    for rough, full in zip(found.tiers[:3], plan.tiers[:3], strict=True):
        assert rough.bound <= full.value
        assert abs(rough.value - full.value) <= max(10, 0.02 * rough.value)


def test_the_same_task_gives_the_same_outcome() -> None:
    """Not in the same process only: the order of what was done before changes nothing."""
    first = outcome(region())
    place = region()
    outcome(place, "pair:beta+delta", seed=3)
    assert without_time(outcome(place)) == without_time(first)


def test_a_centre_without_roster_nor_activity_fails_aloud() -> None:
    """No figure stands for it, and certainly no zero."""
    place = region(centre("alpha", activity=None), centre("beta"))
    found = outcome(place)
    assert (found.status, found.code, found.patients, found.ranks, found.tiers) == (
        "failed",
        "roster_centre",
        None,
        (),
        (),
    )
    assert "séances" in (found.message or {})["fr"]


def test_a_real_roster_stands_over_the_invented_ones() -> None:
    """Its patients are planned whatever the seed, and its content is part of the fingerprint."""
    place = region()
    one = contingencies(place.network)[0]
    patients = place.case(one, 5).patients[:3]
    real = [patient.model_copy(update={"patient_id": f"R{number}"}) for number, patient in enumerate(patients)]
    known = Region(place.network, place.policy, place.crisis, {"alpha": RealRoster(tuple(real), "a")}, {})
    other = Region(place.network, place.policy, place.crisis, {"alpha": RealRoster(tuple(real[:1]), "b")}, {})
    assert outcome(known, seed=0).patients == outcome(known, seed=1).patients == 3
    assert len({Task(one, 0).key(each) for each in (place, known, other)}) == 3


@pytest.mark.parametrize("changes", [{"legal_group": "x"}, {"physics_hours_per_day": 6.5}])
def test_fingerprints_follow_what_outcomes_depend_on(changes: dict[str, Any]) -> None:
    """Another figure of a centre is another fingerprint; a contact or a provenance is not."""
    others = [centre(name) for name in ("beta", "gamma", "delta")]
    one = contingencies(region().network)[0]
    key = Task(one, 0).key(region())
    silent = centre("alpha", crisis_contacts=[{"role": "cadre", "phone": "0"}], notes=["x"])
    assert Task(one, 0).key(region(silent, *others)) == key
    assert Task(one, 0).key(region(centre("alpha", **changes), *others)) != key
    assert Task(one, 1).key(region()) != key
    assert Task(one, 0, Changes(conventions=(("alpha", "beta"),))).key(region()) != key


def crowded(**limits: Any) -> Region:
    """Return the region where the centre that falls has thirty patients, and the others so much to give."""
    return region(centre("alpha", activity={"sessions_per_year": 7_500}), *(centre(n, **limits) for n in DESTINATIONS))


@pytest.mark.parametrize(
    ("limits", "rule"),
    [
        ({"physics_hours_per_day": 1.0}, "H07"),
        ({"new_starts_per_day": 1, "physics_hours_per_day": 99.0}, "H06"),
        ({"opening": {"weekdays": 545}, "physics_hours_per_day": 99.0, "new_starts_per_day": 20}, "H05"),
    ],
)
def test_what_keeps_patients_out_is_named(limits: dict[str, Any], rule: str) -> None:
    """Where one resource is scarce, it comes first, full on some days and with patients kept out."""
    found = outcome(crowded(**limits))
    assert found.binding[0].rule == rule
    assert found.binding[0].days_full > 0
    assert found.binding[0].kept_out > 0


def test_what_stands_in_the_way_is_told_for_everyone_beyond_tolerance() -> None:
    """With room for all nobody lacks capacity; with none everybody does who could be better elsewhere; a rare need is equipment."""
    for limits in ({"new_starts_per_day": 99, "physics_hours_per_day": 999.0}, {"physics_hours_per_day": 1.0}):
        found = outcome(crowded(**limits))
        over = sum(tally.over + tally.waiting_over for tally in found.ranks)
        assert sum(found.causes.values()) == over > 0
        assert ("capacity" in found.causes) == (limits["physics_hours_per_day"] == 1.0)
    nobody = {"linacs": [{"id": "b", "techniques": ["TBI"]}]}
    assert set(outcome(region(centre("alpha"), centre("beta", **nobody))).causes) == {"equipment"}
    far = outcome(region(centre("alpha"), centre("delta", new_starts_per_day=99, physics_hours_per_day=999.0)))
    assert far.causes["travel"] > 0


def test_a_convention_spares_the_days_it_is_said_to_cost() -> None:
    """Without the agency, five days go by before an agreement: signing beforehand gives them back."""
    place = region()
    slow = Region(place.network, place.policy, place.crisis.model_copy(update={"agency_led": False}), {}, {})
    before = outcome(slow)
    lost = sum(flow.days_lost for flow in before.flows)
    signed = outcome(slow, changes=Changes(conventions=(("alpha", "beta"), ("alpha", "gamma"), ("alpha", "delta"))))
    assert lost > 0
    assert all(flow.convention and flow.days_lost == 0 for flow in signed.flows)
    gained = sum(tally.excess_tenths for tally in before.ranks) - sum(tally.excess_tenths for tally in signed.ranks)
    assert gained >= 10 * lost


def test_matched_linacs_spare_the_hours_they_are_said_to_spare() -> None:
    """Identical linacs that nobody declared matched would spare two hours of physics a patient."""
    found = outcome(region(), changes=Changes(conventions=(("alpha", "beta"),)))
    link = found.linked[0]
    matched = outcome(
        region(),
        changes=Changes(conventions=(("alpha", "beta"),), matches=((link.home_linac_id, link.linac_id),)),
    )
    assert link.hours_saved > 0
    assert sum(flow.by_grade.get("G0", 0) for flow in found.flows) == 0
    assert sum(flow.by_grade.get("G0", 0) for flow in matched.flows) > 0
