"""The lifeboat keeps dated versions that were opened again, and tells which of them are whole."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from transfer_planner.domain.scenario import PARIS
from transfer_planner.errors import DataError
from transfer_planner.io import age
from transfer_planner.io.lifeboat import FINGERPRINTS, newest, pack, versions

if TYPE_CHECKING:
    from pathlib import Path

NIGHT = datetime(2026, 3, 1, 23, tzinfo=PARIS)
CONTENT = b"patient_id,centre_id,technique,prescribed_fractions\nP001,gray,VMAT,25\n"


@pytest.fixture(scope="module")
def keys() -> tuple[str, str]:
    return age.new_key()


def nights(folder: Path, keys: tuple[str, str], count: int, keep: int = 30) -> list[Path]:
    return [
        pack(CONTENT, folder, now=NIGHT + timedelta(days=night), recipients=[keys[1]], keep=keep).file
        for night in range(count)
    ]


def test_versions_are_kept_whole_and_old_ones_let_go(tmp_path: Path, keys: tuple[str, str]) -> None:
    """Of five nights three stay, the newest first, each whole, and any tool checks the fingerprints."""
    files = nights(tmp_path, keys, 5, keep=3)
    found = versions(tmp_path)
    assert [one.file for one in found] == files[:1:-1]
    assert {one.state for one in found} == {"whole"}
    assert found[0].made_at == NIGHT + timedelta(days=4)
    assert newest(tmp_path) == files[-1]
    assert age.decrypt(files[-1].read_bytes(), identities=[keys[0]]) == CONTENT
    subprocess.run(["sha256sum", "-c", "--quiet", FINGERPRINTS], cwd=tmp_path, check=True)


def test_damage_is_seen_without_a_key(tmp_path: Path, keys: tuple[str, str]) -> None:
    """An altered, a cut, a lost and an unlisted version are told apart; the newest whole one is opened."""
    files = nights(tmp_path, keys, 5)
    files[4].write_bytes(files[4].read_bytes()[:-1])
    files[3].write_bytes(files[3].read_bytes() + b"x")
    files[2].unlink()
    sums = tmp_path / FINGERPRINTS
    sums.write_text(
        "\n".join(line for line in sums.read_text().splitlines() if files[0].name not in line) + "\nnoise\n"
    )
    assert [one.state for one in versions(tmp_path)] == ["altered", "altered", "missing", "whole", "unlisted"]
    assert newest(tmp_path) == files[1]
    for file in files[:2]:
        file.write_bytes(b"")
    sums.write_text("".join(f"{'0' * 64}  {file.name}\n" for file in files))
    with pytest.raises(DataError) as error:
        newest(tmp_path)
    assert {finding.code for finding in error.value.findings} == {"altered", "missing"}


def test_what_does_not_open_again_is_refused(
    tmp_path: Path, keys: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk gives back other bytes, packing fails and the earlier version is still listed."""
    (first,) = nights(tmp_path, keys, 1)
    monkeypatch.setattr("transfer_planner.io.lifeboat.read_bytes", lambda *_, **__: b"age-encryption.org/v1\n-> X25519")
    with pytest.raises(DataError):
        pack(CONTENT, tmp_path, now=NIGHT + timedelta(days=1), recipients=[keys[1]])
    assert first.name in (tmp_path / FINGERPRINTS).read_text()
    assert [file.name for file in tmp_path.glob("*.age")] == [first.name]


def test_a_clock_gone_wrong_loses_nothing_new(tmp_path: Path, keys: tuple[str, str]) -> None:
    """With versions dated in the future, the one just packed stays."""
    nights(tmp_path, keys, 3)
    before = pack(CONTENT, tmp_path, now=NIGHT - timedelta(days=9), recipients=[keys[1]], keep=2)
    assert before.file.exists()
    assert len(versions(tmp_path)) == 2


def test_an_absent_stick_is_noticed(tmp_path: Path, keys: tuple[str, str]) -> None:
    """A folder that does not exist is refused, never made."""
    with pytest.raises(DataError) as error:
        pack(CONTENT, tmp_path / "stick", now=NIGHT, recipients=[keys[1]])
    assert error.value.findings[0].code == "no_folder"
    assert not (tmp_path / "stick").exists()
