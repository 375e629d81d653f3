"""What the papers of the first hours are made from: a case, the plan once there is one, identities, the hour."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from transfer_planner.clinical.fractionation import FRENCH, home_calendar
from transfer_planner.clinical.prioritisation import assess
from transfer_planner.i18n import msg
from transfer_planner.problem.rules import compromised_centres
from transfer_planner.reports import words
from transfer_planner.reports.furniture import EXERCISE, plan_fingerprint, reservations

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from transfer_planner.clinical.prioritisation import Assessment
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.centre import Centre
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.plan import Decision, Plan
    from transfer_planner.i18n import Language
    from transfer_planner.io.identities import Person


@dataclass(frozen=True)
class Desk:
    """What the papers are made from.

    Parameters
    ----------
    case
        The crisis.
    plan
        The plan; None before the first one.
    people
        Identities by patient code; blanks are printed for the others.
    now
        When the papers are made.
    day
        The day called today.
    number
        Number of the situation report.
    lang
        Language of the papers.
    """

    case: Case
    plan: Plan | None
    people: Mapping[str, Person] = field(repr=False)
    now: datetime
    day: date
    number: int
    lang: Language

    @cached_property
    def stopped(self) -> tuple[Centre, ...]:
        """The centres that fell."""
        fallen = compromised_centres(self.case.network, self.case.scenario)
        return tuple(centre for centre in self.case.network.centres if centre.id in fallen)

    @cached_property
    def decisions(self) -> dict[str, Decision]:
        """The decisions by patient code; none before the first plan."""
        return {} if self.plan is None else {decision.patient_id: decision for decision in self.plan.decisions}

    @cached_property
    def assessments(self) -> dict[str, Assessment]:
        """Category, rank and tolerance by patient code."""
        case = self.case
        return {p.patient_id: assess(p, case.sites, case.policy, case.scenario.day_zero) for p in case.patients}

    @cached_property
    def patients(self) -> tuple[Patient, ...]:
        """Those with fractions left, first ranks first."""
        left = (patient for patient in self.case.patients if patient.remaining_fractions > 0)
        return tuple(sorted(left, key=lambda p: (self.assessments[p.patient_id].rank, p.patient_id)))

    @cached_property
    def tomorrow(self) -> date:
        """The next day of treatment after today."""
        return FRENCH.add_treatment_days(self.day, 1)

    def next_session(self, patient: Patient) -> date | None:
        """Return the day of the first session expected at home from today on; None when the calendar has none left."""
        gap_h = self.case.policy.min_hours_between_stereotactic
        home = home_calendar(patient, self.case.scenario.day_zero, stereotactic_gap_h=gap_h)
        return next((session.date for session in home.sessions if session.date >= self.day), None)

    def furniture(self, decisions: Iterable[Decision] = ()) -> dict[str, Any]:
        """Return the furniture of a document about some decisions, as `style.typ` expects it."""
        texts = words.texts(self._reservations(decisions), self.lang)
        title = self.case.scenario.title
        return {
            "running": (title.en if self.lang == "en" else title.fr) or title.fr,
            "footer": self._footer(),
            "watermark": "\n".join(texts),
            "reservations": texts,
        }

    def _reservations(self, decisions: Iterable[Decision]) -> tuple[Any, ...]:
        if self.plan is not None:
            return reservations(self.plan, self.case, decisions)
        return (EXERCISE,) if self.case.scenario.exercise or self.case.network.fictitious else ()

    def _footer(self) -> str:
        inputs = self.case.inputs
        plan = msg("none yet") if self.plan is None else plan_fingerprint(self.plan)
        return msg(
            "Printed {when} · transfer-planner {version} · plan {plan} · scenario {scenario} · list {roster}",
            when=words.moment(self.now, self.lang),
            version=version("transfer-planner"),
            plan=plan,
            scenario=inputs.scenario.sha256[:8],
            roster=inputs.roster.sha256[:8],
        ).text(self.lang)

    def say(self, table: Mapping[str, Any]) -> dict[str, str]:
        """Return the fixed words of a template."""
        return {name: message.text(self.lang) for name, message in table.items()}
