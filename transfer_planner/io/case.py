"""Read everything one scenario needs, and report the faults of all its files together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from transfer_planner.domain.case import Case
from transfer_planner.domain.plan import InputFile, Inputs
from transfer_planner.errors import DataError, Finding
from transfer_planner.io import roster_cells as cells
from transfer_planner.io.centres import load_network
from transfer_planner.io.files import attempt
from transfer_planner.io.reference import policy_sha256, read_policy, read_sites
from transfer_planner.io.roster import Roster, load_roster
from transfer_planner.io.roster_checks import check_with_network as check_patient_with_network
from transfer_planner.io.scenarios import check_pins_with_roster, check_with_network, fallen, load_scenario
from transfer_planner.io.travel_matrix import read_travel_matrix
from transfer_planner.io.yaml_documents import Document, load_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transfer_planner.domain.centre import Network
    from transfer_planner.domain.scenario import Scenario


def read_case(
    scenario: str | Path,
    centres: str | Path = Path("centres.yaml"),
    overlays: Sequence[str | Path] = (),
    travel_matrix: str | Path | None = None,
) -> Case:
    """Read a scenario, the network with its overlays, the roster, the travel matrix and the policy.

    Parameters
    ----------
    scenario, centres
        Files.
    overlays
        Overlays of the command line, laid over those of the scenario.
    travel_matrix
        Stands over the scenario's own.

    Returns
    -------
    Case
        Without `places`: where patients stay is computed by `network.travel`.

    Raises
    ------
    DataError
        With the findings of every file.
    """
    findings: list[Finding] = []
    document = attempt(findings, lambda: load_document(scenario))
    crisis, faults = load_scenario(document) if document else (None, [])
    layers = [*_named(document, "overlays"), *map(Path, overlays)]
    network, network_faults, fingerprints = load_network(centres, layers)
    roster_file = next(iter(_named(document, "roster")), None)
    roster = attempt(findings, lambda: load_roster(roster_file)) if roster_file else None
    findings = [
        *network_faults,
        *findings,
        *(document.findings if document else ()),
        *faults,
        *(roster.findings if roster else ()),
    ]
    travel_matrix = travel_matrix or next(iter(_named(document, "travel_matrix")), None)
    ids = [centre.id for centre in network.centres] if network else []
    matrix = attempt(findings, lambda: read_travel_matrix(travel_matrix, ids)) if network and travel_matrix else None
    if crisis and roster and document:
        findings += check_pins_with_roster(crisis, roster.codes, document.root)
    if crisis and network and document:
        findings += _check(crisis, network, roster, document)
    if findings or crisis is None or network is None or roster is None or document is None:
        raise DataError(findings)
    policy = read_policy(crisis.policy, file=str(scenario))
    inputs = Inputs(
        centres=_input(centres, fingerprints[0]),
        scenario=_input(scenario, document.sha256),
        roster=_input(roster.file, roster.sha256),
        overlays=tuple(_input(file, sha) for file, sha in zip(layers, fingerprints[1:], strict=True)),
        travel_matrix=_input(travel_matrix, matrix[1]) if travel_matrix and matrix else None,
        policy_sha256=policy_sha256(policy),
    )
    return Case(
        network=network,
        scenario=crisis,
        policy=policy,
        patients=roster.patients,
        sites=read_sites(),
        inputs=inputs,
        matrix=matrix[0] if matrix else {},
    )


def _named(document: Document | None, field: str) -> list[Path]:
    """Return the files that a scenario names, sound or not: their faults are told with those of the scenario."""
    node = document.root.at((field,)) if document else None
    if document is None or node is None or node is document.root:
        return []
    items = node.value if isinstance(node.value, list) else [node]
    beside = Path(document.root.file).parent
    names = (item.value if item.text is None else item.text for item in items)
    return [beside / name for name in names if isinstance(name, str)]


def _input(path: str | Path, fingerprint: str) -> InputFile:
    return InputFile(path=Path(path).resolve().as_posix(), sha256=fingerprint)


def _check(scenario: Scenario, network: Network, roster: Roster | None, document: Document) -> Iterator[Finding]:
    """Yield what holds in each file alone and not together."""
    yield from check_with_network(scenario, network, document.root)
    if roster is None:
        return
    down = fallen(scenario, network)
    named = {*scenario.compromised.centres, *scenario.compromised.information_systems}
    ids = tuple(centre.id for centre in network.centres)
    if not down or not named.issubset({*ids, *(domain.id for domain in network.information_systems)}):
        down = ids  # what fell is itself a fault, told once and not again for every row
    for row in roster.rows:
        for column, text, code in check_patient_with_network(row.patient, scenario, network, down):
            value = cells.read_text(getattr(row.patient, column))
            yield Finding(roster.file, f"l. {row.line}, {roster.called.get(column, column)}", value, text, code=code)
