"""Numbers as they are written, each worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from debulk.reports import summary_sentence, words


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (words.ratio, 0.9049, "0.90"),
        (words.ratio, None, "none"),
        (words.months, 27.46, "27.5"),
        (words.months, None, "not reached"),
        (words.months, float("inf"), "not reached"),
        (words.share, 0.0, "0 %"),
        (words.share, 0.0213, "2.1 %"),
        (words.share, 0.853, "85 %"),
        (words.share, None, "none"),
        (words.patients, 9000.5, "9\u202f000"),
        (words.patients, 3.24, "3.2"),
        (words.patients, 0.0, "0"),
        (words.difference, 1.24, "+1.2"),
        (words.difference, -1.24, "\u22121.2"),
        (words.difference, -0.01, "0.0"),
    ],
)
def test_numbers_are_written_without_spurious_digits(write: Any, value: Any, text: str) -> None:
    assert write(value) == text


def test_an_estimate_ends_where_its_error_begins() -> None:
    assert words.with_error(0.91234, 0.0051) == "0.912 ± 0.005"
    assert words.with_error(1.0437, 0.12) == "1.0 ± 0.1"
    assert words.with_error(0.91234, None) == "0.91"


def test_the_null_world_s_range_is_that_of_its_trials(result: dict[str, Any]) -> None:
    made = {**result, "trial_hazard_ratios_null": [0.5, None, 1.0, 2.0]}
    # Places 0.05 and 1.95 among three: 0.5 + 0.05 * 0.5 and 1 + 0.95 * 1.
    assert words.null_range(made) == pytest.approx({"median": 1.0, "lower": 0.525, "upper": 1.95})


def test_the_sentence_gives_effect_uncertainty_and_null_world(result: dict[str, Any]) -> None:
    sentence = summary_sentence(result)
    assert sentence.startswith("In this model, ")
    assert "0.90 at the median (95 % of trials from 0.70 to 1.13; below 1 favours deb" in sentence
    assert "true ratio of 0.912 ± 0.005" in sentence
    assert "20 % ± 3.0 points of the trials would declare a benefit, against 2.5 %" in sentence


def test_the_null_world_s_own_sentence_says_what_it_is(result: dict[str, Any]) -> None:
    assert summary_sentence({**result, "world": "null"}).startswith("This run is the null world")
