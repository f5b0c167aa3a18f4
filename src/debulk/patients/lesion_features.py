"""Features of a patient's metastases: counts, sizes, sites, extent.

A group of features is a lazy frame with one row a patient, keyed by ``_row``.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from debulk.core.anatomy import ORGAN_CODE, ORGANS
from debulk.core.anatomy_sites import station_of
from debulk.core.units import MM_PER_CM
from debulk.patients.extent import extent_class
from debulk.patients.sight import Moment, Sight, see, summed_ml

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy.typing as npt

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
_LOBES = ("right", "left", "caudate")

_EXTENTS = frozenset({"extent_k2", "extent_k4"})
_STATION_FLAGS = frozenset(f"has_{each}_node" for each in _STATIONS)
_LEFT = frozenset({"lesions_removed", "lesions_disappeared"})
_SIZED = frozenset(
    {
        "lesions_without_size",
        "largest_diameter_mm",
        "largest_known_diameter_mm",
        "largest_liver_diameter_mm",
        "volume_ml",
        "liver_volume_ml",
        "tumour_burden_score",
    }
)


def lesion_counts(cohort: Cohort, sight: Sight, asked: Collection[str]) -> pl.LazyFrame:
    """Those asked for of the counts, organs, sizes and flags, with the plain counts they rest on.

    `asked` may name the classes of extent too, for which lesions ever recorded are counted.
    """
    patients = completeness(cohort).collect()
    lesions = sight.metastases
    parts = [_organs(lesions.filter("visible"), patients.height)]
    sums = []
    if not _EXTENTS.isdisjoint(asked):
        ever = _organs(lesions, patients.height)
        parts.append(ever.rename({name: f"{name}_ever" for name in ever.columns}))
    if not _STATION_FLAGS.isdisjoint(asked):
        parts.append(_stations(lesions, patients.height))
    if not _LEFT.isdisjoint(asked):
        parts.append(_left(lesions, patients.height))
    if not _SIZED.isdisjoint(asked):
        parts.append(_sized(lesions, patients.height))
        sums = _sizes()
    counted = _null_where_unknown(pl.concat(parts, how="horizontal"), patients, sight)
    table = patients.hstack(counted).lazy()
    flags = _flags() + ([] if _STATION_FLAGS.isdisjoint(asked) else _station_flags())
    return table.with_columns(*_counts(), *flags, *sums)


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
        seen = lesion_counts(cohort, see(cohort, "entry"), names)
        entry = seen.select("_row", *names).collect()
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
    liver = (
        sight.metastases.filter(pl.col("visible") & (pl.col("organ") == "liver"))
        .select("_row", pl.col("site").fill_null(""))
        .collect()
    )
    # Thousands of lesions have a few sites: each is read once.
    sites = liver.select(pl.col("site").unique()).with_columns(_lobe().alias("lobe"))
    code = liver["site"].replace_strict(sites["site"], sites["lobe"], return_dtype=pl.Int64)
    held = _table_of(liver["_row"], code, cohort.patients.height, len(_LOBES) + 1)
    known = held[:, : len(_LOBES)]
    lobes = completeness(cohort).with_columns(
        pl.Series("_n", held.sum(axis=1)),
        pl.Series("_apart", (known > 0).sum(axis=1) > 1),
        pl.Series("_unknown", held[:, len(_LOBES)]),
    )
    answer = (
        pl.when(pl.col("_apart"))
        .then(pl.lit(value=False))
        .when(~pl.col("_complete"))
        .then(None)
        .when(pl.col("_n") == 1)
        .then(pl.lit(value=True))
        .when(pl.col("_unknown") > 0)
        .then(None)
        .when((pl.col("_n") == 0) & (pl.lit(sight.recorded) | pl.col("_told")))
        .then(pl.lit(value=False))
        .when(pl.col("_n") > 0)
        .then(pl.lit(value=True))
    )
    return lobes.select("_row", answer.alias("liver_one_lobe"))


@cache
def _lobe() -> pl.Expr:
    """Code of the lobe that a site names, its place in `_LOBES`; one more where it names none."""
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
    codes = list(range(len(_LOBES)))
    return lobe.replace_strict(_LOBES, codes, default=len(_LOBES), return_dtype=pl.Int64)


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


def _table_of(row: pl.Series, code: pl.Series, patients: int, codes: int) -> npt.NDArray[np.int64]:
    """How many lesions of each code a patient has; a row a patient, a column a code."""
    place = row.to_numpy().astype(np.int64) * codes + code.cast(pl.Int64).to_numpy()
    return np.bincount(place, minlength=patients * codes).reshape(patients, codes)


def _number(row: pl.Series, patients: int) -> npt.NDArray[np.int64]:
    return np.bincount(row.to_numpy(), minlength=patients)


def _organs(lesions: pl.LazyFrame, patients: int) -> pl.DataFrame:
    """Lesions of each patient, in all and in some organs, and which organs they lie in."""
    found = lesions.select("_row", pl.col("organ").to_physical()).collect()
    held = _table_of(found["_row"], found["organ"], patients, len(ORGANS))
    columns = {
        "_lesions": held.sum(axis=1, dtype=np.int32),
        "_hepatic": held[:, ORGAN_CODE["liver"]].astype(np.int32),
        "lung_lesions": held[:, ORGAN_CODE["lung"]].astype(np.int32),
        "_organs": (held > 0).sum(axis=1, dtype=np.int32),
    }
    columns |= {f"_in_{each}": held[:, ORGAN_CODE[each]] > 0 for each in _SITES}
    return pl.DataFrame(columns)


def _stations(lesions: pl.LazyFrame, patients: int) -> pl.DataFrame:
    """Nodal stations in sight; words that name none tell as little as no words."""
    nodes = (
        lesions.filter(pl.col("visible") & (pl.col("organ") == "lymph_node"))
        .select("_row", pl.col("site").fill_null(""))
        .collect()
    )
    # Thousands of nodes have a few sites: each is read once.
    sites = nodes["site"].unique().to_list()
    stations = [station_of(each) for each in sites]
    station = nodes["site"].replace_strict(sites, stations, return_dtype=pl.String)
    columns = {"_nodes_unknown": _number(nodes["_row"].filter(station.is_null()), patients) > 0}
    for each in _STATIONS:
        there = nodes["_row"].filter((station == each).fill_null(value=False))
        columns[f"_at_{each}"] = _number(there, patients) > 0
    return pl.DataFrame(columns)


def _left(lesions: pl.LazyFrame, patients: int) -> pl.DataFrame:
    """Lesions that are no longer there."""
    lost = lesions.filter(pl.col("removed") | pl.col("gone")).select("_row", "removed").collect()
    return pl.DataFrame(
        {
            "lesions_removed": _number(lost.filter("removed")["_row"], patients),
            "lesions_disappeared": _number(lost.filter(~pl.col("removed"))["_row"], patients),
        }
    )


def _sized(lesions: pl.LazyFrame, patients: int) -> pl.DataFrame:
    """Sizes of the metastases in sight; the largest of none is null."""
    liver = pl.col("organ") == "liver"
    no_size, no_volume = pl.col("size_mm").is_null(), pl.col("size_ml").is_null()
    totals = [
        no_size.sum().alias("lesions_without_size"),
        no_volume.sum().alias("_without_volume"),
        (liver & no_volume).sum().alias("_liver_without_volume"),
        (liver & no_size).sum().alias("_liver_without_size"),
        summed_ml(pl.col("size_ml")).alias("_volume"),
        summed_ml(pl.when(liver).then("size_ml")).alias("_liver_volume"),
    ]
    largest = [
        pl.col("size_mm").max().alias("_largest"),
        pl.when(liver).then("size_mm").max().alias("_largest_liver"),
    ]
    summed = lesions.filter("visible").group_by("_row").agg(*totals, *largest)
    rows = pl.LazyFrame({"_row": pl.Series(np.arange(patients), dtype=pl.UInt32)})
    table = rows.join(summed, on="_row", how="left", maintain_order="left").drop("_row")
    return table.with_columns(pl.exclude("_largest", "_largest_liver").fill_null(0)).collect()


def _null_where_unknown(
    counted: pl.DataFrame, patients: pl.DataFrame, sight: Sight
) -> pl.DataFrame:
    """A patient without a row of lesions has none, if the cohort records lesions or says so."""
    if sight.recorded:
        return counted
    told = patients["_told"]
    return counted.select(pl.when(told).then(pl.col(name)).alias(name) for name in counted.columns)


@cache
def _counts() -> list[pl.Expr]:
    return [
        pl.col("_organs").alias("organs_involved"),
        pl.col("_lesions").alias("lesions"),
        pl.col("_hepatic").alias("hepatic_lesions"),
        (pl.col("_lesions") - pl.col("_hepatic")).alias("extrahepatic_lesions"),
    ]


def _certain(yes: pl.Expr, unknown: pl.Expr) -> pl.Expr:
    return pl.when(~yes & unknown).then(None).otherwise(yes)


@cache
def _flags() -> list[pl.Expr]:
    """Flags that are unknown, not false, where the list of lesions is incomplete."""
    incomplete = ~pl.col("_complete")
    flags = [
        _certain(pl.col(f"_in_{each}"), incomplete).alias(f"has_{each}")
        for each in _SITES
        if each not in ("liver", "other")
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


@cache
def _station_flags() -> list[pl.Expr]:
    """A node without a site may lie at any station."""
    unknown = ~pl.col("_complete") | pl.col("_nodes_unknown")
    return [
        _certain(pl.col(f"_at_{each}"), unknown).alias(f"has_{each}_node") for each in _STATIONS
    ]


@cache
def _sizes() -> list[pl.Expr]:
    complete = pl.col("_complete")
    sized = complete & (pl.col("lesions_without_size") == 0)
    burden = (
        (pl.col("_largest_liver") / MM_PER_CM).pow(2) + pl.col("_hepatic").cast(pl.Float64).pow(2)
    ).sqrt()
    return [
        pl.when(sized).then(pl.col("_largest").fill_null(0.0)).alias("largest_diameter_mm"),
        pl.col("_largest").alias("largest_known_diameter_mm"),
        pl.when(complete & (pl.col("_liver_without_size") == 0))
        .then(pl.col("_largest_liver").fill_null(0.0))
        .alias("largest_liver_diameter_mm"),
        pl.when(complete & (pl.col("_without_volume") == 0)).then("_volume").alias("volume_ml"),
        pl.when(complete & (pl.col("_liver_without_volume") == 0))
        .then("_liver_volume")
        .alias("liver_volume_ml"),
        pl.when(complete & (pl.col("_liver_without_size") == 0))
        .then(burden)
        .alias("tumour_burden_score"),
    ]
