"""What scores ask for that the feature table does not hold: an interval, and whether treated."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import polars as pl

from debulk.patients.cohort import Cohort

# The words of the readers, and what a user may call the diagnosis of the primary.
_FROM_PRIMARY = re.compile(
    r"(?:the |date of |first |dated )*(?:diagnosis|primary)\b(?!.*(?:metasta|recur|relapse))"
)


@dataclass(frozen=True, slots=True)
class Derived:
    """A name that rules of scores may use, its type, and what it says."""

    dtype: pl.DataType
    text: str


DERIVED = {
    "disease_free_interval_months": Derived(
        pl.Float64(),
        "months from the diagnosis of the primary to the first metastasis: 0 where synchronous; "
        "else the earliest detected_months, if times count from that diagnosis, every lesion has "
        "one and the list of lesions is complete; else unknown",
    ),
    "local_treatment": Derived(
        pl.Boolean(),
        "a local treatment of metastases; unknown where the cohort records none at all",
    ),
}
"""Names beyond the patients' columns and the features that rules of scores may use."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A cohort as a score must see it: before its patients' first local treatment.

    Attributes
    ----------
    cohort : Cohort
        The cohort, local treatments taken back where they would hide what was treated.
    table : polars.DataFrame
        One row a patient, in order: judged_months and the names in `DERIVED`.
    """

    cohort: Cohort
    table: pl.DataFrame


def judge(cohort: Cohort) -> Judged:
    """Set each patient's moment of judgement, and compute what is derived at it.

    The moment is ``board_months`` where given, else the start of the first local treatment of
    metastases, else all that is known. Without this a resected patient would have no lesion left
    to count.
    """
    local = _local(cohort)
    first = local.group_by("patient_id").agg(pl.col("start_months").min().alias("_first"))
    moments = cohort.patients.select("patient_id", "board_months").join(
        first, on="patient_id", how="left", maintain_order="left"
    )
    treated = moments["patient_id"].is_in(local["patient_id"].unique().implode())
    judged = moments.select(pl.coalesce("board_months", "_first")).to_series()
    taken_back = moments.filter(treated & moments["board_months"].is_null())["patient_id"]
    back = pl.col("patient_id").is_in(taken_back.implode())
    seen = replace(
        cohort,
        patients=cohort.patients.with_columns(judged.alias("board_months")),
        treatments=cohort.treatments.filter(~((pl.col("kind") == "local") & back)),
    )
    known = treated if local.height else pl.Series([None] * len(cohort), dtype=pl.Boolean)
    table = pl.DataFrame(
        [
            cohort.patients["patient_id"],
            judged.alias("judged_months"),
            known.alias("local_treatment"),
            _disease_free_interval(cohort, judged).alias("disease_free_interval_months"),
        ]
    )
    return Judged(seen, table)


def _local(cohort: Cohort) -> pl.DataFrame:
    """Local treatments of metastases: one that names lesions of the primary alone is none."""
    local = cohort.treatments.filter(pl.col("kind") == "local").with_row_index("_treatment")
    if local.height == 0:
        return local
    named = local.explode("lesion_ids").drop_nulls("lesion_ids")
    organs = cohort.lesions.select("patient_id", pl.col("lesion_id").alias("lesion_ids"), "organ")
    metastases = (pl.col("organ") != "primary").fill_null(value=True)
    spared = (
        named.join(organs, on=["patient_id", "lesion_ids"], how="left")
        .group_by("_treatment")
        .agg(metastases.any().alias("_metastases"))
        .filter(~pl.col("_metastases"))
    )
    return local.join(spared, on="_treatment", how="anti")


def _disease_free_interval(cohort: Cohort, judged: pl.Series) -> pl.Series:
    found = (
        cohort.lesions.filter(pl.col("organ") != "primary")
        .group_by("patient_id")
        .agg(
            pl.col("detected_months").min().alias("_first"),
            pl.col("detected_months").null_count().alias("_untimed"),
        )
    )
    rows = cohort.patients.with_columns(judged.alias("_judged")).join(
        found, on="patient_id", how="left", maintain_order="left"
    )
    complete = pl.col("lesion_list_complete").fill_null(value=True)
    seen_by_then = (pl.col("_first") <= pl.col("_judged")).fill_null(value=True)
    # A first metastasis at time 0 that is not synchronous: times do not count from the primary.
    after = (pl.col("_first") > 0) | pl.col("synchronous").is_null()
    timed = complete & (pl.col("_untimed") == 0) & seen_by_then & after
    interval = pl.when(pl.lit(_counts_from_primary(cohort)) & timed).then("_first")
    return rows.select(pl.when(pl.col("synchronous")).then(0.0).otherwise(interval)).to_series()


def _counts_from_primary(cohort: Cohort) -> bool:
    """Whether times count from the diagnosis of the primary: the data model's, unless told."""
    if cohort.record is None or not cohort.record.time_zero:
        return True
    return _FROM_PRIMARY.match(cohort.record.time_zero.casefold()) is not None
