"""`validate`: every fault of every file, what is assumed, what to ask first."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from transfer_planner.cli.common import FILE, Settings, command
from transfer_planner.errors import DataError, Finding

if TYPE_CHECKING:
    from pathlib import Path


@command
@click.argument("scenarios", nargs=-1, type=FILE)
def validate(settings: Settings, scenarios: tuple[Path, ...]) -> None:
    """Check network, scenarios and rosters; say what is assumed and what to ask first."""
    from transfer_planner.cli import facts
    from transfer_planner.io.case import read_case
    from transfer_planner.io.centres import read_network
    from transfer_planner.io.files import attempt
    from transfer_planner.io.reference import read_policy
    from transfer_planner.network.graph import build_network, check_network

    findings: list[Finding] = []
    network = attempt(findings, partial(read_network, settings.centres, settings.overlays))
    read = [attempt(findings, partial(read_case, file, settings.centres, settings.overlays)) for file in scenarios]
    cases = [case for case in read if case is not None]
    if network is not None:
        findings += check_network(build_network(network, read_policy().travel_model), str(settings.centres))
    for case in cases:
        graph = build_network(case.network, case.policy.travel_model, case.matrix)
        findings += check_network(graph, str(settings.centres))
    if network is None or findings:
        raise DataError([*dict.fromkeys(findings)])
    facts.show(network, cases, settings)
