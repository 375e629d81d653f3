"""The words of the atlas: intervals, falls, what binds, measures, proofs, parameters, reservations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transfer_planner.i18n import Message, msg
from transfer_planner.reports import words
from transfer_planner.reports.furniture import CAPACITY, EXERCISE
from transfer_planner.reports.map_facts import short_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transfer_planner.domain.atlas import (
        Atlas,
        Capability,
        ContingencyKind,
        Interval,
        Measure,
        MeasureKind,
        Outcome,
        Parameters,
        Proof,
    )
    from transfer_planner.domain.centre import Centre, Network
    from transfer_planner.i18n import Language
    from transfer_planner.reports.atlas_facts import AtlasFacts, Fall

Table = dict[str, Any]
"""Headings under `heads`, cells under `rows`."""
INVENTED = msg("INVENTED PATIENTS")
"""Said when some roster of the atlas is synthetic."""

KINDS: dict[ContingencyKind, Message] = {
    "centre": msg("Centre"),
    "domain": msg("Shared information system"),
    "group": msg("Legal group"),
    "software": msg("Software everywhere at once"),
    "pair": msg("Pair of centres"),
}
RULES: dict[str, Message] = {
    "H05": msg("minutes of the linacs"),
    "H05C": msg("minutes declared for the centre"),
    "H06": msg("new patients a day"),
    "H07": msg("physics hours"),
    "H08": msg("CT-simulator slots"),
}
CAPABILITIES: dict[Capability, Message] = {
    "paediatrics": msg("patients under 18"),
    "anaesthesia": msg("treatment under anaesthesia"),
    "chemotherapy": msg("concurrent chemotherapy"),
    "brachytherapy": msg("brachytherapy"),
    "TBI": msg("total-body irradiation (TBI)"),
    "TSEI": msg("total-skin electrons (TSEI)"),
    "CSI": msg("craniospinal irradiation (CSI)"),
    "HELICAL": msg("helical delivery"),
    "SRS": msg("radiosurgery (SRS)"),
    "SBRT": msg("extracranial stereotaxy (SBRT)"),
    "ELECTRONS": msg("electrons"),
}
MEASURES: dict[MeasureKind, Message] = {
    "evening": msg("{centre}: {n} min more a linac in the evening"),
    "physics": msg("{centre}: {n} physics h more a day"),
    "simulator": msg("{centre}: {n} CT-simulator slots more a day"),
    "starts": msg("{centre}: {n} new patients more a day"),
}
MEASURE_NAMES: dict[MeasureKind, Message] = {
    "evening": msg("Measure: minutes more a linac in the evening"),
    "physics": msg("Measure: physics hours more a day"),
    "simulator": msg("Measure: CT-simulator slots more a day"),
    "starts": msg("Measure: new patients more a day"),
}


FEW = 10
"""Below this a mean keeps a decimal."""


def figure(value: Interval, lang: Language, digits: int = 0) -> str:
    """Return a figure with its interval: `12 (9–15)`, the mean first; one number where all draws agree."""
    low, high = (words.number(one, lang, digits) for one in (value.low, value.high))
    if low == high:
        return low
    mean = words.number(value.mean, lang, max(digits, 1) if value.high < FEW else digits)
    return f"{mean} ({low}–{high})"


def ends(value: Interval | None, lang: Language, digits: int = 0) -> str:
    """Return an interval alone: `9–15`, or one number; a dash when there is none."""
    if value is None:
        return "–"
    low, high = (words.number(one, lang, digits) for one in (value.low, value.high))
    return low if low == high else f"{low}–{high}"


def maybe(value: Interval | None, lang: Language, digits: int = 0) -> str:
    """Return a figure, or a dash when there is none."""
    return "–" if value is None else figure(value, lang, digits)


def percents(value: Interval, lang: Language) -> str:
    """Return shares as percents: `80–95 %`."""
    low, high = (words.number(100 * one, lang, 0) for one in (value.low, value.high))
    return f"{low if low == high else f'{low}–{high}'}{words.PERCENT[lang]}"


def centre_short(centre: Centre, most: int = 40) -> str:
    """Return the name of a centre on one line, with its town when the name does not tell it and there is room."""
    name = short_name(centre.name or centre.id)
    town = centre.commune if centre.commune and centre.commune not in name else ""
    whole = f"{name}, {town}" if town and len(name) + len(town) + 2 <= most else name
    return whole if len(whole) <= most else whole[: most - 1].rstrip() + "…"


def known_name(network: Network, centre_id: str) -> str:
    """Return the name of a centre, or its id when the network no longer has it."""
    return next((centre_short(centre) for centre in network.centres if centre.id == centre_id), centre_id)


def fall_name(network: Network, fall: Fall, lang: Language, kind: ContingencyKind | None = None) -> str:
    """Return what falls, in words; as a case of a kind when the same centres bear several names."""
    one = fall.contingency
    wanted = kind or one.kind
    if wanted in {"centre", "pair"}:
        return stopped(network, fall)
    if wanted == one.kind:
        said = one.title.get(lang) or one.title.get("fr") or one.id
        return said[:1].upper() + said[1:]
    own = next((name for name in one.also if name.startswith(f"{wanted}:")), one.id)
    return f"{own.split(':', 1)[1]} ({stopped(network, fall)})"


def stopped(network: Network, fall: Fall) -> str:
    """Return the names of the centres that stop."""
    return " + ".join(known_name(network, centre_id) for centre_id in fall.contingency.centre_ids)


def failure(outcome: Outcome, lang: Language) -> str:
    """Say why an outcome has no figure."""
    said = (outcome.message or {}).get(lang) or next(iter((outcome.message or {}).values()), "")
    told = msg("draw {seed}: {why}", seed=outcome.seed, why=said) if said else msg("draw {seed}", seed=outcome.seed)
    return told.text(lang)


def measure(network: Network, one: Measure, lang: Language) -> str:
    """Say a measure."""
    amount = words.number(one.amount, lang)
    return Message(MEASURES[one.kind].source, {"centre": known_name(network, one.centre_id), "n": amount}).text(lang)


def proof(one: Proof | None, facts: AtlasFacts, lang: Language) -> str:
    """Say what solving again showed: days beyond tolerance of ranks 1 to 3, or of all when those gain nothing."""
    if one is None:
        return msg("not solved again").text(lang)
    fall = facts.by_id.get(one.contingency_id)
    what = fall_name(facts.network, fall, lang) if fall else one.contingency_id
    first = one.before[:3] != one.after[:3]
    ranks, label = (3, msg("P1–P3")) if first else (5, msg("P1–P5"))
    before, after = sum(one.before[:ranks]), sum(one.after[:ranks])
    values = {"ranks": label, "what": what, "seed": one.seed}
    if before == after:
        return msg("{what}, draw {seed}: no day gained", **values).text(lang)
    days = {"before": words.number(before / 10, lang), "after": words.number(after / 10, lang)}
    if before < after:
        return msg("{what}, draw {seed}: no gain found ({before} → {after} days, {ranks})", **values, **days).text(lang)
    if not one.proven:
        return msg(
            "{what}, draw {seed}: {before} → {after} days, perhaps without it too: not proven ({ranks})",
            **values,
            **days,
        ).text(lang)
    return msg("{what}, draw {seed}: {before} → {after} days beyond tolerance ({ranks})", **values, **days).text(lang)


def reservations(facts: AtlasFacts) -> tuple[Message, ...]:
    """Return what every reader must know before trusting a page, gravest first."""
    found = []
    if facts.atlas.fictitious or facts.network.fictitious:
        found.append(EXERCISE)
    if any(not roster.real for roster in facts.atlas.rosters):
        found.append(INVENTED)
    if not facts.capacity_told:
        found.append(CAPACITY)
    return tuple(found)


def footer(facts: AtlasFacts, lang: Language) -> str:
    """Return edition time, version and the fingerprints of what the atlas was made from."""
    atlas = facts.atlas
    return msg(
        "Atlas edited {when} · {name} {version} · network {network} · policy {policy} · draws {seeds}",
        when=words.moment(atlas.created_at, lang),
        name=atlas.software.name,
        version=atlas.software.version,
        network=atlas.network_sha256[:8],
        policy=atlas.parameters.policy_sha256[:8],
        seeds=seeds(atlas.seeds),
    ).text(lang)


def seeds(numbers: Iterable[int]) -> str:
    """Return seeds in as few signs as they allow: `0–4`."""
    found = sorted(numbers)
    run = len(found) > 2 and found == list(range(found[0], found[-1] + 1))
    return f"{found[0]}–{found[-1]}" if run else ", ".join(map(str, found))


def furniture(facts: AtlasFacts, running: str, lang: Language) -> dict[str, Any]:
    """Return the furniture of a document, as `style.typ` expects it."""
    texts = words.texts(reservations(facts), lang)
    return {
        "running": running,
        "footer": footer(facts, lang),
        "watermark": "\n".join(texts),
        "reservations": texts,
        "unconfirmed": assumed_share(facts, lang),
    }


def assumed_share(facts: AtlasFacts, lang: Language) -> str:
    """Say which share of the capacity figures nobody has told."""
    known = facts.known_capacity()

    def share(*names: Any) -> str:
        return words.percent(sum(known.get(name, 0) for name in names), lang, 0)

    return msg(
        "Capacity figures: {told} declared or published, {derived} derived, {assumed} assumed, {fictitious} fictitious, {unknown} unknown",
        told=share("declared", "sourced"),
        derived=share("derived"),
        assumed=share("assumed", "unstated"),
        fictitious=share("fictitious"),
        unknown=share("unknown"),
    ).text(lang)


def title(atlas: Atlas, lang: Language) -> str:
    """Return the title of the atlas."""
    where = atlas.region or msg("the network").text(lang)
    return msg("Atlas of outages – {where}", where=where).text(lang)


def parameter_rows(one: Parameters, lang: Language) -> list[list[str]]:
    """Return the crisis supposed at every contingency: what, how much."""
    yes, no = msg("yes").text(lang), msg("no").text(lang)

    def hours(value: float | None) -> str:
        return msg("never").text(lang) if value is None else msg("{n} h", n=words.number(value, lang)).text(lang)

    outage, back = one.outage_days, one.data_recovery
    rows: list[tuple[Message, str]] = [
        (msg("Attack"), words.moment(one.attack_at, lang)),
        (
            msg("Outage: short, likely, long"),
            msg("{low}, {likely} and {high} days", low=outage.low, likely=outage.likely, high=outage.high).text(lang),
        ),
        (msg("DICOM data back after"), hours(back.dicom_after_h)),
        (msg("Paper records back after"), hours(back.paper_after_h)),
        (msg("Evening extension at the destinations"), yes if one.surge.evening else no),
        (msg("Saturday sessions"), yes if one.surge.saturday else no),
        (msg("Lodging near a distant centre"), yes if one.surge.lodging else no),
        (msg("The health agency leads (agreement in 1 day)"), yes if one.agency_led else no),
        (
            msg("Staff redeployed for each linac that stopped"),
            msg(
                "{fte} physics FTE, {oncologists} oncologist, from day {day}",
                fte=words.number(one.redeployment.physics_fte, lang, 2),
                oncologists=words.number(one.redeployment.oncologists, lang, 2),
                day=one.redeployment.from_day,
            ).text(lang),
        ),
        (msg("Starts within"), words.days(one.horizon_days, lang)),
        (
            msg("Compensation allowed"),
            ", ".join(words.COMPENSATIONS[mode].text(lang) for mode in one.compensation)
            or words.COMPENSATIONS["none"].text(lang),
        ),
        (msg("Every pair examined"), yes if one.pairs else no),
        (
            msg("Isolated"),
            msg(
                "fewer than {n} other centres within {minutes} min",
                n=one.isolation.fewer_than,
                minutes=one.isolation.limit_min,
            ).text(lang),
        ),
        (msg("Policy, fingerprint"), one.policy_sha256[:12]),
    ]
    rows += [
        (
            MEASURE_NAMES[kind],
            msg(
                "by steps of {step}, at most {most} steps; a step costs {hours} staff hours a day",
                step=words.number(rule.step, lang),
                most=rule.steps,
                hours=words.number(rule.cost_hours, lang),
            ).text(lang),
        )
        for kind, rule in one.measures.items()
    ]
    return [[label.text(lang), value] for label, value in rows]
