"""Hand-over packages: one encrypted archive per destination, with the fingerprint of all that it announces."""

from __future__ import annotations

import io
import os
import re
import shutil
import stat
import tempfile
import threading
import zipfile
from contextlib import contextmanager
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, cast

from pydantic import Field, ValidationError

from transfer_planner.domain.base import Entity
from transfer_planner.domain.centre import Means
from transfer_planner.domain.plan import Software
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg
from transfer_planner.io import age
from transfer_planner.io.files import MEBIBYTE, ZIP_DAMAGE, ZIP_ERRORS, fault, reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MANIFEST = "manifest.json"
OBJECTS = "objects"
IN_MEMORY = 64 * MEBIBYTE
"""A larger archive is opened through a nameless file that its owner alone can read."""
MANIFEST_LIMIT = 100 * MEBIBYTE
MOST_ENTRIES = 500_000
_STEP = re.compile(r"[^/\\:\0]+")
_EPOCH = (2026, 1, 1, 0, 0, 0)


class PackedFile(Entity):
    """A file and its fingerprint."""

    path: str = Field(description="Path in the package, `/` between folders")
    size: int = Field(ge=0, description="Bytes")
    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="Fingerprint")


class FoundObject(PackedFile):
    """A DICOM object found for a patient."""

    kind: str | None = Field(None, description="plan, structures, dose, image, record; null = not looked at")


class PackedPatient(Entity):
    """A patient of the destination, and what was found of the course."""

    patient_id: str = Field(description="Code of the patient")
    objects: tuple[FoundObject, ...] = Field((), description="Objects found, in the package or sent apart")


class Route(Entity):
    """How data come from one centre."""

    origin: str = Field(description="Home centre")
    channel: Means = Field(description="Means of the hand-over")
    delay_h: float | None = Field(None, description="Hours from ready to received; null = not known")
    agreed: bool = Field(description="False when the two centres have declared nothing")


class Manifest(Entity):
    """What a package announces."""

    schema_version: Literal[1] = Field(description="Version of this format")
    software: Software = Field(description="What made it")
    made_at: datetime = Field(description="When")
    plan_fingerprint: str = Field(description="Plan that it follows")
    scenario_id: str = Field(description="Scenario of the plan")
    exercise: bool = Field(description="Fictitious data")
    destination: str = Field(description="Centre that receives")
    routes: tuple[Route, ...] = Field(description="One per home centre")
    files: tuple[PackedFile, ...] = Field(description="Sheets and plan rows, all in the package")
    objects_included: bool = Field(description="True when the objects themselves are in the package")
    patients: tuple[PackedPatient, ...] = Field(description="Its patients, no other")

    def inside(self) -> dict[str, PackedFile]:
        """Return every file that the archive must hold, by path."""
        objects = [one for patient in self.patients for one in patient.objects] if self.objects_included else []
        return {one.path: one for one in (*self.files, *objects)}


def fingerprint(file: Path) -> str:
    """Return the SHA-256 of a file, whatever its size."""
    with file.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def write_package(
    path: Path, manifest: Manifest, files: Mapping[str, bytes | Path], *, recipients: Sequence[str]
) -> str:
    """Write the archive of a destination, whole or not at all, and return its fingerprint.

    Nothing is compressed, so that an archive can never hold more than its own size; it is encrypted as it is written.

    Parameters
    ----------
    path
        File to write.
    manifest
        What it announces.
    files
        Content, or file that holds it, of each path announced.
    recipients
        Public keys of the destination.

    Raises
    ------
    DataError
        When a public key is none, or a file changes or vanishes meanwhile.
    OSError
        When it cannot be written.
    """
    work = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        work.touch(0o600)
        with work.open("wb") as target:
            _encrypt_zip(target, manifest, files, recipients)
        work.replace(path)
    finally:
        work.unlink(missing_ok=True)
    return fingerprint(path)


def _encrypt_zip(
    target: BinaryIO, manifest: Manifest, files: Mapping[str, bytes | Path], recipients: Sequence[str]
) -> None:
    """Zip on one side of a pipe and encrypt on the other: neither the memory nor a disk holds the whole in clear."""
    read_end, write_end = os.pipe()
    failures: list[BaseException] = []

    def fill() -> None:
        try:
            with os.fdopen(write_end, "wb") as pipe:
                _zip(pipe, manifest, files)
        except (DataError, OSError) as error:
            failures.append(error)

    filler = threading.Thread(target=fill)
    filler.start()
    try:
        with os.fdopen(read_end, "rb") as source:
            age.encrypt_stream(source, target, recipients=recipients)
    finally:
        filler.join()
    if failures:
        raise failures[0]


def _zip(pipe: BinaryIO, manifest: Manifest, files: Mapping[str, bytes | Path]) -> None:
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(MANIFEST, _EPOCH), manifest.model_dump_json(indent=1))
        for path, announced in manifest.inside().items():
            given, digest = files[path], sha256()
            with (
                io.BytesIO(given) if isinstance(given, bytes) else given.open("rb") as source,
                archive.open(zipfile.ZipInfo(path, _EPOCH), "w", force_zip64=True) as entry,
            ):
                while block := source.read(MEBIBYTE):
                    digest.update(block)
                    entry.write(block)
            if digest.hexdigest() != announced.sha256:
                raise fault(str(given), msg("a file that does not change while it is packed"), code="changed")


@contextmanager
def opened_package(path: Path) -> Iterator[tuple[Manifest, zipfile.ZipFile]]:
    """Decrypt a package with the keys at hand, and check what it holds before anything is taken out of it.

    Raises
    ------
    DataError
        When it does not open, is altered, or holds anything else than what it announces.
    """
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as clear:
        try:
            with path.open("rb") as source:
                age.decrypt_stream(source, cast("BinaryIO", clear), identities=age.keys_at_hand(), name=path)
        except OSError as error:
            raise fault(
                path, msg("a file that can be read ({reason})", reason=reason(error)), code="unreadable"
            ) from error
        size = clear.tell()
        clear.seek(0)
        try:
            archive = zipfile.ZipFile(clear)
        except ZIP_ERRORS as error:
            raise fault(path, msg("a package of this software"), code="not_a_package") from error
        with archive:
            yield _checked(path, archive, size), archive


def _checked(path: Path, archive: zipfile.ZipFile, size: int) -> Manifest:
    """Read the manifest, and refuse entries that lead out of the folder, swell, repeat, or were not announced."""
    entries = archive.infolist()
    bad = [entry.filename for entry in entries if not _harmless(entry)]
    if bad or len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > size:
        where = bad[0][:80] if bad else ""
        raise DataError(
            [Finding(str(path), where, None, msg("plain files inside the package alone"), _REFUSE, "dangerous_archive")]
        )
    names = [entry.filename for entry in entries]
    try:
        if MANIFEST not in names or archive.getinfo(MANIFEST).file_size > MANIFEST_LIMIT:
            raise fault(path, msg("a package of this software"), code="not_a_package")
        manifest = Manifest.model_validate_json(archive.read(MANIFEST))
    except (ValidationError, *ZIP_ERRORS) as error:
        raise fault(path, msg("a package of this software"), code="not_a_package") from error
    announced = {MANIFEST, *manifest.inside()}
    if len(names) != len(set(names)) or set(names) != announced or not all(map(_safe, announced)):
        raise fault(path, msg("the files announced, each once, and no other"), _REFUSE, code="not_announced")
    return manifest


_REFUSE = msg("open nothing of it: call the sender, by a number that you already had")


def _harmless(entry: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    stored = entry.compress_type == zipfile.ZIP_STORED and entry.file_size == entry.compress_size
    return _safe(entry.filename) and kind in {0, stat.S_IFREG} and stored and not entry.flag_bits & 1


def _safe(path: str) -> bool:
    """Tell whether a path stays inside the folder, on any system."""
    steps = path.split("/")
    return len(path) < 1000 and all(_STEP.fullmatch(step) and step.strip(". ") for step in steps)


def extract(manifest: Manifest, archive: zipfile.ZipFile, out: Path) -> None:
    """Write the files of a package into a new folder, all of them or nothing, each compared with its fingerprint.

    Raises
    ------
    DataError
        With every file that is not as announced.
    OSError
        When the folder cannot be written.
    """
    work = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.absolute().parent))  # its owner alone may enter
    findings = []
    try:
        for path, announced in manifest.inside().items():
            target = work.joinpath(*path.split("/"))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch(0o600)
            if copy_entry(archive, path, target) != announced.sha256:
                findings.append(
                    Finding(
                        str(archive.filename or out.name), path, None, msg("a whole and unaltered file"), code="altered"
                    )
                )
        if findings:
            raise DataError(findings)
        (work / MANIFEST).write_text(manifest.model_dump_json(indent=1), "utf-8")
        work.rename(out)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def copy_entry(archive: zipfile.ZipFile, path: str, target: Path | None) -> str:
    """Read an entry, into a file if one is given; return its fingerprint, nothing when it cannot be read."""
    digest = sha256()
    try:
        with archive.open(path) as source, Path(target or os.devnull).open("wb") as stream:
            while block := source.read(MEBIBYTE):
                digest.update(block)
                stream.write(block)
    except ZIP_DAMAGE:
        return ""
    return digest.hexdigest()
