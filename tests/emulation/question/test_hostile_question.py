"""Is every question that a registry cannot answer refused, with where, what and the remedy?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.emulation.question.registries import cohort, patient, protocol

from debulk.core.errors import InputError
from debulk.emulation.front import ask_question, emulate
from debulk.patients import Cohort
from debulk.protocols import load_protocol

BOTH = {
    "untreated": patient(last=31.0, dead=True),
    "treated": patient(last=41.0, dead=True, local=(3.0,)),
}


def refused(registry: Cohort, match: str, *criteria: str, share: float = 0.0, **choices) -> None:
    plan = {name: choices.pop(name) for name in list(choices) if name in PLAN}
    with pytest.raises(InputError, match=match):
        ask_question(
            registry,
            protocol(*criteria, share=share, **plan),
            **{"unknown": "refuse", "missing": "refuse", **choices},
        )


PLAN = ("time_zero", "covariates", "eligible_while", "event_causes", "local_rule", "outcome")


def test_no_time_zero() -> None:
    registry = cohort(a=patient(last=9.0, line=None), b=patient(last=9.0, line=None))
    refused(registry, "time zero first-line.*of 2 patients: no first palliative line.*Choose")
    refused(cohort(**BOTH), "time zero.*'stage_months' is neither", time_zero="stage_months")
    named = cohort(a=patient(last=9.0, centre="north"))
    refused(named, "column 'centre' holds String, not months", time_zero="centre")


def test_time_zero_after_treatment() -> None:
    registry = cohort(
        a=patient(last=9.0, line=4.0, local=(3.0,)), b=patient(last=9.0, line=4.0, local=(2.0,))
    )
    refused(registry, "time zero: all 2 patients with local treatment were treated before it")


def test_nobody_followed_after_time_zero() -> None:
    refused(cohort(a=patient(last=1.0, dead=True)), "nobody was followed.*dead at or before")


def test_nobody_eligible() -> None:
    registry = cohort(a=patient(last=9.0, age_years=17.0))
    refused(
        registry, r"nobody is eligible; of 1 patients: not met: age at least 18 years \(E6\)", "E6"
    )


def test_unknown_criteria_are_named_with_their_number_and_the_remedy() -> None:
    registry = cohort(
        a=patient(last=9.0), b=patient(last=9.0), known=patient(last=9.0, age_years=50.0)
    )
    refused(registry, "of 3: E6 in 2 .*unknown='assume-met' or 'exclude'", "E6")


def test_a_criterion_that_fails_elsewhere_needs_no_answer() -> None:
    registry = cohort(
        young=patient(last=9.0, age_years=17.0),
        a=patient(last=9.0, age_years=50.0, who_ps=1, local=(2.0,)),
    )
    found = ask_question(registry, protocol("E6", "E7"), unknown="refuse", missing="refuse")
    assert found.patients == 1


def test_forty_per_cent_missing_is_refused_or_said() -> None:
    known = {f"k{n}": patient(last=9.0, age_years=50.0 + n, local=(2.0,)) for n in range(36)}
    registry = cohort(**known, **{f"u{n}": patient(last=9.0) for n in range(24)})
    remedy = "missing='indicator' or 'complete-cases'"
    refused(registry, rf"age_years in 24 \(40 %\).*{remedy}", covariates=("age_years",))
    found = ask_question(registry, protocol(covariates=("age_years",)), missing="indicator")
    states = {each.check: each.state for each in found.checks}
    assert states["missing covariates"] == "fail"
    assert "age_years at time zero in 24 patients (40.0 %)" in found.not_known


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("agee_years", "no covariate 'agee_years'.*Did you mean 'age_years"),
        ("best_response", "'best_response' is read over the whole record.*induction_response"),
        ("lesions_disappeared", "read over the whole record.*without a date"),
        ("liver_ever", "column 'liver_ever' says 'ever'.*after time zero.*rename"),
        ("patient_id", "has 13 different words"),
    ],
)
def test_a_covariate_that_is_none(name: str, match: str) -> None:
    many = {f"p{n}": patient(last=9.0, liver_ever=True) for n in range(12)}
    registry = cohort(**many, t=patient(last=9.0, local=(2.0,), liver_ever=False))
    refused(registry, match, covariates=(name,))


def test_a_criterion_over_the_whole_record() -> None:
    asked = protocol("E6")
    criterion = replace(asked.criteria["E6"], rule="best_response = 'CR'")
    with pytest.raises(InputError, match="criterion E6: 'best_response' is read over the whole"):
        ask_question(cohort(**BOTH), replace(asked, criteria={"E6": criterion}))


def test_lesions_without_a_date_make_their_moment_unknown_not_silent() -> None:
    dateless = {name: {**each, "detected": None} for name, each in BOTH.items()}
    found = ask_question(cohort(**dateless), protocol("E3"))
    check = next(each for each in found.checks if each.check == "covariates from the future")
    assert check.state == "unknown"
    assert "4 of 4 metastases have no date" in check.text


def test_rules_that_are_none() -> None:
    refused(cohort(**BOTH), "local_rule.*'nam'", local_rule="nam = 'x'")
    refused(
        cohort(**{n: {**e, "columns": {"age_years": 50.0}} for n, e in BOTH.items()}),
        "eligible_while: 'who_ps' is no numeric covariate.*Use one of age_years",
        covariates=("age_years",),
        eligible_while="who_ps <= 1",
    )
    refused(cohort(**BOTH), "nobody died of 'cancer'.*None is given", event_causes=("cancer",))


def test_a_share_that_no_table_tells() -> None:
    refused(
        cohort(**BOTH), "of 1 treated patients 1 have no record of which.*share='any'", share=0.8
    )
    bare = {name: {**each, "lesions": ()} for name, each in BOTH.items()}
    refused(cohort(**bare), "no record of which lesions", share=0.8)


def test_grace_and_horizon() -> None:
    short = cohort(a=patient(last=3.0), b=patient(last=4.0, local=(2.0,)))
    refused(short, "grace_months: 6 visits, and nobody was followed beyond 3.0 months")
    refused(cohort(**BOTH), "beyond the horizon, 5", tau_months=5.0)
    refused(cohort(**BOTH), "5.5 months are no whole number", grace_months=5.5)
    refused(cohort(**BOTH), "grace_months: found 0.*from 1 to 60", grace_months=0)
    refused(cohort(**BOTH), "tau_months: nan is not a finite number", tau_months=float("nan"))


@pytest.mark.parametrize(
    ("choice", "match"),
    [
        ({"timing": "unifrom"}, "timing: found 'unifrom'.*'uniform'"),
        ({"unknown": "guess"}, "unknown: found 'guess'"),
        ({"missing": "impute"}, "missing: found 'impute'"),
        ({"share": "all"}, "share: found 'all'"),
        ({"require": ("E77",)}, "no criterion 'E77'"),
        ({"covariates": "age_years"}, "covariates: 'age_years' is no list"),
    ],
)
def test_choices_that_are_none(choice: dict, match: str) -> None:
    with pytest.raises(InputError, match=match):
        ask_question(cohort(**BOTH), protocol(), **choice)


def test_a_strategy_that_never_occurs() -> None:
    nobody = cohort(a=patient(last=9.0), b=patient(last=9.0))
    late = cohort(a=patient(last=19.0), b=patient(last=19.0, local=(8.0,)))
    for registry in (nobody, late):
        with pytest.raises(InputError, match="strategy debulking: none of 2 patients"):
            emulate(registry, protocol())
    at_once = cohort(a=patient(last=9.0, local=(1.0,)), b=patient(last=9.0, local=(1.5,)))
    with pytest.raises(InputError, match="strategy control: all 2 patients were treated at time"):
        emulate(at_once, protocol())


def test_undated_treatment_is_refused_by_whatever_needs_dates() -> None:
    registry = cohort(**BOTH, undated=patient(last=9.0, local=(None,)))
    with pytest.raises(InputError, match=r"method landmark: the local treatment of 1 of 3.*naive"):
        emulate(registry, protocol(), method="landmark")


def test_protocols_that_ask_something_else() -> None:
    with pytest.raises(InputError, match=r"cairo4: its arms do not differ.*such as orchestra"):
        emulate(cohort(**BOTH), "cairo4")
    with pytest.raises(InputError, match=r"no part called emulation.*give time_zero, grace_months"):
        emulate(cohort(**BOTH), load_protocol("orchestra", changes={"emulation": "none"}))
    with pytest.raises(InputError, match=r"no method 'clone'.*clone-censor-weight, landmark"):
        emulate(cohort(**BOTH), protocol(), method="clone")
