"""The share of a patient's metastases that can be treated locally.

A panel's judgements count first: each panellist's share, then their mean. For a patient whom no
panel has judged, the plan of `debulk.treatments` decides.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from debulk.patients.sight import Sight, summed_ml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from debulk.patients.cohort import Cohort
    from debulk.treatments import Modality


def treatable_shares(
    cohort: Cohort, sight: Sight, modalities: Mapping[str, Modality] | None
) -> pl.LazyFrame:
    """Shares by count and by volume, and what the plan takes.

    Unknown where the list of lesions is incomplete, a lesion's size is unknown, or there is no
    lesion to treat; a panel's view needs no size.
    """
    # The planner takes the lesions of a patient as one block.
    seen = (
        sight.metastases.filter(pl.col("visible"))
        .sort("_row", maintain_order=True)
        .collect()
        .with_row_index("_lesion")
    )
    table = _planned(cohort, seen, modalities)
    if cohort.judgements.height:
        names = ("treatable_share", "treatable_share_volume")
        table = table.join(
            _judged(cohort, sight, seen), on="_row", how="left", maintain_order="left"
        ).with_columns(
            pl.when(pl.col("_judged").is_not_null()).then(f"_{name}").otherwise(name).alias(name)
            for name in names
        )
    complete = cohort.patients.with_row_index("_row").select(
        "_row", pl.col("lesion_list_complete").fill_null(value=True).alias("_complete")
    )
    table = table.join(complete, on="_row", how="left", maintain_order="left")
    shown = ("treatable_share", "treatable_share_volume", "planned_sessions", "planned_weeks")
    return table.lazy().select(
        "_row", *(pl.when("_complete").then(name).alias(name) for name in shown)
    )


def _planned(
    cohort: Cohort, seen: pl.DataFrame, modalities: Mapping[str, Modality] | None
) -> pl.DataFrame:
    from debulk.treatments.library import load_modalities
    from debulk.treatments.plan_kernel import plan_many
    from debulk.treatments.tables import modality_tables

    patients = cohort.patients
    lesions = np.bincount(seen["_row"].to_numpy(), minlength=patients.height).astype(np.int64)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lesions)])
    # The types of organs are listed in the order of their codes.
    codes = seen["organ"].to_physical().cast(pl.Int8)
    plan = plan_many(
        codes.to_numpy(),
        seen["size_mm"].fill_null(math.nan).to_numpy(),
        seen["near_vessel"].cast(pl.Int8).fill_null(-1).to_numpy(),
        offsets,
        patients["liver_remnant_share"].fill_null(math.nan).to_numpy(),
        patients["panel_boldness"].fill_null(0.0).to_numpy(),
        modality_tables(load_modalities() if modalities is None else modalities),
    )
    treated = seen.select("_row", "size_mm", "size_ml", pl.Series("_treated", plan.modality >= 0))
    by_volume = treated.group_by("_row").agg(
        pl.col("size_mm").null_count().alias("_unsized"),
        summed_ml(pl.col("size_ml")).alias("_ml"),
        summed_ml(pl.when("_treated").then("size_ml")).alias("_treated_ml"),
    )
    whole = pl.DataFrame(
        {
            "_row": pl.Series(np.arange(patients.height), dtype=pl.UInt32),
            "_n": lesions,
            "_treatable": plan.treatable,
            "_sessions": plan.sessions,
            "_weeks": plan.weeks,
        }
    ).join(by_volume, on="_row", how="left", maintain_order="left")
    known = pl.col("_unsized") == 0
    return whole.select(
        "_row",
        pl.when(known).then(pl.col("_treatable") / pl.col("_n")).alias("treatable_share"),
        pl.when(known).then(pl.col("_treated_ml") / pl.col("_ml")).alias("treatable_share_volume"),
        pl.when(known).then("_sessions").alias("planned_sessions"),
        pl.when(known).then("_weeks").alias("planned_weeks"),
    )


def _judged(cohort: Cohort, sight: Sight, seen: pl.DataFrame) -> pl.DataFrame:
    """Mean over panellists of the share each calls treatable, by their latest view in time."""
    views = (
        cohort.judgements.lazy()
        .join(sight.times.lazy().select("patient_id", "_row", "moment_months"), on="patient_id")
        .filter(
            pl.col("time_months").fill_null(-math.inf)
            <= pl.col("moment_months").fill_null(math.inf)
        )
        .sort("time_months", nulls_last=False, maintain_order=True)
        .unique(["_row", "lesion_id", "panellist"], keep="last", maintain_order=True)
        .collect()
    )
    judges = views.select("_row", "panellist").unique()
    # Every panellist of a patient against every lesion in sight: one not judged makes the
    # panellist's share unknown.
    grid = seen.select("_row", "lesion_id", "size_ml").join(judges, on="_row")
    opinion = grid.join(
        views.select("_row", "lesion_id", "panellist", "treatable"),
        on=["_row", "lesion_id", "panellist"],
        how="left",
    )
    yes = pl.col("treatable")
    volume = pl.col("size_ml")
    known = yes.null_count() == 0
    shares = opinion.group_by("_row", "panellist").agg(
        pl.when(known).then(yes.mean()).alias("_share"),
        pl.when(known & (volume.null_count() == 0))
        .then(summed_ml(pl.when(yes).then(volume)) / summed_ml(volume))
        .alias("_share_ml"),
    )
    return (
        shares.sort("_row", "panellist")
        .group_by("_row")
        .agg(
            pl.len().alias("_judged"),
            pl.col("_share").sort().mean().alias("_treatable_share"),
            pl.col("_share_ml").sort().mean().alias("_treatable_share_volume"),
        )
    )
