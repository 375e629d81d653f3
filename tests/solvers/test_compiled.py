"""Compiled functions give what Python gives, wherever their code lies."""

from __future__ import annotations

from transfer_planner.solvers.compiled import compiled


def test_a_function_without_a_place_on_disk_is_compiled_all_the_same() -> None:
    """Code that no file holds cannot be kept for later processes: it is compiled for this one."""
    scope: dict[str, object] = {}
    exec("def twice(number):\n    return 2 * number\n", scope)
    twice = compiled(scope["twice"])
    assert twice(21) == 42
    assert twice.signatures
