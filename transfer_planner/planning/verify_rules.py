"""The hard rules, one function each, checked on the decisions of a plan and the input files alone."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from transfer_planner.clinical.fractionation import FRENCH
from transfer_planner.domain.base import INDIVIDUAL_TECHNIQUES
from transfer_planner.domain.plan import INDIVIDUAL, LODGING, TO_JUSTIFY
from transfer_planner.i18n import msg
from transfer_planner.planning.verify_facts import (
    Violation,
    days_apart,
    home_start,
    treatment_days_earlier,
    treatments,
)
from transfer_planner.planning.verify_places import (
    delivered_technique,
    grade_of,
    has_energy,
    is_session_day,
    linac_day,
    physics_hours,
    physics_limit,
    ready_day,
    redeployed_from,
    restart_day,
    row_minutes,
    simulations_limit,
    starts_limit,
    travel_to,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.plan import Decision, Plan
    from transfer_planner.domain.scenario import Pin
    from transfer_planner.i18n import Message
    from transfer_planner.planning.verify_facts import Facts, Treatment

TOLERANCE = 1e-6


def _about(rule: str, treatment: Treatment, text: Message, day: date | None = None) -> Violation:
    return Violation(rule, treatment.patient.patient_id, treatment.centre.id, day or treatment.start, text)


def check_h01_one_decision(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Every planned patient has exactly one decision, complete, and nobody else has any."""
    count = Counter(decision.patient_id for decision in plan.decisions)
    for patient in facts.case.patients:
        code, expected = patient.patient_id, int(patient.remaining_fractions > 0)
        if count[code] != expected:
            text = msg(
                "{patient} has {found} decisions, expected {expected}.",
                patient=code,
                found=count[code],
                expected=expected,
            )
            yield Violation("H01", code, None, None, text)
    for code in count:
        if code not in facts.patients:
            text = msg("{patient} has a decision but is not in the roster.", patient=code)
            yield Violation("H01", code, None, None, text)
    readable = {treatment.decision.patient_id for treatment in treatments(plan, facts)}
    for decision in plan.decisions:
        patient_row = facts.patients.get(decision.patient_id)
        if decision.action == "wait" or patient_row is None or patient_row.remaining_fractions <= 0:
            continue
        at_home = decision.centre_id == patient_row.centre_id
        if decision.patient_id not in readable or at_home != (decision.action == "restart"):
            text = msg(
                "{patient}: {action} at centre {centre}, linac {linac}, from {date}, is not a decision: expected a linac of "
                "another centre for a transfer, of the home centre for a restart, and a start.",
                patient=decision.patient_id,
                action=decision.action,
                centre=decision.centre_id,
                linac=decision.linac_id,
                date=decision.start_date,
            )
            yield Violation("H01", decision.patient_id, decision.centre_id, decision.start_date, text)


def check_h02_destinations(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Nobody is sent to a compromised centre, nor to one that shares an information system with it."""
    exposed = {system for code in facts.fallen for system in facts.centres[code].information_systems}
    for treatment in treatments(plan, facts, "transfer"):
        centre = treatment.centre
        if centre.id in facts.fallen:
            text = msg(
                "{patient} is sent to {centre}, which is compromised.",
                patient=treatment.patient.patient_id,
                centre=centre.id,
            )
            yield _about("H02", treatment, text)
        elif exposed & set(centre.information_systems):
            text = msg(
                "{patient} is sent to {centre}, which shares {systems} with a compromised centre.",
                patient=treatment.patient.patient_id,
                centre=centre.id,
                systems=", ".join(sorted(exposed & set(centre.information_systems))),
            )
            yield _about("H02", treatment, text)


def check_h03_deliverable(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Nobody goes to a linac or centre that cannot treat them; individual techniques never move unflagged."""
    for treatment in treatments(plan, facts):
        decision, patient, centre, linac, _ = treatment
        lacking: list[Message] = []
        if delivered_technique(patient, linac, decision.action) is None:
            lacking.append(msg("technique {technique}", technique=patient.technique))
        if patient.technique == "ELECTRONS" and patient.energy is None and not linac.electron_mev:
            lacking.append(msg("an energy of electrons"))
        elif (patient.energy or "").endswith("E") and not has_energy(patient.energy, linac):
            lacking.append(msg("electrons {energy}", energy=patient.energy))
        lacking.extend(
            msg("feature {feature}", feature=need) for need in patient.needs if need not in (linac.features or ())
        )
        if facts.assessments[patient.patient_id].minor and centre.paediatrics is not True:
            lacking.append(msg("authorisation under 18"))
        if patient.anaesthesia and centre.anaesthesia is not True:
            lacking.append(msg("anaesthesia"))
        if linac.couch_max_kg is not None and (patient.mass_kg or 0) > linac.couch_max_kg:
            lacking.append(
                msg("a couch for {mass} kg (limit {limit} kg)", mass=patient.mass_kg, limit=linac.couch_max_kg)
            )
        if decision.action == "transfer" and is_individual(patient) and INDIVIDUAL not in _codes(decision):
            lacking.append(msg("the flag of an individual medical decision"))
        for item in lacking:
            text = msg(
                "{patient} on linac {linac} of {centre}: {item} is missing.",
                patient=patient.patient_id,
                linac=linac.id,
                centre=centre.id,
                item=item,
            )
            yield _about("H03", treatment, text)


def is_individual(patient: Patient) -> bool:
    """Return whether moving a patient is an individual medical decision."""
    if patient.technique == "SBRT":
        return patient.treated_on_treatment
    return patient.technique in INDIVIDUAL_TECHNIQUES


def _codes(decision: Decision) -> set[str]:
    return {reason.code for reason in decision.reasons}


def check_h04_ready(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """No start before the patient can be ready there, nor before the planned start, nor after the horizon."""
    last = facts.day_zero + timedelta(days=facts.case.scenario.horizon_days)
    for treatment in treatments(plan, facts):
        decision, patient, centre, linac, start = treatment
        ready: date | None
        if decision.action == "restart":
            ready = restart_day(facts, linac)
        else:
            ready = ready_day(facts, patient, centre, grade_of(facts, treatment))
        if ready is None:
            text = msg(
                "{patient} restarts on linac {linac}, which does not restart.",
                patient=patient.patient_id,
                linac=linac.id,
            )
            yield _about("H04", treatment, text)
            continue
        earliest = ready if patient.treated_on_treatment else max(ready, home_start(patient, facts))
        if not earliest <= start <= last:
            text = msg(
                "{patient} starts at {centre} on {start}: expected from {earliest} to {last}.",
                patient=patient.patient_id,
                centre=centre.id,
                start=start,
                earliest=earliest,
                last=last,
            )
            yield _about("H04", treatment, text)


def linac_loads(plan: Plan, facts: Facts) -> dict[tuple[str, date], int]:
    """Return the minutes of the plan's patients by linac and day."""
    loads: dict[tuple[str, date], int] = {}
    for treatment in treatments(plan, facts):
        for day, minutes, _ in row_minutes(facts, treatment):
            loads[treatment.linac.id, day] = loads.get((treatment.linac.id, day), 0) + minutes
    return loads


def check_h05_minutes(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """No linac treats longer than it can on any day; nor a centre beyond the minutes it declared."""
    by_centre: Counter[tuple[str, date]] = Counter()
    for (code, day), minutes in sorted(linac_loads(plan, facts).items()):
        centre, linac = facts.linacs[code]
        by_centre[centre.id, day] += minutes
        room = linac_day(facts, centre, linac, day)
        if room.booked + minutes > room.capacity + TOLERANCE:
            text = msg(
                "Linac {linac} of {centre} on {date}: {booked} minutes booked and {transferred} transferred, expected at most "
                "{capacity} in all.",
                linac=code,
                centre=centre.id,
                date=day,
                booked=room.booked,
                transferred=minutes,
                capacity=room.capacity,
            )
            yield Violation("H05", None, centre.id, day, text)
    for (code, day), minutes in sorted(by_centre.items()):
        answer = facts.answers.get(code)
        spare = None if answer is None else answer.spare_minutes_per_day
        if spare is not None and code not in facts.fallen and FRENCH.is_treatment_day(day) and minutes > spare:
            text = msg(
                "{centre} on {date}: {found} minutes transferred, expected at most the {expected} it declared.",
                centre=code,
                date=day,
                found=minutes,
                expected=spare,
            )
            yield Violation("H05", None, code, day, text)


def start_counts(plan: Plan, facts: Facts) -> Counter[tuple[str, date]]:
    """Return the new starts of the plan by centre and day."""
    return Counter((treatment.centre.id, treatment.start) for treatment in treatments(plan, facts))


def check_h06_new_starts(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """No centre starts more patients a day than it can; redeployed oncologists come from the pool."""
    for (code, day), found in sorted(start_counts(plan, facts).items()):
        limit = starts_limit(plan, facts, facts.centres[code], day)
        if found > limit:
            text = msg(
                "{centre} on {date}: {found} new patients, expected at most {expected}.",
                centre=code,
                date=day,
                found=found,
                expected=limit,
            )
            yield Violation("H06", None, code, day, text)
    pool, sent = facts.case.scenario.redeployment.oncologists, sum(move.oncologists for move in plan.redeployment)
    if sent > pool:
        text = msg("{found} oncologists redeployed, expected at most {expected}.", found=sent, expected=pool)
        yield Violation("H06", None, None, redeployed_from(facts), text)


def physics_used(plan: Plan, facts: Facts, centre_id: str, day: date) -> int:
    """Return the physics hours of the patients whom a centre started by a day."""
    return sum(
        physics_hours(facts, treatment)
        for treatment in treatments(plan, facts, "transfer")
        if treatment.centre.id == centre_id and treatment.start <= day
    )


def check_h07_physics_hours(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """No centre gives more physics hours by any day than it has had; redeployed physicists come from the pool."""
    for code, day in sorted({(t.centre.id, t.start) for t in treatments(plan, facts, "transfer")}):
        used, available = physics_used(plan, facts, code, day), physics_limit(plan, facts, facts.centres[code], day)
        if used > available + TOLERANCE:
            text = msg(
                "{centre} by {date}: {found} physics hours taken, expected at most {expected}.",
                centre=code,
                date=day,
                found=used,
                expected=available,
            )
            yield Violation("H07", None, code, day, text)
    pool, sent = facts.case.scenario.redeployment.physics_fte, sum(move.physics_fte for move in plan.redeployment)
    if sent > pool:
        text = msg("{found} FTE of physics redeployed, expected at most {expected}.", found=sent, expected=pool)
        yield Violation("H07", None, None, redeployed_from(facts), text)


def simulation_day(facts: Facts, treatment: Treatment) -> date | None:
    """Return the day of the new CT that a decision needs; None when it needs none."""
    if treatment.decision.action != "transfer":
        return None
    grade = grade_of(facts, treatment)
    if grade not in ("G4", "emergency"):
        return None
    return treatment_days_earlier(treatment.start, facts.case.policy.grades[grade].lead_days)


def simulation_counts(plan: Plan, facts: Facts) -> Counter[tuple[str, date]]:
    """Return the re-simulations of the plan by centre and day."""
    found = ((treatment.centre.id, simulation_day(facts, treatment)) for treatment in treatments(plan, facts))
    return Counter((code, day) for code, day in found if day is not None)


def check_h08_simulations(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Re-simulations fall on their day and within the slots of the CT simulator."""
    for treatment in treatments(plan, facts):
        found, expected = treatment.decision.ct_simulation_date, simulation_day(facts, treatment)
        if found != expected:
            text = msg(
                "{patient} at {centre}: CT simulation on {found}, expected {expected}.",
                patient=treatment.patient.patient_id,
                centre=treatment.centre.id,
                found=found,
                expected=expected,
            )
            yield _about("H08", treatment, text, found)
    for (code, day), count in sorted(simulation_counts(plan, facts).items()):
        limit = simulations_limit(facts, facts.centres[code])
        if count > limit:
            text = msg(
                "{centre} on {date}: {found} CT simulations, expected at most {expected}.",
                centre=code,
                date=day,
                found=count,
                expected=limit,
            )
            yield Violation("H08", None, code, day, text)


def check_h09_travel(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """No patient travels beyond the limit; who does so by exception is flagged."""
    limits, surge = facts.case.policy.travel_limits, facts.case.scenario.surge
    for treatment in treatments(plan, facts, "transfer"):
        decision, patient, centre, _, _ = treatment
        limit = patient.max_travel_min
        if limit is None:
            limit = limits.by_mobility[patient.mobility or "seated"]
        if decision.compensation == "bid" or (patient.fractions_per_day or 1) > 1:
            limit = min(limit, limits.two_sessions_a_day)
        minutes = travel_to(facts, patient, centre).minutes
        if minutes <= limit:
            continue
        urgent = facts.assessments[patient.patient_id].rank in limits.to_justify_ranks
        near = minutes <= limits.to_justify
        flag = None if not urgent else TO_JUSTIFY if near else LODGING if surge.lodging else None
        if flag is None:
            text = msg(
                "{patient} travels {found} minutes to {centre}, expected at most {expected}.",
                patient=patient.patient_id,
                centre=centre.id,
                found=minutes,
                expected=max(limit, limits.to_justify) if urgent else limit,
            )
            yield _about("H09", treatment, text)
        elif flag not in _codes(decision):
            text = msg(
                "{patient} travels {found} minutes to {centre}, beyond {limit}: the reason “{flag}” is missing.",
                patient=patient.patient_id,
                centre=centre.id,
                found=minutes,
                limit=limit,
                flag=flag,
            )
            yield _about("H09", treatment, text)


def check_h10_pins(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Decisions imposed or forbidden by the scenario are kept."""
    decisions = {decision.patient_id: decision for decision in plan.decisions}
    for pin in facts.case.scenario.pins:
        decision = decisions.get(pin.patient_id)
        if decision is None:
            continue
        for name, found, wanted in _unkept(pin, decision):
            text = msg(
                "{patient}: {name} is {found}, the scenario imposes {expected}.",
                patient=pin.patient_id,
                name=name,
                found=found,
                expected=wanted,
            )
            yield Violation("H10", pin.patient_id, decision.centre_id, decision.start_date, text)


def _unkept(pin: Pin, decision: Decision) -> Iterator[tuple[str, object, object]]:
    """Yield what a decision does against a pin: field, value found, value imposed."""
    for name in ("action", "centre_id", "linac_id", "start_date"):
        wanted, found = getattr(pin, name), getattr(decision, name)
        if wanted is not None and found != wanted:
            yield name, found, wanted
    if pin.forbid is not None and decision.action == "transfer" and decision.centre_id == pin.forbid:
        yield "centre_id", decision.centre_id, f"≠ {pin.forbid}"


def mode_allowed(facts: Facts, patient: Patient, mode: str) -> bool:
    """Return whether the scenario and the policy open a compensation mode to a patient."""
    scenario, rules = facts.case.scenario, facts.case.policy.compensation
    if mode == "none":
        return True
    if mode not in scenario.compensation or (mode == "saturday" and not scenario.surge.saturday):
        return False
    rule = rules["saturday" if mode == "saturday" else "bid"]
    category, dose = facts.assessments[patient.patient_id].category, patient.dose_per_fraction_gy
    if ("unknown" if category is None else str(category)) not in rule.categories:
        return False
    if dose is None or dose > rule.max_dose_per_fraction_gy + TOLERANCE or days_apart(patient, facts) > 1:
        return False
    twice = (patient.fractions_per_day or 1) > 1 or patient.anaesthesia or patient.technique in ("SBRT", "SRS")
    return not (mode == "bid" and twice)


def check_h11_two_sessions(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Compensation only where its conditions hold; sessions that need a day between them keep it."""
    for treatment in treatments(plan, facts):
        decision, patient, centre, _, _ = treatment
        mode = decision.compensation
        if not mode_allowed(facts, patient, mode) or (decision.action == "restart" and mode != "none"):
            text = msg(
                "{patient} at {centre}: compensation “{mode}” does not meet its conditions.",
                patient=patient.patient_id,
                centre=centre.id,
                mode=mode,
            )
            yield _about("H11", treatment, text)
        apart, previous = days_apart(patient, facts), patient.last_fraction_date
        for session in decision.sessions:
            if previous is not None and (session.date - previous).days < apart:
                text = msg(
                    "{patient} at {centre}: session on {found}, expected {days} days at least after {previous}.",
                    patient=patient.patient_id,
                    centre=centre.id,
                    found=session.date,
                    days=apart,
                    previous=previous,
                )
                yield _about("H11", treatment, text, session.date)
            previous = session.date


def check_h12_chemotherapy(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Concurrent chemotherapy is given at the destination, unless the roster says that it is kept elsewhere."""
    for treatment in treatments(plan, facts, "transfer"):
        patient, centre = treatment.patient, treatment.centre
        if patient.concurrent_chemotherapy and not patient.chemotherapy_kept_at and centre.chemotherapy is not True:
            text = msg(
                "{patient} has concurrent chemotherapy, which {centre} does not give.",
                patient=patient.patient_id,
                centre=centre.id,
            )
            yield _about("H12", treatment, text)


def check_h13_session_days(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Sessions fall on treatment days, or on surge Saturdays of the mode; nobody starts on a Saturday."""
    for treatment in treatments(plan, facts):
        decision, patient, centre, _, start = treatment
        days = [session.date for session in decision.sessions]
        saturdays = decision.compensation == "saturday" and facts.case.scenario.surge.saturday
        wrong = [day for day in days if not is_session_day(day, saturdays=saturdays and day > start)]
        if not FRENCH.is_treatment_day(start) and start not in wrong:
            wrong.append(start)
        for day in wrong:
            text = msg(
                "{patient} at {centre}: session on {date}, expected a treatment day.",
                patient=patient.patient_id,
                centre=centre.id,
                date=day,
            )
            yield _about("H13", treatment, text, day)
