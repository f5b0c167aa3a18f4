"""Whom studies took and whom they got: packaged rules over the features of a patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from debulk.core.yaml_files import parse_yaml
from debulk.patients.criteria import Criterion, states

FEW_LESIONS = "lesions <= 5"
"""Up to here a patient with liver metastases alone resembles the oligometastatic."""


@dataclass(frozen=True, slots=True)
class Took:
    """A rule for whom a study took, and the printed words it repeats."""

    rule: str
    text: str
    printed: str


@dataclass(frozen=True, slots=True)
class Share:
    """A share of a study's patients: its rule, and the finding that holds it."""

    rule: str
    text: str
    key: str


@dataclass(frozen=True, slots=True)
class Population:
    """What is coded of one study's patients beside its extent, organs and line."""

    took: tuple[Took, ...] = ()
    shares: tuple[Share, ...] = ()


@cache
def populations() -> Mapping[str, Population]:
    """The packaged populations by study."""
    file = files("debulk.data").joinpath("board", "populations.yaml")
    content: Mapping[str, Any] = parse_yaml(file.read_text("utf-8"), "populations.yaml").content
    return {
        study: Population(
            took=tuple(Took(**each) for each in told.get("took", ())),
            shares=tuple(Share(**each) for each in told.get("shares", ())),
        )
        for study, told in content.items()
    }


@cache
def rules() -> tuple[str, ...]:
    """Every rule of the packaged populations, each once, and the one of few lesions."""
    told = populations().values()
    took = [each.rule for one in told for each in one.took]
    shares = [each.rule for one in told for each in one.shares]
    return tuple(dict.fromkeys((FEW_LESIONS, *took, *shares)))


def held(features: pl.DataFrame) -> list[dict[str, bool | None]]:
    """Whether each patient meets each rule: True, False, or None where it cannot be told."""
    criteria = [Criterion(f"R{place}", rule, "latest", rule) for place, rule in enumerate(rules())]
    found = states(criteria, {"now": features}).drop("patient_id")
    return [dict(zip(rules(), row, strict=True)) for row in found.iter_rows()]
