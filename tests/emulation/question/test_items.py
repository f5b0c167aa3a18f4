"""Do the seven items say what a registry gives, and what it cannot?"""

from __future__ import annotations

import pytest
from tests.emulation.question.registries import cohort, patient, protocol

from debulk.core.errors import InputError
from debulk.emulation.emulation_result import Question
from debulk.emulation.front import ask_question, emulate
from debulk.emulation.question.items import ITEMS


def asked(*criteria: str, **plan: object) -> Question:
    registry = cohort(
        a=patient(last=31.0, dead=True, age_years=50.0, cutoff_months=40.0),
        b=patient(last=41.0, age_years=60.0, local=(3.0,), cutoff_months=41.0),
        c=patient(last=31.0, age_years=70.0, local=(0.5,), cutoff_months=41.0),
        d=patient(last=5.0, age_years=70.0, cutoff_months=41.0),
    )
    return ask_question(registry, protocol(*criteria, covariates=("age_years",), **plan))


def states(found: Question) -> dict[str, str]:
    return {each.check: each.state for each in found.items}


def text(found: Question, item: str) -> str:
    return next(each.text for each in found.items if each.check == item)


def test_all_seven_in_order_and_assignment_is_never_passed() -> None:
    found = asked("E6")
    assert tuple(states(found)) == ITEMS
    assert states(found) == {
        "eligibility": "pass",
        "strategies": "pass",
        "assignment": "unknown",
        "time zero": "pass",
        "outcome": "pass",
        "causal contrast": "pass",
        "analysis plan": "pass",
    }
    assert "1 of 3 patients had local treatment" in text(found, "strategies")
    assert "1 of 4 patients had been treated before time zero and were left out" in text(
        found, "time zero"
    )
    assert "1 events; 1 lost to follow-up" in text(found, "outcome")


def test_what_is_unknown_is_unknown() -> None:
    registry = cohort(a=patient(last=31.0), b=patient(last=41.0, dead=True, local=(3.0, None)))
    found = ask_question(registry, protocol("E6"))
    assert states(found)["eligibility"] == "unknown"
    assert states(found)["outcome"] == "unknown"
    assert states(found)["assignment"] == "fail"
    assert any("E6, age at least 18 years: unknown in 2 of 2" in each for each in found.not_known)
    assert any("lost to follow-up" in each for each in found.not_known)


def test_a_share_that_is_not_asked_for_is_told() -> None:
    registry = cohort(a=patient(last=31.0), b=patient(last=41.0, local=(3.0,)))
    found = ask_question(registry, protocol(share=0.8), share="any")
    assert states(found)["strategies"] == "unknown"
    assert any("the trial asks for at least 80 %" in each for each in found.not_known)


def test_a_strategy_that_never_occurs_fails_its_item() -> None:
    found = ask_question(cohort(a=patient(last=31.0), b=patient(last=9.0)), protocol())
    assert states(found)["strategies"] == "fail"


def test_treatment_after_progression_is_not_the_strategy() -> None:
    registry = cohort(
        a=patient(last=31.0, local=(3.0,)),
        b=patient(last=41.0, progression=2.0, local=(4.0,)),
        c=patient(last=41.0, dead=True),
    )
    told = text(ask_question(registry, protocol()), "strategies")
    assert "1 of 3 patients had local treatment as the strategy asks" in told
    assert "1 were treated after progression (usual care)" in told
    alone = cohort(a=patient(last=31.0, progression=2.0, local=(4.0,)), b=patient(last=41.0))
    with pytest.raises(InputError, match=r"none of 2 patients.*before progression"):
        emulate(alone, protocol())


def test_undated_treatment_makes_prevalence_unknown() -> None:
    registry = cohort(a=patient(last=31.0), b=patient(last=41.0, local=(None,)))
    found = ask_question(registry, protocol())
    assert states(found)["time zero"] == "unknown"
    assert "the date of local treatment in 1 patients" in found.not_known


def test_what_is_asked_stands_in_the_contrast() -> None:
    contrast = text(asked(timing="uniform", grace_months=3.0), "causal contrast")
    assert "local treatment within 3 months of time zero, unless progression" in contrast
    assert "evenly over the visits" in contrast
    staged = ask_question(
        cohort(a=patient(last=31.0), b=patient(last=41.0, local=(3.0,), treated=(("L0", "L1"),))),
        protocol(share=0.8),
    )
    assert "of at least 80 % of the lesions within 6 months" in text(staged, "causal contrast")
