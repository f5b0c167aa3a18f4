"""Features of a patient's course so far: palliative lines, responses, interval to adjuvant."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import polars as pl

from debulk.patients.columns import RESPONSES
from debulk.patients.sight import Sight, palliative_lines, with_rows

if TYPE_CHECKING:
    from debulk.patients.cohort import Cohort


def course(cohort: Cohort, sight: Sight) -> pl.LazyFrame:
    """Lines and responses recorded by the board's moment; unknown where none is recorded."""
    times = sight.times.lazy()
    lines = palliative_lines(cohort, sight.times)
    latest = lines.group_by("_row").agg(
        pl.col("line").max().alias("palliative_line"),
        pl.col("start_months").filter(pl.col("line") >= 2).min().alias("_second_months"),
    )
    base = times.join(latest, on="_row", how="left", maintain_order="left")
    responses = _responses(cohort, base)
    return base.join(responses, on="_row", how="left", maintain_order="left").select(
        "_row",
        "palliative_line",
        "first_line_months",
        (pl.col("palliative_line") == 1).alias("first_line"),
        "best_response",
        "induction_response",
    )


def _responses(cohort: Cohort, base: pl.LazyFrame) -> pl.LazyFrame:
    """Best and first response after the first palliative line began."""
    time = pl.col("time_months")
    by_board = time <= pl.col("board_months").fill_null(math.inf)
    first_line = time <= pl.col("_second_months").fill_null(math.inf)
    first = pl.col("response").filter(first_line).sort_by(time.filter(first_line)).first()
    places = base.select(
        "patient_id", "_row", "board_months", "first_line_months", "_second_months"
    ).collect()
    assessed = cohort.assessments.lazy().filter(pl.col("response").is_not_null())
    return (
        with_rows(assessed, places)
        .filter((time > pl.col("first_line_months")) & by_board)
        .group_by("_row")
        .agg(
            pl.col("response").to_physical().min().alias("_best"),
            first.alias("induction_response"),
        )
        .with_columns(
            pl.col("_best")
            .replace_strict(list(range(len(RESPONSES))), RESPONSES, return_dtype=pl.Enum(RESPONSES))
            .alias("best_response")
        )
    )


def adjuvant_interval(cohort: Cohort, sight: Sight) -> pl.LazyFrame:
    """Months from the end of adjuvant therapy to the first metastasis outside the liver."""
    first = (
        sight.metastases.filter(pl.col("organ") != "liver")
        .group_by("_row")
        .agg(
            pl.col("detected_months").min().alias("_first"),
            pl.col("detected_months").null_count().alias("_undated"),
        )
    )
    # A metastasis without a date may be the first one.
    interval = pl.when(pl.col("_undated") == 0).then(
        pl.col("_first") - pl.col("adjuvant_end_months")
    )
    return (
        cohort.patients.lazy()
        .with_row_index("_row")
        .select("_row", "adjuvant_end_months")
        .join(first, on="_row", how="left", maintain_order="left")
        .select("_row", interval.alias("months_adjuvant_to_extrahepatic"))
    )
