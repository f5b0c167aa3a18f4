"""Lesions and visits from TU, TR and RS."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from debulk.patients.readers.dates import iso_dates, months_from
from debulk.patients.readers.notes import Notes
from debulk.patients.readers.sites import organ_of
from debulk.patients.readers.units import factor_to

_RESPONSES = {"CR": "CR", "PR": "PR", "SD": "SD", "PD": "PD", "NON-CR/NON-PD": "SD"}
_DIAMETERS = ("LDIAM", "LPERP", "DIAMETER")  # a node is measured by its short axis, LPERP


def lesions_of(
    domains: Mapping[str, pl.DataFrame], zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame | None:
    """Lesions of TU, with the first and the latest diameter of TR; None without TU."""
    if "TU" not in domains:
        return None
    tumours = _of_one_reader(
        _with(domains["TU"], "TULNKID", "TULOC", "TUSTRESC", "TUDTC"), "TU", notes
    )
    nameless = tumours.filter(pl.col("TULNKID").is_null()).height
    notes.exclude("TU: rows without TULNKID", nameless)
    dated = _dated(tumours, "TU", "TUDTC", zero, notes).filter(pl.col("TULNKID").is_not_null())
    first = (
        dated.sort("time_months", nulls_last=True, maintain_order=True)
        .unique(["USUBJID", "TULNKID"], keep="first", maintain_order=True)
        .with_columns(_organ=pl.col("TULOC").map_elements(organ_of, return_dtype=pl.String))
    )
    notes.decide("TU.TULOC names no organ that is known: organ other", first["_organ"].null_count())
    table = first.select(
        patient_id="USUBJID",
        lesion_id=pl.col("TULNKID").cast(pl.String),
        organ=pl.col("_organ").fill_null("other"),
        site="TULOC",
        detected_months="time_months",
        recist=pl.col("TUSTRESC").str.to_lowercase(),
    )
    sizes = _diameters(domains, zero, notes)
    if sizes is None:
        return table
    ordered = sizes.sort("time_months", maintain_order=True)
    of_lesion = ordered.group_by("patient_id", "lesion_id").agg(
        baseline_diameter_mm=pl.col("mm").first(), diameter_mm=pl.col("mm").last()
    )
    gone = pl.col("diameter_mm") == 0.0
    positive = [
        pl.when(pl.col(name) > 0.0).then(name).alias(name)
        for name in ("baseline_diameter_mm", "diameter_mm")
    ]
    return (
        table.join(of_lesion, on=["patient_id", "lesion_id"], how="left", maintain_order="left")
        .with_columns(disappeared=gone)
        .with_columns(positive)
    )


def visits_of(
    domains: Mapping[str, pl.DataFrame], zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame | None:
    """Assessments by patient and day: sum of diameters, response, new lesions, WHO status."""
    parts = [
        each
        for each in (_sums(domains, zero, notes), _responses(domains, zero, notes),
                     _new_lesions(domains, zero))
        if each is not None and each.height
    ]  # fmt: skip
    if not parts:
        return None
    key = ["patient_id", "time_months"]
    table = parts[0]
    for part in parts[1:]:
        table = table.join(part, on=key, how="full", coalesce=True)
    return table.sort(key)


def _responses(
    domains: Mapping[str, pl.DataFrame], zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame | None:
    if "RS" not in domains:
        return None
    rows = _of_one_reader(_with(domains["RS"], "RSTESTCD", "RSSTRESC", "RSDTC"), "RS", notes)
    rows = _dated(rows, "RS", "RSDTC", zero, notes).filter(pl.col("time_months").is_not_null())
    overall = rows.filter(pl.col("RSTESTCD") == "OVRLRESP").with_columns(
        response=pl.col("RSSTRESC").str.to_uppercase().replace_strict(_RESPONSES, default=None)
    )
    notes.decide(
        "RS: NON-CR/NON-PD counts as SD",
        overall.filter(pl.col("RSSTRESC") == "NON-CR/NON-PD").height,
    )
    notes.decide(
        "RS: a response that is none of CR, PR, SD, PD is unknown", overall["response"].null_count()
    )
    status = rows.filter(pl.col("RSTESTCD") == "ECOG101").with_columns(
        who_ps=pl.col("RSSTRESC").cast(pl.Float64, strict=False)
    )
    others = rows.filter(~pl.col("RSTESTCD").is_in(["OVRLRESP", "ECOG101"]))
    for code, count in others["RSTESTCD"].drop_nulls().value_counts(sort=True).rows():
        notes.ignore(f"RS: rows of test {code}", count)
    key = ["USUBJID", "time_months"]
    worst = pl.col("response").cast(pl.Enum(["CR", "PR", "SD", "PD"])).max().cast(pl.String)
    by_day = overall.group_by(key).agg(worst, _n=pl.col("response").n_unique())
    notes.decide(
        "RS: of two responses on one day the worse counts", by_day.filter(pl.col("_n") > 1).height
    )
    joined = by_day.drop("_n").join(
        status.group_by(key).agg(pl.col("who_ps").max()), on=key, how="full", coalesce=True
    )
    return joined.rename({"USUBJID": "patient_id"})


def _new_lesions(domains: Mapping[str, pl.DataFrame], zero: pl.DataFrame) -> pl.DataFrame | None:
    if "TU" not in domains:
        return None
    rows = _with(domains["TU"], "TUSTRESC", "TUDTC")
    new = rows.filter(pl.col("TUSTRESC").str.to_uppercase() == "NEW")
    dated = _dated(new, "TU", "TUDTC", zero, Notes()).filter(pl.col("time_months").is_not_null())
    return (
        dated.select(patient_id="USUBJID", time_months="time_months")
        .unique(maintain_order=True)
        .with_columns(new_lesions=pl.lit(value=True))
    )


def _sums(
    domains: Mapping[str, pl.DataFrame], zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame | None:
    """SUMDIAM where it is given; else the sum over targets, where all of them were measured."""
    if "TR" not in domains:
        return None
    given = _measured(domains, ("SUMDIAM",), zero, Notes())
    key = ["patient_id", "time_months"]
    if given is not None and given.height:
        return given.group_by(key).agg(sum_diameters_mm=pl.col("mm").max())
    sizes = _diameters(domains, zero, Notes())
    if sizes is None or "TU" not in domains:
        return None
    targets = (
        _with(domains["TU"], "TULNKID", "TUSTRESC")
        .filter(pl.col("TUSTRESC").str.to_uppercase() == "TARGET")
        .select(patient_id="USUBJID", lesion_id=pl.col("TULNKID").cast(pl.String))
        .unique()
    )
    number = targets.group_by("patient_id").agg(_targets=pl.len())
    by_day = (
        sizes.join(targets, on=["patient_id", "lesion_id"])
        .group_by(key)
        .agg(sum_diameters_mm=pl.col("mm").sum(), _measured=pl.col("lesion_id").n_unique())
        .join(number, on="patient_id")
    )
    whole = by_day.filter(pl.col("_measured") == pl.col("_targets"))
    notes.decide("TR has no SUMDIAM: sums over all target lesions", whole.height)
    notes.exclude(
        "TR: days on which not every target lesion was measured", by_day.height - whole.height
    )
    return whole.select(*key, "sum_diameters_mm")


def _diameters(
    domains: Mapping[str, pl.DataFrame], zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame | None:
    return _measured(domains, _DIAMETERS, zero, notes)


def _measured(
    domains: Mapping[str, pl.DataFrame], tests: tuple[str, ...], zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame | None:
    """Rows of TR of some tests: patient, lesion, time, millimetres."""
    if "TR" not in domains:
        return None
    rows = _of_one_reader(
        _with(domains["TR"], "TRLNKID", "TRTESTCD", "TRSTRESN", "TRSTRESU", "TRDTC"), "TR", notes
    )
    rows = rows.filter(pl.col("TRTESTCD").is_in(tests))
    rows = _dated(rows, "TR", "TRDTC", zero, notes)
    value = pl.col("TRSTRESN").cast(pl.Float64, strict=False)
    rows = rows.with_columns(TRSTRESN=value).filter(
        pl.col("TRSTRESN").is_not_null() & pl.col("time_months").is_not_null()
    )
    units = rows["TRSTRESU"].fill_null("mm")
    notes.decide("TR: sizes without a unit are millimetres", rows["TRSTRESU"].null_count())
    factors = {unit: factor_to("mm", unit, "column TRSTRESU") for unit in units.unique()}
    return rows.select(
        patient_id="USUBJID",
        lesion_id=pl.col("TRLNKID").cast(pl.String),
        time_months="time_months",
        mm=pl.col("TRSTRESN") * units.replace_strict(factors, default=1.0, return_dtype=pl.Float64),
    )


def _with(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """A domain with these columns; one that is not there is unknown throughout."""
    absent = [pl.lit(None, pl.String).alias(name) for name in columns if name not in frame.columns]
    return frame.with_columns(absent)


def _dated(
    frame: pl.DataFrame, domain: str, column: str, zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame:
    days = iso_dates(frame[column], f"{domain}.{column}", notes)
    joined = frame.with_columns(_day=days).join(
        zero, on="USUBJID", how="left", maintain_order="left"
    )
    return joined.with_columns(time_months=months_from("_day", "zero")).drop("_day", "zero")


def _of_one_reader(frame: pl.DataFrame, domain: str, notes: Notes) -> pl.DataFrame:
    """Rows of the investigator where several read the scans; else all rows."""
    column = f"{domain}EVAL"
    if column not in frame.columns:
        return frame
    own = (pl.col(column).str.to_uppercase() == "INVESTIGATOR").fill_null(value=True)
    kept = frame.filter(own)
    if kept.height in (0, frame.height):
        return frame
    notes.ignore(
        f"{domain}: rows of readers other than the investigator", frame.height - kept.height
    )
    return kept
