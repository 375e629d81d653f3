"""What any printed page must keep: nothing outside the paper, no line of text over another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pypdfium2
from pypdfium2 import raw

if TYPE_CHECKING:
    from collections.abc import Iterator

    Box = tuple[float, float, float, float]

MARGIN = 8.0
"""Points of paper that no printer reaches, about 3 mm."""


def boxes(page: pypdfium2.PdfPage) -> Iterator[Box]:
    """Yield the box of each run of text (left, bottom, right, top, in points), watermarks (turned) and drawings left out."""
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=1):
        matrix = item.get_matrix()
        if abs(matrix.b) < 1e-6 and abs(matrix.c) < 1e-6:
            yield item.get_bounds()


def outside(pdf: bytes) -> list[tuple[int, str]]:
    """Return page and words of the texts that leave the printable part of their page."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [
            (number, page.get_textpage().get_text_bounded(*box))
            for number, page in enumerate(document, 1)
            for box in boxes(page)
            if min(box[:2]) < MARGIN or box[2] > page.get_width() - MARGIN or box[3] > page.get_height() - MARGIN
        ]


def collisions(pdf: bytes) -> list[tuple[int, str, str]]:
    """Return page and words of the texts written one over the other: a third of the lower one's height, and over a point."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [
            (number, *(page.get_textpage().get_text_bounded(*box) for box in pair))
            for number, page in enumerate(document, 1)
            for pair in _met(sorted(box for box in boxes(page) if box[2] - box[0] > 1))
        ]


def _met(found: list[Box]) -> Iterator[tuple[Box, Box]]:
    """Yield the boxes that meet, of those sorted from the left."""
    for i, one in enumerate(found):
        for two in found[i + 1 :]:
            if two[0] > one[2] - 1:
                break
            if min(one[3], two[3]) - max(one[1], two[1]) > 0.34 * min(one[3] - one[1], two[3] - two[1]):
                yield one, two
