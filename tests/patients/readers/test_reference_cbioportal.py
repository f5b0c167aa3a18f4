"""The real studies that DEBULK_DATA names, against facts counted in their files without debulk."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest
from tests.patients.readers import cbioportal_study

from debulk.patients.cohort import Cohort
from debulk.patients.readers.cbioportal import looks_like_cbioportal, read_cbioportal
from debulk.survival import cox

pytestmark = [cbioportal_study.data, cbioportal_study.needs_data]

PRINTED_HR_ATOL = 0.005
"""Hazard ratios below were printed with two decimals."""


def _folder(name: str) -> Path:
    return Path(os.environ["DEBULK_DATA"]) / name


@pytest.fixture(scope="module")
def chord() -> Cohort:
    return read_cbioportal(_folder("msk_chord_2024_crc"))


@pytest.fixture(scope="module")
def msk_2017() -> Cohort:
    return read_cbioportal(_folder("crc_msk_2017"))


def _counts(cohort: Cohort) -> dict[str, float]:
    assert cohort.record is not None
    return {each.reason: each.count for each in cohort.record.exclusions}


def test_every_patient_of_the_study_is_there_or_counted(chord: Cohort):
    counts = _counts(chord)
    out = [count for reason, count in counts.items() if reason.startswith("patients ")]
    assert len(chord) + sum(out) == 5543
    assert len(chord) == 5540
    assert counts["rows of the authors' table that come twice, word for word"] == 2
    assert int(chord.followup["dead"].sum()) == 2219  # 2,220, less the one sequenced in 2011
    assert chord.record is not None
    assert chord.record.licence.startswith("CC BY-NC-ND 4.0")


def test_every_operation_is_read_or_counted(chord: Cohort):
    counts = _counts(chord)
    out = sum(
        count
        for reason, count in counts.items()
        if reason.startswith(("operations ", "SAMPLE rows", "rows of surgery"))
    )
    assert chord.record is not None
    out += sum(e.count for e in chord.record.ignored if e.reason.startswith("operations "))
    assert chord.treatments.filter(pl.col("name") == "surgery").height + out == 18882


def test_every_radiation_is_read_or_counted(chord: Cohort):
    out = sum(count for reason, count in _counts(chord).items() if "radiation" in reason)
    assert chord.record is not None
    out += sum(e.count for e in chord.record.ignored if e.reason.startswith("radiations "))
    assert chord.treatments.filter(pl.col("name") == "radiation").height + out == 3715


def test_follow_up_is_the_authors(chord: Cohort):
    table = pl.read_csv(_folder("msk_chord_2024_crc") / "authors" / "crc_dx_1st_seq_OS.csv")
    table = table.unique("PATIENT_ID").join(
        chord.followup.join(chord.patients, on="patient_id"),
        left_on="PATIENT_ID",
        right_on="patient_id",
    )
    days = 30.4375
    assert table.height == 5540
    assert ((table["last_months"] * days - table["stop"]).abs() < 1e-6).all()
    assert ((table["entry_months"] * days - table["entry"]).abs() < 1e-6).all()
    assert (table["entry_months"] < table["last_months"]).all()
    assert (table["metastatic_months"].fill_null(0) <= table["last_months"]).all()


def test_what_the_scraped_pages_lack_is_told(chord: Cohort):
    patients = chord.patients
    assert patients["reports_read"].sum() == 4201
    assert patients["reports_end_months"].is_not_null().sum() == 2174  # of 2,175; one is excluded
    assert patients["cea_end_months"].is_not_null().sum() == 403
    ends = chord.assessments.filter(pl.col("progressed").is_not_null()).join(
        patients.select("patient_id", "reports_end_months"), on="patient_id"
    )
    assert (ends["time_months"] <= ends["reports_end_months"] + 1e-9).all()


def test_times_are_in_their_order(chord: Cohort):
    treated = chord.treatments.join(chord.followup, on="patient_id").join(
        chord.patients.select("patient_id", "metastatic_months"), on="patient_id"
    )
    assert (treated["end_months"] <= treated["last_months"] + 1e-9).all()
    local = treated.filter(pl.col("kind") == "local")
    assert (local["start_months"] >= local["metastatic_months"]).all()
    systemic = chord.treatments.filter(pl.col("kind") == "systemic").sort(
        "patient_id", "start_months", "line"
    )
    before = pl.col("end_months").shift().over("patient_id")
    overlapping = systemic.filter(before > pl.col("start_months"))
    assert overlapping.height == 0


def test_the_decoded_study_counts_from_metastases(msk_2017: Cohort):
    assert looks_like_cbioportal(_folder("crc_msk_2017"))
    counts = sorted(_counts(msk_2017).values())
    assert counts == [35, 121]  # 1,134 samples of 1,099 patients
    assert len(msk_2017) == 978
    assert msk_2017.record is not None
    assert any(
        text.startswith("patients sequenced before") and text.endswith(": 18")
        for text in msk_2017.record.decisions
    )
    metastasectomies = msk_2017.treatments
    assert (metastasectomies.height, metastasectomies["start_months"].null_count()) == (475, 475)


def _hazard_ratio(
    rows: pl.DataFrame,
    covariates: list[str],
    *,
    time: str = "last_months",
    entry: str | None = None,
) -> float:
    if entry is not None:
        rows = rows.filter(pl.col(entry) < pl.col(time))
    model = cox(rows, time=time, event="dead", covariates=covariates, entry=entry)
    return float(model.hazard_ratios["hazard_ratio"][0])


def test_the_naive_hazard_ratio_and_what_undated_data_can_take_off_it(msk_2017: Cohort):
    rows = msk_2017.patients.join(msk_2017.followup, on="patient_id").with_columns(
        pl.col("primary_site").cast(pl.String),
        pl.max_horizontal("entry_months", pl.lit(12.0)).alias("entry_or_12"),
    )
    naive = ["metastasectomy"]
    assert _hazard_ratio(rows, naive) == pytest.approx(0.13, abs=PRINTED_HR_ATOL)
    # Delayed entry takes off a part: whoever was sequenced late had lived until then.
    truncated = _hazard_ratio(rows, naive, entry="entry_months")
    assert truncated == pytest.approx(0.19, abs=PRINTED_HR_ATOL)
    adjusted = [*naive, "age_years", "synchronous", "n_organs_at_metastases", "primary_site"]
    known = rows.drop_nulls(adjusted)
    assert _hazard_ratio(known, naive) < _hazard_ratio(known, adjusted) < 0.2
    # Survivors of a year: those never treated are still who died, or was unfit, before it.
    survivors = rows.filter(pl.col("last_months") > 12)
    late = _hazard_ratio(survivors, naive, entry="entry_or_12")
    assert truncated < late == pytest.approx(0.22, abs=PRINTED_HR_ATOL)


def test_dates_of_the_other_study_move_it_further(msk_2017: Cohort, chord: Cohort):
    """Landmark at 6 months, with dates by patient: possible only since the ids are shared."""
    origin = pl.col("months_from_diagnosis_to_metastases")
    rows = msk_2017.patients.join(msk_2017.followup, on="patient_id").join(
        chord.patients.select("patient_id"), on="patient_id", how="semi"
    )
    assert rows.height == 895  # of 1,003 shared ids; the others have no survival from metastases
    operations = chord.treatments.filter(pl.col("name") == "surgery").join(
        rows.select("patient_id", "months_from_diagnosis_to_metastases"), on="patient_id"
    )
    first = (
        operations.with_columns((pl.col("start_months") - origin).alias("months"))
        .filter(pl.col("months") >= 0)
        .group_by("patient_id")
        .agg(pl.col("months").min())
    )
    dated = rows.join(first, on="patient_id", how="left").filter(
        ~pl.col("metastasectomy") | pl.col("months").is_not_null()
    )
    at_six = dated.filter(pl.col("last_months") > 6).with_columns(
        (pl.col("metastasectomy") & (pl.col("months") <= 6)).alias("treated_by_6"),
        pl.lit(6.0).alias("six"),
    )
    naive = _hazard_ratio(dated, ["metastasectomy"])
    landmark = _hazard_ratio(at_six, ["treated_by_6"], entry="six")
    assert naive < 0.13 < 2 * naive < landmark
    assert landmark == pytest.approx(0.34, abs=PRINTED_HR_ATOL)
