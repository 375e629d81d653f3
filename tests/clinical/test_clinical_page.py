"""Shows that the clinical page says what the packaged tables hold."""

from __future__ import annotations

import re
from pathlib import Path

from transfer_planner.io.reference import read_policy, read_tissues

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "clinical.md").read_text("utf-8")


def test_every_note_of_the_policy_is_on_the_page_with_its_status() -> None:
    """Paths and statuses agree, none more and none less."""
    section = PAGE[PAGE.index("## Where the numbers of the policy come from") :]
    told = set(re.findall(r"\| `([\w.]+)` \| ([SDA]) ", section))
    assert told == {(note.path, note.status) for note in read_policy().notes}


def test_the_radiobiology_table_is_that_of_the_data() -> None:
    """α/β, K, Tdelay and status of each tissue."""
    rows = re.findall(r"\| `(\w+)`[^|]*\| ([\d.]+) \| ([\d.]+) \| ([\d.]+|–) \| ([SDA]) \|", PAGE)
    assert {row[0]: (float(row[1]), float(row[2]), row[3], row[4]) for row in rows} == {
        tissue.id: (
            tissue.alpha_beta_gy,
            tissue.k_gy_per_day,
            "–" if tissue.tdelay_days is None else str(tissue.tdelay_days),
            tissue.status,
        )
        for tissue in read_tissues().values()
    }
