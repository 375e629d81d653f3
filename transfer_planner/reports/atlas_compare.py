"""Two atlases side by side: what got better or worse, what the draws cannot tell apart, what became of last year's advice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import Message, msg
from transfer_planner.reports.atlas_facts import FIRST_RANKS, Cases, beyond, beyond_first, excess_days, span
from transfer_planner.reports.atlas_words import CAPABILITIES, maybe, parameter_rows, seeds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transfer_planner.domain.atlas import Atlas, Contingency, Interval, Outcome
    from transfer_planner.i18n import Language
    from transfer_planner.reports.atlas_facts import Fall

Verdict = Literal["worse", "better", "blurred", "same", "unknown", "new", "gone"]
VERDICTS: dict[Verdict, Message] = {
    "worse": msg("worse"),
    "better": msg("better"),
    "blurred": msg("not distinguishable"),
    "same": msg("unchanged"),
    "unknown": msg("not computed"),
    "new": msg("only in the second atlas"),
    "gone": msg("only in the first atlas"),
}
"""In the order in which they are read."""
FIGURES: dict[str, Callable[[Outcome], float]] = {
    "beyond_first": beyond_first,
    "beyond": beyond,
    "excess_days": excess_days,
}
"""What is compared of a case, the figure that decides first."""
FIRST_TIERS = tuple(f"T{rank}" for rank in range(1, FIRST_RANKS + 1))
LEAST_DRAWS = 2
"""Draws below which an atlas has no interval: a difference may then be chance."""


class Change(NamedTuple):
    """A figure of a case in the two atlases; `gap` over the draws when both have the same patients."""

    verdict: Verdict
    before: Interval | None
    after: Interval | None
    gap: Interval | None = None


class CaseChange(NamedTuple):
    """A case and what becomes of its figures."""

    contingency: Contingency
    figures: dict[str, Change]

    @property
    def verdict(self) -> Verdict:
        """What the first figure that tells anything says."""
        told = [change.verdict for change in self.figures.values()]
        for verdict in ("new", "gone", "unknown"):
            if verdict in told:
                return verdict
        return next((one for one in told if one in {"worse", "better"}), "blurred" if "blurred" in told else "same")


def check_comparable(before: Atlas, after: Atlas, file: str) -> None:
    """Refuse two atlases that have nothing to do with each other.

    Raises
    ------
    DataError
        When regions differ, or no case is in both.
    """
    findings = []
    if before.region != after.region:
        expected = msg("two atlases of one region, as the first: {region}", region=before.region or "–")
        findings.append(Finding(file, "region", after.region, expected, code="region"))
    names = [{name for one in atlas.contingencies for name in (one.id, *one.also)} for atlas in (before, after)]
    if not names[0] & names[1]:
        findings.append(
            Finding(file, "contingencies", None, msg("cases in common with the first atlas"), code="nothing_in_common")
        )
    if findings:
        raise DataError(findings)


class Comparison:
    """Two atlases, the older first.

    Parameters
    ----------
    before, after
        The atlases.
    """

    def __init__(self, before: Atlas, after: Atlas) -> None:
        self.before, self.after = before, after
        self._cases = Cases(before), Cases(after)

    def cases(self) -> list[CaseChange]:
        """Return every case of either atlas, what got worse first."""
        old, new = self._cases
        found: dict[str, CaseChange] = {}
        for cases in (new, old):
            for fall in cases.falls:
                name = fall.contingency.id
                if name in found or set(fall.contingency.also) & set(found):
                    continue
                one, two = _find(old, fall.contingency), _find(new, fall.contingency)
                found[name] = CaseChange(
                    fall.contingency, {key: self._change(one, two, figure) for key, figure in FIGURES.items()}
                )
        order = list(VERDICTS)
        return sorted(found.values(), key=lambda case: (order.index(case.verdict), -_weight(case), case.contingency.id))

    def _change(self, one: Fall | None, two: Fall | None, figure: Callable[[Outcome], float]) -> Change:
        before, after = (None if fall is None else fall.over(figure) for fall in (one, two))
        if one is None or two is None:
            return Change("new" if one is None else "gone", before, after)
        if before is None or after is None:
            return Change("unknown", before, after)
        gap = self._gap(one, two, figure)
        verdict = _by_draws(before, after) if gap is None else _by_gap(gap)
        if (
            verdict in {"better", "worse"}
            and figure is beyond_first
            and not _beyond_slack(one, two, paired=gap is not None)
        ):
            verdict = "blurred"
        return Change(verdict, before, after, gap)

    def _gap(self, one: Fall, two: Fall, figure: Callable[[Outcome], float]) -> Interval | None:
        """Return the difference draw by draw; None unless both atlases have the very same patients."""
        if not self.same_patients(one.contingency.centre_ids):
            return None
        old, new = ({o.seed: figure(o) for o in fall.planned} for fall in (one, two))
        common = sorted(old.keys() & new.keys())
        return span(round(new[seed] - old[seed], 6) for seed in common) if len(common) >= LEAST_DRAWS else None

    def same_patients(self, centre_ids: tuple[str, ...]) -> bool:
        """Return whether the lists of some centres are the same in both atlases."""
        old, new = ({row.centre_id: row for row in atlas.rosters} for atlas in (self.before, self.after))
        made = self.before.attack_date == self.after.attack_date and self.before.software == self.after.software
        return made and all(old.get(one) == new.get(one) and one in old for one in centre_ids)

    def parameters(self, lang: Language) -> list[list[str]]:
        """Return what the two atlases do not suppose alike: what, before, after."""
        sides = []
        present = [{row.centre_id for row in atlas.rosters} for atlas in (self.before, self.after)]
        for atlas, mine in zip((self.before, self.after), present, strict=True):
            alone = sorted(self.name(one, lang) for one in mine - (present[0] & present[1]))
            real = sum(row.real for row in atlas.rosters)
            lists = msg("{real} real, {invented} invented", real=real, invented=len(atlas.rosters) - real).text(lang)
            rows = [
                *parameter_rows(atlas.parameters, lang),
                [msg("Centres only in this atlas").text(lang), ", ".join(alone) or "–"],
                [msg("Draws").text(lang), seeds(atlas.seeds)],
                [msg("Lists of patients").text(lang), lists],
                [msg("Fictitious equipment").text(lang), (msg("yes") if atlas.fictitious else msg("no")).text(lang)],
                [msg("Software").text(lang), atlas.software.version],
            ]
            sides.append({row[0]: row[1] for row in rows})
        old, new = sides
        return [
            [label, old.get(label, "–"), new.get(label, "–")]
            for label in dict.fromkeys((*old, *new))
            if old.get(label) != new.get(label)
        ]

    def advice(self, lang: Language) -> list[list[str]]:
        """Return what became of the advice of the first atlas: what it was, what it weighed, what is said now."""
        return [*self._conventions(lang), *self._matches(lang), *self._losses(lang), *self._sites(lang)]

    def name(self, centre_id: str, lang: Language) -> str:
        """Return the name of a centre, as the newer atlas calls it."""
        for cases in reversed(self._cases):
            fall = cases.by_id.get(f"centre:{centre_id}")
            if fall is not None:
                return fall.contingency.title.get(lang) or centre_id
        return centre_id

    def title(self, one: Contingency, lang: Language) -> str:
        """Return what falls, in words."""
        if one.kind in {"centre", "pair"}:
            return " + ".join(self.name(centre_id, lang) for centre_id in one.centre_ids)
        said = one.title.get(lang) or one.id
        return said[:1].upper() + said[1:]

    def _conventions(self, lang: Language) -> Iterator[list[str]]:
        now = {frozenset(row.between): row for row in self.after.findings.conventions}
        ways = _signed(self.after)
        for row in self.before.findings.conventions:
            ends = frozenset(row.between)
            again = now.get(ends)
            if ends in ways:
                state = msg("signed") if ways[ends] else msg("not signed, still carries patients")
            else:
                state = msg("carries nobody any longer")
            yield [
                msg("Sign: {pair}", pair=" – ".join(self.name(end, lang) for end in row.between)).text(lang),
                msg("{days} days lost without it", days=maybe(row.days_lost, lang)).text(lang),
                state.text(lang)
                + (
                    ", " + msg("{days} days lost without it", days=maybe(again.days_lost, lang)).text(lang)
                    if again
                    else ""
                ),
            ]

    def _matches(self, lang: Language) -> Iterator[list[str]]:
        now = {frozenset(row.linac_ids): row for row in self.after.findings.matches}
        for row in self.before.findings.matches:
            again = now.get(frozenset(row.linac_ids))
            hours = (
                msg("{hours} physics hours to spare", hours=maybe(again.physics_hours_saved, lang)) if again else None
            )
            yield [
                msg("Match: {pair}", pair=" – ".join(row.linac_ids)).text(lang),
                msg("{hours} physics hours to spare", hours=maybe(row.physics_hours_saved, lang)).text(lang),
                (hours or msg("no longer among the first to match")).text(lang),
            ]

    def _losses(self, lang: Language) -> Iterator[list[str]]:
        now = {row.centre_id: row for row in self.after.findings.unabsorbable}
        seen = {row.centre_id for row in self.before.findings.unabsorbable}
        for row in self.before.findings.unabsorbable:
            again = now.get(row.centre_id)
            state = (
                msg("not absorbed: {n} P1–P3 beyond tolerance", n=maybe(again.patients_over, lang))
                if again
                else msg("absorbed")
            )
            yield [
                msg("Loss of {centre}", centre=self.name(row.centre_id, lang)).text(lang),
                msg("not absorbed: {n} P1–P3 beyond tolerance", n=maybe(row.patients_over, lang)).text(lang),
                (state if again or f"centre:{row.centre_id}" in self._cases[1].by_id else msg("not examined")).text(
                    lang
                ),
            ]
        for centre_id, fresh in now.items():
            if centre_id not in seen:
                yield [
                    msg("Loss of {centre}", centre=self.name(centre_id, lang)).text(lang),
                    msg("absorbed, or not examined").text(lang),
                    msg("not absorbed: {n} P1–P3 beyond tolerance", n=maybe(fresh.patients_over, lang)).text(lang),
                ]

    def _sites(self, lang: Language) -> Iterator[list[str]]:
        """Yield single sites and isolated centres that came or went; those that stay are told too."""
        points = [
            {(one.capability, one.centre_id) for one in atlas.findings.single_points}
            for atlas in (self.before, self.after)
        ]
        lonely = [{one.centre_id for one in atlas.findings.isolated} for atlas in (self.before, self.after)]
        yes, no = msg("yes").text(lang), msg("no").text(lang)
        for capability, centre_id in sorted(points[0] | points[1]):
            said = msg(
                "Only site for: {what} ({centre})", what=CAPABILITIES[capability], centre=self.name(centre_id, lang)
            )
            yield [said.text(lang), *(yes if (capability, centre_id) in side else no for side in points)]
        for centre_id in sorted(lonely[0] | lonely[1]):
            said = msg("Isolated: {centre}", centre=self.name(centre_id, lang))
            yield [said.text(lang), *(yes if centre_id in side else no for side in lonely)]


def _find(cases: Cases, one: Contingency) -> Fall | None:
    """Return the case that bears one of the names of another."""
    return next((fall for name in (one.id, *one.also) if (fall := cases.by_id.get(name))), None)


def _signed(atlas: Atlas) -> dict[frozenset[str], bool]:
    """Return the pairs that carry patients, and whether a convention links them."""
    flows = (flow for outcome in atlas.outcomes for flow in outcome.flows)
    return {frozenset((flow.home_id, flow.destination_id)): flow.convention for flow in flows}


def _by_draws(before: Interval, after: Interval) -> Verdict:
    """Tell two intervals apart; with a single draw a difference may be chance."""
    if min(before.seeds, after.seeds) < LEAST_DRAWS:
        return "same" if (before.low, before.high) == (after.low, after.high) else "blurred"
    if before.low == before.high == after.low == after.high:
        return "same"
    return "better" if after.high < before.low else "worse" if after.low > before.high else "blurred"


def _beyond_slack(one: Fall, two: Fall, *, paired: bool) -> bool:
    """Return whether T1 to T3 differ by more than what the solver leaves open, draw by draw or over all draws."""
    old, new = ({o.seed: _open(o) for o in fall.planned} for fall in (one, two))
    if paired:
        return all(_apart(old[seed], new[seed]) for seed in old.keys() & new.keys())
    hulls = [(min(low for low, _ in side.values()), max(high for _, high in side.values())) for side in (old, new)]
    return _apart(*hulls)


def _open(outcome: Outcome) -> tuple[int, int]:
    """Return between which bounds the best T1 to T3 lie, tenths of days."""
    first = [tier for tier in outcome.tiers if tier.id in FIRST_TIERS]
    return sum(tier.bound for tier in first), sum(tier.value for tier in first)


def _apart(one: tuple[int, int], two: tuple[int, int]) -> bool:
    return one[1] < two[0] or two[1] < one[0]


def _by_gap(gap: Interval) -> Verdict:
    if gap.low == gap.high == 0:
        return "same"
    return "better" if gap.high < 0 else "worse" if gap.low > 0 else "blurred"


def _weight(case: CaseChange) -> float:
    """Return how much a case moved, patients first."""
    moved = [
        abs(change.after.mean - change.before.mean) if change.before and change.after else 0.0
        for change in case.figures.values()
    ]
    return moved[0] * 1000 + moved[1] + moved[2] / 1000
