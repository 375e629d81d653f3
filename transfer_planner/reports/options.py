"""The compensation options of one patient, computed and shown for two people to choose and sign."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

from transfer_planner.clinical.compensation import Biology, Comparison, Course, Kind
from transfer_planner.clinical.fractionation import STEREOTACTIC
from transfer_planner.clinical.prioritisation import site_of
from transfer_planner.i18n import Message, msg
from transfer_planner.io.reference import read_tissues
from transfer_planner.reports import words
from transfer_planner.reports.facts import one_phase

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.plan import Decision
    from transfer_planner.i18n import Language

KINDS: dict[Kind, Message] = {
    "same_day_transfer": msg("Same-day transfer"),
    "weekend_sessions": msg("Sessions on Saturdays"),
    "two_a_day": msg("Two a day, 6 h apart"),
    "larger_fractions_planned_time": msg("Larger fractions, planned time"),
    "larger_fractions": msg("Larger fractions, after the gap"),
    "extra_fractions": msg("Extra fractions"),
}
HEADS = (
    msg("Option"),
    msg("fr. × Gy"),
    msg("Days"),
    msg("Tumour BED, Gy"),
    msg("Late BED, Gy"),
)


def comparison_of(patient: Patient, decision: Decision, case: Case) -> Comparison | None:
    """Return the options of a course broken by the outage; None where there is no gap or the numbers are missing.

    A stereotactic course has none either: it is an individual medical decision.
    """
    site = case.sites.get(site_of(patient, case.sites) or "")
    gap = ceil(decision.prolongation_days)
    if patient.technique in STEREOTACTIC or site is None or not site.tissue or not one_phase(patient):
        return None
    if decision.category == 3 or gap <= 0:
        return None
    if patient.prescribed_dose_gy is None or not patient.delivered_fractions or not patient.treated_on_treatment:
        return None
    tissues = read_tissues()
    first = patient.first_fraction_date
    course = Course(
        dose_gy=patient.prescribed_dose_gy,
        fractions=patient.prescribed_fractions,
        delivered=patient.delivered_fractions,
        gap_days=gap,
        start_weekday=0 if first is None else min(first.weekday(), 4),
    )
    return Comparison(course, Biology.of(tissues[site.tissue], tissues["late"]))


def options_table(patient: Patient, decision: Decision, case: Case, lang: Language) -> dict[str, Any] | None:
    """Return the table of options printed on the sheet; the same-day transfer is past when the sheet is read."""
    comparison = comparison_of(patient, decision, case)
    if comparison is None:
        return None
    planned, course = comparison.planned_bed, comparison.course
    rows = [
        {
            "name": msg("No compensation").text(lang),
            "course": _course(course.remaining, course.dose_per_fraction_gy, lang),
            "days": str(course.actual_days),
            "tumour": _tumour(comparison.uncompensated_bed, planned, lang),
            "late": _late(comparison.planned_late_bed, 0, lang),
            "against": "",
            "weigh": False,
        }
    ]
    for option in comparison.options:
        if option.kind == "same_day_transfer":
            continue
        rows.append(
            {
                "name": KINDS[option.kind].text(lang),
                "course": _course(option.fractions, option.dose_per_fraction_gy, lang),
                "days": str(option.elapsed_days),
                "tumour": _tumour(option.tumour_bed, planned, lang),
                "late": _late(option.late_bed, option.late_bed_change_percent, lang),
                "against": "" if option.recommended else msg("not recommended").text(lang),
                "weigh": bool(option.warnings),
            }
        )
    return {
        "heads": words.texts(HEADS, lang),
        "rows": rows,
        "signed": [msg("Chosen by").text(lang), msg("Checked by").text(lang)],
        "note": msg(
            "Overall time planned {days} days, without compensation {actual}. In brackets, change against the plan. “!”: to weigh."
            " Late BED at the prescription dose: the worst case.",
            days=course.planned_days,
            actual=course.actual_days,
        ).text(lang),
    }


def _course(fractions: int, dose_gy: float, lang: Language) -> str:
    return f"{fractions} × {words.number(dose_gy, lang, 2)}"


def _tumour(bed_gy: float, planned_gy: float, lang: Language) -> str:
    """Return a tumour BED and its change against the plan, Gy."""
    return f"{words.number(bed_gy, lang, 1)} ({_signed(bed_gy - planned_gy, lang, 1)})"


def _late(bed_gy: float, percent: float, lang: Language) -> str:
    """Return a late BED, Gy, and its change against the plan, percent."""
    return f"{words.number(bed_gy, lang, 1)} ({_signed(percent, lang, 1)}{words.PERCENT[lang]})"


def _signed(value: float, lang: Language, digits: int) -> str:
    """Return a change with its sign, a true minus."""
    rounded = round(value, digits) + 0.0
    sign = "−" if rounded < 0 else "+" if rounded > 0 else ""
    return sign + words.number(abs(rounded), lang, digits)
