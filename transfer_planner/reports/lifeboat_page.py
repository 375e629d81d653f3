"""The paper that goes with the lifeboat: how to open it when nothing else works, on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transfer_planner.i18n import Day, Message, msg
from transfer_planner.reports.typeset import render_pdf

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from transfer_planner.i18n import Language

TITLE = msg("Open the lifeboat")
WORDS = {
    "kind": msg("Lifeboat"),
    "what": msg(
        "Every night, the list of the patients on treatment is closed in an encrypted file. It opens without any network, on a "
        "computer that was not attacked. It holds patient codes only: the table of codes is kept in the centre."
    ),
    "where": msg("Where it is"),
    "folder": msg("Folder"),
    "copy": msg("Copy outside the hospital (stick, safe)"),
    "who": msg("Who opens it"),
    "holder": msg("Key"),
    "fingerprint": msg("Public key"),
    "place": msg("Where the key is kept, who holds it, telephone"),
    "steps": msg("What to do"),
    "without": msg("Without this software"),
    "lost": msg("If it does not open"),
    "printed": msg(
        "Print this page again whenever a key changes. Keep it beside the key, never the key beside the file."
    ),
}
STEPS = (
    msg("Take a clean computer, never connected to the attacked network. Plug in the stick that holds the lifeboat."),
    msg("Fetch a key of the list above: one alone is enough."),
    msg("See which version is the newest and whole:"),
    msg("Plan at once: write the name of the encrypted file after “roster:” in the scenario, then"),
    msg("Or only look at the list:"),
    msg("Afterwards, delete the list in clear and put the key back."),
)
LOST = (
    msg("“altered or truncated”: take the other copy, or the version of the night before."),
    msg("“none of those given opens it”: another key of the list opens it too."),
    msg("No key at all: print what the record-and-verify backup holds, or fill in the paper form of the roster."),
)
BY_PASSPHRASE = msg("A passphrase, known by heart by at least two people; it is written nowhere near the file.")


def lifeboat_page(
    folder: Path, holders: Sequence[tuple[str, str]], *, now: datetime, footer: str, lang: Language
) -> bytes:
    """Return the one-page PDF.

    Parameters
    ----------
    folder
        Folder of the lifeboat.
    holders
        Label and shortened public key of each recipient; empty when a passphrase opens it.
    now
        Date of the page.
    footer
        Name and version of the software.
    lang
        Language of the page.
    """
    key = "" if not holders else f" --key {_example(holders[0][0])}"
    commands = {
        2: f"transfer-planner lifeboat status {folder}",
        3: f"transfer-planner plan scenario.yaml{key}",
        4: f"transfer-planner lifeboat open {folder} --out liste.csv{key}",
    }
    plain = "age -d" + (" -i " + _example(holders[0][0]) if holders else "")
    data = {
        "words": {name: message.text(lang) for name, message in WORDS.items()},
        "folder": str(folder),
        "holders": [list(holder) for holder in holders],
        "passphrase": "" if holders else BY_PASSPHRASE.text(lang),
        "steps": [[step.text(lang), commands.get(at, "")] for at, step in enumerate(STEPS)],
        "plain": f"{plain} -o liste.csv lifeboat-AAAAMMJJ-HHMMSS.csv.age",
        "lost": [line.text(lang) for line in LOST],
        "furniture": {"running": "", "watermark": "", "reservations": [], "footer": _footer(now, footer).text(lang)},
    }
    return render_pdf("lifeboat.typ", data, title=TITLE.text(lang), lang=lang, timestamp=now)


def _example(label: str) -> str:
    return f"{label.split(maxsplit=1)[0].lower()}.key"


def _footer(now: datetime, footer: str) -> Message:
    return msg("Page of {day} · {footer}", day=Day(now.date()), footer=footer)
