"""Wrong usage, told in the reader's language."""

from __future__ import annotations

import re
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from transfer_planner.i18n import Language, Message, msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LANG = re.compile(r"(?:^|\0)--lang[=\0](fr|en)(?=\0|$)")


class Misuse(click.UsageError):
    """What was wrong with the words of the command, in one language."""

    def __init__(self, error: click.UsageError, lang: Language) -> None:
        super().__init__(words(error).text(lang), error.ctx)
        self.lang = lang

    def show(self, file: Any = None) -> None:
        """Say how the command is used and what was wrong, on stderr."""
        if self.ctx is not None:
            formatter = self.ctx.make_formatter()
            formatter.lang = self.lang  # type: ignore[attr-defined]  # ours: see lazy.HelpFormatter
            self.ctx.command.format_usage(self.ctx, formatter)
            hint = msg("Help: {command} --help", command=self.ctx.command_path)
            click.echo(f"{formatter.getvalue()}{hint.text(self.lang)}\n", file=file, err=True)
        click.echo(msg("Error: {message}", message=self.message).text(self.lang), file=file, err=True)


def language(args: Sequence[str]) -> Language:
    """Return the language that the arguments ask for, the last one said; they may be wrong otherwise."""
    said = _LANG.findall("\0".join(args))
    return "en" if said and said[-1] == "en" else "fr"


@contextmanager
def in_words(lang: Language) -> Iterator[None]:
    """Tell the wrong usage met inside in a language; the help shown for lack of arguments is no fault to tell."""
    try:
        yield
    except (Misuse, click.exceptions.NoArgsIsHelpError):
        raise
    except click.UsageError as error:
        raise Misuse(error, lang) from error


def words(error: click.UsageError) -> Message:
    """Return what was wrong."""
    if isinstance(error, click.MissingParameter):
        return msg("{name} is missing", name=_name(error.param))
    if isinstance(error, click.BadParameter) and error.param is not None:
        return msg("{name}: expected {expected}", name=_name(error.param), expected=_expected(error))
    if isinstance(error, click.NoSuchOption):
        return _unknown(msg("no option is called {name}", name=error.option_name), error.possibilities or ())
    if isinstance(error, click.BadOptionUsage):
        if "not take" in error.message:
            return msg("{name} takes no value", name=error.option_name)
        return msg("{name} needs a value", name=error.option_name)
    return _of_sentence(error)


def _of_sentence(error: click.UsageError) -> Message:
    """Return what was wrong when click tells it in a sentence only."""
    if error.message.startswith("Missing command"):
        return msg("the name of a command is missing")
    if error.message.startswith("No such command") and error.ctx and isinstance(error.ctx.command, click.Group):
        name = error.message.partition("'")[2].rpartition("'")[0]
        near = get_close_matches(name, error.ctx.command.list_commands(error.ctx), cutoff=0.7)
        return _unknown(msg("no command is called {name}", name=name), near)
    if extra := re.match(r"Got unexpected extra arguments? \((.*)\)", error.message):
        return msg("too many arguments: {arguments}", arguments=extra[1])
    return msg("{problem}", problem=error.format_message())


def _unknown(what: Message, near: Sequence[str]) -> Message:
    return msg("{what}; did you mean {names}?", what=what, names=", ".join(near)) if near else what


def _name(param: click.Parameter | None) -> str:
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return "" if param is None else param.human_readable_name.upper()


def _expected(error: click.BadParameter) -> Message:
    """Return what an option accepts, by its type."""
    kind = error.param.type if error.param else None
    if isinstance(kind, click.Choice):
        return msg("one of: {known}", known=", ".join(map(str, kind.choices)))
    if isinstance(kind, click.DateTime):
        return msg("a date written 2026-03-02")
    if isinstance(kind, click.IntRange):
        return msg("a whole number from {low} to {high}", low=kind.min, high=kind.max)
    if isinstance(kind, click.FloatRange):
        return msg("a number from {low} to {high}", low=kind.min, high=kind.max)
    return msg("{problem}", problem=error.message)
