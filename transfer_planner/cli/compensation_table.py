"""Compensation options as fields for machines and as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from transfer_planner.cli.terminal import console
from transfer_planner.clinical.compensation import decimal
from transfer_planner.i18n import Language, Message, msg

if TYPE_CHECKING:
    from transfer_planner.clinical.compensation import Comparison, Kind, Option

DIGITS = 3
KINDS: dict[Kind, Message] = {
    "same_day_transfer": msg("same-day transfer"),
    "weekend_sessions": msg("Saturday sessions"),
    "two_a_day": msg("two fractions a day"),
    "larger_fractions_planned_time": msg("larger fractions, planned time"),
    "larger_fractions": msg("larger fractions, after the gap"),
    "extra_fractions": msg("extra fractions"),
}


def comparison_fields(comparison: Comparison, lang: Language) -> dict[str, Any]:
    """Return a comparison as plain fields; warnings in the language asked for."""
    planned, uncompensated = comparison.planned_bed, comparison.uncompensated_bed
    return {
        "elapsed_days": {"planned": comparison.course.planned_days, "actual": comparison.course.actual_days},
        "bed": _rounded(planned=planned, uncompensated=uncompensated),
        "eqd2": _rounded(planned=comparison.eqd2(planned), uncompensated=comparison.eqd2(uncompensated)),
        "late_bed": _rounded(planned=comparison.planned_late_bed),
        "options": [_option_fields(option, lang) for option in comparison.options],
        "refused": [{"kind": item.kind, "reason": item.reason.text(lang)} for item in comparison.refusals],
        "warnings": [warning.text(lang) for warning in comparison.warnings],
    }


def _rounded(**values: float) -> dict[str, float]:
    return {name: round(value, DIGITS) for name, value in values.items()}


def _option_fields(option: Option, lang: Language) -> dict[str, Any]:
    return {
        "kind": option.kind,
        "fractions": option.fractions,
        "elapsed_days": option.elapsed_days,
        **_rounded(
            dose_per_fraction_gy=option.dose_per_fraction_gy,
            tumour_bed=option.tumour_bed,
            late_bed=option.late_bed,
            late_bed_change_percent=option.late_bed_change_percent,
        ),
        "recommended": option.recommended,
        "split": [_rounded(**vars(split)) for split in option.split],
        "warnings": [warning.text(lang) for warning in option.warnings],
    }


def show_comparison(comparison: Comparison, lang: Language) -> None:
    """Show a comparison on stdout."""
    screen = console()
    for line in _head(comparison):
        screen.print(Text(line.text(lang)))
    for warning in comparison.warnings:
        screen.print(Text(f"! {warning.text(lang)}", style="bold yellow"))
    screen.print("", _table(comparison, lang), "", sep="\n")
    for option in comparison.options:
        screen.print(Text(KINDS[option.kind].text(lang), style="bold"))
        for line in (*option.warnings, *_split_lines(option)):
            screen.print(Text(f"  • {line.text(lang)}"))
    for refusal in comparison.refusals:
        line = msg("{kind}: refused, {reason}", kind=KINDS[refusal.kind], reason=refusal.reason)
        screen.print(Text(line.text(lang), style="dim"))
    footer = msg(
        "Computed, not prescribed: the radiation oncologist and the medical physicist decide and sign. "
        "Late BED at the prescription dose is the worst case: ask the dose to the organ at risk."
    )
    screen.print(Text(footer.text(lang), style="italic"))


def _head(comparison: Comparison) -> tuple[Message, ...]:
    course, bio = comparison.course, comparison.biology
    planned, without = comparison.planned_bed, comparison.uncompensated_bed
    return (
        msg(
            "{dose} Gy in {fractions} fractions, {delivered} delivered; end put off by {gap} days",
            dose=decimal(course.dose_gy, 1),
            fractions=course.fractions,
            delivered=course.delivered,
            gap=course.gap_days,
        ),
        msg(
            "Tumour α/β {ab} Gy, K {k} BED Gy per day after {tdelay} days; late tissue α/β {late} Gy",
            ab=decimal(bio.alpha_beta_gy, 1),
            k=decimal(bio.k_gy_per_day, 2),
            tdelay=decimal(bio.tdelay_days, 0),
            late=decimal(bio.late_alpha_beta_gy, 1),
        ),
        msg(
            "Overall time, elapsed days: {planned} planned, {actual} if nothing is done",
            planned=course.planned_days,
            actual=course.actual_days,
        ),
        msg(
            "Tumour BED: {planned} Gy planned (EQD2 {eqd2}), {without} Gy if nothing is done (EQD2 {eqd2_without})",
            planned=decimal(planned, 1),
            eqd2=decimal(comparison.eqd2(planned), 1),
            without=decimal(without, 1),
            eqd2_without=decimal(comparison.eqd2(without), 1),
        ),
    )


def _table(comparison: Comparison, lang: Language) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    headings = (
        msg("option"),
        msg("left"),
        msg("Gy each"),
        msg("days"),
        msg("tumour BED"),
        msg("late BED"),
        msg("change"),
    )
    for heading in headings:
        first = heading is headings[0]
        table.add_column(heading.text(lang), justify="left" if first else "right", no_wrap=not first)
    for option in comparison.options:
        change = msg("{sign}{percent} %", sign=_sign(option), percent=decimal(abs(option.late_bed_change_percent), 1))
        table.add_row(
            KINDS[option.kind].text(lang),
            str(option.fractions),
            decimal(option.dose_per_fraction_gy, 2).text(lang),
            str(option.elapsed_days),
            decimal(option.tumour_bed, 1).text(lang),
            decimal(option.late_bed, 1).text(lang),
            Text(change.text(lang), style="" if option.recommended else "bold red"),
        )
    return table


def _sign(option: Option) -> str:
    change = round(option.late_bed_change_percent, 1)
    return "+" if change > 0 else "−" if change < 0 else ""


def _split_lines(option: Option) -> list[Message]:
    return [
        msg(
            "compromise: {dose} Gy per fraction, late BED +{percent} %, tumour BED −{loss} Gy",
            dose=decimal(split.dose_per_fraction_gy, 2),
            percent=decimal(split.late_bed_change_percent, 0),
            loss=decimal(split.tumour_loss_gy, 1),
        )
        for split in option.split
    ]
