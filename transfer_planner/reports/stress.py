"""A Monte-Carlo for people: the pages, the workbook, and the file for machines."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transfer_planner.domain.plan import TIERS
from transfer_planner.i18n import Message, msg
from transfer_planner.reports import stress_plots as plots
from transfer_planner.reports import words
from transfer_planner.reports.folder import put_folder
from transfer_planner.reports.furniture import EXERCISE
from transfer_planner.reports.stress_words import figure_name, happens, with_interval
from transfer_planner.reports.stress_workbook import stress_workbook
from transfer_planner.reports.typeset import render_pdf
from transfer_planner.reports.write import inputs_from

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transfer_planner.domain.atlas import TierOutcome
    from transfer_planner.domain.stress import Spread, Stress
    from transfer_planner.i18n import Language

LABELS = {
    "kind": msg("Stress test"),
    "distribution": msg("Patients beyond tolerance"),
    "distribution_note": msg(
        "How many runs have so many patients beyond tolerance, placed or waiting. Thick line: mean, with its 95 % interval. "
        "Dashed: nine runs in ten lie between."
    ),
    "shares": msg("What drives the result"),
    "shares_note": msg(
        "Share of the variance of the patients beyond tolerance that each source explains by itself, with its 95 % interval."
    ),
    "conditionals": msg("Mean number of patients beyond tolerance, by what happens"),
    "ranks": msg("Patients, by priority"),
    "boxes_note": msg(
        "Line: nine runs in ten. Box: the middle half. Thick bar: median. Cross: mean, told at the right with its 95 % interval."
    ),
    "days": msg("Days beyond tolerance, by tier"),
    "days_note": msg("Summed over the patients of a tier; the same marks."),
    "convergence": msg("Mean number of patients beyond tolerance, against the runs"),
    "figures": msg("Figures"),
    "worst": msg("Worst cases"),
    "worst_note": msg(
        "The worst runs in the order of the tiers, each kept as a folder that can be planned again: network, overlays, roster, scenario. "
        "A star: proven optimal."
    ),
    "assumptions": msg("Assumptions"),
    "method": msg("Method"),
}
METHOD = (
    msg(
        "Runs are drawn by batches of {batch}: two replicates of a Latin hypercube, patients by balanced bootstrap. The interval comes "
        "from the means of the batches, which are independent."
    ),
    msg(
        "Each run is planned at sweep precision: T1 to T3 within 2 % or 10 tenths of a day of their proven bounds; {imprecise} of {runs} "
        "runs are not, and {failed} could not be planned."
    ),
    msg(
        "Seed {seed}: the same seed, inputs and version give the same runs, whatever the number of workers and the interruptions."
    ),
)
HEADS = (
    msg("Figure"),
    msg("Mean"),
    msg("Least"),
    msg("5 %"),
    msg("Median"),
    msg("95 %"),
    msg("Greatest"),
    msg("Spread"),
)
WORST_HEADS = (msg("Folder"), msg("What happens"), msg("Tiers in the run"), msg("Tiers planned again"))


def write_stress(stress: Stress, worst: Mapping[str, bytes], out: Path, lang: Language) -> tuple[str, ...]:
    """Write every output of a Monte-Carlo, and return the paths of the files.

    Parameters
    ----------
    stress
        The Monte-Carlo, paths of its inputs absolute.
    worst
        Files of the worst cases, by path.
    out
        Folder, checked by `check_target`.
    lang
        Language of the pages.

    Raises
    ------
    DataError
        When the folder cannot be written.
    """
    out = Path(os.path.abspath(out))  # noqa: PTH100 - as the folder is written
    seen = stress.model_copy(update={"inputs": inputs_from(out, stress.inputs, stress.inputs)})
    files = {
        "stress.json": (seen.model_dump_json(indent=1) + "\n").encode(),
        "stress.pdf": stress_pdf(stress, lang),
        "stress.xlsx": stress_workbook(stress, lang),
        **worst,
    }
    facts = {
        "software": stress.software.model_dump(),
        "created_at": stress.created_at.isoformat(),
        "scenario_id": stress.scenario_id,
        "exercise": stress.exercise,
        "seed": stress.seed,
    }
    return put_folder(out, files, facts, "stress")


def stress_pdf(stress: Stress, lang: Language) -> bytes:
    """Return the pages of a Monte-Carlo."""
    by_name = {spread.name: spread for spread in stress.spreads}
    title = stress.title.get(lang) or stress.title["fr"]
    ranks = [("over", msg("beyond tolerance")), ("waiting", msg("waiting"))]
    rows = [(said.text(lang), by_name[key]) for key, said in ranks]
    rows += [(words.rank(rank, lang), by_name[f"over_{rank}"]) for rank in range(1, 6)]
    data = {
        "furniture": _furniture(stress, title, lang),
        "words": {key: said.text(lang) for key, said in LABELS.items()},
        "title_line": title,
        "situation": _situation(stress, lang),
        "figures": _figures(stress, by_name, lang),
        "histogram": plots.histogram(by_name["over"], lang),
        "shares": plots.shares(stress.shares, lang) if stress.shares else None,
        "conditionals": plots.conditionals(stress.conditionals, lang) if stress.conditionals else None,
        "ranks": plots.boxes(rows, lang),
        "days": plots.boxes([(tier, by_name[tier]) for tier in TIERS[:-1]], lang),
        "convergence_note": _stopped(stress, lang),
        "convergence": plots.convergence(stress, lang),
        "table": words.table(HEADS, [_row(spread, lang) for spread in stress.spreads], lang),
        "worst": words.table(WORST_HEADS, _worst(stress, lang), lang),
        "command": "transfer-planner plan worst/1/scenario.yaml --centres worst/1/centres.yaml",
        "assumptions": stress.assumed[lang],
        "method": [*(Message(said.source, _counts(stress)).text(lang) for said in METHOD), *_gain(stress, lang)],
    }
    whole = f"{LABELS['kind'].text(lang)} – {title}"
    return render_pdf("stress.typ", data, title=whole, lang=lang, timestamp=stress.created_at)


def _counts(stress: Stress) -> dict[str, int]:
    batch = sum(run.draw.batch == 0 for run in stress.runs)
    return {
        "batch": batch,
        "runs": len(stress.runs),
        "imprecise": stress.imprecise,
        "failed": stress.failed,
        "seed": stress.seed,
    }


def _gain(stress: Stress, lang: Language) -> list[str]:
    """Say what the strata gained, when that can be told."""
    if stress.plain_runs is None:
        return []
    said = msg(
        "Independent draws would take about {plain} runs for the same interval, instead of {runs}.",
        plain=words.number(stress.plain_runs, lang, 0),
        runs=len(stress.runs),
    )
    return [said.text(lang)]


def _furniture(stress: Stress, title: str, lang: Language) -> dict[str, Any]:
    notes = [EXERCISE.text(lang)] if stress.exercise or stress.fictitious else []
    inputs = stress.inputs
    footer = msg(
        "Edited {when} · {name} {version} · seed {seed} · centres {centres} · scenario {scenario} · list {roster} · policy {policy}",
        when=words.moment(stress.created_at, lang),
        name=stress.software.name,
        version=stress.software.version,
        seed=stress.seed,
        centres=inputs.centres.sha256[:8],
        scenario=inputs.scenario.sha256[:8],
        roster=inputs.roster.sha256[:8],
        policy=inputs.policy_sha256[:8],
    )
    return {
        "running": title,
        "footer": footer.text(lang),
        "watermark": "\n".join(notes),
        "reservations": [*notes, msg("ASSUMED DISTRIBUTIONS").text(lang)],
        "unconfirmed": "",
    }


def _situation(stress: Stress, lang: Language) -> str:
    over = next(spread for spread in stress.spreads if spread.name == "over")
    patients = next(run.patients for run in stress.runs if run.status == "planned")
    return msg(
        "{patients} patients. {runs} runs, each another way in which the crisis may turn out. On average {mean} patients are beyond "
        "tolerance; in one run of twenty, {many} or more.",
        patients=patients,
        runs=len(stress.runs),
        mean=with_interval(over.mean, over.half_width, lang),
        many=words.number(over.quantiles["95"], lang, 0),
    ).text(lang)


def _figures(stress: Stress, by_name: Mapping[str, Spread], lang: Language) -> list[dict[str, str]]:
    over, waiting = by_name["over"], by_name["waiting"]
    first = sum(by_name[f"over_{rank}"].mean for rank in (1, 2))
    told = (
        (str(len(stress.runs)), msg("runs")),
        (with_interval(over.mean, over.half_width, lang), msg("beyond tolerance on average")),
        (words.number(over.quantiles["95"], lang, 0), msg("beyond tolerance, 1 run in 20")),
        (words.number(first, lang), msg("of them P1 and P2, on average")),
        (words.number(waiting.mean, lang), msg("waiting on average")),
    )
    return [{"value": value, "label": said.text(lang)} for value, said in told]


def _stopped(stress: Stress, lang: Language) -> str:
    final = stress.convergence[-1]
    band = msg("Band: 95 % interval of the mean.").text(lang)
    if stress.stopped == "precise" and stress.until is not None:
        half, wanted = (words.number(value, lang, 2) for value in (final.half_width or 0.0, stress.until))
        why = msg(
            "Stopped after {runs} runs: the interval, ± {half}, is within the ± {wanted} asked.",
            runs=final.runs,
            half=half,
            wanted=wanted,
        )
    else:
        why = msg("All {runs} runs were made.", runs=final.runs)
    return f"{band} {why.text(lang)}"


def _row(spread: Spread, lang: Language) -> list[str]:
    q = spread.quantiles
    cells = [q["min"], q["5"], q["50"], q["95"], q["max"], spread.sd]
    return [
        figure_name(spread.name, lang),
        with_interval(spread.mean, spread.half_width, lang),
        *(words.number(cell, lang) for cell in cells),
    ]


def _worst(stress: Stress, lang: Language) -> list[list[str]]:
    draws = {(run.draw.batch, run.draw.index): run.draw for run in stress.runs}
    return [
        [
            case.folder,
            happens(draws[case.batch, case.index], lang),
            _tiers(case.swept, lang),
            _tiers(case.planned, lang),
        ]
        for case in stress.worst
    ]


def _tiers(tiers: Sequence[TierOutcome], lang: Language) -> str:
    """Return tiers on one line; a star where the value is proven."""
    return "  ".join(
        f"{tier.id} {words.number(tier.value if tier.id == TIERS[-1] else tier.value / 10, lang)}{'*' if tier.value == tier.bound else ''}"
        for tier in tiers
    )
