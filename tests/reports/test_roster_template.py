"""The list to fill in by hand: read back by the reader of rosters, its choices too, and the same fields on paper."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest

from tests.cli.conftest import ROOT
from transfer_planner.domain.patient import Patient
from transfer_planner.io.centres import read_network
from transfer_planner.io.roster import READERS, read_roster
from transfer_planner.io.roster_words import column_of
from transfer_planner.reports import roster_fields as fields
from transfer_planner.reports.roster_template import paper_form, template_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from transfer_planner.i18n import Language

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
LANGUAGES: tuple[Language, Language] = ("fr", "en")


def test_every_column_has_its_place_once() -> None:
    """Workbook and form forget no column of the roster."""
    assert sorted(fields.ORDER) == sorted(Patient.model_fields)
    assert set(fields.LABEL) == set(Patient.model_fields)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_headings_and_choices_are_understood(lang: Language) -> None:
    """What the workbook writes, the reader of rosters reads as the same column and value."""
    for column in fields.ORDER:
        assert column_of(fields.heading(column, lang)) == column
        for choice in fields.choices(column, lang):
            read = READERS[column](choice.label)
            said = {True: "yes", False: "no"}.get(read, str(read)) if isinstance(read, bool) else read
            assert choice.value in (said, str(said), *([said[0]] if isinstance(said, tuple) else []))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_workbook_filled_in_is_read_back(tmp_path: Path, lang: Language) -> None:
    """The rows of a packaged roster come back as they were."""
    patients = read_roster(ROOT / "scenarios" / "rosters" / "valenciennes.csv")[:20]
    rows = [patient.model_dump(exclude_none=True) for patient in patients]
    file = tmp_path / "roster.xlsx"
    file.write_bytes(template_workbook(rows, None, lang))
    assert read_roster(file) == patients


def test_lists_are_offered_and_formulas_are_none(tmp_path: Path) -> None:
    """Each closed list is a drop-down, each date and number is checked, and a text that looks like a formula stays text."""
    file = tmp_path / "roster.xlsx"
    centre = read_network(ROOT / "centres.yaml").centre("dentellieres")
    row: dict[str, Any] = {"patient_id": "P1", "notes": "=cmd()", "first_fraction_date": date(2026, 2, 2)}
    file.write_bytes(template_workbook([row], centre, "fr"))
    with zipfile.ZipFile(file) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert 'state="hidden"' in archive.read("xl/workbook.xml").decode()
    assert "<f>" not in sheet
    kinds = re.findall(r'<dataValidation type="(\w+)"', sheet)
    lists = sum(bool(fields.choices(column, "fr")) and column != "needs" for column in fields.ORDER)
    assert kinds.count("list") >= lists + 2
    assert kinds.count("date") == 3
    assert {"whole", "decimal"} <= set(kinds)


def test_the_paper_form_has_one_page_per_patient() -> None:
    """Every label stands on the one page of a patient; what is known is filled in, no identity is asked."""
    pdf = paper_form([{"patient_id": "7K3M-9QXA"}, {}], None, "fr", now=NOW, software="transfer-planner 1")
    pages = pypdfium2.PdfDocument(pdf)
    assert len(pages) == 2
    text = " ".join(pages[0].get_textpage().get_text_bounded().split())
    assert "7K3M-9QXA" in text
    plain = text.replace("\u202f", " ")
    assert [label for column in fields.ORDER if (label := fields.LABEL[column].text("fr")) not in plain] == []
