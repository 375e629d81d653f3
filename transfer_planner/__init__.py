"""Prepare and run the transfer of radiotherapy patients when a centre stops treating.

The public names are loaded at first use, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transfer_planner.domain.case import Case
    from transfer_planner.domain.centre import Network
    from transfer_planner.domain.patient import Patient
    from transfer_planner.domain.plan import Decision, Plan
    from transfer_planner.domain.policy import Policy
    from transfer_planner.domain.scenario import Scenario
    from transfer_planner.errors import DataError, Finding, TransferPlannerError
    from transfer_planner.io.case import read_case
    from transfer_planner.io.centres import read_network
    from transfer_planner.io.plans import read_plan
    from transfer_planner.io.roster import read_roster
    from transfer_planner.io.scenarios import read_scenario
    from transfer_planner.planning.plan import make_plan
    from transfer_planner.planning.verify import Violation, verify_plan
    from transfer_planner.reports.write import write_reports

__all__ = [
    "Case",
    "DataError",
    "Decision",
    "Finding",
    "Network",
    "Patient",
    "Plan",
    "Policy",
    "Scenario",
    "TransferPlannerError",
    "Violation",
    "make_plan",
    "read_case",
    "read_network",
    "read_plan",
    "read_roster",
    "read_scenario",
    "verify_plan",
    "write_reports",
]

_MODULES = {
    "domain.case": ("Case",),
    "domain.centre": ("Network",),
    "domain.patient": ("Patient",),
    "domain.plan": ("Decision", "Plan"),
    "domain.policy": ("Policy",),
    "domain.scenario": ("Scenario",),
    "errors": ("DataError", "Finding", "TransferPlannerError"),
    "io.case": ("read_case",),
    "io.centres": ("read_network",),
    "io.plans": ("read_plan",),
    "io.roster": ("read_roster",),
    "io.scenarios": ("read_scenario",),
    "planning.plan": ("make_plan",),
    "planning.verify": ("Violation", "verify_plan"),
    "reports.write": ("write_reports",),
}
_WHERE = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load a public name (PEP 562)."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    """List the public names."""
    return [*__all__, *globals()]
