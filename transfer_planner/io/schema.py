"""JSON Schemas of the files, generated from the entities that read them; `docs/schemas` keeps a copy for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transfer_planner.domain.atlas import Atlas
from transfer_planner.domain.centre import Network
from transfer_planner.domain.patient import Patient
from transfer_planner.domain.plan import Plan
from transfer_planner.domain.policy import Policy
from transfer_planner.domain.scenario import Scenario
from transfer_planner.domain.stress import Stress
from transfer_planner.io.centres import KEYS

if TYPE_CHECKING:
    from pydantic import BaseModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILES: dict[str, type[BaseModel]] = {
    "centres": Network,
    "scenario": Scenario,
    "policy": Policy,
    "roster-row": Patient,
    "plan": Plan,
    "atlas": Atlas,
    "stress": Stress,
}


def schemas() -> dict[str, dict[str, Any]]:
    """Return the schemas by name: centres, overlay, scenario, policy, roster-row, plan, atlas."""
    return {name: _schema(entity) for name, entity in FILES.items()} | {"overlay": _overlay()}


def _schema(entity: type[BaseModel]) -> dict[str, Any]:
    return {"$schema": DIALECT, **entity.model_json_schema()}


def _overlay() -> dict[str, Any]:
    """Return the schema of the network with everything optional but the keys by which lists merge."""
    schema = _schema(Network) | {"title": "Overlay", "description": "A part of a network, laid over it."}
    for part in (schema, *schema["$defs"].values()):
        required = [name for name in part.pop("required", ()) if name in KEYS.values()]
        if required:
            part["required"] = required
        for field in part.get("properties", {}).values():
            field.pop("default", None)
    return schema
