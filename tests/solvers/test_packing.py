"""Items are shared between identical bins with the least overflow, as trying every way shows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from transfer_planner.solvers.packing import pack

BINS = 2


def overflow(
    sizes: np.ndarray, bins: tuple[int, ...] | list[int], within: np.ndarray, beyond: np.ndarray
) -> int | None:
    """Return what lies beyond the room of the bins; None when it does not fit."""
    loads = np.zeros((BINS, sizes.shape[1]), dtype=np.int64)
    for size, which in zip(sizes, bins, strict=True):
        loads[which] += size
    over = np.maximum(0, loads - within)
    return None if (over > beyond).any() else int(over.sum())


@pytest.mark.parametrize("seed", range(30))
def test_nothing_overflows_less(seed: int) -> None:
    """Every way to share a few items is tried, some of them fixed; what is found quickly fits."""
    rng = np.random.default_rng(seed)
    sizes = rng.choice([0, 12, 15, 25], size=(7, 4))
    within, beyond = rng.integers(10, 45, size=4), rng.integers(0, 30, size=4)
    fixed = [None if rng.random() < 0.8 else int(rng.integers(BINS)) for _ in sizes]
    ways = [
        way
        for way in itertools.product(range(BINS), repeat=len(sizes))
        if all(wanted in (None, which) for wanted, which in zip(fixed, way, strict=True))
    ]
    least = min((over for way in ways if (over := overflow(sizes, way, within, beyond)) is not None), default=None)
    found = pack(sizes, within=within, beyond=beyond, bins=BINS, fixed=fixed)
    quick = pack(sizes, within=within, beyond=beyond, bins=BINS, fixed=fixed, quickly=True)
    if quick is not None:
        assert tuple(quick) in ways
        assert overflow(sizes, quick, within, beyond) is not None
    if least is None:
        assert found is None
        return
    assert found is not None
    assert tuple(found) in ways
    assert overflow(sizes, found, within, beyond) == least
