"""Options that change the disease model: do they act, and are wrong ones named as typed?"""

from __future__ import annotations

import numpy as np
import pytest

from debulk.cli.disease_options import with_draws, with_strengths
from debulk.core import InputError
from debulk.disease import Posterior, load_model
from debulk.disease.parameters import parameter_entries


@pytest.fixture(scope="module")
def model():
    """The disease model with three draws."""
    free = [entry for entry in parameter_entries().values() if entry.free]
    values = {entry.name: np.full(3, entry.value) for entry in free}
    return load_model(Posterior(values, ("reference",) * 3, {}))


def test_one_draw_is_the_central_set_and_none_is_all(model) -> None:
    assert with_draws(model, None) is model
    assert with_draws(model, 2).draws == 2
    assert with_draws(model, 1).posterior is None
    assert with_draws(model, 1).parameters == model.parameters


@pytest.mark.parametrize("draws", [0, -1, 4])
def test_draws_that_are_not_there_are_refused(model, draws: int) -> None:
    with pytest.raises(InputError, match=f"--draws: {draws} draws asked for, the posterior has 3"):
        with_draws(model, draws)


def test_strengths_act_together_and_keep_the_others(model) -> None:
    changed = with_strengths(model.without("pause"), ["surge = 2", "occult=0"], ["pause"])
    assert changed.strengths["surge"] == 2.0
    assert changed.strengths["occult"] == 0.0
    assert changed.strengths["pause"] == 0.0
    assert changed.strengths["immune"] == 1.0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["surge"], "--strength surge: is not NAME=VALUE"),
        (["=1"], "--strength =1: is not NAME=VALUE"),
        (["surge=1,5"], "--strength surge=1,5: '1,5' is not a number. Write 1.5"),
        (["sruge=1"], "there is no mechanism 'sruge'. Did you mean 'surge'?"),
        (["surge=nan"], "--strength surge=nan"),
        (["surge=-1"], "--strength surge=-1"),
        (["pause=1"], "'pause' is switched by --with or --without, too"),
        (["surge=1", "surge=1"], "'surge' is given twice"),
    ],
)
def test_wrong_strengths_are_named_as_typed(model, options, words: str) -> None:
    with pytest.raises(InputError) as refusal:
        with_strengths(model, options, ["pause"])
    assert words in str(refusal.value)
