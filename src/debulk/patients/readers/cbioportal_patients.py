"""Patients of a cBioPortal study: who they are, their primary, its stage and its genes."""

from __future__ import annotations

import polars as pl

from debulk.patients.readers.cbioportal_files import Study
from debulk.patients.readers.cbioportal_time import Clock, numbers_of
from debulk.patients.readers.notes import Notes

_YEAR_DAYS = 365.25
_BOWEL = ("colorectal", "colon", "rectal", "rectum", "bowel")
_SITES = {
    "right": ("cecum", "caecum", "appendix", "ascending", "hepatic flexure", "transverse"),
    "left": ("splenic flexure", "descending", "sigmoid"),
    "rectum": ("rectum",),
}
"""Words for a side, asked in this order; rectosigmoid counts as left."""
_TOPOGRAPHY = {
    "right": ("C180", "C181", "C182", "C183", "C184"),
    "left": ("C185", "C186", "C187", "C199"),
    "rectum": ("C209",),
}
"""ICD-O topography; transverse colon counts as right."""
_TRUE = ("1", "1.0", "true", "yes")


def only_bowel(study: Study, notes: Notes) -> None:
    """Leave out of a study of many cancers the patients whose samples are all of another one."""
    if "CANCER_TYPE" not in study.samples.columns:
        return
    bowel = pl.col("CANCER_TYPE").str.to_lowercase().str.contains_any(list(_BOWEL))
    by_patient = study.samples.group_by("PATIENT_ID").agg(
        bowel.fill_null(value=True).any().alias("bowel")
    )
    other = by_patient.filter(~pl.col("bowel"))["PATIENT_ID"]
    if study.outcomes is not None:
        # The authors' table is of patients with the cancer of interest, whatever else they had.
        other = other.filter(~other.is_in(study.outcomes["PATIENT_ID"].implode()))
    out = pl.col("PATIENT_ID").is_in(other.implode())
    notes.exclude(
        "patients whose samples are all of another cancer", study.patients.filter(out).height
    )
    study.patients = study.patients.filter(~out)


def characteristics(study: Study, clock: Clock, notes: Notes) -> pl.DataFrame:
    """One row a patient with what was so at the diagnosis.

    Returns
    -------
    polars.DataFrame
        patient_id, entry_months, age_years, sex, primary_site, stage_at_diagnosis, stage_iv,
        relapsed, msi, ras, braf, crc_confirmed, sequencing_year, n_cancers, treated_elsewhere.
    """
    rows = clock.patients.select("patient_id", "entry_months")
    for part in (
        _clinical(study, notes),
        _authors(study, notes),
        _registered(study),
        _sampled(study),
        _mismatch_repair(study),
    ):
        rows = rows.join(part, on="patient_id", how="left", maintain_order="left")
    age = pl.coalesce("age_at_sequencing", "age_at_diagnosis")
    stage_iv = pl.coalesce("_iv_by_authors", "_iv_by_registry", "_iv_by_highest")
    return rows.select(
        "patient_id",
        "entry_months",
        age.clip(lower_bound=0.0).alias("age_years"),
        "sex",
        pl.coalesce("_site_by_registry", "_site_by_sample", "_site_by_authors").alias(
            "primary_site"
        ),
        "stage_at_diagnosis",
        stage_iv.alias("stage_iv"),
        "relapsed",
        pl.coalesce("_msi_by_authors", "_msi_by_sample", "_msi_by_pathology").alias("msi"),
        "ras",
        "braf",
        pl.coalesce("_in_authors", "_bowel_sample").alias("crc_confirmed"),
        "sequencing_year",
        "n_cancers",
        "treated_elsewhere",
    )


def _clinical(study: Study, notes: Notes) -> pl.DataFrame:
    """What the patients' own file tells."""
    table = study.patients
    sex = _lower(table, "GENDER", "SEX")
    sexes = {"female": "female", "f": "female", "male": "male", "m": "male"}
    prior = _lower(table, "PRIOR_MED_TO_MSK")
    elsewhere = (
        pl.when(prior.str.starts_with("prior"))
        .then(statement=True)
        .when(prior.str.starts_with("no "))
        .then(statement=False)
    )
    highest = _lower(table, "STAGE_HIGHEST_RECORDED").str.starts_with("stage 1-3")
    age = numbers_of(table, "AGE", "data_clinical_patient") if "AGE" in table.columns else None
    if age is None and "CURRENT_AGE_DEID" in table.columns:
        notes.ignore("column CURRENT_AGE_DEID: age today, not at the diagnosis")
    return table.select(
        pl.col("PATIENT_ID").alias("patient_id"),
        sex.replace_strict(sexes, default=None, return_dtype=pl.String).alias("sex"),
        elsewhere.alias("treated_elsewhere"),
        # The highest stage ever says of the first one only that it was no higher.
        pl.when(highest).then(statement=False).alias("_iv_by_highest"),
        _lower(table, "NUM_ICDO_DX").cast(pl.Int32, strict=False).alias("n_cancers"),
        pl.lit(None, pl.Float64).alias("age_at_diagnosis")
        if age is None
        else age.alias("age_at_diagnosis"),
    )


def _authors(study: Study, notes: Notes) -> pl.DataFrame:
    """What the authors' table tells; nothing where there is none."""
    table = study.outcomes
    given = table is not None
    if table is None:
        table = pl.DataFrame(schema={"PATIENT_ID": pl.String(), "ENTRY": pl.String()})
    age = _number(table, "AGE")
    young = table.filter((age >= 0) & (age < 18)).height
    notes.decide("patients younger than 18 at sequencing: kept, for a protocol to judge", young)
    if given:
        notes.decide(
            "ages at first sequencing, less the time since the diagnosis: age at the diagnosis",
            table.height,
        )
    site = (
        pl.when(_true(table, "RECTAL"))
        .then(pl.lit("rectum"))
        .when(_true(table, "ASCENDING") | _true(table, "CECUM"))
        .then(pl.lit("right"))
    )
    stage = pl.coalesce(
        pl.when(_true(table, f"STAGE_{number}")).then(pl.lit(number, pl.Int32))
        for number in (1, 2, 3, 4)
    )
    return table.select(
        pl.col("PATIENT_ID").alias("patient_id"),
        (age - _number(table, "ENTRY") / _YEAR_DAYS).alias("age_at_sequencing"),
        site.alias("_site_by_authors"),
        stage.alias("stage_at_diagnosis"),
        _true(table, "STAGE_IV_DX").alias("_iv_by_authors"),
        _true(table, "STAGE_I_III_PROG").alias("relapsed"),
        _word(_true(table, "MSI_OR_DMMR"), "high", "stable").alias("_msi_by_authors"),
        _word(_true(table, "KRAS") | _true(table, "NRAS"), "mutated", "wild_type").alias("ras"),
        _word(_true(table, "BRAF"), "mutated", "wild_type").alias("braf"),
        _number(table, "SEQUENCING_YEAR").cast(pl.Int32, strict=False).alias("sequencing_year"),
        pl.lit(value=True).alias("_in_authors"),
    )


def _registered(study: Study) -> pl.DataFrame:
    """Site and stage of the first registered bowel cancer."""
    rows = study.events("DX_DESCRIPTION", "STAGE_CDM_DERIVED")
    code = pl.col("DX_DESCRIPTION").str.extract(r"\| (C\d{3})")
    sites = {each: site for site, codes in _TOPOGRAPHY.items() for each in codes}
    rows = rows.with_columns(
        code.replace_strict(sites, default=None, return_dtype=pl.String).alias("_site"), code
    ).filter(pl.col("DX_DESCRIPTION").str.contains("^C(18|19|20|26)"))
    stage = pl.col("STAGE_CDM_DERIVED").str.to_lowercase()
    return (
        rows.sort("PATIENT_ID", "START_DATE", maintain_order=True)
        .group_by(pl.col("PATIENT_ID").alias("patient_id"), maintain_order=True)
        .agg(
            pl.col("_site").first().alias("_site_by_registry"),
            (stage == "stage 4").first().alias("_iv_by_registry"),
        )
    )


def _sampled(study: Study) -> pl.DataFrame:
    """Site of the primary, instability and cancer, by the samples."""
    table = study.samples
    if "PATIENT_ID" not in table.columns:
        table = pl.DataFrame(schema={"PATIENT_ID": pl.String()})
    words = pl.coalesce(
        _side(_lower(table, name))
        for name in ("DIAGNOSIS_DESCRIPTION", "PRIMARY_SITE", "PRIMARY_TUMOR_SITE")
    )
    msi = _lower(table, "MSI_TYPE").replace_strict(
        {"instable": "high", "stable": "stable"}, default=None, return_dtype=pl.String
    )
    bowel = _lower(table, "CANCER_TYPE").str.contains_any(list(_BOWEL))
    return (
        table.select(
            pl.col("PATIENT_ID").alias("patient_id"),
            words.alias("site"),
            msi.alias("msi"),
            bowel.alias("bowel"),
        )
        .group_by("patient_id", maintain_order=True)
        .agg(
            pl.col("site").drop_nulls().first().alias("_site_by_sample"),
            # "high" comes before "stable": one unstable sample decides.
            pl.col("msi").min().alias("_msi_by_sample"),
            pl.when(pl.col("bowel").any()).then(statement=True).alias("_bowel_sample"),
        )
    )


def _mismatch_repair(study: Study) -> pl.DataFrame:
    rows = study.events("MMR_ABSENT")
    absent = pl.col("MMR_ABSENT").str.to_lowercase() == "true"
    return rows.group_by(pl.col("PATIENT_ID").alias("patient_id")).agg(
        pl.when(absent.any())
        .then(pl.lit("high"))
        .otherwise(pl.lit("stable"))
        .alias("_msi_by_pathology")
    )


def _side(text: pl.Expr) -> pl.Expr:
    return pl.coalesce(
        pl.when(text.str.contains_any(list(words))).then(pl.lit(site))
        for site, words in _SITES.items()
    )


def _lower(table: pl.DataFrame, *names: str) -> pl.Expr:
    """The first of these columns that the table has, in lower case; null where it has none."""
    for name in names:
        if name in table.columns:
            return pl.col(name).str.to_lowercase()
    return pl.lit(None, pl.String)


def _number(table: pl.DataFrame, name: str) -> pl.Expr:
    return _lower(table, name).cast(pl.Float64, strict=False)


def _true(table: pl.DataFrame, name: str) -> pl.Expr:
    return _lower(table, name).is_in(_TRUE)


def _word(which: pl.Expr, yes: str, no: str) -> pl.Expr:
    return pl.when(which).then(pl.lit(yes)).when(~which).then(pl.lit(no))
