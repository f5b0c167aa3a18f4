"""Do coordinates and parameters belong to each other, and never leave the domain?"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, truncnorm

from debulk.core.errors import InputError
from debulk.disease.calibration import make_priors
from debulk.disease.parameters import ParameterEntry, check_value, parameter_entries

CLOSED_RTOL = 1e-9
ROUNDED = 0.03  # limits are packaged with three digits: so much in standard deviations
Z_95 = float(norm.ppf(0.95))


def entry(law, value, lower, upper, allowed) -> ParameterEntry:
    return ParameterEntry("x", value, "", "a number", law, lower, upper, allowed, "assumption", "")


def priors(*made):
    return make_priors({str(row): each for row, each in enumerate(made)})


def test_median_and_limits_are_those_of_the_entry():
    found = priors(
        entry("normal", 2.0, 1.0, 3.0, "real"),
        entry("lognormal", 2.0, 1.0, 4.0, "positive"),
        entry("logitnormal", 0.5, 0.2, 0.8, "probability"),
    )
    values = found.from_unit(np.outer([-Z_95, 0.0, Z_95], np.ones(3)))
    assert values == pytest.approx(
        np.array([[1.0, 1.0, 0.2], [2.0, 2.0, 0.5], [3.0, 4.0, 0.8]]), rel=CLOSED_RTOL
    )


def test_packaged_priors_have_their_limits_and_stay_in_their_domains():
    entries = parameter_entries()
    found = make_priors()
    assert found.names == tuple(name for name, each in entries.items() if each.free)
    limits = np.array([[entries[name].lower, entries[name].upper] for name in found.names]).T
    width = np.diff(found.to_unit(limits), axis=0)[0]
    assert width == pytest.approx(np.full(len(found), 2 * Z_95), abs=ROUNDED)
    for far in (-1e9, -8.0, -3.0, 0.0, 3.0, 8.0, 1e9):
        values = found.from_unit(np.full(len(found), far))
        for name, value in zip(found.names, values, strict=True):
            check_value(entries[name], float(value))


@given(st.lists(st.floats(-5, 5), min_size=66, max_size=66))
def test_property_there_and_back(unit):
    found = make_priors()
    start = np.resize(np.array(unit), len(found))
    assert found.to_unit(found.from_unit(start)) == pytest.approx(start, abs=1e-6)


def test_a_normal_law_is_cut_off_at_its_domain():
    found = priors(entry("normal", 0.5, -0.3, 1.3, "correlation"))
    spread = 1.6 / (2 * Z_95)
    law = truncnorm((-1 - 0.5) / spread, (1 - 0.5) / spread, 0.5, spread)
    unit = np.linspace(-6, 6, 49)[:, None]
    values = found.from_unit(unit)
    assert law.cdf(values[:, 0]) == pytest.approx(norm.cdf(unit[:, 0]), rel=1e-6, abs=1e-12)
    assert np.all(np.abs(values) <= 1.0)
    assert np.all(np.diff(values[:, 0]) > 0.0)


@pytest.mark.parametrize(
    ("law", "value", "lower", "upper"),
    [
        ("normal", 0.5, 0.6, 1.0),
        ("lognormal", 0.5, 0.0, 1.0),
        ("logitnormal", 0.5, 0.1, 1.0),
        ("lognormal", 0.5, 1.0, 0.1),
    ],
)
def test_limits_that_make_no_prior_are_refused(law, value, lower, upper):
    with pytest.raises(InputError, match="limits on both sides"):
        priors(entry(law, value, lower, upper, "real"))


def test_fixed_and_left_out_parameters_are_not_calibrated():
    free = entry("normal", 0.0, -1.0, 1.0, "real")
    fixed = dataclasses.replace(free, law="fixed", lower=None, upper=None)
    named = {
        name: dataclasses.replace(each, name=name)
        for name, each in {"a": free, "b": fixed, "c": free}.items()
    }
    assert make_priors(named).names == ("a", "c")
    assert make_priors(named, without=["a"]).names == ("c",)
