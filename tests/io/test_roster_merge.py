"""Merging partial lists: what agrees stands, what differs is asked, and nothing is settled in silence."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from transfer_planner.io.roster_merge import Kind, Merged, Source, merge

WHOLE: dict[str, Any] = {"patient_id": "P1", "centre_id": "a", "technique": "VMAT", "prescribed_fractions": 25}


def source(kind: Kind, **values: Any) -> Source:
    return Source(f"{kind}.csv", kind, {"P1": {"patient_id": "P1", **values}})


def grave(done: Merged) -> dict[str, str]:
    return {remark.field: remark.kept.text("en") for remark in done.remarks if remark.grave}


def test_partial_lists_complete_each_other() -> None:
    """The prescription of one and the commune of the other make a whole row, and nothing is asked."""
    done = merge(
        [
            source("dicom", technique="VMAT", prescribed_fractions=25, delivered_fractions=12),
            source("paper", centre_id="a", commune_insee="59606", mobility="ambulance"),
        ]
    )
    (patient,) = done.patients
    assert (patient.delivered_fractions, patient.commune_insee, patient.delivered_source) == (12, "59606", "record")
    assert grave(done) == {}


def test_a_count_that_differs_is_never_written() -> None:
    """Twelve or thirteen fractions: blank, whoever is the most trusted, and both are told with their sources."""
    done = merge([source("dicom", **WHOLE, delivered_fractions=12), source("memory", delivered_fractions=13)])
    assert done.patients[0].delivered_fractions is None
    (remark,) = [remark for remark in done.remarks if remark.grave]
    assert remark.seen.text("en") == "12 (dicom.csv, confidence 95 %); 13 (memory.csv, confidence 40 %)"


def test_a_clear_lead_lets_a_value_stand_and_asks() -> None:
    """DICOM against memory on the energy: DICOM stands, and the question is open."""
    done = merge([source("memory", **WHOLE, energy="10X"), source("dicom", energy="6X")])
    assert done.patients[0].energy == "6X"
    assert grave(done) == {"energy": "6X (dicom.csv)"}


def test_without_a_lead_the_cell_stays_blank() -> None:
    """An export and a paper file that differ on the energy: nobody chooses."""
    done = merge([source("export", **WHOLE, energy="10X"), source("paper", energy="6X")])
    assert done.patients[0].energy is None
    assert grave(done) == {"energy": "blank"}


def test_a_required_column_takes_the_most_trusted_and_asks() -> None:
    """A row cannot lack its technique: the most trusted stands, the question too."""
    done = merge([source("export", **{**WHOLE, "technique": "IMRT"}), source("dicom", technique="VMAT")])
    assert done.patients[0].technique == "VMAT"
    assert grave(done) == {"technique": "VMAT (dicom.csv)"}


def test_the_first_of_equals_stands() -> None:
    """With equal confidence the order of the command decides what a required column holds."""
    first, second = source("export", **WHOLE), source("export", **{**WHOLE, "prescribed_fractions": 30})
    assert merge([first, second]).patients[0].prescribed_fractions == 25
    assert merge([second, first]).patients[0].prescribed_fractions == 30


def test_needs_are_united_and_notes_joined() -> None:
    """Nothing that somebody wrote is lost."""
    done = merge(
        [source("dicom", **WHOLE, notes="DICOM", needs=("CBCT",)), source("paper", notes="mask", needs=("DIBH",))]
    )
    assert (done.patients[0].needs, done.patients[0].notes) == (("CBCT", "DIBH"), "DICOM – mask")


def test_what_memory_alone_tells_is_told() -> None:
    """A technique that somebody remembers is kept, and listed as such."""
    done = merge([source("memory", **WHOLE)])
    assert len(done.patients) == 1
    told = {remark.field for remark in done.remarks if remark.code == "memory_only"}
    assert told == {"technique", "prescribed_fractions"}
    assert grave(done) == {}


def test_a_row_that_stays_incomplete_is_kept_apart() -> None:
    """A patient known by memory alone, without technique, is not lost."""
    done = merge([source("memory", centre_id="a", last_fraction_date=date(2026, 2, 27))])
    assert done.patients == ()
    assert done.incomplete[0]["last_fraction_date"] == date(2026, 2, 27)
    assert set(grave(done)) == {"technique", "prescribed_fractions"}


def test_values_that_contradict_once_together_are_asked() -> None:
    """Thirty delivered by one list, 25 prescribed by the other: no row is made of that."""
    done = merge([source("dicom", **WHOLE), source("paper", delivered_fractions=30)])
    assert done.patients == ()
    assert set(grave(done)) == {"delivered_fractions"}


def test_a_patient_that_one_list_lacks_is_told() -> None:
    """Absence from a list is information."""
    other = Source("paper.csv", "paper", {"P2": {**WHOLE, "patient_id": "P2"}})
    done = merge([source("dicom", **WHOLE), other])
    assert {(remark.patient, remark.code) for remark in done.remarks} == {
        ("P1", "missing_in_source"),
        ("P2", "missing_in_source"),
    }


values = st.fixed_dictionaries(
    {},
    optional={
        "energy": st.sampled_from(["6X", "10X"]),
        "delivered_fractions": st.integers(0, 20),
        "mobility": st.sampled_from(["own", "seated"]),
        "technique": st.sampled_from(["VMAT", "IMRT"]),
    },
)
kinds = st.sampled_from(["dicom", "export", "paper", "memory"])


@given(st.lists(st.tuples(kinds, values), min_size=1, max_size=4))
def test_every_disagreement_is_a_remark_and_every_value_was_said(lists: list[tuple[Kind, dict[str, Any]]]) -> None:
    """Whatever the lists: a written value was said by one of them, and a column that differs is asked."""
    base = Source("base", "memory", {"P1": {**WHOLE, "technique": "VMAT"}})
    done = merge([*(source(kind, **each) for kind, each in lists), base])
    row = done.patients[0].model_dump()
    for column in ("energy", "delivered_fractions", "mobility", "technique"):
        said = {each[column] for _, each in lists if column in each} | ({"VMAT"} if column == "technique" else set())
        assert row[column] is None or row[column] in said
        assert (len(said) > 1) == (column in grave(done))
        assert len(said) != 1 or row[column] in said
