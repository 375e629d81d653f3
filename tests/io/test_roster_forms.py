"""A roster is read whatever its encoding, separator, workbook or header; what is no roster is refused."""

from __future__ import annotations

import io
import zipfile
import zlib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter

from transfer_planner.errors import DataError, Finding
from transfer_planner.io.roster import read_roster

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADER = "patient_id,centre_id,technique,prescribed_fractions"
NAMES = HEADER.split(",")
ROW = ["P1", "a", "VMAT", 25]


def written(folder: Path, content: str | bytes, name: str = "roster.csv") -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def workbook(folder: Path, *rows: Sequence[Any], name: str = "roster.xlsx") -> Path:
    book = xlsxwriter.Workbook(folder / name, {"default_date_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet("Patients")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return folder / name


def refused(path: Path, *codes: str) -> tuple[Finding, ...]:
    with pytest.raises(DataError) as caught:
        read_roster(path)
    assert [finding.code for finding in caught.value.findings] == list(codes)
    return caught.value.findings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_any_export_of_a_spreadsheet_is_read(encoding: str, mark: str, end: str, tmp_path: Path) -> None:
    """Encodings and separators that spreadsheets write are recognised; quotes hold the separator and line ends."""
    lines = [HEADER + ",notes", f'P1,a,arcthérapie,25,"accès{mark} à{end}voir"', "", "P2,a,3DCRT,5,"]
    text = end.join(lines[0:1] + lines[1:]).replace(",", mark)
    first, second = read_roster(written(tmp_path, text.encode(encoding)))
    assert (first.technique, first.notes) == ("VMAT", f"accès{mark} à\nvoir")
    assert second.patient_id == "P2"


def test_the_line_that_names_the_separator_is_skipped(tmp_path: Path) -> None:
    """Excel may write sep=; above the header; line numbers still count it."""
    file = written(tmp_path, "sep=;\n" + HEADER.replace(",", ";") + "\nP1;a;VMAT;zz\n")
    assert refused(file, "unreadable")[0].where == "l. 3, prescribed_fractions"


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    """Blank lines and values over several lines do not shift the line of a fault."""
    file = written(tmp_path, f'\n{HEADER},notes\n\nP1,a,VMAT,25,"one\ntwo"\n,,,,\nP2,a,VMAT,many,\n')
    assert refused(file, "unreadable")[0].where == "l. 7, prescribed_fractions"


def test_french_headers_are_understood(tmp_path: Path) -> None:
    """Case, accents, spaces and French names of columns do not matter."""
    file = written(
        tmp_path, "Code patient;CENTRE;Technique ;Nombre_de-séances;Dose prescrite (Gy)\nP1;a;VMAT;25;50,5\n"
    )
    (patient,) = read_roster(file)
    assert (patient.prescribed_fractions, patient.prescribed_dose_gy) == (25, 50.5)


def test_a_fault_is_told_under_the_name_that_the_file_gives(tmp_path: Path) -> None:
    """A column under a French name is told by it, our own name after; a faulty code is not repeated for all that."""
    file = written(tmp_path, "Code patient;Centre;TECHNIQUE;Nb de séances\nMARTIN Jeanne;a;laser;many\n;a;VMAT;5\n")
    found = refused(file, "unreadable", "unreadable", "string_pattern_mismatch", "missing")
    assert [finding.where for finding in found] == [
        "l. 2, technique",
        "l. 2, Nb de séances (prescribed_fractions)",
        "l. 2, Code patient (patient_id)",
        "l. 3, Code patient (patient_id)",
    ]
    named = written(tmp_path, "Code patient;Centre;Technique;Nb de séances\nMARTIN Jeanne;a;VMAT;5\n")
    assert "MARTIN" not in str(refused(named, "string_pattern_mismatch"))


def test_every_fault_of_every_row_comes_at_once(tmp_path: Path) -> None:
    """Faults of the header and of several rows and columns report together."""
    file = written(tmp_path, f"{HEADER},colour,rank\nP1,a,laser,0.5,red,9\nP1,a,VMAT,25,,9\n,a,VMAT,25,,\n")
    findings = refused(
        file,
        *(
            "unknown_column",
            "unreadable",
            "unreadable",
            "literal_error",
            "duplicate_patient",
            "literal_error",
            "missing",
        ),
    )
    assert [finding.where for finding in findings] == [
        "l. 1, colour",
        "l. 2, technique",
        "l. 2, prescribed_fractions",
        "l. 2, rank",
        "l. 3, patient_id",
        "l. 3, rank",
        "l. 4, patient_id",
    ]


def test_a_missing_column_is_told_once(tmp_path: Path) -> None:
    """A required column that is absent is one finding, and the other columns are still read."""
    file = written(tmp_path, "patient_id,centre_id,technique\nP1,a,laser\nP2,a,VMAT\n")
    assert [finding.where for finding in refused(file, "missing_column", "unreadable")] == [
        "l. 1, prescribed_fractions",
        "l. 2, technique",
    ]


@pytest.mark.parametrize("name", ["Nom", "prenom", "date_naissance", "IPP"])
def test_an_identity_is_refused_and_not_repeated(name: str, tmp_path: Path) -> None:
    """A column of names is refused, and no finding repeats what stands there."""
    findings = refused(written(tmp_path, f"{HEADER},{name}\nP1,a,VMAT,25,MARTIN\n"), "identity_column")
    assert "MARTIN" not in str(findings)
    assert "code" in findings[0].expected.text("en")


def test_a_name_in_place_of_a_code_is_not_repeated(tmp_path: Path) -> None:
    """The faulty code of a patient may be a name: the finding gives the row only."""
    findings = refused(written(tmp_path, f"{HEADER}\nMARTIN Jeanne,a,VMAT,25\n"), "string_pattern_mismatch")
    assert "MARTIN" not in str(findings)


def test_a_decimal_comma_that_cuts_a_row_is_seen(tmp_path: Path) -> None:
    """A value beyond the last column is never dropped."""
    file = written(tmp_path, f"{HEADER},prescribed_dose_gy\nP1,a,VMAT,25,50,4\n")
    assert refused(file, "extra_cell")[0].where == "l. 2, [6]"


def test_a_cell_under_no_name_is_seen(tmp_path: Path) -> None:
    """A column without a name that holds something is a fault; an empty one is not."""
    refused(written(tmp_path, f"{HEADER},,\nP1,a,VMAT,25,what,\n"), "extra_cell")
    assert len(read_roster(written(tmp_path, f"{HEADER},,\nP1,a,VMAT,25,,\n"))) == 1


def test_a_column_given_twice_is_refused(tmp_path: Path) -> None:
    """Two names of one column would leave a choice."""
    refused(written(tmp_path, f"{HEADER},centre\nP1,a,VMAT,25,b\n"), "duplicate_column")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\n , ,\n", "empty_file"),
        (HEADER.encode(), "empty_roster"),
        (b"schema_version: 1\ncentres: []\n", "not_a_roster"),
        (b'{"decisions": [], "tiers": []}', "not_a_roster"),
        (b"%PDF-1.7\x00\x01", "binary"),
        (b"patient_id\x00", "binary"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "encrypted_or_xls"),
        (b"PK\x03\x04 not a zip at all", "not_a_workbook"),
        (f'{HEADER}\nP1,a,VMAT,"25\nP2,a,VMAT,5\n'.encode(), "quotes"),
    ],
)
def test_what_is_no_roster_is_refused(content: bytes, code: str, tmp_path: Path) -> None:
    """Empty, binary, encrypted and damaged files give one finding, whatever they are called."""
    for name in ("roster.csv", "roster.xlsx"):
        refused(written(tmp_path, content, name), code)


def test_a_folder_a_missing_and_a_large_file_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths that cannot be a roster are findings."""
    refused(tmp_path, "not_a_file")
    refused(tmp_path / "none.csv", "missing_file")
    large = tmp_path / "large.csv"
    with large.open("wb") as stream:
        stream.truncate(200 * 2**20)  # sparse: takes no room
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("read"))
    assert refused(large, "too_large")[0].value == "200 MB"


def test_a_workbook_is_read_whatever_its_extension(tmp_path: Path) -> None:
    """Numbers, dates and leading zeros of a spreadsheet are restored; the sheet of patients is found by its header."""
    file = tmp_path / "export.csv"
    book = xlsxwriter.Workbook(tmp_path / "book.xlsx", {"default_date_format": "dd/mm/yyyy"})
    book.add_worksheet("Lisez-moi").write(0, 0, "Bonjour")
    sheet = book.add_worksheet("Liste & suivi")
    sheet.write_row(2, 1, [*NAMES, "commune_insee", "first_fraction_date", "hormones", "prescribed_dose_gy"])
    sheet.write_row(4, 1, [1007, "a", "VMAT", 25, 2691])
    sheet.write_datetime(4, 6, date(2026, 2, 5))
    sheet.write_boolean(4, 7, True)
    sheet.write_number(4, 8, 50.4)
    book.close()
    (tmp_path / "book.xlsx").rename(file)
    (patient,) = read_roster(file)
    assert (patient.patient_id, patient.commune_insee, patient.prescribed_fractions) == ("1007", "02691", 25)
    assert (patient.first_fraction_date, patient.hormones) == (date(2026, 2, 5), True)


@pytest.mark.parametrize("titles", [["Patients en cours au 02/03/2026"], ["Patient", "", "Dose"], ["Service : a"]])
def test_titles_above_the_header_are_no_header(titles: list[str], tmp_path: Path) -> None:
    """A title or merged headings above the names of the columns are left out, in a workbook and in a CSV."""
    (patient,) = read_roster(workbook(tmp_path, titles, [], NAMES, ROW))
    lines = [titles, NAMES, [*ROW[:3], "many"]]
    text = "\n".join(";".join(map(str, line)) for line in lines)
    assert patient.patient_id == "P1"
    assert refused(written(tmp_path, text), "unreadable")[0].where == "l. 3, prescribed_fractions"


def test_rows_under_a_poor_header_are_not_taken_for_it(tmp_path: Path) -> None:
    """A first row that names two columns is the header, whatever stands below."""
    file = workbook(tmp_path, ["code", "centre", "?", "?"], NAMES)
    assert refused(file, *["unknown_column"] * 2, *["missing_column"] * 2)[0].where == "l. 1, ?"


def test_a_second_list_is_never_left_out_silently(tmp_path: Path) -> None:
    """Two sheets that hold patients are refused, a sheet of notes is not."""
    book = xlsxwriter.Workbook(tmp_path / "two.xlsx")
    for name in ("Lundi", "Mardi"):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, NAMES)
        sheet.write_row(1, 0, ROW)
    book.add_worksheet("Notes").write_row(0, 0, ["code", "remarque", "à voir"])
    book.close()
    (finding,) = refused(tmp_path / "two.xlsx", "second_sheet")
    assert finding.where == "Mardi"
    assert "Lundi" in finding.expected.text("fr")


def test_rows_of_a_workbook_keep_their_numbers(tmp_path: Path) -> None:
    """Rows are numbered as the spreadsheet shows them, blank ones counted."""
    file = workbook(tmp_path, [], NAMES, [], ROW, [], ["P2", "a", "laser", 5])
    assert refused(file, "unreadable")[0].where == "l. 6, technique"


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        (b'<c r="D2"><f>SUM(5,20)</f></c>', ["missing", "formula_without_value"]),
        (b'<c s="1" r="D2"><f>SUM(5,20)</f><v></v></c>', ["missing", "formula_without_value"]),
        (b'<c r="D2"><f t="shared" si="0"/><v/></c>', ["missing", "formula_without_value"]),
        (b'<c r="D2" t="str"><f>IF(1,"","x")</f><v></v></c>', ["missing"]),
    ],
)
def test_a_formula_without_value_is_seen(cell: bytes, codes: list[str], tmp_path: Path) -> None:
    """A formula never computed would read as a blank: the cell is named; an empty text is what a formula computed."""
    file = workbook(tmp_path, NAMES, ROW)
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(broken, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'<c r="D2"><v>25</v></c>', cell))
    findings = refused(broken, *codes)
    assert findings[-1].where in {"D2", "l. 2, prescribed_fractions"}


def test_a_formula_with_its_value_is_read(tmp_path: Path) -> None:
    """A computed formula gives its value."""
    book = xlsxwriter.Workbook(tmp_path / "roster.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, NAMES)
    sheet.write_row(1, 0, ROW[:3])
    sheet.write_formula(1, 3, "=5*5", None, 25)
    book.close()
    assert read_roster(tmp_path / "roster.xlsx")[0].prescribed_fractions == 25


def test_a_zip_bomb_is_refused_unopened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sizes of the directory are checked before anything is unzipped."""
    monkeypatch.setattr("transfer_planner.io.roster_table.UNZIPPED_LIMIT_MIB", 1)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 2**21)
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("unzipped"))
    refused(written(tmp_path, content.getvalue(), "bomb.xlsx"), "zip_bomb")


def test_a_stray_cell_is_refused(tmp_path: Path) -> None:
    """One cell at the end of the sheet would fill the memory with blanks."""
    book = xlsxwriter.Workbook(tmp_path / "roster.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, NAMES)
    sheet.write_row(1, 0, ROW)
    sheet.write(1_048_575, 16_383, "x")
    book.close()
    refused(tmp_path / "roster.xlsx", "stray_cell")


def test_another_zip_is_no_workbook(tmp_path: Path) -> None:
    """A zip of something else, and a workbook cut in two, are refused."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("readme.txt", "hello")
    refused(written(tmp_path, content.getvalue()), "not_a_workbook")
    whole = workbook(tmp_path, NAMES, ROW).read_bytes()
    refused(written(tmp_path, whole[: len(whole) // 2]), "not_a_workbook")
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        start = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 60
    refused(written(tmp_path, whole[:start] + bytes(100) + whole[start + 100 :]), "not_a_workbook")


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_workbook_of_another_compression_is_refused(how: int, tmp_path: Path) -> None:
    """Spreadsheets write none, and each fails in its own way when damaged."""
    whole, other = workbook(tmp_path, NAMES, ROW).read_bytes(), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(other, "w", how) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    refused(written(tmp_path, other.getvalue()), "not_a_workbook")


@pytest.mark.parametrize(
    ("part", "offset", "value", "raised"),
    [
        ("file", 60, b"\xff" * 100, zlib.error),
        ("directory", 0, b"XX", zipfile.BadZipFile),
        ("directory", 8, b"\x01", RuntimeError),  # encrypted
        ("directory", 8, b"\x20", NotImplementedError),  # a patch of another archive
        ("directory", 10, bytes(10) + b"\xff\xff\xff\0" * 2, (EOFError, zipfile.BadZipFile)),  # as Python is younger
        ("end", 16, b"\xff\xff\xff\0", ValueError),
    ],
)
def test_a_damaged_workbook_is_refused(
    part: str, offset: int, value: bytes, raised: type[Exception], tmp_path: Path
) -> None:
    """Whatever the library of zips raises on it, the refusal is the same."""
    whole, name = workbook(tmp_path, NAMES, ROW).read_bytes(), "xl/workbook.xml"
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        starts = {"file": archive.getinfo(name).header_offset}
    starts |= {"directory": whole.rindex(name.encode()) - 46, "end": len(whole) - 22}
    place = starts[part] + offset
    content = whole[:place] + value + whole[place + len(value) :]
    with pytest.raises(raised), zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.read(name)
    refused(written(tmp_path, content), "not_a_workbook")


def test_dates_made_of_phases_are_explained(tmp_path: Path) -> None:
    """Excel turns 16/8 into a date: the finding says why."""
    file = workbook(tmp_path, [*NAMES, "phases"], [*ROW, date(2026, 8, 16)])
    mend = refused(file, "unreadable")[0].mend
    assert mend is not None
    assert "date" in mend.text("en")
