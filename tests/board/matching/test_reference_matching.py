"""ORCHESTRA's criteria in both of its wordings, for the twelve cases."""

import pytest
from tests.board.known_cases import EXPECTED, criterion, known, matched, trial_of

WORDINGS = {"E4a": ("E4", 0), "E4b": ("E4", 1)}
NOT_DEFINED_BY_THE_CASES = {"E5", "E10", "R2", "X5", "X6", "X7", "X8"}


@pytest.mark.parametrize("name", EXPECTED)
def test_states_of_orchestra_come_out(name):
    match = matched(name)["orchestra"]
    found = {}
    for key in EXPECTED[name]["orchestra"]:
        own, place = WORDINGS.get(key, (key, 0))
        found[key] = criterion(match.versions[place], own).state
    assert found == EXPECTED[name]["orchestra"]
    for state in ("not met", "unknown"):
        expected = EXPECTED[name][f"orchestra_{state.replace(' ', '_')}"]
        assert [key for key, each in found.items() if each == state] == expected


@pytest.mark.parametrize("name", EXPECTED)
def test_eligibility_comes_out_in_both_wordings(name):
    match = matched(name)["orchestra"]
    assert [each.version for each in match.versions] == ["NCT01792934", "ISRCTN15067672"]
    assert match.versions[0].eligible == EXPECTED[name]["orchestra_eligible_nct"]
    assert match.versions[1].eligible == EXPECTED[name]["orchestra_eligible_isrctn"]


def test_what_a_simulation_assumes_stays_unknown():
    match = matched("BC03")["orchestra"].in_force
    doubtful = criterion(match, "X6")
    assert (doubtful.state, doubtful.assumed) == ("unknown", True)
    assert doubtful.field == "answers.orchestra/X6"
    assert match.fit == "may fit"
    assert match.summary == "May fit: 15 met, 0 not met, 5 unknown."


def test_versions_that_differ_are_said_with_what_sets_them_apart():
    match = matched("BC10")["orchestra"]
    assert match.differing == (
        "E4, versions differ: met as registered under NCT01792934 (more than 1 metastasis outside "
        "the liver), not met as registered under ISRCTN15067672 (more than 3 metastases outside "
        "the liver).",
    )
    assert [each.fit for each in match.versions] == ["may fit", "does not fit"]


def test_answers_by_hand_fill_what_no_column_tells():
    answers = {f"orchestra/{each}": True for each in ("E10", "X5", "X6", "X7", "X8")}
    case = known("BC03").with_answers(answers)
    fitting = trial_of(case).in_force
    assert (fitting.fit, fitting.eligible) == ("fits", "met")
    assert "the trial team decides" in fitting.summary
    assert criterion(fitting, "X6").answered_by_hand
    refused = trial_of(case.with_answers({"orchestra/X6": False})).in_force
    assert (refused.fit, refused.deciding.id) == ("does not fit", "X6")


def test_an_answer_by_hand_never_overrules_a_column():
    case = known("BC08").with_answers({"orchestra/E7": True})
    found = criterion(trial_of(case).in_force, "E7")
    assert (found.state, found.answered_by_hand) == ("not met", False)
    assert "the columns count" in found.remedy


def test_every_packaged_protocol_is_matched_and_has_a_source_for_each_criterion():
    matches = matched("BC06")
    assert len(matches) >= 23
    for match in matches.values():
        assert all(each.source for each in match.in_force.criteria), match.trial.name
        counts = [match.in_force.count(state) for state in ("met", "not met", "unknown")]
        assert sum(counts) == len(match.in_force.criteria)
