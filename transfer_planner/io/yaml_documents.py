"""YAML read into nodes that remember their file and line, without the traps of YAML 1.1.

PyYAML's C parser gives the events and their lines: the network takes 60 ms, ten times less than any parser in Python. The
nodes are built here because its composer keeps the last of duplicate keys, and overflows the stack on deep nesting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import yaml

from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import Message, msg
from transfer_planner.io.files import fault, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIMIT_MIB = 20
MAX_DEPTH = 40
SCHEMA_VERSION = 1

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # PyYAML may be built without libyaml
_NULLS = {"", "~", "null", "Null", "NULL"}
_TRUE, _FALSE = {"true", "yes", "on", "oui", "vrai"}, {"false", "no", "off", "non", "faux"}
_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")  # no leading zero: 02691 is a code, and stays text
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]{1,3})")
_PROBLEMS = {
    "mapping values are not allowed": msg("no colon is expected here"),
    "sequence entries are not allowed": msg("no dash is expected here"),
    "expected key": msg("a key is expected here, indented like the others"),
    "expected '-' indicator": msg("a dash is expected here"),
    "',' or ']'": msg("a square bracket is not closed"),
    "',' or '}'": msg("a brace is not closed"),
    "expected ':'": msg("a colon is expected after the key"),
    "unexpected end of stream": msg("a quote is not closed"),
    "node content": msg("a value is expected here"),
    "cannot start any token": msg("a value cannot start like this: quote it"),
    "control characters": msg("a character that cannot be seen stands there"),
}
"""What the parser complains of (a part of its words) → our words."""
_KNOWN_TAGS = {None, "!", *(f"tag:yaml.org,2002:{name}" for name in ("str", "map", "seq"))}


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it was written.

    Parameters
    ----------
    value
        Mapping or list of nodes, or a scalar.
    file
        File that holds it, as the user gave its path.
    line
        Line, from 1.
    text
        Unquoted scalar as it was written, when it was read as something else than text.
    """

    value: Any
    file: str
    line: int
    text: str | None = None

    def plain(self) -> Any:
        """Return the value without its lines."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def children(self) -> list[tuple[str | int, Node]]:
        """Return the nodes inside, each with its key or position."""
        if isinstance(self.value, dict):
            return list(self.value.items())
        return list(enumerate(self.value)) if isinstance(self.value, list) else []

    def at(self, path: tuple[str | int, ...]) -> Node:
        """Return the node at a path, or the nearest one above it."""
        node = self
        for step in path:
            inside = node.value
            if isinstance(inside, dict) and step in inside:
                node = inside[str(step)]
            elif isinstance(inside, list) and isinstance(step, int) and step < len(inside):
                node = inside[step]
            else:
                break
        return node

    def where(self, path: tuple[str | int, ...]) -> str:
        """Return a path in words people can follow: ids instead of positions, and the line."""
        words, node = "", self
        for step in path:
            node = node.at((step,))
            name: str | int = step
            if isinstance(step, int) and isinstance(node.value, dict) and "id" in node.value:
                name = str(node.value["id"].value)
            words += f"[{name}]" if isinstance(step, int) else f".{step}"
        return f"{words.lstrip('.')} (l. {node.line})".lstrip()

    def finding(
        self, path: tuple[str | int, ...], expected: Message, mend: Message | None = None, *, code: str
    ) -> Finding:
        """Make the finding for the value at a path (absent: value None), naming the file it comes from."""
        node, above = self.at(path), self.at(path[:-1])
        value = None if path and node is above else shown(node)
        return Finding(node.file, self.where(path), value, expected, mend, code)


def shown(node: Node) -> str:
    """Return a value as the user wrote it, short."""
    text = node.text if node.text is not None else "null" if node.value is None else str(node.plain())
    return text if len(text) <= 80 else f"{text[:79]}…"


@dataclass(frozen=True)
class Document:
    """A YAML file: its root mapping, the fingerprint of its bytes, and the faults of form that did not stop its reading."""

    root: Node
    sha256: str
    findings: tuple[Finding, ...] = ()


def read_document(path: str | Path, *, partial: bool = False) -> Document:
    """Read a YAML file whose root is a mapping with the schema version of this software.

    Parameters
    ----------
    path
        File to read.
    partial
        True for an overlay, which may leave `schema_version` out.

    Raises
    ------
    DataError
        With every fault of form: encoding, syntax, duplicate keys, aliases, another schema version.
    """
    document = load_document(path, partial=partial)
    if document.findings:
        raise DataError(document.findings)
    return document


def load_document(path: str | Path, *, partial: bool = False) -> Document:
    """Read a YAML file as `read_document` does, and keep duplicate keys, aliases and tags as findings beside its values.

    Raises
    ------
    DataError
        When there are no values to look at.
    """
    content = read_bytes(path, limit_mib=LIMIT_MIB)
    findings: list[Finding] = []
    root = _Builder(str(path), _decode(path, content), findings).document()
    if root is None or root.value is None:
        raise fault(path, msg("a YAML document"), msg("the file is empty"), code="empty_file")
    if not isinstance(root.value, dict):
        findings.append(root.finding((), msg("`key: value` lines"), code="not_a_mapping"))
    elif not (partial and "schema_version" not in root.value):
        version = root.value.get("schema_version")
        if version is None or version.value != SCHEMA_VERSION or isinstance(version.value, bool):
            mend = msg("write `schema_version: 1`, or use the version of this software that reads it")
            findings.append(root.finding(("schema_version",), msg("1"), mend, code="schema_version"))
    if any(finding.code in {"not_a_mapping", "schema_version"} for finding in findings):
        raise DataError(findings)
    return Document(root, sha256(content).hexdigest(), tuple(findings))


def _decode(path: str | Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(
            [
                Finding(
                    str(path),
                    f"l. {line}",
                    content[error.start : error.start + 1].hex(),
                    msg("text in UTF-8"),
                    msg("save the file again as UTF-8 in the text editor"),
                    "encoding",
                )
            ]
        ) from error


class _Builder:
    """Turns the events of one document into nodes; faults of form go to the list of findings."""

    def __init__(self, file: str, text: str, findings: list[Finding]) -> None:
        self.file, self.findings, self.text = file, findings, text
        self.events: Iterator[Any] = yaml.parse(text, Loader=_Loader)

    def document(self) -> Node | None:
        """Return the root, None when there is no document."""
        root = None
        try:
            for event in self.events:
                if isinstance(event, yaml.DocumentStartEvent):
                    if root is not None:
                        self._find(event, None, msg("a single document in the file"), code="second_document")
                        break
                    root = self._node(next(self.events), 0)
        except yaml.YAMLError as error:
            self.findings.append(self._syntax(error))
            raise DataError(self.findings) from error
        return root

    def _syntax(self, error: yaml.YAMLError) -> Finding:
        """Say in our words where the parser stopped and why."""
        mark = getattr(error, "problem_mark", None)
        place = getattr(error, "position", 0)
        line = mark.line if mark else self.text.count("\n", 0, place)
        content = next(iter(self.text.split("\n")[line : line + 1]), "")
        indent = content[: len(content) - len(content.lstrip())]
        known = (words for part, words in _PROBLEMS.items() if part in str(error))
        problem = next(known, msg("this line cannot be read"))
        mend = msg("look at this line and the one above")
        if "\t" in indent:
            problem, mend = msg("a tab indents this line"), msg("indent with spaces, never with tabs")
        elif "values are not allowed" in str(error):
            mend = msg("put in quotes a text that holds a colon; indent alike the lines of one level")
        shown = content.strip()[:80] or None
        return Finding(
            self.file, f"l. {line + 1}", shown, msg("valid YAML ({problem})", problem=problem), mend, "syntax"
        )

    def _node(self, event: Any, depth: int) -> Node:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            self._find(event, f"*{event.anchor}", msg("the value itself"), code="alias")
            return Node(None, self.file, line)
        if event.tag not in _KNOWN_TAGS:
            self._find(event, event.tag, msg("a value without a tag"), msg("remove the tag"), code="tag")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, line)
        if depth == MAX_DEPTH:
            self._find(event, None, msg("at most {depth} levels of nesting", depth=MAX_DEPTH), code="nesting")
            raise DataError(self.findings)
        if isinstance(event, yaml.SequenceStartEvent):
            return Node([self._node(inner, depth + 1) for inner in self._until(yaml.SequenceEndEvent)], self.file, line)
        return Node(self._mapping(depth), self.file, line)

    def _mapping(self, depth: int) -> dict[str, Node]:
        mapping: dict[str, Node] = {}
        for key in self._until(yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                self._find(key, None, msg("a name before the colon"), msg("quote the value"), code="key")
                raise DataError(self.findings)
            value = self._node(next(self.events), depth + 1)
            if key.value in mapping:
                first = mapping[key.value].line
                expected = msg("each key once (first on line {line})", line=first)
                self._find(key, key.value, expected, msg("keep one of the two"), code="duplicate_key")
            mapping.setdefault(key.value, value)
        return mapping

    def _until(self, end: type) -> Iterator[Any]:
        while not isinstance(event := next(self.events), end):
            yield event

    def _scalar(self, event: Any, line: int) -> Node:
        text: str = event.value
        if event.style or event.tag:
            return Node(text, self.file, line)
        if text in _NULLS:
            return Node(None, self.file, line)
        if (word := text.lower()) in _TRUE | _FALSE:
            return Node(word in _TRUE, self.file, line, text)
        if _INT.fullmatch(text):
            return Node(int(text), self.file, line, text)
        if _FLOAT.fullmatch(text) and abs(number := float(text)) < float("inf"):
            return Node(number, self.file, line, text)
        return Node(text, self.file, line)

    def _find(
        self, event: Any, value: str | None, expected: Message, mend: Message | None = None, *, code: str
    ) -> None:
        where = f"l. {event.start_mark.line + 1}"
        self.findings.append(Finding(self.file, where, value, expected, mend, code))
