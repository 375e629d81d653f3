"""What making up for a gap would cost tumour and healthy tissue: computed and shown, never prescribed.

The options stand in the order of preference of the Royal College of Radiologists (BFCO(19)1): same-day transfer, weekend
sessions, two fractions a day, larger fractions, extra fractions. The late BED is taken at the prescription dose: the
worst case, since the organ at risk usually receives less.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Literal, Self

from transfer_planner.clinical.radiobiology import (
    SATURDAY,
    bed_gy,
    bed_incomplete_repair_gy,
    elapsed_days,
    eqd2_gy,
    incomplete_repair,
    repopulation_gy,
    restoring_dose_gy,
    session_days,
)
from transfer_planner.i18n import Message, msg

if TYPE_CHECKING:
    from transfer_planner.domain.reference import Tissue

Kind = Literal[
    "same_day_transfer",
    "weekend_sessions",
    "two_a_day",
    "larger_fractions_planned_time",
    "larger_fractions",
    "extra_fractions",
]
TWICE_WEEKDAYS = (1, 3)
ROUNDING = 1e-9
REPAIR_HALF_TIME_H = 4.0
LOSS_SHOWN_GY = 0.05
STEREOTACTIC_GY = 5.0


@dataclass(frozen=True)
class Course:
    """A course broken by a gap.

    Parameters
    ----------
    dose_gy
        Total dose prescribed, Gy.
    fractions
        Fractions prescribed, ≥ 1.
    delivered
        Fractions delivered before the gap, fewer than `fractions`.
    gap_days
        Calendar days by which the gap puts off the last fraction.
    start_weekday
        Weekday of the first fraction, 0 for Monday.
    """

    dose_gy: float
    fractions: int
    delivered: int
    gap_days: int
    start_weekday: int = 0

    @property
    def dose_per_fraction_gy(self) -> float:
        """Dose per fraction prescribed, Gy."""
        return self.dose_gy / self.fractions

    @property
    def remaining(self) -> int:
        """Fractions left."""
        return self.fractions - self.delivered

    @property
    def planned_days(self) -> int:
        """Overall treatment time planned, elapsed days."""
        return elapsed_days(self.fractions, self.start_weekday)

    @property
    def actual_days(self) -> int:
        """Overall treatment time if nothing is done; a course not begun is put off, not drawn out."""
        return self.planned_days + (self.gap_days if self.delivered else 0)

    @property
    def ends_on_weekend(self) -> bool:
        """True when the last fraction put off falls on a weekend."""
        return (self.start_weekday + self.actual_days) % 7 >= SATURDAY

    @property
    def missed(self) -> int:
        """Sessions missed: treatment days by which the last one is put off, a weekend counting as the Monday after."""
        planned, actual = self.start_weekday + self.planned_days, self.start_weekday + self.actual_days
        return sum(day % 7 < SATURDAY for day in range(planned + 1, actual + 1)) + self.ends_on_weekend


@dataclass(frozen=True)
class Biology:
    """Tumour and late-responding tissue.

    Parameters
    ----------
    alpha_beta_gy
        α/β of the tumour, Gy.
    k_gy_per_day
        Loss by repopulation, BED Gy per day.
    tdelay_days
        Elapsed days before repopulation counts.
    late_alpha_beta_gy
        α/β of the late-responding tissue, Gy.
    late_half_time_h
        Half-time of repair of that tissue, hours.
    """

    alpha_beta_gy: float
    k_gy_per_day: float
    tdelay_days: float
    late_alpha_beta_gy: float
    late_half_time_h: float

    @classmethod
    def of(cls, tumour: Tissue, late: Tissue) -> Self:
        """Take the values of two rows of the radiobiology table."""
        return cls(
            alpha_beta_gy=tumour.alpha_beta_gy,
            k_gy_per_day=tumour.k_gy_per_day,
            tdelay_days=tumour.tdelay_days or 0,
            late_alpha_beta_gy=late.alpha_beta_gy,
            late_half_time_h=late.repair_half_time_h or REPAIR_HALF_TIME_H,
        )

    def repopulation(self, days: float) -> float:
        """Return what repopulation takes in so many elapsed days, BED Gy."""
        return repopulation_gy(days, self.k_gy_per_day, self.tdelay_days)


@dataclass(frozen=True)
class Limits:
    """What is refused, and what is warned about.

    Parameters
    ----------
    saturday_max_gy, two_a_day_max_gy
        Largest dose per fraction of a sixth weekly fraction, and of two a day, Gy.
    interval_min_h
        Least hours between two fractions of a day.
    warn_dose_gy
        Dose per fraction above which to warn, Gy.
    physician_dose_gy
        Dose per fraction above which a physician must be present, Gy.
    warn_late_percent, refuse_late_percent
        Late BED change above which to warn, and above which an option is not recommended, percent.
    extra_fractions_max
        Beyond so many extra fractions, none is proposed.
    """

    saturday_max_gy: float = 2.5
    two_a_day_max_gy: float = 2.2
    interval_min_h: float = 6.0
    warn_dose_gy: float = 2.5
    physician_dose_gy: float = 8.0
    warn_late_percent: float = 5.0
    refuse_late_percent: float = 10.0
    extra_fractions_max: int = 10


@dataclass(frozen=True)
class Split:
    """A smaller dose per fraction: what the tumour loses for so much more late BED.

    Parameters
    ----------
    late_bed_change_percent
        Late BED against the plan, percent.
    dose_per_fraction_gy
        Dose per fraction that gives it, Gy.
    tumour_loss_gy
        Tumour BED still lacking, Gy.
    """

    late_bed_change_percent: float
    dose_per_fraction_gy: float
    tumour_loss_gy: float


@dataclass(frozen=True)
class Option:
    """One way to make up for the gap.

    Parameters
    ----------
    kind
        What is done.
    fractions
        Fractions still to give.
    dose_per_fraction_gy
        Dose of each, Gy.
    elapsed_days
        Overall treatment time it leads to.
    tumour_bed, late_bed
        Whole course, Gy; the first with repopulation.
    late_bed_change_percent
        Late BED against the plan, percent.
    warnings
        What to weigh.
    recommended
        False when the late BED rises too much.
    split
        Compromises between tumour loss and late dose, when not recommended.
    """

    kind: Kind
    fractions: int
    dose_per_fraction_gy: float
    elapsed_days: int
    tumour_bed: float
    late_bed: float
    late_bed_change_percent: float
    warnings: tuple[Message, ...] = ()
    recommended: bool = True
    split: tuple[Split, ...] = ()


@dataclass(frozen=True)
class Refusal:
    """An option that cannot be used, and why."""

    kind: Kind
    reason: Message


@dataclass(frozen=True)
class Comparison:
    """The options for one course, and what happens without them.

    Parameters
    ----------
    course, biology, limits
        What it is computed from.
    interval_h
        Hours between two fractions of a day.
    """

    course: Course
    biology: Biology
    limits: Limits = Limits()
    interval_h: float = 6.0

    @property
    def planned_bed(self) -> float:
        """Tumour BED planned, Gy."""
        return self._tumour_bed(self.course.remaining, self.course.dose_per_fraction_gy, self.course.planned_days)

    @property
    def uncompensated_bed(self) -> float:
        """Tumour BED if nothing is done, Gy."""
        return self._tumour_bed(self.course.remaining, self.course.dose_per_fraction_gy, self.course.actual_days)

    @property
    def planned_late_bed(self) -> float:
        """Late BED planned, Gy."""
        return self._late_bed(self.course.remaining, self.course.dose_per_fraction_gy)

    def eqd2(self, bed: float) -> float:
        """Return a tumour BED in fractions of 2 Gy, Gy."""
        return eqd2_gy(bed, self.biology.alpha_beta_gy)

    @cached_property
    def outcomes(self) -> tuple[Option | Refusal, ...]:
        """Every option in order of preference, computed or refused."""
        return (
            self._same_day_transfer(),
            self._weekend_sessions(),
            self._two_a_day(),
            self._larger_fractions_planned_time(),
            self._larger_fractions(),
            self._extra_fractions(),
        )

    @property
    def options(self) -> tuple[Option, ...]:
        """The options that can be used, in order of preference."""
        return tuple(item for item in self.outcomes if isinstance(item, Option))

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """The options refused."""
        return tuple(item for item in self.outcomes if isinstance(item, Refusal))

    @property
    def warnings(self) -> tuple[Message, ...]:
        """What to know about the course itself."""
        course, notes = self.course, []
        if not course.delivered:
            notes.append(msg("The course has not begun: its start is put off, its overall time does not change."))
        if course.ends_on_weekend:
            notes.append(msg("The last fraction put off falls on a weekend: on weekdays the course ends even later."))
        if course.delivered and self.planned_bed - self.uncompensated_bed < ROUNDING:
            notes.append(msg("No loss is computed: repopulation has not begun, or does not count, for these values."))
        if course.dose_per_fraction_gy > STEREOTACTIC_GY:
            notes.append(
                msg(
                    "Stereotactic course partly delivered: an individual medical decision; the formula is unsure there."
                )
            )
        return tuple(notes)

    def _tumour_bed(self, fractions: float, dose_gy: float, days: float) -> float:
        bio = self.biology
        return self._bed(fractions, dose_gy, bio.alpha_beta_gy) - bio.repopulation(days)

    def _late_bed(self, fractions: float, dose_gy: float) -> float:
        return self._bed(fractions, dose_gy, self.biology.late_alpha_beta_gy)

    def _bed(self, fractions: float, dose_gy: float, alpha_beta_gy: float) -> float:
        """Return the BED of what was delivered and of what is still given, repopulation aside."""
        delivered = bed_gy(self.course.delivered, self.course.dose_per_fraction_gy, alpha_beta_gy)
        return delivered + bed_gy(fractions, dose_gy, alpha_beta_gy)

    def _option(
        self, kind: Kind, fractions: int, dose_gy: float, days: int, late_extra_gy: float = 0.0, *notes: Message
    ) -> Option:
        late = self._late_bed(fractions, dose_gy) + late_extra_gy
        option = Option(
            kind=kind,
            fractions=fractions,
            dose_per_fraction_gy=dose_gy,
            elapsed_days=days,
            tumour_bed=self._tumour_bed(fractions, dose_gy, days),
            late_bed=late,
            late_bed_change_percent=100 * (late / self.planned_late_bed - 1),
        )
        recommended = option.late_bed_change_percent <= self.limits.refuse_late_percent + ROUNDING
        return replace(option, warnings=(*notes, *self._warnings(option)), recommended=recommended)

    def _warnings(self, option: Option) -> list[Message]:
        limits, notes = self.limits, []
        loss = self.planned_bed - option.tumour_bed
        if loss > LOSS_SHOWN_GY:
            notes.append(msg("the tumour still lacks {loss} Gy of BED", loss=decimal(loss, 1)))
        raised = option.dose_per_fraction_gy > self.course.dose_per_fraction_gy + ROUNDING
        if raised and option.dose_per_fraction_gy > limits.warn_dose_gy + ROUNDING:
            notes.append(msg("dose per fraction above {limit} Gy", limit=decimal(limits.warn_dose_gy, 1)))
        if option.dose_per_fraction_gy > limits.physician_dose_gy + ROUNDING:
            notes.append(
                msg("a physician must be present: above {limit} Gy", limit=decimal(limits.physician_dose_gy, 1))
            )
        change = option.late_bed_change_percent
        if change > limits.refuse_late_percent + ROUNDING:
            notes.append(
                msg(
                    "not recommended: late BED rises by more than {limit} %",
                    limit=decimal(limits.refuse_late_percent, 0),
                )
            )
        elif change > limits.warn_late_percent + ROUNDING:
            notes.append(msg("late BED rises by more than {limit} %", limit=decimal(limits.warn_late_percent, 0)))
        return notes

    def _made_up(self, extra_weekdays: tuple[int, ...]) -> tuple[int, int]:
        """Return the overall time, and the sessions made up, when these weekdays carry one more fraction."""
        course = self.course
        resumed = session_days(course.delivered + course.missed + 1, course.start_weekday)[-1]
        left, made_up = course.remaining, 0
        for day in count(resumed):
            weekday = day % 7
            left -= weekday < SATURDAY
            if left and made_up < course.missed and weekday in extra_weekdays:
                left, made_up = left - 1, made_up + 1
            if not left:
                break
        return min(day - course.start_weekday, course.actual_days), made_up

    def _same_day_transfer(self) -> Option:
        course = self.course
        note = msg("on a matched machine; holds only if no session is missed")
        days = course.planned_days
        return self._option("same_day_transfer", course.remaining, course.dose_per_fraction_gy, days, 0.0, note)

    def _weekend_sessions(self) -> Option | Refusal:
        course = self.course
        if course.dose_per_fraction_gy > self.limits.saturday_max_gy + ROUNDING:
            limit = decimal(self.limits.saturday_max_gy, 1)
            return Refusal("weekend_sessions", msg("a sixth weekly fraction only up to {limit} Gy", limit=limit))
        days, made_up = self._made_up((SATURDAY,))
        if not made_up:
            return Refusal("weekend_sessions", msg("no missed session can be made up on a Saturday before the end"))
        note = msg("{made_up} of {missed} missed sessions made up on Saturdays", made_up=made_up, missed=course.missed)
        return self._option("weekend_sessions", course.remaining, course.dose_per_fraction_gy, days, 0.0, note)

    def _two_a_day(self) -> Option | Refusal:
        course, limits, late_ab = self.course, self.limits, self.biology.late_alpha_beta_gy
        if self.interval_h < limits.interval_min_h:
            limit = decimal(limits.interval_min_h, 0)
            return Refusal("two_a_day", msg("less than {limit} hours between the fractions of a day", limit=limit))
        dose = course.dose_per_fraction_gy
        if dose > limits.two_a_day_max_gy + ROUNDING:
            limit = decimal(limits.two_a_day_max_gy, 1)
            return Refusal("two_a_day", msg("two fractions a day only up to {limit} Gy each", limit=limit))
        days, made_up = self._made_up(TWICE_WEEKDAYS)
        if not made_up:
            return Refusal(
                "two_a_day", msg("no missed session can be made up on a Tuesday or a Thursday before the end")
            )
        factor = incomplete_repair(2, self.interval_h, self.biology.late_half_time_h)
        extra = bed_incomplete_repair_gy(2 * made_up, dose, late_ab, factor) - bed_gy(2 * made_up, dose, late_ab)
        notes = (
            msg(
                "{made_up} of {missed} missed sessions made up on Tuesdays and Thursdays",
                made_up=made_up,
                missed=course.missed,
            ),
            msg("repair is incomplete after {hours} hours: counted in the late BED", hours=decimal(self.interval_h, 0)),
            msg("not for stereotactic courses nor under anaesthesia; caution for the spinal cord and the brain"),
        )
        return self._option("two_a_day", course.remaining, dose, days, extra, *notes)

    def _larger_fractions_planned_time(self) -> Option | Refusal:
        kind: Kind = "larger_fractions_planned_time"
        left = self.course.remaining - self.course.missed
        if left < 1:
            return Refusal(kind, msg("no session is left within the planned time"))
        return self._restoring(kind, left, self.course.planned_days)

    def _larger_fractions(self) -> Option:
        return self._restoring("larger_fractions", self.course.remaining, self.course.actual_days)

    def _restoring(self, kind: Kind, fractions: int, days: int) -> Option:
        """Give the dose per fraction that restores the tumour BED, and compromises if it costs too much."""
        need = self.planned_bed - self._tumour_bed(0, 0.0, days)
        dose = restoring_dose_gy(need / fractions, self.biology.alpha_beta_gy)
        option = self._option(kind, fractions, dose, days)
        if option.recommended:
            return option
        steps = (0.0, self.limits.warn_late_percent, self.limits.refuse_late_percent)
        return replace(option, split=tuple(self._split(fractions, days, percent) for percent in steps))

    def _split(self, fractions: int, days: int, late_percent: float) -> Split:
        allowed = self.planned_late_bed * (1 + late_percent / 100) - self._late_bed(0, 0.0)
        dose = restoring_dose_gy(allowed / fractions, self.biology.late_alpha_beta_gy)
        return Split(late_percent, dose, self.planned_bed - self._tumour_bed(fractions, dose, days))

    def _extra_fractions(self) -> Option | Refusal:
        course, dose = self.course, self.course.dose_per_fraction_gy
        for extra in range(self.limits.extra_fractions_max + 1):
            days = course.actual_days
            if extra:
                days = elapsed_days(course.fractions + course.missed + extra, course.start_weekday)
            if self._tumour_bed(course.remaining + extra, dose, days) >= self.planned_bed - ROUNDING:
                return self._option("extra_fractions", course.remaining + extra, dose, days)
        limit = self.limits.extra_fractions_max
        return Refusal("extra_fractions", msg("more than {limit} extra fractions would be needed", limit=limit))


def decimal(value: float, digits: int) -> Message:
    """Return a number as a message, so that its decimal mark follows the reader's language."""
    text = f"{value:.{digits}f}"
    whole, point, decimals = text.partition(".")
    return msg("{whole}.{decimals}", whole=whole, decimals=decimals) if point else msg("{whole}", whole=text)
