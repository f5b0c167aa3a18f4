"""The sum of target diameters, after the rules of RECIST.

Targets are chosen once, at entry: the largest metastases, at most two an organ and five in all,
at least 10 mm in diameter (nodes 15 mm).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from debulk.patients.lesion_features import completeness
from debulk.patients.sight import Moment, Sight, see

if TYPE_CHECKING:
    from debulk.patients.cohort import Cohort

_TARGETS_AN_ORGAN, _TARGETS, _TARGET_MM, _TARGET_NODE_MM = 2, 5, 10.0, 15.0


def target_sums(cohort: Cohort, sight: Sight, moment: Moment) -> pl.LazyFrame:
    """Sum of the diameters at the moment of the targets, which are chosen at entry.

    A target that has disappeared or was removed since counts 0.
    """
    entry = sight if moment == "entry" else see(cohort, "entry")
    candidates = entry.metastases.filter(pl.col("visible"))
    targets = _targets(candidates)
    seen = sight.metastases.filter(pl.col("visible"))
    if moment == "now":
        latest = seen.select("_row", "lesion_id", "size_mm", pl.lit(value=True).alias("_seen"))
        targets = targets.drop("size_mm").join(latest, on=["_row", "lesion_id"], how="left")
        targets = targets.with_columns(
            pl.when(pl.col("_seen").is_null()).then(0.0).otherwise("size_mm").alias("size_mm")
        )
    size = pl.col("size_mm")
    sums = targets.group_by("_row").agg(
        # In one order always: a sum of floats depends on it.
        size.sort().sum().alias("_sum"),
        size.null_count().alias("_unmeasured"),
    )
    # Any metastasis of unknown size might have been a target.
    known = candidates.group_by("_row").agg(size.null_count().alias("_unknown"))
    table = (
        completeness(cohort)
        .join(known, on="_row", how="left", maintain_order="left")
        .join(sums, on="_row", how="left", maintain_order="left")
    )
    told = pl.col("_unknown").is_not_null() | pl.lit(sight.recorded) | pl.col("_told")
    unsized = pl.col("_unknown").fill_null(0) + pl.col("_unmeasured").fill_null(0)
    certain = told & pl.col("_complete") & (unsized == 0)
    total = pl.when(certain).then(pl.col("_sum").fill_null(0.0))
    return table.select("_row", total.alias("sum_diameters_mm"))


def _targets(candidates: pl.LazyFrame) -> pl.LazyFrame:
    """The largest metastases, at most two an organ and five in all, large enough to measure."""
    least = pl.when(pl.col("organ") == "lymph_node").then(_TARGET_NODE_MM).otherwise(_TARGET_MM)
    measurable = candidates.filter(pl.col("size_mm") >= least).select(
        "_row", "organ", "lesion_id", "size_mm"
    )
    largest_first = [pl.col("size_mm"), pl.col("lesion_id")]
    in_organ = _first(
        measurable.sort("_row", "organ", *largest_first, descending=[False, False, True, False]),
        ("_row", "organ"),
        _TARGETS_AN_ORGAN,
    )
    return _first(
        in_organ.sort("_row", *largest_first, descending=[False, True, False]), ("_row",), _TARGETS
    )


def _first(rows: pl.LazyFrame, group: tuple[str, ...], most: int) -> pl.LazyFrame:
    """The first rows of each group, of rows sorted by group."""
    index = pl.int_range(pl.len())
    begins = pl.any_horizontal(pl.col(name) != pl.col(name).shift() for name in group)
    start = pl.when(begins.fill_null(value=True)).then(index).forward_fill()
    return rows.filter(index - start < most)
