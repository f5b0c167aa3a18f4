"""Do other designs do to the effect what is known of them?"""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from debulk.core import InputError
from debulk.disease import load_model
from debulk.protocols import load_protocol
from debulk.protocols.plans import Leaning
from debulk.trials import run_trial, trial_settings
from debulk.trials.alternatives.assumptions import DesignAssumptions
from debulk.trials.alternatives.comparison import compare_designs
from debulk.trials.alternatives.designs import DESIGNS, parallel_trial, trial_within_cohort
from debulk.trials.alternatives.eligible import eligible_patients
from debulk.trials.recruitment.generator import Recruitment
from debulk.trials.recruitment.planned import PatientsFromPlan

# A difference lies within 4 Monte Carlo standard errors in all but one of 16,000 seeds.
MONTE_CARLO_WIDTH = 4.0
TRIALS = 80


@dataclasses.dataclass(frozen=True)
class FitterConsent(PatientsFromPlan):
    """Patients of a plan of whom those who will live longer consent more often."""

    def recruit(self, settings, first_trial, trials, *, keep_refusers=False) -> Recruitment:
        """See `PatientGenerator.recruit`; for comparisons alone, in which refusers are kept."""
        found = super().recruit(settings, first_trial, trials, keep_refusers=True)
        people = found.randomised
        fit = people.death_control > np.median(people.death_control)
        # Consent is drawn already: of the unfit, every other one who would consent refuses.
        consents = people.consents & (fit | (people.patient % 2 == 0))
        return Recruitment(dataclasses.replace(people, consents=consents), found.funnel)


def marked(protocol):
    """The protocol with seven of ten consenting, and the planned number in reach."""
    return dataclasses.replace(
        protocol, design=dataclasses.replace(protocol.design, planned_patients=300, events=None)
    )


@pytest.fixture(scope="module")
def comparison(plan_of):
    """All designs where nothing of the patient decides on consent."""
    return compare_designs(marked(plan_of(registered=900)), trials=TRIALS, seed=2)


def near(each, width: float = MONTE_CARLO_WIDTH) -> bool:
    """Whether a bias is nothing but Monte Carlo error."""
    return abs(each.bias) < width * each.bias_error


def test_the_parallel_trial_is_the_one_that_is_run(plan_of, comparison) -> None:
    protocol = marked(plan_of(registered=900))
    run = run_trial(protocol, trials=TRIALS, seed=2)
    trial = comparison.design("rct")
    assert trial.truth.hazard_ratio == run.truth.hazard_ratio
    assert trial.power == run.effect["power"]
    assert trial.declared_in_null_world == run.effect["declared_in_null_world"]
    ratios = np.array(run.to_dict()["trial_hazard_ratios"])
    assert trial.log_hazard_ratio.mean == pytest.approx(np.log(ratios).mean())


def test_where_consent_is_chance_alone_every_design_finds_the_truth(comparison) -> None:
    for name in ("rct", "registry-rct", "twics", "single-arm-external"):
        design = comparison.design(name)
        assert near(design.log_hazard_ratio), name
        assert near(design.null_log_hazard_ratio), name
    for name in ("rct", "registry-rct", "single-arm-external"):
        assert near(comparison.design(name).against_trial), name


def test_twics_dilutes_by_refusal_as_much_as_is_refused(comparison) -> None:
    cohort, trial = comparison.design("twics"), comparison.design("rct")
    assert cohort.truth.hazard_ratio - trial.truth.hazard_ratio > 0.02
    # Invited refusers die like controls: their share of the cohort is diluted to no effect.
    refusing = 0.3 * 0.8 / (0.7 + 0.3 * 0.8) * 0.5
    gain = trial.truth.rmst_difference_months * (1.0 - refusing)
    error = math.hypot(cohort.truth.rmst_error_months, trial.truth.rmst_error_months)
    assert abs(cohort.truth.rmst_difference_months - gain) < MONTE_CARLO_WIDTH * error


def test_lighter_consent_fills_trials_sooner(comparison) -> None:
    available = [comparison.design(name).available for name in ("rct", "registry-rct", "twics")]
    expected = [900 * (0.7 + 0.3 * won) for won in (0.0, 0.5, 0.8)]
    share_of_all = comparison.eligible / 900
    assert available == pytest.approx([share_of_all * each for each in expected], rel=0.03)
    months = [comparison.design(n).months_to_full["median"] for n in ("rct", "registry-rct")]
    assert months[1] < months[0]


def test_external_controls_are_biased_where_the_fitter_consent(plan_of) -> None:
    protocol = marked(plan_of(registered=900))
    found = compare_designs(protocol, model=FitterConsent(), trials=TRIALS, seed=2)
    single, trial = found.design("single-arm-external"), found.design("rct")
    assert single.log_hazard_ratio.bias < -10.0 * single.log_hazard_ratio.bias_error
    assert single.null_log_hazard_ratio.bias < -10.0 * single.null_log_hazard_ratio.bias_error
    assert single.declared_in_null_world["estimate"] > 0.5
    # Randomisation protects the others, whoever consents.
    assert near(trial.log_hazard_ratio)
    assert near(found.design("twics").log_hazard_ratio)


def test_adjustment_for_what_drives_consent_removes_the_bias() -> None:
    protocol = load_protocol("orchestra", changes={"conduct.people_with_bowel_cancer": "9000"})
    funnel = tuple(
        dataclasses.replace(step, leanings=(Leaning("organs_involved", -2.5, 3.0),))
        if step.consent
        else step
        for step in protocol.funnel
    )
    leaning = dataclasses.replace(protocol, funnel=funnel)
    found = compare_designs(
        leaning,
        model=load_model(),
        trials=20,
        seed=1,
        designs=["single-arm-external"],
        assumptions=DesignAssumptions(outside=0.0),
    )
    assert found.adjusted_for == ("organs_involved",)
    naive, weighted = found.designs
    error = naive.log_hazard_ratio.bias_error
    assert naive.log_hazard_ratio.bias < -MONTE_CARLO_WIDTH * error
    assert near(weighted.log_hazard_ratio)
    assert abs(weighted.log_hazard_ratio.bias) < abs(naive.log_hazard_ratio.bias)


def test_results_are_plain_values_and_do_not_depend_on_threads(plan_of, comparison) -> None:
    again = compare_designs(marked(plan_of(registered=900)), trials=TRIALS, seed=2, workers=1)
    assert json.dumps(again.to_dict(), allow_nan=False) == json.dumps(comparison.to_dict())


def test_refusers_of_an_invitation_follow_control(plan_of) -> None:
    protocol = marked(plan_of(registered=900))
    settings = trial_settings(protocol, seed=2)
    pool = eligible_patients(settings, 4)
    nobody = DesignAssumptions(cohort_consent=1.0, invitation_accepted=0.0)
    found = trial_within_cohort(protocol, 2, pool, 4, nobody)
    assert np.array_equal(found.allocation.withdraws, ~found.patients.consents)
    assert not found.allocation.crosses_over.any()
    assert found.available.sum() == pool.size
    trial = parallel_trial(protocol, 2, pool, 4, nobody)
    assert trial.patients.consents.all()
    assert trial.available.sum() == pool.consents.sum()


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        ({"designs": ["rtc"]}, "designs.*rct"),
        ({"designs": []}, "designs"),
        ({"designs": "rct"}, "designs"),
        ({"trials": 0}, "trials"),
        ({"trials": True}, "trials"),
        ({"trials": 2.5}, "trials"),
        ({"seed": -1}, "seed"),
        ({"workers": 0}, "workers"),
        ({"adjust_for": ["age"]}, "adjust_for"),
        ({"adjust_for": "age"}, "adjust_for"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(plan_of, arguments, where) -> None:
    with pytest.raises(InputError, match=where):
        compare_designs(plan_of(), **{"trials": 2, **arguments})


def test_a_protocol_that_asks_nobody_is_refused(plan_of) -> None:
    protocol = plan_of()
    funnel = tuple(dataclasses.replace(step, consent=False) for step in protocol.funnel)
    with pytest.raises(InputError, match="consent: true"):
        compare_designs(dataclasses.replace(protocol, funnel=funnel), trials=2)


def test_a_feature_that_patients_do_not_have_is_refused(small_protocol) -> None:
    with pytest.raises(InputError, match=r"adjust_for.*organs_involved"):
        compare_designs(small_protocol, trials=2, adjust_for=["organs_involve"])


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan, math.inf, True, "half", None])
def test_an_assumption_that_is_no_probability_is_refused(value) -> None:
    for name in DesignAssumptions().to_dict():
        with pytest.raises(InputError, match=name):
            DesignAssumptions(**{name: value})


def test_assumptions_are_called_so(comparison) -> None:
    named = {each.name: each for each in comparison.provenance.parameters}
    for name in DesignAssumptions().to_dict():
        assert (named[name].source, named[name].status) == ("assumption", "default")
    changed = DesignAssumptions(outside=0.3).parameters()
    assert [each.name for each in changed if each.status == "chosen"] == ["outside"]
    assert tuple(DESIGNS) == tuple(each.name for each in comparison.designs)


@pytest.mark.parametrize("registered", [1, 3])
def test_trials_almost_without_patients_are_none_and_counted(plan_of, registered) -> None:
    found = compare_designs(plan_of(registered=registered), trials=3, seed=1)
    json.dumps(found.to_dict(), allow_nan=False)
    assert any("without a hazard ratio" in each.reason for each in found.provenance.exclusions)
    assert all(each.power["estimate"] == 0.0 for each in found.designs)
