"""Answers that would change what the board sees."""

import pytest
from tests.board.known_cases import known, matched, seen, trial_of

from debulk.board.facts.lesion_table import lesion_table
from debulk.board.matching.missing import missing_answers, summary


def missing_of(name, **options):
    case = known(name)
    trials = list(matched(name).values())
    return missing_answers(seen(case), trials, lesion_table(case), **options)


def test_unknown_sizes_stand_together_and_lead_to_each_field():
    found = {each.field: each for each in missing_of("BC11")}
    sizes = found["lesions.diameter_mm"]
    assert sizes.fields == tuple(f"lesions.L{n}.diameter_mm" for n in (4, 5, 6))
    assert "what is treatable" in sizes.changes
    sites = found["lesions.site"]
    assert sites.fields == tuple(f"lesions.L{n}.site" for n in range(1, 7))
    assert "whether futures can be shown" in found["patients.who_ps"].changes


@pytest.mark.parametrize("name", ["BC03", "BC06", "BC11"])
def test_the_widest_come_first_and_each_would_change_something(name):
    found = missing_of(name)
    weights = [each.weight for each in found]
    assert weights == sorted(weights, reverse=True)
    assert all(each.weight and each.changes for each in found)
    assert len({each.field for each in found}) == len(found)


def test_an_answer_that_would_rule_a_trial_out_really_does():
    asked = [each for each in missing_of("BC03") if each.trials == ("orchestra",)]
    assert len(asked) == 5
    for each in asked:
        trial = each.field.removeprefix("answers.").partition("/")[0]
        answered = known("BC03").with_answers({each.field.removeprefix("answers."): False})
        assert trial_of(answered, trial).in_force.fit == "does not fit"


def test_a_question_of_a_trial_that_cannot_fit_is_not_asked():
    closed = {n for n, e in matched("BC03").items() if e.in_force.fit == "does not fit"}
    assert closed
    assert not closed & {name for each in missing_of("BC03") for name in each.trials}


def test_scores_and_vessels_are_counted():
    found = {each.field: each for each in missing_of("BC06", scores_need={"fong": ["n_positive"]})}
    assert "one score (fong)" in found["patients.n_positive"].changes


def test_the_sentence_counts_them():
    assert summary(missing_of("BC01")) == "2 answers would change what the board sees."
    assert summary(()) == "No answer to a field of the form would change what the board sees."
