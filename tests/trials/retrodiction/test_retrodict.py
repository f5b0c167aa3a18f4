"""A small retrodiction, simulated: sizes, the frozen posterior, who is predicted and who is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from debulk.core.errors import InputError
from debulk.disease import load_model
from debulk.protocols import load_protocol, packaged_protocols
from debulk.trials.conduct.worlds import primary_endpoint
from debulk.trials.recruitment.generator import FunnelCounts
from debulk.trials.retrodiction import retrodicting, sized
from debulk.trials.retrodiction.facts import frozen_posterior_sha256
from debulk.trials.retrodiction.predicting import decided_by_death
from debulk.trials.retrodiction.retrodicting import (
    NOT_DECIDED_BY_DEATH,
    planned_trials,
    retrodict,
)
from debulk.trials.retrodiction.sized import OVERDRAW, SizedPatients
from debulk.trials.running.run import run_trial, trial_settings

TRIALS = 10


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """PulMiCC, the quickest, and a pair of trials that the model does not fit."""
    folder = tmp_path_factory.mktemp("runs")
    calls: list[tuple[int, int]] = []
    found = retrodict(
        only=["pulmicc", "synchronous", "CLIMAT"],
        trials=TRIALS,
        folder=folder,
        progress=lambda done, wanted: calls.append((done, wanted)),
    )
    return found, folder, calls


def test_every_trial_has_the_size_the_real_one_had(small) -> None:
    found, _, calls = small
    pulmicc = found.trials[0]
    assert pulmicc.trial == "PulMiCC"
    assert pulmicc.blind.patients == 65
    assert pulmicc.blind.short <= 1
    assert pulmicc.delivered.prediction.patients == 65
    assert calls[-1] == (2 * TRIALS, 2 * TRIALS)


def test_the_same_seed_gives_the_same_bytes_resumed_or_not(small) -> None:
    found, folder, _ = small
    kept = sorted(folder.glob("*/chunks/*.npz"))
    assert len(kept) == 2
    again = retrodict(
        only=["synchronous", "pulmicc", "CLIMAT"], trials=TRIALS, folder=folder, workers=1
    )
    assert again.to_dict() == found.to_dict()


def test_nothing_is_predicted_where_the_model_does_not_fit(small) -> None:
    found, _, _ = small
    names = [each.trial for each in found.trials]
    assert names == ["PulMiCC", "SYNCHRONOUS + CCRe-IV", "CLIMAT (PRODIGE 30)"]
    shared = found.trials[1]
    assert shared.protocols == ("ccre-iv", "synchronous")
    assert shared.blind is None
    assert shared.inside is None
    assert shared.measure == "median_ratio"
    assert shared.published.estimate == pytest.approx(16.7 / 18.6)
    assert found.score.all.trials == 1


def test_delivery_changes_deaths_and_not_the_control_arm(small) -> None:
    found, _, _ = small
    first, second = found.trials[0].blind, found.trials[0].delivered.prediction
    assert second.delivery["mortality_90_days"] <= first.delivery["mortality_90_days"]
    control = [[a.predicted for a in each.arms if a.arm == "control"] for each in (first, second)]
    assert control[0][0].median == pytest.approx(control[1][0].median, rel=0.05)


def test_the_posterior_is_the_one_that_was_frozen(small) -> None:
    found, _, _ = small
    assert found.posterior["frozen"] is True
    assert found.posterior["sha256"] == frozen_posterior_sha256()
    assert found.to_dict()["posterior"]["sha256"] == load_model().posterior.sha256


def test_a_changed_posterior_is_labelled_and_a_changed_package_refused(monkeypatch) -> None:
    changed = replace(load_model(), posterior=load_model().posterior.first(3))
    found = retrodict(only=["cairo4"], model=changed, trials=1)
    assert found.posterior["frozen"] is False
    assert found.provenance.remarks[0].startswith("NOT the frozen model")
    switched = retrodict(only=["cairo4"], model=load_model().bare_removal(), trials=1)
    assert switched.posterior["frozen"] is False
    monkeypatch.setattr(retrodicting, "frozen_posterior_sha256", lambda: "00")
    with pytest.raises(InputError, match="not the frozen 00"):
        retrodict(only=["cairo4"], trials=1)


def test_an_unknown_trial_is_named_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"pulmic.*pulmicc"):
        retrodict(only=["pulmic"], trials=1)


def test_the_whole_list_without_simulating(monkeypatch) -> None:
    monkeypatch.setattr(retrodicting, "_predicted", lambda entry, runs, done: entry)
    found = retrodict(trials=1)
    roles = {each.trial: each.role for each in found.trials}
    assert roles["SABR-COMET-3"] == "planned"
    assert roles["CLOCC"] == "calibration"
    assert len({name for each in found.trials for name in each.protocols}) == 23
    assert len(found.trials) == 22
    silent = [each for each in found.trials if not each.reason]
    assert {each.trial for each in silent} == {
        *("ORCHESTRA", "COLLISION", "PulMiCC", "SABR-COMET", "TransMet"),
        *("CAIRO5", "JCOG0603", "New EPOC"),
        *("CLOCC", "SIRFLOX/FOXFIRE/FOXFIRE-Global"),
    }
    for each in found.trials:
        assert (each.applicability.level == "none") <= ("does not fit" in each.reason)


def test_a_catchment_drawn_a_trial_at_a_time_is_the_same_one(monkeypatch) -> None:
    settings = trial_settings("pulmicc", model=SizedPatients(load_model(), 65, 2.0))
    whole = settings.generator.recruit(settings, 3, 3)
    monkeypatch.setattr(sized, "_PEOPLE_AT_ONCE", 1)
    parts = settings.generator.recruit(settings, 3, 3)
    columns, again = whole.randomised.columns(), parts.randomised.columns()
    assert list(columns) == list(again)
    for name, column in columns.items():
        assert column.tobytes() == again[name].tobytes(), name
    assert (whole.funnel.reached == parts.funnel.reached).all()
    for group in ("not_met", "assumed_met"):
        one, other = getattr(whole.funnel, group), getattr(parts.funnel, group)
        assert {k: v.tolist() for k, v in one.items()} == {k: v.tolist() for k, v in other.items()}


def test_a_criterion_that_some_trials_never_came_to_has_none_there() -> None:
    first = FunnelCounts(np.zeros((2, 1), np.int64), {"a": np.array([3])}, {})
    second = FunnelCounts(np.zeros((2, 2), np.int64), {"b": np.array([1, 2])}, {})
    found = sized._by_criterion([first.not_met, second.not_met], [first, second])
    assert {name: counts.tolist() for name, counts in found.items()} == {
        "a": [3, 0, 0],
        "b": [0, 1, 2],
    }


def test_only_planned_trials_are_locked() -> None:
    assert {"SABR-COMET-3", "SABR-COMET-10", "COLLISION-RELAPSE"} < set(planned_trials(None))
    assert len(planned_trials(None)) == 4
    assert planned_trials(["sabr-comet-3"]) == ["SABR-COMET-3"]
    with pytest.raises(InputError, match=r"ORCHESTRA is no planned trial.*Name some of .*erasur"):
        planned_trials(["erasur", "orchestra"])


def test_thinning_keeps_the_order_and_is_by_chance() -> None:
    from debulk.trials.retrodiction.sized import _draws, _places

    trial = np.repeat(np.arange(3, dtype=np.int32), (4, 2, 5))
    assert _places(trial).tolist() == [0, 1, 2, 3, 0, 1, 0, 1, 2, 3, 4]
    draws = _draws(1, np.zeros(20_000, np.int32), np.arange(20_000))
    # Standard error of the mean of 20,000 uniform numbers: 0.002.
    assert abs(draws.mean() - 0.5) < 0.008


def test_an_unwritable_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match=r"cannot be written|not a folder"):
        retrodict(only=["pulmicc"], trials=1, folder=tmp_path / "file")


def test_a_ratio_of_death_is_predicted_whatever_the_protocol_is_decided_by() -> None:
    protocol = load_protocol("new-epoc")
    assert primary_endpoint(protocol) == "pfs"
    found = retrodict(only=["new-epoc"], trials=4).trials[0]
    # By hand: death decides, and neither planned events nor looks end the trial before its cut-off.
    endpoints = (
        replace(protocol.endpoints[0], name="os", primary=True),
        replace(protocol.endpoints[0], name="pfs", primary=False),
    )
    patients = found.blind.patients
    design = replace(protocol.design, events=None, planned_patients=patients)
    by_hand = run_trial(
        replace(protocol, endpoints=endpoints, design=design),
        model=SizedPatients(
            load_model(), patients, OVERDRAW * patients / protocol.design.planned_patients
        ),
        trials=4,
    ).trial_table
    assert found.blind.effects.tolist() == by_hand["hazard_ratio"].to_list()
    assert found.blind.null.median == pytest.approx(by_hand["hazard_ratio_null"].median())
    assert found.remarks == (NOT_DECIDED_BY_DEATH,)


def test_a_protocol_decided_by_death_is_predicted_as_it_stands() -> None:
    others = {"cairo5", "eortc-40983", "jcog0603", "new-epoc"}
    for name in packaged_protocols():
        protocol = load_protocol(name)
        assert (decided_by_death(protocol) is protocol) == (name not in others), name
        assert primary_endpoint(decided_by_death(protocol)) == "os"
