"""Strengths of mechanisms: what they multiply, and which are refused."""

import numpy as np
import pytest

from debulk.core import InputError
from debulk.disease.mechanisms import LARGEST_STRENGTH, MECHANISMS, check_strength
from debulk.disease.model import prior_model

MODEL = prior_model()
NATURAL_HISTORY = ("fsec", "uacq", "pen")


@pytest.mark.parametrize("name", MECHANISMS)
def test_a_strength_multiplies_one_field_alone(name):
    usual, off = MODEL.record(), MODEL.without(name).record()
    changed = [field for field in usual.dtype.names if usual[field] != off[field]]
    assert len(changed) == 1
    assert off[changed[0]] == 0.0
    half = MODEL.with_strengths({name: 0.5}).record()
    assert half[changed[0]] == 0.5 * usual[changed[0]]


@pytest.mark.parametrize("name", ["seeding", "resistance", "perfusion"])
def test_presenters_are_the_same_with_a_mechanism_off(name):
    usual, off = MODEL.record(), MODEL.without(name).record()
    for field in NATURAL_HISTORY:
        assert usual[field] == off[field]


@pytest.mark.parametrize("name", MECHANISMS)
def test_strengths_from_none_to_the_largest_are_taken(name):
    most = LARGEST_STRENGTH[name]
    for value in (0, 1, 0.5, np.float64(most)):
        assert check_strength(name, value) == float(value)
    for value in (-0.1, most + 0.01, float("nan"), float("inf"), "1", None, True):
        with pytest.raises(InputError, match=name):
            check_strength(name, value)


def test_every_mechanism_says_what_it_is():
    assert all(what and what[0].islower() for what in MECHANISMS.values())
    assert len(MECHANISMS) == 14
