"""What cannot all be true in a network, or would surprise a physicist: to be asked again before it is trusted."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from transfer_planner.clinical.compatibility import software_family
from transfer_planner.i18n import Message, msg

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from transfer_planner.domain.centre import Centre, Linac, Network

OLD_EVIDENCE_DAYS = 730
"""Beam data are checked at least every two years; evidence older than that is asked again."""
IMAGED = {"SBRT", "SRS"}
IMAGING = {"CBCT", "EXACTRAC", "MR", "CRANIAL_CONES"}


class Contradiction(NamedTuple):
    """Two statements that do not go together.

    Parameters
    ----------
    centre_ids
        Whom to ask.
    text
        What is said.
    """

    centre_ids: tuple[str, ...]
    text: Message


def contradictions(network: Network, today: date) -> tuple[Contradiction, ...]:
    """Return the contradictions of a network, pairs of linacs first."""
    return (*_pairs(network, today), *_linacs(network), *_systems(network), *_dates(network, today))


def _pairs(network: Network, today: date) -> Iterator[Contradiction]:
    """Yield the declared pairs whose linacs differ in what a matched pair shares, or whose evidence is old or missing."""
    owners = {linac.id: (centre, linac) for centre in network.centres for linac in centre.linacs}
    for centre in network.centres:
        for linac in centre.linacs:
            for match in linac.matched_with:
                other_centre, other = owners[match.linac]
                whom = tuple(dict.fromkeys((centre.id, other_centre.id)))
                pair = {"one": linac.id, "other": other.id}
                for name, a, b in _compared(centre, linac, other_centre, other):
                    text = msg("{one} and {other} are declared matched; {what}: {a}, {b}", **pair, what=name, a=a, b=b)
                    yield Contradiction(whom, text)
                if not match.evidence.strip():
                    yield Contradiction(whom, msg("{one} and {other} are declared matched without evidence", **pair))
                if match.declared_on and (today - match.declared_on).days > OLD_EVIDENCE_DAYS:
                    yield Contradiction(
                        whom,
                        msg(
                            "{one} and {other}: evidence of {day}, over two years old",
                            **pair,
                            day=match.declared_on.isoformat(),
                        ),
                    )


def _compared(centre: Centre, linac: Linac, other_centre: Centre, other: Linac) -> Iterator[tuple[Message, str, str]]:
    """Yield what differs, where both sides are known."""
    pairs = (
        (msg("multileaf collimator"), linac.mlc, other.mlc),
        (msg("model"), linac.model, other.model),
        (msg("maker"), linac.vendor, other.vendor),
        (
            msg("treatment planning system"),
            software_family(centre.treatment_planning_system),
            software_family(other_centre.treatment_planning_system),
        ),
    )
    for name, a, b in pairs:
        if a is not None and b is not None and a.casefold() != b.casefold():
            yield name, a, b
    if linac.photon_mv is not None and other.photon_mv is not None and not set(linac.photon_mv) & set(other.photon_mv):
        yield msg("photon energies"), ", ".join(linac.photon_mv), ", ".join(other.photon_mv)


def _linacs(network: Network) -> Iterator[Contradiction]:
    """Yield the linacs whose own fields do not go together."""
    for centre in network.centres:
        open_min = centre.opening.weekdays
        for linac in centre.linacs:
            techniques, code = set(linac.techniques or ()), {"linac": linac.id}
            features = linac.features
            found = (
                (
                    "ELECTRONS" in techniques and linac.electron_mev == (),
                    msg("{linac}: electrons, and no electron energy", **code),
                ),
                (
                    bool(techniques & IMAGED) and features is not None and not IMAGING & set(features),
                    msg("{linac}: stereotaxy, and no imaging", **code),
                ),
                (
                    "HELICAL" in techniques and linac.type in {"c_arm", "robotic"},
                    msg("{linac}: helical, and not a ring", **code),
                ),
                (
                    linac.booked_min_per_day is not None
                    and open_min is not None
                    and linac.booked_min_per_day > open_min,
                    msg(
                        "{linac}: {booked} minutes booked in {open} of opening",
                        **code,
                        booked=f"{linac.booked_min_per_day or 0:.0f}",
                        open=open_min,
                    ),
                ),
            )
            yield from (Contradiction((centre.id,), text) for holds, text in found if holds)


def _systems(network: Network) -> Iterator[Contradiction]:
    """Yield the centres hosted together that declare no shared system, and systems that only one centre declares."""
    for a, b in combinations(network.centres, 2):
        hosted = {a.oncology_information_system_hosting, b.oncology_information_system_hosting}
        same = (
            software_family(a.oncology_information_system) == software_family(b.oncology_information_system) is not None
        )
        grouped = a.legal_group is not None and a.legal_group == b.legal_group and hosted == {"group"}
        if same and (grouped or hosted == {"vendor"}) and not set(a.information_systems) & set(b.information_systems):
            text = msg(
                "{a} and {b}: same hosted record-and-verify system, and no shared server declared", a=a.id, b=b.id
            )
            yield Contradiction((a.id, b.id), text)
    for system in network.information_systems:
        members = [centre.id for centre in network.centres if system.id in centre.information_systems]
        if len(members) == 1:
            text = msg(
                "{system}: declared shared by {centre} alone", system=system.label or system.id, centre=members[0]
            )
            yield Contradiction((members[0],), text)


def _dates(network: Network, today: date) -> Iterator[Contradiction]:
    for convention in network.conventions:
        if convention.signed_on and convention.signed_on > today:
            a, b = convention.between
            text = msg("{a} and {b}: convention signed on a day to come", a=a, b=b)
            yield Contradiction((a, b), text)
