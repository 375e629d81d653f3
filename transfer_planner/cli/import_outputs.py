"""What every import leaves and says: a roster, rows to complete, questions for a human, the table of codes."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.text import Text

from transfer_planner.cli.common import BAD_DATA, Settings
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import Day, Message, msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from transfer_planner.domain.centre import Centre
    from transfer_planner.domain.patient import Patient
    from transfer_planner.io.pseudonyms import KeyTable, Seal
    from transfer_planner.io.roster_remarks import Remark

SHOWN = 20
"""Files of one fault, or questions, named on the screen; `--json` and the files written name them all."""


def centre_named(centre_id: str, settings: Settings) -> Centre:
    """Return a centre of the network.

    Raises
    ------
    DataError
        When the network cannot be read or knows no such centre.
    """
    from transfer_planner.io.centres import read_network

    centres = read_network(settings.centres, settings.overlays).centres
    if centre := next((each for each in centres if each.id == centre_id), None):
        return centre
    known = msg("one of: {known}", known=", ".join(each.id for each in centres))
    raise DataError([Finding(str(settings.centres), "--centre", centre_id, known, code="unknown_centre")])


def open_codes(file: Path, recipients: Sequence[Path], settings: Settings) -> tuple[KeyTable, Seal]:
    """Open a table of codes, or begin one, and tell what will close it: the keys given, those at hand, or a passphrase.

    Raises
    ------
    DataError
        When it does not open.
    """
    from transfer_planner.cli import terminal
    from transfer_planner.io import age
    from transfer_planner.io.pseudonyms import Seal, is_closed_by_passphrase, read_codes

    public = [key for each in recipients for key in age.read_recipients(each)]
    by_passphrase = is_closed_by_passphrase(file)
    if not by_passphrase and file.exists():
        public = public or [age.public_key(key) for key in age.keys_at_hand()]
    ask = by_passphrase or not public
    passphrase = terminal.ask_passphrase(file.name, settings.lang, twice=not file.exists()) if ask else None
    table = read_codes(file, passphrase)
    return table, Seal(public) if public else Seal(passphrase=passphrase)


def identities_beside(codes: Path) -> Path:
    """Return the name of the table of names that letters are printed from."""
    return codes.with_name(f"{codes.stem.removesuffix('-codes')}-identities.csv.age")


def write_import(
    out: Path,
    patients: Sequence[Patient],
    incomplete: Sequence[Mapping[str, Any]],
    remarks: Sequence[Remark],
    settings: Settings,
) -> dict[str, Path]:
    """Write the roster, and beside it the rows to complete and the questions, when there are some; return what was written.

    Raises
    ------
    OSError
        When a file cannot be written.
    """
    from transfer_planner.io.roster import write_rows
    from transfer_planner.io.roster_remarks import write_remarks
    from transfer_planner.reports.roster_fields import LABEL

    written = {"out": out}
    write_rows(out, [patient.model_dump(exclude_unset=True) for patient in patients])  # a default is nobody's word
    for name, there in (("incomplete", incomplete), ("review", remarks)):
        file = out.with_name(f"{out.stem}-{name}.csv")
        if not there:
            file.unlink(missing_ok=True)  # that of an earlier import would be believed
            continue
        written[name] = file
        if name == "review":
            write_remarks(file, remarks, LABEL, settings.lang)
        else:
            write_rows(file, incomplete)
    return written


def tell(
    written: Mapping[str, Path],
    counts: Mapping[str, Any],
    remarks: Sequence[Remark],
    aside: Sequence[Finding],
    settings: Settings,
) -> int:
    """Say what was made and what waits for a human; return the exit code."""
    from transfer_planner.cli import terminal
    from transfer_planner.reports.roster_fields import LABEL

    lang = settings.lang
    grave = [remark for remark in remarks if remark.grave]
    if settings.as_json:
        terminal.print_json(
            {
                **counts,
                "written": {name: str(file) for name, file in written.items()},
                "remarks": [_fields(remark, settings) for remark in remarks],
                "findings": [terminal.finding_fields(finding, lang) for finding in aside],
            }
        )
        return BAD_DATA if grave or aside else 0
    out = terminal.console()
    for text in _summary(written, counts):
        out.print(Text(text.text(lang)))
    _list_aside(aside, settings)
    if grave:
        patients = len({remark.patient for remark in grave})
        title = msg(
            "{count} question(s) on {patients} patient(s); nothing was chosen for you:",
            count=len(grave),
            patients=patients,
        )
        out.print(Text(title.text(lang), style="bold red"))
        for remark in grave[:SHOWN]:
            line = msg(
                "{patient}, {field}: {seen}; written: {kept}",
                patient=remark.patient,
                field=LABEL[remark.field],
                seen=remark.seen,
                kept=remark.kept,
            )
            out.print(Text(f"  • {line.text(lang)}"))
        if len(grave) > SHOWN:
            out.print(
                Text(
                    msg("  and {count} more in {file}", count=len(grave) - SHOWN, file=written.get("review", "")).text(
                        lang
                    )
                )
            )
    return BAD_DATA if grave or aside else 0


def _summary(written: Mapping[str, Path], counts: Mapping[str, Any]) -> Iterator[Message]:
    yield msg("{count} patients written to {file}", count=counts["patients"], file=written["out"])
    if "incomplete" in written:
        yield msg(
            "{count} incomplete row(s), to complete by hand or to merge: {file}",
            count=counts["incomplete"],
            file=written["incomplete"],
        )
    if counts.get("finished") or counts.get("past"):
        yield msg(
            "Left out: {finished} course(s) finished, {past} without a session for 60 days",
            finished=counts["finished"],
            past=counts["past"],
        )
    if counts.get("day"):
        yield msg("State of {day}", day=Day(counts["day"]))
    if counts.get("ignored"):
        yield msg("Columns left out: {names}", names=", ".join(counts["ignored"]))
    if "review" in written:
        yield msg("Questions and remarks: {file}", file=written["review"])


def _list_aside(aside: Sequence[Finding], settings: Settings) -> None:
    """List what was set aside, by fault: files, or cells of a table."""
    from transfer_planner.cli import terminal

    lang, err = settings.lang, terminal.console(stderr=True)
    ordered = sorted(aside, key=lambda finding: (finding.code, finding.expected.text(lang)))
    if ordered:
        title = msg("{count} fault(s); the rest was read.", count=len(ordered))
        err.print(Text(title.text(lang), style="bold red"))
    for (_, expected), group in groupby(ordered, key=lambda finding: (finding.code, finding.expected.text(lang))):
        found = list(group)
        mend = f" – {found[0].mend.text(lang)}" if found[0].mend else ""
        err.print(
            Text(f"\n{msg('expected: {expected}', expected=expected).text(lang)}{mend} ({len(found)})", style="bold")
        )
        most = len(found) if settings.verbose else SHOWN
        for finding in found[:most]:
            place = " ".join(filter(None, (finding.file, finding.where)))
            value = "" if finding.value is None else f": {finding.value}"
            err.print(Text(f"  {place}{value}"))
        if len(found) > most:
            err.print(Text(f"  {msg('and {count} more: -v names them all', count=len(found) - most).text(lang)}"))


def _fields(remark: Remark, settings: Settings) -> dict[str, Any]:
    lang = settings.lang
    return {
        "patient_id": remark.patient,
        "field": remark.field,
        "seen": remark.seen.text(lang),
        "written": remark.kept.text(lang),
        "to_do": remark.todo.text(lang),
        "code": remark.code,
        "grave": remark.grave,
    }


@contextmanager
def bar(settings: Settings) -> Iterator[Callable[[int, int], None]]:
    """Show on stderr how many files are read, only to a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from transfer_planner.cli import terminal

    console = terminal.console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as shown:
        task = shown.add_task(msg("Files read").text(settings.lang), total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)
