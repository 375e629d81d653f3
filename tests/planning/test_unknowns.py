"""Answers are weighed by planning with them: what would change a plan is told, what would not is not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from transfer_planner.io.case import read_case
from transfer_planner.planning import unknowns
from transfer_planner.planning.plan import make_plan
from transfer_planner.planning.unknowns import ANSWERS, measure_unknowns

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Return a crisis of six patients on the real network, whose equipment is unknown."""
    folder = tmp_path_factory.mktemp("unknowns")
    rows = (ROOT / "scenarios/rosters/valenciennes.csv").read_text("utf-8").splitlines()[:7]
    (folder / "roster.csv").write_text("\n".join(rows) + "\n", "utf-8")
    text = (ROOT / "scenarios/valenciennes_ransomware.yaml").read_text("utf-8")
    text = text.replace("rosters/valenciennes.csv", "roster.csv").replace("[overlays/fictitious_equipment.yaml]", "[]")
    (folder / "scenario.yaml").write_text(text, "utf-8")
    return read_case(folder / "scenario.yaml", ROOT / "centres.yaml")


def only(*fields: str) -> tuple[unknowns.Answer, ...]:
    return tuple(answer for answer in ANSWERS if answer.field in fields)


def test_an_answer_that_forbids_changes_the_plan(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """If every destination fell too, patients would wait: the first tier that worsens is told, and proven."""
    monkeypatch.setattr(unknowns, "ANSWERS", only("information_systems"))
    measure = measure_unknowns(case, seconds=60, time_limit_s=2)
    together = measure.effects[0]
    assert (together.field, len(together.centre_ids), together.proven) == ("information_systems", 17, True)
    assert together.difference > 0
    assert together.decisions > 0
    receiving = {decision.centre_id for decision in make_plan(case, time_limit_s=2).decisions} - {None}
    assert {effect.centre_ids[0] for effect in measure.effects[1:]} <= receiving
    assert measure.plans == 2 + len(receiving)


def test_what_is_settled_or_idle_is_not_told(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody here needs anaesthesia: the question changes nothing, and no centre is asked it by itself."""
    monkeypatch.setattr(unknowns, "ANSWERS", only("anaesthesia"))
    measure = measure_unknowns(case, seconds=60, time_limit_s=2)
    assert (measure.effects, measure.plans, measure.not_measured) == ((), 2, ())


def test_want_of_time_is_told(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions left when the time is out are listed, not passed over."""
    monkeypatch.setattr(unknowns, "ANSWERS", only("anaesthesia", "paediatrics"))
    measure = measure_unknowns(case, seconds=0, time_limit_s=2)
    assert measure.not_measured == (("paediatrics", ""), ("anaesthesia", ""))
