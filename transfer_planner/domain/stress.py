"""Monte-Carlo over a scenario: what may turn out otherwise, how it was drawn, what came of it. Codes and counts, no patient."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

from pydantic import Field

from transfer_planner.domain.atlas import RankTally, TierOutcome, TravelSummary
from transfer_planner.domain.base import Entity, Id
from transfer_planner.domain.plan import Inputs, Software
from transfer_planner.domain.policy import DataDelay, OutageWeights, PolicyNote
from transfer_planner.domain.scenario import OutageDays

Source = Literal["outage", "data", "roster", "load", "staff", "failures"]
SOURCES: tuple[Source, ...] = get_args(Source)
RosterKind = Literal["bootstrap", "synthetic"]
OutageShape = Literal["points", "triangular"]


class LoadSpread(Entity):
    """How far the booked minutes of the destinations may lie from the network file."""

    region_sd: float = Field(
        ge=0, le=0.5, description="Standard deviation shared by all centres, share of the booked minutes"
    )
    centre_sd: float = Field(ge=0, le=0.5, description="Standard deviation of each centre, added to it")
    most: float = Field(gt=0, le=0.9, description="Greatest change either way, share of the booked minutes")


class Absence(Entity):
    """Share of the staff of a destination that is absent: a triangle."""

    low: float = Field(ge=0, le=1, description="Least share")
    likely: float = Field(ge=0, le=1, description="Most likely share")
    high: float = Field(ge=0, le=1, description="Greatest share")


class SecondFailures(Entity):
    """What else may stop while the crisis lasts."""

    linac: float = Field(ge=0, le=1, description="Probability that a linac of a destination is out")
    centre: float = Field(
        ge=0, le=1, description="Probability that another centre falls, with those that share its systems"
    )


class Assumptions(Entity):
    """The distributions that the scenario does not give."""

    schema_version: Literal[1] = Field(description="Version of this format")
    version: str = Field(description="Version of the table")
    outage: OutageShape = Field(
        description="points: the three lengths of the scenario with the weights of the policy; triangular: any length between them"
    )
    load: LoadSpread = Field(description="Booked minutes")
    staff: Absence = Field(description="Absent staff")
    failures: SecondFailures = Field(description="Second failures")
    notes: tuple[PolicyNote, ...] = Field(description="Status and source of every section")


class Draw(Entity):
    """What happens in one run; empty fields are as the scenario and the network say."""

    batch: int = Field(ge=0, description="Batch of runs drawn together")
    index: int = Field(ge=0, description="Place in the batch")
    levels: dict[Source, int] = Field(
        {}, description="Which of the draws of the batch, by source: runs that share one share it whole"
    )
    outage_days: int | None = Field(None, description="Length of the outage, known to the crisis cell")
    data_delay_days: int | None = Field(None, description="Calendar days by which data come late")
    roster: int | None = Field(None, description="Which of the rosters drawn for the batch; None is the scenario's own")
    load: dict[Id, float] = Field({}, description="Factor on the booked minutes, by centre")
    absent: dict[Id, float] = Field({}, description="Share of the staff absent, by centre")
    linacs_out: tuple[Id, ...] = Field((), description="Linacs out of order")
    centres_out: tuple[Id, ...] = Field((), description="Other centres that fell")


class Run(Entity):
    """A draw and what the plan is then worth; a run that failed has a message and no figure."""

    draw: Draw
    status: Literal["planned", "failed"]
    message: dict[str, str] | None = Field(None, description="Why it failed, by language")
    patients: int | None = None
    ranks: tuple[RankTally, ...] = ()
    tiers: tuple[TierOutcome, ...] = ()
    precise: bool = Field(False, description="T1 to T3 are within the sweep's precision of their bounds")
    travel: TravelSummary | None = Field(None, description="None when nobody is transferred")


class Spread(Entity):
    """How a figure is distributed over the runs."""

    name: str = Field(description="over, waiting, travel, T1 to T6, over_1 to over_5")
    mean: float
    half_width: float | None = Field(
        None, description="Half of the 95 % interval of the mean, over batches; None with one batch"
    )
    sd: float
    quantiles: dict[str, float] = Field(description="Least, 5, 25, 50, 75, 95 % and greatest")
    counts: tuple[int, ...] = Field(description="Runs in each bin")
    edges: tuple[float, ...] = Field(description="Borders of the bins, one more than the counts")


class Step(Entity):
    """The interval after so many runs."""

    runs: int
    mean: float
    half_width: float | None = None


class ShareOfVariance(Entity):
    """How much of the variance of a figure one source explains by itself."""

    source: Source
    share: float = Field(description="First-order index; a little below zero is an estimate of zero")
    half_width: float | None = Field(
        None, description="Half of its 95 % interval, jackknife over batches; None with one batch"
    )


class Conditional(Entity):
    """The mean of a figure among the runs in which something held."""

    source: Source
    value: str = Field(description="What held: days, or none, linac, centre")
    runs: int
    mean: float


class WorstCase(Entity):
    """A run kept as a folder that can be planned again."""

    folder: str
    batch: int
    index: int
    swept: tuple[TierOutcome, ...] = Field(description="Tiers in the run, at sweep precision")
    planned: tuple[TierOutcome, ...] = Field(description="Tiers of the run planned again in full; met: proven")


class Stress(Entity):
    """A Monte-Carlo, whole."""

    schema_version: Literal[1] = 1
    software: Software
    created_at: datetime
    inputs: Inputs
    scenario_id: str
    title: dict[str, str]
    exercise: bool
    fictitious: bool = Field(description="True when an overlay brought invented equipment")
    seed: int
    vary: tuple[Source, ...]
    roster: RosterKind
    outage_days: OutageDays = Field(description="Of the scenario")
    outage_weights: OutageWeights = Field(description="Of the policy")
    data_delays: tuple[DataDelay, ...] = Field(description="Of the policy")
    assumptions: Assumptions
    assumed: dict[str, tuple[str, ...]] = Field(description="Every distribution in words with its source, by language")
    runs_asked: int
    until: float | None = Field(None, description="Half-width at which to stop, patients over tolerance; None: never")
    stopped: Literal["precise", "all runs"]
    failed: int = Field(description="Runs without a plan")
    imprecise: int = Field(description="Runs whose T1 to T3 are not within the sweep's precision")
    spreads: tuple[Spread, ...]
    plain_runs: int | None = Field(
        None,
        description="Runs that independent draws would take for the same interval; None with few batches or no variance",
    )
    convergence: tuple[Step, ...] = Field(description="Of the patients over tolerance, after each batch")
    shares: tuple[ShareOfVariance, ...] = Field(description="Of the patients over tolerance")
    conditionals: tuple[Conditional, ...]
    worst: tuple[WorstCase, ...]
    runs: tuple[Run, ...] = Field(description="In the order of the batches")
