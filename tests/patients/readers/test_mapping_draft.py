import pytest

from debulk.core.errors import InputError
from debulk.core.yaml_files import parse_yaml, validated
from debulk.patients.readers.header_words import Guess, guess_of
from debulk.patients.readers.mapping import read_mapped
from debulk.patients.readers.mapping_draft import draft_mapping
from debulk.patients.readers.mapping_schema import MappingFile

REGISTRY = """\
patient_id,Geschlecht,age,Tumor Location,date_of_diagnosis,last_follow_up_date,dead,odd
p1,m,60,right,2020-01-01,2021-01-01,1,x
p2,w,61,left,2020-02-01,2021-01-01,0,y
p3,w,61,left,2020-02-01,2021-01-01,0,y
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "reg.csv").write_text(REGISTRY)
    return tmp_path / "reg.csv"


def test_a_draft_of_plain_headers_reads_as_it_stands(file):
    text = draft_mapping([file], beside=file.parent)
    (file.parent / "map.yaml").write_text(text)
    found = read_mapped(file.parent / "map.yaml")
    assert found.patients["sex"].to_list() == ["male", "female", "female"]
    assert found.patients["primary_site"].to_list() == ["right", "left", "left"]
    assert found.followup["dead"].to_list() == [True, False, False]


def test_guesses_are_marked_and_what_matched_nothing_is_listed_with_its_values(file):
    text = draft_mapping([file])
    assert "# not matched in" in text
    assert "#   odd: 'y' 2, 'x' 1" in text
    entries = [line for line in text.splitlines() if "{from:" in line]
    assert entries
    assert all("# guess" in line for line in entries)


def test_codes_that_are_numbers_are_never_guessed(file):
    file.write_text(REGISTRY.replace(",m,", ",1,").replace(",w,", ",2,"))
    text = draft_mapping([file], beside=file.parent)
    assert '"1": "?", "2": "?"' in text
    (file.parent / "map.yaml").write_text(text)
    with pytest.raises(InputError, match=r"'\?' is none of female, male"):
        read_mapped(file.parent / "map.yaml")


def test_an_ambiguous_date_leaves_the_choice_open(file):
    file.write_text(
        REGISTRY.replace("2020-01-01", "03/04/2020").replace("2020-02-01", "05/06/2020")
    )
    text = draft_mapping([file])
    assert "choose one: values fit dd/mm/yyyy and mm/dd/yyyy" in text


def test_every_draft_is_a_mapping_file(file):
    validated(MappingFile, parse_yaml(draft_mapping([file]), "draft"))


@pytest.mark.parametrize(
    ("header", "guess"),
    [
        ("PatientID", Guess("patients", "patient_id")),
        ("Größe_cm", Guess("lesions", "diameter_mm", "cm")),
        ("sexe", Guess("patients", "sex")),
        ("Verstorben", Guess("followup", "dead")),
        ("CEA_ng_ml", Guess("patients", "cea_ug_l", "ng/ml")),
        ("fecha_inicio", Guess("treatments", "start_months")),
        ("shoe_size_of_aunt", Guess("lesions", "diameter_mm")),
        ("haemoglobin", None),
        ("censored", None),  # 1 would mean alive, the opposite of dead
    ],
)
def test_headers_in_several_spellings(header, guess):
    assert guess_of(header) == guess


def test_a_table_without_patients_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("colour,smell\nred,rose\n")
    with pytest.raises(InputError, match="no column looks like a patient's identifier"):
        draft_mapping([tmp_path / "a.csv"])


def test_hostile_headers_make_a_draft_that_is_yaml(tmp_path):
    (tmp_path / "a.csv").write_text('patient_id,"a: ""b"" # [c]",age\n1,"x\ny: [",60\n')
    text = draft_mapping([tmp_path / "a.csv"])
    validated(MappingFile, parse_yaml(text, "draft"))


def test_the_events_of_a_redcap_export_are_shown(file):
    header, *rows = REGISTRY.splitlines()
    event = [f"{header},redcap_event_name", *(f"{row},baseline_arm_1" for row in rows)]
    file.write_text("\n".join(event) + "\n")
    text = draft_mapping([file])
    assert "# where: {redcap_event_name: ?}  # REDCap: 'baseline_arm_1' 3" in text
    validated(MappingFile, parse_yaml(text, "draft"))


@pytest.mark.parametrize(("second", "again"), [("A", True), ("B", False)])
def test_what_is_measured_again_and_again_is_an_assessment(tmp_path, second, again):
    file = tmp_path / "scans.csv"
    file.write_text(f"id,response,who\nA,SD,0\n{second},PD,1\n", encoding="utf-8")
    patients, assessments = draft_mapping([file]).split("  assessments:")
    assert ("who_ps:" in patients, "who_ps:" in assessments) == (not again, again)
