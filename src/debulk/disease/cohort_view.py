"""Presenters as a cohort: the tables that features and criteria read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from debulk.core.anatomy import ORGAN_CODE, ORGANS
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease.adjuvant import END_DAYS
from debulk.patients.cohort import Cohort

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.disease.presenters import Presenters

LOBES = ("none", "right", "left")
"""Liver lobe by code; ``none`` outside the liver."""

STATIONS = ("none", "para_aortic", "coeliac", "liver_hilum", "mediastinal", "pelvic")
"""Nodal station by code; ``none`` outside lymph nodes."""

_HIPEC_OLDEST_YEARS = 75.0
_HIPEC_WHO = 1
_SITES = (*LOBES, *STATIONS[1:])


def cohort_of(presenters: Presenters) -> Cohort:
    """Tables patients and lesions of some presenters.

    Time zero is the diagnosis of the bowel cancer, lesions are detected at presentation. A
    patient's id is the row (0, 1, ...), a lesion's the row among all lesions of the presenters.
    Only metastases that imaging shows are listed. A lump of metastases that imaging shows is listed
    once: its patient has more than 40 that are larger.

    Notes
    -----
    A candidate for cytoreduction with HIPEC is, by assumption, a patient with metastases in the
    peritoneum alone, WHO performance status 0-1, younger than 75 years.
    """
    return Cohort.from_tables(tables_of(presenters), validate=False)


def tables_of(presenters: Presenters) -> dict[str, pl.DataFrame]:
    """The tables of `cohort_of`, for adding columns and rows before a cohort is made of them."""
    row = np.arange(len(presenters))
    owner = np.repeat(row, np.diff(presenters.offsets))
    seen = np.flatnonzero(presenters.visible)
    patients = pl.DataFrame(
        {
            "patient_id": row,
            "age_years": presenters.age_years,
            "sex": _words(presenters.female.astype(np.int64), ("male", "female")),
            "primary_in_situ": presenters.primary_in_situ,
            "synchronous": presenters.synchronous,
            "who_ps": presenters.who_ps.astype(np.int32),
            "ras": _words(presenters.ras.astype(np.int64), ("wild_type", "mutated")),
            "braf": _words(presenters.braf.astype(np.int64), ("wild_type", "mutated")),
            "msi": _words(presenters.msi.astype(np.int64), ("stable", "high")),
            "hipec_candidate": _hipec(presenters, owner[seen], seen),
            "adjuvant": _words(presenters.adjuvant.astype(np.int64), ("none", "given")),
            "crc_confirmed": np.ones(row.size, dtype=np.bool_),
            "lesion_list_complete": np.ones(row.size, dtype=np.bool_),
        }
    ).with_columns(
        pl.when(pl.col("adjuvant") == "given")
        .then(pl.lit(END_DAYS / DAYS_PER_MONTH))
        .alias("adjuvant_end_months")
    )
    site = presenters.lobe[seen].astype(np.int64)
    station = presenters.station[seen].astype(np.int64)
    site = np.where(station > 0, station + len(LOBES) - 1, site)
    lesions = pl.DataFrame(
        {
            "patient_id": owner[seen],
            "lesion_id": seen,
            "organ": _words(presenters.organ[seen].astype(np.int64), ORGANS),
            "site": pl.Series((None, *_SITES[1:]), dtype=pl.String).gather(pl.Series(site)),
            "diameter_mm": presenters.diameter_mm[seen],
            "detected_months": presenters.recurrence_months[owner[seen]],
            "near_vessel": presenters.near_vessel[seen],
        }
    )
    return {"patients": patients, "lesions": lesions}


def _words(codes: npt.NDArray[np.int64], words: tuple[str, ...]) -> pl.Series:
    kind = pl.Enum(words)
    return pl.Series(words, dtype=kind).gather(pl.Series(codes))


def _hipec(
    presenters: Presenters, owner: npt.NDArray[np.int64], seen: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    peritoneal = presenters.organ[seen] == ORGAN_CODE["peritoneum"]
    inside = np.bincount(owner[peritoneal], minlength=len(presenters)) > 0
    outside = np.bincount(owner[~peritoneal], minlength=len(presenters)) > 0
    fit = (presenters.who_ps <= _HIPEC_WHO) & (presenters.age_years < _HIPEC_OLDEST_YEARS)
    return np.asarray(inside & ~outside & fit)
