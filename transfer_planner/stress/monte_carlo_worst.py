"""A worst case as a folder that stands by itself: network, overlays, roster and scenario, which `plan` reads as any other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from transfer_planner.io.files import read_bytes
from transfer_planner.io.roster import rows_content
from transfer_planner.stress.monte_carlo_case import centre_changes, drawn_scenario

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.scenario import Scenario
    from transfer_planner.domain.stress import Draw, Stress, WorstCase
    from transfer_planner.stress.samplers import Sampler

LIMIT_MIB = 512
DRAWN, ROSTER, SCENARIO = "drawn.yaml", "roster.csv", "scenario.yaml"


def worst_files(made: Stress, sampler: Sampler) -> dict[str, bytes]:
    """Return the files of the worst cases, by path.

    Parameters
    ----------
    made
        The Monte-Carlo.
    sampler
        That drew its runs.
    """
    draws = {(run.draw.batch, run.draw.index): run.draw for run in made.runs}
    copied = _copied(sampler.case)
    return {
        f"{case.folder}/{name}": content
        for case in made.worst
        for name, content in _files(case, draws[case.batch, case.index], sampler, copied).items()
    }


def _copied(case: Case) -> dict[str, bytes]:
    """Return the files of the scenario that hold as they are, the network first; encrypted ones stay so."""
    inputs = case.inputs
    named = {"centres": inputs.centres.path}
    named |= {f"overlay-{number}": file.path for number, file in enumerate(inputs.overlays, 1)}
    if inputs.travel_matrix is not None:
        named["travel"] = inputs.travel_matrix.path
    return {
        name + "".join(Path(path).suffixes[-2:]): read_bytes(path, limit_mib=LIMIT_MIB) for name, path in named.items()
    }


def _files(worst: WorstCase, draw: Draw, sampler: Sampler, copied: dict[str, bytes]) -> dict[str, bytes]:
    case = sampler.case
    patients, _ = sampler.patients(draw)
    scenario = drawn_scenario(case.scenario, draw)
    overlays = [name for name in copied if name.startswith("overlay-")]
    content = {
        **_written(scenario),
        "id": f"{case.scenario.id[:40]}-{worst.batch}-{worst.index}",
        "roster": ROSTER,
        "overlays": [*overlays, DRAWN],
    }
    matrix = next((name for name in copied if name.startswith("travel")), None)
    if matrix is not None:
        content["travel_matrix"] = matrix
    return {
        **copied,
        DRAWN: _yaml(_overlay(case, draw)),
        ROSTER: rows_content(patient.model_dump() for patient in patients),
        SCENARIO: _yaml(content),
    }


def _written(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario as it is written, fields at their default left out; that of the inputs names other files."""
    content = scenario.model_dump(mode="json", exclude_defaults=True, exclude={"overlays", "travel_matrix"})
    return {"schema_version": 1, **content}


def _overlay(case: Case, draw: Draw) -> dict[str, Any]:
    """Return what a run changes in the network, as an overlay; every value drawn is an assumption."""
    centres = []
    for centre_id, changes in centre_changes(case.network, draw).items():
        linacs = [_entry(linac_id, fields) for linac_id, fields in changes.pop("linacs", {}).items()]
        centres.append({**_entry(centre_id, changes), **({"linacs": linacs} if linacs else {})})
    return {"schema_version": 1, "centres": centres}


def _entry(entry_id: str, fields: dict[str, Any]) -> dict[str, Any]:
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}
    return {"id": entry_id, **plain, **({"provenance": dict.fromkeys(plain, "assumed")} if plain else {})}


def _yaml(content: dict[str, Any]) -> bytes:
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120).encode()
