"""The vocabulary of every output: dates, numbers, ranks, grades, decisions; the same words on paper and on the map."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from transfer_planner.domain.scenario import PARIS
from transfer_planner.i18n import Language, Message, msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from transfer_planner.domain.base import Action, Category, Compensation, Grade
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.centre import Centre
    from transfer_planner.domain.plan import Decision

LOCALES = {"fr": "fr_FR", "en": "en_GB"}

PERCENT: dict[Language, str] = {"fr": "\u202f%", "en": "%"}

RANKS: dict[int, Message] = {
    1: msg("immediate"),
    2: msg("very high"),
    3: msg("high"),
    4: msg("moderate"),
    5: msg("can be deferred"),
}
GRADES: dict[Grade, Message] = {
    "emergency": msg("emergency: simple fields on a same-day CT"),
    "G0": msg("matched machines: plan reused"),
    "G1": msg("same model: recalculation"),
    "G2": msg("same vendor: re-optimisation"),
    "G3": msg("another machine: new plan on the existing CT"),
    "G4": msg("new planning CT"),
}
GRADE_CODES: dict[Grade, Message] = {
    "emergency": msg("EMERG."),
    "G0": msg("G0"),
    "G1": msg("G1"),
    "G2": msg("G2"),
    "G3": msg("G3"),
    "G4": msg("G4"),
}
ACTIONS: dict[Action, Message] = {
    "transfer": msg("Transfer"),
    "restart": msg("Restart at home in degraded mode"),
    "wait": msg("Wait for the home centre to reopen"),
}
COMPENSATIONS: dict[Compensation, Message] = {
    "none": msg("none"),
    "saturday": msg("Saturday sessions"),
    "bid": msg("two fractions a day (Tuesday, Thursday)"),
}
FIELDS: dict[str, Message] = {
    "category": msg("category"),
    "site": msg("tumour site"),
    "linac_id": msg("home linac"),
    "energy": msg("energy"),
    "intent": msg("intent"),
    "status": msg("course begun or not"),
    "delivered_fractions": msg("fractions delivered"),
    "first_fraction_date": msg("first fraction date"),
    "last_fraction_date": msg("last fraction date"),
    "fractions_per_week": msg("fractions a week"),
    "fractions_per_day": msg("fractions a day"),
    "prescribed_dose_gy": msg("prescribed dose"),
    "birth_year": msg("year of birth"),
    "concurrent_chemotherapy": msg("concurrent chemotherapy"),
    "anaesthesia": msg("anaesthesia"),
    "mobility": msg("mobility"),
    "plan_data": msg("plan data kept"),
    "immobilisation": msg("immobilisation"),
    "commune_insee": msg("where the patient stays"),
}
IMMOBILISATIONS: dict[str | None, Message] = {
    "available": msg("available"),
    "unavailable": msg("NOT available"),
    "none": msg("none"),
    None: msg("not told"),
}
NOT_PLANNED: dict[str, Message] = {"no fraction remains": msg("no fraction remains")}


def french_spaces(text: str) -> str:
    """Return a French text with the no-break spaces its typography asks for, from plain ones."""
    text = re.sub(r" ([;:!?%])", "\u202f\\1", text)
    return text.replace("« ", "«\u00a0").replace(" »", "\u00a0»").replace(" Gy", "\u00a0Gy")


@lru_cache(maxsize=4096)  # thousands a folder, few of them different
def day(value: date, lang: Language) -> str:
    """Return a date in full: `lundi 2 mars 2026`, `Monday 2 March 2026`."""
    return _first(format_date(value, "EEEE d MMMM y", locale=LOCALES[lang]), value, lang)


@lru_cache(maxsize=4096)
def short_day(value: date, lang: Language) -> str:
    """Return a short date with its weekday: `lun. 2 mars`."""
    return _first(format_date(value, "EEE d MMM", locale=LOCALES[lang]), value, lang)


def calendar_day(value: date, lang: Language) -> str:
    """Return a date with its year and without its weekday: `2 mars 2026`."""
    return _first(format_date(value, "d MMMM y", locale=LOCALES[lang]), value, lang)


def _first(text: str, value: date, lang: Language) -> str:
    """Write the first of a month as the French do: 1er."""
    return re.sub(r"\b1\b", "1er", text, count=1) if lang == "fr" and value.day == 1 else text


def moment(value: datetime, lang: Language) -> str:
    """Return a date and time of Paris: `lundi 2 mars 2026 à 09:15`."""
    local = value.astimezone(PARIS)
    clock = format_datetime(local, "HH:mm", tzinfo=PARIS, locale=LOCALES[lang])
    return msg("{day} at {clock}", day=day(local.date(), lang), clock=clock).text(lang)


@lru_cache(maxsize=4096)
def number(value: float, lang: Language, digits: int = 1) -> str:
    """Return a number with at most so many decimals, comma in French."""
    return format_decimal(round(value, digits), format="#,##0." + "#" * digits, locale=LOCALES[lang])


def percent(share: float, lang: Language, digits: int = 1) -> str:
    """Return a share in percent, at most so many decimals: `12,5 %`."""
    return f"{number(100 * share, lang, digits)}{PERCENT[lang]}"


def days(value: float, lang: Language) -> str:
    """Return a number of days: `2 j`, `2.5 d`."""
    return msg("{n} d", n=number(value, lang)).text(lang)


def category(value: Category | None, lang: Language) -> str:
    """Return a category, or that it is to be triaged."""
    return (msg("to triage") if value is None else msg("category {n}", n=value)).text(lang)


def rank(value: int, lang: Language) -> str:
    """Return a rank: `P1 immédiate`."""
    return f"P{value} {RANKS[value].text(lang)}"


def centre_name(case: Case, centre_id: str) -> str:
    """Return the name people use, or the id when there is none."""
    return case.network.centre(centre_id).name or centre_id


def place_name(case: Case, centre_id: str) -> str:
    """Return the name and the town of a centre, the town only once."""
    return place_of(case.network.centre(centre_id))


def place_of(centre: Centre) -> str:
    """Return the name and the town of a centre, the town only once."""
    name = centre.name or centre.id
    return name if not centre.commune or centre.commune in name else f"{name}, {centre.commune}"


def site_label(case: Case, site: str, lang: Language) -> str:
    """Return the label of a tumour site."""
    known = case.sites.get(site)
    if known is None:
        return site
    return known.label_fr if lang == "fr" else known.label_en


def texts(messages: Iterable[Message], lang: Language) -> list[str]:
    """Return messages in a language."""
    return [message.text(lang) for message in messages]


def table(heads: Iterable[Message], rows: Iterable[Sequence[Any]], lang: Language) -> dict[str, Any]:
    """Return a table as the templates take it: its headings in a language, its rows as they are."""
    return {"heads": texts(heads, lang), "rows": list(rows)}


def fields(names: Iterable[str], lang: Language) -> str:
    """Return roster fields in words, separated by commas; a name not known is kept as it is."""
    return ", ".join(FIELDS[name].text(lang) if name in FIELDS else name for name in names)


def reasons(decision: Decision, lang: Language, *, most: int = 9, without: tuple[str, ...] = ()) -> str:
    """Return why, the gravest first; the codes in `without` are told elsewhere on the page."""
    texts = [reason.said(lang).rstrip(".") for reason in decision.reasons if reason.code not in without][:most]
    told = (" ; " if lang == "fr" else "; ").join(texts).replace(" ; ", "\u202f; ")
    return told[:1].upper() + told[1:]
