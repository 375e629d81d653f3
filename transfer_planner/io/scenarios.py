"""Read a scenario, and check it against the network and the roster."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from transfer_planner.domain.scenario import Scenario
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg
from transfer_planner.io.findings import check_known, validate_rest
from transfer_planner.io.reference import read_policy
from transfer_planner.io.yaml_documents import Document, Node, read_document

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from transfer_planner.domain.centre import Network
    from transfer_planner.domain.scenario import Pin

YEARS = range(2000, 2101)


def read_scenario(path: str | Path) -> Scenario:
    """Read a scenario; what depends on the network and on the roster is checked by `read_case`.

    Raises
    ------
    DataError
        With every finding.
    """
    document = read_document(path)
    scenario, findings = load_scenario(document)
    if scenario is None or findings:
        raise DataError(findings)
    return scenario


def load_scenario(document: Document) -> tuple[Scenario | None, list[Finding]]:
    """Validate a scenario and check it in itself; return it, as far as it can be read (else None), and the findings."""
    scenario, findings, above = validate_rest(Scenario, document.root)
    if scenario is not None:
        findings += [fault for fault in _check(scenario, document.root) if fault.where not in above]
    policy = document.root.at(("policy",))
    if policy is not document.root and isinstance(policy.value, dict):
        try:
            read_policy(policy.plain(), file=document.root.file)
        except DataError as error:
            findings += [
                replace(fault, where=f"{fault.where} (l. {_line(policy, fault.where.split('.')[1:])})")
                for fault in error.findings
            ]
    return scenario, findings


def _line(policy: Node, path: list[str]) -> int:
    """Return the line of an override, or that of the nearest one above it; `a.b: 1` and nested mappings mean the same."""
    for key, node in policy.children():
        steps = str(key).split(".")
        if path[: len(steps)] == steps:
            return _line(node, path[len(steps) :])
        if steps[: len(path)] == path:
            return node.line
    return policy.line


def fallen(scenario: Scenario, network: Network) -> tuple[str, ...]:
    """Return the ids of the centres that fell: those named, and every centre of the domains named."""
    domains = set(scenario.compromised.information_systems)
    return tuple(
        centre.id
        for centre in network.centres
        if centre.id in scenario.compromised.centres or domains.intersection(centre.information_systems)
    )


def check_with_network(scenario: Scenario, network: Network, root: Node) -> Iterator[Finding]:
    """Yield what the scenario says of centres, domains and linacs that the network does not know."""
    centres = {centre.id for centre in network.centres}
    domains = {domain.id for domain in network.information_systems}
    down = set(fallen(scenario, network))
    linacs = {linac.id: centre.id for centre in network.centres for linac in centre.linacs}
    for i, centre_id in enumerate(scenario.compromised.centres):
        yield from check_known(root, ("compromised", "centres", i), centre_id, centres)
    for i, domain_id in enumerate(scenario.compromised.information_systems):
        yield from check_known(root, ("compromised", "information_systems", i), domain_id, domains)
    compromised = scenario.compromised
    if not down and centres.issuperset(compromised.centres) and domains.issuperset(compromised.information_systems):
        yield root.finding(("compromised",), msg("at least one centre that falls"), code="nobody_falls")
    at_home = {linac_id for linac_id, centre_id in linacs.items() if centre_id in down}
    for i, restart in enumerate(scenario.home_restart):
        for j, linac_id in enumerate(restart.linac_ids):
            yield from check_known(root, ("home_restart", i, "linac_ids", j), linac_id, at_home)
    for i, answer in enumerate(scenario.declared_capacity):
        yield from check_known(root, ("declared_capacity", i, "centre_id"), answer.centre_id, centres)
    for i, pin in enumerate(scenario.pins):
        yield from _check_pin(pin, ("pins", i), root, linacs, centres, down)


def check_pins_with_roster(scenario: Scenario, patients: Collection[str], root: Node) -> Iterator[Finding]:
    """Yield the pins of patients that are not in the roster."""
    for i, pin in enumerate(scenario.pins):
        if pin.patient_id not in patients:
            yield root.finding(("pins", i, "patient_id"), msg("a patient of the roster"), code="unknown_patient")


def _check_pin(
    pin: Pin, at: tuple[str | int, ...], root: Node, linacs: dict[str, str], centres: set[str], down: set[str]
) -> Iterator[Finding]:
    if pin.forbid is not None:
        yield from check_known(root, (*at, "forbid"), pin.forbid, centres)
    if pin.centre_id is not None:
        yield from check_known(root, (*at, "centre_id"), pin.centre_id, centres)
        if pin.centre_id in down and pin.action != "restart":
            yield root.finding((*at, "centre_id"), msg("a centre that did not fall"), code="pin_to_fallen_centre")
    if pin.linac_id is not None:
        own = {linac for linac, centre in linacs.items() if pin.centre_id in (None, centre)}
        yield from check_known(root, (*at, "linac_id"), pin.linac_id, own if pin.centre_id in centres else set(linacs))


def _check(scenario: Scenario, root: Node) -> Iterator[Finding]:
    """Yield what a scenario cannot say, whatever the network."""
    if scenario.attack_at.year not in YEARS or len(str(root.at(("attack_at",)).value)) < len("2026-03-02T06:40"):
        yield root.finding(
            ("attack_at",), msg("a date and time written 2026-03-02T06:40:00+01:00"), code="datetime_parsing"
        )
    for i, answer in enumerate(scenario.declared_capacity):
        if answer.asked_at is not None and answer.asked_at.year not in YEARS:
            yield root.finding(
                ("declared_capacity", i, "asked_at"),
                msg("a date and time written 2026-03-02T06:40:00+01:00"),
                code="datetime_parsing",
            )
    if not (scenario.compromised.centres or scenario.compromised.information_systems):
        yield root.finding(("compromised",), msg("at least one centre that falls"), code="nobody_falls")
    outage = scenario.outage_days
    if not outage.low <= outage.likely <= outage.high:
        yield root.finding(("outage_days",), msg("low ≤ likely ≤ high"), code="outage_order")
    for i, restart in enumerate(scenario.home_restart):
        for j, linac_id in enumerate(restart.linac_ids):
            if linac_id in restart.linac_ids[:j] or any(linac_id in r.linac_ids for r in scenario.home_restart[:i]):
                yield root.finding(
                    ("home_restart", i, "linac_ids", j), msg("each linac once"), code="duplicate_restart"
                )
    yield from _check_pins(scenario, root)


def _check_pins(scenario: Scenario, root: Node) -> Iterator[Finding]:
    """Yield the pins that decide nothing, contradict themselves or an earlier one, or start outside the horizon."""
    earlier: dict[str, dict[str, object]] = defaultdict(dict)
    forbidden = {(pin.patient_id, pin.forbid) for pin in scenario.pins if pin.forbid is not None}
    last = scenario.day_zero + timedelta(days=scenario.horizon_days)
    for i, pin in enumerate(scenario.pins):
        decided = pin.model_dump(exclude={"patient_id", "forbid"}, exclude_none=True)
        if not decided and pin.forbid is None:
            yield root.finding(("pins", i), msg("an `action`, or a centre to `forbid`"), code="empty_pin")
        if decided and pin.action is None:
            yield root.finding(
                ("pins", i, "action"), msg("one of: {known}", known="transfer, restart, wait"), code="missing"
            )
        if pin.action == "wait" and len(decided) > 1:
            yield root.finding(("pins", i), msg("no centre, linac or date for a patient who waits"), code="pin_wait")
        if pin.start_date is not None and not scenario.day_zero < pin.start_date <= last:
            yield root.finding(
                ("pins", i, "start_date"),
                msg("a date after {first} and not after {last}", first=scenario.day_zero, last=last),
                code="pin_outside_horizon",
            )
        if (pin.patient_id, pin.centre_id) in forbidden:
            yield root.finding(
                ("pins", i, "centre_id"), msg("a centre not forbidden to this patient"), code="pin_to_forbidden_centre"
            )
        before = earlier[pin.patient_id]
        for field, value in decided.items():
            if before.setdefault(field, value) != value:
                yield root.finding(
                    ("pins", i, field),
                    msg("the same as in an earlier pin of this patient ({value})", value=before[field]),
                    msg("keep one of the two pins"),
                    code="contradictory_pins",
                )
