"""What a score asks of a cohort: the rules it judges by, and the table they look at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import polars as pl

from debulk.patients.border import typed_column
from debulk.patients.cohort import Cohort
from debulk.patients.columns import Column, schema
from debulk.patients.features import FEATURES
from debulk.patients.rules import parse_rule
from debulk.prognosis.scores.derived import DERIVED, judge
from debulk.prognosis.scores.formula import Item, Score
from debulk.prognosis.scores.library import extra_types


def rules_of(item: Item, substitute: str | None = None) -> list[str]:
    """Rules of an item, or the one that stands in for them."""
    if substitute is not None:
        return [substitute]
    return [f"{item.value} >= 0"] if item.value else [each.rule for each in item.levels]


def names_asked(
    scores: Iterable[Score],
    columns: Mapping[str, pl.DataType],
    replaced: Mapping[str, str] | None = None,
) -> frozenset[str]:
    """Features that the rules of scores ask for, of patients with such columns."""
    asked: set[str] = set()
    for each in scores:
        extra = dict(columns) | extra_types(each.inputs)
        rules = [
            rule for item in each.items for rule in rules_of(item, (replaced or {}).get(item.id))
        ]
        rules += [each.within] if each.within else []
        asked.update(name for rule in rules for name in parse_rule(rule, extra=extra).names)
    return frozenset(asked & FEATURES.keys())


def features_asked(
    scores: Iterable[Score],
    cohort: Cohort,
    replaced: Mapping[str, str] | None = None,
    *,
    known: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Features that the rules of scores ask for, and what is derived, one row a patient.

    `known` holds the features where they are known already, at each patient's ``board_months``.
    """
    judged = judge(cohort)
    table = known
    if table is None:
        names = names_asked(scores, cohort.patients.schema, replaced)
        table = judged.cohort.features(moment="now", only=sorted(names))
    own = set(cohort.patients.columns)
    derived = [name for name in ("judged_months", *DERIVED) if name not in own]
    return table.with_columns(judged.table[name] for name in derived)


def with_inputs(inputs: Mapping[str, Column], table: pl.DataFrame, cohort: Cohort) -> pl.DataFrame:
    """The table of `features_asked` with scores' own inputs, unknown where none are given."""
    own = set(cohort.patients.columns)
    columns = []
    for name, column in inputs.items():
        if name in own:
            columns.append(typed_column(table[name], column, "patients"))
        else:
            columns.append(pl.Series(name, [None] * table.height, dtype=column.dtype))
    return table.with_columns(columns)


def needs(chosen: Score, items: Collection[str]) -> str:
    """What a cohort must hold for some items of a score, in a sentence."""
    extra = extra_types(chosen.inputs)
    names = dict.fromkeys(
        name
        for item in chosen.items
        if not items or item.id in items
        for rule in rules_of(item)
        for name in parse_rule(rule, extra=extra).names
    )
    asked = []
    patients = [name for name in names if name in schema("patients") or name in chosen.inputs]
    if patients:
        asked.append(f"the columns {', '.join(patients)} of patients")
    if any(name in FEATURES for name in names):
        asked.append("the table lesions (organ, diameter_mm)")
    if "disease_free_interval_months" in names:
        asked.append("synchronous of patients, or detected_months of lesions")
    return f"Give {'; '.join(asked)}"
