"""A questionnaire filled in becomes an overlay with what it declares; its faults are told together, each with its cell."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.workbooks import marks, refill
from transfer_planner.errors import DataError
from transfer_planner.io.centres import read_network
from transfer_planner.io.roster_table import read_grids
from transfer_planner.io.survey import Survey, read_survey
from transfer_planner.io.survey_overlay import declare, overlay_text
from transfer_planner.reports.survey_workbook import survey_workbook

if TYPE_CHECKING:
    from collections.abc import Callable

    from transfer_planner.domain.centre import Network

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 22)
Answers = dict[tuple[str, int], Any]
"""(question, row from 1; 0 on the sheets of one question per row) → answer."""
SIGNED: Answers = {("survey.role", 0): "Physicienne médicale", ("survey.answered_on", 0): date(2026, 11, 20)}
CONFIRMED: Answers = {**SIGNED, ("survey.confirms_all", 0): "oui"}


@pytest.fixture(scope="module")
def network() -> Network:
    return read_network(ROOT / "centres.yaml")


@pytest.fixture(scope="module")
def blank(network: Network) -> Callable[[str], bytes]:
    made = {centre: survey_workbook(network, centre, "fr") for centre in ("gray", "dentellieres")}
    return made.__getitem__


@pytest.fixture
def answered(network: Network, blank: Callable[[str], bytes], tmp_path: Path) -> Callable[..., Survey]:
    """Return a function that fills in the questionnaire of a centre and reads it."""

    def answer(answers: Answers, centre: str = "gray", **spoil: Any) -> Survey:
        file = tmp_path / f"{centre}.xlsx"
        file.write_bytes(refill(blank(centre), placed(blank(centre), answers), **spoil))
        return read_survey(file, network, today=TODAY)

    return answer


def placed(content: bytes, answers: Answers) -> dict[str, dict[tuple[int, int], Any]]:
    """Return the cell of each answer."""
    at, cells = marks(content), {}
    for (question, row), answer in answers.items():
        sheet, line, column = at[question]
        place = (line + 1 + row, column) if row else (line, column + 2)
        cells.setdefault(sheet, {})[place] = answer
    return cells


def faults(error: pytest.ExceptionInfo[DataError]) -> dict[str, str]:
    return {finding.where: finding.code for finding in error.value.findings}


def test_a_questionnaire_given_back_untouched_changes_nothing(
    answered: Callable[..., Survey], network: Network
) -> None:
    """Only signed, it declares nothing; confirmed, it declares every value that was there, and no change."""
    made = declare([answered(SIGNED)], network)
    assert made.changes == []
    assert made.overlay["centres"] == [
        {"id": "gray", "declared_on": date(2026, 11, 20), "declared_by_role": "Physicienne médicale"}
    ]
    confirmed = declare([answered(CONFIRMED)], network)
    assert {change.kind for change in confirmed.changes} == {"confirmed"}
    assert {"opening", "booked_min_per_day", "location"} <= {
        path for part in (confirmed.overlay["centres"][0], *confirmed.overlay["centres"][0]["linacs"])
        for path in part["provenance"]
    }  # fmt: skip


def test_what_a_physicist_writes_is_read(answered: Callable[..., Survey], network: Network, tmp_path: Path) -> None:
    """Decimal commas, units, labels, energies, dates as text, names of centres: all become the overlay of the network."""
    answers: Answers = {
        ("centre.treatment_planning_system", 0): "Monaco 6.1",
        ("centre.oncology_information_system_hosting", 0): "Chez l'éditeur, hébergé",
        ("centre.information_systems", 0): "MOSAIQ commun",
        ("centre.anaesthesia", 0): "Non",
        ("centre.physics_hours_per_day", 0): "6,5 h",
        ("centre.opening.weekdays", 0): "660 min",
        ("linacs.mlc", 1): "Agility",
        ("linacs.photon_mv", 1): "6 MV, X10 | 6FFF",
        ("linacs.electron_mev", 1): "6 | 9 MeV | 12",
        ("linacs.electron_mev", 2): 0,
        ("linacs.techniques", 1): "RC3D | RCMI | arcthérapie | stéréotaxie extracrânienne",
        ("linacs.id", 3): "gray-3",
        ("linacs.model", 3): "Versa HD",
        ("linacs.in_service", 2): "non",
        ("pairs.linac", 1): "gray-1",
        ("pairs.matched", 1): "dent-1",
        ("pairs.evidence", 1): "mesures croisées",
        ("conventions.centre", 1): "Centre de cancérologie Les Dentellières",
        ("conventions.signed_on", 1): "15/01/2026",
        ("channels.centre", 1): "dentellieres",
        ("channels.channel", 1): "plateforme sécurisée",
        ("channels.delay_h", 1): "2",
        ("contacts.role", 1): "Cadre de garde",
        ("contacts.phone", 1): "03 00 00 00 00",
    }
    survey = answered(SIGNED | answers)
    overlay = tmp_path / "gray.yaml"
    overlay.write_text(overlay_text(declare([survey], network), [survey]), "utf-8")
    declared = read_network(ROOT / "centres.yaml", [overlay])
    gray = declared.centre("gray")
    first, second, third = gray.linacs
    assert (gray.physics_hours_per_day, gray.opening.weekdays, gray.anaesthesia) == (6.5, 660, False)
    assert (gray.oncology_information_system_hosting, gray.information_systems) == ("vendor", ("mosaiq-commun",))
    assert (first.photon_mv, first.electron_mev) == (("6X", "10X", "6FFF"), (6, 9, 12))
    assert first.techniques == ("3DCRT", "IMRT", "VMAT", "SBRT")
    assert first.provenance["techniques"] == gray.provenance["anaesthesia"] == "declared"
    assert gray.provenance["opening.weekdays" if "opening.weekdays" in gray.provenance else "opening"] == "declared"
    assert (second.electron_mev, second.techniques) == ((), ())
    assert (third.id, third.model) == ("gray-3", "Versa HD")
    (match,) = first.matched_with
    assert (match.linac, match.evidence, match.declared_on) == ("dent-1", "mesures croisées", date(2026, 11, 20))
    assert declared.conventions[0].signed_on == date(2026, 1, 15)
    assert (declared.channels[0].channel, declared.channels[0].delay_h) == ("platform", 2)
    assert gray.crisis_contacts[0].phone == "03 00 00 00 00"
    assert (gray.declared_on, gray.declared_by_role) == (date(2026, 11, 20), "Physicienne médicale")
    assert gray.provenance["chemotherapy"] == "assumed"  # neither changed nor confirmed


def test_all_faults_are_told_at_once(answered: Callable[..., Survey]) -> None:
    """Each wrong answer is told with its sheet and cell, whatever its kind, and nothing is half read."""
    wrong: Answers = {
        ("survey.answered_on", 0): date(2027, 1, 1),
        ("centre.physics_hours_per_day", 0): "beaucoup",
        ("centre.anaesthesia", 0): "parfois",
        ("centre.opening.weekdays", 0): 2000,
        ("centre.location.lat", 0): 502.7,
        ("centre.oncology_information_system_hosting", 0): "sur la lune",
        ("centre.treatment_planning_system", 0): "=A1",
        ("linacs.techniques", 1): "VMAT | magie",
        ("linacs.photon_mv", 1): "9E",
        ("linacs.couch_max_kg", 2): -5,
        ("linacs.id", 3): "dent-1",
        ("linacs.mlc", 4): "sans code",
        ("pairs.linac", 1): "gray-1",
        ("pairs.matched", 1): "gray-1",
        ("pairs.linac", 2): "dent-1",
        ("pairs.matched", 2): "nulle-part",
        ("conventions.centre", 1): "gray",
        ("channels.centre", 1): "dentellieres",
        ("contacts.phone", 1): "03",
    }
    with pytest.raises(DataError) as error:
        answered(wrong)
    found = faults(error)
    assert len(error.value.findings) == 20
    assert found["Lisez-moi C5"] == "missing"  # who answers
    assert found["Centre C10"] == "formula_without_value"
    assert found["Accélérateurs K6"] == "greater_than"
    assert found["Accélérateurs A7"] == "duplicate_id"
    assert found["Accélérateurs l. 8"] == "missing"
    assert found["Appareils appariés A6"] == "unknown_reference"
    assert {"unreadable", "unknown_reference", "same_linac", "far_date", "less_than_equal"} <= set(found.values())


def test_rows_and_columns_put_in_do_not_matter(network: Network, blank: Callable[[str], bytes], tmp_path: Path) -> None:
    """Questions are found by their names: lines added above a table, and columns before it, change nothing."""
    content = blank("gray")
    cells = placed(content, CONFIRMED)
    moved = refill(content, cells)
    shifted = tmp_path / "shifted.xlsx"
    grids, _ = read_grids("x", moved)
    empty = {name: {(i, j): None for i, row in rows for j in range(1, len(row) + 1)} for name, rows in grids.items()}
    pushed = {
        name: {(i + 2, j + 1): c for i, row in rows for j, c in enumerate(row, 1)} for name, rows in grids.items()
    }
    shifted.write_bytes(refill(moved, {name: empty[name] | pushed[name] for name in grids}))
    straight = tmp_path / "straight.xlsx"
    straight.write_bytes(moved)
    one, other = (read_survey(file, network, today=TODAY) for file in (shifted, straight))
    assert [[row.values for row in rows] for rows in one.sheets.values()] == [
        [row.values for row in rows] for rows in other.sheets.values()
    ]


def test_what_is_no_questionnaire_is_refused(
    answered: Callable[..., Survey], network: Network, blank: Callable[[str], bytes], tmp_path: Path
) -> None:
    """Another workbook, a CSV, a deleted sheet: each is told in one sentence."""
    file = tmp_path / "x.xlsx"
    for content, code in (
        (b"a,b\n", "not_a_workbook"),
        (refill(blank("gray"), {}, only=("Listes",)), "not_a_survey"),
    ):
        file.write_bytes(content)
        with pytest.raises(DataError) as error:
            read_survey(file, network, today=TODAY)
        assert set(faults(error).values()) == {code}
    with pytest.raises(DataError) as error:
        answered(CONFIRMED, only=("Lisez-moi", "Centre", "Accélérateurs", "Conventions", "Cellule de crise"))
    assert set(faults(error).values()) == {"missing_question"}


def test_two_centres_must_say_the_same(answered: Callable[..., Survey], network: Network) -> None:
    """The same convention with two dates, or two workbooks of one centre, are listed and nothing is chosen."""
    mine: Answers = {("conventions.centre", 1): "dentellieres", ("conventions.signed_on", 1): date(2026, 1, 15)}
    theirs: Answers = {("conventions.centre", 1): "gray", ("conventions.signed_on", 1): date(2026, 1, 16)}
    surveys = [answered(SIGNED | mine), answered(SIGNED | theirs, "dentellieres")]
    with pytest.raises(DataError) as error:
        declare(surveys, network)
    assert [finding.code for finding in error.value.findings] == ["disagreement"]
    again = Survey("again.xlsx", *(getattr(surveys[0], name) for name in list(Survey.__annotations__)[1:]))
    with pytest.raises(DataError) as error:
        declare([surveys[0], again], network)
    assert [finding.code for finding in error.value.findings] == ["same_centre"]
