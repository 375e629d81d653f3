"""An atlas is the same whoever works, and what it advises holds when it is solved again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.stress.regions import centre, region
from transfer_planner.domain.atlas import Atlas, Proof
from transfer_planner.domain.plan import InputFile
from transfer_planner.domain.scenario import PARIS
from transfer_planner.errors import DataError
from transfer_planner.stress.atlas import make_atlas, work
from transfer_planner.stress.crews import crew
from transfer_planner.stress.findings import Pairs
from transfer_planner.stress.inputs import AtlasInputs
from transfer_planner.stress.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from transfer_planner.stress.region import Region

SHARED = {"information_systems": ["north"]}


def small() -> Region:
    """Return four centres, two on one system, one with all the children, one far away and busy."""
    return region(
        centre("alpha", paediatrics=True, **SHARED, activity={"sessions_per_year": 4_000}),
        centre("beta", paediatrics=None, physics_hours_per_day=1.0, **SHARED),
        centre("gamma", paediatrics=False, physics_hours_per_day=2.0),
        centre("delta", paediatrics=False, activity=None),
        information_systems=[{"id": "north"}],
    )


def made(place: Region, file: Path, *, pairs: bool = True, workers: int = 1, function: Any = work) -> Atlas:
    steps: list[tuple[str, int, int]] = []
    with Store(file) as store, crew(place, function, workers=workers) as workforce:
        atlas = make_atlas(
            AtlasInputs(place, InputFile(path="centres.yaml", sha256="0"), ()),
            seeds=(0, 1),
            pairs=pairs,
            crew=workforce,
            store=store,
            step=lambda stage, done, of: steps.append((stage.source, done, of)),
            created_at=datetime(2026, 1, 5, tzinfo=PARIS),
        )
    assert {of - done for _, done, of in {stage: (stage, done, of) for stage, done, of in steps}.values()} == {0}
    return atlas


def figures(atlas: Atlas) -> dict[str, Any]:
    content = atlas.model_dump()
    for outcome in content["outcomes"]:
        del outcome["wall_s"]
    return content


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    return made(small(), tmp_path_factory.mktemp("atlas") / "store")


def test_workers_make_the_same_atlas(atlas: Atlas, tmp_path: Path) -> None:
    """Two processes and one agree on every figure, whatever the order in which they finish."""
    assert figures(made(small(), tmp_path / "store", workers=2)) == figures(atlas)


def test_what_is_kept_is_the_atlas(atlas: Atlas, tmp_path: Path) -> None:
    """A sweep without pairs is a part of the whole one, taken over as it is; the whole one then equals one made at once."""
    part = made(small(), tmp_path / "store", pairs=False)
    whole = made(small(), tmp_path / "store")
    kept = {outcome.fingerprint: outcome for outcome in part.outcomes}
    assert all(kept.get(outcome.fingerprint, outcome) == outcome for outcome in whole.outcomes)
    assert figures(whole) == figures(atlas)


def test_a_change_of_the_network_is_never_mixed_with_results_of_before(atlas: Atlas, tmp_path: Path) -> None:
    """With another centre's hours every outcome is worked out again; back as it was, the first ones are found again."""
    first = made(small(), tmp_path / "store", pairs=False)
    centres = [one.model_copy(update={"physics_hours_per_day": 8.0}) for one in small().network.centres]
    other = small()
    changed = type(other)(
        other.network.model_copy(update={"centres": tuple(centres)}), other.policy, other.crisis, {}, {}
    )
    second = made(changed, tmp_path / "store", pairs=False)
    assert not {one.fingerprint for one in first.outcomes} & {one.fingerprint for one in second.outcomes}
    assert made(small(), tmp_path / "store", pairs=False) == first
    del atlas


def test_everything_has_its_interval_and_failures_their_words(atlas: Atlas) -> None:
    """Each contingency has two seeds, or has failed at both; a failure has no figure."""
    for summary in atlas.summaries:
        fails = "delta" in next(one.centre_ids for one in atlas.contingencies if one.id == summary.contingency_id)
        assert (summary.planned, summary.failed) == ((0, 2) if fails else (2, 0))
        assert (summary.patients is None) == fails
        if summary.patients is not None:
            assert summary.patients.seeds == 2
    assert {source.centre_id for source in atlas.rosters} == {"alpha", "beta", "gamma"}
    assert Atlas.model_validate_json(atlas.model_dump_json()) == atlas


def test_advice_is_proven_where_it_weighs_most(atlas: Atlas) -> None:
    """A proof starts from the outcome it names, and what it reaches is never worse: its first plan is that outcome's."""
    known = {(one.contingency_id, one.seed): tuple(t.value for t in one.tiers) for one in atlas.outcomes}
    proofs = [one.proof for one in (*atlas.findings.conventions, *atlas.findings.matches) if one.proof]
    assert proofs
    for proof in (*proofs, *(proof for one in atlas.findings.unabsorbable for proof in one.proofs)):
        assert proof.before == known[proof.contingency_id, proof.seed]
        assert proof.after[:5] <= proof.before[:5]
    assert any(proof.after < proof.before for proof in proofs)


def test_advice_is_proven_where_gains_can_be_told_from_luck(atlas: Atlas) -> None:
    """On a plan close to its bound rather than on one that may be far from it, however much the convention weighs there."""
    outcome = next(one for one in atlas.outcomes if one.flows)
    pairs = Pairs()
    for name, lost, precise in (("pair:a+c", 90.0, False), ("centre:a", 4.0, True), ("pair:a+d", 7.0, True)):
        flow = outcome.flows[0].model_copy(update={"days_lost": lost, "convention": False})
        pairs.add(outcome.model_copy(update={"contingency_id": name, "flows": (flow,), "precise": precise}))
    [(_, where)] = pairs.conventions_first(5)
    assert where.contingency_id == "pair:a+d"


def test_losses_that_cannot_be_absorbed_have_measures(atlas: Atlas) -> None:
    """Alpha has most patients and its neighbours few hours: physics hours are what helps, and less is left with them."""
    worst = atlas.findings.unabsorbable[0]
    assert worst.centre_id == "alpha"
    assert worst.proven_seeds > 0
    assert {measure.kind for measure in worst.measures} >= {"physics"}
    assert worst.remaining_days is not None
    assert worst.remaining_days.mean < worst.excess_days.mean
    assert worst.cost_hours is not None
    assert worst.cost_hours > 0


def test_single_points_and_isolated_centres(atlas: Atlas) -> None:
    """One centre is known to treat children, another does not say; the centre by the sea has nobody within an hour."""
    children = next(one for one in atlas.findings.single_points if one.capability == "paediatrics")
    assert (children.centre_id, children.unknown_at) == ("alpha", ("beta",))
    assert children.patients is not None
    assert children.patients.seeds == 2
    far = next(one for one in atlas.findings.isolated if one.centre_id == "delta")
    assert far.within_reach == ()
    assert far.nearest is not None
    assert far.nearest.minutes > far.limit_min


def test_centres_of_one_system_do_not_help_each_other() -> None:
    """A neighbour on the same system falls too: it does not count as within reach, and receives nobody."""
    place = small()
    from transfer_planner.stress.findings import isolated
    from transfer_planner.stress.settings import read_settings

    alpha = next(one for one in isolated(place, read_settings().isolation) if one.centre_id == "alpha")
    assert "beta" not in {reach.centre_id for reach in alpha.within_reach}


def test_results_of_another_version_are_refused(tmp_path: Path) -> None:
    """What a worker of another version gives back bears another fingerprint: the run stops, nothing is mixed."""

    def elsewhere(place: Region, task: Any) -> Any:
        return work(place, task).model_copy(update={"fingerprint": "other"})

    with pytest.raises(DataError) as caught:
        made(small(), tmp_path / "store", pairs=False, function=elsewhere)
    assert caught.value.findings[0].code == "other_version"


@pytest.mark.parametrize(
    ("before", "least", "after", "proven"),
    [
        ((0, 0, 40), (0, 0, 30), (0, 0, 20), True),
        ((0, 0, 40), (0, 0, 30), (0, 0, 30), False),  # a longer search might find 30 without the measure
        ((0, 20, 40), (0, 20, 40), (0, 10, 90), True),  # an upper tier decides
        ((0, 20, 40), (0, 10, 40), (0, 10, 0), False),  # the bound of the third tier holds with 20 in the second only
        ((0, 0, 40), (0, 0, 40), (0, 10, 0), False),
        ((0, 0, 40), (0, 0, 40), (0, 0, 40), False),
        ((0, 0, 40), (), (0, 0, 0), False),  # an atlas made before bounds were kept
    ],
)
def test_a_gain_is_proven_below_the_bound_without_the_measure(
    before: tuple[int, ...], least: tuple[int, ...], after: tuple[int, ...], *, proven: bool
) -> None:
    """What is found with a measure must be better than any plan without it, in the order of the tiers."""
    found = Proof(contingency_id="centre:a", seed=0, before=before, least=least, after=after)
    assert found.proven is proven
