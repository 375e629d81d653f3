"""What the atlas supposes at every contingency: as packaged, or as in a scenario given as a model."""

from __future__ import annotations

from datetime import datetime, time
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml

from transfer_planner.domain.atlas import AtlasSettings, Crisis, StaffPerLinac
from transfer_planner.domain.scenario import Compromised, Redeployment, Scenario, Title, in_paris
from transfer_planner.problem.rules import compromised_centres

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from transfer_planner.domain.centre import Network

EPSILON = 1e-9


@cache
def read_settings() -> AtlasSettings:
    """Return the packaged settings."""
    text = (resources.files("transfer_planner") / "data" / "atlas.yaml").read_text(encoding="utf-8")
    return AtlasSettings.model_validate(yaml.safe_load(text))


def crisis_like(scenario: Scenario, network: Network) -> Crisis:
    """Return the crisis of a scenario, wherever it strikes; its idle staff are counted by linac of the centres that fell."""
    linacs = sum(len(network.centre(one).linacs) for one in compromised_centres(network, scenario)) or 1
    staff = scenario.redeployment
    return Crisis(
        attack_at=scenario.attack_at,
        outage_days=scenario.outage_days,
        data_recovery=scenario.data_recovery,
        surge=scenario.surge,
        agency_led=scenario.agency_led,
        redeployment=StaffPerLinac(
            physics_fte=staff.physics_fte / linacs, oncologists=staff.oncologists / linacs, from_day=staff.from_day
        ),
        horizon_days=scenario.horizon_days,
        compensation=scenario.compensation,
    )


def on_day(crisis: Crisis, day: date) -> Crisis:
    """Return the same crisis on another day, at the same hour of Paris."""
    hour = time(*in_paris(crisis.attack_at).timetuple()[3:5])
    return crisis.model_copy(update={"attack_at": in_paris(datetime.combine(day, hour))})


def scenario_of(
    crisis: Crisis, centre_ids: tuple[str, ...], network: Network, title: Mapping[str, str], name: str
) -> Scenario:
    """Return the crisis at some centres as a scenario.

    Parameters
    ----------
    crisis, network
        What is supposed, and where.
    centre_ids
        Centres that fall.
    title, name
        Title by language, and id.
    """
    linacs = sum(len(network.centre(one).linacs) for one in centre_ids)
    staff = crisis.redeployment
    return Scenario(
        schema_version=1,
        id=name,
        title=Title(fr=title["fr"], en=title["en"]),
        exercise=True,
        attack_at=crisis.attack_at,
        compromised=Compromised(centres=centre_ids),
        outage_days=crisis.outage_days,
        data_recovery=crisis.data_recovery,
        roster="",
        surge=crisis.surge,
        agency_led=crisis.agency_led,
        redeployment=Redeployment(
            physics_fte=int(2 * linacs * staff.physics_fte + EPSILON) / 2,
            oncologists=int(linacs * staff.oncologists + EPSILON),
            from_day=staff.from_day,
        ),
        horizon_days=crisis.horizon_days,
        compensation=crisis.compensation,
    )
