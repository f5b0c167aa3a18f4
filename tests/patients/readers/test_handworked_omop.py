"""An OMOP database of four persons, as CSV, Parquet and DuckDB, whose cohort is known."""

import duckdb
import polars as pl
import pytest

from debulk.core.errors import InputError
from debulk.core.units import DAYS_PER_MONTH
from debulk.patients.readers.omop import read_omop

TABLES = {
    "person": """\
person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,care_site_id
1,8507,1950,,,7
2,8532,1960,5,4,7
3,8532,1960,5,4,7
4,8507,1970,1,1,7
""",
    "condition_occurrence": """\
condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_source_value
1,1,0,2019-01-05,C18.7
2,1,0,2019-03-05,C78.7
3,1,0,2019-04-05,C78.7
4,2,0,2019-01-05,c20
5,3,0,2019-01-05,I10
6,4,1000001,2019-02-05,text
7,4,77,2019-02-05,text
""",
    "drug_exposure": """\
person_id,drug_concept_id,drug_exposure_start_date,drug_exposure_end_date,drug_source_value
1,1,2019-04-01,2019-04-02,Oxaliplatin 100 mg
1,2,2019-04-01,2019-06-02,
1,3,2019-04-01,2019-06-02,paracetamol
3,1,2019-04-01,2019-06-02,Oxaliplatin 100 mg
""",
    "procedure_occurrence": """\
person_id,procedure_concept_id,procedure_date,procedure_source_value
1,55,2019-09-01,Partial hepatectomy (liver resection)
1,56,2019-09-01,Colonoscopy
2,57,2019-09-01,K123
""",
    "measurement": """\
person_id,measurement_concept_id,measurement_date,value_as_number,unit_source_value,measurement_source_value
1,36305384,2019-02-01,1,,
1,9,2019-02-01,12.5,ng/mL,2039-6
1,10,2019-02-01,140,mmol/L,sodium
3,9,2019-02-01,99,ng/mL,2039-6
""",
    "observation_period": """\
person_id,observation_period_start_date,observation_period_end_date
1,2019-01-01,2020-06-01
1,2020-07-01,2021-01-01
2,2019-01-01,2021-01-01
""",
    "death": "person_id,death_date\n2,2020-06-01\n",
    "concept": "concept_id,concept_name\n2,fluorouracil 50 MG/ML Injection\n55,something\n",
}
OTHERS = 3_600_000  # persons outside the cohort: a file of some 110 MB
LIMIT_MB = 100  # of memory; DuckDB needs about 32 MB for each thread that reads a CSV
MAPPING = """\
name: our warehouse
concepts:
  diagnosis: [1000001]
  metastasis: {77: lung}
  local: {57: rfa}
"""


def csv(folder):
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def parquet(folder):
    for name, text in TABLES.items():
        frame = pl.read_csv(text.encode(), try_parse_dates=True)
        frame.rename(str.upper).write_parquet(folder / f"{name.upper()}.parquet")
    return folder


def database(folder):
    parts = folder / "parts"
    parts.mkdir()
    csv(parts)
    with duckdb.connect(str(folder / "cdm.duckdb")) as connection:
        for name in TABLES:
            connection.execute(f"CREATE TABLE {name} AS FROM read_csv('{parts / name}.csv')")
    return folder / "cdm.duckdb"


@pytest.mark.parametrize("shape", [csv, parquet, database])
@pytest.mark.parametrize("memory_limit", [None, "200MB"])
def test_the_cohort_is_the_same_from_every_store_and_engine(shape, memory_limit, tmp_path):
    found = read_omop(shape(tmp_path), memory_limit=memory_limit)
    assert found.patients.select("patient_id", "sex", "centre", "primary_site").rows() == [
        ("1", "male", "7", "left"),
        ("2", "female", "7", "rectum"),
    ]
    assert found.patients["age_years"].to_list() == pytest.approx([68.51, 58.67], abs=0.01)
    assert found.lesions.select("patient_id", "organ").rows() == [("1", "liver")]
    assert found.lesions["detected_months"].to_list() == pytest.approx([59 / DAYS_PER_MONTH])
    assert found.followup["dead"].to_list() == [False, True]
    assert found.followup["last_months"].to_list() == pytest.approx(
        [727 / DAYS_PER_MONTH, 513 / DAYS_PER_MONTH]
    )
    treatments = found.treatments.sort("start_months").select("patient_id", "kind", "name").rows()
    assert treatments == [
        ("1", "systemic", "fluorouracil + oxaliplatin"),
        ("1", "local", "liver_resection"),
    ]
    assert found.assessments.select("patient_id", "cea_ug_l", "who_ps").rows() == [("1", 12.5, 1)]


def test_the_users_concepts_are_added(tmp_path):
    (tmp_path / "map.yaml").write_text(MAPPING)
    (tmp_path / "cdm").mkdir()
    found = read_omop(csv(tmp_path / "cdm"), mapping=tmp_path / "map.yaml")
    assert found.patients["patient_id"].to_list() == ["1", "2", "4"]
    assert ("4", "lung") in found.lesions.select("patient_id", "organ").rows()
    assert ("2", "rfa") in found.treatments.select("patient_id", "name").rows()
    assert found.record.source == "our warehouse"


def test_what_was_left_is_counted_and_what_cannot_be_known_is_told(tmp_path):
    record = read_omop(csv(tmp_path)).record
    ignored = {each.reason: each.count for each in record.ignored}
    assert ignored == {
        "procedure_occurrence: no local treatment of metastases by concept or name": 2.0,
        "drug_exposure: no drug against bowel cancer by name or concept": 1.0,
    }
    assert any("response and progression" in each for each in record.not_known)
    decision = "birthdays known as a year alone were put on 1 July: 1"
    assert decision in record.decisions


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("concepts: {metastasis: {77: spleen}}", r"'spleen' is no organ"),
        ("concepts: {diagnoses: [1]}", r"'diagnoses' is not known here. Did you mean 'diagnosis'"),
        ("concepts: {diagnosis: [colon]}", r"found 'colon'"),
    ],
)
def test_a_mapping_that_is_none_is_refused(tmp_path, mapping, told):
    (tmp_path / "map.yaml").write_text(mapping)
    (tmp_path / "cdm").mkdir()
    with pytest.raises(InputError, match=f"map.yaml, line 1.*{told}"):
        read_omop(csv(tmp_path / "cdm"), mapping=tmp_path / "map.yaml")


@pytest.mark.parametrize("memory_limit", [None, "200MB"])
def test_what_is_missing_is_named(tmp_path, memory_limit):
    csv(tmp_path)
    (tmp_path / "person.csv").write_text("person_id\n1\n")
    with pytest.raises(InputError, match="table person: column gender_concept_id is missing"):
        read_omop(tmp_path, memory_limit=memory_limit)
    (tmp_path / "person.csv").unlink()
    with pytest.raises(InputError, match="table person is missing"):
        read_omop(tmp_path, memory_limit=memory_limit)


def test_nobody_with_the_disease_is_a_refusal(tmp_path):
    csv(tmp_path)
    healthy = TABLES["condition_occurrence"].replace("C18.7", "I11").replace("c20", "I12")
    (tmp_path / "condition_occurrence.csv").write_text(healthy)
    with pytest.raises(InputError, match="nobody has a diagnosis of bowel cancer"):
        read_omop(tmp_path)


def test_a_table_larger_than_the_memory_limit_is_read(tmp_path):
    """What is larger than the limit passes it: only the cohort's own rows are loaded."""
    csv(tmp_path)
    (tmp_path / "measurement.csv").unlink()
    file = tmp_path / "measurement.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 1000000 + i AS person_id, 9 AS measurement_concept_id, "
            "DATE '2019-02-01' AS measurement_date, random() AS value_as_number, "
            "'ng/mL' AS unit_source_value, '2039-6' AS measurement_source_value, "
            f"CAST(hash(i) AS VARCHAR) AS note FROM range({OTHERS}) r(i) UNION ALL "
            "SELECT 1, 9, DATE '2019-02-01', 12.5, 'ng/mL', '2039-6', '') "
            f"TO '{file}' (FORMAT parquet, COMPRESSION snappy)"
        )
    assert file.stat().st_size > LIMIT_MB * 1_000_000
    found = read_omop(tmp_path, memory_limit=f"{LIMIT_MB}MB")
    assert found.assessments["cea_ug_l"].to_list() == [12.5]


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "cdm.duckdb").write_bytes(b"nothing" * 1000)
    with pytest.raises(InputError, match="cannot be read"):
        read_omop(tmp_path / "cdm.duckdb")


def test_without_duckdb_the_remedy_is_named(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(InputError, match=r"pip install 'debulk\[registries\]'"):
        read_omop(csv(tmp_path), memory_limit="1GB")
