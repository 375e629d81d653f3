"""Walk over the top-level elements of a DICOM file without reading their values: where they stand, and whether the file is whole."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

UNDEFINED = 0xFFFFFFFF
PIXELS = 0x7FE00010
META = frozenset({0x00020002, 0x00020010})
"""Class and transfer syntax, in the first group, which is always explicit."""
WINDOW, TAIL_BYTES, VALUE_LIMIT = 4096, 4096, 256
_LONG = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
_END_OF_SEQUENCE = b"\xfe\xff\xdd\xe0"
_EXPLICIT, _IMPLICIT, _LENGTH = struct.Struct("<HH2sH"), struct.Struct("<HHL"), struct.Struct("<L")


class Walk(NamedTuple):
    """What a walk met."""

    values: dict[int, bytes]
    end: int
    """Place of the first element not walked over."""
    usual: bool
    """False: something here is for a real reader."""
    whole: bool
    """The walk came to the pixels, and they end inside the file."""


def walk(
    stream: BinaryIO, head: bytes, start: int, size: int, wanted: Collection[int], *, explicit: bool = True
) -> Walk:
    """Walk over elements, little endian.

    Parameters
    ----------
    stream, head
        File, and its first bytes, read already.
    start, size
        Place of the first element; size of the file.
    wanted
        Tags whose values are kept; the group of `META` is left at its end, the data set at its pixels.
    explicit
        Value representations are written.
    """
    values: dict[int, bytes] = {}
    at, base, window = start, 0, head
    while at + 8 <= size:
        if at + 12 - base > len(window) or at < base:
            stream.seek(at)
            base, window = at, stream.read(WINDOW).ljust(12, b"\0")
        tag, length, prefix = _element(window, at - base, explicit=explicit)
        value = at + prefix
        if wanted is META and tag >> 16 != 0x0002:
            return Walk(values, at, usual=True, whole=True)
        if tag == PIXELS:
            whole = ends(stream, size) if length == UNDEFINED else value + length <= size
            return Walk(values, at, usual=True, whole=whole)
        if length == UNDEFINED or prefix == 0:
            return Walk(values, at, usual=False, whole=False)
        if tag in wanted and length <= VALUE_LIMIT:
            values[tag] = window[value - base : value - base + length]
            if len(values[tag]) < length:
                stream.seek(value)
                values[tag] = stream.read(length)
        at = value + length
    return Walk(values, at, usual=True, whole=False)


def _element(window: bytes, place: int, *, explicit: bool) -> tuple[int, int, int]:
    """Return tag, length of the value and length of what stands before it; 0 for what is no explicit element."""
    if not explicit:
        group, element, length = _IMPLICIT.unpack_from(window, place)
        return group << 16 | element, length, 8
    group, element, vr, length = _EXPLICIT.unpack_from(window, place)
    tag = group << 16 | element
    if vr in _LONG:
        return tag, _LENGTH.unpack_from(window, place + 8)[0], 12
    return tag, length, 8 if vr.isupper() else 0


def ends(stream: BinaryIO, size: int) -> bool:
    """Tell whether compressed pixels are closed near the end of a file; the place in the file is kept."""
    place = stream.tell()
    stream.seek(max(0, size - TAIL_BYTES))
    tail = stream.read()
    stream.seek(place)
    return _END_OF_SEQUENCE in tail
