"""What valid inputs hold: how well the network is known, what to ask first, what rosters leave blank."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, get_args

from rich.table import Table
from rich.text import Text

from transfer_planner.cli import terminal
from transfer_planner.clinical.prioritisation import read_cautiously
from transfer_planner.i18n import Language, msg
from transfer_planner.io.reference import read_sites
from transfer_planner.network.audit import LABELS, Knowledge, ask_first, audit_network
from transfer_planner.reports.words import FIELDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_planner.cli.common import Settings
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.centre import Network
    from transfer_planner.domain.patient import Patient

FIRST = 3
"""Questions shown for each centre; `--json` gives them all."""


def blanks(patients: Sequence[Patient]) -> dict[str, int]:
    """Count what each column leaves to be confirmed, the most frequent first."""
    sites = read_sites()
    found = Counter(name for patient in patients for name in read_cautiously(patient, sites))
    return dict(found.most_common())


def show(network: Network, cases: Sequence[Case], settings: Settings) -> None:
    """Say what was read, for people or for machines."""
    if settings.as_json:
        terminal.print_json(_fields(network, cases, settings.lang))
        return
    lang, screen = settings.lang, terminal.console()
    linacs = sum(len(centre.linacs) for centre in network.centres)
    read = msg("No fault. {centres} centres, {linacs} linacs.", centres=len(network.centres), linacs=linacs)
    screen.print(Text(read.text(lang), style="green"))
    screen.print(_knowledge_table(network, lang))
    screen.print(Text(msg("To ask each centre first:").text(lang), style="bold"))
    for centre_id, questions in ask_first(network).items():
        asked = " – ".join(question.field.question.text(lang) for question in questions[:FIRST])
        line = msg("{centre}: {asked}", centre=network.centre(centre_id).name, asked=asked)
        screen.print(f"  {line.text(lang)}", markup=False)
    for case in cases:
        name = msg("{scenario}: {count} patients", scenario=case.scenario.id, count=len(case.patients))
        screen.print(Text(f"\n{name.text(lang)}", style="bold"))
        show_blanks(case.patients, lang)


def show_blanks(patients: Sequence[Patient], lang: Language) -> None:
    """List the columns left blank."""
    found = blanks(patients)
    screen = terminal.console()
    if found:
        screen.print(msg("Blank, so read cautiously and to be confirmed:").text(lang))
    for name, count in found.items():
        line = msg("{label} ({column}): {count}", label=FIELDS[name], column=name, count=count)
        screen.print(f"  {line.text(lang)}", markup=False)


def _knowledge_table(network: Network, lang: Language) -> Table:
    table = Table(
        title=msg("How well each field is known, in % of the centres or linacs").text(lang), title_justify="left"
    )
    table.add_column("")
    shares = audit_network(network)
    used = [known for known in get_args(Knowledge) if any(share.counts[known] for share in shares)]
    for known in used:
        table.add_column(LABELS[known].text(lang), justify="right")
    for share in shares:
        percents = [share.percent(known) for known in used]
        table.add_row(share.field.question.text(lang), *(f"{percent:.0f}" if percent else "" for percent in percents))
    return table


def _fields(network: Network, cases: Sequence[Case], lang: Language) -> dict[str, Any]:
    return {
        "findings": [],
        "centres": len(network.centres),
        "knowledge": {share.field.name: share.counts for share in audit_network(network)},
        "ask_first": {
            centre_id: [
                {
                    "field": question.field.name,
                    "known": question.knowledge,
                    "question": question.field.question.text(lang),
                }
                for question in questions
            ]
            for centre_id, questions in ask_first(network).items()
        },
        "scenarios": [
            {"id": case.scenario.id, "patients": len(case.patients), "blank": blanks(case.patients)} for case in cases
        ],
    }
