"""Shows that calendars of courses give the worked examples, with and without public holidays."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from transfer_planner.clinical.fractionation import FRENCH, Calendar, home_calendar, latest_start
from transfer_planner.clinical.radiobiology import session_days
from transfer_planner.domain.patient import Patient

TEXTBOOK = Calendar(public_holidays=False)
MONDAY = date(2026, 10, 5)


def patient(**changes: Any) -> Patient:
    base: dict[str, Any] = {
        "patient_id": "P1",
        "centre_id": "home",
        "technique": "VMAT",
        "prescribed_fractions": 35,
        "delivered_fractions": 20,
        "first_fraction_date": MONDAY,
        "last_fraction_date": date(2026, 10, 30),
    }
    return Patient.model_validate(base | changes)


@pytest.mark.parametrize(
    ("calendar", "planned_end", "uncompensated"),
    [
        (TEXTBOOK, date(2026, 11, 20), date(2026, 11, 27)),
        (FRENCH, date(2026, 11, 23), date(2026, 11, 30)),
    ],
)
def test_thirty_five_fractions_and_a_week_lost(calendar: Calendar, planned_end: date, uncompensated: date) -> None:
    """From Monday 5 October, 2 to 6 November missed: 20 delivered, 15 left; 11 November moves both ends."""
    attack, resumed = date(2026, 11, 2), date(2026, 11, 9)
    assert calendar.count_treatment_days(MONDAY - timedelta(days=1), date(2026, 10, 30)) == 20
    home = home_calendar(patient(), attack, calendar=calendar)
    assert sum(session.fractions for session in home.sessions) == 15
    assert home.planned_end == planned_end
    late = home.sessions_from(resumed, calendar=calendar)
    assert late[-1].date == uncompensated
    assert home.missed_before(resumed) == 5
    assert home.prolongation(late) == 7


@pytest.mark.parametrize("fractions", [5, 15, 20, 28, 35])
@pytest.mark.parametrize("weekday", range(5))
def test_the_calendar_and_the_formula_agree_without_holidays(fractions: int, weekday: int) -> None:
    """Elapsed days counted on dates equal those of the formula, whatever the start weekday."""
    start = MONDAY + timedelta(days=weekday)
    assert (TEXTBOOK.add_treatment_days(start, fractions - 1) - start).days == session_days(fractions, weekday)[
        -1
    ] - weekday


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 1),
        date(2026, 4, 6),
        date(2026, 5, 1),
        date(2026, 5, 8),
        date(2026, 5, 14),
        date(2026, 5, 25),
        date(2026, 7, 14),
        date(2026, 11, 11),
        date(2026, 12, 25),
    ],
)
def test_nobody_is_treated_on_french_public_holidays(day: date) -> None:
    """Weekday holidays of 2026, moving feasts among them."""
    assert not FRENCH.is_treatment_day(day)
    assert TEXTBOOK.is_treatment_day(day)


def test_a_saturday_that_is_a_public_holiday_is_no_surge_saturday() -> None:
    """15 August 2026 is a Saturday; no Saturday is a treatment day."""
    assert not FRENCH.is_surge_saturday(date(2026, 8, 15))
    assert FRENCH.is_surge_saturday(date(2026, 8, 22))
    assert not FRENCH.is_treatment_day(date(2026, 8, 22))


def test_saturdays_make_up_the_missed_sessions() -> None:
    """Five sessions missed, fifteen left from 9 November: Saturdays 14 and 21 carry one each, the end comes sooner."""
    home = home_calendar(patient(), date(2026, 11, 2), calendar=TEXTBOOK)
    sessions = home.sessions_from(date(2026, 11, 9), "saturday", TEXTBOOK)
    assert [s.date for s in sessions if s.date.weekday() == 5] == [date(2026, 11, 14), date(2026, 11, 21)]
    assert sessions[-1].date == date(2026, 11, 25)
    assert sum(s.fractions for s in sessions) == 15


def test_two_fractions_on_tuesdays_and_thursdays_until_made_up() -> None:
    """Five missed: 10, 12, 17 and 19 November carry two, and the fifth is not needed before the end."""
    home = home_calendar(patient(), date(2026, 11, 2), calendar=TEXTBOOK)
    sessions = home.sessions_from(date(2026, 11, 9), "bid", TEXTBOOK)
    assert [s.date.day for s in sessions if s.fractions == 2] == [10, 12, 17, 19]
    assert sessions[-1].date == date(2026, 11, 23)


def test_a_single_missed_session_is_made_up_once() -> None:
    """One session missed: one Saturday, the end is the planned one."""
    home = home_calendar(patient(), date(2026, 11, 2), calendar=TEXTBOOK)
    sessions = home.sessions_from(date(2026, 11, 3), "saturday", TEXTBOOK)
    assert [s.date for s in sessions if s.date.weekday() == 5] == [date(2026, 11, 7)]
    assert home.prolongation(sessions) == 0


def test_three_a_week_stay_two_days_apart() -> None:
    """Sessions of a course of three a week are at least two calendar days apart, after the last fraction too."""
    home = home_calendar(
        patient(fractions_per_week=3, last_fraction_date=date(2026, 11, 1), delivered_fractions=29),
        date(2026, 11, 2),
        calendar=TEXTBOOK,
    )
    days = [session.date for session in home.sessions]
    assert days == [date(2026, 11, d) for d in (3, 5, 9, 11, 13, 16)]


def test_dated_deliveries_count_in_their_week() -> None:
    """Three a week, last given on Wednesday after a first on Monday: only one is left that week."""
    home = home_calendar(
        patient(
            fractions_per_week=3,
            prescribed_fractions=6,
            delivered_fractions=2,
            first_fraction_date=date(2026, 11, 2),
            last_fraction_date=date(2026, 11, 4),
        ),
        date(2026, 11, 5),
        calendar=TEXTBOOK,
    )
    assert [session.date.day for session in home.sessions] == [6, 9, 11, 13]


@pytest.mark.parametrize(("delivered", "days"), [(1, [4, 9, 11]), (None, [4, 9, 11, 16]), (0, [4, 6, 9, 11])])
def test_the_first_fraction_counts_where_the_last_is_not_dated(delivered: int | None, days: list[int]) -> None:
    """Two a week, first given on Monday: one is left that week, unless nothing was delivered."""
    home = home_calendar(
        patient(
            fractions_per_week=2,
            prescribed_fractions=4,
            delivered_fractions=delivered,
            first_fraction_date=date(2026, 11, 2),
            last_fraction_date=None,
            status="on_treatment",
        ),
        date(2026, 11, 4),
        calendar=TEXTBOOK,
    )
    assert [session.date.day for session in home.sessions] == days


def test_the_attack_does_not_take_back_a_session_given_that_morning() -> None:
    """Last fraction delivered on day 0: the remaining calendar begins the day after."""
    attack = date(2026, 11, 2)
    given = home_calendar(patient(last_fraction_date=attack, delivered_fractions=21), attack, calendar=TEXTBOOK)
    lost = home_calendar(patient(), attack, calendar=TEXTBOOK)
    assert given.sessions[0].date == date(2026, 11, 3)
    assert lost.sessions[0].date == attack
    assert given.planned_end == lost.planned_end


def test_a_planned_patient_counts_the_delay_of_the_first_fraction() -> None:
    """Baseline is the first treatment day from the date planned on; starting a week later is seven days."""
    home = home_calendar(
        patient(delivered_fractions=0, last_fraction_date=None, first_fraction_date=date(2026, 11, 7)),
        date(2026, 11, 2),
        calendar=TEXTBOOK,
    )
    assert not home.on_treatment
    assert home.baseline == date(2026, 11, 9)
    assert home.prolongation(home.sessions_from(date(2026, 11, 16), calendar=TEXTBOOK)) == 7


def test_days_already_lost_count() -> None:
    """Prolongation before the attack adds to that of the decision."""
    home = home_calendar(patient(prolongation_days_so_far=3), date(2026, 11, 2), calendar=TEXTBOOK)
    assert home.prolongation(home.sessions_from(date(2026, 11, 9), calendar=TEXTBOOK)) == 10


@pytest.mark.parametrize(
    ("tolerance", "modes", "latest"),
    [
        (2, (), None),  # Tuesday 3 November already ends on Monday 23: three days
        (3, (), date(2026, 11, 3)),
        (5, (), date(2026, 11, 5)),
        (7, (), date(2026, 11, 9)),
        (0, ("saturday",), date(2026, 11, 4)),  # two Saturdays make two sessions up
        (2, ("saturday",), date(2026, 11, 5)),  # the third falls on Saturday 21, one day late
        (0, ("bid",), date(2026, 11, 6)),  # four missed, made up on 10, 12, 17 and 19; from Monday 9 it would be five
    ],
)
def test_latest_start_by_tolerance_and_modes(tolerance: int, modes: tuple[str, ...], latest: date | None) -> None:
    """The last start within tolerance; fifteen fractions left, Monday 2 November lost, end planned on Friday 20."""
    home = home_calendar(patient(), date(2026, 11, 2), calendar=TEXTBOOK)
    assert latest_start(home, tolerance, modes, date(2026, 11, 2), TEXTBOOK) == latest
