"""The package of a destination holds its patients and no other, and says by which way it goes."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from transfer_planner.domain.centre import Channel
from transfer_planner.domain.scenario import PARIS
from transfer_planner.reports.packages import arrivals, package_files, package_manifest, route

if TYPE_CHECKING:
    from collections.abc import Callable

    from transfer_planner.domain.case import Case
    from transfer_planner.domain.plan import Plan


def test_only_its_patients(plan: Plan, case: Case, pdf_text: Callable[[bytes], str]) -> None:
    """Booklet, rows and manifest name the patients of the destination, and nobody else."""
    mine = {decision.patient_id for decision in arrivals(plan, "gray")}
    others = {patient.patient_id for patient in case.patients} - mine
    files = package_files(plan, case, "gray", "fr")
    made = package_manifest(
        plan, case, "gray", files=files, objects={}, objects_included=False, now=datetime(2026, 3, 2, tzinfo=PARIS)
    )
    assert {row["patient_id"] for row in json.loads(files["plan-rows.json"])} == mine
    assert {patient.patient_id for patient in made.patients} == mine
    assert {one.path for one in made.files} == files.keys() == made.inside().keys()
    printed = pdf_text(files["reception-gray.pdf"]) + files["plan-rows.csv"].decode()
    assert all(code in printed for code in mine)
    assert not [code for code in others if code in printed]


def test_the_way_is_the_one_agreed(case: Case) -> None:
    """Two centres that agreed on a channel use it, in both directions; others send a stick by road."""
    assert route(case, "dentellieres", "gray").channel == "usb"
    assert not route(case, "dentellieres", "gray").agreed
    agreed = Channel(between=("gray", "dentellieres"), channel="platform", delay_h=2)
    network = case.network.model_copy(update={"channels": (agreed,)})
    chosen = route(case.__class__(**{**case.__dict__, "network": network}), "dentellieres", "gray")
    assert (chosen.channel, chosen.delay_h, chosen.agreed) == ("platform", 2, True)
