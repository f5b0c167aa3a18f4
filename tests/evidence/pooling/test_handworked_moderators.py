"""Moderators are the same whatever holds them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from debulk.core import InputError
from debulk.evidence.pooling.random_effects import pool

Y, S = [-0.5, -0.1, -0.3, 0.2, 0.0], [0.2, 0.1, 0.15, 0.2, 0.12]
YEAR, ORGAN = [1.0, 2.0, 4.0, 3.0, 7.0], ["a", "b", "a", "b", "a"]


def coefficients(moderators: object) -> list[tuple[str, float]]:
    """Names and estimates of a meta-regression."""
    found = pool(Y, S, moderators=moderators)
    return [(each.name, each.estimate) for each in found.coefficients]


@pytest.mark.parametrize(
    "same",
    [
        pl.DataFrame({"year": YEAR, "organ": ORGAN}),
        {"year": pl.Series(YEAR), "organ": np.array(ORGAN)},
        pytest.param("pandas", id="pandas"),
    ],
)
def test_a_frame_is_a_mapping_of_its_columns(same: object) -> None:
    expected = coefficients({"year": YEAR, "organ": ORGAN})
    if isinstance(same, str):
        pandas = pytest.importorskip("pandas")
        same = pandas.DataFrame({"year": YEAR, "organ": ORGAN}, index=[9, 8, 7, 6, 5])
    assert coefficients(same) == expected


@pytest.mark.parametrize("one", [YEAR, tuple(YEAR), np.array(YEAR), pl.Series(YEAR)])
def test_one_column_without_a_name_is_x1(one: object) -> None:
    assert coefficients(one) == coefficients({"x1": YEAR})


def test_a_series_keeps_its_name() -> None:
    assert coefficients(pl.Series("year", YEAR)) == coefficients({"year": YEAR})


@pytest.mark.parametrize("make", [np.array, np.ndarray.tolist])
def test_columns_of_an_array_are_numbered(make) -> None:
    columns = np.column_stack([YEAR, [2.0, 1.0, 5.0, 1.0, 2.0]])
    expected = coefficients({"x1": columns[:, 0], "x2": columns[:, 1]})
    assert coefficients(make(columns)) == expected


def test_a_column_of_numbers_beside_one_of_words_stays_numbers() -> None:
    rows = [list(each) for each in zip(YEAR, ORGAN, strict=True)]
    assert coefficients(rows) == coefficients({"x1": YEAR, "x2": ORGAN})


def test_hostile_a_masked_value_of_an_array_is_not_read() -> None:
    hidden = np.ma.masked_array(np.column_stack([YEAR]), mask=[[0], [1], [0], [0], [0]])
    with pytest.raises(InputError, match=r"moderators, x1, row 2: the value is masked"):
        pool(Y, S, moderators=hidden)


def test_both_ends_of_a_prediction_unpack() -> None:
    found = pool(Y, S)
    lower, upper = found.prediction
    assert (lower, upper) == (found.prediction.lower, found.prediction.upper)
    assert found.to_dict()["prediction"] == {"lower": lower, "upper": upper}
