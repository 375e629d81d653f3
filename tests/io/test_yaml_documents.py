"""YAML as tired people write it: read where there is one meaning, refused with its line elsewhere."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from transfer_planner.errors import DataError
from transfer_planner.io import files
from transfer_planner.io.centres import read_network
from transfer_planner.io.yaml_documents import read_document

HERE = Path(__file__).parent


def refused(path: Path, code: str) -> str:
    with pytest.raises(DataError) as caught:
        read_document(path)
    assert [finding.code for finding in caught.value.findings] == [code]
    return caught.value.findings[0].where


def written(folder: Path, content: str | bytes) -> Path:
    file = folder / "file.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def value(folder: Path, text: str) -> object:
    return read_document(written(folder, f"schema_version: 1\nx: {text}\n")).root.plain()["x"]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("02691", "02691"),
        ("12:30", "12:30"),
        ("2026-03-02", "2026-03-02"),
        ("1_000", "1_000"),
        ("0o17", "0o17"),
        ("59392", 59392),
        ("-3.5", -3.5),
        ("1e3", 1000.0),
        ("1e999", "1e999"),
        (".inf", ".inf"),
        ("no", False),
        ("Oui", True),
        ("on", True),
        ("~", None),
        ("", None),
        ('"no"', "no"),
        ("'12'", "12"),
        ("=", "="),
    ],
)
def test_a_plain_scalar_has_one_reading(text: str, read: object, tmp_path: Path) -> None:
    """Nothing becomes a base-60 number, an octal number or a date behind the writer's back."""
    assert value(tmp_path, text) == read


def test_codes_and_hours_are_read_where_there_is_one_meaning(tmp_path: Path) -> None:
    """An unquoted INSEE code is text, 07 is seven, a decimal comma is a comma, oui is true."""
    text = (
        "schema_version: 1\ncentres:\n  - id: a\n    insee: 59392\n    postcode: 02100\n    finess_et: 020000162\n"
        "    location: {lat: 50, lon: 3}\n    new_starts_per_day: 07\n    physics_hours_per_day: 7,5\n"
        "    paediatrics: oui\n    anaesthesia: no\n    linacs: [{id: a-1, model: 2300, booked_min_per_day: '352'}]\n"
        "sources: [{id: s, title: 2024, as_of: 2023}]\n"
    )
    network = read_network(written(tmp_path, text))
    centre = network.centres[0]
    assert (centre.insee, centre.postcode, centre.finess_et) == ("59392", "02100", "020000162")
    assert (centre.new_starts_per_day, centre.physics_hours_per_day) == (7, 7.5)
    assert (centre.paediatrics, centre.anaesthesia) == (True, False)
    assert (centre.linacs[0].model, centre.linacs[0].booked_min_per_day) == ("2300", 352)
    assert network.sources[0].title == "2024"


def test_a_word_read_as_no_asks_for_quotes(tmp_path: Path) -> None:
    """`name: no` may mean the word or false: the finding says to quote it."""
    file = written(tmp_path, "schema_version: 1\ncentres:\n  - {id: a, name: no, location: {lat: 50, lon: 3}}\n")
    with pytest.raises(DataError) as caught:
        read_network(file)
    (finding,) = caught.value.findings
    assert (finding.value, finding.where) == ("no", "centres[a].name (l. 3)")
    assert finding.mend is not None
    assert '"no"' in finding.mend.text("en")


def test_a_misspelt_field_says_which_is_meant(tmp_path: Path) -> None:
    """An unknown field near a known one of the same object is suggested."""
    file = written(tmp_path, "schema_version: 1\ncentres:\n  - {id: a, location: {lat: 5, lon: 3, presicion: x}}\n")
    with pytest.raises(DataError) as caught:
        read_network(file)
    mend = caught.value.findings[0].mend
    assert mend is not None
    assert mend.params["field"] == "precision"


def test_a_byte_order_mark_and_windows_line_ends_are_harmless(tmp_path: Path) -> None:
    """What Notepad adds changes nothing."""
    assert read_document(written(tmp_path, b"\xef\xbb\xbfschema_version: 1\r\n")).root.plain() == {"schema_version": 1}


def test_latin_1_is_refused_on_its_line(tmp_path: Path) -> None:
    """A file not saved as UTF-8 is refused, with the line of the first accent."""
    assert refused(written(tmp_path, "schema_version: 1\nregion: Été\n".encode("latin-1")), "encoding") == "l. 2"


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "~\n"])
def test_an_empty_file_is_refused(text: str, tmp_path: Path) -> None:
    """Nothing, or nothing but comments, is no document."""
    refused(written(tmp_path, text), "empty_file")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("schema_version: 1\nx: " + "[" * 100_000, "nesting"),
        ("schema_version: 1\n? " + "{a: " * 50, "key"),
        ("schema_version: 1\nx: [1\n", "syntax"),
        ("schema_version: 1\nx: \x07\n", "syntax"),
        ("schema_version: true\n", "schema_version"),
        ("schema_version: '1'\n", "schema_version"),
        ("region: North\n", "schema_version"),
        ("just words\n", "not_a_mapping"),
    ],
    ids=["nesting", "key", "unclosed", "control", "true", "quoted", "absent", "words"],
)
def test_malformed_documents_are_refused(text: str, code: str, tmp_path: Path) -> None:
    """Deep nesting, unclosed brackets, control characters, another version: one finding, no crash."""
    refused(written(tmp_path, text), code)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\n\tb: 2", "une tabulation décale cette ligne"),
        ("a:\n\t- 1", "une tabulation décale cette ligne"),
        ("a: Valenciennes: nord", "pas de deux-points attendu ici"),
        ("a:\n  b: 1\n c: 2", "avec le même retrait que les autres"),
        ("a: 'x", "un guillemet n’est pas fermé"),
        ("a: [1, 2", "un crochet n’est pas fermé"),
        ("a: {b: 1", "une accolade n’est pas fermée"),
        ("a: @x", "une valeur ne peut pas commencer ainsi"),
        ("key\nother: 1", "deux-points attendus après la clé"),
        ("a: - b", "pas de tiret attendu ici"),
        ("a: \x07", "un caractère invisible"),
        ("%x", "cette ligne est illisible"),
    ],
)
def test_faults_of_form_are_told_in_plain_french(text: str, said: str, tmp_path: Path) -> None:
    """What the parser complains of is told without its jargon, with the line as it stands."""
    with pytest.raises(DataError) as caught:
        read_document(written(tmp_path, f"schema_version: 1\n{text}"))
    (finding,) = caught.value.findings
    assert said in finding.expected.text("fr")
    assert finding.value is None or finding.value in text


def test_every_duplicate_key_is_reported(tmp_path: Path) -> None:
    """All faults of form of a file come together."""
    with pytest.raises(DataError) as caught:
        read_document(written(tmp_path, "schema_version: 1\na: 1\na: 2\nb: {c: 1, c: 2}\n"))
    assert [finding.where for finding in caught.value.findings] == ["l. 3", "l. 4"]


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    """Paths that lead to no file are findings."""
    refused(tmp_path / "none.yaml", "missing_file")
    refused(tmp_path, "not_a_file")
    refused(Path(f"{tmp_path}/a\0b"), "unreadable")
    refused(tmp_path / ("n" * 300), "unreadable")


def test_a_file_too_large_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size is checked before the content is read."""
    monkeypatch.setattr("transfer_planner.io.yaml_documents.LIMIT_MIB", 0)
    monkeypatch.setattr(files.Path, "read_bytes", lambda _: pytest.fail("read"))
    refused(written(tmp_path, "schema_version: 1\n"), "too_large")


@pytest.mark.parametrize(("error", "code"), [(errno.EACCES, "forbidden"), (errno.EIO, "unreadable")])
def test_a_file_that_may_not_be_read_is_refused(
    error: int, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing right and a failing disk are findings."""

    def fail(_: Path) -> bytes:
        raise OSError(error, "no")

    monkeypatch.setattr(files.Path, "read_bytes", fail)
    refused(written(tmp_path, "schema_version: 1\n"), code)


@pytest.mark.parametrize("number", ["'" + "9" * 400 + "'", "9" * 400, "1e999", ".nan", ".inf"])
def test_no_number_is_out_of_reach(number: str, tmp_path: Path) -> None:
    """Numbers that no entity can hold are findings, quoted or not."""
    text = (
        f"schema_version: 1\ncentres:\n  - {{id: a, location: {{lat: 5, lon: 3}}, physics_hours_per_day: {number}}}\n"
    )
    with pytest.raises(DataError) as caught:
        read_network(written(tmp_path, text))
    assert [finding.code for finding in caught.value.findings] == ["float_type"]
