"""Encrypted files open with each of their keys or their passphrase, and every way of failing is told in one sentence."""

from __future__ import annotations

import stat
import sys
from typing import TYPE_CHECKING

import pytest

from transfer_planner.errors import DataError
from transfer_planner.i18n import catalogue
from transfer_planner.io import age
from transfer_planner.io.roster import read_roster

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = b"patient_id\nP001\n" * 100


@pytest.fixture(scope="module")
def keys() -> list[tuple[str, str]]:
    return [age.new_key() for _ in range(2)]


@pytest.fixture(scope="module")
def closed(keys: list[tuple[str, str]]) -> bytes:
    return age.encrypt(CONTENT, recipients=[public for _, public in keys])


@pytest.fixture(scope="module")
def by_passphrase() -> bytes:
    return age.encrypt(CONTENT, passphrase="cheval batterie agrafe")


def code(error: pytest.ExceptionInfo[DataError]) -> str:
    (finding,) = error.value.findings
    assert finding.expected.source in catalogue("fr")
    assert finding.mend is None or finding.mend.source in catalogue("fr")
    return finding.code


def test_each_recipient_opens_alone(keys: list[tuple[str, str]], closed: bytes) -> None:
    """Either key opens; the content is nowhere in the clear."""
    assert all(age.decrypt(closed, identities=[secret]) == CONTENT for secret, _ in keys)
    assert b"P001" not in closed


def test_a_passphrase_opens(by_passphrase: bytes) -> None:
    """A passphrase opens what it closed, and the file says that it needs one."""
    assert age.is_by_passphrase(by_passphrase)
    assert age.decrypt(by_passphrase, passphrase="cheval batterie agrafe") == CONTENT


def test_every_altered_byte_is_refused(keys: list[tuple[str, str]], closed: bytes) -> None:
    """A file cut anywhere or with any bit turned gives a finding, never content nor a traceback."""
    places = range(0, len(closed), 97)
    broken = [closed[:place] for place in places]
    broken += [closed[:place] + bytes([closed[place] ^ 1]) + closed[place + 1 :] for place in places]
    for content in broken:
        with pytest.raises(DataError) as error:
            age.decrypt(content, identities=[keys[0][0]], name="liste.age")
        assert code(error) in {"altered", "not_age", "wrong_key"}
        assert error.value.findings[0].file == "liste.age"


def test_what_is_missing_is_named(keys: list[tuple[str, str]], closed: bytes, by_passphrase: bytes) -> None:
    """A lost key, a wrong passphrase, none, a key for a passphrase file: each is told apart."""
    other, _ = age.new_key()
    told = []
    for content, given in (
        (closed, {"identities": [other]}),
        (closed, {}),
        (closed, {"identities": [other[:-5]]}),
        (by_passphrase, {"identities": [keys[0][0]]}),
        (by_passphrase, {"passphrase": "Cheval batterie agrafe"}),
        (b"patient_id\n", {"identities": [other]}),
    ):
        with pytest.raises(DataError) as error:
            age.decrypt(content, **given)
        told.append(code(error))
        assert other not in str(error.value)
    assert told == ["wrong_key", "key_needed", "key", "passphrase_needed", "wrong_passphrase", "not_age"]


def test_recipients_are_checked(keys: list[tuple[str, str]]) -> None:
    """Neither or both of keys and passphrase is refused, and every wrong key is listed; a secret is not repeated."""
    for given in ({}, {"recipients": [keys[0][1]], "passphrase": "x"}):
        with pytest.raises(DataError) as error:
            age.encrypt(CONTENT, **given)
        assert code(error) == "recipients"
    with pytest.raises(DataError) as error:
        age.encrypt(CONTENT, recipients=["age1short", keys[0][0], keys[0][1]])
    assert [finding.value for finding in error.value.findings] == ["age1short", "…"]


def test_key_files(keys: list[tuple[str, str]], tmp_path: Path) -> None:
    """A key file is read back, gives its public key, is readable by its owner alone; a wrong file is told."""
    secret, public = keys[0]
    file = tmp_path / "coffre.key"
    age.write_key(file, secret, public, "coffre\nde la pharmacie")
    assert age.read_identities(file) == (secret,)
    assert age.read_recipients(file) == (public,) == (age.public_key(secret),)
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    empty = tmp_path / "vide.key"
    empty.write_text("# rien\n")
    for read in (age.read_identities, age.read_recipients):
        with pytest.raises(DataError) as error:
            read(empty)
        assert code(error) == "no_key"


def test_a_missing_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pyrage, one sentence says what to install."""
    monkeypatch.setitem(sys.modules, "pyrage", None)
    with pytest.raises(DataError) as error:
        age.new_key()
    assert code(error) == "missing_dependency"


def test_an_encrypted_roster_is_read_in_memory(keys: list[tuple[str, str]], tmp_path: Path) -> None:
    """A roster in .age is read with the keys at hand, refused without them, and leaves nothing clear on disk."""
    row = "patient_id,centre_id,technique,prescribed_fractions\nP001,gray,VMAT,25\n"
    file, key = tmp_path / "liste.csv.age", tmp_path / "coffre.key"
    file.write_bytes(age.encrypt(row.encode(), recipients=[keys[0][1]]))
    age.write_key(key, *keys[0], "coffre")
    with age.opening_with(age.Keyring((key,))):
        (patient,) = read_roster(file)
    assert patient.patient_id == "P001"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["coffre.key", "liste.csv.age"]
    with pytest.raises(DataError) as error:
        read_roster(file)
    assert code(error) == "key_needed"


def test_the_passphrase_of_an_encrypted_input_is_asked(by_passphrase: bytes) -> None:
    """The passphrase is asked for the file named, once; content in the clear is given back as it is."""
    asked = []
    keyring = age.Keyring(ask=lambda name: asked.append(name) or "cheval batterie agrafe")
    with age.opening_with(keyring):
        assert age.opened("liste", by_passphrase) == CONTENT
        assert age.opened("liste.csv", CONTENT) == CONTENT
    assert asked == ["liste"]
