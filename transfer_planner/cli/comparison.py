"""What the commands that compare two files share: a page and a PDF side by side, and tables on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from transfer_planner.i18n import Language, Message

SHOWN = 20
"""Rows told on a terminal; the files of --out hold all of them."""


def files_of(out: Path | None) -> list[Path]:
    """Return the page and the PDF that `--out` asks for.

    Raises
    ------
    DataError
        When they cannot be written.
    """
    from transfer_planner.cli.inputs import check_file

    files = [] if out is None else [out.with_suffix(suffix) for suffix in (".html", ".pdf")]
    for file in files:
        check_file(file, "--out")
    return files


def write_files(files: Sequence[Path], html: str, pdf: bytes, *, private: bool) -> None:
    """Write the page and the PDF; private where they tell of patients."""
    from transfer_planner.io.files import write_whole

    for file, content in zip(files, (html.encode(), pdf), strict=True):
        write_whole(file, content, private=private)


def show_written(files: Sequence[Path], lang: Language) -> None:
    """Say where the page and the PDF are, when there are any."""
    from transfer_planner.cli import summary

    if files:
        summary.show_files(files[0].parent, [file.name for file in files], lang)


def show_table(title: Message, heads: Iterable[Message], rows: Sequence[Sequence[str]], lang: Language) -> None:
    """Print a table, unless it is empty."""
    from rich.table import Table
    from rich.text import Text

    from transfer_planner.cli.terminal import console

    made = Table(title=title.text(lang), title_justify="left")
    for head in heads:
        made.add_column(head.text(lang))
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    if rows:
        console().print(made)
