"""The questionnaire asks every question once, says what is known and how, and runs nothing in a spreadsheet."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from python_calamine import CalamineWorkbook

from tests.workbooks import marks
from transfer_planner.io.centres import read_network
from transfer_planner.io.survey_fields import SHEETS, TITLES
from transfer_planner.reports.survey_workbook import survey_workbook

if TYPE_CHECKING:
    from transfer_planner.domain.centre import Network
    from transfer_planner.i18n import Language

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def network() -> Network:
    return read_network(ROOT / "centres.yaml")


def xml(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode()


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_question_stands_once(network: Network, lang: Language) -> None:
    """Both languages hold the same questions, each under its sheet."""
    content = survey_workbook(network, "oscar-lambret", lang)
    found = {name: sheet for name, (sheet, _, _) in marks(content).items()}
    asked = {f"{sheet}.{q.name}": TITLES[sheet].text(lang) for sheet, qs in SHEETS.items() for q in qs}
    assert {name: found.get(name) for name in asked} == asked


def test_what_is_known_says_how(network: Network) -> None:
    """Values of the network stand there with their status and source; what is unknown is blank and says so."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(survey_workbook(network, "gray", "fr")))
    rows = {row[0]: row[2:5] for row in book.get_sheet_by_name("Centre").to_python(skip_empty_area=False)}
    assert rows["centre.opening.weekdays"][:2] == [600.0, "supposé"]
    assert rows["centre.new_starts_per_day"][1] == "calculé"
    assert rows["centre.staff.physicists_fte"][1] == "publié"
    assert "SAE" in rows["centre.staff.physicists_fte"][2]
    assert rows["centre.treatment_planning_system"][:2] == ["", "inconnu"]
    linacs = book.get_sheet_by_name("Accélérateurs").to_python(skip_empty_area=False)
    assert [row[0] for row in linacs if str(row[0]).startswith("gray-")] == ["gray-1", "gray-2"]


def test_closed_lists_have_drop_downs(network: Network) -> None:
    """Yes or no, kinds of machine, channels, centres and linacs are chosen in a list; others may be typed."""
    content = survey_workbook(network, "gray", "fr")
    for sheet, lists in ((1, 1), (2, 5), (3, 2), (4, 2), (5, 1), (6, 2)):
        assert xml(content, f"xl/worksheets/sheet{sheet}.xml").count("<dataValidation ") == lists
    assert "Listes" in xml(content, "xl/worksheets/sheet4.xml")


def test_no_text_is_ever_a_formula(network: Network) -> None:
    """A name that a spreadsheet would run stays text."""
    gray = network.centre("gray").model_copy(update={"name": '=HYPERLINK("http://x")', "address": "@SUM(A1)"})
    others = tuple(gray if centre.id == "gray" else centre for centre in network.centres)
    content = survey_workbook(network.model_copy(update={"centres": others}), "gray", "fr")
    sheets = "".join(xml(content, f"xl/worksheets/sheet{number}.xml") for number in range(1, 9))
    assert not re.search(r"<f>|<hyperlink", sheets)
    assert "HYPERLINK" in xml(content, "xl/sharedStrings.xml")
