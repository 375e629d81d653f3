"""What the tests of the printed outputs share: a case, its plan, and the text of a PDF."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from tests.factories import make_case, make_plan
from transfer_planner.reports.write import write_reports

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan


@pytest.fixture(scope="session")
def case() -> Case:
    return make_case(24)


@pytest.fixture(scope="session")
def plan(case: Case) -> Plan:
    return make_plan(case)


@pytest.fixture(scope="session")
def folder(case: Case, plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder written in French."""
    out = tmp_path_factory.mktemp("reports") / "valenciennes"
    write_reports(plan, case, out, "fr")
    return out


@pytest.fixture(scope="session")
def pdf_pages() -> Callable[[bytes], list[str]]:
    """Return a function that gives the text of each page of a PDF, every run of white space made one space."""

    def read(pdf: bytes) -> list[str]:
        with pypdfium2.PdfDocument(pdf) as document:
            return [re.sub(r"\s+", " ", page.get_textpage().get_text_bounded()) for page in document]

    return read


@pytest.fixture(scope="session")
def pdf_text(pdf_pages: Callable[[bytes], list[str]]) -> Callable[[bytes], str]:
    """Return a function that gives the text of a PDF."""
    return lambda pdf: "\n".join(pdf_pages(pdf))
