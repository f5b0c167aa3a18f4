"""Which studies stand beside which patient, in which words, and what is never mixed."""

import json

import pytest
from tests.board.shown_cases import lesion, liver_only, multi_organ, shown_case

from debulk.board.alike.effects import printed_effects
from debulk.board.alike.evidence_alike import evidence_for
from debulk.board.alike.flags import bias_flags, laboratory_ranges
from debulk.board.alike.matching import compare_study
from debulk.board.alike.patient import patients_as_studied
from debulk.board.alike.populations import populations
from debulk.board.example_cases import example_cases
from debulk.evidence import citation, finding, studies, study_codes
from debulk.patients.rules import parse_rule


def names(found):
    return {each.study for each in found}


def by_name(found, study):
    return next(each for each in (*found.randomised, *found.series) if each.study == study)


def test_a_patient_with_several_organs_sees_orchestra_and_what_tells_its_patients_apart():
    found = evidence_for(multi_organ())
    shown = by_name(found, "ORCHESTRA")
    assert shown.randomised
    assert shown.n == 382
    effect = shown.effects[0]
    assert (effect.value, effect.lower, effect.upper) == (0.88, 0.70, 1.10)
    assert "0.88 (0.70 to 1.10)" in effect.text
    assert shown.why == "Shown because: several organs; first line."
    assert (
        "40 % of its patients had fewer than 5 metastases; this patient does not" in shown.differs
    )
    assert shown.role == "validation"
    assert "CLOCC" not in names(found.randomised)


def test_a_patient_with_liver_metastases_alone_sees_other_studies():
    found = evidence_for(liver_only())
    assert {"CLOCC", "COLLISION", "TransMet"} <= names(found.randomised)
    assert "ORCHESTRA" not in names(found.randomised)
    few = by_name(found, "SABR-COMET")
    assert "in the liver alone, but at most 5 lesions" in few.why
    assert any("several cancers" in each for each in few.differs)


def test_the_number_of_lesions_decides_and_fitness_only_differs():
    ten = [lesion(f"L{place}", "liver", 12.0) for place in range(10)]
    many = evidence_for(shown_case(*ten))
    assert "CLOCC" not in names(many.randomised)  # it took fewer than 10
    assert "Allard LiverMetSurvey" in names(many.series)  # it took 10 and more
    frail = evidence_for(liver_only(who_ps=3))
    assert (
        "it took patients with WHO 0 or 1; this patient does not fit"
        in by_name(frail, "TransMet").differs
    )
    unknown = evidence_for(liver_only(who_ps=None))
    assert (
        "it took patients with WHO 0 or 1; of this patient that is not known"
        in by_name(unknown, "TransMet").differs
    )


def test_resection_of_the_primary_is_shown_only_where_the_primary_is_in_place():
    assert "CAIRO4" not in names(evidence_for(multi_organ()).randomised)
    assert "CAIRO4" in names(evidence_for(multi_organ(primary_in_situ=True)).randomised)
    assert "CAIRO4" not in names(evidence_for(multi_organ(primary_in_situ=None)).randomised)


def test_a_second_line_leaves_trials_of_the_first():
    lines = tuple(
        {"kind": "systemic", "name": "capox", "line": line, "start_months": start}
        for line, start in ((1, 0.5), (2, 3.0))
    )
    found = evidence_for(shown_case(*_rows(multi_organ()), treatments=lines))
    assert "ORCHESTRA" not in names(found.randomised)
    assert "RAXO" in names(found.series)


def test_progression_on_the_first_line_opens_the_second_and_is_said_of_the_first():
    line = {"kind": "systemic", "name": "capox", "line": 1, "start_months": 0.5}
    case = shown_case(
        *_rows(multi_organ()),
        treatments=(line,),
        assessments=({"time_months": 3.0, "response": "PD"},),
    )
    shown = by_name(evidence_for(case), "ORCHESTRA")
    assert "this patient has progressed on that line" in shown.differs
    asked = "stable disease or response after induction"
    assert f"it took patients with {asked}; this patient does not fit" in shown.differs
    liver = shown_case(
        *_rows(liver_only()),
        treatments=(line,),
        assessments=({"time_months": 3.0, "response": "PD"},),
    )
    second = compare_study(studies(study="EPOCH").row(0, named=True), patients_as_studied(liver)[0])
    assert second.not_shown == ""
    assert "progression on the first line" in second.why


def _rows(case):
    rows = case.cohort.lesions.to_dicts()
    return [{k: v for k, v in row.items() if k != "patient_id" and v is not None} for row in rows]


def test_a_study_that_matches_only_as_the_patient_was_before_says_so():
    gone = [
        lesion(f"U{place}", "lung", None, baseline_diameter_mm=10.0, disappeared=True)
        for place in range(2)
    ]
    line = {"kind": "systemic", "name": "capox", "line": 1, "start_months": 0.5}
    case = shown_case(*_rows(liver_only()), *gone, treatments=(line,))
    found = evidence_for(case)
    assert "as it was before induction" in by_name(found, "ORCHESTRA").why
    assert "before induction" not in by_name(found, "CLOCC").why


def test_randomised_trials_and_series_are_never_mixed_and_every_study_is_counted_once():
    found = evidence_for(liver_only(primary_in_situ=True))
    designs = {each.design for each in found.randomised}
    assert designs <= {"randomised", "pooled randomised"}
    assert not designs & {each.design for each in found.series}
    shown = len(found.randomised) + len(found.series)
    assert shown + sum(each.count for each in found.not_shown) == studies().height
    told = found.to_dict()
    json.dumps(told, allow_nan=False)
    flags = [each["randomised"] for each in told["studies"]]
    assert flags == sorted(flags, reverse=True)


def test_no_effect_stands_without_its_interval_or_the_lack_of_one():
    for case in (liver_only(primary_in_situ=True), multi_organ()):
        found = evidence_for(case)
        for study in (*found.randomised, *found.series):
            for effect in study.effects:
                assert (" to " in effect.text) == (effect.lower is not None)
                assert ("no interval was printed" in effect.text) == (effect.lower is None)
                assert finding(effect.key).value == effect.value


def test_what_the_table_says_of_a_number_stands_beside_it():
    lung = evidence_for(shown_case(lesion("U1", "lung", 11.0), lesion("U2", "lung", 9.0)))
    effect = by_name(lung, "PulMiCC").effects[0]
    assert effect.text.endswith("0.82 (0.43 to 1.56) (from the first 65 patients)")
    assert effect.source == citation(finding(effect.key))


def test_groups_of_one_name_are_told_apart_and_p_values_left_out():
    for study in studies()["study"]:
        shown = printed_effects(study)
        groups = [each.group for each in shown]
        assert len(set(groups)) == len(groups), study
        assert not any("p<" in each.text for each in shown)
    groups = [each.group for each in printed_effects("RAXO liver substudy")]
    assert "liver-only, none" in groups
    assert "liver-ehd, none" in groups


def test_where_no_study_matches_not_enough_is_known_in_the_fixed_sentence():
    bone = evidence_for(shown_case(*[lesion(f"B{n}", "bone", 20.0) for n in range(9)]))
    assert names(bone.randomised) == set()
    assert "RAXO" in names(bone.series)  # any organs, any line
    nothing = evidence_for(shown_case())
    assert nothing.state == "not_enough_known"
    assert nothing.text.startswith("Not enough is known to show evidence for this patient.")
    assert nothing.to_dict()["studies"] == []


def test_a_flag_names_the_naive_hazard_ratio_where_the_truth_is_one():
    ranges = laboratory_ranges()
    low, high = ranges["naive"]
    assert 0.4 < low < high < 0.7  # doing nothing looks like a gain
    assert ranges["landmark"][0] > low
    codes = study_codes(study="RAXO").row(0, named=True)
    flags = {each.flag: each for each in bias_flags(codes)}
    assert set(flags) == {"immortal_time", "selection_on_response", "confounding_by_extent"}
    words = f"naive HR {low:.2f} to {high:.2f} where the truth is 1"
    assert words in flags["immortal_time"].text
    assert words in flags["selection_on_response"].text
    assert "laboratory" not in flags["confounding_by_extent"].text
    assert codes["immortal_time_reason"] in flags["immortal_time"].text


def test_a_randomised_trial_has_no_flag():
    assert bias_flags(study_codes(study="ORCHESTRA").row(0, named=True)) == ()


@pytest.mark.parametrize("study", sorted(populations()))
def test_what_is_coded_of_a_population_is_printed_in_the_tables(study):
    printed = studies(study=study)["population"].item()
    for each in populations()[study].took:
        assert each.printed in printed
        parse_rule(each.rule)
    for share in populations()[study].shares:
        found = finding(share.key)
        assert found.study == study
        assert found.unit == "%"
        parse_rule(share.rule)


@pytest.mark.parametrize("case", example_cases(), ids=lambda case: str(case.case_id))
def test_the_statement_names_the_trials_of_the_list_and_no_other(case):
    found = evidence_for(case)
    named = [each for each in found.trials if each.says != "no result"]
    assert [each.study for each in named] == [each.study for each in found.randomised]
    for told in found.trials:
        assert told.name in found.in_trials
    for told, shown in zip(named, found.randomised, strict=True):
        assert told.effect is None or told.effect in shown.effects
    others = {each["study"] for each in study_codes().iter_rows(named=True)}
    rest = found.in_trials
    for told in sorted(found.trials, key=lambda each: -len(each.name)):
        rest = rest.replace(told.name, "")
    assert not [each for each in others if each in rest]


def test_a_lone_node_a_trial_of_several_cancers_and_those_without_a_result_are_named_as_such():
    node = evidence_for(shown_case(lesion("N1", "lymph_node", 22.0), primary_in_situ=False))
    assert "one randomised trial of local treatment against none" in node.in_trials
    assert "SABR-COMET (several cancers): hazard ratio 0.57 (0.30 to 1.10)" in node.in_trials
    assert "Registered, without a result yet: " in node.in_trials
    assert "GREEN LaIT-SABR" in node.in_trials.partition("without a result yet")[2]
    liver = evidence_for(liver_only()).in_trials
    assert "TransMet (transplantation): hazard ratio 0.37" in liver
    assert "COLLISION" in liver.partition("another question")[2].partition("Registered")[0]
    assert "1.04" not in liver  # printed without limits: never a number without its interval
    assert "no metastasis is known" in evidence_for(shown_case()).in_trials
