"""Walk over the top-level elements of a DICOM file without reading their values: where they stand, and whether the file is whole."""

from __future__ import annotations

import io
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
_ENDS = frozenset({0xFFFEE00D, 0xFFFEE0DD})
_END_OF_SEQUENCE = b"\xfe\xff\xdd\xe0"
_EXPLICIT, _LENGTH = struct.Struct("<HH2sH"), struct.Struct("<L")


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
    elements = _Elements(stream, head, explicit=explicit)
    at = start
    while at + 8 <= size:
        tag, length, prefix = elements.at(at)
        value = at + prefix
        if wanted is META and tag >> 16 != 0x0002:
            return Walk(values, at, usual=True, whole=True)
        if tag == PIXELS:
            whole = ends(stream, size) if length == UNDEFINED else value + length <= size
            return Walk(values, at, usual=True, whole=whole)
        after = _end_of_sequence(elements, value, size) if length == UNDEFINED else value + length
        if prefix == 0 or after is None:
            return Walk(values, at, usual=False, whole=False)
        if tag in wanted and length <= VALUE_LIMIT:
            values[tag] = elements.value(value, length)
        at = after
    return Walk(values, at, usual=True, whole=False)


def is_closed(stream: BinaryIO, start: int, size: int, *, explicit: bool) -> bool:
    """Tell whether a sequence of undefined length, whose first item begins at `start`, ends inside the file.

    A sequence whose elements are not written as those around it gets the benefit of the doubt.
    """
    place = stream.tell()
    end = _end_of_sequence(_Elements(stream, b"", explicit=explicit), start, size)
    stream.seek(place)
    return end is None or end <= size


def with_lengths(content: bytes, *, explicit: bool) -> bytes:
    """Return a little-endian data set whose sequences and items all tell their lengths; unchanged when its form is unusual.

    Where lengths are written, pydicom reads only what is asked for: a plan takes a third of the time.
    """
    made = bytearray(content)
    elements = _Elements(io.BytesIO(content), content, explicit=explicit)
    at = 0
    opened: list[int] = []
    while at + 8 <= len(content):
        tag, length, prefix = elements.at(at)
        at += prefix
        if prefix == 0 or (tag in _ENDS and not opened):
            return content
        if tag in _ENDS:
            begin = opened.pop()
            _LENGTH.pack_into(made, begin - 4, at - begin)
        elif length == UNDEFINED:
            opened.append(at)
        else:
            at += length
    return content if opened else bytes(made)


class _Elements:
    """Elements read through a window on the file."""

    def __init__(self, stream: BinaryIO, head: bytes, *, explicit: bool) -> None:
        self.stream, self.base, self.window, self.explicit = stream, 0, head, explicit

    def at(self, place: int) -> tuple[int, int, int]:
        """Return tag, length of the value and length of what stands before it; 0 for what is no explicit element."""
        offset = place - self.base
        if offset < 0 or offset + 12 > len(self.window):
            self.stream.seek(place)
            self.base, offset, self.window = place, 0, self.stream.read(WINDOW).ljust(12, b"\0")
        group, element, vr, length = _EXPLICIT.unpack_from(self.window, offset)
        tag = group << 16 | element
        if group == 0xFFFE or not self.explicit:
            return tag, _LENGTH.unpack_from(self.window, offset + 4)[0], 8
        if vr in _LONG:
            return tag, _LENGTH.unpack_from(self.window, offset + 8)[0], 12
        return tag, length, 8 if vr.isupper() else 0

    def value(self, place: int, length: int) -> bytes:
        """Return a value."""
        offset = place - self.base
        found = self.window[offset : offset + length]
        if len(found) == length:
            return found
        self.stream.seek(place)
        return self.stream.read(length)


def _end_of_sequence(elements: _Elements, start: int, size: int) -> int | None:
    """Return the place after a sequence of undefined length, beyond the size when the file ends before it; None = not told."""
    at, depth = start, 1
    while depth and at + 8 <= size:
        tag, length, prefix = elements.at(at)
        if prefix == 0:
            return None
        at += prefix
        if tag in _ENDS:
            depth -= 1
        elif length == UNDEFINED:
            depth += 1
        else:
            at += length
    return size + 1 if depth else at


def ends(stream: BinaryIO, size: int) -> bool:
    """Tell whether compressed pixels are closed near the end of a file; the place in the file is kept."""
    place = stream.tell()
    stream.seek(max(0, size - TAIL_BYTES))
    tail = stream.read()
    stream.seek(place)
    return _END_OF_SEQUENCE in tail
