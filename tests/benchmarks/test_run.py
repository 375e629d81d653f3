"""A run of the benchmarks that was stopped goes on where it was, and measures again what no longer holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import run
from benchmarks.run import Study, measured, stored

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note who is measured instead of measuring; `scip` fails, `cpsat` is stopped by the user."""
    names: list[str] = []

    def contend(name: str, *_: object) -> dict[str, Any]:
        names.append(name)
        if name == "cpsat":
            raise KeyboardInterrupt
        return {"failed": ["no memory"]} if name == "scip" else {"wall_s": 1.0, "load": [0, 0]}

    monkeypatch.setattr(run, "contend", contend)
    return names


def study(folder: Path, *names: str) -> Study:
    """Make a problem of two files."""
    for name in ("one.yaml", "centres.yaml"):
        (folder / name).write_text("schema_version: 1\n", "utf-8")
    return Study("one", folder / "one.yaml", folder / "centres.yaml", dict.fromkeys(names, 5.0))


def test_what_is_known_is_kept(tmp_path: Path, asked: list[str]) -> None:
    """A stopped run keeps who was measured; failures, other limits, other code and other files are measured again."""
    with pytest.raises(KeyboardInterrupt):
        measured(study(tmp_path, "ours", "scip", "cpsat", "manual"), "code", tmp_path, again=False)
    assert asked == ["ours", "scip", "cpsat"]
    assert set(stored(tmp_path / "one.json")["measures"]) == {"ours", "scip"}
    asked.clear()
    measured(study(tmp_path, "ours", "scip", "manual"), "code", tmp_path, again=False)
    assert asked == ["scip", "manual"]
    asked.clear()
    measured(study(tmp_path, "ours"), "other code", tmp_path, again=False)
    assert asked == ["ours"]
    asked.clear()
    measured(study(tmp_path, "ours"), "other code", tmp_path, again=True)
    assert asked == ["ours"]
    asked.clear()
    (changed := study(tmp_path, "ours")).scenario.write_text("schema_version: 1\nid: other\n", "utf-8")
    measured(changed, "other code", tmp_path, again=False)
    assert asked == ["ours"]


def test_a_contender_that_never_ends_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is killed when its time and that of its outputs are over, and counts as failed."""
    monkeypatch.setattr(run, "OUTPUTS_S", 0)
    told = run.contend("ours", study(tmp_path, "ours"), 0.05, tmp_path)
    assert told["failed"] == ["exit code -9"]
    assert run.busy_seconds() is None or told["others"] >= 0
