"""What no history of a patient can be: the one policy of all readers.

Refused, because no rule could repair it: a time that ends before it starts, a value outside what
is possible (`debulk.patients.columns`), one patient with two different rows.

Decided and counted:

- a row that comes twice, word for word: one is kept;
- follow-up that ends before time zero: the patient is excluded;
- treatment that starts after death: the row is excluded; one that ends after death ends there;
- an assessment after death: excluded;
- anything seen after the last contact of a living patient: the last contact moves there;
- progression after death: unknown;
- treatment over before time zero: excluded; under way at time zero: starts there;
- assessments of the last `BASELINE_MONTHS` before time zero: one at time zero, with the latest
  value of each kind and no response; earlier ones are excluded;
- a lesion seen before time zero: there from the start;
- overlapping systemic lines: the earlier ends where the later starts; rows with one line number,
  or one start, are one line together.

Columns of which much is missing are listed among what is not known.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.patients.cohort import Cohort
from debulk.patients.columns import TABLES
from debulk.patients.readers.notes import Notes

BASELINE_MONTHS = 2.0
"""How long before time zero an assessment may lie to count as the one at time zero."""

MUCH_MISSING = 0.2
"""Share of missing values from which a column is listed among what is not known."""

_ROUNDING_MONTHS = 1e-9  # two differences of days, divided, are the same time
_OF_A_COURSE = ("response", "new_lesions")
_TIMES = {
    "treatments": ("start_months", "end_months"),
    "assessments": ("time_months",),
    "followup": ("last_months", "progression_months"),
    "lesions": ("detected_months",),
}


def cohort_of(
    tables: Mapping[str, pl.DataFrame], notes: Notes, *, source: str, time_zero: str
) -> Cohort:
    """Make a cohort of what a reader found, under the policy of this module.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Tables of a cohort, times in months from time zero, negative ones included.
    notes : Notes
        The reader's notes; receives the counts, and becomes the cohort's record.
    source, time_zero : str
        As in `ReadingRecord`.

    Raises
    ------
    InputError
        On what the policy refuses and on all that `Cohort.from_tables` refuses.
    """
    frames = {name: _prepared(name, frame) for name, frame in tables.items()}
    frames = {name: _without_copies(name, frame, notes) for name, frame in frames.items()}
    if "followup" in frames:
        frames = _within_follow_up(frames, notes)
    frames = _from_time_zero(frames, notes)
    if "treatments" in frames:
        frames["treatments"] = _lines_in_turn(frames["treatments"], notes)
    patients = frames["patients"]
    if patients.height == 0:
        raise InputError(
            source, "no patient is left after the exclusions", "Check time zero: " + time_zero
        )
    ids = patients["patient_id"].implode()
    for name, frame in frames.items():
        known = frame.filter(pl.col("patient_id").is_in(ids))
        notes.exclude(f"{name}: rows of patients who are not in the cohort",
                      frame.height - known.height)  # fmt: skip
        frames[name] = known
    _list_missing(frames, notes)
    return Cohort.from_tables(frames, record=notes.record(source, time_zero))


def _prepared(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The table with all its columns of time, as numbers."""
    for column, about in TABLES[name].items():
        if about.required and column not in frame.columns:
            others = [each for each in frame.columns if each not in TABLES[name]]
            remedy = f"Add it. {nearest(column, others)}" if others else "Add it"
            raise InputError(f"table {name}", f"column {column!r} is missing", remedy)
    times = _TIMES.get(name, ())
    return frame.with_columns(
        pl.col(each).cast(pl.Float64)
        if each in frame.columns
        else pl.lit(None, pl.Float64).alias(each)
        for each in times
    )


def _without_copies(name: str, frame: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    if frame.height == 0:
        return frame
    once = frame.unique(maintain_order=True)
    notes.exclude(f"{name}: rows that come twice, word for word", frame.height - once.height)
    key = {"patients": "patient_id", "followup": "patient_id"}.get(name)
    if key is not None:
        again = once.filter(pl.col(key).is_duplicated())
        if again.height:
            raise InputError(
                f"table {name}, column {key}",
                f"{again[key][0]!r} comes twice with different values "
                f"({again[key].n_unique()} such patients)",
                "Correct the rows, or name a rule in a mapping file: duplicates: first or latest",
            )
    return once


def _within_follow_up(frames: dict[str, pl.DataFrame], notes: Notes) -> dict[str, pl.DataFrame]:
    followup = frames["followup"]
    lost = followup.filter(pl.col("last_months").is_null())
    notes.exclude("followup: rows without a time of last contact or death", lost.height)
    early = followup.filter(pl.col("last_months") < 0.0)
    notes.exclude("patients whose follow-up ends before time zero", early.height)
    gone = early["patient_id"].implode()
    kept = {name: frame.filter(~pl.col("patient_id").is_in(gone)) for name, frame in frames.items()}
    followup = kept["followup"].filter(pl.col("last_months").is_not_null())
    dead = pl.col("dead").cast(pl.Boolean).fill_null(value=False)
    late = (dead & (pl.col("progression_months") > pl.col("last_months"))).fill_null(value=False)
    notes.decide("progression after death is unknown", followup.filter(late).height)
    followup = followup.with_columns(progression_months=pl.when(~late).then("progression_months"))
    death = followup.filter(dead).select("patient_id", _death="last_months")
    for name, frame in kept.items():
        if name in ("treatments", "assessments"):
            kept[name] = _before_death(name, frame, death, notes)
    kept["followup"] = _last_seen(followup, kept, dead, notes)
    return kept


def _before_death(
    name: str, frame: pl.DataFrame, death: pl.DataFrame, notes: Notes
) -> pl.DataFrame:
    joined = frame.join(death, on="patient_id", how="left", maintain_order="left")
    first = _TIMES[name][0]
    after = (pl.col(first) > pl.col("_death") + _ROUNDING_MONTHS).fill_null(value=False)
    what = "treatments that start" if name == "treatments" else "assessments"
    notes.exclude(f"{what} after the patient's death", joined.filter(after).height)
    joined = joined.filter(~after)
    if name == "treatments":
        beyond = (pl.col("end_months") > pl.col("_death") + _ROUNDING_MONTHS).fill_null(value=False)
        count = joined.filter(beyond).height
        notes.decide("treatments that would end after death end there", count)
        joined = joined.with_columns(
            end_months=pl.when(beyond).then("_death").otherwise("end_months")
        )
    return joined.drop("_death")


def _last_seen(
    followup: pl.DataFrame, frames: Mapping[str, pl.DataFrame], dead: pl.Expr, notes: Notes
) -> pl.DataFrame:
    seen = [followup.select("patient_id", _seen="progression_months")]
    for name, column in (("treatments", "start_months"), ("assessments", "time_months")):
        if name in frames:
            seen.append(frames[name].select("patient_id", _seen=column))
    latest = pl.concat(seen).group_by("patient_id").agg(pl.col("_seen").max())
    joined = followup.join(latest, on="patient_id", how="left", maintain_order="left")
    later = (~dead & (pl.col("_seen") > pl.col("last_months"))).fill_null(value=False)
    notes.decide(
        "patients seen after their last contact: it moves there", joined.filter(later).height
    )
    moved = pl.when(later).then("_seen").otherwise("last_months").alias("last_months")
    return joined.with_columns(moved).drop("_seen")


def _from_time_zero(frames: dict[str, pl.DataFrame], notes: Notes) -> dict[str, pl.DataFrame]:
    made = dict(frames)
    if "treatments" in made:
        made["treatments"] = _treatments_from_zero(made["treatments"], notes)
    if "assessments" in made:
        made["assessments"] = _assessments_from_zero(made["assessments"], notes)
    if "lesions" in made:
        before = pl.col("detected_months") < 0.0
        count = made["lesions"].filter(before).height
        notes.decide("lesions seen before time zero are there from the start", count)
        made["lesions"] = made["lesions"].with_columns(pl.col("detected_months").clip(0.0))
    if "followup" in made:
        before = pl.col("progression_months") < 0.0
        count = made["followup"].filter(before).height
        notes.decide("progression before time zero is unknown", count)
        made["followup"] = made["followup"].with_columns(
            progression_months=pl.when(~before.fill_null(value=False)).then("progression_months")
        )
    return made


def _treatments_from_zero(frame: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    wrong = frame.filter(pl.col("end_months") < pl.col("start_months"))
    if wrong.height:
        row = wrong.row(0, named=True)
        raise InputError(
            f"treatments of patient {row['patient_id']!r}",
            f"{row.get('name')!r} ends before it starts ({wrong.height} such rows)",
            "Correct one of the two dates",
        )
    last = pl.coalesce("end_months", "start_months")
    over = (last < 0.0).fill_null(value=False)
    notes.exclude("treatments over before time zero", frame.filter(over).height)
    frame = frame.filter(~over)
    under_way = frame.filter(pl.col("start_months") < 0.0).height
    notes.decide("treatments under way at time zero start there", under_way)
    return frame.with_columns(pl.col("start_months").clip(0.0))


def _assessments_from_zero(frame: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    """Make one assessment at time zero of those shortly before; earlier ones are left out."""
    time = pl.col("time_months")
    notes.exclude("assessments without a time", frame["time_months"].null_count())
    notes.exclude("assessments before time zero", frame.filter(time < -BASELINE_MONTHS).height)
    frame = frame.filter(time >= -BASELINE_MONTHS)
    early = frame.filter(time < 0.0)
    if early.height == 0:
        return frame
    notes.decide(
        f"assessments of the last {BASELINE_MONTHS:g} months before time zero count as one there",
        early.height,
    )
    baseline = (time <= 0.0) & pl.col("patient_id").is_in(early["patient_id"].implode())
    # The latest value of each kind; a response is about a course that was over.
    values = [each for each in frame.columns if each not in ("patient_id", *_OF_A_COURSE)]
    merged = (
        frame.filter(baseline)
        .sort("time_months", maintain_order=True)
        .group_by("patient_id", maintain_order=True)
        .agg(pl.col(values).drop_nulls().last())
        .with_columns(time_months=pl.lit(0.0))
    )
    return pl.concat([merged, frame.filter(~baseline)], how="diagonal").sort(
        "patient_id", "time_months", maintain_order=True
    )


def _lines_in_turn(frame: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    """End a systemic line where the next starts; rows of one number or one start are one line."""
    if "line" not in frame.columns:
        frame = frame.with_columns(line=pl.lit(None, pl.Int32))
    frame = frame.with_row_index("_row")
    lines = frame.filter(pl.col("kind").cast(pl.String) == "systemic")
    other = (pl.col("line") != pl.col("line_later")).fill_null(value=True)
    following = (
        lines.select("_row", "patient_id", "line", "start_months")
        .join(lines.select("patient_id", "line", "start_months"), on="patient_id", suffix="_later")
        .filter(other & (pl.col("start_months_later") > pl.col("start_months")))
        .group_by("_row")
        .agg(_next=pl.col("start_months_later").min())
    )
    frame = frame.join(following, on="_row", how="left", maintain_order="left")
    over = (pl.col("end_months") > pl.col("_next")).fill_null(value=False)
    notes.decide(
        "systemic lines that overlap the next one end where it starts", frame.filter(over).height
    )
    ends = pl.when(over).then("_next").otherwise("end_months").alias("end_months")
    return frame.with_columns(ends).drop("_row", "_next")


def _list_missing(frames: Mapping[str, pl.DataFrame], notes: Notes) -> None:
    for name, frame in frames.items():
        for column in frame.columns:
            absent = frame[column].null_count()
            if column in TABLES[name] and MUCH_MISSING * frame.height <= absent < frame.height:
                notes.unknown(
                    f"{name}: {column} of {absent} in {frame.height} rows "
                    f"({100 * absent / frame.height:.0f} %)"
                )
