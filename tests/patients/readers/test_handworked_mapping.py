"""Small registries in the shapes that people have them, read by a mapping file."""

import pytest

from debulk.core.errors import InputError
from debulk.core.units import DAYS_PER_MONTH
from debulk.patients.readers.mapping import read_mapped

PATIENTS = """\
id;sexe;age;cea;dx;last;vital
1;1;64,5;12,1;03.04.2019;03.04.2021;alive
2;2;55;-999;01.01.2020;2021-01-01;dead
3;2;70;5;;2021-01-01;dead
"""
LESIONS = "id,nr,organ,size,seen\n1,1,LEBER,2.5,03/04/2019\n2,1,LUNGE,1,10/02/2020\n"
MAPPING = """\
name: small registry
time_zero: {file: patients.csv, patient: id, date: dx, meaning: diagnosis of metastases}
missing: [-999, unknown]
dates: [dd.mm.yyyy, yyyy-mm-dd]
tables:
  patients:
    file: patients.csv
    decimal: ","
    columns:
      patient_id: {from: id}
      sex: {from: sexe, codes: {1: male, 2: female}}
      age_years: {from: age}
      cea_ug_l: {from: cea, unit: mg/L}
  followup:
    file: patients.csv
    columns:
      patient_id: {from: id}
      last_months: {from: last, date: true}
      dead: {from: vital, codes: {alive: false, dead: true}}
  lesions:
    file: lesions.csv
    columns:
      patient_id: {from: id}
      lesion_id: {from: nr}
      organ: {from: organ, codes: {LEBER: liver, LUNGE: lung}}
      diameter_mm: {from: size, unit: cm}
      detected_months: {from: seen, date: dd/mm/yyyy}
"""


@pytest.fixture
def registry(tmp_path):
    def make(mapping=MAPPING, patients=PATIENTS, lesions=LESIONS):
        (tmp_path / "patients.csv").write_text(patients)
        (tmp_path / "lesions.csv").write_text(lesions)
        (tmp_path / "map.yaml").write_text(mapping)
        return tmp_path / "map.yaml"

    return make


def test_units_codes_dates_and_missing_values(registry):
    found = read_mapped(registry())
    assert found.patients.select("patient_id", "sex", "age_years", "cea_ug_l").rows() == [
        ("1", "male", 64.5, pytest.approx(12_100.0)),
        ("2", "female", 55.0, None),
    ]
    assert found.followup["dead"].to_list() == [False, True]
    assert found.followup["last_months"].to_list() == pytest.approx(
        [731 / DAYS_PER_MONTH, 366 / DAYS_PER_MONTH]
    )
    assert found.lesions["organ"].to_list() == ["liver", "lung"]
    assert found.lesions["diameter_mm"].to_list() == [25.0, 10.0]
    assert found.lesions["detected_months"].to_list() == pytest.approx([0.0, 40 / DAYS_PER_MONTH])


def test_the_record_counts_every_decision(registry):
    record = read_mapped(registry()).record
    assert record.source == "small registry"
    assert record.time_zero == "diagnosis of metastases"
    assert {each.reason: each.count for each in record.exclusions} == {
        "patients without a date of time zero": 1.0,
        "followup: rows of patients without a date of time zero": 1.0,
    }
    for decision in (
        "patients.csv: fields are separated by semicolons: 1",
        "patients.csv, column age: no unit is named, taken as years: 2",
        "patients.csv, column last: dates written dd.mm.yyyy: 1",
        "patients.csv, column last: dates written yyyy-mm-dd: 1",
    ):
        assert decision in record.decisions
    assert "no table treatments is mapped" in record.not_known


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("unit: cm", "unit: ells", r"line 26.*unit 'ells' is unknown. Known: mm, cm, in"),
        ("from: sexe", "from: sex", r"has no column 'sex'. Did you mean 'sexe'"),
        ("2: female", "3: female", r"column sexe, line 3: code '2' is not in the mapping"),
        ("{1: male,", "{1: men,", r"'men' is none of female, male"),
        ("organ: {from: organ, ", "organs: {from: organ, ", "did you mean 'organs'"),
        ("  lesions:", "  lesion:", r"is no table of a cohort. Did you mean 'lesions'"),
        ("age_years: {from: age}", "age_years: {from: age, date: true}", "is a date"),
        ('decimal: ","', 'decimal: "."', r"'64,5' is no number. Write decimal: ','"),
        ("date: dd/mm/yyyy", "date: true", r"'03/04/2019' is no date in dd.mm.yyyy"),
        ("patient_id: {from: id}\n      sex", "sex", "'patient_id' is missing"),
        ("file: lesions.csv", "file: nowhere.csv", "there is no such file"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(registry, before, after, told):
    assert before in MAPPING
    with pytest.raises(InputError, match=f"(?i){told}"):
        read_mapped(registry(MAPPING.replace(before, after)))


def test_a_lesion_of_900_cm_is_refused_with_its_line(registry):
    with pytest.raises(InputError, match=r"lesions.csv, column size, line 3: '900' is outside"):
        read_mapped(registry(lesions=LESIONS.replace("LUNGE,1,", "LUNGE,900,")))


def test_a_point_among_decimal_commas_is_refused_and_thousands_are_read(registry):
    with pytest.raises(InputError, match=r"'12\.1' is no number"):
        read_mapped(registry(patients=PATIENTS.replace("12,1", "12.1")))
    found = read_mapped(registry(patients=PATIENTS.replace("12,1", "1.012,5")))
    assert found.patients["cea_ug_l"][0] == pytest.approx(1_012_500.0)


def test_duplicated_patients_follow_the_rule_that_the_mapping_names(registry):
    twice = PATIENTS + "1;1;66;9,0;03.04.2019;03.05.2021;alive\n"
    with pytest.raises(InputError, match=r"patients.csv, line 5.*'1' comes twice"):
        read_mapped(registry(patients=twice))
    latest = "duplicates: latest\n    latest_by: last"
    for rule, age in (("duplicates: first", 64.5), (latest, 66.0)):
        named = MAPPING.replace("    columns:", f"    {rule}\n    columns:").replace(
            f"    {rule}\n    columns:\n      patient_id: {{from: id}}\n      lesion_id",
            "    columns:\n      patient_id: {from: id}\n      lesion_id",
        )
        found = read_mapped(registry(named, patients=twice))
        assert found.patients.filter(patient_id="1")["age_years"].to_list() == [age]
        assert len(found) == 2


def test_a_row_repeated_word_for_word_is_one(registry):
    found = read_mapped(registry(patients=PATIENTS + PATIENTS.splitlines()[1] + "\n"))
    assert len(found) == 2
    excluded = {each.reason: each.count for each in found.record.exclusions}
    assert excluded["patients: rows that come twice, word for word"] == 1.0


def test_two_dates_of_time_zero_are_refused(registry):
    twice = PATIENTS + "1;1;64,5;12,1;04.04.2019;03.04.2021;alive\n"
    with pytest.raises(InputError, match="'1' has two dates of time zero"):
        read_mapped(registry(patients=twice))


REDCAP = """\
record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,dob_age,dx_date,organ___1,organ___2,size_mm,op_date,fu_days,dead
1,baseline_arm_1,,,60,2020-01-01,1,1,,,400,0
1,baseline_arm_1,lesions,1,,,,,30,,,
1,baseline_arm_1,lesions,2,,,,,20,,,
1,surgery_arm_1,,,,,,,,2020-03-01,,
"""
REDCAP_MAPPING = """\
name: REDCap
time_zero:
  {file: redcap.csv, patient: record_id, date: dx_date, meaning: diagnosis,
   where: {redcap_event_name: baseline_arm_1, redcap_repeat_instrument: ""}}
tables:
  patients:
    file: redcap.csv
    where: {redcap_event_name: baseline_arm_1, redcap_repeat_instrument: ""}
    columns: {patient_id: {from: record_id}, age_years: {from: dob_age, unit: years}}
  followup:
    file: redcap.csv
    where: {redcap_event_name: baseline_arm_1, redcap_repeat_instrument: ""}
    columns:
      patient_id: {from: record_id}
      last_months: {from: fu_days, unit: days}
      dead: {from: dead}
  lesions:
    - file: redcap.csv
      where: {redcap_repeat_instrument: lesions}
      columns:
        patient_id: {from: record_id}
        lesion_id: {from: redcap_repeat_instance}
        organ: {value: liver}
        diameter_mm: {from: size_mm, unit: mm}
    - file: redcap.csv
      where: {organ___2: 1}
      columns:
        patient_id: {from: record_id}
        lesion_id: {value: lung}
        organ: {value: lung}
  treatments:
    file: redcap.csv
    where: {redcap_event_name: surgery_arm_1}
    columns:
      patient_id: {from: record_id}
      kind: {value: local}
      name: {value: liver_resection}
      start_months: {from: op_date, date: yyyy-mm-dd}
"""


def test_redcap_events_and_repeated_instruments(tmp_path):
    (tmp_path / "redcap.csv").write_text(REDCAP)
    (tmp_path / "map.yaml").write_text(REDCAP_MAPPING)
    found = read_mapped(tmp_path / "map.yaml")
    assert found.lesions.select("lesion_id", "organ", "diameter_mm").rows() == [
        ("1", "liver", 30.0),
        ("2", "liver", 20.0),
        ("lung", "lung", None),
    ]
    assert found.treatments["start_months"].to_list() == pytest.approx([60 / DAYS_PER_MONTH])
    assert found.followup["last_months"].to_list() == pytest.approx([400 / DAYS_PER_MONTH])
    ignored = [each.reason for each in found.record.ignored]
    assert ignored == ["redcap.csv: column organ___1"]


def test_no_row_of_an_event_is_a_refusal(tmp_path):
    (tmp_path / "redcap.csv").write_text(REDCAP)
    (tmp_path / "map.yaml").write_text(REDCAP_MAPPING.replace("surgery_arm_1", "op"))
    with pytest.raises(InputError, match=r"no row has redcap_event_name in \['op'\]"):
        read_mapped(tmp_path / "map.yaml")


TWO_SOURCES = """\
name: two files
time_zero: diagnosis
tables:
  patients:
    - {file: a.csv, columns: {patient_id: {from: id}, age_years: {from: age, unit: years}}}
    - {file: b.csv, columns: {patient_id: {from: id}, ras: {from: ras}}}
"""


def test_two_sources_of_patients_each_tell_a_part(tmp_path):
    (tmp_path / "a.csv").write_text("id,age\n1,60\n2,70\n")
    (tmp_path / "b.csv").write_text("id,ras,age\n2,mutated,70\n3,wild_type,80\n")
    (tmp_path / "map.yaml").write_text(TWO_SOURCES)
    found = read_mapped(tmp_path / "map.yaml")
    assert found.patients.select("patient_id", "age_years", "ras").rows() == [
        ("1", 60.0, None),
        ("2", 70.0, "mutated"),
        ("3", None, "wild_type"),
    ]
    both = TWO_SOURCES.replace("ras: {from: ras}", "age_years: {from: age, unit: months}")
    (tmp_path / "map.yaml").write_text(both)
    with pytest.raises(InputError, match=r"column age_years: the sources tell patient '2'"):
        read_mapped(tmp_path / "map.yaml")
