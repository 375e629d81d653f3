"""A small crisis on disk that each test may spoil in its own way, and a way to run commands on it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from transfer_planner.cli.main import cli

if TYPE_CHECKING:
    from click.testing import Result

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Crisis:
    """The Valenciennes exercise cut down to a few patients, in a folder of its own."""

    folder: Path

    @property
    def scenario(self) -> Path:
        return self.folder / "scenarios" / "valenciennes_ransomware.yaml"

    @property
    def roster(self) -> Path:
        return self.folder / "scenarios" / "rosters" / "valenciennes.csv"

    def replace(self, old: str, new: str) -> None:
        """Spoil the scenario."""
        text = self.scenario.read_text("utf-8")
        assert old in text
        self.scenario.write_text(text.replace(old, new), "utf-8")

    def change(self, row: int, **cells: str) -> None:
        """Spoil a row of the roster (1 = first patient)."""
        lines = self.roster.read_text("utf-8").splitlines()
        header, values = lines[0].split(","), lines[row].split(",")
        for name, cell in cells.items():
            values[header.index(name)] = cell
        lines[row] = ",".join(values)
        self.roster.write_text("\n".join(lines) + "\n", "utf-8")

    def run(self, *args: object) -> Result:
        """Run a command with this network."""
        return CliRunner().invoke(
            cli, [*map(str, args), "--centres", str(self.folder / "centres.yaml")], catch_exceptions=False
        )

    def refused(self, *args: object) -> list[dict[str, Any]]:
        """Run a command that must refuse its input cleanly; return the findings, once checked on stdout and stderr."""
        out = self.folder / "out"
        result = self.run(*(args or ("plan", self.scenario, "--out", out)), "--json", "--lang", "en")
        assert result.exit_code == 1, result.output
        assert "Traceback" not in result.output
        assert not out.is_dir()
        findings: list[dict[str, Any]] = json.loads(result.stdout)["findings"]
        assert findings
        assert f"{len(findings)} fault(s)" in result.stderr
        assert all(finding["expected"] in result.stderr for finding in findings)
        return findings


def make_crisis(folder: Path) -> Crisis:
    """Write the small crisis."""
    shutil.copy(ROOT / "centres.yaml", folder)
    shutil.copytree(ROOT / "scenarios" / "overlays", folder / "scenarios" / "overlays")
    made = Crisis(folder)
    shutil.copy(ROOT / "scenarios" / made.scenario.name, made.scenario)
    made.roster.parent.mkdir()
    rows = (ROOT / "scenarios" / "rosters" / made.roster.name).read_text("utf-8").splitlines()[:9]
    made.roster.write_text("\n".join(rows) + "\n", "utf-8")
    return made


@pytest.fixture
def crisis(tmp_path: Path) -> Crisis:
    """Return a fresh copy."""
    return make_crisis(tmp_path)
