"""Do centres recruit by their rates once open, and are surgeons' cases counted in their order?"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debulk.core.errors import InputError
from debulk.trials.randomisation.centres import Centres, case_numbers, draw_centres

FAR = 4.5
"""Standard errors within which a right answer lies all but 7 times in a million."""


def world(trials: int, patients: int, months: float = 36.0) -> dict[str, np.ndarray]:
    return {
        "trial": np.repeat(np.arange(trials), patients),
        "patient": np.tile(np.arange(patients), trials),
        "arrival_months": np.tile(np.linspace(0.0, months, patients), trials),
    }


@given(seed=st.integers(0, 2**63 - 1), number=st.integers(1, 12), surgeons=st.integers(1, 4))
def test_a_patients_centre_does_not_depend_on_the_others(seed, number, surgeons) -> None:
    centres = Centres(number, opening_months=24.0, skill_sd=0.5, surgeons=surgeons)
    found = world(3, 20)
    whole = draw_centres(centres, seed=seed, **found)
    some = np.random.default_rng(seed % 1000).permutation(60)[:25]
    part = draw_centres(centres, seed=seed, **{name: each[some] for name, each in found.items()})
    for name in ("centre", "surgeon", "skill"):
        assert (getattr(whole, name)[some] == getattr(part, name)).all()
    assert whole.centre.min() >= 0
    assert whole.centre.max() < number
    assert (whole.surgeon // surgeons == whole.centre).all()
    for trial in range(3):
        own = found["trial"] == trial
        for centre in np.unique(whole.centre[own]):
            assert np.unique(whole.skill[own & (whole.centre == centre)]).size == 1


def test_equal_centres_share_alike() -> None:
    """Multinomial of 40 000 patients over 8 centres; error of a share 0.0017."""
    found = draw_centres(Centres(8, size_variation=0.0), seed=1, **world(400, 100))
    shares = np.bincount(found.centre) / 40_000
    assert np.abs(shares - 1 / 8).max() < FAR * math.sqrt(7 / 64 / 40_000)
    assert (found.skill == 0.0).all()


@pytest.mark.parametrize("variation", [0.5, 1.0, 2.0])
def test_the_shares_of_centres_vary_as_gamma_rates_do(variation) -> None:
    """Shares of gamma rates are Dirichlet(a, ..., a), a = 1/CV^2, and counts Dirichlet-multinomial.

    Their variance is n p q (n + A) / (1 + A), A = k a; its error from the spread over trials.
    """
    trials, patients, number = 4000, 50, 5
    found = draw_centres(Centres(number, variation), seed=2, **world(trials, patients))
    first = (found.centre.reshape(trials, patients) == 0).sum(axis=1)
    whole = number / variation**2
    p = 1 / number
    expected = patients * p * (1 - p) * (patients + whole) / (1 + whole)
    squares = (first - patients * p) ** 2
    assert abs(squares.mean() - expected) < FAR * squares.std() / math.sqrt(trials)
    assert abs(first.mean() - patients * p) < FAR * first.std() / math.sqrt(trials)


def test_closed_centres_have_no_patients() -> None:
    """Centres open uniformly over 36 months: with m of the 9 others open, the first gets
    1 / (1 + m) of the patients, and m is binomial; error from the spread over trials.
    """
    trials, number = 3000, 10
    found = world(trials, 60)
    centres = Centres(number, size_variation=0.0, opening_months=36.0)
    drawn = draw_centres(centres, seed=3, **found)
    at_first = found["arrival_months"] == 0.0
    assert (drawn.centre[at_first] == 0).all()
    for month in (9.0, 18.0):
        given_month = {**found, "arrival_months": np.full(found["trial"].size, month)}
        share = (draw_centres(centres, seed=3, **given_month).centre == 0).reshape(trials, 60)
        q = month / 36.0
        expected = (1 - (1 - q) ** number) / (number * q)
        by_trial = share.mean(axis=1)
        error = by_trial.std() / math.sqrt(trials)
        assert abs(by_trial.mean() - expected) < FAR * error
        assert error < 0.005


def test_skill_is_normal_with_its_standard_deviation() -> None:
    """One patient in each of 20 000 trials: error of a standard deviation sd / sqrt(2 n)."""
    trials = 20_000
    drawn = draw_centres(Centres(3, skill_sd=0.4), seed=4, **world(trials, 1))
    assert abs(drawn.skill.mean()) < FAR * 0.4 / math.sqrt(trials)
    assert abs(drawn.skill.std() - 0.4) < FAR * 0.4 / math.sqrt(2 * trials)


def test_cases_by_hand() -> None:
    found = case_numbers(
        trial=[0, 0, 0, 0, 0, 1, 1],
        order=[4, 3, 2, 1, 0, 0, 1],
        operator=[7, 7, 7, 2, 7, 7, 7],
        operated=[True, True, False, True, True, False, True],
    )
    assert found.tolist() == [3, 2, 0, 1, 1, 0, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": 0},
        {"number": True},
        {"number": "3"},
        {"number": 2.5},
        {"number": 10**9},
        {"number": 3, "size_variation": -0.1},
        {"number": 3, "size_variation": math.nan},
        {"number": 3, "opening_months": math.inf},
        {"number": 3, "skill_sd": None},
        {"number": 3, "surgeons": 0},
    ],
)
def test_wrong_centres(wrong) -> None:
    with pytest.raises(InputError):
        Centres(**wrong)


@pytest.mark.parametrize(
    "change",
    [
        {"trial": []},
        {"trial": [0, -1]},
        {"patient": [0]},
        {"patient": ["a", "b"]},
        {"arrival_months": [0.0, math.nan]},
        {"arrival_months": [0.0, -1.0]},
        {"arrival_months": [True, False]},
        {"seed": -1},
        {"seed": 1.0},
        {"centres": 5},
    ],
)
def test_wrong_patients(change) -> None:
    good = {
        "centres": Centres(3),
        "seed": 1,
        "trial": [0, 0],
        "patient": [0, 1],
        "arrival_months": [0, 1],
    }
    assert draw_centres(**good).centre.size == 2
    with pytest.raises(InputError):
        draw_centres(**{**good, **change})


def test_who_was_operated_on_is_told_for_every_patient() -> None:
    with pytest.raises(InputError):
        case_numbers(trial=[0], order=[0], operator=[0], operated=[1])
