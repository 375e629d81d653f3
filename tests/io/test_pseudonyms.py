"""Codes instead of identities: stable under one secret, and a table that only its keys open."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from transfer_planner.errors import DataError
from transfer_planner.io import age
from transfer_planner.io.identities import read_people
from transfer_planner.io.pseudonyms import Coder, Identity, KeyTable, Seal, read_codes, write_codes, write_identities

if TYPE_CHECKING:
    from pathlib import Path


def test_codes_are_stable_and_short() -> None:
    """One secret gives one code per number, in two groups of four signs that cannot be mistaken."""
    coder = Coder(b"secret")
    codes = {coder.code(str(number)) for number in range(5000)}
    assert len(codes) == 5000
    assert all(len(code) == 9 and code[4] == "-" and not set(code) & set("ILOU") for code in codes)
    assert coder.code(" ab12 ") == coder.code("AB12")


def test_the_table_comes_back(tmp_path: Path) -> None:
    """Secret, identities and files survive a closed table, which its owner alone may read and which shows nothing."""
    secret, public = age.new_key()
    key_file = tmp_path / "key.txt"
    age.write_key(key_file, secret, public, "physicist")
    table = KeyTable()
    table.note({"7K3M-9QXA": [Identity("123456", "DURAND^Zoé", "19600229")]}, [("DURAND/file", "truncated")])
    file = tmp_path / "codes.age"
    write_codes(file, table, Seal([public]))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"DURAND" not in file.read_bytes()
    with age.opening_with(age.Keyring((key_file,))):
        assert read_codes(file) == table
    with pytest.raises(DataError):
        read_codes(file)


def test_no_file_begins_a_table(tmp_path: Path) -> None:
    """Each new table draws its own secret."""
    assert read_codes(tmp_path / "none").secret != read_codes(tmp_path / "none").secret


def test_another_encrypted_file_is_no_table(tmp_path: Path) -> None:
    """An age file that holds something else is refused, not overwritten."""
    secret, public = age.new_key()
    key_file, file = tmp_path / "key.txt", tmp_path / "codes.age"
    age.write_key(key_file, secret, public, "")
    file.write_bytes(age.encrypt(b"patient_id;name\n", recipients=[public]))
    with age.opening_with(age.Keyring((key_file,))), pytest.raises(DataError) as caught:
        read_codes(file)
    assert [finding.code for finding in caught.value.findings] == ["not_a_code_table"]


def test_names_are_ready_for_letters(tmp_path: Path) -> None:
    """The table of names is read by the reader of identities; two people under one code are left out."""
    secret, public = age.new_key()
    key_file, file = tmp_path / "key.txt", tmp_path / "names.csv.age"
    age.write_key(key_file, secret, public, "")
    table = KeyTable()
    table.note(
        {
            "A": [Identity("1", "DURAND^Zoé^^Mme", "")],
            "B": [Identity("2", "PETIT", "")],
            "C": [Identity("3", "X^Y", ""), Identity("3", "Z^Y", "")],
        }
    )
    write_identities(file, table, Seal([public]))
    with age.opening_with(age.Keyring((key_file,))):
        people = read_people(file)
    assert {code: person.full_name for code, person in people.items()} == {"A": "Zoé Mme DURAND", "B": "PETIT"}
