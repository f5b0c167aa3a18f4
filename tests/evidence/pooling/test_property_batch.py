"""Are many meta-analyses at once what each alone is, whatever the threads?"""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debulk.core.compiled import use_threads
from debulk.core.errors import InputError
from debulk.evidence.pooling.batch import INTERVALS, pool_many, pool_rows
from debulk.evidence.pooling.one_mean import METHODS
from debulk.evidence.pooling.random_effects import pool

SAME = 1e-12  # the same sums in another order
COLUMNS = ("estimate", "se", "lower", "upper", "tau2", "q")


def table(seed, rows, most):
    """Sets of 2 to `most` studies, the missing ones at random places."""
    generator = np.random.default_rng(seed)
    estimates = generator.normal(0.0, 0.6, (rows, most))
    errors = generator.uniform(0.05, 0.8, (rows, most))
    missing = generator.random((rows, most)) < 0.3
    missing[:, :2] = False
    estimates[missing] = errors[missing] = np.nan
    return estimates, errors


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("interval", INTERVALS)
def test_each_row_is_what_pool_says(method, interval):
    estimates, errors = table(11, 60, 8)
    many = pool_many(estimates, errors, method=method, interval=interval, conf_level=0.9)
    for row in range(len(estimates)):
        kept = np.isfinite(estimates[row])
        one = pool(
            estimates[row, kept],
            errors[row, kept],
            method=method,
            interval=interval,
            conf_level=0.9,
        )
        assert many.k[row] == one.k
        for name in COLUMNS:
            expected = getattr(one, name)
            np.testing.assert_allclose(getattr(many, name)[row], expected, rtol=SAME, atol=SAME)


@given(st.integers(0, 2**32), st.integers(1, 40), st.integers(2, 12))
def test_threads_change_no_bit(seed, rows, most):
    estimates, errors = table(seed, rows, most)
    try:
        found = []
        for workers in (1, 2):
            use_threads(workers)
            found.append(pool_many(estimates, errors))
    finally:
        use_threads(None)
    for name in COLUMNS:
        assert getattr(found[0], name).tobytes() == getattr(found[1], name).tobytes()


def test_the_kernel_is_what_it_reads_as():
    """The plain Python under the compiled kernel, on one thread."""
    estimates, errors = table(5, 4, 4)
    quantiles = np.array([1.96, 12.7, 4.3, 3.18])
    arguments = (estimates, errors, METHODS.index("reml"), 1, quantiles, 2)
    plain = pool_rows.py_func(*arguments)
    np.testing.assert_allclose(pool_rows(*arguments), plain, rtol=SAME)


def test_rows_with_too_few_studies_are_counted():
    estimates = np.array([[0.1, 0.3], [0.2, np.nan], [np.nan, np.nan]])
    errors = np.where(np.isnan(estimates), np.nan, 0.2)
    found = pool_many(estimates, errors)
    assert found.k.tolist() == [2, 1, 0]
    assert np.isnan(found.estimate).tolist() == [False, True, True]
    assert found.provenance.exclusions[0].count == 2
    json.dumps(found.to_dict(), allow_nan=False)
    alone = pool_many(estimates, errors, method="ee", interval="wald")
    np.testing.assert_allclose(alone.estimate[1], 0.2)
    assert alone.provenance.exclusions[0].count == 1


@pytest.mark.parametrize(
    ("estimates", "errors", "told"),
    [
        ([0.1, 0.2], [0.1, 0.2], "has 1 dimensions"),
        ([[0.1, 0.2]], [[0.1]], "has shape"),
        ([[0.1, 0.2]], [[0.1, 0.0]], "std_errors, row 1, study 2: 0 is no standard error"),
        ([[0.1, np.inf]], [[0.1, 0.1]], "estimates, row 1, study 2: inf"),
        ([[0.1, 0.2]], [[0.1, np.inf]], "std_errors, row 1, study 2: inf"),
        ([[0.1, np.nan]], [[0.1, 0.1]], "is missing, the other is not"),
        ([["a", "b"]], [[0.1, 0.1]], "not numbers"),
        ([[0.1, 0.2], [0.1]], [[0.1, 0.1]], "not a plain list"),
    ],
)
def test_what_cannot_be_pooled_is_refused(estimates, errors, told):
    with pytest.raises(InputError, match=told):
        pool_many(estimates, errors)
