"""A questionnaire goes out, comes back filled in, and changes the plan; the audit says what remains to be asked."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tests.workbooks import marks, refill
from transfer_planner.domain.scenario import PARIS
from transfer_planner.io.case import read_case
from transfer_planner.planning.plan import make_plan

if TYPE_CHECKING:
    from tests.cli.conftest import Crisis

DESTINATION = "leonard-de-vinci"


def filled(content: bytes, **answers: object) -> bytes:
    """Return the questionnaire signed, with some answers about the centre."""
    at = marks(content)
    cells: dict[str, dict[tuple[int, int], object]] = {}
    signed = {"survey.role": "Physicienne", "survey.answered_on": date(2026, 3, 1)}
    for name, answer in (signed | {f"centre.{key}": value for key, value in answers.items()}).items():
        sheet, line, column = at[name]
        cells.setdefault(sheet, {})[line, column + 2] = answer
    return refill(content, cells)


def destinations(crisis: Crisis, *overlays: Path) -> list[str]:
    """Return where the patients of the crisis would go."""
    plan = make_plan(read_case(crisis.scenario, crisis.folder / "centres.yaml", overlays), time_limit_s=1)
    return sorted({decision.centre_id for decision in plan.decisions if decision.action == "transfer"})


def test_a_survey_changes_the_plan(crisis: Crisis) -> None:
    """A centre that answers that it can start nobody receives nobody any more, unless colleagues come to help."""
    crisis.replace("oncologists: 1", "oncologists: 0")
    book, overlay = crisis.folder / "q.xlsx", crisis.folder / "answers.yaml"
    centre = destinations(crisis)[0]
    assert crisis.run("survey", "template", "--centre", centre, "--out", book).exit_code == 0
    book.write_bytes(filled(book.read_bytes(), new_starts_per_day=0))
    assert "modifié" in crisis.run("survey", "import", book).stdout
    assert not overlay.exists()
    result = crisis.run("survey", "import", book, "--out", overlay, "--json")
    assert [change["new"] for change in json.loads(result.stdout)["changes"]] == [0]
    assert "# " + centre in overlay.read_text("utf-8")
    assert centre not in destinations(crisis, overlay)


def test_what_is_imported_is_dated_and_doubted(crisis: Crisis) -> None:
    """The audit gives the age of the answers; the import says at once what they contradict."""
    book, overlay = crisis.folder / "q.xlsx", crisis.folder / "answers.yaml"
    crisis.run("survey", "template", "--centre", DESTINATION, "--out", book)
    book.write_bytes(filled(book.read_bytes(), **{"opening.weekdays": 60}))
    result = crisis.run("survey", "import", book, "--out", overlay)
    assert "minutes réservées pour 60 d’ouverture" in result.stderr
    audit = json.loads(crisis.run("survey", "audit", "--json", "--overlay", overlay).stdout)
    answered = {centre["id"]: centre for centre in audit["centres"]}[DESTINATION]
    assert answered["declared_by_role"] == "Physicienne"
    assert answered["age_days"] == (datetime.now(PARIS).date() - date(2026, 3, 1)).days
    assert any(DESTINATION in doubt["centre_ids"] for doubt in audit["contradictions"])
    assert "jamais" in crisis.run("survey", "audit").stdout


def test_wrong_questionnaires_are_refused(crisis: Crisis) -> None:
    """An unknown centre, a CSV and an unsigned questionnaire write nothing."""
    book = crisis.folder / "q.xlsx"
    (found,) = crisis.refused("survey", "template", "--centre", "nowhere", "--out", book)
    assert found["code"] == "unknown_reference"
    assert not book.exists()
    crisis.run("survey", "template", "--centre", DESTINATION, "--out", book)
    unsigned, csv = crisis.folder / "unsigned.xlsx", Path(crisis.roster)
    unsigned.write_bytes(book.read_bytes())
    codes = [found["code"] for found in crisis.refused("survey", "import", unsigned, csv, "--out", crisis.folder / "o")]
    assert codes == ["missing", "missing", "not_a_workbook"]
    assert not (crisis.folder / "o").exists()
