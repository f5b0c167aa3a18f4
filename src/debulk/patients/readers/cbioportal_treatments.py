"""Treatments of a cBioPortal study: systemic lines, operations, radiation, radioembolisation."""

from __future__ import annotations

import polars as pl

from debulk.core.units import DAYS_PER_MONTH
from debulk.patients.readers.cbioportal_files import Study
from debulk.patients.readers.cbioportal_time import Clock
from debulk.patients.readers.lines_of_agents import RULE, lines, numbered
from debulk.patients.readers.notes import Notes

_NOT_AGAINST_BOWEL_CANCER = ("hormone", "bone treatment")
_RADIOEMBOLISATION = "yttrium"


def treatments(
    study: Study, clock: Clock, metastatic: pl.DataFrame, notes: Notes
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The treatments table, and the patients (patient_id) whose agents the study tells.

    Parameters
    ----------
    metastatic : polars.DataFrame
        patient_id, metastatic_months, undated.
    """
    given = study.events("AGENT")
    systemic = _systemic(clock.dated(given, "systemic treatments", notes), metastatic, notes)
    local = [
        _operations(study, clock, metastatic, notes),
        _radiation(study, clock, metastatic, notes),
        _radioembolisation(given, clock, metastatic, notes),
    ]
    table = pl.concat([systemic, *local], how="diagonal").sort(
        "patient_id", "start_months", "kind", "name", maintain_order=True
    )
    return table, given.select(pl.col("PATIENT_ID").alias("patient_id")).unique()


def _systemic(rows: pl.DataFrame, metastatic: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    agent = pl.col("AGENT").str.to_lowercase()
    other = pl.col("SUBTYPE").is_in(_NOT_AGAINST_BOWEL_CANCER) | agent.str.contains("topical")
    other = other.fill_null(value=False)
    notes.exclude(
        "hormones, drugs for bone and topical drugs: not against bowel cancer",
        rows.filter(other).height,
    )
    rows = rows.filter(~other & ~agent.str.starts_with(_RADIOEMBOLISATION))
    end = (pl.col("STOP_DATE") - pl.col("zero_day")) / DAYS_PER_MONTH
    late, reversed_ = end > pl.col("last_months"), end < pl.col("months")
    for decision, which in (
        ("agents without an end: it is their start", end.is_null()),
        ("agents that end after the follow-up: cut at its end", late),
        ("agents that end before they start, or before time zero: the end is the start", reversed_),
    ):
        notes.decide(decision, int(rows.select(which.sum()).item()))
    ends = pl.max_horizontal("months", pl.min_horizontal(end, "last_months"))
    agents = rows.select(
        "patient_id",
        agent.alias("agent"),
        pl.col("months").alias("start_months"),
        pl.when(end.is_null()).then("months").otherwise(ends).alias("end_months"),
    )
    grouped = numbered(lines(agents), metastatic)
    notes.decide(f"{RULE}; lines before the date of metastases are line 0", grouped.height)
    return grouped.with_columns(pl.lit("systemic").alias("kind"))


def _operations(study: Study, clock: Clock, metastatic: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    """Operations since the disease is metastatic; `with_specimen`: a sample of the same day.

    SAMPLE rows are specimens and biopsies, no operations. A sample that was sequenced tells the
    organ (`specimen_organ`) of an operation on the day it was taken.
    """
    rows = clock.dated(
        study.events("EVENT_TYPE", where=pl.col("EVENT_TYPE") == "surgery"), "operations", notes
    )
    sample = (pl.col("SUBTYPE") == "sample").fill_null(value=False)
    samples = rows.filter(sample).select("patient_id", "START_DATE").unique()
    notes.exclude(
        "SAMPLE rows among the operations: specimens or biopsies", rows.filter(sample).height
    )
    operations = _since(rows.filter(~sample), metastatic, "operations", notes)
    marked = operations.join(
        samples.with_columns(pl.lit(value=True).alias("with_specimen")),
        on=["patient_id", "START_DATE"],
        how="left",
        maintain_order="left",
    ).with_columns(pl.col("with_specimen").fill_null(value=False))
    told = marked.join(
        _specimen_organs(study), on=["patient_id", "START_DATE"], how="left", maintain_order="left"
    )
    return _local(told, "surgery", notes, "with_specimen", "specimen_organ")


def _specimen_organs(study: Study) -> pl.DataFrame:
    """Organ, in the study's words, of the metastasis sequenced from each patient and day."""
    wanted = {"SAMPLE_ID", "METASTATIC_SITE"}
    if not wanted <= set(study.samples.columns):
        types = {"patient_id": pl.String(), "START_DATE": pl.Float64()}
        return pl.DataFrame(schema={**types, "specimen_organ": pl.String()})
    taken = study.events("SAMPLE_ID", where=pl.col("EVENT_TYPE") == "sample acquisition")
    sites = study.samples.select("SAMPLE_ID", "METASTATIC_SITE").drop_nulls()
    joined = taken.join(sites, on="SAMPLE_ID")
    return joined.group_by(pl.col("PATIENT_ID").alias("patient_id"), "START_DATE").agg(
        pl.col("METASTATIC_SITE").str.to_lowercase().sort().first().alias("specimen_organ")
    )


def _radiation(study: Study, clock: Clock, metastatic: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    words = pl.concat_str("SUBTYPE", pl.col("TREATMENT_TYPE").str.to_lowercase(), separator=" ",
                          ignore_nulls=True)  # fmt: skip
    radiation = (pl.col("EVENT_TYPE") == "treatment") & words.str.contains("radiation")
    # Not every time line of treatments has a TREATMENT_TYPE, so rows are asked by EVENT_TYPE.
    rows = study.events("EVENT_TYPE", "TREATMENT_TYPE", where=radiation)
    dated = clock.dated(rows, "radiations", notes)
    return _local(_since(dated, metastatic, "radiations", notes), "radiation", notes)


def _radioembolisation(
    given: pl.DataFrame, clock: Clock, metastatic: pl.DataFrame, notes: Notes
) -> pl.DataFrame:
    agent = pl.col("AGENT").str.to_lowercase()
    rows = given.filter(agent.str.starts_with(_RADIOEMBOLISATION))
    notes.decide("Yttrium-90 among the agents, read as radioembolisation", rows.height)
    # Counted once, with the systemic treatments; this dates them without counting again.
    dated = clock.dated(rows, "radioembolisations", Notes())
    kept = _since(dated, metastatic, "radioembolisations", notes)
    return _local(kept, "radioembolisation", notes)


def _since(rows: pl.DataFrame, metastatic: pl.DataFrame, what: str, notes: Notes) -> pl.DataFrame:
    """Rows since the disease is metastatic; before that they treat the primary."""
    placed = rows.join(metastatic, on="patient_id", how="left", maintain_order="left")
    since = (pl.col("months") >= pl.col("metastatic_months")).fill_null(value=False)
    unknown = pl.col("undated").fill_null(value=False)
    kept = placed.filter(since)
    notes.exclude(
        f"{what} before the date of metastases, or of patients without metastases",
        placed.filter(~since & ~unknown).height,
    )
    notes.exclude(
        f"{what} of patients whose date of metastases is unknown",
        placed.filter(~since & unknown).height,
    )
    return kept


def _local(rows: pl.DataFrame, name: str, notes: Notes, *more: str) -> pl.DataFrame:
    """Local treatments, one a patient and day."""
    once = rows.unique(["patient_id", "months"], keep="first", maintain_order=True)
    notes.exclude(f"rows of {name} on a day that has one already", rows.height - once.height)
    return once.select(
        "patient_id",
        pl.lit("local").alias("kind"),
        pl.lit(name).alias("name"),
        pl.col("months").alias("start_months"),
        pl.col("months").alias("end_months"),
        *more,
    )
