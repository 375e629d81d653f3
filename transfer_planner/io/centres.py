"""Read the network: one base file, overlays merged over it, references checked."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, get_args

from transfer_planner.domain.base import Status
from transfer_planner.domain.centre import Centre, Linac, Network
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg
from transfer_planner.io.files import attempt
from transfer_planner.io.findings import check_known, validate_rest
from transfer_planner.io.yaml_documents import Node, load_document

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence
    from pathlib import Path

KEYS = {
    "sources": "id",
    "information_systems": "id",
    "centres": "id",
    "linacs": "id",
    "conventions": "between",
    "channels": "between",
    "matched_with": "linac",
}
"""Lists of objects, by name, and the field that tells their objects apart."""

STATUSES = get_args(Status)
_FORMATS = {"insee": r"[0-9][0-9AB][0-9]{3}", "postcode": r"[0-9]{5}", "finess_et": r"\w{9}", "finess_ej": r"\w{9}"}


def read_network(path: str | Path, overlays: Sequence[str | Path] = ()) -> Network:
    """Read the network file and lay the overlays over it, in order.

    Raises
    ------
    DataError
        With every finding of every file; each names the file that the faulty value came from.
    """
    network, findings, _ = load_network(path, overlays)
    if network is None or findings:
        raise DataError(findings)
    return network


def load_network(
    path: str | Path, overlays: Sequence[str | Path]
) -> tuple[Network | None, list[Finding], tuple[str, ...]]:
    """Read the network and its overlays; return it as far as it can be read (else None), the findings, the SHA-256 of each file."""
    findings: list[Finding] = []
    base = attempt(findings, lambda: load_document(path))
    layers = [attempt(findings, partial(load_document, file, partial=True)) for file in overlays]
    documents = [document for document in (base, *layers) if document is not None]
    for document in documents:
        findings += [*document.findings, *_keys(document.root, ())]
    if base is None:
        return None, findings, ()
    root = base.root
    for document in documents[1:]:
        root = merge(root, document.root)
    network, faults, above = validate_rest(Network, root)
    if findings:  # the faults of the values are told too, but not what an unread overlay may explain
        told = {(finding.file, finding.where) for finding in findings}
        return None, findings + [fault for fault in faults if (fault.file, fault.where) not in told], ()
    if network is not None:
        faults += [fault for fault in _check(network, root) if fault.where not in above]
    return network, faults, tuple(document.sha256 for document in documents)


def merge(base: Node, patch: Node, name: str = "") -> Node:
    """Lay a node over another: mappings merge, lists of objects merge by their key, anything else replaces.

    Parameters
    ----------
    base, patch
        Node below and node above; the result keeps the file and line of each value.
    name
        Field that holds them, which tells how a list merges.
    """
    if isinstance(base.value, dict) and isinstance(patch.value, dict):
        merged = dict(base.value)
        for key, node in patch.value.items():
            merged[key] = merge(merged[key], node, key) if key in merged else node
        return replace(base, value=merged)
    if _of_objects(base, name) and _of_objects(patch, name):
        items = {key_of(node, name): node for node in base.value}
        for node in patch.value:
            key = key_of(node, name)
            items[key] = merge(items[key], node) if key in items else node
        return replace(base, value=list(items.values()))
    return patch


def _of_objects(node: Node, name: str) -> bool:
    """Tell whether a node is a list of objects with a key (`information_systems` of a centre is a list of ids)."""
    return name in KEYS and isinstance(node.value, list) and all(isinstance(item.value, dict) for item in node.value)


def key_of(node: Node, name: str) -> Hashable:
    """Return what tells an object of a list apart; the two ends of a convention in any order."""
    found = node.value.get(KEYS[name])
    plain = None if found is None else found.plain()
    return frozenset(map(str, plain)) if isinstance(plain, list) else str(plain) if plain is not None else None


def _keys(node: Node, path: tuple[str | int, ...], root: Node | None = None) -> Iterator[Finding]:
    """Yield the objects of one document that have no key, or the key of another one in the same list."""
    root = root or node
    name = str(path[-1]) if path else ""
    if _of_objects(node, name):
        keys = [key_of(item, name) for item in node.value]
        for index, key in enumerate(keys):
            if key is None:
                yield root.finding((*path, index, KEYS[name]), msg("a value: this field is required"), code="missing")
            elif key in keys[:index]:
                line = node.value[keys.index(key)].line
                yield root.finding(
                    (*path, index, KEYS[name]),
                    msg("a value not used before (line {line})", line=line),
                    code="duplicate_id",
                )
    for step, inner in node.children():
        yield from _keys(inner, (*path, step), root)


def _check(network: Network, root: Node) -> Iterator[Finding]:
    """Yield the references that lead nowhere and the codes that cannot be."""
    centres = {centre.id for centre in network.centres}
    domains = {domain.id for domain in network.information_systems}
    linacs = Counter(linac.id for centre in network.centres for linac in centre.linacs)
    statuses = {*STATUSES, *(source.id for source in network.sources)}
    for i, domain in enumerate(network.information_systems):
        yield from check_known(root, ("information_systems", i, "status"), domain.status, statuses)
    yield from _pairs(root, "conventions", [convention.between for convention in network.conventions], centres)
    yield from _pairs(root, "channels", [channel.between for channel in network.channels], centres)
    for i, centre in enumerate(network.centres):
        at: tuple[str | int, ...] = ("centres", i)
        for j, domain_id in enumerate(centre.information_systems):
            yield from check_known(root, (*at, "information_systems", j), domain_id, domains)
        for field, pattern in _FORMATS.items():
            code = getattr(centre, field)
            if code is not None and not re.fullmatch(pattern, code):
                length = 9 if "finess" in field else 5
                yield root.finding(
                    (*at, field),
                    msg("a code of {length} characters", length=length),
                    msg("put it in quotes and keep the leading zero"),
                    code="code_format",
                )
        yield from _provenance(root, at, centre, statuses)
        for j, linac in enumerate(centre.linacs):
            here = (*at, "linacs", j)
            if linacs[linac.id] > 1:
                yield root.finding((*here, "id"), msg("an id used once in the network"), code="duplicate_id")
            for k, match in enumerate(linac.matched_with):
                others = linacs.keys() - {linac.id}
                yield from check_known(root, (*here, "matched_with", k, "linac"), match.linac, others)
            yield from _provenance(root, here, linac, statuses)


def _pairs(root: Node, name: str, pairs: Sequence[tuple[str, str]], centres: set[str]) -> Iterator[Finding]:
    """Yield the pairs of centres that are no pairs, or name unknown centres."""
    for i, pair in enumerate(pairs):
        for end in (0, 1):
            yield from check_known(root, (name, i, "between", end), pair[end], centres)
        if pair[0] == pair[1]:
            yield root.finding((name, i, "between"), msg("two different centres"), code="same_centre")


def _provenance(root: Node, at: tuple[str | int, ...], owner: Centre | Linac, statuses: set[str]) -> Iterator[Finding]:
    """Yield the entries of `provenance` whose path names no field, or whose source is not declared."""
    for path, source in owner.provenance.items():
        yield from check_known(root, (*at, "provenance", path), source, statuses)
        first, *rest = path.split(".")
        fields = Centre.model_fields | Linac.model_fields
        if first not in fields or not all(re.fullmatch(r"[A-Za-z0-9_-]+", step) for step in rest):
            yield root.finding(
                (*at, "provenance", path), msg("the path of a field, not `{path}`", path=path), code="path"
            )
