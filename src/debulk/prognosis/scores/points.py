"""Points of each patient: what an item gives, what it could give, and their sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import polars as pl

from debulk.patients.criteria import Criterion, states
from debulk.prognosis.scores.asked import rules_of
from debulk.prognosis.scores.formula import Item, Score

Missing = Literal["refuse", "zero", "lowest", "highest"]
"""What a patient with an unknown item gets: no points, the points of the known items alone, or the
fewest or most points that the unknown could leave."""


def item_points(
    items: Sequence[Item], substitutes: Mapping[str, str], table: pl.DataFrame
) -> list[pl.DataFrame]:
    """For each item, the fewest and most points it can give each patient, and whether it is known.

    All rules are looked at in one pass over the table, since a pass costs more than a rule.
    """
    rules = {
        f"{item.id}.{place}": Criterion(f"{item.id}.{place}", item.text, "latest", rule)
        for item in items
        if not item.value
        for place, rule in enumerate(rules_of(item, substitutes.get(item.id)))
    }
    found = states(rules.values(), {"now": table}) if rules else table.select("patient_id")
    bounds = found.select(bound for item in items if not item.value for bound in _bounds(item))
    return [
        _measured(table[item.value])
        if item.value
        else _with_known(bounds[f"{item.id}.lowest"], bounds[f"{item.id}.highest"])
        for item in items
    ]


def _bounds(item: Item) -> tuple[pl.Expr, pl.Expr]:
    lowest, highest = [pl.lit(0.0)], [pl.lit(0.0)]
    for place, level in enumerate(item.levels):
        met = pl.col(f"{item.id}.{place}")
        lowest.append(pl.when(met).then(level.points).otherwise(0.0))
        highest.append(pl.when(met.fill_null(value=True)).then(level.points).otherwise(0.0))
    return (
        pl.max_horizontal(lowest).alias(f"{item.id}.lowest"),
        pl.max_horizontal(highest).alias(f"{item.id}.highest"),
    )


def _measured(value: pl.Series) -> pl.DataFrame:
    value = value.cast(pl.Float64)
    bounds = [value.alias("lowest"), value.alias("highest")]
    return pl.DataFrame([*bounds, value.is_not_null().alias("known")])


def _with_known(lowest: pl.Series, highest: pl.Series) -> pl.DataFrame:
    known = (lowest == highest).alias("known")
    return pl.DataFrame([lowest.alias("lowest"), highest.alias("highest"), known])


def points_frame(
    chosen: Score, table: pl.DataFrame, bounds: list[pl.DataFrame], missing: Missing
) -> pl.DataFrame:
    """Points of every patient from the bounds of the items; see the function `score`."""
    known = pl.DataFrame(
        [each["known"].alias(item.id) for item, each in zip(chosen.items, bounds, strict=True)]
    )
    lowest = _sum([each["lowest"] for each in bounds])
    highest = _sum([each["highest"] for each in bounds])
    only_known = _sum([each["lowest"].set(~each["known"], 0.0) for each in bounds])
    complete = known.select(pl.all_horizontal(pl.all())).to_series()
    points = {
        "refuse": lowest.set(~complete, None),
        "zero": only_known,
        "lowest": lowest,
        "highest": highest,
    }[missing]
    names = {"known_items": True, "missing_items": False}
    lists = [_named(known, wanted).alias(name) for name, wanted in names.items()]
    return pl.DataFrame(
        [
            table["patient_id"],
            table["judged_months"].cast(pl.Float64),
            points.alias("points"),
            lowest.alias("lowest"),
            highest.alias("highest"),
            _groups(chosen, points, lowest, highest),
            *lists,
        ]
    )


def _sum(parts: list[pl.Series]) -> pl.Series:
    total = parts[0]
    for each in parts[1:]:
        total = total + each
    return total


def _named(known: pl.DataFrame, wanted: bool) -> pl.Series:
    """Items of each patient that are known, or that are not."""
    names = [
        pl.when(pl.col(name) == wanted).then(pl.lit(name)).otherwise(None) for name in known.columns
    ]
    return known.select(pl.concat_list(names).list.drop_nulls().alias("items")).to_series()


def groups_of(score: Score, points: pl.Series) -> pl.Series:
    """Group that each patient's points fall into; null without points, and without groups."""
    dtype = pl.Enum([each.name for each in score.groups])
    found = pl.lit(None, dtype=dtype)
    for each in score.groups:
        named = pl.lit(each.name, dtype=dtype)
        found = pl.when(pl.col("points") >= each.least).then(named).otherwise(found)
    return pl.DataFrame({"points": points}).with_columns(group=found)["group"]


def _groups(chosen: Score, points: pl.Series, lowest: pl.Series, highest: pl.Series) -> pl.Series:
    """Groups: of the points, or, where there are none, of all points possible if they agree."""
    own, low, high = (groups_of(chosen, each) for each in (points, lowest, highest))
    if not chosen.groups:
        return own
    agreed = pl.when(pl.col("low") == pl.col("high")).then("low")
    bounds = pl.DataFrame({"group": own, "low": low, "high": high})
    return bounds.select(pl.coalesce("group", agreed))["group"]
