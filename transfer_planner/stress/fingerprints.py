"""Fingerprints of all that a result depends on: the code and the packaged data, the libraries, the inputs."""

from __future__ import annotations

import json
import platform
from functools import cache
from hashlib import sha256
from importlib import resources
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from pydantic import BaseModel

PARTS = ("clinical", "data", "domain", "exercise", "network", "planning", "problem", "solvers", "stress")
"""Folders of the package on which results depend; commands, pages and readers change no result."""
LIBRARIES = ("numba", "numpy", "ortools", "scipy")
SILENT = {
    "address",
    "crisis_contacts",
    "declared_by_role",
    "declared_on",
    "equipment_notes",
    "label",
    "notes",
    "provenance",
    "sources",
}
"""Fields of a network that no result depends on."""


def digest(*parts: str) -> str:
    """Return one fingerprint of several texts."""
    return sha256("\0".join(parts).encode()).hexdigest()


@cache
def code_sha256() -> str:
    """Return the fingerprint of what works: code, packaged data, and the libraries that compute."""
    package = resources.files("transfer_planner")
    texts = [
        f"{name}:{sha256(file.read_bytes()).hexdigest()}" for part in PARTS for name, file in _files(package / part)
    ]
    return digest(software(), *texts)


def software() -> str:
    """Return the versions of this software, of Python and of the libraries that compute, in words."""
    python = ".".join(platform.python_version_tuple()[:2])
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"transfer-planner {version('transfer-planner')}, Python {python}, {libraries}"


def _files(folder: Traversable) -> list[tuple[str, Traversable]]:
    found = [(item.name, item) for item in folder.iterdir() if item.name.endswith((".py", ".yaml", ".csv"))]
    return sorted(found, key=lambda item: item[0])


def canonical(entity: BaseModel) -> str:
    """Return an entity as text: equal entities give equal texts."""
    return json.dumps(entity.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def network_text(entity: BaseModel) -> str:
    """Return a network as text, without what no result depends on."""
    content = _without_silent(entity.model_dump(mode="json"))
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _without_silent(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _without_silent(value) for key, value in content.items() if key not in SILENT}
    if isinstance(content, list):
        return [_without_silent(item) for item in content]
    return content
