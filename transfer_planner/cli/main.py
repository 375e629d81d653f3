"""The root command: names of the commands, loaded lazily so that help is immediate."""

from __future__ import annotations

import io
import sys

import click

from transfer_planner.cli.common import OPTIONS, given_options
from transfer_planner.cli.lazy import LazyGroup
from transfer_planner.i18n import msg

COMMANDS = {
    "validate": ("transfer_planner.cli.validate:validate", msg("Check the input files; say what is assumed.")),
    "plan": ("transfer_planner.cli.plan:plan", msg("Plan a crisis and write every output.")),
    "verify": ("transfer_planner.cli.verify:verify", msg("Check a plan again, from its input files.")),
    "explain": (
        "transfer_planner.cli.explain:explain",
        msg("Explain a decision; say what another centre would cost."),
    ),
    "levers": ("transfer_planner.cli.levers:levers", msg("Find what would help a plan most.")),
    "recommend": (
        "transfer_planner.cli.recommend:recommend",
        msg("Find places for one more patient in a plan."),
    ),
    "alternatives": (
        "transfer_planner.cli.alternatives:alternatives",
        msg("Find other plans as good, to choose from."),
    ),
    "robustness": (
        "transfer_planner.cli.robustness:robustness",
        msg("Evaluate a plan for other outages and late data."),
    ),
    "stress": (
        "transfer_planner.cli.stress:stress",
        msg("See how a crisis may turn out, a thousand times over."),
    ),
    "problem": ("transfer_planner.cli.problem:problem", msg("Write the integer programme for another solver.")),
    "compensation": (
        "transfer_planner.cli.compensation:compensation",
        msg("Options to make up for missed fractions, from numbers."),
    ),
    "first-hours": (
        "transfer_planner.cli.first_hours:first_hours",
        msg("Print the papers of the first hours: calls, letters, situation report."),
    ),
    "compare": ("transfer_planner.cli.compare:compare", msg("Tell what changes from a plan to another.")),
    "atlas": (
        "transfer_planner.cli.atlas:atlas",
        msg("Plan every fall before it happens; say what to sign, match, buy."),
    ),
    "atlas-compare": (
        "transfer_planner.cli.atlas_compare:atlas_compare",
        msg("Tell what changed from an atlas to the next."),
    ),
    "binder": ("transfer_planner.cli.binder:binder", msg("Print the transfer plan prepared in peacetime.")),
    "report": ("transfer_planner.cli.report:report", msg("Write the outputs of a plan again.")),
    "roster": ("transfer_planner.cli.roster:roster", msg("Make, check or merge rosters, or invent one.")),
    "survey": (
        "transfer_planner.cli.survey:survey",
        msg("Ask the centres what the plan needs to know, and take their answers in."),
    ),
    "lifeboat": (
        "transfer_planner.cli.lifeboat:lifeboat",
        msg("Keep the roster encrypted outside the hospital network, and open it again."),
    ),
    "package": (
        "transfer_planner.cli.package:package",
        msg("Hand data over to the destinations, encrypted, and check them on arrival."),
    ),
    "schema": ("transfer_planner.cli.schema:schema", msg("Print or write the JSON Schemas of the files.")),
}
EXIT_CODES = msg(
    "Exit codes: 0 done; 1 bad data; 2 wrong usage; 3 done, and some patient exceeds tolerance; 4 a verification failed."
)


@click.command(
    "transfer-planner",
    cls=LazyGroup,
    commands_at=COMMANDS,
    help=msg("Plan the transfer of radiotherapy patients when a centre stops treating.").source,
    epilog=EXIT_CODES.source,
)
@click.version_option(package_name="transfer-planner", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, /, **_: object) -> None:
    """Keep the common options given before the command."""
    ctx.obj = given_options(ctx)


cli.params.extend(OPTIONS)


def main() -> None:
    """Run the command line, with streams that can print any character on any terminal."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    cli()
