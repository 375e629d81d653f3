"""The region and what is supposed of it: from a contingency, a seed and perhaps a few changes to a case ready to plan."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from transfer_planner.domain.case import Case
from transfer_planner.domain.centre import Convention, MatchedLinac
from transfer_planner.domain.plan import InputFile, Inputs
from transfer_planner.exercise.roster_synthesis import synthesise_roster
from transfer_planner.io.reference import read_communes, read_sites
from transfer_planner.network.travel import locate
from transfer_planner.problem.dossiers import Dossiers
from transfer_planner.stress.fingerprints import canonical, code_sha256, digest, network_text
from transfer_planner.stress.settings import scenario_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transfer_planner.domain.atlas import Contingency, Crisis, Measure
    from transfer_planner.domain.case import Place
    from transfer_planner.domain.centre import Centre, Network
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.policy import Policy

MOST_ROSTERS = 64
"""Rosters that a worker remembers."""
NOWHERE = InputFile(path="", sha256="")


class Changes(NamedTuple):
    """What is changed in the network before a contingency is solved.

    Parameters
    ----------
    conventions
        Conventions signed.
    matches
        Linacs matched.
    measures
        More of something at destinations.
    """

    conventions: tuple[tuple[str, str], ...] = ()
    matches: tuple[tuple[str, str], ...] = ()
    measures: tuple[Measure, ...] = ()


class RealRoster(NamedTuple):
    """A roster read from a file."""

    patients: tuple[Patient, ...]
    sha256: str


class Located(NamedTuple):
    """Patients of a centre and where they stay."""

    patients: tuple[Patient, ...]
    places: dict[str, Place]


@dataclass(frozen=True)
class Region:
    """What every contingency shares.

    Parameters
    ----------
    network, policy
        The region, overlays merged, and the policy.
    crisis
        What is supposed wherever centres fall.
    rosters
        Real rosters by centre; the others are synthetic, drawn anew for each seed.
    matrix
        Travel times given by the user.
    """

    network: Network
    policy: Policy
    crisis: Crisis
    rosters: Mapping[str, RealRoster]
    matrix: Mapping[tuple[str, str], tuple[float, float]]
    _known: OrderedDict[tuple[str, int], Located] = field(default_factory=OrderedDict, init=False, repr=False)

    _dossiers: list[Dossiers] = field(default_factory=list, init=False, repr=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to a worker without what is only remembered."""
        return Region, (self.network, self.policy, self.crisis, self.rosters, self.matrix)

    def case(self, contingency: Contingency, seed: int, changes: Changes | None = None) -> Case:
        """Return the case of a contingency with the rosters of a seed.

        Raises
        ------
        DataError
            When a centre has neither a roster nor published sessions to draw one from.
        """
        network = self.network if changes is None else changed(self.network, changes)
        rosters = [self.roster(centre_id, seed) for centre_id in contingency.centre_ids]
        name = contingency.id.replace(":", "-").replace("+", "-")[:64]
        return Case(
            network=network,
            scenario=scenario_of(self.crisis, contingency.centre_ids, network, contingency.title, name),
            policy=self.policy,
            patients=tuple(patient for roster in rosters for patient in roster.patients),
            sites=read_sites(),
            inputs=Inputs(centres=NOWHERE, scenario=NOWHERE, roster=NOWHERE, policy_sha256=""),
            matrix=dict(self.matrix),
            places={code: place for roster in rosters for code, place in roster.places.items()},
        )

    def dossiers(self, case: Case) -> Dossiers:
        """Return what is known of patients whatever falls, kept from one case to the next as long as it serves."""
        if not self._dossiers or not self._dossiers[0].serve(case):
            self._dossiers[:] = [Dossiers(case)]
        return self._dossiers[0]

    def roster(self, centre_id: str, seed: int) -> Located:
        """Return the patients of a centre, their codes made unique in the region.

        Raises
        ------
        DataError
            When there is neither a roster nor published sessions.
        """
        key = (centre_id, 0 if centre_id in self.rosters else seed)
        if key not in self._known:
            self._known[key] = self._roster(centre_id, seed)
            if len(self._known) > MOST_ROSTERS:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]

    def _roster(self, centre_id: str, seed: int) -> Located:
        communes = read_communes()
        real = self.rosters.get(centre_id)
        if real is None:
            found = synthesise_roster(
                self.network,
                [centre_id],
                day_zero=self.crisis.attack_at.date(),
                sites=read_sites(),
                communes=communes,
                rng=_seed_of(centre_id, seed),
            )
        else:
            found = real.patients
        patients = tuple(one.model_copy(update={"patient_id": f"{centre_id}/{one.patient_id}"}) for one in found)
        return Located(patients, {one.patient_id: locate(one, self.network, communes) for one in patients})

    @cached_property
    def fingerprint(self) -> str:
        """Fingerprint of all that every contingency depends on, code and libraries included."""
        travels = ";".join(f"{way}{self.matrix[way]}" for way in sorted(self.matrix))
        return digest(
            code_sha256(), network_text(self.network), canonical(self.policy), canonical(self.crisis), travels
        )


@dataclass(frozen=True, eq=False)
class Task:
    """A contingency to solve with the rosters of a seed, as the region is or changed."""

    contingency: Contingency
    seed: int
    changes: Changes | None = None

    def key(self, region: Region) -> str:
        """Return the fingerprint of all that the outcome depends on."""
        centres = self.contingency.centre_ids
        rosters = [region.rosters[one].sha256 if one in region.rosters else f"synthetic {self.seed}" for one in centres]
        parts = (self.contingency.id, *centres, *rosters, str(self.seed), repr(self.changes))
        return digest(region.fingerprint, *parts)


def _seed_of(centre_id: str, seed: int) -> int:
    """Return a seed of the centre's own: it has the same patients whatever falls with it."""
    return crc32(f"{seed}/{centre_id}".encode())


def changed(network: Network, changes: Changes) -> Network:
    """Return the network with conventions signed, linacs matched and measures taken."""
    more = {centre.id: measured(centre, changes.measures) for centre in network.centres}
    matched: dict[str, list[MatchedLinac]] = {}
    for one, other in changes.matches:
        matched.setdefault(one, []).append(MatchedLinac(linac=other))
    centres = []
    for centre in more.values():
        linacs = tuple(
            linac.model_copy(update={"matched_with": (*linac.matched_with, *matched[linac.id])})
            if linac.id in matched
            else linac
            for linac in centre.linacs
        )
        centres.append(centre if linacs == centre.linacs else centre.model_copy(update={"linacs": linacs}))
    signed = tuple(Convention(between=between) for between in changes.conventions)
    return network.model_copy(update={"centres": tuple(centres), "conventions": (*network.conventions, *signed)})


def measured(centre: Centre, measures: tuple[Measure, ...]) -> Centre:
    """Return a centre with the measures that are its own."""
    update: dict[str, Any] = {}
    for measure in measures:
        if measure.centre_id != centre.id:
            continue
        match measure.kind:
            case "physics":
                update["physics_hours_per_day"] = (centre.physics_hours_per_day or 0.0) + measure.amount
            case "simulator":
                update["ct_simulator_slots_per_day"] = (centre.ct_simulator_slots_per_day or 0) + round(measure.amount)
            case "starts":
                update["new_starts_per_day"] = (centre.new_starts_per_day or 0) + round(measure.amount)
            case "evening":
                minutes = centre.opening.evening_surge_max + round(measure.amount)
                update["opening"] = centre.opening.model_copy(update={"evening_surge_max": minutes})
    return centre.model_copy(update=update) if update else centre
