"""Commands loaded only when called, and help in the reader's language."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from transfer_planner.i18n import Language, Message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class HelpFormatter(click.HelpFormatter):
    """Help page whose texts go through the catalogue."""

    lang: Language = "fr"

    def _say(self, text: str) -> str:
        source, bracket, extra = text.partition("  [")  # click appends ranges and defaults there
        return Message(source).text(self.lang) + bracket + extra

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the first line."""
        super().write_usage(prog, args, prefix or self._say("Usage:") + " ")

    def write_heading(self, heading: str) -> None:
        """Write the title of a section."""
        super().write_heading(self._say(heading))

    def write_text(self, text: str) -> None:
        """Write a paragraph."""
        super().write_text(self._say(text))

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:  # type: ignore[override]
        """Write options or commands and what they do."""
        super().write_dl([(term, self._say(text)) for term, text in rows], col_max, col_spacing)


class Context(click.Context):
    """Context that knows the language asked for, here or before the command."""

    def make_formatter(self) -> HelpFormatter:
        """Return a formatter in that language."""
        formatter = HelpFormatter(width=self.terminal_width, max_width=self.max_content_width)
        level: click.Context | None = self
        while level is not None:
            if level.params.get("lang") == "en":
                formatter.lang = "en"
            level = level.parent
        return formatter


class Command(click.Command):
    """Command with help in the reader's language."""

    context_class = Context


class LazyGroup(click.Group):
    """Group that imports a command only when it is called.

    Parameters
    ----------
    commands_at
        Name of each command → "module:attribute" and its one-line help.
    """

    context_class = Context

    def __init__(self, *args: Any, commands_at: Mapping[str, tuple[str, Message]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commands_at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of use."""
        del ctx
        return list(self.commands_at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        if cmd_name not in self.commands_at:
            return None
        module, attribute = self.commands_at[cmd_name][0].split(":")
        loaded: click.Command = getattr(import_module(module), attribute)
        return loaded

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text.source) for name, (_, text) in self.commands_at.items()])
