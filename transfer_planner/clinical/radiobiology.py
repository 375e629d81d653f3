"""Radiobiology of fractionated courses: effective doses, repopulation, incomplete repair, overall time.

Every function is pure. Doses in BED carry the α/β they are computed with; K is always in BED Gy per day (a textbook's
Dprolif is in EQD2 Gy per day: it must be multiplied by 1 + 2/(α/β) first).
"""

from __future__ import annotations

import math
from itertools import count, islice

SATURDAY = 5
STANDARD_FRACTION_GY = 2.0


def bed_gy(fractions: float, dose_per_fraction_gy: float, alpha_beta_gy: float) -> float:
    """Return the biologically effective dose, Gy.

    Parameters
    ----------
    fractions
        Number of fractions, ≥ 0.
    dose_per_fraction_gy
        Dose per fraction, Gy, ≥ 0.
    alpha_beta_gy
        α/β of the tissue, Gy, > 0.

    Notes
    -----
    BED = n·d·(1 + d/(α/β)) [1]_.

    References
    ----------
    .. [1] Fowler JF. The linear-quadratic formula and progress in fractionated radiotherapy. Br J Radiol 1989;62:679-94.
    """
    return fractions * dose_per_fraction_gy * (1 + dose_per_fraction_gy / alpha_beta_gy)


def repopulation_gy(elapsed_days: float, k_gy_per_day: float, tdelay_days: float) -> float:
    """Return the effective dose lost to repopulation, BED Gy: K·max(0, T − Tdelay).

    Parameters
    ----------
    elapsed_days
        Overall treatment time T, elapsed days from the first to the last fraction.
    k_gy_per_day
        Loss a day once repopulation runs, **BED** Gy per day.
    tdelay_days
        Elapsed days before repopulation counts.

    References
    ----------
    .. [1] Dale RG, Hendry JH, Jones B, et al. Practical methods for compensating for missed treatment days in
       radiotherapy. Clin Oncol 2002;14:382-93.
    """
    return k_gy_per_day * max(0.0, elapsed_days - tdelay_days)


def eqd2_gy(bed: float, alpha_beta_gy: float) -> float:
    """Return the dose in fractions of 2 Gy that has the same effect, Gy.

    Notes
    -----
    EQD2 = BED/(1 + 2/(α/β)), the same as D·(d + α/β)/(2 + α/β) where nothing repopulates [1]_.

    References
    ----------
    .. [1] Joiner MC, van der Kogel AJ, eds. Basic Clinical Radiobiology, 5th ed. CRC Press, 2018.
    """
    return bed / (1 + STANDARD_FRACTION_GY / alpha_beta_gy)


def restoring_dose_gy(need_gy: float, alpha_beta_gy: float) -> float:
    """Return the dose per fraction that gives a biological need per fraction, Gy.

    Parameters
    ----------
    need_gy
        Effective dose still due divided by the fractions left, BED Gy; a negative need gives 0.
    alpha_beta_gy
        α/β of the tissue, Gy.

    Notes
    -----
    Positive root of d·(1 + d/(α/β)) = x, that is d = (−α/β + √((α/β)² + 4·(α/β)·x))/2.
    """
    need_gy = max(0.0, need_gy)
    return (-alpha_beta_gy + math.sqrt(alpha_beta_gy**2 + 4 * alpha_beta_gy * need_gy)) / 2


def incomplete_repair(fractions_a_day: int, interval_h: float, half_time_h: float) -> float:
    """Return Thames' factor Hm of the damage not repaired between the fractions of a day.

    Parameters
    ----------
    fractions_a_day
        Fractions a day m, ≥ 1; with one a day nothing is left to repair.
    interval_h
        Hours between two fractions of the day, > 0.
    half_time_h
        Half-time of repair, hours, > 0.

    Notes
    -----
    φ = exp(−Δt·ln 2/T½); Hm = (2/m)·φ/(1−φ)·(m − (1−φ^m)/(1−φ)) [1]_. For m = 2, Hm = φ.

    References
    ----------
    .. [1] Thames HD. An "incomplete-repair" model for survival after fractionated and continuous irradiations.
       Int J Radiat Biol 1985;47:319-39.
    """
    phi = math.exp(-interval_h * math.log(2) / half_time_h)
    m = fractions_a_day
    return (2 / m) * phi / (1 - phi) * (m - (1 - phi**m) / (1 - phi))


def bed_incomplete_repair_gy(
    fractions: float, dose_per_fraction_gy: float, alpha_beta_gy: float, repair_factor: float
) -> float:
    """Return the effective dose when damage is not fully repaired within the day, Gy.

    Parameters
    ----------
    fractions
        Number of fractions, all given on days of several fractions.
    dose_per_fraction_gy
        Dose per fraction, Gy.
    alpha_beta_gy
        α/β of the tissue, Gy.
    repair_factor
        Hm of `incomplete_repair`.

    Notes
    -----
    BED = n·d·(1 + (1 + Hm)·d/(α/β)).
    """
    return bed_gy(fractions, dose_per_fraction_gy, alpha_beta_gy / (1 + repair_factor))


def session_days(fractions: int, start_weekday: int = 0) -> tuple[int, ...]:
    """Return the days of a course, one fraction a day from Monday to Friday, no holidays.

    Parameters
    ----------
    fractions
        Number of fractions, ≥ 1.
    start_weekday
        Weekday of the first fraction, 0 for Monday to 6 for Sunday; it is given even on a weekend.

    Returns
    -------
    Days counted from the Monday of the first week, so that day modulo 7 is the weekday.
    """
    later = (day for day in count(start_weekday + 1) if day % 7 < SATURDAY)
    return (start_weekday, *islice(later, fractions - 1))


def elapsed_days(fractions: int, start_weekday: int = 0) -> int:
    """Return the elapsed days from the first to the last fraction of such a course.

    The start weekday changes it: 35 fractions take 46 days from a Monday, 48 from any other weekday.
    """
    return session_days(fractions, start_weekday)[-1] - start_weekday
