"""What a user can get wrong, and what the model says about itself."""

import json

import numpy as np
import polars as pl
import pytest

from debulk.core.errors import InputError
from debulk.survival.parametric_models import PiecewiseExponential, RoystonParmar, parametric

RANDOM = np.random.default_rng(3)
N = 200
T0 = 10 * RANDOM.weibull(1.3, N)
LOST = RANDOM.uniform(0, 20, N)
TIME, EVENT = np.minimum(T0, LOST), T0 <= LOST
X = RANDOM.normal(size=N)
NAMES = [
    "exponential",
    "weibull",
    "lognormal",
    "loglogistic",
    "gompertz",
    "gamma",
    "generalised-gamma",
]


def fit(**options):
    chosen = {"model": "weibull", **options}
    return parametric(chosen.pop("time", TIME), chosen.pop("event", EVENT), **chosen)


WRONG = {
    "no rows": ({"time": [], "event": []}, "time: there are no rows"),
    "no event": ({"time": [1, 2], "event": [0, 0]}, "event: no subject has the event"),
    "not a time": ({"time": [1, np.nan], "event": [1, 0]}, "time, row 2"),
    "negative": ({"time": [1, -2], "event": [1, 0]}, "time, row 2: -2 is negative"),
    "entry late": ({"entry": TIME}, "entry, row 1"),
    "entry negative": ({"entry": np.full(N, -1.0)}, "entry, row 1: -1 is negative"),
    "weight": ({"weights": np.zeros(N)}, "weights, row 1: 0 is not above 0"),
    "model": ({"model": "weibul"}, "Did you mean 'weibull'"),
    "model type": ({"model": 3}, "model: 3 is not known"),
    "level": ({"conf_level": 1.0}, "conf_level: 1.0 is not between 0 and 1"),
    "cure": ({"cure": "yes"}, "cure: 'yes' is not known"),
    "cure covariates": ({"cure_covariates": {"x": X}}, "cure_covariates: there is no cured share"),
    "no cure in data": ({"cure": True}, "cured share runs to 0"),
    "background": ({"background_hazard": -np.ones(N)}, "background_hazard, row 1: -1 is negative"),
    "background of all": ({"background_hazard": np.full(N, 50.0)}, "no finite maximum"),
    "constant": ({"covariates": {"c": np.ones(N)}}, "covariates, c: is 1 in every row"),
    "collinear": (
        {"covariates": {"x": X, "y": 2 * X + 3}},
        "covariates, y: follows exactly from x and a constant",
    ),
    "group without events": (
        {"covariates": {"g": np.where(EVENT, 0, np.arange(N) % 2)}},
        "covariates, g: no subject with the value 1 has the event",
    ),
    "level without events": (
        {"covariates": {"g": np.where(EVENT, "a", np.where(np.arange(N) % 2, "a", "b"))}},
        "covariates, g: no subject with the value 'b' has the event",
    ),
    "missing covariate": (
        {"covariates": {"x": np.where(np.arange(N) == 5, np.nan, X)}},
        "x, row 6",
    ),
    "short covariate": ({"covariates": {"x": X[:5]}}, "x: has 5 values, time has 200"),
    "matrix of other length": ({"covariates": np.ones((3, 2))}, "has 3 rows, time has 200"),
    "no columns": ({"covariates": np.zeros((N, 2, 2))}, "has 3 dimensions"),
    "outside the cuts": ({"model": PiecewiseExponential([100])}, "the interval (100, inf)"),
    "knots outside": ({"model": RoystonParmar([100.0])}, "do not rise"),
    "too many knots": (
        {"model": RoystonParmar(4), "time": [1, 2, 3, 4.0], "event": [1, 1, 1, 0]},
        "4 knots are too many for 3 event times",
    ),
    "one time": ({"time": [5.0] * 9, "event": [1] * 9}, "all events are at one time, 5"),
    "one patient": ({"time": [5.0], "event": [1]}, "no finite maximum"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_is_named(case):
    options, text = WRONG[case]
    with pytest.raises(InputError) as caught:
        fit(**options)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: PiecewiseExponential([3, 2]), "cuts: (3, 2) do not rise"),
        (lambda: PiecewiseExponential([0, 2]), "cuts: (0, 2) do not rise"),
        (lambda: RoystonParmar(-1), "interior_knots: -1 is not 0 to 20"),
        (lambda: RoystonParmar(1, "log"), "scale: 'log' is not known"),
        (lambda: RoystonParmar([3, 1]), "interior_knots: (3, 1) do not rise"),
        (lambda: RoystonParmar(1, boundary_knots=[1, 2, 3]), "boundary_knots: holds 3 knots"),
        (lambda: fit().quantile(1.5), "p: 1.5 is not between 0 and 1"),
        (lambda: fit().rmst(0), "tau: 0 is not above 0"),
        (lambda: fit().survival([-1]), "times, number 1: -1 is negative"),
        (lambda: fit().hazard([0]), "times: 0 is not above 0"),
        (lambda: fit().survival([1], {"x": 1}), "covariates: the model has none"),
        (lambda: fit(covariates={"x": X}).survival([1], {"z": 1}), "has no covariate 'z'"),
        (lambda: fit(covariates={"x": X}).survival([1], [[1, 2]]), "has 2 columns, the model 1"),
        (lambda: fit(covariates={"x": X}).rmst(5, {"x": [1, 2]}), "holds 2 profiles, not 1"),
        (lambda: fit(model="gompertz").accelerated(), "a gompertz model is none of accelerated"),
    ],
)
def test_wrong_settings_and_questions_are_named(make, text):
    with pytest.raises(InputError) as caught:
        make()
    assert text in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_events_at_time_0_are_refused_where_the_density_is_undefined(name):
    time, event = np.append(TIME, 0.0), np.append(EVENT, True)
    if name in ("exponential", "gompertz"):
        assert np.isfinite(parametric(time, event, model=name).loglik)
        return
    with pytest.raises(InputError, match="time, row 201: an event at time 0"):
        parametric(time, event, model=name)


@pytest.mark.parametrize("name", NAMES)
def test_a_subject_censored_at_time_0_counts_and_changes_nothing(name):
    more = parametric(np.append(TIME, 0.0), np.append(EVENT, False), model=name)
    plain = fit(model=name)
    np.testing.assert_allclose(more.loglik, plain.loglik, rtol=1e-12)
    assert (more.n, plain.n) == (N + 1, N)
    assert more.provenance.exclusions[0].count == 1


def test_columns_of_text_become_indicators_and_profiles_use_their_levels():
    group = np.array(["b", "a", "c"])[np.arange(N) % 3]
    frame = pl.DataFrame({"g": group, "x": X, "old": X > 0.5})
    fitted = fit(covariates=frame)
    assert list(fitted.coef) == ["gb", "gc", "x", "old"]
    levels = frame.with_columns(g=pl.col("g").cast(pl.Enum(["c", "b", "a"])))
    other = fit(covariates=levels)
    assert list(other.coef) == ["gb", "ga", "x", "old"]
    profile = {"g": ["a", "c"], "x": [0.1, 0.2], "old": [True, False]}
    np.testing.assert_allclose(
        fitted.survival([1, 5], profile), other.survival([1, 5], profile), rtol=1e-8
    )
    with pytest.raises(InputError, match="'d' was not in the data"):
        fitted.survival([1], {"g": "d", "x": 0, "old": True})


def test_without_covariates_predictions_are_for_their_means():
    fitted = fit(covariates={"x": X})
    np.testing.assert_allclose(
        fitted.survival([0, 3]), fitted.survival([0, 3], {"x": X.mean()}), rtol=1e-12
    )
    assert fitted.survival(0)[0] == 1.0


def test_a_short_follow_up_of_a_cure_model_is_said():
    random = np.random.default_rng(1)
    time = np.where(random.random(600) < 0.4, np.inf, 5 * random.weibull(1.3, 600))
    fitted = parametric(np.minimum(time, 6.0), time <= 6.0, model="weibull", cure=True)
    assert "not on a plateau seen" in fitted.remarks[0]
    assert fitted.remarks[0] in fitted.summary()


def test_a_falling_spline_is_said():
    fitted = fit(model=RoystonParmar(20))
    assert "falls at 2 of the times" in fitted.remarks[0]


@pytest.mark.parametrize(
    "options",
    [
        {"covariates": {"x": X}, "background_hazard": np.full(N, 0.01)},
        {"model": PiecewiseExponential([1e-3, 5])},
        {"model": RoystonParmar(1)},
    ],
)
def test_results_are_plain_and_say_what_they_are(options):
    fitted = fit(**options)
    text = json.dumps(fitted.to_dict(), allow_nan=False)
    assert json.loads(text)["names"] == list(fitted.names)
    assert f"{fitted.n} subjects, {fitted.events} events" in fitted.summary()
    assert ("excess hazard" in fitted.summary()) == fitted.excess


def test_many_rows_start_from_a_sample_and_end_where_all_rows_say():
    random = np.random.default_rng(9)
    n = 60_000
    x = random.normal(size=(n, 2))
    time = random.weibull(1.5, n) * np.exp(2 + x @ [0.2, -0.1])
    fitted = parametric(np.minimum(time, 12), time <= 12, model="weibull", covariates=x)
    truth = np.array([np.log(1.5), 2.0, 0.2, -0.1])
    se = np.sqrt(np.diag(fitted.covariance))
    assert (np.abs(fitted.working - truth) < 3.5 * se).all()
    assert fitted.names == ("shape", "scale", "x1", "x2")
