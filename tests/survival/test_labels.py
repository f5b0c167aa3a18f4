"""Results are found by label however the label is written, and wrong types are named."""

import polars as pl
import pytest

from debulk.core.errors import InputError
from debulk.survival import (
    cox,
    cumulative_incidence,
    gray_test,
    hazard_ratios,
    kaplan_meier,
    logrank,
)

TIME = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
CAUSE = [1, 2, 0, 1, 1, 2]
GROUP = [1, 2, 1, 2, 1, 2]


def test_groups_and_causes_are_found_as_numbers_and_as_text():
    curves = cumulative_incidence(TIME, CAUSE, group=GROUP)
    assert 1 in curves
    assert "1" in curves
    assert 3 not in curves
    assert curves.get(2) is curves["2"]
    assert curves[2].get("1") is curves["2"][1]
    assert curves.get(3) is None
    assert curves.get(3, 0) == 0
    event = [each > 0 for each in CAUSE]
    for result in (logrank(TIME, event, GROUP), gray_test(TIME, CAUSE, GROUP)):
        assert result.observed[1] == result.observed["1"]
        assert result.to_dict()["expected"]["2"] == result.expected[2]
    ratios = hazard_ratios(TIME, event, GROUP)
    assert ratios[2] is ratios["2"]
    with pytest.raises(InputError, match="nothing under '3'"):
        result.observed[3]


def test_a_lazy_frame_and_a_list_of_shares_are_refused():
    lazy = pl.DataFrame({"time": TIME, "event": [1] * 6, "x": GROUP}).lazy()
    with pytest.raises(InputError, match="LazyFrame"):
        cox(lazy, time="time", event="event", covariates="x")
    with pytest.raises(InputError, match="p: "):
        kaplan_meier(TIME, [1] * 6).quantile([0.25, 0.5])


def test_predictions_without_times_are_at_the_event_times():
    frame = pl.DataFrame({"time": TIME, "event": [1, 1, 0, 1, 1, 1], "x": [1, 2, 1, 2, 1, 3]})
    model = cox(frame, time="time", event="event", covariates="x")
    assert model.predict_survival(frame[:2]).times.tolist() == [1.0, 2.0, 4.0, 5.0, 6.0]
