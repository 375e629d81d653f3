"""The questions of the survey workbook: where each answer goes in the network, how it is written and read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from transfer_planner.domain.base import Feature, Technique
from transfer_planner.i18n import Message, msg

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal[
    "text", "number", "integer", "yes_no", "date", "choice", "techniques", "features", "photons", "electrons"
]
Sheet = Literal["survey", "centre", "linacs", "pairs", "conventions", "channels", "contacts"]


class Question(NamedTuple):
    """One answer asked for.

    Parameters
    ----------
    name
        Path in the object that the sheet describes: `opening.weekdays`.
    text
        What is asked.
    kind
        What an answer looks like.
    how
        How to answer; None when the question says it all.
    words
        Value → what people choose, for a closed list.
    """

    name: str
    text: Message
    kind: Kind = "text"
    how: Message | None = None
    words: Mapping[str, Message] = {}


HOSTING = {
    "on_site": msg("in the department"),
    "hospital": msg("in the hospital's server room"),
    "group": msg("in another centre of the group"),
    "vendor": msg("at the vendor's, hosted"),
}
TYPES = {
    "c_arm": msg("C-arm"),
    "ring": msg("ring"),
    "robotic": msg("robotic arm"),
    "mr": msg("MR linac"),
}
MEANS = {
    "direct": msg("direct link"),
    "platform": msg("secure platform"),
    "usb": msg("clean USB stick"),
    "paper": msg("paper"),
}
YES_NO = {"yes": msg("yes"), "no": msg("no")}
MINUTES = msg("minutes")
IN_CRISIS = msg("what you could really give in a crisis, for patients from elsewhere")

SURVEY = (
    Question("centre_id", msg("Code of the centre (do not change)")),
    Question("role", msg("Who answers, by role"), how=msg("for instance: physicist in charge; no name")),
    Question("answered_on", msg("Date of the answers"), "date", msg("for instance 22/11/2026")),
    Question(
        "confirms_all",
        msg("I have read all the values already there and confirm them"),
        "yes_no",
        msg("no, or blank: only what you changed is taken as declared by you"),
        YES_NO,
    ),
)
_FTE = msg("full-time equivalents")
CENTRE = (
    Question("name", msg("Name that people use")),
    Question("address", msg("Street address of the entrance")),
    Question("commune", msg("Commune")),
    Question("finess_et", msg("FINESS number of the site"), how=msg("nine characters")),
    Question("location.lat", msg("Latitude of the entrance"), "number", msg("degrees, for instance 50.27875")),
    Question("location.lon", msg("Longitude of the entrance"), "number", msg("degrees, for instance 3.97267")),
    Question(
        "treatment_planning_system", msg("Treatment planning system"), how=msg("maker and product, with its version")
    ),
    Question("oncology_information_system", msg("Record-and-verify system"), how=msg("maker and product")),
    Question(
        "oncology_information_system_hosting",
        msg("Where the servers of the record-and-verify system stand"),
        "choice",
        words=HOSTING,
    ),
    Question(
        "information_systems",
        msg("Servers and software shared with other centres"),
        how=msg("one short name for each thing that would fall in both, the same in both centres, separated by |"),
    ),
    Question("paediatrics", msg("Treatment of patients under 18"), "yes_no", words=YES_NO),
    Question("anaesthesia", msg("Treatment under anaesthesia"), "yes_no", words=YES_NO),
    Question("chemotherapy", msg("Concurrent chemotherapy on site"), "yes_no", words=YES_NO),
    Question("brachytherapy", msg("Brachytherapy on site"), "yes_no", words=YES_NO),
    Question("opening.weekdays", msg("Opening on weekdays, per linac"), "integer", MINUTES),
    Question("opening.evening_surge_max", msg("Possible evening extension, per linac"), "integer", MINUTES),
    Question("opening.saturday_surge_max", msg("Possible Saturday opening, per linac"), "integer", MINUTES),
    Question("new_starts_per_day", msg("New patients from elsewhere a day"), "integer", IN_CRISIS),
    Question("physics_hours_per_day", msg("Physics hours a day for patients from elsewhere"), "number", IN_CRISIS),
    Question(
        "ct_simulator_slots_per_day", msg("CT-simulator slots a day for patients from elsewhere"), "integer", IN_CRISIS
    ),
    Question("staff.oncologists_salaried_fte", msg("Radiation oncologists, salaried"), "number", _FTE),
    Question("staff.oncologists_liberal", msg("Radiation oncologists, liberal"), "number", msg("persons")),
    Question("staff.physicists_fte", msg("Medical physicists"), "number", _FTE),
    Question("staff.dosimetrists_fte", msg("Dosimetrists"), "number", _FTE),
    Question("staff.radiographers_fte", msg("Radiographers (MERM)"), "number", _FTE),
)
LINACS = (
    Question(
        "id",
        msg("Code of the linac"),
        how=msg("do not change those there; for a new linac, letters, digits and hyphens"),
    ),
    Question("in_service", msg("In service"), "yes_no", msg("no: it no longer treats"), YES_NO),
    Question("vendor", msg("Maker")),
    Question("model", msg("Model")),
    Question("type", msg("Kind of machine"), "choice", words=TYPES),
    Question("mlc", msg("Multileaf collimator"), how=msg("for instance Millennium 120, HD120, Agility")),
    Question("photon_mv", msg("Photon energies"), "photons", msg("for instance 6X | 6FFF | 10X")),
    Question("electron_mev", msg("Electron energies, MeV"), "electrons", msg("for instance 6 | 9 | 12; none: 0")),
    Question(
        "techniques",
        msg("Techniques delivered"),
        "techniques",
        msg("{list}, separated by |", list=", ".join(get_args(Technique))),
    ),
    Question(
        "features",
        msg("Imaging and motion management"),
        "features",
        msg("{list}, separated by |", list=", ".join(get_args(Feature))),
    ),
    Question("couch_max_kg", msg("Couch limit, kg"), "number"),
    Question(
        "booked_min_per_day", msg("Minutes a day booked for your own patients"), "number", msg("on an ordinary day")
    ),
)
PAIRS = (
    Question("linac", msg("Your linac")),
    Question(
        "matched", msg("Beam-matched linac, here or in another centre"), how=msg("its code, from the sheet of lists")
    ),
    Question(
        "evidence", msg("What shows it"), how=msg("for instance: common beam model, golden data, joint measurements")
    ),
    Question("declared_on", msg("Date of the evidence"), "date"),
)
CONVENTIONS = (
    Question("centre", msg("Centre you signed with"), how=msg("its code, from the sheet of lists")),
    Question("signed_on", msg("Date of signature"), "date"),
)
CHANNELS = (
    Question("centre", msg("Centre"), how=msg("its code, from the sheet of lists")),
    Question("channel", msg("How data would be handed over in a crisis"), "choice", words=MEANS),
    Question("delay_h", msg("Delay, hours"), "number"),
)
CONTACTS = (
    Question("role", msg("Role in the crisis cell")),
    Question("phone", msg("Telephone, outside the hospital exchange")),
    Question("mssante", msg("Secure mailbox (MSSanté)")),
)
SHEETS: dict[Sheet, tuple[Question, ...]] = {
    "survey": SURVEY,
    "centre": CENTRE,
    "linacs": LINACS,
    "pairs": PAIRS,
    "conventions": CONVENTIONS,
    "channels": CHANNELS,
    "contacts": CONTACTS,
}
TITLES: dict[Sheet, Message] = {
    "survey": msg("Read first"),
    "centre": msg("Centre"),
    "linacs": msg("Linacs"),
    "pairs": msg("Matched pairs"),
    "conventions": msg("Conventions"),
    "channels": msg("Data channels"),
    "contacts": msg("Crisis cell"),
}
LISTS = msg("Lists")
VERTICAL: frozenset[Sheet] = frozenset({"survey", "centre"})
"""One question per row; the other sheets have one question per column."""
EMPTY_ROWS = 6
"""Rows left for new lines under the known ones."""
