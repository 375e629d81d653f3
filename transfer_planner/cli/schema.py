"""`schema`: the JSON Schemas of the files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from transfer_planner.cli.common import FILE, Settings, command

if TYPE_CHECKING:
    from pathlib import Path


@command
@click.option("--out", metavar="FOLDER", type=FILE, help="Folder where to write one file per schema.")
def schema(settings: Settings, out: Path | None) -> None:
    """Print the JSON Schemas of the files, or write them to a folder."""
    from transfer_planner.cli import terminal
    from transfer_planner.io.files import write_whole
    from transfer_planner.io.schema import schemas

    documents = schemas()
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for name, document in documents.items():
            text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
            write_whole(out / f"{name}.schema.json", text.encode())
    if out is None or settings.as_json:
        terminal.print_json(documents)
