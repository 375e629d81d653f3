"""Index a folder of DICOM files: everything below it is looked at once, and an interrupted work goes on where it stood."""

from __future__ import annotations

import json
import os
import signal
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from pydantic import ValidationError

from transfer_planner.i18n import msg
from transfer_planner.io.dicom_objects import DicomObject
from transfer_planner.io.dicom_rt import Reading, load_library, read_file
from transfer_planner.io.files import fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from transfer_planner.io.pseudonyms import Coder, Identity

CHUNK = 250
POOL_FROM = 3000
"""Fewer files are read sooner than other processes start."""
MOST_PROCESSES = 8
PRIVATE = 0o600


@dataclass
class Series:
    """Images of one series: whose they are, and how many."""

    codes: set[str] = field(default_factory=set)
    images: int = 0


@dataclass
class Index:
    """What a folder holds. Images are only counted: memory grows with plans and records, not with pixels.

    Parameters
    ----------
    plans, structures, doses, records
        Objects by UID, copies left out.
    series
        Images by series UID.
    identities
        Code → everyone met under it.
    files
        (path, code of the fault) of each file set aside.
    looked_at, of_no_use
        Files seen; sound DICOM files of no use here among them.
    """

    plans: dict[str, DicomObject] = field(default_factory=dict)
    structures: dict[str, DicomObject] = field(default_factory=dict)
    doses: dict[str, DicomObject] = field(default_factory=dict)
    records: dict[str, DicomObject] = field(default_factory=dict)
    series: defaultdict[str, Series] = field(default_factory=lambda: defaultdict(Series))
    identities: defaultdict[str, dict[Identity, None]] = field(default_factory=lambda: defaultdict(dict))
    files: list[tuple[str, str]] = field(default_factory=list)
    looked_at: int = 0
    of_no_use: int = 0
    _images: set[int] = field(default_factory=set)

    def add(self, path: str, reading: Reading) -> None:
        """Take in what a file gave."""
        self.looked_at += 1
        found = reading.found
        if reading.fault:
            self.files.append((path, reading.fault))
        elif found is None:
            self.of_no_use += 1
        if found is None:
            return
        if reading.identity:
            self.identities[found.code].setdefault(reading.identity)
        if found.kind == "image":
            self._add_image(found)
            return
        known = self._kept(found).setdefault(found.uid, found)
        if known != found:
            self.files.append((path, "differs"))

    def _kept(self, found: DicomObject) -> dict[str, DicomObject]:
        kept = {"plan": self.plans, "structures": self.structures, "dose": self.doses, "record": self.records}
        return kept[found.kind]

    def _add_image(self, found: DicomObject) -> None:
        if (mark := hash(found.uid)) not in self._images:
            self._images.add(mark)
            series = self.series[found.series or ""]
            series.codes.add(found.code)
            series.images += 1


def check_folder(folder: Path) -> None:
    """Refuse before the work what would refuse in it.

    Raises
    ------
    DataError
        When there is no such folder, or pydicom is not installed.
    """
    load_library()
    if not folder.is_dir():
        raise fault(folder, msg("a folder that exists"), msg("check the path"), code="missing_folder")


def index_folder(folder: Path, coder: Coder, *, state: Path, progress: Callable[[int, int], None]) -> Index:
    """Read every file below a folder.

    Parameters
    ----------
    folder
        Export or backup; links are not followed.
    coder
        Makes the codes.
    state
        File that remembers, by codes only, what was read; the next call with the same folder and codes goes on from it.
    progress
        Told how many files are done, of how many.

    Raises
    ------
    DataError
        When there is no such folder, or pydicom is not installed.
    OSError
        When the state cannot be written.
    """
    check_folder(folder)
    index = Index()
    paths = list(_files(str(folder), index.files))
    known = dict(_remembered(state, coder))
    nameless: dict[tuple[str, str], str] = {}  # the state knows no identity: one file of each person is read again
    with open(state, "a", encoding="utf-8", opener=_private) as stream:
        stream.write("\n" + json.dumps({"codes": coder.mark("state")}) + "\n")
        rest = []
        for path in paths:
            if (read := known.get(_key(path, coder))) is None:
                rest.append(path)
            else:
                index.add(path, read)
                if read.found and read.found.who:
                    nameless.setdefault((read.found.code, read.found.who), path)
        progress(index.looked_at, len(paths))
        for chunk, readings in _read_all(rest, coder):
            for path, reading in zip(chunk, readings, strict=True):
                index.add(path, reading)
            _remember(stream, coder, chunk, readings)
            progress(index.looked_at, len(paths))
    for (code, _), path in nameless.items():
        if identity := read_file(path, coder).identity:
            index.identities[code].setdefault(identity)
    return index


def _files(folder: str, aside: list[tuple[str, str]]) -> Iterator[str]:
    """Yield the regular files below a folder, in order of name; put aside links and what cannot be listed."""
    waiting = [folder]
    while waiting:
        place = waiting.pop()
        try:
            with os.scandir(place) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            aside.append((place, "unreadable"))
            continue
        below = []
        for entry in found:
            if entry.is_symlink():
                aside.append((entry.path, "link"))
            elif entry.is_dir(follow_symlinks=False):
                below.append(entry.path)
            elif entry.is_file(follow_symlinks=False):
                yield entry.path
            else:
                aside.append((entry.path, "special"))
        waiting += reversed(below)


def _read_all(paths: list[str], coder: Coder) -> Iterator[tuple[list[str], list[Reading]]]:
    """Yield chunks of paths and what they gave, in order; several processes when that pays."""
    rest = iter(paths)
    chunks = list(iter(lambda: list(islice(rest, CHUNK)), []))
    processes = min(os.cpu_count() or 1, MOST_PROCESSES)
    if len(paths) < POOL_FROM or processes == 1:
        yield from ((chunk, _read_chunk(chunk, coder)) for chunk in chunks)
        return
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_start)
    try:
        yield from zip(chunks, pool.map(_read_chunk, chunks, [coder] * len(chunks)), strict=True)
    finally:
        pool.shutdown(cancel_futures=True)


def _start() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which lets the files in hand be finished


def _read_chunk(paths: list[str], coder: Coder) -> list[Reading]:
    return [read_file(path, coder) for path in paths]


def _key(path: str, coder: Coder) -> str:
    """Return a mark of a file's name and state: the name itself may hold an identity."""
    try:
        status = Path(path).stat()
    except OSError:
        return ""
    return coder.mark("file", path, str(status.st_size), str(status.st_mtime_ns))


def _remember(stream: TextIO, coder: Coder, paths: Iterable[str], readings: Iterable[Reading]) -> None:
    for path, reading in zip(paths, readings, strict=True):
        found = reading.found.model_dump(mode="json", exclude_defaults=True) if reading.found else None
        stream.write(json.dumps([_key(path, coder), found, reading.fault]) + "\n")
    stream.flush()


def _remembered(state: Path, coder: Coder) -> Iterator[tuple[str, Reading]]:
    """Yield what an interrupted work had read under the same codes; a last line cut short is left out."""
    same = False
    with suppress(FileNotFoundError), state.open(encoding="utf-8", errors="replace") as stream:
        for line in stream:
            with suppress(ValueError, ValidationError, TypeError):
                content: Any = json.loads(line)
                if isinstance(content, dict):
                    same = content.get("codes") == coder.mark("state")
                elif same:
                    key, found, code = content
                    yield key, Reading(DicomObject.model_validate(found) if found else None, code)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, PRIVATE)
