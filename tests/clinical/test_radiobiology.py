"""Shows that the formulae give the published worked examples, and behave at their limits."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfer_planner.clinical.radiobiology import (
    bed_gy,
    bed_incomplete_repair_gy,
    elapsed_days,
    eqd2_gy,
    incomplete_repair,
    repopulation_gy,
    restoring_dose_gy,
    session_days,
)

GY = 0.05
doses = st.floats(0.5, 20)
ratios = st.floats(1, 20)


def test_seventy_gray_in_thirty_five_fractions() -> None:
    """BED10 67.8 with repopulation, EQD2 56.5, BED3 116.67."""
    bed = bed_gy(35, 2, 10) - repopulation_gy(46, 0.9, 28)
    assert bed == pytest.approx(67.8, abs=GY)
    assert eqd2_gy(bed, 10) == pytest.approx(56.5, abs=GY)
    assert bed_gy(35, 2, 3) == pytest.approx(116.67, abs=GY)


@pytest.mark.parametrize(("slip", "bed"), [(1, 66.9), (2, 66.0), (5, 63.3), (7, 61.5), (14, 55.2)])
def test_each_day_beyond_the_plan_costs_its_repopulation(slip: int, bed: float) -> None:
    """The same course 1 to 14 days longer."""
    assert bed_gy(35, 2, 10) - repopulation_gy(46 + slip, 0.9, 28) == pytest.approx(bed, abs=GY)


@pytest.mark.parametrize(("delivered", "dose", "late_percent"), [(30, 2.85, 9.5), (20, 2.294, 9.2), (10, 2.178, None)])
def test_dose_that_restores_the_tumour(delivered: int, dose: float, late_percent: float | None) -> None:
    """A week lost after 30, 20 or 10 fractions of 35, made up by larger fractions after the gap."""
    left = 35 - delivered
    need = 67.8 + repopulation_gy(53, 0.9, 28) - bed_gy(delivered, 2, 10)
    if delivered == 30:
        assert need == pytest.approx(18.3, abs=GY)
    found = restoring_dose_gy(need / left, 10)
    assert found == pytest.approx(dose, abs=0.002)
    if late_percent is not None:
        late = bed_gy(delivered, 2, 3) + bed_gy(left, found, 3)
        assert 100 * (late / bed_gy(35, 2, 3) - 1) == pytest.approx(late_percent, abs=GY)


@pytest.mark.parametrize(("tdelay", "loss"), [(28, 0.0), (21, 2.0)])
def test_breast_loses_only_beyond_its_delay(tdelay: int, loss: float) -> None:
    """40 Gy in 15 fractions takes 18 days; a week more is free up to Tdelay."""
    assert elapsed_days(15) == 18
    assert repopulation_gy(18 + 7, 0.5, tdelay) - repopulation_gy(18, 0.5, tdelay) == pytest.approx(loss)


@pytest.mark.parametrize(
    ("fractions", "days"),
    [
        (5, (4, 6, 6, 6, 6)),
        (15, (18, 20, 20, 20, 20)),
        (20, (25, 27, 27, 27, 27)),
        (28, (37, 37, 37, 39, 39)),
        (35, (46, 48, 48, 48, 48)),
    ],
)
def test_the_start_weekday_changes_the_overall_time(fractions: int, days: tuple[int, ...]) -> None:
    """Elapsed days from a start on Monday to Friday."""
    assert tuple(elapsed_days(fractions, weekday) for weekday in range(5)) == days


def test_a_first_fraction_on_a_weekend_is_given_there() -> None:
    """An emergency begun on a Saturday goes on on Monday."""
    assert session_days(3, 5) == (5, 7, 8)
    assert elapsed_days(1, 6) == 0


def test_two_a_day_leaves_half_the_damage_after_one_half_time() -> None:
    """For two fractions a day Hm is φ; the longer the interval, the smaller."""
    assert incomplete_repair(2, 4, 4) == pytest.approx(0.5)
    assert incomplete_repair(2, 6, 4) == pytest.approx(math.exp(-6 * math.log(2) / 4))
    assert incomplete_repair(3, 6, 4) > incomplete_repair(2, 6, 4) > incomplete_repair(2, 8, 4)


def test_one_fraction_a_day_repairs_wholly() -> None:
    """Thames' factor is zero for one fraction a day, and the formula falls back to the plain one."""
    assert incomplete_repair(1, 6, 4) == pytest.approx(0)
    assert bed_incomplete_repair_gy(35, 2, 3, 0) == pytest.approx(bed_gy(35, 2, 3))
    assert bed_incomplete_repair_gy(35, 2, 3, 0.5) == pytest.approx(35 * 2 * (1 + 1.5 * 2 / 3))


@given(dose=doses, alpha_beta=ratios)
def test_the_restoring_dose_inverts_the_effective_dose(dose: float, alpha_beta: float) -> None:
    """Asking for the effect of a dose gives that dose back."""
    assert restoring_dose_gy(bed_gy(1, dose, alpha_beta), alpha_beta) == pytest.approx(dose)


@given(dose=doses, alpha_beta=ratios)
def test_eqd2_agrees_with_its_other_form(dose: float, alpha_beta: float) -> None:
    """EQD2 = D·(d + α/β)/(2 + α/β), and fractions of 2 Gy are their own equivalent."""
    total = 10 * dose
    assert eqd2_gy(bed_gy(10, dose, alpha_beta), alpha_beta) == pytest.approx(
        total * (dose + alpha_beta) / (2 + alpha_beta)
    )
    assert eqd2_gy(bed_gy(35, 2, alpha_beta), alpha_beta) == pytest.approx(70)


def test_nothing_needed_gives_no_dose() -> None:
    """A course that already gave more than its target asks for nothing, never for a negative dose."""
    assert restoring_dose_gy(-3, 10) == 0
