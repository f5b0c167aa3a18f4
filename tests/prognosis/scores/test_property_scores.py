"""What holds of every score, whoever the patients are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.prognosis.scores.cases import PLAIN, cohort_of

from debulk.prognosis.scores.library import packaged_scores
from debulk.prognosis.scores.scoring import score

# Floats that are summed in one order: a measurement may differ by rounding alone.
ROUNDING = 1e-9

WORSE = {
    "age_years": 5.0,
    "n_positive": 1,
    "cea_ug_l": 60.0,
    "crp_mg_l": 6.0,
    "neutrophil_lymphocyte_ratio": 2.0,
    "ca199_u_ml": 40.0,
    "size_mm": 25.0,
    "lesions": 2,
    "found_months": -9.0,
}

PATIENT = st.fixed_dictionaries(
    {
        "age_years": st.floats(40, 80),
        "t_stage": st.integers(1, 4),
        "n_positive": st.integers(0, 3),
        "synchronous": st.booleans(),
        "cea_ug_l": st.floats(0, 300),
        "ras": st.sampled_from(["wild_type", "mutated"]),
        "differentiation": st.sampled_from(["well", "moderate", "poor"]),
        "margin_positive": st.booleans(),
        "crp_mg_l": st.floats(0, 30),
        "neutrophil_lymphocyte_ratio": st.floats(0, 10),
        "ca199_u_ml": st.floats(0, 200),
        "progressed_on_first_line": st.booleans(),
        "lesions": st.integers(1, 9),
        "size_mm": st.floats(5, 120),
        "outside": st.booleans(),
        "found_months": st.floats(10, 31),
    }
)


def agreeing(patient):
    """Synchronous metastases were there at the diagnosis; a contradiction brackets nothing."""
    return {**patient, "found_months": 0.0} if patient["synchronous"] else patient


KNOWN = [name for name in PLAIN if name != "lesion_list_complete"]


@pytest.mark.parametrize("name", packaged_scores())
@given(patients=st.lists(PATIENT, min_size=1, max_size=6), worse=st.sampled_from(sorted(WORSE)))
@settings(max_examples=8)
def test_points_never_fall_as_a_patient_gets_worse(name, patients, worse):
    before = score(name, cohort_of(*patients))["points"]
    changed = [{**each, worse: each[worse] + WORSE[worse]} for each in patients]
    after = score(name, cohort_of(*changed))["points"]
    assert (after - before).min() >= -ROUNDING


@pytest.mark.parametrize("name", packaged_scores())
@given(
    patient=PATIENT.map(agreeing), hidden=st.lists(st.sampled_from(KNOWN), unique=True, max_size=4)
)
@settings(max_examples=8)
def test_what_is_possible_brackets_what_is_true(name, patient, hidden):
    full = score(name, cohort_of(patient)).row(0, named=True)
    partly = score(name, cohort_of({**patient, **dict.fromkeys(hidden)}, patient))
    seen = partly.row(0, named=True)
    assert seen["lowest"] <= full["points"] <= seen["highest"]
    assert seen["points"] in (None, full["points"])
    assert seen["group"] in (None, full["group"])
    assert {*seen["known_items"]} | {*seen["missing_items"]} == {*full["known_items"]}
