"""Typesetting: data never becomes markup, the same input gives the same bytes, faults of a template are errors."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from transfer_planner.reports import typeset
from transfer_planner.reports.typeset import TypesettingError, page_count, render_pdf

WHEN = datetime(2026, 3, 2, 8, tzinfo=UTC)
PLAIN = (
    b'#let data = json("data.json")\n#set document(title: data.title)\n#set text(font: "Atkinson Hyperlegible Next")\n'
)


@pytest.fixture
def templates(monkeypatch):
    known = dict(typeset._templates())
    monkeypatch.setattr(typeset, "_templates", lambda: known)
    return known


def _render(**data):
    return render_pdf("try.typ", data, title="Essai", lang="fr", timestamp=WHEN)


def test_markup_in_the_data_is_printed_as_it_is(templates, pdf_text):
    templates["try.typ"] = PLAIN + b"= Titre\n#data.name"
    name = '#panic("no") *gras* $x$ #read("data.json") <label>'
    assert name in pdf_text(_render(name=name))


def test_the_same_data_and_time_give_the_same_bytes(templates):
    templates["try.typ"] = PLAIN + b"= Titre\n#data.n"
    assert _render(n=1) == _render(n=1)
    assert _render(n=1) != _render(n=2)


def test_french_spaces_and_signs_have_glyphs(templates, pdf_text):
    templates["try.typ"] = PLAIN + b"#set text(fallback: false)\n= Titre\n#data.text"
    text = "«\u00a0œdème\u00a0»\u202f: 12\u202f% − × · … € É"
    assert text.split()[1] in pdf_text(_render(text=text))


@pytest.mark.parametrize(
    "body",
    [b"= Titre\n#unknown-name", b'= Titre\n#set text(font: "No Such Font")\na', b"== No first heading\n#data.missing"],
    ids=["unknown name", "unknown font", "missing key"],
)
def test_a_template_that_fails_or_warns_is_an_error(templates, body):
    templates["try.typ"] = PLAIN + body
    with pytest.raises(TypesettingError, match=r"try\.typ"):
        _render()


def test_pages_are_counted(templates):
    templates["try.typ"] = PLAIN + b"= Titre\n#pagebreak()\na\n#pagebreak()\nb"
    assert page_count(_render()) == 3


def test_a_character_without_a_font_is_printed_as_a_question_mark(templates, pdf_text):
    """An emoji or a Chinese name in free text stops no paper."""
    templates["try.typ"] = PLAIN + b"= Titre\n#data.name"
    assert "Note ? de ??" in pdf_text(_render(name="Note 🚑 de 王伟"))
