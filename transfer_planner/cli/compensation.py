"""`compensation`: the ways to make up for a gap, from numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from transfer_planner.cli.common import Settings, command
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from transfer_planner.clinical.compensation import Comparison

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Decimal(click.FloatRange):
    """A finite number in a range; a French decimal comma is read too."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read it, and refuse what compares with nothing."""
        text: Any = value.replace(",", ".") if isinstance(value, str) else value
        number = super().convert(text, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r}", param, ctx)
        return number


@command
@click.option(
    "--dose", metavar="NUMBER", type=Decimal(0, 200, min_open=True), required=True, help="Total dose prescribed, Gy."
)
@click.option("--fractions", metavar="NUMBER", type=click.IntRange(1, 100), required=True, help="Fractions prescribed.")
@click.option(
    "--delivered",
    metavar="NUMBER",
    type=click.IntRange(0, 100),
    required=True,
    help="Fractions delivered before the gap.",
)
@click.option(
    "--gap-days",
    metavar="NUMBER",
    type=click.IntRange(0, 365),
    required=True,
    help="Calendar days by which the gap puts off the end.",
)
@click.option(
    "--alpha-beta",
    metavar="NUMBER",
    type=Decimal(0.1, 100),
    help="α/β of the tumour, Gy; by default head and neck, 10.",
)
@click.option("--k", metavar="NUMBER", type=Decimal(0, 5), help="Loss by repopulation, BED Gy per day; by default 0.9.")
@click.option(
    "--tdelay", metavar="NUMBER", type=Decimal(0, 365), help="Elapsed days before repopulation counts; by default 28."
)
@click.option(
    "--late-alpha-beta",
    metavar="NUMBER",
    type=Decimal(0.1, 100),
    help="α/β of late-responding tissue, Gy; by default 3.",
)
@click.option(
    "--start-weekday", type=click.Choice(WEEKDAYS), default="mon", help="Weekday of the first fraction; mon by default."
)
def compensation(settings: Settings, start_weekday: str, **numbers: Any) -> int:
    """Options to make up for missed fractions, from numbers."""
    from transfer_planner.cli import compensation_table, terminal

    comparison = _comparison(WEEKDAYS.index(start_weekday), **numbers)
    if settings.as_json:
        terminal.print_json(compensation_table.comparison_fields(comparison, settings.lang))
    else:
        compensation_table.show_comparison(comparison, settings.lang)
    return 0


def _comparison(
    start_weekday: int, *, dose: float, fractions: int, delivered: int, gap_days: int, **values: Any
) -> Comparison:
    """Put numbers and packaged tables together.

    Raises
    ------
    DataError
        When no fraction is left to compensate with.
    """
    from dataclasses import replace

    from transfer_planner.clinical.compensation import Biology, Comparison, Course, Limits
    from transfer_planner.errors import DataError, Finding
    from transfer_planner.io.reference import read_policy, read_tissues

    if delivered >= fractions:
        expected = msg("fewer than {fractions}, the fractions prescribed", fractions=fractions)
        mend = msg("count the fractions delivered again: nothing is left to compensate with")
        raise DataError([Finding("compensation", "--delivered", str(delivered), expected, mend, code="delivered")])
    policy, tissues = read_policy(), read_tissues()
    given = {
        "alpha_beta_gy": values["alpha_beta"],
        "k_gy_per_day": values["k"],
        "tdelay_days": values["tdelay"],
        "late_alpha_beta_gy": values["late_alpha_beta"],
    }
    biology = Biology.of(tissues["squamous_lung"], tissues["late"])
    limits = Limits(
        saturday_max_gy=policy.compensation["saturday"].max_dose_per_fraction_gy,
        two_a_day_max_gy=policy.compensation["bid"].max_dose_per_fraction_gy,
        physician_dose_gy=policy.physician_present_above_gy,
    )
    return Comparison(
        Course(dose, fractions, delivered, gap_days, start_weekday),
        replace(biology, **{name: value for name, value in given.items() if value is not None}),
        limits,
    )
