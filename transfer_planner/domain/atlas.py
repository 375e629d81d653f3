"""The atlas: what the region would decide for every fall of centres, before it happens. Codes and counts, no patient."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from transfer_planner.domain.base import Compensation, Entity, Grade, Id, Rank
from transfer_planner.domain.plan import InputFile, Software, TierId
from transfer_planner.domain.policy import PolicyNote
from transfer_planner.domain.scenario import DataRecovery, OutageDays, Surge

ContingencyKind = Literal["centre", "domain", "group", "software", "pair"]
ContingencyId = Annotated[str, Field(pattern=r"^(centre|domain|group|software|pair):\S+$", max_length=200)]
CapacityRule = Literal["H05", "H05C", "H06", "H07", "H08"]
RankKey = Annotated[Rank, BeforeValidator(lambda key: int(key) if isinstance(key, str) and key.isdecimal() else key)]
"""A rank as the key of a mapping: JSON writes it as text."""
Capability = Literal[
    "paediatrics",
    "anaesthesia",
    "chemotherapy",
    "brachytherapy",
    "TBI",
    "TSEI",
    "CSI",
    "HELICAL",
    "SRS",
    "SBRT",
    "ELECTRONS",
]
Cause = Literal["capacity", "delay", "travel", "equipment"]
MeasureKind = Literal["evening", "physics", "simulator", "starts"]


class Interval(Entity):
    """A figure over the seeds: the least, the mean and the greatest; all three equal when there is one seed."""

    low: float
    mean: float
    high: float
    seeds: int = Field(description="Seeds it is taken over")


class Contingency(Entity):
    """Centres that fall together."""

    id: ContingencyId = Field(description="centre:…, domain:…, group:…, software:… or pair:a+b")
    kind: ContingencyKind
    centre_ids: tuple[Id, ...] = Field(description="Centres that fall, sorted")
    title: dict[str, str] = Field(description="Words to show, by language")
    also: tuple[ContingencyId, ...] = Field(
        (), description="Other contingencies that fell the same centres: same outcomes"
    )


class RankTally(Entity):
    """The patients of a rank; within + over + waiting = patients."""

    rank: Rank
    patients: int
    within: int = Field(description="Placed (transfer or restart), prolongation within tolerance")
    over: int = Field(description="Placed, prolongation beyond tolerance")
    waiting: int = Field(description="Wait for their centre")
    waiting_over: int = Field(description="Of those who wait, whose expected prolongation is beyond tolerance")
    excess_tenths: int = Field(description="Tenths of a day beyond tolerance, summed over the patients of the rank")


class TierOutcome(Entity):
    """A tier of the plan."""

    id: TierId
    value: int
    bound: int = Field(description="Proven lower bound, the tiers above being as they are; 0 when none was sought")
    met: bool = Field(description="Value within the sweep's precision of the bound, here and in every tier above")


class Flow(Entity):
    """The patients of a centre sent to a destination."""

    home_id: Id
    destination_id: Id
    patients: int
    by_grade: dict[Grade, int] = Field(description="Patients by mirror grade")
    by_rank: dict[RankKey, int] = Field(description="Patients by rank")
    median_travel_min: float = Field(description="One way, minutes")
    min_travel_min: int
    max_travel_min: int
    physics_hours: float = Field(description="Hours the destination's physicists spend on them")
    convention: bool = Field(description="True when a signed convention links the two centres")
    days_lost: float = Field(
        description="Days of excess that vanish if these patients start as many days earlier as a convention makes them "
        "ready, capacity permitting; 0 with a convention"
    )


class TravelSummary(Entity):
    """One-way minutes of the patients transferred."""

    median_min: float
    p90_min: float
    max_min: float


class LinacPeak(Entity):
    """A linac and a day."""

    linac_id: Id
    date: date
    booked_min: float
    transferred_min: int
    capacity_min: float


class DestinationUse(Entity):
    """What a destination gives."""

    centre_id: Id
    patients: int
    physics_hours: float = Field(description="Used by the patients it receives")
    physics_hours_available: float = Field(description="Available up to its last start, redeployed staff included")
    peak_minutes_share: float = Field(
        description="Minutes received over minutes free, on its linac-day most loaded, 0 to 1"
    )
    peak: LinacPeak | None = Field(None, description="That linac-day")
    peak_starts: int = Field(0, description="New starts on the day nearest to the limit")
    peak_starts_max: int = Field(0, description="Limit of that day, redeployed staff included")


class LinkedLinacs(Entity):
    """Patients who go from a linac to another, were the two matched."""

    home_linac_id: Id
    linac_id: Id
    patients: int
    hours_saved: float = Field(description="Hours of the destination's physicists spared if the two were matched")


class Binding(Entity):
    """A resource that keeps patients out."""

    rule: CapacityRule
    centre_id: Id
    days_full: int = Field(description="Linac-days (H05) or days on which nobody more fits")
    kept_out: int = Field(
        description="Patients beyond tolerance whose better places in the centre all need this resource where it is full"
    )


class Outcome(Entity):
    """What becomes of one contingency with the rosters of one seed; a failed case has no figures, never zeros."""

    contingency_id: ContingencyId
    seed: int
    status: Literal["planned", "failed"]
    code: str | None = Field(None, description="Stable name of the failure")
    message: dict[str, str] | None = Field(None, description="Why it failed, by language")
    fingerprint: str = Field(description="Of everything that the outcome depends on")
    wall_s: float
    patients: int | None = Field(None, description="Patients to decide for")
    on_treatment: int | None = Field(None, description="Of them, those under treatment")
    not_planned: int | None = Field(None, description="Patients whose course is over")
    needs: dict[Capability, int] = Field({}, description="Patients who need what few centres offer")
    ranks: tuple[RankTally, ...] = ()
    tiers: tuple[TierOutcome, ...] = ()
    precise: bool = Field(False, description="T1 to T3 are within the sweep's precision of their bounds")
    travel: TravelSummary | None = Field(None, description="None when nobody is transferred")
    flows: tuple[Flow, ...] = ()
    destinations: tuple[DestinationUse, ...] = ()
    linked: tuple[LinkedLinacs, ...] = Field((), description="Those that beam-matching would help most first")
    binding: tuple[Binding, ...] = Field((), description="Those that keep most patients out first")
    causes: dict[Cause, int] = Field(
        {},
        description="Patients beyond tolerance by what stands in the way of less excess: capacity (better places exist and are full), "
        "delay (agreement, data, preparation: no place would be ready sooner), travel (too far from any centre that could), "
        "equipment (no centre left has what they need)",
    )


class ContingencySummary(Entity):
    """The outcomes of a contingency over the seeds that could be planned; no interval when none could."""

    contingency_id: ContingencyId
    planned: int = Field(description="Seeds planned")
    failed: int = Field(description="Seeds that failed")
    patients: Interval | None = None
    within: Interval | None = Field(None, description="Placed within tolerance")
    over: Interval | None = Field(None, description="Placed beyond tolerance")
    waiting: Interval | None = None
    waiting_over: Interval | None = None
    excess_days: Interval | None = Field(None, description="Days beyond tolerance, all ranks")
    excess_days_by_rank: dict[RankKey, Interval] = Field({})
    median_travel_min: Interval | None = Field(None, description="Over the seeds that transfer somebody")


class Proof(Entity):
    """The same contingency and seed solved before and after a measure."""

    contingency_id: ContingencyId
    seed: int
    before: tuple[int, ...] = Field(description="The six tiers without the measure, of the plan found")
    least: tuple[int, ...] = Field(
        (),
        description="Their proven bounds, each with the tiers above as found; none in atlases made before they were kept",
    )
    after: tuple[int, ...] = Field(description="The six tiers with it, of the plan found")

    @property
    def proven(self) -> bool:
        """Whether no plan without the measure is as good as the one found with it, in the order of the tiers."""
        for value, bound, after in zip(self.before, self.least, self.after, strict=False):
            if after != bound:
                return after < bound
            if value != bound:
                return False
        return False


class ConventionToSign(Entity):
    """A pair of centres without a convention that carries transfers."""

    between: tuple[Id, Id]
    contingencies: int = Field(description="Contingencies in which the pair carries patients, in at least one seed")
    patients: Interval = Field(description="Patients carried, summed over the contingencies")
    days_lost: Interval = Field(description="Days of excess lost for want of a convention, summed (see Flow)")
    proof: Proof | None = Field(None, description="Solved again with the convention, where it weighs most")


class PairToMatch(Entity):
    """Two linacs whose beam-matching would spare work."""

    linac_ids: tuple[Id, Id]
    centre_ids: tuple[Id, Id] = Field(description="Where each stands")
    contingencies: int = Field(
        description="Contingencies in which patients go from one to the other, in at least one seed"
    )
    patients: Interval = Field(description="Patients carried, summed over the contingencies")
    physics_hours_saved: Interval = Field(description="Hours of destination physicists spared, summed")
    proof: Proof | None = Field(None, description="Solved again with the pair matched, where it weighs most")


class Measure(Entity):
    """More of something at a destination."""

    kind: MeasureKind
    centre_id: Id
    amount: float = Field(description="More a day: minutes at each linac (evening), hours (physics), slots, starts")


class UnabsorbableCentre(Entity):
    """A centre whose loss leaves patients of ranks 1 to 3 beyond tolerance, and the measures found to mend that."""

    centre_id: Id
    seeds: int = Field(description="Seeds in which some patient of ranks 1 to 3 is beyond tolerance")
    proven_seeds: int = Field(description="Of them, those where the bound shows that no plan avoids it")
    excess_days: Interval = Field(description="Days beyond tolerance, ranks 1 to 3")
    patients_over: Interval = Field(description="Patients of ranks 1 to 3 beyond tolerance, waiting ones included")
    causes: dict[Cause, Interval] = Field(
        {}, description="Patients beyond tolerance, all ranks, by what stands in the way"
    )
    measures: tuple[Measure, ...] = Field(
        (), description="The cheapest set found; empty when capacity is not in the way"
    )
    cost_hours: float | None = Field(None, description="Staff hours a day of these measures; None without measures")
    absorbed_seeds: int = Field(
        0, description="Seeds in which, with the measures, nobody of ranks 1 to 3 is beyond tolerance"
    )
    remaining_days: Interval | None = Field(
        None, description="Days beyond tolerance, ranks 1 to 3, with the measures: what no such measure mends"
    )
    proofs: tuple[Proof, ...] = Field((), description="Every seed solved again with the measures")


class SinglePoint(Entity):
    """What one centre alone is known to offer."""

    capability: Capability
    centre_id: Id
    assumed: bool = Field(description="True when the network file only assumes it")
    unknown_at: tuple[Id, ...] = Field((), description="Centres for which it is unknown whether they offer it")
    patients: Interval | None = Field(
        None, description="Patients of the centre who need it; None when rosters do not tell"
    )


class Reach(Entity):
    """Another centre and the way to it."""

    centre_id: Id
    minutes: int = Field(description="From centre to centre, one way")


class IsolatedCentre(Entity):
    """A centre with few others within reach of its patients."""

    centre_id: Id
    limit_min: int = Field(description="Minutes that count as within reach")
    within_reach: tuple[Reach, ...] = Field(description="Centres within the limit that share no domain with it")
    nearest: Reach | None = Field(None, description="The nearest other that shares no domain with it")


class Findings(Entity):
    """What to sign, match, buy or watch first; each list begins with what weighs most."""

    conventions: tuple[ConventionToSign, ...] = ()
    matches: tuple[PairToMatch, ...] = ()
    unabsorbable: tuple[UnabsorbableCentre, ...] = ()
    single_points: tuple[SinglePoint, ...] = ()
    isolated: tuple[IsolatedCentre, ...] = ()


class RosterSource(Entity):
    """Where the patients of a centre come from."""

    centre_id: Id
    real: bool = Field(description="True when read from a file; False when synthetic, anew for each seed")
    patients: Interval = Field(description="Rows")
    sha256: str | None = Field(None, description="Fingerprint of the file")


class StaffPerLinac(Entity):
    """Idle staff of the centres that fell, in proportion to their linacs."""

    physics_fte: float = Field(ge=0, description="Physics FTE a linac; the sum is cut to halves")
    oncologists: float = Field(ge=0, description="Oncologists a linac; the sum is cut to whole ones")
    from_day: int = Field(ge=0, description="Calendar days after day 0")


class Crisis(Entity):
    """The crisis supposed at every contingency."""

    attack_at: datetime = Field(description="Moment of the attack, Paris time")
    outage_days: OutageDays
    data_recovery: DataRecovery
    surge: Surge
    agency_led: bool
    redeployment: StaffPerLinac
    horizon_days: int
    compensation: tuple[Compensation, ...]


class MeasureRule(Entity):
    """How a measure is sized and what it costs."""

    step: float = Field(gt=0, description="Least amount: minutes a linac, hours, slots or starts a day")
    steps: int = Field(ge=0, description="Most steps at one centre")
    cost_hours: float = Field(ge=0, description="Staff hours a day for one step, at each linac for evenings")


class Isolation(Entity):
    """When a centre is called isolated."""

    limit_min: int = Field(gt=0, description="Minutes from centre to centre that count as within reach")
    fewer_than: int = Field(gt=0, description="Isolated when fewer centres than this are within reach")


class AtlasSettings(Entity):
    """What an atlas supposes unless told otherwise; every section is an assumption with its reason."""

    schema_version: Literal[1]
    crisis: Crisis
    measures: dict[MeasureKind, MeasureRule]
    isolation: Isolation
    notes: tuple[PolicyNote, ...] = Field(description="Status and source of every section")


class Parameters(Crisis):
    """Everything supposed."""

    policy_sha256: str
    pairs: bool = Field(description="Whether every pair of centres was examined")
    measures: dict[MeasureKind, MeasureRule]
    isolation: Isolation


class Atlas(Entity):
    """Every contingency, its outcomes, and what they teach."""

    schema_version: Literal[1] = 1
    software: Software
    created_at: datetime
    attack_date: date
    region: str
    fictitious: bool = Field(description="True when an overlay brought invented equipment")
    network_sha256: str = Field(description="Fingerprint of the network, overlays merged")
    centres: InputFile
    overlays: tuple[InputFile, ...] = ()
    rosters: tuple[RosterSource, ...]
    seeds: tuple[int, ...]
    parameters: Parameters
    notes: tuple[PolicyNote, ...] = Field((), description="Status and source of what is supposed")
    contingencies: tuple[Contingency, ...]
    outcomes: tuple[Outcome, ...] = Field(description="In the order of the contingencies, then of the seeds")
    summaries: tuple[ContingencySummary, ...] = Field(description="In the order of the contingencies")
    findings: Findings

    def contingency(self, contingency_id: str) -> Contingency:
        """Return a contingency by its id, or by another id of the same fall."""
        return next(one for one in self.contingencies if contingency_id in (one.id, *one.also))
