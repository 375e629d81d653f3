"""On arrival: what is missing, altered or another patient's, whatever the files are called."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from transfer_planner.i18n import Message, msg
from transfer_planner.io.dicom_inventory import files_below, patient_mark
from transfer_planner.io.files import fault
from transfer_planner.io.packages import MANIFEST, OBJECTS, Manifest, copy_entry, fingerprint

if TYPE_CHECKING:
    import zipfile
    from pathlib import Path


@dataclass(frozen=True)
class Fault:
    """What is wrong with what was received.

    Parameters
    ----------
    kind
        missing, altered, other_patient or not_listed.
    path
        File.
    patient_id
        Whose it should be; None when nobody knows.
    """

    kind: Literal["missing", "altered", "other_patient", "not_listed"]
    path: str
    patient_id: str | None = None


FAULTS: dict[str, Message] = {
    "missing": msg("missing"),
    "altered": msg("altered"),
    "other_patient": msg("another patient's"),
    "not_listed": msg("not announced"),
}


def check_content(manifest: Manifest, archive: zipfile.ZipFile) -> tuple[Fault, ...]:
    """Compare what the archive holds with the fingerprints announced."""
    owners = {one.path: patient.patient_id for patient in manifest.patients for one in patient.objects}
    return tuple(
        Fault("altered", path, owners.get(path))
        for path, announced in manifest.inside().items()
        if copy_entry(archive, path, None) != announced.sha256
    )


def check_received(manifest: Manifest, folder: Path) -> tuple[Fault, ...]:
    """Compare the objects of a folder with those announced, whatever their names: content tells whose they are.

    Another patient's: a file announced for one patient that stands in the folder of another; a file in the folder of somebody
    who is no patient of this package; a DICOM file that bears another patient number than the sound ones of its folder.

    Raises
    ------
    DataError
        When there is no such folder.
    """
    if not folder.is_dir():
        raise fault(folder, msg("an existing folder"), code="no_folder")
    owner = {one.sha256: patient.patient_id for patient in manifest.patients for one in patient.objects}
    codes = {patient.patient_id for patient in manifest.patients}
    sheets = {one.path for one in manifest.files} | {MANIFEST}
    faults: list[Fault] = []
    seen: set[str] = set()
    marks: dict[str, str | None] = {}
    strangers: list[tuple[Path, str, str | None]] = []
    for file in files_below(folder):
        path, digest = file.relative_to(folder).as_posix(), fingerprint(file)
        code = _owner_by_place(path, codes)
        if digest in owner:
            seen.add(digest)
            marks.setdefault(owner[digest], patient_mark(file))
            if code not in {None, owner[digest]}:
                faults.append(Fault("other_patient", path, owner[digest]))
        elif path not in sheets:
            strangers.append((file, path, code))
    names = {(p.patient_id, PurePosixPath(one.path).name): one.sha256 for p in manifest.patients for one in p.objects}
    for file, path, code in strangers:
        announced = names.get((code or "", file.name))
        faults.append(Fault(_kind(patient_mark(file), marks.get(code or ""), code, codes, announced), path, code))
        seen.add(announced or "")
    for patient in manifest.patients:
        gone = (one for one in patient.objects if one.sha256 not in seen)
        faults += [Fault("missing", one.path, patient.patient_id) for one in gone]
    return tuple(faults)


def _kind(
    mark: str | None, expected: str | None, code: str | None, codes: set[str], announced: str | None
) -> Literal["altered", "other_patient", "not_listed"]:
    """Say what is wrong with a file whose content was not announced."""
    if (code is not None and code not in codes) or (mark and expected and mark != expected):
        return "other_patient"
    return "altered" if announced else "not_listed"


def _owner_by_place(path: str, codes: set[str]) -> str | None:
    """Return the patient in whose folder a file stands: `…/<code>/…`, or `objects/<anything>/…` for a stranger."""
    steps = path.split("/")[:-1]
    known = next((step for step in steps if step in codes), None)
    if known is None and OBJECTS in steps[:-1]:
        return steps[steps.index(OBJECTS) + 1]
    return known
