"""Read one cell of the roster: numbers, dates, labels and codes as French hospitals write them."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from transfer_planner.i18n import Message, msg
from transfer_planner.io.reference import fold_name, read_communes, site_names
from transfer_planner.io.roster_words import BLANK, LABELS, NO, NOTHING, SIDES, VAGUE, VALUE_OF, YES

if TYPE_CHECKING:
    from collections.abc import Callable

fold = lru_cache(maxsize=50_000)(fold_name)  # a roster repeats its words: four times faster
LONG_WORD = 4
EXCEL_DAY_ZERO = date(1899, 12, 30)
EXCEL_DAYS = range(30_000, 80_000)  # 1982 to 2119: a number in a date column is a date that lost its format

_NUMBER = re.compile(r"([-+]?\d{1,15}(?:\.\d{1,30})?(?:e[-+]?\d{1,2})?)\s*([a-zé]*)")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ t][\d:.]+)?")
_FRENCH = re.compile(r"(?:[a-z]+\.? )?(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?: [\d:]+)?")
_WORDS = re.compile(r"(?:[a-z]+ )?(\d{1,2})(?:er)? ([a-z]{3,})\.? (\d{4})")
_MONTHS = (
    "janvier", "fevrier", "mars", "avril", "mai", "juin",
    "juillet", "aout", "septembre", "octobre", "novembre", "decembre",
)  # fmt: skip
_ENERGY = re.compile(
    r"(?:X?(\d{1,2})(?:X|MV|XMV)?|(\d{1,2})X?(?:MV)?FFF|(?:X(\d{1,2})FFF)|E(\d{1,2})|(\d{1,2})(?:E|MEV))"
)


class Unreadable(Exception):  # noqa: N818 - a signal inside this layer, turned into a finding at once
    """A cell that cannot be read in one way only."""

    def __init__(self, expected: Message, mend: Message | None = None) -> None:
        self.expected, self.mend = expected, mend
        super().__init__(expected.source)


def read_text(cell: Any) -> str:
    """Return a cell as text: 123.0 is 123, a date is ISO."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def read_number(cell: Any, units: tuple[str, ...] = ()) -> float:
    """Read a number; a decimal comma, spaces between thousands and the units given are understood."""
    if isinstance(cell, bool):
        raise Unreadable(msg("a number"))
    if isinstance(cell, int | float):
        return float(cell)
    text = re.sub(r"(?<=\d)[\s\u00a0\u202f](?=\d{3}\b)", "", read_text(cell).casefold()).replace(",", ".")
    match = _NUMBER.fullmatch(text)
    if match is None or match[2] not in ("", *units):
        raise Unreadable(msg("a number"))
    return float(match[1])


def read_integer(cell: Any, units: tuple[str, ...] = ()) -> int:
    """Read a whole number."""
    try:
        number = read_number(cell, units)
    except Unreadable:
        raise Unreadable(msg("a whole number")) from None
    if not number.is_integer():
        raise Unreadable(msg("a whole number"))
    return int(number)


def read_date(cell: Any) -> date:
    """Read a date: ISO, day/month/year, 2 mars 2026, or a spreadsheet's."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = _fold_words(read_text(cell))
    try:
        if match := _ISO.fullmatch(text):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _FRENCH.fullmatch(text):
            year = int(match[3])
            return date(year if year > 99 else 2000 + year, int(match[2]), int(match[1]))
        if match := _WORDS.fullmatch(text):
            months = [i for i, month in enumerate(_MONTHS, 1) if month.startswith(match[2])]
            return date(int(match[3]), months[0] if len(months) == 1 else 0, int(match[1]))
    except ValueError:
        pass
    if re.fullmatch(r"\d{5}", text) and int(text) in EXCEL_DAYS:
        return EXCEL_DAY_ZERO + timedelta(days=int(text))
    raise Unreadable(msg("a date that exists, written 02/03/2026 or 2026-03-02"))


def _fold_words(text: str) -> str:
    """Fold the words of a date (Lundi 2 Août 2026), and leave its digits, hyphens and slashes."""
    words = text.casefold().replace(",", " ").split()
    return " ".join(word if word[0].isdigit() else fold(word) for word in words)


def read_yes_no(cell: Any) -> bool:
    """Read oui or non."""
    word = fold(read_text(cell).replace("True", "oui").replace("False", "non"))
    if word in YES:
        return True
    if word in NO:
        return False
    raise Unreadable(msg("oui or non"))


def label_reader(column: str) -> Callable[[Any], str]:
    """Return the reader of a column whose values are a closed list."""
    values = VALUE_OF[column]

    def read(cell: Any) -> str:
        try:
            return values[fold(read_text(cell))]
        except KeyError:
            known = ", ".join(f"{value} ({words.partition('|')[0]})" for value, words in LABELS[column].items())
            raise Unreadable(msg("one of: {known}", known=known)) from None

    return read


read_need = label_reader("needs")


def read_needs(cell: Any) -> tuple[str, ...]:
    """Read features separated by `|` (or a comma, a semicolon, a plus)."""
    words = (word for word in re.split(r"[|,;+]", read_text(cell)) if fold(word) not in {"", *NOTHING})
    return tuple(dict.fromkeys(read_need(word) for word in words))


def read_category(cell: Any) -> int:
    """Read an RCR category or a rank: 2, cat. 2, P2, II."""
    match = re.fullmatch(r"(?:cat(?:\.|egorie)? ?|p ?)?(\d|i{1,3})(?:[.,]0)?", fold(read_text(cell)))
    if match is None:
        raise Unreadable(msg("a whole number"))
    return int(match[1]) if match[1].isdigit() else len(match[1])


def read_energy(cell: Any) -> str:
    """Read an energy: 6X, 6 MV, X6 → 6X; 6 FFF → 6FFF; 9 MeV → 9E."""
    text = re.sub(r"[\s_-]", "", read_text(cell)).upper()
    match = _ENERGY.fullmatch(text)
    if match is None or text.isdigit():
        raise Unreadable(msg("an energy written 6X, 6FFF, 10X or 9E"))
    photons, fff, x_fff, e_before, electrons = match.groups()
    if photons:
        return f"{int(photons)}X"
    return f"{int(fff or x_fff)}FFF" if fff or x_fff else f"{int(e_before or electrons)}E"


def read_site(cell: Any) -> str:
    """Read a tumour site by id, label or synonym."""
    names, text = site_names(), fold(read_text(cell))
    plain = " ".join(word for word in re.sub(r"[^\w+&/]", " ", text).split() if word not in SIDES)
    if (found := names.get(text) or names.get(plain)) is not None:
        return found
    words = [word for word in re.split(r"\W+", plain) if len(word) >= LONG_WORD]
    near = dict.fromkeys(names[name] for word in words for name in _names_with(word))
    mend = msg("did you mean {names}?", names=", ".join([*near][:5])) if near else None
    raise Unreadable(msg("a site of the closed list: {known}", known=", ".join(sorted(set(names.values())))), mend)


def _names_with(word: str) -> list[str]:
    """Return the names of sites that hold a word, or the word nearest to it."""
    words = {part for name in site_names() for part in name.split()} - VAGUE
    near = get_close_matches(word, words, n=1, cutoff=0.8)
    return [name for name in site_names() if near and near[0] in name.split()]


def read_icd10(cell: Any) -> str:
    """Read an ICD-10 code: C50.9, c509."""
    match = re.fullmatch(r"([A-Z]\d\d)[.,]?(\d{1,3})?", read_text(cell).upper().replace(" ", ""))
    if match is None:
        raise Unreadable(msg("one ICD-10 code, written C50 or C50.9"))
    return ".".join(filter(None, match.groups()))


def read_kept_at(cell: Any) -> str:
    """Read who keeps giving the chemotherapy: a centre id, or elsewhere."""
    text = read_text(cell)
    return "elsewhere" if fold(text) in {"elsewhere", "ailleurs", "autre"} else text


def read_commune(cell: Any) -> str:
    """Read an INSEE code, its leading zero put back, or the name of the one commune that bears it."""
    code = _communes_by_name().get(fold(read_text(cell))) or _five(cell).upper()
    if code not in read_communes():
        raise Unreadable(
            msg("the INSEE code of a commune of the table, or a name that one commune alone bears"),
            msg("check the code, or leave it blank and give `lat` and `lon`"),
        )
    return code


def read_postcode(cell: Any) -> str:
    """Read a postcode, its leading zero put back, the name of the town left out."""
    match = re.fullmatch(r"(?:F-?)?(\d[\d ]{2,4}\d)(?: [^\d]+)?", read_text(cell))
    code = _five(match[1] if match else cell)
    if code not in _postcodes():
        raise Unreadable(
            msg("a postcode of the table of communes"),
            msg("check the code, or leave it blank and give `commune_insee`"),
        )
    return code


@cache
def _communes_by_name() -> dict[str, str]:
    names = Counter(fold(commune.name) for commune in read_communes().values())
    return {name: commune.insee for commune in read_communes().values() if names[name := fold(commune.name)] == 1}


@cache
def _postcodes() -> frozenset[str]:
    return frozenset(postcode for commune in read_communes().values() for postcode in commune.postcodes)


def _five(cell: Any) -> str:
    text = read_text(cell).replace(" ", "")
    return f"0{text}" if re.fullmatch(r"\d{4}", text) else text


def read_phases(cell: Any) -> str:
    """Read phases: dose/fractions, joined by +."""
    text = re.sub(r"\s|gy|fr?(?=\+|$)", "", read_text(cell).casefold()).replace(",", ".")
    if isinstance(cell, date) or not re.fullmatch(r"\d+(\.\d+)?/\d+(\+\d+(\.\d+)?/\d+)*", text):
        mend = msg("format the column as text: the spreadsheet made a date of it") if isinstance(cell, date) else None
        raise Unreadable(msg("dose/fractions of each phase, such as 50/25+16/8"), mend)
    return text


def is_blank(cell: Any, column: str) -> bool:
    """Tell whether a cell says nothing, or that nobody knows (unless the column has a value for that)."""
    if not isinstance(cell, str):
        return cell is None
    if not (text := cell.strip()):
        return True
    folded = fold(text)
    return folded in BLANK and column != "notes" and folded not in VALUE_OF.get(column, ())
