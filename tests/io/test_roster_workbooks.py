"""Workbooks with traps: merged cells, hidden sheets, macros, entities; each is told or harmless."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest
import xlsxwriter

from tests.io.test_roster_forms import NAMES, ROW, refused, workbook
from transfer_planner.errors import DataError
from transfer_planner.io.roster import read_roster

if TYPE_CHECKING:
    from pathlib import Path


def test_merged_cells_below_the_header_are_told(tmp_path: Path) -> None:
    """A centre merged over two patients would be read for the first one only; a merged title is harmless."""
    book = xlsxwriter.Workbook(tmp_path / "roster.xlsx")
    sheet = book.add_worksheet()
    sheet.merge_range(0, 0, 0, 3, "Patients")
    sheet.write_row(1, 0, [*NAMES, "notes"])
    for line in (2, 3):
        sheet.write_row(line, 0, [f"P{line}", "a", "VMAT", 25])
    sheet.merge_range(2, 4, 3, 4, "see file")
    book.close()
    (finding,) = refused(tmp_path / "roster.xlsx", "merged_cells")
    assert finding.where == "E3:E4"


def test_a_list_on_a_hidden_sheet_is_told(tmp_path: Path) -> None:
    """Nobody looks at a hidden sheet; it is not read in silence."""
    book = xlsxwriter.Workbook(tmp_path / "roster.xlsx")
    book.add_worksheet("Seen").activate()
    hidden = book.add_worksheet("Old")
    hidden.write_row(0, 0, NAMES)
    hidden.write_row(1, 0, ROW)
    hidden.hide()
    book.close()
    assert refused(tmp_path / "roster.xlsx", "hidden_sheet")[0].where == "Old"


def test_macros_are_never_run(tmp_path: Path) -> None:
    """A workbook with a macro part is read like any other."""
    file = workbook(tmp_path, NAMES, ROW)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"Shell(format)")
    assert len(read_roster(file)) == 1


def test_an_xml_bomb_stays_small(tmp_path: Path) -> None:
    """Entities that unfold to gigabytes are never unfolded."""
    file = workbook(tmp_path, NAMES, ["&bomb;", "a", "VMAT", 25])
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY e0 "laugh">{levels}]>'
    copy = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(copy, "w") as target:
        for name in source.namelist():
            content = source.read(name).decode()
            if name == "xl/sharedStrings.xml":
                content = bomb + content.partition("?>")[2].replace("&amp;bomb;", "&e9;")
            target.writestr(name, content)
    with pytest.raises(DataError) as caught:
        read_roster(copy)
    assert len(str(caught.value)) < 1000
