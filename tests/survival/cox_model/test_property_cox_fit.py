"""The fit against plain NumPy written from the formulas, on small tables of any kind."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.survival.cox_model.fit import maximise
from debulk.survival.cox_model.likelihood import Likelihood
from debulk.survival.cox_model.model import cox
from debulk.survival.cox_model.prepared import prepare
from debulk.survival.cox_model.robust import scores_by_cluster
from debulk.survival.cox_model.rows import CoxRows
from debulk.survival.cox_model.thinning import thinned

EXACT = 1e-10  # sums of a few dozen terms in another order
LONG = 1e-9  # both end within the square of a step of a hundred thousandth


def plain_likelihood(rows, beta, efron):
    """Log-likelihood, gradient, information, and weighted scores, event time by event time."""
    n, p = rows.x.shape
    weights = np.ones(n) if rows.weights is None else rows.weights
    eta = rows.x @ beta + (0.0 if rows.offset is None else rows.offset - rows.offset.mean())
    risk = weights * np.exp(eta)
    entry = np.full(n, -np.inf) if rows.entry is None else rows.entry
    stratum = np.zeros(n, int) if rows.stratum is None else rows.stratum
    loglik, information, scores = 0.0, np.zeros((p, p)), np.zeros((n, p))
    for s in np.unique(stratum):
        for t in np.unique(rows.time[(stratum == s) & rows.event]):
            at_risk = (stratum == s) & (entry < t) & (rows.time >= t)
            dead = at_risk & rows.event & (rows.time == t)
            d = int(dead.sum())
            loglik += weights[dead] @ eta[dead]
            for turn in range(d):
                part = turn / d if efron else 0.0
                share = risk * (at_risk - part * dead)
                mean = share @ rows.x / share.sum()
                step = weights[dead].sum() / d / share.sum()
                away = rows.x - mean
                loglik -= step * share.sum() * np.log(share.sum())
                information += step * (share[:, None] * away).T @ away
                scores -= step * share[:, None] * away
                scores[dead] += (weights[dead] / d)[:, None] * away[dead]
    return loglik, scores.sum(axis=0), information, scores


def rows_of(seed, n, *, entry, strata, weights, offset, events=0.6):
    rng = np.random.default_rng(seed)
    time = rng.integers(1, 8, n).astype(float)
    stratum = rng.integers(0, strata, n) if strata > 1 else None
    return CoxRows(
        time=time,
        event=rng.random(n) < events,
        x=rng.normal(size=(n, 3)),
        names=("a", "b", "c"),
        terms=("a", "b", "c"),
        stratum=stratum,
        stratum_labels=tuple("0123"[:strata]) if strata > 1 else (),
        entry=time - rng.integers(1, 6, n) if entry else None,
        weights=rng.uniform(0.2, 3, n) if weights else None,
        offset=rng.normal(size=n) if offset else None,
    )


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 30),
    entry=st.booleans(),
    strata=st.integers(1, 4),
    weights=st.booleans(),
    offset=st.booleans(),
    efron=st.booleans(),
)
def test_likelihood_and_scores_by_the_formulas(seed, n, entry, strata, weights, offset, efron):
    rows = rows_of(seed, n, entry=entry, strata=strata, weights=weights, offset=offset)
    beta = np.array([0.4, -0.3, 1.1])
    prepared = prepare(rows)
    likelihood = Likelihood(prepared, prepared.weights, efron)
    found = likelihood.evaluate(beta / prepared.scale)
    _, gradient, information, scores = plain_likelihood(rows, beta, efron)
    np.testing.assert_allclose(found.gradient / prepared.scale, gradient, rtol=EXACT, atol=EXACT)
    unit = np.outer(prepared.scale, prepared.scale)
    np.testing.assert_allclose(found.information / unit, information, rtol=EXACT, atol=EXACT)
    by_row = np.zeros_like(scores)
    by_row[prepared.order] = scores_by_cluster(rows, prepared, beta, efron)
    np.testing.assert_allclose(by_row, scores, rtol=EXACT, atol=EXACT)
    zero = plain_likelihood(rows, np.zeros(3), efron)[0]
    centred = plain_likelihood(rows, beta, efron)[0] - zero
    np.testing.assert_allclose(found.loglik - likelihood.null(), centred, rtol=EXACT, atol=EXACT)


@pytest.mark.parametrize("entry", [False, True])
def test_thinned_rows_are_those_rows(entry):
    rows = rows_of(1, 400, entry=entry, strata=3, weights=True, offset=True)
    prepared = prepare(rows)
    part, weights = thinned(prepared, prepared.weights, 5)
    chosen = np.sort(part.order)
    few = CoxRows(
        time=rows.time[chosen],
        event=rows.event[chosen],
        x=rows.x[chosen],
        names=rows.names,
        terms=rows.terms,
        stratum=rows.stratum[chosen],
        stratum_labels=rows.stratum_labels,
        entry=None if rows.entry is None else rows.entry[chosen],
        weights=rows.weights[chosen],
        offset=rows.offset[chosen],
    )
    assert 60 < chosen.size < 90
    expected = maximise(prepare(few), prepare(few).weights, True, rows.names)
    found = maximise(part, weights, True, rows.names)
    np.testing.assert_allclose(found.coef, expected.coef, rtol=1e-9)


def test_sums_survive_a_huge_row_that_leaves():
    """One early row of risk e^35 would swallow the others in sums that only add and subtract."""
    rng = np.random.default_rng(4)
    n = 60
    time = rng.permutation(n) + 10.0
    entry = time - rng.uniform(2, 9, n)
    x = rng.normal(size=(n, 1))
    x[np.argmax(time)] = 35.0
    rows = CoxRows(time, np.ones(n, bool), x, ("x",), ("x",), entry=entry)
    prepared = prepare(rows)
    found = Likelihood(prepared, prepared.weights, True).evaluate(np.ones(1) / prepared.scale)
    expected = plain_likelihood(rows, np.ones(1), True)[1]
    np.testing.assert_allclose(found.gradient / prepared.scale, expected, rtol=1e-11)


@pytest.mark.parametrize("robust", [False, True])
@pytest.mark.parametrize("entry", [False, True])
def test_a_long_fit_that_starts_on_a_part_of_the_rows_ends_where_any_does(
    robust, entry, monkeypatch
):
    """Skewed covariates, which bend the gradient much; the part corrects most of that."""
    rng = np.random.default_rng(5)
    n = 40_000
    x = rng.exponential(size=(n, 3))
    time = rng.exponential(np.exp(-x @ [0.5, -0.3, 0.2]))
    frame = {name: x[:, j] for j, name in enumerate("abc")} | {
        "time": time,
        "event": rng.random(n) < 0.7,
        "entry": time * rng.uniform(0, 0.8, n),
    }
    chosen = {"entry": "entry"} if entry else {}

    def fit():
        names = ["a", "b", "c"]
        return cox(frame, time="time", event="event", covariates=names, robust=robust, **chosen)

    found = fit()
    monkeypatch.setattr("debulk.survival.cox_model.fit._THINNED_ROWS", n + 1)
    expected = fit()
    np.testing.assert_allclose(found.coef, expected.coef, rtol=LONG)
    np.testing.assert_allclose(found.loglik, expected.loglik, rtol=1e-13)
    np.testing.assert_allclose(found.naive_covariance, expected.naive_covariance, rtol=LONG)
    np.testing.assert_allclose(found.covariance, expected.covariance, rtol=LONG)
