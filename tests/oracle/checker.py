"""An independent checker of plans, written from the rules (docs/formulation.md) alone.

It imports nothing of the project: it reads `plan.json` and the inputs that it names, recomputes with plain loops what the
rules state, and lists every disagreement. Where the rules leave two readings, `READINGS` says which one was taken.

Run `python tests/oracle/checker.py PLAN.json`: exit code 1 if anything disagrees.
"""

import csv
import hashlib
import json
import math
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import yaml

DATA = Path(__file__).resolve().parents[2] / "transfer_planner" / "data"
PARIS = ZoneInfo("Europe/Paris")
TIERS = ("T1", "T2", "T3", "T4", "T5", "T6")
STEREOTACTIC = ("SBRT", "SRS")
INDIVIDUAL = ("TBI", "TSEI", "CSI", "BRACHY")
SUBSTITUTES = {
    "3DCRT": ("3DCRT", "IMRT", "VMAT", "HELICAL"),
    "IMRT": ("IMRT", "VMAT", "HELICAL"),
    "VMAT": ("VMAT", "HELICAL"),
    "HELICAL": ("HELICAL", "VMAT"),
}
ASSUMED_TECHNIQUES = ("3DCRT", "IMRT", "VMAT")
LIST_KEYS = {"conventions": "between", "matched_with": "linac"}

# (topic, reading taken, alternatives)
READINGS = [
    (
        "remaining calendar: dated deliveries",
        "the last delivered fraction counts in its ISO week, and the first one when treatment has begun on another day",
        "only the last one counts; `fractions_per_day` fractions are counted on a dated day",
    ),
    (
        "remaining calendar: stereotactic",
        "the 40 hours of H11 keep sessions 2 calendar days apart in every calendar, also that of the planned end",
        "only under a decision",
    ),
    (
        "missed sessions of a patient not yet started",
        "sessions of the home calendar from the baseline, before the start",
        "always 0; the calendar from day 0, whatever `first_fraction_date` says",
    ),
    ("missed sessions, two fractions a day", "days (rows of `sessions`) are counted", "fractions are counted"),
    ("start", "the start is the day of the first session", "the first session may come later than the start"),
    (
        "Saturday mode",
        "every Saturday after the first session, not a public holiday, and 2 days apart when the calendar asks for it",
        "public holidays too; no spacing",
    ),
    (
        "compensation at three sessions a week or fewer",
        "allowed when the category and the dose allow it, sessions still 2 days apart",
        "none: such a calendar leaves no room for more sessions",
    ),
    (
        "compensation of a restart",
        "any mode that the patient may have",
        "none: modes belong to transfers",
    ),
    ("second fractions", "also on the day of the first session, if a Tuesday or a Thursday", "only on later days"),
    (
        "dose per fraction",
        "prescribed dose / prescribed fractions; unknown dose: no compensation",
        "that of the phase that remains, or the largest of the phases",
    ),
    ("compensation of an unknown category", "none", "as category 1"),
    ("wait: `prolongation_days`", "one decimal, half up", "half to even"),
    (
        "wait: days in T6",
        "min(max(0, `prolongation_days`), tolerance), that is the expectation rounded to one decimal",
        "the expectation not rounded ('rounded once'); the expectation of min(max(0, prolongation), tolerance)",
    ),
    ("visits", "one per day with a session; the CT simulation is no visit", "the CT simulation is one more visit"),
    ("two fractions a day, minutes", "twice the minutes of a session, +10 once on the first day", "2 × (minutes + 10)"),
    ("breath-hold minutes", "20 for IMRT and VMAT only", "20 for every technique"),
    ("minutes of an emergency", "technique 3DCRT, by its first substitute on the linac", "the roster's technique"),
    ("matched pair without the energy", "G0 all the same: its condition does not name the energy", "G2 or G3"),
    ("substitution of technique", "G3, also for a matched or identical pair", "G0 or G1 (first condition that holds)"),
    ("families of TPS and R&V", "equal and known names", "any finer table of families"),
    ("G4 for a patient whose data come back", "always allowed beside the better grade", "only when DICOM comes later"),
    ("under 18", "year of the attack − birth year < 18", "≤ 18, as the birthday is unknown"),
    ("electrons of unknown energy", "a linac with some electron energy", "no linac"),
    ("unknown mass or couch limit", "no exclusion", "exclusion"),
    ("unknown features, paediatrics, anaesthesia or chemotherapy", "none", "to confirm"),
    (
        "travel of ranks 1–2",
        "150 minutes even when the patient's own or the two-session limit is lower",
        "the patient's own limit stays",
    ),
    (
        "travel with lodging",
        "lodging lets ranks 1–2 go beyond 150 minutes, flagged",
        "it lifts the 150 minutes of ranks 1–2 only; the patient's own limit stays",
    ),
    ("two sessions a day", "the lower of the patient's limit and the 45 minutes", "45 replaces the limit"),
    (
        "redeployed physicist on another TPS",
        "7 hours everywhere, as the problem states",
        "half of that on another TPS, as the clinical tables state",
    ),
    ("new starts and CT slots unknown", "zero", "unlimited"),
    (
        "restart",
        "any listed linac of the home centre that can deliver it; H06 does not bind at home",
        "own linac; H06 binds",
    ),
    ("restart: minutes", "+10 at the first session as after a transfer", "no addition"),
    ("restart: ready", "first treatment day ≥ day 0 + `from_day`", "`from_day` counts treatment days"),
    (
        "declared capacity: minutes",
        "spare minutes bound the sum of the centre's weekday transfers and those of each linac, within opening and surge",
        "they bound each linac only, are shared out, or stand above opening and surge",
    ),
    (
        "declared capacity: from_date",
        "no start before it, and physics hours add up from it on",
        "physics hours add up from day 0; the declared figures hold from that day, the network's before",
    ),
    (
        "latest start",
        "latest treatment day after day 0 whose prolongation, in the best allowed mode, is within tolerance",
        "—",
    ),
    ("curative", "`intent` curative, blank included", "categories 1 and 2"),
    (
        "lung SBRT",
        "5 days on treatment, whatever the intent; a planned one has the tolerance of planned",
        "curative only",
    ),
    ("brachytherapy boost due", "the column is filled", "a date near day 0"),
    ("proven", "exactly when value = bound", "also when value − bound ≤ 10 tenths"),
]


class Findings:
    """What disagrees, by kind."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, kind: str, text: str) -> None:
        """Record one disagreement."""
        self.lines.append(f"{kind}: {text}")

    def same(self, kind: str, who: str, plan: object, mine: object) -> None:
        """Record a difference between the plan's value and the recomputed one."""
        if plan != mine:
            self.add(kind, f"{who}: plan {plan!r}, recomputed {mine!r}")

    def close(self, kind: str, who: str, plan: float | None, mine: float) -> None:
        """Record a difference of numbers, beyond floating-point noise."""
        if plan is None or abs(plan - mine) > 1e-6:
            self.add(kind, f"{who}: plan {plan!r}, recomputed {mine!r}")


# --------------------------------------------------------------------------------------------------- reading the inputs


def merge(base: object, over: object, key: str = "") -> object:
    """Overlay semantics: mappings merge, lists of objects merge by their key, anything else replaces."""
    if isinstance(base, dict) and isinstance(over, dict):
        out = dict(base)
        for name, value in over.items():
            out[name] = merge(base.get(name), value, name)
        return out
    if isinstance(base, list) and isinstance(over, list) and over and all(isinstance(item, dict) for item in over):
        by = LIST_KEYS.get(key, "id")
        if all(by in item for item in [*base, *over]):
            return merge_lists(base, over, by)
    return over


def merge_lists(base: list[dict], over: list[dict], by: str) -> list[dict]:
    """Merge two lists of objects by the value of one key."""

    def name(item: dict) -> object:
        value = item[by]
        return tuple(sorted(value)) if isinstance(value, list) else value

    out = {name(item): item for item in base}
    for item in over:
        out[name(item)] = merge(out.get(name(item)), item)
    return list(out.values())


def plain(text: str) -> str:
    """Lower case, without accents, hyphens or underscores."""
    text = unicodedata.normalize("NFD", text.replace("œ", "oe").replace("Œ", "oe").lower())
    text = "".join(char for char in text if not unicodedata.combining(char))
    return " ".join(text.replace("-", " ").replace("_", " ").split())


def read_yaml(path: Path) -> dict:
    """Read one YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read the roster, comma or semicolon."""
    text = path.read_text(encoding="utf-8-sig")
    head = text.split("\n", 1)[0]
    rows = csv.DictReader(text.splitlines(), delimiter=";" if head.count(";") > head.count(",") else ",")
    return [{name: (value or "").strip() for name, value in row.items() if name} for row in rows]


def read_policy(overrides: dict) -> dict:
    """Read the packaged policy, with a scenario's overrides by path."""
    policy = read_yaml(DATA / "policy.yaml")
    for path, value in overrides.items():
        if isinstance(value, dict):
            policy[path] = merge(policy.get(path), value)
            continue
        *parents, leaf = path.split(".")
        place = policy
        for parent in parents:
            place = place[parent]
        place[leaf] = value
    return policy


def as_date(text: object) -> date | None:
    """Return a date from a cell or a YAML value, or nothing."""
    if isinstance(text, datetime):
        return text.date()
    if isinstance(text, date) or not text:
        return text or None
    return date.fromisoformat(str(text))


# ------------------------------------------------------------------------------------------------------------ calendars


class Days:
    """Treatment days: Monday to Friday, not a French public holiday."""

    def __init__(self) -> None:
        self.off = holidays.country_holidays("FR", years=range(2015, 2045))
        self.known: dict[date, bool] = {}

    def treats(self, day: date) -> bool:
        """Tell whether it is a treatment day."""
        if day not in self.known:
            self.known[day] = day.weekday() < 5 and day not in self.off
        return self.known[day]

    def saturday(self, day: date) -> bool:
        """Tell whether it can be a surge Saturday."""
        return day.weekday() == 5 and day not in self.off

    def roll(self, day: date) -> date:
        """First treatment day from a day on."""
        while not self.treats(day):
            day += timedelta(1)
        return day

    def after(self, day: date, count: int) -> date:
        """Treatment day that comes `count` treatment days after a day (the day itself for 0)."""
        for _ in range(count):
            day = self.roll(day + timedelta(1))
        return day

    def before(self, day: date, count: int) -> date:
        """Treatment day that comes `count` treatment days before a day."""
        for _ in range(count):
            day -= timedelta(1)
            while not self.treats(day):
                day -= timedelta(1)
        return day

    def between(self, first: date, last: date) -> int:
        """Count the treatment days from a day to another, both included."""
        return sum(self.treats(first + timedelta(n)) for n in range((last - first).days + 1))


@dataclass
class Patient:
    """One row of the roster, blanks read cautiously."""

    row: dict[str, str]
    id: str
    home: str
    linac: str
    technique: str
    energy: str
    remaining: int
    delivered: int
    per_week: int
    per_day: int
    first: date | None
    last: date | None
    started: bool
    curative: bool
    emergency: bool
    category: str
    so_far: int
    minor: bool
    asleep: bool
    dose: float | None
    needs: list[str] = field(default_factory=list)
    rank: int = 0
    tolerance: int = 0

    @property
    def spaced(self) -> bool:
        """Tell whether sessions stand 2 calendar days apart at least."""
        return self.per_week <= 3 or self.technique in STEREOTACTIC


def course(days: Days, one: Patient, first: date, mode: str = "none", missed: int = 0) -> list[tuple[date, int]]:
    """Remaining calendar from a first day on: (day, fractions), with the fractions made up by a compensation mode."""
    weekly: Counter[tuple[int, int]] = Counter()
    for dated in {one.last, one.first if one.started and one.delivered != 1 else None} - {None}:
        if dated < first:
            weekly[dated.isocalendar()[:2]] += 1
    rows: list[tuple[date, int]] = []
    left, owed, day, previous = one.remaining, missed if mode != "none" else 0, first, one.last
    while left > 0:
        week = day.isocalendar()[:2]
        fractions = 0
        apart = not one.spaced or previous is None or (day - previous).days >= 2
        if days.treats(day) and apart and weekly[week] < one.per_week:
            fractions = min(one.per_day, left, one.per_week - weekly[week])
            weekly[week] += fractions
            if mode == "bid" and day.weekday() in (1, 3) and owed and left > fractions:
                fractions, owed = fractions + 1, owed - 1
        elif mode == "saturday" and days.saturday(day) and rows and owed and apart:
            fractions, owed = 1, owed - 1
        if fractions:
            rows.append((day, fractions))
            left, previous = left - fractions, day
        day += timedelta(1)
    return rows


# ------------------------------------------------------------------------------------------------------------- patients


def category_of(row: dict[str, str], sites: dict[str, dict]) -> str:
    """Roster, else palliative, else by site and histology, else unknown."""
    if row["category"]:
        return row["category"]
    if row["intent"] == "palliative":
        return "3"
    site = sites.get(plain(row["site"]))
    value = site["category"].get(row["histology"] or "unknown") if site else None
    return "unknown" if value is None else str(value)


def site_table() -> dict[str, dict]:
    """Sites by id, label or synonym."""
    table = {}
    for site in read_yaml(DATA / "sites.yaml")["sites"]:
        for name in [*site["synonyms"], site["label_fr"], site["label_en"], site["id"]]:
            table[plain(name)] = site
    return table


def read_patient(row: dict[str, str], sites: dict[str, dict], year: int) -> Patient:
    """Read a row, every blank in the cautious way."""
    delivered = int(row["delivered_fractions"] or 0)
    prescribed = int(row["prescribed_fractions"])
    dose = float(row["prescribed_dose_gy"]) / prescribed if row["prescribed_dose_gy"] else None
    started = row["status"] == "on_treatment" if row["status"] else bool(delivered or row["last_fraction_date"])
    return Patient(
        row=row,
        id=row["patient_id"],
        home=row["centre_id"],
        linac=row["linac_id"],
        technique=row["technique"],
        energy=row["energy"],
        remaining=prescribed - delivered,
        delivered=delivered,
        per_week=int(row["fractions_per_week"] or 5),
        per_day=int(row["fractions_per_day"] or 1),
        first=as_date(row["first_fraction_date"]),
        last=as_date(row["last_fraction_date"]),
        started=started,
        curative=row["intent"] != "palliative",
        emergency=row["urgency"] == "emergency",
        category=category_of(row, sites),
        so_far=int(float(row["prolongation_days_so_far"] or 0)),
        minor=bool(row["birth_year"]) and year - int(row["birth_year"]) < 18,
        asleep=row["anaesthesia"] == "yes",
        dose=dose,
        needs=[need for need in row["needs"].split("|") if need],
    )


def rank_of(one: Patient, site: str, policy: dict) -> int:
    """As given, else the first line of the table that matches."""
    if one.row["rank"]:
        return int(one.row["rank"])
    facts = {
        "urgency": one.row["urgency"] or "none",
        "category": one.category,
        "status": "on_treatment" if one.started else "planned",
        "brachytherapy_boost": bool(one.row["brachytherapy_boost_due"]),
        "technique": one.technique,
        "minor": one.minor,
        "setting": one.row["setting"],
        "site": site,
        "hormones": one.row["hormones"] == "yes",
    }
    for line in policy["ranks"]:
        wanted = {name: value for name, value in line.items() if name not in ("rank", "who")}
        if all(
            facts[name] in value if isinstance(value, list) else facts[name] == value for name, value in wanted.items()
        ):
            return line["rank"]
    raise ValueError(f"{one.id}: no line of the ranks matches")


def tolerance_of(one: Patient, site: str, policy: dict) -> int:
    """By category, urgency and status."""
    table = policy["tolerances"]
    if one.emergency:
        return table["emergency"]
    if one.started:
        if site == "poumon" and one.technique == "SBRT":
            return table["lung_sbrt"]
        return table["on_treatment"][one.category]
    if site == "prostate" and one.row["hormones"] == "yes" and one.category == "2":
        return table["prostate_hormones_planned"]
    return table["planned"][one.category]


# ---------------------------------------------------------------------------------------------------------------- world


class World:
    """Everything that the plan was made from."""

    def __init__(self, path: Path, findings: Findings) -> None:
        self.path, self.findings = path, findings
        self.plan = json.loads(path.read_text(encoding="utf-8"))
        inputs = self.plan["inputs"]
        scenario_path = self.fingerprinted(inputs["scenario"])
        self.scenario = read_yaml(scenario_path)
        network: object = read_yaml(self.fingerprinted(inputs["centres"]))
        listed = [self.fingerprinted(item) for item in inputs["overlays"]]
        asked = [(scenario_path.parent / name).resolve() for name in self.scenario.get("overlays") or []]
        if [item.resolve() for item in listed][: len(asked)] != asked:
            findings.add("inputs", f"overlays {listed} do not start with those of the scenario, {asked}")
        for overlay in listed:
            network = merge(network, read_yaml(overlay))
        roster = self.fingerprinted(inputs["roster"])
        findings.same("inputs", "roster", roster.resolve(), (scenario_path.parent / self.scenario["roster"]).resolve())
        self.policy = read_policy(self.scenario.get("policy") or {})
        self.read_network(network)
        self.read_calendar()
        self.read_roster(read_rows(roster))

    def fingerprinted(self, item: dict) -> Path:
        """Path of an input, its content checked."""
        path = self.path.parent / item["path"]
        self.findings.same(
            "inputs", f"sha256 of {path.name}", item["sha256"], hashlib.sha256(path.read_bytes()).hexdigest()
        )
        return path

    def read_network(self, network: dict) -> None:
        """Index centres and linacs, and tell who is compromised and who shares a domain with one."""
        self.centres = {centre["id"]: centre for centre in network["centres"]}
        self.linacs = {linac["id"]: (centre, linac) for centre in network["centres"] for linac in centre["linacs"]}
        self.conventions = {frozenset(item["between"]) for item in network.get("conventions") or []}
        hit = self.scenario["compromised"]
        domains = set(hit.get("information_systems") or [])
        self.compromised = set(hit.get("centres") or []) | {
            name for name, centre in self.centres.items() if domains & set(centre.get("information_systems") or [])
        }
        shared = {domain for name in self.compromised for domain in self.centres[name].get("information_systems") or []}
        self.excluded = self.compromised | {
            name for name, centre in self.centres.items() if shared & set(centre.get("information_systems") or [])
        }
        self.matched = {
            frozenset((name, other["linac"]))
            for name, (_, linac) in self.linacs.items()
            for other in linac.get("matched_with") or []
        }
        self.declared = {item["centre_id"]: item for item in self.scenario.get("declared_capacity") or []}

    def read_calendar(self) -> None:
        """Day 0, the day when the data come back, and the switches of the scenario."""
        attack = self.scenario["attack_at"]
        attack = attack if isinstance(attack, datetime) else datetime.fromisoformat(str(attack))
        if attack.tzinfo is None:
            attack = attack.replace(tzinfo=PARIS)
        self.days = Days()
        self.day0 = attack.astimezone(PARIS).date()
        hours = (self.scenario.get("data_recovery") or {}).get("dicom_after_h")
        self.dicom = None if hours is None else (attack + timedelta(hours=hours)).astimezone(PARIS).date()
        self.first_day = self.days.after(self.day0, 1)
        surge = self.scenario.get("surge") or {}
        self.evening, self.saturday = bool(surge.get("evening")), bool(surge.get("saturday"))
        self.lodging = bool(surge.get("lodging"))
        self.horizon = self.day0 + timedelta(self.scenario.get("horizon_days", 28))
        self.restarts = {
            linac: (self.day0 + timedelta(item["from_day"]), item["minutes_per_day"])
            for item in self.scenario.get("home_restart") or []
            for linac in item["linac_ids"]
        }
        pool = self.scenario.get("redeployment") or {}
        self.pool = pool
        self.redeploy_from = self.day0 + timedelta(pool.get("from_day", 0))

    def read_roster(self, rows: list[dict[str, str]]) -> None:
        """Patients of the compromised centres, with rank and tolerance."""
        sites = site_table()
        self.patients: dict[str, Patient] = {}
        self.done: list[str] = []
        for row in rows:
            one = read_patient(row, sites, self.day0.year)
            if one.home not in self.compromised:
                self.findings.add("inputs", f"{one.id}: {one.home} is not compromised")
            if one.remaining <= 0:
                self.done.append(one.id)
                continue
            site = sites.get(plain(row["site"]), {}).get("id", "")
            one.rank = rank_of(one, site, self.policy)
            one.tolerance = tolerance_of(one, site, self.policy)
            self.patients[one.id] = one
        with (DATA / "communes.csv").open(encoding="utf-8") as handle:
            self.communes = list(csv.DictReader(handle))

    # ---- what the plan should say

    def home_start(self, one: Patient) -> date:
        """First home treatment day that is ≥ day 0 and after the last fraction; the baseline of those not started."""
        if not one.started:
            return self.days.roll(max(self.day0, one.first or self.day0))
        floor = self.day0 if one.last is None else max(self.day0, one.last + timedelta(1))
        return self.days.roll(floor)

    def planned(self, one: Patient) -> list[tuple[date, int]]:
        """Remaining calendar at home, had nothing happened."""
        return course(self.days, one, self.home_start(one))

    def prolongation(self, one: Patient, rows: list[tuple[date, int]]) -> int:
        """Days late: of the end on treatment, of the start otherwise."""
        if one.started:
            return (rows[-1][0] - self.planned(one)[-1][0]).days + one.so_far
        return (rows[0][0] - self.home_start(one)).days

    def missed(self, one: Patient, start: date) -> int:
        """Sessions of the home calendar before the start."""
        return sum(day < start for day, _ in self.planned(one))

    def modes(self, one: Patient) -> list[str]:
        """Compensation modes that this patient may have."""
        allowed = ["none"]
        asked = self.scenario.get("compensation") or []
        rules = self.policy["compensation"]
        if one.dose is None:
            return allowed
        rule = rules["saturday"]
        if (
            "saturday" in asked
            and self.saturday
            and one.category in rule["categories"]
            and one.dose <= rule["max_dose_per_fraction_gy"] + 1e-9
        ):
            allowed.append("saturday")
        rule = rules["bid"]
        if (
            "bid" in asked
            and one.category in rule["categories"]
            and one.dose <= rule["max_dose_per_fraction_gy"] + 1e-9
            and one.technique not in STEREOTACTIC
            and not one.asleep
            and one.per_day == 1
        ):
            allowed.append("bid")
        return allowed

    def latest_start(self, one: Patient) -> date | None:
        """Last start that keeps the prolongation within tolerance, under the allowed modes."""
        day, latest = max(self.first_day, self.home_start(one)), None
        limit = (self.planned(one)[-1][0] if one.started else self.home_start(one)) + timedelta(max(0, one.tolerance))
        while day <= limit:
            if self.days.treats(day) and self.within(one, day):
                latest = day
            day += timedelta(1)
        return latest

    def within(self, one: Patient, day: date) -> bool:
        """Tell whether a start on this day keeps to the tolerance, in some allowed mode."""
        if not one.started:
            return (day - self.home_start(one)).days <= one.tolerance
        missed = self.missed(one, day)
        for mode in self.modes(one):
            rows = course(self.days, one, day, mode, missed)
            if rows[0][0] == day and self.prolongation(one, rows) <= one.tolerance:
                return True
        return False

    def techniques(self, linac: dict) -> list[str]:
        """Techniques of a linac, assumed where unknown."""
        return list(ASSUMED_TECHNIQUES) if linac.get("techniques") is None else linac["techniques"]

    def delivered_as(self, one: Patient, linac: dict) -> str | None:
        """First substitute of the technique that the linac offers; an emergency has simple fields."""
        wanted = "3DCRT" if one.emergency and one.technique in SUBSTITUTES else one.technique
        offered = self.techniques(linac)
        return next((name for name in SUBSTITUTES.get(wanted, (wanted,)) if name in offered), None)

    def has_energy(self, one: Patient, linac: dict) -> bool:
        """Tell whether the linac lists the energy."""
        if one.energy.endswith("E"):
            return float(one.energy[:-1]) in (linac.get("electron_mev") or [])
        return one.energy in (linac.get("photon_mv") or [])

    def incapable(self, one: Patient, centre: dict, linac: dict) -> str:
        """Why H03 forbids the linac; empty if it does not."""
        missing = set(one.needs) - set(linac.get("features") or [])
        couch, mass = linac.get("couch_max_kg"), one.row["mass_kg"]
        faults = {
            f"technique {one.technique} not among {linac.get('techniques')}": self.delivered_as(one, linac) is None,
            f"electron energy {one.energy} not listed": one.energy.endswith("E") and not self.has_energy(one, linac),
            "no electrons": one.technique == "ELECTRONS" and not linac.get("electron_mev"),
            f"features {sorted(missing)} missing": bool(missing),
            "under 18 without paediatric authorisation": one.minor and centre.get("paediatrics") is not True,
            "no anaesthesia": one.asleep and centre.get("anaesthesia") is not True,
            f"{mass} kg above the couch limit {couch}": bool(mass) and couch is not None and float(mass) > couch,
        }
        return "; ".join(text for text, wrong in faults.items() if wrong)

    def grade(self, one: Patient, centre: dict, linac: dict) -> str:
        """First condition of the mirror grades that holds."""
        if one.emergency:
            return "emergency"
        no_data = one.row["plan_data"] != "dicom" or self.dicom is None
        if no_data or one.row["immobilisation"] == "unavailable" or not one.linac:
            return "G4"
        home_centre, home = self.linacs[one.linac]
        systems = alike(home_centre, centre, "treatment_planning_system", "oncology_information_system")
        matched = frozenset((one.linac, linac["id"])) in self.matched and systems
        same = alike(home, linac, "vendor", "model", "mlc") and self.has_energy(one, linac)
        known = bool(home.get("model") and linac.get("model"))
        itself = self.delivered_as(one, linac) == one.technique
        conditions = {
            "G0": itself and bool(one.energy) and matched,
            "G1": itself and bool(one.energy) and same,
            "G2": itself and known and alike(home, linac, "vendor", "type"),
            "G3": True,
        }
        return next(name for name, holds in conditions.items() if holds)

    def ready(self, one: Patient, centre_id: str, grade: str) -> date:
        """Agreement, data, lead: the first day on which the patient may start."""
        delays = self.policy["agreement_delay"]
        if one.emergency:
            delay = delays["emergency"]
        elif frozenset((one.home, centre_id)) in self.conventions:
            delay = delays["convention"]
        else:
            delay = delays["agency_led"] if self.scenario.get("agency_led") else delays["none"]
        base = self.days.after(self.day0, delay)
        if grade in ("G0", "G1", "G2", "G3") and self.dicom:
            base = max(base, self.dicom)
        lead = self.policy["grades"][grade]["lead_days"]
        return max(self.days.after(self.days.roll(base), lead), self.first_day)

    def minutes(self, one: Patient, linac: dict) -> int:
        """Minutes of one fraction, without the first session's."""
        table = self.policy["session_minutes"]
        technique = self.delivered_as(one, linac) or one.technique
        if one.minor and one.asleep:
            return table["child_under_anaesthesia"]
        if technique in ("IMRT", "VMAT") and "DIBH" in one.needs:
            return table["dibh"]
        return table["by_technique"][technique]

    def timed(self, one: Patient, linac: dict, rows: list[tuple[date, int]]) -> list[dict]:
        """Sessions as the plan writes them."""
        extra = self.policy["session_minutes"]["first_session_extra"]
        each = self.minutes(one, linac)
        return [
            {"date": day.isoformat(), "minutes": each * fractions + (0 if number else extra), "fractions": fractions}
            for number, (day, fractions) in enumerate(rows)
        ]

    def capacity(self, linac_id: str, day: date) -> tuple[int, int]:
        """Minutes booked and capacity of a linac on a day."""
        centre, linac = self.linacs[linac_id]
        if centre["id"] in self.compromised:
            since, minutes = self.restarts.get(linac_id, (date.max, 0))
            return 0, minutes if day >= since else 0
        opening = centre["opening"]
        if day.weekday() == 5:
            return 0, (opening.get("saturday_surge_max") or 0) if self.saturday else 0
        evening = (opening.get("evening_surge_max") or 0) if self.evening else 0
        booked, most = linac.get("booked_min_per_day") or 0, opening["weekdays"] + evening
        spare = self.declared.get(centre["id"], {}).get("spare_minutes_per_day")
        return booked, most if spare is None else min(most, booked + spare)

    def limit(self, centre_id: str, name: str, answer: str) -> float:
        """Limit of a centre, as declared on the phone, else as in the network."""
        value = self.declared.get(centre_id, {}).get(answer)
        return (self.centres[centre_id].get(name) or 0) if value is None else value


# ------------------------------------------------------------------------------------------------- one decision at a time


def alike(left: dict, right: dict, *names: str) -> bool:
    """Tell whether two mappings know and share all these values."""
    return all(left.get(name) is not None and left.get(name) == right.get(name) for name in names)


def half_up(value: float) -> int:
    """Round to an integer, half up."""
    return math.floor(value + 0.5 + 1e-9)


def split(world: World, one: Patient, excess: int) -> dict[str, int]:
    """Share of an excess by tier, a curative patient's escalating beyond 14 days."""
    limit = 10 * world.policy["escalation_days"]
    beyond = max(0, excess - limit) if one.curative else 0
    out: Counter[str] = Counter({f"T{one.rank}": excess - beyond})
    out[f"T{max(1, one.rank - 1)}"] += beyond
    return dict(out)


def burden(world: World, one: Patient, travel: float, visits: int, late: float, hours: float) -> int:
    """Tier 6 of one patient, rounded once."""
    prices = world.policy["burden"]
    days = min(max(0.0, late), one.tolerance) * prices["prolongation_day"][one.category]
    return half_up(2 * travel * visits + days + prices["physics_hour"] * hours)


def check_common(world: World, one: Patient, decision: dict) -> None:
    """Fields that do not depend on the decision."""
    add = world.findings
    plan_category = decision["category"]
    add.same("category", one.id, "unknown" if plan_category is None else str(plan_category), one.category)
    add.same("rank", one.id, decision["rank"], one.rank)
    add.same("tolerance", one.id, decision["tolerance_days"], one.tolerance)
    latest = world.latest_start(one)
    add.same("latest_start_date", one.id, decision["latest_start_date"], latest and latest.isoformat())


def check_costs(
    world: World, one: Patient, decision: dict, excess: int, late: float, visits: int, hours: float
) -> None:
    """Excess and tier costs."""
    add = world.findings
    add.same("excess", one.id, decision["excess_tenths"], excess)
    mine = {name: value for name, value in split(world, one, excess).items() if value}
    if cost := burden(world, one, decision["travel_min"], visits, late, hours):
        mine["T6"] = cost
    theirs = {name: value for name, value in decision["tier_costs"].items() if value}
    for name in TIERS:
        add.same(f"tier_costs {name}", one.id, theirs.get(name, 0), mine.get(name, 0))


def check_course(world: World, one: Patient, decision: dict, linac: dict, hours: float) -> None:
    """Check sessions, end, missed sessions, prolongation and costs of a transfer or a restart."""
    add = world.findings
    start = as_date(decision["start_date"])
    mode = decision["compensation"]
    if mode not in world.modes(one):
        add.add("H11" if mode == "bid" else "compensation", f"{one.id}: mode {mode} not allowed")
    missed = world.missed(one, start)
    rows = course(world.days, one, start, mode, missed)
    add.same("H13 start", one.id, rows[0][0].isoformat(), start.isoformat())
    sessions = [{name: item[name] for name in ("date", "minutes", "fractions")} for item in decision["sessions"]]
    mine = world.timed(one, linac, rows)
    if [(item["date"], item["fractions"]) for item in sessions] != [(item["date"], item["fractions"]) for item in mine]:
        add.add("H13 sessions", f"{one.id} ({mode}): {gap(sessions, mine)}")
    elif sessions != mine:
        add.add("minutes", f"{one.id} ({one.technique} on {linac['id']}): {gap(sessions, mine)}")
    add.same("end_date", one.id, decision["end_date"], rows[-1][0].isoformat())
    add.same("missed_sessions", one.id, decision["missed_sessions"], missed)
    late = world.prolongation(one, rows)
    add.close("prolongation", one.id, decision["prolongation_days"], late)
    add.close("physics_hours", one.id, decision["physics_hours"], hours)
    if not one.started and start < world.home_start(one):
        add.add("H04", f"{one.id}: starts on {start}, before its baseline {world.home_start(one)}")
    if start > world.horizon:
        add.add("horizon", f"{one.id}: starts on {start}, after {world.horizon}")
    check_costs(world, one, decision, 10 * max(0, late - one.tolerance), late, len(rows), hours)


def gap(plan: list[dict], mine: list[dict]) -> str:
    """First rows that differ."""
    for number, (left, right) in enumerate(zip(plan, mine, strict=False)):
        if left != right:
            return f"row {number}: plan {left}, recomputed {right}"
    return f"plan has {len(plan)} rows, recomputed {len(mine)}"


def check_transfer(world: World, one: Patient, decision: dict) -> None:
    """One transfer, H02 to H04, H08, H09, H11 to H13."""
    add = world.findings
    centre, linac = world.linacs[decision["linac_id"]]
    add.same("H01", f"{one.id} centre of {linac['id']}", decision["centre_id"], centre["id"])
    if centre["id"] in world.excluded:
        add.add("H02", f"{one.id}: {centre['id']} is compromised or shares a domain")
    answer = world.declared.get(centre["id"], {})
    if answer.get("accepts") is False:
        add.add("declared", f"{one.id}: {centre['id']} does not accept")
    if why := world.incapable(one, centre, linac):
        add.add("H03", f"{one.id} on {linac['id']}: {why}")
    grade = world.grade(one, centre, linac)
    if decision["grade"] != grade and not (decision["grade"] == "G4" and not one.emergency):
        add.same("grade", f"{one.id} {one.linac} → {linac['id']} {one.energy}", decision["grade"], grade)
    grade = decision["grade"]
    start = as_date(decision["start_date"])
    ready = world.ready(one, centre["id"], grade)
    add.same("ready_date", f"{one.id} {grade} at {centre['id']}", decision["ready_date"], ready.isoformat())
    opened = as_date(answer.get("from_date")) or ready
    if start < max(ready, opened):
        add.add("H04", f"{one.id}: starts on {start}, ready on {ready}, open from {opened}")
    check_simulation(world, one, decision, start)
    check_travel_limit(world, one, decision)
    concurrent = one.row["concurrent_chemotherapy"] == "yes" and not one.row["chemotherapy_kept_at"]
    if concurrent and centre.get("chemotherapy") is not True:
        add.add("H12", f"{one.id}: no chemotherapy at {centre['id']}")
    check_course(world, one, decision, linac, float(world.policy["grades"][grade]["physics_hours"]))


def check_simulation(world: World, one: Patient, decision: dict, start: date) -> None:
    """Check the day of the re-simulation (H08)."""
    mine = None
    if decision["grade"] in ("G4", "emergency"):
        mine = world.days.before(start, world.policy["grades"][decision["grade"]]["lead_days"]).isoformat()
    world.findings.same("ct_simulation_date", f"{one.id} {decision['grade']}", decision["ct_simulation_date"], mine)


def check_travel_limit(world: World, one: Patient, decision: dict) -> None:
    """Check the one-way travel (H09)."""
    rules = world.policy["travel_limits"]
    limit = float(one.row["max_travel_min"] or rules["by_mobility"][one.row["mobility"] or "seated"])
    if decision["compensation"] == "bid" or one.per_day > 1:
        limit = min(limit, rules["two_sessions_a_day"])
    travel = decision["travel_min"]
    if travel <= limit:
        return
    codes = [reason["code"] for reason in decision["reasons"]]
    most = rules["to_justify"] if one.rank in rules["to_justify_ranks"] else limit
    if travel > most and not (world.lodging and one.rank in rules["to_justify_ranks"]):
        world.findings.add("H09", f"{one.id}: rank {one.rank}, {travel} min above {most} without lodging")
    elif not any(word in code for code in codes for word in ("justify", "lodging")):
        world.findings.add("H09 flag", f"{one.id}: {travel} min above {limit}, not flagged ({codes})")


def check_restart(world: World, one: Patient, decision: dict) -> None:
    """One restart at home in degraded mode."""
    add = world.findings
    centre, linac = world.linacs[decision["linac_id"]]
    add.same("restart", f"{one.id} centre", centre["id"], one.home)
    if linac["id"] not in world.restarts:
        add.add("restart", f"{one.id}: {linac['id']} does not restart")
        return
    if why := world.incapable(one, centre, linac):
        add.add("H03", f"{one.id} restarts on {linac['id']}: {why}")
    ready = max(world.days.roll(world.restarts[linac["id"]][0]), world.first_day)
    add.same("ready_date", f"{one.id} restart", decision["ready_date"], ready.isoformat())
    if as_date(decision["start_date"]) < ready:
        add.add("H04", f"{one.id}: restarts on {decision['start_date']}, ready on {ready}")
    check_course(world, one, decision, linac, float(world.policy["restart_physics_hours"]))


def check_wait(world: World, one: Patient, decision: dict) -> None:
    """One wait: reopening days, expectation, excess."""
    add = world.findings
    expected = excess = 0.0
    for name, weight in world.policy["outage_weights"].items():
        reopening = world.days.roll(world.day0 + timedelta(world.scenario["outage_days"][name]))
        add.same("reopening", f"{one.id} {name}", decision["reopening"][name], reopening.isoformat())
        rows = course(world.days, one, max(reopening, world.home_start(one)))
        late = world.prolongation(one, rows)
        expected += weight * late
        excess += weight * max(0, late - one.tolerance)
    shown = math.floor(10 * expected + 0.5 + 1e-9) / 10
    add.close("wait prolongation", one.id, decision["prolongation_days"], shown)
    visits = len(world.planned(one))
    check_costs(world, one, decision, half_up(10 * excess), shown, visits, 0.0)


def check_travel(world: World, one: Patient, decision: dict) -> None:
    """Check that the travel is plausible against the model of roads."""
    centre = world.centres[decision.get("centre_id") or one.home]
    where = stay(world, one)
    place = (centre["location"]["lat"], centre["location"]["lon"])
    model = world.policy["travel_model"]
    km = model["road_km_intercept"] + model["road_km_per_crow_km"] * crow_km(where, place)
    minutes = model["minutes_intercept"] + model["minutes_per_road_km"] * km
    text = f"{one.id} to {centre['id']}: plan {decision['travel_min']} min, {decision['travel_km']} km, model {minutes:.1f} min, {km:.1f} km"
    if km <= 15:
        if not 5 <= decision["travel_min"] <= 45:
            world.findings.add("travel", text)
    elif abs(decision["travel_min"] - minutes) > 0.1 * minutes or abs(decision["travel_km"] - km) > 0.1 * km:
        world.findings.add("travel", text)


def stay(world: World, one: Patient) -> tuple[float, float]:
    """Where the patient stays: position, commune, postcode, else the home centre."""
    row = one.row
    if row["lat"] and row["lon"]:
        return float(row["lat"]), float(row["lon"])
    found = [item for item in world.communes if row["commune_insee"] and item["insee"] == row["commune_insee"]]
    if not found and row["postcode"]:
        found = [item for item in world.communes if row["postcode"] in item["postcodes"].split("|")]
    if found:
        count = len(found)
        return sum(float(item["lat"]) for item in found) / count, sum(float(item["lon"]) for item in found) / count
    home = world.centres[one.home]["location"]
    return home["lat"], home["lon"]


def crow_km(left: tuple[float, float], right: tuple[float, float]) -> float:
    """Great-circle distance."""
    lat1, lon1, lat2, lon2 = (math.radians(value) for value in (*left, *right))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(half))


def check_decision(world: World, decision: dict) -> None:
    """Everything about one decision alone."""
    one = world.patients[decision["patient_id"]]
    check_common(world, one, decision)
    check_travel(world, one, decision)
    action = {"transfer": check_transfer, "restart": check_restart, "wait": check_wait}[decision["action"]]
    action(world, one, decision)
    special = one.technique in INDIVIDUAL or (one.technique == "SBRT" and one.delivered > 0)
    codes = [reason["code"] for reason in decision["reasons"]]
    if special and decision["action"] == "transfer" and not any("individual" in code for code in codes):
        world.findings.add("individual", f"{one.id}: {one.technique} moves without a flag ({codes})")


# ------------------------------------------------------------------------------------------------------- the whole plan


def treated(world: World) -> Iterator[tuple[dict, dict]]:
    """Sessions of the transfers and restarts."""
    for decision in world.plan["decisions"]:
        if decision["action"] in ("transfer", "restart"):
            for session in decision["sessions"]:
                yield decision, session


def check_loads(world: World) -> int:
    """H05, linac by linac and day by day; return the plan's own terms of tier 6."""
    add = world.findings
    mine: Counter[tuple[str, str]] = Counter()
    for decision, session in treated(world):
        mine[decision["linac_id"], session["date"]] += session["minutes"]
    theirs = {(item["linac_id"], item["date"]): item for item in world.plan["loads"]}
    for key in sorted(set(mine) ^ set(theirs)):
        add.add("loads", f"{key} only in {'sessions' if key in mine else 'loads'}")
    surge, saturdays = 0, set()
    for (linac_id, text), minutes in sorted(mine.items()):
        day = date.fromisoformat(text)
        booked, capacity = world.capacity(linac_id, day)
        centre, linac = world.linacs[linac_id]
        if minutes > max(0, capacity - booked):
            add.add("H05", f"{linac_id} {text}: booked {booked} + {minutes} > {capacity}")
        if not world.days.treats(day) and not world.days.saturday(day):
            add.add("H13", f"{linac_id} {text}: not a treatment day")
        if centre["id"] not in world.compromised:
            opening = centre["opening"]["weekdays"]
            if day.weekday() == 5:
                saturdays.add((centre["id"], text))
            else:
                surge += max(0, booked + minutes - max(opening, linac.get("booked_min_per_day") or 0))
        if item := theirs.get((linac_id, text)):
            wanted = (centre["id"], booked, minutes, capacity)
            got = (item["centre_id"], item["booked_min"], item["transferred_min"], item["capacity_min"])
            add.same("loads", f"{linac_id} {text} (centre, booked, transferred, capacity)", got, wanted)
    check_declared_minutes(world, mine)
    prices = world.policy["burden"]
    return prices["surge_minute"] * surge + prices["saturday_opening"] * len(saturdays)


def check_declared_minutes(world: World, loads: Counter[tuple[str, str]]) -> None:
    """Check the spare minutes told on the phone, per centre and weekday."""
    sums: Counter[tuple[str, str]] = Counter()
    for (linac_id, text), minutes in loads.items():
        if date.fromisoformat(text).weekday() < 5:
            sums[world.linacs[linac_id][0]["id"], text] += minutes
    for (centre_id, text), minutes in sorted(sums.items()):
        spare = world.declared.get(centre_id, {}).get("spare_minutes_per_day")
        if spare is not None and minutes > spare:
            world.findings.add("declared minutes", f"{centre_id} {text}: {minutes} > {spare}")


def reinforcements(world: World) -> dict[str, tuple[float, int]]:
    """Redeployment by centre, checked against the pool."""
    add = world.findings
    out: dict[str, tuple[float, int]] = {}
    for item in world.plan["redeployment"]:
        fte, oncologists = item["physics_fte"], item["oncologists"]
        add.same("redeployment", f"{item['centre_id']} from_date", item["from_date"], world.redeploy_from.isoformat())
        if 2 * fte != int(2 * fte) or oncologists != int(oncologists) or fte < 0 or oncologists < 0:
            add.add("redeployment", f"{item['centre_id']}: {fte} FTE, {oncologists} oncologists")
        if item["centre_id"] in world.excluded:
            add.add("redeployment", f"{item['centre_id']} is no destination")
        out[item["centre_id"]] = (fte, oncologists)
    if len(out) != len(world.plan["redeployment"]):
        add.add("redeployment", "a centre is listed twice")
    for number, name in enumerate(("physics_fte", "oncologists")):
        used = sum(item[number] for item in out.values())
        if used > (world.pool.get(name) or 0):
            add.add("redeployment", f"{name}: {used} above the pool {world.pool.get(name)}")
    return out


def check_centre_days(world: World) -> None:
    """H06, H07 and H08, centre by centre."""
    extra = reinforcements(world)
    starts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    hours: defaultdict[str, Counter[str]] = defaultdict(Counter)
    scans: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for decision in world.plan["decisions"]:
        if decision["action"] != "transfer":
            continue
        centre = decision["centre_id"]
        starts[centre][decision["start_date"]] += 1
        hours[centre][decision["start_date"]] += decision["physics_hours"]
        if decision["ct_simulation_date"]:
            scans[centre][decision["ct_simulation_date"]] += 1
    theirs = {(item["centre_id"], item["date"]): item for item in world.plan["centre_days"]}
    mine = {(centre, text) for table in (starts, scans) for centre, days in table.items() for text in days}
    for key in sorted(mine ^ {key for key in theirs if key[0] not in world.compromised}):
        world.findings.add("centre_days", f"{key} only in {'decisions' if key in mine else 'centre_days'}")
    for centre, text in sorted(mine):
        check_centre_day(world, centre, text, extra.get(centre, (0.0, 0)), (starts, hours, scans), theirs)


def check_centre_day(
    world: World, centre: str, text: str, extra: tuple[float, int], tables: tuple, theirs: dict[tuple[str, str], dict]
) -> None:
    """Check one centre on one day."""
    starts, hours, scans = tables
    day, rules = date.fromisoformat(text), world.policy["redeployment"]
    present = day >= world.redeploy_from
    most = world.limit(centre, "new_starts_per_day", "new_starts_per_day")
    most += rules["new_starts_per_oncologist"] * extra[1] if present else 0
    used = sum(value for other, value in hours[centre].items() if other <= text)
    daily = world.limit(centre, "physics_hours_per_day", "physics_hours_per_day")
    opened = as_date(world.declared.get(centre, {}).get("from_date")) or world.day0
    available = daily * world.days.between(max(opened, world.day0 + timedelta(1)), day)
    if present:
        reinforced = world.days.between(max(world.redeploy_from, world.day0 + timedelta(1)), day)
        available += rules["physics_hours_per_fte_day"] * extra[0] * reinforced
    slots = world.limit(centre, "ct_simulator_slots_per_day", "ct_slots")
    who = f"{centre} {text}"
    if starts[centre][text] > most:
        world.findings.add("H06", f"{who}: {starts[centre][text]} starts > {most}")
    if used > available + 1e-6:
        world.findings.add("H07", f"{who}: {used} h > {available}")
    if scans[centre][text] > slots:
        world.findings.add("H08", f"{who}: {scans[centre][text]} simulations > {slots}")
    if item := theirs.get((centre, text)):
        add = world.findings
        add.same("centre_days starts", who, item["new_starts"], starts[centre][text])
        add.same("centre_days starts max", who, item["new_starts_max"], most)
        add.close("centre_days hours", who, item["physics_hours_cumulative"], used)
        if abs(item["physics_hours_available"] - available) > 0.051:
            add.same("centre_days available", who, item["physics_hours_available"], available)
        add.same("centre_days simulations", who, item["ct_simulations"], scans[centre][text])
        add.same("centre_days simulations max", who, item["ct_simulations_max"], slots)


def check_patients(world: World) -> list[dict]:
    """H01: one decision per patient; those without a remaining fraction stand apart. Return the usable decisions."""
    add = world.findings
    seen = Counter(decision["patient_id"] for decision in world.plan["decisions"])
    for name in sorted(set(world.patients) - set(seen)):
        add.add("H01", f"{name} has no decision")
    for name, count in sorted(seen.items()):
        if count > 1 or name not in world.patients:
            add.add("H01", f"{name} has {count} decisions, planned: {name in world.patients}")
    add.same("not_planned", "all", sorted(item["patient_id"] for item in world.plan["not_planned"]), sorted(world.done))
    return [decision for decision in world.plan["decisions"] if decision["patient_id"] in world.patients]


def check_pins(world: World) -> None:
    """H10: pinned and forbidden decisions."""
    decisions = {decision["patient_id"]: decision for decision in world.plan["decisions"]}
    for pin in world.scenario.get("pins") or []:
        decision = decisions.get(pin["patient_id"], {})
        if "forbid" in pin and decision.get("action") == "transfer" and decision["centre_id"] == pin["forbid"]:
            world.findings.add("H10", f"{pin} is not kept")
        for name in ("action", "centre_id", "linac_id", "start_date"):
            if name in pin and str(decision.get(name)) != str(pin[name]):
                world.findings.add("H10", f"{pin} is not kept: {decision.get(name)}")


def check_tiers(world: World, own: int) -> None:
    """Tier values, bounds, what is proven, and the status."""
    add, plan = world.findings, world.plan
    add.same("tiers", "names", [tier["id"] for tier in plan["tiers"]], list(TIERS))
    for tier in plan["tiers"]:
        total = sum(decision["tier_costs"].get(tier["id"], 0) for decision in plan["decisions"])
        if tier["id"] == "T6":
            total += own
        add.same("tier value", tier["id"], tier["value"], total)
        if tier["bound"] is not None and tier["bound"] > tier["value"]:
            add.add("tier bound", f"{tier['id']}: bound {tier['bound']} above the value {tier['value']}")
        if bool(tier["proven"]) != (tier["bound"] is not None and tier["bound"] >= tier["value"]):
            add.add("tier proven", f"{tier['id']}: {tier}")
    proven = all(tier["proven"] for tier in plan["tiers"])
    add.same("status", "plan", plan["status"], "OPTIMAL" if proven else "FEASIBLE")


def check_summary(world: World) -> None:
    """Check the counts of the summary and the head of the plan."""
    add, plan, summary = world.findings, world.plan, world.plan["summary"]
    actions = Counter(decision["action"] for decision in plan["decisions"])
    add.same("summary", "patients", summary["patients"], len(world.patients))
    add.same("summary", "transferred", summary["transferred"], actions["transfer"])
    add.same("summary", "waiting", summary["waiting"], actions["wait"])
    if "restarted" in summary:
        add.same("summary", "restarted", summary["restarted"], actions["restart"])
    over: Counter[str] = Counter()
    for decision in plan["decisions"]:
        one = world.patients.get(decision["patient_id"])
        if one and decision["excess_tenths"] > 0:
            over[one.category] += 1
    add.same("summary", "over_tolerance", {k: v for k, v in summary["over_tolerance"].items() if v}, dict(over))
    add.same("head", "scenario_id", plan["scenario_id"], world.scenario["id"])
    add.same("head", "exercise", plan["exercise"], world.scenario["exercise"])
    add.same("head", "attack_date", plan["attack_date"], world.day0.isoformat())
    for secret in ("birth_year", "commune_insee", "postcode", "birth_date", "name", "address"):
        if any(secret in decision for decision in plan["decisions"]):
            add.add("privacy", f"{secret} stands in the plan")


def check(plan_path: str | Path) -> list[str]:
    """List every disagreement between a plan and the rules."""
    findings = Findings()
    world = World(Path(plan_path), findings)
    for decision in check_patients(world):
        check_decision(world, decision)
    own = check_loads(world)
    check_centre_days(world)
    check_pins(world)
    check_tiers(world, own)
    check_summary(world)
    return findings.lines


def main(arguments: Iterable[str]) -> int:
    """Print the disagreements of each plan, grouped by kind."""
    wrong = 0
    for name in arguments:
        groups: defaultdict[str, list[str]] = defaultdict(list)
        for line in check(name):
            kind, _, text = line.partition(": ")
            groups[kind].append(text)
        wrong += len(groups)
        sys.stdout.write(f"{name}: {sum(map(len, groups.values()))} disagreements\n")
        for kind, texts in sorted(groups.items()):
            sys.stdout.write(f"  {kind} ({len(texts)})\n")
            for text in texts:
                sys.stdout.write(f"    {text}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
