"""Validate nodes against an entity: what is unambiguous is read, the rest becomes findings with file and line."""

from __future__ import annotations

import contextlib
import json
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from transfer_planner.i18n import Message, msg

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from transfer_planner.errors import Finding
    from transfer_planner.io.yaml_documents import Node

M = TypeVar("M", bound=BaseModel)
_NUMBER = re.compile(r"[-+]?\d{1,15}([.,]\d{1,15})?")

_EXPECTED = {
    "json_invalid": msg("whole JSON"),
    "missing": msg("a value: this field is required"),
    "extra_forbidden": msg("a known field"),
    "int_type": msg("a whole number"),
    "int_parsing_size": msg("a whole number"),
    "int_from_float": msg("a whole number"),
    "float_type": msg("a number"),
    "finite_number": msg("a finite number"),
    "bool_type": msg("true or false"),
    "string_type": msg("text"),
    "string_pattern_mismatch": msg("letters without accents, digits, dots, hyphens or underscores, no space"),
    "string_too_long": msg("at most {max_length} characters"),
    "literal_error": msg("one of: {expected}"),
    "greater_than": msg("more than {gt}"),
    "greater_than_equal": msg("{ge} or more"),
    "less_than": msg("less than {lt}"),
    "less_than_equal": msg("{le} or less"),
    "multiple_of": msg("a multiple of {multiple_of}"),
    "too_short": msg("at least {min_length} items"),
    "too_long": msg("at most {max_length} items"),
    "tuple_type": msg("a list, written `[a, b]`"),
    "dict_type": msg("`key: value` lines"),
    "model_type": msg("`key: value` lines"),
    "date_type": msg("a date written 2026-03-02"),
    "date_parsing": msg("a date written 2026-03-02"),
    "date_from_datetime_parsing": msg("a date written 2026-03-02"),
    "datetime_type": msg("a date and time written 2026-03-02T06:40:00+01:00"),
    "datetime_parsing": msg("a date and time written 2026-03-02T06:40:00+01:00"),
    "datetime_from_date_parsing": msg("a date and time written 2026-03-02T06:40:00+01:00"),
}

_ALONE = _EXPECTED.keys() - {
    "json_invalid",
    "missing",
    "too_short",
    "too_long",
    "tuple_type",
    "dict_type",
    "model_type",
}
"""Faults of one key or value, without which the rest can still be checked."""


def expected(error: Any) -> Message:
    """Say what pydantic expected, in our words where we have some."""
    ours = _EXPECTED.get(error["type"])
    if ours is None:
        return msg("a valid value ({reason})", reason=error["msg"])
    context = error.get("ctx") or {}
    return Message(
        ours.source, {name: str(value).replace("'", "").replace(" or ", ", ") for name, value in context.items()}
    )


def validate(model: type[M], root: Node) -> tuple[M | None, list[Finding]]:
    """Validate a tree of nodes.

    Strict JSON mode takes lists for tuples and ISO text for dates, and neither numbers for dates nor true for 1. A number where
    text is expected is then read as it was written (insee: 59392), a numeral where a number is (low: 07, hours: 7,5).

    Returns
    -------
    tuple
        The entity, None when a finding forbids it; the findings.
    """
    entity, faults, _ = _read(model, root)
    return entity, [_finding(model, root, path, each) for path, each in faults.items()]


def validate_rest(model: type[M], root: Node) -> tuple[M | None, list[Finding], set[str]]:
    """Validate as `validate` does, and read beside the findings what is left without faulty keys and values.

    Returns
    -------
    tuple
        The entity, also when findings forbid it, so that its rest may be checked (None when nothing is left to check);
        the findings; the places above the faults, where whatever else is missing may come from them.
    """
    entity, faults, data = _read(model, root)
    findings = [_finding(model, root, path, each) for path, each in faults.items()]
    if faults and all(isinstance(path[-1], str) and each["type"] in _ALONE for path, each in faults.items()):
        for path in faults:
            inner = data
            for step in path[:-1]:
                inner = inner[step]
            del inner[path[-1]]
        with contextlib.suppress(ValidationError):
            entity = model.model_validate_json(json.dumps(data), strict=True)
    above = {root.where(path[:depth]) for path in faults for depth in range(len(path))}
    return entity, findings, above


def _read(model: type[M], root: Node) -> tuple[M | None, dict[tuple[str | int, ...], Any], Any]:
    """Return the entity, the faults by path in their order, and the data with what could be mended."""
    data = root.plain()
    try:
        return model.model_validate_json(json.dumps(data), strict=True), {}, data
    except ValidationError as error:
        for each in error.errors():
            _mend(data, each, root)
    try:
        return model.model_validate_json(json.dumps(data), strict=True), {}, data
    except ValidationError as error:
        faults = {_path(each["loc"], root): each for each in reversed(error.errors())}
        return None, dict(reversed(faults.items())), data


def check_known(root: Node, path: tuple[str | int, ...], value: str, known: Collection[str]) -> Iterator[Finding]:
    """Yield a finding when the value at a path names none of the things known."""
    if value not in known:
        near = get_close_matches(value, known, n=1)
        mend = msg("did you mean `{field}`?", field=near[0]) if near else None
        names = msg("one of: {known}", known=", ".join(sorted(known)))
        yield root.finding(path, names, mend, code="unknown_reference")


def _path(loc: tuple[str | int, ...], root: Node) -> tuple[str | int, ...]:
    """Cut the names of union members that pydantic adds below a scalar."""
    for depth in range(len(loc)):
        if not isinstance(root.at(loc[:depth]).value, dict | list):
            return loc[:depth]
    return tuple(step for step in loc if step != "[key]")


def _mend(data: Any, error: Any, root: Node) -> None:
    """Replace a value that can be read in one way only by what the entity expects."""
    path = _path(error["loc"], root)
    node = root.at(path)
    text = node.text if node.text is not None else node.value
    if not isinstance(text, str) or not path:
        return
    value: Any = None
    if error["type"] == "string_type" and not isinstance(node.value, bool):
        value = text
    elif error["type"] in {"int_type", "int_from_float", "float_type"} and _NUMBER.fullmatch(text):
        number = float(text.replace(",", "."))
        value = int(number) if number.is_integer() else number
    if value is not None:
        for step in path[:-1]:
            data = data[step]
        data[path[-1]] = value


def mend(model: type[BaseModel], path: tuple[str | int, ...], error: Any) -> Message | None:
    """Say how to mend what pydantic refused, None when what is expected says it all.

    Parameters
    ----------
    model, path
        Entity, and where in it the fault stands.
    error
        Fault, as pydantic tells it.
    """
    if error["type"] == "extra_forbidden":
        near = get_close_matches(str(path[-1]), _model_at(model, path[:-1]).model_fields, n=1)
        return msg("did you mean `{field}`?", field=near[0]) if near else msg("remove it")
    if error["type"] == "literal_error" and f"'{error['input']}'" in error["ctx"]["expected"]:
        return msg('put it in quotes: "{text}"', text=error["input"])
    return None


def _finding(model: type[BaseModel], root: Node, path: tuple[str | int, ...], error: Any) -> Finding:
    how = mend(model, path, error)
    if error["type"] == "string_type" and isinstance(root.at(path).value, bool):
        how = msg('put it in quotes: "{text}"', text=root.at(path).text)
    return root.finding(path, expected(error), how, code=error["type"])


def _model_at(model: type[BaseModel], path: tuple[str | int, ...]) -> type[BaseModel]:
    for step in path:
        if step in model.model_fields:
            model = next(_entities(model.model_fields[str(step)].annotation), model)
    return model


def _entities(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _entities(inner)
