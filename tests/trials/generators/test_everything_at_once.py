"""Generated patients under every part of a protocol at once, kept on disk and found again."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from debulk.core.files import json_text
from debulk.protocols.plans import CentrePlan, Leaning, Monitoring, Randomisation
from debulk.trials import ChunkStore, run_trial, trial_settings
from debulk.trials.generators.illness_death import IllnessDeathPatients
from debulk.trials.generators.strata import PrognosticFactor

TRIALS = 12
PATIENTS = IllnessDeathPatients(
    400,
    0.08,
    0.01,
    ((0, 0.03), (6, 0.06)),
    progression_experimental=((0, 0.09), (3, 0.04)),
    death_after_salvage=0.03,
    strata=(
        PrognosticFactor("ras", ((0.6, 1.0), (0.4, 1.6))),
        PrognosticFactor("side", ((0.5, 1.0), (0.5, 1.2))),
    ),
)


@pytest.fixture(scope="module")
def chosen(protocol):
    """The protocol with leanings, consent, strata, centres, salvage, missed visits and looks."""
    funnel = [
        dataclasses.replace(step, leanings=(Leaning("ras", -0.5, 0.0),), consent=True)
        if step.step == "consenting"
        else step
        for step in protocol.funnel
    ]
    conduct = dataclasses.replace(
        protocol.conduct,
        randomisation=Randomisation("minimisation", strata=("ras", "side", "centre")),
        centres=CentrePlan(4, 0.5, 24.0),
        salvage=0.3,
        missed_visits=0.1,
        lost_per_year=0.02,
        crossed_over=0.05,
        withdrawn=0.05,
    )
    design = dataclasses.replace(
        protocol.design,
        events=100,
        test="stratified-logrank",
        monitoring=Monitoring((0.5, 1.0), "spending-obrien-fleming", "kim-demets:3"),
    )
    return dataclasses.replace(protocol, funnel=tuple(funnel), conduct=conduct, design=design)


def test_threads_and_kept_chunks_give_the_same_bytes(chosen, tmp_path) -> None:
    run = run_trial(chosen, model=PATIENTS, trials=TRIALS, seed=9)
    one = run_trial(chosen, model=PATIENTS, trials=TRIALS, seed=9, workers=1)
    assert json_text(one) == json_text(run)
    fingerprint = trial_settings(chosen, model=PATIENTS, seed=9).fingerprint
    store = ChunkStore(tmp_path / "run", fingerprint)
    run_trial(chosen, model=PATIENTS, trials=TRIALS, seed=9, store=store)
    assert store.load(0, 10) is not None
    again = run_trial(chosen, model=PATIENTS, trials=TRIALS, seed=9, store=store)
    assert json_text(again) == json_text(run)
    result = json.loads(json_text(run))
    assert result["monitoring"]["simulated"]["crossing"]
    assert any("illness-death model" in each for each in result["provenance"]["remarks"])


def test_a_chunk_comes_back_as_it_was(chosen, tmp_path) -> None:
    settings = trial_settings(chosen, model=PATIENTS, seed=9)
    store = ChunkStore(tmp_path / "run", settings.fingerprint)
    run_trial(chosen, model=PATIENTS, trials=2, seed=9, store=store)
    kept = store.load(0, 2).randomised.columns()
    fresh = settings.generator.recruit(settings, 0, 2).randomised.columns()
    assert set(kept) == set(fresh) >= {"covariates/ras", "covariates/side", "salvage_months"}
    for name, column in fresh.items():
        assert kept[name].dtype == column.dtype, name
        assert np.array_equal(kept[name], column, equal_nan=column.dtype.kind == "f"), name


def test_refusers_are_kept_and_marked_where_asked(chosen) -> None:
    settings = trial_settings(chosen, model=PATIENTS, seed=9)
    usual = settings.generator.recruit(settings, 0, 3).randomised
    kept = settings.generator.recruit(settings, 0, 3, keep_refusers=True).randomised
    assert usual.consents.all()
    assert 0.5 < kept.consents.mean() < 0.75


def test_another_number_is_another_run(chosen) -> None:
    here = trial_settings(chosen, model=PATIENTS, seed=9).fingerprint
    changes = (
        {"registered": 401},
        {"visit_interval_months": 3.0},
        {"death_after_salvage": 0.031},
        {"strata": PATIENTS.strata[::-1]},
        {"source": "elsewhere"},
        {"null": True},
    )
    others = [
        trial_settings(chosen, model=dataclasses.replace(PATIENTS, **each), seed=9).fingerprint
        for each in changes
    ]
    assert len({here, *others}) == 1 + len(changes)
