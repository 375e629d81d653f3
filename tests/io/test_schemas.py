"""The JSON Schemas kept for editors are those of the entities, and accept the files of the repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from transfer_planner.io.centres import read_network
from transfer_planner.io.schema import schemas
from transfer_planner.io.yaml_documents import read_document

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "docs" / "schemas"
FILES = [
    ("centres", ROOT / "centres.yaml"),
    ("policy", ROOT / "transfer_planner" / "data" / "policy.yaml"),
    *(("scenario", file) for file in sorted((ROOT / "scenarios").glob("*.yaml"))),
    *(("overlay", file) for file in sorted((ROOT / "scenarios" / "overlays").glob("*.yaml"))),
]


def errors(name: str, document: Any) -> list[str]:
    return [error.message for error in jsonschema.Draft202012Validator(schemas()[name]).iter_errors(document)]


@pytest.mark.parametrize("name", sorted(schemas()))
def test_the_kept_schema_is_the_entity_s(name: str) -> None:
    """A change of an entity without its schema fails here: `transfer-planner schema --out docs/schemas` writes them again."""
    jsonschema.Draft202012Validator.check_schema(schemas()[name])
    text = json.dumps(schemas()[name], ensure_ascii=False, indent=2) + "\n"
    assert (KEPT / f"{name}.schema.json").read_text("utf-8") == text


def test_no_other_schema_is_kept() -> None:
    """A schema whose entity is gone does not linger."""
    assert sorted(file.name for file in KEPT.iterdir()) == sorted(f"{name}.schema.json" for name in schemas())


@pytest.mark.parametrize(("name", "file"), FILES, ids=[file.name for _, file in FILES])
def test_the_files_of_the_repository_follow_their_schema(name: str, file: Path) -> None:
    """An editor shows no fault on a file that the reader accepts."""
    assert errors(name, read_document(file, partial=name == "overlay").root.plain()) == []


@pytest.mark.parametrize(
    ("name", "file"), [pair for pair in FILES if pair[0] != "policy"], ids=lambda part: getattr(part, "name", part)
)
def test_the_first_line_leads_an_editor_to_the_schema(name: str, file: Path) -> None:
    """Each file names the schema of its own kind, by a path that exists."""
    first = file.read_text("utf-8").splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    assert (file.parent / first.partition("=")[2]).resolve() == (KEPT / f"{name}.schema.json").resolve()


def test_an_overlay_may_hold_a_part_of_anything_and_needs_the_keys() -> None:
    """Everything is optional but the keys by which lists merge; unknown fields stay errors."""
    assert errors("overlay", {"centres": [{"id": "a", "linacs": [{"id": "a-1"}]}]}) == []
    assert errors("overlay", {"centres": [{"name": "A"}]})
    assert errors("overlay", {"conventions": [{"signed_on": "2026-01-15"}]})
    assert errors("overlay", {"centre": []})


def test_the_network_of_the_repository_is_sound() -> None:
    """The packaged network and the fictitious equipment are read without a finding."""
    overlays = sorted((ROOT / "scenarios" / "overlays").glob("*.yaml"))
    assert len(read_network(ROOT / "centres.yaml", overlays).centres) >= 18
