"""A table of words in a page; every cell is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def html_table(table: Mapping[str, Any], *, name: int = 0, short: int | None = None) -> str:
    """Return a table.

    Parameters
    ----------
    table
        Headings and rows, of `words.table`.
    name
        Column that names the rows.
    short
        Other cells of at most so many characters stay on one line; None: no cell is told short.
    """

    def cell(at: int, text: str) -> str:
        if at == name:
            return f'<th scope="row">{escape(text)}</th>'
        return f"<td{' class=n' if short is not None and len(text) <= short else ''}>{escape(text)}</td>"

    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in table["heads"])
    rows = "".join(f"<tr>{''.join(cell(at, text) for at, text in enumerate(row))}</tr>" for row in table["rows"])
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
