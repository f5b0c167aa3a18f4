"""A patient written as FHIR R4, in bundles of several shapes, whose cohort is known."""

import contextlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.core.errors import InputError
from debulk.core.units import DAYS_PER_MONTH
from debulk.patients.readers.mcode import read_mcode

SCT, LOINC = "http://snomed.info/sct", "http://loinc.org"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-"


def concept(code, display="", system=SCT):
    return {"coding": [{"system": system, "code": code, "display": display}]}


def observation(name, code, **more):
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": concept(code, system=LOINC),
        **more,
    }


RESOURCES = [
    {
        "resourceType": "Patient",
        "id": "p1",
        "gender": "female",
        "birthDate": "1960-01-01",
        "deceasedDateTime": "2022-01-01",
    },
    {
        "resourceType": "Condition",
        "id": "c1",
        "meta": {"profile": [MCODE + "primary-cancer-condition"]},
        "code": concept("C18.7", "Malignant neoplasm of sigmoid colon", ICD),
        "onsetDateTime": "2020-01-01",
    },
    {
        "resourceType": "Condition",
        "id": "c2",
        "code": concept("C78.7", "Secondary malignant neoplasm of liver", ICD),
        "recordedDate": "2020-03",
    },
    {
        "resourceType": "Condition",
        "id": "c3",
        "code": concept("C78.0", "Secondary malignant neoplasm of lung", ICD),
        "verificationStatus": concept("refuted"),
        "recordedDate": "2020-03",
    },
    observation("o1", "2039-6", effectiveDateTime="2020-02-01",
                valueQuantity={"value": 12, "unit": "ng/mL"}),
    observation("o2", "89247-1", effectiveDateTime="2020-02-01",
                valueCodeableConcept=concept("LA9623-5", system=LOINC)),
    observation("o3", "21889-1", effectiveDateTime="2020-03-15",
                focus=[{"reference": "Condition/c2"}],
                component=[{"code": concept("33728-7", system=LOINC),
                            "valueQuantity": {"value": 2.5, "unit": "cm"}}]),
    observation("o4", "97509-4", effectiveDateTime="2021-01-01",
                valueCodeableConcept=concept("271299001", "Patient's condition worsened")),
    observation("o5", "21905-5", valueCodeableConcept=concept("cT3")),
    observation("o6", "718-7", effectiveDateTime="2020-02-01",
                valueQuantity={"value": 12, "unit": "g/dL"}),
    {
        "resourceType": "Procedure",
        "id": "q1",
        "status": "completed",
        "code": concept("107963000", "Partial hepatectomy (liver resection)"),
        "performedPeriod": {"start": "2020-06-01", "end": "2020-06-01"},
        "extension": [{"url": MCODE + "procedure-intent",
                       "valueCodeableConcept": concept("373808002")}],
    },
    {
        "resourceType": "MedicationAdministration",
        "id": "m1",
        "status": "completed",
        "medicationCodeableConcept": {"text": "Oxaliplatin"},
        "effectivePeriod": {"start": "2020-04-01", "end": "2020-05-01"},
    },
    {
        "resourceType": "MedicationRequest",
        "id": "m2",
        "status": "active",
        "medicationCodeableConcept": {"text": "Irinotecan"},
        "authoredOn": "2020-09-01",
    },
    {"resourceType": "Encounter", "id": "e1"},
]  # fmt: skip


def of(patient, resources=RESOURCES):
    return [
        each if each["resourceType"] == "Patient" else {**each, "subject": {"reference": patient}}
        for each in resources
    ]


def bundle(resources, **more):
    return {"resourceType": "Bundle", "type": "collection",
            "entry": [{"resource": each, **more} for each in resources]}  # fmt: skip


def relative(folder):
    (folder / "a.json").write_text(json.dumps(bundle(of("Patient/p1"))))
    return folder / "a.json"


def by_full_url(folder):
    resources = of("urn:uuid:0b1c")
    entries = [{"resource": each} for each in resources]
    entries[0]["fullUrl"] = "urn:uuid:0b1c"
    (folder / "a.json").write_text(json.dumps({"resourceType": "Bundle", "entry": entries}))
    return folder


def nested_and_absolute(folder):
    resources = of("https://fhir.example.org/r4/Patient/p1/_history/2")
    inner = bundle(resources[3:])
    outer = bundle([*resources[:3], inner])
    (folder / "a.json").write_bytes(json.dumps(outer).encode("utf-8-sig"))
    return folder


def lines(folder):
    text = "\n".join(json.dumps(each) for each in of("Patient/p1"))
    (folder / "a.ndjson").write_text(text + "\n")
    return folder


def two_files(folder):
    resources = of("Patient/p1")
    (folder / "a.json").write_text(json.dumps(bundle(resources[:5])))
    (folder / "b.json").write_text(json.dumps(bundle([resources[0], *resources[5:]])))
    (folder / "c.json").write_text("[1, 2]")
    return folder


@pytest.mark.parametrize("shape", [relative, by_full_url, nested_and_absolute, lines, two_files])
def test_one_patient_in_every_shape(shape, tmp_path):
    found = read_mcode(shape(tmp_path))
    patient = found.patients.row(0, named=True)
    assert (patient["patient_id"], patient["sex"], patient["primary_site"]) == (
        "p1", "female", "left",
    )  # fmt: skip
    assert patient["age_years"] == pytest.approx(60.0, abs=0.01)
    assert patient["t_stage"] == 3
    assert patient["crc_confirmed"] is True
    assert found.lesions.select("lesion_id", "organ", "diameter_mm").rows() == [
        ("c2", "liver", 25.0)
    ]
    followup = found.followup.row(0, named=True)
    assert followup["dead"] is True
    assert followup["last_months"] == pytest.approx(731 / DAYS_PER_MONTH)
    assert followup["progression_months"] == pytest.approx(366 / DAYS_PER_MONTH)
    treatments = found.treatments.sort("start_months").select("kind", "name", "intent").rows()
    assert treatments == [("systemic", "oxaliplatin", None), ("local", "liver_resection", "cure")]
    by_time = found.assessments.sort("time_months")
    assert by_time["cea_ug_l"].drop_nulls().to_list() == [12.0]
    assert by_time["who_ps"].drop_nulls().to_list() == [1]
    assert by_time["response"].drop_nulls().to_list() == ["PD"]


def test_what_is_not_read_is_counted_by_type(tmp_path):
    record = read_mcode(relative(tmp_path)).record
    ignored = {each.reason: each.count for each in record.ignored}
    assert ignored == {
        "Encounter": 1.0,
        "MedicationRequest (given drugs are known)": 1.0,
        "Observation: 718-7": 1.0,
    }
    assert {each.reason: each.count for each in record.exclusions} == {
        "Condition refuted or entered in error": 1.0
    }
    assert "Condition.onset: dates known as yyyy-mm alone were put on the 15th: 1" not in (
        record.decisions
    )
    assert "lesions.detected_date: dates known as yyyy-mm alone were put on the 15th: 1" in (
        record.decisions
    )


def test_conditions_without_profile_and_icd_10_are_sorted_by_their_words(tmp_path):
    named = [
        {"resourceType": "Condition", "id": f"w{at}", "code": {"text": text},
         "onsetDateTime": "2020-01-01"}
        for at, text in enumerate(
            ["Carcinoma of ascending colon", "Metastasis to lung", "Diverticulosis of colon"]
        )
    ]  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps(bundle(of("Patient/p1", [RESOURCES[0], *named]))))
    found = read_mcode(tmp_path)
    assert found.patients["primary_site"].to_list() == ["right"]
    assert found.lesions["organ"].to_list() == ["lung"]
    assert [each.reason for each in found.record.ignored] == ["Condition: Diverticulosis of colon"]
    decision = "conditions without profile and ICD-10 were sorted by their words: 2"
    assert decision in found.record.decisions


def test_prescriptions_count_where_nothing_was_recorded_as_given(tmp_path):
    without = [each for each in RESOURCES if each["resourceType"] != "MedicationAdministration"]
    (tmp_path / "a.json").write_text(json.dumps(bundle(of("Patient/p1", without))))
    found = read_mcode(tmp_path)
    assert "irinotecan" in found.treatments["name"].to_list()
    assert any(each.startswith("MedicationRequest: drugs count") for each in found.record.decisions)


def test_a_patient_without_a_dated_cancer_is_kept_without_times(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(bundle(of("Patient/p1", RESOURCES[:1]))))
    found = read_mcode(tmp_path)
    assert len(found) == 1
    assert found.followup.height == 0
    decision = "patients without a dated primary cancer are kept, with no times: 1"
    assert decision in found.record.decisions


def test_a_quantity_in_an_unknown_unit_is_unknown_and_counted(tmp_path):
    odd = observation("o1", "2039-6", effectiveDateTime="2020-02-01",
                      valueQuantity={"value": 12, "unit": "drops"})  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps(bundle(of("Patient/p1", [*RESOURCES[:2], odd]))))
    found = read_mcode(tmp_path)
    assert found.assessments.height == 0
    assert "quantities in the unit 'drops' are unknown: 1" in found.record.decisions


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ('{"resourceType": "Bundle", "entry": [', r"line 1: is no JSON"),
        ('{"colour": "red"}', "no FHIR bundle or resource"),
        ("[1, 2]", "no FHIR bundle or resource"),
        ('{"resourceType": "Bundle", "type": "searchset", "total": 0}', "holds no Patient"),
        ("[" * 100_000, "is no JSON"),
    ],
)
def test_json_that_is_no_bundle_is_refused(tmp_path, text, told):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(InputError, match=told):
        read_mcode(tmp_path / "a.json")


def test_one_identifier_for_two_people_is_refused(tmp_path):
    other = {**RESOURCES[0], "birthDate": "1970-01-01"}
    (tmp_path / "a.json").write_text(json.dumps(bundle([RESOURCES[0], other])))
    with pytest.raises(InputError, match=r"'p1'.*comes twice"):
        read_mcode(tmp_path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=40)
@given(at=st.integers(1, len(RESOURCES) - 1), data=st.data())
def test_hostile_elements_are_ignored_or_refused_never_a_crash(at, data, tmp_path_factory):
    resource = of("Patient/p1")[at]
    key = data.draw(st.sampled_from(sorted(set(resource) - {"resourceType", "subject"})))
    resource = {**resource, key: data.draw(json_values)}
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "a.json").write_text(json.dumps(bundle([RESOURCES[0], resource])))
    with contextlib.suppress(InputError):
        assert len(read_mcode(folder)) == 1


@pytest.mark.data
@pytest.mark.skipif(not os.environ.get("DEBULK_DATA"), reason="DEBULK_DATA names no folder")
def test_the_mcode_fixtures_are_read_leniently():
    folder = Path(os.environ["DEBULK_DATA"]) / "mcode_fhir" / "extraction_framework_fixtures"
    found = read_mcode(folder)
    assert len(found) == 9
    ignored = {each.reason: each.count for each in found.record.ignored}
    assert ignored["files that are JSON but no FHIR bundle or resource"] == 25.0
    assert ignored["Condition: its patient is not among the Patients"] == 13.0
