"""Travel times given by the user are read with the codes that a spreadsheet spoils."""

from __future__ import annotations

from pathlib import Path

import pytest

from transfer_planner.errors import DataError
from transfer_planner.io.case import read_case
from transfer_planner.io.travel_matrix import read_travel_matrix

HERE = Path(__file__).parent


def written(folder: Path, text: str) -> Path:
    file = folder / "matrix.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_ways_are_read(tmp_path: Path) -> None:
    """Semicolons, decimal commas, French names and a lost leading zero are understood."""
    file = written(tmp_path, "Origine;Destination;Minutes;Km\n2691;a;41;47,5\nb;a;0;0\n")
    matrix, fingerprint = read_travel_matrix(file, ["a", "b"])
    assert matrix == {("02691", "a"): (41.0, 47.5), ("b", "a"): (0.0, 0.0)}
    assert len(fingerprint) == 64


def test_a_missing_column_and_another_faulty_row(tmp_path: Path) -> None:
    """What is missing is named."""
    with pytest.raises(DataError) as caught:
        read_travel_matrix(written(tmp_path, "origin,destination,minutes\na,b,3\n"), ["a", "b"])
    assert [finding.where for finding in caught.value.findings] == ["l. 1, km"]


def test_the_command_line_stands_over_the_scenario(tmp_path: Path) -> None:
    """The scenario's matrix is beside it; one given on the command line replaces it."""
    (tmp_path / "own.csv").write_text("origin,destination,minutes,km\na,b,10,10\n", encoding="utf-8")
    other = written(tmp_path, "origin,destination,minutes,km\na,b,20,20\n")
    crisis = tmp_path / "crisis.yaml"
    text = (HERE / "scenario.yaml").read_text("utf-8").replace("roster.csv", (HERE / "roster.csv").as_posix())
    crisis.write_text(f"{text}travel_matrix: own.csv\n", encoding="utf-8")
    own = read_case(crisis, HERE / "centres.yaml")
    assert own.matrix == {("a", "b"): (10.0, 10.0)}
    assert own.inputs.travel_matrix is not None
    assert Path(own.inputs.travel_matrix.path).name == "own.csv"
    assert read_case(crisis, HERE / "centres.yaml", travel_matrix=other).matrix == {("a", "b"): (20.0, 20.0)}
