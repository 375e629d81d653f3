"""What a transfer would gain from a convention or from matched linacs, and what a patient needs that few centres offer."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from transfer_planner.clinical.compatibility import mirror_grade
from transfer_planner.domain.atlas import Capability
from transfer_planner.network.graph import mirror_between
from transfer_planner.problem import rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from transfer_planner.planning.decisions import Placed
    from transfer_planner.problem.build import Instance
    from transfer_planner.problem.options import Subject

CAPABILITIES: tuple[Capability, ...] = get_args(Capability)


def days_lost(one: Placed, instance: Instance) -> float:
    """Return the days of excess that vanish if a patient starts as many days earlier as a convention makes them ready."""
    option, case = one.option, instance.case
    if option.pool is None or option.grade is None or option.ready is None or not option.excess_tenths:
        return 0.0
    with_convention = rules.h04_ready_date(
        option.grade,
        delay_days=0 if option.grade == "emergency" else case.policy.agreement_delay.convention,
        lead_days=case.policy.grades[option.grade].lead_days,
        day_zero=case.scenario.day_zero,
        dicom_date=case.scenario.dicom_date,
    )
    return min(option.excess_tenths / 10, max(0, (option.ready - with_convention).days))


def hours_saved(one: Placed, instance: Instance) -> int:
    """Return the physics hours spared if the two linacs were matched; 0 when matching them is out of the question."""
    option, patient = one.option, one.subject.patient
    if one.linac is None or option.grade is None or option.technique is None:
        return 0
    mirror = mirror_between(instance.maker.graph, patient.linac_id or "", one.linac.id)
    if mirror is None or mirror.declared or not (mirror.vendor and mirror.type):
        return 0
    usable = patient.plan_data == "dicom" and instance.case.scenario.dicom_date is not None and option.grade != "G4"
    matched = replace(mirror, declared=True)
    grade = mirror_grade(patient, option.technique, matched, one.linac, plan_data_usable=usable)
    grades = instance.case.policy.grades
    return max(0, grades[option.grade].physics_hours - grades[grade].physics_hours)


def needs_of(subjects: Iterable[Subject]) -> dict[Capability, int]:
    """Count the patients who need what few centres offer."""
    counts = Counter(need for subject in subjects for need in _needs(subject))
    return {capability: counts[capability] for capability in CAPABILITIES if counts[capability]}


def _needs(subject: Subject) -> Iterator[str]:
    patient = subject.patient
    yield patient.technique
    if subject.assessment.minor:
        yield "paediatrics"
    if patient.anaesthesia:
        yield "anaesthesia"
    if patient.concurrent_chemotherapy and not patient.chemotherapy_kept_at:
        yield "chemotherapy"
    if patient.brachytherapy_boost_due is not None or patient.technique == "BRACHY":
        yield "brachytherapy"
