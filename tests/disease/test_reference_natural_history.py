"""A plain Python twin of the natural history, for a handful of patients."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import exp1

from debulk.core.streams import normal, patient_key, uniform
from debulk.disease import decisions, load_model, take_census
from debulk.disease.exponential_integral import (
    exp_integral,
    exponential_integral_tables,
    ln_inverse_exp_integral,
)
from debulk.disease.growth import age_at_cells, cells_at_age
from debulk.disease.seeding import births_of_primary, expected_shed

TABLE_RTOL = 2e-4  # the exponential integral is read from a table
LN_K = math.log(1e12)


def record(**changes):
    return load_model().with_parameters(changes).record()


def key_of(seed, patient):
    return np.uint64(patient_key(seed, 0, int(patient)))


def test_growth_and_age_undo_each_other():
    for growth in (0.0005, 0.0017, 0.01):
        for cells in (1.5, 1e6, 1e11):
            assert cells_at_age(growth, age_at_cells(growth, cells)) == pytest.approx(
                cells, rel=1e-9
            )


def test_exponential_integral_and_its_inverse():
    tables = exponential_integral_tables()
    for x in (0.002, 0.1, 1.0, 5.0, 16.0, 30.0):
        assert exp_integral(tables, x) == pytest.approx(exp1(x), rel=TABLE_RTOL)
        assert ln_inverse_exp_integral(tables, exp1(x)) == pytest.approx(
            math.log(x), abs=TABLE_RTOL
        )


def test_expected_number_shed_is_the_integral_of_the_rate():
    p = record()[0]
    rate, growth = 3e-9, 0.001
    low, high = 1e8, 3e10

    def shed(day):
        return rate * cells_at_age(growth, day) ** float(p["alpha"])

    days = [age_at_cells(growth, low), age_at_cells(growth, high)]
    expected = quad(shed, *days)[0]
    got = expected_shed(p, exponential_integral_tables(), rate, growth, low, high)
    assert got == pytest.approx(expected, rel=5e-4)  # a difference of two table values


def test_births_are_a_poisson_process_of_that_integral():
    p = record()[0]
    tables = exponential_integral_tables()
    rate, growth, low, high = 1.5e-9, 0.001, 1e8, 3e10
    expected = expected_shed(p, tables, rate, growth, low, high)
    born = np.empty(64)
    counts, shares = [], []
    for patient in range(4000):
        count = births_of_primary(p, tables, key_of(5, patient), rate, growth, low, high, born)
        counts.append(count)
        for day in born[:count]:
            cells = cells_at_age(growth, day)
            shares.append(expected_shed(p, tables, rate, growth, low, cells) / expected)
    # Four standard errors of a Poisson mean of 4000 draws; 1.63 is the 1 % point of Kolmogorov.
    assert abs(np.mean(counts) - expected) < 4 * math.sqrt(expected / 4000)
    shares = np.sort(shares)
    grid = np.arange(1, len(shares) + 1) / len(shares)
    assert np.max(np.abs(shares - grid)) < 1.63 / math.sqrt(len(shares))


def first_generation(p, key):
    """Day of diagnosis by the primary, and birth, growth and organ draws, written out anew."""
    zb = normal(key, decisions.GROWTH, 0, 0)
    slow = p["indolence"] if uniform(key, decisions.INDOLENT, 0, 0) < p["pind"] else 1.0
    zmu = p["rmu"] * zb + math.sqrt(1 - p["rmu"] ** 2) * normal(key, decisions.SHEDDING, 0, 0)
    mu = slow * p["mu"] * math.exp(p["smu"] * zmu)
    own = normal(key, decisions.GROWTH_PRIMARY, 0, 0)
    b = slow * p["bP"] * math.exp(p["sbP"] * (0.5 * zb + math.sqrt(0.75) * own))
    size = 10 ** (p["dxsize"] + p["sdxsize"] * normal(key, decisions.DIAGNOSIS_SIZE, 0, 0))
    competent = 10 ** (p["vcomp"] + p["svcomp"] * normal(key, decisions.COMPETENCE, 0, 0))
    day = -math.log(1 - math.log(size) / LN_K) / b
    shed = 0.0
    if competent < size:
        x = [p["alpha"] * (LN_K - math.log(v)) for v in (competent, size)]
        shed = mu * 1e12 ** p["alpha"] / b * (exp1(x[1]) - exp1(x[0]))
    return day, shed


def test_census_agrees_with_the_twin():
    model = load_model()
    p = dict(model.parameters)
    people = take_census(model, seed=3, births=300)
    early = 0
    for patient in np.flatnonzero(people.stage < 4)[:60]:
        key = key_of(3, patient)
        day, shed = first_generation(p, key)
        if people.diagnosis_years[patient] < day / 365.25 * (1 - 1e-9):
            continue  # metastases led to diagnosis before the primary did
        assert people.diagnosis_years[patient] == pytest.approx(day / 365.25, rel=1e-12)
        positive = 1 - math.exp(-p["kLN"] * shed ** p["gLN"])
        chance = uniform(key, decisions.NODE_POSITIVE, 0, 0)
        if abs(chance - positive) > TABLE_RTOL:
            assert (people.stage[patient] == 3) == (chance < positive)
            early += 1
    assert early > 40


def test_nothing_shed_means_no_metastases():
    people = take_census(load_model().with_parameters({"mu": 0.0}), seed=1, births=500)
    assert set(np.unique(people.stage)) <= {1, 2}
    assert np.isnan(people.recurrence_months).all()


def test_limits_of_immune_clearance():
    all_cleared = take_census(load_model().with_parameters({"limm": 30.0}), seed=1, births=3000)
    none_cleared = take_census(load_model().with_parameters({"limm": -300.0}), seed=1, births=3000)
    usual = take_census(load_model(), seed=1, births=3000)
    assert np.isnan(all_cleared.recurrence_months).all()
    found = [np.isfinite(each.recurrence_months).sum() for each in (usual, none_cleared)]
    assert found[0] < found[1]
