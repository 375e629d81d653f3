"""A roster packed in the lifeboat is planned as it is, with its key alone, no network and nothing clear on disk."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2
import pytest
from click.testing import CliRunner

from transfer_planner.cli.main import cli

if TYPE_CHECKING:
    from click.testing import Result

    from tests.cli.conftest import Crisis


def run(*args: object, typed: str = "") -> Result:
    return CliRunner().invoke(cli, [*map(str, args)], input=typed, catch_exceptions=False)


@pytest.fixture
def packed(crisis: Crisis, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the encrypted roster of the crisis, in the folder of its scenario, in which commands then run."""
    monkeypatch.chdir(crisis.folder)
    Path("boat").mkdir()
    assert run("lifeboat", "keys", "--out", "coffre.key", "--label", "Coffre").exit_code == 0
    result = run("lifeboat", "pack", crisis.roster, "--to", "boat", "--recipient", "coffre.pub", "--json")
    assert result.exit_code == 0, result.output
    return Path(json.loads(result.stdout)["file"])


def test_the_lifeboat_is_planned_with_the_network_cut(
    crisis: Crisis, packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`plan` and `verify` read the encrypted file of the scenario; the plan names it by its own fingerprint."""

    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    crisis.replace("rosters/valenciennes.csv", f"../{packed}")
    crisis.roster.unlink()
    result = crisis.run("plan", crisis.scenario, "--out", "planned", "--time-limit", 1, "--key", "coffre.key", "--json")
    assert result.exit_code in {0, 3}, result.output
    assert len(json.loads(result.stdout)["decisions"]) == 8
    assert crisis.run("verify", "planned", "--key", "coffre.key").exit_code == 0
    assert not [file for file in Path().rglob("*.csv") if b"fractions_per_week" in file.read_bytes()]
    refused = crisis.refused("plan", crisis.scenario, "--out", "again")
    assert [finding["code"] for finding in refused] == ["key_needed"]


def test_open_and_status(crisis: Crisis, packed: Path) -> None:
    """Opening gives back the same bytes, owner only; status is silent while all is well, and 4 once it is not."""
    assert run("lifeboat", "status", "boat", "--key", "coffre.key").exit_code == 0
    assert run("lifeboat", "open", "boat", "--out", "clair.csv", "--key", "coffre.key").exit_code == 0
    assert Path("clair.csv").read_bytes() == crisis.roster.read_bytes()
    assert os.name == "nt" or Path("clair.csv").stat().st_mode & 0o077 == 0
    packed.write_bytes(packed.read_bytes()[:-9])
    result = run("lifeboat", "status", "boat", "--json", "--lang", "en")
    assert result.exit_code == 4
    assert json.loads(result.stdout)["versions"][0]["state"] == "altered"
    assert run("lifeboat", "open", packed, "--out", "x.csv", "--key", "coffre.key").exit_code == 1
    assert not Path("x.csv").exists()


def test_a_passphrase_is_read_from_standard_input(crisis: Crisis, packed: Path) -> None:
    """Closed by a passphrase for the night job, opened by the same one typed, refused by another."""
    Path("other").mkdir()
    phrase = "cheval batterie agrafe\n"
    assert run("lifeboat", "pack", crisis.roster, "--to", "other", "--passphrase", typed=phrase).exit_code == 0
    assert run("lifeboat", "open", "other", "--out", "clair.csv", typed=phrase).exit_code == 0
    assert Path("clair.csv").read_bytes() == crisis.roster.read_bytes()
    wrong = run("lifeboat", "open", "other", "--out", "x.csv", typed="cheval\n")
    assert wrong.exit_code == 1
    assert "phrase secrète" in wrong.stderr
    assert packed.exists()


def test_the_paper_is_one_page_and_a_faulty_roster_is_packed_too(crisis: Crisis, packed: Path) -> None:
    """The page names the holder of the key and the folder; faults of the roster are told, and do not keep it ashore."""
    with pypdfium2.PdfDocument(Path("boat/lifeboat-instructions.pdf")) as page:
        assert len(page) == 1
        text = page[0].get_textpage().get_text_bounded()
    assert "Coffre" in text
    assert str(packed.parent.absolute()) in text.replace("\r\n", "")
    crisis.change(1, technique="RAYONS")
    result = run("lifeboat", "pack", crisis.roster, "--to", "boat", "--recipient", "coffre.pub")
    assert result.exit_code == 0
    assert "1 défaut(s)" in result.stderr
    assert run("lifeboat", "keys", "--out", "coffre.key").exit_code == 1
