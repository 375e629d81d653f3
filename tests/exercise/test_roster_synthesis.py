"""Synthetic rosters are reproducible, sized from published sessions, and possible on the home linacs."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from transfer_planner.clinical.fractionation import FRENCH, Course, home_calendar, remaining_sessions
from transfer_planner.domain.base import INDIVIDUAL_TECHNIQUES
from transfer_planner.errors import DataError
from transfer_planner.exercise.case_mix import read_case_mix
from transfer_planner.exercise.roster_synthesis import synthesise_roster
from transfer_planner.io.centres import read_network
from transfer_planner.io.reference import read_communes, read_sites

if TYPE_CHECKING:
    from transfer_planner.domain.centre import Network
    from transfer_planner.domain.patient import Patient

ROOT = Path(__file__).parents[2]
DAY_ZERO = date(2026, 3, 2)
AFTER_EASTER = date(2026, 4, 8)


@pytest.fixture(scope="module")
def network() -> Network:
    return read_network(ROOT / "centres.yaml", [ROOT / "scenarios/overlays/fictitious_equipment.yaml"])


def make(network: Network, *centres: str, seed: int = 1, day: date = DAY_ZERO, **options) -> tuple[Patient, ...]:
    return synthesise_roster(
        network, centres, day_zero=day, sites=read_sites(), communes=read_communes(), rng=seed, **options
    )


@pytest.fixture(scope="module", params=[("oscar-lambret", DAY_ZERO, 400), ("dentellieres", AFTER_EASTER, 300)])
def roster(request, network) -> tuple[Patient, ...]:
    """Return a large roster, so that every course of the case mix has its chance."""
    centre, day, size = request.param
    return make(network, centre, day=day, patients=size)


@pytest.fixture(scope="module")
def crowd(network) -> tuple[Patient, ...]:
    """Return enough patients of Oscar Lambret for rare cases to occur."""
    return make(network, "oscar-lambret", patients=1500)


@pytest.fixture
def day_zero(roster) -> date:
    return DAY_ZERO if roster[0].centre_id == "oscar-lambret" else AFTER_EASTER


def test_same_seed_same_roster_other_seed_other_roster(network):
    """A seed or its generator give the same roster; another seed gives another."""
    first = make(network, "gray", seed=7)
    assert first == make(network, "gray", seed=7)
    assert first == make(network, "gray", seed=np.random.default_rng(7))
    assert first != make(network, "gray", seed=8)


def test_size_comes_from_published_sessions(network):
    """Valenciennes, 34,163 sessions a year on 250 days: 137 patients, 8 % (11) not started, and single fractions."""
    roster = make(network, "dentellieres")
    assert len(roster) == 137
    fractions = [p.prescribed_fractions for p in roster if p.status == "planned"]
    assert len([count for count in fractions if count > 1]) <= 11 <= len(fractions) <= 14


def test_size_asked_for_is_shared_by_sessions(network):
    """Two centres of 17,868 and 17,274 sessions share 100 patients 51 to 49; codes never repeat."""
    roster = make(network, "cthe-amiens", "chu-amiens", patients=100)
    assert [p.centre_id for p in roster].count("cthe-amiens") == 51
    assert len({p.patient_id for p in roster}) == 100


def test_case_mix_is_that_of_the_table(roster):
    """Breast is about 35 % and prostate about 20 % of a large roster; most patients are treated by modulation."""
    share = {site: sum(p.site == site for p in roster) / len(roster) for site in ("sein", "prostate")}
    assert share["sein"] == pytest.approx(0.35, abs=0.07)
    assert share["prostate"] == pytest.approx(0.20, abs=0.06)
    assert sum(p.technique in ("VMAT", "IMRT", "HELICAL") for p in roster) > len(roster) / 2


def test_home_linac_delivers_technique_energy_and_needs(network, roster):
    """Every technique, energy and need exists on the home linac; modulation is helical on a helical linac."""
    linacs = {linac.id: linac for centre in network.centres for linac in centre.linacs}
    home = network.centre(roster[0].centre_id).linacs
    for patient in roster:
        candidates = [linacs[patient.linac_id]] if patient.linac_id else home
        assert any(
            patient.technique in linac.deliverable
            and set(patient.needs) <= set(linac.features or ())
            and patient.energy in (None, *linac.photon_mv, *(f"{e}E" for e in linac.electron_mev))
            and not ("HELICAL" in linac.deliverable and patient.technique in ("IMRT", "VMAT"))
            for linac in candidates
        )
        assert patient.energy is None or patient.energy.endswith("E") == (patient.technique == "ELECTRONS")


def test_delivered_fractions_fit_the_calendar(roster, day_zero):
    """From the first date on, the rhythm gives the delivered count by the last date, less the sessions missed."""
    begun = [p for p in roster if p.status == "on_treatment"]
    for patient in begun:
        assert patient.last_fraction_date < day_zero
        assert FRENCH.is_treatment_day(patient.first_fraction_date)
        assert FRENCH.is_treatment_day(patient.last_fraction_date)
        gap = 2 if patient.fractions_per_week <= 3 else 1
        course = Course(patient.prescribed_fractions, patient.fractions_per_week, patient.fractions_per_day, gap)
        laid = [s for s in remaining_sessions(course, patient.first_fraction_date) if s.date < day_zero]
        assert patient.last_fraction_date == laid[-1].date
        if patient.delivered_fractions is not None:
            missed = sum(s.fractions for s in laid) - patient.delivered_fractions
            assert missed == (patient.fractions_per_day if patient.prolongation_days_so_far else 0)
            assert 0 < patient.delivered_fractions < patient.prescribed_fractions
    daily = [p for p in begun if p.fractions_per_week == 5]
    assert {p.last_fraction_date for p in daily} == {FRENCH.add_treatment_days(day_zero, -1)}
    assert any(p.prolongation_days_so_far for p in begun)


def test_planned_patients_start_on_a_treatment_day_soon(roster, day_zero):
    """Patients not started have no fraction, no last date and a first date within two weeks of treatment days."""
    planned = [p for p in roster if p.status == "planned"]
    assert planned
    for patient in planned:
        assert patient.delivered_fractions == 0
        assert patient.last_fraction_date is None
        assert 0 <= (patient.first_fraction_date - day_zero).days <= 17
        assert FRENCH.is_treatment_day(patient.first_fraction_date)
        assert home_calendar(patient, day_zero).baseline == patient.first_fraction_date


def test_prescriptions_add_up(roster):
    """Phases add up to the prescribed dose and fractions; stereotaxy keeps three sessions a week."""
    for patient in roster:
        parts = [phase.split("/") for phase in patient.phases.split("+")]
        assert sum(float(dose) for dose, _ in parts) == pytest.approx(patient.prescribed_dose_gy)
        assert sum(int(count) for _, count in parts) == patient.prescribed_fractions
        if patient.technique in ("SBRT", "SRS"):
            assert patient.fractions_per_week == 3


def test_homes_lie_around_the_centre(network):
    """Homes are packaged communes, nearer ones more likely."""
    communes = read_communes()
    roster = make(network, "joliot-curie", patients=300)
    homes = [communes[p.commune_insee] for p in roster if p.commune_insee]
    assert all(abs(home.lat - 50.72) < 0.5 for home in homes)
    assert len({home.insee for home in homes}) > 50


def test_children_only_at_a_paediatric_centre(network, crowd):
    """Oscar Lambret treats children, some under anaesthesia; a centre not known to does not."""
    children = [p for p in crowd if p.birth_year > DAY_ZERO.year - 18]
    assert children
    assert any(p.anaesthesia for p in children)
    assert not [p for p in make(network, "dentellieres", patients=400) if p.birth_year > DAY_ZERO.year - 18]


def test_some_cells_are_blank_and_some_cases_rare(crowd):
    """Blanks, unknown counts, urgencies and hard techniques all occur, and stay few."""
    for column in ("energy", "linac_id", "histology", "delivered_fractions", "mass_kg", "mobility", "commune_insee"):
        assert 0 < sum(getattr(p, column) is None for p in crowd) < 0.2 * len(crowd)
    for patient in crowd:
        assert (patient.delivered_fractions is None) == (patient.delivered_source == "unknown")
    assert 0 < sum(p.urgency == "emergency" for p in crowd) < 0.03 * len(crowd)
    assert {p.technique for p in crowd} >= {"SBRT", "SRS", "ELECTRONS", "HELICAL", "CSI"}
    assert sum(p.technique in INDIVIDUAL_TECHNIQUES for p in crowd) < 0.02 * len(crowd)
    assert any(p.brachytherapy_boost_due for p in crowd)
    assert any("DIBH" in p.needs for p in crowd)


def test_unknown_equipment_still_gives_a_roster():
    """Without an overlay the assumed techniques are used and energies stay blank."""
    bare = read_network(ROOT / "centres.yaml")
    roster = make(bare, "ch-beauvais")
    assert {p.technique for p in roster} <= {"3DCRT", "IMRT", "VMAT"}
    assert {p.energy for p in roster} == {None}


def test_faults_of_all_centres_are_told_together(network):
    """An unknown centre and a centre without linac are two findings."""
    empty = network.model_copy(
        update={"centres": tuple(c.model_copy(update={"linacs": ()}) if c.id == "gray" else c for c in network.centres)}
    )
    with pytest.raises(DataError) as raised:
        make(empty, "nowhere", "gray", "dentellieres")
    assert [finding.value for finding in raised.value.findings] == ["nowhere", "gray"]


def test_case_mix_cites_packaged_sites_and_their_codes():
    """Every course has its own name, a packaged site and ICD-10 codes of that site."""
    mix, sites = read_case_mix(), read_sites()
    names = sorted(course.id for course in mix.courses)
    assert all(one != other for one, other in pairwise(names))
    for course in mix.courses:
        prefixes = sites[course.site].icd10
        assert all(any(code.startswith(prefix) for prefix in prefixes) for code in course.icd10)
