"""What is already known of a patient, printed filled in with where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from transfer_planner.clinical.prioritisation import site_of
from transfer_planner.i18n import Message, msg
from transfer_planner.reports import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.plan import Decision
    from transfer_planner.i18n import Language

LIST, PLAN, CONFIRM = msg("patient list"), msg("plan"), msg("to confirm")

SOURCES = {
    "record": msg("record export, high confidence"),
    "paper": msg("paper, fair confidence"),
    "patient": msg("said by the patient, low confidence"),
    "unknown": msg("source unknown, low confidence"),
}
INTENTS = {"curative": msg("curative"), "palliative": msg("palliative")}
URGENCIES = {"urgent": msg("urgent"), "emergency": msg("emergency")}
MOBILITIES = {"own": msg("own car"), "seated": msg("seated transport"), "ambulance": msg("ambulance")}
DATA = {
    "dicom": msg("DICOM kept"),
    "paper": msg("paper only"),
    "none": msg("nothing kept"),
}


def clipped(text: str, most: int) -> str:
    """Return a text cut to so many characters: a sheet keeps to two pages whatever the list holds."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


class Fact(NamedTuple):
    """A value and where it comes from."""

    text: str
    origin: Message


def one_phase(patient: Patient) -> bool:
    """Return whether every fraction has the same dose, as far as the list tells."""
    return patient.phases is None or patient.phases.count("/") <= 1


class Facts:
    """The facts of one patient, by the names the checklist uses.

    Parameters
    ----------
    patient, decision, case
        Who, what is decided, and the files it comes from.
    lang
        Language of the texts.
    """

    def __init__(self, patient: Patient, decision: Decision, case: Case, lang: Language) -> None:
        self.patient, self.decision, self.case, self.lang = patient, decision, case, lang

    def of(self, names: Iterable[str]) -> list[Fact]:
        """Return the facts known among those named, in order."""
        found = (getattr(self, f"_{name}")() for name in names)
        return [fact for fact in found if fact is not None]

    def _say(self, message: Message, origin: Message = LIST, *, field: str = "") -> Fact:
        """Say a fact; a field read cautiously is to confirm, whatever its origin."""
        return Fact(message.text(self.lang), CONFIRM if field in self.decision.to_confirm else origin)

    def _mobility(self) -> Fact:
        return self._say(MOBILITIES[self.patient.mobility or "seated"], field="mobility")

    def _travel(self) -> Fact | None:
        decision = self.decision
        if decision.travel_min is None or decision.travel_km is None:
            return None
        km = words.number(decision.travel_km, self.lang, 0)
        return self._say(msg("{minutes} min, {km} km one way", minutes=decision.travel_min, km=km), PLAN)

    def _diagnosis(self) -> Fact:
        patient = self.patient
        site = site_of(patient, self.case.sites)
        label = words.site_label(self.case, site, self.lang) if site else msg("site not told").text(self.lang)
        origin = LIST if patient.site is not None else CONFIRM
        return Fact(", ".join(filter(None, (label, clipped(patient.diagnosis_icd10 or "", 24)))), origin)

    def _intent(self) -> Fact:
        value = self.patient.intent
        return Fact(msg("intent not told").text(self.lang), CONFIRM) if value is None else self._say(INTENTS[value])

    def _category(self) -> Fact:
        text = words.category(self.decision.category, self.lang)
        origin = LIST if self.patient.category is not None else PLAN
        return Fact(text, CONFIRM if "category" in self.decision.to_confirm else origin)

    def _urgency(self) -> Fact | None:
        return None if self.patient.urgency == "none" else self._say(URGENCIES[self.patient.urgency])

    def _prescription(self) -> Fact:
        patient, lang = self.patient, self.lang
        n, dose = patient.prescribed_fractions, patient.prescribed_dose_gy
        if dose is None:
            return Fact(msg("{n} fractions, dose not told", n=n).text(lang), CONFIRM)
        each = words.number(dose / n, lang, 2)
        return self._say(msg("{dose} Gy in {n} fr. of {each} Gy", dose=words.number(dose, lang, 2), n=n, each=each))

    def _schedule(self) -> Fact:
        week, per_day = self.patient.fractions_per_week or 5, self.patient.fractions_per_day or 1
        message = (
            msg("{week} a week", week=week) if per_day == 1 else msg("{week} a week, {n} a day", week=week, n=per_day)
        )
        return self._say(message, field="fractions_per_week")

    def _phases(self) -> Fact | None:
        phases = self.patient.phases
        return Fact(clipped(phases, 90), LIST) if phases and not one_phase(self.patient) else None

    def _technique(self) -> Fact:
        energy = self.patient.energy or msg("energy not told").text(self.lang)
        return self._say(msg("{technique}, {energy}", technique=self.patient.technique, energy=energy), field="energy")

    def _technique_delivered(self) -> Fact:
        technique = self.decision.technique or self.patient.technique
        return self._say(msg("delivered by {technique}", technique=technique), PLAN)

    def _delivered(self) -> Fact | None:
        patient = self.patient
        if patient.delivered_fractions is None:
            return None
        source = SOURCES[patient.delivered_source or "unknown"]
        message = msg(
            "{n} of {total} ({origin})",
            n=patient.delivered_fractions,
            total=patient.prescribed_fractions,
            origin=source,
        )
        return self._say(message, CONFIRM if patient.delivered_source in {None, "patient", "unknown"} else LIST)

    def _delivered_dose(self) -> Fact | None:
        patient = self.patient
        if patient.delivered_fractions is None or patient.dose_per_fraction_gy is None or not one_phase(patient):
            return None
        dose = words.number(patient.delivered_fractions * patient.dose_per_fraction_gy, self.lang, 2)
        return self._say(msg("{dose} Gy", dose=dose))

    def _delivered_dates(self) -> Fact:
        first, last = self.patient.first_fraction_date, self.patient.last_fraction_date
        unknown = msg("?")
        return self._say(
            msg(
                "{first} to {last}",
                first=unknown if first is None else words.short_day(first, self.lang),
                last=unknown if last is None else words.short_day(last, self.lang),
            ),
            CONFIRM if first is None or last is None else LIST,
        )

    def _breaks(self) -> Fact | None:
        so_far = self.patient.prolongation_days_so_far
        return self._say(msg("{n} d lost before the attack", n=so_far)) if so_far else None

    def _planned_end(self) -> Fact | None:
        end = self.decision.planned_end_date
        return None if end is None else self._say(msg("planned end {day}", day=words.short_day(end, self.lang)), PLAN)

    def _first_date(self) -> Fact | None:
        first = self.patient.first_fraction_date
        return None if first is None else self._say(msg("first planned {day}", day=words.short_day(first, self.lang)))

    def _plan_data(self) -> Fact:
        return self._say(DATA[self.patient.plan_data or "none"], field="plan_data")

    def _plan_data_if_not_reused(self) -> Fact | None:
        return None if self.decision.grade in {"G2", "G3"} else self._plan_data()

    def _immobilisation(self) -> Fact:
        value = self.patient.immobilisation
        return (
            Fact(words.IMMOBILISATIONS[None].text(self.lang), CONFIRM)
            if value is None
            else self._say(words.IMMOBILISATIONS[value])
        )

    def _needs(self) -> Fact | None:
        return Fact(", ".join(self.patient.needs), LIST) if self.patient.needs else None

    def _chemotherapy(self) -> Fact:
        kept = self.patient.chemotherapy_kept_at
        if not kept:
            moved = self.decision.action == "transfer"
            return self._say(msg("at the treating centre") if moved else msg("at the home centre"), PLAN)
        known = {centre.id for centre in self.case.network.centres}
        where = words.centre_name(self.case, kept) if kept in known else msg("elsewhere")
        return self._say(msg("kept at: {where}", where=where))

    def _simulation(self) -> Fact | None:
        value = self.decision.ct_simulation_date
        return None if value is None else Fact(words.short_day(value, self.lang), PLAN)

    def _physics(self) -> Fact:
        return self._say(msg("{n} h of physics", n=words.number(self.decision.physics_hours, self.lang)), PLAN)

    def _first_session(self) -> Fact | None:
        start = self.decision.start_date
        return None if start is None else Fact(words.short_day(start, self.lang), PLAN)

    def _dose_per_fraction(self) -> Fact | None:
        dose = self.patient.dose_per_fraction_gy
        return None if dose is None else self._say(msg("{dose} Gy", dose=words.number(dose, self.lang, 2)))

    def _missed(self) -> Fact:
        return self._say(msg("sessions missed: {n}", n=self.decision.missed_sessions), PLAN)

    def _prolongation(self) -> Fact:
        decision, lang = self.decision, self.lang
        values = {
            "days": words.days(decision.prolongation_days, lang),
            "tolerance": words.days(decision.tolerance_days, lang),
        }
        return self._say(msg("prolongation {days}, tolerated {tolerance}", **values), PLAN)

    def _overall_time(self) -> Fact | None:
        first, end = self.patient.first_fraction_date, self.decision.planned_end_date
        if first is None or end is None or not self.patient.treated_on_treatment:
            return None
        days = (end - first).days - self.patient.prolongation_days_so_far
        return self._say(msg("overall time aimed at {days}", days=words.days(days, self.lang)), PLAN)

    def _compensation(self) -> Fact | None:
        mode = self.decision.compensation
        return None if mode == "none" else self._say(words.COMPENSATIONS[mode], PLAN)
