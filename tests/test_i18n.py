"""Catalogues are read as gettext says, and messages are said in the reader's language."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from babel.messages import pofile

from transfer_planner.i18n import Day, Message, catalogue, msg, read_po

FOLDER = Path(__file__).resolve().parents[1] / "transfer_planner" / "locale" / "fr"
TRAPS = """# comment
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"

#, python-brace-format
#: somewhere.py:1
msgid "a {x} \\"quoted\\", a \\\\ and a \\t"
msgstr "un {x} « cité »\\n"

msgid ""
"over two "
"lines"
msgstr ""
"sur deux "
"lignes\\\\n"

msgid "not translated"
msgstr ""

#~ msgid "gone"
#~ msgstr "parti"

msgid "last"
msgstr "dernier\""""


def by_babel(content: bytes) -> dict[str, str]:
    return {str(m.id): str(m.string) for m in pofile.read_po(io.BytesIO(content), locale="fr") if m.id and m.string}


@pytest.mark.parametrize("content", [file.read_bytes() for file in sorted(FOLDER.glob("*.po"))] + [TRAPS.encode()])
def test_catalogues_are_read_as_babel_reads_them(content: bytes) -> None:
    """Escapes, long lines, comments, obsolete and empty entries are read as the reference reader does."""
    assert read_po(content.decode()) == by_babel(content) != {}


def test_all_catalogues_make_one() -> None:
    """The French of every layer stands in one catalogue, and English needs none."""
    assert len(catalogue("fr")) == len(
        {source for file in FOLDER.glob("*.po") for source in by_babel(file.read_bytes())}
    )
    assert catalogue("en") == {}


def test_a_message_says_its_parameters_too() -> None:
    """Parameters that are messages or days are said in the same language; an unknown text stays as it is."""
    first = msg("{x} on {day}", x=Message("a number"), day=Day(date(2026, 3, 1)))
    assert first.text("fr") == "un nombre on dimanche 1er mars 2026"
    assert first.text("en") == "a number on Sunday 1 March 2026"
