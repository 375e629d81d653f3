"""Identities: read from an encrypted table only, faults told by line and column, never a name in a finding."""

from __future__ import annotations

import pytest

from transfer_planner.errors import DataError
from transfer_planner.io import age
from transfer_planner.io.age import Keyring, opening_with
from transfer_planner.io.identities import Person, read_people, without_person

SECRET = "DUPONT"


def _write(folder, text):
    """Encrypt a table; return its path and what opens it."""
    secret, public = age.new_key()
    age.write_key(folder / "cell.key", secret, public, "cell")
    path = folder / "people.csv.age"
    path.write_bytes(age.encrypt(text.encode(), recipients=[public]))
    return path, Keyring((folder / "cell.key",))


def _read(folder, text):
    path, keyring = _write(folder, text)
    with opening_with(keyring):
        return read_people(path)


def test_french_headings_semicolons_and_blanks(tmp_path):
    people = _read(tmp_path, "Code patient;Nom;Prénom;Téléphone\nP1;DUPONT;Ada;06 00 00 00 00\nP2;;;\n")
    assert people["P1"].full_name == "Ada DUPONT"
    assert people["P1"].phone == "06 00 00 00 00"
    assert people["P2"] == Person(patient_id="P2")
    assert without_person(people, ["P1", "P3"]) == ("P3",)


def test_accents_are_composed_and_other_alphabets_kept(tmp_path):
    people = _read(tmp_path, "patient_id,name\nP1,Zoe\u0301\nP2,Łukasz\nP3,Γιώργος\n")
    assert [person.name for person in people.values()] == ["Zoé", "Łukasz", "Γιώργος"]


def test_a_table_in_clear_is_refused(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("patient_id,name\nP1,DUPONT\n")
    with pytest.raises(DataError) as raised:
        read_people(path)
    assert [finding.code for finding in raised.value.findings] == ["not_age"]


def test_a_wrong_key_is_a_finding(tmp_path):
    path, _ = _write(tmp_path, "patient_id,name\nP1,DUPONT\n")
    with opening_with(Keyring()), pytest.raises(DataError) as raised:
        read_people(path)
    assert raised.value.findings[0].code == "key_needed"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("patient_id,name,diagnosis\nP1,DUPONT,x\n", {"unknown_column"}),
        ("name,first_name\nDUPONT,Ada\n", {"no_code"}),
        ("patient_id,name,Nom\nP1,DUPONT,DUPONT\n", {"duplicate_column"}),
        ("patient_id,name\nP1,DUPONT\nP1,DUPONT\nDUPONT Ada,x\n", {"duplicate_code", "unreadable_cell"}),
        (f"patient_id,name\nP1,{SECRET * 20}\n", {"unreadable_cell"}),
        ("patient_id,name\nP1,DUPONT \U0001f600\nP2,\u738b\n", {"unprintable"}),
    ],
)
def test_every_fault_is_told_and_no_name_is(tmp_path, text, codes):
    with pytest.raises(DataError) as raised:
        _read(tmp_path, text)
    findings = raised.value.findings
    assert {finding.code for finding in findings} == codes
    assert SECRET not in str(raised.value)
    assert all(SECRET not in f"{f.value}{f.where}{f.expected.text('fr')}" for f in findings)
