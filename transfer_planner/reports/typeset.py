"""From data to PDF: Typst with the packaged fonts and templates, nothing from the machine or the network."""

from __future__ import annotations

import json
import re
from datetime import UTC
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

import typst

from transfer_planner.errors import TransferPlannerError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from transfer_planner.i18n import Language

STANDARDS: tuple[Literal["a-2a"], Literal["ua-1"]] = ("a-2a", "ua-1")
"""Archivable (PDF/A-2a) and accessible (PDF/UA-1)."""


UNPRINTABLE = re.compile("[^\u0000-\u024f\u2000-\u206f\u20a0-\u22ff\u2500-\u27bf]")
"""Beyond Latin letters, punctuation and signs: where the packaged fonts may lack a character (an emoji, a Chinese name)."""
REPLACEMENT = "?"


class TypesettingError(TransferPlannerError):
    """A template does not compile, or compiles with a warning: a fault of this package, never of the data."""


@cache
def _fonts() -> typst.Fonts:
    folder = resources.files("transfer_planner.reports") / "fonts"
    with resources.as_file(folder) as path:
        return typst.Fonts(include_system_fonts=False, font_paths=[str(path)])


@cache
def _templates() -> dict[str, bytes]:
    folder = resources.files("transfer_planner.reports") / "templates"
    return {item.name: item.read_bytes() for item in folder.iterdir() if item.name.endswith(".typ")}


def render_pdf(
    template: str,
    data: Mapping[str, Any],
    *,
    files: Mapping[str, bytes] | None = None,
    title: str,
    lang: Language,
    timestamp: datetime,
) -> bytes:
    """Render a packaged template to PDF.

    Parameters
    ----------
    template
        File name in `reports/templates`, for instance `sheets.typ`.
    data
        Anything JSON can hold. The template gets it by `json("data.json")`, so no text is ever read as markup;
        `title` and `lang` are added to it. A character that no packaged font has is printed as "?".
    files
        Further files the template reads by name, such as SVG drawings.
    title
        Title of the document.
    lang
        Language of the document.
    timestamp
        Date of the document. The same data and timestamp give the same bytes.

    Raises
    ------
    TypesettingError
        When Typst refuses the template or warns.
    """
    payload = json.dumps({**data, "title": title, "lang": lang}, ensure_ascii=False, allow_nan=False)
    printable = UNPRINTABLE.sub(REPLACEMENT, payload)
    try:
        return _compile(template, payload, files or {}, timestamp)
    except TypesettingError:
        if printable == payload:
            raise
        return _compile(template, printable, files or {}, timestamp)  # a character that no packaged font has


def _compile(template: str, payload: str, files: Mapping[str, bytes], timestamp: datetime) -> bytes:
    world: Any = {  # the stubs of typst do not know its in-memory files
        **_templates(),
        **files,
        "main": _templates()[template],
        "data.json": payload.encode(),
    }
    try:
        pdf, warnings = typst.compile_with_warnings(
            world, format="pdf", font_paths=_fonts(), pdf_standards=list(STANDARDS), timestamp=timestamp.astimezone(UTC)
        )
    except typst.TypstError as error:
        raise TypesettingError(f"{template}: {error}") from error
    if warnings:
        raise TypesettingError(f"{template}: " + "; ".join(str(warning) for warning in warnings))
    return pdf


def page_count(pdf: bytes) -> int:
    """Return the number of pages of a PDF made here (Typst writes its page objects in the clear)."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))
