"""Answers about a plan are true: what each place would do, what would help, where one more goes, what else is as good."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.planning import cases
from tests.planning.test_plan import odd_case
from transfer_planner.domain.patient import Patient
from transfer_planner.domain.scenario import DataRecovery, Pin
from transfer_planner.errors import DataError
from transfer_planner.io.reference import read_policy
from transfer_planner.planning.again import Effort
from transfer_planner.planning.alternatives import ALLOWANCE, alternatives, improves, measure
from transfer_planner.planning.board import Board, check_inputs, column_of, small_case
from transfer_planner.planning.explain import Explanation, Place, explain
from transfer_planner.planning.forced import why_not
from transfer_planner.planning.instance import build_instance
from transfer_planner.planning.levers import rank_levers, with_capacities
from transfer_planner.planning.plan import make_plan
from transfer_planner.planning.pulls import CAPACITY, levers
from transfer_planner.planning.recommend import recommend
from transfer_planner.planning.robustness import robustness
from transfer_planner.planning.verify import verify_plan

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan

NOTHING = (0,) * 6


def values(plan: Plan) -> tuple[int, ...]:
    return tuple(tier.value for tier in plan.tiers)


def planned(case: Case) -> Plan:
    return make_plan(case, deterministic=True, lang="en")


@pytest.fixture(scope="module")
def tiny() -> tuple[Plan, Case]:
    case = cases.make_case()
    return planned(case), case


@pytest.fixture(scope="module")
def odd() -> tuple[Plan, Case]:
    """Return a crisis of twelve odd patients, short of everything."""
    case = odd_case(3)
    return planned(case), case


def place(explanation: Explanation, centre_id: str | None) -> Place:
    return next(place for place in explanation.places if place.centre_id == centre_id)


def test_a_board_holds_what_the_decisions_use(odd: tuple[Plan, Case]) -> None:
    """What a decision says that it takes is what its option uses, and the values are those of the plan."""
    plan, case = odd
    board = Board(plan, case)
    for decision in plan.decisions:
        column = column_of(board.instance, board.numbers[decision.patient_id], decision)
        assert column is not None
        uses, held = board.problem.uses[:, [column]], board.held[decision.patient_id]
        assert dict(zip(uses.indices, uses.data, strict=True)) == dict(zip(held.rows, held.amounts, strict=True))
        assert board.costs(column, decision.patient_id) == board.leaving(decision.patient_id)
    assert board.values() == values(plan)
    assert (board.used <= board.capacity + board.surge_limit).all()


def test_moves_keep_every_capacity_and_never_lose(odd: tuple[Plan, Case]) -> None:
    """From everybody waiting, moves and exchanges only better the plan, within the capacities."""
    plan, case = odd
    board = Board(plan, case)
    for code in board.numbers:
        board.move(code, next(c for c in board.options(code) if board.instance.option(c).action == "wait"))
    alone = board.values()
    board.improve(board.numbers)
    moved = board.values()
    board.exchange(list(board.numbers), tries=3)
    assert board.values() <= moved < alone
    assert (board.used <= board.capacity + board.surge_limit).all()
    assert values(plan) <= board.values()


def test_every_centre_has_its_answer(odd: tuple[Plan, Case]) -> None:
    """Each centre and waiting are answered once; what is refused says by which rule, what lacks says what and who."""
    plan, case = odd
    ranks = {decision.patient_id: decision.rank for decision in plan.decisions}
    for decision in plan.decisions:
        told = explain(plan, case, decision.patient_id)
        assert sorted(str(p.centre_id) for p in told.places) == sorted(
            ["None", *(centre.id for centre in case.network.centres)]
        )
        assert [p.verdict for p in told.places].count("chosen") == 1
        assert place(told, decision.centre_id if decision.action != "wait" else None).verdict == "chosen"
        for one in told.places:
            assert one.verdict != "refused" or one.rules
            assert one.verdict != "taken" or one.shortages
            for shortage in one.shortages:
                assert shortage.missing > 0
                assert sum(shortage.held_by.values()) < len(ranks)


def test_rules_are_named() -> None:
    """A fallen centre, a shared system, travel, a technique, a refusal on the phone, a pin: each is told as such."""
    network = cases.network()
    network["information_systems"] = [{"id": "alpha-is", "label": "", "status": "assumed"}]
    network["centres"][1]["information_systems"] = ["alpha-is"]
    rows = cases.roster()
    rows[0] |= {"max_travel_min": 15, "technique": "HELICAL", "rank": 3}
    case = cases.make_case(a_network=network, a_scenario=cases.scenario() | {"home_restart": []}, a_roster=rows)
    told = explain(planned(case), case, "P1")
    assert place(told, "alpha").rules == ("H02",)
    assert place(told, "beta").rules == ("H02",)
    assert place(told, "gamma").rules == ("H09_travel",)
    answer = {"centre_id": "gamma", "accepts": False}
    pins = [{"patient_id": "P2", "forbid": "beta"}]
    case = cases.make_case(a_scenario=cases.scenario() | {"declared_capacity": [answer], "pins": pins})
    told = explain(planned(case), case, "P2")
    assert place(told, "gamma").rules == ("declared_capacity",)
    assert place(told, "beta").rules == ("H10",)


def test_the_cost_of_a_free_place_is_what_it_costs(odd: tuple[Plan, Case]) -> None:
    """Imposing a place that is free, everybody else being kept, changes the tiers by what was announced."""
    plan, case = odd
    checked = 0
    for decision in plan.decisions[:6]:
        for one in explain(plan, case, decision.patient_id).places:
            if one.offer is None or one.offer.start is None:
                continue
            board = Board(plan, case)
            wanted = (one.offer.linac_id, one.offer.grade, one.offer.compensation, one.offer.start)
            before = board.values()
            column = next(c for c in board.options(decision.patient_id) if board.key(c) == wanted)
            board.move(decision.patient_id, column)
            assert tuple(a - b for a, b in zip(board.values(), before, strict=True)) == one.offer.change
            checked += 1
    assert checked


def test_a_forced_place_costs_what_planning_again_says(tiny: tuple[Plan, Case]) -> None:
    """Forcing a centre gives the same tiers as planning anew with a pin; None where the pin leaves no plan."""
    plan, case = tiny
    for code in ("P1", "P2", "P3"):
        for centre_id in ("alpha", "beta", "gamma"):
            forced = why_not(plan, case, code, centre_id, Effort(1.0, deterministic=True))
            action = "restart" if centre_id == "alpha" else "transfer"
            pin = Pin(patient_id=code, action=action, centre_id=centre_id)
            pinned = dataclasses.replace(case, scenario=case.scenario.model_copy(update={"pins": (pin,)}))
            try:
                expected = values(planned(pinned))
            except DataError:
                assert forced is None
                continue
            assert forced is not None
            assert forced.after == expected
            assert forced.offer.centre_id == centre_id
            assert all(change.patient_id != code for change in forced.others)


def test_capacities_of_levers_are_those_of_the_inputs_changed(odd: tuple[Plan, Case]) -> None:
    """Raising a capacity in place gives the rows that building the changed inputs gives."""
    plan, case = odd
    board = Board(plan, case)
    for lever in levers(case):
        if lever.kind not in CAPACITY:
            continue
        raised = with_capacities(board, lever.pull(case))
        built = build_instance(lever.pull(case), merge=False)
        numbers = {row: number for number, row in enumerate(built.rows)}
        common = [number for number, row in enumerate(raised.instance.rows) if row in numbers]
        assert len(common) == len(raised.instance.rows)
        kept = [numbers[raised.instance.rows[number]] for number in common]
        assert np.array_equal(raised.problem.capacity[common], built.problem.capacity[kept])
        assert (raised.problem.capacity + raised.surge_limit >= board.problem.capacity + board.surge_limit).all()


def test_levers_gain_no_more_than_planning_again_with_them() -> None:
    """What a lever is said to bring exists: the best plan with it is at least as good."""
    case = odd_case(10)
    plan = planned(case)
    ranking = rank_levers(plan, case)
    assert ranking.best
    assert ranking.reference <= ranking.before
    gains = [tuple(-value for value in one.gain) for one in ranking.best]
    assert gains == sorted(gains)
    for one in (*ranking.best[:3], *ranking.pairs[:1]):
        pulled = case
        for lever in one.levers:
            pulled = lever.pull(pulled)
        with_it = tuple(a - b for a, b in zip(ranking.reference, one.gain, strict=True))
        assert with_it < ranking.reference
        assert values(planned(pulled)) <= with_it


def test_each_lever_changes_one_thing() -> None:
    """A centre opened in the evening or on Saturdays leaves the others shut; conventions, data and staff move as said."""
    case = cases.make_case(a_scenario=cases.scenario() | {"surge": {}, "compensation": []})
    pulled = {lever.id: lever.pull(case) for lever in levers(case)}
    for kind, field, minutes in (("evening", "evening_surge_max", 60), ("saturday", "saturday_surge_max", 360)):
        opened = {c.id: getattr(c.opening, field) for c in pulled[f"{kind}:beta"].network.centres}
        assert opened == {"alpha": 0, "beta": minutes, "gamma": 0}
        assert getattr(pulled[f"{kind}:beta"].scenario.surge, kind)
    assert pulled["saturday:beta"].scenario.compensation == ("saturday",)
    assert pulled["convention:gamma"].network.conventions[0].between == ("alpha", "gamma")
    assert pulled["data"].scenario.data_recovery.dicom_after_h == 0
    assert pulled["physicist"].scenario.redeployment.physics_fte == 1.5
    assert pulled["physics:gamma"].network.centre("gamma").physics_hours_per_day == 5.5
    assert pulled["travel"].policy.travel_limits.by_mobility["seated"] == (
        case.policy.travel_limits.by_mobility["seated"] + 30
    )
    answered = {"centre_id": "beta", "accepts": True, "new_starts_per_day": 1, "physics_hours_per_day": 2.0}
    refused = {"centre_id": "gamma", "accepts": False}
    case = cases.make_case(a_scenario=cases.scenario() | {"declared_capacity": [answered, refused]})
    pulled = {lever.id: lever.pull(case) for lever in levers(case)}
    assert [a.new_starts_per_day for a in pulled["starts:beta"].scenario.declared_capacity] == [3, None]
    assert [a.accepts for a in pulled["accept:gamma"].scenario.declared_capacity] == [True, True]
    assert "physics:gamma" not in pulled


def test_one_more_patient_goes_where_planning_with_the_others_pinned_says(tiny: tuple[Plan, Case]) -> None:
    """The first place is the best there is when the decisions of the others are kept."""
    plan, case = tiny
    row = cases.roster()[4] | {"patient_id": "N1", "urgency": "none", "category": 3, "prescribed_fractions": 2}
    patient = Patient.model_validate(row | {"prescribed_dose_gy": 8})
    found = recommend(plan, case, patient)
    pins = tuple(
        Pin(
            patient_id=d.patient_id,
            action=d.action,
            centre_id=d.centre_id,
            linac_id=d.linac_id,
            start_date=d.start_date,
        )
        for d in plan.decisions
    )
    both = dataclasses.replace(
        case,
        patients=(*case.patients, patient),
        places={**case.places, "N1": cases.TOWN},
        scenario=case.scenario.model_copy(update={"pins": pins}),
    )
    best = min([one.total for one in found.places if not one.displaced] + [found.waiting.total])
    assert tuple(a - b for a, b in zip(values(planned(both)), values(plan), strict=True)) == best
    later = recommend(plan, case, patient, not_before=date(2026, 3, 11))
    assert all(one.offer.start >= date(2026, 3, 11) for one in later.places if one.offer.start)


def test_an_urgent_patient_may_take_the_place_of_others() -> None:
    """A patient of rank 1 gets the only start of the day; who moves is told, with what it costs."""
    rows = [
        row | {"category": 3, "intent": "palliative", "rank": 5, "plan_data": "dicom"}
        for row in cases.roster()
        if row["patient_id"] in ("P1", "P3")
    ]
    network = cases.network()
    scenario = cases.scenario() | {"home_restart": [], "redeployment": {"oncologists": 0}}
    network["centres"][1] |= {"new_starts_per_day": 1, "physics_hours_per_day": 1.4}
    case = cases.make_case(a_network=network, a_scenario=scenario, a_roster=rows)
    plan = planned(case)
    urgent = Patient.model_validate(cases.roster()[0] | {"patient_id": "N1"})
    found = recommend(plan, case, urgent)
    assert found.rank == 1
    moved = [one for one in found.places if one.displaced]
    assert moved
    assert moved[0].total < min(one.total for one in (found.waiting, *found.places) if not one.displaced)
    assert {change.rank for one in moved for change in one.displaced} == {5}


def test_one_more_patient_must_be_new_and_have_something_left(tiny: tuple[Plan, Case]) -> None:
    """A code of the plan, or a course that is over, is refused."""
    plan, case = tiny
    for changes in ({}, {"patient_id": "N1", "delivered_fractions": 10}):
        with pytest.raises(DataError):
            recommend(plan, case, Patient.model_validate(cases.roster()[0] | changes))


def test_alternatives_are_as_good_and_better_at_their_aim() -> None:
    """Every alternative verifies, keeps T1 to T5, stays within 2 % of T6, and is better at what it aims at."""
    case = odd_case(9)
    plan = planned(case)
    before, seen = measure(plan, case), 0
    for other in alternatives(plan, case, "en"):
        seen += 1
        assert [violation.text.text("en") for violation in verify_plan(other.plan, case)] == []
        assert other.tiers[:-1] <= values(plan)[:-1]
        assert other.tiers[-1] <= (1 + ALLOWANCE) * values(plan)[-1]
        assert improves(other.aim, before, other.measures)
        assert other.measures == measure(other.plan, case)
        assert other.changed
        assert all(change.centre_after for change in other.changed)
    assert seen


def test_robustness_of_the_tiny_plan(tiny: tuple[Plan, Case]) -> None:
    """Nothing turns out otherwise: the plan is worth what it says; a day's delay of data puts off who needs them."""
    plan, case = tiny
    found = robustness(plan, case)
    assert found.planned == values(plan)
    assert sum(future.weight for future in found.futures) == pytest.approx(1)
    known = {(future.outage_days, future.data_delay_days): future for future in found.futures}
    assert known[7, 0].tiers[:-1] == values(plan)[:-1]
    assert known[7, 0].put_off == 0
    assert known[7, 1].put_off == 2  # P1 and P3 need the plan data on Tuesday; P5 does not
    assert known[7, 1].tiers > known[7, 0].tiers
    assert found.worst == tuple(max(column) for column in zip(*(f.tiers for f in found.futures), strict=True))
    waiting = {one.patient_id: one for one in found.waiting}
    assert set(waiting) == {d.patient_id for d in plan.decisions if d.action == "wait"}
    for decision in plan.decisions:
        if decision.action == "wait" and decision.waiting_right_up_to_days is not None:
            until = waiting[decision.patient_id].right_until
            assert until is not None
            assert (until - plan.attack_date).days == decision.waiting_right_up_to_days


def test_robustness_takes_the_delays_of_the_policy(tiny: tuple[Plan, Case]) -> None:
    """Other delays give other futures; where data never come there is none to try."""
    plan, case = tiny
    sure = read_policy({"data_delays": [{"days": 2, "weight": 1}]})
    found = robustness(plan, dataclasses.replace(case, policy=sure))
    assert found.data_delays == {2: 1}
    assert {future.data_delay_days for future in found.futures} == {2}
    never = case.scenario.model_copy(update={"data_recovery": DataRecovery(dicom_after_h=None)})
    lost = dataclasses.replace(case, scenario=never)
    found = robustness(planned(lost), lost)
    assert found.data_delays == {}
    assert sum(future.weight for future in found.futures) == pytest.approx(1)


def test_inputs_that_changed_are_refused(tiny: tuple[Plan, Case]) -> None:
    """A plan answers only for the files that it was made from; an overlay named twice is the same overlay."""
    plan, case = tiny
    check_inputs(plan, case)
    twice = plan.inputs.model_copy(update={"overlays": plan.inputs.overlays * 2})
    check_inputs(plan.model_copy(update={"inputs": twice}), case)
    roster = plan.inputs.roster.model_copy(update={"sha256": "other"})
    changed = plan.model_copy(update={"inputs": plan.inputs.model_copy(update={"roster": roster})})
    with pytest.raises(DataError) as caught:
        check_inputs(changed, case)
    assert [finding.code for finding in caught.value.findings] == ["input_changed"]


def broken(name: str) -> dict[str, Any]:
    """Return crises in which nothing can be done."""
    network, scenario, roster = cases.network(), cases.scenario() | {"home_restart": []}, cases.roster()
    if name == "no capacity":
        for centre in network["centres"]:
            centre |= {"new_starts_per_day": 0, "physics_hours_per_day": 0, "ct_simulator_slots_per_day": 0}
            centre["opening"] = {"weekdays": 0, "evening_surge_max": 0, "saturday_surge_max": 0}
        scenario["redeployment"] = {}
    elif name == "short horizon":
        scenario |= {"horizon_days": 1, "agency_led": False}
        roster = [row for row in roster if row.get("urgency") != "emergency"]
    else:
        roster = [row | {"technique": "BRACHY", "urgency": "none"} for row in roster]
    return {"a_network": network, "a_scenario": scenario, "a_roster": roster}


@pytest.mark.parametrize("name", ["no capacity", "short horizon", "nobody can"])
def test_where_nothing_can_be_done_everybody_waits_and_is_told_why(name: str) -> None:
    """The plan drops nobody: all wait with a reason, each centre says why, and the other questions have an answer."""
    case = cases.make_case(**broken(name))
    plan = planned(case)
    assert {d.action for d in plan.decisions} == {"wait"}
    assert len(plan.decisions) + len(plan.not_planned) == len(case.patients)
    assert verify_plan(plan, case) == ()
    for decision in plan.decisions:
        assert decision.reasons
        told = explain(plan, case, decision.patient_id)
        assert all(p.rules or p.shortages for p in told.places if p.centre_id is not None)
    assert why_not(plan, case, "P1", "beta", Effort(0.0)) is None
    assert {one.place for one in robustness(plan, case).waiting} == {None}
    assert rank_levers(plan, case).tried
    assert all(improves(other.aim, measure(plan, case), other.measures) for other in alternatives(plan, case, "en"))


def test_a_small_case_keeps_its_order(tiny: tuple[Plan, Case]) -> None:
    """Some patients of a case, in roster order."""
    _, case = tiny
    assert [p.patient_id for p in small_case(case, {"P5", "P1"}).patients] == ["P1", "P5"]
