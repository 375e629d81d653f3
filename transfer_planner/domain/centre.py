"""The network: centres, linacs, conventions and shared information systems, every figure with its source."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from transfer_planner.domain.base import ASSUMED_TECHNIQUES, Entity, Feature, Id, Technique

Means = Literal["direct", "platform", "usb", "paper"]


class Source(Entity):
    """Where figures come from."""

    id: Id = Field(description="Short name cited by `provenance`")
    title: str = Field(description="Title of the document or data set")
    owner: str | None = Field(None, description="Who publishes it")
    as_of: int | str | None = Field(None, description="Year or date of the figures")
    licence: str | None = Field(None, description="Licence, if stated")


class InformationSystem(Entity):
    """Centres on one information system fall together."""

    id: Id = Field(description="Domain id, cited by the centres")
    label: str = Field("", description="What people call it")
    status: str = Field("assumed", description="Source id, or declared, derived, assumed")


class Convention(Entity):
    """A signed agreement of continuity between two centres; it holds in both directions."""

    between: tuple[Id, Id] = Field(description="The two centre ids")
    signed_on: date | None = Field(None, description="Date of signature")


class Channel(Entity):
    """How two centres hand data over to each other in a crisis; it holds in both directions."""

    between: tuple[Id, Id] = Field(description="The two centre ids")
    channel: Means = Field(description="direct link, secure platform, clean USB stick, or paper")
    delay_h: float = Field(ge=0, le=240, description="Hours from ready to received")


class Location(Entity):
    """A point on the ground (WGS84)."""

    lat: float = Field(ge=-90, le=90, description="Latitude, degrees")
    lon: float = Field(ge=-180, le=180, description="Longitude, degrees")
    precision: str | None = Field(None, description="address, street, site, commune, …")
    error_m: float | None = Field(None, ge=0, description="Estimated error, metres")


class Opening(Entity):
    """Minutes a linac may treat."""

    weekdays: int | None = Field(None, ge=0, le=1440, description="Minutes per linac, Monday to Friday")
    evening_surge_max: int = Field(0, ge=0, le=720, description="Extra evening minutes per linac in a crisis")
    saturday_surge_max: int = Field(0, ge=0, le=1440, description="Saturday minutes per linac in a crisis")


class MatchedLinac(Entity):
    """Declared evidence that two linacs are beam-matched; it holds in both directions."""

    linac: Id = Field(description="Id of the other linac")
    evidence: str = Field("", description="What shows it")
    declared_on: date | None = Field(None, description="Date of the declaration")


class Linac(Entity):
    """A treatment machine."""

    id: Id = Field(description="Id, unique in the network")
    vendor: str | None = Field(None, description="Maker; null = unknown")
    model: str | None = Field(None, description="Model; null = unknown")
    type: Literal["c_arm", "ring", "robotic", "mr"] | None = Field(None, description="Kind of machine")
    mlc: str | None = Field(None, description="Multileaf collimator; null = unknown")
    photon_mv: tuple[str, ...] | None = Field(None, description="Photon beams, 6X, 6FFF, 10X, …; null = unknown")
    electron_mev: tuple[int, ...] | None = Field(None, description="Electron energies, MeV; null = unknown")
    techniques: tuple[Technique, ...] | None = Field(
        None, description="Techniques delivered; null = unknown, assumed 3DCRT, IMRT, VMAT"
    )
    features: tuple[Feature, ...] | None = Field(None, description="Imaging and motion features; null = unknown")
    couch_max_kg: float | None = Field(None, gt=0, le=1000, description="Couch limit, kg; null = unknown")
    booked_min_per_day: float | None = Field(
        None, ge=0, le=1440, description="Minutes a treatment day taken by the centre's own patients"
    )
    matched_with: tuple[MatchedLinac, ...] = Field((), description="Declared beam-matched linacs")
    provenance: dict[str, str] = Field({}, description="Field → source id, or declared, derived, assumed")

    @property
    def deliverable(self) -> tuple[Technique, ...]:
        """Techniques delivered, or those assumed while unknown."""
        return ASSUMED_TECHNIQUES if self.techniques is None else self.techniques


class Contact(Entity):
    """Someone of a crisis cell, by role; filled by each site in a private overlay."""

    role: str = Field(description="Role, never only a name")
    phone: str | None = Field(None, description="Telephone")
    mssante: str | None = Field(None, description="Secure health mailbox")


class Activity(Entity):
    """Published yearly activity."""

    year: int | None = Field(None, description="Year of the figures")
    sessions_per_year: int | None = Field(None, ge=0, description="Outpatient external-beam sessions")
    inpatient_stays_per_year: int | None = Field(None, ge=0, description="Inpatient radiotherapy stays")
    patients_per_year: int | None = Field(None, ge=0, description="Patients as counted by the source")
    partial: bool = Field(False, description="True when the source counts only a share of the centre")


class Staff(Entity):
    """Staff; null = cell left blank by the source, not zero."""

    oncologists_salaried_fte: float | None = Field(None, ge=0, description="Salaried radiation oncologists, FTE")
    oncologists_liberal: float | None = Field(None, ge=0, description="Liberal radiation oncologists, headcount")
    physicists_fte: float | None = Field(None, ge=0, description="Medical physicists, FTE")
    radiographers_fte: float | None = Field(None, ge=0, description="Radiographers (MERM), FTE")
    dosimetrists_fte: float | None = Field(None, ge=0, description="Dosimetrists, FTE")
    other_fte: float | None = Field(None, ge=0, description="Other staff, FTE")


class Centre(Entity):
    """A radiotherapy centre."""

    id: Id = Field(description="Centre id")
    name: str = Field("", description="Name people use")
    commune: str | None = Field(None, description="Commune")
    insee: str | None = Field(None, description="Commune code (quoted: it may start with 0)")
    postcode: str | None = Field(None, description="Postcode (quoted)")
    address: str | None = Field(None, description="Street address")
    department: str | None = Field(None, description="Department code (quoted)")
    territory: str | None = Field(None, description="Territory of the regional report")
    finess_et: str | None = Field(None, description="FINESS number of the site")
    finess_ej: str | None = Field(None, description="FINESS number of the legal entity")
    legal_group: str | None = Field(None, description="Legal group shared with other centres")
    location: Location = Field(description="Where it stands")
    information_systems: tuple[Id, ...] = Field((), description="Domains whose fall stops this centre")
    oncology_information_system: str | None = Field(None, description="R&V system; null = unknown")
    oncology_information_system_hosting: Literal["on_site", "hospital", "group", "vendor"] | None = Field(
        None, description="Where its servers stand; null = unknown"
    )
    treatment_planning_system: str | None = Field(None, description="TPS; null = unknown")
    paediatrics: bool | None = Field(None, description="Authorised under 18; null = unknown")
    anaesthesia: bool | None = Field(None, description="Treats under anaesthesia; null = unknown")
    chemotherapy: bool | None = Field(None, description="Gives concurrent chemotherapy; null = unknown")
    brachytherapy: bool | None = Field(None, description="Has brachytherapy; null = unknown")
    new_starts_per_day: int | None = Field(None, ge=0, le=1_000_000, description="Incoming patients it can start a day")
    physics_hours_per_day: float | None = Field(
        None, ge=0, le=1_000_000, description="Physics hours a treatment day it can give to incoming patients"
    )
    ct_simulator_slots_per_day: int | None = Field(
        None, ge=0, le=1_000_000, description="CT-simulator slots for incoming patients"
    )
    opening: Opening = Field(Opening(), description="Minutes per linac")
    linacs: tuple[Linac, ...] = Field((), description="Treatment machines")
    activity: Activity | None = Field(None, description="Published activity")
    staff: Staff | None = Field(None, description="Published staff")
    equipment_notes: tuple[str, ...] = Field((), description="What is published of the equipment, in words")
    crisis_contacts: tuple[Contact, ...] = Field((), description="Blank in the public file")
    declared_on: date | None = Field(None, description="Date of the centre's latest survey")
    declared_by_role: str | None = Field(None, description="Who answered it, by role")
    provenance: dict[str, str] = Field({}, description="Field → source id, or declared, derived, assumed")
    notes: tuple[str, ...] = Field((), description="Reservations")


class Network(Entity):
    """The centres of a region."""

    schema_version: Literal[1] = Field(description="Version of this format")
    region: str = Field("", description="Name of the region")
    fictitious: bool = Field(False, description="True when an overlay brought invented equipment (exercises only)")
    sources: tuple[Source, ...] = Field((), description="Every figure cites one of these, or is assumed")
    information_systems: tuple[InformationSystem, ...] = Field((), description="Domains that fall together")
    conventions: tuple[Convention, ...] = Field((), description="Signed conventions of continuity")
    channels: tuple[Channel, ...] = Field((), description="Channels agreed to hand data over")
    centres: tuple[Centre, ...] = Field(description="The centres")

    def centre(self, centre_id: str) -> Centre:
        """Return a centre by its id."""
        return next(centre for centre in self.centres if centre.id == centre_id)
