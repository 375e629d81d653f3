"""Functions compiled by Numba where Python is too slow: loops that NumPy cannot do at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")


def compiled(function: F) -> F:
    """Return a function compiled at its first call, and kept on disk for later processes where there is a place for it."""
    try:
        return cast("F", njit(cache=True, nogil=True)(function))
    except RuntimeError:  # no folder to write to
        return cast("F", njit(nogil=True)(function))
