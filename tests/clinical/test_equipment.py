"""What makes two linacs refuse the same patients is all that the rule asks of a linac and its centre."""

from __future__ import annotations

from typing import Any

from transfer_planner.clinical.compatibility import equipment, refusals
from transfer_planner.clinical.prioritisation import Assessment
from transfer_planner.domain.centre import Centre, Linac
from transfer_planner.domain.patient import Patient

LINAC = Linac(id="far-1", techniques=("ELECTRONS",), electron_mev=(6,), features=(), couch_max_kg=100)
CENTRE = Centre(id="far", location={"lat": 50, "lon": 3}, linacs=(LINAC,))
DEMANDING = Patient(
    patient_id="P1",
    centre_id="home",
    technique="VMAT",
    energy="9E",
    needs=("DIBH",),
    prescribed_fractions=20,
    anaesthesia=True,
    mass_kg=140,
    concurrent_chemotherapy=True,
)
CHILD = Assessment(
    category=1,
    rank=1,
    rank_reason="",
    tolerance_days=2,
    on_treatment=True,
    minor=True,
    curative=True,
    to_confirm=(),
)


class Seen:
    """An object that notes which of its fields are read."""

    def __init__(self, true: object) -> None:
        self.true, self.read = true, set[str]()

    def __getattr__(self, name: str) -> Any:
        self.read.add(name)
        return getattr(self.true, name)


def test_every_field_that_a_refusal_reads_is_told():
    """A patient with every demand is refused for all of them, and each field read for that is part of the equipment."""
    asked, told = (Seen(CENTRE), Seen(LINAC)), (Seen(CENTRE), Seen(LINAC))
    assert len(refusals(DEMANDING, CHILD, *asked)) == 7
    equipment(*told)
    assert [one.read for one in asked] == [one.read for one in told]
