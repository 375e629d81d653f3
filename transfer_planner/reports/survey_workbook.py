"""The survey workbook of a centre: what is known is filled in and says where it comes from; what is asked has its drop-down."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING, Any

import xlsxwriter

from transfer_planner.i18n import Message, msg
from transfer_planner.io.survey_fields import EMPTY_ROWS, LISTS, SHEETS, TITLES, VERTICAL, Kind, Question, Sheet
from transfer_planner.network.audit import LABELS, Knowledge, knowledge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_planner.domain.centre import Centre, Linac, Network
    from transfer_planner.i18n import Language

FIRST = 3
"""Row of the first question or of the headings, from 0."""
COLOURS: dict[Knowledge, str] = {
    "declared": "#FFFFFF",
    "sourced": "#FFFFFF",
    "derived": "#E3EEF8",
    "assumed": "#FFF4CC",
    "fictitious": "#F3E6F5",
    "unstated": "#FFF4CC",
    "unknown": "#FBE3D6",
}
FORMATS: dict[Kind, str] = {"date": "dd/mm/yyyy", "text": "@"}
"""Text stays text: a telephone number keeps its first zero."""
LEGEND: tuple[Knowledge, ...] = ("sourced", "derived", "assumed", "unknown")
INTRODUCTION = (
    msg(
        "This workbook asks what the regional plan needs to know of your centre. Half an hour, a physicist and a manager."
    ),
    msg(
        "What is already known is filled in; correct it, complete it, leave blank what you do not know: what is known is then kept."
    ),
    msg(
        "The status beside each value says where it comes from: published, derived, assumed, unknown. Assumed and unknown ones matter most."
    ),
    msg("No patient and no private name: roles only. The crisis contacts stay in a private file of the region."),
    msg("Do not delete rows, columns or sheets; add linacs, pairs and contacts in the blank rows."),
)
EXPLAIN: dict[Sheet, Message] = {
    "survey": msg("Survey of resources – {centre}"),
    "centre": msg("Systems, authorisations, opening hours, crisis limits, staff"),
    "linacs": msg("One row per linac"),
    "pairs": msg("Pairs of linacs whose beams are matched: a plan is reused there as it is"),
    "conventions": msg("Signed conventions of continuity"),
    "channels": msg("How data would be handed over, centre by centre"),
    "contacts": msg("Crisis cell: roles, telephones, secure mailboxes"),
}
HEADS = (msg("Field"), msg("Question"), msg("Answer"), msg("Status"), msg("Source"), msg("How to answer"))
Page = Any


def survey_workbook(network: Network, centre_id: str, lang: Language) -> bytes:
    """Return the workbook of a centre, prefilled with what the network knows of it.

    Raises
    ------
    StopIteration
        When the network has no such centre.
    """
    centre = network.centre(centre_id)
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        writer = _Writer(book, network, centre, lang)
        for sheet in SHEETS:
            writer.vertical(sheet) if sheet in VERTICAL else writer.table(sheet)
        writer.lists()
        writer.drop_downs()
    return stream.getvalue()


class _Writer:
    """Writes the sheets of one workbook."""

    def __init__(self, book: xlsxwriter.Workbook, network: Network, centre: Centre, lang: Language) -> None:
        self.book, self.network, self.centre, self.lang = book, network, centre, lang
        self.pages: dict[str, Page] = {}
        self.grey = book.add_format({"font_color": "#9AA4AE", "font_size": 8, "valign": "top"})
        self.head = book.add_format(
            {"bold": True, "bg_color": "#EEF1F4", "border": 1, "text_wrap": True, "valign": "top"}
        )
        self.plain = book.add_format({"text_wrap": True, "valign": "top", "border": 4})
        self.formats: dict[tuple[Knowledge, Kind], Any] = {}

    def look(self, known: Knowledge, kind: Kind) -> Any:
        """Return the format of an answer, by how it is known; the words beside it say the same."""
        if (known, kind) not in self.formats:
            look = {"text_wrap": True, "valign": "top", "border": 1, "bg_color": COLOURS[known]}
            self.formats[known, kind] = self.book.add_format({**look, "num_format": FORMATS.get(kind, "General")})
        return self.formats[known, kind]

    def page(self, sheet: Sheet) -> Page:
        """Add a sheet with its title, ready to print."""
        page = self.pages[sheet] = self.book.add_worksheet(TITLES[sheet].text(self.lang))
        title = Message(EXPLAIN[sheet].source, {"centre": self.centre.name or self.centre.id}).text(self.lang)
        page.write_string(0, 0, title, self.book.add_format({"bold": True, "font_size": 14}))
        page.set_landscape()
        page.set_paper(9)  # A4
        page.fit_to_pages(1, 0)
        page.set_footer(f"&L{self.centre.id.replace('&', '&&')}&R&P / &N")
        return page

    def vertical(self, sheet: Sheet) -> None:
        """Write a sheet of one question per row: the field's name, the question, the answer, how it is known."""
        page = self.page(sheet)
        for at, (head, width) in enumerate(zip(HEADS, (16, 46, 34, 20, 26, 60), strict=True)):
            page.set_column(at, at, width)
            page.write_string(FIRST - 1, at, head.text(self.lang), self.head)
        for line, question in enumerate(SHEETS[sheet], FIRST):
            value, known = self.known(sheet, question, self.centre)
            page.write_string(line, 0, f"{sheet}.{question.name}", self.grey)
            page.write_string(line, 1, question.text.text(self.lang), self.plain)
            self.answer(page, line, 2, question, value, known)
            page.write_string(line, 3, LABELS[known].text(self.lang) if sheet == "centre" else "", self.plain)
            page.write_string(line, 4, self.source(question) if sheet == "centre" else "", self.plain)
            page.write_string(line, 5, question.how.text(self.lang) if question.how else "", self.plain)
            self.choices(page, line, line, 2, question)
        page.freeze_panes(FIRST, 3)
        if sheet == "survey":
            start = FIRST + len(SHEETS[sheet]) + 1
            for at, text in enumerate(INTRODUCTION, start):
                page.write_string(at, 1, text.text(self.lang))
            for at, known in enumerate(LEGEND, start + len(INTRODUCTION) + 1):
                page.write_string(at, 2, LABELS[known].text(self.lang), self.look(known, "text"))

    def table(self, sheet: Sheet) -> None:
        """Write a sheet of one question per column, with blank rows under what is known."""
        page, rows = self.page(sheet), self.rows(sheet)
        for at, question in enumerate(SHEETS[sheet]):
            page.set_column(
                at, at, 30 if question.kind in {"techniques", "features"} or question.name == "evidence" else 18
            )
            page.write_string(FIRST - 1, at, f"{sheet}.{question.name}", self.grey)
            page.write_string(FIRST, at, question.text.text(self.lang), self.head)
            if question.how:
                page.write_comment(FIRST, at, question.how.text(self.lang))
            for line in range(len(rows) + EMPTY_ROWS):
                value, known = self.known(sheet, question, rows[line] if line < len(rows) else {})
                self.answer(page, FIRST + 1 + line, at, question, value, known)
                if sheet == "linacs" and line < len(rows) and question.name not in {"id", "in_service"}:
                    page.write_comment(FIRST + 1 + line, at, LABELS[known].text(self.lang))
            self.choices(page, FIRST + 1, FIRST + len(rows) + EMPTY_ROWS, at, question)
        page.freeze_panes(FIRST + 1, 1)

    def rows(self, sheet: Sheet) -> Sequence[Any]:
        """Return what the network knows, one object per row."""
        mine = self.centre.id
        if sheet == "linacs":
            return self.centre.linacs
        if sheet == "pairs":
            return [
                {
                    "linac": linac.id,
                    "matched": match.linac,
                    "evidence": match.evidence,
                    "declared_on": match.declared_on,
                }
                for linac in self.centre.linacs
                for match in linac.matched_with
            ]
        if sheet == "contacts":
            return [contact.model_dump() for contact in self.centre.crisis_contacts]
        pairs: Any = self.network.conventions if sheet == "conventions" else self.network.channels
        return [
            {**pair.model_dump(), "centre": next((end for end in pair.between if end != mine), mine)}
            for pair in pairs
            if mine in pair.between
        ]

    def known(self, sheet: Sheet, question: Question, owner: Any) -> tuple[Any, Knowledge]:
        """Return the value already known, and how."""
        if sheet == "survey":
            return (self.centre.id, "sourced") if question.name == "centre_id" else (None, "unknown")
        if isinstance(owner, dict):
            return owner.get(question.name), "declared" if owner else "unknown"
        if question.name in {"id", "in_service"}:
            return (owner.id if question.name == "id" else True), "sourced"
        value = owner
        for step in question.name.split("."):
            value = None if value is None else getattr(value, step)
        linac: Linac | None = None if sheet == "centre" else owner
        known = knowledge(self.network, self.centre, question.name.split(".")[0], linac)
        return value, "unknown" if value is None else known

    def source(self, question: Question) -> str:
        """Return the title of the source of a field of the centre."""
        cited = self.centre.provenance.get(question.name.split(".")[0])
        return next((one.title for one in self.network.sources if one.id == cited), "")

    def answer(self, page: Page, line: int, at: int, question: Question, value: Any, known: Knowledge) -> None:
        """Write an answer by its own type: no text ever becomes a formula or a number."""
        look = self.look(known, question.kind)
        if isinstance(value, bool):
            value = "yes" if value else "no"
        if value is None or value == ():
            page.write_blank(line, at, None, look)
        elif isinstance(value, date):
            page.write_datetime(line, at, value, look)
        elif isinstance(value, int | float):
            page.write_number(line, at, value, look)
        elif isinstance(value, tuple):
            page.write_string(line, at, " | ".join(map(str, value)), look)
        else:
            words = question.words.get(value)
            page.write_string(line, at, words.text(self.lang) if words else str(value), look)

    def choices(self, page: Page, first: int, last: int, at: int, question: Question) -> None:
        """Put a drop-down on the answers of a closed list."""
        if question.words:
            page.data_validation(
                first,
                at,
                last,
                at,
                {
                    "validate": "list",
                    "source": [text.text(self.lang) for text in question.words.values()],
                    "error_type": "warning",
                },
            )

    def lists(self) -> None:
        """Write the codes of centres and linacs, for people and for the drop-downs."""
        page = self.pages["lists"] = self.book.add_worksheet(LISTS.text(self.lang))
        heads = (msg("Code of the centre"), msg("Centre"), msg("Code of the linac"), msg("Centre"), msg("Model"))
        for at, head in enumerate(heads):
            page.set_column(at, at, 26)
            page.write_string(0, at, head.text(self.lang), self.head)
        for line, centre in enumerate(self.network.centres, 1):
            page.write_string(line, 0, centre.id)
            page.write_string(line, 1, centre.name)
        linacs = [(centre, linac) for centre in self.network.centres for linac in centre.linacs]
        for line, (centre, linac) in enumerate(linacs, 1):
            page.write_string(line, 2, linac.id)
            page.write_string(line, 3, centre.name)
            page.write_string(line, 4, " ".join(filter(None, (linac.vendor, linac.model))))

    def drop_downs(self) -> None:
        """Put a drop-down where a code of the lists is expected."""
        lists = f"='{LISTS.text(self.lang)}'!"
        linacs = sum(len(centre.linacs) for centre in self.network.centres)
        centres = f"{lists}$A$2:$A${len(self.network.centres) + 1}"
        machines = f"{lists}$C$2:$C${linacs + 1}"
        mine = [linac.id for linac in self.centre.linacs]
        for sheet, at, source in (
            ("pairs", 0, mine),
            ("pairs", 1, machines),
            ("conventions", 0, centres),
            ("channels", 0, centres),
        ):
            if source:
                rule = {"validate": "list", "source": source, "error_type": "warning"}
                self.pages[sheet].data_validation(FIRST + 1, at, FIRST + 60, at, rule)
