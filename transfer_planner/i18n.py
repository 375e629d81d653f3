"""Messages that know how to say themselves in French and in English.

English is the source text; `locale/fr/*.po` hold the French, one catalogue per layer of the package.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datetime import date

Language = Literal["fr", "en"]


@cache
def catalogue(lang: Language) -> dict[str, str]:
    """Return the source texts and their translations, all layers together; empty for English."""
    if lang == "en":
        return {}
    from babel.messages.pofile import read_po  # heavy: only when a translation is asked for

    folder = resources.files("transfer_planner") / "locale" / lang
    entries: dict[str, str] = {}
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        if file.name.endswith(".po"):
            with file.open("rb") as stream:
                entries |= {str(m.id): str(m.string) for m in read_po(stream, locale=lang) if m.id and m.string}
    return entries


@dataclass(frozen=True)
class Message:
    """A source text with its parameters, rendered in the reader's language at the last moment."""

    source: str
    params: dict[str, Any] = field(default_factory=dict, hash=False)

    def text(self, lang: Language) -> str:
        """Return the message in the language asked for, parameters filled in (messages among them too)."""
        template = catalogue(lang).get(self.source, self.source)
        return template.format(
            **{k: v.text(lang) if isinstance(v, Message | Day) else v for k, v in self.params.items()}
        )


@dataclass(frozen=True)
class Day:
    """A day, said in the reader's language: `lundi 2 mars 2026`, `dimanche 1er mars 2026`."""

    date: date

    def text(self, lang: Language) -> str:
        """Return the day in words."""
        from babel.dates import format_date

        text = str(format_date(self.date, "EEEE d MMMM y", locale={"fr": "fr", "en": "en_GB"}[lang]))
        return text.replace(" 1 ", " 1er ", 1) if lang == "fr" else text


def msg(source: str, **params: Any) -> Message:
    """Make a message; `pybabel extract -k msg` finds its source text."""
    return Message(source, params)
