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
    places = times.lazy().select("patient_id", "_row", "moment_months")
    lesions = lesions.join(places, on="patient_id", how="inner")
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


def _times(cohort: Cohort, moment: Moment) -> pl.DataFrame:
    """The board's moment, the start of the first palliative line, the moment judged."""
    times = cohort.patients.lazy().select("patient_id", "board_months").with_row_index("_row")
    if cohort.treatments.height == 0:
        times = times.with_columns(pl.lit(None, dtype=pl.Float64).alias("first_line_months"))
    else:
        first = (
            palliative_lines(cohort, times)
            .group_by("_row")
            .agg(pl.col("start_months").min().alias("first_line_months"))
        )
        times = times.join(first, on="_row", how="left", maintain_order="left")
    judged = pl.col("board_months")
    if moment == "entry":
        judged = pl.coalesce("first_line_months", judged)
    return times.with_columns(judged.alias("moment_months")).collect()


def palliative_lines(cohort: Cohort, times: pl.LazyFrame) -> pl.LazyFrame:
    """Palliative systemic lines begun by the board's moment, with the patient's _row."""
    begun = pl.col("start_months") <= pl.col("board_months").fill_null(math.inf)
    return (
        cohort.treatments.lazy()
        .filter((pl.col("kind") == "systemic") & (pl.col("line") >= 1))
        .join(times.select("patient_id", "_row", "board_months"), on="patient_id", how="inner")
        .filter(begun.fill_null(value=True))
    )


def _with_removed(cohort: Cohort, lesions: pl.LazyFrame) -> pl.LazyFrame:
    """Mark lesions that a complete local treatment, ended by the moment, has removed."""
    complete = cohort.treatments.lazy().filter(
        (pl.col("kind") == "local") & (pl.col("completeness") == "complete")
    )
    # A treatment without any time was given before it was written down.
    ended = pl.coalesce("end_months", "start_months").fill_null(-math.inf)
    named = (
        complete.select("patient_id", "lesion_ids", ended.alias("_removed_months"))
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

    Volumes are added as whole femtolitres; a sum of floats would depend on their order.
    """
    return (volume_ml * _FL_PER_ML).round().cast(pl.Int64).sum() / _FL_PER_ML


def _sphere_ml(diameter_mm: pl.Expr) -> pl.Expr:
    return diameter_mm.pow(3) * (math.pi / 6.0 * _ML_PER_CUBIC_MM)
