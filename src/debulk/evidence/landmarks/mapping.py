"""Which findings tell the survival of whom: the packaged map from findings to extents."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from debulk.core.yaml_files import parse_yaml, validated

Extent = Literal[
    "stage_1",
    "stage_2",
    "stage_3",
    "liver_only",
    "oligometastatic",
    "other_metastatic",
    "multi_organ",
]
"""Extents of disease, as `debulk.patients` classes them."""

Treatment = Literal["all_local", "systemic_only", "mixed", "untreated"]
"""All disease that was seen treated locally; systemic therapy alone; some patients or some of the
disease treated locally; no treatment."""

EXTENTS: tuple[Extent, ...] = get_args(Extent)
TREATMENTS: tuple[Treatment, ...] = get_args(Treatment)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MappedLandmark(_Part):
    """A finding that is survival at one time."""

    months: float = Field(gt=0)
    finding: str


class MappedGroup(_Part):
    """A group of patients of one study whose extent and treatment are clear."""

    study: str
    extent: Extent
    treatment: Treatment
    patients: int | Literal["finding"] | None
    patients_from: str = ""
    why: str
    note: str = ""
    landmarks: tuple[MappedLandmark, ...] = Field(min_length=1)


class LeftOut(_Part):
    """Findings of survival that are not mapped, and why."""

    reason: str
    findings: tuple[str, ...] = Field(min_length=1)


class SurvivalMap(_Part):
    """The whole map."""

    groups: tuple[MappedGroup, ...]
    left_out: tuple[LeftOut, ...]


@cache
def survival_map() -> SurvivalMap:
    """The packaged map from findings of survival to extent and treatment."""
    name = "survival_by_extent.yaml"
    text = resources.files("debulk.data").joinpath("evidence", name).read_text(encoding="utf-8")
    return validated(SurvivalMap, parse_yaml(text, name))
