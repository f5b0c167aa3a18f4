"""Files of a patient: what is taken, left out and refused, and that it is all or nothing."""

import io
import json
import zipfile

import pytest
from tests.board.shown_cases import multi_organ

from debulk.board.imports.dropping import identifying_column
from debulk.board.imports.preview import preview_import
from debulk.core.errors import InputError
from debulk.patients import TABLES


def zipped(**files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for table, text in files.items():
            archive.writestr(f"{table}.csv", text)
    return packed.getvalue()


PATIENTS = (
    "patient_id,age_years,surname,birth_date,diagnosis_date,centre\n"
    "1234567,60,Jansen,1960-02-03,2020-01-15,Utrecht\n"
)
LESIONS = "patient_id,lesion_id,organ,detected_date,diameter_mm\n1234567,L1,liver,2020-03-15,22\n"


def test_a_case_that_the_program_wrote_comes_back_under_another_name():
    case = multi_organ()
    found = preview_import("case.json", json.dumps(case.to_dict()).encode())
    assert found.kind == "case"
    assert found.refused == ()
    back = found.cases[0]
    assert back.case_id == "import-1"
    assert back.board_months == case.board_months
    assert back.cohort.lesions.drop("patient_id").equals(case.cohort.lesions.drop("patient_id"))
    assert back.patient["patient_id"] == "import-1"


def test_a_table_without_rows_says_that_there_are_none():
    found = preview_import(
        "x.zip", zipped(patients=PATIENTS, lesions=LESIONS, treatments="patient_id,kind\n")
    )
    assert (len(found.cases), found.refused, found.taken["lesions"]) == (1, (), 1)
    with pytest.raises(InputError, match="with a row"):
        preview_import("x.zip", zipped(treatments="patient_id,kind\n"))
    with pytest.raises(InputError, match="has no rows"):
        preview_import("treatments.csv", b"patient_id,kind\n")


def test_identifying_fields_are_dropped_counted_and_in_no_output():
    found = preview_import("Jansen.zip", zipped(patients=PATIENTS, lesions=LESIONS))
    dropped = {each.reason: each.count for each in found.dropped}
    assert dropped == {"surname": 1, "patients.birth_date": 1, "centre": 1}
    told = json.dumps(found.to_dict())
    for word in ("Jansen", "1234567", "1960", "2020", "Utrecht"):
        assert word not in told


def test_handworked_dates_become_months_since_the_diagnosis():
    found = preview_import("x.zip", zipped(patients=PATIENTS, lesions=LESIONS))
    # 15 January to 15 March 2020 are 60 days of 30.4375 a month.
    assert found.cases[0].cohort.lesions["detected_months"].item() == round(60 / 30.4375, 2)
    assert found.cases[0].board_months == round(60 / 30.4375, 2)
    assert any("is offered" in each for each in found.remarks)


def test_a_date_before_the_diagnosis_or_without_one_is_refused():
    early = LESIONS.replace("2020-03-15", "2019-03-15")
    found = preview_import("x.zip", zipped(patients=PATIENTS, lesions=early))
    assert found.cases == ()
    assert "months before the diagnosis" in found.refused[0].found
    bare = "patient_id,age_years\n1234567,60\n"
    found = preview_import("x.zip", zipped(patients=bare, lesions=LESIONS))
    assert "without the date of the diagnosis" in found.refused[0].found


def test_one_bad_row_refuses_the_file_with_its_place():
    bad = LESIONS + "1234567,L2,hepar,2020-03-15,22\n"
    found = preview_import("x.zip", zipped(patients=PATIENTS, lesions=bad))
    assert found.cases == ()
    assert found.to_dict()["taken"] == []
    assert found.refused[0].where == "lesions.csv, line 3, column organ"
    assert "hepar" in found.refused[0].found


def test_several_patients_are_one_case_each():
    rows = "patient_id,lesion_id,organ,diameter_mm\nA,L1,liver,20\nB,L1,lung,11\nB,L2,lung,9\n"
    found = preview_import("lesions.csv", rows.encode())
    assert [each.case_id for each in found.cases] == ["import-1", "import-2"]
    assert [each.cohort.lesions.height for each in found.cases] == [1, 2]
    assert found.taken == {"patients": 2, "lesions": 3}


def test_one_table_is_told_by_its_columns_and_lesions_need_no_patient():
    found = preview_import("anything.csv", b"lesion_id,organ,diameter_mm\nL1,liver,20\n")
    assert found.kind == "csv"
    assert found.cases[0].cohort.lesions["organ"].to_list() == ["liver"]


def test_follow_up_and_unknown_columns_are_left_out_and_counted():
    followup = "patient_id,last_months,dead\n1234567,3,false\n"
    patients = PATIENTS.replace(",centre", ",shoe_size").replace("Utrecht", "43")
    found = preview_import("x.zip", zipped(patients=patients, lesions=LESIONS, followup=followup))
    ignored = {each.reason: each.count for each in found.ignored}
    assert ignored["column shoe_size of patients: no meaning here"] == 1
    assert any(each.startswith("follow-up") for each in ignored)


def test_a_misspelt_column_is_refused_and_not_left_out():
    patients = PATIENTS.replace("age_years", "age_year")
    found = preview_import("x.zip", zipped(patients=patients))
    assert "misspelt" in found.refused[0].found


def test_the_very_old_are_kept_as_90():
    found = preview_import("x.zip", zipped(patients=PATIENTS.replace(",60,", ",97,")))
    assert found.cases[0].patient["age_years"] == 90.0


def test_a_column_that_a_score_needs_is_kept():
    found = preview_import("patients.csv", b"patient_id,age_years,kras\n1,60,mutated\n")
    assert found.cases[0].patient["kras"] == "mutated"


def test_free_text_that_could_identify_someone_is_warned_of():
    case = multi_organ().to_dict()
    case["question"] = "Ask Dr. de Vries"
    case["tables"]["lesions"][0]["site"] = "seen 12-03-2024"
    found = preview_import("case.json", json.dumps(case).encode())
    assert len(found.warnings) == 2


def test_a_bundle_is_read_without_what_tells_who_it_is():
    patient = {
        "resourceType": "Patient",
        "id": "hospital-77",
        "name": [{"family": "Jansen"}],
        "birthDate": "1960-02-03",
        "telecom": [{"value": "0612345678"}],
        "gender": "male",
    }
    primary = {
        "resourceType": "Condition",
        "subject": {"reference": "Patient/hospital-77"},
        "onsetDateTime": "2020-01-15",
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "C18.7"}]},
    }
    entries = [{"resource": patient}, {"resource": primary}]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    found = preview_import("bundle.json", json.dumps(bundle).encode())
    assert found.kind == "mcode"
    assert len(found.cases) == 1
    assert {each.reason for each in found.dropped} == {"name", "birthDate", "telecom"}
    told = json.dumps(found.to_dict())
    for word in ("Jansen", "hospital-77", "0612345678", "1960"):
        assert word not in told


def test_a_bundle_of_two_patients_is_two_cases():
    entries = [
        {"resource": {"resourceType": "Patient", "id": name, "gender": "female"}}
        for name in ("one", "two")
    ]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    found = preview_import("bundle.json", json.dumps(bundle).encode())
    assert [each.case_id for each in found.cases] == ["import-1", "import-2"]
    assert {each.patient["sex"] for each in found.cases} == {"female"}


def test_lines_of_lesions_are_a_case_or_say_what_is_not_understood():
    found = preview_import("lesions.txt", b"liver right S6 28\nlung RLL 11 x3\n")
    assert found.kind == "lines"
    assert found.taken["lesions"] == 4
    found = preview_import("lesions.txt", b"liver right S6 28, vessel\n")
    assert (found.kind, found.taken["lesions"]) == ("lines", 1)
    found = preview_import("lesions.txt", b"liver right S6 28\nlng RLL 11\n")
    assert found.cases == ()
    assert found.refused[0].where == "line 2"


def test_a_record_of_clinicaltrials_gov_is_only_recognised():
    found = preview_import("trial.json", b'{"protocolSection": {}}')
    assert (found.kind, found.cases) == ("registry_trial", ())


def test_only_centre_of_the_columns_with_a_meaning_identifies():
    caught = {
        f"{table}.{column}"
        for table, columns in TABLES.items()
        for column in columns
        if identifying_column(table, column)
    }
    assert caught == {"patients.centre"}


@pytest.mark.parametrize("column", ["Name", "firstName", "DOB", "home_address", "E-mail", "MRN"])
def test_identifying_columns_however_they_are_written(column):
    assert identifying_column("patients", column)


@pytest.mark.parametrize(
    ("organ", "site", "kept"),
    [
        ("lymph_node", "left para-aortic", "para_aortic"),
        ("lymph_node", "aortocaval", "para_aortic"),
        ("liver", "S7", "right S7"),
        ("lung", "RLL", "right lower lobe"),
        ("lymph_node", "somewhere", "somewhere"),
        ("liver", "the dome", "the dome"),
    ],
)
def test_handworked_a_site_is_kept_in_one_spelling_and_unknown_words_are_told(organ, site, kept):
    content = f"lesion_id,organ,site\nL1,{organ},{site}\n".encode()
    found = preview_import("lesions.csv", content)
    assert found.cases[0].cohort.lesions["site"].to_list() == [kept]
    assert any("counts as unknown" in each for each in found.remarks) == (kept == site)


def test_a_segment_of_the_other_lobe_refuses_the_file_with_its_line():
    content = b"lesion_id,organ,site\nL1,liver,right S7\nL2,liver,left S7\n"
    (refused,) = preview_import("lesions.csv", content).refused
    assert refused.where == "lesions.csv, line 3, column site"
    assert refused.found == "S7 lies in the right lobe, not in the left one"


def test_more_patients_or_rows_than_a_form_shows_are_refused():
    rows = "patient_id,lesion_id,organ\n" + "".join(f"1,L{n},liver\n" for n in range(501))
    (refused,) = preview_import("lesions.csv", rows.encode()).refused
    assert (refused.found, refused.where) == ("501 rows of one patient", "table lesions")
    many = "patient_id,age_years\n" + "".join(f"{n},60\n" for n in range(201))
    (refused,) = preview_import("patients.csv", many.encode()).refused
    assert refused.found == "201 patients"


def test_a_long_question_is_refused_and_not_cut():
    case = multi_organ().to_dict() | {"question": "x" * 301}
    with pytest.raises(InputError, match="'question' has 301 characters"):
        preview_import("case.json", json.dumps(case).encode())
    with pytest.raises(InputError, match="'title' is no text"):
        preview_import("case.json", json.dumps(case | {"question": "", "title": ["a"]}).encode())
