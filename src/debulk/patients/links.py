"""What must hold between rows and tables of a cohort."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from debulk.patients.border import Problems

_KEYS = {
    "patients": ("patient_id",),
    "followup": ("patient_id",),
    "lesions": ("patient_id", "lesion_id"),
}
_IN_ORDER = (
    ("treatments", "start_months", "end_months"),
    ("followup", "progression_months", "last_months"),
)


def check_links(tables: Mapping[str, pl.DataFrame], problems: Problems) -> None:
    """Look for repeated identifiers, rows of unknown patients or lesions, reversed times."""
    for table, key in _KEYS.items():
        _check_unique(table, tables[table], key, problems)
    for table, frame in tables.items():
        if table != "patients":
            _check_patients(table, frame, tables["patients"], problems)
    for table, first, second in _IN_ORDER:
        _check_order(table, tables[table], first, second, problems)
    if tables["lesions"].height:
        _check_lesions(tables, problems)
    _check_separator(tables["lesions"], problems)


def _check_unique(
    table: str, frame: pl.DataFrame, key: tuple[str, ...], problems: Problems
) -> None:
    known = frame.select(pl.all_horizontal(pl.col(key).is_not_null())).to_series()
    again = ~frame.select(pl.struct(key).is_first_distinct()).to_series() & known
    rows = again.arg_true()
    if rows.len():
        row = int(rows[0])
        value = " / ".join(str(frame[name][row]) for name in key)
        problems.add(table, key[-1], row, f"{value!r} comes twice", "Keep one row")


def _check_patients(
    table: str, frame: pl.DataFrame, patients: pl.DataFrame, problems: Problems
) -> None:
    ids = frame["patient_id"]
    rows = (ids.is_not_null() & ~ids.is_in(patients["patient_id"].implode())).arg_true()
    if rows.len():
        row = int(rows[0])
        problems.add(
            table,
            "patient_id",
            row,
            f"{ids[row]!r} is no patient of the patients table",
            "Add the patient or remove the row",
        )


def _check_order(
    table: str, frame: pl.DataFrame, first: str, second: str, problems: Problems
) -> None:
    rows = (frame[first] > frame[second]).fill_null(value=False).arg_true()
    if rows.len():
        row = int(rows[0])
        found = f"{frame[first][row]:g} is later than {second} {frame[second][row]:g}"
        problems.add(table, first, row, found, "Correct one of the two times")


def _check_lesions(tables: Mapping[str, pl.DataFrame], problems: Problems) -> None:
    key = ["patient_id", "lesion_id"]
    lesions = tables["lesions"].select(key).with_columns(pl.lit(True).alias("_known"))
    named = (
        tables["treatments"]
        .with_row_index("_row")
        .select("_row", "patient_id", pl.col("lesion_ids").alias("lesion_id"))
        .explode("lesion_id")
        .drop_nulls("lesion_id")
    )
    judged = tables["judgements"].with_row_index("_row").select("_row", *key).drop_nulls()
    for table, column, frame in (
        ("treatments", "lesion_ids", named),
        ("judgements", "lesion_id", judged),
    ):
        lost = frame.join(lesions, on=key, how="left").filter(pl.col("_known").is_null())
        if lost.height:
            row, patient, lesion = lost.sort("_row").select("_row", *key).row(0)
            found = f"patient {patient!r} has no lesion {lesion!r}"
            problems.add(table, column, row, found, "Add the lesion or correct the name")


def _check_separator(lesions: pl.DataFrame, problems: Problems) -> None:
    rows = lesions["lesion_id"].str.contains(";", literal=True).fill_null(value=False).arg_true()
    if rows.len():
        row = int(rows[0])
        found = f"{lesions['lesion_id'][row]!r} holds a semicolon, which joins lists"
        problems.add("lesions", "lesion_id", row, found, "Use another character")
