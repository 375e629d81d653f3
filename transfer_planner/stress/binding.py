"""Which resources keep patients out: what is full, and who would have a better place but for it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, get_args

import numpy as np

from transfer_planner.domain.atlas import Binding, Cause
from transfer_planner.solvers.greedy import Room

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from transfer_planner.domain.atlas import CapacityRule
    from transfer_planner.problem.build import Instance
    from transfer_planner.problem.offers import Offer
    from transfer_planner.problem.problem import IntArray, Problem, Solution

CAUSES: tuple[Cause, ...] = get_args(Cause)
LATE = {"H04_horizon", "not_better_than_waiting"}
"""Refusals of centres that could treat a patient, and not soon enough."""
Resource = tuple[str, str]
"""A rule and a centre."""


def binding(instance: Instance, solution: Solution) -> tuple[Binding, ...]:
    """Return the resources that are full on some day, those that keep most patients out first.

    Parameters
    ----------
    instance, solution
        The problem, and what is decided.
    """
    problem = instance.problem
    room = Room(problem, solution.units)
    for option in solution.options.tolist():
        room.take(option)
    names = [(row.rule, row.centre_id) for row in instance.rows]
    resources = sorted(set(names))
    number = np.array([resources.index(name) for name in names], dtype=np.int64)
    days = np.bincount(number[room.left < _least_use(problem)], minlength=len(resources))
    kept = np.zeros(len(resources), dtype=np.int64)
    for blockers in _kept_out(problem, solution, room, number, resources):
        kept += blockers
    order = sorted(range(len(resources)), key=lambda one: (-kept[one], -days[one], resources[one]))
    return tuple(
        Binding(rule=_rule(rule), centre_id=centre_id, days_full=int(days[one]), kept_out=int(kept[one]))
        for one, (rule, centre_id) in ((one, resources[one]) for one in order if days[one] or kept[one])
    )


def causes(instance: Instance, solution: Solution) -> dict[Cause, int]:
    """Count the patients beyond tolerance by what stands in the way of less excess."""
    found = Counter(
        "capacity" if len(better) else _cause(offer)
        for offer, (_, late, better) in zip(instance.offers, _better(instance.problem, solution), strict=True)
        if late
    )
    return {cause: found[cause] for cause in CAUSES if found[cause]}


def _cause(offer: Offer) -> Cause:
    """Return why a patient would be better nowhere, were there room for all."""
    refusals = [set(reasons) for reasons in offer.refused.values()]
    if len(offer.row) or any(reasons & LATE for reasons in refusals):
        return "delay"
    return "travel" if {"H09_travel"} in refusals else "equipment"


def _better(problem: Problem, solution: Solution) -> Iterator[tuple[int, bool, IntArray]]:
    """Yield for each patient the option taken, whether it is beyond tolerance, and those with less excess."""
    first = np.searchsorted(problem.choice, np.arange(problem.num_choices + 1))
    clinical = problem.costs[:-1]
    for choice, taken in enumerate(solution.options.tolist()):
        columns = np.arange(first[choice], first[choice + 1])
        better = columns[_before(clinical[:, columns], clinical[:, taken])]
        yield taken, bool(clinical[:, taken].any()), better


def _rule(rule: str) -> CapacityRule:
    return rule  # type: ignore[return-value]  # the rules of the rows are these


def _least_use(problem: Problem) -> IntArray:
    """Return the least that any option uses of each row."""
    rows = problem.uses.tocsr()
    least = np.zeros(rows.shape[0], dtype=np.int64)
    some = np.flatnonzero(np.diff(rows.indptr))
    least[some] = np.minimum.reduceat(rows.data, rows.indptr[some]) if len(some) else 0
    return least


def _kept_out(
    problem: Problem, solution: Solution, room: Room, number: IntArray, resources: list[Resource]
) -> Iterator[NDArray[np.bool_]]:
    """Yield for each patient beyond tolerance the resources that every better place of their centre needs where they are full."""
    centres = {centre_id: index for index, (_, centre_id) in enumerate(resources)}
    centre = np.array([centres[centre_id] for _, centre_id in resources], dtype=np.int64)
    for taken, _, columns in _better(problem, solution):
        if not len(columns):
            continue
        room.give_back(taken)
        uses = problem.uses[:, columns]
        option = np.repeat(np.arange(len(columns)), np.diff(uses.indptr))
        over = uses.data > room.left[uses.indices]
        blocked = np.zeros((len(columns), len(resources)), dtype=bool)
        blocked[option[over], number[uses.indices[over]]] = True
        where = centre[number[uses.indices[uses.indptr[:-1]]]]
        heads = np.flatnonzero(
            np.concatenate(([True], where[1:] != where[:-1]))
        )  # the options of a centre stand together
        yield np.asarray(np.logical_and.reduceat(blocked, heads, axis=0).any(axis=0))
        room.take(taken)


def _before(costs: IntArray, limit: IntArray) -> IntArray:
    """Return which columns come before a limit in lexicographic order, as a mask."""
    better = np.zeros(costs.shape[1], dtype=bool)
    equal = ~better
    for tier, bound in zip(costs, limit, strict=True):
        better |= equal & (tier < bound)
        equal &= tier == bound
    return better
