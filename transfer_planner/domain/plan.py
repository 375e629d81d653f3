"""The plan: one decision per patient, what it costs, what it loads, and why. Codes only, no identity."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from transfer_planner.domain.base import Action, Category, Compensation, Entity, Grade, Rank

if TYPE_CHECKING:
    from transfer_planner.i18n import Language

TierId = Literal["T1", "T2", "T3", "T4", "T5", "T6"]
TO_JUSTIFY, LODGING, INDIVIDUAL = "travel_to_justify", "lodging", "individual_decision"
"""Codes of the reasons without which a long travel (H09) or an individual technique (H03) is not allowed."""
TIERS: tuple[TierId, ...] = ("T1", "T2", "T3", "T4", "T5", "T6")


class Software(Entity):
    """What made the plan."""

    name: str = "transfer-planner"
    version: str


class InputFile(Entity):
    """A file read, by its path relative to plan.json and its fingerprint."""

    path: str
    sha256: str


class Inputs(Entity):
    """Everything the plan was made from."""

    centres: InputFile
    scenario: InputFile
    roster: InputFile
    overlays: tuple[InputFile, ...] = ()
    travel_matrix: InputFile | None = None
    policy_sha256: str


class Tier(Entity):
    """One tier of the objective."""

    id: TierId
    value: int
    bound: int
    proven: bool = Field(description="True when no better value exists, given the tiers above")


class Session(Entity):
    """One treatment day."""

    date: date
    minutes: int
    fractions: int


class Reason(Entity):
    """Why: a stable code and a sentence."""

    code: str
    text: str
    translations: dict[str, str] = Field({}, description="The sentence in the other languages, by language")

    def said(self, lang: Language) -> str:
        """Return the sentence in a language, in the plan's own when it has no other."""
        return self.translations.get(lang, self.text)


class Reopening(Entity):
    """First home treatment day for each outage length."""

    low: date
    likely: date
    high: date


class Decision(Entity):
    """What is decided for one patient."""

    patient_id: str
    rank: Rank
    category: Category | None = None
    action: Action
    home_centre_id: str
    centre_id: str | None = Field(None, description="Where the patient is treated: destination, or home for a restart")
    linac_id: str | None = None
    pathway: str | None = Field(
        None, description="emergency, reuse, recalculate, reoptimise, replan, resimulate; degraded for a restart"
    )
    grade: Grade | None = None
    technique: str | None = Field(None, description="Technique delivered; differs from the roster when substituted")
    compensation: Compensation = "none"
    ready_date: date | None = None
    start_date: date | None = None
    end_date: date | None = None
    planned_end_date: date | None = None
    sessions: tuple[Session, ...] = ()
    missed_sessions: int = 0
    prolongation_days: float = Field(0, description="Calendar days; for a wait the expectation to one decimal")
    tolerance_days: int = 0
    excess_tenths: int = 0
    latest_start_date: date | None = None
    reopening: Reopening | None = None
    waiting_right_up_to_days: int | None = Field(
        None, description="Waiting patients: outage length after which waiting stops being right; null = no alternative"
    )
    tier_costs: dict[TierId, int] = Field({})
    travel_min: int | None = None
    travel_km: float | None = None
    travel_source: Literal["estimate", "matrix"] | None = None
    physics_hours: float = 0
    ct_simulation_date: date | None = None
    to_confirm: tuple[str, ...] = Field((), description="Roster fields read cautiously, to be confirmed")
    reasons: tuple[Reason, ...] = ()


class RedeploymentMove(Entity):
    """Staff sent to a destination."""

    centre_id: str
    physics_fte: float
    oncologists: int
    from_date: date


class NotPlanned(Entity):
    """A patient for whom there is nothing to decide."""

    patient_id: str
    reason: str


class Load(Entity):
    """A linac and a day that receives a session."""

    centre_id: str
    linac_id: str
    date: date
    booked_min: float
    transferred_min: int
    capacity_min: float


class CentreDay(Entity):
    """A centre and a day with a start or a simulation."""

    centre_id: str
    date: date
    new_starts: int
    new_starts_max: int
    physics_hours_cumulative: float
    physics_hours_available: float
    ct_simulations: int
    ct_simulations_max: int


class Summary(Entity):
    """Counts for the first page."""

    patients: int
    transferred: int
    restarted: int
    waiting: int
    not_planned: int
    over_tolerance: dict[str, int] = Field(description="Patients over tolerance by category (1, 2, 3, unknown)")
    by_category: dict[str, int]
    by_rank: dict[str, int]
    by_grade: dict[str, int]
    by_destination: dict[str, int]
    surge_minutes: int
    saturday_openings: int
    plan_burden: int = Field(description="The plan's own part of T6: surge minutes, Saturdays, changed decisions")
    assumptions: tuple[str, ...] = Field((), description="What was assumed, in words")
    assumptions_translated: dict[str, tuple[str, ...]] = Field(
        {}, description="The assumptions in the other languages, by language"
    )

    def assumed(self, lang: Language) -> tuple[str, ...]:
        """Return the assumptions in a language, in the plan's own when they have no other."""
        return self.assumptions_translated.get(lang, self.assumptions)


class Plan(Entity):
    """What the main job gives."""

    schema_version: Literal[1] = 1
    software: Software
    inputs: Inputs
    scenario_id: str
    title: dict[str, str]
    exercise: bool
    lang: Literal["fr", "en"] = "fr"
    attack_date: date
    created_at: datetime
    seed: int
    deterministic: bool
    status: Literal["OPTIMAL", "FEASIBLE"]
    wall_s: float
    tiers: tuple[Tier, ...]
    decisions: tuple[Decision, ...]
    redeployment: tuple[RedeploymentMove, ...] = ()
    not_planned: tuple[NotPlanned, ...] = ()
    loads: tuple[Load, ...] = ()
    centre_days: tuple[CentreDay, ...] = ()
    summary: Summary
    superseded_by: str | None = Field(
        None, description="Fingerprint of the plan that replaces this one, once there is one"
    )
    solver: dict[str, Any] = Field({}, description="How the plan was found: methods, times, columns")
