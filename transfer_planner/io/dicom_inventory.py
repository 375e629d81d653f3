"""The objects found for each patient, with their fingerprints: in folders named by code, or anywhere with the table of codes."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from transfer_planner.errors import DataError
from transfer_planner.i18n import msg
from transfer_planner.io.dicom_folder import check_folder
from transfer_planner.io.dicom_rt import load_library, read_file
from transfer_planner.io.files import fault
from transfer_planner.io.packages import OBJECTS, FoundObject, fingerprint
from transfer_planner.io.pseudonyms import Coder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

Found = dict[str, tuple[tuple[Path, FoundObject], ...]]
"""Patient code → file, and what is told of it."""


def find_in_folders(folder: Path, codes: Collection[str]) -> Found:
    """Return the files found for each patient, in folders named by patient code.

    Raises
    ------
    DataError
        When there is no such folder.
    """
    if not folder.is_dir():
        raise fault(folder, msg("an existing folder"), code="no_folder")
    return {code: tuple(_below(folder / code, code)) for code in codes}


def find_by_number(folder: Path, codes: Collection[str], coder: Coder) -> Found:
    """Return the objects found for each patient anywhere below a folder, by the patient number that they bear.

    They are named anew by kind and UID: names of files and folders may hold an identity.

    Raises
    ------
    DataError
        When there is no such folder, or pydicom is not installed.
    """
    check_folder(folder)
    found: defaultdict[str, dict[str, tuple[Path, FoundObject]]] = defaultdict(dict)
    for file in files_below(folder):
        seen = read_file(str(file), coder).found
        if seen is None or seen.code not in codes:
            continue
        digest = fingerprint(file)
        path = PurePosixPath(OBJECTS, seen.code, seen.kind, f"{seen.uid}.dcm").as_posix()
        known = found[seen.code].get(path)
        if known is not None and known[1].sha256 == digest:
            continue  # a copy
        if known is not None:
            path = PurePosixPath(path).with_name(f"{seen.uid}-{digest[:8]}.dcm").as_posix()
        one = FoundObject(path=path, size=file.stat().st_size, sha256=digest, kind=seen.kind)
        found[seen.code][path] = (file, one)
    return {code: tuple(found[code].values()) for code in codes}


def patient_mark(file: Path) -> str | None:
    """Return what is equal for the files of one patient number; None when it is no such file, or pydicom is not installed."""
    try:
        load_library()
    except DataError:
        return None
    seen = read_file(str(file), Coder(b"")).found
    return seen.code if seen else None


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the regular files below a folder, in order; links are not followed."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            file = Path(place, name)
            if file.is_file() and not file.is_symlink():
                yield file


def _below(folder: Path, code: str) -> Iterator[tuple[Path, FoundObject]]:
    for file in files_below(folder):
        path = PurePosixPath(OBJECTS, code, *file.relative_to(folder).parts).as_posix()
        yield file, FoundObject(path=path, size=file.stat().st_size, sha256=fingerprint(file))
