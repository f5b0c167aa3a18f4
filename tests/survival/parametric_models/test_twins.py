"""Every family and option against slow twins, which share no code with the package.

The twins are likelihoods written from densities and survival functions.

Each distribution gives log f and log S for the subjects who are not cured, at times t, for working
parameters v in the order in which the package reports them.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import integrate, stats

from debulk.survival.parametric_models import PiecewiseExponential, RoystonParmar, parametric

HERE = Path(__file__).parents[2] / "reference" / "survival"
CLOSED = 1e-10  # the same sums in another order, with densities' exponentials in between
STEEPEST = 1e-5  # of a gradient by differences, in units of a standard error
CURVED = 1e-5  # of a covariance from differences of differences


def weibull(t, v, shift):
    shape, scale = np.exp(v[0]), np.exp(v[1] + shift)
    law = stats.weibull_min(shape, scale=scale)
    return law.logpdf(t), law.logsf(t)


def exponential(t, v, shift):
    law = stats.expon(scale=np.exp(-v[0] - shift))
    return law.logpdf(t), law.logsf(t)


def lognormal(t, v, shift):
    law = stats.lognorm(np.exp(v[1]), scale=np.exp(v[0] + shift))
    return law.logpdf(t), law.logsf(t)


def loglogistic(t, v, shift):
    law = stats.fisk(np.exp(v[0]), scale=np.exp(v[1] + shift))
    return law.logpdf(t), law.logsf(t)


def gompertz(t, v, shift):
    rate = np.exp(v[1] + shift)
    log_s = -rate * (np.exp(v[0] * t) - 1) / v[0]
    return np.log(rate) + v[0] * t + log_s, log_s


def gamma(t, v, shift):
    law = stats.gamma(np.exp(v[0]), scale=np.exp(-v[1] - shift))
    return law.logpdf(t), law.logsf(t)


def generalised_gamma(t, v, shift):
    mu, sigma, q = v[0] + shift, np.exp(v[1]), v[2]
    k = q**-2
    law = stats.gengamma(k, q / sigma, scale=np.exp(mu) * k ** (-sigma / q))
    return law.logpdf(t), law.logsf(t)


def piecewise(cuts):
    borders = np.array([0.0, *cuts, np.inf])

    def law(t, v, shift):
        rates = np.exp(v)
        log_f, log_s = np.empty(t.size), np.empty(t.size)
        for i, at in enumerate(t):
            total = 0.0
            for j, rate in enumerate(rates):
                if at > borders[j]:
                    total += rate * (min(at, borders[j + 1]) - borders[j])
                    now = rate
            factor = np.exp(np.broadcast_to(shift, t.size)[i])
            log_s[i] = -total * factor
            log_f[i] = np.log(now * factor) + log_s[i]
        return log_f, log_s

    return law


def spline(knots, scale):
    """Royston & Parmar 2002, equations 5 to 7, with the slope by a complex step."""
    first, *inner, last = np.log(knots)

    def s(x, v):
        total = v[0] + v[1] * x
        for gamma_j, knot in zip(v[2:], inner, strict=True):
            share = (last - knot) / (last - first)
            cubes = [np.where(x.real > k, (x - k) ** 3, 0.0) for k in (knot, first, last)]
            total = total + gamma_j * (cubes[0] - share * cubes[1] - (1 - share) * cubes[2])
        return total

    def survival(x, v, shift):
        at = s(x, v) + shift
        if scale == "hazard":
            return np.exp(-np.exp(at))
        if scale == "odds":
            return 1 / (1 + np.exp(at))
        return None

    def law(t, v, shift):
        x, step = np.log(t), 1e-30
        if scale == "normal":
            at = s(x + 0j, v).real + shift
            slope = s(x + 1j * step, v).imag / step
            return stats.norm.logpdf(at) + np.log(slope) - x, stats.norm.logsf(at)
        density = -survival(x + 1j * step, v, shift).imag / step / t
        return np.log(density), np.log(survival(x + 0j, v, shift).real)

    return law


def log_likelihood(law, v, time, event, *, x, count, cure=None, z=None, entry=None, extra=None):
    """Sum over rows of d log(h + extra) + log S(t) - log S(entry), for everybody.

    `v` holds `count` parameters of the law, the effects of x, the logit of the cured share and the
    effects of z on it.
    """
    own, effects = v[:count], v[count : count + x.shape[1]]
    shift = x @ effects
    rest = v[count + x.shape[1] :]
    cured = None if cure is None else 1 / (1 + np.exp(-(rest[0] + z @ rest[1:])))

    def everybody(t, rows):
        log_f, log_s = law(t, own, shift[rows])
        if cure is None:
            return np.exp(log_f), np.exp(log_s)
        p = cured[rows]
        if cure == "mixture":
            return (1 - p) * np.exp(log_f), p + (1 - p) * np.exp(log_s)
        whole = p ** (1 - np.exp(log_s))
        return -np.log(p) * np.exp(log_f) * whole, whole

    everyone = np.arange(time.size)
    density, survival = everybody(time, everyone)
    hazard = density / survival + (0.0 if extra is None else extra)
    total = np.sum(np.log(hazard[event])) + np.sum(np.log(survival))
    if entry is not None:
        late = np.flatnonzero(entry > 0)
        total -= np.sum(np.log(everybody(entry[late], late)[1]))
    return total


def numerical_gradient(function, at, step):
    """Central differences of sixth order; `step` by entry."""
    result = np.empty(at.size)
    for j in range(at.size):
        move = np.zeros(at.size)
        move[j] = step[j]
        parts = [function(at + m * move) - function(at - m * move) for m in (1, 2, 3)]
        result[j] = (45 * parts[0] - 9 * parts[1] + parts[2]) / (60 * step[j])
    return result


def numerical_hessian(gradient, at, step):
    """Central differences of sixth order of a gradient."""
    columns = []
    for j in range(at.size):
        move = np.zeros(at.size)
        move[j] = step[j]
        parts = [gradient(at + m * move) - gradient(at - m * move) for m in (1, 2, 3)]
        columns.append((45 * parts[0] - 9 * parts[1] + parts[2]) / (60 * step[j]))
    whole = np.array(columns)
    return (whole + whole.T) / 2


def area(survival, tau):
    """Area under a survival function by adaptive quadrature."""
    parts = np.linspace(0, tau, 9)
    return sum(
        integrate.quad(survival, a, b, epsabs=1e-13, epsrel=1e-12)[0] for a, b in pairwise(parts)
    )


CUTS = (150.0, 400.0)
MODELS = {
    "exponential": ("exponential", exponential, 1),
    "weibull": ("weibull", weibull, 2),
    "lognormal": ("lognormal", lognormal, 2),
    "loglogistic": ("loglogistic", loglogistic, 2),
    "gompertz": ("gompertz", gompertz, 2),
    "gamma": ("gamma", gamma, 2),
    "generalised-gamma": ("generalised-gamma", generalised_gamma, 3),
    "piecewise": (PiecewiseExponential(CUTS), piecewise(CUTS), 3),
    **{
        f"spline-{scale}": (
            RoystonParmar((150.0, 400.0), scale, boundary_knots=(20.0, 900.0)),
            spline((20.0, 150.0, 400.0, 900.0), scale),
            4,
        )
        for scale in ("hazard", "odds", "normal")
    },
}


@pytest.fixture(scope="module")
def lung():
    frame = pl.read_csv(HERE / "lung.csv", null_values=["NA", ""]).drop_nulls(["age", "sex"])
    time = frame["time"].to_numpy().astype(float)
    rows = np.arange(time.size)
    return {
        "time": time,
        "event": frame["event"].to_numpy() == 1,
        "x": frame["age", "sex"].to_numpy().astype(float),
        "entry": np.where(rows % 3 == 0, time / 4, 0.0),
        "extra": (rows % 5 + 1) / 5000,
    }


@pytest.fixture(scope="module")
def cured():
    """A third never has the event, fewer of those with z = 1."""
    random = np.random.default_rng(5)
    n = 200
    x, z = random.normal(size=(n, 1)), (random.random((n, 1)) < 0.5).astype(float)
    never = random.random(n) < np.where(z[:, 0] == 1, 0.25, 0.45)
    time = np.where(never, np.inf, 300 * random.weibull(1.3, n) * np.exp(0.3 * x[:, 0]))
    lost = random.uniform(600, 1500, n)
    end = np.minimum(time, lost)
    return {
        "time": end,
        "event": time <= lost,
        "x": x,
        "z": z,
        "entry": np.where(np.arange(n) % 4 == 0, end / 5, 0.0),
        "extra": (np.arange(n) % 5 + 1) / 20000,
    }


def check(fitted, function):
    """The log likelihood, its flatness at the estimates, and its curvature there."""
    at = fitted.working
    np.testing.assert_allclose(fitted.loglik, function(at), rtol=CLOSED)
    se = np.sqrt(np.diag(fitted.covariance))
    # a hundredth of a standard error given the other parameters, since the scales differ by 1e6
    step = 0.03 / np.sqrt(np.diag(np.linalg.inv(fitted.covariance)))
    slope = numerical_gradient(function, at, step)
    whitened = np.linalg.cholesky(fitted.covariance).T @ slope
    assert np.abs(whitened).max() < STEEPEST
    bend = numerical_hessian(lambda v: numerical_gradient(function, v, step), at, step)
    found = np.linalg.inv(-bend)
    np.testing.assert_allclose(
        found / np.outer(se, se), fitted.covariance / np.outer(se, se), atol=CURVED
    )


@pytest.mark.parametrize(
    ("late", "excess"),
    [(False, False), (True, False), (True, True)],
    ids=["plain", "left-truncated", "left-truncated-excess"],
)
@pytest.mark.parametrize("name", MODELS)
def test_fit_maximises_the_twin(lung, name, late, excess):
    model, law, count = MODELS[name]
    entry = lung["entry"] if late else None
    extra = lung["extra"] if excess else None
    fitted = parametric(
        lung["time"],
        lung["event"],
        model=model,
        covariates=lung["x"],
        entry=entry,
        background_hazard=extra,
    )

    def function(v):
        return log_likelihood(
            law, v, lung["time"], lung["event"], x=lung["x"], count=count, entry=entry, extra=extra
        )

    check(fitted, function)


@pytest.mark.parametrize("cure", ["mixture", "non-mixture"])
@pytest.mark.parametrize("name", MODELS)
def test_cure_fit_maximises_the_twin(cured, name, cure):
    model, law, count = MODELS[name]
    rows = cured
    fitted = parametric(
        rows["time"],
        rows["event"],
        model=model,
        covariates=rows["x"],
        entry=rows["entry"],
        cure=cure,
        cure_covariates=rows["z"],
        background_hazard=rows["extra"],
    )

    def function(v):
        return log_likelihood(
            law,
            v,
            rows["time"],
            rows["event"],
            x=rows["x"],
            count=count,
            cure=cure,
            z=rows["z"],
            entry=rows["entry"],
            extra=rows["extra"],
        )

    check(fitted, function)


@pytest.mark.parametrize("cure", [False, "mixture", "non-mixture"])
@pytest.mark.parametrize("name", ["weibull", "gompertz", "gamma", "piecewise"])
def test_areas_and_cumulative_hazards_are_integrals(cured, name, cure):
    fitted = parametric(cured["time"], cured["event"], model=MODELS[name][0], cure=cure)
    whole = area(lambda t: float(fitted.survival(t)[0]), 800.0)
    np.testing.assert_allclose(fitted.rmst(800.0).estimate, whole, rtol=1e-8)
    risen = area(lambda t: float(fitted.hazard(t + 40.0)[0]), 560.0)
    ends = fitted.cumulative_hazard([40.0, 600.0])
    np.testing.assert_allclose(ends[1] - ends[0], risen, rtol=1e-6)
    if cure:
        np.testing.assert_allclose(fitted.survival([1e7]), fitted.cured.estimate, rtol=1e-4)
