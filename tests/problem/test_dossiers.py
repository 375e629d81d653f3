"""Problems built with the dossiers of other cases are those built alone; dossiers that do not hold are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.planning import cases
from transfer_planner.problem.build import Instance, build_problem
from transfer_planner.problem.dossiers import Dossiers

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case


def crisis(**scenario: Any) -> Case:
    """Return the tiny crisis, with what a test changes in it."""
    return cases.make_case(a_scenario=cases.scenario() | scenario)


def content(instance: Instance) -> list[Any]:
    """Return all that is known of a problem, as plain values."""
    problem = instance.problem
    return [
        problem.costs.tolist(),
        problem.uses.toarray().tolist(),
        problem.capacity.tolist(),
        instance.rows,
        [offer.refused for offer in instance.offers],
        [subject.patient.patient_id for subject in instance.subjects],
        [instance.option(column).sessions for column in range(problem.num_options)],
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"outage_days": {"low": 3, "likely": 9, "high": 20}},
        {"data_recovery": {"dicom_after_h": 200}},
        {"compromised": {"centres": ["alpha", "beta"]}},
        {"pins": [{"patient_id": "P1", "action": "wait"}]},
        {"agency_led": False},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_changes_from_a_case_to_another(changed: dict[str, Any]) -> None:
    """Outage, data, what falls, pins and agreements may change: the problem is that of a build from nothing."""
    dossiers = Dossiers(crisis())
    before = content(build_problem(crisis(), dossiers=dossiers))
    after = content(build_problem(crisis(**changed), dossiers=dossiers))
    assert after == content(build_problem(crisis(**changed)))
    assert after != before


def test_a_patient_under_another_code_is_the_same_course() -> None:
    """Codes and notes are all that distinguishes two patients who share a dossier, and pins follow the code."""
    case = crisis()
    first, *others = case.patients
    twin = first.model_copy(update={"patient_id": "TWIN", "notes": "drawn again"})
    both = replace(case, patients=(first, twin, *others), places={**case.places, "TWIN": case.places[first.patient_id]})
    instance = build_problem(both, dossiers=Dossiers(case))
    assert [subject.patient.patient_id for subject in instance.subjects][:2] == [first.patient_id, "TWIN"]
    one, other = (instance.problem.costs[:, instance.problem.choice == number] for number in (0, 1))
    assert np.array_equal(one, other)
    for pinned, free in (("TWIN", first.patient_id), (first.patient_id, "TWIN")):
        pins = crisis(pins=[{"patient_id": pinned, "action": "wait"}]).scenario.pins
        told = build_problem(replace(both, scenario=both.scenario.model_copy(update={"pins": pins})))
        offers = {offer.subject.patient.patient_id: offer for offer in told.offers}
        assert len(offers[pinned]) == 1
        assert len(offers[free]) == len(instance.offers[0]) > 1


@pytest.mark.parametrize(
    "changed",
    [{"attack_at": "2026-03-03T06:40:00+01:00"}, {"horizon_days": 9}, {"compensation": []}],
    ids=lambda change: next(iter(change)),
)
def test_dossiers_of_another_world_are_refused(changed: dict[str, Any]) -> None:
    """Other dates, another horizon, other compensation: a problem is never built on calendars that do not hold."""
    with pytest.raises(ValueError, match="dossiers of other dates"):
        build_problem(crisis(**changed), dossiers=Dossiers(crisis()))
