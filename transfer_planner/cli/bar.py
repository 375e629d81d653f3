"""How far a long run is, and how long it will still take."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from transfer_planner.cli import terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import TaskID

    from transfer_planner.cli.common import Settings
    from transfer_planner.i18n import Message


@contextmanager
def stages(settings: Settings) -> Iterator[Callable[[Message, int, int], None]]:
    """Show the stages of a run on stderr, each with its bar and the time left; only to a terminal.

    Yields
    ------
    Callable
        Told the stage, how many tasks are done, and how many there are.
    """
    out = terminal.console(stderr=True)
    if not out.is_terminal:
        yield lambda *_: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    known: dict[str, TaskID] = {}
    with Progress(*columns, console=out) as shown:

        def step(stage: Message, done: int, of: int) -> None:
            if stage.source not in known:
                known[stage.source] = shown.add_task(stage.text(settings.lang), total=of)
            shown.update(known[stage.source], completed=done, total=of)

        yield step
