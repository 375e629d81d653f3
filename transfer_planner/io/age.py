"""Encrypt and decrypt in the age format, which any age tool opens too; keys and passphrases never reach a log."""

from __future__ import annotations

import base64
import binascii
import re
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from transfer_planner.errors import DataError, Finding, MissingDependencyError, require
from transfer_planner.i18n import msg
from transfer_planner.io.files import fault, read_bytes, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

    from transfer_planner.i18n import Message

SUFFIX = ".age"
KEY_LIMIT_MIB = 1
_START, _ARMOUR = b"age-encryption.org/v1\n", b"-----BEGIN AGE ENCRYPTED FILE-----"
_SECRET = re.compile(r"AGE-SECRET-KEY-1[A-Z0-9]+", re.IGNORECASE)
_PUBLIC = re.compile(r"age1[a-z0-9]+", re.IGNORECASE)
_COPY = msg("the file is truncated or altered: take another copy or an earlier version")


@dataclass(frozen=True)
class Keyring:
    """What opens encrypted inputs while a command runs.

    Parameters
    ----------
    key_files
        Files of secret keys, read only when an encrypted file is met.
    ask
        Gives the passphrase of the file named, None when nobody answers.
    """

    key_files: tuple[Path, ...] = ()
    ask: Callable[[str], str | None] = lambda _: None


_keyring: ContextVar[Keyring | None] = ContextVar("keyring", default=None)


@contextmanager
def opening_with(keyring: Keyring) -> Iterator[None]:
    """Open with these keys every encrypted input read meanwhile."""
    token = _keyring.set(keyring)
    try:
        yield
    finally:
        _keyring.reset(token)


def opened(path: str | Path, content: bytes) -> bytes:
    """Return the content of an input file, decrypted in memory when it is an age file; nothing clear reaches a disk.

    Raises
    ------
    DataError
        As `decrypt`, with the keys and the passphrase at hand.
    """
    if not (str(path).endswith(SUFFIX) or content.startswith((_START, _ARMOUR))):
        return content
    keyring = _keyring.get() or Keyring()
    if is_by_passphrase(content, name=path):
        return decrypt(content, passphrase=keyring.ask(str(path)), name=path)
    return decrypt(content, identities=keys_at_hand(), name=path)


def new_key() -> tuple[str, str]:
    """Return a new secret key and its public key.

    Raises
    ------
    DataError
        When the library is not installed.
    """
    secret = _pyrage().x25519.Identity.generate()
    return str(secret), str(secret.to_public())


def public_key(identity: str) -> str:
    """Return the public key of a secret key.

    Raises
    ------
    DataError
        When it is no secret key.
    """
    (key,) = _identities([identity])
    return str(key.to_public())


def encrypt(data: bytes, *, recipients: Sequence[str] = (), passphrase: str | None = None) -> bytes:
    """Encrypt for some public keys, or by a passphrase (about one second, on purpose).

    Parameters
    ----------
    data
        What to protect.
    recipients
        Public keys, `age1…`; each of their owners can open alone.
    passphrase
        Instead of recipients.

    Raises
    ------
    DataError
        When there is neither or both, when a public key is none, or when the library is not installed.
    """
    pyrage = _pyrage()
    if bool(recipients) == bool(passphrase):
        expected = msg("public keys of recipients, or a passphrase: one of the two")
        raise fault("", expected, msg("give --recipient FILE as often as needed, or --passphrase"), code="recipients")
    if passphrase:
        return bytes(pyrage.passphrase.encrypt(data, passphrase))
    return bytes(pyrage.encrypt(data, _recipients(recipients)))


def decrypt(
    data: bytes, *, identities: Sequence[str] = (), passphrase: str | None = None, name: str | Path = ""
) -> bytes:
    """Decrypt with secret keys or a passphrase.

    Parameters
    ----------
    data
        Content of an age file.
    identities
        Secret keys, `AGE-SECRET-KEY-1…`; one that opens is enough.
    passphrase
        For a file closed with one.
    name
        Name of the file, told in findings.

    Raises
    ------
    DataError
        When it is no age file, is truncated or altered, when the key or the passphrase is missing or does not open it, or
        when the library is not installed.
    """
    pyrage = _pyrage()
    by_passphrase = is_by_passphrase(data, name=name)
    if by_passphrase and not passphrase:
        raise fault(name, msg("a passphrase: the file was closed with one"), code="passphrase_needed")
    if not by_passphrase and not identities:
        raise _key_needed(name)
    keys = [] if by_passphrase else _identities(identities)
    try:
        return bytes(pyrage.passphrase.decrypt(data, passphrase) if by_passphrase else pyrage.decrypt(data, keys))
    except pyrage.DecryptError as error:
        raise _refused(str(error), name, by_passphrase=by_passphrase) from None


def encrypt_stream(source: BinaryIO, target: BinaryIO, *, recipients: Sequence[str]) -> None:
    """Encrypt for some public keys what may be larger than the memory.

    Parameters
    ----------
    source, target
        What is read to its end, and where the age file is written.
    recipients
        Public keys.

    Raises
    ------
    DataError
        As `encrypt`.
    """
    _pyrage().encrypt_io(source, target, _recipients(recipients))


def decrypt_stream(source: BinaryIO, target: BinaryIO, *, identities: Sequence[str], name: str | Path) -> None:
    """Decrypt with secret keys what may be larger than the memory; what is written counts only once this returns.

    Parameters
    ----------
    source, target
        Age file, and where its content is written.
    identities
        Secret keys.
    name
        Name of the file, told in findings.

    Raises
    ------
    DataError
        As `decrypt`.
    """
    pyrage = _pyrage()
    if is_by_passphrase(source.read(1000), name=name) or not identities:
        raise _key_needed(name)
    source.seek(0)
    try:
        pyrage.decrypt_io(source, target, _identities(identities))
    except pyrage.DecryptError as error:
        raise _refused(str(error), name, by_passphrase=False) from None
    except OSError as error:
        if error.errno is not None:  # the disk's own
            raise
        raise _refused(str(error), name, by_passphrase=False) from None


def keys_at_hand() -> tuple[str, ...]:
    """Return the secret keys given to the command that runs.

    Raises
    ------
    DataError
        When a key file cannot be read.
    """
    keyring = _keyring.get() or Keyring()
    return tuple(key for file in keyring.key_files for key in read_identities(file))


def is_by_passphrase(data: bytes, *, name: str | Path = "") -> bool:
    """Tell whether a passphrase opens an age file, rather than a key.

    Raises
    ------
    DataError
        When it is no age file.
    """
    start = data.lstrip()[:1000]
    if start.startswith(_ARMOUR):
        body = b"".join(start.splitlines()[1:8])
        try:
            start = base64.b64decode(body[: len(body) // 4 * 4])
        except binascii.Error:
            start = b""
    if not start.startswith(_START):
        raise fault(
            name, msg("a file encrypted in the age format"), msg("check that it is the right file"), code="not_age"
        )
    return start.startswith(_START + b"-> scrypt ")


def read_identities(path: str | Path) -> tuple[str, ...]:
    """Read the secret keys of a key file, one per line among comments.

    Raises
    ------
    DataError
        When the file cannot be read or holds no secret key.
    """
    found = _keys(path, _SECRET)
    if not found:
        raise fault(path, msg("a file of secret keys, which start with AGE-SECRET-KEY-1"), code="no_key")
    return found


def read_recipients(path: str | Path) -> tuple[str, ...]:
    """Read the public keys of a file, one per line among comments; a file of secret keys gives their public keys.

    Raises
    ------
    DataError
        When the file cannot be read or holds no key.
    """
    found = tuple(map(public_key, _keys(path, _SECRET))) or _keys(path, _PUBLIC)
    if not found:
        raise fault(path, msg("a file of public keys, which start with age1"), code="no_key")
    return found


def key_label(path: str | Path) -> str:
    """Return what the first comment of a key file calls it, else the name of the file.

    Raises
    ------
    DataError
        When the file cannot be read.
    """
    first = read_bytes(path, limit_mib=KEY_LIMIT_MIB).decode("utf-8-sig", "replace").partition("\n")[0]
    return first[1:].strip() if first.startswith("#") else Path(path).stem


def write_key(path: str | Path, secret: str, public: str, label: str) -> None:
    """Write a key file, readable by its owner alone.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    note = " ".join(label.split())
    write_whole(path, f"# {note}\n# public key: {public}\n{secret}\n".encode(), private=True)


def shortened(key: str) -> str:
    """Return enough of a public key to tell it from others; nothing of what may be a secret."""
    return "…" if _SECRET.match(key) else key if len(key) <= 16 else f"{key[:12]}…{key[-4:]}"


def _keys(path: str | Path, kind: re.Pattern[str]) -> tuple[str, ...]:
    text = read_bytes(path, limit_mib=KEY_LIMIT_MIB).decode("utf-8-sig", "replace")
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if kind.fullmatch(line))


def _recipients(texts: Sequence[str]) -> list[Any]:
    pyrage, keys, findings = _pyrage(), [], []
    for text in texts:
        try:
            keys.append(pyrage.x25519.Recipient.from_str(text))
        except pyrage.RecipientError:
            findings.append(Finding("", "", shortened(text), msg("a public key, which starts with age1"), code="key"))
    if findings:
        raise DataError(findings)
    return keys


def _key_needed(name: str | Path) -> DataError:
    expected = msg("a secret key: the file was closed for the keys of some people")
    return fault(name, expected, msg("give the key file of one of them by --key"), code="key_needed")


def _identities(texts: Sequence[str]) -> list[Any]:
    pyrage, keys = _pyrage(), []
    for text in texts:
        try:
            keys.append(pyrage.x25519.Identity.from_str(text.strip()))
        except pyrage.IdentityError:
            expected = msg("a whole secret key, which starts with AGE-SECRET-KEY-1")
            raise fault("", expected, msg("copy it again, to the last character"), code="key") from None
    return keys


def _refused(reason: str, name: str | Path, *, by_passphrase: bool) -> DataError:
    """Say why a file does not open, as far as the format lets it be known."""
    if reason == "No matching keys found":
        expected: Message = msg("the key of one of its recipients; none of those given opens it")
        mend = msg("look for another key; if this one is right, the file is altered: take another copy")
        return fault(name, expected, mend, code="wrong_key")
    if by_passphrase and reason == "Decryption failed":
        mend = msg("type it again, capitals and spaces count; if it is right, the file is altered: take another copy")
        return fault(name, msg("the passphrase that closed the file"), mend, code="wrong_passphrase")
    return fault(name, msg("a whole and unaltered file"), _COPY, code="altered")


def _pyrage() -> ModuleType:
    try:
        return require("pyrage", extra="age")
    except MissingDependencyError as error:
        raise fault(
            error.library,
            msg("this library, which encrypts and decrypts; it is not installed"),
            msg("pip install 'transfer-planner[{extra}]'", extra=error.extra),
            code="missing_dependency",
        ) from error
