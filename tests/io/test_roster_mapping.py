"""Lists of other software: columns recognised or mapped, identities replaced, the rest told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from transfer_planner.errors import DataError
from transfer_planner.io.pseudonyms import Coder, Identity
from transfer_planner.io.roster import load_rows
from transfer_planner.io.roster_mapping import Mapped, Mapping, count_targets, map_table, needs_codes, read_mapping
from transfer_planner.io.roster_table import read_table, read_table_file

if TYPE_CHECKING:
    from pathlib import Path

CODER = Coder(b"secret of the tests")
EXPORT = (
    "IPP;Nom;Prénom;Date de naissance;Localisation;Technique;Nb séances;Séances réalisées;Médecin\n"
    "123456;DURAND;Zoé;29/02/1960;sein gauche;RapidArc;25;12;Dr X\n"
    "654321;PETIT;Jean;;prostate;RA;20;19;Dr Y\n"
)


def mapped(folder: Path, content: str, mapping: Mapping | None = None) -> Mapped:
    file = folder / "export.csv"
    file.write_text(content, "utf-8")
    table = read_table(file, read_table_file(file), count_targets)
    return map_table(file, table, mapping or Mapping(schema_version=1), CODER)


def test_a_french_export_is_recognised_and_its_identities_replaced(tmp_path: Path) -> None:
    """Numbers become codes, names and birth dates leave the table, the year of birth stays, unknown columns are named."""
    mapping = Mapping(schema_version=1, values={"technique": {"ra": "VMAT"}}, constants={"centre_id": "dentellieres"})
    done = mapped(tmp_path, EXPORT, mapping)
    roster = load_rows("export.csv", done.table, "")
    assert roster.findings == ()
    first, second = roster.patients
    assert (first.patient_id, first.birth_year, first.site, first.technique) == (
        CODER.code("123456"),
        1960,
        "sein",
        "VMAT",
    )
    assert (second.technique, second.delivered_fractions, second.birth_year) == ("VMAT", 19, None)
    assert done.ignored == ("Médecin",)
    assert done.identities[first.patient_id] == {Identity("123456", "DURAND Zoé", "29/02/1960"): None}
    assert "DURAND" not in str(done.table)
    assert "123456" not in str(done.table)


def test_a_mapping_names_columns(tmp_path: Path) -> None:
    """Headers that nobody could guess, and one that is left out on purpose."""
    file = tmp_path / "mapping.yaml"
    file.write_text(
        'schema_version: 1\ncolumns: {"Dossier n°": patient_number, Tx: technique, N: prescribed_fractions}\n'
        "ignore: [Site]\nconstants: {centre_id: a}\n",
        "utf-8",
    )
    done = mapped(tmp_path, "Dossier n°;Tx;N;Site\n12;VMAT;25;zzz\n", read_mapping(file))
    (patient,) = load_rows("export.csv", done.table, "").patients
    assert (patient.patient_id, patient.site, patient.centre_id) == (CODER.code("12"), None, "a")
    assert done.ignored == ()


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        ("schema_version: 1\ncolumns: {A: techniqe}\n", ["unknown_column"]),
        ("schema_version: 1\ncolums: {A: technique}\n", ["extra_forbidden"]),
        ("schema_version: 1\nvalues: {colour: {a: b}}\nconstants: {size: 2}\n", ["string_type", "unknown_column"]),
        ("columns: [A]\n", ["schema_version"]),
    ],
)
def test_a_faulty_mapping_is_refused(tmp_path: Path, content: str, codes: list[str]) -> None:
    """An unknown column or key is told before the export is read."""
    file = tmp_path / "mapping.yaml"
    file.write_text(content, "utf-8")
    with pytest.raises(DataError) as caught:
        read_mapping(file)
    assert {finding.code for finding in caught.value.findings} <= set(codes)


def test_names_alone_are_refused(tmp_path: Path) -> None:
    """A list that only names patients makes no code that another source would give too."""
    with pytest.raises(DataError) as caught:
        mapped(tmp_path, "Nom;Technique;Nb séances\nDURAND;VMAT;25\n")
    assert [finding.code for finding in caught.value.findings] == ["no_patient_column"]


def test_codes_are_kept_as_they_are(tmp_path: Path) -> None:
    """A list of codes needs no table of codes."""
    file = tmp_path / "export.csv"
    file.write_text("Code patient;Technique;Nb séances\nP1;VMAT;25\n", "utf-8")
    table = read_table(file, read_table_file(file), count_targets)
    assert not needs_codes(table, Mapping(schema_version=1))
    assert map_table(file, table, Mapping(schema_version=1), None).table.rows[0][1][0] == "P1"


def test_a_row_without_number_and_a_faulty_one_are_kept_apart(tmp_path: Path) -> None:
    """The sound row is read; what can be read of the others is kept for a human."""
    done = mapped(tmp_path, "IPP;Centre;Technique;Nb séances\n1;a;VMAT;25\n;a;VMAT;25\n3;a;laser;25\n")
    roster = load_rows("export.csv", done.table, "")
    assert [cells.sound for cells in roster.cells] == [True, False, False]
    assert roster.cells[2].values == {"patient_id": CODER.code("3"), "centre_id": "a", "prescribed_fractions": 25}
    assert [finding.code for finding in roster.findings] == ["missing", "unreadable"]
