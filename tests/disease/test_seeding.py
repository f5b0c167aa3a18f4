"""Births of metastases against closed forms: Poisson, Iwata, Avanzini and Antal."""

import math

import numba
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import exp1
from scipy.stats import kstest

from debulk.core.streams import exponential, patient_key
from debulk.disease import decisions
from debulk.disease.exponential_integral import (
    exp_integral,
    exponential_integral_tables,
    ln_inverse_exp_integral,
)
from debulk.disease.growth import LIVER
from debulk.disease.model import prior_model
from debulk.disease.seeding import (
    births_of_primary,
    cascade,
    expected_shed,
    ripe_at,
    shed_when,
    shedding_start,
)

TABLE_RTOL = 2e-4  # the exponential integral is read from a table
SHED_RTOL = 5e-4  # a difference of two table values
SIGMAS = 4.0  # of the Monte Carlo error
KOLMOGOROV_P = 0.01
E1 = exponential_integral_tables()
LN_K = math.log(1e12)


def record(structure="reference", **changes):
    return prior_model(structure).with_parameters(changes).record()[0]


def key_of(seed, patient):
    return np.uint64(patient_key(seed, 0, int(patient)))


def cells_of_primary(growth, day):
    return math.exp(LN_K * (1 - math.exp(-growth * day)))


def age_of_primary(growth, cells):
    return -math.log(1 - math.log(cells) / LN_K) / growth


@pytest.mark.parametrize("x", [1e-9, 1e-5, 0.002, 0.1, 1.0, 5.0, 16.0, 30.0])
def test_exponential_integral_and_its_inverse(x):
    assert exp_integral(E1, math.log(x)) == pytest.approx(exp1(x), rel=TABLE_RTOL)
    inverse = ln_inverse_exp_integral(E1, math.log(exp1(x)))
    assert inverse == pytest.approx(math.log(x), abs=TABLE_RTOL)


@pytest.mark.parametrize("alpha", [0.0, 0.3, 0.66, 1.0])
def test_expected_number_shed_is_the_integral_of_the_rate(alpha):
    p = record(alpha=alpha)
    rate, growth, low, high = 3e-9, 0.001, 1e8, 3e10
    days = [age_of_primary(growth, each) for each in (low, high)]
    expected = quad(lambda day: rate * cells_of_primary(growth, day) ** alpha, *days)[0]
    got = expected_shed(p, E1, rate, growth, math.log(low), math.log(high))
    assert got == pytest.approx(expected, rel=SHED_RTOL)


def test_shedding_that_size_does_not_matter_for_is_constant_in_time():
    """The limit alpha = 0: the rate times the days between two sizes."""
    growth, low, high = 0.001, 1e8, 3e10
    days = age_of_primary(growth, high) - age_of_primary(growth, low)
    got = expected_shed(record(alpha=0.0), E1, 2e-3, growth, math.log(low), math.log(high))
    assert got == pytest.approx(2e-3 * days, rel=SHED_RTOL)


def test_births_are_a_poisson_process_of_that_integral():
    p = record()
    rate, growth, low, high = 1.5e-9, 0.001, math.log(1e8), math.log(3e10)
    expected = expected_shed(p, E1, rate, growth, low, high)
    born = np.empty(64)
    counts, shares = [], []
    for patient in range(4000):
        count = births_of_primary(p, E1, key_of(5, patient), rate, growth, low, high, born)
        counts.append(count)
        for day in born[:count]:
            cells = math.log(cells_of_primary(growth, day))
            shares.append(expected_shed(p, E1, rate, growth, low, cells) / expected)
    assert abs(np.mean(counts) - expected) < SIGMAS * math.sqrt(expected / 4000)
    # Mean and variance of a Poisson count agree; the variance of 4000 has a relative error of 2 %.
    assert np.var(counts) == pytest.approx(expected, rel=SIGMAS * math.sqrt(2 / 4000) + 0.02)
    assert kstest(shares, "uniform").pvalue > KOLMOGOROV_P


def test_metastases_larger_than_a_size_are_as_many_as_iwata_says():
    """McKendrick's equation, metastases of the primary: as many as were shed an age earlier.

    Iwata, Kawasaki and Shigesada (2000): Gompertz growth, colonisation m x^alpha. The number above
    N cells at time t is the integral of the rate up to t - age(N), by the exponential integral.
    """
    alpha, rate, growth_p, growth_m = 0.66, 1.2e-9, 0.001, 0.0017
    p = record(alpha=alpha)
    ln_met = float(p["cap_met"]) * math.log(10)
    now, people = age_of_primary(growth_p, 5e10), 4000
    born = np.empty(64)
    ages = []
    for patient in range(people):
        key = key_of(8, patient)
        count = births_of_primary(p, E1, key, rate, growth_p, 0.0, math.log(5e10), born)
        assert count < 64
        ages.extend(now - born[:count])
    ln_cells = ln_met * (1 - np.exp(-growth_m * np.array(ages)))
    for size in (1.0, 1e4, 1e7, 1e9):
        age = -math.log(1 - math.log(size) / ln_met) / growth_m
        x = [alpha * LN_K * math.exp(-growth_p * day) for day in (0.0, now - age)]
        expected = rate * math.exp(alpha * LN_K) / growth_p * (exp1(x[1]) - exp1(x[0]))
        found = np.count_nonzero(ln_cells >= math.log(size)) / people
        assert found == pytest.approx(
            expected, abs=SIGMAS * math.sqrt(expected / people) + SHED_RTOL * expected
        )


@numba.njit
def _children(p, e1, key, rate, growth, age, born, growths, organ, weights):
    born[0], growths[0], organ[0] = 0.0, growth, LIVER
    return cascade(p, e1, key, rate, growth, weights, age, 1, born, growths, organ, np.empty(8))


@pytest.mark.parametrize("structure", ["reference", "exponential"])
@pytest.mark.parametrize("alpha", [0.0, 0.66, 1.0])
def test_metastases_shed_by_their_size_and_its_inverse(structure, alpha):
    p = record(structure, alpha=alpha)
    start = shedding_start(p, E1)
    room = float(p["cap_met"]) * math.log(10)

    def ln_cells(ripe):
        return ripe if structure == "exponential" else room * (1 - math.exp(-ripe))

    ripe = 22.0 if structure == "exponential" else 1.7
    expected = quad(lambda r: math.exp(alpha * ln_cells(r)), 0.0, ripe, epsrel=1e-10)[0]
    assert shed_when(E1, start, ripe) == pytest.approx(expected, rel=SHED_RTOL)
    assert ripe_at(E1, start, expected) == pytest.approx(ripe, abs=2 * TABLE_RTOL)


@pytest.mark.parametrize("structure", ["reference", "exponential"])
def test_children_of_a_metastasis_are_a_poisson_process(structure):
    p = record(structure)
    growth = 0.0017 if structure == "reference" else math.log(2) / 70
    age = 1500.0
    expected_ripe = shed_when(E1, shedding_start(p, E1), growth * age) / growth
    rate = 3.0 / expected_ripe
    arrays = np.empty(224), np.empty(224), np.empty(224, dtype=np.int8), np.empty(5)
    counts = [
        _children(p, E1, key_of(2, patient), rate, growth, age, *arrays) - 1
        for patient in range(3000)
    ]
    assert np.mean(counts) == pytest.approx(3.0, abs=SIGMAS * math.sqrt(3.0 / 3000))
    assert np.var(counts) == pytest.approx(3.0, rel=0.15)  # its error is 3 %


def test_time_to_a_detectable_metastasis_is_that_of_avanzini_and_antal():
    """Exponential growth of rate r, shedding nu n: the first metastasis to reach M cells.

    Avanzini and Antal (2019), with metastases that grow without chance: none has by t with
    probability ``exp(-nu (exp(r (t - T)) - 1) / r)``, where T is the time one takes to grow to M.
    """
    p = record("exponential", alpha=1.0)
    start = shedding_start(p, E1)
    r, nu, detectable = 0.01, 1e-7, 1e8
    grown = math.log(detectable) / r
    times = []
    for patient in range(4000):
        draw = exponential(key_of(6, patient), decisions.CASCADE_BIRTH, 0, 0)
        times.append(ripe_at(E1, start, draw * r / nu) / r + grown)

    def reached(t):
        return -np.expm1(-nu * np.expm1(r * (np.asarray(t) - grown)) / r)

    assert kstest(times, reached).pvalue > KOLMOGOROV_P
