"""Every calendar that a patient could follow elsewhere, priced, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.clinical.fractionation import FRENCH, SessionDay
from transfer_planner.problem.options import clinical_tiers, tolerated_burden

if TYPE_CHECKING:
    from transfer_planner.domain.base import Compensation
    from transfer_planner.domain.case import Case
    from transfer_planner.problem.options import Subject
    from transfer_planner.problem.problem import IntArray


@dataclass(frozen=True)
class Calendars:
    """The calendars of a patient from every start, mode after mode, starts in order; row i is one calendar.

    Parameters
    ----------
    zero
        Day 0.
    modes
        Compensation modes of the patient.
    mode
        Which of them each calendar follows, shape (k,).
    starts
        Days from day 0 to the first session, shape (k,).
    tiers
        Tiers 1 to 5, shape (5, k).
    burden
        Prolongation part of tier 6, shape (k,).
    visits
        Treatment days, shape (k,).
    offsets, fractions
        Days from day 0 and fractions of all the sessions, one calendar after another.
    ends
        Where each calendar ends in `offsets`, after a leading 0, shape (k + 1,).
    """

    zero: date
    modes: tuple[Compensation, ...]
    mode: IntArray
    starts: IntArray
    tiers: IntArray
    burden: IntArray
    visits: IntArray
    offsets: IntArray
    fractions: IntArray
    ends: IntArray

    def __len__(self) -> int:
        """Return the number of calendars."""
        return len(self.mode)

    def sessions(self, row: int) -> tuple[SessionDay, ...]:
        """Return the sessions of a calendar."""
        part = slice(int(self.ends[row]), int(self.ends[row + 1]))
        return tuple(
            SessionDay(self.zero + timedelta(days=offset), count)
            for offset, count in zip(self.offsets[part].tolist(), self.fractions[part].tolist(), strict=True)
        )

    def start(self, row: int) -> date:
        """Return the first day of a calendar."""
        return self.zero + timedelta(days=int(self.starts[row]))


def calendars_of(subject: Subject, case: Case) -> Calendars:
    """List the calendars of a patient from every day within the horizon, mode after mode (H11, H13).

    A mode that does not end the course earlier has nothing to make up and is left out.
    """
    scenario, home = case.scenario, subject.home
    first = scenario.day_zero + timedelta(days=1)
    if home.course.last_date is not None:
        first = max(first, home.course.last_date + timedelta(days=1))
    if not home.on_treatment:
        first = max(first, home.baseline)
    days = FRENCH.treatment_days(first, scenario.day_zero + timedelta(days=scenario.horizon_days))
    plain = [sessions for day in days if (sessions := home.sessions_from(day))[0].date == day]
    followed: list[int] = []
    kept: list[tuple[SessionDay, ...]] = []
    for number, mode in enumerate(subject.modes):
        for usual in plain:
            sessions = usual if mode == "none" else home.sessions_from(usual[0].date, mode)
            if mode == "none" or (home.on_treatment and sessions[-1].date < usual[-1].date):
                followed.append(number)
                kept.append(sessions)
    return _priced(subject, followed, kept, case)


def _priced(subject: Subject, followed: list[int], calendars: list[tuple[SessionDay, ...]], case: Case) -> Calendars:
    zero = case.scenario.day_zero.toordinal()
    prolongations = [subject.home.prolongation(sessions) for sessions in calendars]
    excesses = [10 * max(0, days - subject.assessment.tolerance_days) for days in prolongations]
    tiers = [clinical_tiers(subject, excess, case) for excess in excesses]
    flat = [(day.toordinal() - zero, count) for sessions in calendars for day, count in sessions]
    offsets, fractions = np.array(flat, dtype=np.int64).reshape(-1, 2).T
    visits = np.array([len(sessions) for sessions in calendars], dtype=np.int64)
    ends = np.concatenate(([0], np.cumsum(visits))).astype(np.int64)
    return Calendars(
        zero=case.scenario.day_zero,
        modes=subject.modes,
        mode=np.array(followed, dtype=np.int64),
        starts=offsets[ends[:-1]],
        tiers=np.array(tiers, dtype=np.int64).reshape(-1, 5).T,
        burden=np.array([tolerated_burden(subject, days, case) for days in prolongations], dtype=np.int64),
        visits=visits,
        offsets=np.ascontiguousarray(offsets),
        fractions=np.ascontiguousarray(fractions),
        ends=ends,
    )
