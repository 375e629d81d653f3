"""Small tasks for tests of sweeps, in a module that other processes can import."""

from __future__ import annotations

import os
import time
from pathlib import Path

from transfer_planner.domain.base import Entity


class Square(Entity):
    """A number and its square."""

    number: int
    square: int


def square(shared: int, number: int) -> Square:
    """Return the square of a number, plus what is shared."""
    return Square(number=number, square=number**2 + shared)


def slowly(shared: float, number: int) -> Square:
    """Return the square of a number after some seconds."""
    time.sleep(shared)
    return square(0, number)


def fatal_once(folder: str, number: int) -> Square:
    """Kill the worker the first time that it works on 3."""
    mark = Path(folder) / "killed"
    if number == 3 and not mark.exists():
        mark.touch()
        os._exit(9)
    return square(0, number)


def fatal(_shared: int, _number: int) -> Square:
    """Kill the worker."""
    os._exit(9)
