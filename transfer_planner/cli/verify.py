"""`verify`: check a plan again, from its input files, with none of the solver's code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from transfer_planner.cli.common import FILE, NOT_VERIFIED, Settings, command
from transfer_planner.i18n import msg

if TYPE_CHECKING:
    from pathlib import Path


@command
@click.argument("plan", type=FILE)
def verify(settings: Settings, plan: Path) -> int:
    """Check again every rule and every tier of a plan, from its input files."""
    from transfer_planner.cli import summary, terminal
    from transfer_planner.cli.inputs import plan_file, reread
    from transfer_planner.planning.verify import verify_plan

    made, case = reread(plan_file(plan))
    violations = verify_plan(made, case)
    if settings.as_json:
        broken = [summary.violation_fields(violation, settings.lang) for violation in violations]
        terminal.print_json({"verified": not violations, "violations": broken})
    summary.show_violations(violations, settings.lang)
    if violations:
        return NOT_VERIFIED
    done = msg(
        "Verified: {count} decisions keep every rule, and the tiers are those announced.", count=len(made.decisions)
    )
    terminal.console(stderr=settings.as_json).print(done.text(settings.lang))
    return 0
