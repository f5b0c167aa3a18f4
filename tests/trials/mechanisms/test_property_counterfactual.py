"""Do the same patients meet themselves in both arms and in every world?"""

from __future__ import annotations

import numpy as np
import pytest

from debulk.core import InputError
from debulk.core.compiled import use_threads
from debulk.disease import MECHANISMS
from debulk.trials.mechanisms.contrasts import effect_in, log_ratios, pooled_log_ratio
from debulk.trials.mechanisms.counterfactual import counterfactual, follow_pool, settings_for
from debulk.trials.mechanisms.pool import recruit_pool


def same(one, other) -> bool:
    """Whether two worlds give the same deaths, bit by bit."""
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("control", "experimental", "row", "draw", "follow_up_months")
    )


def test_the_null_world_has_a_hazard_ratio_of_exactly_1(pool, model) -> None:
    arms = follow_pool(pool, model.null_world())
    assert np.array_equal(arms.control, arms.experimental)
    found = effect_in(arms)
    assert found.hazard_ratio == 1.0
    assert found.error == 0.0
    assert found.rmst_difference_months == 0.0
    assert (found.by_draw == 0.0).all()
    assert found.to_dict(("reference",) * 4)["parameters"]["draws_below_1"] == 0.0


@pytest.mark.parametrize("name", ["surge", "occult", "pause", "organ-death"])
def test_off_twice_is_off_and_strength_0_is_off(pool, model, name: str) -> None:
    off = follow_pool(pool, model.without(name))
    assert same(off, follow_pool(pool, model.without(name).without(name)))
    assert same(off, follow_pool(pool, model.with_strengths({name: 0.0})))
    assert same(
        follow_pool(pool, model), follow_pool(pool, model.without(name).with_mechanisms(name))
    )


def test_bare_removal_is_every_mechanism_off(pool, model) -> None:
    off = model.with_strengths(dict.fromkeys(MECHANISMS, 0.0))
    assert same(follow_pool(pool, model.bare_removal()), follow_pool(pool, off))


def test_threads_and_the_number_of_patients_do_not_matter(pool, model) -> None:
    """The first patients of a larger pool are those of a smaller one."""
    few = recruit_pool(settings_for("orchestra", model, 1), 80)
    assert few.draws == 4
    first = pool.first(80)
    assert np.array_equal(few.run_in.presenters.patient, first.run_in.presenters.patient)
    used = use_threads(None)
    try:
        use_threads(1)
        assert same(follow_pool(few, model), follow_pool(first, model))
    finally:
        use_threads(used)


def test_each_draw_has_its_patients(pool) -> None:
    assert np.array_equal(np.bincount(pool.draw), [50, 50, 50, 50])
    assert pool.births > 200


def test_both_arms_share_everything_but_the_strategy(pool, model) -> None:
    """Without local treatment's own part the arms differ in nothing before it is given."""
    arms = follow_pool(pool, model)
    assert (arms.control > 0.0).all()
    assert (arms.experimental > 0.0).all()
    assert 0.0 < (arms.control == arms.experimental).mean() < 1.0
    assert pooled_log_ratio(arms) == log_ratios(arms)[0]


def test_the_public_function_answers_for_a_protocol_by_name(model) -> None:
    arms = counterfactual("orchestra", model, patients=40, seed=7)
    again = counterfactual("orchestra", model, patients=40, seed=7, draws=4)
    assert len(arms) == 40
    assert same(arms, again)
    assert not same(arms, counterfactual("orchestra", model, patients=40, seed=8))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"patients": 0}, "patients: found 0"),
        ({"patients": 10, "draws": 5}, "draws: found 5; the model has 4"),
        ({"patients": 3, "draws": 4}, "draws: found 4; the model has 4 and there are 3"),
        ({"seed": -1}, "seed"),
    ],
)
def test_numbers_out_of_range_are_refused(model, options, words: str) -> None:
    with pytest.raises(InputError, match=words):
        counterfactual("orchestra", model, **options)


def test_a_protocol_that_the_model_does_not_fit_is_refused(model) -> None:
    with pytest.raises(InputError, match="the disease model does not fit it: it lacks"):
        counterfactual("greccar-8", model, patients=10)


def test_a_protocol_that_nobody_meets_is_refused(model, monkeypatch) -> None:
    monkeypatch.setattr("debulk.trials.mechanisms.pool.MOST_BIRTHS", 2000)
    with pytest.raises(InputError, match="people with bowel cancer meet its criteria, with draw 0"):
        counterfactual("orchestra", model, patients=4000)
