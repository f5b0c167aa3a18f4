"""What a score asks of a cohort: the rules it judges by, and the table they look at."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from debulk.patients.border import typed_column
from debulk.patients.cohort import Cohort
from debulk.patients.columns import schema
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


def asked_table(chosen: Score, replaced: Mapping[str, str], cohort: Cohort) -> pl.DataFrame:
    """Everything the rules ask for, one row a patient: features, what is derived, own inputs."""
    judged = judge(cohort)
    extra = dict(cohort.patients.schema) | extra_types(chosen.inputs)
    rules = [rule for item in chosen.items for rule in rules_of(item, replaced.get(item.id))]
    rules += [chosen.within] if chosen.within else []
    names = [name for rule in rules for name in parse_rule(rule, extra=extra).names]
    asked = {name for name in names if name in FEATURES}
    table = judged.cohort.features(moment="now", only=sorted(asked))
    own = set(cohort.patients.columns)
    derived = [name for name in ("judged_months", *DERIVED) if name not in own]
    table = table.with_columns(judged.table[name] for name in derived)
    columns = []
    for name, column in chosen.inputs.items():
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
