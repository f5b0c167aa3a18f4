"""What the parts that follow a Cox fit do with unusual and with wrong input."""

import json
from dataclasses import replace

import numpy as np
import pytest

from debulk import InputError
from debulk.survival.cox_model.baseline import baseline_hazard
from debulk.survival.cox_model.prediction import (
    adjusted_survival,
    linear_predictor,
    predict_survival,
)
from debulk.survival.cox_model.proportionality import proportionality, schoenfeld_plot_data
from debulk.survival.cox_model.residuals import (
    cox_snell,
    deviance,
    dfbeta,
    martingale,
    partial,
    schoenfeld,
    score,
)
from debulk.survival.cox_model.rows import CoxRows

BETA, COVARIANCE = np.array([0.3, -0.2]), np.diag([0.04, 0.09])


def sample(n=30, seed=5):
    draw = np.random.default_rng(seed)
    return CoxRows(
        time=draw.integers(1, 12, n).astype(float),
        event=draw.random(n) < 0.7,
        x=draw.normal(size=(n, 2)),
        names=("a", "b"),
        terms=("f", "f"),
    )


def stratified(n=30):
    rows = sample(n)
    stratum = np.arange(n) % 3
    # The last stratum has no events, and one patient's follow-up there is longest of all.
    event = rows.event & (stratum < 2)
    time = np.where(stratum == 2, rows.time + 20, rows.time)
    return replace(
        rows, time=time, event=event, stratum=stratum, stratum_labels=("one", "three", "two")
    )


def test_a_stratum_without_events_has_no_hazard():
    rows = stratified()
    silent = rows.stratum == 2
    assert (cox_snell(rows, BETA, "efron")[silent] == 0).all()
    assert (score(rows, BETA, "efron")[silent] == 0).all()
    table = baseline_hazard(rows, BETA, "efron")
    assert (table.filter(table["stratum"] == "two")["hazard"] == 0).all()
    found = predict_survival(rows, BETA, "efron", COVARIANCE, np.zeros((1, 2)), [2], times=[5.0])
    assert found.survival[0, 0] == found.lower[0, 0] == found.upper[0, 0] == 1
    assert found.std_error[0, 0] == 0


def test_without_events_nothing_is_expected_and_nothing_can_be_tested():
    rows = replace(sample(), event=np.zeros(30, dtype=bool))
    assert (martingale(rows, BETA, "efron") == 0).all()
    assert (deviance(rows, BETA, "efron") == 0).all()
    assert schoenfeld(rows, BETA, "efron").residuals.shape == (0, 2)
    assert (baseline_hazard(rows, BETA, "efron")["hazard"] == 0).all()
    table = proportionality(rows, BETA, "efron", COVARIANCE)
    assert table["chi_square"].is_nan().all()
    assert table["p"].is_nan().all()
    points = schoenfeld_plot_data(rows, BETA, "efron", COVARIANCE)
    assert points.coefficient.shape == (0, 2)


@pytest.mark.parametrize("transform", ["km", "identity", "rank", "log"])
def test_events_at_one_time_say_nothing_about_change(transform):
    rows = replace(sample(), time=np.full(30, 0.1))
    table = proportionality(rows, BETA, "efron", COVARIANCE, transform)
    assert table["term"].to_list() == ["a", "b", "GLOBAL"]
    assert table["df"].to_list() == [1, 1, 2]
    assert table["chi_square"].is_nan().all()


@pytest.mark.parametrize("n", [0, 1])
def test_no_row_and_one_row(n):
    rows = sample(1)
    rows = replace(rows, time=rows.time[:n], event=np.ones(n, dtype=bool), x=rows.x[:n])
    assert martingale(rows, BETA, "efron").tolist() == [0.0] * n
    assert score(rows, BETA, "efron").tolist() == [[0.0, 0.0]] * n
    assert partial(rows, BETA, "efron").shape == (n, 1)
    assert dfbeta(rows, BETA, "efron", COVARIANCE).shape == (n, 2)
    assert baseline_hazard(rows, BETA, "efron").height == n
    found = predict_survival(rows, BETA, "efron", COVARIANCE, np.zeros((1, 2)))
    assert found.survival.shape == (n, 1)


def test_a_model_without_columns_has_a_hazard_but_no_proportionality():
    rows = replace(sample(), x=np.empty((30, 0)), names=(), terms=())
    nothing, none = np.empty(0), np.empty((0, 0))
    assert martingale(rows, nothing, "efron").sum() == pytest.approx(0, abs=1e-12)
    assert score(rows, nothing, "efron").shape == (30, 0)
    found = predict_survival(rows, nothing, "efron", none, np.empty((2, 0)), times=[3.0])
    assert found.survival[0, 0] == found.survival[0, 1] > 0
    with pytest.raises(InputError, match="nothing to test"):
        proportionality(rows, nothing, "efron", none)


def test_predictions_end_with_the_follow_up_of_the_stratum():
    rows = stratified()
    ends = [rows.time[rows.stratum == code].max() for code in range(3)]
    x, strata = np.zeros((3, 2)), [0, 1, 2]
    found = predict_survival(
        rows, BETA, "efron", COVARIANCE, x, strata, times=[ends[0], ends[2], ends[2] + 1]
    )
    assert np.isnan(found.survival).tolist() == [
        [False, ends[1] < ends[0], False],
        [True, True, False],
        [True, True, True],
    ]
    for name in ("cumulative_hazard", "std_error", "lower", "upper"):
        assert (np.isnan(getattr(found, name)) == np.isnan(found.survival)).all()
    default = predict_survival(rows, BETA, "efron", COVARIANCE, x[:1], [1])
    own = np.unique(rows.time[rows.event & (rows.stratum == 1)])
    np.testing.assert_array_equal(default.times, own)


def test_columns_of_a_factor_are_tested_together():
    table = proportionality(sample(), BETA, "efron", COVARIANCE, by="term")
    assert table["term"].to_list() == ["f", "GLOBAL"]
    assert table["df"].to_list() == [2, 2]
    assert table["chi_square"][0] == table["chi_square"][1]


def test_a_transform_may_be_a_function_of_all_times():
    rows = sample()
    named = proportionality(rows, BETA, "efron", COVARIANCE, "rank")

    def rank(times):
        return np.array([(times < each).sum() + ((times == each).sum() + 1) / 2 for each in times])

    own = proportionality(rows, BETA, "efron", COVARIANCE, rank)
    np.testing.assert_allclose(own["chi_square"], named["chi_square"], rtol=1e-12)


def test_a_column_that_is_constant_in_a_stratum_shows_no_points_there():
    rows = stratified()
    x = rows.x.copy()
    x[rows.stratum == 1, 0] = 4.0
    points = schoenfeld_plot_data(replace(rows, x=x), BETA, "efron", COVARIANCE)
    quiet = np.array(points.stratum) == "three"
    assert np.isnan(points.coefficient[quiet, 0]).all()
    assert np.isfinite(points.coefficient[quiet, 1]).all()
    assert np.isfinite(points.coefficient[~quiet]).all()


def test_results_become_json():
    rows = stratified()
    x = np.zeros((1, 2))
    for result in (
        schoenfeld(rows, BETA, "efron", COVARIANCE),
        schoenfeld_plot_data(rows, BETA, "efron", COVARIANCE),
        predict_survival(rows, BETA, "efron", COVARIANCE, x, [0], times=[1.0, 1e3]),
        adjusted_survival(rows, BETA, "efron", COVARIANCE, {"all": x}, [0], times=[1.0]),
    ):
        text = json.dumps(result.to_dict(), allow_nan=False)
        assert json.loads(text).keys() == vars(result).keys()


def test_the_baseline_may_lie_out_of_reach_while_predictions_do_not():
    rows = sample()
    far = replace(rows, x=rows.x + 1e5)
    beta = np.array([0.3, -0.2])
    assert (baseline_hazard(far, -beta, "efron")["hazard"] == np.inf).any()
    assert (baseline_hazard(far, beta, "efron")["hazard"] == 0).all()
    near = predict_survival(rows, beta, "efron", COVARIANCE, rows.x[:2])
    found = predict_survival(far, beta, "efron", COVARIANCE, far.x[:2])
    np.testing.assert_allclose(found.survival, near.survival, atol=1e-8)


def test_linear_predictors_count_from_zero():
    x = np.array([[1.0, 2.0], [0.0, 1.0]])
    np.testing.assert_allclose(linear_predictor(BETA, x), [-0.1, -0.2])
    np.testing.assert_allclose(linear_predictor(BETA, x, [1.0, 0.0]), [0.9, -0.2])


ROWS, X = sample(), np.zeros((1, 2))
WRONG = {
    "ties": lambda: martingale(ROWS, BETA, "exact"),
    "there are 1 for 2 columns": lambda: score(ROWS, BETA[:1], "efron"),
    "coefficient of b": lambda: martingale(ROWS, np.array([0.0, np.inf]), "efron"),
    "too far apart": lambda: martingale(ROWS, np.array([1e4, 0.0]), "efron"),
    "shape \\(1, 1\\)": lambda: dfbeta(ROWS, BETA, "efron", np.eye(1)),
    "not finite": lambda: proportionality(ROWS, BETA, "efron", np.full((2, 2), np.nan)),
    "'square' is not known": lambda: proportionality(ROWS, BETA, "efron", COVARIANCE, "square"),
    "at the event time 0": lambda: proportionality(
        replace(ROWS, time=ROWS.time * 0), BETA, "efron", COVARIANCE, "log"
    ),
    "Return one number": lambda: proportionality(ROWS, BETA, "efron", COVARIANCE, np.mean),
    "by: 'group'": lambda: proportionality(ROWS, BETA, "efron", COVARIANCE, by="group"),
    "shape \\(2,\\)": lambda: predict_survival(ROWS, BETA, "efron", COVARIANCE, [0.0, 0.0]),
    "new row 1, b": lambda: predict_survival(ROWS, BETA, "efron", COVARIANCE, [[0.0, np.nan]]),
    "lies 3e\\+03 above": lambda: predict_survival(ROWS, BETA, "efron", COVARIANCE, [[1e4, 0]]),
    "has 2 values for 1": lambda: predict_survival(
        ROWS, BETA, "efron", COVARIANCE, X, offset_new=[1.0, 2.0]
    ),
    "is negative": lambda: predict_survival(ROWS, BETA, "efron", COVARIANCE, X, times=[-1.0]),
    "times, row 1": lambda: predict_survival(ROWS, BETA, "efron", COVARIANCE, X, times=[np.nan]),
    "has no strata": lambda: predict_survival(ROWS, BETA, "efron", COVARIANCE, X, [0]),
    "has strata": lambda: predict_survival(stratified(), BETA, "efron", COVARIANCE, X),
    "among 3 strata": lambda: predict_survival(stratified(), BETA, "efron", COVARIANCE, X, [3]),
    "conf_level": lambda: predict_survival(ROWS, BETA, "efron", COVARIANCE, X, conf_level=1.0),
    "conf_type": lambda: predict_survival(ROWS, BETA, "efron", COVARIANCE, X, conf_type="logit"),
    "there is none": lambda: adjusted_survival(ROWS, BETA, "efron", COVARIANCE, {}),
    "one has no rows": lambda: adjusted_survival(ROWS, BETA, "efron", COVARIANCE, {"a": X[:0]}),
}


@pytest.mark.parametrize("message", list(WRONG))
def test_what_is_wrong_is_named(message):
    with pytest.raises(InputError, match=message):
        WRONG[message]()
