"""Measure how fast data come in: a backup of 50,000 DICOM files indexed, a workbook of 20,000 patients read.

`python benchmarks/data_in.py [--files 50000] [--rows 20000] [--folder FOLDER]`

The files are those of `tests/dicom_backup.py`: plans of two arcs of 178 control points with 120 leaf positions each, every sequence of
undefined length; structures of 20 regions; images with 512 bytes of pixels, which are never read; 80 % images, 18 % treatment records, and
per patient a plan, a structure set and a dose.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import xlsxwriter

from tests.dicom_backup import Backup, Person, arc, dataset, items
from transfer_planner.io.dicom_folder import index_folder
from transfer_planner.io.dicom_roster import Home, build_roster
from transfer_planner.io.pseudonyms import Coder
from transfer_planner.io.roster import read_roster

PER_PATIENT = {"CT": 160, "RTRECORD": 36}
POINTS = 178
PLACE = b"987654321"
"""Nine digits that stand for the patient in the files copied; each patient has as many."""


def make(folder: Path, patients: int) -> int:
    """Write the backup: one patient by pydicom, the others by replacing nine digits in its files."""
    model = folder / "model"
    backup, person = Backup(model), Person(PLACE.decode(), "PERSONNE^N")
    series, images = backup.images(person, PER_PATIENT["CT"])
    structures = backup.structures(person, series, images)
    beams = [arc(number, points=POINTS, shapes=POINTS) for number in (1, 2)]
    plan = backup.plan(person, fractions=40, beams=beams, structures=structures)
    backup.dose(person, plan)
    backup.sessions(person, plan, PER_PATIENT["RTRECORD"])
    regions = items(*(dataset(ReferencedROINumber=n, ContourSequence=items(*contours())) for n in range(20)))
    drawn = next(model.rglob("RTSTRUCT*"))
    drawn.unlink()
    whole = dataset(SOPInstanceUID=structures, ROIContourSequence=regions)
    images_of = items(*(dataset(ReferencedSOPInstanceUID=uid) for uid in images))
    of_series = items(dataset(SeriesInstanceUID=series, ContourImageSequence=images_of))
    whole.ReferencedFrameOfReferenceSequence = items(
        dataset(RTReferencedStudySequence=items(dataset(RTReferencedSeriesSequence=of_series)))
    )
    backup.write(person, "RTSTRUCT", whole)
    files = [(file.name, file.read_bytes()) for file in sorted(model.rglob("*.dcm"))]
    root = b"1.2.826.0.1.3680043.10.1111."
    for rank in range(patients):
        number = f"{100_000_000 + rank}".encode()
        place = folder / "backup" / f"{rank % 97:02d}" / number.decode()
        place.mkdir(parents=True)
        for name, content in files:
            own = content.replace(PLACE, number).replace(root, b"1.2.826.0.1.3680043.10." + number[-4:] + b".")
            (place / name).write_bytes(own)
    shutil.rmtree(model)
    return patients * len(files)


def contours() -> list:
    """Return the contours of a region: 40 slices of 100 points."""
    return [dataset(ContourGeometricType="CLOSED_PLANAR", ContourData=[1.25, 2.5, 3.75] * 100) for _ in range(40)]


def index(folder: Path, files: int) -> None:
    """Index twice, the second time with the files in memory, and make the rows."""
    coder, state = Coder(b"benchmark"), folder / "state"
    for label in ("first", "warm cache"):
        start, work = time.perf_counter(), worked()
        found = index_folder(folder / "backup", coder, state=state, progress=lambda *_: None)
        seconds, work = time.perf_counter() - start, worked() - work
        print(f"index, {label}: {files} files in {seconds:.1f} s: {files / seconds:.0f} files/s", end="; ")
        print(f"work of all cores {work:.1f} s: {files / work:.0f} files a second of one core", flush=True)
        if label == "first":
            state.unlink()
    start = time.perf_counter()
    index_folder(folder / "backup", coder, state=state, progress=lambda *_: None)
    print(f"resumed, nothing left to read: {time.perf_counter() - start:.1f} s")
    start = time.perf_counter()
    done = build_roster(found, Home("centre", {}), "en")
    rows = len(done.patients) + len(done.incomplete)
    print(
        f"{rows} rows, {found.looked_at - files} files too many, {len(found.files)} set aside: {time.perf_counter() - start:.2f} s"
    )


def worked() -> float:
    """Return the seconds of work of this process and of its children that ended: other users of the machine do not count."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def peak(who: int) -> float:
    """Return the largest resident memory, MB."""
    return resource.getrusage(who).ru_maxrss / 1024


def read_workbook(folder: Path, rows: int) -> None:
    """Read and validate a workbook of many patients."""
    file = folder / "roster.xlsx"
    names = ["patient_id", "centre_id", "technique", "prescribed_fractions", "delivered_fractions", "site", "energy"]
    names += ["prescribed_dose_gy", "first_fraction_date", "intent", "birth_year", "postcode", "mobility", "notes"]
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, names)
    for line in range(1, rows + 1):
        values = [
            f"P{line}",
            "gray",
            "VMAT",
            25,
            12,
            "sein",
            "6X",
            50.0,
            "2026-02-02",
            "curatif",
            1950,
            "59000",
            "vsl",
            "x",
        ]
        sheet.write_row(line, 0, values)
    book.close()
    start = time.perf_counter()
    patients = read_roster(file)
    print(f"workbook: {len(patients)} rows of {len(names)} columns in {time.perf_counter() - start:.1f} s")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--folder", type=Path, help="where to write the files; a temporary folder by default")
    given = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        per_patient = sum(PER_PATIENT.values()) + 3
        files = make(folder, -(-given.files // per_patient))
        before = peak(resource.RUSAGE_SELF)
        index(folder, files)
        print(
            f"peak memory: {peak(resource.RUSAGE_SELF):.0f} MB, {before:.0f} before; {peak(resource.RUSAGE_CHILDREN):.0f} MB in each worker"
        )
        read_workbook(folder, given.rows)


if __name__ == "__main__":
    multiprocessing.freeze_support()
    main()
