"""Treatment days, remaining calendars, prolongation and the latest start."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import holidays

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transfer_planner.domain.base import Compensation
    from transfer_planner.domain.patient import Patient

ONE_DAY = timedelta(days=1)
SATURDAY, SUNDAY = 5, 6
BID_WEEKDAYS = (1, 3)
STEREOTACTIC = ("SBRT", "SRS")


@cache
def french_holidays(year: int) -> frozenset[date]:
    """Return the public holidays of metropolitan France in a year."""
    return frozenset(holidays.country_holidays("FR", years=year))


@lru_cache(maxsize=20_000)
def _open_weekday(day: date, public_holidays: bool) -> int:
    """Return the weekday, 0 for Monday; a public holiday counts as a Sunday."""
    return SUNDAY if public_holidays and day in french_holidays(day.year) else day.weekday()


@dataclass(frozen=True)
class Calendar:
    """The days on which linacs treat.

    Parameters
    ----------
    public_holidays
        False treats on public holidays too (textbook examples).
    """

    public_holidays: bool = True

    def is_treatment_day(self, day: date) -> bool:
        """Return whether linacs treat: Monday to Friday, not a public holiday."""
        return _open_weekday(day, self.public_holidays) < SATURDAY

    def is_surge_saturday(self, day: date) -> bool:
        """Return whether a Saturday may be opened in a crisis."""
        return _open_weekday(day, self.public_holidays) == SATURDAY

    def next_treatment_day(self, day: date) -> date:
        """Return the day itself if linacs treat, else the first later one on which they do."""
        while not self.is_treatment_day(day):
            day += ONE_DAY
        return day

    def add_treatment_days(self, day: date, count: int) -> date:
        """Return the `count`-th treatment day after a day (before it if negative); the day itself for 0."""
        step = ONE_DAY if count > 0 else -ONE_DAY
        for _ in range(abs(count)):
            day += step
            while not self.is_treatment_day(day):
                day += step
        return day

    def count_treatment_days(self, after: date, upto: date) -> int:
        """Return the number of treatment days in ]after, upto]."""
        return sum(1 for _ in self.treatment_days(after + ONE_DAY, upto))

    def treatment_days(self, first: date, last: date) -> Iterable[date]:
        """Yield the treatment days in [first, last]."""
        day = first
        while day <= last:
            if self.is_treatment_day(day):
                yield day
            day += ONE_DAY


FRENCH = Calendar()


class SessionDay(NamedTuple):
    """A treatment day and the fractions it carries."""

    date: date
    fractions: int


@dataclass(frozen=True)
class Course:
    """What is left of a course of fractions, and the rhythm it keeps.

    Parameters
    ----------
    fractions
        Fractions left, at least 1.
    per_week
        Fractions at most in an ISO week.
    per_day
        Fractions of a treatment day.
    gap_days
        Calendar days at least between two sessions.
    last_date
        Last fraction delivered; None if none is dated.
    dated
        Days of dated deliveries, which count in their week.
    """

    fractions: int
    per_week: int = 5
    per_day: int = 1
    gap_days: int = 1
    last_date: date | None = None
    dated: tuple[date, ...] = ()


def course_of(patient: Patient, day_zero: date, *, stereotactic_gap_h: int = 40) -> Course:
    """Return what is left of a patient's course on the day of the attack (an unknown count is read as none delivered)."""
    per_week = patient.fractions_per_week or 5
    gap = 2 if per_week <= 3 else 1
    if patient.technique in STEREOTACTIC:
        gap = max(gap, -(-stereotactic_gap_h // 24))
    first, last = patient.first_fraction_date, patient.last_fraction_date
    dated = set() if last is None else {last}
    begun = patient.treated_on_treatment and patient.delivered_fractions != 0
    if first is not None and begun and (first < day_zero if last is None else first <= last):
        dated.add(first)
    return Course(
        fractions=patient.remaining_fractions,
        per_week=per_week,
        per_day=patient.fractions_per_day or 1,
        gap_days=gap,
        last_date=patient.last_fraction_date,
        dated=tuple(sorted(dated)),
    )


def _week(day: date) -> int:
    """Return the number of a week from Monday to Sunday, counted from the first of the calendar."""
    return (day.toordinal() - 1) // 7


@lru_cache(maxsize=20_000)
def remaining_sessions(
    course: Course,
    first_day: date,
    mode: Compensation = "none",
    missed: int = 0,
    calendar: Calendar = FRENCH,
) -> tuple[SessionDay, ...]:
    """Lay the remaining fractions on the earliest treatment days from a day on.

    Parameters
    ----------
    course
        What is left, and its rhythm.
    first_day
        No session before this day, nor before the course's gap after its last fraction.
    mode
        `saturday`: each Saturday after the first session carries one fraction; `bid`: a second fraction on Tuesdays and
        Thursdays; both until `missed` fractions are made up.
    missed
        Sessions missed so far.
    calendar
        Which days are treatment days.
    """
    sessions: list[SessionDay] = []
    in_week: dict[int, int] = {}
    for delivered in course.dated:
        week = _week(delivered)
        in_week[week] = in_week.get(week, 0) + course.per_day
    left, to_make_up, previous, day = course.fractions, missed, course.last_date, first_day
    while left > 0:
        week = _week(day)
        if calendar.is_treatment_day(day) and (previous is None or (day - previous).days >= course.gap_days):
            count = min(course.per_day, left, course.per_week - in_week.get(week, 0))
            if count > 0:
                in_week[week] = in_week.get(week, 0) + count
                if mode == "bid" and to_make_up > 0 and left > count and day.weekday() in BID_WEEKDAYS:
                    count, to_make_up = count + 1, to_make_up - 1
                sessions.append(SessionDay(day, count))
                left, previous = left - count, day
        elif mode == "saturday" and sessions and to_make_up > 0 and calendar.is_surge_saturday(day):
            sessions.append(SessionDay(day, 1))
            left, to_make_up, previous = left - 1, to_make_up - 1, day
        day += ONE_DAY
    return tuple(sessions)


@dataclass(frozen=True)
class HomeCalendar:
    """What would have happened at home without the attack.

    Parameters
    ----------
    course
        What is left of the course.
    on_treatment
        Whether the course had begun.
    baseline
        First home treatment day on which the patient would have been treated.
    sessions
        The remaining calendar at home.
    so_far
        Prolongation already suffered, days.
    """

    course: Course
    on_treatment: bool
    baseline: date
    sessions: tuple[SessionDay, ...]
    so_far: int

    @property
    def planned_end(self) -> date:
        """Last day of the calendar at home."""
        return self.sessions[-1].date

    def missed_before(self, start: date) -> int:
        """Return the home sessions that fall before a start."""
        return bisect_left(self.sessions, start, key=lambda session: session.date)

    def prolongation(self, sessions: tuple[SessionDay, ...]) -> int:
        """Return the prolongation of a calendar, calendar days; negative when it ends early."""
        if self.on_treatment:
            return (sessions[-1].date - self.planned_end).days + self.so_far
        return (sessions[0].date - self.baseline).days

    def sessions_from(
        self, day: date, mode: Compensation = "none", calendar: Calendar = FRENCH
    ) -> tuple[SessionDay, ...]:
        """Return the calendar that restarts on or after a day, with its missed sessions made up by the mode."""
        plain = remaining_sessions(self.course, day, calendar=calendar)
        if mode == "none":
            return plain
        return remaining_sessions(self.course, day, mode, self.missed_before(plain[0].date), calendar)


def home_calendar(
    patient: Patient, day_zero: date, *, stereotactic_gap_h: int = 40, calendar: Calendar = FRENCH
) -> HomeCalendar:
    """Return the remaining calendar at home had nothing happened (fractions must remain)."""
    course = course_of(patient, day_zero, stereotactic_gap_h=stereotactic_gap_h)
    first = day_zero
    if patient.last_fraction_date is not None:
        first = max(first, patient.last_fraction_date + ONE_DAY)
    on_treatment = patient.treated_on_treatment
    if not on_treatment and patient.first_fraction_date is not None:
        first = max(first, patient.first_fraction_date)
    baseline = calendar.next_treatment_day(first)
    return HomeCalendar(
        course=course,
        on_treatment=on_treatment,
        baseline=baseline,
        sessions=remaining_sessions(course, baseline, calendar=calendar),
        so_far=patient.prolongation_days_so_far,
    )


def latest_start(
    home: HomeCalendar,
    tolerance_days: int,
    modes: Iterable[Compensation],
    day_zero: date,
    calendar: Calendar = FRENCH,
) -> date | None:
    """Return the last start that keeps the prolongation within tolerance; None if already past.

    Parameters
    ----------
    home
        The calendar at home.
    tolerance_days
        Tolerated prolongation, calendar days.
    modes
        Compensation modes allowed to this patient, every Saturday open.
    day_zero
        Date of the attack; only treatment days after it are starts.
    """
    reference = home.planned_end if home.on_treatment else home.baseline
    first = calendar.add_treatment_days(day_zero, 1)
    if not home.on_treatment:
        first = max(first, home.baseline)
    allowed: tuple[Compensation, ...] = ("none", *(mode for mode in modes if mode != "none"))
    day = reference + timedelta(days=tolerance_days)
    while day >= first:
        if calendar.is_treatment_day(day):
            for mode in allowed:
                sessions = home.sessions_from(day, mode, calendar)
                if sessions[0].date == day and home.prolongation(sessions) <= tolerance_days:
                    return day
        day -= ONE_DAY
    return None
