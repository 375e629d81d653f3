"""Codes for patients: an identity is replaced at reading, and only an encrypted table leads back to it."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from transfer_planner.i18n import msg
from transfer_planner.io import age
from transfer_planner.io.files import fault, read_bytes, write_whole
from transfer_planner.io.roster import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

LIMIT_MIB = 100
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no letter that is mistaken for a digit on the telephone."""
CODE_LENGTH = 8


class Identity(NamedTuple):
    """Who a patient is: for the encrypted table only."""

    number: str
    name: str
    birth_date: str


@dataclass(frozen=True)
class Coder:
    """Makes codes from patient numbers; the same secret gives the same codes, whatever the source."""

    secret: bytes

    def code(self, number: str) -> str:
        """Return the code of a patient number: eight signs in two groups, 40 bits."""
        bits = int.from_bytes(self._digest("code", number.strip().upper())[:5], "big")
        signs = "".join(ALPHABET[bits >> shift & 31] for shift in range(35, -1, -5))
        return f"{signs[:4]}-{signs[4:]}"

    def mark(self, *texts: str) -> str:
        """Return a short mark that is equal for equal texts and says nothing of them."""
        return self._digest("mark", *texts).hex()[:16]

    def _digest(self, *texts: str) -> bytes:
        return hmac.digest(self.secret, "\0".join(texts).encode("utf-8", "replace"), hashlib.sha256)


@dataclass
class KeyTable:
    """The secret of the codes, and who stands behind each of them.

    Parameters
    ----------
    secret
        Drawn once, kept as long as codes have to agree from one import to the next.
    identities
        Code → every identity met under it; more than one is a conflict for a human.
    files
        Files set aside and why: their names may hold an identity, so they are listed here.
    """

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    identities: dict[str, list[Identity]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    @property
    def coder(self) -> Coder:
        """The maker of codes."""
        return Coder(self.secret)

    def note(self, identities: Mapping[str, Iterable[Identity]], files: Iterable[tuple[str, str]] = ()) -> None:
        """Note who stands behind codes, and files set aside."""
        for code, people in identities.items():
            known = self.identities.setdefault(code, [])
            known += [person for person in people if person not in known]
        self.files.update(files)


@dataclass(frozen=True)
class Seal:
    """What closes a table of codes: public keys, or a passphrase."""

    recipients: Sequence[str] = ()
    passphrase: str | None = None


def read_codes(path: Path, passphrase: str | None = None) -> KeyTable:
    """Open a table of codes; a new one when there is no file.

    Parameters
    ----------
    path
        Encrypted table.
    passphrase
        For a table closed with one; else the keys at hand open it.

    Raises
    ------
    DataError
        When it does not open, or is no table of codes. Going on with another secret would give every patient another code.
    """
    if not path.exists():
        return KeyTable()
    sealed = read_bytes(path, limit_mib=LIMIT_MIB)
    plain = age.decrypt(sealed, identities=age.keys_at_hand(), passphrase=passphrase, name=path)
    try:
        content = json.loads(plain)
        identities = {code: [Identity(*each) for each in known] for code, known in content["identities"].items()}
        return KeyTable(bytes.fromhex(content["secret"]), identities, dict(content["files"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise fault(path, msg("a table of patient codes made by this software"), code="not_a_code_table") from error


def is_closed_by_passphrase(path: Path) -> bool:
    """Tell whether a table exists and a passphrase opens it.

    Raises
    ------
    DataError
        When the file cannot be read or is no encrypted file.
    """
    return path.exists() and age.is_by_passphrase(read_bytes(path, limit_mib=LIMIT_MIB), name=path)


def write_codes(path: Path, table: KeyTable, seal: Seal) -> None:
    """Write a table of codes, encrypted, readable by its owner alone.

    Raises
    ------
    DataError
        When there is nothing to close it with.
    OSError
        When it cannot be written.
    """
    content = {"secret": table.secret.hex(), "identities": table.identities, "files": table.files}
    plain = json.dumps(content, ensure_ascii=False).encode()
    write_whole(path, age.encrypt(plain, recipients=seal.recipients, passphrase=seal.passphrase), private=True)


def write_identities(path: Path, table: KeyTable, seal: Seal) -> None:
    """Write the table of names by code that letters are printed from, encrypted; a code of two people is left out.

    Raises
    ------
    DataError, OSError
        As `write_codes`.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(("patient_id", "name", "first_name"))
    for code, people in sorted(table.identities.items()):
        family, _, given = people[0].name.partition("^")
        if len(people) == 1:
            writer.writerow((code, *(harmless(" ".join(text.replace("^", " ").split())) for text in (family, given))))
    plain = buffer.getvalue().encode()
    write_whole(path, age.encrypt(plain, recipients=seal.recipients, passphrase=seal.passphrase), private=True)
