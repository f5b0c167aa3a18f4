"""Death, progression and last contact from ADTTE, DM, DS and DD."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from debulk.core.errors import InputError
from debulk.patients.readers.cdisc_patients import numbers_of
from debulk.patients.readers.dates import iso_dates, months_from
from debulk.patients.readers.notes import Notes
from debulk.patients.readers.units import factor_to

# Dates on which a subject was alive, in the domains that have them.
_ALIVE = (
    ("DM", "RFPENDTC"), ("DM", "RFENDTC"), ("ADSL", "LSTALVDT"), ("ADSL", "EOSDT"),
    ("ADSL", "RFENDTC"), ("DS", "DSSTDTC"), ("EX", "EXENDTC"), ("EX", "EXSTDTC"),
    ("TR", "TRDTC"), ("RS", "RSDTC"),
)  # fmt: skip
_DEATHS = (("DM", "DTHDTC"), ("ADSL", "DTHDT"), ("DD", "DDDTC"))


def followup_of(
    domains: Mapping[str, pl.DataFrame], zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame:
    """One row a subject: last contact or death, progression, cause.

    ADTTE's overall survival leads; for subjects it does not have, death is taken from DM, ADSL,
    DS and DD, and the last contact from the latest date that any domain has.
    """
    death = _death(domains, zero, notes)
    alive = _latest(domains, _ALIVE, zero, Notes()).rename({"months": "seen"})
    table = (
        zero.select("USUBJID")
        .join(death, on="USUBJID", how="left", maintain_order="left")
        .join(alive, on="USUBJID", how="left", maintain_order="left")
    )
    survival = _parameter(domains, r"^OS|OVERALL SURVIVAL", zero)
    if survival is None:
        notes.unknown("overall survival as the trial analysed it: ADTTE has no OS")
        survival = pl.DataFrame(
            schema={
                "USUBJID": pl.String,
                "months": pl.Float64,
                "event": pl.Boolean,
                "what": pl.String,
            }
        )
    table = table.join(
        survival.select("USUBJID", os="months", os_event="event"), on="USUBJID", how="left",
        maintain_order="left",
    )  # fmt: skip
    dead = pl.coalesce("os_event", pl.col("dead").fill_null(value=False))
    last = pl.coalesce("os", pl.when("dead").then("death").otherwise("seen"))
    undated = table.filter(pl.col("dead") & pl.col("death").is_null() & pl.col("os").is_null())
    notes.exclude("deaths without a date: no follow-up", undated.height)
    living = table.filter(pl.col("os").is_null() & pl.col("dead").is_null())
    notes.decide("last contact is the latest date in the data", living["seen"].drop_nulls().len())
    table = table.select(patient_id="USUBJID", last_months=last, dead=dead, cause=pl.col("cause"))
    progression = _progression(domains, zero, notes)
    if progression is not None:
        table = table.join(progression, on="patient_id", how="left", maintain_order="left")
    return table


def _death(domains: Mapping[str, pl.DataFrame], zero: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    when = _latest(domains, _DEATHS, zero, notes).rename({"months": "death"})
    flagged = [when.select("USUBJID")]
    for name in ("DM", "ADSL"):
        frame = domains.get(name)
        if frame is not None and "DTHFL" in frame.columns:
            flagged.append(frame.filter(pl.col("DTHFL") == "Y").select("USUBJID"))
    frame = domains.get("DS")
    if frame is not None and "DSDECOD" in frame.columns:
        dead = frame.filter(pl.col("DSDECOD").str.to_uppercase() == "DEATH")
        flagged.append(dead.select("USUBJID"))
        if "DSSTDTC" in dead.columns:
            told = _latest({"DS": dead}, (("DS", "DSSTDTC"),), zero, Notes())
            when = pl.concat([when, told.rename({"months": "death"})]).unique(
                "USUBJID", keep="first"
            )
    cause = pl.DataFrame(schema={"USUBJID": pl.String, "cause": pl.String})
    details = domains.get("DD")
    if details is not None and {"DDTESTCD", "DDSTRESC"} <= set(details.columns):
        primary = details.filter(pl.col("DDTESTCD") == "PRCDTH")
        cause = primary.select("USUBJID", cause="DDSTRESC").unique("USUBJID", keep="first")
    return (
        pl.concat(flagged)
        .unique(maintain_order=True)
        .with_columns(dead=pl.lit(value=True))
        .join(when, on="USUBJID", how="left")
        .join(cause, on="USUBJID", how="left")
    )


def _progression(
    domains: Mapping[str, pl.DataFrame], zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame | None:
    found = _parameter(domains, r"^PFS|PROGRESSION.FREE SURVIVAL", zero)
    if found is None:
        notes.unknown("progression-free survival as the trial analysed it: ADTTE has no PFS")
        return None
    died = pl.col("what").str.to_uppercase().str.contains("DEATH|DIED").fill_null(value=False)
    untold = found.filter(pl.col("event") & pl.col("what").is_null()).height
    notes.decide("ADTTE: a PFS event without EVNTDESC counts as progression", untold)
    return found.filter(pl.col("event") & ~died).select(
        patient_id="USUBJID", progression_months="months"
    )


def _parameter(
    domains: Mapping[str, pl.DataFrame], pattern: str, zero: pl.DataFrame
) -> pl.DataFrame | None:
    """Months from time zero, event and its description of one ADTTE parameter; None without it."""
    frame = domains.get("ADTTE")
    if frame is None or not {"PARAMCD", "CNSR"} <= set(frame.columns):
        return None
    frame = frame.drop_nulls(["PARAMCD", "CNSR"])
    for column in ("PARAM", "EVNTDESC", "AVALU"):
        if column not in frame.columns:
            frame = frame.with_columns(pl.lit(None, pl.String).alias(column))
    frame = frame.filter(
        pl.col("PARAMCD").str.contains(pattern.split("|")[0])
        | pl.col("PARAM").str.to_uppercase().str.contains(pattern.split("|")[1])
    )
    if frame.height == 0:
        return None
    code = frame["PARAMCD"][0]
    frame = frame.filter(pl.col("PARAMCD") == code)
    return frame.select(
        "USUBJID",
        months=_months(frame, zero),
        event=numbers_of(frame, "CNSR", "ADTTE") == 0.0,
        what="EVNTDESC",
    ).unique("USUBJID", keep="first", maintain_order=True)


def _months(frame: pl.DataFrame, zero: pl.DataFrame) -> pl.Series:
    """By the analysis date where it is there; else the analysis value in its unit."""
    if "ADT" in frame.columns:
        days = iso_dates(frame["ADT"], "ADTTE.ADT", Notes())
        joined = frame.select("USUBJID").with_columns(_day=days).join(
            zero, on="USUBJID", how="left", maintain_order="left"
        )  # fmt: skip
        return joined.select(months_from("_day", "zero")).to_series()
    if "AVAL" not in frame.columns:
        raise InputError("ADTTE", "has neither ADT nor AVAL", "Export the data set whole")
    unit = frame["AVALU"].drop_nulls()
    words = unit[0] if unit.len() else _unit_in(frame["PARAM"][0])
    return frame.select(numbers_of(frame, "AVAL", "ADTTE")).to_series() * factor_to(
        "months", words, "ADTTE, column AVALU"
    )


def _unit_in(label: str | None) -> str:
    found = re.search(r"\((days|weeks|months|years)\)", label or "", re.IGNORECASE)
    return found[1] if found else "not given"


def _latest(
    domains: Mapping[str, pl.DataFrame],
    columns: tuple[tuple[str, str], ...],
    zero: pl.DataFrame,
    notes: Notes,
) -> pl.DataFrame:
    parts = [pl.DataFrame(schema={"USUBJID": pl.String, "day": pl.Date})]
    for domain, column in columns:
        frame = domains.get(domain)
        if frame is not None and column in frame.columns:
            days = iso_dates(frame[column], f"{domain}.{column}", notes)
            parts.append(pl.DataFrame({"USUBJID": frame["USUBJID"], "day": days}).drop_nulls())
    latest = pl.concat(parts).group_by("USUBJID").agg(pl.col("day").max()).join(zero, on="USUBJID")
    return latest.select("USUBJID", months=months_from("day", "zero"))
