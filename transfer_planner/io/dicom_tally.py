"""Fractions counted from treatment records: by their numbers and by their days, and both must agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transfer_planner.io.dicom_objects import Delivered, DicomObject

WHOLE_SHARE = 0.98
"""A beam that delivered so much of its monitor units is whole; linacs stop within a unit."""


@dataclass(frozen=True)
class Tally:
    """What the records of one plan tell.

    Parameters
    ----------
    numbers
        Numbers of the fractions delivered whole.
    sessions
        Day of each whole session, in order: a number delivered twice stands twice.
    partial
        Numbers of the fractions begun and not delivered whole.
    repeated
        Numbers delivered whole more than once.
    skipped
        Numbers missing between the first and the last.
    unnumbered
        Sessions without a number.
    """

    numbers: frozenset[int] = frozenset()
    sessions: tuple[date, ...] = ()
    partial: tuple[int, ...] = ()
    repeated: tuple[int, ...] = ()
    skipped: tuple[int, ...] = ()
    unnumbered: int = 0

    @property
    def low(self) -> int:
        """Fewest fractions that the records may mean."""
        return len(self.numbers) or self.unnumbered

    @property
    def high(self) -> int:
        """Most fractions that the records may mean: partial and missing ones, and repeated numbers, counted."""
        return max(len(self.sessions) + len(self.partial), max((*self.numbers, *self.partial), default=0))

    def count(self, start: int = 1) -> int | None:
        """Return the fractions delivered when all ways to count agree, else None.

        Parameters
        ----------
        start
            Number of the first fraction expected; above 1 where an earlier plan delivered the first ones.
        """
        missing = start not in self.numbers if self.numbers else False
        agreed = not (self.partial or self.repeated or self.skipped or missing)
        return len(self.sessions) if agreed and not (self.numbers and self.unnumbered) else None


def tally(records: Iterable[DicomObject], beams: frozenset[int]) -> Tally:
    """Count the fractions that records tell of.

    Parameters
    ----------
    records
        Of one plan; each with a day.
    beams
        Numbers of the treatment beams of the plan; empty = unknown, any beam makes a fraction.
    """
    given: defaultdict[int | None, defaultdict[date, list[Delivered]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        for item in record.delivered:
            if record.day is not None:
                given[item.fraction][record.day].append(item)
    sessions: list[date] = []
    numbers, partial, repeated = set(), [], []
    unnumbered = sum(_whole(items, beams) for items in given.get(None, {}).values())
    for number, days in given.items():
        whole = [day for day, items in days.items() if _whole(items, beams)]
        if not whole and _whole([item for items in days.values() for item in items], beams):
            whole = [max(days)]  # interrupted, and ended on another day
        sessions += whole
        if number is None:
            continue
        if whole:
            numbers.add(number)
        else:
            partial.append(number)
        if len(whole) > 1 or any(_twice(items, beams) for items in days.values()):
            repeated.append(number)
    known = numbers | set(partial)
    skipped = sorted(set(range(min(known), max(known))) - known) if known else []
    return Tally(
        frozenset(numbers),
        tuple(sorted(sessions)),
        tuple(sorted(partial)),
        tuple(sorted(repeated)),
        tuple(skipped),
        unnumbered,
    )


def _whole(items: Sequence[Delivered], beams: frozenset[int]) -> bool:
    """Tell whether every beam was delivered, at once or in several parts."""
    return all(_delivered([item for item in items if item.beam == beam]) for beam in beams) if beams else bool(items)


def _twice(items: Sequence[Delivered], beams: frozenset[int]) -> bool:
    """Tell whether the records of one number and day hold every beam twice."""
    shares = ([item.share for item in items if item.beam == beam and item.share is not None] for beam in beams)
    return bool(beams) and all(sum(each) >= 2 * WHOLE_SHARE for each in shares)


def _delivered(parts: Sequence[Delivered]) -> bool:
    shares = [part.share for part in parts if part.share is not None]
    if shares:
        return sum(shares) >= WHOLE_SHARE
    return any(part.normal for part in parts)


def rhythm(sessions: Sequence[date]) -> tuple[int | None, int | None]:
    """Return fractions per week and per day as seen, None where too little was seen.

    A week counts when all its working days lie between the first and the last session; the fullest one tells, since
    holidays and breakdowns only take sessions away. Two sessions on one day tell two a day only when seen twice.
    """
    if not sessions:
        return None, None
    per_day = Counter(sessions)
    twice = sum(count > 1 for count in per_day.values()) > 1
    weeks = Counter(day - timedelta(days=day.weekday()) for day in sessions)
    full = [
        count for monday, count in weeks.items() if monday >= sessions[0] and monday + timedelta(days=4) <= sessions[-1]
    ]
    return max(full, default=None), max(per_day.values()) if twice else 1
