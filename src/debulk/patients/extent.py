"""Extent of disease, from no metastasis to multi-organ."""

from __future__ import annotations

from functools import cache

import polars as pl

EXTENTS = (
    "stage_1",
    "stage_2",
    "stage_3",
    "liver_only",
    "oligometastatic",
    "other_metastatic",
    "multi_organ",
)
"""The classes of extent.

No metastasis: the stage by T and N. Liver alone: ``liver_only``. At least two organs (the primary
not counted) and at least k extrahepatic lesions: ``multi_organ``. Else at most 5 lesions in at
most 2 organs: ``oligometastatic``. Else ``other_metastatic``."""

EXTENT = pl.Enum(EXTENTS)

_MOST_LESIONS, _MOST_ORGANS = 5, 2


@cache
def extent_class(k: int, suffix: str = "") -> pl.Expr:
    """Class of extent from counts of lesions; null where they do not tell.

    Parameters
    ----------
    k : int
        Extrahepatic lesions that make disease in two organs multi-organ.
    suffix : str
        Ending of the count columns ``_lesions``, ``_hepatic``, ``_organs``.

    Notes
    -----
    Where ``_complete`` is false the counts are lower bounds, so only multi-organ is certain.
    """
    lesions, hepatic = pl.col(f"_lesions{suffix}"), pl.col(f"_hepatic{suffix}")
    organs = pl.col(f"_organs{suffix}")
    multi_organ = (organs >= 2) & (lesions - hepatic >= k)
    few = (lesions <= _MOST_LESIONS) & (organs <= _MOST_ORGANS)
    return (
        pl.when(lesions.is_null())
        .then(pl.lit(None, dtype=EXTENT))
        .when(multi_organ)
        .then(pl.lit("multi_organ", dtype=EXTENT))
        .when(~pl.col("_complete"))
        .then(pl.lit(None, dtype=EXTENT))
        .when(lesions == 0)
        .then(_stage())
        .when(hepatic == lesions)
        .then(pl.lit("liver_only", dtype=EXTENT))
        .when(few)
        .then(pl.lit("oligometastatic", dtype=EXTENT))
        .otherwise(pl.lit("other_metastatic", dtype=EXTENT))
    )


def _stage() -> pl.Expr:
    """Stage without metastases, after the TNM classification: nodes III, T3-4 II, T1-2 I."""
    t_stage, nodes = pl.col("t_stage"), pl.col("n_positive")
    return (
        pl.when(nodes > 0)
        .then(pl.lit("stage_3", dtype=EXTENT))
        .when((nodes == 0) & (t_stage >= 3))
        .then(pl.lit("stage_2", dtype=EXTENT))
        .when((nodes == 0) & (t_stage >= 1))
        .then(pl.lit("stage_1", dtype=EXTENT))
        .otherwise(pl.lit(None, dtype=EXTENT))
    )
