"""The systemic line from EX and local treatment from PR."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from debulk.patients.readers.dates import iso_dates, months_from
from debulk.patients.readers.notes import Notes
from debulk.patients.readers.sites import procedure_of


def study_treatment_of(
    domains: Mapping[str, pl.DataFrame], zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame | None:
    """One systemic line a patient, from the first dose to the last; None without EX."""
    if "EX" not in domains or "EXSTDTC" not in domains["EX"].columns:
        return None
    given = domains["EX"]
    if "EXTRT" not in given.columns:
        given = given.with_columns(EXTRT=pl.lit(None, pl.String))
    rows = _periods(given, "EX", zero, notes)
    notes.exclude("EX: rows without a start", rows["start_months"].null_count())
    rows = rows.filter(pl.col("start_months").is_not_null())
    drugs = pl.col("EXTRT").drop_nulls().str.to_lowercase().unique().sort().str.join(" + ")
    last = pl.max_horizontal(pl.col("end_months").max(), pl.col("start_months").max())
    table = rows.group_by(pl.col("USUBJID").alias("patient_id"), maintain_order=True).agg(
        name=drugs, start_months=pl.col("start_months").min(), end_months=last
    )
    notes.decide(
        "EX: all doses of a patient are one systemic line, from the first to the last", table.height
    )
    return table.with_columns(kind=pl.lit("systemic"))


def procedures_of(
    domains: Mapping[str, pl.DataFrame], zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame | None:
    """Local treatment among the procedures; others are counted by name. None without PR."""
    if "PR" not in domains or "PRTRT" not in domains["PR"].columns:
        return None
    rows = domains["PR"]
    for column in ("PRLOC", "PRDECOD", "PRSTDTC"):
        if column not in rows.columns:
            rows = rows.with_columns(pl.lit(None, pl.String).alias(column))
    names = [
        procedure_of(decoded, site) or procedure_of(reported, site)
        for decoded, reported, site in rows.select("PRDECOD", "PRTRT", "PRLOC").iter_rows()
    ]
    rows = rows.with_columns(name=pl.Series(names, dtype=pl.String))
    others = rows.filter(pl.col("name").is_null())["PRTRT"].str.to_lowercase()
    for text, count in others.drop_nulls().value_counts(sort=True).rows()[:20]:
        notes.ignore(f"PR: procedure {text!r}", count)
    rows = _periods(rows.filter(pl.col("name").is_not_null()), "PR", zero, notes)
    return rows.select(
        "name", "start_months", "end_months", patient_id="USUBJID", kind=pl.lit("local")
    )


def _periods(frame: pl.DataFrame, domain: str, zero: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    ends = f"{domain}ENDTC"
    if ends not in frame.columns:
        frame = frame.with_columns(pl.lit(None, pl.String).alias(ends))
    starts = f"{domain}STDTC"
    frame = frame.with_columns(
        _start=iso_dates(frame[starts], f"{domain}.{starts}", notes),
        _end=iso_dates(frame[ends], f"{domain}.{ends}", notes),
    ).join(zero, on="USUBJID", how="left", maintain_order="left")
    return frame.with_columns(
        start_months=months_from("_start", "zero"), end_months=months_from("_end", "zero")
    ).drop("_start", "_end", "zero")
