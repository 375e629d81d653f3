"""A hand-made case and plan: Valenciennes stops, its patients go to five centres. Enough to print, not a solution."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from importlib import resources
from typing import Any

import yaml

from transfer_planner.clinical.fractionation import FRENCH, home_calendar, latest_start
from transfer_planner.clinical.prioritisation import Assessment, allowed_modes, assess
from transfer_planner.domain.case import Case, Place
from transfer_planner.domain.centre import Network
from transfer_planner.domain.patient import Patient
from transfer_planner.domain.plan import (
    CentreDay,
    Decision,
    InputFile,
    Inputs,
    Load,
    NotPlanned,
    Plan,
    Reason,
    RedeploymentMove,
    Reopening,
    Session,
    Software,
    Summary,
    Tier,
)
from transfer_planner.domain.policy import Policy
from transfer_planner.domain.reference import Site
from transfer_planner.domain.scenario import PARIS, Scenario

CREATED_AT = datetime(2026, 3, 2, 9, 15, tzinfo=PARIS)
HOME = "dentellieres"
GRADES = {"G0": "reuse", "G1": "recalculate", "G2": "reoptimise", "G3": "replan", "G4": "resimulate"}
DESTINATIONS = (  # id, name, commune, lat, lon, linacs, travel from Valenciennes (min, km)
    ("leonard-de-vinci", "Centre Léonard de Vinci", "Dechy", 50.3379, 3.1091, 2, 38, 41.2),
    ("gray", "Centre Gray", "Maubeuge", 50.27875, 3.97267, 2, 41, 43.5),
    ("oscar-lambret", "Centre Oscar Lambret", "Lille", 50.61309, 3.0355, 4, 52, 57.0),
    ("bourgogne", "Centre Bourgogne", "Lille", 50.6341, 3.03286, 3, 55, 59.8),
    ("marie-curie-arras", "Centre Marie Curie", "Arras", 50.29301, 2.7811, 2, 61, 71.4),
)


def packaged(name: str) -> Any:
    """Return a packaged YAML table."""
    return yaml.safe_load((resources.files("transfer_planner") / "data" / name).read_text("utf-8"))


def _centre(centre_id: str, name: str, commune: str, point: tuple[float, float], linacs: int) -> dict[str, Any]:
    machines = [
        {
            "id": f"{centre_id}-{number}",
            "vendor": "Varian",
            "model": "TrueBeam",
            "type": "c_arm",
            "mlc": "Millennium 120",
            "photon_mv": ["6X", "6FFF", "10X"],
            "electron_mev": [6, 9, 12],
            "techniques": ["3DCRT", "IMRT", "VMAT", "SBRT", "ELECTRONS"],
            "features": ["CBCT", "DIBH", "GATING"],
            "booked_min_per_day": 350 + 20 * number,
        }
        for number in range(1, linacs + 1)
    ]
    return {
        "id": centre_id,
        "name": name,
        "commune": commune,
        "department": "59",
        "location": {"lat": point[0], "lon": point[1]},
        "new_starts_per_day": 6,
        "physics_hours_per_day": 9.0,
        "ct_simulator_slots_per_day": 3,
        "opening": {"weekdays": 600, "evening_surge_max": 120, "saturday_surge_max": 360},
        "linacs": machines,
    }


def make_network(**changes: Any) -> Network:
    """Return six centres."""
    centres = [_centre(HOME, "Centre de cancérologie Les Dentellières", "Valenciennes", (50.3602, 3.51218), 4)]
    centres += [
        _centre(i, name, commune, (lat, lon), linacs) for i, name, commune, lat, lon, linacs, _, _ in DESTINATIONS
    ]
    base = {"schema_version": 1, "region": "Hauts-de-France", "fictitious": True, "centres": centres}
    return Network.model_validate(base | changes)


def make_scenario(**changes: Any) -> Scenario:
    """Return the ransomware of Valenciennes."""
    base: dict[str, Any] = {
        "schema_version": 1,
        "id": "valenciennes-ransomware",
        "title": {
            "fr": "Rançongiciel aux Dentellières, Valenciennes",
            "en": "Ransomware at Les Dentellières, Valenciennes",
        },
        "exercise": True,
        "attack_at": "2026-03-02T06:40:00+01:00",
        "compromised": {"centres": [HOME]},
        "outage_days": {"low": 7, "likely": 14, "high": 28},
        "data_recovery": {"dicom_after_h": 24, "paper_after_h": 4},
        "roster": "rosters/valenciennes.csv",
        "surge": {"evening": True, "saturday": True},
        "agency_led": True,
        "redeployment": {"physics_fte": 2.0, "oncologists": 1, "from_day": 2},
        "compensation": ["saturday"],
    }
    return Scenario.model_validate(base | changes)


COURSES: tuple[dict[str, Any], ...] = (
    {"site": "orl", "histology": "squamous", "technique": "VMAT", "dose": 70, "n": 35, "chemo": True},
    {"site": "sein", "technique": "3DCRT", "dose": 40.05, "n": 15, "needs": ("DIBH",)},
    {"site": "prostate", "technique": "VMAT", "dose": 60, "n": 20, "hormones": True},
    {"site": "poumon", "technique": "VMAT", "dose": 66, "n": 33, "chemo": True},
    {"site": "sein", "technique": "VMAT", "dose": 50, "n": 25},
    {"site": "poumon", "technique": "SBRT", "dose": 54, "n": 3},
    {"site": "metastase_osseuse", "technique": "3DCRT", "dose": 30, "n": 10, "intent": "palliative"},
    {"site": None, "technique": "IMRT", "dose": 50.4, "n": 28},
)


def make_patient(number: int, **changes: Any) -> Patient:
    """Return a plausible patient; the number chooses the course."""
    course = COURSES[number % len(COURSES)]
    fractions = int(course["n"])
    planned = number % 5 == 4
    delivered = 0 if planned else (number * 7) % fractions
    delivered_known = None if number % 11 == 10 else delivered
    last = date(2026, 2, 27) if delivered else None
    base: dict[str, Any] = {
        "patient_id": f"P{number + 1:03d}",
        "birth_year": 1940 + number % 45,
        "site": course["site"],
        "histology": course.get("histology"),
        "intent": course.get("intent", "curative"),
        "hormones": course.get("hormones"),
        "urgency": "emergency" if number == 6 else "none",
        "centre_id": HOME,
        "linac_id": f"{HOME}-{number % 4 + 1}",
        "technique": course["technique"],
        "energy": "6X",
        "needs": course.get("needs", ()),
        "prescribed_dose_gy": course["dose"],
        "prescribed_fractions": fractions,
        "delivered_fractions": delivered_known,
        "delivered_source": "record" if delivered_known else None,
        "first_fraction_date": FRENCH.add_treatment_days(date(2026, 3, 2), 3 if planned else -max(1, delivered)),
        "last_fraction_date": last,
        "fractions_per_week": 3 if course["technique"] == "SBRT" else 5,
        "fractions_per_day": 1,
        "concurrent_chemotherapy": bool(course.get("chemo")),
        "mass_kg": 60 + number,
        "anaesthesia": False,
        "mobility": ("own", "seated", "ambulance")[number % 3],
        "plan_data": ("dicom", "dicom", "paper")[number % 3],
        "immobilisation": ("available", "available", None, "unavailable")[number % 4],
    }
    return Patient.model_validate(base | changes)


def make_case(count: int = 30, *, patients: tuple[Patient, ...] | None = None, **scenario: Any) -> Case:
    """Return the case, with as many patients as asked or those given."""
    people = patients if patients is not None else tuple(make_patient(number) for number in range(count))
    file = InputFile(path="/srv/radiotherapy/input.yaml", sha256="5f" * 32)
    return Case(
        network=make_network(),
        scenario=make_scenario(**scenario),
        policy=Policy.model_validate(packaged("policy.yaml")),
        patients=people,
        sites={row["id"]: Site.model_validate(row) for row in packaged("sites.yaml")["sites"]},
        places={p.patient_id: Place(50.36, 3.52, "commune", "59606") for p in people},
        inputs=Inputs(centres=file, scenario=file, roster=file, overlays=(file,), policy_sha256="ab" * 32),
    )


def _facts(patient: Patient, assessment: Assessment, case: Case) -> dict[str, Any]:
    """Return the part of a decision that does not depend on where the patient goes."""
    home = home_calendar(patient, case.scenario.day_zero)
    modes = allowed_modes(patient, assessment.category, case.scenario, case.policy)
    return {
        "patient_id": patient.patient_id,
        "rank": assessment.rank,
        "category": assessment.category,
        "home_centre_id": patient.centre_id,
        "technique": patient.technique,
        "tolerance_days": assessment.tolerance_days,
        "planned_end_date": home.planned_end,
        "latest_start_date": latest_start(home, assessment.tolerance_days, modes, case.scenario.day_zero),
        "to_confirm": assessment.to_confirm,
    }


def _wait(patient: Patient, assessment: Assessment, case: Case) -> Decision:
    days = case.scenario.outage_days
    home = home_calendar(patient, case.scenario.day_zero)
    dates = [
        FRENCH.next_treatment_day(case.scenario.day_zero + timedelta(days=n))
        for n in (days.low, days.likely, days.high)
    ]
    longest = home.prolongation(home.sessions_from(dates[1]))
    return Decision(
        **_facts(patient, assessment, case),
        action="wait",
        reopening=Reopening(low=dates[0], likely=dates[1], high=dates[2]),
        prolongation_days=longest + 0.5,
        excess_tenths=max(0, round(10 * (longest + 0.5 - assessment.tolerance_days))),
        waiting_right_up_to_days=days.likely + 3,
        missed_sessions=home.missed_before(dates[1]),
        reasons=(Reason(code="wait", text="Attendre coûte moins de jours qu'aucun transfert possible."),),
    )


def _move(patient: Patient, assessment: Assessment, case: Case, index: int) -> Decision:
    """Return a transfer, or a restart at home for the last of each dozen."""
    restart = index % 12 == 11
    grade = "emergency" if patient.urgency == "emergency" else list(GRADES)[index % 5]
    home = home_calendar(patient, case.scenario.day_zero)
    earliest = max(FRENCH.add_treatment_days(date(2026, 3, 2), 1 + index % 4), home.baseline)
    sessions = home.sessions_from(earliest)
    prolongation = home.prolongation(sessions)
    centre_id, _, _, _, _, linacs, minutes, km = DESTINATIONS[index % len(DESTINATIONS)]
    where = HOME if restart else centre_id
    return Decision(
        **_facts(patient, assessment, case),
        action="restart" if restart else "transfer",
        centre_id=where,
        linac_id=f"{where}-{1 if restart else index % linacs + 1}",
        pathway="degraded" if restart else GRADES.get(grade, "emergency"),
        grade=None if restart else grade,
        ready_date=sessions[0].date,
        start_date=sessions[0].date,
        end_date=sessions[-1].date,
        sessions=tuple(
            Session(date=day, minutes=25 if at == 0 else 15, fractions=n) for at, (day, n) in enumerate(sessions)
        ),
        missed_sessions=home.missed_before(sessions[0].date),
        prolongation_days=prolongation,
        excess_tenths=max(0, 10 * (prolongation - assessment.tolerance_days)),
        travel_min=minutes,
        travel_km=km,
        travel_source="estimate",
        physics_hours=4.0,
        ct_simulation_date=FRENCH.add_treatment_days(sessions[0].date, -1) if grade == "G4" else None,
        reasons=(
            Reason(code="rank", text="Catégorie 1 en cours de traitement : chaque jour perdu compte."),
            Reason(code="place", text="Premier appareil de même modèle libre avant la date limite de reprise."),
        ),
    )


def _loads(decisions: tuple[Decision, ...]) -> tuple[Load, ...]:
    minutes: Counter[tuple[str, str, date]] = Counter()
    for decision in decisions:
        for session in decision.sessions:
            minutes[str(decision.centre_id), str(decision.linac_id), session.date] += session.minutes
    return tuple(
        Load(centre_id=c, linac_id=m, date=d, booked_min=370, transferred_min=n, capacity_min=720)
        for (c, m, d), n in sorted(minutes.items())
    )


def _centre_days(decisions: tuple[Decision, ...]) -> tuple[CentreDay, ...]:
    starts = Counter((d.centre_id, d.start_date) for d in decisions if d.action == "transfer")
    scans = Counter((d.centre_id, d.ct_simulation_date) for d in decisions if d.ct_simulation_date)
    rows = []
    hours: Counter[str] = Counter()
    for centre, day in sorted({*starts, *scans}):
        if centre is None or day is None:
            continue
        hours[centre] += 4 * starts[centre, day]
        rows.append(
            CentreDay(
                centre_id=centre,
                date=day,
                new_starts=starts[centre, day],
                new_starts_max=6,
                physics_hours_cumulative=hours[centre],
                physics_hours_available=9.0 * FRENCH.count_treatment_days(date(2026, 3, 2), day),
                ct_simulations=scans[centre, day],
                ct_simulations_max=3,
            )
        )
    return tuple(rows)


def _counts(values: list[Any]) -> dict[str, int]:
    return {str(k): v for k, v in sorted(Counter("unknown" if v is None else v for v in values).items(), key=str)}


def make_plan(case: Case, **changes: Any) -> Plan:
    """Return a plan of the case: every seventh patient waits, every twelfth restarts at home, the others move."""
    decisions = []
    for index, patient in enumerate(case.patients):
        assessment = assess(patient, case.sites, case.policy, case.scenario.day_zero)
        make = _wait(patient, assessment, case) if index % 7 == 6 and index != 6 else None
        decisions.append(make or _move(patient, assessment, case, index))
    done = tuple(decisions)
    late = [d.category for d in done if d.excess_tenths > 0]
    base: dict[str, Any] = {
        "software": Software(version="0.1.0"),
        "inputs": case.inputs,
        "scenario_id": case.scenario.id,
        "title": {"fr": case.scenario.title.fr, "en": case.scenario.title.en},
        "exercise": case.scenario.exercise,
        "attack_date": case.scenario.day_zero,
        "created_at": CREATED_AT,
        "seed": 0,
        "deterministic": True,
        "status": "FEASIBLE",
        "wall_s": 0.8,
        "tiers": tuple(Tier(id=f"T{n}", value=40 * n, bound=40 * n - (n > 4), proven=n <= 4) for n in range(1, 7)),
        "decisions": done,
        "redeployment": (
            RedeploymentMove(centre_id="gray", physics_fte=1.5, oncologists=1, from_date=date(2026, 3, 4)),
        ),
        "not_planned": (NotPlanned(patient_id="P900", reason="no fraction remains"),),
        "loads": _loads(done),
        "centre_days": _centre_days(done),
        "summary": Summary(
            patients=len(done),
            transferred=sum(d.action == "transfer" for d in done),
            restarted=sum(d.action == "restart" for d in done),
            waiting=sum(d.action == "wait" for d in done),
            not_planned=1,
            over_tolerance={"1": 0, "2": 0, "3": 0} | _counts(late),
            by_category=_counts([d.category for d in done]),
            by_rank=_counts([d.rank for d in done]),
            by_grade=_counts([d.grade for d in done if d.grade]),
            by_destination=_counts([d.centre_id for d in done if d.action == "transfer"]),
            surge_minutes=0,
            saturday_openings=0,
            plan_burden=0,
            assumptions=("Minutes disponibles supposées dans cinq centres.", "Temps de trajet estimés à vol d'oiseau."),
        ),
    }
    return Plan.model_validate(base | changes)
