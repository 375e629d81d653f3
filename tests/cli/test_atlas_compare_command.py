"""`atlas-compare`: two atlases told apart on the terminal, for machines and on paper; what cannot be compared is refused."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tests.factories import make_network
from tests.reports.atlases import make_atlas
from transfer_planner.cli.main import cli
from transfer_planner.io.atlas import atlas_to_json


@pytest.fixture(scope="module")
def years(tmp_path_factory):
    """Return two atlases on disk, the second of other patients."""
    folder = tmp_path_factory.mktemp("years")
    network = make_network()
    for year, seeds in (("2025", (0, 1, 2)), ("2026", (3, 4))):
        (folder / year).mkdir()
        (folder / year / "atlas.json").write_text(atlas_to_json(make_atlas(network, seeds=seeds)), "utf-8")
    return folder


def run(*args):
    return CliRunner().invoke(cli, ["atlas-compare", *map(str, args)], catch_exceptions=False)


def test_two_atlases_are_compared_and_drawn(years, tmp_path):
    done = run(years / "2025", years / "2026" / "atlas.json", "--out", tmp_path / "changes", "--json", "--lang", "en")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert {one["what"] for one in told["parameters"]} == {"Draws"}
    assert {case["verdict"] for case in told["cases"]} <= {"worse", "better", "blurred", "same", "unknown"}
    assert len(told["cases"]) == 23
    assert (tmp_path / "changes.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "changes.html").read_text("utf-8").startswith("<!DOCTYPE html>")


def test_a_person_reads_the_advice_and_the_verdicts(years):
    done = run(years / "2025", years / "2025")
    assert done.exit_code == 0, done.output
    assert "inchangé\u202f: 23" in done.output
    assert "Signer" in done.output


def test_other_regions_missing_and_spoilt_files_are_refused(years, tmp_path):
    other = tmp_path / "other.json"
    other.write_text(atlas_to_json(make_atlas(make_network(region="Ailleurs"))), "utf-8")
    cut = tmp_path / "cut.json"
    cut.write_text(other.read_text("utf-8")[:500], "utf-8")
    for wrong, code in ((other, "region"), (cut, "json_invalid"), (tmp_path / "nothing.json", "missing_file")):
        refused = run(years / "2025", wrong, "--json", "--out", tmp_path / "x")
        assert refused.exit_code == 1
        assert [finding["code"] for finding in json.loads(refused.stdout)["findings"]] == [code]
        assert "Traceback" not in refused.output
    assert not (tmp_path / "x.pdf").exists()
    assert run(years / "2025", years / "2026", "--out", tmp_path / "no" / "x").exit_code == 1
