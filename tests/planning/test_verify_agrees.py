"""What the verification computes day by day is what the options that are solved were made of, on many odd patients."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.planning import cases
from transfer_planner.clinical.fractionation import latest_start as problem_latest_start
from transfer_planner.domain.plan import Decision
from transfer_planner.network.graph import build_network
from transfer_planner.planning.verify_facts import Facts, Treatment, gather_facts, planned_sessions
from transfer_planner.planning.verify_fields import latest_start
from transfer_planner.planning.verify_places import (
    delivered_technique,
    grade_of,
    linac_day,
    physics_limit,
    ready_day,
    restart_day,
)
from transfer_planner.planning.verify_rules import mode_allowed, simulation_day
from transfer_planner.planning.verify_tiers import Outcome, treated_outcome, wait_outcome
from transfer_planner.problem import rules
from transfer_planner.problem.build import make_pools
from transfer_planner.problem.calendars import calendars_of
from transfer_planner.problem.offers import OfferMaker
from transfer_planner.problem.options import Option, Subject, subject_of

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case

DAY_ZERO = date(2026, 3, 2)


def odd_patient(rng: random.Random, number: int) -> dict[str, Any]:
    """Draw a row of the roster: any mix of rhythms, dates, techniques and blanks."""
    fractions = rng.choice([1, 2, 3, 5, 10, 25, 35])
    dose = rng.choice([None, 2.0, 2.2, 2.5, 3.0])
    row = {
        "patient_id": f"P{number}",
        "centre_id": "alpha",
        "commune_insee": "59001",
        "prescribed_fractions": fractions,
        "prescribed_dose_gy": dose and dose * fractions,
        "delivered_fractions": rng.choice([None, 0, rng.randrange(fractions)]),
        "last_fraction_date": rng.choice([None, DAY_ZERO - timedelta(days=rng.randrange(5))]),
        "first_fraction_date": rng.choice([None, DAY_ZERO + timedelta(days=rng.randrange(-30, 20))]),
        "prolongation_days_so_far": rng.choice([0, 0, 3]),
        "birth_year": rng.choice([None, 1950, 2012]),
        "technique": rng.choice(["3DCRT", "IMRT", "VMAT", "SBRT", "HELICAL"]),
        "urgency": rng.choice(["none", "none", "none", "urgent", "emergency"]),
    }
    blanks: dict[str, tuple[Any, ...]] = {
        "fractions_per_week": (1, 2, 3, 4, 5, 6, 10),
        "fractions_per_day": (1, 1, 2),
        "status": ("planned", "on_treatment"),
        "category": (1, 2, 3),
        "intent": ("curative", "palliative"),
        "energy": ("6X", "6X", "10X", "9E"),
        "plan_data": ("dicom", "dicom", "dicom", "paper"),
        "immobilisation": ("available", "none", "unavailable"),
        "anaesthesia": (False, True),
        "linac_id": ("a1", "a1", "a2"),
        "rank": (1, 2, 5),
        "max_travel_min": (35, 200),
    }
    return row | {name: rng.choice([None, *values]) for name, values in blanks.items()}


def odd_case(seed: int) -> Case:
    """Make a crisis with every mode, matched and mixed linacs, and forty odd patients."""
    rng = random.Random(seed)
    network, scenario = cases.network(), cases.scenario()
    for centre in network["centres"]:
        centre |= {"anaesthesia": True, "paediatrics": rng.random() < 0.7, "treatment_planning_system": "Monaco 6"}
        centre |= {"oncology_information_system": rng.choice(["Mosaiq 2.8", "MOSAIQ", None])}
        for linac in centre["linacs"]:
            linac |= {"photon_mv": rng.choice([["6X", "10X"], ["6X"], None]), "electron_mev": rng.choice([[9], None])}
            linac["techniques"] = rng.choice([None, ["3DCRT", "IMRT", "VMAT", "SBRT"], ["IMRT", "HELICAL"]])
            linac["vendor"] = rng.choice(["Elekta", "Elekta", "Elekta", "Varian", None])
    network["centres"][0]["linacs"][0]["matched_with"] = [{"linac": "b1"}]
    scenario |= {"compensation": ["saturday", "bid"], "agency_led": rng.random() < 0.5, "horizon_days": 28}
    scenario |= {"outage_days": {"low": 10, "likely": 30, "high": 60}}
    scenario["data_recovery"] = {"dicom_after_h": rng.choice([24, 24, 200, None])}
    scenario["declared_capacity"] = [
        {
            "centre_id": "gamma",
            "asked_at": "2026-03-02T09:00:00+01:00",
            "spare_minutes_per_day": rng.choice([None, 99]),
        },
        {"centre_id": "beta", "asked_at": "2026-03-02T09:00:00+01:00", "from_date": rng.choice([None, "2026-03-05"])},
    ]
    return cases.make_case(network, scenario, [odd_patient(rng, number) for number in range(40)])


def told(outcome: Outcome) -> tuple[Any, ...]:
    """Return what a decision gives, as computed by the verification."""
    calendar = tuple((day, fractions) for day, _, fractions in outcome.sessions)
    sums = (outcome.missed, float(outcome.prolongation_days), outcome.excess_tenths, outcome.physics_hours)
    return calendar, tuple(outcome.costs.values()), *sums


def solved(option: Option) -> tuple[Any, ...]:
    """Return what a decision gives, as it was solved."""
    calendar = tuple((session.date, session.fractions) for session in option.sessions)
    sums = (option.missed, option.prolongation_days, option.excess_tenths, option.physics_hours)
    return calendar, option.costs, *sums


def check_option(facts: Facts, subject: Subject, option: Option) -> None:
    """Compare one option with the same decision computed again."""
    patient = subject.patient
    if option.pool is None:
        assert told(wait_outcome(facts, patient)) == solved(option)
        return
    centre, linac = option.pool.centre, option.pool.linacs[0]
    assert option.start is not None
    decision = Decision(
        patient_id=patient.patient_id,
        rank=subject.assessment.rank,
        action=option.action,
        home_centre_id=patient.centre_id,
        centre_id=centre.id,
        linac_id=linac.id,
        grade=option.grade,
        compensation=option.mode,
        start_date=option.start,
    )
    treatment = Treatment(decision, patient, centre, linac, option.start)
    outcome = treated_outcome(facts, treatment)
    assert told(outcome) == solved(option)
    assert outcome.sessions[0][1] == option.minutes * option.sessions[0].fractions + 10
    assert delivered_technique(patient, linac, option.action) == option.technique
    assert mode_allowed(facts, patient, option.mode)
    assert simulation_day(facts, treatment) == option.simulation
    if option.action == "restart":
        assert restart_day(facts, linac) == option.ready
    else:
        assert grade_of(facts, treatment) == option.grade
        assert option.grade is not None
        assert ready_day(facts, patient, centre, option.grade) == option.ready


@pytest.mark.parametrize("seed", range(8))
def test_options(seed: int) -> None:
    """Calendars, grades, ready dates, costs and latest starts of odd patients are the same both ways."""
    case = odd_case(seed)
    graph = build_network(case.network)
    pools = make_pools(case, rules.h02_closed_centres(graph, case.network, case.scenario), merge=False)
    facts, maker = gather_facts(case), OfferMaker(case, graph, pools)
    rng = random.Random(seed)
    for patient in case.patients:
        subject = subject_of(patient, case)
        assert planned_sessions(patient, facts)[-1][0] == subject.home.planned_end
        tolerance = subject.assessment.tolerance_days
        assert latest_start(patient, facts) == problem_latest_start(
            subject.home, tolerance, subject.modes, case.scenario.day_zero
        )
        offer = maker.offer(subject, calendars_of(subject, case))
        assert offer.wait is not None
        for position in {0, *rng.sample(range(len(offer)), min(len(offer), 12))}:
            check_option(facts, subject, offer.option(position))


@pytest.mark.parametrize("seed", range(8))
def test_places(seed: int) -> None:
    """Minutes and physics hours of the destinations are the same both ways, day after day."""
    case = odd_case(seed)
    facts, plan = gather_facts(case), cases.make_plan(cases.plan() | {"redeployment": []})
    answers = rules.latest_answers(case.scenario)
    for code in ("beta", "gamma"):
        centre = facts.centres[code]
        for offset in range(1, 40):
            day = DAY_ZERO + timedelta(days=offset)
            hours = rules.h07_physics_hours(centre, answers.get(code), DAY_ZERO, day)
            assert physics_limit(plan, facts, centre, day) == pytest.approx(hours)
            for linac in centre.linacs:
                room = linac_day(facts, centre, linac, day)
                spare = rules.h05_linac_room(centre, linac, day, case.scenario, answers.get(code)).free
                assert day.weekday() == 6 or max(0, int(room.capacity - room.booked)) == spare
