"""What all commands share: immediate help, languages, options before or after the name, interruptions, log."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, NoReturn

import click
import pytest
from click.testing import CliRunner

from transfer_planner.cli import terminal
from transfer_planner.cli.common import Settings, command
from transfer_planner.cli.lazy import LazyGroup
from transfer_planner.cli.main import COMMANDS, cli
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Crisis

HEAVY = {"ortools", "networkx", "numpy", "pandas", "pydantic", "folium", "typst", "yaml", "rich", "holidays"}


def python(code: str) -> str:
    """Run code in a fresh interpreter; return what it prints."""
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_help_loads_nothing_heavy() -> None:
    """--help lists the commands without importing them nor any library they use."""
    loaded = python(
        "import sys; from transfer_planner.cli.main import cli\n"
        "cli(['--help'], standalone_mode=False); print(*sys.modules)"
    )
    modules = {name.split(".")[0] for name in loaded.split()}
    assert not modules & HEAVY
    assert "transfer_planner.cli.plan" not in loaded.split()


def test_importing_the_package_loads_nothing() -> None:
    """`import transfer_planner` costs nothing; its public names are all there at first use."""
    loaded = python("import sys, transfer_planner; print(*sys.modules)")
    assert not {name.split(".")[0] for name in loaded.split()} & HEAVY
    python("import transfer_planner as tp; [getattr(tp, name) for name in tp.__all__]")


def test_unknown_public_name() -> None:
    """A name that is not public is an AttributeError, as for any module."""
    import transfer_planner

    with pytest.raises(AttributeError, match="no attribute 'make_coffee'"):
        _ = transfer_planner.make_coffee


@pytest.mark.parametrize(
    "args", [["plann"], ["plan"], ["plan", "x.yaml", "--speed", "9"], ["plan", "x.yaml", "--seed", "-1"]]
)
def test_wrong_usage_is_2(args: list[str]) -> None:
    """An unknown command or option, a missing argument or a value out of range is wrong usage."""
    assert CliRunner().invoke(cli, args).exit_code == 2


@pytest.mark.parametrize(
    ("args", "fr", "en"),
    [
        (["plann"], "aucune commande ne s’appelle plann\u202f; vouliez-vous écrire plan\u202f?", "did you mean plan?"),
        (["zzz"], "aucune commande ne s’appelle zzz", "no command is called zzz"),
        (["-v"], "il manque le nom d’une commande", "the name of a command is missing"),
        (["plan"], "il manque SCENARIO", "SCENARIO is missing"),
        (["problem", "x.yaml"], "il manque --mps", "--mps is missing"),
        (["plan", "a", "b"], "arguments en trop\u202f: b", "too many arguments: b"),
        (["plan", "x", "--sead", "1"], "vouliez-vous écrire --seed\u202f?", "no option is called --sead"),
        (["plan", "x", "--seed", "-1"], "--seed\u202f: attendu un nombre entier de 0 à", "a whole number from 0 to"),
        (["plan", "x", "--time-limit", "long"], "un nombre de 0.1 à 86400", "a number from 0.1 to 86400"),
        (["problem", "x", "--tier", "T7"], "une valeur parmi\u202f: T1, T2", "one of: T1, T2"),
        (
            ["roster", "synth", "--day-zero", "hier"],
            "--day-zero\u202f: attendu une date",
            "--day-zero: expected a date",
        ),
        (["plan", "x", "--out"], "--out demande une valeur", "--out needs a value"),
        (["plan", "--json=3", "x"], "--json ne prend pas de valeur", "--json takes no value"),
        (["roster", "chek"], "vouliez-vous écrire check\u202f?", "did you mean check?"),
    ],
)
def test_wrong_usage_is_told_in_both_languages(args: list[str], fr: str, en: str) -> None:
    """What was wrong with the words of a command is told in the language asked for, even where that option was not reached."""
    french, english = (CliRunner().invoke(cli, [*lang, *args]) for lang in ([], ["--lang", "en"]))
    assert french.exit_code == english.exit_code == 2
    assert fr in french.stderr
    assert "Erreur\u202f: " in french.stderr
    assert en in english.stderr
    assert "Error: " in english.stderr
    assert french.stdout == english.stdout == ""


def test_the_language_asked_for_last_holds_in_faults_too() -> None:
    """`--lang en` after the command is heard although another option is wrong."""
    assert "no option is called --x" in CliRunner().invoke(cli, ["plan", "--x", "--lang=en"]).stderr
    assert "aucune option" in CliRunner().invoke(cli, ["--lang", "en", "plan", "--x", "--lang", "fr"]).stderr


def test_help_has_no_english_left() -> None:
    """Names of values and `required` are said in French."""
    told = CliRunner().invoke(cli, ["compensation", "--help"]).stdout
    assert "NOMBRE" in told
    assert "obligatoire" in told
    assert not {"RANGE", "required", "FLOAT", "PATH"} & set(told.replace("]", " ").split())


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_helps_in_both_languages(name: str) -> None:
    """Each command and its common options are explained in French and in English."""
    french, english = (CliRunner().invoke(cli, ["--lang", lang, name, "--help"]).stdout for lang in ("fr", "en"))
    assert french.startswith("Usage\u202f:")
    assert english.startswith("Usage:")
    if not isinstance(cli.get_command(click.Context(cli), name), LazyGroup):
        assert "Graine" in french
        assert "Seed" in english


@command
def probe(settings: Settings) -> None:
    """Print some settings."""
    terminal.print_json([settings.lang, settings.seed, *settings.overlays])


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["probe"], ["fr", 0]),
        (["--seed", "7", "--lang", "en", "probe"], ["en", 7]),
        (["--seed", "7", "probe", "--seed", "8"], ["fr", 8]),
        (["--overlay", "a", "--overlay", "b", "probe"], ["fr", 0, "a", "b"]),
    ],
)
def test_options_before_or_after_the_command(
    args: list[str], expected: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Common options hold wherever they stand; after the command's name they win."""
    monkeypatch.setitem(COMMANDS, "probe", (f"{__name__}:probe", msg("Probe.")))
    result = CliRunner().invoke(cli, args, catch_exceptions=False)
    assert json.loads(result.stdout) == expected


def test_interruption_is_130() -> None:
    """Ctrl-C ends with a sentence and code 130."""

    @command
    def slow(_: Settings) -> NoReturn:
        """Wait."""
        raise KeyboardInterrupt

    result = CliRunner().invoke(slow, [], catch_exceptions=False)
    assert result.exit_code == 130
    assert "Interrompu" in result.stderr


def test_verbose_logs_the_traceback_of_a_refusal() -> None:
    """-v shows where a refusal comes from, on stderr; without it nothing technical is said."""

    @command
    def refuse(_: Settings) -> NoReturn:
        """Refuse."""
        raise DataError([Finding("a.csv", "row 2", "[bold]x[/]", msg("a number"))])

    quiet, loud = (CliRunner().invoke(refuse, args, catch_exceptions=False) for args in ([], ["-v"]))
    assert quiet.exit_code == loud.exit_code == 1
    assert "Traceback" not in quiet.stderr
    assert "Traceback" in loud.stderr
    assert "[bold]x[/]" in quiet.stderr


def test_any_character_on_any_terminal(crisis: Crisis) -> None:
    """A terminal that knows only Western letters still gets its message."""
    run = subprocess.run(
        [sys.executable, "-m", "transfer_planner", "plan", crisis.folder / "☐→.yaml"],
        check=False,
        capture_output=True,
        env={"PYTHONIOENCODING": "cp1252", "PATH": ""},
    )
    assert run.returncode == 1
    assert b"Traceback" not in run.stderr
    assert "☐→.yaml".encode() in run.stderr


def test_json_of_a_refusal_is_pure(tmp_path: Path) -> None:
    """A real process with --json prints one JSON object on stdout, nothing else."""
    run = subprocess.run(
        [sys.executable, "-m", "transfer_planner", "--json", "plan", tmp_path / "nowhere.yaml"],
        check=False,
        capture_output=True,
        cwd=tmp_path,
    )
    assert run.returncode == 1
    assert {finding["file"] for finding in json.loads(run.stdout)["findings"]} >= {str(tmp_path / "nowhere.yaml")}
