"""Each small faulty file gives its fault, on its line, with what is expected; nothing gives a traceback."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from transfer_planner.errors import DataError, Finding
from transfer_planner.io.case import read_case
from transfer_planner.io.centres import read_network
from transfer_planner.io.scenarios import read_scenario

HERE = Path(__file__).parent
FAULTS = HERE / "faults"


def files(folder: str) -> list[str]:
    return sorted(file.name for file in (FAULTS / folder).iterdir())


def findings_of(read: object, *args: object, **options: object) -> tuple[Finding, ...]:
    with pytest.raises(DataError) as caught:
        read(*args, **options)
    for finding in caught.value.findings:
        assert finding.expected.text("fr")
        assert finding.mend is None or finding.mend.text("fr")
    return caught.value.findings


def marked_lines(file: Path) -> set[int]:
    return {number for number, line in enumerate(file.read_text("utf-8").splitlines(), 1) if "# here" in line}


def lines_of(findings: tuple[Finding, ...]) -> set[int]:
    return {int(match[1]) for finding in findings if (match := re.search(r"l\. (\d+)", finding.where))}


@pytest.mark.parametrize("name", files("network"))
def test_each_faulty_network_is_refused_on_its_line(name: str) -> None:
    """A network file with one fault gives findings on the faulty line, and only there."""
    file = FAULTS / "network" / name
    findings = findings_of(read_network, file)
    assert lines_of(findings) == marked_lines(file)
    assert {finding.file for finding in findings} == {str(file)}


@pytest.mark.parametrize("name", files("overlay"))
def test_each_faulty_overlay_is_named(name: str) -> None:
    """A fault of an overlay names the overlay and its line, never the base file."""
    file = FAULTS / "overlay" / name
    findings = findings_of(read_network, HERE / "centres.yaml", [file])
    assert {finding.file for finding in findings} == {str(file)}
    assert lines_of(findings) == marked_lines(file)


@pytest.mark.parametrize("name", files("scenario"))
def test_each_faulty_scenario_is_refused_on_its_line(name: str) -> None:
    """A scenario with one fault gives findings that name the scenario and the faulty line."""
    file = FAULTS / "scenario" / name
    findings = findings_of(read_case, file, HERE / "centres.yaml")
    assert {finding.file for finding in findings} == {str(file)}
    if not name.startswith("policy"):
        assert lines_of(findings) == marked_lines(file)


@pytest.mark.parametrize(
    "name", ["outage_order", "datetime_parsing", "attack_as_a_number", "pin_wait", "policy_path", "missing"]
)
def test_a_scenario_alone_is_checked_in_itself(name: str) -> None:
    """What needs neither network nor roster is found by `read_scenario` alone."""
    assert findings_of(read_scenario, FAULTS / "scenario" / f"{name}.yaml")


@pytest.mark.parametrize("name", files("roster"))
def test_each_faulty_row_is_refused_in_its_column(name: str, tmp_path: Path) -> None:
    """A roster with one faulty row gives one finding: its line, its column, the value found."""
    file = FAULTS / "roster" / name
    number, column = next(
        (number, match[1])
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if (match := re.search(r"fault in (\w+)", line))
    )
    scenario = tmp_path / "scenario.yaml"
    text = (HERE / "scenario.yaml").read_text("utf-8").replace("roster.csv", file.as_posix())
    scenario.write_text(text, encoding="utf-8")
    (finding,) = findings_of(read_case, scenario, HERE / "centres.yaml")
    assert (finding.file, finding.where) == (str(file), f"l. {number}, {column}")
    assert finding.value or column in {"patient_id", "prescribed_fractions", "lon"}


@pytest.mark.parametrize("name", files("matrix"))
def test_each_faulty_way_is_refused(name: str) -> None:
    """A travel matrix with one faulty row gives a finding on that row."""
    file = FAULTS / "matrix" / name
    (finding,) = findings_of(read_case, HERE / "scenario.yaml", HERE / "centres.yaml", travel_matrix=file)
    last = len(file.read_text("utf-8").splitlines())
    assert finding.where.startswith(f"l. {last}, ")


def test_the_sound_files_are_read() -> None:
    """The files that the faulty ones are compared with have no fault."""
    case = read_case(HERE / "scenario.yaml", HERE / "centres.yaml")
    assert [patient.patient_id for patient in case.patients] == ["P001", "P002"]
    assert case.places == {}
    assert Path(case.inputs.roster.path).is_absolute()


def test_all_files_report_together(tmp_path: Path) -> None:
    """One faulty network, one faulty scenario and two faulty rows give the findings of all, network first."""
    scenario = tmp_path / "scenario.yaml"
    text = (HERE / "scenario.yaml").read_text("utf-8").replace("low: 1", "low: 9")
    scenario.write_text(text, encoding="utf-8")
    rows = "patient_id,centre_id,technique,prescribed_fractions\nP001,a,laser,25\nP002,a,VMAT,many\n"
    (tmp_path / "roster.csv").write_text(rows, encoding="utf-8")
    network = FAULTS / "network" / "literal_error.yaml"
    findings = findings_of(read_case, scenario, network)
    names = [Path(finding.file).name for finding in findings]
    assert names == ["literal_error.yaml", "scenario.yaml", "roster.csv", "roster.csv"]


def test_an_unknown_key_hides_nothing_else(tmp_path: Path) -> None:
    """Beside an unknown key or a wrong value, what does not exist is told too, in the scenario, the network and the roster."""
    network = tmp_path / "centres.yaml"
    text = (HERE / "centres.yaml").read_text("utf-8")
    network.write_text(text.replace("between: [a, b]", "between: [a, nowhere]") + "colour: blue\n", encoding="utf-8")
    scenario = tmp_path / "scenario.yaml"
    text = (HERE / "scenario.yaml").read_text("utf-8")
    more = "colour: blue\nhorizon_days: 0\npins:\n  - {patient_id: P009, action: fly}\n"
    scenario.write_text(f"{text}{more}", encoding="utf-8")
    (tmp_path / "roster.csv").write_text(
        "patient_id,centre_id,linac_id,technique,prescribed_fractions\nP001,a,nowhere,VMAT,25\n", encoding="utf-8"
    )
    findings = findings_of(read_case, scenario, network)
    assert sorted(finding.where.partition(" (")[0] for finding in findings) == [
        "colour",
        "colour",
        "conventions[0].between[1]",
        "horizon_days",
        "l. 2, linac_id",
        "pins[0].action",
        "pins[0].patient_id",
    ]


def test_one_row_tells_all_its_faults(tmp_path: Path) -> None:
    """A cell that cannot be read hides neither what contradicts in the rest of its row nor what the network lacks."""
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text((HERE / "scenario.yaml").read_text("utf-8"), encoding="utf-8")
    rows = "patient_id,centre_id,linac_id,technique,prescribed_fractions,delivered_fractions,last_fraction_date,lat,lon"
    (tmp_path / "roster.csv").write_text(f"{rows}\nP001,a,nowhere,VMAT,25,26,2026-02-30,50.1,east\n", encoding="utf-8")
    findings = findings_of(read_case, scenario, HERE / "centres.yaml")
    assert sorted(finding.where.removeprefix("l. 2, ") for finding in findings) == [
        "delivered_fractions",
        "last_fraction_date",
        "linac_id",
        "lon",
    ]


def test_an_override_is_told_on_its_line(tmp_path: Path) -> None:
    """A policy override that does not fit gives its path, the line where it is written, and how to mend it, in French."""
    scenario = tmp_path / "scenario.yaml"
    lines = [line for line in (HERE / "scenario.yaml").read_text("utf-8").splitlines() if "policy" not in line]
    policy = ["policy:", "  tolerances:", "    emergencyy: 1", "  compensation.saturday.categories: [1]"]
    scenario.write_text("\n".join([*lines, *policy]), encoding="utf-8")
    misspelt, number = findings_of(read_scenario, scenario)
    assert misspelt.where == f"policy.tolerances.emergencyy (l. {len(lines) + 3})"
    assert misspelt.mend is not None
    assert misspelt.mend.text("fr") == "vouliez-vous écrire `emergency`\u202f?"
    assert number.where == f"policy.compensation.saturday.categories.0 (l. {len(lines) + 4})"
    assert number.mend is not None
    assert number.mend.text("fr") == 'mettez-le entre guillemets\u202f: "1"'


def test_faulty_keys_do_not_hide_faulty_values(tmp_path: Path) -> None:
    """An object twice in a list and a wrong value elsewhere in the network are told together."""
    file = tmp_path / "centres.yaml"
    centre = "  - {id: a, location: {lat: 50, lon: 3}"
    file.write_text(f"schema_version: 1\ncentres:\n{centre}}}\n{centre}, paediatrics: 3}}\n", encoding="utf-8")
    assert [finding.code for finding in findings_of(read_network, file)] == ["duplicate_id", "bool_type"]


def test_a_key_written_twice_hides_nothing(tmp_path: Path) -> None:
    """A duplicate key, a wrong value and a faulty roster are told together."""
    scenario = tmp_path / "scenario.yaml"
    text = (HERE / "scenario.yaml").read_text("utf-8").replace("low: 1", "low: soon")
    scenario.write_text(f"{text}\nexercise: true\n", encoding="utf-8")
    (tmp_path / "roster.csv").write_text("patient_id,centre_id,technique,prescribed_fractions\nP1,a,laser,5\n", "utf-8")
    codes = {finding.code for finding in findings_of(read_case, scenario, HERE / "centres.yaml")}
    assert codes == {"duplicate_key", "int_type", "unreadable"}


def test_findings_speak_french() -> None:
    """What is expected and how to mend it are said in French, with the narrow spaces of its typography."""
    (finding,) = findings_of(read_network, FAULTS / "network" / "bool_type.yaml")
    assert finding.expected.text("fr") == "true ou false (oui ou non)"
    (finding,) = findings_of(read_network, FAULTS / "network" / "string_type.yaml")
    assert finding.mend is not None
    assert finding.mend.text("fr") == 'mettez-le entre guillemets\u202f: "no"'
