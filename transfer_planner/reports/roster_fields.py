"""The columns of the roster as people read them: labels, groups, choices and help, for the workbook and the paper form."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, NamedTuple, get_args

from transfer_planner.domain.patient import Patient
from transfer_planner.i18n import Language, Message, msg
from transfer_planner.io.reference import read_sites
from transfer_planner.io.roster_words import LABELS

Kind = Literal["text", "choice", "date", "whole", "number", "yes_no"]
CODES = frozenset({"technique", "needs"})
"""Columns whose values are said by their own names in every language."""
NUMBERED = {"category": (1, 2, 3), "rank": (1, 2, 3, 4, 5)}

LABEL: dict[str, Message] = {
    "patient_id": msg("patient code"),
    "birth_year": msg("birth year"),
    "commune_insee": msg("INSEE code of the commune"),
    "postcode": msg("postcode"),
    "lat": msg("latitude"),
    "lon": msg("longitude"),
    "site": msg("tumour localisation"),
    "histology": msg("histology of the tumour"),
    "diagnosis_icd10": msg("ICD-10 code"),
    "intent": msg("intent of the treatment"),
    "setting": msg("setting"),
    "hormones": msg("hormones"),
    "category": msg("category (RCR)"),
    "urgency": msg("urgency"),
    "status": msg("status of the treatment"),
    "centre_id": msg("centre code"),
    "linac_id": msg("linac"),
    "technique": msg("treatment technique"),
    "energy": msg("beam energy"),
    "needs": msg("technical needs"),
    "prescribed_dose_gy": msg("prescribed dose (Gy)"),
    "prescribed_fractions": msg("prescribed fractions"),
    "delivered_fractions": msg("delivered fractions"),
    "delivered_source": msg("source of the count"),
    "first_fraction_date": msg("first session"),
    "last_fraction_date": msg("last session"),
    "fractions_per_week": msg("sessions a week"),
    "fractions_per_day": msg("sessions a day"),
    "prolongation_days_so_far": msg("prolongation so far (days)"),
    "phases": msg("phases"),
    "concurrent_chemotherapy": msg("concurrent chemotherapy given"),
    "chemotherapy_kept_at": msg("place of chemotherapy"),
    "mass_kg": msg("mass (kg)"),
    "rank": msg("priority rank"),
    "brachytherapy_boost_due": msg("date of brachytherapy"),
    "anaesthesia": msg("general anaesthesia"),
    "mobility": msg("way to travel"),
    "max_travel_min": msg("longest travel (min)"),
    "plan_data": msg("plan data"),
    "immobilisation": msg("immobilisation devices"),
    "notes": msg("free remarks"),
}
"""Column → its heading; the reader of rosters understands each of them in both languages."""

HELP: dict[str, Message] = {
    "patient_id": msg("A code of the centre. Never a name, a birth date or a national number."),
    "birth_year": msg("The year only. Blank: read as an adult."),
    "commune_insee": msg("Where the patient stays: this code, else the postcode, else blank."),
    "histology": msg("Squamous cell carcinomas suffer most from a gap."),
    "setting": msg("Tells the rank when the category does not."),
    "category": msg("Blank: by site and histology."),
    "centre_id": msg("As in the network file."),
    "linac_id": msg("Id of the linac in the network file. Blank: unknown."),
    "energy": msg("6X, 6FFF, 10X … or 9E for electrons."),
    "needs": msg("Without which the patient cannot be treated; separated by |."),
    "delivered_fractions": msg("Blank when it is not sure. Two sources must agree before the first session."),
    "delivered_source": msg("Where the number of delivered fractions comes from."),
    "last_fraction_date": msg("The last session really delivered."),
    "fractions_per_week": msg("Blank: 5."),
    "fractions_per_day": msg("Blank: 1."),
    "phases": msg("Dose/fractions of each phase, joined by +: 50/25+16/8."),
    "chemotherapy_kept_at": msg("Centre code, or elsewhere, when another place keeps giving it."),
    "rank": msg("Only when the physician decided otherwise than the table."),
    "mobility": msg("Blank: seated."),
    "plan_data": msg("What survives of the plan: DICOM files, paper, nothing."),
    "notes": msg("No identity."),
}
"""Column → what to write there, when the heading does not say it all."""

GROUPS: tuple[tuple[Message, tuple[str, ...]], ...] = (
    (
        msg("Patient"),
        (
            *("patient_id", "birth_year", "commune_insee", "postcode", "lat", "lon"),
            *("mobility", "max_travel_min", "mass_kg", "anaesthesia"),
        ),
    ),
    (
        msg("Disease"),
        (
            *("site", "histology", "diagnosis_icd10", "intent", "hormones", "setting"),
            *("category", "urgency", "rank"),
        ),
    ),
    (
        msg("Treatment"),
        (
            *("centre_id", "linac_id", "technique", "needs", "energy", "prescribed_dose_gy"),
            *("prescribed_fractions", "phases"),
        ),
    ),
    (
        msg("Progress"),
        (
            *("status", "delivered_fractions", "delivered_source", "first_fraction_date", "last_fraction_date"),
            *("fractions_per_week", "fractions_per_day", "prolongation_days_so_far"),
        ),
    ),
    (
        msg("Around the treatment"),
        (
            *("concurrent_chemotherapy", "chemotherapy_kept_at", "brachytherapy_boost_due", "plan_data"),
            *("immobilisation", "notes"),
        ),
    ),
)
"""Every column once, in the order of the paper form and of the workbook."""
ORDER = tuple(column for _, columns in GROUPS for column in columns)
REQUIRED = frozenset(name for name, item in Patient.model_fields.items() if item.is_required())


class Choice(NamedTuple):
    """A value and how it is said."""

    value: str
    label: str


def kind_of(column: str) -> Kind:
    """Return how a column is filled in."""
    if column in LABELS or column == "site" or column in NUMBERED:
        return "choice" if column != "needs" else "text"
    annotation: Any = Patient.model_fields[column].annotation
    kinds = get_args(annotation) or (annotation,)
    if bool in kinds:
        return "yes_no"
    if date in kinds:
        return "date"
    return "whole" if int in kinds else "number" if float in kinds else "text"


def heading(column: str, lang: Language) -> str:
    """Return the heading of a column, which the reader of rosters understands."""
    return LABEL[column].text(lang) if lang == "fr" else column


def choices(column: str, lang: Language) -> list[Choice]:
    """Return the values of a closed list as the reader of rosters understands them in a language."""
    if column == "site":
        sites = read_sites().values()
        return [Choice(site.id, site.label_fr if lang == "fr" else site.label_en) for site in sites]
    if column in NUMBERED:
        return [Choice(str(number), str(number)) for number in NUMBERED[column]]
    if kind_of(column) == "yes_no":
        return [Choice("yes", msg("yes").text(lang)), Choice("no", msg("no").text(lang))]
    said = lang == "fr" and column not in CODES
    return [Choice(value, WORDS[column, value].text(lang) if said else value) for value in LABELS.get(column, {})]


WORDS: dict[tuple[str, str], Message] = {
    ("histology", "squamous"): msg("squamous"),
    ("histology", "adeno"): msg("adeno"),
    ("histology", "other"): msg("another histology"),
    ("histology", "unknown"): msg("unknown"),
    ("intent", "curative"): msg("curative"),
    ("intent", "palliative"): msg("palliative"),
    ("setting", "definitive"): msg("definitive"),
    ("setting", "neoadjuvant"): msg("neoadjuvant"),
    ("setting", "postoperative"): msg("postoperative"),
    ("setting", "residual"): msg("residual"),
    ("setting", "adjuvant_low_risk"): msg("adjuvant_low_risk"),
    ("setting", "symptom_relief"): msg("symptom_relief"),
    ("urgency", "none"): msg("no urgency"),
    ("urgency", "urgent"): msg("urgent"),
    ("urgency", "emergency"): msg("emergency"),
    ("status", "on_treatment"): msg("in progress"),
    ("status", "planned"): msg("not begun"),
    ("delivered_source", "record"): msg("R&V record"),
    ("delivered_source", "paper"): msg("paper"),
    ("delivered_source", "patient"): msg("by the patient"),
    ("delivered_source", "unknown"): msg("unknown"),
    ("mobility", "own"): msg("own car"),
    ("mobility", "seated"): msg("sitting"),
    ("mobility", "ambulance"): msg("ambulance"),
    ("plan_data", "dicom"): msg("DICOM files"),
    ("plan_data", "paper"): msg("paper"),
    ("plan_data", "none"): msg("nothing left"),
    ("immobilisation", "available"): msg("available"),
    ("immobilisation", "unavailable"): msg("unavailable"),
    ("immobilisation", "none"): msg("without device"),
}
"""(column, value) → how it is said; the reader of rosters understands the French of each."""
