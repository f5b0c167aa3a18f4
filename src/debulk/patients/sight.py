"""Which metastases count at a moment, and how large they are then.

*Now*: detected, not removed and not disappeared at the board's moment; size = the latest. *At
entry*: detected and not removed at the start of the first palliative line (without one, at the
board's moment), whether or not they disappeared later; size = baseline, else the latest. The
primary never counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from debulk.patients.cohort import Cohort

Moment = Literal["now", "entry"]

_ML_PER_CUBIC_MM = 1e-3
_FL_PER_ML = 1e12


@dataclass(frozen=True, slots=True)
class Sight:
    """A cohort seen at a moment.

    Attributes
    ----------
    times : polars.DataFrame
        One row a patient, in order: patient_id, _row, board_months (null: all that is known),
        first_line_months, moment_months.
    metastases : polars.LazyFrame
        Metastases detected by the moment: _row, lesion_id, organ, site, size_mm, size_ml,
        near_vessel, detected_months, gone (disappeared by now), removed, visible.
    recorded : bool
        Whether the cohort records lesions at all.
    """

    times: pl.DataFrame
    metastases: pl.LazyFrame
    recorded: bool


def see(cohort: Cohort, moment: Moment) -> Sight:
    """Look at a cohort at a moment."""
    times = _times(cohort, moment)
    lesions = cohort.lesions.lazy().filter(pl.col("organ") != "primary")
    lesions = with_rows(lesions, times.select("patient_id", "_row", "moment_months"))
    if times["moment_months"].null_count() < times.height:
        detected = pl.col("detected_months") <= pl.col("moment_months")
        lesions = lesions.filter(detected.fill_null(value=True))
    lesions = _with_removed(cohort, lesions)
    size_mm, size_ml = _sizes(moment)
    gone = pl.col("disappeared").fill_null(value=False)
    visible = ~pl.col("removed") & ~gone if moment == "now" else ~pl.col("removed")
    metastases = lesions.select(
        "_row",
        "patient_id",
        "lesion_id",
        "organ",
        "site",
        size_mm.alias("size_mm"),
        size_ml.alias("size_ml"),
        "near_vessel",
        "detected_months",
        gone.alias("gone"),
        "removed",
        visible.alias("visible"),
    )
    return Sight(times, metastases, recorded=cohort.lesions.height > 0)


def with_rows(rows: pl.LazyFrame, places: pl.DataFrame) -> pl.LazyFrame:
    """Rows of a table with what `places` tells of their patient; rows of nobody are dropped.

    Parameters
    ----------
    rows : polars.LazyFrame
        Rows with a patient_id.
    places : polars.DataFrame
        One row a patient, in order, with patient_id, _row and whatever else is to be added.
    """
    ids = places["patient_id"]
    if not ids.dtype.is_integer() or not (ids == places["_row"]).all():
        return rows.join(places.lazy(), on="patient_id", how="inner")
    # The ids of simulated patients are the row numbers: looking up is cheaper than joining.
    row = pl.col("patient_id")
    told = [
        pl.lit(places[name]).gather(row).alias(name)
        for name in places.columns
        if name not in ("patient_id", "_row")
    ]
    known = row.is_between(0, places.height - 1)
    return rows.filter(known).with_columns(row.cast(pl.UInt32).alias("_row"), *told)


def _times(cohort: Cohort, moment: Moment) -> pl.DataFrame:
    """The board's moment, the start of the first palliative line, the moment judged."""
    times = cohort.patients.select("patient_id", "board_months").with_row_index("_row")
    first = np.full(times.height, np.nan)
    if cohort.treatments.height:
        lines = palliative_lines(cohort, times).select("_row", "start_months").collect()
        lines = lines.drop_nulls("start_months")
        np.fmin.at(first, lines["_row"].to_numpy(), lines["start_months"].to_numpy())
    judged = pl.col("board_months")
    if moment == "entry":
        judged = pl.coalesce("first_line_months", judged)
    return times.with_columns(pl.Series("first_line_months", first, nan_to_null=True)).with_columns(
        judged.alias("moment_months")
    )


def palliative_lines(cohort: Cohort, times: pl.DataFrame) -> pl.LazyFrame:
    """Palliative systemic lines begun by the board's moment, with the patient's _row."""
    begun = pl.col("start_months") <= pl.col("board_months").fill_null(math.inf)
    lines = cohort.treatments.lazy().filter((pl.col("kind") == "systemic") & (pl.col("line") >= 1))
    places = times.select("patient_id", "_row", "board_months")
    return with_rows(lines, places).filter(begun.fill_null(value=True))


def _with_removed(cohort: Cohort, lesions: pl.LazyFrame) -> pl.LazyFrame:
    """Mark lesions that a complete local treatment, ended by the moment, has removed."""
    complete = cohort.treatments.filter(
        (pl.col("kind") == "local") & (pl.col("completeness") == "complete")
    )
    if complete.height == 0:
        return lesions.with_columns(pl.lit(value=False).alias("removed"))
    # A treatment without any time was given before it was written down.
    ended = pl.coalesce("end_months", "start_months").fill_null(-math.inf)
    named = (
        complete.lazy()
        .select("patient_id", "lesion_ids", ended.alias("_removed_months"))
        .explode("lesion_ids")
        .drop_nulls("lesion_ids")
        .group_by("patient_id", pl.col("lesion_ids").alias("lesion_id"))
        .agg(pl.col("_removed_months").min())
        .collect()
    )
    if named.height == 0:
        return lesions.with_columns(pl.lit(value=False).alias("removed"))
    if lesions.collect_schema()["lesion_id"] != pl.String:
        named = named.with_columns(pl.col("lesion_id").cast(lesions.collect_schema()["lesion_id"]))
    removed = pl.col("_removed_months") <= pl.col("moment_months").fill_null(math.inf)
    return lesions.join(named.lazy(), on=["patient_id", "lesion_id"], how="left").with_columns(
        removed.fill_null(value=False).alias("removed")
    )


def _sizes(moment: Moment) -> tuple[pl.Expr, pl.Expr]:
    """Diameter and volume at the moment; a volume is that of a sphere where none is given."""
    latest, baseline = pl.col("diameter_mm"), pl.col("baseline_diameter_mm")
    if moment == "now":
        return latest, pl.coalesce("volume_ml", _sphere_ml(latest))
    # The volume given is the latest one: it says nothing of entry once a baseline size differs.
    volume = pl.coalesce(_sphere_ml(baseline), "volume_ml", _sphere_ml(latest))
    return pl.coalesce(baseline, latest), volume


def summed_ml(volume_ml: pl.Expr) -> pl.Expr:
    """Sum of volumes that is the same in any order, and so for any number of threads.

    Volumes are added as whole femtolitres; a sum of floats would depend on their order. 128 bits
    hold any size, 64 only 9,000 litres, which a simulated tumour can exceed.
    """
    return (volume_ml * _FL_PER_ML).round().cast(pl.Int128).sum().cast(pl.Float64) / _FL_PER_ML


def _sphere_ml(diameter_mm: pl.Expr) -> pl.Expr:
    return diameter_mm.pow(3) * (math.pi / 6.0 * _ML_PER_CUBIC_MM)
