"""The one policy of all readers: what is refused, what is decided and counted."""

import polars as pl
import pytest

from debulk.core.errors import InputError
from debulk.patients.readers.notes import Notes
from debulk.patients.readers.plausibility import cohort_of


def cohort(**tables):
    notes = Notes()
    given = {"patients": [{"patient_id": "a"}], **tables}
    frames = {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in given.items()}
    return cohort_of(frames, notes, source="test", time_zero="diagnosis")


def counts(found):
    return {each.reason: each.count for each in found.record.exclusions}


def dead_at(months, **more):
    return [{"patient_id": "a", "last_months": months, "dead": True, **more}]


def line(start, end=None, kind="systemic", name="folfox"):
    return {"patient_id": "a", "kind": kind, "name": name, "start_months": start, "end_months": end}


def test_treatment_after_death_is_left_out_and_counted():
    found = cohort(followup=dead_at(10.0), treatments=[line(2.0, 4.0), line(11.0, 12.0)])
    assert found.treatments["start_months"].to_list() == [2.0]
    assert counts(found) == {"treatments that start after the patient's death": 1.0}


def test_treatment_that_would_outlast_death_ends_there():
    found = cohort(followup=dead_at(10.0), treatments=[line(8.0, 12.0)])
    assert found.treatments["end_months"].to_list() == [10.0]
    assert "treatments that would end after death end there: 1" in found.record.decisions


def test_overlapping_lines_end_where_the_next_starts():
    found = cohort(
        followup=dead_at(30.0),
        treatments=[line(1.0, 9.0), line(6.0, 12.0, name="folfiri"), line(7.0, 8.0, kind="local")],
    )
    ends = dict(found.treatments.select("start_months", "end_months").rows())
    assert ends == {1.0: 6.0, 6.0: 12.0, 7.0: 8.0}
    assert "systemic lines that overlap the next one end where it starts: 1" in (
        found.record.decisions
    )


def test_drugs_of_one_start_are_no_overlap():
    found = cohort(
        followup=dead_at(30.0), treatments=[line(1.0, 9.0), line(1.0, 5.0, name="bevacizumab")]
    )
    assert sorted(found.treatments["end_months"]) == [5.0, 9.0]


def test_drugs_of_one_line_number_are_no_overlap():
    drugs = [line(1.0, 9.0), line(2.0, 5.0, name="bevacizumab"), line(8.0, 12.0, name="folfiri")]
    numbered = [{**row, "line": number} for row, number in zip(drugs, (1, 1, 2), strict=True)]
    found = cohort(followup=dead_at(30.0), treatments=numbered)
    assert found.treatments.sort("start_months")["end_months"].to_list() == [8.0, 5.0, 12.0]


def test_a_treatment_that_ends_before_it_starts_is_refused():
    with pytest.raises(InputError, match="'folfox' ends before it starts"):
        cohort(followup=dead_at(30.0), treatments=[line(5.0, 4.0)])


def test_follow_up_that_ends_before_time_zero_excludes_the_patient():
    found = cohort(
        patients=[{"patient_id": "a"}, {"patient_id": "b"}],
        followup=[
            {"patient_id": "a", "last_months": -1.0, "dead": False},
            {"patient_id": "b", "last_months": 1.0, "dead": False},
        ],
        treatments=[line(-3.0, -2.0)],
    )
    assert found.patients["patient_id"].to_list() == ["b"]
    assert counts(found)["patients whose follow-up ends before time zero"] == 1.0


def test_nobody_left_is_a_refusal():
    with pytest.raises(InputError, match="no patient is left"):
        cohort(followup=[{"patient_id": "a", "last_months": -1.0, "dead": False}])


def test_who_was_seen_after_the_last_contact_was_alive_then():
    found = cohort(
        followup=[{"patient_id": "a", "last_months": 5.0, "dead": False}],
        assessments=[{"patient_id": "a", "time_months": 7.0, "response": "PD"}],
    )
    assert found.followup["last_months"].to_list() == [7.0]


def test_progression_after_death_is_unknown():
    found = cohort(followup=dead_at(5.0, progression_months=6.0))
    assert found.followup["progression_months"].to_list() == [None]
    assert "progression after death is unknown: 1" in found.record.decisions


def test_what_was_seen_shortly_before_time_zero_is_the_baseline():
    seen = [
        {"patient_id": "a", "time_months": -5.0, "sum_diameters_mm": 90.0},
        {"patient_id": "a", "time_months": -1.0, "sum_diameters_mm": 50.0, "response": "PD"},
        {"patient_id": "a", "time_months": -0.5, "cea_ug_l": 8.0},
        {"patient_id": "a", "time_months": 3.0, "sum_diameters_mm": 40.0, "response": "PR"},
    ]
    found = cohort(followup=dead_at(30.0), assessments=seen)
    told = ("time_months", "sum_diameters_mm", "cea_ug_l", "response")
    assert found.assessments.select(told).rows() == [
        (0.0, 50.0, 8.0, None),
        (3.0, 40.0, None, "PR"),
    ]
    assert counts(found) == {"assessments before time zero": 1.0}
    decision = "assessments of the last 2 months before time zero count as one there: 2"
    assert decision in found.record.decisions


def test_treatment_before_time_zero_is_left_out_or_starts_there():
    found = cohort(followup=dead_at(30.0), treatments=[line(-6.0, -3.0), line(-1.0, 2.0)])
    assert found.treatments.select("start_months", "end_months").rows() == [(0.0, 2.0)]
    assert counts(found) == {"treatments over before time zero": 1.0}


def test_the_same_patient_twice_word_for_word_is_one_and_otherwise_refused():
    same = cohort(patients=[{"patient_id": "a", "age_years": 60.0}] * 2)
    assert len(same) == 1
    assert counts(same) == {"patients: rows that come twice, word for word": 1.0}
    with pytest.raises(InputError, match="'a' comes twice with different values"):
        cohort(patients=[{"patient_id": "a", "age_years": age} for age in (60.0, 61.0)])


def test_much_that_is_missing_is_told():
    patients = [{"patient_id": str(i), "age_years": 60.0 if i < 6 else None} for i in range(10)]
    assert "patients: age_years of 4 in 10 rows (40 %)" in cohort(
        patients=patients
    ).record.not_known  # fmt: skip


def test_a_lesion_of_900_cm_is_refused():
    lesion = {"patient_id": "a", "lesion_id": "1", "organ": "liver", "diameter_mm": 9000.0}
    with pytest.raises(InputError, match=r"found '9000\.0'"):
        cohort(lesions=[lesion])
