"""Courses out of indexed DICOM objects: which plans belong together, what was delivered, what a human has to settle."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from transfer_planner.i18n import Message, msg
from transfer_planner.io.dicom_tally import Tally, tally
from transfer_planner.io.roster_remarks import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transfer_planner.io.dicom_folder import Index
    from transfer_planner.io.dicom_objects import DicomObject, PlanFacts

NO_TREATMENT = frozenset({"VERIFICATION", "MACHINE_QA", "RESEARCH", "SERVICE"})
PHASE_GAP = timedelta(days=14)
"""A plan that begins within so many days after another was completed is its next phase."""
NOTHING = msg("nothing")
BLANK = msg("blank")
_LATEST = msg("the plan treated last, or made last")


@dataclass(frozen=True)
class Planned:
    """A plan and the records that point to it."""

    uid: str
    facts: PlanFacts
    object: DicomObject
    records: tuple[DicomObject, ...]
    tally: Tally

    @property
    def fractions(self) -> int:
        """Fractions planned; 0 = not told."""
        return self.facts.fractions or 0

    @property
    def first(self) -> date | None:
        """Day of the first session."""
        return self.tally.sessions[0] if self.tally.sessions else None

    @property
    def last(self) -> date | None:
        """Day of the last session."""
        return self.tally.sessions[-1] if self.tally.sessions else None

    @property
    def day(self) -> date:
        """Day of the last session, else of the plan."""
        return self.last or self.facts.day or date.max

    @property
    def complete(self) -> bool:
        """Every planned fraction was delivered."""
        return bool(self.fractions) and self.tally.low >= self.fractions


@dataclass
class Course:
    """The plans of one patient that make the row, in order of time, and what is to be settled.

    Parameters
    ----------
    code
        Patient.
    plans
        One, or a replanned or phased series; the last one tells the technique.
    prescribed
        Fractions of the whole course.
    delivered
        Fractions delivered; None when the records do not agree.
    dose_gy
        Dose of the whole course, Gy; None when it is not told.
    phases
        As in the roster.
    remarks
        Questions.
    """

    code: str
    plans: list[Planned]
    prescribed: int = 0
    delivered: int | None = None
    dose_gy: float | None = None
    phases: str | None = None
    remarks: list[Remark] = field(default_factory=list)

    @property
    def sessions(self) -> tuple[date, ...]:
        """Days of the sessions delivered."""
        return tuple(sorted(day for plan in self.plans for day in plan.tally.sessions))

    def ask(self, column: str, seen: Message, code: str, kept: Message = BLANK, *, grave: bool = True) -> None:
        """Add a remark."""
        todo = msg("decide from the paper file or the R&V print-outs") if grave else msg("check")
        self.remarks.append(Remark(self.code, column, seen, kept, todo, code, grave))


def build_courses(index: Index, since: date) -> tuple[list[Course], list[Remark]]:
    """Put plans and records together, patient by patient.

    Parameters
    ----------
    index
        What the folder holds.
    since
        Day before which a plan belongs to the past, by its last session, else by its own date.

    Returns
    -------
    tuple
        One course per patient who has a treatment plan; remarks on what belongs to no course.
    """
    plans, remarks = _planned(index)
    courses = [_course(code, mine, since) for code, mine in sorted(plans.items())]
    remarks += _identities(index)
    drafts = {found.code for found in index.plans.values()} - plans.keys()
    remarks += [
        Remark(
            code,
            "status",
            msg("only plans that are drafts, rejected or for checks"),
            NOTHING,
            msg("check"),
            "draft",
            grave=False,
        )
        for code in sorted(drafts)
    ]
    return courses, remarks


def _planned(index: Index) -> tuple[dict[str, list[Planned]], list[Remark]]:
    """Return the treatment plans with their records, by patient; and remarks on records that find no plan of theirs."""
    by_plan: defaultdict[str, list[DicomObject]] = defaultdict(list)
    lost: defaultdict[tuple[str, str], list[DicomObject]] = defaultdict(list)
    for record in index.records.values():
        known = [uid for uid in record.refs if uid in index.plans]
        mine = [uid for uid in known if index.plans[uid].code == record.code]
        if record.day is None:
            lost[record.code, "undated_record"].append(record)
        elif mine:
            by_plan[mine[0]].append(record)
        else:
            lost[record.code, "wrong_patient" if known else "record_without_plan"].append(record)
            if known:
                lost[index.plans[known[0]].code, "strange_record"].append(record)
    plans: defaultdict[str, list[Planned]] = defaultdict(list)
    for uid, found in index.plans.items():
        facts, records = found.plan, tuple(by_plan.get(uid, ()))
        if (
            facts is None
            or facts.intent in NO_TREATMENT
            or (facts.approval in {"UNAPPROVED", "REJECTED"} and not records)
        ):
            continue
        beams = frozenset(beam.number for beam in facts.beams)
        plans[found.code].append(Planned(uid, facts, found, records, tally(records, beams)))
    for series in plans.values():
        series.sort(key=lambda plan: (plan.first or plan.facts.day or date.max, plan.facts.day or date.max, plan.uid))
    return plans, [_lost(code, why, records) for (code, why), records in sorted(lost.items())]


def _lost(code: str, why: str, records: Sequence[DicomObject]) -> Remark:
    days = sorted(record.day for record in records if record.day)
    seen = {
        "undated_record": msg("{count} record(s) without a date", count=len(records)),
        "wrong_patient": msg("{count} record(s) that point to the plan of another patient", count=len(records)),
        "strange_record": msg("{count} record(s) of another patient that point to this plan", count=len(records)),
        "record_without_plan": msg("{count} record(s) whose plan is not in the folder", count=len(records)),
    }[why]
    if days:
        seen = msg("{what}, from {first} to {last}", what=seen, first=days[0], last=days[-1])
    return Remark(
        code, "delivered_fractions", seen, msg("not counted"), msg("find the plan; complete the row by hand"), why
    )


def _identities(index: Index) -> Iterator[Remark]:
    """Yield the patient numbers under which two people stand."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    births: defaultdict[str, set[str]] = defaultdict(set)
    for found in (*index.plans.values(), *index.records.values(), *index.structures.values(), *index.doses.values()):
        names[found.code].update(filter(None, [found.who]))
        births[found.code].update(filter(None, [found.born]))
    for code in sorted(names):
        if (people := max(len(names[code]), len(births[code]))) > 1:
            seen = msg("{count} names or birth dates under one patient number", count=people)
            todo = msg("open the table of codes; separate the files or mend the name")
            yield Remark(code, "patient_id", seen, msg("one patient"), todo, "two_identities")


def _course(code: str, plans: list[Planned], since: date) -> Course:
    """Choose nothing but what the objects say: replaced plans and phases are chained, anything else is a question."""
    chain, others = _chain(plans)
    course = Course(code, chain)
    _count(course)
    _question_counts(course)
    for other in (plan for plan in others if plan.day >= since):
        seen = msg(
            "another plan of {fractions} fractions, {delivered} delivered",
            fractions=other.fractions,
            delivered=other.tally.low,
        )
        course.ask("prescribed_fractions", seen, "two_plans", _LATEST, grave=not other.complete)
        if not other.complete:
            course.delivered = None
    _question_links(course)
    return course


def _chain(plans: list[Planned]) -> tuple[list[Planned], list[Planned]]:
    """Return the plans of the course, in order, and those that cannot be put with them."""
    replaced = {uid for plan in plans for uid in plan.facts.predecessors}
    ends = [plan for plan in plans if plan.uid not in replaced]
    current = max(ends or plans, key=lambda plan: (plan.last or date.min, plan.facts.day or date.min, plan.uid))
    chain = [current]
    rest = [plan for plan in plans if plan is not current]
    while before := next((plan for plan in rest if _precedes(plan, chain[0])), None):
        rest.remove(before)
        chain.insert(0, before)
    return chain, rest


def _precedes(plan: Planned, later: Planned) -> bool:
    """Tell whether a plan was replaced by a later one, or was the phase before it."""
    if plan.uid in later.facts.predecessors:
        return True
    if plan.last is None or later.first is None or plan.last >= later.first:
        return False
    left = plan.fractions - plan.tally.low
    return (plan.complete and later.first - plan.last <= PHASE_GAP) or 0 < left == later.fractions


def _count(course: Course) -> None:
    """Sum up a chain: fractions prescribed and delivered, dose, phases."""
    *before, last = course.plans
    counts: list[int | None] = []
    start = 1
    done = 0
    for plan in course.plans:
        goes_on = bool(plan.tally.numbers) and start > 1 and min(plan.tally.numbers) >= start
        counts.append(plan.tally.count(start if goes_on else 1) if plan.records else 0)
        done += plan.tally.low
        start = done + 1
    course.delivered = None if None in counts else sum(filter(None, counts))
    earlier = sum(plan.tally.low for plan in before)
    if not before:
        course.prescribed, course.dose_gy = last.fractions, last.facts.dose_gy
        return
    if all(plan.complete for plan in before):
        course.prescribed = sum(plan.fractions for plan in course.plans)
        doses = [plan.facts.dose_gy for plan in course.plans]
        if all(doses):
            course.dose_gy = round(sum(filter(None, doses)), 2)
            course.phases = "+".join(f"{plan.facts.dose_gy:g}/{plan.fractions}" for plan in course.plans)
        course.ask(
            "phases",
            msg("{count} plans one after the other", count=len(course.plans)),
            "phases",
            msg("read as phases"),
            grave=False,
        )
        return
    first = before[0]
    continues = bool(last.tally.numbers) and min(last.tally.numbers) > earlier > 0
    course.prescribed = last.fractions if continues else earlier + last.fractions
    course.dose_gy = first.facts.dose_gy if course.prescribed == first.fractions else None
    seen = msg("a plan replaced after {done} of {fractions} fractions", done=earlier, fractions=first.fractions)
    agreed = course.prescribed == first.fractions
    kept = msg("{count} fractions in all", count=course.prescribed)
    course.ask("prescribed_fractions", seen, "replan", kept, grave=not agreed)
    if not agreed:
        course.delivered = None


def _question_counts(course: Course) -> None:
    """Ask about fractions that repeat, skip, stop, or are too many."""
    for plan in course.plans:
        told = plan.tally
        for numbers, text, code in (
            (told.repeated, msg("fraction(s) delivered twice: {numbers}", numbers=_list(told.repeated)), "repeated"),
            (told.skipped, msg("number(s) of fractions missing: {numbers}", numbers=_list(told.skipped)), "skipped"),
            (told.partial, msg("fraction(s) not delivered whole: {numbers}", numbers=_list(told.partial)), "partial"),
        ):
            if numbers:
                between = msg("{text}; from {low} to {high} delivered", text=text, low=told.low, high=told.high)
                course.ask("delivered_fractions", between, code)
        if plan.fractions and told.high > plan.fractions and told.numbers and min(told.numbers) <= plan.fractions:
            seen = msg("{count} fractions recorded for {fractions} planned", count=told.high, fractions=plan.fractions)
            course.ask("delivered_fractions", seen, "too_many")
            course.delivered = None
        elif told.numbers and plan is course.plans[0] and min(told.numbers) > 1:
            course.ask(
                "delivered_fractions",
                msg("the first fraction recorded is number {number}", number=min(told.numbers)),
                "late_start",
            )
        elif plan.records and course.delivered is None and not (told.repeated or told.skipped or told.partial):
            course.ask("delivered_fractions", msg("{count} session(s) recorded", count=len(told.sessions)), "count")
    if not any(plan.records for plan in course.plans):
        course.delivered = None
        course.ask(
            "delivered_fractions", msg("no record: not begun, or the records are missing"), "plan_without_records"
        )


def _question_links(course: Course) -> None:
    """Ask about what the last plan says of itself."""
    facts = course.plans[-1].facts
    if not facts.fractions:
        course.ask("prescribed_fractions", msg("the plan tells no number of fractions"), "no_fractions")
    if len(facts.doses_gy) > 1:
        doses = ", ".join(f"{dose:g}" for dose in facts.doses_gy)
        kept = BLANK if course.dose_gy is None else msg("{dose} Gy", dose=f"{course.dose_gy:g}")
        course.ask(
            "prescribed_dose_gy", msg("several target doses: {doses} Gy", doses=doses), "doses", kept, grave=False
        )
    if facts.missing_beams:
        course.ask(
            "plan_data", msg("{count} beam(s) announced are missing", count=facts.missing_beams), "missing_beams"
        )


def _list(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:8]))
    return f"{shown}, …" if len(numbers) > 8 else shown
