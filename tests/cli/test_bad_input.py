"""Bad input ends in a clear list and exit code 1, with nothing written and never a traceback."""

from __future__ import annotations

import os
import zipfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Crisis


def test_unknown_key(crisis: Crisis) -> None:
    """A misspelt key of the scenario is refused, with the key meant."""
    crisis.replace("horizon_days: 28", "horizon_day: 28")
    (finding,) = crisis.refused()
    assert "horizon_day" in finding["where"]
    assert "horizon_days" in finding["mend"]


def test_impossible_date(crisis: Crisis) -> None:
    """30 February is refused, with row and column."""
    crisis.change(2, first_fraction_date="2026-02-30")
    (finding,) = crisis.refused()
    assert finding["file"].endswith("valenciennes.csv")
    assert "first_fraction_date" in finding["where"]
    assert "2026-02-30" in finding["value"]


def test_more_delivered_than_prescribed(crisis: Crisis) -> None:
    """A patient cannot have had more fractions than prescribed."""
    crisis.change(1, prescribed_fractions="20", delivered_fractions="21")
    assert "delivered_fractions" in crisis.refused()[0]["where"]


def test_unknown_linac(crisis: Crisis) -> None:
    """A filled home linac that the network does not know is an error."""
    crisis.change(3, linac_id="nowhere-9")
    assert crisis.refused()[0]["value"] == "nowhere-9"


def test_duplicate_patient(crisis: Crisis) -> None:
    """A code used twice is an error."""
    crisis.change(2, patient_id="P001")
    assert crisis.refused()[0]["value"] == "P001"


def test_unknown_compromised_centre(crisis: Crisis) -> None:
    """A compromised centre that the network does not know is an error."""
    crisis.replace("centres: [dentellieres]", "centres: [dentelieres]")
    assert "dentelieres" in {finding["value"] for finding in crisis.refused()}


def test_empty_roster(crisis: Crisis) -> None:
    """An empty roster is an error, not an empty plan."""
    crisis.roster.write_text("", "utf-8")
    crisis.refused()


def test_every_fault_of_every_file_at_once(crisis: Crisis) -> None:
    """Faults of the scenario, of the roster and of the network are told together."""
    crisis.replace("policy: {}", "policy: {tolerances.emergency: -1}")
    crisis.change(1, prescribed_fractions="many")
    crisis.change(4, technique="MAGIC")
    network = crisis.folder / "centres.yaml"
    network.write_text(network.read_text("utf-8") + "\nsurprise: 1\n", "utf-8")
    files = {finding["file"].rsplit(os.sep, 1)[-1] for finding in crisis.refused()}
    assert files == {"centres.yaml", "valenciennes_ransomware.yaml", "valenciennes.csv"}


@pytest.mark.parametrize("name", ["scenario", "roster", "network"])
def test_file_of_two_hundred_megabytes(crisis: Crisis, name: str) -> None:
    """A huge file is refused by its size, not read."""
    file = {"scenario": crisis.scenario, "roster": crisis.roster, "network": crisis.folder / "centres.yaml"}[name]
    os.truncate(file, 200 * 2**20)
    assert "MB" in crisis.refused()[0]["value"]


def test_zip_bomb(crisis: Crisis) -> None:
    """A workbook of a few kilobytes that unpacks to hundreds of megabytes is refused."""
    bomb = crisis.roster.with_suffix(".xlsx")
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(300):
                sheet.write(bytes(2**20))
    assert bomb.stat().st_size < 2**20
    crisis.replace("valenciennes.csv", "valenciennes.xlsx")
    assert crisis.refused()[0]["file"].endswith(".xlsx")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\x01", b"a: [1, 2", b"&a [*a]", b"- " * 50_000, b"\x00"])
def test_garbage_scenario(crisis: Crisis, content: bytes) -> None:
    """Binary garbage, broken or looping YAML is a finding like another."""
    crisis.scenario.write_bytes(content)
    crisis.refused()


def test_folder_where_a_file_should_be(crisis: Crisis) -> None:
    """A folder given as scenario is refused."""
    crisis.refused("plan", crisis.folder)
    crisis.refused("verify", crisis.folder)
    crisis.refused("roster", "check", crisis.folder)


def test_missing_files(crisis: Crisis) -> None:
    """A missing scenario, overlay or plan is named."""
    missing = crisis.folder / "nowhere.yaml"
    assert crisis.refused("plan", missing)[0]["file"] == str(missing)
    assert crisis.refused("plan", crisis.scenario, "--overlay", missing)[0]["file"] == str(missing)
    assert crisis.refused("verify", missing)[0]["file"] == str(missing)


def test_output_under_a_file(crisis: Crisis) -> None:
    """An output folder that cannot be created is refused before the work."""
    (finding,) = crisis.refused("plan", crisis.scenario, "--out", crisis.scenario / "out")
    assert finding["code"] == "unwritable"


def test_output_in_a_folder_that_holds_something_else(crisis: Crisis) -> None:
    """A folder of somebody's work is never replaced."""
    (crisis.folder / "mine").mkdir()
    mine = crisis.folder / "mine" / "thesis.txt"
    mine.write_text("precious", "utf-8")
    (finding,) = crisis.refused("plan", crisis.scenario, "--out", mine.parent)
    assert finding["code"] == "not_ours"
    assert mine.read_text("utf-8") == "precious"


def test_a_note_in_a_folder_of_outputs_is_seen_before_the_work(crisis: Crisis, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that no plan wrote, beside a manifest, is refused before planning begins."""
    monkeypatch.setattr("transfer_planner.planning.plan.make_plan", lambda *_, **__: pytest.fail("worked in vain"))
    out = crisis.folder / "mine"
    out.mkdir()
    (out / "manifest.json").write_text('{"files": []}', "utf-8")
    (out / "phone-numbers.txt").write_text("precious", "utf-8")
    (finding,) = crisis.refused("plan", crisis.scenario, "--out", out)
    assert finding["value"] == "phone-numbers.txt"


@pytest.mark.parametrize("where", ["nowhere/file", ".", "centres.yaml/file"])
def test_a_file_that_cannot_be_written_is_refused_before_the_work(
    crisis: Crisis, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`problem` and `roster synth` never say that they wrote where nothing can be written."""
    monkeypatch.setattr("transfer_planner.planning.export.export_mps", lambda *_, **__: pytest.fail("worked in vain"))
    file = crisis.folder / where
    assert crisis.refused("problem", crisis.scenario, "--mps", file)[0]["code"] == "output"
    synth = ("roster", "synth", "--centre", "gray", "--day-zero", "2026-03-02", "--patients", 3, "--out", file)
    assert crisis.refused(*synth)[0]["code"] == "output"


def test_an_exercise_in_another_century(crisis: Crisis) -> None:
    """Nobody is invented for a date that no calendar of the software knows."""
    synth = ("roster", "synth", "--centre", "gray", "--day-zero", "1800-03-02", "--out", crisis.folder / "r.csv")
    assert crisis.refused(*synth)[0]["where"] == "--day-zero"


def test_a_protected_folder_is_refused_before_the_work(crisis: Crisis, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder where the user may not write is told at once."""
    monkeypatch.setattr("transfer_planner.cli.inputs.os.access", lambda *_: False)
    (finding,) = crisis.refused("problem", crisis.scenario, "--mps", crisis.folder / "x.mps")
    assert finding["code"] == "output"


def test_a_faulty_scenario_hides_nothing(crisis: Crisis) -> None:
    """The roster, the overlay and the policy of a scenario that is no scenario are read all the same."""
    crisis.replace("horizon_days: 28", "horizon_days: soon")
    crisis.replace("policy: {}", "policy: {tolerances.emergencyy: 1}")
    crisis.change(1, prescribed_fractions="many")
    overlay = crisis.folder / "scenarios" / "overlays" / "fictitious_equipment.yaml"
    overlay.write_text(overlay.read_text("utf-8") + "\nsurprise: 1\n", "utf-8")
    found = {(finding["file"].rsplit(os.sep, 1)[-1], finding["where"]) for finding in crisis.refused()}
    assert ("valenciennes.csv", "l. 2, prescribed_fractions") in found
    assert any(file == "fictitious_equipment.yaml" for file, _ in found)
    scenario = {where.split(" ")[0] for file, where in found if file == "valenciennes_ransomware.yaml"}
    assert scenario == {"horizon_days", "policy.tolerances.emergencyy"}


def test_validate_checks_what_the_network_says_of_the_world(crisis: Crisis) -> None:
    """A centre without any linac passes no validation, with or without a scenario."""
    lone = crisis.folder / "lone.yaml"
    lone.write_text("centres: [{id: lone, location: {lat: 50.5, lon: 3.0}}]\n", "utf-8")
    for scenarios in ([], [crisis.scenario]):
        (finding,) = crisis.refused("validate", *scenarios, "--overlay", lone)
        assert (finding["code"], finding["where"]) == ("no_linac", "lone")


def test_unwritable_file(crisis: Crisis, tmp_path: Path) -> None:
    """A file that the system refuses to write is told in words."""
    assert crisis.refused("schema", "--out", crisis.scenario / "schemas")[0]["code"] == "system"
    assert not (tmp_path / "schemas").exists()


def test_plan_that_is_no_plan(crisis: Crisis) -> None:
    """A plan.json with something else inside is refused."""
    other = crisis.folder / "plan.json"
    other.write_text('{"schema_version": 1}', "utf-8")
    crisis.refused("verify", other)


def test_faults_are_told_in_french_grouped_by_file(crisis: Crisis) -> None:
    """People see the count, then each fault under its file, in French by default, on stderr only."""
    crisis.change(1, technique="MAGIC")
    crisis.change(2, prescribed_fractions="0")
    result = crisis.run("validate", crisis.scenario)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("2 anomalie(s)")
    assert result.stderr.count("valenciennes.csv") == 1
    assert "MAGIC" in result.stderr
