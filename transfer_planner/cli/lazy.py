"""Commands loaded only when called, and help in the reader's language."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from transfer_planner.cli.usage import in_words, language
from transfer_planner.i18n import Language, Message, msg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

INTERRUPTED = 130
LANG = "transfer_planner.lang"
METAVARS = {
    "FILE": msg("FILE"),
    "FOLDER": msg("FOLDER"),
    "NUMBER": msg("NUMBER"),
    "SECONDS": msg("SECONDS"),
    "DATE": msg("DATE"),
    "TEXT": msg("TEXT"),
}
"""What stands for a value on a help page."""
REQUIRED = msg("required")


class HelpFormatter(click.HelpFormatter):
    """Help page whose texts go through the catalogue."""

    lang: Language = "fr"

    def _say(self, text: str) -> str:
        source, bracket, extra = text.partition("  [")  # click appends ranges and `required` there
        return Message(source).text(self.lang) + bracket + extra.replace(REQUIRED.source, REQUIRED.text(self.lang))

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
        said = [(self._say_metavar(term), self._say(text)) for term, text in rows]
        super().write_dl(said, col_max, col_spacing)

    def _say_metavar(self, term: str) -> str:
        option, _, metavar = term.rpartition(" ")
        return f"{option} {METAVARS[metavar].text(self.lang)}" if metavar in METAVARS else term


class Context(click.Context):
    """Context whose help speaks the language asked for, wherever it was asked for."""

    def make_formatter(self) -> HelpFormatter:
        """Return a formatter in that language."""
        formatter = HelpFormatter(width=self.terminal_width, max_width=self.max_content_width)
        formatter.lang = self.meta.get(LANG, "fr")
        return formatter


class Spoken(click.Command):
    """Command whose help and faults of usage are in the reader's language."""

    context_class = Context

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; those of the outermost command tell the language, even when they are wrong."""
        lang: Language = ctx.meta.setdefault(LANG, language(args))
        with in_words(lang):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run; say what is wrong with the words of the command, or that it was interrupted."""
        lang: Language = ctx.meta[LANG]
        try:
            with in_words(lang):
                return super().invoke(ctx)
        except KeyboardInterrupt:
            said = msg("Interrupted: no output is half written.").text(lang)
            click.secho(said, fg="red", bold=True, err=True)
            ctx.exit(INTERRUPTED)


class LazyGroup(Spoken, click.Group):
    """Group that imports a command only when it is called.

    Parameters
    ----------
    commands_at
        Name of each command → "module:attribute" and its one-line help.
    """

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
