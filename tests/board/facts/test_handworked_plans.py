"""Plans and the table of lesions, by hand."""

import math

import pytest
from tests.board.known_cases import SETTINGS, known, with_rows

from debulk.board import case_of_rows
from debulk.board.facts.lesion_table import lesion_table
from debulk.board.facts.local_plans import Pause, local_plans, shrinking_of

EXACT = 1e-12
PRINTED = 1e-10
"""R prints ten digits."""


def sphere_ml(diameter_mm):
    return math.pi / 6.0 * diameter_mm**3 / 1000.0


def plans_of(case):
    return {each.plan: each for each in local_plans(case, SETTINGS)}


def liver(*sizes, **patient):
    rows = [
        {
            "patient_id": "A",
            "lesion_id": f"L{place}",
            "organ": "liver",
            "diameter_mm": size,
            "near_vessel": False,
        }
        for place, size in enumerate(sizes, start=1)
    ]
    tables = {"patients": [{"patient_id": "A", "primary_in_situ": False, **patient}]}
    return case_of_rows({**tables, "lesions": rows}, case_id="A", board_months=1.0)


def test_systemic_therapy_alone_leaves_everything():
    plan = plans_of(known("BC02"))["systemic_alone"]
    assert (plan.lesions_left, plan.share_left, plan.sessions, plan.weeks) == (3, 1.0, 0, 0)
    assert plan.volume_left_ml == pytest.approx(sum(map(sphere_ml, (24, 17, 11))), rel=EXACT)
    assert plan.volume_share_left == 1.0
    assert (plan.pause_days, plan.mortality_90_days) == (Pause(0.0, 0.0), None)


def test_all_treatable_says_what_each_lesion_is_treated_with():
    plan = plans_of(known("BC02"))["all_treatable"]
    assert plan.by_lesion == {
        "L1": "liver_resection",
        "L2": "liver_resection",
        "U1": "lung_resection",
    }
    assert (plan.lesions_left, plan.sessions) == (0, 2)


def test_a_plan_that_leaves_a_lesion_is_called_after_it():
    plan = plans_of(liver(20.0, 190.0))["all_treatable"]
    assert plan.title == "All but L2"
    assert plan.share_left == 0.5
    assert plan.volume_left_ml == pytest.approx(sphere_ml(190.0), rel=EXACT)


def test_limits_come_from_printed_ones_and_their_lack_is_said():
    ablated = plans_of(liver(20.0, 190.0))["all_treatable"]
    assert ablated.by_lesion["L1"] == "mwa"
    # doi:10.1007/s00330-011-2222-3 prints 0.23 % (0 to 0.58) and 4.6 % (0.7 to 11.8).
    assert ablated.mortality_90_days.lower == pytest.approx(0.0, abs=EXACT)
    assert ablated.mortality_90_days.upper == pytest.approx(0.0058, abs=EXACT)
    assert ablated.complication.estimate == pytest.approx(0.046, abs=EXACT)
    operated = plans_of(known("BC02"))["all_treatable"]
    assert operated.mortality_90_days is None
    assert operated.without_limits == {
        "mortality_90_days": ("Resection of lung or pleura",),
        "complication": ("Liver resection", "Resection of lung or pleura"),
    }


def test_exact_limits_come_from_the_counts_of_the_evidence_row():
    # 2.8 % of 1001 resections are 28 deaths; R 4.2, binom.test(28, 1001)$conf.int, ten digits.
    found = plans_of(known("BC01"))["all_treatable"].mortality_90_days
    assert found.estimate == pytest.approx(0.028, abs=EXACT)
    assert (found.lower, found.upper) == pytest.approx((0.0186659406, 0.0401749657), abs=PRINTED)


def test_the_pause_is_the_longest_before_and_after_and_longer_with_a_complication():
    # Resections of liver 28 and 42 days, of lung 28 and 28; 28 more after a major complication.
    assert plans_of(known("BC02"))["all_treatable"].pause_days == Pause(70.0, 98.0)
    assert plans_of(liver(20.0, 190.0))["all_treatable"].pause_days == Pause(21.0, 49.0)


def test_further_response_is_that_seen_or_an_assumption_and_says_which():
    seen = known("BC10")
    # Latest over baseline 21/39, 13/25, 10/18: the median is 10/18 ... 1 - 21/39.
    assert shrinking_of(seen, SETTINGS) == (pytest.approx(1.0 - 21.0 / 39.0), True)
    assert "the change seen" in plans_of(seen)["after_response"].text
    grown = known("BC07")
    assert shrinking_of(grown, SETTINGS) == (SETTINGS.shrink_by, False)
    assert "an assumption" in plans_of(grown)["after_response"].text


def test_more_can_be_treated_once_lesions_are_smaller():
    plans = plans_of(liver(190.0))
    assert plans["all_treatable"].lesions_left == 1
    assert plans["after_response"].lesions_left == 0


@pytest.mark.parametrize(
    ("primary", "said"), [(True, "The primary is in place"), (None, "not known whether")]
)
def test_a_primary_in_place_is_spoken_of(primary, said):
    for plan in plans_of(liver(20.0, primary_in_situ=primary)).values():
        assert any(said in each for each in plan.remarks)


def test_nothing_in_sight_leaves_nothing_to_plan():
    entry = known("BC01").to_dict()["tables"]
    rows = [{**row, "disappeared": True} for row in entry["lesions"]]
    case = case_of_rows({**entry, "lesions": rows}, case_id="A", board_months=15.0)
    assert local_plans(case, SETTINGS) == ()


def test_a_lesion_says_which_modality_can_treat_it_and_why_not():
    rows = {each.lesion_id: each for each in lesion_table(known("BC09"))}
    answers = {each.modality: each for each in rows["L2"].modalities}
    assert answers["mwa"].state == "no"
    assert "34 mm is above 30 mm" in answers["mwa"].reason
    assert answers["liver_resection"].state == "yes"
    assert "reduced control" in {e.modality: e for e in rows["L1"].modalities}["mwa"].reason
    assert not any(each.modality == "lung_resection" for each in rows["L1"].modalities)


def test_a_lesion_without_size_is_unknown_not_untreatable():
    rows = {each.lesion_id: each for each in lesion_table(known("BC11"))}
    assert {each.state for each in rows["L4"].modalities} == {"unknown"}
    assert rows["L4"].planned is None


def test_without_the_remnant_resection_of_the_liver_is_unknown():
    known_share, unknown = (
        {each.modality: each.state for each in lesion_table(liver(20.0, **more))[0].modalities}
        for more in ({"liver_remnant_share": 0.6}, {})
    )
    assert (known_share["liver_resection"], unknown["liver_resection"]) == ("yes", "unknown")


def test_limits_of_number_are_said_beside_what_a_lesion_allows_by_itself():
    rows = {each.lesion_id: each for each in lesion_table(known("BC03"))}
    answer = {each.modality: each for each in rows["L9"].modalities}["ire"]
    assert answer.state == "yes"
    assert "not all at once: 9 lesions in liver" in answer.reason


def test_lesions_that_are_gone_say_so():
    rows = {each.lesion_id: each for each in lesion_table(known("BC12"))}
    assert (rows["L1"].state, rows["L1"].reason) == ("removed", "it was removed")
    assert rows["L1"].modalities == ()
    gone = {each.lesion_id: each for each in lesion_table(known("BC10"))}["L4"]
    assert (gone.state, gone.diameter_mm, gone.baseline_diameter_mm) == ("disappeared", None, 11.0)


def test_members_views_stand_beside_their_lesion():
    view = {"lesion_id": "L1", "panellist": "B", "treatable": False, "reason": "hilum"}
    rows = {each.lesion_id: each for each in lesion_table(with_rows("BC01", "judgements", view))}
    assert [(each.panellist, each.reason) for each in rows["L1"].views] == [("B", "hilum")]
    assert rows["L2"].views == ()
