"""Plans of small crises are the best there are, keep every rule, and do not depend on the order of the roster."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.planning import cases
from tests.planning.test_verify_agrees import odd_patient
from transfer_planner.domain.plan import TO_JUSTIFY
from transfer_planner.errors import DataError
from transfer_planner.i18n import LANGUAGES
from transfer_planner.io.reference import read_policy
from transfer_planner.planning.export import export_mps
from transfer_planner.planning.instance import build_instance
from transfer_planner.planning.plan import make_plan
from transfer_planner.planning.verify import verify_plan
from transfer_planner.problem.problem import Problem, Solution, is_feasible, tier_values
from transfer_planner.solvers.solve import solve
from transfer_planner.stress.evaluate import solve_roughly

if TYPE_CHECKING:
    from pathlib import Path

    from transfer_planner.domain.case import Case
    from transfer_planner.i18n import Message

SEEDS = range(8)
PINNED = 2


def twin_network() -> dict[str, Any]:
    """Return the tiny network with two identical linacs at Beta and room at Gamma."""
    network = cases.network()
    beta, gamma = network["centres"][1], network["centres"][2]
    beta["linacs"].append(beta["linacs"][0] | {"id": "b2"})
    beta["new_starts_per_day"] = 2
    gamma["new_starts_per_day"] = 1
    return network


def odd_case(seed: int, patients: int = 12, **scenario: Any) -> Case:
    """Return a crisis with odd patients."""
    rng = random.Random(seed)
    rows = [odd_patient(rng, number) for number in range(patients)]
    return cases.make_case(a_network=twin_network(), a_scenario=cases.scenario() | scenario, a_roster=rows)


def exhaustive(problem: Problem) -> tuple[int, ...]:
    """Return the best tiers over every combination of options and units."""
    by_choice = [np.flatnonzero(problem.choice == choice) for choice in range(problem.num_choices)]
    limits = [range(int(problem.pools.limit[kind]) + 1) for kind in problem.pools.kind]
    best: tuple[int, ...] | None = None
    for units in itertools.product(*limits):
        for options in itertools.product(*by_choice):
            solution = Solution(np.array(options), np.array(units, dtype=np.int64))
            if is_feasible(problem, solution):
                values = tier_values(problem, solution)
                best = values if best is None else min(best, values)
    assert best is not None
    return best


@pytest.mark.parametrize("seed", SEEDS)
def test_every_plan_passes_its_verification(seed: int) -> None:
    """Plans of odd patients keep every rule and state only what the inputs give."""
    case = odd_case(seed)
    plan = make_plan(case, time_limit_s=5, seed=seed)
    assert [violation.text.text("en") for violation in verify_plan(plan, case)] == []
    assert [d.patient_id for d in plan.decisions] == [p.patient_id for p in case.patients if p.remaining_fractions > 0]


@pytest.mark.parametrize("seed", range(4))
def test_small_plans_are_the_best_of_all(seed: int) -> None:
    """Trying every combination of three patients finds nothing better in any tier."""
    case = odd_case(seed, patients=3, horizon_days=4, compensation=[])
    instance = build_instance(case, merge=False)
    result = solve(instance.problem, time_limit_s=10)
    assert result.status == "optimal"
    assert tuple(tier.value for tier in result.tiers) == exhaustive(instance.problem)


def crowded_twins() -> Case:
    """Return three patients for two identical linacs that together have the minutes of all, each those of one."""
    network, crisis = cases.network(), cases.scenario()
    beta = network["centres"][1]
    beta["linacs"][0]["booked_min_per_day"] = 570
    beta["linacs"].append(beta["linacs"][0] | {"id": "b2"})
    beta |= {"new_starts_per_day": 9, "physics_hours_per_day": 90}
    crisis |= {"surge": {"evening": False, "saturday": False}, "redeployment": {}, "home_restart": []}
    rows = [cases.roster()[0] | {"patient_id": f"P{number}"} for number in range(3)]
    return cases.make_case(a_network=network, a_scenario=crisis, a_roster=rows)


@pytest.mark.parametrize("deterministic", [False, True])
def test_linacs_that_cannot_be_told_apart_are_planned_by_themselves(*, deterministic: bool) -> None:
    """The plan is proven linac by linac where identical linacs together promise too much; sweeps find it too."""
    case = crowded_twins()
    together, apart = (solve(build_instance(case, merge=merge).problem, time_limit_s=10) for merge in (True, False))
    assert together.tiers[0].value < apart.tiers[0].value
    plan = make_plan(case, time_limit_s=10, deterministic=deterministic)
    assert (plan.status, verify_plan(plan, case)) == ("OPTIMAL", ())
    assert [tier.value for tier in plan.tiers] == [tier.value for tier in apart.tiers]
    swept = solve_roughly(case)
    assert swept is not None
    assert [tier.value for tier in swept.tiers] == [tier.value for tier in apart.tiers]


def test_interrupted_plans_give_each_patient_a_linac_with_room() -> None:
    """Ctrl-C at the first plan, which promises too much, still leaves a plan that holds."""
    told: list[str] = []

    def stop(message: Message) -> None:
        told.append(message.text("en"))
        if "T1" in told[-1] and not any("by itself" in words for words in told):
            raise KeyboardInterrupt

    case = crowded_twins()
    plan = make_plan(case, time_limit_s=10, progress=stop)
    assert any("by itself" in words for words in told)
    assert plan.solver["interrupted"]
    assert verify_plan(plan, case) == ()


def test_order_of_the_roster_changes_no_tier() -> None:
    """A shuffled roster gives the same tiers."""
    case = odd_case(3)
    shuffled = cases.make_case(
        a_network=twin_network(),
        a_scenario=cases.scenario(),
        a_roster=_shuffled_rows(3),
    )
    plans = [make_plan(one, time_limit_s=10) for one in (case, shuffled)]
    assert plans[0].status == plans[1].status == "OPTIMAL"
    assert [t.value for t in plans[0].tiers] == [t.value for t in plans[1].tiers]


def _shuffled_rows(seed: int) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    rows = [odd_patient(rng, number) for number in range(12)]
    random.Random(99).shuffle(rows)
    return rows


def test_more_capacity_never_worsens_the_plan() -> None:
    """A destination with more starts, hours and scanner slots gives no dearer plan."""
    rows = _shuffled_rows(5)
    richer = twin_network()
    richer["centres"][1] |= {"new_starts_per_day": 6, "physics_hours_per_day": 30, "ct_simulator_slots_per_day": 5}
    before, after = (
        make_plan(cases.make_case(a_network=network, a_scenario=cases.scenario(), a_roster=rows), time_limit_s=10)
        for network in (twin_network(), richer)
    )
    assert after.status == "OPTIMAL"
    assert [t.value for t in after.tiers] <= [t.value for t in before.tiers]


def test_deterministic_plans_are_the_same_byte_for_byte() -> None:
    """Two deterministic runs differ only in their time."""
    case = odd_case(6)
    first, second = (
        make_plan(case, seed=4, deterministic=True).model_copy(update={"wall_s": 0, "created_at": None})
        for _ in range(2)
    )
    assert first == second


def test_reasons_and_assumptions_are_told_in_both_languages() -> None:
    """Whatever the language of the plan, its reasons can be printed in the other one."""
    plans = {lang: make_plan(odd_case(6), seed=4, deterministic=True, lang=lang) for lang in LANGUAGES}
    for lang in LANGUAGES:
        reasons = [[reason.said(lang) for d in plan.decisions for reason in d.reasons] for plan in plans.values()]
        assert reasons[0] == reasons[1] != []
        assert plans["fr"].summary.assumed(lang) == plans["en"].summary.assumed(lang)
    assert plans["fr"].decisions[0].reasons[0].said("fr") != plans["fr"].decisions[0].reasons[0].said("en")


def test_pins_are_kept() -> None:
    """A pinned wait waits, a pinned transfer goes where and when it is pinned, a forbidden centre receives nobody."""
    free = make_plan(odd_case(PINNED), time_limit_s=5)
    moved = [d for d in free.decisions if d.action == "transfer"]
    assert len(moved) >= 2
    waits, goes = moved[0], moved[1]
    pins = [
        {"patient_id": waits.patient_id, "action": "wait"},
        {
            "patient_id": goes.patient_id,
            "action": "transfer",
            "centre_id": goes.centre_id,
            "linac_id": goes.linac_id,
            "start_date": goes.start_date.isoformat() if goes.start_date else None,
        },
    ]
    case = odd_case(PINNED, pins=pins)
    plan = make_plan(case, time_limit_s=5)
    found = {d.patient_id: d for d in plan.decisions}
    assert found[waits.patient_id].action == "wait"
    assert found[goes.patient_id].linac_id == goes.linac_id
    assert found[goes.patient_id].start_date == goes.start_date
    assert verify_plan(plan, case) == ()


def test_the_limit_of_two_sessions_a_day_holds_to_the_last_fraction() -> None:
    """Whoever has two sessions a day and a single fraction left is flagged beyond the limit of two sessions a day."""
    roster = cases.roster()
    roster[4] |= {"fractions_per_day": 2}
    case = cases.make_case(a_roster=roster, policy=read_policy({"travel_limits.two_sessions_a_day": 25}))
    plan = make_plan(case, time_limit_s=5)
    decision = next(d for d in plan.decisions if d.patient_id == "P5")
    assert (decision.action, decision.travel_min) == ("transfer", 30)
    assert TO_JUSTIFY in [reason.code for reason in decision.reasons]
    assert verify_plan(plan, case) == ()


def test_impossible_pins_are_a_fault_of_the_data() -> None:
    """A pin that no rule allows, and pins that no capacity allows together, are findings about the pins."""
    code = next(d.patient_id for d in make_plan(odd_case(1), time_limit_s=5).decisions)
    pin = {"patient_id": code, "action": "transfer", "centre_id": "beta", "start_date": "2026-03-02"}
    with pytest.raises(DataError) as alone:
        make_plan(odd_case(1, pins=[pin]), time_limit_s=5)
    assert alone.value.findings[0].code == "pins_impossible"


def test_nobody_can_be_treated_and_everybody_waits() -> None:
    """With no capacity anywhere, every patient waits and the plan says so."""
    network = twin_network()
    for centre in network["centres"][1:]:
        centre |= {"new_starts_per_day": 0}
    case = cases.make_case(
        a_network=network,
        a_scenario=cases.scenario() | {"home_restart": [], "redeployment": {}},
        a_roster=_shuffled_rows(2),
    )
    plan = make_plan(case, time_limit_s=5)
    assert {d.action for d in plan.decisions} == {"wait"}
    assert all(d.reasons for d in plan.decisions)
    assert verify_plan(plan, case) == ()


@pytest.mark.parametrize("tier", ["T1", "T6"])
def test_another_engine_agrees_on_the_exported_programme(tier: Any, tmp_path: Path) -> None:
    """SCIP solves the exported programme to the value that the plan states."""
    from ortools.linear_solver.python import model_builder

    case = odd_case(4, patients=8)
    plan = make_plan(case, time_limit_s=10)
    assert plan.status == "OPTIMAL"
    file = tmp_path / "problem.mps"
    export_mps(case, file, tier, time_limit_s=10)
    model = model_builder.Model()
    assert model.import_from_mps_file(str(file))
    solver = model_builder.Solver("scip")
    assert solver.solve(model) == model_builder.SolveStatus.OPTIMAL
    stated = next(t.value for t in plan.tiers if t.id == tier)
    assert solver.objective_value == pytest.approx(stated, abs=1e-3)
