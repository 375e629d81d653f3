"""From the answers of a survey to an overlay of the network: what changes, what is confirmed, what two centres say differently."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import yaml

from transfer_planner.domain.centre import Centre, Linac
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import Message, msg
from transfer_planner.io.reference import fold_name
from transfer_planner.io.survey_fields import SHEETS, TITLES, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transfer_planner.domain.centre import Network
    from transfer_planner.io.survey import Row, Survey

DECLARED = "declared"
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_WORDS_READ_AS_VALUES = {"true", "yes", "on", "oui", "vrai", "false", "no", "off", "non", "faux", "null", "~", ""}


@dataclass(frozen=True)
class Change:
    """One answer beside what was known.

    Parameters
    ----------
    centre_id, item
        Whose: the centre, and the linac, the pair or the other centre in it; empty for the centre itself.
    what
        The question.
    old, new
        Value known and value declared.
    kind
        added, changed, or confirmed.
    """

    centre_id: str
    item: str
    what: Message
    old: Any
    new: Any
    kind: Literal["added", "changed", "confirmed"]


@dataclass
class Declared:
    """What surveys declare: the overlay, and each answer that it holds."""

    overlay: dict[str, Any] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)


def declare(surveys: Sequence[Survey], network: Network) -> Declared:
    """Return the overlay of some surveys, each of another centre.

    Raises
    ------
    DataError
        When two workbooks are of one centre, or two centres say something different of what they share.
    """
    findings = []
    files: dict[str, str] = {}
    for survey in surveys:
        if (first := files.setdefault(survey.centre_id, survey.file)) != survey.file:
            text = msg("one workbook per centre; {file} is of {centre} too", file=first, centre=survey.centre_id)
            findings.append(Finding(survey.file, "", None, text, msg("import them one after the other"), "same_centre"))
    findings += [*_disagreements(surveys, "conventions"), *_disagreements(surveys, "channels")]
    if findings:
        raise DataError(findings)
    made = Declared({"schema_version": 1})
    systems: dict[str, dict[str, str]] = {}
    shared: dict[Sheet, dict[frozenset[str], dict[str, Any]]] = {"conventions": {}, "channels": {}}
    centres = []
    for survey in surveys:
        known = network.centre(survey.centre_id)
        systems |= _systems(survey, network)
        centres.append(_centre(survey, known, made.changes))
        for sheet, pairs in shared.items():
            pairs.update(_pairs(survey, network, sheet, made.changes))
    made.overlay |= {"information_systems": [*systems.values()]} if systems else {}
    made.overlay |= {sheet: [*pairs.values()] for sheet, pairs in shared.items() if pairs}
    made.overlay["centres"] = centres
    return made


def overlay_text(made: Declared, surveys: Sequence[Survey]) -> str:
    """Return an overlay as YAML, with who declared it and when at the top."""
    lines = [
        f"# {survey.centre_id}: {survey.answered_on.isoformat()}, {' '.join(survey.role.split())}" for survey in surveys
    ]
    body = yaml.dump(_plain(made.overlay), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return "\n".join(lines) + f"\n{body}"


def _centre(survey: Survey, known: Centre, changes: list[Change]) -> dict[str, Any]:
    """Return the part of the overlay about the centre and its linacs."""
    (row,) = survey.sheets["centre"]
    answers = dict(row.values)
    if "information_systems" in answers:
        answers["information_systems"] = tuple(map(_slug, _names(answers["information_systems"])))
    kept = _kept(survey, "centre", "", answers, known, changes)
    part: dict[str, Any] = {"id": survey.centre_id}
    for name, value in kept.items():
        first, _, second = name.partition(".")
        part[first] = {**part.get(first, {}), second: value} if second else value
    part["declared_on"], part["declared_by_role"] = survey.answered_on, survey.role
    if kept:
        part["provenance"] = dict.fromkeys(_paths(kept, answers), DECLARED)
    linacs = [*_linacs(survey, known, changes)]
    part |= {"linacs": linacs} if linacs else {}
    contacts = [dict(each.values) for each in survey.sheets["contacts"]]
    old = [contact.model_dump(exclude_none=True) for contact in known.crisis_contacts]
    if contacts and (contacts != old or survey.confirms_all):
        part["crisis_contacts"] = contacts
        changes.append(_change(survey, "", TITLES["contacts"], len(old) or None, len(contacts), same=contacts == old))
    return part


def _linacs(survey: Survey, known: Centre, changes: list[Change]) -> Iterator[dict[str, Any]]:
    """Yield the part of the overlay about each linac that something was said of."""
    machines = {linac.id: linac for linac in known.linacs}
    pairs: dict[str, list[Row]] = {}
    for row in survey.sheets["pairs"]:
        pairs.setdefault(row.values["linac"], []).append(row)
    rows = {row.values["id"]: row.values for row in survey.sheets["linacs"]}
    for code in dict.fromkeys([*rows, *pairs]):
        answers = {name: value for name, value in rows.get(code, {}).items() if name not in {"id", "in_service"}}
        linac = machines.get(code, Linac(id=code))
        if rows.get(code, {}).get("in_service") is False:
            answers["techniques"] = ()  # treats nobody: an overlay takes nothing away
        kept = _kept(survey, "linacs", code, answers, linac, changes)
        matched = [*_matched(survey, linac, pairs.get(code, []), changes)]
        if not kept and not matched and code in machines:
            continue
        yield {
            "id": code,
            **kept,
            **({"matched_with": matched} if matched else {}),
            **({"provenance": dict.fromkeys(kept, DECLARED)} if kept else {}),
        }


def _matched(survey: Survey, linac: Linac, rows: Sequence[Row], changes: list[Change]) -> Iterator[dict[str, Any]]:
    before = {match.linac: (match.evidence, match.declared_on) for match in linac.matched_with}
    for row in rows:
        other, evidence = row.values["matched"], row.values.get("evidence", "")
        on = row.values.get("declared_on", survey.answered_on)
        same = before.get(other) == (evidence, on)
        if same and not survey.confirms_all:
            continue
        old = tuple(filter(None, before[other])) if other in before else None
        new = tuple(filter(None, (evidence, on)))
        changes.append(_change(survey, f"{linac.id} = {other}", TITLES["pairs"], old, new, same=same))
        yield {"linac": other, "evidence": evidence, "declared_on": on}


def _pairs(
    survey: Survey, network: Network, sheet: Sheet, changes: list[Change]
) -> dict[frozenset[str], dict[str, Any]]:
    """Return the conventions or the channels that a centre declares, by their two ends."""
    known: Any = network.conventions if sheet == "conventions" else network.channels
    before = {frozenset(pair.between): pair.model_dump(exclude={"between"}, exclude_none=True) for pair in known}
    found = {}
    for row in survey.sheets[sheet]:
        ends = frozenset({survey.centre_id, row.values["centre"]})
        new = {name: value for name, value in row.values.items() if name != "centre"}
        if (same := before.get(ends) == new) and not survey.confirms_all:
            continue
        old = tuple(before[ends].values()) if ends in before else None
        said = tuple(new.values())
        changes.append(_change(survey, row.values["centre"], TITLES[sheet], old, said, same=same))
        found[ends] = {"between": [survey.centre_id, row.values["centre"]], **new}
    return found


def _kept(
    survey: Survey, sheet: Sheet, item: str, answers: dict[str, Any], known: Centre | Linac, changes: list[Change]
) -> dict[str, Any]:
    """Return the answers to declare: those that change what is known, all of them when the centre confirms all."""
    words = {question.name: question.text for question in SHEETS[sheet]}
    kept = {}
    for name, new in answers.items():
        old: Any = known
        for step in name.split("."):
            old = None if old is None else getattr(old, step)
        same = old == new
        if not same or survey.confirms_all:
            kept[name] = new
            changes.append(_change(survey, item, words[name], None if old in (None, (), "") else old, new, same=same))
    return kept


def _change(survey: Survey, item: str, what: Message, old: Any, new: Any, *, same: bool) -> Change:
    return Change(
        survey.centre_id, item, what, old, new, "confirmed" if same else "added" if old is None else "changed"
    )


def _paths(kept: dict[str, Any], answers: dict[str, Any]) -> Iterator[str]:
    """Yield the paths declared: `opening` once all that was answered of it is declared, else `opening.weekdays`."""
    for name in kept:
        first, _, second = name.partition(".")
        whole = all(other in kept for other in answers if other.startswith(f"{first}."))
        yield first if second and whole else name


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split("|") if name.strip()]


def _slug(name: str) -> str:
    """Return the id that a name makes; an id stays what it is."""
    return (
        name
        if _ID.fullmatch(name)
        else "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in fold_name(name)).split())[:64] or "si"
    )


def _systems(survey: Survey, network: Network) -> dict[str, dict[str, str]]:
    """Return the information systems that the network does not know yet."""
    known = {system.id for system in network.information_systems}
    said = survey.sheets["centre"][0].values.get("information_systems", "")
    return {
        _slug(name): {"id": _slug(name), "label": name, "status": DECLARED}
        for name in _names(said)
        if _slug(name) not in known
    }


def _disagreements(surveys: Sequence[Survey], sheet: Sheet) -> Iterator[Finding]:
    """Yield what two centres say differently of the same convention or channel."""
    said: dict[frozenset[str], tuple[Survey, Row]] = {}
    for survey in surveys:
        for row in survey.sheets[sheet]:
            ends = frozenset({survey.centre_id, row.values["centre"]})
            first, other = said.setdefault(ends, (survey, row))
            for name in row.values.keys() & other.values.keys() - {"centre"}:
                if row.values[name] != other.values[name]:
                    text = msg(
                        "the same answer as {centre} ({value}, {cell})",
                        centre=first.centre_id,
                        value=other.values[name],
                        cell=other.at[name],
                    )
                    mend = msg("ask both centres, and correct one of the two workbooks")
                    yield Finding(survey.file, row.at[name], str(row.values[name]), text, mend, "disagreement")


def _plain(value: Any) -> Any:
    """Return what YAML can hold: lists for tuples."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


class _Dumper(yaml.SafeDumper):
    """Quotes the words that the reader of this software takes for something else than text, and never writes aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write each value in full."""
        del data
        return True


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if text.casefold() in _WORDS_READ_AS_VALUES or text.replace(".", "", 1).isdigit() else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _quoted)
