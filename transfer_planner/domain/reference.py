"""Packaged reference tables: tumour sites and communes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from transfer_planner.domain.base import Category, Entity

Histology = Literal["squamous", "adeno", "other", "unknown"]


class Site(Entity):
    """A tumour site of the closed list."""

    id: str = Field(description="Value of the roster column `site`")
    label_fr: str = Field(description="Label in French")
    label_en: str = Field(description="Label in English")
    synonyms: tuple[str, ...] = Field((), description="What radiographers write")
    icd10: tuple[str, ...] = Field((), description="ICD-10 prefixes")
    category: dict[Histology, Category | None] = Field(
        description="RCR category of a curative treatment by histology; null = cannot be told"
    )
    tissue: str = Field("", description="Row of the radiobiology table; empty = none")


class Commune(Entity):
    """A commune and the point that stands for it."""

    insee: str
    name: str
    postcodes: tuple[str, ...]
    lat: float
    lon: float
    how: str = Field(description="Where the point comes from")


class Tissue(Entity):
    """A row of the radiobiology table."""

    id: str = Field(description="Name cited by the sites")
    label_fr: str = Field(description="Label in French")
    label_en: str = Field(description="Label in English")
    alpha_beta_gy: float = Field(gt=0, description="α/β, Gy")
    k_gy_per_day: float = Field(ge=0, description="Dose lost to repopulation each day beyond the delay, BED Gy")
    tdelay_days: int | None = Field(
        None, ge=0, description="Elapsed days before repopulation counts; null = never counts"
    )
    repair_half_time_h: float | None = Field(None, gt=0, description="Half-time of repair, hours; null = not needed")
    status: Literal["S", "D", "A"] = Field(description="S stated by a source, D derived, A assumption")
    source: str = Field(description="Source, or why it is assumed")
