"""What a patient's row cannot say: in itself, and against the scenario and the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transfer_planner.i18n import Message, msg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transfer_planner.domain.centre import Network
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.scenario import Scenario

Fault = tuple[str, Message, str]
"""Column, what is expected there, code of the fault."""

LARGE_FRACTIONS = frozenset({"SBRT", "SRS", "BRACHY"})
DOSE_PER_FRACTION_GY = (0.4, 15.0)
LARGE_DOSE_PER_FRACTION_GY = (1.0, 40.0)
PHASES_TOLERANCE_GY = 0.05
FAR_DAYS = 731


def check_patient(patient: Patient) -> Iterator[Fault]:
    """Yield the contradictions of a row in itself."""
    yield from _check_counts(patient)
    yield from _check_dose(patient)
    if (patient.lat is None) != (patient.lon is None):
        missing = "lat" if patient.lat is None else "lon"
        yield missing, msg("both `lat` and `lon`, or neither"), "half_a_point"
    if patient.energy is not None and (patient.technique == "ELECTRONS") != patient.energy.endswith("E"):
        yield "energy", msg("an energy of the technique {technique}", technique=patient.technique), "energy_technique"


def check_with_network(
    patient: Patient, scenario: Scenario, network: Network, down: tuple[str, ...]
) -> Iterator[Fault]:
    """Yield what a row says of the attack, of centres and linacs that is not so.

    Parameters
    ----------
    patient
        Row of the roster.
    scenario, network
        Crisis and centres.
    down
        Ids of the centres that fell.
    """
    centres = {centre.id: centre for centre in network.centres}
    home = centres.get(patient.centre_id)
    if home is None or patient.centre_id not in down:
        yield "centre_id", msg("a centre that fell: {known}", known=", ".join(down)), "centre_not_compromised"
    elif patient.linac_id is not None and patient.linac_id not in (own := [linac.id for linac in home.linacs]):
        known = ", ".join(own)
        yield "linac_id", msg("a linac of {centre}: {known}", centre=home.id, known=known), "unknown_linac"
    kept_at = patient.chemotherapy_kept_at
    if kept_at is not None and kept_at != "elsewhere" and kept_at not in centres:
        yield "chemotherapy_kept_at", msg("a centre of the network, or `elsewhere`"), "unknown_centre"
    last = patient.last_fraction_date
    if last is not None and last > scenario.day_zero:
        yield "last_fraction_date", msg("not after the attack ({day})", day=scenario.day_zero), "after_the_attack"
    for column in ("first_fraction_date", "last_fraction_date", "brachytherapy_boost_due"):
        day = getattr(patient, column)
        if day is not None and abs((day - scenario.day_zero).days) > FAR_DAYS:
            yield column, msg("a date within two years of the attack ({day})", day=scenario.day_zero), "far_date"
    if patient.birth_year is not None and patient.birth_year > scenario.day_zero.year:
        yield "birth_year", msg("not after the attack ({day})", day=scenario.day_zero), "after_the_attack"


def _check_counts(patient: Patient) -> Iterator[Fault]:
    delivered, first, last = patient.delivered_fractions, patient.first_fraction_date, patient.last_fraction_date
    if delivered is not None and delivered > patient.prescribed_fractions:
        number = patient.prescribed_fractions
        yield "delivered_fractions", msg("at most the {number} prescribed", number=number), "too_many_delivered"
    if first is not None and last is not None and last < first:
        yield "last_fraction_date", msg("not before the first fraction ({day})", day=first), "dates_order"
    if delivered == 0 and last is not None:
        yield "last_fraction_date", msg("blank, since nothing was delivered"), "nothing_delivered"
    if patient.status == "planned" and (delivered or last is not None):
        yield "status", msg("on_treatment, since something was delivered"), "status"
    weekly, daily = patient.fractions_per_week, patient.fractions_per_day
    if daily is not None and (weekly if weekly is not None else 5) < daily:
        yield "fractions_per_week", msg("at least the fractions of one day"), "fewer_a_week_than_a_day"


def _check_dose(patient: Patient) -> Iterator[Fault]:
    dose, number = patient.prescribed_dose_gy, patient.prescribed_fractions
    if (each := patient.dose_per_fraction_gy) is not None:
        low, high = LARGE_DOSE_PER_FRACTION_GY if patient.technique in LARGE_FRACTIONS else DOSE_PER_FRACTION_GY
        if not low <= each <= high:
            text = msg(
                "between {low} and {high} Gy per fraction (here {each} Gy)", low=low, high=high, each=round(each, 2)
            )
            yield "prescribed_dose_gy", text, "dose_per_fraction"
    if patient.phases is not None:
        phases = [phase.split("/") for phase in patient.phases.split("+")]
        if sum(int(fractions) for _, fractions in phases) != number:
            yield "phases", msg("phases whose fractions sum to {number}", number=number), "phases_fractions"
        if dose is not None and abs(sum(float(part) for part, _ in phases) - dose) > PHASES_TOLERANCE_GY:
            yield "phases", msg("phases whose doses sum to {dose} Gy", dose=dose), "phases_dose"
