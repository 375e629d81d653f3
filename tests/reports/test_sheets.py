"""The transfer sheets: one page each, the three facts, reservations, no identity, and two sources before treating."""

from __future__ import annotations

from datetime import date

import pypdfium2
import pytest
import zxingcpp

from tests.factories import make_case, make_patient, make_plan
from transfer_planner.domain.plan import Reason
from transfer_planner.i18n import msg
from transfer_planner.reports import sheets
from transfer_planner.reports.crisis import crisis_cell
from transfer_planner.reports.furniture import plan_fingerprint
from transfer_planner.reports.sheets import in_order, qr_codes, sheet, transfer_sheets
from transfer_planner.reports.typeset import page_count


@pytest.fixture(scope="module")
def french(folder, pdf_pages):
    return pdf_pages((folder / "transfer-sheets.pdf").read_bytes())


def test_one_page_per_patient_in_order_of_rank(plan, french):
    assert len(french) == len(plan.decisions)
    for page, decision in zip(french, in_order(plan.decisions), strict=True):
        assert decision.patient_id in page
        assert f"fiche {decision.patient_id}, page 1 / 1" in page


def test_a_page_says_who_where_when_and_by_when(plan, french):
    decision = next(d for d in in_order(plan.decisions) if d.action == "transfer")
    page = french[in_order(plan.decisions).index(decision)]
    for wanted in (
        "Fiche de transfert",
        decision.linac_id,
        "mars 2026",
        "Date limite de reprise",
        "Niveau miroir",
        "Visa",
    ):
        assert wanted in page


def test_every_page_carries_its_reservations_and_its_origin(plan, french):
    for page in french:
        assert "EXERCICE – données fictives" in page
        assert plan_fingerprint(plan) in page
        assert "optimalité non prouvée" in page
        assert "lundi 2 mars 2026 à 09:15" in page


def test_an_unknown_count_forbids_treating(plan, case, french):
    unknown = {p.patient_id for p in case.patients if p.delivered_fractions is None}
    assert unknown
    for page, decision in zip(french, in_order(plan.decisions), strict=True):
        assert ("NE PAS TRAITER avant que deux sources concordent" in page) == (decision.patient_id in unknown)


def test_a_waiting_patient_sees_why_until_when_and_what_would_change(plan, case):
    decision = next(d for d in plan.decisions if d.action == "wait")
    made = sheet(plan, case, decision, "fr")
    assert made["title"] == "Fiche d’attente de reprise"
    assert [row["value"] for row in made["outlook"][:3]] == [
        "lundi 9 mars 2026",
        "lundi 16 mars 2026",
        "lundi 30 mars 2026",
    ]
    assert "jeudi 19 mars 2026" in made["outlook"][3]["value"]
    alone = sheet(plan, case, decision.model_copy(update={"waiting_right_up_to_days": None}), "fr")
    assert "Aucun centre ne peut prendre ce patient" in alone["outlook"][3]["value"]


def test_without_room_waiting_is_right_until_a_place_is_found(plan, case):
    decision = next(d for d in plan.decisions if d.action == "wait")
    full = Reason(code="wait_no_room", text="plus de place")
    made = sheet(plan, case, decision.model_copy(update={"reasons": (full,)}), "fr")
    assert made["outlook"][3]["value"].startswith("Si une place se trouve")


def test_reservations_follow_the_data():
    patient = make_patient(1, status="on_treatment", commune_insee="59606")
    case = make_case(patients=(patient,), exercise=False)
    case = type(case)(**{**vars(case), "network": case.network.model_copy(update={"fictitious": False})})
    plan = make_plan(case, exercise=False)
    assert sheet(plan, case, plan.decisions[0], "fr")["notes"] == ["CAPACITÉS NON CONFIRMÉES"]
    doubtful = plan.decisions[0].model_copy(update={"to_confirm": ("energy",)})
    made = sheet(plan, case, doubtful, "fr")
    assert made["watermark"].splitlines() == ["DONNÉES NON CONFIRMÉES", "CAPACITÉS NON CONFIRMÉES"]
    answered = make_case(
        patients=(patient,),
        declared_capacity=[{"centre_id": doubtful.centre_id, "spare_minutes_per_day": 90}],
    )
    assert sheet(plan, answered, plan.decisions[0], "fr")["notes"] == ["EXERCICE – données fictives"]


def test_what_is_written_in_the_notes_of_the_roster_is_never_printed(pdf_text):
    case = make_case(patients=(make_patient(0, notes="Mme DURAND née le 03/04/1951"),))
    plan = make_plan(case)
    text = pdf_text(transfer_sheets(plan, case, "fr")) + pdf_text(crisis_cell(plan, case, "fr"))
    assert "DURAND" not in text
    assert "1951" not in text


def test_reasons_come_gravest_first_and_not_twice(plan, case):
    reasons = tuple(
        Reason(code=code, text=text) for code, text in (("excess", "trop tard."), ("grade", "appariés"), ("rank", "P1"))
    )
    made = sheet(plan, case, plan.decisions[0].model_copy(update={"reasons": reasons}), "fr")
    assert made["why"] == "Trop tard\u202f; P1"


def test_the_timeline_counts_missed_and_planned_sessions(plan, case):
    decision = next(d for d in plan.decisions if d.action == "transfer" and d.missed_sessions)
    marks = sheet(plan, case, decision, "fr")["timeline"]["marks"]
    assert sum(mark["kind"] == "missed" for mark in marks) == decision.missed_sessions
    assert sum(mark["kind"] == "planned" for mark in marks) == len(decision.sessions)


def test_the_tolerance_line_is_where_the_excess_begins(plan, case):
    """The line stands `excess` days before the last session of a course on treatment that is too late."""
    patients = {p.patient_id: p for p in case.patients}
    late = [d for d in plan.decisions if d.excess_tenths and d.sessions and patients[d.patient_id].treated_on_treatment]
    assert late
    for decision in late:
        timeline = sheet(plan, case, decision, "fr")["timeline"]
        limit = next(line["at"] for line in timeline["lines"] if line["kind"] == "limit")
        last = max(mark["at"] for mark in timeline["marks"])
        assert last - limit == decision.excess_tenths / 10


def test_options_of_compensation_are_shown_for_a_broken_course(plan, case):
    broken = next(d for d in plan.decisions if d.patient_id == "P009")
    table = next(b["options"] for b in sheet(plan, case, broken, "fr")["blocks"] if b["options"])
    names = [row["name"] for row in table["rows"]]
    assert names[0] == "Sans compensation"
    assert "Bifractionnement (6 h)" in names
    assert table["signed"] == ["Choisie par", "Vérifiée par"]


def test_one_phase_is_compensated_like_none_and_two_are_not():
    for phases, shown in (("70/35", True), ("50/25+20/10", False)):
        patient = make_patient(8, phases=phases)
        one = make_case(patients=(patient,))
        decision = make_plan(one).decisions[0].model_copy(update={"prolongation_days": 4})
        made = sheet(make_plan(one), one, decision, "fr")
        assert any(block["options"] for block in made["blocks"]) == shown
        assert ("50/25" in str(made["blocks"])) != shown


def test_deliveries_are_drawn_only_where_their_days_are_known():
    known = make_patient(8, delivered_fractions=5, first_fraction_date=date(2026, 2, 23))
    doubtful = known.model_copy(update={"delivered_fractions": 4})
    counts = []
    for patient in (known, doubtful):
        one = make_case(patients=(patient,))
        plan = make_plan(one)
        marks = sheet(plan, one, plan.decisions[0], "fr")["timeline"]["marks"]
        counts.append(sum(mark["kind"] == "done" for mark in marks))
    assert counts == [5, 1]


def test_codes_hold_the_code_the_fingerprint_and_the_version_only(plan):
    svg = qr_codes(plan, plan.decisions[:1])
    assert list(svg) == ["qr-P001.svg"]
    assert len(qr_codes(plan, plan.decisions)) == len(plan.decisions)


def test_a_printed_code_can_be_read(plan, folder):
    with pypdfium2.PdfDocument(folder / "transfer-sheets.pdf") as document:
        image = document[0].render(scale=150 / 72).to_numpy()
    first = in_order(plan.decisions)[0]
    assert [code.text for code in zxingcpp.read_barcodes(image)] == [
        f"{first.patient_id} {plan_fingerprint(plan)} 2026.2"
    ]


def test_english_sheets_leave_no_french(plan, case, pdf_text):
    text = pdf_text(transfer_sheets(plan, case, "en"))
    assert "Transfer sheet" in text
    assert "EXERCISE – fictitious data" in text
    for french in ("Fiche", "séance manquée", "Niveau miroir", "à confirmer"):
        assert french not in text


def test_the_same_plan_gives_the_same_bytes(plan, case, folder):
    assert transfer_sheets(plan, case, "fr") == (folder / "transfer-sheets.pdf").read_bytes()


def test_extreme_data_stay_on_two_pages_and_numbered(pdf_text):
    patient = make_patient(
        0,
        patient_id="X" * 64,
        status="on_treatment",
        birth_year=2015,
        anaesthesia=True,
        needs=("DIBH", "GATING", "CBCT", "SGRT"),
        prescribed_fractions=100,
        delivered_fractions=10,
        phases="50/25+16/8 " * 12,
        diagnosis_icd10="C50.9" * 20,
        immobilisation="unavailable",
    )
    case = make_case(patients=(patient,))
    plan = make_plan(case)
    why = tuple(Reason(code="long", text="Une raison fort longue, #panic(), $x$, *gras* ; " * 9) for _ in range(5))
    plan = make_plan(case, decisions=(plan.decisions[0].model_copy(update={"reasons": why, "linac_id": "l" * 64}),))
    pdf = transfer_sheets(plan, case, "fr")
    text = pdf_text(pdf)
    assert page_count(pdf) == 2
    assert "page 1 / 2" in text
    assert "page 2 / 2" in text
    assert "#panic(), $x$, *gras*" in text


def test_every_sentence_is_in_french():
    """No English source text is printed in French for want of a translation."""
    same = {"B", "I", "Patient", "Compensation", "Option", "Minutes", "Technique", "CERT Santé"}
    for message in (*sheets.LABELS.values(), *sheets.TITLES.values(), *sheets.WHERE.values(), *sheets.WHEN.values()):
        assert message.text("fr") != message.source or message.source in same
    assert msg("first planned {day}", day=date(2026, 3, 2)).text("fr") == "première prévue 2026-03-02"
