"""Numbers of R; tests/reference/survival/make_parametric.R makes them (flexsurv's stand beside)."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from debulk.survival.parametric_models import parametric

HERE = Path(__file__).parents[2] / "reference" / "survival"

ITERATIVE = 1e-6  # survreg iterates too; it stops when the log likelihood is steady to 1e-13
FITTED = 1e-9  # log likelihoods are flat at the maximum, so that they agree far better
OPTIM = 2e-4  # optim's simplex and difference quotients stop near the maximum, not at it
FLEXSURV = 1e-3  # flexsurv stops when its log likelihood is steady to 1e-8 relative
BELOW = 1e-7  # how far under R's a log likelihood may lie; above it is a better maximum

FLEX_NAMES = {
    "exp": "exponential",
    "weibull": "weibull",
    "gompertz": "gompertz",
    "lnorm": "lognormal",
    "llogis": "loglogistic",
    "gamma": "gamma",
    "gengamma": "generalised-gamma",
}
NUMBER_OF = {"veteran": "status", "colon_death": "status", "pbc": "death", "gbsg": "status"}


def read(name):
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def frame_of(name, terms=()):
    frame = pl.read_csv(HERE / f"{name}.csv", null_values=["NA", ""])
    if name == "ovarian":
        frame = frame.rename({"futime": "time", "fustat": "event"})
    elif name != "lung":
        frame = frame.with_columns(event=pl.col(NUMBER_OF[name]))
    if name == "gbsg":
        frame = frame.with_columns(time=pl.col("rfstime"))
    return frame.drop_nulls(["time", "event", *terms])


SURVREG = read("parametric_survreg.json")
OPTIMISED = read("parametric_optim.json")
FLEXSURV_CASES = read("parametric_flexsurv.json")["cases"]


def same(actual, expected, rtol=ITERATIVE, atol=0.0):
    np.testing.assert_allclose(actual, np.array(expected, dtype=float), rtol=rtol, atol=atol)


def weights_of(frame):
    return 0.5 + (np.arange(1, frame.height + 1) % 4) / 2


@pytest.mark.parametrize(
    "case", SURVREG, ids=lambda case: f"{case['dataset']}-{case['dist']}-{case['weighted']}"
)
def test_survreg(case):
    frame = frame_of(case["dataset"], case["terms"])
    chosen = frame.select(case["terms"])
    fitted = parametric(
        frame["time"],
        frame["event"],
        model=case["dist"],
        covariates=chosen,
        weights=weights_of(frame) if case["weighted"] else None,
    )
    found = fitted.accelerated()
    assert list(found.coef) == case["names"]
    same(list(found.coef.values()), case["coef"])
    same(found.scale, case["scale"][0])
    expected = np.array(case["var"]).reshape(len(found.names), -1)
    largest = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    # R's covariance is that of the step before the last one
    same(found.covariance / largest, expected / largest, atol=ITERATIVE)
    same([found.loglik_null, found.loglik], case["loglik"], rtol=FITTED)
    same(fitted.aic, case["aic"][0], rtol=FITTED)
    person = chosen[2].to_dict(as_series=False)
    quantiles = [fitted.quantile(p, person) for p in (0.25, 0.5)]
    same([each.estimate for each in quantiles], case["quantiles"])
    # R gives the standard error of the time itself
    same([each.se * each.estimate for each in quantiles], case["quantile_se"], rtol=1e-5)


@pytest.mark.parametrize("case", FLEXSURV_CASES[:4], ids=lambda case: case["call"])
def test_survreg_of_lung(case):
    frame = frame_of("lung", ["age", "sex"])
    name = case["call"].split("dist='")[1].split("'")[0]
    fitted = parametric(frame["time"], frame["event"], model=name, covariates=frame["age", "sex"])
    found = fitted.accelerated()
    same(list(found.coef.values()), case["coef"])
    same(found.scale, case["scale"])
    same(found.covariance, case["var"])
    same([found.loglik_null, found.loglik], case["loglik"], rtol=FITTED)


@pytest.mark.parametrize("case", FLEXSURV_CASES[4:], ids=lambda case: case["call"])
def test_flexsurv_of_lung(case):
    frame = frame_of("lung", ["age", "sex"])
    name = FLEX_NAMES[case["call"].split("dist='")[1].split("'")[0]]
    fitted = parametric(frame["time"], frame["event"], model=name, covariates=frame[["sex"]])
    assert fitted.loglik >= case["loglik"] - BELOW
    same(fitted.aic, case["AIC"], atol=1e-4)
    assert list(fitted.parameters) + list(fitted.coef) == case["par"]
    if name == "gompertz":  # stopped too early for its estimates to be compared
        return
    found = {**fitted.parameters, **fitted.effects}
    rows = [[e.estimate, e.lower, e.upper, e.se] for e in found.values()]
    same(rows, case["res"], rtol=2 * FLEXSURV)


@pytest.mark.parametrize(
    "case",
    OPTIMISED,
    ids=lambda c: f"{c['dist']}-{c['cure']}-entry-{c['entry']}-excess-{c['excess']}",
)
def test_likelihoods_written_out_in_r(case):
    frame = frame_of(case["dataset"], ["age"])
    rows = np.arange(1, frame.height + 1)
    time = frame["time"].to_numpy().astype(float)
    entry, background = None, None
    if case["dataset"] == "lung":
        entry = np.where(rows % 3 == 0, time / 4, 0.0)
        background = (rows % 5 + 1) / 5000
    else:
        background = frame["age"].to_numpy() / 2e6
    fitted = parametric(
        time,
        frame["event"],
        model=case["dist"],
        covariates=frame[["sex" if case["dataset"] == "lung" else "hormon"]],
        entry=entry if case["entry"] else None,
        cure=False if case["cure"] == "none" else case["cure"],
        background_hazard=background if case["excess"] else None,
    )
    assert fitted.loglik >= case["loglik"][0] - BELOW
    same(fitted.loglik, case["loglik"][0], rtol=FITTED)
    found = fitted.working
    if case["dist"] == "lognormal":  # R's code has the deviation second
        assert fitted.names[:2] == ("meanlog", "sdlog")
    same(found, case["par"], rtol=OPTIM, atol=OPTIM * 1e-3)
