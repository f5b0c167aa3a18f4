"""Broken studies: each a refusal that names its place and remedy, or a counted decision."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.patients.readers import cbioportal_study

from debulk.core.errors import InputError
from debulk.patients.readers.cbioportal import read_cbioportal

PATIENTS = cbioportal_study.FILES["bulk/data_clinical_patient.txt"]
SURGERY = cbioportal_study.FILES["bulk/data_timeline_surgery.txt"]
CEA = cbioportal_study.FILES["scraped/data_timeline_cea_labs.tsv.gz"]


def _with(lines: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    changed = tuple(line.replace(old, new) for line in lines)
    assert changed != lines
    return changed


def _refused(folder: Path, **changed: tuple[str, ...] | None) -> str:
    with pytest.raises(InputError) as refusal:
        read_cbioportal(cbioportal_study.write(folder, **changed))
    return str(refusal.value)


def test_no_study(tmp_path: Path):
    (tmp_path / "notes.txt").write_text("nothing\n")
    with pytest.raises(InputError, match="holds no cBioPortal study"):
        read_cbioportal(tmp_path)
    with pytest.raises(InputError, match="there is no such folder"):
        read_cbioportal(tmp_path / "absent")


def test_time_lines_without_patients(tmp_path: Path):
    text = _refused(tmp_path, clinical_patient=None)
    assert "holds no data_clinical_patient file" in text


def test_patients_without_identifiers(tmp_path: Path):
    text = _refused(tmp_path, clinical_patient=_with(PATIENTS, "PATIENT_ID", "PATIENT"))
    assert "data_clinical_patient.txt, line 5: column PATIENT_ID is missing" in text
    assert "'PATIENT'" in text


def test_a_row_of_nobody(tmp_path: Path):
    text = _refused(tmp_path, timeline_surgery=_with(SURGERY, "B\t350", "\t350"))
    assert "line 7, column PATIENT_ID: is empty" in text


def test_an_unknown_status(tmp_path: Path):
    text = _refused(tmp_path, clinical_patient=_with(PATIENTS, "1:DECEASED", "gone"))
    assert "line 6, column OS_STATUS: 'gone' is no known status. Write 0:LIVING" in text


def test_no_status_at_all(tmp_path: Path):
    text = _refused(tmp_path, clinical_patient=_with(PATIENTS, "OS_STATUS", "STATUS"))
    assert "column OS_STATUS is missing" in text


@pytest.mark.parametrize("day", ["soon", "1e400", "12,5"])
def test_text_where_a_day_should_be(tmp_path: Path, day: str):
    text = _refused(tmp_path, timeline_surgery=_with(SURGERY, "B\t350", f"B\t{day}"))
    assert "data_timeline_surgery.txt, line 7, column START_DATE" in text
    assert f"{day!r} is no number of days" in text


@pytest.mark.parametrize("date", ["2019-03-01", "01/03/2019", "01MAR2019", "1.3.2019", "20190301"])
def test_dates_where_days_should_be(tmp_path: Path, date: str):
    text = _refused(tmp_path, timeline_surgery=_with(SURGERY, "B\t350", f"B\t{date}"))
    assert f"{date!r} is a date. Give days from the day 0 of the study" in text


def test_a_patient_twice_with_two_fates(tmp_path: Path):
    twice = (*PATIENTS, PATIENTS[-1].replace("0:LIVING", "1:DECEASED"))
    text = _refused(tmp_path, clinical_patient=twice)
    assert "'D' comes twice, with different values. Keep one row" in text


def test_a_patient_twice_word_for_word_counts_once(tmp_path: Path):
    twice = (*PATIENTS, PATIENTS[-1])
    cohort = read_cbioportal(cbioportal_study.write(tmp_path, clinical_patient=twice))
    assert len(cohort) == 4
    assert cohort.record is not None
    reasons = {each.reason: each.count for each in cohort.record.exclusions}
    assert reasons["rows of data_clinical_patient that come twice, word for word"] == 1


def test_an_impossible_age_or_year_takes_the_patient_out(tmp_path: Path):
    outcomes = cbioportal_study.FILES["authors/outcomes.csv"]
    wrong = _with(_with(outcomes, "B,70,", "B,-86,"), "2020", "1899")
    cohort = read_cbioportal(cbioportal_study.write(tmp_path, outcomes=wrong))
    assert cohort.patients["patient_id"].to_list() == ["A", "D"]
    assert cohort.record is not None
    assert any("age below 0" in e.reason and e.count == 2 for e in cohort.record.exclusions)


def test_treatment_after_death_is_left_out_and_counted(tmp_path: Path):
    late = (*SURGERY, "A\t5000\t\tSURGERY\tPROCEDURE")
    cohort = read_cbioportal(cbioportal_study.write(tmp_path, timeline_surgery=late))
    assert cohort.record is not None
    reasons = {each.reason: each.count for each in cohort.record.exclusions}
    assert reasons["operations after death"] == 2
    ends = cohort.treatments.join(cohort.followup, on="patient_id")
    assert (ends["end_months"] <= ends["last_months"]).all()


def test_follow_up_that_is_missing_for_two_in_five_is_counted(tmp_path: Path):
    rows = [f"{each}\tFemale\t{each}\t0:LIVING\t1\tUnknown" for each in range(10, 16)]
    empty = [f"{each}\tFemale\t\t\t1\tUnknown" for each in range(20, 24)]
    cohort = read_cbioportal(
        cbioportal_study.write(
            tmp_path, clinical_patient=(*PATIENTS[:5], *rows, *empty), outcomes=None
        )
    )
    assert len(cohort) == 6
    assert cohort.record is not None
    reasons = {each.reason: each.count for each in cohort.record.exclusions}
    assert reasons["patients without OS_STATUS or OS_MONTHS: no follow-up"] == 4


def test_nobody_is_left(tmp_path: Path):
    gone = _with(_with(PATIENTS, "0:LIVING", ""), "1:DECEASED", "")
    assert "no patient has a time zero and a follow-up" in _refused(tmp_path, clinical_patient=gone)


def test_an_unknown_unit(tmp_path: Path):
    text = _refused(tmp_path, cea_labs=_with(CEA, "ng/ml\t12.5", "kU/l\t12.5"))
    assert "'kU/l' is no known unit of CEA (in 1 rows). Give CEA in ng/ml" in text


def test_cea_that_is_no_number_is_counted(tmp_path: Path):
    wrong = _with(CEA, "12.5", "see comment")
    cohort = read_cbioportal(cbioportal_study.write(tmp_path, cea_labs=wrong))
    assert cohort.record is not None
    reasons = {each.reason: each.count for each in cohort.record.exclusions}
    assert reasons["CEA values that are no number"] == 1


def test_a_ragged_table(tmp_path: Path):
    text = _refused(
        tmp_path, timeline_surgery=(*SURGERY, "A\t1\t\tSURGERY\tPROCEDURE\tmore\tand more")
    )
    assert "is no table" in text
    assert "5 fields" in text


def test_two_studies_in_one_folder(tmp_path: Path):
    cbioportal_study.write(tmp_path)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "meta_study.txt").write_text("cancer_study_identifier: other_2020\n")
    with pytest.raises(InputError, match="holds two studies"):
        read_cbioportal(tmp_path)


def test_an_empty_file(tmp_path: Path):
    assert "has no line of column names" in _refused(tmp_path, timeline_surgery=("",))


DECODED = (
    "patient_id,age,sex,metastasectomy,metastasectomy_site,overall_survival_months,living_status,"
    "time_from_met_dx_to_sequencing,time_to_metastasis_months,stage_at_diagnostic,msi_status,"
    "first_site_of_metastasis,primary_tumor_site,primary_tumor_location,sample_type",
    "P1,60,Male,1,Liver,30,0,-2,0,4.0,MSS,Liver;Lung,Rectum,Left,Primary",
    "P1,60,Male,1,Liver,30,0,5,0,4.0,MSS,Liver;Lung,Rectum,Left,Metastasis",
    "P2,70,Female,0,,0,0,1,3,2.0,,,Cecum,Right,Primary",
    "P3,50,Female,1,Rfa-1,12,1,20,9,3.0,MSI,Liver;Pelvis,Cecum,Right,Primary",
)


def test_the_decoded_table_by_hand(tmp_path: Path):
    (tmp_path / "decoded.csv").write_text("\n".join(DECODED) + "\n")
    cohort = read_cbioportal(tmp_path)
    assert cohort.patients["patient_id"].to_list() == ["P1", "P3"]
    assert cohort.patients["entry_months"].to_list() == [0.0, 20.0]
    assert cohort.patients["primary_site"].to_list() == ["rectum", "right"]
    assert cohort.lesions["organ"].to_list() == ["liver", "lung", "liver", "other"]
    assert cohort.treatments["name"].to_list() == ["surgery", "ablation"]
    assert cohort.treatments["start_months"].null_count() == 2
    assert cohort.record is not None
    assert cohort.record.time_zero == "diagnosis of metastases"
    assert {each.count for each in cohort.record.exclusions} == {1}


def test_a_decoded_table_with_another_code(tmp_path: Path):
    wrong = [line.replace(",12,1,20", ",12,dead,20") for line in DECODED]
    (tmp_path / "decoded.csv").write_text("\n".join(wrong) + "\n")
    with pytest.raises(InputError, match="line 5, column LIVING_STATUS: 'dead' is neither 0 nor 1"):
        read_cbioportal(tmp_path / "decoded.csv")


def test_a_decoded_table_that_lacks_a_column(tmp_path: Path):
    (tmp_path / "decoded.csv").write_text("\n".join(DECODED).replace("msi_status", "msi") + "\n")
    with pytest.raises(InputError, match="line 1: column MSI_STATUS is missing"):
        read_cbioportal(tmp_path)


def test_a_time_line_without_days(tmp_path: Path):
    text = _refused(tmp_path, timeline_surgery=_with(SURGERY, "START_DATE", "DAY"))
    assert "line 1: column START_DATE is missing" in text


def test_a_file_that_is_cut_off_or_in_another_encoding(tmp_path: Path):
    study = cbioportal_study.write(tmp_path)
    file = study / "scraped" / "data_timeline_treatment.tsv.gz"
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    with pytest.raises(InputError, match=r"data_timeline_treatment\.tsv\.gz"):
        read_cbioportal(study)
    file.write_bytes(whole)
    patients = study / "bulk" / "data_clinical_patient.txt"
    patients.write_bytes(patients.read_text().replace("Female", "Féminin").encode("latin-1"))
    with pytest.raises(InputError, match=r"data_clinical_patient\.txt"):
        read_cbioportal(study)
