"""Small samples whose answers fit on paper."""

import math

import numpy as np
import pytest

from debulk.survival.cox_model.baseline import baseline_hazard
from debulk.survival.cox_model.prediction import adjusted_survival, predict_survival
from debulk.survival.cox_model.proportionality import proportionality
from debulk.survival.cox_model.residuals import cox_snell, deviance, martingale, schoenfeld, score
from debulk.survival.cox_model.rows import CoxRows

NOTHING = np.zeros(1)
EXACT = 1e-14  # a handful of additions


def rows(time, event, x, **more):
    return CoxRows(
        time=np.array(time, dtype=float),
        event=np.array(event, dtype=bool),
        x=np.array(x, dtype=float).reshape(len(time), -1),
        names=("x",),
        terms=("x",),
        **more,
    )


THREE = rows([3, 1, 2], [1, 1, 1], [2, 0, 1])


def test_hazards_add_up_over_the_risk_sets():
    expected = [1 / 3 + 1 / 2 + 1, 1 / 3, 1 / 3 + 1 / 2]
    np.testing.assert_allclose(cox_snell(THREE, NOTHING, "efron"), expected, rtol=EXACT)
    np.testing.assert_allclose(martingale(THREE, NOTHING, "efron"), 1 - np.array(expected))
    # sign(m) sqrt(-2 (m + log(1 - m))) with m = 2/3
    wanted = math.sqrt(-2 * (2 / 3 + math.log(1 / 3)))
    assert deviance(THREE, NOTHING, "efron")[1] == pytest.approx(wanted, rel=EXACT)


def test_schoenfeld_and_score_residuals():
    # Means at risk: (2 + 0 + 1)/3 at time 1, (2 + 1)/2 at time 2, 2 at time 3.
    found = schoenfeld(THREE, NOTHING, "breslow", np.array([[0.5]]))
    np.testing.assert_array_equal(found.time, [1, 2, 3])
    np.testing.assert_array_equal(found.row, [1, 2, 0])
    np.testing.assert_allclose(found.residuals[:, 0], [-1, -0.5, 0], atol=EXACT)
    np.testing.assert_allclose(found.scaled[:, 0], [-1.5, -0.75, 0], atol=EXACT)
    # Row 1: 0 - [(2 - 1)/3 + (2 - 3/2)/2 + 0]; row 2: -1 + 1/3; row 3: -1/2 - [0 - 1/4].
    expected = [-1 / 3 - 1 / 4, -2 / 3, -1 / 4]
    np.testing.assert_allclose(score(THREE, NOTHING, "efron")[:, 0], expected, atol=EXACT)


def test_tied_events_share_their_risk_set():
    tied = rows([1, 1, 2], [1, 1, 0], [0, 1, 2])
    # Efron: 1/3, then 1/2 with each tied patient counted half.
    expected = [1 / 3 + 1 / 4, 1 / 3 + 1 / 4, 1 / 3 + 1 / 2]
    np.testing.assert_allclose(cox_snell(tied, NOTHING, "efron"), expected, rtol=EXACT)
    np.testing.assert_allclose(cox_snell(tied, NOTHING, "breslow"), [2 / 3] * 3, rtol=EXACT)
    for ties, hazard in (("efron", 5 / 6), ("breslow", 2 / 3)):
        table = baseline_hazard(tied, NOTHING, ties)
        np.testing.assert_allclose(table["hazard"], [hazard, hazard], rtol=EXACT)
        np.testing.assert_allclose(table["increment"], [hazard, 0], rtol=EXACT)


def test_a_late_entry_is_at_risk_after_it():
    late = rows([1, 2, 3], [1, 1, 1], [0, 0, 0], entry=np.array([0.0, 1.0, 0.5]))
    # At risk at 1: the first and the third, the second entering just after; at 2: two; at 3: one.
    expected = [1 / 2, 1 / 2, 1 / 2 + 1 / 2 + 1]
    np.testing.assert_allclose(cox_snell(late, NOTHING, "efron"), expected, rtol=EXACT)


def test_the_score_test_of_a_change_with_time():
    # Score for x t: sum of (t - 2) times (-1, -1/2, 0). Variances at risk 2/3, 1/4, 0.
    score_of_time = -1 * -1 + 0 * -0.5
    zeroth, first, second = 2 / 3 + 1 / 4, -2 / 3, 2 / 3
    expected = score_of_time**2 / (second - first**2 / zeroth)
    covariance = np.array([[1 / zeroth]])
    table = proportionality(THREE, NOTHING, "efron", covariance, "identity")
    assert table["term"].to_list() == ["x", "GLOBAL"]
    assert table["df"].to_list() == [1, 1]
    np.testing.assert_allclose(table["chi_square"], [expected] * 2, rtol=EXACT)
    p = math.erfc(math.sqrt(expected / 2))
    np.testing.assert_allclose(table["p"], [p] * 2, rtol=1e-12)


def test_a_prediction_and_its_error():
    beta, x, times = np.array([math.log(2.0)]), [[0.0], [1.0]], [0.5, 1.0, 2.0]
    data = rows([1, 2, 2], [1, 0, 0], [0, 1, 0])
    found = predict_survival(data, beta, "efron", np.array([[0.3]]), x, times=times)
    # Risks 1, 2 and 1: hazard 1/4 for x = 0, the mean at risk 2/4.
    np.testing.assert_allclose(found.cumulative_hazard[:, 0], [0, 1 / 4, 1 / 4], rtol=EXACT)
    np.testing.assert_allclose(found.cumulative_hazard[:, 1], [0, 1 / 2, 1 / 2], rtol=EXACT)
    low = math.sqrt(1 / 16 + 0.3 * (0 - 1 / 8) ** 2)
    high = 2 * math.sqrt(1 / 16 + 0.3 * (1 / 4 - 1 / 8) ** 2)
    np.testing.assert_allclose(found.std_error[1], [low, high], rtol=1e-13)
    both = adjusted_survival(data, beta, "efron", np.array([[0.3]]), {"all": x}, times=times)
    mean = (math.exp(-1 / 4) + math.exp(-1 / 2)) / 2
    assert both.survival[1, 0] == pytest.approx(mean, rel=EXACT)
    # Derivatives of the mean by the hazard's error and by the coefficient's.
    by_hazard = (math.exp(-1 / 4) + 2 * math.exp(-1 / 2)) / 2
    by_beta = (math.exp(-1 / 4) * (0 - 1 / 8) + 2 * math.exp(-1 / 2) * (1 / 4 - 1 / 8)) / 2
    wanted = math.sqrt(by_hazard**2 / 16 + 0.3 * by_beta**2)
    assert both.std_error[1, 0] == pytest.approx(wanted, rel=1e-13)
