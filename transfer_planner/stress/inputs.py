"""Read what an atlas is made from: the network, a scenario as the model of the crisis, real rosters; every fault in one go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from transfer_planner.domain.plan import InputFile
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg
from transfer_planner.io import roster_cells as cells
from transfer_planner.io.centres import load_network
from transfer_planner.io.files import attempt
from transfer_planner.io.reference import read_policy
from transfer_planner.io.roster import load_roster
from transfer_planner.io.roster_checks import check_with_network
from transfer_planner.io.scenarios import read_scenario
from transfer_planner.io.travel_matrix import read_travel_matrix
from transfer_planner.stress.region import RealRoster, Region
from transfer_planner.stress.settings import crisis_like, on_day, read_settings, scenario_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from transfer_planner.domain.atlas import Crisis
    from transfer_planner.domain.centre import Network
    from transfer_planner.domain.scenario import Scenario
    from transfer_planner.io.roster import Roster

ROSTERS = (".csv", ".xlsx")


@dataclass(frozen=True)
class AtlasInputs:
    """What was read.

    Parameters
    ----------
    region
        The region and what is supposed.
    centres, overlays
        Files of the network.
    """

    region: Region
    centres: InputFile
    overlays: tuple[InputFile, ...]


def read_inputs(
    centres: Path,
    overlays: Sequence[Path],
    *,
    like: Path | None = None,
    day_zero: date | None = None,
    rosters: Sequence[str] = (),
) -> AtlasInputs:
    """Read the region of an atlas.

    Parameters
    ----------
    centres, overlays
        Files of the network.
    like
        Scenario whose crisis, policy, overlays and travel matrix hold wherever centres fall; as packaged without one.
    day_zero
        Day of the attack, over the one of the crisis.
    rosters
        Real rosters: `CENTRE=FILE`, or a folder of files named after the centres.

    Raises
    ------
    DataError
        With the findings of every file.
    """
    findings: list[Finding] = []
    scenario = None if like is None else attempt(findings, lambda: read_scenario(like))
    layers = [*_beside(like, scenario.overlays if scenario else ()), *overlays]
    network, faults, fingerprints = load_network(centres, layers)
    findings += faults
    files = _roster_files(rosters, network, findings)
    if network is None or (like is not None and scenario is None):
        raise DataError(findings)
    crisis = read_settings().crisis if scenario is None else crisis_like(scenario, network)
    crisis = crisis if day_zero is None else on_day(crisis, day_zero)
    policy = attempt(findings, lambda: read_policy(scenario.policy if scenario else None, file=str(like)))
    matrix_file = next(iter(_beside(like, filter(None, [scenario.travel_matrix if scenario else None]))), None)
    ids = [centre.id for centre in network.centres]
    matrix = attempt(findings, lambda: read_travel_matrix(matrix_file, ids)) if matrix_file else None
    real = {name: _read_roster(name, file, network, crisis, findings) for name, file in files.items()}
    if findings or policy is None:
        raise DataError(findings)
    sound = {name: roster for name, roster in real.items() if roster is not None}
    region = Region(network, policy, crisis, sound, matrix[0] if matrix else {})
    read = [
        InputFile(path=file.as_posix(), sha256=sha) for file, sha in zip([centres, *layers], fingerprints, strict=True)
    ]
    return AtlasInputs(region, read[0], tuple(read[1:]))


def _beside(scenario: Path | None, names: Iterable[str]) -> list[Path]:
    """Return the files that a scenario names."""
    return [] if scenario is None else [scenario.parent / name for name in names]


def _roster_files(given: Sequence[str], network: Network | None, findings: list[Finding]) -> dict[str, Path]:
    """Return the roster of each centre, as given one by one or by folders."""
    known = sorted(centre.id for centre in network.centres if centre.linacs) if network else []
    files: dict[str, Path] = {}
    for one in given:
        name, equal, path = one.partition("=")
        found = [(name, Path(path))] if equal else _in_folder(Path(one), findings)
        for centre_id, file in found:
            if network is not None and centre_id not in known:
                expected = msg("a centre of the network: {known}", known=", ".join(known))
                findings.append(Finding(str(file), "--roster", centre_id, expected, code="unknown_centre"))
            elif centre_id in files:
                expected = msg("one roster for a centre; {file} is given too", file=files[centre_id])
                findings.append(Finding(str(file), "--roster", centre_id, expected, code="two_rosters"))
            else:
                files[centre_id] = file
    return files


def _in_folder(folder: Path, findings: list[Finding]) -> list[tuple[str, Path]]:
    if folder.is_dir():
        found = [(file.stem, file) for file in sorted(folder.iterdir()) if file.suffix.lower() in ROSTERS]
        if found:
            return found
    expected = msg("CENTRE=FILE, or a folder of rosters named after the centres (CSV or XLSX)")
    findings.append(Finding(str(folder), "--roster", folder.name, expected, code="rosters"))
    return []


def _read_roster(
    centre_id: str, file: Path, network: Network, crisis: Crisis, findings: list[Finding]
) -> RealRoster | None:
    """Read the roster of a centre; None when it has faults."""
    roster = attempt(findings, lambda: load_roster(file))
    if roster is None:
        return None
    scenario = scenario_of(crisis, (centre_id,), network, {"fr": "", "en": ""}, "roster")
    faults = [*roster.findings, *_faults(roster, scenario, network, centre_id)]
    findings += faults
    return None if faults else RealRoster(roster.patients, roster.sha256)


def _faults(roster: Roster, scenario: Scenario, network: Network, centre_id: str) -> Iterator[Finding]:
    """Yield what the rows say that is not so of the network, and once if the list is of after the attack."""
    later = [row.patient.last_fraction_date for row in roster.rows if row.patient.last_fraction_date is not None]
    if later and max(later) > scenario.day_zero:
        expected = msg("a list of before the attack supposed ({day})", day=scenario.day_zero)
        mend = msg("give the day of the lists with --day-zero")
        yield Finding(roster.file, "last_fraction_date", f"{max(later):%Y-%m-%d}", expected, mend, "after_the_attack")
        return
    for row in roster.rows:
        for column, text, code in check_with_network(row.patient, scenario, network, (centre_id,)):
            value = cells.read_text(getattr(row.patient, column))
            yield Finding(roster.file, f"l. {row.line}, {roster.called.get(column, column)}", value, text, code=code)
