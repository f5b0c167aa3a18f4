"""Four invented patients whose cohort was worked out by hand."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.patients.readers import cbioportal_study

from debulk.core.units import DAYS_PER_MONTH
from debulk.patients.cohort import Cohort
from debulk.patients.readers.cbioportal import looks_like_cbioportal, read_cbioportal
from debulk.patients.readers.lines_of_agents import lines, numbered
from debulk.patients.reading import read_cohort


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    return read_cbioportal(cbioportal_study.write(tmp_path_factory.mktemp("tiny")))


def _patient(cohort: Cohort, patient: str) -> dict[str, object]:
    return cohort.patients.filter(pl.col("patient_id") == patient).row(0, named=True)


def _days(months: object) -> int:
    assert isinstance(months, float)
    return round(months * DAYS_PER_MONTH, 6)  # type: ignore[return-value]


def test_time_zero_is_the_diagnosis_and_entry_the_first_sequencing(cohort: Cohort):
    assert cohort.record is not None
    assert cohort.record.time_zero == "diagnosis of the bowel cancer"
    assert [_days(each) for each in cohort.patients["entry_months"]] == [50, 100, 10, 20]
    assert [_days(each) for each in cohort.followup["last_months"]] == [963, 1317, 618, 324]
    assert cohort.followup["dead"].to_list() == [True, False, False, False]


def test_patients_are_described_as_at_their_diagnosis(cohort: Cohort):
    a, b, c, d = (_patient(cohort, each) for each in "ABCD")
    assert a["age_years"] == pytest.approx(60 - 50 / 365.25)
    assert [each["sex"] for each in (a, b)] == ["female", "male"]
    assert [each["primary_site"] for each in (a, b, c, d)] == ["rectum", "right", "left", None]
    assert [each["ras"] for each in (a, b, c, d)] == [
        "mutated",
        "wild_type",
        "wild_type",
        "mutated",
    ]
    assert [each["msi"] for each in (a, b)] == ["stable", "high"]
    assert [each["braf"] for each in (a, b)] == ["wild_type", "mutated"]
    assert [each["stage_at_diagnosis"] for each in (a, b, c, d)] == [4, 2, 3, 4]
    assert (a["cea_ug_l"], a["who_ps"], b["cea_ug_l"]) == (12.5, 1, None)
    assert [each["reports_read"] for each in (a, b, c, d)] == [True, True, True, False]
    assert [each["treated_elsewhere"] for each in (a, b, c, d)] == [False, False, None, True]


def test_metastases_begin_with_stage_iv_or_with_what_comes_after_the_work_up(cohort: Cohort):
    a, b, c, d = (_patient(cohort, each) for each in "ABCD")
    assert [_days(each["metastatic_months"]) for each in (a, b, d)] == [0, 400, 0]
    assert c["metastatic_months"] is None
    assert [each["synchronous"] for each in (a, b, c, d)] == [True, False, None, True]
    assert [each["metastases_told_by"] for each in (a, b, c)] == ["stage", "report", None]
    assert (a["organs_at_metastases"], b["organs_at_metastases"]) == ("liver", "liver")


def test_an_organ_is_a_lesion_at_its_first_report(cohort: Cohort):
    found = {
        (patient, organ): _days(months)
        for patient, organ, months in cohort.lesions.select(
            "patient_id", "organ", "detected_months"
        ).iter_rows()
    }
    assert found == {
        ("A", "liver"): 0,  # reported in the work-up
        ("A", "ovary"): 200,
        ("A", "lung"): 530,  # the authors: 500 days after the sample, taken 20 before sequencing
        ("B", "liver"): 400,
        ("B", "lymph_node"): 600,  # the earlier node counts as regional
    }
    assert not cohort.patients["lesion_list_complete"].any()


def test_agents_become_lines_and_operations_local_treatments(cohort: Cohort):
    rows = [
        (patient, name, line, _days(start), _days(end))
        for patient, name, line, start, end in cohort.treatments.select(
            "patient_id", "name", "line", "start_months", "end_months"
        ).iter_rows()
    ]
    assert rows == [
        ("A", "bevacizumab + fluorouracil + oxaliplatin", 1, 20, 150),
        ("A", "radioembolisation", None, 110, 110),
        ("A", "surgery", None, 150, 150),
        ("A", "fluorouracil + irinotecan", 2, 205, 963),  # cut at death
        ("A", "radiation", None, 350, 350),
        ("B", "capecitabine", 0, 100, 280),
        ("B", "surgery", None, 450, 450),
    ]
    surgery = cohort.treatments.filter(pl.col("name") == "surgery")
    assert surgery["with_specimen"].to_list() == [True, False]
    assert surgery["specimen_organ"].to_list() == [None, "liver"]
    assert surgery["intent"].null_count() == 2
    b = _patient(cohort, "B")
    assert (b["adjuvant"], _days(b["adjuvant_end_months"])) == ("given", 280)
    # Unknown where treatment elsewhere is possible (C) or no agent is told (D).
    assert [_patient(cohort, each)["adjuvant"] for each in "ACD"] == ["none", None, None]


def test_progression_is_carried_with_its_silence(cohort: Cohort):
    scans = cohort.assessments.filter(pl.col("patient_id") == "A").select(
        "time_months", "progressed", "response", "new_lesions", "cea_ug_l"
    )
    rows = [(_days(row[0]), *row[1:]) for row in scans.iter_rows()]
    assert rows == [
        (0, False, None, None, 12.5),
        (10, None, None, None, None),  # the performance status
        (200, True, "PD", True, 0.6),
        (210, None, None, False, None),
    ]
    followup = {row["patient_id"]: row for row in cohort.followup.iter_rows(named=True)}
    assert _days(followup["A"]["progression_months"]) == 200
    assert _days(followup["A"]["progression_known_to_months"]) == 210  # the table is cut off
    assert followup["B"]["progression_months"] is None  # no palliative line
    assert _days(followup["B"]["progression_known_to_months"]) == 1317
    assert followup["D"]["progression_known_to_months"] is None


def test_every_exclusion_and_decision_is_counted(cohort: Cohort):
    record = cohort.record
    assert record is not None
    assert record.licence == "CC BY-NC-ND 4.0 (meta_study.txt)"
    excluded = {each.reason: each.count for each in record.exclusions}
    assert excluded["rows of the authors' table that come twice, word for word"] == 1
    assert excluded["operations after death"] == 1
    assert excluded["SAMPLE rows among the operations: specimens or biopsies"] == 2
    assert excluded["CEA values more than 90 days before time zero"] == 1
    assert excluded["reports of another tumour site, which may be the primary itself"] == 1
    assert "CEA values below a limit: the limit: 1" in record.decisions
    assert any("organ, extent and intent of an operation" in each for each in record.not_known)
    assert all("/" not in name for name in record.inputs)


def test_a_cohort_read_is_a_cohort_to_write_and_read_again(cohort: Cohort, tmp_path: Path):
    cohort.write(tmp_path / "cohort")
    again = read_cohort(tmp_path / "cohort")
    assert again.record == cohort.record
    assert again.treatments["start_months"].equals(cohort.treatments["start_months"])


def test_without_the_authors_table_the_registry_dates_the_diagnosis(tmp_path: Path):
    study = cbioportal_study.write(tmp_path, outcomes=None)
    (study / "data_timeline_diagnosis.txt").write_text(
        "PATIENT_ID\tSTART_DATE\tEVENT_TYPE\tSUBTYPE\tDX_DESCRIPTION\tSTAGE_CDM_DERIVED\n"
        "A\t-50\tDiagnosis\tPrimary\tADENOCARCINOMA | SIGMOID (M8140/3 | C187)\tStage 4\n"
        "A\t-900\tDiagnosis\tPrimary\tADENOCARCINOMA | PROSTATE (M8140/3 | C619)\tStage 1-3\n"
        "B\t-100\tDiagnosis\tPrimary\tADENOCARCINOMA | CECUM (M8140/3 | C180)\tStage 1-3\n"
    )
    cohort = read_cbioportal(study)
    assert cohort.patients["patient_id"].to_list() == ["A", "B"]
    assert [_days(each) for each in cohort.patients["entry_months"]] == [50, 100]
    assert cohort.patients["primary_site"].to_list() == ["left", "right"]
    # OS_MONTHS counts from the first sequencing, as the file's own comment says.
    assert cohort.followup["last_months"][0] == pytest.approx(30 + 50 / DAYS_PER_MONTH)
    assert cohort.record is not None
    reasons = {each.reason: each.count for each in cohort.record.exclusions}
    assert reasons["patients without a date of diagnosis: no time zero"] == 2


def test_a_study_without_any_diagnosis_keeps_its_day_0_and_says_so(tmp_path: Path):
    silent = tuple(
        line for line in cbioportal_study.FILES["bulk/data_clinical_patient.txt"] if line[0] != "#"
    )
    cohort = read_cbioportal(
        cbioportal_study.write(tmp_path, outcomes=None, clinical_patient=silent)
    )
    assert cohort.record is not None
    assert "day 0 of the study's time lines" in cohort.record.time_zero
    assert cohort.patients["entry_months"].null_count() == 4
    assert cohort.followup["last_months"].to_list() == [30, 40, 20, 10]
    # Of a patient of unknown stage an early report counts.
    assert cohort.patients["metastatic_months"][0] == 0.0


def test_a_study_is_known_by_its_files(tmp_path: Path):
    assert looks_like_cbioportal(cbioportal_study.write(tmp_path / "study"))
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "patients.csv").write_text("patient_id\nA\n")
    assert not looks_like_cbioportal(tmp_path / "else")
    assert not looks_like_cbioportal(tmp_path / "else" / "patients.csv")


def _agents(*rows: tuple[str, float, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [("A", agent, start / DAYS_PER_MONTH, end / DAYS_PER_MONTH) for agent, start, end in rows],
        schema=["patient_id", "agent", "start_months", "end_months"],
        orient="row",
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # An agent of the 28th day joins, one of the 29th begins the next line.
        ((("oxaliplatin", 0, 90), ("irinotecan", 28, 90)), [("irinotecan + oxaliplatin", 0, 90)]),
        (
            (("oxaliplatin", 0, 90), ("irinotecan", 29, 90)),
            [("oxaliplatin", 0, 29), ("irinotecan + oxaliplatin", 29, 90)],
        ),
        # A companion joins later too; a pause of 90 days is none, of 91 it is.
        (
            (("oxaliplatin", 0, 90), ("bevacizumab", 60, 100)),
            [("bevacizumab + oxaliplatin", 0, 100)],
        ),
        ((("oxaliplatin", 0, 10), ("oxaliplatin", 100, 110)), [("oxaliplatin", 0, 110)]),
        (
            (("oxaliplatin", 0, 10), ("oxaliplatin", 101, 110)),
            [("oxaliplatin", 0, 10), ("oxaliplatin", 101, 110)],
        ),
        # What begins on one day begins together: the companion does not stay in the old line.
        (
            (("oxaliplatin", 0, 90), ("fluorouracil", 100, 190), ("irinotecan", 100, 190)),
            [("oxaliplatin", 0, 90), ("fluorouracil + irinotecan", 100, 190)],
        ),
    ],
)
def test_the_rule_of_lines(
    rows: tuple[tuple[str, float, float], ...], expected: list[tuple[str, float, float]]
):
    found = lines(_agents(*rows)).select("name", "start_months", "end_months").iter_rows()
    assert [(name, _days(start), _days(end)) for name, start, end in found] == expected


def test_lines_of_an_unknown_date_of_metastases_have_no_number():
    given = lines(_agents(("oxaliplatin", 0, 90), ("irinotecan", 200, 290)))
    for months, undated, expected in ((1.0, False, [0, 1]), (None, False, [0, 0]),
                                      (None, True, [None, None])):  # fmt: skip
        metastatic = pl.DataFrame(
            {"patient_id": ["A"], "metastatic_months": [months], "undated": [undated]},
            schema_overrides={"metastatic_months": pl.Float64},
        )
        assert numbered(given, metastatic)["line"].to_list() == expected


def test_patients_of_another_cancer_are_left_out(tmp_path: Path):
    samples = tuple(
        line.replace("Colorectal Cancer", "Breast Cancer") if line.startswith(("C", "A")) else line
        for line in cbioportal_study.FILES["scraped/data_clinical_sample.tsv.gz"]
    )
    study = cbioportal_study.write(tmp_path, clinical_sample=samples, outcomes=None)
    cohort = read_cbioportal(study)
    assert cohort.patients["patient_id"].to_list() == ["B", "D"]
    assert cohort.record is not None
    reasons = {each.reason: each.count for each in cohort.record.exclusions}
    assert reasons["patients whose samples are all of another cancer"] == 2
