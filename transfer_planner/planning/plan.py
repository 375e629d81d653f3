"""The main job: build the problem, solve it, say the plan in the words of people."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.domain.plan import TIERS, NotPlanned, Plan, Software, Tier
from transfer_planner.domain.scenario import PARIS
from transfer_planner.errors import DataError
from transfer_planner.i18n import Language, Message, msg
from transfer_planner.planning import tables
from transfer_planner.planning.again import as_before
from transfer_planner.planning.decisions import Placed, decide
from transfer_planner.planning.instance import build_instance, located, pin_finding
from transfer_planner.planning.linacs import split_pools
from transfer_planner.problem.dossiers import Dossiers
from transfer_planner.problem.problem import Problem, Solution, is_feasible
from transfer_planner.solvers.solve import Result, solve

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import CentreDay, Decision, Load, RedeploymentMove, Summary
    from transfer_planner.problem.build import Instance

Progress = Callable[[Message], None]

SEARCH_SHARE = 0.5
"""Share of the time limit that a search has at least, once possibilities are listed, or listed again."""


def make_plan(
    case: Case,
    *,
    time_limit_s: float = 10.0,
    seed: int = 0,
    deterministic: bool = False,
    lang: Language = "fr",
    progress: Progress | None = None,
) -> Plan:
    """Plan a case.

    Parameters
    ----------
    case
        The validated inputs.
    time_limit_s
        Seconds, the listing of possibilities included.
    seed
        Of the search.
    deterministic
        True gives the same plan again, whatever the speed of the machine.
    lang
        Language of the reasons.
    progress
        Told each step.

    Raises
    ------
    DataError
        When the pins leave no plan.
    """
    started = time.monotonic()
    tell = progress or (lambda _: None)
    case = located(case)
    tell(msg("Listing what may be decided for {count} patients…", count=len(case.patients)))
    instance, result, told = _planned(case, time_limit_s, seed, tell, deterministic=deterministic, lang=lang)
    values = told.values
    return Plan(
        software=Software(version=version("transfer-planner")),
        inputs=case.inputs,
        scenario_id=case.scenario.id,
        title={"fr": case.scenario.title.fr, "en": case.scenario.title.en},
        exercise=case.scenario.exercise,
        lang=lang,
        attack_date=case.scenario.day_zero,
        created_at=_now(),
        seed=seed,
        deterministic=deterministic,
        status="OPTIMAL" if _proven(result, values)[-1] else "FEASIBLE",
        wall_s=round(time.monotonic() - started, 2),
        tiers=tuple(
            Tier(id=tier, value=value, bound=min(value, solved.bound), proven=proven)
            for tier, value, solved, proven in zip(TIERS, values, result.tiers, _proven(result, values), strict=True)
        ),
        decisions=told.decisions,
        redeployment=told.moves,
        not_planned=tuple(
            NotPlanned(patient_id=code, reason=msg("no fraction remains").text(lang)) for code in instance.not_planned
        ),
        loads=told.loads,
        centre_days=told.centre_days,
        summary=told.summary,
        solver={
            "interrupted": result.interrupted,
            "options": instance.problem.num_options,
            "resources": len(instance.rows),
            "steps": [[round(seconds, 2), step, list(tiers)] for seconds, step, tiers in result.trace]
            if not deterministic
            else [[step, list(tiers)] for _, step, tiers in result.trace],
        },
    )


@dataclass(frozen=True)
class Draft:
    """What a solution says, linac by linac."""

    decisions: tuple[Decision, ...]
    moves: tuple[RedeploymentMove, ...]
    loads: tuple[Load, ...]
    centre_days: tuple[CentreDay, ...]
    summary: Summary
    values: tuple[int, ...]


def draft(instance: Instance, solution: Solution, lang: Language) -> Draft | None:
    """Say a solution; None when a pool cannot be split into its linacs."""
    placed, stuck = _placed(instance, solution)
    return None if stuck else _draft(instance, solution, placed, lang)


def _draft(instance: Instance, solution: Solution, placed: tuple[Placed, ...], lang: Language) -> Draft:
    case = instance.case
    moves = tables.redeployment(instance, _needed_units(instance.problem, solution), case)
    decisions = tuple(decide(one, instance, lang) for one in placed)
    loads = tables.loads(placed, case)
    counts = tables.summary(decisions, loads, case, len(instance.not_planned), lang)
    days = tables.centre_days(placed, moves, case)
    return Draft(decisions, moves, loads, days, counts, tables.tier_values(decisions, counts))


def _now() -> datetime:
    """Return the time in Paris to the second, with a fixed offset as in plan.json."""
    now = datetime.now(PARIS).replace(microsecond=0)
    return now.astimezone(timezone(now.utcoffset() or timedelta()))


def _planned(
    case: Case, time_limit_s: float, seed: int, tell: Progress, *, deterministic: bool, lang: Language
) -> tuple[Instance, Result, Draft]:
    """Build and solve, identical linacs together; those that cannot be told apart as well are planned again each by itself, from that plan.

    Raises
    ------
    DataError
        When the pins leave no plan.
    """

    def progress(step: str, values: tuple[int, ...], bounds: tuple[float, ...]) -> None:
        del step, bounds
        tell(msg("Looking for the best plan… {tiers}", tiers=" · ".join(f"T{i} {v}" for i, v in enumerate(values, 1))))

    def holds(plan: Solution) -> bool:
        early.update(_placed(instance, plan, quickly=True)[1])
        return early <= apart

    end, interrupted, dossiers = time.monotonic() + time_limit_s, False, Dossiers(case)
    instance, apart, early, start = build_instance(case, dossiers=dossiers), frozenset[str](), set[str](), None
    while True:
        seconds = 0.0 if interrupted else max(SEARCH_SHARE * time_limit_s, end - time.monotonic())
        tell(msg("Looking for the best plan among {count} possibilities…", count=instance.problem.num_options))
        result = solve(
            instance.problem,
            time_limit_s=seconds,
            seed=seed,
            deterministic=deterministic,
            progress=progress,
            start=start,
            holds=holds,
        )
        if result.solution is None:
            pinned = {pin.patient_id for pin in case.scenario.pins}
            raise DataError([pin_finding(case, code) for code in sorted(pinned)] or [pin_finding(case, None)])
        interrupted = interrupted or result.interrupted
        placed, stuck = _placed(instance, result.solution)
        stuck |= early - apart
        if not stuck:
            told = _draft(instance, result.solution, placed, lang)
            if result.status == "optimal" and told.values[-1] > result.tiers[-1].value:
                stuck = frozenset(linac.id for pool in instance.pools if len(pool.linacs) > 1 for linac in pool.linacs)
            if not stuck or interrupted:
                return instance, replace(result, interrupted=interrupted), told
        tell(msg("Planning by itself each of {count} identical linacs…", count=len(stuck)))
        apart |= stuck
        given = instance.given(result.solution)
        instance = build_instance(case, apart=apart, dossiers=dossiers)
        start = as_before(placed, given, instance)


def _placed(
    instance: Instance, solution: Solution, *, quickly: bool = False
) -> tuple[tuple[Placed, ...], frozenset[str]]:
    """Return each patient's option and linac, and the linacs of the pools that cannot be split: all there have the first."""
    options = [instance.option(int(column)) for column in solution.options]
    linacs, stuck = split_pools(instance, options, quickly=quickly)
    placed = tuple(
        Placed(offer, option, linac, earliest)
        for offer, option, linac, earliest in zip(
            instance.offers, options, linacs, instance.earliest_starts(), strict=True
        )
    )
    return placed, stuck


def _needed_units(problem: Problem, solution: Solution) -> np.ndarray:
    """Return the units given, without those that the plan can do without."""
    units = solution.units.copy()
    for index in np.flatnonzero(units):
        while units[index]:
            fewer = units.copy()
            fewer[index] -= 1
            if not is_feasible(problem, Solution(solution.options, fewer)):
                break
            units = fewer
    return units


def _proven(result: Result, values: tuple[int, ...]) -> tuple[bool, ...]:
    """Return which tiers are proven: value and bound meet there and in every tier above."""
    meets = [value <= tier.bound for value, tier in zip(values, result.tiers, strict=True)]
    return tuple(all(meets[: index + 1]) for index in range(len(meets)))
