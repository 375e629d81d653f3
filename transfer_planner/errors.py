"""The exception family, and the finding: one fault of the input, told in the user's words."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from transfer_planner.i18n import Message


class TransferPlannerError(Exception):
    """Base of every error that this package raises on purpose."""


@dataclass(frozen=True)
class Finding:
    """One fault: where it stands, what stands there, what is expected, how to mend it.

    Parameters
    ----------
    file
        Path as the user gave it.
    where
        Path inside a YAML file (`centres[3].linacs[0].mlc`, with its line when known), or row and column of a table.
    value
        The value found, as text; None when it is missing.
    expected
        What is expected there.
    mend
        What to do about it; None when `expected` says it all.
    code
        Stable name of the fault, for tests and translations.
    """

    file: str
    where: str
    value: str | None
    expected: Message
    mend: Message | None = None
    code: str = "invalid"


class DataError(TransferPlannerError):
    """Input that cannot be used; carries every finding, never only the first."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(
            "; ".join(f"{f.file} {f.where}: {f.value!r}, expected {f.expected.text('en')}" for f in self.findings)
        )


class MissingDependencyError(TransferPlannerError):
    """A capability needs a library that is not installed."""

    def __init__(self, library: str, extra: str) -> None:
        self.library, self.extra = library, extra
        super().__init__(f"{library} is not installed: pip install 'transfer-planner[{extra}]'")


def require(library: str, *, extra: str) -> ModuleType:
    """Import an optional library, or say which extra installs it.

    Raises
    ------
    MissingDependencyError
        When the library is absent.
    """
    try:
        return import_module(library)
    except ImportError as error:
        raise MissingDependencyError(library, extra) from error
