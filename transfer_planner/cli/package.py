"""`package`: hand the data of its patients over to each destination, and check what is received."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from transfer_planner.cli.common import FILE, NOT_VERIFIED, Settings, command
from transfer_planner.cli.lazy import LazyGroup
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from transfer_planner.i18n import Language
    from transfer_planner.io.package_check import Fault
    from transfer_planner.io.packages import Manifest

COMMANDS = {
    "make": ("transfer_planner.cli.package:make", msg("Encrypt for each destination the data of its patients.")),
    "open": ("transfer_planner.cli.package:open_", msg("Open a package received, in a new folder.")),
    "check": ("transfer_planner.cli.package:check", msg("Say what is missing, altered or another patient's.")),
}
HELP = msg("Hand data over to the destinations, encrypted, and check them on arrival.")
package = LazyGroup("package", commands_at=COMMANDS, help=HELP.source)
CHANNELS = {
    "direct": msg("direct link"),
    "platform": msg("secure platform"),
    "usb": msg("clean USB stick"),
    "paper": msg("paper"),
}


@command
@click.argument("plan", type=FILE)
@click.option(
    "--out", metavar="FOLDER", type=FILE, required=True, help="Folder where to write one archive per destination."
)
@click.option(
    "--public-keys",
    metavar="FOLDER",
    type=FILE,
    required=True,
    help="Folder of the public keys, one file per centre: <centre>.pub.",
)
@click.option("--centre", "only", metavar="TEXT", multiple=True, help="This destination alone; may be repeated.")
@click.option(
    "--dicom", metavar="FOLDER", type=FILE, help="DICOM objects: one folder per patient code, or any with --codes."
)
@click.option(
    "--codes", metavar="FILE", type=FILE, help="Encrypted table of codes: finds the objects by patient number."
)
@click.option("--objects", is_flag=True, help="Put the objects themselves in, not only their list.")
def make(
    settings: Settings,
    plan: Path,
    out: Path,
    public_keys: Path,
    only: tuple[str, ...],
    dicom: Path | None,
    codes: Path | None,
    objects: bool,
) -> None:
    """Encrypt for each destination the data of its patients."""
    from transfer_planner.cli import handover, terminal
    from transfer_planner.cli.inputs import plan_file, reread

    made, case = reread(plan_file(plan))
    keys = handover.public_keys(made, public_keys, only)
    with terminal.progress(settings) as progress:
        found = handover.find(made, keys, dicom, codes, settings)
        packed = handover.write(
            made, case, out, keys=keys, found=found, objects=objects, lang=settings.lang, tell=progress
        )
    if settings.as_json:
        rows = [{"file": str(file), "sha256": digest, **_fields(manifest)} for file, digest, manifest in packed]
        terminal.print_json({"packages": rows})
        return
    _show_packed(packed, settings.lang)


@command
@click.argument("file", type=FILE)
@click.option("--out", metavar="FOLDER", type=FILE, required=True, help="New folder, that you alone may enter.")
def open_(settings: Settings, file: Path, out: Path) -> None:
    """Open a package received, in a new folder; needs --key and no network."""
    from transfer_planner.cli import terminal
    from transfer_planner.cli.inputs import check_file
    from transfer_planner.io.files import fault
    from transfer_planner.io.packages import extract, opened_package

    if out.exists():
        raise fault(out, msg("a name not used yet"), code="exists")
    check_file(out, "--out")
    with opened_package(file) as (manifest, archive):
        extract(manifest, archive, out)
    if settings.as_json:
        terminal.print_json({"out": str(out), **_fields(manifest)})
        return
    _show_manifest(manifest, file, settings.lang)
    terminal.console().print(msg("Written to {folder}.", folder=out).text(settings.lang), markup=False)


@command
@click.argument("file", type=FILE)
@click.option(
    "--received",
    metavar="FOLDER",
    type=FILE,
    help="Objects received, in the package once opened or by another way; without it the package alone is checked.",
)
def check(settings: Settings, file: Path, received: Path | None) -> int:
    """Say what is missing, altered or another patient's; needs --key."""
    from transfer_planner.cli import terminal
    from transfer_planner.io.package_check import check_content, check_received
    from transfer_planner.io.packages import opened_package

    with opened_package(file) as (manifest, archive):
        faults = [*check_content(manifest, archive), *(check_received(manifest, received) if received else ())]
    if settings.as_json:
        rows = [{"kind": one.kind, "path": one.path, "patient_id": one.patient_id} for one in faults]
        terminal.print_json({"faults": rows, **_fields(manifest)})
    else:
        _show_manifest(manifest, file, settings.lang)
        _show_faults(faults, settings.lang)
    return NOT_VERIFIED if faults else 0


def _fields(manifest: Manifest) -> dict[str, object]:
    return {"manifest": manifest.model_dump(mode="json")}


def _show_packed(packed: Sequence[tuple[Path, str, Manifest]], lang: Language) -> None:
    """List the archives with how they travel, and what to read out on the telephone."""
    from transfer_planner.cli import terminal

    heads = (
        msg("Archive"),
        msg("Patients"),
        msg("Objects found"),
        msg("Channel"),
        msg("Delay (h)"),
        msg("To read out"),
    )
    table = Table(*(head.text(lang) for head in heads))
    for file, digest, manifest in packed:
        ways = [CHANNELS[one.channel].text(lang) + ("" if one.agreed else " *") for one in manifest.routes]
        delays = [f"{one.delay_h:g}" if one.delay_h is not None else "?" for one in manifest.routes]
        found = sum(len(patient.objects) for patient in manifest.patients)
        count = str(len(manifest.patients))
        table.add_row(file.name, count, str(found), ", ".join(ways), ", ".join(delays), spelt(digest))
    screen = terminal.console()
    screen.print(table)
    if any(not one.agreed for _, _, manifest in packed for one in manifest.routes):
        text = msg("* nothing agreed between the two centres: a clean USB stick by road, delay estimated.")
        screen.print(text.text(lang), markup=False)
    for _, _, manifest in packed:
        nothing = [patient.patient_id for patient in manifest.patients if not patient.objects]
        if nothing and any(patient.objects for patient in manifest.patients):
            text = msg("{centre}: no object found for {codes}", centre=manifest.destination, codes=", ".join(nothing))
            screen.print(Text(text.text(lang), style="bold"))


def _show_manifest(manifest: Manifest, file: Path, lang: Language) -> None:
    """Say what a package announces."""
    from transfer_planner.cli import terminal
    from transfer_planner.io.packages import fingerprint

    found = sum(len(patient.objects) for patient in manifest.patients)
    text = msg(
        "For {centre}: {patients} patients, {objects} objects announced. Compare on the telephone: {digest}",
        centre=manifest.destination,
        patients=len(manifest.patients),
        objects=found,
        digest=spelt(fingerprint(file)),
    )
    terminal.console().print(text.text(lang), markup=False)


def _show_faults(faults: Sequence[Fault], lang: Language) -> None:
    """List what is wrong, or say that all is there."""
    from transfer_planner.cli import terminal
    from transfer_planner.io.package_check import FAULTS

    screen = terminal.console()
    if not faults:
        screen.print(Text(msg("Everything announced is there, unaltered.").text(lang), style="green"))
        return
    table = Table(*(head.text(lang) for head in (msg("What is wrong"), msg("Patient"), msg("File"))))
    for one in faults:
        table.add_row(FAULTS[one.kind].text(lang), one.patient_id or "?", Text(one.path))
    screen.print(table)
    terminal.complain(
        msg("{count} fault(s): treat from none of these files before they are settled.", count=len(faults)).text(lang)
    )


def spelt(digest: str) -> str:
    """Return the start of a fingerprint in groups that can be read out."""
    return " ".join(digest[at : at + 4] for at in range(0, 16, 4))
