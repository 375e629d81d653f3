"""Plans of the command line, checked by a reader of the rules who never saw the code."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ("lens", "three_days")
SPEC = importlib.util.spec_from_file_location("oracle_checker", Path(__file__).with_name("checker.py"))
checker = importlib.util.module_from_spec(SPEC)
sys.modules[SPEC.name] = checker
SPEC.loader.exec_module(checker)


@pytest.fixture(scope="module")
def plans(tmp_path_factory):
    """Both plans, made at the same time."""
    folder = tmp_path_factory.mktemp("plans")
    command = [sys.executable, "-m", "transfer_planner", "plan", "--time-limit", "1"]
    running = {
        name: subprocess.Popen(
            [*command, f"scenarios/{name}.yaml", "--out", str(folder / name)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in SCENARIOS
    }
    for process in running.values():
        _, errors = process.communicate()
        assert process.returncode in (0, 3), errors
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_plan_agrees_with_the_rules(plans, name):
    assert checker.check(plans / name / "plan.json") == []


@pytest.mark.slow
def test_a_false_plan_is_found_out(plans, tmp_path):
    text = (plans / "lens" / "plan.json").read_text(encoding="utf-8")
    plan = checker.json.loads(text)
    for item in plan["inputs"].values():
        for one in item if isinstance(item, list) else [item]:
            if isinstance(one, dict):
                one["path"] = str((plans / "lens" / one["path"]).resolve())
    moved = next(decision for decision in plan["decisions"] if decision["action"] == "transfer")
    moved["excess_tenths"] += 10
    moved["sessions"][0]["minutes"] -= 1
    false = tmp_path / "plan.json"
    false.write_text(checker.json.dumps(plan), encoding="utf-8")
    kinds = {line.partition(":")[0] for line in checker.check(false)}
    assert {"excess", "minutes", "loads"} <= kinds
