"""Organs with metastases, one row an organ at its first report, and when disease became metastatic.

Three sources tell: radiology reports read by machine, the authors' first day of an organ, and
samples of metastases that were sequenced. None knows a size or a number of lesions.
"""

from __future__ import annotations

import polars as pl

from debulk.core.units import DAYS_PER_MONTH
from debulk.patients.columns import schema
from debulk.patients.readers.cbioportal_files import Study
from debulk.patients.readers.cbioportal_time import WORK_UP_DAYS, Clock, numbers_of
from debulk.patients.readers.notes import Notes

REPORTED = {
    "liver": "liver",
    "lung": "lung",
    "lymph nodes": "lymph_node",
    "bone": "bone",
    "cns/brain": "brain",
    "adrenal glands": "adrenal",
    "pleura": "pleura",
    "intra-abdominal": "peritoneum",
    "reproductive organs": "ovary",
}
"""Organs of the reports. *Other* is not among them: it may be the primary itself."""

SAMPLED = {
    **REPORTED,
    "lymph node": "lymph_node",
    "brain": "brain",
    "spine": "bone",
    "adrenal gland": "adrenal",
    "adrenal": "adrenal",
    "ovary": "ovary",
    "peritoneum": "peritoneum",
    "omentum": "peritoneum",
    "peritoneal fluid": "peritoneum",
    "mesentery": "peritoneum",
}
"""Sites of sequenced metastases; any other is *other*."""

_AUTHORS = ("LIVER", "LUNG", "BONE", "BRAIN")
_AT_DIAGNOSIS_MONTHS = WORK_UP_DAYS / DAYS_PER_MONTH


def reports(study: Study, clock: Clock, notes: Notes) -> pl.DataFrame:
    """Every report of an organ: patient_id, organ, months, proven (by tissue)."""
    told = _by_radiology(study, clock, notes)
    authors = _by_authors(study, clock, notes)
    samples = _by_samples(study, clock, notes)
    names = ["patient_id", "organ", "months", "proven"]
    return pl.concat([each.select(names) for each in (told, authors, samples)])


def onset(reports: pl.DataFrame, stages: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    """When each patient's disease became metastatic, by what, and whether on an unknown day.

    Stage IV at diagnosis is day 0. Below it, what a radiology report shows within 90 days of the
    diagnosis contradicts the stage and does not count; nodes, which may be regional, never do
    unless a sample was sequenced.

    Parameters
    ----------
    reports : polars.DataFrame
        As `reports` makes them.
    stages : polars.DataFrame
        patient_id, stage_iv (truth or null), relapsed (truth or null: known to have relapsed).

    Returns
    -------
    polars.DataFrame
        patient_id, metastatic_months (null: never, or nobody can tell), metastases_told_by
        (stage, tissue, report), undated (truth: relapsed on a day that no table tells).
    """
    node, proven = pl.col("organ") == "lymph_node", pl.col("proven")
    below_iv = (~pl.col("stage_iv")).fill_null(value=False)
    early = (pl.col("months") <= _AT_DIAGNOSIS_MONTHS) & below_iv & ~proven & ~node
    told = reports.join(stages, on="patient_id", how="left", maintain_order="left")
    notes.decide(
        "patients below stage IV with an organ reported within 90 days of the diagnosis: the "
        "registry's stage was believed",
        told.filter(early)["patient_id"].n_unique(),
    )
    first = (
        told.filter(proven | (~node & ~early))
        .sort("patient_id", "months", ~proven)
        .group_by("patient_id", maintain_order=True)
        .agg(pl.col("months").first().alias("_first"), proven.first().alias("_proven"))
    )
    rows = stages.join(first, on="patient_id", how="left", maintain_order="left")
    at_once = pl.col("stage_iv").fill_null(value=False)
    by_what = pl.when("_proven").then(pl.lit("tissue")).otherwise(pl.lit("report"))
    by_report = pl.when(pl.col("_first").is_not_null()).then(by_what)
    rows = rows.select(
        "patient_id",
        pl.when(at_once).then(0.0).otherwise("_first").alias("metastatic_months"),
        pl.when(at_once).then(pl.lit("stage")).otherwise(by_report).alias("metastases_told_by"),
        (~at_once & pl.col("_first").is_null() & pl.col("relapsed").fill_null(value=False)).alias(
            "undated"
        ),
    )
    notes.decide(
        "patients who relapsed, by the authors, on a day that no table tells: date unknown",
        int(rows["undated"].sum()),
    )
    return rows


def lesions(
    reports: pl.DataFrame, metastatic: pl.DataFrame, sexes: pl.DataFrame, notes: Notes
) -> pl.DataFrame:
    """The lesions table: one row an organ of a patient with metastases, at its first report."""
    start = pl.col("metastatic_months")
    rows = reports.join(metastatic, on="patient_id", how="left").join(
        sexes, on="patient_id", how="left"
    )
    never = rows.filter(start.is_null())
    notes.exclude("reports of organs of patients without a date of metastases", never.height)
    rows = rows.filter(start.is_not_null())
    regional = (pl.col("organ") == "lymph_node") & (pl.col("months") < start) & ~pl.col("proven")
    notes.exclude(
        "reports of lymph nodes before the metastases, taken for regional",
        rows.filter(regional).height,
    )
    other = (pl.col("organ") == "ovary") & (pl.col("sex") == "male")
    notes.decide(
        "reports of reproductive organs of men, taken for other organs", rows.filter(other).height
    )
    rows = rows.filter(~regional).with_columns(
        pl.when(other).then(pl.lit("other")).otherwise("organ").alias("organ")
    )
    first = rows.group_by("patient_id", "organ").agg(
        pl.col("months").min(), start.first(), pl.col("proven").any().alias("proven_by_tissue")
    )
    notes.decide(
        "organs reported before the date of metastases, dated on it",
        first.filter(pl.col("months") < start).height,
    )
    dated = first.with_columns(pl.max_horizontal("months", start).alias("detected_months"))
    return dated.select(
        "patient_id",
        pl.col("organ").alias("lesion_id"),
        pl.col("organ").cast(schema("lesions")["organ"]),
        "detected_months",
        "proven_by_tissue",
    ).sort("patient_id", "detected_months", "lesion_id")


def at_metastases(lesions: pl.DataFrame, metastatic: pl.DataFrame) -> pl.DataFrame:
    """Organs seen within 90 days of the date of metastases, joined by ;, and their number."""
    early = pl.col("detected_months") <= pl.col("metastatic_months") + _AT_DIAGNOSIS_MONTHS
    return (
        lesions.join(metastatic, on="patient_id")
        .filter(early)
        .group_by("patient_id")
        .agg(
            pl.col("lesion_id").sort().str.join(";").alias("organs_at_metastases"),
            pl.len().cast(pl.Int32).alias("n_organs_at_metastases"),
        )
    )


def _by_radiology(study: Study, clock: Clock, notes: Notes) -> pl.DataFrame:
    rows = clock.dated(study.events("TUMOR_SITE"), "reports of a tumour site", notes)
    rows = rows.with_columns(_named("TUMOR_SITE", REPORTED).alias("organ"))
    unknown = rows.filter(pl.col("organ").is_null())
    notes.exclude("reports of another tumour site, which may be the primary itself", unknown.height)
    return rows.drop_nulls("organ").with_columns(pl.lit(value=False).alias("proven"))


def _by_authors(study: Study, clock: Clock, notes: Notes) -> pl.DataFrame:
    """First days of four organs, which the authors count from the acquisition of the sample."""
    found = [_NO_REPORT]
    acquired = _first_sample(study)
    for organ in _AUTHORS:
        days, seen = f"STOP_DMETS_DX_{organ}", f"DEAD_DMETS_DX_{organ}"
        if study.outcomes is None or not {days, seen} <= set(study.outcomes.columns):
            continue
        table = study.outcomes.with_columns(numbers_of(study.outcomes, days, "the authors' table"))
        rows = table.filter(pl.col(seen).is_in(["1", "1.0"])).join(
            acquired, on="PATIENT_ID", how="inner", maintain_order="left"
        )
        day = pl.col(days) + pl.col("acquired")
        rows = rows.select("PATIENT_ID", day.alias("START_DATE"))
        rows = clock.dated(rows.drop_nulls(), "the authors' first days of an organ", notes)
        organ_name = pl.lit(organ.lower()).alias("organ")
        told = rows.select("patient_id", organ_name, "months", pl.lit(value=False).alias("proven"))
        found.append(told)
    return pl.concat(found)


def _by_samples(study: Study, clock: Clock, notes: Notes) -> pl.DataFrame:
    """Sequenced metastases, on the day they were taken."""
    wanted = {"SAMPLE_ID", "SAMPLE_TYPE", "METASTATIC_SITE"}
    if not wanted <= set(study.samples.columns):
        return _NO_REPORT
    acquisition = pl.col("EVENT_TYPE") == "sample acquisition"
    taken = study.events("SAMPLE_ID", where=acquisition).select("SAMPLE_ID", "START_DATE")
    rows = study.samples.filter(pl.col("SAMPLE_TYPE") == "Metastasis").join(
        taken.unique("SAMPLE_ID", keep="first", maintain_order=True), on="SAMPLE_ID"
    )
    rows = rows.select("PATIENT_ID", "START_DATE", "METASTATIC_SITE")
    dated = clock.dated(rows, "sequenced metastases", notes)
    organ = _named("METASTATIC_SITE", SAMPLED).fill_null("other")
    return dated.select(
        "patient_id", organ.alias("organ"), "months", pl.lit(value=True).alias("proven")
    )


_NO_REPORT = pl.DataFrame(
    schema={
        "patient_id": pl.String(),
        "organ": pl.String(),
        "months": pl.Float64(),
        "proven": pl.Boolean(),
    }
)


def _first_sample(study: Study) -> pl.DataFrame:
    """Day on which the sample that was sequenced first had been taken."""
    rows = study.events("SEQ_DATE", where=pl.col("EVENT_TYPE") == "sample acquisition")
    return rows.group_by("PATIENT_ID").agg(
        pl.col("START_DATE").sort_by("SEQ_DATE", "START_DATE").first().alias("acquired")
    )


def _named(column: str, organs: dict[str, str]) -> pl.Expr:
    text = pl.col(column).str.to_lowercase()
    return text.replace_strict(organs, default=None, return_dtype=pl.String)
