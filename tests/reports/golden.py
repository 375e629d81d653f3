"""Text of the documents of a fixed plan, page by page; run as a module, writes the kept copies again."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2

from tests.factories import make_case, make_plan
from transfer_planner.reports.compare_pages import comparison_pdf
from transfer_planner.reports.maps import map_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan


def golden(plan: Plan, case: Case, read: Callable[[bytes], list[str]]) -> dict[str, str]:
    """Return the text of each document; the fingerprint of the plan, which follows every change of the models, is left out."""
    moved = [
        d.model_copy(update={"centre_id": "gray", "linac_id": "gray-1", "start_date": d.start_date + timedelta(days=1)})
        if number % 5 == 0 and d.action == "transfer" and d.start_date
        else d
        for number, d in enumerate(plan.decisions)
    ]
    other = plan.model_copy(update={"decisions": tuple(moved)})
    made = {
        f"{name}-{lang}": pdf
        for lang in ("fr", "en")
        for name, pdf in (("map", map_pdf(plan, case, lang)), ("compare", comparison_pdf(plan, other, case, lang)))
    }
    return {name: re.sub(r"plan [0-9a-f]{12}", "plan …", "\n\f\n".join(read(pdf))) + "\n" for name, pdf in made.items()}


def _pages(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [re.sub(r"\s+", " ", page.get_textpage().get_text_bounded()) for page in document]


if __name__ == "__main__":
    the_case = make_case(24)
    for name, text in golden(make_plan(the_case), the_case, _pages).items():
        Path(__file__).with_name("golden").joinpath(f"{name}.txt").write_text(text, "utf-8")
