"""Synthetic rosters: as many patients as the centre treats, a plausible case mix, nobody real."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from transfer_planner.clinical.fractionation import FRENCH, STEREOTACTIC, Course, remaining_sessions
from transfer_planner.domain.patient import Patient
from transfer_planner.errors import DataError, Finding
from transfer_planner.exercise.case_mix import CaseMix, TypicalCourse, read_case_mix
from transfer_planner.i18n import msg
from transfer_planner.network.sphere import great_circle_km, point_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transfer_planner.domain.base import Technique
    from transfer_planner.domain.centre import Centre, Linac, Network
    from transfer_planner.domain.reference import Commune, Site

T = TypeVar("T")
KM_PER_DEGREE = 111.0
"""Least length of a degree of latitude: no commune further north or south than the radius is within it."""
NEAREST_HOME_KM = 2.0
"""Homes nearer than this weigh the same, else the centre's own commune would hold nearly everybody."""
UNEVEN_LOAD = 8
"""Patients by which linacs of a centre may differ: schedules are never perfectly even."""


@dataclass(frozen=True)
class _Draw:
    """What the draws of one centre share; `load` counts the patients given to each linac."""

    rng: np.random.Generator
    mix: CaseMix
    centre: Centre
    day_zero: date
    sites: Mapping[str, Site]
    homes: Mapping[str, float]
    load: dict[str, int]

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def one_of(self, weights: Mapping[T, float]) -> T:
        cumulated = np.cumsum(list(weights.values()))
        place = int(np.searchsorted(cumulated, self.rng.random() * cumulated[-1], side="right"))
        return list(weights)[place]

    def integer(self, low: int, high: int) -> int:
        """Draw in [low, high]."""
        return int(self.rng.integers(low, high + 1))


def synthesise_roster(
    network: Network,
    centre_ids: Sequence[str],
    *,
    day_zero: date,
    sites: Mapping[str, Site],
    communes: Mapping[str, Commune],
    rng: np.random.Generator | int = 0,
    patients: int | None = None,
) -> tuple[Patient, ...]:
    """Invent the roster of centres that fall together; the same seed gives the same roster.

    Parameters
    ----------
    network
        Centres, overlays merged: techniques and energies are those of the home linacs.
    centre_ids
        Compromised centres, in the order of the rows.
    day_zero
        Date of the attack; nothing has been delivered on that day.
    sites
        Closed list of tumour sites, by id.
    communes
        Communes by INSEE code, among which homes are drawn.
    rng
        Generator or seed.
    patients
        Rows in all, shared by yearly sessions; None = yearly sessions / treatment days a year, centre by centre. Patients
        who have not started yet (8 %) are among them.

    Raises
    ------
    DataError
        A centre is unknown, has no linac, or has no published sessions while `patients` is None.
    """
    mix, generator = read_case_mix(), np.random.default_rng(rng)
    _check(network, centre_ids, counted=patients is None)
    rows: list[dict[str, Any]] = []
    for centre_id, size in zip(centre_ids, _sizes(network, centre_ids, mix, patients), strict=True):
        centre = network.centre(centre_id)
        homes = _homes(centre, communes, mix.home_radius_km)
        load = {linac.id: 0 for linac in centre.linacs}
        rows += _centre_rows(_Draw(generator, mix, centre, day_zero, sites, homes, load), size)
    width = max(3, len(str(len(rows))))
    return tuple(Patient(patient_id=f"P{i:0{width}d}", **row) for i, row in enumerate(rows, start=1))


def _check(network: Network, centre_ids: Sequence[str], *, counted: bool) -> None:
    known = {centre.id: centre for centre in network.centres}
    findings = []
    for centre_id in centre_ids:
        centre = known.get(centre_id)
        if centre is None:
            expected = msg("one of: {known}", known=", ".join(sorted(known)))
        elif not centre.linacs:
            expected = msg("a centre with at least one linac")
        elif counted and not (centre.activity and centre.activity.sessions_per_year):
            expected = msg("a centre with published yearly sessions, or the number of patients")
        else:
            continue
        findings.append(Finding("centres.yaml", "centre", centre_id, expected, code="roster_centre"))
    if findings:
        raise DataError(findings)


def _sizes(network: Network, centre_ids: Sequence[str], mix: CaseMix, patients: int | None) -> list[int]:
    centres = [network.centre(centre_id) for centre_id in centre_ids]
    sessions = [float((c.activity and c.activity.sessions_per_year) or 1) for c in centres]
    if patients is None:
        return [max(1, round(yearly / mix.treatment_days_per_year)) for yearly in sessions]
    borders = np.rint(np.cumsum([0.0, *sessions]) / sum(sessions) * patients).astype(int)
    return [int(size) for size in np.diff(borders)]


def _homes(centre: Centre, communes: Mapping[str, Commune], radius_km: float) -> dict[str, float]:
    """Return the weight of each commune around a centre: 1/distance, populations being unknown."""
    here = (centre.location.lat, centre.location.lon)
    north_or_south = radius_km / KM_PER_DEGREE
    near = sorted((insee, c) for insee, c in communes.items() if abs(c.lat - here[0]) <= north_or_south)
    km = {insee: great_circle_km(here, (c.lat, c.lon)) for insee, c in near}
    return {insee: 1 / max(d, NEAREST_HOME_KM) for insee, d in km.items() if d <= radius_km}


def _centre_rows(draw: _Draw, size: int) -> list[dict[str, Any]]:
    courses = {
        course.id: course
        for course in draw.mix.courses
        if _techniques(draw.centre, course) and (draw.centre.paediatrics is True or not course.child)
    }
    shares = {course.id: course.share for course in courses.values()}
    planned = set(draw.rng.permutation(size)[: round(size * draw.mix.planned_share)].tolist())
    rows = (_row(draw, courses[draw.one_of(shares)], planned=i in planned) for i in range(size))
    return [_with_blanks(draw, row) for row in rows]


def _techniques(centre: Centre, course: TypicalCourse) -> dict[Technique, float]:
    """Return the techniques of a course that the centre delivers."""
    return {technique: share for technique, share in course.technique.items() if _linacs(centre, technique)}


def _linacs(centre: Centre, technique: Technique) -> dict[str, tuple[Linac, Technique]]:
    """Return the linacs that deliver a technique, and as what (intensity modulation is helical on a helical linac)."""
    found: dict[str, tuple[Linac, Technique]] = {}
    for linac in centre.linacs:
        if technique in ("IMRT", "VMAT") and "HELICAL" in linac.deliverable:
            found[linac.id] = (linac, "HELICAL")
        elif technique in linac.deliverable and (technique != "ELECTRONS" or linac.electron_mev):
            found[linac.id] = (linac, technique)
    return found


def _row(draw: _Draw, course: TypicalCourse, *, planned: bool) -> dict[str, Any]:
    linac, technique = _machine(draw, course)
    youngest, oldest = (2, 17) if course.child else (18, 97)
    age = max(youngest, min(oldest, round(draw.rng.normal(*course.age))))
    chemotherapy = draw.chance(course.chemotherapy)
    mass = 8 + 3 * age if course.child else max(40, draw.rng.normal(draw.mix.mass_kg.mean, draw.mix.mass_kg.sd))
    return {
        "birth_year": draw.day_zero.year - age,
        **_home(draw),
        "site": draw.sites[course.site].id,
        "histology": draw.one_of(course.histology),
        "diagnosis_icd10": draw.one_of(course.icd10) if course.icd10 else None,
        "intent": course.intent,
        "setting": course.setting,
        "hormones": None if course.hormones is None else draw.chance(course.hormones),
        "centre_id": draw.centre.id,
        "linac_id": linac.id,
        "technique": technique,
        "energy": _energy(draw, linac, technique),
        "needs": tuple(n for n, p in course.needs.items() if n in (linac.features or ()) and draw.chance(p)),
        **_progress(draw, course, technique, planned=planned),
        "concurrent_chemotherapy": chemotherapy,
        "chemotherapy_kept_at": "elsewhere" if chemotherapy and draw.chance(draw.mix.chemotherapy_elsewhere) else None,
        "mass_kg": float(round(mass)),
        "anaesthesia": course.child and age < 6 and draw.centre.anaesthesia is True,
        "mobility": draw.one_of(draw.mix.frail_mobility if course.frail else draw.mix.mobility),
        "max_travel_min": draw.one_of(draw.mix.travel_limit_min) if draw.chance(draw.mix.travel_limit_share) else None,
        "plan_data": draw.one_of(draw.mix.plan_data),
        "immobilisation": "available" if course.immobilisation or technique in STEREOTACTIC else "none",
    }


def _home(draw: _Draw) -> dict[str, Any]:
    """Return where a patient stays: a packaged commune, or far from all of them a point with the same weight by distance."""
    if draw.homes:
        return {"commune_insee": draw.one_of(draw.homes)}
    here = (draw.centre.location.lat, draw.centre.location.lon)
    km = float(draw.rng.uniform(NEAREST_HOME_KM, draw.mix.home_radius_km))  # weight 1/km over the disc
    lat, lon = point_at(here, km, float(draw.rng.uniform(0, 360)))
    return {"lat": round(lat, 2), "lon": round(lon, 2)}


def _machine(draw: _Draw, course: TypicalCourse) -> tuple[Linac, Technique]:
    """Draw a technique, then one of the least loaded linacs that deliver it."""
    linacs = _linacs(draw.centre, draw.one_of(_techniques(draw.centre, course)))
    loads = {linac_id: draw.load[linac_id] + UNEVEN_LOAD * draw.rng.random() for linac_id in linacs}
    linac_id = min(loads, key=lambda linac_id: loads[linac_id])
    draw.load[linac_id] += 1
    return linacs[linac_id]


def _energy(draw: _Draw, linac: Linac, technique: Technique) -> str | None:
    """Return an energy of the linac: electrons for electrons, unflattened for stereotaxy, else mostly the first beam."""
    if technique == "ELECTRONS":
        return f"{draw.one_of(dict.fromkeys(linac.electron_mev or (), 1.0))}E"
    if not linac.photon_mv:
        return None
    unflattened = technique in STEREOTACTIC
    beams = [beam for beam in linac.photon_mv if beam.endswith("FFF") == unflattened] or list(linac.photon_mv)
    return draw.one_of({beam: 1.0 if rank else 4.0 for rank, beam in enumerate(beams)})


def _progress(draw: _Draw, course: TypicalCourse, technique: Technique, *, planned: bool) -> dict[str, Any]:
    """Return the prescription and how far it has come, laid on the calendar of treatment days."""
    phases = draw.one_of(course.phases)
    parts = [phase.split("/") for phase in phases.split("+")]
    fractions = sum(int(count) for _, count in parts)
    gap_days = 2 if course.fractions_per_week <= 3 or technique in STEREOTACTIC else 1
    rhythm = Course(fractions, course.fractions_per_week, course.fractions_per_day, gap_days)
    row: dict[str, Any] = {
        "prescribed_dose_gy": round(sum(float(dose) for dose, _ in parts), 2),
        "prescribed_fractions": fractions,
        "fractions_per_week": course.fractions_per_week,
        "fractions_per_day": course.fractions_per_day,
        "phases": phases,
    }
    row |= _planned(draw, course) if planned or fractions == 1 else _begun(draw, course, rhythm)
    if draw.chance(course.brachytherapy):
        left = fractions - int(row["delivered_fractions"])
        end = FRENCH.add_treatment_days(max(draw.day_zero, row["first_fraction_date"]), left)
        row["brachytherapy_boost_due"] = FRENCH.next_treatment_day(end + timedelta(days=draw.integer(4, 9)))
    return row


def _planned(draw: _Draw, course: TypicalCourse) -> dict[str, Any]:
    urgency = draw.one_of(course.urgency)
    first = draw.day_zero + timedelta(days=draw.integer(0, draw.mix.planned_within_days[urgency]))
    return {
        "urgency": urgency,
        "status": "planned",
        "delivered_fractions": 0,
        "delivered_source": "record",
        "first_fraction_date": FRENCH.next_treatment_day(first),
    }


def _begun(draw: _Draw, typical: TypicalCourse, course: Course) -> dict[str, Any]:
    """Return a course begun before day zero: somewhere between its first session and its last but one."""
    sessions_done = draw.integer(1, max(1, course.fractions // course.per_day - 1))
    days_back = -(-sessions_done * 5 * course.per_day // course.per_week)
    first = FRENCH.add_treatment_days(draw.day_zero, -days_back)
    sessions = remaining_sessions(course, first)
    while sessions[-1].date < draw.day_zero:
        first = FRENCH.add_treatment_days(first, 1)
        sessions = remaining_sessions(course, first)
    done = [session for session in sessions if session.date < draw.day_zero]
    missed = len(done) >= 3 and draw.chance(draw.mix.missed_share)
    lengthened = remaining_sessions(replace(course, fractions=course.fractions + course.per_day * missed), first)
    return {
        "urgency": draw.one_of(typical.urgency),
        "status": "on_treatment",
        "delivered_fractions": sum(session.fractions for session in done) - course.per_day * missed,
        "delivered_source": draw.one_of(draw.mix.delivered_source),
        "first_fraction_date": first,
        "last_fraction_date": done[-1].date,
        "prolongation_days_so_far": (lengthened[-1].date - sessions[-1].date).days,
    }


def _with_blanks(draw: _Draw, row: dict[str, Any]) -> dict[str, Any]:
    """Blank some cells, as in a list rebuilt by hand; an unknown count keeps its dates."""
    for column, probability in draw.mix.blank.items():
        if draw.chance(probability) and not (column == "delivered_fractions" and row["status"] == "planned"):
            row[column] = None
    if row["delivered_fractions"] is None:
        row["delivered_source"] = "unknown"
    return row
