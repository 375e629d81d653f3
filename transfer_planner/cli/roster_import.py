"""`roster import`: a roster out of whatever survives, identities replaced by codes at reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from transfer_planner.cli.common import FILE, Settings, command
from transfer_planner.cli.lazy import LazyGroup
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from transfer_planner.domain.centre import Centre
    from transfer_planner.io.dicom_roster import Home

COMMANDS = {
    "dicom": ("transfer_planner.cli.roster_import:dicom", msg("Read a folder of DICOM plans and treatment records.")),
    "table": ("transfer_planner.cli.roster_import:table", msg("Read a list that other software exported.")),
}
roster_import = LazyGroup("import", commands_at=COMMANDS, help=msg("Make a roster out of what survives.").source)
codes_option = click.option(
    "--codes",
    metavar="FILE",
    type=FILE,
    help="Encrypted table of codes, kept from one import to the next; beside the roster by default.",
)
recipients_option = click.option(
    "--recipient",
    "recipients",
    metavar="FILE",
    type=FILE,
    multiple=True,
    help="Public key file that closes the table; may be repeated. Without: a passphrase.",
)


@command
@click.argument("folder", type=FILE)
@click.option("--out", metavar="FILE", type=FILE, required=True, help="Roster to write, CSV.")
@click.option("--centre", "centre_id", metavar="TEXT", required=True, help="Centre whose patients they are.")
@click.option(
    "--machine",
    "machines",
    metavar="TEXT",
    multiple=True,
    help="NAME=LINAC: a machine's name in DICOM and its linac; may be repeated.",
)
@codes_option
@recipients_option
@click.option(
    "--day",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]),
    help="Day of the list; that of the last record by default.",
)
def dicom(
    settings: Settings,
    folder: Path,
    out: Path,
    centre_id: str,
    machines: tuple[str, ...],
    codes: Path | None,
    recipients: tuple[Path, ...],
    day: datetime | None,
) -> int:
    """Read a folder of DICOM plans and treatment records; go on where an interrupted import stood."""
    from transfer_planner.cli import import_outputs as outputs
    from transfer_planner.cli.inputs import check_file
    from transfer_planner.io.dicom_folder import check_folder, index_folder
    from transfer_planner.io.dicom_roster import build_roster
    from transfer_planner.io.dicom_words import findings
    from transfer_planner.io.pseudonyms import write_codes, write_identities

    check_file(out, "--out")
    check_folder(folder)
    home = _home(outputs.centre_named(centre_id, settings), machines)
    codes = codes or out.with_name(f"{out.stem}-codes.age")
    table, seal = outputs.open_codes(codes, recipients, settings)
    if not codes.exists():  # before the work: an interrupted one goes on with the same codes
        write_codes(codes, table, seal)
    state = out.with_name(f".{out.name}.partial")
    with outputs.bar(settings) as progress:
        index = index_folder(folder, table.coder, state=state, progress=progress)
    done = build_roster(index, home, settings.lang, day.date() if day else None)
    table.note(index.identities, index.files)
    write_codes(codes, table, seal)
    write_identities(outputs.identities_beside(codes), table, seal)
    written = outputs.write_import(out, done.patients, done.incomplete, done.remarks, settings)
    state.unlink()
    counts: dict[str, Any] = {
        "patients": len(done.patients),
        "incomplete": len(done.incomplete),
        "files": index.looked_at,
    }
    counts |= {"finished": done.finished, "past": done.past, "day": done.day}
    return outputs.tell(written, counts, done.remarks, findings(index.files), settings)


def _home(centre: Centre, machines: Sequence[str]) -> Home:
    """Return the centre with the names that DICOM gives its machines: the ids of the linacs, and those of the command.

    Raises
    ------
    DataError
        When a linac is unknown.
    """
    from transfer_planner.io.dicom_roster import Home

    linacs = [linac.id for linac in centre.linacs]
    names = {linac.casefold(): linac for linac in linacs}
    findings = []
    for text in machines:
        name, _, linac = text.rpartition("=")
        if not name or linac not in linacs:
            expected = msg("NAME=LINAC, the linac one of: {known}", known=", ".join(linacs))
            findings.append(Finding("roster import", "--machine", text, expected, code="unknown_linac"))
        names[name.strip().casefold()] = linac
    if findings:
        raise DataError(findings)
    return Home(centre.id, names)


@command
@click.argument("file", type=FILE)
@click.option("--out", metavar="FILE", type=FILE, required=True, help="Roster to write, CSV.")
@click.option(
    "--mapping",
    "mapping_file",
    metavar="FILE",
    type=FILE,
    help="YAML that names the columns of the export; French headers are recognised without.",
)
@click.option("--centre", "centre_id", metavar="TEXT", help="Centre of rows that tell none.")
@codes_option
@recipients_option
def table(
    settings: Settings,
    file: Path,
    out: Path,
    mapping_file: Path | None,
    centre_id: str | None,
    codes: Path | None,
    recipients: tuple[Path, ...],
) -> int:
    """Read a list that other software exported, CSV or XLSX."""
    from transfer_planner.cli import import_outputs as outputs
    from transfer_planner.cli.inputs import check_file
    from transfer_planner.io.pseudonyms import write_codes, write_identities
    from transfer_planner.io.roster import load_rows
    from transfer_planner.io.roster_mapping import Mapping, count_targets, map_table, needs_codes, read_mapping
    from transfer_planner.io.roster_table import read_table, read_table_file

    check_file(out, "--out")
    mapping = read_mapping(mapping_file) if mapping_file else Mapping(schema_version=1)
    if centre_id:
        outputs.centre_named(centre_id, settings)
        mapping = mapping.model_copy(update={"constants": {"centre_id": centre_id} | mapping.constants})
    read = read_table(file, read_table_file(file), count_targets)
    keys = None
    if needs_codes(read, mapping):
        codes = codes or out.with_name(f"{out.stem}-codes.age")
        keys, seal = outputs.open_codes(codes, recipients, settings)
    mapped = map_table(file, read, mapping, keys.coder if keys else None)
    roster = load_rows(file, mapped.table, "")
    if keys and codes:
        keys.note(mapped.identities)
        write_codes(codes, keys, seal)
        write_identities(outputs.identities_beside(codes), keys, seal)
    sound = {each.line for each in roster.cells if each.sound}
    patients = [row.patient for row in roster.rows if row.line in sound]
    incomplete = [each.values for each in roster.cells if not each.sound]
    written = outputs.write_import(out, patients, incomplete, (), settings)
    counts = {"patients": len(patients), "incomplete": len(incomplete), "ignored": mapped.ignored}
    return outputs.tell(written, counts, (), roster.findings, settings)
