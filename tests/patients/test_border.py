"""Every mistake in a table ends in one message: file, line, column, what was found, remedy."""

import math

import polars as pl
import pytest

from debulk.core import InputError
from debulk.patients import TABLES, Cohort, read_cohort

PATIENTS = "patient_id,age_years,sex\na,60,male\nb,71,female\n"
FOLLOWUP = "patient_id,last_months,dead\na,12.5,1\nb,30,0\n"
LESIONS = "patient_id,lesion_id,organ,diameter_mm\na,L1,liver,20\n"
TREATMENTS = "patient_id,kind,name,lesion_ids,start_months,end_months\na,local,resection,L1,2,3\n"


def folder(tmp_path, **files):
    for name, text in ({"patients": PATIENTS, "followup": FOLLOWUP} | files).items():
        if isinstance(text, bytes):
            (tmp_path / f"{name}.csv").write_bytes(text)
        elif text is not None:
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_folder_is_read(tmp_path):
    cohort = read_cohort(folder(tmp_path, lesions=LESIONS, treatments=TREATMENTS))
    assert len(cohort) == 2
    assert cohort.followup["dead"].to_list() == [True, False]
    assert cohort.treatments["lesion_ids"].to_list() == [["L1"]]
    assert cohort.assessments.height == 0
    for name, table in cohort.tables.items():
        assert set(TABLES[name]) <= set(table.columns)


@pytest.mark.parametrize(
    ("files", "parts"),
    [
        ({"patients": None}, ["patients.csv or .parquet is missing"]),
        ({"followup": ""}, ["followup.csv", "is empty"]),
        ({"patients": "patient_id,age_years\n"}, ["patients.csv", "has no rows"]),
        ({"patients": b"patient_id,centre\na,Z\xfcrich\n"}, ["line 2", "0xfc", "UTF-8"]),
        ({"patients": "patient,sex\na,male\n"}, ["column patient_id", "Rename 'patient'"]),
        ({"patients": "patient_id,age_year\na,3\n"}, ["age_year", "'age_years'"]),
        ({"patients": "patient_id,sex\na,men\n"}, ["line 2, column sex", "'men'", "female, male"]),
        ({"patients": "patient_id,age_years\na,old\n"}, ["line 2, column age_years", "'old'"]),
        ({"patients": "patient_id,who_ps\na,1.5\n"}, ["who_ps", "'1.5'", "whole number"]),
        ({"patients": "patient_id,who_ps\na,7\n"}, ["who_ps", "'7'", "0 to 5"]),
        ({"patients": "patient_id,sex\na,male\na,male\n"}, ["line 3", "'a' comes twice"]),
        ({"patients": "patient_id,sex\n,male\n"}, ["line 2, column patient_id", "is empty"]),
        ({"patients": "patient_id,sex,sex\na,male,male\n"}, ["line 1", "'sex' comes twice"]),
        ({"patients": "patient_id,,sex\na,1,male\n"}, ["line 1", "no name"]),
        ({"patients": "patient_id;sex\na;male\n"}, ["line 1", "Separate them by commas"]),
        ({"patients": "patient_id,lesions\na,3\n"}, ["column lesions", "Rename the column"]),
        ({"patients": 'patient_id,sex\na,"male\n'}, ["patients.csv"]),
        ({"patients": "patient_id,sex\na,male,3\n"}, ["is no CSV table", "2 fields"]),
        ({"patients": "patient_id,sex\n\0,male\n"}, ["NUL"]),
        ({"followup": "patient_id,last_months,dead\na,-1,0\n"}, ["last_months", "'-1'", "from 0"]),
        ({"followup": "patient_id,last_months,dead\na,,0\n"}, ["last_months", "is empty"]),
        ({"followup": "patient_id,last_months,dead\na,3,2\n"}, ["column dead", "'2'", "1 or 0"]),
        ({"followup": "patient_id,last_months,dead\na,inf,1\n"}, ["last_months", "inf"]),
        (
            {"followup": "patient_id,last_months,dead\nz,3,1\n"},
            ["line 2, column patient_id", "'z' is no patient"],
        ),
        (
            {"followup": "patient_id,last_months,dead,progression_months\na,3,1,4\n"},
            ["line 2", "4 is later than last_months 3"],
        ),
        ({"lesions": "patient_id,lesion_id,organ\nz,L1,liver\n"}, ["lesions.csv", "'z' is no"]),
        ({"lesions": "patient_id,lesion_id,organ\na,L1,livr\n"}, ["organ", "'livr'", "'liver'"]),
        ({"lesions": LESIONS.replace("20", "0")}, ["diameter_mm", "'0'", "above 0 to 500"]),
        ({"lesions": LESIONS.replace("20", "501")}, ["diameter_mm", "'501'"]),
        ({"lesions": LESIONS + "a,L1,lung,3\n"}, ["line 3", "'a / L1' comes twice"]),
        ({"lesions": LESIONS.replace("L1", "L;1")}, ["semicolon"]),
        (
            {"lesions": LESIONS, "treatments": TREATMENTS.replace("L1", "L9")},
            ["treatments.csv, line 2, column lesion_ids", "no lesion 'L9'"],
        ),
        (
            {"lesions": LESIONS, "treatments": TREATMENTS.replace("2,3", "3,2")},
            ["start_months", "3 is later than end_months 2"],
        ),
    ],
)
def test_a_mistake_in_a_file_ends_in_one_message(tmp_path, files, parts):
    with pytest.raises(InputError) as caught:
        read_cohort(folder(tmp_path, **files))
    for part in parts:
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_further_problems_are_counted(tmp_path):
    wrong = "patient_id,age_years,sex\na,old,men\nb,older,male\n"
    with pytest.raises(InputError, match=r"line 2, column age_years.*and 1 more row.*and 1 more p"):
        read_cohort(folder(tmp_path, patients=wrong))


@pytest.mark.parametrize("name", ["nowhere", "patients.csv"])
def test_a_path_that_is_no_folder_is_refused(tmp_path, name):
    with pytest.raises(InputError, match=name):
        read_cohort(folder(tmp_path) / name)


def test_a_table_given_twice_is_refused(tmp_path):
    read_cohort(folder(tmp_path)).patients.write_parquet(tmp_path / "patients.parquet")
    with pytest.raises(InputError, match="patients twice"):
        read_cohort(tmp_path)


def test_parquet_is_read_and_a_broken_file_refused(tmp_path):
    folder(tmp_path, patients=None)
    path = tmp_path / "patients.parquet"
    pl.DataFrame({"patient_id": [1, 2], "age_years": [60.5, math.nan]}).write_parquet(path)
    (tmp_path / "followup.csv").write_text("patient_id,last_months,dead\n1,3,0\n")
    cohort = read_cohort(tmp_path)
    assert cohort.patients["patient_id"].to_list() == ["1", "2"]
    assert cohort.patients["age_years"].to_list() == [60.5, None]
    path.write_bytes(b"no parquet at all")
    with pytest.raises(InputError, match="no Parquet table"):
        read_cohort(tmp_path)


@pytest.mark.parametrize("missing", ["", "NA", "NaN", "null", "  "])
def test_words_for_missing_are_unknown(tmp_path, missing):
    text = f"patient_id,age_years,sex\na,{missing},{missing}\nb,70,male\n"
    cohort = read_cohort(folder(tmp_path, patients=text))
    assert cohort.patients["age_years"].to_list() == [None, 70.0]
    assert cohort.patients["sex"].to_list() == [None, "male"]


def test_columns_of_the_users_own_are_kept(tmp_path):
    text = "patient_id,score,code,smoker\na,3,007,true\nb,4.5,011,false\n"
    patients = read_cohort(folder(tmp_path, patients=text)).patients
    assert patients["score"].to_list() == [3.0, 4.5]
    assert patients["code"].to_list() == ["007", "011"]
    assert patients["smoker"].to_list() == [True, False]


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ({}, "patients is missing"),
        ({"patient": []}, "Did you mean 'patients'"),
        ({"patients": []}, "column is missing"),
        ({"patients": 3}, "is no table"),
        ({"patients": {"patient_id": ["a"], "sex": ["male", "male"]}}, "differ in length"),
        ({"patients": [{"patient_id": "a", "age_years": True}]}, "Boolean"),
        ({"patients": [{"patient_id": 1.5}]}, "Float64"),
        ({"patients": [{"patient_id": "a", "sex": 3}]}, "Give one of female, male"),
        ({"patients": [{"patient_id": "a", "sex": ["male"]}]}, "List"),
        (
            {
                "patients": [
                    {"patient_id": "a", "age_years": 3},
                    {"patient_id": "b", "age_years": "x"},
                ]
            },
            "row 2, column age_years",
        ),
    ],
)
def test_tables_at_hand_are_checked_too(tables, says):
    with pytest.raises(InputError) as caught:
        Cohort.from_tables(tables)
    assert says in str(caught.value)


def test_trusted_tables_keep_whole_number_identifiers_and_gain_the_missing_columns():
    cohort = Cohort.from_tables(
        {
            "patients": {"patient_id": [7, 8]},
            "lesions": {"patient_id": [8], "lesion_id": ["1"], "organ": ["liver"]},
        },
        validate=False,
    )
    assert cohort.features(only=["lesions"])["lesions"].to_list() == [0, 1]
    with pytest.raises(InputError, match="'lesion_id' is missing"):
        Cohort.from_tables(
            {"patients": {"patient_id": [7]}, "lesions": {"patient_id": [7]}}, validate=False
        )


def test_writing_replaces_a_cohort_and_nothing_else(tmp_path):
    cohort = read_cohort(folder(tmp_path))
    target = tmp_path / "out" / "cohort"
    cohort.write(target)
    cohort.write(target)
    assert sorted(each.name for each in target.iterdir()) == ["followup.csv", "patients.csv"]
    assert [each.name for each in target.parent.iterdir()] == ["cohort"]
    (target / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"notes\.txt"):
        cohort.write(target)
    assert (target / "notes.txt").read_text() == "mine"
    with pytest.raises(InputError, match="is a file"):
        cohort.write(tmp_path / "patients.csv")


def test_a_write_that_fails_leaves_nothing(tmp_path):
    nested = Cohort.from_tables({"patients": pl.DataFrame({"patient_id": ["a"], "x": [{"y": 1}]})})
    with pytest.raises(InputError, match="CSV"):
        nested.write(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
