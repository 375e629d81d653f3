"""The pages and the workbook of a Monte-Carlo: every figure is there, in both languages, nothing over something else."""

from __future__ import annotations

import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdfium2
import pytest
from python_calamine import CalamineWorkbook

from tests.reports.pages import collisions, outside
from tests.stress.stress_cases import made, sampler, told
from transfer_planner.domain.stress import Stress
from transfer_planner.reports.stress import stress_pdf, write_stress
from transfer_planner.reports.stress_plots import Scale, convergence, histogram, shares
from transfer_planner.reports.stress_words import with_interval
from transfer_planner.reports.stress_workbook import stress_workbook
from transfer_planner.stress.monte_carlo import Shared
from transfer_planner.stress.samplers import BATCH
from transfer_planner.stress.sweep import Here


@pytest.fixture(scope="module")
def result() -> Stress:
    """Return five batches of runs that cost nothing, with two worst cases."""
    shared = Shared(sampler())
    with TemporaryDirectory() as folder:
        return made(Path(folder), shared, 5 * BATCH, worst=2, crew=Here(shared, told))


def text_of(pdf: bytes) -> str:
    """Return the words of a document on one line."""
    with pypdfium2.PdfDocument(pdf) as document:
        assert 2 <= len(document) <= 4
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)


@pytest.mark.parametrize(("lang", "words"), [("fr", "au-delà de la tolérance"), ("en", "beyond tolerance")])
def test_pages_tell_the_figures_and_stay_in_the_paper(result, lang, words):
    """Mean, runs, worst cases and every assumption are printed, nothing outside the page nor over something else."""
    pdf = stress_pdf(result, lang)
    text = text_of(pdf).replace("\u202f", " ")
    over = next(spread for spread in result.spreads if spread.name == "over")
    assert with_interval(over.mean, over.half_width, lang) in text
    assert words in text
    assert str(len(result.runs)) in text
    assert "worst/2" in text
    for line in result.assumed[lang]:
        assert line.replace("\u202f", " ")[:60] in text.replace("\u00a0", " ")
    assert outside(pdf) == []
    assert collisions(pdf) == []


def test_one_batch_or_a_flat_result_still_prints(result):
    """No interval, no share: said so, not drawn as zeros."""
    first = result.convergence[0]
    lone = result.model_copy(update={"convergence": (first,), "shares": (), "conditionals": (), "worst": ()})
    flat = next(spread for spread in result.spreads if spread.name == "T1")
    assert flat.sd == 0
    assert sum(flat.counts) == len(result.runs)
    assert text_of(stress_pdf(lone, "fr"))
    assert [mark["text"] for mark in convergence(lone, "en")["marks"]] == ["one batch: no interval"]


def test_drawings_are_to_scale(result):
    """Bars of a histogram are as high as their counts, bars of shares as long as their shares."""
    over = next(spread for spread in result.spreads if spread.name == "over")
    bars = [mark for mark in histogram(over, "en")["marks"] if mark["kind"] == "rect"]
    counts = [count for count in over.counts if count]
    assert [bar["h"] / bars[0]["h"] for bar in bars] == pytest.approx([count / counts[0] for count in counts])
    drawn = [mark["w"] for mark in shares(result.shares, "en")["marks"] if mark["kind"] == "rect"]
    told_shares = [one.share for one in result.shares if one.share > 0]
    told_shares.append(1 - sum(told_shares))
    assert [width / drawn[0] for width in drawn] == pytest.approx([share / told_shares[0] for share in told_shares])


def test_a_scale_is_round_and_holds_its_values():
    """Ticks are multiples of 1, 2 or 5, from below the least to above the greatest."""
    scale = Scale(3, 41, 0, 100)
    assert scale.ticks() == [0, 10, 20, 30, 40, 50]
    assert (scale.at(0), scale.at(25), scale.at(50)) == (0, 50, 100)
    assert Scale(0, 0, 0, 100).ticks() == [0, 0.01]


def test_the_workbook_holds_every_run(result):
    """A row a run with its draw and its result; texts stay texts."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(stress_workbook(result, "en")))
    rows = book.get_sheet_by_name("Runs").to_python()
    assert len(rows) == 1 + len(result.runs)
    at = {head: column for column, head in enumerate(rows[0])}
    for row, run in zip(rows[1:], result.runs, strict=True):
        assert (row[at["Batch"]], row[at["Run"]]) == (run.draw.batch, run.draw.index)
        assert row[at["Beyond tolerance"]] == sum(rank.over + rank.waiting_over for rank in run.ranks)
        assert row[at["Linacs out"]] == ", ".join(run.draw.linacs_out)
        assert row[at["Outage, days"]] == run.draw.outage_days
    assert len(book.get_sheet_by_name("Convergence").to_python()) == 1 + 5


def test_the_folder_holds_all_of_it(result, tmp_path):
    """JSON that reads back, pages, workbook, worst cases; paths as seen from the folder."""
    out = tmp_path / "out"
    files = write_stress(result, {"worst/1/scenario.yaml": b"x"}, out, "fr")
    assert files == ("manifest.json", "stress.json", "stress.pdf", "stress.xlsx", "worst/1/scenario.yaml")
    read = Stress.model_validate_json((out / "stress.json").read_text("utf-8"))
    assert read.runs == result.runs
    assert read.spreads == result.spreads
    assert json.loads((out / "manifest.json").read_text("utf-8"))["kind"] == "stress"
