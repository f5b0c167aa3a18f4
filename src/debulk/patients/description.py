"""A cohort in numbers: rows, follow-up, what is missing, organs, extent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from debulk.core.anatomy import ORGANS
from debulk.patients.cohort import Cohort
from debulk.patients.columns import TABLES
from debulk.patients.extent import EXTENTS
from debulk.survival.options import check_kind

EXTENT_COLUMNS = ("entry_k2", "entry_k4", "now_k2", "now_k4")
"""Columns of `Cohort.extent`: the moment, and from how many extrahepatic lesions multi-organ."""


@dataclass(frozen=True, slots=True)
class Description:
    """What `describe` finds.

    Attributes
    ----------
    patients : int
        Patients.
    rows : mapping of table to int
        Rows of each table.
    deaths : int
        Patients known to have died.
    without_followup : int
        Patients without a row of follow-up.
    median_followup_months : float
        By reverse Kaplan-Meier (deaths count as censored); NaN where not reached.
    missing : mapping of table to mapping of column to share
        Share of values that are unknown, of the columns in which any value is given.
    empty : mapping of table to tuple of str
        Columns in which nothing is given.
    organs : mapping of organ to int
        Patients with a metastasis there now.
    extent : mapping of column of `Cohort.extent` to mapping of class to int
        Patients in each class; ``unknown`` where the tables do not tell.
    """

    patients: int
    rows: Mapping[str, int]
    deaths: int
    without_followup: int
    median_followup_months: float
    missing: Mapping[str, Mapping[str, float]]
    empty: Mapping[str, tuple[str, ...]]
    organs: Mapping[str, int]
    extent: Mapping[str, Mapping[str, int]]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; not reached is None."""
        median = self.median_followup_months
        return {
            "patients": self.patients,
            "rows": dict(self.rows),
            "deaths": self.deaths,
            "without_followup": self.without_followup,
            "median_followup_months": median if math.isfinite(median) else None,
            "missing": {table: dict(each) for table, each in self.missing.items()},
            "empty": {table: list(each) for table, each in self.empty.items()},
            "organs": dict(self.organs),
            "extent": {column: dict(each) for column, each in self.extent.items()},
        }


def describe(cohort: Cohort) -> Description:
    """Describe a cohort in numbers.

    Parameters
    ----------
    cohort : Cohort
        Any cohort.

    Returns
    -------
    Description
        Rows, follow-up, missing values, organs involved now, extent at entry and now.
    """
    check_kind(cohort, Cohort, "cohort", "Give a cohort, as read_cohort gives it")
    tables = {name: frame for name, frame in cohort.tables.items() if frame.height}
    shares = {
        table: {name: frame[name].null_count() / frame.height for name in TABLES[table]}
        for table, frame in tables.items()
    }
    return Description(
        patients=len(cohort),
        rows={name: frame.height for name, frame in cohort.tables.items()},
        deaths=int(cohort.followup["dead"].sum()),
        without_followup=len(cohort) - cohort.followup["patient_id"].n_unique(),
        median_followup_months=_median_followup(cohort),
        missing={
            table: {name: share for name, share in each.items() if share < 1.0}
            for table, each in shares.items()
        },
        empty={
            table: tuple(name for name, share in each.items() if share == 1.0)
            for table, each in shares.items()
        },
        organs=_organs(cohort),
        extent=extent_counts(cohort.extent()),
    )


def extent_counts(extent: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Patients in each class of extent, for each column of `Cohort.extent`."""
    counts = {}
    for column in EXTENT_COLUMNS:
        values = extent[column].cast(pl.String).fill_null("unknown")
        counts[column] = {name: int((values == name).sum()) for name in (*EXTENTS, "unknown")}
    return counts


def _organs(cohort: Cohort) -> dict[str, int]:
    from debulk.patients.sight import see

    seen = see(cohort, "now").metastases.filter(pl.col("visible")).select("_row", "organ")
    found = seen.unique().collect()["organ"].cast(pl.String)
    return {organ: int((found == organ).sum()) for organ in ORGANS if organ != "primary"}


def _median_followup(cohort: Cohort) -> float:
    from debulk.survival import kaplan_meier

    if cohort.followup.height == 0:
        return math.nan
    last, dead = cohort.followup["last_months"], cohort.followup["dead"]
    return kaplan_meier(last.to_numpy(), (~dead).to_numpy()).quantile(0.5).estimate
