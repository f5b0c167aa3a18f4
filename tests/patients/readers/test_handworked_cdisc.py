"""A trial of three subjects, written as transport files, whose cohort is worked out by hand."""

import os
from datetime import date
from pathlib import Path

import polars as pl
import pyreadstat
import pytest

from debulk.core.errors import InputError
from debulk.core.units import DAYS_PER_MONTH
from debulk.patients.readers.cdisc import read_cdisc

MONTH_1 = 31 / DAYS_PER_MONTH  # 1 January to 1 February 2020
YEAR_1 = 366 / DAYS_PER_MONTH  # 1 January 2020 to 1 January 2021

TRIAL = {
    "ADSL": {
        "STUDYID": ["CRC1"] * 3,
        "USUBJID": ["S1", "S2", "S3"],
        "SITEID": ["10", "10", "20"],
        "AGE": [60.0, 744.0, 70.0],
        "AGEU": ["YEARS", "MONTHS", "YEARS"],
        "SEX": ["F", "M", "U"],
        "ARM": ["Resection", "Control", "Control"],
        "RANDDT": [date(2020, 1, 1), date(2020, 1, 1), None],
    },
    "TU": {
        "USUBJID": ["S1", "S1", "S1", "S2"],
        "TULNKID": ["T01", "T02", "NEW01", "T01"],
        "TULOC": ["LIVER", "LUNG, LEFT", "PERITONEUM", "SPLEEN"],
        "TUSTRESC": ["TARGET", "TARGET", "NEW", "TARGET"],
        "TUDTC": ["2019-12-20", "2019-12-20", "2020-02-01", "2020"],
    },
    "TR": {
        "USUBJID": ["S1"] * 5,
        "TRLNKID": ["T01", "T02", "T01", "T02", "T01"],
        "TRTESTCD": ["LDIAM"] * 5,
        "TRSTRESN": [3.0, 20.0, 15.0, 0.0, 10.0],
        "TRSTRESU": ["cm", "mm", "mm", "mm", "mm"],
        "TRDTC": ["2019-12-20", "2019-12-20", "2020-02-01", "2020-02-01", "2020-03-01"],
        "TREVAL": ["INVESTIGATOR"] * 5,
    },
    "RS": {
        "USUBJID": ["S1", "S2", "S2"],
        "RSTESTCD": ["OVRLRESP", "OVRLRESP", "TRGRESP"],
        "RSSTRESC": ["PR", "NE", "SD"],
        "RSDTC": ["2020-02-01", "2020-02-01", "2020-02-01"],
    },
    "EX": {
        "USUBJID": ["S1", "S1", "S2"],
        "EXTRT": ["OXALIPLATIN", "BEVACIZUMAB", "OXALIPLATIN"],
        "EXSTDTC": ["2020-01-01", "2020-02-01", "2020-01-01T08:00"],
        "EXENDTC": ["2020-01-03", "", "2020-02-01"],
    },
    "PR": {
        "USUBJID": ["S1", "S1"],
        "PRTRT": ["Wedge resection", "Colonoscopy"],
        "PRLOC": ["LUNG", "COLON"],
        "PRSTDTC": ["2020-02-01", "2020-02-01"],
    },
    "DD": {
        "USUBJID": ["S2"],
        "DDTESTCD": ["PRCDTH"],
        "DDSTRESC": ["CANCER"],
        "DDDTC": ["2021-01-01"],
    },
    "ADTTE": {
        "USUBJID": ["S1", "S2", "S1", "S2"],
        "PARAMCD": ["OS", "OS", "PFS", "PFS"],
        "PARAM": ["Overall survival (days)"] * 2 + ["Progression-free survival (days)"] * 2,
        "AVAL": [366.0, 366.0, 31.0, 366.0],
        "CNSR": [1.0, 0.0, 0.0, 0.0],
        "EVNTDESC": ["", "DEATH", "PROGRESSION", "DEATH"],
    },
    "LB": {"USUBJID": ["S1"], "LBTESTCD": ["ALB"]},
}  # fmt: skip


@pytest.fixture(params=["xpt", "csv", "parquet"])
def folder(request, tmp_path):
    for name, columns in TRIAL.items():
        write(tmp_path, name, columns, request.param)
    return tmp_path


def write(folder, name, columns, ending):
    frame = pl.DataFrame(columns)
    file = folder / f"{name.lower()}.{ending}"
    if ending == "xpt":
        formats = {each: "DATE9" for each, kind in frame.schema.items() if kind == pl.Date}
        pyreadstat.write_xport(frame, str(file), table_name=name, file_format_version=5,
                               variable_format=formats)  # fmt: skip
    elif ending == "csv":
        frame.write_csv(file)
    else:
        frame.write_parquet(file)


def test_patients_of_the_trial(folder):
    found = read_cdisc(folder)
    told = ("patient_id", "sex", "arm", "centre", "randomised_months")
    assert found.patients.select(told).rows() == [
        ("S1", "female", "Resection", "10", 0.0),
        ("S2", "male", "Control", "10", 0.0),
    ]
    # 744 months of 30.4375 days are 62 years of 365.25.
    assert found.patients["age_years"].to_list() == pytest.approx([60.0, 62.0])
    excluded = {each.reason: each.count for each in found.record.exclusions}
    assert excluded["subjects without a date of randomisation (ADSL.RANDDT)"] == 1.0
    assert found.record.time_zero == "randomisation (ADSL.RANDDT)"


def test_lesions_and_their_sizes(folder):
    found = read_cdisc(folder)
    rows = found.lesions.select(
        "patient_id", "lesion_id", "organ", "baseline_diameter_mm", "diameter_mm", "disappeared"
    ).rows()
    assert rows == [
        ("S1", "T01", "liver", 30.0, 10.0, False),
        ("S1", "T02", "lung", 20.0, None, True),
        ("S1", "NEW01", "peritoneum", None, None, None),
        ("S2", "T01", "other", None, None, None),
    ]
    assert "TU.TULOC names no organ that is known: organ other: 1" in found.record.decisions
    assert "TU.TUDTC: dates known as yyyy alone were put on 1 July: 1" in found.record.decisions


def test_visits(folder):
    found = read_cdisc(folder)
    rows = found.assessments.sort("patient_id", "time_months")
    assert rows["patient_id"].to_list() == ["S1", "S1", "S2"]
    assert rows["time_months"].to_list() == pytest.approx([0.0, MONTH_1, MONTH_1])
    # The screening scan counts as the baseline; on 1 March one target was not measured.
    assert rows["sum_diameters_mm"].to_list() == [50.0, 15.0, None]
    assert rows["response"].to_list() == [None, "PR", None]
    assert rows["new_lesions"].to_list() == [None, True, None]
    ignored = {each.reason: each.count for each in found.record.ignored}
    assert ignored["RS: rows of test TRGRESP"] == 1.0


def test_treatments(folder):
    found = read_cdisc(folder)
    rows = found.treatments.sort("patient_id", "kind").select("patient_id", "kind", "name").rows()
    assert rows == [
        ("S1", "systemic", "bevacizumab + oxaliplatin"),
        ("S1", "local", "lung_resection"),
        ("S2", "systemic", "oxaliplatin"),
    ]
    ends = found.treatments.filter(kind="systemic")["end_months"].to_list()
    assert ends == pytest.approx([MONTH_1, MONTH_1])
    ignored = {each.reason: each.count for each in found.record.ignored}
    assert ignored["PR: procedure 'colonoscopy'"] == 1.0


def test_follow_up_comes_from_the_trials_own_analysis(folder):
    found = read_cdisc(folder)
    rows = found.followup.sort("patient_id")
    assert rows["last_months"].to_list() == pytest.approx([YEAR_1, YEAR_1])
    assert rows["dead"].to_list() == [False, True]
    # The event of S2 was death without progression.
    assert rows["progression_months"].to_list() == [pytest.approx(MONTH_1), None]
    assert rows["cause"].to_list() == [None, "CANCER"]


def test_what_is_not_there_is_told(folder):
    record = read_cdisc(folder).record
    assert "no DS (disposition: randomisation, death, last contact)" in record.not_known
    assert any(each.reason.startswith("file lb.") for each in record.ignored)
    assert len(record.inputs) == 8


def test_a_folder_without_subjects_is_refused(tmp_path):
    write(tmp_path, "TU", TRIAL["TU"], "csv")
    with pytest.raises(InputError, match="holds neither dm nor adsl"):
        read_cdisc(tmp_path)


def test_an_unknown_unit_is_refused_with_the_known_ones(tmp_path):
    for name in ("ADSL", "TU"):
        write(tmp_path, name, TRIAL[name], "csv")
    write(tmp_path, "TR", {**TRIAL["TR"], "TRSTRESU": ["furlong"] * 5}, "csv")
    with pytest.raises(InputError, match=r"unit 'furlong' is unknown. Known: mm, cm, in"):
        read_cdisc(tmp_path)


def test_a_time_to_event_without_unit_or_date_is_refused(tmp_path):
    write(tmp_path, "ADSL", TRIAL["ADSL"], "csv")
    write(tmp_path, "ADTTE", {**TRIAL["ADTTE"], "PARAM": ["Overall survival"] * 4}, "csv")
    with pytest.raises(InputError, match=r"ADTTE.*unit 'not given'"):
        read_cdisc(tmp_path)


def test_deaths_are_found_without_an_analysis(tmp_path):
    for name in ("ADSL", "DD", "RS"):
        write(tmp_path, name, TRIAL[name], "csv")
    found = read_cdisc(tmp_path).followup.sort("patient_id")
    assert found["dead"].to_list() == [False, True]
    assert found["last_months"].to_list() == pytest.approx([MONTH_1, YEAR_1])


@pytest.mark.data
@pytest.mark.skipif(not os.environ.get("DEBULK_DATA"), reason="DEBULK_DATA names no folder")
def test_the_cdisc_pilot_is_read_and_says_what_it_lacks():
    found = read_cdisc(Path(os.environ["DEBULK_DATA"]) / "cdisc_pilot_xpt")
    assert len(found) == 254
    assert found.followup["dead"].sum() == 3
    assert any(each.startswith("no TU") for each in found.record.not_known)
    assert found.lesions.height == 0
