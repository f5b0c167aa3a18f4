"""Trials that draw from a posterior sample: draws in turn, uncertainty told apart."""

from __future__ import annotations

import math

import numpy as np
import pytest

from debulk.disease import Posterior, load_model
from debulk.disease.parameters import parameter_entries
from debulk.protocols import load_protocol
from debulk.trials import run_trial, trial_settings
from debulk.trials.conduct.allocation import allocate
from debulk.trials.recruitment.local_plans import local_treatment
from debulk.trials.running.chunks import compute_chunk
from debulk.trials.truth import true_effect, truths_of_trials

SMALL = load_protocol("orchestra", changes={"conduct.people_with_bowel_cancer": "3000"})
STRUCTURES = ("reference", "no-immunity", "reference")
TRIALS = 9


def sample(**changes: float) -> Posterior:
    """Three draws at the priors' medians; `changes` multiply a parameter of the last one."""
    values = {}
    for name, entry in parameter_entries().items():
        if entry.free:
            values[name] = np.array([1.0, 1.0, changes.get(name, 1.0)]) * entry.value
    return Posterior(values, STRUCTURES, {})


@pytest.fixture(scope="module")
def model():
    """A last draw under which drugs kill half as fast."""
    return load_model(sample(k1=0.5))


@pytest.fixture(scope="module")
def run(model):
    """Nine small trials."""
    return run_trial(SMALL, model=model, trials=TRIALS, seed=5)


def test_trial_t_takes_draw_t_modulo_their_number(model, run) -> None:
    """Draws 0 and 2 have one structure; the trials of draw 0 are those of its parameters alone."""
    alone = run_trial(SMALL, model=load_model(sample()).central(), trials=TRIALS, seed=5)
    ratios, others = (each.trial_table["log_hazard_ratio"].to_numpy() for each in (run, alone))
    same = np.arange(TRIALS) % 3 == 0
    assert np.array_equal(ratios[same], others[same])
    slower = np.arange(TRIALS) % 3 == 2
    assert (ratios[slower] != others[slower]).all()


def test_the_parts_are_told_in_plain_values(run) -> None:
    found = run.to_dict()["uncertainty"]
    assert found["draws"] == 3
    assert found["trials"] == TRIALS
    assert found["sampling_sd"] > 0.0
    assert found["parameter_sd"] >= 0.0
    assert found["structure_sd"] >= 0.0
    assert [each["structure"] for each in found["by_structure"]] == ["reference", "no-immunity"]
    parts = sum(found[f"{name}_sd"] ** 2 for name in ("sampling", "parameter", "structure"))
    assert found["total_sd"] == pytest.approx(math.sqrt(parts))
    made = run.to_dict()["patients_from"]["posterior"]
    assert made["draws"] == 3
    assert made["structures"] == {"reference": 2, "no-immunity": 1}
    assert "trials take 3 parameter sets in turn" in run.provenance.remarks[0]
    assert "(no-immunity 1, reference 2) count by their draws" in run.provenance.remarks[1]


def test_in_the_null_world_the_model_is_certain(model) -> None:
    null = run_trial(SMALL, model=model.null_world(), trials=TRIALS, seed=5)
    found = null.to_dict()["uncertainty"]
    assert found["parameter_sd"] == 0.0
    assert found["structure_sd"] == 0.0


def test_one_set_of_parameters_says_so(model) -> None:
    one = run_trial(SMALL, model=model.central(), trials=3, seed=5)
    found = one.to_dict()["uncertainty"]
    assert found["draws"] == 1
    assert found["true"] is None
    assert found["parameter_sd"] is None
    assert "One set of disease parameters" in one.provenance.remarks[0]
    assert one.to_dict()["patients_from"]["posterior"] is None


def test_the_truth_of_one_trial_is_that_of_its_patients(model) -> None:
    settings = trial_settings(SMALL, model=model, seed=5)
    pool = compute_chunk(settings, 0, 1).randomised
    allocation = allocate(SMALL, 5, pool)
    cutoff = np.full(pool.size, SMALL.conduct.cutoff_months)
    whole = true_effect(pool, allocation, cutoff, 60.0, ("control", "debulking"))
    ratios, errors = truths_of_trials(pool, allocation, cutoff, pool.starts(0, 1))
    assert math.exp(ratios[0]) == whole.hazard_ratio
    assert whole.hazard_ratio * errors[0] == pytest.approx(whole.hazard_ratio_error)


def test_what_decides_a_result_is_in_its_fingerprint(model) -> None:
    prints = {
        trial_settings(SMALL, model=each, seed=1).fingerprint
        for each in (
            model,
            load_model(sample(k1=0.6)),
            model.with_draws(2),
            model.central(),
            model.with_strengths({"surge": 0.5}),
            model.with_strengths({"surge": 0.6}),
        )
    }
    assert len(prints) == 6


def test_strengths_other_than_0_and_1_are_told(model) -> None:
    settings = trial_settings(SMALL, model=model.with_strengths({"surge": 2.0, "pause": 0.0}))
    told = settings.generator.mechanisms()
    assert told["strengths"] == {"surge": 2.0}
    assert told["off"] == ["pause"]
    assert "surge" in told["on"]


def test_lumps_are_left_alone_unless_an_operation_meets_them(model) -> None:
    """A lump that imaging shows is never planned; one that it hides is treated like any other."""
    from debulk.trials.recruitment.funnel import recruit

    settings = trial_settings(SMALL, model=model, seed=5)
    run_in = recruit(settings, 0, 1).run_in
    strategy = SMALL.experimental.strategy
    before = local_treatment(settings, run_in, strategy, 1.0).modality
    shown = np.flatnonzero(run_in.visible & (before >= 0))
    assert shown.size > 20
    lumped = shown[::7]
    run_in.presenters.copies[lumped] = 3.0
    after = local_treatment(settings, run_in, strategy, 1.0).modality
    assert (after[lumped] == -1).all()
    hidden = np.flatnonzero(~run_in.visible & (before >= 0))
    assert hidden.size > 0
    run_in.presenters.copies[lumped] = 1.0
    run_in.presenters.copies[hidden] = 3.0
    assert np.array_equal(local_treatment(settings, run_in, strategy, 1.0).modality, before)
