"""Rosters from what survives, by the command line: a whole backup to a plan, exports, merges, templates, and clean refusals."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from tests.cli.conftest import ROOT, Crisis
from tests.dicom_backup import Backup, Person, write_centre
from transfer_planner.cli.main import cli
from transfer_planner.io import age
from transfer_planner.io.pseudonyms import read_codes

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

MACHINES = ("--machine", "CLINAC_1=dent-1", "--machine", "TOMO_2=dent-2")


@pytest.fixture
def key(crisis: Crisis) -> Path:
    """Return a secret key file; its public key stands beside it."""
    secret, public = age.new_key()
    file = crisis.folder / "key.txt"
    age.write_key(file, secret, public, "physicist")
    file.with_suffix(".pub").write_text(public, "utf-8")
    return file


def run(crisis: Crisis, *args: object, code: int) -> dict[str, Any]:
    """Run a command that ends with a code; return its result for machines."""
    result = crisis.run(*args, "--json", "--lang", "en")
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    content: dict[str, Any] = json.loads(result.stdout)
    return content


def import_dicom(crisis: Crisis, key: Path, *more: object, code: int) -> dict[str, Any]:
    folder, out = crisis.folder / "backup", crisis.roster
    recipient = ("--recipient", key.with_suffix(".pub"), "--key", key)
    return run(
        crisis,
        "roster",
        "import",
        "dicom",
        folder,
        "--out",
        out,
        "--centre",
        "dentellieres",
        *recipient,
        *more,
        code=code,
    )


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig") as stream:
        return list(csv.DictReader(stream))


def test_a_backup_becomes_a_plan(crisis: Crisis, key: Path) -> None:
    """A synthetic backup with its troubles is imported, checked and planned; no identity leaves the encrypted table."""
    told = write_centre(crisis.folder / "backup", patients=12, images=2)
    result = import_dicom(crisis, key, *MACHINES, code=1)
    assert result["patients"] + result["incomplete"] + result["finished"] >= len(told)
    asked = {remark["code"] for remark in result["remarks"] if remark["grave"]}
    assert asked
    assert [finding["code"] for finding in result["findings"]] == ["not_dicom"]
    assert result["findings"][0]["file"].endswith("LISEZMOI.txt")
    beside = [file for file in crisis.roster.parent.iterdir() if file.suffix == ".csv"]
    assert len(beside) >= 2
    for file in beside:
        assert not any(word in file.read_text("utf-8-sig") for word in ("PERSONNE", "480000", str(crisis.folder)))
    with age.opening_with(age.Keyring((key,))):
        table = read_codes(crisis.roster.with_name("valenciennes-codes.age"))
    people = [person.number for known in table.identities.values() for person in known]
    assert set(told) <= set(people)
    assert not list(crisis.roster.parent.glob(".*"))
    check = crisis.run("roster", "check", crisis.roster)
    assert check.exit_code == 0, check.output
    out = crisis.folder / "plan"
    planned = crisis.run("plan", crisis.scenario, "--out", out, "--time-limit", "2")
    assert planned.exit_code in (0, 3), planned.output
    decisions = json.loads((out / "plan.json").read_text("utf-8"))["decisions"]
    assert {each["patient_id"] for each in decisions} <= set(table.identities)


def test_the_same_table_gives_the_same_codes(crisis: Crisis, key: Path) -> None:
    """The import of the next night keeps every code, and a clean backup needs no question: exit 0."""
    person = Person("123456", "DURAND^Zoe")
    backup = Backup(crisis.folder / "backup")
    series, images = backup.images(person, 1)
    plan = backup.plan(person, structures=backup.structures(person, series, images))
    backup.sessions(person, plan, 3)
    import_dicom(crisis, key, *MACHINES, code=0)
    (first,) = rows(crisis.roster)
    import_dicom(crisis, key, *MACHINES, code=0)
    (second,) = rows(crisis.roster)
    assert first == second
    assert not crisis.roster.with_name("valenciennes-review.csv").exists()


def test_a_table_that_does_not_open_stops_the_import(crisis: Crisis, key: Path) -> None:
    """Other codes would cut every patient from the lists made before."""
    Backup(crisis.folder / "backup").plan(Person("1", "X^Y"))
    import_dicom(crisis, key, code=1)
    before = crisis.roster.read_bytes()
    key.write_text(age.new_key()[0], "utf-8")
    result = import_dicom(crisis, key, code=1)
    assert [finding["code"] for finding in result["findings"]] == ["wrong_key"]
    assert crisis.roster.read_bytes() == before


def test_a_passphrase_closes_the_table(crisis: Crisis) -> None:
    """Without keys a passphrase is asked; another one does not open the table, and nothing is touched."""
    Backup(crisis.folder / "backup").plan(Person("1", "X^Y"))
    args = ["roster", "import", "dicom", crisis.folder / "backup", "--out", crisis.roster, "--centre", "dentellieres"]
    network = ["--centres", crisis.folder / "centres.yaml", "--json"]

    def typed(words: str) -> Result:
        return CliRunner().invoke(cli, [*map(str, [*args, *network])], input=f"{words}\n", catch_exceptions=False)

    assert typed("open sesame").exit_code == 1  # a plan without records is a question
    before = crisis.roster.read_bytes()
    assert '"wrong_passphrase"' in typed("open barley").stdout
    assert crisis.roster.read_bytes() == before


@pytest.mark.parametrize(
    ("more", "codes"),
    [
        (("--centre", "nowhere"), ["unknown_centre"]),
        (("--machine", "X"), ["unknown_linac"]),
        (("--machine", "X=gray-1", "--machine", "=dent-1"), ["unknown_linac", "unknown_linac"]),
    ],
)
def test_wrong_places_are_refused_before_the_work(
    crisis: Crisis, key: Path, more: tuple[str, ...], codes: list[str]
) -> None:
    """An unknown centre or linac is told at once, and nothing is written."""
    (crisis.folder / "backup").mkdir()
    result = import_dicom(crisis, key, *more, code=1)
    assert [finding["code"] for finding in result["findings"]] == codes
    assert not list(crisis.roster.parent.glob("*.age"))


def test_no_folder_is_refused(crisis: Crisis, key: Path) -> None:
    """A wrong path is told."""
    assert [finding["code"] for finding in import_dicom(crisis, key, code=1)["findings"]] == ["missing_folder"]


def test_without_the_extra_the_command_says_how_to_install_it(
    crisis: Crisis, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence, no traceback."""
    monkeypatch.setitem(__import__("sys").modules, "pydicom", None)
    (crisis.folder / "backup").mkdir()
    result = import_dicom(crisis, key, code=1)
    assert [finding["code"] for finding in result["findings"]] == ["missing_dependency"]
    assert "transfer-planner[dicom]" in result["findings"][0]["mend"]


def test_only_one_module_opens_pydicom() -> None:
    """The door to pydicom is io/dicom_rt.py."""
    users = [
        file.name for file in (ROOT / "transfer_planner").rglob("*.py") if 'require("pydicom' in file.read_text("utf-8")
    ]
    assert users == ["dicom_rt.py"]


def test_an_interrupted_import_leaves_no_roster_and_goes_on(
    crisis: Crisis, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C keeps what was read under codes, and nothing that looks finished."""
    from transfer_planner.io import dicom_folder

    person = Person("123456", "DURAND^Zoe")
    backup = Backup(crisis.folder / "backup")
    backup.sessions(person, backup.plan(person), 3)
    crisis.roster.unlink()
    original, read = dicom_folder.read_file, []

    def reader(path: str, coder: Any) -> Any:
        read.append(path)
        if len(read) == 3:
            raise KeyboardInterrupt
        return original(path, coder)

    monkeypatch.setattr(dicom_folder, "read_file", reader)
    monkeypatch.setattr(dicom_folder, "CHUNK", 1)
    args = ["roster", "import", "dicom", crisis.folder / "backup", "--out", crisis.roster, "--centre", "dentellieres"]
    args += ["--recipient", key.with_suffix(".pub"), "--key", key]
    assert crisis.run(*args).exit_code == 130
    assert not crisis.roster.exists()
    state = crisis.roster.with_name(".valenciennes.csv.partial")
    assert "DURAND" not in state.read_text("utf-8")
    assert crisis.run(*args).exit_code == 1  # an unmatched machine is a question
    assert len(read) <= 2 + 1 + 2 + 1  # two kept, one interrupted, two left, one for the identity
    assert crisis.roster.exists()
    assert not state.exists()


def test_an_export_is_imported_with_the_codes_of_the_backup(crisis: Crisis, key: Path) -> None:
    """DICOM and an export of the same patient meet under one code, and merge."""
    person = Person("123456", "DURAND^Zoe")
    backup = Backup(crisis.folder / "backup")
    backup.sessions(person, backup.plan(person), 3)
    import_dicom(crisis, key, *MACHINES, code=1)
    export = crisis.folder / "export.csv"
    export.write_text(
        "IPP;Nom;Localisation;Technique;Nb séances;Séances réalisées\n123456;DURAND;sein;VMAT;25;4\n", "utf-8"
    )
    listed = crisis.folder / "listed.csv"
    codes = crisis.roster.with_name("valenciennes-codes.age")
    options = ("--centre", "dentellieres", "--codes", codes, "--key", key, "--recipient", key.with_suffix(".pub"))
    assert run(crisis, "roster", "import", "table", export, "--out", listed, *options, code=0)["patients"] == 1
    assert "DURAND" not in listed.read_text("utf-8")
    merged = crisis.folder / "merged.csv"
    result = run(crisis, "roster", "merge", f"dicom={crisis.roster}", f"export={listed}", "--out", merged, code=1)
    assert {remark["field"] for remark in result["remarks"] if remark["grave"]} == {"delivered_fractions"}
    (row,) = rows(merged)
    assert (row["site"], row["technique"], row["delivered_fractions"]) == ("sein", "VMAT", "")
    assert row["energy"] == "6X"
    assert row["urgency"] == ""  # nobody said a word of it


def test_faulty_rows_of_an_export_are_kept_apart(crisis: Crisis) -> None:
    """What is sound is written, the rest waits beside it, each fault with its place."""
    export = crisis.folder / "export.csv"
    export.write_text("code;technique;nb seances\nP1;VMAT;25\nP2;laser;25\n", "utf-8")
    out = crisis.folder / "listed.csv"
    result = run(crisis, "roster", "import", "table", export, "--out", out, "--centre", "dentellieres", code=1)
    assert [(finding["where"], finding["value"]) for finding in result["findings"]] == [("l. 3, technique", "laser")]
    assert [row["patient_id"] for row in rows(out)] == ["P1"]
    assert [row["patient_id"] for row in rows(crisis.folder / "listed-incomplete.csv")] == ["P2"]
    said = crisis.run("roster", "import", "table", export, "--out", out, "--centre", "dentellieres")
    assert "l. 3, technique" in said.stderr
    assert "laser" in said.stderr


def test_merge_refuses_faulty_lists_all_at_once(crisis: Crisis) -> None:
    """A wrong kind, a missing file and a faulty cell are told together; nothing is written."""
    faulty = crisis.folder / "faulty.csv"
    faulty.write_text("code;rang\nP1;9\n", "utf-8")
    out = crisis.folder / "merged.csv"
    found = crisis.refused("roster", "merge", "tape=x.csv", "paper=missing.csv", f"paper={faulty}", "--out", out)
    assert {finding["code"] for finding in found} == {"kind", "missing_file", "literal_error"}
    assert not out.exists()


def test_lists_that_agree_merge_without_a_question(crisis: Crisis) -> None:
    """The same list twice gives itself: exit 0."""
    out = crisis.folder / "merged.csv"
    run(crisis, "roster", "merge", f"dicom={crisis.roster}", f"paper={crisis.roster}", "--out", out, code=0)
    assert rows(out) == rows(crisis.roster)


def test_the_template_begins_with_incomplete_rows(crisis: Crisis) -> None:
    """What a backup could not tell is completed by hand, and read back."""
    known = crisis.folder / "incomplete.csv"
    known.write_text("patient_id,centre_id,last_fraction_date\nP1,dentellieres,2026-02-27\n", "utf-8")
    out = crisis.folder / "fill.xlsx"
    result = run(crisis, "roster", "template", "--out", out, "--centre", "dentellieres", "--from", known, code=0)
    assert result["rows"] == 1
    assert out.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
    merged = crisis.folder / "merged.csv"
    result = run(crisis, "roster", "merge", f"paper={out}", "--out", merged, code=1)
    assert [row["last_fraction_date"] for row in rows(crisis.folder / "merged-incomplete.csv")] == ["2026-02-27"]


def test_the_template_is_a_workbook(crisis: Crisis) -> None:
    """Another name is refused before anything is written."""
    (finding,) = crisis.refused("roster", "template", "--out", crisis.folder / "fill.csv")
    assert finding["code"] == "output"
