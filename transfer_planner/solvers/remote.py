"""Integer programmes solved by a process of its own, which can be stopped at any moment; run as a module it is that process."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from contextlib import suppress
from threading import Thread
from typing import IO, TYPE_CHECKING, Self, cast

from transfer_planner.solvers.engine import Outcome, solve_integer

if TYPE_CHECKING:
    from transfer_planner.solvers.engine import Programme


class Remote:
    """HiGHS in another process, one programme at a time. Use as a context, which ends the process."""

    def __init__(self) -> None:
        self._outcome: Outcome | None = None
        self._talk: Thread | None = None
        self._process = self._begin()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self._end()

    @staticmethod
    def _begin() -> subprocess.Popen[bytes]:
        path = os.pathsep.join(entry for entry in sys.path if entry)
        return subprocess.Popen(  # noqa: S603  # our own module
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )

    def _end(self) -> None:
        self._process.kill()
        if self._talk is not None:
            self._talk.join()
        with suppress(BrokenPipeError):  # a question half sent
            self._process.communicate()

    def ask(self, programme: Programme, time_limit_s: float) -> None:
        """Start solving a programme; the engine may overrun its time limit, hence `stop`."""
        self._outcome = None
        self._talk = Thread(target=self._exchange, args=(pickle.dumps((programme, time_limit_s)),), daemon=True)
        self._talk.start()

    def _exchange(self, question: bytes) -> None:
        questions, answers = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)
        try:
            questions.write(question)
            questions.flush()
            self._outcome = pickle.load(answers)  # noqa: S301  # written by our own process
        except (OSError, EOFError, pickle.UnpicklingError):  # the process was stopped
            self._outcome = None

    @property
    def running(self) -> bool:
        """Whether the answer is still to come."""
        return self._talk is not None and self._talk.is_alive()

    def stop(self) -> Outcome:
        """Return the answer, unknown when it has not come; a process still at work is replaced."""
        if self.running:
            self._end()
            self._process = self._begin()
        self._talk = None
        return self._outcome or Outcome("unknown")


def main() -> None:
    """Answer programmes from the standard input with what HiGHS finds, until it ends; its banner goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    while True:
        try:
            programme, time_limit_s = pickle.load(sys.stdin.buffer)  # noqa: S301  # written by our own process
        except EOFError:
            return
        pickle.dump(solve_integer(programme, time_limit_s=time_limit_s), answers)
        answers.flush()


if __name__ == "__main__":
    main()
