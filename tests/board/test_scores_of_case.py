"""Published scores of one patient: points, what is missing, accuracy, and what they do not say."""

import json
import os
from pathlib import Path

import polars as pl
import pytest
from tests.board.shown_cases import lesion, liver_only, shown_case

from debulk.board.example_cases import example_cases
from debulk.board.scores_of_case import scores_for, scores_not_shipped
from debulk.prognosis import packaged_scores, wanted_scores
from debulk.prognosis.scores.scoring import scored
from debulk.survival import concordance

# The accuracy is kept to three decimals.
THIRD_DECIMAL = 5e-4


def score(case, name):
    return next(each for each in scores_for(case) if each.score == name)


def test_every_score_that_ships_is_there_and_every_wanted_one_says_why_not():
    assert [each.score for each in scores_for(liver_only())] == packaged_scores()
    wanted = scores_not_shipped()
    assert len(wanted) == len(wanted_scores())
    assert all("not shipped" in each.text for each in wanted)


def test_handworked_fong_with_its_accuracy_elsewhere():
    # Nodes, synchronous, two lesions, CEA 250: 4 points; the largest of 28 mm gives none.
    found = score(liver_only(), "fong")
    assert (found.state, found.value, found.most, found.group) == ("computed", 4.0, 5.0, "high")
    assert found.text.startswith("Clinical risk score (Fong): 4 of 5 points, group high.")
    assert "168 patients outside its own series" in found.text
    assert "60.5 of 100 (55.2 to 65.8; a coin: 50)" in found.text
    assert "It says nothing on whether local treatment helps." in found.text
    assert found.validated is not None
    assert found.validated.n == 168


def test_an_unknown_item_leaves_the_score_out_and_names_the_field():
    found = score(liver_only(n_positive=None, cea_ug_l=None), "fong")
    assert (found.state, found.value) == ("not computed", None)
    assert found.missing == ("n_positive", "cea_ug_l")
    assert (found.lowest, found.highest) == (2.0, 4.0)
    assert "Needed: number of positive nodes, CEA" in found.why_not


def test_an_unknown_item_that_cannot_change_the_group_leaves_the_group():
    four = [lesion(f"L{n}", "liver", 20.0) for n in range(4)]
    found = score(shown_case(*four, cea_ug_l=None), "konopke")
    assert (found.state, found.value, found.group) == ("computed", None, "high")
    assert "between 2 and 3 of 3 points" in found.text


def test_an_item_known_only_after_the_operation_is_named_so():
    found = score(liver_only(), "rees_postoperative")
    assert found.state == "not computed"
    assert "known only after the operation" in found.why_not


def test_without_a_validation_that_is_said_and_a_separation_is_no_concordance():
    assert score(liver_only(), "konopke").validated is None
    assert "No validation outside its own series is known" in score(liver_only(), "konopke").text
    game = score(liver_only(), "game")
    assert game.validated is None
    assert "68.1 months in the group low" in game.text
    assert "no interval was printed" in game.text


def test_no_score_recommends_and_all_are_plain():
    told = [each.to_dict() for each in scores_for(liver_only())]
    json.dumps(told, allow_nan=False)
    for each in told:
        for word in ("should", "recommend", "significant"):
            assert word not in each["text"]


@pytest.mark.data
@pytest.mark.skipif(
    not os.environ.get("DEBULK_DATA"), reason="DEBULK_DATA names no folder of patients' tables"
)
def test_the_accuracy_shown_is_that_of_the_released_patients():
    folder = Path(os.environ["DEBULK_DATA"])
    rows = pl.read_csv(folder / "tcia_crlm" / "tcia_crlm_v2_april2023.csv").drop_nulls(
        "clinrisk_score"
    )
    time, dead = rows["overall_survival_months"], rows["vital_status"] == 1
    found = concordance(time, dead, rows["clinrisk_score"])
    shown = score(liver_only(), "fong").validated
    assert shown is not None
    assert (shown.concordance, shown.lower, shown.upper) == pytest.approx(
        (found.estimate, found.lower, found.upper), abs=THIRD_DECIMAL
    )
    assert (shown.n, shown.deaths) == (found.n, found.events)


@pytest.mark.parametrize("case", example_cases(), ids=lambda case: str(case.case_id))
def test_a_score_of_a_case_is_the_score_of_its_cohort(case):
    for found in scores_for(case):
        row = scored(found.score, case.cohort).frame.row(0, named=True)
        told = (found.value, found.lowest, found.highest, found.group)
        assert told == (row["points"], row["lowest"], row["highest"], row["group"])
