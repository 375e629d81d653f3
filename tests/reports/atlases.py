"""A hand-made atlas: every fall of a network, its patients shared out among the nearest centres. Enough to print, no solution."""

from __future__ import annotations

from datetime import datetime
from itertools import combinations
from typing import TYPE_CHECKING, Any

from tests.factories import make_network
from transfer_planner.domain.atlas import (
    Atlas,
    Binding,
    Contingency,
    ContingencySummary,
    ConventionToSign,
    DestinationUse,
    Findings,
    Flow,
    Interval,
    IsolatedCentre,
    Isolation,
    Measure,
    MeasureRule,
    Outcome,
    PairToMatch,
    Parameters,
    Proof,
    RankTally,
    Reach,
    RosterSource,
    SinglePoint,
    StaffPerLinac,
    TierOutcome,
    TravelSummary,
    UnabsorbableCentre,
)
from transfer_planner.domain.plan import InputFile, Software
from transfer_planner.domain.scenario import PARIS, DataRecovery, OutageDays, Surge
from transfer_planner.io.reference import read_policy
from transfer_planner.network.graph import build_network
from transfer_planner.network.mirrors import destinations_of
from transfer_planner.stress.settings import read_settings

if TYPE_CHECKING:
    from transfer_planner.domain.centre import Network
    from transfer_planner.network.mirrors import Destination

CREATED_AT = datetime(2026, 3, 2, 9, 15, tzinfo=PARIS)
SHARES = ((1, 0.2), (2, 0.25), (3, 0.25), (4, 0.2), (5, 0.1))
ROOM = 22
"""Patients that a linac of a destination takes."""


def interval(*values: float) -> Interval:
    """Return the interval of some values."""
    return Interval(low=min(values), mean=sum(values) / len(values), high=max(values), seeds=len(values))


def make_atlas(network: Network | None = None, seeds: tuple[int, ...] = (0, 1, 2), **changes: Any) -> Atlas:
    """Return an atlas of a network, that of the factory by default."""
    network = network or make_network()
    ways = _ways(network)
    contingencies = _contingencies(network)
    outcomes = tuple(_outcome(network, ways, fall, seed) for fall in contingencies for seed in seeds)
    file = InputFile(path="centres.yaml", sha256="5f" * 32)
    rosters = (
        RosterSource(centre_id=c.id, real=False, patients=interval(*(_patients(network, c.id, seed) for seed in seeds)))
        for c in network.centres
    )
    base: dict[str, Any] = {
        "software": Software(version="0.1.0"),
        "created_at": CREATED_AT,
        "attack_date": CREATED_AT.date(),
        "region": network.region,
        "fictitious": network.fictitious,
        "network_sha256": "a4" * 32,
        "centres": file,
        "rosters": tuple(rosters),
        "seeds": seeds,
        "parameters": Parameters(
            attack_at=CREATED_AT,
            outage_days=OutageDays(low=7, likely=14, high=28),
            data_recovery=DataRecovery(dicom_after_h=48, paper_after_h=4),
            surge=Surge(evening=True, saturday=True),
            agency_led=True,
            redeployment=StaffPerLinac(physics_fte=0.5, oncologists=0.25, from_day=2),
            horizon_days=28,
            compensation=("saturday",),
            policy_sha256="ab" * 32,
            pairs=True,
            measures={"physics": MeasureRule(step=1, steps=8, cost_hours=1)},
            isolation=Isolation(limit_min=60, fewer_than=2),
        ),
        "contingencies": contingencies,
        "outcomes": outcomes,
        "summaries": tuple(_summary(fall.id, [o for o in outcomes if o.contingency_id == fall.id]) for fall in contingencies),
        "notes": read_settings().notes,
        "findings": _findings(network, ways, outcomes),
    }  # fmt: skip
    return Atlas.model_validate(base | changes)


def _ways(network: Network) -> dict[str, list[Destination]]:
    graph = build_network(network, read_policy().travel_model)
    return {centre.id: destinations_of(graph, centre.id) for centre in network.centres}


def _contingencies(network: Network) -> tuple[Contingency, ...]:
    ids = [centre.id for centre in network.centres]
    names = {centre.id: centre.name or centre.id for centre in network.centres}
    alone = [
        Contingency(id=f"centre:{i}", kind="centre", centre_ids=(i,), title={"fr": names[i], "en": names[i]})
        for i in sorted(ids)
    ]
    pairs = [
        Contingency(
            id=f"pair:{a}+{b}", kind="pair", centre_ids=(a, b), title=dict.fromkeys(("fr", "en"), f"{names[a]} + {names[b]}")
        )
        for a, b in combinations(sorted(ids), 2)
    ]  # fmt: skip
    third = tuple(sorted(ids[:3]))
    system = Contingency(
        id="domain:shared-is", kind="domain", centre_ids=third, title={"fr": "SI partagé", "en": "Shared IS"}
    )
    two = tuple(sorted(ids[:2]))
    group = Contingency(
        id="group:g",
        kind="group",
        centre_ids=two,
        title={"fr": "Groupe G", "en": "Group G"},
        also=(f"pair:{two[0]}+{two[1]}",),
    )
    half = tuple(sorted(ids[::2]))
    cloud = Contingency(id="software:aria", kind="software", centre_ids=half, title={"fr": "ARIA", "en": "ARIA"})
    kept = [pair for pair in pairs if pair.centre_ids != two]
    return (*alone, system, group, cloud, *kept)  # fmt: skip


def _patients(network: Network, centre_id: str, seed: int) -> int:
    centre = network.centre(centre_id)
    return 18 + 16 * max(1, len(centre.linacs)) + (7 * seed + len(centre_id)) % 9


def _outcome(network: Network, ways: dict[str, list[Destination]], fall: Contingency, seed: int) -> Outcome:
    """Return what becomes of a fall: the nearest centres first, as many patients as they have room for."""
    if fall.id == "software:aria" and seed == 2:
        return Outcome(
            contingency_id=fall.id, seed=seed, status="failed", code="no_plan", fingerprint="0" * 64, wall_s=0.1,
            message={"fr": "aucun plan trouvé dans le temps imparti", "en": "no plan found within the time"},
        )  # fmt: skip
    room = {c.id: ROOM * len(c.linacs) - 5 * seed for c in network.centres if c.id not in fall.centre_ids}
    start = dict(room)
    flows = []
    waiting = 0
    for home in fall.centre_ids:
        left = _patients(network, home, seed)
        for way in ways[home]:
            taken = min(left, room.get(way.centre_id, 0), 3 + left // 3)
            if taken > 0 and way.minutes <= 90:
                room[way.centre_id] -= taken
                left -= taken
                flows.append(_flow(home, way, taken))
        waiting += left
    patients = sum(_patients(network, home, seed) for home in fall.centre_ids)
    ranks = _ranks(patients, waiting)
    minutes = sorted(flow.median_travel_min for flow in flows for _ in range(flow.patients))
    excess = [tally.excess_tenths for tally in ranks]
    tiers = tuple(TierOutcome(id=f"T{n}", value=value, bound=value, met=True) for n, value in enumerate(excess, 1))
    received: dict[str, list[Flow]] = {}
    for flow in flows:
        received.setdefault(flow.destination_id, []).append(flow)
    full = [centre for centre in received if room[centre] == 0]
    return Outcome(
        contingency_id=fall.id,
        seed=seed,
        status="planned",
        fingerprint="0" * 64,
        wall_s=1.5,
        patients=patients,
        on_treatment=patients - patients // 6,
        not_planned=0,
        ranks=ranks,
        tiers=(*tiers, TierOutcome(id="T6", value=4000 * patients, bound=0, met=False)),
        precise=True,
        travel=TravelSummary(median_min=minutes[len(minutes) // 2], p90_min=minutes[-1], max_min=minutes[-1]) if minutes else None,
        flows=tuple(flows),
        destinations=tuple(
            DestinationUse(
                centre_id=centre,
                patients=sum(flow.patients for flow in those),
                physics_hours=sum(flow.physics_hours for flow in those),
                physics_hours_available=150.0,
                peak_minutes_share=1 - room[centre] / start[centre],
            )
            for centre, those in received.items()
        ),
        binding=tuple(
            Binding(rule=("H05", "H07", "H06")[at % 3], centre_id=centre, days_full=6 + at, kept_out=max(1, waiting - at))
            for at, centre in enumerate(full)
        ) if waiting else (),
    )  # fmt: skip


def _flow(home: str, way: Destination, patients: int) -> Flow:
    grade = min((pair.grade for pair in way.grades.values()), default="G3")
    other = "G4" if grade != "G4" else "G3"
    by_grade = {grade: patients - patients // 4} | ({other: patients // 4} if patients >= 4 else {})
    return Flow(
        home_id=home,
        destination_id=way.centre_id,
        patients=patients,
        by_grade=by_grade,
        by_rank={2: patients},
        median_travel_min=way.minutes,
        min_travel_min=way.minutes - 6,
        max_travel_min=way.minutes + 9,
        physics_hours=3.0 * patients,
        convention=way.convention,
        days_lost=0 if way.convention else patients / 2,
    )


def _ranks(patients: int, waiting: int) -> tuple[RankTally, ...]:
    """Share patients and waits among the ranks, the last ranks wait first."""
    tallies = []
    left, to_wait = patients, waiting
    for rank, share in reversed(SHARES):
        here = left if rank == 1 else min(left, round(patients * share))
        waits = min(here, to_wait)
        over = (here - waits) // 12
        late = waits if rank < 4 else waits // 2
        left, to_wait = left - here, to_wait - waits
        tallies.append(
            RankTally(
                rank=rank, patients=here, within=here - waits - over, over=over, waiting=waits, waiting_over=late,
                excess_tenths=20 * (over + late),
            )
        )  # fmt: skip
    return tuple(reversed(tallies))


def _summary(contingency_id: str, outcomes: list[Outcome]) -> ContingencySummary:
    done = [o for o in outcomes if o.status == "planned"]

    def over(figure: str) -> Interval | None:
        return interval(*(sum(getattr(tally, figure) for tally in o.ranks) for o in done)) if done else None

    excess = [sum(tally.excess_tenths for tally in o.ranks) / 10 for o in done]
    return ContingencySummary(
        contingency_id=contingency_id,
        planned=len(done),
        failed=len(outcomes) - len(done),
        patients=over("patients"),
        within=over("within"),
        over=over("over"),
        waiting=over("waiting"),
        waiting_over=over("waiting_over"),
        excess_days=interval(*excess) if done else None,
        median_travel_min=interval(*(o.travel.median_min for o in done if o.travel)) if any(o.travel for o in done) else None,
    )  # fmt: skip


def _findings(network: Network, ways: dict[str, list[Destination]], outcomes: tuple[Outcome, ...]) -> Findings:
    ids = sorted(centre.id for centre in network.centres)
    first, second, third = ids[:3]
    machines = {centre.id: centre.linacs[0].id for centre in network.centres if centre.linacs}
    proof = Proof(
        contingency_id=f"centre:{first}",
        seed=0,
        before=(20, 40, 60, 0, 0, 400000),
        least=(20, 40, 50, 0, 0, 300000),
        after=(0, 0, 20, 0, 0, 390000),
    )
    broken = [
        (
            home,
            [
                sum(t.over + t.waiting_over for t in o.ranks if t.rank <= 3)
                for o in outcomes
                if o.contingency_id == f"centre:{home}"
            ],
        )
        for home in ids
    ]
    worst = sorted(((home, late) for home, late in broken if any(late)), key=lambda row: -max(row[1]))
    return Findings(
        conventions=tuple(
            ConventionToSign(
                between=(a, b), contingencies=24 - 3 * at, patients=interval(180 - 20 * at, 220 - 20 * at),
                days_lost=interval(60 - 9 * at, 96 - 9 * at), proof=proof if at < 2 else None,
            )
            for at, (a, b) in enumerate(list(combinations(ids, 2))[:5])
        ),
        matches=(
            PairToMatch(
                linac_ids=(machines[first], machines[third]), centre_ids=(first, third), contingencies=19,
                patients=interval(80, 96), physics_hours_saved=interval(240, 300), proof=proof,
            ),
            PairToMatch(
                linac_ids=(machines[second], machines[third]), centre_ids=(second, third), contingencies=12,
                patients=interval(40, 44), physics_hours_saved=interval(90, 130),
            ),
        ),
        unabsorbable=tuple(
            UnabsorbableCentre(
                centre_id=home, seeds=sum(n > 0 for n in late), proven_seeds=1 if at == 0 else 0,
                excess_days=interval(*(2.0 * n for n in late)), patients_over=interval(*late),
                measures=(Measure(kind="physics", centre_id=ways[home][0].centre_id, amount=2.0), Measure(kind="evening", centre_id=ways[home][1].centre_id, amount=60)) if at < 2 else (),
                cost_hours=5.5 if at < 2 else None, absorbed_seeds=3 if at == 0 else 1 if at == 1 else 0,
                remaining_days=interval(0, 0, 2.0 * at) if at < 2 else None, proofs=(proof,) if at < 2 else (),
            )
            for at, (home, late) in enumerate(worst)
        ),
        single_points=(
            SinglePoint(capability="paediatrics", centre_id=first, assumed=False, patients=interval(2, 4)),
            SinglePoint(capability="HELICAL", centre_id=second, assumed=True, unknown_at=(third,), patients=None),
        ),
        isolated=(
            IsolatedCentre(
                centre_id=third, limit_min=60, within_reach=(Reach(centre_id=first, minutes=48),),
                nearest=Reach(centre_id=first, minutes=48),
            ),
            IsolatedCentre(centre_id=second, limit_min=60, within_reach=(), nearest=Reach(centre_id=first, minutes=75)),
        ),
    )  # fmt: skip
