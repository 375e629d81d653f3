"""A synthetic backup of a treatment centre: plans, structures, images, doses and treatment records of nobody.

Sequences are of undefined length, as many systems write them. Run it to make one: `python -m tests.dicom_backup FOLDER`.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as DicomSequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ROOT_UID = "1.2.826.0.1.3680043.10.1111"
CLASSES = {
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "RTSTRUCT": "1.2.840.10008.5.1.4.1.1.481.3",
    "RTPLAN": "1.2.840.10008.5.1.4.1.1.481.5",
    "RTDOSE": "1.2.840.10008.5.1.4.1.1.481.2",
    "RTRECORD": "1.2.840.10008.5.1.4.1.1.481.4",
}
LAST_DAY = date(2026, 2, 27)


def items(*datasets: Dataset) -> DicomSequence:
    """Return a sequence."""
    return DicomSequence(datasets)


def lengths_undefined(content: Dataset) -> None:
    """Give every sequence and item an undefined length, as many systems do."""
    for element in content:
        if element.VR == "SQ":
            element.is_undefined_length = True
            for item in element.value:
                item.is_undefined_length_sequence_item = True
                lengths_undefined(item)


def dataset(**values: Any) -> Dataset:
    made = Dataset()
    for name, value in values.items():
        setattr(made, name, value)
    return made


def weekdays(last: date, count: int) -> list[date]:
    """Return working days in order, up to a last one."""
    days = []
    while len(days) < count:
        if last.weekday() < 5:
            days.append(last)
        last -= timedelta(days=1)
    return days[::-1]


@dataclass
class Person:
    """Someone who does not exist."""

    number: str
    name: str
    birth: str = "19510714"


@dataclass
class Backup:
    """Writes objects below a folder, one folder per patient."""

    folder: Path
    charset: str = "ISO_IR 100"
    implicit: bool = False
    lengths: bool = False
    """Lengths of sequences are written."""
    made: int = field(default=0)

    def uid(self) -> str:
        self.made += 1
        return f"{ROOT_UID}.{self.made}"

    def write(self, person: Person, modality: str, content: Dataset, *, name: str = "") -> Path:
        """Write an object and return its file."""
        content.SpecificCharacterSet = self.charset
        content.SOPClassUID, content.Modality = CLASSES[modality], modality
        content.PatientName, content.PatientID, content.PatientBirthDate = person.name, person.number, person.birth
        content.PatientSex = "O"
        for uid in ("StudyInstanceUID", "SeriesInstanceUID"):
            if uid not in content:
                setattr(content, uid, self.uid())
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = content.SOPClassUID, content.SOPInstanceUID
        meta.TransferSyntaxUID = ImplicitVRLittleEndian if self.implicit else ExplicitVRLittleEndian
        content.file_meta = meta
        if not self.lengths:
            lengths_undefined(content)
        file = self.folder / person.number / (name or f"{modality}.{content.SOPInstanceUID}.dcm")
        file.parent.mkdir(parents=True, exist_ok=True)
        content.save_as(file, enforce_file_format=True)
        return file

    def images(self, person: Person, count: int, side: int = 16) -> tuple[str, list[str]]:
        """Write a CT series; return its UID and those of its images."""
        series, frame, uids = self.uid(), self.uid(), [self.uid() for _ in range(count)]
        for number, uid in enumerate(uids):
            content = dataset(SOPInstanceUID=uid, SeriesInstanceUID=series, FrameOfReferenceUID=frame)
            content.Rows = content.Columns = side
            content.SamplesPerPixel, content.BitsAllocated, content.BitsStored = 1, 16, 12
            content.HighBit, content.PixelRepresentation = 11, 0
            content.PhotometricInterpretation = "MONOCHROME2"
            content.ImagePositionPatient, content.PixelSpacing = [0, 0, 3 * number], [1, 1]
            content.PixelData = bytes(2 * side * side)
            self.write(person, "CT", content)
        return series, uids

    def structures(self, person: Person, series: str, images: Iterable[str]) -> str:
        """Write a structure set drawn on a series; return its UID."""
        drawn = items(*(dataset(ReferencedSOPClassUID=CLASSES["CT"], ReferencedSOPInstanceUID=uid) for uid in images))
        study = dataset(RTReferencedSeriesSequence=items(dataset(SeriesInstanceUID=series, ContourImageSequence=drawn)))
        content = dataset(SOPInstanceUID=self.uid(), StructureSetLabel="CTV")
        content.ReferencedFrameOfReferenceSequence = items(
            dataset(FrameOfReferenceUID=self.uid(), RTReferencedStudySequence=items(study))
        )
        content.ROIContourSequence = items(
            dataset(ReferencedROINumber=1, ContourSequence=items(dataset(ContourData=[0, 0, 0] * 50)))
        )
        self.write(person, "RTSTRUCT", content)
        return str(content.SOPInstanceUID)

    def plan(
        self,
        person: Person,
        *,
        fractions: int | None = 25,
        dose: float | None = 50.0,
        beams: Sequence[Dataset] = (),
        structures: str | None = None,
        day: date = date(2026, 1, 12),
        predecessor: str | None = None,
        **more: Any,
    ) -> str:
        """Write a plan; return its UID."""
        beams = beams or [arc(1), arc(2)]
        content = dataset(
            SOPInstanceUID=self.uid(), RTPlanLabel="PLAN", RTPlanDate=f"{day:%Y%m%d}", PlanIntent="CURATIVE"
        )
        content.RTPlanGeometry, content.ApprovalStatus = "PATIENT", "APPROVED"
        if dose is not None:
            content.DoseReferenceSequence = items(
                dataset(DoseReferenceNumber=1, DoseReferenceType="TARGET", TargetPrescriptionDose=dose)
            )
        group = dataset(FractionGroupNumber=1, NumberOfBeams=len(beams), NumberOfBrachyApplicationSetups=0)
        group.NumberOfFractionsPlanned = fractions
        content.FractionGroupSequence = items(group)
        content.BeamSequence = items(*beams)
        if structures:
            content.ReferencedStructureSetSequence = items(
                dataset(ReferencedSOPClassUID=CLASSES["RTSTRUCT"], ReferencedSOPInstanceUID=structures)
            )
        if predecessor:
            content.ReferencedRTPlanSequence = items(
                dataset(
                    ReferencedSOPClassUID=CLASSES["RTPLAN"],
                    ReferencedSOPInstanceUID=predecessor,
                    RTPlanRelationship="PREDECESSOR",
                )
            )
        for name, value in more.items():
            setattr(content, name, value)
        self.write(person, "RTPLAN", content, name=f"RTPLAN.{content.SOPInstanceUID}.dcm")
        return str(content.SOPInstanceUID)

    def dose(self, person: Person, plan: str) -> None:
        """Write the dose of a plan."""
        content = dataset(SOPInstanceUID=self.uid(), Rows=4, Columns=4, BitsAllocated=16, DoseUnits="GY")
        content.ReferencedRTPlanSequence = items(
            dataset(ReferencedSOPClassUID=CLASSES["RTPLAN"], ReferencedSOPInstanceUID=plan)
        )
        content.PixelData = bytes(32)
        self.write(person, "RTDOSE", content)

    def record(
        self,
        person: Person,
        plan: str,
        day: date | None,
        fraction: int | None,
        *,
        beams: Sequence[int] = (1, 2),
        share: float = 1.0,
        machine: str = "CLINAC_1",
    ) -> Path:
        """Write the treatment record of a session; return its file."""
        delivered = []
        for number in beams:
            item = dataset(ReferencedBeamNumber=number, TreatmentDeliveryType="TREATMENT")
            item.CurrentFractionNumber = fraction
            item.TreatmentTerminationStatus = "NORMAL" if share >= 0.98 else "OPERATOR"
            item.SpecifiedPrimaryMeterset, item.DeliveredPrimaryMeterset = 200, round(200 * share, 1)
            delivered.append(item)
        content = dataset(SOPInstanceUID=self.uid(), TreatmentSessionBeamSequence=items(*delivered))
        content.TreatmentDate = f"{day:%Y%m%d}" if day else ""
        content.TreatmentMachineSequence = items(dataset(TreatmentMachineName=machine))
        content.ReferencedRTPlanSequence = items(
            dataset(ReferencedSOPClassUID=CLASSES["RTPLAN"], ReferencedSOPInstanceUID=plan)
        )
        return self.write(person, "RTRECORD", content)

    def sessions(
        self, person: Person, plan: str, count: int, *, last: date = LAST_DAY, first_number: int = 1, **more: Any
    ) -> None:
        """Write the records of sessions on the working days that end on a last one."""
        for number, day in enumerate(weekdays(last, count), first_number):
            self.record(person, plan, day, number, **more)


def beam(
    number: int,
    *,
    points: int = 2,
    shapes: int = 1,
    arc: bool = False,
    energy: float = 6,
    radiation: str = "PHOTON",
    machine: str = "CLINAC_1",
    fff: bool = False,
    leaves: bool = True,
    announced: int | None = None,
) -> Dataset:
    """Return a treatment beam."""
    made = dataset(BeamNumber=number, TreatmentMachineName=machine, RadiationType=radiation)
    made.TreatmentDeliveryType, made.BeamType = "TREATMENT", "DYNAMIC" if shapes > 1 or arc else "STATIC"
    made.Manufacturer, made.ManufacturerModelName = "Nobody Medical", "Clinac"
    made.NumberOfControlPoints = points if announced is None else announced
    if leaves:
        made.BeamLimitingDeviceSequence = items(dataset(RTBeamLimitingDeviceType="MLCX", NumberOfLeafJawPairs=60))
    if fff:
        made.PrimaryFluenceModeSequence = items(dataset(FluenceMode="NON_STANDARD", FluenceModeID="FFF"))
    controls = []
    for index in range(points):
        point = dataset(ControlPointIndex=index, NominalBeamEnergy=energy, GantryAngle=(index * 2) % 360)
        point.GantryRotationDirection = "CW" if arc else "NONE"
        if leaves:
            shape = min(index, shapes - 1)
            positions = [-10 - shape] * 60 + [10 + shape] * 60
            point.BeamLimitingDevicePositionSequence = items(
                dataset(RTBeamLimitingDeviceType="MLCX", LeafJawPositions=positions)
            )
        controls.append(point)
    made.ControlPointSequence = items(*controls)
    return made


def arc(number: int, **more: Any) -> Dataset:
    """Return a modulated arc."""
    return beam(number, **{"points": 8, "shapes": 8, "arc": True} | more)


TECHNIQUES: dict[str, tuple[int, float, Any]] = {
    "VMAT": (25, 50.0, lambda: [arc(1), arc(2)]),
    "IMRT": (33, 66.0, lambda: [beam(n, points=10, shapes=9) for n in (1, 2)]),
    "3DCRT": (15, 40.05, lambda: [beam(1), beam(2)]),
    "SBRT": (5, 36.25, lambda: [arc(1, fff=True), arc(2, fff=True)]),
    "ELECTRONS": (8, 16.0, lambda: [beam(n, radiation="ELECTRON", energy=9, leaves=False) for n in (1, 2)]),
    "HELICAL": (28, 50.4, lambda: [arc(1, machine="TOMO_2"), arc(2, machine="TOMO_2")]),
}
"""Technique → fractions, dose in Gy, beams."""
TROUBLES = (
    "gap",
    "repeat",
    "skip",
    "partial",
    "replan",
    "two_plans",
    "no_record",
    "no_plan",
    "no_images",
    "wrong_patient",
)


def write_centre(folder: Path, patients: int = 90, seed: int = 1, images: int = 6) -> dict[str, tuple[str, str]]:
    """Write the backup of a centre: four patients in ten have something to settle.

    Returns
    -------
    dict
        Patient number → technique and trouble ("" = none).
    """
    backup, rng, told = Backup(folder), random.Random(seed), {}
    for rank in range(patients):
        person = Person(f"{480000 + rank}", f"PERSONNE^N{rank:03d}", f"{rng.randint(1935, 2000)}0101")
        technique = [*TECHNIQUES][rank % len(TECHNIQUES)]
        trouble = TROUBLES[rank // 5 % len(TROUBLES)] if rank % 5 in (1, 3) else ""
        write_patient(backup, person, technique, trouble, rng, images)
        told[person.number] = (technique, trouble)
    (folder / "LISEZMOI.txt").write_text("Export du serveur", "utf-8")
    return told


def write_patient(
    backup: Backup, person: Person, technique: str, trouble: str, rng: random.Random, images: int
) -> None:
    """Write everything that survives of a patient, with one trouble."""
    fractions, dose, beams = TECHNIQUES[technique]
    machine = "TOMO_2" if technique == "HELICAL" else "CLINAC_1"
    series, slices = backup.images(person, 0 if trouble == "no_images" else images)
    structures = backup.structures(person, series, slices or [backup.uid() for _ in range(images)])
    plan = backup.plan(person, fractions=fractions, dose=dose, beams=beams(), structures=structures)
    backup.dose(person, plan)
    done = rng.randint(3, max(3, fractions - 2))
    days = weekdays(LAST_DAY, done + 1)
    numbers = list(range(1, done + 1))
    days = days[:2] + days[3:] if trouble == "gap" else days[1:]
    if trouble == "repeat":
        numbers[-1] = numbers[-2]
    if trouble == "skip":
        del numbers[1], days[1]
    if trouble == "no_record":
        numbers, days = [], []
    if trouble == "no_plan":
        next((backup.folder / person.number).glob("RTPLAN*")).unlink()
    if trouble == "wrong_patient":
        other = Person(f"{person.number}9", "AUTRE^PERSONNE")
        backup.record(other, plan, LAST_DAY, done + 1, machine=machine)
    for number, day in zip(numbers, days, strict=True):
        cut = trouble == "partial" and number == done
        backup.record(person, plan, day, number, share=0.4 if cut else 1.0, machine=machine)
    if trouble in {"replan", "two_plans"}:
        again = backup.plan(
            person,
            fractions=fractions - done if trouble == "replan" else fractions,
            dose=dose,
            beams=beams(),
            structures=structures,
            day=LAST_DAY,
            predecessor=plan if trouble == "replan" else None,
        )
        backup.dose(person, again)


if __name__ == "__main__":
    write_centre(Path(sys.argv[1]), *map(int, sys.argv[2:]))
