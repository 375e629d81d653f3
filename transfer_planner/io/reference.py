"""Packaged reference tables: policy, tumour sites, tissues, communes, outlines."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from functools import cache
from hashlib import sha256
from importlib import resources
from itertools import product
from typing import TYPE_CHECKING, Any, get_args

import yaml
from pydantic import ValidationError

from transfer_planner.domain.policy import CategoryKey, Policy
from transfer_planner.domain.reference import Commune, Site, Tissue
from transfer_planner.errors import DataError, Finding
from transfer_planner.i18n import msg
from transfer_planner.io.findings import expected, mend

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

POLICY_FILE = "policy.yaml"
WEIGHT_TOLERANCE = 1e-9
LARGEST, MOST_DAYS = 1_000_000, 10_000
DAYS = re.compile(r"tolerances|lead_days|agreement_delay|between_stereotactic|delays")


def read_policy(overrides: Mapping[str, Any] | None = None, *, file: str = POLICY_FILE) -> Policy:
    """Read the packaged policy and lay a scenario's overrides over it.

    Parameters
    ----------
    overrides
        Nested mappings, dotted paths (`tolerances.emergency: 1`), or both. Mappings merge, anything else replaces.
    file
        Name that the findings give for the file of the overrides.

    Raises
    ------
    DataError
        With every override that does not fit: unknown path, wrong type, negative number, weights that do not sum to 1,
        a table of ranks that leaves someone out.
    """
    merged = _merge(_load(POLICY_FILE), _nest(overrides or {}))
    try:
        # Through JSON because its strict mode takes lists for tuples and whole numbers for floats, but no true for 1.
        policy = Policy.model_validate_json(json.dumps(merged, default=str), strict=True)
    except ValidationError as error:
        faults = [(tuple(part for part in fault["loc"] if part != "[key]"), fault) for fault in error.errors()]
        findings = [
            Finding(
                file=file,
                where=".".join(["policy", *map(str, path)]),
                value=None if fault["type"] == "missing" else str(fault["input"])[:80],
                expected=expected(fault),
                mend=mend(Policy, path, fault) or msg("compare with the packaged policy, or remove this override"),
                code="policy",
            )
            for path, fault in faults
        ]
        told = {finding.where for finding in findings}
        findings += [fault for fault in _number_faults(merged, file) if fault.where not in told]
        raise DataError(findings) from error
    if findings := [*_policy_faults(policy, file)]:
        raise DataError(findings)
    return policy


def policy_sha256(policy: Policy) -> str:
    """Return the fingerprint of a policy: SHA-256 of its canonical JSON."""
    canonical = json.dumps(policy.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(canonical.encode()).hexdigest()


@cache
def read_sites() -> dict[str, Site]:
    """Read the closed list of tumour sites, by id."""
    return {row["id"]: Site.model_validate(row) for row in _load("sites.yaml")["sites"]}


@cache
def site_names() -> dict[str, str]:
    """Return what may stand in the roster column `site` (folded by `fold_name`, singular or plural) → site id."""
    names = {
        fold_name(name): site.id
        for site in read_sites().values()
        for name in (*site.synonyms, site.label_fr, site.label_en, site.id)
    }
    plurals = {" ".join(f"{word}s" for word in name.split()): site_id for name, site_id in names.items()}
    return plurals | names


def fold_name(text: str) -> str:
    """Fold case, accents, ligatures, hyphens, underscores and apostrophes, so that spellings meet."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(" " if c in "_-'’" else c for c in plain if not unicodedata.combining(c))
    return " ".join(letters.split())


@cache
def read_tissues() -> dict[str, Tissue]:
    """Read the radiobiology table, by id."""
    return {row["id"]: Tissue.model_validate(row) for row in _load("tissues.yaml")["tissues"]}


@cache
def read_communes() -> dict[str, Commune]:
    """Read the communes and their points, by INSEE code; postcodes of one commune are separated by `|`."""
    with _data("communes.csv").open(encoding="utf-8", newline="") as stream:
        return {
            row["insee"]: Commune(
                insee=row["insee"],
                name=row["name"],
                postcodes=tuple(filter(None, row["postcodes"].split("|"))),
                lat=float(row["lat"]),
                lon=float(row["lon"]),
                how=row["how"],
            )
            for row in csv.DictReader(stream)
        }


@cache
def read_outlines() -> dict[str, Any]:
    """Read the outlines of the departments, a GeoJSON FeatureCollection."""
    outlines: dict[str, Any] = json.loads(_data("outlines.geojson").read_text(encoding="utf-8"))
    return outlines


def _policy_faults(policy: Policy, file: str) -> Iterator[Finding]:
    yield from _number_faults(policy.model_dump(), file)
    weights = policy.outage_weights
    totals = {
        "outage_weights": weights.low + weights.likely + weights.high,
        "data_delays": sum(delay.weight for delay in policy.data_delays),
    }
    for path, total in totals.items():
        if abs(total - 1) > WEIGHT_TOLERANCE:
            yield Finding(file, f"policy.{path}", str(total), msg("weights whose sum is 1"), code="policy")
    days = [delay.days for delay in policy.data_delays]
    if len(set(days)) < len(days):
        yield Finding(file, "policy.data_delays", str(days), msg("each number of days once"), code="policy")
    for category, status in product(get_args(CategoryKey), ("on_treatment", "planned")):
        if not any(
            category in (rule.category or (category,))
            and rule.status in (None, status)
            and not rule.model_dump(exclude={"rank", "who", "category", "status"}, exclude_none=True)
            for rule in policy.ranks
        ):
            line = msg("a line for category {category}, {status}", category=category, status=status)
            yield Finding(file, "policy.ranks", None, line, code="policy")


def _number_faults(tree: Any, file: str) -> Iterator[Finding]:
    for path, value in _numbers(tree, "policy"):
        # Only the intercepts of a fitted line may be negative; beyond the limits, days would leave the calendar.
        low = -LARGEST if path.endswith("_intercept") else 1 if path.endswith("_kmh") else 0
        high = MOST_DAYS if DAYS.search(path) else LARGEST
        if not low <= value <= high:  # NaN neither
            yield Finding(
                file, path, str(value), msg("a number from {low} to {high}", low=low, high=high), code="policy"
            )


def _numbers(tree: Any, path: str) -> Iterator[tuple[str, float]]:
    """Walk a tree of mappings and lists, yielding each number with its path."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _numbers(value, f"{path}.{key}")
    elif isinstance(tree, list | tuple):
        for index, value in enumerate(tree):
            yield from _numbers(value, f"{path}.{index}")
    elif isinstance(tree, int | float) and not isinstance(tree, bool):
        yield path, tree


def _nest(overrides: Mapping[Any, Any]) -> dict[str, Any]:
    """Open dotted keys into nested mappings, keys as text (YAML reads a category as a number)."""
    nested: dict[str, Any] = {}
    for key, value in overrides.items():
        inner = _nest(value) if isinstance(value, dict) else value
        for part in reversed(str(key).split(".")):
            inner = {part: inner}
        nested = _merge(nested, inner)
    return nested


def _merge(base: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in patch.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


@cache
def _load(name: str) -> dict[str, Any]:
    with _data(name).open(encoding="utf-8") as stream:
        content: dict[str, Any] = yaml.safe_load(stream)
    return content


def _data(name: str) -> Any:
    return resources.files("transfer_planner") / "data" / name
