"""What a map shows, drawn from a plan: centres and their part, flows, loads, shared systems, travel bands. Counts only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from transfer_planner.domain.base import Grade, Rank
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.centre import Centre
    from transfer_planner.domain.plan import Decision, Plan
    from transfer_planner.domain.policy import TravelModel
    from transfer_planner.i18n import Message

Part = Literal["fallen", "destination", "blocked", "unused"]
PARTS: tuple[Part, ...] = ("fallen", "destination", "blocked", "unused")
"""Part of a centre, in the order of what must be read first."""

GRADES: tuple[Grade, ...] = ("emergency", "G0", "G1", "G2", "G3", "G4")
Line = str
"""What a line of the map tells: a grade, a rank (`P1`…`P5`), or what changes between two plans."""
WEIGHTS: tuple[Line, ...] = (*GRADES, "P5", "P4", "P3", "P2", "P1", "undone", "moved", "placed")
"""Kinds of line; among those equally frequent on a flow, the last gives it its look."""
BAND_MINUTES = (30, 45, 60, 90)
"""One-way travel bands, minutes."""


class DayLoad(NamedTuple):
    """Linac minutes of a centre on a day, over the linacs that receive a transferred patient."""

    day: date
    booked: float
    transferred: int
    capacity: float

    @property
    def share(self) -> float:
        """Share of the capacity taken, 0 to 1; 1 where there is none."""
        return (self.booked + self.transferred) / self.capacity if self.capacity else 1.0

    @property
    def left(self) -> int:
        """Minutes left."""
        return max(0, int(self.capacity - self.booked - self.transferred))


@dataclass(frozen=True)
class Stop:
    """A centre on the map."""

    id: str
    name: str
    commune: str | None
    lat: float
    lon: float
    department: str | None
    part: Part
    arrivals: tuple[tuple[date, int], ...]
    by_rank: dict[Rank, int]
    by_grade: dict[Line, int]
    travel: tuple[int, int] | None
    days: tuple[DayLoad, ...]
    waiting: int
    restarted: int
    note: Message | None = None
    """Said in place of what the centre receives."""

    @property
    def town(self) -> str:
        """Commune, empty when the name already says it."""
        return self.commune if self.commune and self.commune not in self.name else ""

    @property
    def patients(self) -> int:
        """Patients received."""
        return sum(self.by_grade.values())

    @property
    def peak(self) -> DayLoad | None:
        """The heaviest day, the first one among equals."""
        return max(self.days, key=lambda day: (day.share, -day.day.toordinal()), default=None)


@dataclass(frozen=True)
class Flow:
    """Patients of one centre sent to another."""

    origin: str
    destination: str
    by_line: dict[Line, int]

    @property
    def patients(self) -> int:
        """How many."""
        return sum(self.by_line.values())

    @property
    def line(self) -> Line:
        """Dominant kind of line."""
        return dominant(self.by_line)


@dataclass(frozen=True)
class Domain:
    """Centres that fall together."""

    id: str
    label: str
    members: tuple[str, ...]
    fallen: bool


@dataclass(frozen=True)
class MapFacts:
    """Everything the drawings need."""

    stops: dict[str, Stop]
    flows: tuple[Flow, ...]
    domains: tuple[Domain, ...]
    bands: tuple[tuple[int, float], ...]
    """(minutes, radius in km as the crow flies) around each compromised centre."""

    def of(self, part: Part) -> list[Stop]:
        """Return the centres that play a part, the busiest first."""
        return sorted((s for s in self.stops.values() if s.part == part), key=lambda s: (-s.patients, s.name, s.id))


def map_facts(plan: Plan, case: Case) -> MapFacts:
    """Gather what the maps of a plan show."""
    parts = _parts(plan, case)
    received: dict[str, list[Decision]] = {centre.id: [] for centre in case.network.centres}
    for decision in plan.decisions:
        if decision.action == "transfer" and decision.centre_id is not None:
            received[decision.centre_id].append(decision)
    stops = {c.id: _stop(c, parts[c.id], received[c.id], plan) for c in case.network.centres}
    pairs = sorted({(d.home_centre_id, to) for to, decisions in received.items() for d in decisions})
    flows = tuple(Flow(home, to, _grades(d for d in received[to] if d.home_centre_id == home)) for home, to in pairs)
    return MapFacts(stops, flows, _domains(case, parts), _bands(case.policy.travel_model))


def dominant(by_line: Mapping[Line, int]) -> Line:
    """Return the most frequent kind of line; among equals the one that asks for more attention."""
    return max(by_line, key=lambda line: (by_line[line], WEIGHTS.index(line)))


def short_name(name: str) -> str:
    """Return a name without what it says in brackets: its town or its initials."""
    return name.split("(", maxsplit=1)[0].strip() or name


def _parts(plan: Plan, case: Case) -> dict[str, Part]:
    """H02: listed centres and members of listed systems are down; whoever shares a system with them is blocked."""
    listed = case.scenario.compromised
    centres = case.network.centres
    down = {
        c.id for c in centres if c.id in listed.centres or set(c.information_systems) & set(listed.information_systems)
    }
    tainted = {system for c in centres if c.id in down for system in c.information_systems}
    to = {d.centre_id for d in plan.decisions if d.action == "transfer"}

    def part(centre: Centre) -> Part:
        if centre.id in down:
            return "fallen"
        if centre.id in to:
            return "destination"
        return "blocked" if tainted & set(centre.information_systems) else "unused"

    return {centre.id: part(centre) for centre in centres}


def _grades(decisions: Iterable[Decision]) -> dict[Line, int]:
    counts = Counter(d.grade for d in decisions)
    return {grade: counts[grade] for grade in GRADES if counts[grade]}


def _stop(centre: Centre, part: Part, received: list[Decision], plan: Plan) -> Stop:
    minutes = [d.travel_min for d in received if d.travel_min is not None]
    ranks = Counter(d.rank for d in received)
    home = Counter(d.action for d in plan.decisions if d.home_centre_id == centre.id)
    return Stop(
        id=centre.id,
        name=centre.name or centre.id,
        commune=centre.commune,
        lat=centre.location.lat,
        lon=centre.location.lon,
        department=centre.department,
        part=part,
        arrivals=tuple(sorted(Counter(d.start_date for d in received if d.start_date is not None).items())),
        by_rank=dict(sorted(ranks.items())),
        by_grade=_grades(received),
        travel=(min(minutes), max(minutes)) if minutes else None,
        days=_days(plan, centre.id) if part == "destination" else (),
        waiting=home["wait"],
        restarted=home["restart"],
    )


def _days(plan: Plan, centre_id: str) -> tuple[DayLoad, ...]:
    loads = [load for load in plan.loads if load.centre_id == centre_id]
    return tuple(
        DayLoad(
            day,
            sum(load.booked_min for load in loads if load.date == day),
            sum(load.transferred_min for load in loads if load.date == day),
            sum(load.capacity_min for load in loads if load.date == day),
        )
        for day in sorted({load.date for load in loads})
    )


def _domains(case: Case, parts: dict[str, Part]) -> tuple[Domain, ...]:
    members = {
        system.id: tuple(c.id for c in case.network.centres if system.id in c.information_systems)
        for system in case.network.information_systems
    }
    return tuple(
        Domain(s.id, s.label or s.id, members[s.id], fallen=any(parts[m] == "fallen" for m in members[s.id]))
        for s in case.network.information_systems
        if len(members[s.id]) > 1
    )


def _bands(model: TravelModel) -> tuple[tuple[int, float], ...]:
    """Invert the estimate of road travel: the distance as the crow flies at which a band ends."""
    radii = (
        (
            m,
            ((m - model.minutes_intercept) / model.minutes_per_road_km - model.road_km_intercept)
            / model.road_km_per_crow_km,
        )
        for m in BAND_MINUTES
    )
    return tuple((minutes, km) for minutes, km in radii if km > 0)
