"""The radix sort agrees with NumPy's stable sort, and labels with plain Python."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from debulk import InputError
from debulk.survival.labels import distinct
from debulk.survival.ordering import rising_order, sorted_keys

finite = st.floats(allow_nan=False, allow_infinity=False, width=64)


@given(arrays(np.float64, st.integers(0, 60), elements=finite | st.integers(0, 3).map(float)))
def test_property_the_order_is_the_stable_one(values):
    assert rising_order(values).tolist() == np.argsort(values, kind="stable").tolist()


def test_long_arrays_with_and_without_ties():
    rng = np.random.default_rng(1)
    for values in (rng.normal(size=5000), np.floor(rng.exponential(50, size=5000))):
        assert (rising_order(values) == np.argsort(values, kind="stable")).all()
        keys = np.abs(values).view(np.uint64)
        assert (sorted_keys(keys.copy()) == np.sort(keys)).all()


@pytest.mark.parametrize(
    "values",
    [
        [3, 1, 3, 2],
        [0.5, -1.0, 0.5],
        [10.0, 2.0, 10.0],
        [10**15, 3, 10**15],
        [True, False, True],
        ["b", "a", "b", "ä"],
        pl.Series(["x", "y", "x"], dtype=pl.Categorical),
        [],
    ],
    ids=str,
)
def test_labels_are_sorted_and_numbered(values):
    plain = values.to_list() if isinstance(values, pl.Series) else list(values)
    labels, codes = distinct(values, len(plain), "group")
    assert labels == sorted(set(plain))
    assert [labels[code] for code in codes] == plain


def test_a_missing_label_is_named_with_its_row():
    for values in ([1.0, np.nan], ["a", None], pl.Series([1, None])):
        with pytest.raises(InputError, match="cluster, row 2: the value is missing"):
            distinct(values, 2, "cluster")
