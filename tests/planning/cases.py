"""A tiny crisis and its plan, both by hand: three centres, six patients, ten days; every figure can be checked on paper.

Alpha fell on Monday 2 March 2026 (no public holiday until April). Beta and Gamma receive; the agency leads, so they agree in
one day; DICOM data come back on Tuesday.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from transfer_planner.clinical.prioritisation import assess
from transfer_planner.domain.case import Case, Place
from transfer_planner.domain.centre import Network
from transfer_planner.domain.patient import Patient
from transfer_planner.domain.plan import Inputs, Plan
from transfer_planner.domain.scenario import Scenario
from transfer_planner.io.reference import read_policy

if TYPE_CHECKING:
    from transfer_planner.domain.policy import Policy

TOWN = Place(50.0, 3.0, "commune", "59001")
TRAVEL_MIN = {"alpha": 20, "beta": 30, "gamma": 40}


def network() -> dict[str, Any]:
    """Return the network as it would be written."""
    opening = {"weekdays": 600, "evening_surge_max": 120, "saturday_surge_max": 360}
    elekta = {"vendor": "Elekta", "model": "Infinity", "type": "c_arm", "mlc": "Agility", "photon_mv": ["6X"]}
    varian = elekta | {"vendor": "Varian", "model": "TrueBeam", "mlc": "Millennium"}
    techniques = ["3DCRT", "IMRT", "VMAT"]
    return {
        "schema_version": 1,
        "centres": [
            {
                "id": "alpha",
                "location": {"lat": 50.0, "lon": 3.0},
                "information_systems": ["alpha-is"],
                "new_starts_per_day": 2,
                "physics_hours_per_day": 1,
                "opening": opening,
                "linacs": [
                    {"id": "a1", **elekta, "techniques": techniques, "booked_min_per_day": 500},
                    {"id": "a2", **elekta, "techniques": techniques, "booked_min_per_day": 500},
                ],
            },
            {
                "id": "beta",
                "location": {"lat": 50.1, "lon": 3.1},
                "information_systems": ["beta-is"],
                "new_starts_per_day": 1,
                "physics_hours_per_day": 4,
                "ct_simulator_slots_per_day": 1,
                "opening": opening,
                "linacs": [{"id": "b1", **elekta, "techniques": techniques, "booked_min_per_day": 580}],
            },
            {
                "id": "gamma",
                "location": {"lat": 50.2, "lon": 3.2},
                "information_systems": ["gamma-is"],
                "new_starts_per_day": 0,
                "physics_hours_per_day": 2,
                "ct_simulator_slots_per_day": 1,
                "opening": opening,
                "linacs": [{"id": "g1", **varian, "techniques": techniques, "booked_min_per_day": 400}],
            },
        ],
    }


def scenario() -> dict[str, Any]:
    """Return the scenario as it would be written."""
    return {
        "schema_version": 1,
        "id": "tiny",
        "title": {"fr": "Petit exemple"},
        "exercise": True,
        "attack_at": "2026-03-02T06:40:00+01:00",
        "compromised": {"centres": ["alpha"]},
        "outage_days": {"low": 4, "likely": 7, "high": 14},
        "data_recovery": {"dicom_after_h": 24},
        "roster": "roster.csv",
        "surge": {"evening": True, "saturday": True},
        "agency_led": True,
        "home_restart": [{"from_day": 7, "linac_ids": ["a2"], "minutes_per_day": 60}],
        "redeployment": {"physics_fte": 0.5, "oncologists": 1, "from_day": 2},
        "horizon_days": 10,
        "compensation": ["saturday"],
    }


def roster() -> list[dict[str, Any]]:
    """Return the six rows of the roster."""
    home = {"centre_id": "alpha", "linac_id": "a1", "energy": "6X", "intent": "curative", "commune_insee": "59001"}
    begun = {"status": "on_treatment", "last_fraction_date": "2026-02-27"}
    return [
        # Category 1 on treatment, 5 of 10 fractions of 2 Gy left.
        home
        | begun
        | {"patient_id": "P1", "category": 1, "technique": "VMAT", "plan_data": "dicom", "prescribed_dose_gy": 20}
        | {"prescribed_fractions": 10, "delivered_fractions": 5, "first_fraction_date": "2026-02-23"},
        # Category 2, first of 5 fractions planned on Thursday 5, no data.
        home
        | {"patient_id": "P2", "category": 2, "technique": "3DCRT", "status": "planned", "plan_data": "none"}
        | {"prescribed_dose_gy": 26, "prescribed_fractions": 5, "first_fraction_date": "2026-03-05"},
        # Category 2 on treatment, 5 of 20 fractions of 3 Gy left.
        home
        | begun
        | {"patient_id": "P3", "category": 2, "technique": "VMAT", "plan_data": "dicom", "prescribed_dose_gy": 60}
        | {"prescribed_fractions": 20, "delivered_fractions": 15, "first_fraction_date": "2026-02-09"},
        # Nothing left.
        home
        | begun
        | {"patient_id": "P4", "category": 2, "technique": "VMAT", "prescribed_fractions": 5, "delivered_fractions": 5},
        # Palliative emergency, one fraction.
        home
        | {"patient_id": "P5", "category": 3, "intent": "palliative", "urgency": "emergency", "status": "planned"}
        | {"technique": "3DCRT", "prescribed_dose_gy": 8, "prescribed_fractions": 1},
        # Palliative on treatment, 2 of 5 fractions left.
        home
        | begun
        | {"patient_id": "P6", "category": 3, "intent": "palliative", "technique": "3DCRT", "prescribed_dose_gy": 20}
        | {"prescribed_fractions": 5, "delivered_fractions": 3, "first_fraction_date": "2026-02-25"},
    ]


def inputs() -> dict[str, Any]:
    """Return fingerprints of files that need not exist."""
    return {
        "centres": {"path": "centres.yaml", "sha256": "c"},
        "scenario": {"path": "scenario.yaml", "sha256": "s"},
        "roster": {"path": "roster.csv", "sha256": "r"},
        "overlays": [{"path": "overlay.yaml", "sha256": "o"}],
        "travel_matrix": {"path": "travel.csv", "sha256": "t"},
        "policy_sha256": "p",
    }


def make_case(
    a_network: dict[str, Any] | None = None,
    a_scenario: dict[str, Any] | None = None,
    a_roster: list[dict[str, Any]] | None = None,
    policy: Policy | None = None,
) -> Case:
    """Make the tiny case, with what a test has changed in it."""
    patients = tuple(Patient.model_validate(row) for row in a_roster or roster())
    return Case(
        network=Network.model_validate(a_network or network()),
        scenario=Scenario.model_validate(a_scenario or scenario()),
        policy=policy or read_policy(),
        patients=patients,
        sites={},
        places={patient.patient_id: TOWN for patient in patients},
        inputs=Inputs.model_validate(inputs()),
        matrix={("59001", centre): (minutes, minutes * 1.0) for centre, minutes in TRAVEL_MIN.items()},
    )


def _row(day: int, minutes: int) -> dict[str, Any]:
    return {"date": f"2026-03-{day:02}", "minutes": minutes, "fractions": 1}


def _decisions() -> list[dict[str, Any]]:
    """Return the five decisions, computed by hand."""
    return [
        # Same model: recalculated. Agreement on Tuesday 3, as DICOM; one day of lead. Monday and Tuesday are missed, one is made
        # up on Saturday 7: Monday 9 instead of Friday 6 is 3 days, tolerance 2. 2×30×5 + 600×2 + 60×4.
        {
            "patient_id": "P1", "rank": 1, "category": 1, "action": "transfer", "centre_id": "beta", "linac_id": "b1",
            "pathway": "recalculate", "grade": "G1", "technique": "VMAT", "compensation": "saturday",
            "ready_date": "2026-03-04", "start_date": "2026-03-04", "end_date": "2026-03-09",
            "planned_end_date": "2026-03-06", "missed_sessions": 2, "prolongation_days": 3, "tolerance_days": 2,
            "excess_tenths": 10, "latest_start_date": "2026-03-03", "tier_costs": {"T1": 10, "T6": 1740},
            "travel_min": 30, "physics_hours": 4,
            "sessions": [_row(4, 25), _row(5, 15), _row(6, 15), _row(7, 15), _row(9, 15)],
        },
        # No data: simulated on Tuesday 3, started on Friday 6 instead of Thursday 5. 2×40×5 + 120×1 + 60×12.
        {
            "patient_id": "P2", "rank": 4, "category": 2, "action": "transfer", "centre_id": "gamma", "linac_id": "g1",
            "pathway": "resimulate", "grade": "G4", "technique": "3DCRT", "ct_simulation_date": "2026-03-03",
            "ready_date": "2026-03-06", "start_date": "2026-03-06", "end_date": "2026-03-12",
            "planned_end_date": "2026-03-11", "missed_sessions": 1, "prolongation_days": 1, "tolerance_days": 21,
            "excess_tenths": 0, "latest_start_date": "2026-03-26", "tier_costs": {"T6": 1240},
            "travel_min": 40, "physics_hours": 12,
            "sessions": [_row(6, 22), _row(9, 12), _row(10, 12), _row(11, 12), _row(12, 12)],
        },
        # Waits for Friday 6, Monday 9 or Monday 16: 6, 7 or 14 days late, tolerance 5. Expected 8.5, excess 3.5 days.
        # 2×20×5 + 120×5.
        {
            "patient_id": "P3", "rank": 3, "category": 2, "action": "wait", "planned_end_date": "2026-03-06",
            "reopening": {"low": "2026-03-06", "likely": "2026-03-09", "high": "2026-03-16"}, "missed_sessions": 5,
            "prolongation_days": 8.5, "tolerance_days": 5, "excess_tenths": 35, "latest_start_date": "2026-03-05",
            "tier_costs": {"T3": 35, "T6": 800}, "travel_min": 20,
        },
        # Emergency: Tuesday 3 instead of Monday 2, tolerance 0. 2×30×1 + 60×3.
        {
            "patient_id": "P5", "rank": 1, "category": 3, "action": "transfer", "centre_id": "beta", "linac_id": "b1",
            "pathway": "emergency", "grade": "emergency", "technique": "3DCRT", "ct_simulation_date": "2026-03-03",
            "ready_date": "2026-03-03", "start_date": "2026-03-03", "end_date": "2026-03-03",
            "planned_end_date": "2026-03-02", "missed_sessions": 1, "prolongation_days": 1, "tolerance_days": 0,
            "excess_tenths": 10, "latest_start_date": None, "tier_costs": {"T1": 10, "T6": 240},
            "travel_min": 30, "physics_hours": 3, "sessions": [_row(3, 22)],
        },
        # Restarts at home on Monday 9: ends on Tuesday 10 instead of 3, tolerance 7. 2×20×2 + 60×7 + 60×2.
        {
            "patient_id": "P6", "rank": 4, "category": 3, "action": "restart", "centre_id": "alpha", "linac_id": "a2",
            "pathway": "degraded", "technique": "3DCRT", "ready_date": "2026-03-09", "start_date": "2026-03-09",
            "end_date": "2026-03-10", "planned_end_date": "2026-03-03", "missed_sessions": 2, "prolongation_days": 7,
            "tolerance_days": 7, "excess_tenths": 0, "latest_start_date": "2026-03-09", "tier_costs": {"T6": 620},
            "travel_min": 20, "physics_hours": 2, "sessions": [_row(9, 22), _row(10, 12)],
        },
    ]  # fmt: skip


def _load(linac: str, day: int, booked: float, minutes: int, capacity: float) -> dict[str, Any]:
    centre = {"a": "alpha", "b": "beta", "g": "gamma"}[linac[0]]
    return {
        "centre_id": centre,
        "linac_id": linac,
        "date": f"2026-03-{day:02}",
        "booked_min": booked,
        "transferred_min": minutes,
        "capacity_min": capacity,
    }


def _centre_day(centre: str, day: int, starts: str, physics: str, simulations: str) -> dict[str, Any]:
    """Write a centre-day; each figure as `used/limit`."""
    row: dict[str, Any] = {"centre_id": centre, "date": f"2026-03-{day:02}"}
    row["new_starts"], row["new_starts_max"] = map(int, starts.split("/"))
    row["physics_hours_cumulative"], row["physics_hours_available"] = map(float, physics.split("/"))
    row["ct_simulations"], row["ct_simulations_max"] = map(int, simulations.split("/"))
    return row


def plan() -> dict[str, Any]:
    """Return the plan as plan.json would hold it. T6 = 1740 + 1240 + 800 + 240 + 620 + 7 minutes of surge + one Saturday."""
    tiers = {"T1": 20, "T2": 0, "T3": 35, "T4": 0, "T5": 0, "T6": 5127}
    case = make_case()
    decisions = _decisions()
    for decision in decisions:
        patient = next(p for p in case.patients if p.patient_id == decision["patient_id"])
        kilometres = float(decision["travel_min"])
        decision |= {"home_centre_id": "alpha", "travel_km": kilometres, "travel_source": "matrix"}
        decision["to_confirm"] = list(assess(patient, case.sites, case.policy, date(2026, 3, 2)).to_confirm)
    beta = [(3, 22, 720), (4, 25, 720), (5, 15, 720), (6, 15, 720), (7, 15, 360), (9, 15, 720)]
    return {
        "software": {"version": "0"},
        "inputs": inputs(),
        "scenario_id": "tiny",
        "title": {"fr": "Petit exemple"},
        "exercise": True,
        "attack_date": "2026-03-02",
        "created_at": "2026-03-02T12:00:00+01:00",
        "seed": 0,
        "deterministic": False,
        "status": "OPTIMAL",
        "wall_s": 0.1,
        "tiers": [{"id": tier, "value": value, "bound": value, "proven": True} for tier, value in tiers.items()],
        "decisions": decisions,
        "redeployment": [{"centre_id": "gamma", "physics_fte": 0.5, "oncologists": 1, "from_date": "2026-03-04"}],
        "not_planned": [{"patient_id": "P4", "reason": "no fraction remains"}],
        "loads": [
            *(_load("b1", day, 0 if day == 7 else 580, minutes, capacity) for day, minutes, capacity in beta),
            *(_load("g1", day, 400, 22 if day == 6 else 12, 720) for day in (6, 9, 10, 11, 12)),
            *(_load("a2", day, 0, minutes, 60) for day, minutes in ((9, 22), (10, 12))),
        ],
        "centre_days": [
            _centre_day("beta", 3, "1/1", "3/4", "1/1"),
            _centre_day("beta", 4, "1/1", "7/8", "0/1"),
            _centre_day("gamma", 3, "0/0", "0/2", "1/1"),
            # Two hours a day since Tuesday, and half an FTE since Wednesday: 4×2 + 3×3.5.
            _centre_day("gamma", 6, "1/2", "12/18.5", "0/1"),
            _centre_day("alpha", 9, "1/2", "0/5", "0/0"),
        ],
        "summary": {
            "patients": 5,
            "transferred": 3,
            "restarted": 1,
            "waiting": 1,
            "not_planned": 1,
            "over_tolerance": {"1": 1, "2": 1, "3": 1},
            "by_category": {"1": 1, "2": 2, "3": 2},
            "by_rank": {"1": 2, "3": 1, "4": 2},
            "by_grade": {"G1": 1, "G4": 1, "emergency": 1},
            "by_destination": {"beta": 2, "gamma": 1},
            "surge_minutes": 7,
            "saturday_openings": 1,
            "plan_burden": 487,
        },
    }


def make_plan(written: dict[str, Any] | None = None) -> Plan:
    """Make the tiny plan, with what a test has changed in it."""
    return Plan.model_validate(written or plan())
