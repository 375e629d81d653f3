"""`lifeboat`: keep the roster encrypted while all is well, open it when nothing else is left."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from transfer_planner.cli.common import FILE, NOT_VERIFIED, Settings, command
from transfer_planner.cli.lazy import LazyGroup
from transfer_planner.domain.scenario import PARIS
from transfer_planner.i18n import Message, msg

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from transfer_planner.io.lifeboat import Version

PAGE = "lifeboat-instructions.pdf"
COMMANDS = {
    "keys": ("transfer_planner.cli.lifeboat:keys", msg("Make a secret key and its public key.")),
    "pack": ("transfer_planner.cli.lifeboat:pack", msg("Encrypt the roster into a dated version, and verify it.")),
    "open": ("transfer_planner.cli.lifeboat:open_", msg("Write the newest whole version in clear.")),
    "status": ("transfer_planner.cli.lifeboat:status", msg("Check the versions and the age of the newest.")),
}
HELP = msg("Keep the roster encrypted outside the hospital network, and open it again.")
lifeboat = LazyGroup("lifeboat", commands_at=COMMANDS, help=HELP.source)


@command
@click.option("--out", metavar="FILE", type=FILE, required=True, help="Secret key file; its public key goes beside it.")
@click.option("--label", metavar="TEXT", default="", help="Who holds the key, by role; said on paper.")
def keys(settings: Settings, out: Path, label: str) -> None:
    """Make a secret key and its public key."""
    from transfer_planner.cli import terminal
    from transfer_planner.cli.inputs import check_file
    from transfer_planner.io import age
    from transfer_planner.io.files import fault, write_whole

    check_file(out, "--out")
    public_file = out.with_suffix(".pub")
    for file in (out, public_file):
        if file.exists():
            mend = msg("give another name: what was closed for a key opens with that key alone")
            raise fault(file, msg("a name not used yet"), mend, code="exists")
    secret, public = age.new_key()
    age.write_key(out, secret, public, label or out.stem)
    write_whole(public_file, f"# {' '.join((label or out.stem).split())}\n{public}\n".encode())
    if settings.as_json:
        terminal.print_json({"secret": str(out), "public": str(public_file), "public_key": public})
        return
    done = msg(
        "Secret key: {secret}, to keep apart and offline. Public key: {public}, to give.",
        secret=out,
        public=public_file,
    )
    terminal.console().print(done.text(settings.lang), markup=False)


@command
@click.argument("roster", type=FILE)
@click.option("--to", "folder", metavar="FOLDER", type=FILE, required=True, help="Folder of the lifeboat, that exists.")
@click.option(
    "--recipient", "recipients", metavar="FILE", type=FILE, multiple=True, help="Public key file; may be repeated."
)
@click.option("--passphrase", "by_passphrase", is_flag=True, help="Close with a passphrase instead of keys.")
@click.option(
    "--keep", metavar="NUMBER", type=click.IntRange(1, 3650), default=30, help="Versions kept; 30 by default."
)
def pack(
    settings: Settings, roster: Path, folder: Path, recipients: tuple[Path, ...], by_passphrase: bool, keep: int
) -> None:
    """Encrypt the roster into a dated version, and verify it."""
    from transfer_planner.cli import terminal
    from transfer_planner.io import age
    from transfer_planner.io.lifeboat import pack as pack_
    from transfer_planner.io.roster import load_roster
    from transfer_planner.io.roster_table import read_table_file

    read, content = load_roster(roster), age.opened(roster, read_table_file(roster))
    public = [key for file in recipients for key in age.read_recipients(file)]
    secret = terminal.ask_passphrase(folder.name, settings.lang, twice=True) if by_passphrase else None
    now = datetime.now(PARIS).replace(microsecond=0)
    made = pack_(content, folder, now=now, recipients=public, passphrase=secret, keep=keep)
    _write_page(folder, recipients, now, settings)
    faults = len(read.findings)
    if settings.as_json:
        terminal.print_json({"file": str(made.file), "patients": len(read.codes), "faults": faults, "verified": True})
        return
    done = msg("{count} patients in {file}; opened again and compared.", count=len(read.codes), file=made.file)
    terminal.console().print(Text(done.text(settings.lang), style="green"))
    if faults:
        told = msg("The roster has {count} fault(s): packed as it is; `roster check` lists them.", count=faults)
        terminal.complain(told.text(settings.lang))


def _write_page(folder: Path, recipients: Sequence[Path], now: datetime, settings: Settings) -> None:
    """Write the paper instruction beside the versions."""
    from importlib.metadata import version

    from transfer_planner.io import age
    from transfer_planner.io.files import write_whole
    from transfer_planner.reports.lifeboat_page import lifeboat_page

    holders = [(age.key_label(file), age.shortened(key)) for file in recipients for key in age.read_recipients(file)]
    software = f"transfer-planner {version('transfer-planner')}"
    page = lifeboat_page(folder.absolute(), holders, now=now, footer=software, lang=settings.lang)
    write_whole(folder / PAGE, page)


@command
@click.argument("lifeboat", type=FILE)
@click.option("--out", metavar="FILE", type=FILE, required=True, help="Roster in clear, readable by you alone.")
def open_(settings: Settings, lifeboat: Path, out: Path) -> None:
    """Write the newest whole version in clear; a folder or one file of it."""
    from transfer_planner.cli import terminal
    from transfer_planner.cli.inputs import check_file
    from transfer_planner.io import age
    from transfer_planner.io.files import read_bytes, write_whole
    from transfer_planner.io.lifeboat import LIMIT_MIB, newest

    check_file(out, "--out")
    file = newest(lifeboat)
    content = age.opened(file, read_bytes(file, limit_mib=LIMIT_MIB))
    write_whole(out, content, private=True)
    if settings.as_json:
        terminal.print_json({"from": str(file), "out": str(out)})
        return
    done = msg("{file} opened in {out}. Delete it after use.", file=file.name, out=out)
    terminal.console().print(done.text(settings.lang), markup=False)


@command
@click.argument("folder", type=FILE)
@click.option(
    "--max-age-h",
    metavar="NUMBER",
    type=click.IntRange(1, 10_000),
    default=26,
    help="Hours after which the newest version is too old; 26 by default.",
)
def status(settings: Settings, folder: Path, max_age_h: int) -> int:
    """Check the versions and the age of the newest."""
    from transfer_planner.cli import terminal
    from transfer_planner.io.lifeboat import STATES, versions

    found = versions(folder)
    now = datetime.now(PARIS)
    faults = [*_faults(found, now, max_age_h), *_unopened(found, settings)]
    if settings.as_json:
        rows = [{"file": one.file.name, "made_at": one.made_at, "state": one.state, "size": one.size} for one in found]
        terminal.print_json({"versions": rows, "faults": [fault.text(settings.lang) for fault in faults]})
        return NOT_VERIFIED if faults else 0
    table = Table(*(head.text(settings.lang) for head in (msg("Version"), msg("Hours ago"), msg("State"), msg("Size"))))
    for one in found:
        hours = (now - one.made_at) / timedelta(hours=1)
        table.add_row(
            one.file.name, f"{hours:.0f}", STATES[one.state].text(settings.lang), f"{one.size:,}".replace(",", " ")
        )
    terminal.console().print(table)
    for fault in faults:
        terminal.complain(fault.text(settings.lang))
    return NOT_VERIFIED if faults else 0


def _faults(found: Sequence[Version], now: datetime, max_age_h: int) -> list[Message]:
    """Return what is wrong with a lifeboat."""
    whole = [one for one in found if one.state == "whole"]
    if not whole:
        return [msg("No whole version: pack the roster now.")]
    hours = (now - whole[0].made_at) / timedelta(hours=1)
    late = [msg("The newest whole version is {hours} hours old.", hours=f"{hours:.0f}")] if hours > max_age_h else []
    bad = sum(one.state in {"altered", "missing"} for one in found)
    return late + ([msg("{count} version(s) altered or missing.", count=bad)] if bad else [])


def _unopened(found: Sequence[Version], settings: Settings) -> list[Message]:
    """With a key at hand, open the newest version; return what is wrong."""
    from transfer_planner.errors import DataError
    from transfer_planner.io.roster import load_roster

    whole = next((one for one in found if one.state == "whole"), None)
    if whole is None or not settings.keys:
        return []
    try:
        read = load_roster(whole.file)
    except DataError as error:
        return [error.findings[0].expected]
    return (
        [msg("The newest version opens, and its roster has {count} fault(s).", count=len(read.findings))]
        if read.findings
        else []
    )
