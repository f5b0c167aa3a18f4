"""A score for one patient, without a cohort: what it asks for, and its points."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from debulk.patients.columns import LARGEST_DIAMETER_MM, PATIENTS, Column
from debulk.patients.criteria import Criterion, states
from debulk.patients.features import FEATURES
from debulk.patients.rules import parse_rule
from debulk.prognosis.scores.asked import rules_of
from debulk.prognosis.scores.derived import DERIVED
from debulk.prognosis.scores.formula import Item, Score
from debulk.prognosis.scores.library import extra_types

_BURDEN = "tumour_burden_score"
_OF_BURDEN = ("hepatic_lesions", "largest_liver_diameter_mm")
_MOST_LESIONS, _MOST_MONTHS = 1000.0, 1500.0
_ADULT_YEARS = (18.0, 110.0)
_MOST_CEA_UG_L = 200_000.0

_MEASURED = {
    "age_years": Column("number", least=_ADULT_YEARS[0], most=_ADULT_YEARS[1]),
    "cea_ug_l": Column("number", least=0.0, most=_MOST_CEA_UG_L),
    "largest_liver_diameter_mm": Column("number", least=0.0, most=LARGEST_DIAMETER_MM),
    "disease_free_interval_months": Column("number", least=0.0, most=_MOST_MONTHS),
}


@dataclass(frozen=True, slots=True)
class TypedPoints:
    """Points of one patient.

    Attributes
    ----------
    points : float or None
        None where an item is unknown.
    lowest, highest : float or None
        Points still possible; None for a measurement that is unknown.
    group : str or None
        Given too where all points possible fall into one.
    missing_items : tuple of str
        Items that are unknown.
    by_item : dict of str to float or None
        Points of each item.
    """

    points: float | None
    lowest: float | None
    highest: float | None
    group: str | None
    missing_items: tuple[str, ...]
    by_item: dict[str, float | None]


def asked_of(score: Score) -> dict[str, Column]:
    """What a score asks for, in the order of its items: each name with what it may be.

    A tumour burden is asked for as what it is computed of. Which patients the score was made in is
    not asked.
    """
    names: dict[str, Column] = {}
    extra = extra_types(score.inputs)
    for item in score.items:
        for rule in rules_of(item):
            for name in parse_rule(rule, extra=extra).names:
                for each in _OF_BURDEN if name == _BURDEN else (name,):
                    names.setdefault(each, _column(each, score))
    return names


def _column(name: str, score: Score) -> Column:
    if name in score.inputs:
        known = score.inputs[name]
        return replace(known, least=0.0) if known.kind == "number" else known
    if name in _MEASURED:
        return _MEASURED[name]
    return PATIENTS.get(name, Column("whole", least=0.0, most=_MOST_LESIONS))


def points_of_values(score: Score, values: Mapping[str, Any]) -> TypedPoints:
    """Give a score to one patient.

    Parameters
    ----------
    score : Score
    values : mapping of str to float, int, bool, str or None
        By the names of `asked_of`, in their types; None or left out is unknown.

    Returns
    -------
    TypedPoints
    """
    known = {name: values.get(name) for name in asked_of(score)}
    burden = {_BURDEN: _burden(*(known.get(each) for each in _OF_BURDEN))}
    table = _table(score, known | burden)
    return points_of_row(score, met_rules(rules_of_levels(score), table), table.row(0, named=True))


def met_rules(rules: Iterable[str], table: pl.DataFrame) -> dict[str, bool | None]:
    """Whether each rule holds of the one patient of a feature table.

    Each is looked at once, and all in one pass: scores share rules, and a pass costs more.
    """
    criteria = [Criterion(rule, "", "latest", rule) for rule in dict.fromkeys(rules)]
    if not criteria:
        return {}
    return dict(states(criteria, {"now": table}).drop("patient_id").row(0, named=True))


def rules_of_levels(score: Score) -> list[str]:
    """The rules by which a score gives points."""
    return [level.rule for item in score.items for level in item.levels]


def points_of_row(
    score: Score, met: Mapping[str, bool | None], row: Mapping[str, Any]
) -> TypedPoints:
    """Points of one patient, as `debulk.prognosis.score` gives them to a cohort.

    Parameters
    ----------
    score : Score
    met : mapping of str to bool or None
        Whether each rule of the score holds, as `met_rules` tells.
    row : mapping
        The patient's features, for a score that is a measurement.
    """
    bounds = {item.id: _bounds(item, met, row) for item in score.items}
    by_item = {name: low if low == high else None for name, (low, high) in bounds.items()}
    missing = tuple(name for name, points in by_item.items() if points is None)
    lowest, highest = (_sum([each[side] for each in bounds.values()]) for side in (0, 1))
    points = None if missing else lowest
    group, least, most = (_group(score, each) for each in (points, lowest, highest))
    return TypedPoints(
        points=points,
        lowest=lowest,
        highest=highest,
        group=least if group is None and least == most else group,
        missing_items=missing,
        by_item=by_item,
    )


def _bounds(
    item: Item, met: Mapping[str, bool | None], row: Mapping[str, Any]
) -> tuple[float | None, float | None]:
    """The fewest and most points an item can give."""
    if item.value:
        value = None if row[item.value] is None else float(row[item.value])
        return value, value
    lowest = [level.points for level in item.levels if met[level.rule]]
    highest = [level.points for level in item.levels if met[level.rule] is not False]
    return max(lowest, default=0.0), max(highest, default=0.0)


def _sum(parts: Iterable[float | None]) -> float | None:
    total = 0.0
    for each in parts:
        if each is None:
            return None
        total += each
    return total


def _group(score: Score, points: float | None) -> str | None:
    reached = [] if points is None else [each for each in score.groups if points >= each.least]
    return reached[-1].name if reached else None


def _burden(lesions: int | None, largest_mm: float | None) -> float | None:
    """As the feature of this name; without liver metastases there is none."""
    if not lesions or largest_mm is None:
        return None
    return math.hypot(largest_mm / 10.0, lesions)


def _table(score: Score, values: Mapping[str, Any]) -> pl.DataFrame:
    """One row with every name that the rules may use, unknown where nothing was typed."""
    extra = extra_types(score.inputs)
    columns = [pl.Series("patient_id", ["typed"]), pl.Series("judged_months", [None], pl.Float64)]
    names: dict[str, pl.DataType] = {name: each.dtype for name, each in PATIENTS.items()}
    names |= {name: each.dtype for name, each in FEATURES.items()} | extra
    names |= {name: each.dtype for name, each in DERIVED.items()}
    asked = {
        name
        for item in score.items
        for rule in rules_of(item)
        for name in parse_rule(rule, extra=extra).names
    }
    columns += [pl.Series(name, [values.get(name)], names[name]) for name in sorted(asked)]
    return pl.DataFrame(columns)
