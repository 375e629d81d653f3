"""Every distribution of a Monte-Carlo in words, as an assumption with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transfer_planner.i18n import Message, msg
from transfer_planner.reports import words
from transfer_planner.reports.stress_words import SOURCE_NAMES

if TYPE_CHECKING:
    from transfer_planner.domain.stress import Source
    from transfer_planner.i18n import Language
    from transfer_planner.stress.samplers import Sampler

STATUS = {"S": msg("stated by a source"), "D": msg("derived"), "A": msg("assumption")}
PATHS: dict[Source, tuple[str, ...]] = {
    "outage": ("outage_weights",),
    "data": ("data_delays",),
    "roster": (),
    "load": ("load",),
    "staff": ("staff",),
    "failures": ("failures.linac", "failures.centre"),
}
"""Notes of the policy and of the assumptions that tell the source of each distribution."""


def assumed(sampler: Sampler, lang: Language) -> tuple[str, ...]:
    """Return what varies and how, what does not, and what the runs suppose of the crisis cell."""
    told = {
        "outage": _outage(sampler, lang),
        "data": _data(sampler, lang),
        "roster": _roster(sampler),
        "load": _load(sampler, lang),
        "staff": _staff(sampler, lang),
        "failures": _failures(sampler, lang),
    }
    notes = (*sampler.case.policy.notes, *sampler.assumptions.notes)
    sources = {note.path: (note.status, note.source) for note in notes}
    lines = []
    for source, message in told.items():
        if source not in sampler.vary:
            continue
        told_by = [sources[path] for path in PATHS[source] if path in sources]
        why = (
            msg("; ")
            .text(lang)
            .join(msg("{status}: {told}", status=STATUS[status], told=msg(text)).text(lang) for status, text in told_by)
        )
        lines.append(f"{message.text(lang)} ({why})" if why else message.text(lang))
    fixed = [name.text(lang) for source, name in SOURCE_NAMES.items() if source not in sampler.vary]
    if fixed:
        lines.append(msg("Not varied: {names}.", names=", ".join(fixed)).text(lang))
    return (*lines, *(message.text(lang) for message in SUPPOSED))


SUPPOSED = (
    msg(
        "In each run the crisis cell knows from the start how long the outage lasts and when data come back: "
        "what is decided without knowing can only be worse."
    ),
    msg("Answers given on the phone hold as they are; the patients of a second centre that falls are not counted."),
)


def _outage(sampler: Sampler, lang: Language) -> Message:
    length, weights = sampler.case.scenario.outage_days, sampler.case.policy.outage_weights
    if sampler.assumptions.outage == "triangular":
        return msg(
            "Outage: any length from {low} to {high} days, {likely} the likeliest (triangle).",
            low=length.low,
            likely=length.likely,
            high=length.high,
        )
    return msg(
        "Outage: {low}, {likely} or {high} days, in {a}, {b} and {c} of the runs.",
        low=length.low,
        likely=length.likely,
        high=length.high,
        a=words.percent(weights.low, lang),
        b=words.percent(weights.likely, lang),
        c=words.percent(weights.high, lang),
    )


def _data(sampler: Sampler, lang: Language) -> Message:
    if sampler.case.scenario.dicom_date is None:
        return msg("Data: they never come back in this scenario, whatever is drawn.")
    delays = ", ".join(
        msg("{days} d in {share}", days=one.days, share=words.percent(one.weight, lang)).text(lang)
        for one in sampler.case.policy.data_delays
    )
    return msg("Data: later than the scenario says by {delays} of the runs.", delays=delays)


def _roster(sampler: Sampler) -> Message:
    count = len(sampler.case.patients)
    if sampler.roster == "synthetic":
        return msg("Patients: {count} invented anew from the packaged case mix, as in `roster synth`.", count=count)
    return msg(
        "Patients: {count} drawn from the roster with replacement (bootstrap); decisions imposed on named patients are left out.",
        count=count,
    )


def _load(sampler: Sampler, lang: Language) -> Message:
    load = sampler.assumptions.load
    return msg(
        "Booked minutes of the destinations: bell curve around the network file, standard deviation {region} for the region "
        "and {centre} for each centre, never beyond {most}.",
        region=words.percent(load.region_sd, lang),
        centre=words.percent(load.centre_sd, lang),
        most=words.percent(load.most, lang),
    )


def _staff(sampler: Sampler, lang: Language) -> Message:
    staff = sampler.assumptions.staff
    return msg(
        "Absent staff of each destination: {low} to {high}, {likely} the likeliest (triangle); "
        "taken off physics hours, new patients a day and simulator slots.",
        low=words.percent(staff.low, lang),
        likely=words.percent(staff.likely, lang),
        high=words.percent(staff.high, lang),
    )


def _failures(sampler: Sampler, lang: Language) -> Message:
    chances = sampler.assumptions.failures
    return msg(
        "Second failures, for the whole crisis: each linac of a destination with a chance of {linac}; "
        "each other centre with a chance of {centre}, and with it those that share its systems.",
        linac=words.percent(chances.linac, lang),
        centre=words.percent(chances.centre, lang),
    )
