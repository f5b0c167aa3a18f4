"""Patients and time zero from DM, ADSL and DS."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from debulk.core.errors import InputError
from debulk.patients.readers.dates import iso_dates
from debulk.patients.readers.notes import Notes
from debulk.patients.readers.units import factor_to

_SEX = {"F": "female", "M": "male"}
_ZEROS = (
    ("ADSL", "RANDDT", "randomisation (ADSL.RANDDT)"),
    ("DS", "DSSTDTC", "randomisation (DS.DSSTDTC where DSDECOD is RANDOMIZED)"),
    ("DM", "RFSTDTC", "reference start (DM.RFSTDTC)"),
    ("ADSL", "RFSTDTC", "reference start (ADSL.RFSTDTC)"),
    ("ADSL", "TRTSDT", "first dose (ADSL.TRTSDT)"),
)


def patients_of(
    domains: Mapping[str, pl.DataFrame], notes: Notes
) -> tuple[pl.DataFrame, pl.DataFrame, str]:
    """The patients table, the date of time zero by subject, and what it is.

    Raises
    ------
    InputError
        If no subject has a date that could be time zero, or an age has an unknown unit.
    """
    zero, time_zero = _time_zero(domains, notes)
    subjects = _subjects(domains)
    joined = subjects.join(zero, left_on="patient_id", right_on="USUBJID", how="left")
    kept = joined.filter(pl.col("zero").is_not_null())
    notes.exclude(f"subjects without a date of {time_zero}", joined.height - kept.height)
    table = kept.select(
        "patient_id",
        age_years=_age(kept),
        sex=pl.col("SEX").replace_strict(_SEX, default=None),
        arm="ARM",
        centre="SITEID",
    )
    notes.decide(
        "SEX other than F and M is unknown",
        kept.filter(pl.col("SEX").is_not_null()).height - table["sex"].drop_nulls().len(),
    )
    if time_zero.startswith("randomisation"):
        table = table.with_columns(randomised_months=pl.lit(0.0))
    return table, zero, time_zero


def _subjects(domains: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """One row a subject, from ADSL where it is there, else DM; never a mixture."""
    first = domains["ADSL"] if "ADSL" in domains else domains["DM"]
    arm = "TRT01P" if "ARM" not in first.columns and "TRT01P" in first.columns else "ARM"
    wanted = {"SEX": "SEX", "SITEID": "SITEID", "AGEU": "AGEU", "ARM": arm}
    columns = [
        pl.col(source).cast(pl.String).alias(name)
        if source in first.columns
        else pl.lit(None, pl.String).alias(name)
        for name, source in wanted.items()
    ]
    columns.append(numbers_of(first, "AGE", "DM or ADSL").alias("AGE"))
    return first.select(pl.col("USUBJID").cast(pl.String).alias("patient_id"), *columns)


def _age(frame: pl.DataFrame) -> pl.Series:
    units = frame.filter(pl.col("AGE").is_not_null())["AGEU"].fill_null("YEARS").unique()
    factors = {unit: factor_to("years", unit, "column AGEU") for unit in units}
    factor = frame["AGEU"].fill_null("YEARS").replace_strict(factors, default=1.0)
    return frame["AGE"] * factor


def _time_zero(domains: Mapping[str, pl.DataFrame], notes: Notes) -> tuple[pl.DataFrame, str]:
    for domain, column, words in _ZEROS:
        frame = domains.get(domain)
        if frame is None or column not in frame.columns:
            continue
        if domain == "DS":
            frame = frame.filter(pl.col("DSDECOD").str.to_uppercase() == "RANDOMIZED")
        dates = iso_dates(frame[column], f"{domain}.{column}", notes)
        zero = pl.DataFrame({"USUBJID": frame["USUBJID"], "zero": dates}).drop_nulls()
        if zero.height:
            return zero.group_by("USUBJID", maintain_order=True).agg(pl.col("zero").min()), words
    raise InputError(
        "time zero",
        "no subject has a date of randomisation, reference start or first dose",
        "Give ADSL with RANDDT, or DM with RFSTDTC",
    )


def numbers_of(frame: pl.DataFrame, column: str, domain: str) -> pl.Expr:
    """A column that holds numbers; unknown throughout where it is not there.

    Raises
    ------
    InputError
        If one of its values is no number.
    """
    if column not in frame.columns:
        return pl.lit(None, pl.Float64)
    given = frame[column]
    numbers = given.cast(pl.Float64, strict=False)
    wrong = given.filter(given.is_not_null() & numbers.is_null())
    if wrong.len():
        raise InputError(
            f"{domain}, column {column}", f"{str(wrong[0])[:40]!r} is no number", "Correct it"
        )
    return pl.lit(numbers)
