"""The problem holds exactly what may be decided: useful options, the capacities of the rules, and why centres refuse."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.planning import cases
from transfer_planner.problem.build import PHYSICS_SCALE, Instance, PinConflictError, build_problem
from transfer_planner.problem.problem import Solution, is_feasible, tier_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transfer_planner.problem.options import Option


def built(*, merge: bool = True, network: dict[str, Any] | None = None, **scenario: Any) -> Instance:
    """Build the tiny crisis, with what a test changes in it."""
    case = cases.make_case(a_network=network, a_scenario=cases.scenario() | scenario)
    return build_problem(case, merge_linacs=merge)


def options(instance: Instance, patient_id: str) -> Iterator[Option]:
    """Yield every option of a patient."""
    number = [s.patient.patient_id for s in instance.subjects].index(patient_id)
    for column in np.flatnonzero(instance.problem.choice == number):
        yield instance.option(int(column))


def test_every_planned_patient_is_a_choice_and_the_others_are_named() -> None:
    """P4 has no fraction left: five choices, one not planned."""
    instance = built()
    assert [s.patient.patient_id for s in instance.subjects] == ["P1", "P2", "P3", "P5", "P6"]
    assert instance.not_planned == ("P4",)


def test_no_option_costs_more_than_waiting() -> None:
    """The wait comes first, and every other option of the patient comes before it in order of tiers."""
    instance = built()
    for subject in instance.subjects:
        wait, *others = options(instance, subject.patient.patient_id)
        assert wait.action == "wait"
        assert all(option.costs < wait.costs for option in others)


def test_compensation_is_offered_only_where_it_shortens_a_course_begun() -> None:
    """P1 (begun, 2 Gy) may use Saturdays; P2 (not begun) and P3 (3 Gy per fraction) may not."""
    instance = built()
    assert {o.mode for o in options(instance, "P1")} == {"none", "saturday"}
    assert {o.mode for o in options(instance, "P2")} == {"none"}
    assert {o.mode for o in options(instance, "P3")} == {"none"}


def test_columns_use_what_their_option_takes() -> None:
    """Minutes day by day, one start, the physics hours on every later day, one simulation for a new CT."""
    instance = built()
    uses = instance.problem.uses.tocsc()
    for column in range(instance.problem.num_options):
        option = instance.option(column)
        part = slice(uses.indptr[column], uses.indptr[column + 1])
        rows = [
            (instance.rows[row], int(amount)) for row, amount in zip(uses.indices[part], uses.data[part], strict=True)
        ]
        minutes = sum(amount for row, amount in rows if row.rule == "H05")
        sessions = sum(fractions for _, fractions in option.sessions)
        assert minutes == option.minutes * sessions + (10 if option.sessions else 0)
        assert sum(amount for row, amount in rows if row.rule == "H06") == (1 if option.sessions else 0)
        hours = {amount for row, amount in rows if row.rule == "H07"}
        assert hours == ({option.physics_hours * PHYSICS_SCALE} if option.action == "transfer" else set())
        assert all(row.day >= (option.start or date.max) for row, _ in rows if row.rule == "H07")
        assert [row.day for row, _ in rows if row.rule == "H08"] == ([option.simulation] if option.simulation else [])


def test_identical_linacs_are_planned_together_only_if_asked() -> None:
    """Two equal linacs make one pool, or two; their minutes add up."""
    network = cases.network()
    beta = network["centres"][1]
    beta["linacs"].append(beta["linacs"][0] | {"id": "b2"})
    together, apart = built(network=network), built(network=network, merge=False)
    assert [len(p.linacs) for p in together.pools if p.centre.id == "beta"] == [2]
    assert [len(p.linacs) for p in apart.pools if p.centre.id == "beta"] == [1, 1]

    def room(instance: Instance) -> int:
        days = zip(instance.rows, instance.problem.capacity, strict=True)
        return sum(int(c) for row, c in days if (row.rule, row.centre_id, row.day) == ("H05", "beta", date(2026, 3, 4)))

    assert room(together) == room(apart) == 40


def test_refusals_name_the_rule() -> None:
    """A centre without any linac for the technique says so for each patient."""
    network = cases.network()
    network["centres"][2]["linacs"][0] |= {"techniques": ["ELECTRONS"]}
    instance = built(network=network)
    assert all(offer.refused["gamma"] == ("H03_technique",) for offer in instance.offers)


def test_closed_centres_receive_nobody() -> None:
    """A centre that shares a system with the compromised one is closed (H02), one step only."""
    network = cases.network()
    network["centres"][1]["information_systems"] = ["alpha-is", "shared"]
    network["centres"][2]["information_systems"] = ["shared"]
    instance = built(network=network)
    assert instance.closed == {"alpha", "beta"}
    assert {pool.centre.id for pool in instance.pools if not pool.home} == {"gamma"}


def test_pins_that_leave_nothing_are_told() -> None:
    """A start before anything can be ready leaves no option."""
    pin = {"patient_id": "P1", "action": "transfer", "start_date": "2026-03-02"}
    with pytest.raises(PinConflictError) as error:
        built(pins=[pin])
    assert error.value.patient_id == "P1"


def test_everybody_may_wait_at_the_cost_stated() -> None:
    """The plan in which all wait is feasible, and its tiers are the sums of the waits."""
    problem = built().problem
    first = np.searchsorted(problem.choice, np.arange(problem.num_choices))
    waits = Solution(first.astype(np.int64), np.zeros(len(problem.pools.kind), dtype=np.int64))
    assert is_feasible(problem, waits)
    assert tier_values(problem, waits) == tuple(int(v) for v in problem.costs[:, first].sum(axis=1))
