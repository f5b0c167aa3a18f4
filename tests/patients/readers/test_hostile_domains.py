"""Domains and tables with a column gone or full of words: read, or refused with a remedy."""

import contextlib
import io

import polars as pl
import pytest

from debulk.core.errors import InputError
from debulk.patients.readers.cdisc import read_cdisc
from debulk.patients.readers.omop import read_omop

CDISC = {
    "dm": "USUBJID,AGE,AGEU,SEX,ARM,SITEID,RFSTDTC,DTHDTC,DTHFL\nS1,60,YEARS,F,A,1,2020-01-01,,\n",
    "adsl": "USUBJID,AGE,SEX,RANDDT,TRTSDT\nS1,60,F,2020-01-01,2020-01-02\n",
    "tu": "USUBJID,TULNKID,TULOC,TUSTRESC,TUDTC,TUEVAL\n"
    "S1,T1,LIVER,TARGET,2020-01-01,INVESTIGATOR\n",
    "tr": "USUBJID,TRLNKID,TRTESTCD,TRSTRESN,TRSTRESU,TRDTC\nS1,T1,LDIAM,20,mm,2020-01-01\n",
    "rs": "USUBJID,RSTESTCD,RSSTRESC,RSDTC\nS1,OVRLRESP,PR,2020-02-01\nS1,ECOG101,1,2020-02-01\n",
    "ex": "USUBJID,EXTRT,EXSTDTC,EXENDTC\nS1,X,2020-01-01,2020-02-01\n",
    "pr": "USUBJID,PRTRT,PRDECOD,PRLOC,PRSTDTC\nS1,Resection,,LIVER,2020-02-01\n",
    "ds": "USUBJID,DSDECOD,DSSTDTC\nS1,RANDOMIZED,2020-01-01\nS1,DEATH,2021-01-01\n",
    "dd": "USUBJID,DDTESTCD,DDSTRESC,DDDTC\nS1,PRCDTH,CANCER,2021-01-01\n",
    "adtte": "USUBJID,PARAMCD,PARAM,AVAL,AVALU,CNSR,EVNTDESC,ADT\n"
    "S1,OS,Overall survival,12,MONTHS,0,DEATH,2021-01-01\n"
    "S1,PFS,Progression-free survival,2,MONTHS,0,PD,2020-03-01\n",
}
OMOP = {
    "person": "person_id,gender_concept_id,year_of_birth,month_of_birth,care_site_id\n"
    "1,8507,1950,2,3\n",
    "condition_occurrence": "person_id,condition_concept_id,condition_start_date,"
    "condition_source_value\n1,0,2019-01-01,C18\n1,0,2019-01-01,C787\n",
    "drug_exposure": "person_id,drug_concept_id,drug_exposure_start_date,drug_exposure_end_date,"
    "drug_source_value\n1,1,2019-02-01,2019-03-01,oxaliplatin\n",
    "procedure_occurrence": "person_id,procedure_concept_id,procedure_date,procedure_source_value\n"
    "1,1,2019-05-01,hepatectomy\n",
    "measurement": "person_id,measurement_concept_id,measurement_date,value_as_number,"
    "unit_source_value,measurement_source_value\n1,1,2019-02-01,5,ng/ml,2039-6\n",
    "observation_period": "person_id,observation_period_end_date\n1,2020-01-01\n",
    "death": "person_id,death_date\n1,2020-01-01\n",
    "concept": "concept_id,concept_name\n1,oxaliplatin\n",
}


def spoilt(tables):
    """Each column of each table once gone, once full of words."""
    for name, text in tables.items():
        for column in text.split("\n", 1)[0].split(","):
            for how in ("gone", "words"):
                yield pytest.param(name, column, how, id=f"{name}.{column}-{how}")


def write(folder, tables, name, column, how):
    for each, text in tables.items():
        frame = pl.read_csv(io.StringIO(text), infer_schema=False)
        if each == name and how == "gone":
            frame = frame.drop(column)
        elif each == name:
            frame = frame.with_columns(pl.lit("-- words; 'quoted'").alias(column))
        frame.write_csv(folder / f"{each}.csv")


@pytest.mark.parametrize(("name", "column", "how"), list(spoilt(CDISC)))
def test_a_spoilt_domain_is_read_or_refused(tmp_path, name, column, how):
    write(tmp_path, CDISC, name, column, how)
    with contextlib.suppress(InputError):
        assert len(read_cdisc(tmp_path)) == 1


@pytest.mark.parametrize(("name", "column", "how"), list(spoilt(OMOP)))
def test_a_spoilt_omop_table_is_read_or_refused(tmp_path, name, column, how):
    write(tmp_path, OMOP, name, column, how)
    memory_limit = "200MB" if how == "words" else None  # DuckDB is strict about types
    with contextlib.suppress(InputError):
        assert len(read_omop(tmp_path, memory_limit=memory_limit)) == 1


def test_the_tables_are_read_when_nothing_is_spoilt(tmp_path):
    for folder, tables in (("cdisc", CDISC), ("omop", OMOP)):
        (tmp_path / folder).mkdir()
        for each, text in tables.items():
            (tmp_path / folder / f"{each}.csv").write_text(text)
    for found in (read_cdisc(tmp_path / "cdisc"), read_omop(tmp_path / "omop")):
        assert found.followup["dead"].to_list() == [True]
        assert found.lesions["organ"].to_list() == ["liver"]
        assert set(found.treatments["kind"]) == {"systemic", "local"}
        assert found.assessments.height > 0
