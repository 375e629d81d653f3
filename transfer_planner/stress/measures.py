"""The cheapest measures that let the region absorb a loss: each measure is a choice of the same programme, level by level."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field
from scipy import sparse

from transfer_planner.domain.atlas import Measure, MeasureKind
from transfer_planner.domain.base import Entity
from transfer_planner.problem import rules
from transfer_planner.problem.build import PHYSICS_SCALE, build_problem
from transfer_planner.problem.problem import is_feasible
from transfer_planner.solvers.solve import solve
from transfer_planner.stress.region import Changes, changed, measured

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transfer_planner.domain.atlas import Contingency, MeasureRule
    from transfer_planner.domain.centre import Centre
    from transfer_planner.problem.build import Instance, Row
    from transfer_planner.problem.problem import IntArray, Problem, Solution
    from transfer_planner.stress.region import Region

KINDS: dict[MeasureKind, str] = {"physics": "H07", "evening": "H05", "simulator": "H08", "starts": "H06"}
"""The rule whose capacity each measure raises."""
CLINICAL = 3
"""The first tiers that must be absorbed."""
TENTHS = 10


class Cure(Entity):
    """What lets a region absorb a loss with the rosters of a seed."""

    fingerprint: str
    measures: tuple[Measure, ...]
    cost_hours: float = Field(description="Staff hours a day")
    left_tenths: int = Field(description="Tenths of a day of T1 to T3 that remain with them")


@dataclass(frozen=True, eq=False)
class CureTask:
    """A contingency whose cheapest measures are looked for.

    Parameters
    ----------
    contingency, seed
        What falls, with which rosters.
    prices
        Size and cost of the measures.
    """

    contingency: Contingency
    seed: int
    prices: tuple[tuple[MeasureKind, MeasureRule], ...]


@dataclass(frozen=True)
class _Lever:
    """A measure at a centre: what each level lacks, row by row, of what the highest brings."""

    kind: MeasureKind
    centre_id: str
    step: float
    price: int
    lacks: IntArray


def cure(region: Region, task: CureTask, fingerprint: str) -> Cure:
    """Return the cheapest measures found that leave as little of tiers 1 to 3 as any measures can; none when they gain nothing for certain.

    Notes
    -----
    The problem is built with every measure at its highest level. A measure is one more choice, whose option of level `l` uses up what
    the levels above would add, so that capacities are those of level `l`; its cost stands in a tier of its own below tiers 1 to 3.
    The plan without measures is the first one, and levels that the best plan can do without are given back. What they leave must be below
    the proven bound without them: else it might be had for nothing by a longer search.

    Raises
    ------
    DataError
        When a centre has no roster.
    """
    prices = dict(task.prices)
    case = region.case(task.contingency, task.seed)
    everything = tuple(
        Measure(kind=kind, centre_id=centre.id, amount=rule.step * rule.steps)
        for centre in case.network.centres
        for kind, rule in prices.items()
    )
    full = replace(case, network=changed(case.network, Changes(measures=everything)))
    instance = build_problem(full, dossiers=region.dossiers(full))
    levers = [
        lever
        for centre in case.network.centres
        if centre.id not in instance.closed
        for kind, rule in prices.items()
        if (lever := _lever(instance, centre, kind, rule)) is not None
    ]
    left, levels = _cheapest(instance.problem, levers)
    return Cure(
        fingerprint=fingerprint,
        measures=tuple(
            Measure(kind=lever.kind, centre_id=lever.centre_id, amount=lever.step * level)
            for lever, level in zip(levers, levels, strict=True)
            if level
        ),
        cost_hours=sum(lever.price * level for lever, level in zip(levers, levels, strict=True)) / TENTHS,
        left_tenths=left,
    )


def _cheapest(problem: Problem, levers: Sequence[_Lever]) -> tuple[int, list[int]]:
    """Return what is left of the clinical tiers, and the level of each measure."""
    without = solve(_priced(problem, [replace(lever, lacks=lever.lacks[:1]) for lever in levers]), precision="sweep")
    priced, firsts = _priced(problem, levers), _firsts(problem.num_options, levers)
    if without.solution is None:
        raise AssertionError("everybody may wait, without any measure")
    people = slice(problem.num_choices)
    start = replace(without.solution, options=np.concatenate([without.solution.options[people], firsts]))
    result = solve(priced, precision="sweep", start=start)
    if result.solution is None or result.tiers[0].value >= without.tiers[0].bound:
        return without.tiers[0].value, [0] * len(levers)
    plan = _frugal(priced, result.solution, levers, problem.num_choices)
    return result.tiers[0].value, (plan.options[problem.num_choices :] - firsts).tolist()


def _frugal(priced: Problem, plan: Solution, levers: Sequence[_Lever], people: int) -> Solution:
    """Return the plan with the least levels that it can do with, the dearest measures first."""
    for number in sorted(range(len(levers)), key=lambda one: -levers[one].price):
        while (fewer := _one_less(plan, people + number, priced)) is not None:
            plan = fewer
    return plan


def _one_less(plan: Solution, choice: int, priced: Problem) -> Solution | None:
    """Return the plan with one level less of a measure; None when it needs them all."""
    options = plan.options.copy()
    options[choice] -= 1
    fewer = replace(plan, options=options)
    return fewer if priced.choice[options[choice]] == choice and is_feasible(priced, fewer) else None


def _lever(instance: Instance, centre: Centre, kind: MeasureKind, rule: MeasureRule) -> _Lever | None:
    """Return a measure at a centre; None when it brings nothing."""
    rows = [
        (number, row)
        for number, row in enumerate(instance.rows)
        if (row.rule, row.centre_id) == (KINDS[kind], centre.id)
    ]
    levels = [
        measured(centre, (Measure(kind=kind, centre_id=centre.id, amount=rule.step * n),))
        for n in range(rule.steps + 1)
    ]
    lacks = np.zeros((len(levels), len(instance.rows)), dtype=np.int64)
    for number, row in rows:
        rooms = np.array([_room(row, level, instance) for level in levels], dtype=np.int64)
        lacks[:, number] = rooms[-1] - rooms
    if not lacks.any():
        return None
    linacs = len(centre.linacs) if kind == "evening" else 1
    return _Lever(kind, centre.id, rule.step, round(TENTHS * rule.cost_hours * linacs), lacks)


def _room(row: Row, centre: Centre, instance: Instance) -> int:
    """Return the capacity of a row at a centre as changed, extensions included."""
    scenario = instance.case.scenario
    match row.rule:
        case "H05":
            linacs = instance.pools[row.pool].linacs
            return sum(rules.h05_linac_room(centre, linac, row.day, scenario, None).free for linac in linacs)
        case "H06":
            return rules.h06_new_starts(centre, None)
        case "H08":
            return rules.h08_simulation_slots(centre, None)
    return int(rules.h07_physics_hours(centre, None, scenario.day_zero, row.day) * PHYSICS_SCALE + 1e-6)


def _firsts(before: int, levers: Sequence[_Lever]) -> IntArray:
    """Return the first option of each measure."""
    sizes = [len(lever.lacks) for lever in levers]
    return before + np.cumsum([0, *sizes])[:-1].astype(np.int64)


def _priced(problem: Problem, levers: Sequence[_Lever]) -> Problem:
    """Return the problem with the measures as choices, in four tiers: ranks 1 to 3, what the measures cost, nothing, the burden."""
    sizes = [len(lever.lacks) for lever in levers]
    costs = np.zeros((4, problem.num_options + sum(sizes)), dtype=np.int64)
    costs[0, : problem.num_options] = problem.costs[:CLINICAL].sum(axis=0)
    costs[3, : problem.num_options] = problem.costs[-1]
    prices = [lever.price * level for lever in levers for level in range(len(lever.lacks))]
    costs[1, problem.num_options :] = prices
    uses = [problem.uses, *(sparse.csc_matrix(lever.lacks.T) for lever in levers)]
    return replace(
        problem,
        choice=np.concatenate([problem.choice, problem.num_choices + np.repeat(np.arange(len(levers)), sizes)]),
        costs=costs,
        uses=sparse.hstack(uses, format="csc"),
    )


def prices_of(measures: Mapping[MeasureKind, MeasureRule]) -> tuple[tuple[MeasureKind, MeasureRule], ...]:
    """Return the measures in a fixed order."""
    return tuple((kind, measures[kind]) for kind in KINDS if kind in measures)
