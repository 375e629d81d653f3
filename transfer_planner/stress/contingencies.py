"""Everything that may fall together, read from the network alone: a centre, a domain, a legal group, a software, a pair."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

from transfer_planner.clinical.compatibility import software_family
from transfer_planner.domain.atlas import Contingency
from transfer_planner.i18n import LANGUAGES, Message, msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from transfer_planner.domain.atlas import ContingencyKind
    from transfer_planner.domain.centre import Centre, Network
    from transfer_planner.i18n import Language

SOFTWARE = {
    "oncology_information_system": msg("outage of {name} (R&V) everywhere"),
    "treatment_planning_system": msg("outage of {name} (TPS) everywhere"),
}
HOSTED = msg("outage of {name} (R&V) hosted by its vendor")


def contingencies(network: Network, *, pairs: bool = True) -> tuple[Contingency, ...]:
    """List what may fall: centres, domains, legal groups, softwares, then pairs; a set of centres stands once.

    Centres without a linac have nobody to send elsewhere and are left out.

    Parameters
    ----------
    network
        The centres, overlays merged.
    pairs
        Whether any two centres may fall together.
    """
    found: dict[tuple[str, ...], Contingency] = {}
    for one in _all(network, pairs=pairs):
        known = found.get(one.centre_ids)
        found[one.centre_ids] = one if known is None else known.model_copy(update={"also": (*known.also, one.id)})
    return tuple(found.values())


def longest_first(network: Network, every: Iterable[Contingency]) -> list[Contingency]:
    """Return the contingencies of most linacs first: what is planned last, when workers run out of tasks, is then short."""
    linacs = {centre.id: len(centre.linacs) for centre in network.centres}
    return sorted(every, key=lambda one: -sum(linacs[centre_id] for centre_id in one.centre_ids))


def _all(network: Network, *, pairs: bool) -> Iterator[Contingency]:
    centres = [centre for centre in network.centres if centre.linacs]
    for centre in centres:
        yield _contingency("centre", centre.id, dict.fromkeys(LANGUAGES, _name(centre)), [centre])
    for domain in network.information_systems:
        members = [centre for centre in centres if domain.id in centre.information_systems]
        label = domain.label or domain.id
        yield from _of_some("domain", domain.id, msg("shared information system: {name}", name=label), members)
    groups: dict[str, list[Centre]] = defaultdict(list)
    for centre in centres:
        if centre.legal_group:
            groups[centre.legal_group].append(centre)
    for name, members in groups.items():
        yield from _of_some("group", name, msg("legal group: {name}", name=name), members)
    yield from _softwares(centres)
    if pairs:
        for one, other in combinations(centres, 2):
            title = msg("{one} and {other}", one=_name(one), other=_name(other))
            yield _contingency("pair", "+".join(sorted((one.id, other.id))), _said(title), [one, other])


def _softwares(centres: list[Centre]) -> Iterator[Contingency]:
    """Yield the outages of a vendor: of a software wherever it runs, and where the vendor hosts it."""
    for field, title in SOFTWARE.items():
        users: dict[str, list[Centre]] = defaultdict(list)
        for centre in centres:
            family = software_family(getattr(centre, field))
            if family is not None:
                users[family].append(centre)
        for family, members in users.items():
            name = getattr(members[0], field)
            yield from _of_some("software", family, Message(title.source, {"name": name}), members)
            hosted = [one for one in members if one.oncology_information_system_hosting == "vendor"]
            if field == "oncology_information_system":
                yield from _of_some("software", f"{family}-hosted", Message(HOSTED.source, {"name": name}), hosted)


def _of_some(kind: ContingencyKind, name: str, title: Message, members: list[Centre]) -> Iterator[Contingency]:
    if members:
        yield _contingency(kind, name, _said(title), members)


def _said(title: Message) -> dict[Language, str]:
    return {lang: title.text(lang) for lang in LANGUAGES}


def _contingency(kind: ContingencyKind, name: str, title: Mapping[Language, str], members: list[Centre]) -> Contingency:
    return Contingency(
        id=f"{kind}:{name if kind in ('centre', 'domain', 'pair') else slug(name)}",
        kind=kind,
        centre_ids=tuple(sorted(centre.id for centre in members)),
        title=dict(title),
    )


def _name(centre: Centre) -> str:
    return centre.name or centre.id


def slug(text: str) -> str:
    """Return a name as lower-case letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")
