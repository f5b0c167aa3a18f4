"""Are targets measured in the same virtual persons, with honest errors, whatever the threads?"""

import dataclasses
import math

import numpy as np
import pytest

from debulk.core import InputError
from debulk.core.compiled import use_threads
from debulk.core.files import json_text
from debulk.disease.model import load_model, prior_model
from debulk.disease.posterior import Posterior
from debulk.disease.targets.cohorts import COHORTS
from debulk.disease.targets.evaluation import (
    TargetResult,
    evaluate_targets,
    simulate_targets,
)
from debulk.disease.targets.pool import BIRTHS, draw_pool
from debulk.disease.targets.runs import BLOCKS, follow, union
from debulk.disease.targets.table import load_targets, target_named

MODEL = prior_model()
TARGETS = load_targets()
SOME = (
    *("recurrence_stage_3", "several_organs", "doubling_lung", "untreated_low"),
    *("clocc_control_5y", "clocc_hazard_ratio", "sirflox_liver_control"),
)
CHOSEN = tuple(target_named(name, TARGETS) for name in SOME)
PATIENTS = 400


@pytest.fixture(scope="module")
def simulated():
    return simulate_targets(MODEL, seed=2, patients=PATIENTS, targets=CHOSEN)


@pytest.fixture(scope="module")
def pool():
    names = ("clocc", "sirflox", "resected")
    return draw_pool(MODEL, seed=2, patients=PATIENTS, cohorts=names)


def test_the_same_seed_gives_the_same_bytes_whatever_the_threads(simulated):
    use_threads(1)
    try:
        alone = simulate_targets(MODEL, seed=2, patients=PATIENTS, targets=CHOSEN)
    finally:
        use_threads(None)
    assert alone.values.tobytes() == simulated.values.tobytes()
    assert alone.errors.tobytes() == simulated.errors.tobytes()


def test_a_target_does_not_hang_on_what_else_is_measured(simulated):
    place = SOME.index("clocc_hazard_ratio")
    alone = simulate_targets(MODEL, seed=2, patients=PATIENTS, targets=CHOSEN[place : place + 1])
    assert alone.values[0] == simulated.values[place]


def test_cohorts_hold_what_was_asked_for(simulated):
    assert simulated.unfilled == {}
    followed = [SOME.index(name) for name in SOME[3:]]
    assert simulated.patients[followed] == pytest.approx(PATIENTS, abs=2)


def test_monte_carlo_error_of_a_share_is_binomial():
    [target] = [target_named("five_or_more_at_entry", TARGETS)]
    found = simulate_targets(MODEL, seed=4, patients=4000, targets=[target])
    share = found.values[0]
    binomial = math.sqrt(share * (1.0 - share) / 4000)
    # An error from 20 blocks has itself a relative error of 1/sqrt(38).
    assert found.errors[0] == pytest.approx(binomial, rel=4 / math.sqrt(2 * (BLOCKS - 1)))


def test_a_larger_pool_begins_with_the_smaller(pool):
    larger = draw_pool(MODEL, seed=2, patients=2 * PATIENTS, cohorts=["clocc"])
    small, large = pool.strata["clocc"][0], larger.strata["clocc"][0]
    assert len(small) < len(large)
    assert np.array_equal(small.patient, large.patient[: len(small)])
    assert np.array_equal(small.cells, large.cells[: small.lesions])
    assert pool.births % BIRTHS == 0


def test_shares_of_strata_are_kept_in_every_block(pool):
    run = follow(MODEL, COHORTS["sirflox"], pool.strata["sirflox"], seed=2, arms=["control"])
    for block in range(BLOCKS):
        part = run.rows(block, block + 1)
        assert part.seen.liver_only.mean() == pytest.approx(0.6, abs=0.06)
    assert len(run.rows(0, BLOCKS)) == len(run)


def test_the_operated_are_those_whom_induction_held(pool):
    run = follow(MODEL, COHORTS["resected"], pool.strata["resected"], seed=2, arms=["resection"])
    columns = run.arms["resection"]
    assert np.isfinite(columns["local_months"]).all()
    assert (columns["death_months"] > 0.0).all()
    few, many = pool.strata["resected"]
    assert len(run) < len(few) + len(many)
    assert (run.seen.liver > 3).any()
    assert (np.diff(run.block) >= 0).all()


def test_a_union_holds_each_cohort_once(pool):
    spec = COHORTS["resected"]
    one = follow(MODEL, spec, pool.strata["resected"], seed=2, arms=["resection"])
    both = union([one, one])
    assert len(both) == 2 * len(one)
    assert np.bincount(both.cohort).tolist() == [len(one), len(one)]
    assert np.bincount(both.block).tolist() == (2 * np.bincount(one.block)).tolist()


def test_results_say_what_is_inside_and_are_json():
    found = evaluate_targets(MODEL, seed=2, patients=PATIENTS, only=SOME[:2])
    assert [each.target.name for each in found.results] == list(SOME[:2])
    told = found.to_dict()
    json_text(told)
    for row, result in zip(told["targets"], found.results, strict=True):
        inside = row["lower"] <= row["simulated"] <= row["upper"]
        assert row["inside"] == result.inside == inside
        assert row["evidence_ids"]
    assert told["inside_share"] == sum(row["inside"] for row in told["targets"]) / 2
    assert told["posterior"] == {"draws": 1, "sha256": None, "structure": "reference"}


def test_inside_is_what_the_limits_told_say_for_every_target():
    # Values at the limits, beyond them, and none, of every packaged target.
    for target in TARGETS:
        ends = [each for each in (target.lower, target.upper) if math.isfinite(each)]
        for value in (*ends, *(1.01 * each + 0.001 for each in ends), 0.3, math.nan):
            if target.unit == "share" and not value <= 1.0 and not math.isnan(value):
                continue
            row = TargetResult(target, value, 0.1, value, value, 200).to_dict()
            lower = -math.inf if row["lower"] is None else row["lower"]
            upper = math.inf if row["upper"] is None else row["upper"]
            simulated = math.nan if row["simulated"] is None else row["simulated"]
            assert row["inside"] == (lower <= simulated <= upper), (target.name, value)


def test_soft_targets_do_not_count():
    found = evaluate_targets(MODEL, seed=2, patients=PATIENTS, only=["stage_1", "several_organs"])
    assert len(found.results) == 2
    assert found.to_dict()["counted"] == 1


def test_a_posterior_is_told_by_medians_over_its_draws():
    values = {name: np.full(4, value) for name, value in MODEL.parameters.items()}
    values["dtM"] = np.array([60.0, 70.0, 80.0, 90.0])
    model = load_model(Posterior(values, ("reference",) * 4, {}))
    chosen = [target_named(name, TARGETS) for name in ("doubling_lung", "untreated_low")]
    found = simulate_targets(model, seed=2, patients=800, targets=chosen)
    alone = [
        simulate_targets(
            dataclasses.replace(model.with_parameters({"dtM": dtM}), posterior=None),
            seed=2,
            patients=800,
            targets=chosen,
        ).values
        for dtM in values["dtM"]
    ]
    middle = np.median(alone, axis=0)
    assert found.values == pytest.approx(middle, rel=0.15)  # 200 patients a draw
    assert (found.lower < found.values).all()
    assert (found.values < found.upper).all()
    assert found.patients[1] == pytest.approx(800, abs=4)
    few = evaluate_targets(model, seed=2, patients=400, only=["untreated_low"])
    assert few.draws == 2
    assert few.sha256 is not None


def test_a_cohort_that_cannot_be_filled_is_told(monkeypatch):
    monkeypatch.setattr("debulk.disease.targets.pool.MOST_BIRTHS_A_PATIENT", 1)
    [target] = [target_named("resected_peritoneum_5y", TARGETS)]
    found = simulate_targets(MODEL, seed=2, patients=2000, targets=[target])
    assert 0 < found.patients[0] < 2000
    assert found.unfilled["resected_peritoneum"] == 2000 - found.patients[0]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"patients": 199}, "patients: 199 is below 200"),
        ({"seed": -1}, "seed: -1 is below 0"),
        ({"only": ["clocc"]}, "no target is called 'clocc'"),
    ],
)
def test_what_cannot_be_is_refused(more, words):
    with pytest.raises(InputError, match=words):
        evaluate_targets(MODEL, **{"patients": PATIENTS, **more})
