"""What would make a criterion met, said and really so."""

import pytest
from tests.board.known_cases import EXPECTED, criterion, known, matched, seen, trial_of, with_rows

from debulk.board import case_of_entry
from debulk.board.matching.criteria_met import hold_trials
from debulk.board.matching.otherwise import Change, variants, what_if


def panel_of(lesions, treatable):
    return [
        {"lesion_id": each, "panellist": "A", "time_months": 0.9, "treatable": place < treatable}
        for place, each in enumerate(lesions)
    ]


ROUNDING = 1e-12  # a column of many is divided in another way than a column of one
LESIONS = [*(f"L{n}" for n in range(1, 10)), "U1", "U2", "U3", "U4", "N1", "N2"]


def test_one_more_lesion_called_treatable_is_named():
    case = with_rows("BC03", "judgements", *panel_of(LESIONS, 11))
    found = criterion(trial_of(case).in_force, "E5")
    assert found.state == "not met"
    assert found.value == "treatable 11 of 15 (73 %)"
    assert found.can_change
    assert "Would be met if one more lesion were judged treatable, for instance" in found.remedy


def test_what_would_be_seen_now_stands_beside_what_was_seen_at_entry():
    found = criterion(matched("BC10")["climat"].in_force, "E4")
    assert (
        "Found lesions outside the liver 3, at entry (month 1.2); now lesions outside"
        in found.remedy
    )


def test_two_lesions_are_needed_where_one_is_not_enough():
    case = with_rows("BC03", "judgements", *panel_of(LESIONS, 10))
    found = criterion(trial_of(case).in_force, "E5")
    assert "Would be met if 2 more lesions were judged treatable" in found.remedy


def test_fitness_may_change_and_says_to_judge_again():
    found = criterion(matched("BC08")["orchestra"].in_force, "E7")
    assert (found.can_change, found.field) == (True, "patients.who_ps")
    assert found.remedy == (
        "Not met: WHO performance status 0 or 1. Found WHO performance status 3, now. Nothing in "
        "the form changes this; it would be met if the WHO performance status were 1. Judge again "
        "when that is so."
    )


@pytest.mark.parametrize(
    ("name", "trial", "which"),
    [("BC07", "orchestra", "R1"), ("BC09", "orchestra", "E4"), ("BC08", "climat", "E5")],
)
def test_facts_of_the_past_cannot_change(name, trial, which):
    found = criterion(matched(name)[trial].in_force, which)
    assert found.state == "not met"
    assert not found.can_change
    assert found.remedy.startswith("Not met, cannot change: ")


def test_an_unknown_criterion_leads_to_its_field():
    found = matched("BC11")["orchestra"].in_force
    assert criterion(found, "E7").field == "patients.who_ps"
    assert criterion(found, "E5").field == "lesions.L4.diameter_mm"
    assert criterion(found, "E4").field == "lesions.L1.site"
    assert criterion(found, "E2").field == "treatments.line"


@pytest.mark.parametrize("name", EXPECTED)
def test_a_remedy_stands_only_where_a_criterion_is_not_met_or_unknown(name):
    for found in matched(name).values():
        for each in found.in_force.criteria:
            assert bool(each.remedy) == (each.state != "met")
            assert each.field is None or each.can_change


def test_a_variant_is_the_case_really_changed():
    case = known("BC08")
    apart = Change("patients.who_ps", "course", "", patient={"who_ps": 1})
    without = Change("lesions", "count", "", dropped=("U1",))
    view = what_if(case, (apart, without))
    changed = known("BC08", who_ps=1)
    entry = known("BC08").to_dict()
    entry["tables"]["lesions"] = [
        row for row in entry["tables"]["lesions"] if row["lesion_id"] != "U1"
    ]
    fewer = case_of_entry(entry)
    for moment, table in view.features.items():
        for row, one in ((0, case), (1, changed), (2, fewer)):
            alone = one.cohort.features(moment=moment).drop("patient_id").row(0)
            for found, expected in zip(table.drop("patient_id").row(row), alone, strict=True):
                if isinstance(expected, float):
                    assert found == pytest.approx(expected, rel=ROUNDING)
                else:
                    assert found == expected


def test_variants_leave_the_case_as_it_is():
    case = known("BC03")
    before = case.to_dict()
    assert len(variants(case, seen(case).changes)) == len(seen(case).changes) + 1
    assert case.to_dict() == before


def test_the_fit_under_a_change_is_that_of_the_changed_case():
    view = seen(known("BC08"))
    place = next(
        i
        for i, each in enumerate(view.changes)
        if each.place == "patients.who_ps" and each.patient["who_ps"] == 1
    )
    trials = [each.trial for each in matched("BC08").values()]
    changed = known("BC08", who_ps=1)
    after = hold_trials(changed, trials, seen(changed))
    for was, now in zip(matched("BC08").values(), after, strict=True):
        assert was.in_force.fits_if[place] == now.in_force.fit, was.trial.name
