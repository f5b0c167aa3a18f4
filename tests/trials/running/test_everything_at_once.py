"""Every part of a protocol at once: reproducible, kept and found again, told in plain values."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from debulk.core.files import json_text
from debulk.protocols import load_protocol
from debulk.protocols.plans import CentrePlan, Leaning, Monitoring, Randomisation
from debulk.trials import ChunkStore, run_trial, trial_settings

TRIALS = 12


@pytest.fixture(scope="module")
def protocol():
    """ORCHESTRA in a small catchment, with everything that a protocol can ask for."""
    small = {"conduct.people_with_bowel_cancer": "2500", "design.events": "60"}
    base = load_protocol("orchestra", changes=small)
    consenting = next(each for each in base.funnel if each.step == "consenting")
    leaning = dataclasses.replace(
        consenting, leanings=(Leaning("age_years", -0.03, 65.0),), consent=True
    )
    return dataclasses.replace(
        base,
        funnel=tuple(leaning if each is consenting else each for each in base.funnel),
        conduct=dataclasses.replace(
            base.conduct,
            randomisation=Randomisation("minimisation", strata=("organs_involved", "centre")),
            centres=CentrePlan(4, 0.5, 24.0, 0.5, 1.0, 10.0),
            salvage=0.3,
            missed_visits=0.1,
        ),
        design=dataclasses.replace(
            base.design,
            test="stratified-logrank",
            monitoring=Monitoring(
                (0.5, 1.0), "spending-obrien-fleming", "kim-demets:3", "spending-pocock"
            ),
        ),
    )


@pytest.fixture(scope="module")
def run(protocol):
    """A dozen trials."""
    return run_trial(protocol, trials=TRIALS, seed=9)


def test_threads_and_kept_chunks_give_the_same_bytes(protocol, run, tmp_path) -> None:
    assert json_text(run_trial(protocol, trials=TRIALS, seed=9, workers=1)) == json_text(run)
    store = ChunkStore(tmp_path / "run", trial_settings(protocol, seed=9).fingerprint)
    run_trial(protocol, trials=TRIALS, seed=9, store=store)
    assert store.load(0, 10) is not None
    assert json_text(run_trial(protocol, trials=TRIALS, seed=9, store=store)) == json_text(run)


def test_a_chunk_comes_back_as_it_was(protocol, tmp_path) -> None:
    settings = trial_settings(protocol, seed=9)
    store = ChunkStore(tmp_path / "run", settings.fingerprint)
    run_trial(protocol, trials=2, seed=9, store=store)
    kept = store.load(0, 2).randomised.columns()
    fresh = settings.generator.recruit(settings, 0, 2).randomised.columns()
    assert set(kept) == set(fresh) >= {"covariates/organs_involved", "centre", "salvage_months"}
    for name, column in fresh.items():
        assert kept[name].dtype == column.dtype, name
        assert np.array_equal(kept[name], column, equal_nan=column.dtype.kind == "f"), name


def test_results_are_plain_and_say_what_was_done(run) -> None:
    result = json.loads(json_text(run))
    assert result["effect"]["test"] == "stratified-logrank"
    assert [each["events"] for each in result["monitoring"]["looks"]] == [30, 60]
    crossing = result["monitoring"]["simulated"]["crossing"]
    assert set(crossing) == {"efficacy", "futility", "harm"}
    assert all(len(each) == 2 for each in crossing.values())
    assert {"look", "crossed", "z_test"} <= set(run.trial_table.columns)
    consenting = next(each for each in result["funnel"] if each["step"] == "consenting")
    assert "age_years" in consenting["reasons"][0]["text"]


def test_a_chunk_without_patients_joins_the_others(protocol) -> None:
    from debulk.trials.recruitment.randomised import Randomised

    settings = trial_settings(protocol, seed=9)
    some = settings.generator.recruit(settings, 0, 1).randomised
    nobody = Randomised.from_columns({name: each[:0] for name, each in some.columns().items()})
    joined = Randomised.joined([nobody, some])
    for name, column in some.columns().items():
        assert joined.columns()[name].dtype == column.dtype, name
