"""Two atlases compared: better and worse only where the draws say so, parameters that differ told, nothing invented."""

from __future__ import annotations

import re

import pytest

from tests.factories import make_network
from tests.reports.atlases import interval, make_atlas
from tests.reports.pages import collisions, outside
from transfer_planner.domain.scenario import OutageDays
from transfer_planner.errors import DataError
from transfer_planner.reports.atlas_compare import VERDICTS, Comparison, check_comparable
from transfer_planner.reports.atlas_compare_pages import change_svg, comparison_html, comparison_pdf, warnings

HOME = "centre:dentellieres"


@pytest.fixture(scope="module")
def atlas():
    return make_atlas(make_network())


def changed(atlas, name, days, **update):
    """Return an atlas in which each draw of a case has other days and patients beyond tolerance at P1."""

    def other(outcome, amount):
        first, *rest = outcome.ranks
        over = first.over + amount
        ranks = (
            first.model_copy(
                update={
                    "over": over,
                    "within": first.within - amount,
                    "excess_tenths": first.excess_tenths + 20 * amount,
                }
            ),
            *rest,
        )
        value = outcome.tiers[0].value + 20 * amount
        tiers = (outcome.tiers[0].model_copy(update={"value": value, "bound": value}), *outcome.tiers[1:])
        return outcome.model_copy(update={"ranks": ranks, "tiers": tiers})

    outcomes = tuple(other(o, days[o.seed]) if o.contingency_id == name else o for o in atlas.outcomes)
    return atlas.model_copy(update={"outcomes": outcomes, **update})


def verdicts(before, after):
    return {case.contingency.id: case.verdict for case in Comparison(before, after).cases()}


def test_an_atlas_does_not_differ_from_itself(atlas):
    found = verdicts(atlas, atlas)
    assert set(found) == {one.id for one in atlas.contingencies}
    assert set(found.values()) == {"same"}
    assert Comparison(atlas, atlas).parameters("fr") == []


@pytest.mark.parametrize(
    ("days", "verdict"),
    [
        ((1, 2, 1), "worse"),
        ((-1, -1, -1), "better"),
        ((1, 0, 1), "blurred"),
        ((2, -1, 1), "blurred"),
        ((0, 0, 0), "same"),
    ],
)
def test_with_the_same_patients_every_draw_must_agree(atlas, days, verdict):
    found = verdicts(atlas, changed(atlas, HOME, days))
    assert found.pop(HOME) == verdict
    assert set(found.values()) == {"same"}
    case = next(c for c in Comparison(atlas, changed(atlas, HOME, days)).cases() if c.contingency.id == HOME)
    assert case.figures["beyond_first"].gap == interval(*days)


@pytest.mark.parametrize(("days", "verdict"), [((1, 2, 1), "worse"), ((1, 0, 1), "blurred")])
def test_with_other_patients_the_intervals_must_not_meet(atlas, days, verdict):
    """All draws of the case have the same figure before; one that stays there is enough for doubt."""
    after = changed(atlas, HOME, days, attack_date=atlas.attack_date.replace(year=2027))
    case = next(c for c in Comparison(atlas, after).cases() if c.contingency.id == HOME)
    assert case.figures["beyond_first"].gap is None
    assert case.figures["beyond_first"].verdict == verdict


def test_what_the_solver_leaves_open_is_no_difference(atlas):
    worse = changed(atlas, HOME, (1, 1, 1))
    loose = tuple(
        o.model_copy(update={"tiers": (o.tiers[0].model_copy(update={"bound": 0}), *o.tiers[1:])})
        if o.contingency_id == HOME
        else o
        for o in worse.outcomes
    )
    change = next(
        c for c in Comparison(atlas, worse.model_copy(update={"outcomes": loose})).cases() if c.contingency.id == HOME
    )
    assert change.figures["beyond_first"].verdict == "blurred"
    assert verdicts(atlas, worse)[HOME] == "worse"


def test_a_single_draw_tells_nothing_apart():
    one = make_atlas(make_network(), seeds=(0,))
    assert verdicts(one, changed(one, HOME, {0: 3}))[HOME] == "blurred"
    assert verdicts(one, one)[HOME] == "same"


def test_failed_new_and_gone_cases_are_told_as_such(atlas):
    lost = tuple(
        o.model_copy(update={"status": "failed", "ranks": (), "patients": None}) if o.contingency_id == HOME else o
        for o in atlas.outcomes
    )
    assert verdicts(atlas, atlas.model_copy(update={"outcomes": lost}))[HOME] == "unknown"
    fewer = atlas.model_copy(
        update={"contingencies": tuple(one for one in atlas.contingencies if one.id != HOME), "outcomes": tuple(o for o in atlas.outcomes if o.contingency_id != HOME)}
    )  # fmt: skip
    assert verdicts(atlas, fewer)[HOME] == "gone"
    assert verdicts(fewer, atlas)[HOME] == "new"


def test_what_got_worse_comes_first(atlas):
    after = changed(changed(atlas, HOME, (1, 1, 1)), "centre:gray", (-1, -1, -1))
    cases = Comparison(atlas, after).cases()
    assert [case.verdict for case in cases[:2]] == ["worse", "better"]
    order = list(VERDICTS)
    assert [order.index(case.verdict) for case in cases] == sorted(order.index(case.verdict) for case in cases)


def test_parameters_that_differ_are_told(atlas):
    other = atlas.parameters.model_copy(update={"outage_days": OutageDays(low=3, likely=7, high=14)})
    after = atlas.model_copy(update={"parameters": other})
    assert Comparison(atlas, after).parameters("en") == [
        ["Outage: short, likely, long", "7, 14 and 28 days", "3, 7 and 14 days"]
    ]
    assert "PARAMETERS DIFFER" in warnings(Comparison(atlas, after), "en")
    fewer = atlas.model_copy(update={"rosters": tuple(row for row in atlas.rosters if row.centre_id != "gray")})
    assert Comparison(atlas, fewer).parameters("fr")[0] == ["Centres seulement dans cet atlas", "Centre Gray", "–"]
    assert "PARAMETERS DIFFER" not in warnings(Comparison(atlas, atlas), "en")
    older = atlas.model_copy(update={"created_at": atlas.created_at.replace(year=2020)})
    assert "LE SECOND ATLAS EST LE PLUS ANCIEN" in warnings(Comparison(atlas, older), "fr")


def test_other_regions_are_refused_with_every_fault(atlas):
    stranger = atlas.model_copy(
        update={"region": "Ailleurs", "contingencies": tuple(one.model_copy(update={"id": f"domain:x{i}", "also": ()}) for i, one in enumerate(atlas.contingencies))}
    )  # fmt: skip
    with pytest.raises(DataError) as refused:
        check_comparable(atlas, stranger, "new/atlas.json")
    assert [finding.code for finding in refused.value.findings] == ["region", "nothing_in_common"]
    check_comparable(atlas, atlas, "same")


def test_advice_followed_is_seen(atlas):
    """A convention signed since, one that is not, a loss that is absorbed now, a site no longer alone."""
    first, second = atlas.findings.conventions[:2]

    def sign(flow):
        return flow.model_copy(update={"convention": {flow.home_id, flow.destination_id} == set(first.between)})

    outcomes = tuple(o.model_copy(update={"flows": tuple(map(sign, o.flows))}) for o in atlas.outcomes)
    found = atlas.findings
    left = found.model_copy(
        update={"conventions": found.conventions[1:], "unabsorbable": found.unabsorbable[1:], "single_points": ()}
    )
    after = atlas.model_copy(update={"outcomes": outcomes, "findings": left})
    rows = {row[0]: row[1:] for row in Comparison(atlas, after).advice("en")}
    comparison = Comparison(atlas, after)
    pairs = [" – ".join(comparison.name(end, "en") for end in one.between) for one in (first, second)]
    assert rows[f"Sign: {pairs[0]}"][1] == "signed"
    assert rows[f"Sign: {pairs[1]}"][1].startswith("not signed, still carries patients, ")
    assert rows[f"Loss of {comparison.name(found.unabsorbable[0].centre_id, 'en')}"][1] == "absorbed"
    points = [row for name, row in rows.items() if name.startswith("Only site")]
    assert points == [["yes", "no"]] * 2


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_page_and_paper_tell_the_same(atlas, lang, pdf_text):
    comparison = Comparison(atlas, changed(atlas, HOME, (1, 2, 1)))
    html, pdf = comparison_html(comparison, lang), comparison_pdf(comparison, lang)
    assert (outside(pdf), collisions(pdf)) == ([], [])
    paper = pdf_text(pdf)
    for text in (VERDICTS["worse"].text(lang), comparison.name("dentellieres", lang)):
        assert text in html.replace("&#x27;", "'")
        assert text in paper
    assert not re.search(r"""(?:src|href)\s*=\s*["']?https?:|<script|url\((?!data:|#)""", html)
    assert change_svg(comparison, comparison.cases(), lang).count("<circle") == 2 * 6
