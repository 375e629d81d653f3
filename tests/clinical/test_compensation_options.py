"""Shows which compensations are offered, refused or warned about, and their doses on the worked examples."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfer_planner.clinical.compensation import Biology, Comparison, Course, Limits, Option, Refusal, decimal
from transfer_planner.io.reference import read_tissues

GY, PERCENT = 0.05, 0.1
HEAD_AND_NECK = Biology.of(read_tissues()["squamous_lung"], read_tissues()["late"])
BREAST = Biology.of(read_tissues()["breast"], read_tissues()["late"])


def compare(
    dose: float, fractions: int, delivered: int, gap: int, *, weekday: int = 0, biology: Biology = HEAD_AND_NECK
) -> Comparison:
    return Comparison(Course(dose, fractions, delivered, gap, weekday), biology)


def outcome(comparison: Comparison, kind: str) -> Option | Refusal:
    return next(item for item in comparison.outcomes if item.kind == kind)


def option(comparison: Comparison, kind: str) -> Option:
    found = outcome(comparison, kind)
    assert isinstance(found, Option)
    return found


def texts(item: Option) -> str:
    return "; ".join(warning.text("en") for warning in item.warnings)


def test_the_options_stand_in_the_order_of_preference() -> None:
    """Same-day transfer first, extra fractions last, whatever is refused among them."""
    kinds = [item.kind for item in compare(70, 35, 10, 7).outcomes]
    assert kinds == [
        "same_day_transfer",
        "weekend_sessions",
        "two_a_day",
        "larger_fractions_planned_time",
        "larger_fractions",
        "extra_fractions",
    ]


def test_a_week_lost_is_told_against_the_plan() -> None:
    """70 Gy in 35 fractions: 46 then 53 days, BED 67.8 then 61.5."""
    comparison = compare(70, 35, 30, 7)
    assert (comparison.course.planned_days, comparison.course.actual_days) == (46, 53)
    assert comparison.planned_bed == pytest.approx(67.8, abs=GY)
    assert comparison.uncompensated_bed == pytest.approx(61.5, abs=GY)
    assert comparison.eqd2(comparison.planned_bed) == pytest.approx(56.5, abs=GY)


@pytest.mark.parametrize(("gap", "bed"), [(1, 66.9), (2, 66.0), (5, 63.3), (7, 61.5), (14, 55.2)])
def test_gap_days_put_off_the_end(gap: int, bed: float) -> None:
    """The gap counts in calendar days of prolongation, early or late in the course alike."""
    assert compare(70, 35, 30, gap).uncompensated_bed == pytest.approx(bed, abs=GY)
    assert compare(70, 35, 3, gap).uncompensated_bed == pytest.approx(bed, abs=GY)


@pytest.mark.parametrize(
    ("delivered", "left", "dose", "late"), [(30, 5, 2.85, 9.5), (20, 15, 2.294, 9.2), (10, 25, 2.178, 9.1)]
)
def test_larger_fractions_after_the_gap(delivered: int, left: int, dose: float, late: float) -> None:
    """The worked examples: dose per fraction that gives the tumour BED back, and its late cost."""
    found = option(compare(70, 35, delivered, 7), "larger_fractions")
    assert found.fractions == left
    assert found.dose_per_fraction_gy == pytest.approx(dose, abs=0.002)
    assert found.tumour_bed == pytest.approx(67.8, abs=GY)
    assert found.late_bed_change_percent == pytest.approx(late, abs=PERCENT)
    assert found.recommended


def test_larger_fractions_in_the_planned_time_cost_less_late_dose() -> None:
    """Ten sessions are left before the planned end: 2.81 Gy each, repopulation unchanged."""
    comparison = compare(70, 35, 20, 7)
    found = option(comparison, "larger_fractions_planned_time")
    assert (found.fractions, found.elapsed_days) == (10, 46)
    # 15 fractions of 2 Gy are 36 Gy10: 3.6 Gy10 in each of the ten left.
    assert found.dose_per_fraction_gy * (1 + found.dose_per_fraction_gy / 10) == pytest.approx(3.6)
    assert found.tumour_bed == pytest.approx(comparison.planned_bed)
    assert found.late_bed < option(comparison, "larger_fractions").late_bed


def test_no_session_left_in_the_planned_time_is_refused() -> None:
    """The last week is lost: nothing can be given before the planned end."""
    assert isinstance(outcome(compare(70, 35, 30, 7), "larger_fractions_planned_time"), Refusal)


@pytest.mark.parametrize(("tdelay", "loss"), [(28, 0.0), (21, 2.0)])
def test_breast_loses_only_beyond_its_delay(tdelay: int, loss: float) -> None:
    """40 Gy in 15 fractions and a week more: no loss with a delay of 28 days, 2.0 Gy with the table's 21."""
    biology = Biology(4, 0.5, tdelay, 3, 4)
    if tdelay == 21:
        assert biology == BREAST
    comparison = compare(40, 15, 5, 7, biology=biology)
    assert comparison.planned_bed - comparison.uncompensated_bed == pytest.approx(loss, abs=GY)
    assert any("No loss" in warning.text("en") for warning in comparison.warnings) is (loss == 0)
    if not loss:
        assert option(comparison, "larger_fractions").dose_per_fraction_gy == pytest.approx(40 / 15)
        assert option(comparison, "extra_fractions").fractions == 10


@pytest.mark.parametrize(
    ("dose", "interval_h", "accepted"),
    [(2.0, 5.5, False), (2.0, 6.0, True), (3.0, 6.0, False), (2.2, 6.0, True), (2.25, 6.0, False)],
)
def test_two_fractions_a_day(dose: float, interval_h: float, accepted: bool) -> None:
    """Refused under six hours or above 2.2 Gy; else accepted, with a warning on repair."""
    comparison = Comparison(Course(dose * 30, 30, 10, 7), HEAD_AND_NECK, interval_h=interval_h)
    found = outcome(comparison, "two_a_day")
    assert isinstance(found, Option) is accepted
    if isinstance(found, Option):
        assert "repair is incomplete" in texts(found)


def test_two_fractions_a_day_count_unrepaired_damage_of_their_days_only() -> None:
    """Five days of two fractions of 2 Gy six hours apart, half-time of 4 h: Hm = 2^-1.5 on ten fractions."""
    comparison = compare(70, 35, 10, 7)
    found = option(comparison, "two_a_day")
    assert found.elapsed_days == 46
    extra = 10 * 2 * 2**-1.5 * 2 / 3
    assert found.late_bed == pytest.approx(comparison.planned_late_bed + extra)


def test_saturdays_make_up_what_they_can() -> None:
    """Fifteen fractions left on Monday: two Saturdays fall before the end, which comes two days sooner."""
    found = option(compare(70, 35, 20, 7), "weekend_sessions")
    assert found.elapsed_days == 51
    assert "2 of 5" in texts(found)
    assert found.tumour_bed == pytest.approx(63.3, abs=GY)
    assert found.late_bed_change_percent == pytest.approx(0)


@pytest.mark.parametrize(("dose", "accepted"), [(2.5, True), (2.6, False)])
def test_a_sixth_weekly_fraction_up_to_two_and_a_half_gray(dose: float, accepted: bool) -> None:
    """Weekend sessions are refused above 2.5 Gy per fraction."""
    assert isinstance(outcome(compare(dose * 25, 25, 5, 7), "weekend_sessions"), Option) is accepted


def test_no_saturday_before_the_end_is_refused() -> None:
    """Five fractions left from a Monday end on Friday."""
    assert isinstance(outcome(compare(70, 35, 30, 7), "weekend_sessions"), Refusal)


def test_extra_fractions_chase_the_repopulation_of_their_own_days() -> None:
    """A week costs 6.3 Gy10; each fraction gives 2.4 and the days it takes cost 0.9 each: seven are needed."""
    comparison = compare(70, 35, 30, 7)
    found = option(comparison, "extra_fractions")
    assert (found.fractions, found.elapsed_days) == (12, 64)
    assert found.tumour_bed == pytest.approx(42 * 2.4 - 0.9 * 36)
    assert found.tumour_bed >= comparison.planned_bed
    assert not found.recommended


def test_extra_fractions_that_never_catch_up_are_refused() -> None:
    """Repopulation faster than the fractions: no number of them restores the tumour."""
    assert isinstance(outcome(compare(30, 30, 5, 7, biology=Biology(10, 2, 0, 3, 4)), "extra_fractions"), Refusal)


def test_late_dose_is_warned_about_then_not_recommended() -> None:
    """+9.5 % warns; +18 % is not recommended and shows what a smaller late dose costs the tumour."""
    warned, refused = compare(70, 35, 30, 7), compare(55, 20, 15, 14)
    mild, heavy = option(warned, "larger_fractions"), option(refused, "larger_fractions")
    assert "late BED rises by more than 5 %" in texts(mild)
    assert "dose per fraction above 2.5 Gy" in texts(mild)
    assert not mild.split
    assert "not recommended" in texts(heavy)
    assert [part.late_bed_change_percent for part in heavy.split] == [0, 5, 10]
    for less, more in pairwise(heavy.split):
        assert more.tumour_loss_gy < less.tumour_loss_gy
        assert more.dose_per_fraction_gy > less.dose_per_fraction_gy
    assert heavy.split[0].dose_per_fraction_gy == pytest.approx(2.75)
    assert heavy.split[0].tumour_loss_gy == pytest.approx(refused.planned_bed - refused.uncompensated_bed)


def test_the_dose_warning_is_for_raised_doses() -> None:
    """A course prescribed at 3 Gy is not warned about for keeping 3 Gy; a physician is needed above 8 Gy."""
    assert "above 2.5" not in texts(option(compare(30, 10, 5, 3), "same_day_transfer"))
    assert "physician" in texts(option(compare(45, 3, 1, 7), "same_day_transfer"))


def test_a_course_not_begun_is_put_off_not_drawn_out() -> None:
    """No fraction delivered: the overall time does not change, and the reader is told why."""
    comparison = compare(70, 35, 0, 7)
    assert comparison.course.actual_days == comparison.course.planned_days
    assert "not begun" in comparison.warnings[0].text("en")


def test_an_end_on_a_weekend_is_told() -> None:
    """One day more than 46 from a Monday is a Saturday: one session is missed, the course ends on Monday."""
    comparison = compare(70, 35, 20, 1)
    assert comparison.course.missed == 1
    assert any("weekend" in warning.text("en") for warning in comparison.warnings)
    assert not any("weekend" in warning.text("en") for warning in compare(70, 35, 20, 7).warnings)


def test_stereotactic_doses_are_an_individual_decision() -> None:
    """Large fractions are told apart: the formula is unsure there."""
    assert any("individual medical decision" in w.text("en") for w in compare(54, 3, 1, 4).warnings)


def test_no_gap_needs_nothing() -> None:
    """Without a gap the restoring dose is the prescribed one and nothing is made up."""
    comparison = compare(70, 35, 20, 0)
    assert option(comparison, "larger_fractions").dose_per_fraction_gy == pytest.approx(2)
    assert {item.kind for item in comparison.refusals} == {"weekend_sessions", "two_a_day"}


def test_limits_can_be_changed() -> None:
    """The limits come from the policy: a lower one refuses what the usual one accepts."""
    strict = Comparison(Course(70, 35, 10, 7), HEAD_AND_NECK, Limits(saturday_max_gy=1.8))
    assert isinstance(outcome(strict, "weekend_sessions"), Refusal)


def test_numbers_take_the_readers_decimal_mark() -> None:
    """A comma in French, a point in English."""
    assert decimal(2.849, 2).text("fr") == "2,85"
    assert decimal(2.849, 2).text("en") == "2.85"
    assert decimal(-0.3, 1).text("fr") == "-0,3"
    assert decimal(28, 0).text("fr") == "28"


@given(
    fractions=st.integers(2, 40),
    dose=st.floats(1.5, 4),
    gap=st.integers(1, 60),
    weekday=st.integers(0, 6),
    data=st.data(),
)
def test_whatever_the_course(fractions: int, dose: float, gap: int, weekday: int, data: st.DataObject) -> None:
    """Larger fractions always restore the tumour; made-up sessions never cost overall time nor physical dose."""
    delivered = data.draw(st.integers(1, fractions - 1))
    comparison = compare(dose * fractions, fractions, delivered, gap, weekday=weekday)
    for item in comparison.options:
        assert item.elapsed_days >= 0
        if item.kind.startswith("larger_fractions"):
            assert item.tumour_bed == pytest.approx(comparison.planned_bed)
            assert item.dose_per_fraction_gy >= dose - 1e-9
        if item.kind in {"weekend_sessions", "two_a_day"}:
            assert item.elapsed_days <= comparison.course.actual_days
            assert item.tumour_bed >= comparison.uncompensated_bed - 1e-9
        if item.kind == "extra_fractions":
            assert item.tumour_bed >= comparison.planned_bed - 1e-6
