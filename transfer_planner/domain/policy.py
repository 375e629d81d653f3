"""The policy: every number that a steering committee may change, with its status and source."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from transfer_planner.domain.base import Compensation, Entity, Grade, Rank, Technique

CategoryKey = Literal["1", "2", "3", "unknown"]


class PolicyNote(Entity):
    """Where a number of the policy comes from."""

    path: str = Field(description="Path of the value or section")
    status: Literal["S", "D", "A"] = Field(description="S stated by a source, D derived, A assumption")
    source: str = Field(description="Source, or why it is assumed")


class Tolerances(Entity):
    """Tolerated prolongation, calendar days."""

    on_treatment: dict[CategoryKey, int] = Field(description="Prolongation of a course begun")
    planned: dict[CategoryKey, int] = Field(description="Delay of the first fraction")
    emergency: int = Field(description="Whatever the category")
    lung_sbrt: int = Field(description="Lung SBRT on treatment")
    prostate_hormones_planned: int = Field(description="Prostate under hormones, not started")


class RankRule(Entity):
    """One line of the table of ranks; the first line whose conditions all hold gives the rank."""

    rank: Rank = Field(description="Rank given")
    who: str = Field(description="Message source text: who is meant")
    category: tuple[CategoryKey, ...] | None = Field(None, description="Category among these")
    status: Literal["on_treatment", "planned"] | None = Field(None, description="Course begun or not")
    urgency: tuple[str, ...] | None = Field(None, description="Urgency among these")
    technique: tuple[Technique, ...] | None = Field(None, description="Technique among these")
    setting: tuple[str, ...] | None = Field(None, description="Setting among these")
    site: tuple[str, ...] | None = Field(None, description="Site among these")
    hormones: bool | None = Field(None, description="Under hormones")
    minor: bool | None = Field(None, description="Under 18")
    brachytherapy_boost: bool | None = Field(None, description="A brachytherapy boost is due")


class GradeEffort(Entity):
    """What a mirror grade costs."""

    lead_days: int = Field(ge=0, description="Treatment days before the first session")
    physics_hours: int = Field(ge=0, description="Physics hours at the destination")


class SessionMinutes(Entity):
    """Minutes of a linac for one session."""

    by_technique: dict[Technique, int] = Field(description="By technique delivered")
    dibh: int = Field(description="IMRT or VMAT in breath-hold")
    child_under_anaesthesia: int = Field(description="Under 18 and under anaesthesia")
    first_session_extra: int = Field(description="Added to the first session")


class TravelLimits(Entity):
    """One-way travel limits, minutes."""

    by_mobility: dict[Literal["own", "seated", "ambulance"], int] = Field(description="By mobility class")
    two_sessions_a_day: int = Field(description="Days with two sessions")
    to_justify: int = Field(description="Ranks that may go further, flagged")
    to_justify_ranks: tuple[Rank, ...] = Field(description="Which ranks")


class TravelModel(Entity):
    """Estimate of road travel from the distance as the crow flies."""

    road_km_intercept: float = Field(description="km")
    road_km_per_crow_km: float = Field(description="km per km")
    road_km_sd: float = Field(description="Standard deviation of the road distance, km")
    minutes_intercept: float = Field(description="Minutes")
    minutes_per_road_km: float = Field(description="Minutes per km")
    town_intercept_min: float = Field(description="Door-to-door minutes added in town")
    town_speed_kmh: float = Field(description="Door-to-door speed in town")


class AgreementDelay(Entity):
    """Treatment days before a destination may receive."""

    convention: int = Field(description="With a signed convention")
    agency_led: int = Field(description="Without, when the health agency leads")
    none: int = Field(description="Without, otherwise")
    emergency: int = Field(description="Emergencies")


class RedeploymentEffect(Entity):
    """What redeployed staff bring to a destination."""

    physics_hours_per_fte_day: float = Field(description="Hours a treatment day per FTE")
    new_starts_per_oncologist: int = Field(description="New patients a day per oncologist")


class CompensationRule(Entity):
    """Conditions of a compensation mode."""

    categories: tuple[CategoryKey, ...] = Field(description="Categories that may use it")
    max_dose_per_fraction_gy: float = Field(description="Dose per fraction not to exceed, Gy")


class Burden(Entity):
    """Weights of tier 6, minutes-equivalents."""

    prolongation_day: dict[CategoryKey, int] = Field(description="Per tolerated day of prolongation")
    physics_hour: int = Field(description="Per physics hour")
    surge_minute: int = Field(description="Per weekday minute beyond opening hours")
    saturday_opening: int = Field(description="Per centre and Saturday opened")
    changed_decision: int = Field(description="Per announced decision changed")


class OutageWeights(Entity):
    """Weights of the three outage lengths."""

    low: float = Field(description="Weight of the low length")
    likely: float = Field(description="Weight of the likely length")
    high: float = Field(description="Weight of the high length")


class DataDelay(Entity):
    """One way in which data may come later than expected."""

    days: int = Field(ge=0, description="Calendar days later")
    weight: float = Field(description="Weight")


class Policy(Entity):
    """Everything that is a choice and not arithmetic."""

    schema_version: Literal[1] = Field(description="Version of this format")
    version: str = Field(description="Version of the table")
    tolerances: Tolerances = Field(description="Tolerated prolongation")
    ranks: tuple[RankRule, ...] = Field(description="Table of ranks, first match wins")
    escalation_days: int = Field(description="Curative excess beyond which the tier above counts")
    grades: dict[Grade, GradeEffort] = Field(description="Effort of each mirror grade")
    restart_physics_hours: int = Field(description="Hours of the home team for a degraded restart")
    session_minutes: SessionMinutes = Field(description="Linac minutes")
    travel_limits: TravelLimits = Field(description="Travel limits")
    travel_model: TravelModel = Field(description="Travel estimate")
    agreement_delay: AgreementDelay = Field(description="Delay to agree")
    redeployment: RedeploymentEffect = Field(description="Effect of redeployed staff")
    compensation: dict[Compensation, CompensationRule] = Field(description="Compensation modes")
    min_hours_between_stereotactic: int = Field(description="SBRT and SRS: hours between fractions")
    burden: Burden = Field(description="Tier 6")
    outage_weights: OutageWeights = Field(description="Expected value of a wait")
    data_delays: tuple[DataDelay, ...] = Field(description="How late DICOM data may come, to test a plan")
    physician_present_above_gy: float = Field(description="A physician must be present above this dose per fraction")
    notes: tuple[PolicyNote, ...] = Field(description="Status and source of every section")
