"""The one door to pydicom: a file becomes the few facts that make a course, its identity replaced by a code."""

from __future__ import annotations

import io
import os
import re
import struct
import warnings
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from transfer_planner.errors import MissingDependencyError, require
from transfer_planner.i18n import msg
from transfer_planner.io.dicom_header import META, PIXELS, UNDEFINED, Walk, ends, is_closed, walk, with_lengths
from transfer_planner.io.dicom_objects import Beam, Delivered, DicomObject, Kind, PlanFacts
from transfer_planner.io.files import MEBIBYTE, fault
from transfer_planner.io.pseudonyms import Identity
from transfer_planner.io.reference import fold_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from transfer_planner.io.pseudonyms import Coder

HEAD_BYTES = 1024
IMPLICIT, DEFLATED, BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"
IMAGE = frozenset({0x00080018, 0x00100020, 0x0020000E})
LIMIT_BYTES = 256 * MEBIBYTE
"""Longest element read: a plan holds a few megabytes, pixels and contours are never read."""
MANY_SHAPES = 6
CONTOURS, BEAMS, RECORDS = 0x30060039, 0x300A00B0, 0x30080020
CLASSES: dict[str, tuple[Kind, int]] = {
    "1.2.840.10008.5.1.4.1.1.481.5": ("plan", BEAMS),
    "1.2.840.10008.5.1.4.1.1.481.8": ("plan", 0x300A03A2),
    "1.2.840.10008.5.1.4.1.1.481.3": ("structures", CONTOURS),
    "1.2.840.10008.5.1.4.1.1.481.2": ("dose", PIXELS),
    "1.2.840.10008.5.1.4.1.1.2": ("image", PIXELS),
    "1.2.840.10008.5.1.4.1.1.2.1": ("image", PIXELS),
    "1.2.840.10008.5.1.4.1.1.481.4": ("record", RECORDS),
}
"""SOP class → kind, and the element without which a file is cut short."""
BRACHY, HISTOGRAMS = 0x300A0230, 0x30040050
INSTEAD: dict[Kind, tuple[int, ...]] = {"plan": (BRACHY,), "dose": (HISTOGRAMS,)}
"""What may stand in the place of that element."""
WANTED = [
    *(0x00080005, 0x00080016, 0x00080018, 0x00100010, 0x00100020, 0x00100030, 0x0020000E),
    *(0x30060010, 0x300A0002, 0x300A0006, 0x300A000A, 0x300A0010, 0x300A0070, 0x300A00B0, 0x300A03A2, BRACHY),
    *(0x300C0002, 0x300C0060, 0x300E0002, 0x00080070, 0x00081090),
    *(0x30080020, 0x30080250, 0x300A0206),
]
_STOPS = frozenset({PIXELS, 0x7FE00008, 0x7FE00009, CONTOURS})
_REPLACED = frozenset({"PRIOR", "PREDECESSOR"})
_SPECIAL = {"TBI": "TBI", "TOTAL_SKIN": "TSEI"}
_DAY = re.compile(r"(\d{4})\.?(\d\d)\.?(\d\d)")


class Form(NamedTuple):
    """How a file is to be read."""

    kind: Kind
    mark: int
    """Element without which the file is cut short."""
    syntax: str


class Reading(NamedTuple):
    """What a file gave."""

    found: DicomObject | None = None
    fault: str | None = None
    """Code of `dicom_words.FAULTS`."""
    identity: Identity | None = None


class _Watch:
    """Sees each top-level element pass: stops before pixels and contours, and notes what runs beyond the end of the file."""

    def __init__(self, stream: BinaryIO, size: int, syntax: str) -> None:
        self.stream, self.size, self.syntax = stream, size, syntax
        self.short = self.too_long = False
        self.seen: set[int] = set()

    def __call__(self, tag: int, vr: str | None, length: int) -> bool:
        del vr
        self.seen.add(tag)
        if length != UNDEFINED:
            self.short |= self.stream.tell() + length > self.size
            self.too_long |= length > LIMIT_BYTES and tag in WANTED
        elif tag == PIXELS:
            self.short |= not ends(self.stream, self.size)
        elif tag == CONTOURS and self.syntax != BIG_ENDIAN:
            place, explicit = self.stream.tell(), self.syntax != IMPLICIT
            self.short |= not is_closed(self.stream, place, self.size, explicit=explicit)
        return tag in _STOPS or self.short or self.too_long


def read_file(path: str, coder: Coder) -> Reading:
    """Read a file of an export.

    Parameters
    ----------
    path
        File, whatever it is.
    coder
        Makes the codes.

    Returns
    -------
    Reading
        The object, a fault, or neither for a sound DICOM file of no use here.
    """
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - a Path for each of 50 000 files costs a second
            head = stream.read(HEAD_BYTES)
            if head[128:132] != b"DICM":
                return Reading(fault="no_preamble" if head.startswith((b"\x08\x00", b"\x02\x00")) else "not_dicom")
            size = os.fstat(stream.fileno()).st_size
            meta = walk(stream, head, 132, size, META)
            if not (name := _plain(meta, 0x00020002)):
                return Reading(fault="damaged")
            kind, mark = CLASSES.get(name, (None, 0))
            syntax = _plain(meta, 0x00020010)
            if kind is None or syntax == DEFLATED:
                return Reading(fault=None if kind is None else "deflated")
            if kind == "image" and (read := _image(stream, head, size, meta, coder)):
                return read
            stream.seek(meta.end)
            return _read(stream, size, Form(kind, mark, syntax), coder)
    except OSError:
        return Reading(fault="unreadable")


def load_library() -> ModuleType:
    """Import pydicom.

    Raises
    ------
    DataError
        When it is not installed; says how to install it.
    """
    try:
        return require("pydicom", extra="dicom")
    except MissingDependencyError as error:
        raise fault(
            error.library,
            msg("this library, which reads DICOM files; it is not installed"),
            msg("pip install 'transfer-planner[{extra}]'", extra=error.extra),
            code="missing_dependency",
        ) from error


@cache
def _reader() -> Callable[..., Any]:
    load_library()
    read: Callable[..., Any] = require("pydicom.filereader", extra="dicom").read_dataset
    return read


@cache
def _damage() -> tuple[type[Exception], ...]:
    """Return what pydicom raises on damaged files; a test shows each of them."""
    odd_length: type[Exception] = require("pydicom.errors", extra="dicom").BytesLengthException
    unread = (NotImplementedError, RecursionError, struct.error, odd_length)
    return (OSError, ValueError, TypeError, LookupError, OverflowError, *unread)


def _image(stream: BinaryIO, head: bytes, size: int, meta: Walk, coder: Coder) -> Reading | None:
    """Read an image without pydicom, ten times faster, when its form is the usual one: most files are images."""
    syntax = _plain(meta, 0x00020010)
    if syntax == BIG_ENDIAN:
        return None
    found = walk(stream, head, meta.end, size, IMAGE, explicit=syntax != IMPLICIT)
    number, series = found.values.get(0x00100020, b""), _plain(found, 0x0020000E)
    if not found.usual or not number.isascii():
        return None
    if not found.whole:
        return Reading(fault="truncated")
    if not (text := number.decode().strip(" \0")):
        return Reading(fault="no_patient")
    uid = _plain(found, 0x00080018)
    return Reading(DicomObject.model_construct(kind="image", uid=uid, code=coder.code(text), series=series))


def _read(stream: BinaryIO, size: int, form: Form, coder: Coder) -> Reading:
    if form.kind in {"plan", "record"} and form.syntax != BIG_ENDIAN and size <= LIMIT_BYTES:
        content = with_lengths(stream.read(), explicit=form.syntax != IMPLICIT)
        stream, size = io.BytesIO(content), len(content)
    watch = _Watch(stream, size, form.syntax)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            data = _reader()(
                stream, form.syntax == IMPLICIT, form.syntax != BIG_ENDIAN, stop_when=watch, specific_tags=WANTED
            )
            if watch.too_long:
                return Reading(fault="too_long")
            if watch.short or watch.seen.isdisjoint({form.mark, *INSTEAD.get(form.kind, ())}):
                return Reading(fault="truncated")
            found, identity = _object(data, form.kind, coder)
        except _damage():
            return Reading(fault="truncated" if watch.seen else "damaged")
    if not _text(data, 0x00100020):
        return Reading(fault="no_patient")
    if found.plan and not all(beam.complete for beam in found.plan.beams):
        return Reading(fault="truncated")
    odd = any("encoding" in str(each.message) or "character set" in str(each.message) for each in said)
    return Reading(found, "characters" if odd else None, identity)


def _object(data: Any, kind: Kind, coder: Coder) -> tuple[DicomObject, Identity | None]:
    number = _text(data, 0x00100020)
    facts: dict[str, Any] = {"kind": kind, "uid": _text(data, 0x00080018), "code": coder.code(number)}
    if kind == "image":
        return DicomObject.model_construct(**facts, series=_text(data, 0x0020000E)), None
    name, born = str(data.get("PatientName", "")).strip("^ "), _text(data, 0x00100030)
    birth = _day(born)
    facts |= {"who": coder.mark(_folded(name)), "born": coder.mark(born) if born else None}
    facts |= {"birth_year": birth.year if birth and birth.year >= 1890 else None} | _FACTS[kind](data)
    return DicomObject(**facts), Identity(number, name, born)


def _folded(name: str) -> str:
    """Return a name without case, accents and marks, so that spellings meet."""
    return " ".join(re.split(r"[\W_]+", fold_name(name))).strip()


def _structures(data: Any) -> dict[str, Any]:
    series = [
        each
        for frame in _items(data, 0x30060010)
        for study in _items(frame, 0x30060012)
        for each in _items(study, 0x30060014)
    ]
    images = sum(len(_items(each, 0x30060016)) for each in series)
    return {"refs": tuple(dict.fromkeys(_text(each, 0x0020000E) for each in series)), "images": images}


def _dose(data: Any) -> dict[str, Any]:
    return {"refs": _uids(data, 0x300C0002)}


def _record(data: Any) -> dict[str, Any]:
    beams = [
        Delivered(
            beam=_integer(item, 0x300C0006),
            fraction=_integer(item, 0x30080022),
            share=_share(_number(item, 0x30080036), _number(item, 0x30080032)),
            normal=_text(item, 0x3008002A) in {"", "NORMAL"},
        )
        for item in _items(data, RECORDS)
        if _text(item, 0x300A00CE) in {"", "TREATMENT", "CONTINUATION"}
    ]
    machine = next((_text(item, 0x300A00B2) for item in _items(data, 0x300A0206)), "")
    return {
        "refs": _uids(data, 0x300C0002),
        "delivered": tuple(beams),
        "day": _day(_text(data, 0x30080250)),
        "machine": machine or None,
    }


def _plan(data: Any) -> dict[str, Any]:
    groups = _items(data, 0x300A0070)
    fractions = next((_integer(group, 0x300A0078) for group in groups), None)
    prescribed = [_number(item, 0x300A0026) for item in _items(data, 0x300A0010)]
    doses = sorted({round(dose, 2) for dose in prescribed if dose}, reverse=True)
    by_beam = [_number(item, 0x300A0084) for group in groups[:1] for item in _items(group, 0x300C0004)]
    total = sum(filter(None, by_beam)) * (fractions or 0)
    beams = tuple(_beams(data))
    special = "BRACHY" if BRACHY in data else "ION" if 0x300A03A2 in data else None
    techniques = (_text(item, 0x300A00C7) for item in _items(data, BEAMS))
    facts = PlanFacts(
        day=_day(_text(data, 0x300A0006)),
        intent=_text(data, 0x300A000A) or None,
        approval=_text(data, 0x300E0002) or None,
        fractions=fractions,
        dose_gy=doses[0] if doses else round(total, 2) or None,
        doses_gy=tuple(doses),
        beams=beams,
        missing_beams=max(
            0, next((_integer(group, 0x300A0080) or 0 for group in groups), 0) - len(_items(data, BEAMS))
        ),
        predecessors=tuple(
            _text(item, 0x00081155) for item in _items(data, 0x300C0002) if _text(item, 0x300A0055) in _REPLACED
        ),
        special=special or next((_SPECIAL[name] for name in techniques if name in _SPECIAL), None),
    )
    return {"refs": _uids(data, 0x300C0060), "plan": facts}


def _beams(data: Any) -> Iterator[Beam]:
    for item in _items(data, BEAMS):
        if _text(item, 0x300A00CE) not in {"", "TREATMENT", "CONTINUATION"}:
            continue
        points = _items(item, 0x300A0111)
        announced = _integer(item, 0x300A0110)
        radiation = _text(item, 0x300A00C6) or None
        maker = [_text(item, tag) or _text(data, tag) for tag in (0x00080070, 0x00081090)]
        yield Beam(
            number=_integer(item, 0x300A00C0) or 0,
            machine=_text(item, 0x300A00B2) or None,
            maker=" ".join(filter(None, maker)) or None,
            radiation=radiation,
            energy=_energy(item, points[0] if points else None, radiation),
            mlc=_mlc(item),
            arc=any(_text(point, 0x300A011F) in {"CW", "CC"} for point in points),
            shapes=_shapes(points),
            cone=any(_text(part, 0x300A0109) == "STEREOTACTIC" for part in _items(item, 0x300A0107)),
            complete=announced is None or announced == len(points),
        )


def _energy(beam: Any, point: Any, radiation: str | None) -> str | None:
    value = None if point is None else _number(point, 0x300A0114)
    if not value:
        return None
    if radiation == "ELECTRON":
        return f"{value:g}E"
    modes = [_text(item, 0x30020052) + _text(item, 0x30020051) for item in _items(beam, 0x30020050)]
    flat = not any("FFF" in mode or "SRS" in mode or "NON_STANDARD" in mode for mode in modes)
    return f"{value:g}{'X' if flat else 'FFF'}" if radiation == "PHOTON" else None


def _mlc(beam: Any) -> str | None:
    for device in _items(beam, 0x300A00B6):
        kind = _text(device, 0x300A00B8)
        if kind.startswith("MLC"):
            return f"{kind} 2x{_integer(device, 0x300A00BC) or '?'}"
    return None


def _shapes(points: list[Any]) -> int:
    """Count different positions of the leaves, compared as they are written: to decode them takes ten times longer."""
    seen: set[bytes] = set()
    for point in points:
        for device in _items(point, 0x300A011A):
            if _text(device, 0x300A00B8).startswith("MLC") and (raw := _raw(device, 0x300A011C)):
                seen.add(raw)
        if len(seen) >= MANY_SHAPES:
            break
    return len(seen)


_FACTS: dict[Kind, Callable[[Any], dict[str, Any]]] = {
    "plan": _plan,
    "structures": _structures,
    "dose": _dose,
    "record": _record,
}


def _plain(found: Walk, tag: int) -> str:
    return found.values.get(tag, b"").decode("ascii", "replace").strip(" \0")


def _raw(data: Any, tag: int) -> bytes:
    element = data.get_item(tag) if tag in data else None
    value = None if element is None else element.value
    return value if isinstance(value, bytes) else b"" if value is None else str(value).encode()


def _text(data: Any, tag: int) -> str:
    """Return a short text; plain ASCII needs no conversion, which is most of the time of a scan."""
    raw = _raw(data, tag)
    return (raw.decode() if raw.isascii() else str(data[tag].value)).strip(" \0")


def _items(data: Any, tag: int) -> list[Any]:
    return list(data[tag].value or ()) if tag in data else []


def _uids(data: Any, tag: int) -> tuple[str, ...]:
    return tuple(filter(None, (_text(item, 0x00081155) for item in _items(data, tag))))


def _number(data: Any, tag: int) -> float | None:
    text = _text(data, tag)
    number = float(text) if re.fullmatch(r"[-+]?[\d.]{1,16}(e[-+]?\d{1,2})?", text, re.IGNORECASE) else None
    return number if number is not None and abs(number) < 1e9 else None


def _integer(data: Any, tag: int) -> int | None:
    number = _number(data, tag)
    return int(number) if number is not None and number.is_integer() and 0 <= number < 10_000 else None


def _share(delivered: float | None, specified: float | None) -> float | None:
    return round(delivered / specified, 3) if delivered is not None and specified else None


def _day(text: str) -> date | None:
    match = _DAY.match(text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
