"""The plan on the terminal, from a hand-made plan."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.factories import make_case, make_plan
from transfer_planner.cli import summary
from transfer_planner.cli.common import NOT_VERIFIED, OVER_TOLERANCE
from transfer_planner.domain.plan import RedeploymentMove, Tier
from transfer_planner.i18n import msg
from transfer_planner.planning.verify import Violation

CASE = make_case()
PLAN = make_plan(CASE)
VIOLATION = Violation(rule="H05", patient_id=None, centre_id="gray", date=date(2026, 3, 4), text=msg("too full"))


def test_says_everything_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Counts, destinations, redeployment, who exceeds and why, proof, assumptions and files are all told."""
    move = RedeploymentMove(centre_id="gray", physics_fte=1.5, oncologists=1, from_date=date(2026, 3, 4))
    plan = PLAN.model_copy(update={"redeployment": (move,)})
    summary.show_plan(plan, CASE, Path("maps/valenciennes"), ("plan.json",), "fr")
    told = capsys.readouterr().out
    over = [decision for decision in plan.decisions if decision.excess_tenths]
    assert over
    for decision in over:
        assert told.count(f"P{decision.rank} {decision.patient_id}\u202f:") == 1
    for said in (
        "1,5 ETP",
        "mer. 4 mars",
        "optimal prouvé",
        "non prouvé",
        "maps/valenciennes",
        *plan.summary.assumptions,
    ):
        assert said in told


def test_nobody_over_tolerance(capsys: pytest.CaptureFixture[str]) -> None:
    """When nobody exceeds tolerance, that is said."""
    decisions = tuple(decision.model_copy(update={"excess_tenths": 0}) for decision in PLAN.decisions)
    summary.show_plan(PLAN.model_copy(update={"decisions": decisions}), CASE, Path("out"), (), "en")
    assert "Nobody exceeds tolerance." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("tier", "said"),
    [
        (Tier(id="T1", value=25, bound=25, proven=True), "2.5 – proven optimal"),
        (Tier(id="T2", value=25, bound=14, proven=False), "no plan goes below 1.4"),
        (Tier(id="T6", value=1234, bound=1200, proven=False), "1,234 – not proven"),
    ],
)
def test_optimal_is_said_only_where_proven(tier: Tier, said: str) -> None:
    """A tier that is not proven gives its bound instead."""
    text = summary.tier_in_words(tier, "en").text("en")
    assert said in text
    assert ("proven optimal" in text) == tier.proven


def test_exit_codes() -> None:
    """Verification fails before tolerance is looked at."""
    over = PLAN.summary.model_copy(update={"over_tolerance": {"1": 1}})
    none = PLAN.summary.model_copy(update={"over_tolerance": {"1": 0, "unknown": 0}})
    assert summary.exit_code(PLAN.model_copy(update={"summary": over}), ()) == OVER_TOLERANCE
    assert summary.exit_code(PLAN.model_copy(update={"summary": none}), ()) == 0
    assert summary.exit_code(PLAN.model_copy(update={"summary": none}), (VIOLATION,)) == NOT_VERIFIED


def test_violations_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """What a plan breaks is listed with its rule, off stdout."""
    summary.show_violations((VIOLATION,), "en")
    told = capsys.readouterr()
    assert told.out == ""
    assert "[H05] too full" in told.err
    assert summary.violation_fields(VIOLATION, "en")["date"] == "2026-03-04"
