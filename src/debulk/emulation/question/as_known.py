"""A cohort as it was known at each patient's time zero, so that nothing of the future is judged."""

from __future__ import annotations

import polars as pl

from debulk.core.errors import InputError
from debulk.patients import FEATURES, Cohort, ReadingRecord
from debulk.patients.columns import ASSESSMENTS, PATIENTS

WHOLE_RECORD = {
    "best_response": "it is the best of all responses so far; ask for induction_response, the "
    "first one",
    "lesions_disappeared": "lesions are marked as disappeared without a date",
}
"""Features that look at more than the past of time zero, and why."""

_WHOLE_RECORD_WORDS = ("ever", "best", "worst", "last", "final", "max", "maximum")
_UPDATED = ("who_ps", "cea_ug_l")
_SIZES_NOW = frozenset(
    {
        "largest_diameter_mm",
        "largest_known_diameter_mm",
        "volume_ml",
        "liver_volume_ml",
        "tumour_burden_score",
        "sum_diameters_mm",
        "treatable_share",
        "treatable_share_volume",
        "planned_sessions",
        "planned_weeks",
    }
)


def known_at(cohort: Cohort, rows: pl.DataFrame) -> Cohort:
    """The patients of `rows`, with what was known of them by time zero.

    Parameters
    ----------
    cohort : Cohort
    rows : polars.DataFrame
        `_row`, patient_id and zero_months of the patients wanted.

    Returns
    -------
    Cohort
        The board's moment is time zero, so that features count only what was detected, given and
        assessed by then; performance status and CEA are the last ones assessed by then, else those
        of the patients table.
    """
    zero = rows.select("patient_id", "zero_months")
    patients = cohort.patients[rows["_row"]].with_columns(rows["zero_months"].alias("board_months"))
    for name in _UPDATED:
        latest = (
            cohort.assessments.filter(pl.col(name).is_not_null())
            .join(zero, on="patient_id")
            .filter(pl.col("time_months") <= pl.col("zero_months"))
            .group_by("patient_id")
            .agg(pl.col(name).sort_by("time_months").last().alias("_latest"))
        )
        patients = (
            patients.join(latest, on="patient_id", how="left", maintain_order="left")
            .with_columns(pl.coalesce("_latest", name).alias(name))
            .drop("_latest")
        )
    own = {
        name: table.join(zero.select("patient_id"), on="patient_id", how="semi")
        for name, table in cohort.tables.items()
    }
    return Cohort(**{**own, "patients": patients}, record=cohort.record)


def refuse_whole_record(name: str, cohort: Cohort, where: str) -> None:
    """Refuse what is taken over a patient's whole record, and so knows the future.

    Raises
    ------
    InputError
        For such a feature, or a column of one's own whose name says so.
    """
    if name in WHOLE_RECORD:
        found = f"{name!r} is read over the whole record: {WHOLE_RECORD[name]}"
        raise InputError(where, found, "Leave it out, or use what was known at time zero")
    known = name in PATIENTS or name in ASSESSMENTS or name in FEATURES
    parts = name.casefold().replace("-", "_").replace(" ", "_").split("_")
    word = next((each for each in parts if each in _WHOLE_RECORD_WORDS), None)
    if not known and word is not None and name in cohort.patients.columns:
        found = f"column {name!r} says {word!r}: it may tell what came after time zero"
        raise InputError(where, found, "Leave it out; rename it if it was known at time zero")


def undated(names: set[str], cohort: Cohort, moment: str) -> list[str]:
    """What makes some features' moment doubtful: lesions without a date, sizes without one.

    Parameters
    ----------
    names : set of str
        Features asked for.
    cohort : Cohort
        As known at time zero.
    moment : str
        "entry" or "now".
    """
    told = []
    asked = {name for name in names if name in FEATURES}
    on_lesions = {n for n in asked if FEATURES[n].group not in ("course", "adjuvant")}
    lesions = cohort.lesions.filter(pl.col("organ").cast(pl.String) != "primary")
    without = lesions["detected_months"].null_count()
    if on_lesions and without:
        told.append(
            f"{without} of {lesions.height} metastases have no date and count as there from the "
            f"start ({', '.join(sorted(on_lesions))})"
        )
    sizes = sorted(asked & _SIZES_NOW)
    if moment == "now" and sizes and lesions["diameter_mm"].null_count() < lesions.height:
        told.append(f"the sizes of lesions carry no date ({', '.join(sizes)})")
    return told


def record_of(cohort: Cohort) -> ReadingRecord:
    """The record of the cohort's reading; an empty one for tables at hand."""
    return cohort.record or ReadingRecord(source="tables at hand", time_zero="not told")
