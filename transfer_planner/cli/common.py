"""What every command shares: common options, exit codes, faults told without a traceback."""

from __future__ import annotations

import logging
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from transfer_planner.cli.lazy import Spoken
from transfer_planner.errors import DataError, Finding, TransferPlannerError
from transfer_planner.i18n import Language, msg

if TYPE_CHECKING:
    from collections.abc import Callable

BAD_DATA, OVER_TOLERANCE, NOT_VERIFIED = 1, 3, 4
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """The common options.

    Parameters
    ----------
    centres
        Network file.
    overlays
        Overlays of the network, in order of application.
    lang
        Language of the outputs.
    seed
        Seed of every random choice.
    time_limit_s
        Time given to the solver, seconds.
    deterministic
        Limits that do not depend on the clock.
    as_json
        Machine-readable result on stdout.
    verbose
        Log on stderr, with the traceback of a refusal.
    keys
        Key files that open encrypted inputs.
    """

    centres: Path
    overlays: tuple[Path, ...]
    lang: Language
    seed: int
    time_limit_s: float
    deterministic: bool
    as_json: bool
    verbose: bool
    keys: tuple[Path, ...] = ()


FILE = click.Path(readable=False, path_type=Path)  # what cannot be read is bad data, not wrong usage
OPTIONS = (
    click.Option(
        ["--centres"],
        metavar="FILE",
        type=FILE,
        default=Path("centres.yaml"),
        help="Network file; centres.yaml by default.",
    ),
    click.Option(
        ["--overlay", "overlays"],
        metavar="FILE",
        type=FILE,
        multiple=True,
        help="Overlay of the network; may be repeated.",
    ),
    click.Option(
        ["--lang"], type=click.Choice(["fr", "en"]), default="fr", is_eager=True, help="Language; French by default."
    ),
    click.Option(
        ["--seed"],
        metavar="NUMBER",
        type=click.IntRange(0, 2**31 - 1),
        default=0,
        help="Seed of random choices; 0 by default.",
    ),
    click.Option(
        ["--time-limit", "time_limit_s"],
        metavar="SECONDS",
        type=click.FloatRange(0.1, 86400),
        default=14.0,
        help="Seconds given to the computing of the plan; 14 by default.",
    ),
    click.Option(["--deterministic"], is_flag=True, help="The same plan at every run, however fast the machine."),
    click.Option(["--json", "as_json"], is_flag=True, help="Result for machines on stdout, everything else on stderr."),
    click.Option(["-v", "--verbose"], is_flag=True, help="Log on stderr."),
    click.Option(
        ["--key", "keys"],
        metavar="FILE",
        type=FILE,
        multiple=True,
        help="Key file that opens encrypted inputs; may be repeated.",
    ),
)


def given_options(ctx: click.Context) -> dict[str, Any]:
    """Return the options that the user wrote, without those left at their default."""
    return {k: v for k, v in ctx.params.items() if ctx.get_parameter_source(k) is ParameterSource.COMMANDLINE}


def command(function: Callable[..., int | None]) -> click.Command:
    """Make a command of a function that takes the settings and its own parameters, and returns an exit code.

    The docstring's first line is the help. Options given before the command's name hold unless repeated after it.
    """

    @wraps(function)
    @click.pass_context
    def run(ctx: click.Context, /, **params: Any) -> None:
        params |= {k: v for k, v in (ctx.obj or {}).items() if k not in given_options(ctx)}
        settings = Settings(**{item.name: params.pop(item.name) for item in fields(Settings)})
        ctx.exit(_run(function, settings, params))

    made = click.command(cls=Spoken)(run)
    made.params.extend(OPTIONS)
    return made


def _run(function: Callable[..., int | None], settings: Settings, params: dict[str, Any]) -> int:
    """Call the command; turn what went wrong into words and an exit code."""
    from transfer_planner.cli import terminal
    from transfer_planner.io.age import Keyring, opening_with

    keyring = Keyring(settings.keys, lambda name: terminal.ask_passphrase(name, settings.lang))
    with terminal.logging_to_stderr(verbose=settings.verbose), opening_with(keyring):
        try:
            return function(settings, **params) or 0
        except DataError as error:
            logger.debug("input refused", exc_info=True)
            terminal.show_findings(error.findings, settings)
        except BrokenPipeError:  # the reader has left: click ends quietly
            raise
        except OSError as error:
            logger.debug("file refused", exc_info=True)
            terminal.show_findings([_os_finding(error)], settings)
        except TransferPlannerError as error:
            logger.debug("refused", exc_info=True)
            terminal.complain(str(error))
    return BAD_DATA


def _os_finding(error: OSError) -> Finding:
    """Say in words what the system refused."""
    from transfer_planner.io.files import reason

    expected = msg("a path that can be read or written ({reason})", reason=reason(error))
    return Finding(str(error.filename2 or error.filename or ""), "", None, expected, code="system")
