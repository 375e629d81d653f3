"""Identical linacs were planned together; here each patient gets one of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from transfer_planner.problem import rules
from transfer_planner.solvers.packing import pack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_planner.domain.centre import Linac
    from transfer_planner.problem.build import Instance
    from transfer_planner.problem.options import Option, Pool


def split_pools(
    instance: Instance, options: Sequence[Option], *, quickly: bool = False
) -> tuple[list[Linac | None], frozenset[str]]:
    """Give each option a linac of its pool, within the minutes of each (H05) and with the least surge, or quickly.

    Returns
    -------
    list, set
        One linac per option (None for waits), and the linacs of the pools that cannot be split (`quickly`: not obviously): all there have the first.
    """
    stuck: set[str] = set()
    linacs: list[Linac | None] = [None if option.pool is None else option.pool.linacs[0] for option in options]
    members: dict[int, list[int]] = defaultdict(list)
    for number, option in enumerate(options):
        if option.pool is not None and len(option.pool.linacs) > 1:
            members[option.pool.index].append(number)
    for index, numbers in members.items():
        pool = instance.pools[index]
        chosen = _split(instance, pool, [options[number] for number in numbers], numbers, quickly=quickly)
        if chosen is None:
            stuck.update(linac.id for linac in pool.linacs)
            continue
        for number, which in zip(numbers, chosen, strict=True):
            linacs[number] = pool.linacs[which]
    return linacs, frozenset(stuck)


def _split(
    instance: Instance, pool: Pool, options: list[Option], numbers: list[int], *, quickly: bool
) -> list[int] | None:
    """Share the patients of one pool between its identical linacs."""
    case = instance.case
    extra = case.policy.session_minutes.first_session_extra
    loads = [option.minutes_by_day(extra) for option in options]
    days = sorted({day for load in loads for day in load})
    sizes = np.array([[load.get(day, 0) for day in days] for load in loads], dtype=np.int64)
    answer = rules.latest_answers(case.scenario).get(pool.centre.id)
    rooms = [rules.h05_linac_room(pool.centre, pool.linacs[0], day, case.scenario, answer) for day in days]
    pins: dict[str, str] = {p.patient_id: p.linac_id for p in case.scenario.pins if p.linac_id is not None}
    ids = [linac.id for linac in pool.linacs]
    pinned = [pins.get(instance.subjects[number].patient.patient_id) for number in numbers]
    return pack(
        sizes,
        within=np.array([room.unpriced for room in rooms], dtype=np.int64),
        beyond=np.array([room.free - room.unpriced for room in rooms], dtype=np.int64),
        bins=len(pool.linacs),
        fixed=[ids.index(code) if code in ids else None for code in pinned],
        quickly=quickly,
    )
