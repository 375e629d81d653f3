"""Ctrl-C belongs to the program, also after the engines have run."""

from __future__ import annotations

import subprocess
import sys

import pytest

CODE = """
import signal
import numpy as np
from scipy import sparse
from transfer_planner.solvers.engine import Programme, solve_small

one = np.ones(1)
programme = Programme(one, 0 * one, one, one == 1, sparse.csr_matrix([[1.0]]), one, one)
assert solve_small(programme, {engine!r}, time_limit_s=5).status == "optimal"
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    print("heard")
"""


@pytest.mark.parametrize("engine", ["sat", "scip"])
def test_ctrl_c_is_heard_after_an_engine_has_run(engine: str) -> None:
    """An engine that kept the signal would let the next Ctrl-C kill the program, and leave half a folder behind."""
    run = subprocess.run(
        [sys.executable, "-c", CODE.format(engine=engine)], capture_output=True, check=False, text=True
    )
    assert (run.returncode, run.stdout) == (0, "heard\n"), run.stderr
