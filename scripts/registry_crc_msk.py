"""The hazard ratio of 0.13 in crc_msk_2017, taken apart one reason after another.

The registry knows who ever had a metastasectomy, not when. MSK-CHORD knows the day of operations of
most of the same patients; the two are joined in memory only, and aggregates alone leave.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from debulk.patients import Cohort
from debulk.survival import cox

EVER = "metastasectomy"
ADJUSTED_FOR = (
    "age_years",
    "synchronous",
    "n_organs_at_metastases",
    "liver_only",
    "primary_site",
)
LANDMARKS_MONTHS = (6.0, 12.0, 24.0)

Ratio = tuple[float, float, float]
"""A hazard ratio, treated / not, and its 95 % interval."""


@dataclass(frozen=True)
class Step:
    """One way of asking; four hazard ratios, crude and adjusted, by when patients count as seen.

    Attributes
    ----------
    what : str
        What is compared.
    removes, leaves : str
        Which reason for a difference this takes away, and which it does not.
    patients, deaths, treated : int
        Of the crude comparison from the metastases on.
    from_metastases, from_sequencing : (Ratio, Ratio)
        Crude and adjusted; patients at risk from their metastases (or the landmark) on, and from
        their sequencing on, by which alone the registry knows them.
    """

    what: str
    removes: str
    leaves: str
    patients: int
    deaths: int
    treated: int
    from_metastases: tuple[Ratio, Ratio]
    from_sequencing: tuple[Ratio, Ratio]


@dataclass(frozen=True)
class Facts:
    """What makes the steps differ, counted."""

    patients: int
    without_time: int
    shared: int
    sequenced_months: tuple[float, float]
    organs: tuple[float, float]
    liver_only: tuple[float, float]
    dead_in_a_year: tuple[int, int]
    months_to_operation: float
    immortal_share: float
    never_yet_operated: tuple[int, int]


def registry(crc: Cohort) -> pl.DataFrame:
    """One row a patient of crc_msk_2017, months from the metastases."""
    liver_only = crc.lesions.group_by("patient_id").agg(
        (pl.col("organ").cast(pl.String) == "liver").all().alias("liver_only")
    )
    return (
        crc.patients.join(crc.followup, on="patient_id")
        .join(liver_only, on="patient_id", how="left")
        .with_columns(pl.col("primary_site").cast(pl.String), pl.lit(0.0).alias("start"))
        .rename({"entry_months": "sequenced"})
    )


def joined(rows: pl.DataFrame, chord: Cohort) -> pl.DataFrame:
    """The patients whom both know, with their first operations; entry by MSK-CHORD's sequencing."""
    metastases = pl.col("months_from_diagnosis_to_metastases")
    shared = rows.join(
        chord.patients.select("patient_id", pl.col("entry_months").alias("_sequenced")),
        on="patient_id",
    ).with_columns((pl.col("_sequenced") - metastases).clip(0.0).alias("sequenced"))
    operations = (
        chord.treatments.filter(pl.col("name") == "surgery")
        .join(
            shared.select("patient_id", "months_from_diagnosis_to_metastases", "last_months"),
            on="patient_id",
        )
        .with_columns((pl.col("start_months") - metastases).alias("months"))
        .filter((pl.col("months") >= 0.0) & (pl.col("months") <= pl.col("last_months")))
    )
    first = operations.group_by("patient_id").agg(
        pl.col("months").min().alias("operation"),
        pl.col("months").filter("with_specimen").min().alias("specimen"),
    )
    return shared.join(first, on="patient_id", how="left")


def undated_steps(rows: pl.DataFrame) -> Iterator[Step]:
    """What the registry alone can ask."""
    yield _step(
        "ever against never",
        "nothing",
        "everything below",
        rows.with_columns(pl.col(EVER).alias("treated")),
    )
    for months in LANDMARKS_MONTHS[:2]:
        there = rows.filter(pl.col("last_months") > months)
        yield _step(
            f"ever against never among survivors of {months:g} months",
            f"those who died before {months:g} months, too soon to be treated",
            "immortal time after it; the label, which is from the future; selection",
            there.with_columns(pl.col(EVER).alias("treated"), pl.lit(months).alias("start")),
        )


def dated_steps(rows: pl.DataFrame) -> Iterator[Step]:
    """What can be asked once operations have dates."""
    ever = pl.col(EVER)
    yield _step(
        "ever against never, patients in both",
        "nothing: the same question in fewer patients",
        "everything",
        rows.with_columns(ever.alias("treated")),
    )
    dated = rows.filter(~ever | pl.col("operation").is_not_null())
    for months in LANDMARKS_MONTHS:
        there = dated.filter(pl.col("last_months") > months)
        by_then = (ever & (pl.col("operation") <= months)).fill_null(value=False)
        yield _step(
            f'labelled "ever", operated by {months:g} months, from then on',
            "immortal time",
            "later metastasectomies among the others; the label; selection",
            there.with_columns(by_then.alias("treated"), pl.lit(months).alias("start")),
        )
    yield _step(
        'labelled "ever", treated from the first operation on',
        "immortal time",
        "the label: only those who came to a metastasectomy can move; selection",
        _over_time(dated, pl.when(ever).then("operation")),
    )
    specimens = rows.filter(~ever | pl.col("specimen").is_not_null())
    yield _step(
        'labelled "ever", from the first operation with a specimen on',
        "immortal time up to an operation that took tumour",
        "the label; the many labelled without a dated specimen are left out",
        _over_time(specimens, pl.when(ever).then("specimen")),
    )
    yield _step(
        "treated from any first operation on, label ignored",
        "immortal time and the label",
        "selection; and operations on the primary or for symptoms now count too",
        _over_time(rows, pl.col("operation")),
    )


def facts_of(rows: pl.DataFrame, both: pl.DataFrame, without_time: int) -> Facts:
    """Counts and medians behind the steps."""
    ever, never = rows.filter(pl.col(EVER)), rows.filter(~pl.col(EVER))

    def pair(value: pl.Expr) -> tuple[float, float]:
        return float(ever.select(value).item()), float(never.select(value).item())

    early = (pl.col("dead") & (pl.col("last_months") <= 12.0)).sum()
    died = pair(early)
    operated = both.filter(pl.col(EVER) & pl.col("operation").is_not_null())
    never_both = both.filter(~pl.col(EVER))
    return Facts(
        rows.height,
        without_time,
        both.height,
        pair(pl.col("sequenced").median()),
        pair(pl.col("n_organs_at_metastases").mean()),
        pair(pl.col("liver_only").mean()),
        (int(died[0]), int(died[1])),
        float(operated.select(pl.col("operation").median()).item()),
        float(operated.select(pl.col("operation").sum() / pl.col("last_months").sum()).item()),
        (never_both.height - never_both["operation"].null_count(), never_both.height),
    )


def _over_time(rows: pl.DataFrame, operation: pl.Expr) -> pl.DataFrame:
    """Follow-up cut at the operation: untreated before it, treated from it on."""
    placed = rows.with_columns(operation.alias("_at"))
    cut = pl.col("_at") < pl.col("last_months")
    end = pl.when(cut).then("_at").otherwise("last_months")
    before = placed.with_columns(
        pl.lit(value=False).alias("treated"),
        end.alias("last_months"),
        (pl.col("dead") & ~cut.fill_null(value=False)).alias("dead"),
    )
    after = placed.filter(cut).with_columns(
        pl.lit(value=True).alias("treated"), pl.col("_at").alias("start")
    )
    return pl.concat([before, after]).filter(pl.col("start") < pl.col("last_months"))


def _step(what: str, removes: str, leaves: str, rows: pl.DataFrame) -> Step:
    late = rows.with_columns(pl.max_horizontal("start", "sequenced").alias("start")).filter(
        pl.col("start") < pl.col("last_months")
    )
    return Step(
        what,
        removes,
        leaves,
        rows["patient_id"].n_unique(),
        int(rows["dead"].sum()),
        rows.filter("treated")["patient_id"].n_unique(),
        (_ratio(rows), _ratio(rows, *ADJUSTED_FOR)),
        (_ratio(late), _ratio(late, *ADJUSTED_FOR)),
    )


def _ratio(rows: pl.DataFrame, *others: str) -> Ratio:
    """Hazard ratio of treated by Cox's model, in those whose covariates are known."""
    known = rows.drop_nulls(list(others)) if others else rows
    model = cox(
        known, time="last_months", event="dead", entry="start", covariates=["treated", *others]
    )
    row = model.hazard_ratios.row(0, named=True)
    return row["hazard_ratio"], row["lower"], row["upper"]
