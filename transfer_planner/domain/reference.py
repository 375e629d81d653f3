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
