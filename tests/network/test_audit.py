"""The audit counts how each field is known, and asks each centre what changes plans most first."""

from __future__ import annotations

from transfer_planner.domain.centre import Network
from transfer_planner.network.audit import FIELDS, LABELS, ask_first, audit_network

GIVEN = {
    "schema_version": 1,
    "sources": [{"id": "page", "title": "Page"}, {"id": "fictif", "title": "FICTIF"}],
    "centres": [
        {
            "id": "a",
            "location": {"lat": 50, "lon": 3},
            "opening": {"weekdays": 600},
            "physics_hours_per_day": 4,
            "treatment_planning_system": "Monaco",
            "linacs": [
                {"id": "a1", "model": "Infinity", "booked_min_per_day": 300, "provenance": {"model": "page"}},
                {"id": "a2", "model": "Synergy", "booked_min_per_day": 300},
            ],
            "provenance": {
                "opening": "assumed",
                "booked_min_per_day": "derived",
                "treatment_planning_system": "declared",
            },
        },
        {
            "id": "b",
            "location": {"lat": 51, "lon": 3},
            "linacs": [{"id": "b1", "model": "TrueBeam"}],
            "provenance": {"linacs": "fictif", "location": "page"},
        },
    ],
}


def shares() -> dict[str, dict[str, int]]:
    found = audit_network(Network.model_validate(GIVEN))
    return {share.field.name: {key: count for key, count in share.counts.items() if count} for share in found}


def test_each_value_is_counted_once_by_what_it_rests_on():
    """Linac by linac or centre by centre: own provenance first, then the centre's; a null is unknown."""
    found = shares()
    assert found["model"] == {"sourced": 1, "unstated": 1, "fictitious": 1}
    assert found["booked_min_per_day"] == {"derived": 2, "unknown": 1}
    assert found["opening"] == {"assumed": 1, "unknown": 1}
    assert found["treatment_planning_system"] == {"declared": 1, "unknown": 1}
    assert found["physics_hours_per_day"] == {"unstated": 1, "unknown": 1}
    assert found["conventions"] == found["information_systems"] == {"unknown": 2}
    assert [*found] == [field.name for field in FIELDS]


def test_percentages_sum_to_the_whole():
    """The shares of a field make 100 percent."""
    for share in audit_network(Network.model_validate(GIVEN)):
        assert round(sum(share.percent(knowledge) for knowledge in LABELS), 6) == 100


def test_conventions_are_declared_unless_invented():
    """A signed convention is a declaration; in a fictitious network it is fictitious."""
    signed = GIVEN | {"conventions": [{"between": ["a", "b"]}]}
    for fictitious, expected in ((False, "declared"), (True, "fictitious")):
        network = Network.model_validate(signed | {"fictitious": fictitious})
        share = next(share for share in audit_network(network) if share.field.name == "conventions")
        assert share.counts[expected] == 2


def test_a_centre_is_asked_what_is_neither_declared_nor_published():
    """The least known linac decides; questions come in the order in which fields change plans."""
    questions = ask_first(Network.model_validate(GIVEN))
    asked = [(question.field.name, question.knowledge) for question in questions["a"]]
    assert asked[:4] == [
        ("model", "unstated"),
        ("oncology_information_system", "unknown"),
        ("opening", "assumed"),
        ("booked_min_per_day", "derived"),
    ]
    assert "treatment_planning_system" not in dict(asked)
    assert "location" not in {question.field.name for question in questions["b"]}


def test_questions_are_asked_in_french():
    """Every question and every label has its French."""
    for message in (*(field.question for field in FIELDS), *LABELS.values()):
        assert message.text("fr") != message.text("en")
