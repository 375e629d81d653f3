"""Integer programmes solved by a process of its own, which can be stopped at any moment; run as a module it is that process."""

from __future__ import annotations

import math
import os
import pickle
import subprocess
import sys
from contextlib import suppress
from threading import Thread
from typing import IO, TYPE_CHECKING, Self, cast

from transfer_planner.solvers.engine import Outcome, solve_integer

if TYPE_CHECKING:
    from transfer_planner.solvers.engine import FloatArray, Programme


class Remote:
    """HiGHS in another process, one programme at a time. Use as a context, which ends the process."""

    beside = True

    def __init__(self) -> None:
        self._outcome: Outcome | None = None
        self._talk: Thread | None = None
        self._process = self._begin()
        self.bound = -math.inf
        """Best bound heard of the programme at work."""

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

    def ask(
        self, programme: Programme, time_limit_s: float, start: FloatArray | None = None, *, bounding: bool = False
    ) -> None:
        """Begin to solve a programme, from a solution if there is one; the engine may overrun its time, hence `stop`."""
        self._outcome, self.bound = None, -math.inf
        question = pickle.dumps((programme, time_limit_s, start, bounding))
        self._talk = Thread(target=self._exchange, args=(question,), daemon=True)
        self._talk.start()

    def _exchange(self, question: bytes) -> None:
        questions, answers = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)
        try:
            questions.write(question)
            questions.flush()
            while self._outcome is None:
                answer = pickle.load(answers)  # noqa: S301  # written by our own process
                if isinstance(answer, Outcome):
                    self._outcome = answer
                else:
                    self.bound = max(self.bound, answer)
        except (OSError, EOFError, pickle.UnpicklingError):  # the process was stopped
            self._outcome = None

    @property
    def running(self) -> bool:
        """Whether the answer is still to come."""
        return self._talk is not None and self._talk.is_alive()

    def stop(self) -> Outcome:
        """Return the answer, or the bound alone when it has not come; a process still at work is replaced."""
        if self.running:
            self._end()
            self._process = self._begin()
        self._talk = None
        return self._outcome or Outcome("unknown", bound=self.bound)


class Local:
    """HiGHS in this process, its effort counted in nodes where it must not depend on the clock; the interface of `Remote`."""

    beside = False
    running = False

    def __init__(self, node_limit: int | None = None) -> None:
        self._nodes = node_limit
        self._outcome = Outcome("unknown")
        self.bound = -math.inf

    def ask(
        self, programme: Programme, time_limit_s: float, start: FloatArray | None = None, *, bounding: bool = False
    ) -> None:
        """Solve a programme; return when it is done."""
        self._outcome = solve_integer(
            programme, time_limit_s=time_limit_s, node_limit=self._nodes, start=start, bounding=bounding
        )
        self.bound = self._outcome.bound

    def stop(self) -> Outcome:
        """Return the answer."""
        return self._outcome


def main() -> None:
    """Answer programmes from the standard input with what HiGHS finds, until it ends; its banner goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)

    def say(answer: Outcome | float) -> None:
        pickle.dump(answer, answers)
        answers.flush()

    while True:
        try:
            programme, time_limit_s, start, bounding = pickle.load(sys.stdin.buffer)  # noqa: S301  # written by our own process
        except EOFError:
            return
        say(solve_integer(programme, time_limit_s=time_limit_s, start=start, bounding=bounding, told=say))


if __name__ == "__main__":
    main()
