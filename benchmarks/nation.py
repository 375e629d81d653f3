"""A nation of radiotherapy centres that do not exist, and outages of a vendor's cloud in it: `python -m benchmarks.nation --to FOLDER`.

The files are those of any case: a network, an overlay that says who fell, a roster and a scenario, hence the whole planner runs on them.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from transfer_planner.domain.centre import Network
from transfer_planner.domain.reference import Commune
from transfer_planner.exercise.roster_synthesis import synthesise_roster
from transfer_planner.io.files import write_whole
from transfer_planner.io.reference import read_sites
from transfer_planner.io.roster import write_roster

if TYPE_CHECKING:
    from transfer_planner.domain.patient import Patient

Fields = dict[str, Any]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CENTRES, LINACS, TOWNS, HOSTED = 180, 600, 110, 70
COAST = ((2.4, 51.0), (8.2, 49.0), (7.5, 43.8), (3.2, 42.4), (-1.8, 43.4), (-4.8, 48.4), (-1.9, 49.7))
"""Corners of a hexagonal country (lon, lat), clockwise; they are about those of metropolitan France."""
KM_PER_DEGREE = 111.2
SUBURB_KM = 18.0
"""Centres of one town lie within this distance of it."""
COMMUNES_PER_CENTRE, COMMUNES_KM = 60, 45.0
DAYS_A_YEAR, SESSION_MIN, SESSIONS_PER_LINAC = 250, 15, 6845
"""Regional figures: treatment days, minutes of a session, sessions a year of a linac."""
PHYSICISTS_PER_LINAC, ONCOLOGISTS_PER_LINAC, CRISIS_SHARE, PHYSICIST_HOURS = 1.15, 1.25, 0.3, 7
DAY_ZERO = date(2026, 3, 10)
CLOUD = "nation-cloud"
MOST_STAFF = 100
"""Largest pool of redeployed staff that a scenario may name."""

MACHINES: tuple[tuple[float, Fields], ...] = (
    (
        0.34,
        {
            "vendor": "Varian",
            "model": "TrueBeam",
            "type": "c_arm",
            "mlc": "Millennium 120",
            "photon_mv": ["6X", "10X", "6FFF"],
            "electron_mev": [6, 9, 12],
            "techniques": ["3DCRT", "IMRT", "VMAT", "SBRT", "ELECTRONS"],
            "features": ["CBCT", "DIBH"],
            "couch_max_kg": 200,
        },
    ),
    (
        0.14,
        {
            "vendor": "Varian",
            "model": "Clinac iX",
            "type": "c_arm",
            "mlc": "Millennium 120",
            "photon_mv": ["6X", "18X"],
            "electron_mev": [6, 9, 12],
            "techniques": ["3DCRT", "IMRT", "VMAT", "ELECTRONS"],
            "features": ["CBCT"],
            "couch_max_kg": 200,
        },
    ),
    (
        0.1,
        {
            "vendor": "Varian",
            "model": "Halcyon",
            "type": "ring",
            "mlc": "SX2",
            "photon_mv": ["6FFF"],
            "electron_mev": [],
            "techniques": ["3DCRT", "IMRT", "VMAT"],
            "features": ["CBCT"],
            "couch_max_kg": 227,
        },
    ),
    (
        0.22,
        {
            "vendor": "Elekta",
            "model": "Infinity",
            "type": "c_arm",
            "mlc": "Agility",
            "photon_mv": ["6X", "10X"],
            "electron_mev": [6, 9, 12],
            "techniques": ["3DCRT", "IMRT", "VMAT", "ELECTRONS"],
            "features": ["CBCT", "DIBH"],
            "couch_max_kg": 200,
        },
    ),
    (
        0.1,
        {
            "vendor": "Elekta",
            "model": "Versa HD",
            "type": "c_arm",
            "mlc": "Agility",
            "photon_mv": ["6X", "10X", "6FFF"],
            "electron_mev": [6, 9],
            "techniques": ["3DCRT", "IMRT", "VMAT", "SBRT", "SRS", "ELECTRONS"],
            "features": ["CBCT", "DIBH", "6DOF"],
            "couch_max_kg": 200,
        },
    ),
    (
        0.07,
        {
            "vendor": "Accuray",
            "model": "Radixact",
            "type": "ring",
            "mlc": "binary",
            "photon_mv": ["6FFF"],
            "electron_mev": [],
            "techniques": ["HELICAL", "CSI"],
            "features": ["CBCT"],
            "couch_max_kg": 200,
        },
    ),
    (
        0.03,
        {
            "vendor": "Accuray",
            "model": "CyberKnife M6",
            "type": "robotic",
            "mlc": "InCise 2",
            "photon_mv": ["6FFF"],
            "electron_mev": [],
            "techniques": ["SBRT", "SRS"],
            "features": [],
            "couch_max_kg": 159,
        },
    ),
)
"""Share of the linacs, and what each model is given to deliver: as in the fictitious equipment of the exercises."""
SYSTEMS = {"Varian": ("ARIA", "Eclipse"), "Elekta": ("MOSAIQ", "Monaco"), "Accuray": ("MOSAIQ", "RayStation")}
LOYALTY = 0.85
"""Share of the linacs of the same maker as the first of their centre."""


@dataclass(frozen=True)
class Nation:
    """A country: its centres, where people live, and who is hosted by the vendor.

    Parameters
    ----------
    network
        The centres, as a file says them.
    homes
        Communes around each centre, by centre id.
    hosted
        Ids of the customers of the vendor's cloud, in the order in which growing outages hit them.
    seed
        Of every draw.
    """

    network: Fields
    homes: dict[str, dict[str, Commune]]
    hosted: tuple[str, ...]
    seed: int

    def roster(self, centre_id: str) -> tuple[Patient, ...]:
        """Invent the patients of a centre: always the same, whoever else falls."""
        number = next(i for i, centre in enumerate(self.network["centres"]) if centre["id"] == centre_id)
        drawn = synthesise_roster(
            Network.model_validate(self.network),
            [centre_id],
            day_zero=DAY_ZERO,
            sites=read_sites(),
            communes=self.homes[centre_id],
            rng=np.random.default_rng([self.seed, 1, number]),
        )
        return tuple(self._at_home(centre_id, patient) for patient in drawn)

    def _at_home(self, centre_id: str, patient: Patient) -> Patient:
        """Say where a patient lives by coordinates: no table has these communes."""
        update: Fields = {"patient_id": f"{centre_id}-{patient.patient_id}", "commune_insee": None}
        if patient.commune_insee is not None:
            home = self.homes[centre_id][patient.commune_insee]
            update |= {"lat": home.lat, "lon": home.lon}
        return patient.model_copy(update=update)

    def outage(self, patients: int) -> tuple[tuple[str, ...], tuple[Patient, ...]]:
        """Return the centres of an outage that leaves so many patients without treatment, and these patients.

        The last centre hit may treat more: those beyond the number are left out.

        Raises
        ------
        ValueError
            When all the hosted centres have fewer.
        """
        rows: list[Patient] = []
        for count, centre_id in enumerate(self.hosted, 1):
            rows += self.roster(centre_id)
            if len(rows) >= patients:
                return self.hosted[:count], tuple(rows[:patients])
        raise ValueError(f"the {len(self.hosted)} hosted centres have only {len(rows)} patients")


def make_nation(seed: int = 0, *, centres: int = CENTRES, linacs: int = LINACS) -> Nation:
    """Invent a country of so many centres and linacs; the same seed gives the same country."""
    rng = np.random.default_rng([seed, 0])
    places = _places(rng, centres, max(1, round(centres * TOWNS / CENTRES)))
    counts = _shares(rng.lognormal(0, 0.55, centres), linacs)
    order = rng.permutation(centres)[: round(centres * HOSTED / CENTRES)]
    ids = [f"centre-{number:03d}" for number in range(1, centres + 1)]
    listed = [_centre(rng, ids[i], places[i], int(counts[i]), hosted=i in set(order.tolist())) for i in range(centres)]
    network = {
        "schema_version": 1,
        "region": "FICTIF : pays de synthèse",
        "fictitious": True,
        "conventions": _conventions(rng, ids, places),
        "centres": listed,
    }
    homes = {centre_id: _communes(rng, centre_id, place) for centre_id, place in zip(ids, places, strict=True)}
    return Nation(network, homes, tuple(ids[i] for i in order), seed)


def _places(rng: np.random.Generator, centres: int, towns: int) -> FloatArray:
    """Return where the centres stand, latitude and longitude: a town has one, the largest towns many."""
    points: list[FloatArray] = []
    while len(points) < towns:  # each town the farthest from the others of a few tries: even, not regular
        tries = [_inside(rng) for _ in range(8)]
        points.append(max(tries, key=lambda p: min((float(_km(p, q)) for q in points), default=0.0)))
    weights = np.arange(1, towns + 1) ** -0.8
    counts = np.bincount(rng.choice(towns, centres - towns, p=weights / weights.sum()), minlength=towns) + 1
    return np.array(
        [
            _near(rng, points[town], SUBURB_KM if count > 1 else 0.0)
            for town, count in enumerate(counts)
            for _ in range(count)
        ]
    )


def _inside(rng: np.random.Generator) -> FloatArray:
    """Draw a point within the coast."""
    corners = np.array(COAST)
    sides = np.roll(corners, -1, axis=0) - corners
    while True:
        point = rng.uniform(corners.min(axis=0), corners.max(axis=0))
        gaps = point - corners
        if (sides[:, 0] * gaps[:, 1] - sides[:, 1] * gaps[:, 0] < 0).all():
            inland: FloatArray = point[::-1]
            return inland


def _near(rng: np.random.Generator, point: FloatArray, radius_km: float) -> FloatArray:
    """Draw a point within a distance of another, evenly over the disc."""
    away, turn = radius_km * np.sqrt(rng.random()), rng.uniform(0, 2 * np.pi)
    north, east = away * np.cos(turn) / KM_PER_DEGREE, away * np.sin(turn) / KM_PER_DEGREE
    return np.array([point[0] + north, point[1] + east / np.cos(np.radians(point[0]))])


def _km(one: FloatArray, others: FloatArray) -> FloatArray:
    """Return the distance to a point or to many, km, on a locally flat map."""
    north, east = (np.asarray(others) - one).T
    away: FloatArray = np.hypot(north, east * np.cos(np.radians(one[0]))) * KM_PER_DEGREE
    return away


def _shares(weights: FloatArray, total: int) -> IntArray:
    """Share a total out by weights, at least one each, by largest remainder."""
    exact = weights / weights.sum() * (total - len(weights))
    counts = np.floor(exact).astype(np.int64)
    counts[np.argsort(counts - exact, kind="stable")[: total - len(weights) - counts.sum()]] += 1
    whole: IntArray = counts + 1
    return whole


def _centre(rng: np.random.Generator, centre_id: str, place: FloatArray, linacs: int, *, hosted: bool) -> Fields:
    """Invent a centre by the rules that docs/data.md gives for the real ones."""
    sessions = round(linacs * float(np.clip(rng.normal(SESSIONS_PER_LINAC, 1500), 3500, 11000)))
    physicists = round(linacs * float(np.clip(rng.normal(PHYSICISTS_PER_LINAC, 0.25), 0.5, 2)), 2)
    oncologists = max(1, round(linacs * float(np.clip(rng.normal(ONCOLOGISTS_PER_LINAC, 0.35), 0.5, 3))))
    machines = _machines(rng, linacs)
    system, planning = SYSTEMS[machines[0]["vendor"]]
    paediatrics = linacs >= 5 and bool(rng.random() < 0.5)
    booked = round(sessions / linacs / DAYS_A_YEAR * SESSION_MIN)
    return {
        "id": centre_id,
        "name": f"Centre fictif {centre_id[-3:]}",
        "location": {"lat": round(float(place[0]), 4), "lon": round(float(place[1]), 4)},
        "oncology_information_system": CLOUD if hosted else system,
        "oncology_information_system_hosting": "vendor" if hosted else "on_site",
        "treatment_planning_system": planning,
        "paediatrics": paediatrics,
        "anaesthesia": paediatrics,
        "chemotherapy": bool(rng.random() < 0.8),
        "new_starts_per_day": oncologists,
        "physics_hours_per_day": round(physicists * PHYSICIST_HOURS * CRISIS_SHARE, 1),
        "ct_simulator_slots_per_day": min(4, linacs),
        "opening": {"weekdays": 600, "evening_surge_max": 120, "saturday_surge_max": 360},
        "linacs": [
            {"id": f"{centre_id}-{number}", **machine, "booked_min_per_day": booked}
            | _matched(rng, centre_id, number, machines)
            for number, machine in enumerate(machines, 1)
        ],
        "activity": {"year": 2025, "sessions_per_year": sessions},
        "staff": {"physicists_fte": physicists, "oncologists_salaried_fte": oncologists},
    }


def _machines(rng: np.random.Generator, count: int) -> list[Fields]:
    """Draw the linacs of a centre: mostly of one maker, mostly several of one model, the first of them for everyday courses."""
    shares = np.array([share for share, _ in MACHINES])
    models = [fields for _, fields in MACHINES]
    everyday = shares * np.array(["VMAT" in fields["techniques"] for fields in models])
    found = [models[rng.choice(len(models), p=everyday / everyday.sum())]]
    while len(found) < count:
        one = found[-1] if rng.random() < 0.45 else models[rng.choice(len(models), p=shares / shares.sum())]
        if one["vendor"] == found[0]["vendor"] or rng.random() > LOYALTY:
            found.append(one)
    return found


def _matched(rng: np.random.Generator, centre_id: str, number: int, machines: list[Fields]) -> Fields:
    """Declare a linac beam-matched with the one before it, now and then, if it is the same model."""
    if number == 1 or machines[number - 2] is not machines[number - 1] or rng.random() > 0.5:
        return {}
    return {"matched_with": [{"linac": f"{centre_id}-{number - 1}", "evidence": "FICTIF"}]}


def _conventions(rng: np.random.Generator, ids: list[str], places: FloatArray) -> list[Fields]:
    """Sign a convention with the nearest centre for three centres in ten."""
    pairs = set()
    for i in np.flatnonzero(rng.random(len(ids)) < 0.3).tolist():
        nearest = int(np.argsort(_km(places[i], places))[1])
        pairs.add((min(i, nearest), max(i, nearest)))
    return [{"between": [ids[a], ids[b]]} for a, b in sorted(pairs)]


def _communes(rng: np.random.Generator, centre_id: str, place: FloatArray) -> dict[str, Commune]:
    """Draw where people live around a centre."""
    found = {}
    for number in range(COMMUNES_PER_CENTRE):
        lat, lon = _near(rng, place, COMMUNES_KM).round(4).tolist()
        code = f"{centre_id}-{number}"
        found[code] = Commune(insee=code, name=code, postcodes=(), lat=lat, lon=lon, how="drawn")
    return found


def scenario(nation: Nation, fallen: tuple[str, ...], patients: int) -> Fields:
    """Return the scenario of an outage: a quarter of the idle staff can move; files lie beside it."""
    staff = [centre["staff"] for centre in nation.network["centres"] if centre["id"] in fallen]
    return {
        "schema_version": 1,
        "id": f"nation-{patients}",
        "title": {
            "fr": f"Panne nationale d'un R&V hébergé : {len(fallen)} centres, {patients} patients (fictif)",
            "en": f"National outage of a hosted record-and-verify system: {len(fallen)} centres, {patients} patients (fictitious)",
        },
        "exercise": True,
        "attack_at": f"{DAY_ZERO}T05:45:00+01:00",
        "compromised": {"information_systems": [CLOUD]},
        "outage_days": {"low": 5, "likely": 10, "high": 21},
        "data_recovery": {"dicom_after_h": 24, "paper_after_h": 4},
        "roster": f"nation-{patients}.csv",
        "overlays": [f"nation-{patients}-cloud.yaml"],
        "surge": {"evening": True, "saturday": True},
        "agency_led": True,
        "redeployment": {
            "physics_fte": min(MOST_STAFF, round(sum(one["physicists_fte"] for one in staff) / 2) / 2),
            "oncologists": min(MOST_STAFF, round(sum(one["oncologists_salaried_fte"] for one in staff) / 4)),
            "from_day": 2,
        },
        "compensation": ["saturday"],
        "notes": ["Exercice : pays, centres et patients inventés."],
    }


def write_nation(nation: Nation, folder: Path) -> Path:
    """Write the network; return its file."""
    return _write(folder / "nation.yaml", nation.network)


def write_outage(nation: Nation, patients: int, folder: Path) -> Path:
    """Write the scenario of an outage, with the overlay and the roster that it names; return its file.

    Raises
    ------
    ValueError
        When the hosted centres have fewer patients.
    """
    fallen, rows = nation.outage(patients)
    domain = {"id": CLOUD, "label": "FICTIF : R&V hébergé", "status": "assumed"}
    members = [{"id": centre_id, "information_systems": [CLOUD]} for centre_id in fallen]
    overlay = {"schema_version": 1, "fictitious": True, "information_systems": [domain], "centres": members}
    _write(folder / f"nation-{patients}-cloud.yaml", overlay)
    write_roster(folder / f"nation-{patients}.csv", rows)
    return _write(folder / f"nation-{patients}.yaml", scenario(nation, fallen, patients))


def write_rosters(nation: Nation, folder: Path) -> None:
    """Write the roster of every centre, one file each."""
    for centre in nation.network["centres"]:
        write_roster(folder / f"{centre['id']}.csv", nation.roster(centre["id"]))


def _write(file: Path, fields: Fields) -> Path:
    """Write JSON, which is YAML as well."""
    write_whole(file, json.dumps(fields, ensure_ascii=False, indent=1).encode())
    return file


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, required=True, help="Folder of the files.")
    parser.add_argument("--patients", type=int, action="append", help="Size of an outage; may be repeated.")
    parser.add_argument("--rosters", action="store_true", help="Write the roster of every centre too, in rosters/.")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    nation = make_nation(given.seed)
    given.to.mkdir(parents=True, exist_ok=True)
    print(write_nation(nation, given.to))
    for patients in given.patients or ():
        print(write_outage(nation, patients, given.to))
    if given.rosters:
        (given.to / "rosters").mkdir(exist_ok=True)
        write_rosters(nation, given.to / "rosters")
        print(given.to / "rosters")


if __name__ == "__main__":
    main()
