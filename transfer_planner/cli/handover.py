"""Make the packages of a plan: one archive per destination that has a public key."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from transfer_planner.cli import terminal
from transfer_planner.domain.scenario import PARIS
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import Language, Message, msg
from transfer_planner.io.age import read_recipients
from transfer_planner.io.dicom_inventory import Found, find_by_number, find_in_folders
from transfer_planner.io.files import attempt, fault
from transfer_planner.io.packages import Manifest, write_package
from transfer_planner.io.pseudonyms import is_closed_by_passphrase, read_codes
from transfer_planner.reports.packages import arrivals, package_files, package_manifest
from transfer_planner.reports.reception import destinations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from transfer_planner.cli.common import Settings
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan

NO_KEY = msg("ask the centre for it (`lifeboat keys` makes one), or pack some destinations only, by --centre")


def public_keys(plan: Plan, folder: Path, only: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the public keys of each destination.

    Raises
    ------
    DataError
        With every destination that receives nobody or has no key.
    """
    receiving = destinations(plan)
    findings = [
        Finding(
            "--centre", "", centre, msg("a destination of the plan: {known}", known=", ".join(receiving)), code="centre"
        )
        for centre in only
        if centre not in receiving
    ]
    wanted = [centre for centre in receiving if not only or centre in only]
    found = {}
    for centre in wanted:
        file = folder / f"{centre}.pub"
        if not file.exists():
            findings.append(
                Finding(str(file), "", None, msg("the public key of {centre}", centre=centre), NO_KEY, "no_key")
            )
        elif keys := attempt(findings, partial(read_recipients, file)):
            found[centre] = keys
    if findings:
        raise DataError(findings)
    return found


def find(
    plan: Plan, keys: Mapping[str, object], dicom: Path | None, table: Path | None, settings: Settings
) -> Found | None:
    """Return the objects found for the patients of some destinations; None when no folder is given.

    Raises
    ------
    DataError
        When the folder or the table of codes cannot be read.
    """
    if dicom is None:
        return None
    codes = {decision.patient_id for centre in keys for decision in arrivals(plan, centre)}
    if table is None:
        return find_in_folders(dicom, codes)
    if not table.exists():
        raise fault(table, msg("an existing file"), code="missing_file")
    ask = is_closed_by_passphrase(table)
    passphrase = terminal.ask_passphrase(table.name, settings.lang) if ask else None
    return find_by_number(dicom, codes, read_codes(table, passphrase).coder)


def write(
    plan: Plan,
    case: Case,
    out: Path,
    *,
    keys: Mapping[str, tuple[str, ...]],
    found: Found | None,
    objects: bool,
    lang: Language,
    tell: Callable[[Message], None],
) -> list[tuple[Path, str, Manifest]]:
    """Write one archive per destination; return each file with its fingerprint and what it announces.

    Raises
    ------
    DataError
        When objects are to be put in and none were looked for.
    OSError
        When an archive cannot be written.
    """
    if objects and found is None:
        raise fault("--objects", msg("the folder of the objects"), msg("give --dicom FOLDER"), code="no_objects")
    out.mkdir(parents=True, exist_ok=True)
    packed = []
    for centre, recipients in keys.items():
        tell(msg("Packing for {centre}…", centre=case.network.centre(centre).name))
        mine = {decision.patient_id: (found or {}).get(decision.patient_id, ()) for decision in arrivals(plan, centre)}
        files = package_files(plan, case, centre, lang)
        manifest = package_manifest(
            plan,
            case,
            centre,
            files=files,
            objects={code: [one for _, one in each] for code, each in mine.items()},
            objects_included=objects,
            now=datetime.now(PARIS).replace(microsecond=0),
        )
        sources = {one.path: file for each in mine.values() for file, one in each}
        path = out / f"{plan.scenario_id}-{centre}.zip.age"
        packed.append((path, write_package(path, manifest, {**files, **sources}, recipients=recipients), manifest))
    return packed
