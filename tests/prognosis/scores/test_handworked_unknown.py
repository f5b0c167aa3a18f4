"""What a score does where something is unknown, and when a patient is judged."""

from dataclasses import replace

import pytest
from tests.prognosis.scores.cases import cohort_of

from debulk.core import InputError
from debulk.patients import ReadingRecord
from debulk.prognosis.scores.scoring import score, scored


def one(name, changes, **options):
    return score(name, cohort_of({}, changes), **options).row(1, named=True)


def test_an_unknown_item_leaves_no_points_but_their_bounds():
    found = one("fong", {"cea_ug_l": None, "n_positive": 2, "lesions": 2})
    assert (found["points"], found["lowest"], found["highest"]) == (None, 2, 3)
    assert found["group"] is None
    assert found["missing_items"] == ["cea"]
    assert found["known_items"] == ["node_positive", "disease_free_interval", "number", "size"]


def test_the_group_is_known_where_all_possible_points_fall_into_it():
    assert one("fong", {"cea_ug_l": None, "n_positive": 2})["group"] == "low"


@pytest.mark.parametrize(
    ("missing", "points"),
    # Known: nodes 3. At least two metastases: 4, or 9 from five; size 0 or 2; outside 0 or 4.
    [("zero", 3), ("lowest", 3 + 4), ("highest", 3 + 9 + 2 + 4)],
)
def test_a_chosen_rule_gives_points_and_says_so(missing, points):
    partial = {"lesions": 2, "lesion_list_complete": False, "n_positive": 1, "size_mm": None}
    found = scored("beppu", cohort_of({}, partial), missing=missing)
    assert found.frame["points"].to_list() == [0, points]
    assert any(repr(missing) in each and "1 of 2" in each for each in found.remarks())


def test_one_raised_test_settles_inflammation_and_one_normal_does_not():
    assert one("malik", {"crp_mg_l": 11.0, "neutrophil_lymphocyte_ratio": None})["points"] == 1
    assert one("malik", {"crp_mg_l": 9.0, "neutrophil_lymphocyte_ratio": None})["points"] is None


def test_an_incomplete_list_settles_what_its_lesions_already_show():
    found = one("konopke", {"lesions": 4, "lesion_list_complete": False})
    assert found["points"] == 1
    assert one("konopke", {"lesions": 3, "lesion_list_complete": False})["points"] is None


def test_a_resected_patient_is_judged_before_the_resection():
    row = score("konopke", cohort_of({"lesions": 4})).row(0, named=True)
    assert (row["points"], row["judged_months"]) == (1, 31.0)
    later = score("konopke", cohort_of({"lesions": 4, "board_months": 40.0})).row(0, named=True)
    assert (later["points"], later["judged_months"]) == (0, 40.0)


def test_what_recurs_after_the_resection_does_not_count():
    cohort = cohort_of({"lesions": 3})
    lesions = cohort.lesions.to_dicts()
    lesions.append({**lesions[0], "lesion_id": "R", "detected_months": 40.0})
    tables = cohort.tables | {"lesions": lesions}
    assert score("konopke", type(cohort).from_tables(tables))["points"].to_list() == [0]


def test_removing_the_primary_is_no_local_treatment_of_metastases():
    cohort = cohort_of({"lesions": 4})
    lesions = cohort.lesions.to_dicts()
    lesions.append({**lesions[0], "lesion_id": "T", "organ": "primary", "detected_months": 0.0})
    early = {**cohort.treatments.to_dicts()[0], "lesion_ids": ["T"], "start_months": 1.0}
    tables = cohort.tables | {"lesions": lesions, "treatments": [early]}
    alone = type(cohort).from_tables(tables)
    assert score("konopke", alone)["judged_months"].to_list() == [None]
    assert scored("konopke", alone).outside == 0
    assert scored("konopke", alone).outside_unknown == 1


@pytest.mark.parametrize(
    ("changes", "known"),
    [
        ({"found_months": None}, False),
        ({"found_months": None, "synchronous": True}, True),
        ({"lesion_list_complete": False}, False),
        # Not synchronous, yet found at time 0: times do not count from the primary.
        ({"found_months": 0.0}, False),
        ({"found_months": 0.0, "synchronous": None}, True),
        ({"found_months": 30.0, "synchronous": None}, True),
    ],
)
def test_the_disease_free_interval_is_known_only_where_the_tables_tell(changes, known):
    missing = one("fong", changes)["missing_items"]
    assert ("disease_free_interval" not in missing) == known


@pytest.mark.parametrize(
    ("time_zero", "known"),
    [
        ("diagnosis of the bowel cancer", True),
        ("first diagnosis of bowel cancer", True),
        ("first dated primary cancer condition", True),
        ("diagnosis of metastatic disease", False),
        ("first recurrence after the diagnosis", False),
        ("randomisation", False),
        ("start of the first line", False),
    ],
)
def test_times_that_count_from_elsewhere_tell_no_interval(time_zero, known):
    cohort = replace(cohort_of({}), record=ReadingRecord("made up", time_zero))
    missing = score("fong", cohort)["missing_items"].to_list()[0]
    assert ("disease_free_interval" not in missing) == known


def test_a_column_of_ones_own_gives_what_the_tables_do_not():
    changes = {"found_months": None, "disease_free_interval_months": 11.0}
    assert score("fong", cohort_of(changes))["points"].to_list() == [1]


def test_a_substitute_stands_in_for_a_rule_and_is_named():
    cohort = cohort_of({"found_months": None, "primary_there": True})
    assert score("fong", cohort)["points"].to_list() == [None]
    found = scored("fong", cohort, substitute={"disease_free_interval": "primary_there"})
    assert found.frame["points"].to_list() == [1]
    assert any("disease_free_interval" in each for each in found.remarks())
    assert found.provenance().to_dict()["parameters"][-1]["value"] == "primary_there"


def test_patients_outside_the_population_are_counted():
    cohort = cohort_of({}, {"lesions": 0, "outside": True})
    found = scored("fong", cohort)
    assert (found.outside, found.outside_unknown) == (1, 0)
    assert any("1 of 2 patients are outside" in each for each in found.remarks())


def test_a_cohort_without_anything_the_score_needs_is_refused():
    bare = cohort_of({}).from_tables({"patients": [{"patient_id": "a"}]})
    with pytest.raises(InputError, match=r"cea_ug_l.*lesions.*synchronous"):
        score("fong", bare)


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("fogn", {}, "Did you mean 'fong'"),
        ("iwatsuki", {}, "wanted, not packaged"),
        ("fong", {"missing": "guess"}, "guess"),
        ("fong", {"substitute": {"dfi": "synchronous"}}, "no item 'dfi'"),
        ("fong", {"substitute": {"cea": "cea_ug_l"}}, "not true or false"),
        ("fong", {"substitute": {"cea": "nothing > 1"}}, "no feature is called 'nothing'"),
        ("game", {"substitute": {"burden": "cea_ug_l > 1"}}, "several"),
        ("tumour_burden", {"missing": "zero"}, "a measurement"),
        (17, {}, "neither a name nor a path"),
    ],
)
def test_mistakes_are_told(name, options, words):
    with pytest.raises(InputError, match=words):
        score(name, cohort_of({}), **options)


def test_a_column_that_does_not_fit_names_its_value():
    with pytest.raises(InputError, match=r"column differentiation: found 'bad'.*moderate"):
        score("rees_postoperative", cohort_of({"differentiation": "bad"}))
