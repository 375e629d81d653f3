"""What goes to the terminal: faults, results for machines, progress, log."""

from __future__ import annotations

import json
import logging
import sys
from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.text import Text

from transfer_planner.i18n import Language, Message, msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from transfer_planner.cli.common import Settings
    from transfer_planner.errors import Finding


def console(*, stderr: bool = False) -> Console:
    """Return a console that wraps lines for people and leaves them whole for pipes."""
    made = Console(stderr=stderr, highlight=False)
    return made if made.is_terminal else Console(stderr=stderr, highlight=False, width=160, soft_wrap=True)


def complain(text: str) -> None:
    """Say on stderr what went wrong."""
    console(stderr=True).print(Text(text, style="bold red"))


def ask_passphrase(name: str, lang: Language, *, twice: bool = False) -> str | None:
    """Ask for the passphrase of a file, unseen; without a terminal, take one line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n") or None
    question = msg("Passphrase of {name}", name=name).text(lang)
    again = msg("The same again").text(lang) if twice else False
    return str(click.prompt(question, hide_input=True, confirmation_prompt=again, err=True))


def print_json(content: Any) -> None:
    """Write a result for machines on stdout."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2, default=str))


def finding_fields(finding: Finding, lang: Language) -> dict[str, str | None]:
    """Return a finding as plain text fields."""
    return {
        "file": finding.file,
        "where": finding.where,
        "value": finding.value,
        "expected": finding.expected.text(lang),
        "mend": finding.mend.text(lang) if finding.mend else None,
        "code": finding.code,
    }


def show_findings(findings: Sequence[Finding], settings: Settings) -> None:
    """List every fault on stderr, grouped by file; as JSON on stdout too when asked."""
    lang = settings.lang
    if settings.as_json:
        print_json({"findings": [finding_fields(finding, lang) for finding in findings]})
    out = console(stderr=True)
    ordered = sorted(findings, key=lambda finding: finding.file)
    title = msg("{count} fault(s) to mend; nothing was written.", count=len(ordered))
    out.print(Text(title.text(lang), style="bold red"))
    for file, group in groupby(ordered, key=lambda finding: finding.file):
        out.print(Text(f"\n{file}", style="bold"))
        for finding in group:
            out.print(_finding_text(finding, lang))


def _finding_text(finding: Finding, lang: Language) -> Text:
    found = msg("nothing").text(lang) if finding.value is None and finding.where else finding.value
    lines = [
        (msg("found"), found),
        (msg("expected"), finding.expected.text(lang)),
        (msg("to do"), finding.mend.text(lang) if finding.mend else None),
    ]
    text = Text("  • ").append(finding.where, style="cyan")
    for label, content in lines:
        if content is not None:
            start = "" if text.plain == "  • " else "\n      "  # a fault of a whole file stands nowhere in it
            text.append(f"{start}{label.text(lang):<9}", style="dim").append(content)
    return text


@contextmanager
def progress(settings: Settings) -> Iterator[Callable[[Message], None]]:
    """Show the current step on stderr, only to a terminal."""
    out = console(stderr=True)
    if not out.is_terminal:
        yield lambda _: None
        return
    with out.status("") as status:
        yield lambda step: status.update(step.text(settings.lang))


@contextmanager
def logging_to_stderr(*, verbose: bool) -> Iterator[None]:
    """Send the package's log to stderr while a command runs, in full when verbose."""
    package = logging.getLogger("transfer_planner")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    before = package.level
    package.addHandler(handler)
    package.setLevel(logging.DEBUG if verbose else logging.WARNING)
    try:
        yield
    finally:
        package.removeHandler(handler)
        package.setLevel(before)
