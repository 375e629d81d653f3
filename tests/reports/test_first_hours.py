"""The papers of the first hours: who is called first, what each may read, blanks without identities, one page each."""

from __future__ import annotations

import json
import re
import stat
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.factories import CREATED_AT, HOME, make_case, make_patient, make_plan
from transfer_planner.domain.scenario import PARIS, DeclaredCapacity
from transfer_planner.errors import DataError
from transfer_planner.io.identities import Person
from transfer_planner.reports.calls import QUESTIONS, call_list, capacity_calls, requests
from transfer_planner.reports.desk import Desk
from transfer_planner.reports.first_hours import PAPERS, REQUESTS, render_first_hours, write_first_hours
from transfer_planner.reports.folder import put_folder
from transfer_planner.reports.letters import doctor_letters, patient_letters
from transfer_planner.reports.obligations import clock_rows, due, packaged_obligations
from transfer_planner.reports.situation import obligations_clock, situation_report
from transfer_planner.reports.typeset import page_count

PEOPLE = {
    "P001": Person(
        patient_id="P001",
        name="FICTIF",
        first_name="Ada",
        phone="06 00 00 00 00",
        address="12 rue Inventée|59300 Valenciennes",
        doctor="Dr Imaginaire",
    )
}


@pytest.fixture(scope="module")
def desk(case, plan):
    return Desk(case, plan, {}, CREATED_AT, case.scenario.day_zero, 3, "fr")


@pytest.fixture(scope="module")
def alone(desk):
    """Return a desk without plan."""
    return replace(desk, plan=None)


def _desk(*patients, plan=True, people=None, lang="fr", **scenario):
    case = make_case(patients=patients, **scenario)
    made = make_plan(case) if plan else None
    return Desk(case, made, people or {}, CREATED_AT, case.scenario.day_zero, 1, lang)


def test_the_six_questions_are_the_fields_of_declared_capacity(desk, pdf_pages):
    asked = {key for key, _, _ in QUESTIONS}
    assert asked == set(DeclaredCapacity.model_fields) - {"centre_id", "asked_at", "answered_by_role"}
    pages = pdf_pages(capacity_calls(desk))
    assert len(pages) == 5
    for page in pages:
        assert all(f"{key}:" in page for key in asked)
        assert "declared_capacity:" in page
    assert "Léonard de Vinci" in pages[0]  # the nearest


def test_what_a_centre_answered_stands_over_what_the_file_says(pdf_pages):
    answer = {"centre_id": "gray", "accepts": True, "new_starts_per_day": 41}
    page = next(p for p in pdf_pages(capacity_calls(_desk(make_patient(0), declared_capacity=[answer]))) if "Gray" in p)
    assert "répondu : 41" in page
    assert "répondu : oui" in page


def test_a_request_names_only_the_patients_it_asks_for_on_one_page(desk, pdf_pages):
    pages = pdf_pages(requests(desk))
    moved = [d for d in desk.plan.decisions if d.action == "transfer"]
    assert len(pages) == len({d.centre_id for d in moved})
    for page in pages:
        found = set(re.findall(r"\bP\d{3}\b", page))
        centres = {d.centre_id for d in moved if d.patient_id in found}
        assert len(centres) == 1
        assert found == {d.patient_id for d in moved if d.centre_id in centres}


def test_sixty_patients_for_one_centre_still_make_one_page(pdf_pages):
    made = _desk(*(make_patient(n) for n in range(60)))
    decisions = tuple(
        d.model_copy(update={"centre_id": "gray", "linac_id": "gray-1"}) if d.action == "transfer" else d
        for d in made.plan.decisions
    )
    (page,) = pdf_pages(requests(replace(made, plan=make_plan(made.case, decisions=decisions))))
    assert re.search(r"… et \d+ autres", page)


def test_today_is_called_first_then_the_next_treatment_day(pdf_text):
    begun = {"status": "on_treatment", "last_fraction_date": date(2026, 2, 27)}
    tomorrow = make_patient(0, patient_id="DEMAIN", status="planned", first_fraction_date=date(2026, 3, 3))
    later = make_patient(0, patient_id="PLUSTARD", status="planned", first_fraction_date=date(2026, 3, 12))
    text = pdf_text(call_list(_desk(later, tomorrow, make_patient(1, patient_id="JOUR", **begun))))
    order = [text.index(word) for word in ("Attendus aujourd’hui", "JOUR", "Attendus mardi", "DEMAIN", "PLUSTARD")]
    assert order == sorted(order)


def test_each_stopped_centre_gets_its_own_list(pdf_pages):
    two = (make_patient(0, patient_id="DENT"), make_patient(1, patient_id="GRAY", centre_id="gray"))
    made = _desk(*two, plan=False, compromised={"centres": [HOME, "gray"]})
    pages = pdf_pages(call_list(made))
    assert len(pages) == 2
    assert [("DENT" in page, "GRAY" in page) for page in pages] == [(True, False), (False, True)]
    assert "La radiothérapie de ces centres" in pdf_pages(capacity_calls(made))[0]


def test_the_call_list_says_what_to_mind(pdf_text):
    child = make_patient(0, birth_year=2018, anaesthesia=True, concurrent_chemotherapy=None, delivered_fractions=None)
    text = pdf_text(call_list(_desk(child, plan=False)))
    for wanted in ("parler à un parent", "ne pas rester à jeun", "demander ce qui est prévu", "demander combien"):
        assert wanted in text
    assert "nous rappelons" in text


def test_identities_are_printed_where_given_and_blank_elsewhere(desk, pdf_text):
    named = replace(desk, people=PEOPLE)
    for paper in (call_list, patient_letters, doctor_letters):
        assert "Ada FICTIF" in pdf_text(paper(named))
        assert "FICTIF" not in pdf_text(paper(desk))
    for paper in (capacity_calls, requests, situation_report, obligations_clock):
        assert "FICTIF" not in pdf_text(paper(named))
    assert "FICTIF" not in repr(named)


def test_a_letter_to_a_patient_is_one_page_without_diagnosis(desk, pdf_pages):
    pages = pdf_pages(patient_letters(desk))
    assert len(pages) == len(desk.patients)
    labels = {site.label_fr for site in desk.case.sites.values()}
    for page in pages:
        assert not any(re.search(rf"\b{re.escape(label)}\b", page) for label in labels)
        assert "catégorie" not in page
        assert "Gy" not in page


def test_a_letter_says_where_and_when_or_to_wait(desk, pdf_pages):
    pages = {re.search(r"Référence (\S+)", page)[1]: page for page in pdf_pages(patient_letters(desk))}
    for decision in desk.plan.decisions:
        page = pages[decision.patient_id]
        assert ("À apporter" in page) == (decision.start_date is not None)
        assert ("nouvelle prescription médicale de transport" in page) == (
            decision.action == "transfer"
            and next(p for p in desk.case.patients if p.patient_id == decision.patient_id).mobility != "own"
        )
        if decision.action == "wait":
            assert ("cherchons une place" in page) == (decision.excess_tenths > 0)


def test_before_any_plan_letters_promise_nothing(alone, pdf_text):
    text = pdf_text(patient_letters(alone))
    assert "Nous préparons la suite" in text
    assert "Première séance" not in text


def test_letters_to_parents_and_long_names_keep_to_one_page():
    long = Person(
        patient_id="P001",
        name="de La Tour " * 7,
        first_name="Marie-Antoinette " * 4,
        address="Résidence des Invalides inventés, escalier B|12 bis rue de la Très Longue Avenue|59300 Valenciennes|France",
    )
    child = make_patient(0, birth_year=2018, anaesthesia=True)
    desk = _desk(child, people={"P001": long})
    assert page_count(patient_letters(desk)) == 1
    assert page_count(doctor_letters(desk)) == 1


def test_the_situation_report_counts_and_names_nobody(desk, pdf_pages):
    (page,) = pdf_pages(situation_report(desk))
    assert "Point de situation n° 3" in page
    assert "lundi 2 mars 2026 à 09:15" in page
    assert not re.search(r"\bP\d{3}\b", page)
    late = sum(d.excess_tenths > 0 for d in desk.plan.decisions)
    count = len(desk.plan.decisions)
    assert f"tous {count} {count - late} {late}" in page
    assert "Appareils arrêtés : 4 (4 × Varian TrueBeam)" in page


def test_what_the_roster_does_not_tell_is_counted_apart(pdf_text):
    known = make_patient(0, concurrent_chemotherapy=True)
    silent = make_patient(1, concurrent_chemotherapy=None, birth_year=None)
    text = pdf_text(situation_report(_desk(known, silent, lang="en")))
    assert re.search(r"1 \(1 not told\) concurrent chemotherapy", text)
    assert re.search(r"0 \(1 not told\) children", text)


def test_without_plan_solutions_are_blank(alone, pdf_text):
    text = pdf_text(situation_report(alone))
    assert "Pas encore de plan" in text
    assert f"tous {len(alone.patients)} Solution" in text


def test_obligations_are_dated_from_the_attack_and_all_to_be_verified():
    attack = datetime(2026, 3, 6, 6, 40, tzinfo=PARIS)  # a Friday
    items = {item.id: item for item in packaged_obligations().obligations}
    assert due(items["cnil"], attack) == attack + timedelta(hours=72)
    assert due(items["asnr-event"], attack).date() == date(2026, 3, 10)
    assert due(items["people"], attack) is None
    rows = clock_rows(attack, "fr")
    assert [row["urgent"] for row in rows] == sorted((row["urgent"] for row in rows), reverse=True)
    assert rows[-1]["when"] == "dans les meilleurs délais"
    assert all("vérifier" in row["status"].lower() and row["source"] for row in rows)


def test_english_papers_leave_no_french(desk, pdf_text):
    text = "".join(pdf_text(pdf) for pdf in render_first_hours(replace(desk, lang="en")).values())
    for french in ("Fiche", "séance", "Appeler", "tous", "vérifier", "Votre"):
        assert french not in text


def test_a_folder_private_to_its_owner_and_never_over_a_plan(desk, tmp_path):
    out = tmp_path / "papers"
    assert set(write_first_hours(replace(desk, people=PEOPLE), out)) == {*PAPERS, REQUESTS, "manifest.json"}
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in out.iterdir()} == {0o600}
    manifest = json.loads((out / "manifest.json").read_bytes())
    assert (manifest["kind"], manifest["identities"]) == ("first-hours", True)
    assert "FICTIF" not in json.dumps(manifest)
    write_first_hours(desk, out)  # again, over its own
    put_folder(tmp_path / "plan", {"plan.json": b"{}"}, {})
    with pytest.raises(DataError):
        write_first_hours(desk, tmp_path / "plan")
    assert (tmp_path / "plan" / "plan.json").read_bytes() == b"{}"


def test_the_same_hour_gives_the_same_bytes(desk):
    assert call_list(desk) == call_list(replace(desk))


def test_the_home_centre_is_never_called(desk, pdf_text):
    assert HOME not in pdf_text(capacity_calls(desk)).split("centre_id: ")[1]
