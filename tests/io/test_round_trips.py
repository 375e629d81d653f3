"""What is written is read back equal: rosters and plans."""

from __future__ import annotations

import csv
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from transfer_planner.domain.base import Entity, Feature, Technique
from transfer_planner.domain.patient import Patient
from transfer_planner.domain.plan import Plan
from transfer_planner.errors import DataError
from transfer_planner.io.plans import plan_to_json, read_plan
from transfer_planner.io.reference import read_communes, read_sites
from transfer_planner.io.roster import COLUMNS, GUARDED, load_roster, read_roster, write_roster

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

ids = st.from_regex(r"[A-Za-z][A-Za-z0-9._-]{0,20}", fullmatch=True).filter(
    lambda text: text.casefold() not in {"na", "nc", "nr", "nsp", "inconnu", "inconnue", "unknown", "ailleurs", "autre"}
)
texts = (
    st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=40)
    | st.builds(str.__add__, st.sampled_from(GUARDED), st.text("abc=,;\"'\n", max_size=10))
).map(lambda text: text.strip(" \n"))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False).map(lambda number: round(number, 6))


dates = st.dates(date(1990, 1, 1), date(2100, 1, 1))
patients = st.builds(
    Patient,
    patient_id=ids,
    birth_year=maybe(st.integers(1890, 2100)),
    commune_insee=maybe(st.sampled_from(sorted(read_communes()))),
    postcode=maybe(st.sampled_from(sorted({p for commune in read_communes().values() for p in commune.postcodes}))),
    lat=maybe(numbers(-90, 90)),
    lon=maybe(numbers(-180, 180)),
    site=maybe(st.sampled_from(sorted(read_sites()))),
    diagnosis_icd10=maybe(st.from_regex(r"[A-Z][0-9]{2}(\.[0-9])?", fullmatch=True)),
    hormones=maybe(st.booleans()),
    centre_id=ids,
    linac_id=maybe(ids),
    technique=st.sampled_from(get_args(Technique)),
    energy=maybe(st.from_regex(r"[1-9][0-9]?(X|FFF|E)", fullmatch=True)),
    needs=st.lists(st.sampled_from(get_args(Feature)), unique=True).map(tuple),
    prescribed_dose_gy=maybe(numbers(0.01, 200)),
    prescribed_fractions=st.integers(1, 100),
    delivered_fractions=maybe(st.integers(0, 100)),
    first_fraction_date=maybe(dates),
    last_fraction_date=maybe(dates),
    fractions_per_week=maybe(st.integers(1, 14)),
    fractions_per_day=maybe(st.integers(1, 3)),
    prolongation_days_so_far=st.integers(0, 365),
    phases=maybe(st.sampled_from(["50/25", "50/25+16/8", "50.4/28+5.4/3"])),
    concurrent_chemotherapy=maybe(st.booleans()),
    chemotherapy_kept_at=maybe(ids | st.just("elsewhere")),
    mass_kg=maybe(numbers(0.5, 400)),
    brachytherapy_boost_due=maybe(dates),
    anaesthesia=maybe(st.booleans()),
    max_travel_min=maybe(st.integers(0, 600)),
    notes=maybe(texts.filter(lambda text: text.strip() == text != "")),
    **{
        field: st.deferred(lambda field=field: strategy_of(Patient.model_fields[field].annotation))
        for field in [
            "histology",
            "intent",
            "setting",
            "urgency",
            "status",
            "delivered_source",
            "mobility",
            "plan_data",
            "immobilisation",
            "category",
            "rank",
        ]
    },
)


def strategy_of(kind: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for an annotation of an entity."""
    origin, inner = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Entity):
        fields = {name: strategy_of(field.annotation) for name, field in kind.model_fields.items()}
        return st.builds(kind, **fields)
    if origin is tuple:
        return st.lists(strategy_of(inner[0]), max_size=2).map(tuple)
    if origin is dict:
        return st.dictionaries(strategy_of(inner[0]), strategy_of(inner[1]), max_size=2)
    if origin is Literal:
        return st.sampled_from(inner)
    if inner:
        return st.one_of([strategy_of(each) for each in inner])
    return SIMPLE[kind] if kind in SIMPLE else st.from_type(kind)


SIMPLE = {
    float: st.floats(allow_nan=False, allow_infinity=False),
    date: st.dates(date(2000, 1, 1), date(2100, 12, 31)),
    datetime: st.datetimes(timezones=st.just(UTC)),
    NoneType: st.none(),
    Any: st.integers() | st.text(max_size=5),
}


@FEW
@given(st.lists(patients, min_size=1, max_size=3, unique_by=lambda patient: patient.patient_id), st.booleans())
def test_a_roster_comes_back_as_it_was_written(rows: list[Patient], excel: bool) -> None:
    """Every field of every patient survives the CSV, for programs and for a French Excel."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "roster.csv"
        write_roster(file, rows, excel=excel)
        assert list(load_roster(file).patients) == rows


@FEW
@given(strategy_of(Plan))
def test_a_plan_comes_back_as_it_was_written(plan: Plan) -> None:
    """Every field of a plan survives plan.json, and writing it again gives the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plan.json"
        text = plan_to_json(plan)
        file.write_bytes(text.encode("utf-8"))
        again = read_plan(file)
    assert again == plan
    assert plan_to_json(again) == text


@pytest.mark.parametrize("start", GUARDED)
def test_no_text_runs_in_a_spreadsheet(start: str, tmp_path: Path) -> None:
    """A note that starts like a formula is written behind an apostrophe, and read back without it."""
    note = f"{start}cmd|' /C calc'!A0"
    patient = Patient(patient_id="P1", centre_id="a", technique="VMAT", prescribed_fractions=5, lon=-1.5, notes=note)
    file = tmp_path / "roster.csv"
    write_roster(file, [patient])
    with file.open(newline="", encoding="utf-8") as stream:
        (row,) = csv.DictReader(stream)
    assert row["notes"].startswith("'")
    assert row["lon"] == "-1.5"
    assert load_roster(file).patients[0].notes == note


def test_a_template_has_every_column_and_no_patient(tmp_path: Path) -> None:
    """A roster of nobody is a header, which is refused as a roster."""
    write_roster(tmp_path / "roster.csv", [])
    assert (tmp_path / "roster.csv").read_text("utf-8") == ",".join(COLUMNS) + "\n"
    with pytest.raises(DataError):
        read_roster(tmp_path / "roster.csv")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "json_invalid"),
        (b'{"schema_version": 1, "software": {"na', "json_invalid"),
        (b"[]", "model_type"),
        (b"{}", "missing"),
        (b'{"schema_version": 2}', "literal_error"),
        (b'{"surprise": 1}', "extra_forbidden"),
        (b'{"seed": "0"}', "int_type"),
        (b"\xff\xfe\x00", "json_invalid"),
    ],
)
def test_a_damaged_plan_is_refused(content: bytes, code: str, tmp_path: Path) -> None:
    """A plan cut, emptied, edited or of another version gives findings that can be read in French."""
    file = tmp_path / "plan.json"
    file.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_plan(file)
    findings = caught.value.findings
    assert code in {finding.code for finding in findings}
    assert all(finding.expected.text("fr") for finding in findings)
