"""`binder`: the paper plan of peacetime, for one centre or for all."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

import click

from transfer_planner.cli.common import FILE, Settings, command
from transfer_planner.domain.scenario import PARIS
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from pathlib import Path

    from transfer_planner.domain.centre import Centre, Network
    from transfer_planner.reports.binder import Control

DAY = click.DateTime(["%Y-%m-%d", "%d/%m/%Y"])
YEARS = range(2000, 2101)
LONGEST = 40
LASTS = timedelta(days=364)
"""An edition is valid for a year."""


@command
@click.option("--centre", "centre_id", metavar="TEXT", help="Centre whose binder it is; all of them by default.")
@click.option("--out", metavar="FILE", type=FILE, required=True, help="PDF to write, or folder for one PDF a centre.")
@click.option("--previous", metavar="FILE", type=FILE, help="Earlier network file, to tell what changed.")
@click.option("--reference", metavar="TEXT", help="Reference of the document; from the centre by default.")
@click.option("--edition", metavar="TEXT", help="Version of the document; the year by default.")
@click.option("--date", "dated", metavar="DATE", type=DAY, help="Date of the edition; today by default.")
@click.option("--valid-until", metavar="DATE", type=DAY, help="Last day of validity; a year later by default.")
def binder(
    settings: Settings,
    centre_id: str | None,
    out: Path,
    previous: Path | None,
    reference: str | None,
    edition: str | None,
    dated: datetime | None,
    valid_until: datetime | None,
) -> None:
    """Print the transfer plan prepared in peacetime: mirrors, contacts, role sheets, blank sheets."""
    from transfer_planner.cli import summary, terminal
    from transfer_planner.cli.inputs import check_file
    from transfer_planner.io.files import write_whole
    from transfer_planner.io.reference import read_policy
    from transfer_planner.reports.binder import binder as render
    from transfer_planner.reports.binder import binder_folder
    from transfer_planner.reports.folder import check_target

    single = out.suffix.lower() == ".pdf"
    if single:
        check_file(out, "--out")
    else:
        check_target(out, "binder")
    control = _control(dated, valid_until, reference or "", edition or "")
    network, wanted, earlier = _read(settings, centre_id, previous)
    policy = read_policy()
    if single:
        write_whole(out, render(network, wanted, policy, control, settings.lang, previous=earlier), private=True)
    files = (
        (out.name,) if single else binder_folder(out, network, wanted, policy, control, settings.lang, previous=earlier)
    )
    if settings.as_json:
        terminal.print_json({"out": str(out), "files": files})
    else:
        summary.show_files(out.parent if single else out, files, settings.lang)


def _control(dated: datetime | None, valid_until: datetime | None, reference: str, edition: str) -> Control:
    """Return the identity of the edition; what is not given follows from the date.

    Raises
    ------
    DataError
        With every date or text that cannot be printed as given.
    """
    from transfer_planner.reports.binder import Control

    day = dated.date() if dated else datetime.now(PARIS).date()
    last = valid_until.date() if valid_until else day + LASTS
    findings = [
        Finding(
            "binder",
            option,
            value.isoformat(),
            msg("a date between {first} and {last}", first=YEARS[0], last=YEARS[-1]),
        )
        for option, value in (("--date", day), ("--valid-until", last))
        if value.year not in YEARS
    ]
    if last < day:
        findings.append(
            Finding("binder", "--valid-until", last.isoformat(), msg("a day after the date of the edition"))
        )
    findings += [
        Finding("binder", option, value, msg("at most {n} characters", n=LONGEST))
        for option, value in (("--reference", reference), ("--edition", edition))
        if len(value) > LONGEST
    ]
    if findings:
        raise DataError(findings)
    return Control(reference, edition or f"{day.year}.1", day, last, f"transfer-planner {version('transfer-planner')}")


def _read(
    settings: Settings, centre_id: str | None, previous: Path | None
) -> tuple[Network, tuple[Centre, ...], Network | None]:
    """Return the network, the centres wanted, and the earlier network if any.

    Raises
    ------
    DataError
        With every fault of both files, or when the centre is unknown.
    """
    from transfer_planner.io.centres import read_network
    from transfer_planner.io.files import attempt

    findings: list[Finding] = []
    network = attempt(findings, lambda: read_network(settings.centres, settings.overlays))
    earlier = attempt(findings, lambda: read_network(previous)) if previous else None
    if network is None or findings:
        raise DataError(findings)
    wanted = tuple(centre for centre in network.centres if centre_id in (None, centre.id))
    if not wanted:
        known = ", ".join(centre.id for centre in network.centres)
        raise DataError(
            [Finding("binder", "--centre", centre_id, msg("one of: {expected}", expected=known), code="unknown_centre")]
        )
    return network, wanted, earlier
