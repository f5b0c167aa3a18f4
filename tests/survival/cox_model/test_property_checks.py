"""What must hold of residuals, tests and predictions of any Cox model, against a plain twin."""

from dataclasses import replace

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
from hypothesis import HealthCheck, assume, given, settings

from debulk.survival.cox_model.baseline import baseline_hazard
from debulk.survival.cox_model.prediction import adjusted_survival, predict_survival
from debulk.survival.cox_model.proportionality import proportionality
from debulk.survival.cox_model.residuals import martingale, schoenfeld, score
from debulk.survival.cox_model.rows import CoxRows

ROUNDING = 1e-9  # sums in another order
LOOSE = settings(
    deadline=None, max_examples=50, suppress_health_check=[HealthCheck.filter_too_much]
)
ties_of_any_kind = st.sampled_from(["efron", "breslow"])


@st.composite
def models(draw):
    """Rows with ties, and optional entries, weights, strata and offsets; two coefficients."""
    n = draw(st.integers(1, 25))
    whole = st.integers(1, 8).map(float)
    time = draw(hnp.arrays(float, n, elements=whole))
    values = st.floats(-3, 3, allow_nan=False, width=32)
    stratum = draw(st.none() | hnp.arrays(np.int64, n, elements=st.integers(0, 2)))
    share = st.floats(0, 0.875, width=16)
    early = draw(st.none() | hnp.arrays(float, n, elements=share))
    rows = CoxRows(
        time=time,
        event=draw(hnp.arrays(bool, n)),
        x=draw(hnp.arrays(float, (n, 2), elements=values)),
        names=("a", "b"),
        terms=("a", "b"),
        stratum=stratum,
        stratum_labels=() if stratum is None else ("r", "s", "t"),
        entry=None if early is None else np.floor(early * time),
        weights=draw(st.none() | hnp.arrays(float, n, elements=st.floats(0.25, 4, width=16))),
        offset=draw(st.none() | hnp.arrays(float, n, elements=values)),
    )
    return rows, draw(hnp.arrays(float, 2, elements=st.floats(-1, 1, width=16)))


def columns_of(rows):
    stratum = np.zeros(rows.n, dtype=int) if rows.stratum is None else rows.stratum
    weights = np.ones(rows.n) if rows.weights is None else rows.weights
    entry = np.full(rows.n, -1.0) if rows.entry is None else rows.entry
    offset = 0.0 if rows.offset is None else rows.offset
    return stratum, weights, entry, offset


def steps_of(rows, beta, ties):
    """Each step by the definition: stratum, time, share of each row at risk, hazard."""
    stratum, weights, entry, offset = columns_of(rows)
    risk = np.exp(rows.x @ beta + offset)
    for code in np.unique(stratum):
        for now in np.unique(rows.time[rows.event & (stratum == code)]):
            at_risk = ((stratum == code) & (entry < now) & (rows.time >= now)).astype(float)
            dead = rows.event & (stratum == code) & (rows.time == now)
            parts = dead.sum() if ties == "efron" else 1
            for place in range(parts):
                counted = at_risk - dead * place / parts
                total = np.sum(counted * weights * risk)
                yield dead, now, counted, weights[dead].sum() / parts / total, parts


def twin(rows, beta, ties):
    """Martingale and score residuals, and moments of the score against 1, t and t squared."""
    _, weights, _, offset = columns_of(rows)
    risk = np.exp(rows.x @ beta + offset)
    centre = rows.time[rows.event].mean()
    residual, part = rows.event.astype(float), np.zeros((rows.n, 2))
    score_of_time, information = np.zeros(2), np.zeros((3, 2, 2))
    for dead, now, counted, hazard, parts in steps_of(rows, beta, ties):
        share = counted * weights * risk
        share /= share.sum()
        away = rows.x - share @ rows.x
        residual -= risk * counted * hazard
        part += (dead / parts - risk * counted * hazard)[:, None] * away
        load = weights[dead].sum() / parts
        score_of_time += (now - centre) * (weights * dead / parts) @ away
        variance = load * (away * share[:, None]).T @ away
        for power in range(3):
            information[power] += (now - centre) ** power * variance
    return residual, part, score_of_time, information


@LOOSE
@given(models(), ties_of_any_kind)
def test_residuals_are_those_of_the_definition(model, ties):
    rows, beta = model
    assume(rows.event.any())
    residual, part, _, _ = twin(rows, beta, ties)
    np.testing.assert_allclose(martingale(rows, beta, ties), residual, atol=ROUNDING)
    np.testing.assert_allclose(score(rows, beta, ties), part, atol=ROUNDING)


@LOOSE
@given(models(), ties_of_any_kind)
def test_proportionality_is_the_score_test_of_the_definition(model, ties):
    rows, beta = model
    assume(rows.event.any())
    _, _, direction, information = twin(rows, beta, ties)
    assume(np.linalg.cond(information[0]) < 1e4)
    covariance = np.linalg.inv(information[0])
    left = information[2] - information[1] @ covariance @ information[1]
    table = proportionality(rows, beta, ties, covariance, "identity")
    found = table["chi_square"].to_numpy()
    assert np.all(np.isnan(found) | (found >= 0))
    assume(np.linalg.cond(left) < 1e4)
    assume(np.linalg.eigvalsh(left)[0] > 1e-3)
    wanted = [*(direction**2 / np.diag(left)), direction @ np.linalg.solve(left, direction)]
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=ROUNDING)


@LOOSE
@given(models(), ties_of_any_kind)
def test_martingale_residuals_sum_to_nothing_in_each_stratum(model, ties):
    rows, beta = model
    stratum, weights, _, _ = columns_of(rows)
    sums = np.bincount(stratum, weights * martingale(rows, beta, ties))
    np.testing.assert_allclose(sums, 0.0, atol=ROUNDING)


@LOOSE
@given(models(), ties_of_any_kind)
def test_score_and_schoenfeld_residuals_have_one_sum(model, ties):
    rows, beta = model
    _, weights, _, _ = columns_of(rows)
    found = schoenfeld(rows, beta, ties)
    np.testing.assert_allclose(
        weights[found.row] @ found.residuals, weights @ score(rows, beta, ties), atol=ROUNDING
    )


@LOOSE
@given(models(), ties_of_any_kind)
def test_an_offset_can_take_the_place_of_the_covariates(model, ties):
    rows, beta = model
    _, _, _, offset = columns_of(rows)
    moved = replace(rows, offset=offset + rows.x @ beta)
    nothing = np.zeros(2)
    np.testing.assert_allclose(
        martingale(moved, nothing, ties), martingale(rows, beta, ties), atol=ROUNDING
    )
    np.testing.assert_allclose(score(moved, nothing, ties), score(rows, beta, ties), atol=ROUNDING)


@LOOSE
@given(models(), ties_of_any_kind)
def test_covariates_far_from_zero_change_nothing(model, ties):
    rows, beta = model
    far = replace(rows, x=rows.x + 1e6)
    # The shift itself rounds each covariate by up to 1e-10.
    np.testing.assert_allclose(martingale(far, beta, ties), martingale(rows, beta, ties), atol=1e-7)
    np.testing.assert_allclose(score(far, beta, ties), score(rows, beta, ties), atol=1e-6)
    found = predict_survival(far, beta, ties, np.eye(2), far.x[:1], _first_stratum(rows))
    wanted = predict_survival(rows, beta, ties, np.eye(2), rows.x[:1], _first_stratum(rows))
    np.testing.assert_allclose(found.survival, wanted.survival, atol=1e-7)
    np.testing.assert_allclose(found.std_error, wanted.std_error, rtol=1e-5, atol=1e-7)


@LOOSE
@given(models(), ties_of_any_kind, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(model, ties, random):
    rows, beta = model
    order = list(range(rows.n))
    random.shuffle(order)
    moved = _chosen(rows, np.array(order))
    np.testing.assert_allclose(
        martingale(moved, beta, ties), martingale(rows, beta, ties)[order], atol=ROUNDING
    )
    np.testing.assert_allclose(
        score(moved, beta, ties), score(rows, beta, ties)[order], atol=ROUNDING
    )


@LOOSE
@given(models(), ties_of_any_kind)
def test_a_row_may_be_cut_in_two(model, ties):
    rows, beta = model
    _, _, entry, _ = columns_of(rows)
    cut = (np.maximum(entry, 0.0) + rows.time) / 2
    early = replace(rows, entry=np.maximum(entry, -1.0), time=cut, event=np.zeros_like(rows.event))
    late = replace(rows, entry=cut)
    both = _chosen(rows, np.tile(np.arange(rows.n), 2))
    both = replace(
        both,
        time=np.concatenate((early.time, late.time)),
        entry=np.concatenate((early.entry, late.entry)),
        event=np.concatenate((early.event, late.event)),
    )
    halves = martingale(both, beta, ties).reshape(2, -1)
    np.testing.assert_allclose(halves.sum(axis=0), martingale(rows, beta, ties), atol=ROUNDING)


@LOOSE
@given(models(), ties_of_any_kind, st.sampled_from(["log-log", "log", "plain"]))
def test_predicted_survival_falls_and_its_limits_hold_it(model, ties, conf_type):
    rows, beta = model
    found = predict_survival(
        rows, beta, ties, np.eye(2) / 10, rows.x[:1], _first_stratum(rows), conf_type=conf_type
    )
    known = ~np.isnan(found.survival[:, 0])
    survival, lower, upper = found.survival[known], found.lower[known], found.upper[known]
    assert np.all((survival >= 0) & (survival <= 1))
    assert np.all(np.diff(survival, axis=0) <= 0)
    assert np.all((lower >= 0) & (lower <= survival + ROUNDING))
    assert np.all((upper <= 1) & (upper >= survival - ROUNDING))


@LOOSE
@given(models(), ties_of_any_kind)
def test_predictions_are_the_baseline_raised_to_the_risk(model, ties):
    rows, beta = model
    base = baseline_hazard(rows, beta, ties, offset=0.0)
    label = None if rows.stratum is None else rows.stratum_labels[rows.stratum[0]]
    own = base.filter(base["stratum"].eq_missing(label))
    found = predict_survival(
        rows, beta, ties, np.eye(2), rows.x[:1], _first_stratum(rows), times=own["time"].to_numpy()
    )
    wanted = own["hazard"].to_numpy() * np.exp(rows.x[0] @ beta)
    np.testing.assert_allclose(found.cumulative_hazard[:, 0], wanted, rtol=ROUNDING)


@LOOSE
@given(models(), ties_of_any_kind)
def test_adjusted_survival_is_the_mean_of_predictions(model, ties):
    rows, beta = model
    times = np.array([0.0, 1.0, 2.5, 6.0])
    all_rows = (rows.x, rows.stratum, rows.offset, times)
    each = predict_survival(rows, beta, ties, np.eye(2), *all_rows)
    other = {"own": rows.x, "up": rows.x + 1.0}
    found = adjusted_survival(rows, beta, ties, np.eye(2), other, *all_rows[1:])
    np.testing.assert_allclose(found.survival[:, 0], each.survival.mean(axis=1), rtol=ROUNDING)
    # The error of a mean is at most the mean of the errors.
    spread = (each.survival * each.std_error).mean(axis=1)
    known = ~np.isnan(spread)
    assert np.all(found.std_error[known, 0] <= spread[known] + ROUNDING)


def _first_stratum(rows):
    return None if rows.stratum is None else rows.stratum[:1]


def _chosen(rows, order):
    def part(values):
        return None if values is None else np.ascontiguousarray(values[order])

    arrays = ("time", "event", "x", "stratum", "entry", "weights", "offset")
    return replace(rows, **{name: part(getattr(rows, name)) for name in arrays})
