"""Cells as French hospitals write them: what has one meaning is read, what has two is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from transfer_planner.io.roster import COLUMNS, READERS
from transfer_planner.io.roster_cells import Unreadable, is_blank
from transfer_planner.io.roster_words import COLUMN_OF, LABELS, VALUE_OF, is_identity
from transfer_planner.io.roster_words import COLUMNS as OTHER_NAMES

READ: list[tuple[str, Any, Any]] = [
    ("patient_id", 123.0, "123"),
    ("patient_id", "00123", "00123"),
    ("commune_insee", 2691.0, "02691"),
    ("commune_insee", "2691", "02691"),
    ("commune_insee", "59606", "59606"),
    ("postcode", 2100.0, "02100"),
    ("postcode", "59300 Valenciennes", "59300"),
    ("postcode", "F-59 300", "59300"),
    ("commune_insee", "VALENCIENNES", "59606"),
    ("commune_insee", "saint quentin", "02691"),
    ("diagnosis_icd10", "c50.9", "C50.9"),
    ("diagnosis_icd10", "C795", "C79.5"),
    ("delivered_fractions", "12 séances", 12),
    ("needs", "aucun", ()),
    ("category", "II", 2),
    ("first_fraction_date", "lun. 02/03/2026", date(2026, 3, 2)),
    ("site", "Sein G", "sein"),
    ("site", "SEIN (gauche) + ggl", "sein"),
    ("site", "col utérin", "col_uterin"),
    ("site", "ORL", "orl"),
    ("site", "Poumon Dt", "poumon"),
    ("site", "méta osseuse", "metastase_osseuse"),
    ("site", "métastases cérébrales", "metastase_cerebrale"),
    ("site", "œsophage", "oesophage"),
    ("site", "canal anal", "anus"),
    ("site", "VESSIE", "vessie"),
    ("site", "Encéphale", "encephale"),
    ("lat", "50,36", 50.36),
    ("lon", -1.5, -1.5),
    ("prescribed_dose_gy", "50,4 Gy", 50.4),
    ("mass_kg", "72 kg", 72.0),
    ("mass_kg", "1\u202f072,5", 1072.5),
    ("max_travel_min", "45 min", 45),
    ("prescribed_fractions", 25.0, 25),
    ("prescribed_fractions", "25,0", 25),
    ("prolongation_days_so_far", "2 jours", 2),
    ("first_fraction_date", "2026-03-02", date(2026, 3, 2)),
    ("first_fraction_date", "02/03/2026", date(2026, 3, 2)),
    ("first_fraction_date", "2/3/26", date(2026, 3, 2)),
    ("first_fraction_date", "02.03.2026", date(2026, 3, 2)),
    ("first_fraction_date", "2 mars 2026", date(2026, 3, 2)),
    ("first_fraction_date", "Lundi 2 MARS 2026", date(2026, 3, 2)),
    ("first_fraction_date", "1er août 2026", date(2026, 8, 1)),
    ("first_fraction_date", "5 févr. 2026", date(2026, 2, 5)),
    ("first_fraction_date", "2026-03-02 00:00:00", date(2026, 3, 2)),
    ("first_fraction_date", "2026-03-02T08:00:00", date(2026, 3, 2)),
    ("first_fraction_date", datetime(2026, 3, 2, 8, tzinfo=UTC), date(2026, 3, 2)),
    ("first_fraction_date", date(2026, 3, 2), date(2026, 3, 2)),
    ("first_fraction_date", 46083.0, date(2026, 3, 2)),
    ("hormones", "OUI", True),
    ("hormones", "n", False),
    ("hormones", True, True),
    ("hormones", False, False),
    ("hormones", 1.0, True),
    ("category", "cat. 2", 2),
    ("category", 3.0, 3),
    ("rank", "P1", 1),
    ("intent", "Curatif", "curative"),
    ("intent", "PALLIATIVE", "palliative"),
    ("urgency", "Urgence", "emergency"),
    ("urgency", "non", "none"),
    ("status", "en cours", "on_treatment"),
    ("status", "Planifié", "planned"),
    ("setting", "post-opératoire", "postoperative"),
    ("histology", "épidermoïde", "squamous"),
    ("histology", "inconnu", "unknown"),
    ("technique", "RC3D", "3DCRT"),
    ("technique", "3D-CRT", "3DCRT"),
    ("technique", "RCMI", "IMRT"),
    ("technique", "arcthérapie", "VMAT"),
    ("technique", "RapidArc", "VMAT"),
    ("technique", "Tomothérapie", "HELICAL"),
    ("technique", "Stéréotaxie extra-crânienne", "SBRT"),
    ("technique", "radiochirurgie", "SRS"),
    ("technique", "électrons", "ELECTRONS"),
    ("energy", "6 MV", "6X"),
    ("energy", "X6", "6X"),
    ("energy", "6x", "6X"),
    ("energy", "6 MV FFF", "6FFF"),
    ("energy", "6X-FFF", "6FFF"),
    ("energy", "10FFF", "10FFF"),
    ("energy", "9 MeV", "9E"),
    ("energy", "E9", "9E"),
    ("needs", "DIBH|CBCT", ("DIBH", "CBCT")),
    ("needs", "inspiration bloquée, 6D, dibh", ("DIBH", "6DOF")),
    ("site", "Sein", "sein"),
    ("site", "COL UTÉRIN", "col_uterin"),
    ("phases", "50/25 + 16/8", "50/25+16/8"),
    ("phases", "50,4 Gy/28f", "50.4/28"),
    ("mobility", "VSL", "seated"),
    ("plan_data", "aucune", "none"),
    ("immobilisation", "non disponible", "unavailable"),
    ("chemotherapy_kept_at", "Ailleurs", "elsewhere"),
    ("notes", "'=1+1", "=1+1"),
    ("notes", "l'après-midi", "l'après-midi"),
]

REFUSED: list[tuple[str, Any]] = [
    ("patient_id", "2 69 05 49 588 157 80"),
    ("commune_insee", "Saint-Aubin"),
    ("diagnosis_icd10", "sein"),
    ("diagnosis_icd10", "C50.9, C79.5"),
    ("postcode", "593"),
    ("prescribed_dose_gy", "72 kg"),
    ("prescribed_dose_gy", "6000 cGy"),
    ("prescribed_dose_gy", True),
    ("prescribed_dose_gy", "50-60"),
    ("delivered_fractions", "12/25"),
    ("delivered_fractions", 12.5),
    ("delivered_fractions", "9" * 400),
    ("first_fraction_date", "03/27/2026"),
    ("first_fraction_date", "2026-02-30"),
    ("first_fraction_date", "mars 2026"),
    ("first_fraction_date", "2 jui 2026"),
    ("first_fraction_date", "20260302"),
    ("first_fraction_date", 12.0),
    ("first_fraction_date", "#REF!"),
    ("hormones", "2"),
    ("technique", "stéréo"),
    ("technique", "RCMI/VMAT"),
    ("technique", "ICT"),
    ("setting", "adjuvant"),
    ("urgency", "oui"),
    ("energy", 6.0),
    ("energy", "6"),
    ("needs", "DIBH|laser"),
    ("site", "coude"),
    ("phases", date(2026, 8, 16)),
    ("phases", "50 puis 16"),
    ("category", "1 ou 2"),
]


@pytest.mark.parametrize(("column", "cell", "read"), READ)
def test_one_meaning_is_read(column: str, cell: object, read: object) -> None:
    """Spellings, units, dates and numbers of spreadsheets are understood."""
    assert READERS[column](cell) == read


@pytest.mark.parametrize(("column", "cell"), REFUSED)
def test_two_meanings_are_refused(column: str, cell: object) -> None:
    """What could mean two things, or nothing, is never guessed; the reason exists in French."""
    with pytest.raises(Unreadable) as caught:
        READERS[column](cell)
    assert caught.value.expected.text("fr")


@pytest.mark.parametrize(
    ("cell", "near"),
    [("poumon LSD", "poumon"), ("nodule pulmonaire", "poumon, metastase_autre"), ("vesicule", "voies_biliaires")],
)
def test_an_unknown_site_suggests_the_nearest(cell: str, near: str) -> None:
    """The list of sites is closed; what holds a known word, or nearly, gets the sites meant."""
    with pytest.raises(Unreadable) as caught:
        READERS["site"](cell)
    assert caught.value.mend is not None
    assert near in caught.value.mend.text("fr")


def test_a_site_far_from_all_suggests_none() -> None:
    """A word that no name of a site resembles gets the list only; so does a side without a site."""
    for cell in ("coude", "gauche"):
        with pytest.raises(Unreadable) as caught:
            READERS["site"](cell)
        assert caught.value.mend is None


@pytest.mark.parametrize("word", ["", "  ", "-", "?", "inconnu", "Non renseigné", "NA", None])
def test_nobody_knows_is_a_blank(word: str | None) -> None:
    """Words that mean unknown leave a blank, to be confirmed."""
    assert is_blank(word, "commune_insee")


def test_unknown_stays_where_it_is_a_value() -> None:
    """Histology and the source of the count have a value for unknown; notes are kept as they are."""
    assert not is_blank("unknown", "histology")
    assert not is_blank("inconnu", "delivered_source")
    assert not is_blank("-", "notes")


def test_every_column_has_french_names() -> None:
    """The synonyms name columns that exist, and no name stands for two columns."""
    assert set(OTHER_NAMES) | {"patient_id"} == set(COLUMNS)
    names = [name for column, others in OTHER_NAMES.items() for name in others.split("|")]
    assert len(names) == len(set(names))
    assert COLUMN_OF["nombre de seances"] == "prescribed_fractions"


@pytest.mark.parametrize("column", sorted(LABELS))
def test_no_label_has_two_meanings(column: str) -> None:
    """A label written twice in the table would be read as the last one."""
    written = [name for others in LABELS[column].values() for name in others.split("|")]
    assert len(written) == len(set(written))
    assert set(VALUE_OF[column].values()) == set(LABELS[column])


@pytest.mark.parametrize(
    "name",
    ["Nom", "PRÉNOM", "Date de naissance", "N° IPP", "NIR", "adresse", "nom_patient", "Téléphone", "patient.name"],
)
def test_identities_are_recognised(name: str) -> None:
    """Columns that hold an identity are recognised by their name."""
    assert is_identity(name)


@pytest.mark.parametrize("name", COLUMNS)
def test_no_column_of_the_roster_is_an_identity(name: str) -> None:
    """The roster's own columns pass."""
    assert not is_identity(name)
