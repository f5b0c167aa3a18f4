"""Features of a patient's metastases: counts, sizes, sites, extent.

A group of features is a lazy frame with one row a patient, keyed by ``_row``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from debulk.core.anatomy import ORGANS
from debulk.core.units import MM_PER_CM
from debulk.patients.extent import extent_class
from debulk.patients.sight import Moment, Sight, see, summed_ml

if TYPE_CHECKING:
    from debulk.patients.cohort import Cohort

COUNTS = frozenset(
    {
        "organs_involved",
        "lesions",
        "hepatic_lesions",
        "extrahepatic_lesions",
        "lung_lesions",
        "lesions_without_size",
        "lesions_removed",
        "lesions_disappeared",
    }
)
"""Features that are lower bounds where a patient's list of lesions is incomplete."""

_SITES = tuple(organ for organ in ORGANS if organ != "primary")
_STATIONS = ("para_aortic", "coeliac")


def lesion_counts(cohort: Cohort, sight: Sight) -> pl.LazyFrame:
    """Counts, organs, sizes and flags; with the plain counts ``_lesions``, ``_ever``, ..."""
    counted = completeness(cohort).join(_tally(sight), on="_row", how="left", maintain_order="left")
    return _zero_where_none(counted, sight).with_columns(*_counts(), *_flags(), *_sizes())


def extents(cohort: Cohort, sight: Sight, counts: pl.LazyFrame, moment: Moment) -> pl.LazyFrame:
    """Add the classes of extent.

    With nothing left to see now, the extent is that at entry; with nothing at entry either, that
    of the metastases ever recorded: a patient who had metastases never returns to a stage.
    """
    names = ("_lesions", "_hepatic", "_organs")
    plain = counts.select("_row", *names, *(pl.col(f"{name}_ever") for name in names)).collect()
    nothing = (plain["_lesions"] == 0) & (plain["_lesions_ever"] > 0)
    shown = plain.with_columns(nothing.alias("_nothing"))
    if moment == "now" and nothing.any():
        entry = lesion_counts(cohort, see(cohort, "entry")).select("_row", *names).collect()
        shown = shown.join(entry, on="_row", how="left", suffix="_entry", maintain_order="left")
    else:
        shown = shown.with_columns(pl.col(name).alias(f"{name}_entry") for name in names)
    at_entry = pl.col("_lesions_entry") > 0
    shown = shown.select(
        "_row",
        *(
            pl.when(~pl.col("_nothing").fill_null(value=False))
            .then(name)
            .when(at_entry)
            .then(f"{name}_entry")
            .otherwise(f"{name}_ever")
            .alias(f"{name}_shown")
            for name in names
        ),
    )
    return counts.join(shown.lazy(), on="_row", how="left", maintain_order="left").with_columns(
        extent_class(2, "_shown").alias("extent_k2"), extent_class(4, "_shown").alias("extent_k4")
    )


def one_lobe(cohort: Cohort, sight: Sight) -> pl.LazyFrame:
    """Whether the liver metastases lie in one lobe; two known lobes settle it."""
    site = pl.col("site").str.to_lowercase()
    segment = site.str.extract(r"\bs(?:egment)?\s*([1-8])", 1)
    lobe = pl.coalesce(
        site.str.extract(r"^\s*(right|left|caudate)\b", 1),
        pl.when(segment == "1")
        .then(pl.lit("caudate"))
        .when(segment.is_in(["2", "3", "4"]))
        .then(pl.lit("left"))
        .when(segment.is_not_null())
        .then(pl.lit("right")),
    )
    liver = (
        sight.metastases.filter(pl.col("visible") & (pl.col("organ") == "liver"))
        .select("_row", lobe.alias("_lobe"))
        .group_by("_row")
        .agg(
            pl.len().alias("_n"),
            (pl.col("_lobe").min() != pl.col("_lobe").max()).alias("_apart"),
            pl.col("_lobe").null_count().alias("_unknown"),
        )
    )
    table = completeness(cohort).join(liver, on="_row", how="left", maintain_order="left")
    answer = (
        pl.when(pl.col("_apart"))
        .then(pl.lit(value=False))
        .when(~pl.col("_complete"))
        .then(None)
        .when(pl.col("_n") == 1)
        .then(pl.lit(value=True))
        .when(pl.col("_unknown") > 0)
        .then(None)
        .when(pl.col("_n").is_null() & (pl.lit(sight.recorded) | pl.col("_told")))
        .then(pl.lit(value=False))
        .when(pl.col("_n").is_not_null())
        .then(pl.lit(value=True))
    )
    return table.select("_row", answer.alias("liver_one_lobe"))


def completeness(cohort: Cohort) -> pl.LazyFrame:
    """One row a patient: whether the list of lesions is complete (``_complete``), is said to be."""
    said = pl.col("lesion_list_complete")
    return (
        cohort.patients.lazy()
        .with_row_index("_row")
        .select(
            "_row",
            "t_stage",
            "n_positive",
            said.fill_null(value=True).alias("_complete"),
            said.fill_null(value=False).alias("_told"),
        )
    )


def _tally(sight: Sight) -> pl.LazyFrame:
    """Sums over each patient's metastases, those in sight apart from those ever recorded."""
    seen, organ = pl.col("visible"), pl.col("organ")
    liver = organ == "liver"
    size = pl.when(seen).then("size_mm")
    station = pl.col("site").str.to_lowercase().str.replace_all(r"[-\s]", "_")
    node = seen & (organ == "lymph_node")
    totals = [
        seen.sum().alias("_lesions"),
        (seen & liver).sum().alias("_hepatic"),
        pl.len().alias("_lesions_ever"),
        liver.sum().alias("_hepatic_ever"),
        (seen & (organ == "lung")).sum().alias("lung_lesions"),
        (seen & pl.col("size_mm").is_null()).sum().alias("lesions_without_size"),
        (seen & pl.col("size_ml").is_null()).sum().alias("_without_volume"),
        (seen & liver & pl.col("size_ml").is_null()).sum().alias("_liver_without_volume"),
        pl.col("removed").sum().alias("lesions_removed"),
        (pl.col("gone") & ~pl.col("removed")).sum().alias("lesions_disappeared"),
        size.max().alias("_largest"),
        pl.when(liver & seen).then("size_mm").max().alias("_largest_liver"),
        (liver & seen & pl.col("size_mm").is_null()).sum().alias("_liver_without_size"),
        summed_ml(pl.when(seen).then("size_ml")).alias("_volume"),
        summed_ml(pl.when(liver & seen).then("size_ml")).alias("_liver_volume"),
        (node & pl.col("site").is_null()).sum().alias("_nodes_unknown"),
    ]
    totals += [(seen & (organ == each)).max().alias(f"_in_{each}") for each in _SITES]
    totals += [(organ == each).max().alias(f"_ever_in_{each}") for each in _SITES]
    totals += [
        (node & station.str.starts_with(each)).fill_null(value=False).max().alias(f"_at_{each}")
        for each in _STATIONS
    ]
    return sight.metastases.group_by("_row").agg(totals)


def _zero_where_none(counted: pl.LazyFrame, sight: Sight) -> pl.LazyFrame:
    """A patient without a row of lesions has none, if the cohort records lesions or says so."""
    known = pl.lit(sight.recorded) | pl.col("_told")
    filled = []
    for name, dtype in counted.collect_schema().items():
        if name in ("_row", "_complete", "_told", "t_stage", "n_positive", "_largest"):
            continue
        if name == "_largest_liver":
            continue
        zero = pl.lit(value=False) if dtype == pl.Boolean else pl.lit(0)
        filled.append(
            pl.when(pl.col(name).is_null() & known).then(zero).otherwise(name).alias(name)
        )
    return counted.with_columns(filled).with_columns(
        pl.sum_horizontal(
            *(pl.col(f"_in_{each}").cast(pl.Int32) for each in _SITES), ignore_nulls=False
        ).alias("_organs"),
        pl.sum_horizontal(
            *(pl.col(f"_ever_in_{each}").cast(pl.Int32) for each in _SITES), ignore_nulls=False
        ).alias("_organs_ever"),
    )


def _counts() -> list[pl.Expr]:
    return [
        pl.col("_organs").alias("organs_involved"),
        pl.col("_lesions").alias("lesions"),
        pl.col("_hepatic").alias("hepatic_lesions"),
        (pl.col("_lesions").cast(pl.Int32) - pl.col("_hepatic").cast(pl.Int32)).alias(
            "extrahepatic_lesions"
        ),
    ]


def _flags() -> list[pl.Expr]:
    """Flags that are unknown, not false, where the list of lesions is incomplete."""

    def certain(yes: pl.Expr, unknown: pl.Expr) -> pl.Expr:
        return pl.when(~yes & unknown).then(None).otherwise(yes)

    incomplete = ~pl.col("_complete")
    flags = [
        certain(pl.col(f"_in_{each}"), incomplete).alias(f"has_{each}")
        for each in _SITES
        if each not in ("liver", "other")
    ]
    flags += [
        certain(pl.col(f"_at_{each}"), incomplete | (pl.col("_nodes_unknown") > 0)).alias(
            f"has_{each}_node"
        )
        for each in _STATIONS
    ]
    only = (pl.col("_lesions") > 0) & (pl.col("_lesions") == pl.col("_hepatic"))
    # Outside lesions seen settle it; otherwise an incomplete list may hide one.
    flags.append(
        pl.when(incomplete & (pl.col("_lesions") == pl.col("_hepatic")))
        .then(None)
        .otherwise(only)
        .alias("liver_only")
    )
    return flags


def _sizes() -> list[pl.Expr]:
    complete = pl.col("_complete")
    sized = complete & (pl.col("lesions_without_size") == 0)
    burden = (
        (pl.col("_largest_liver") / MM_PER_CM).pow(2) + pl.col("_hepatic").cast(pl.Float64).pow(2)
    ).sqrt()
    return [
        pl.when(sized).then(pl.col("_largest").fill_null(0.0)).alias("largest_diameter_mm"),
        pl.col("_largest").alias("largest_known_diameter_mm"),
        pl.when(complete & (pl.col("_without_volume") == 0)).then("_volume").alias("volume_ml"),
        pl.when(complete & (pl.col("_liver_without_volume") == 0))
        .then("_liver_volume")
        .alias("liver_volume_ml"),
        pl.when(complete & (pl.col("_liver_without_size") == 0))
        .then(burden)
        .alias("tumour_burden_score"),
    ]
