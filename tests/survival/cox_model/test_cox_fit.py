"""What `cox` does with usual, unusual and wrong input."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pytest

from debulk.core.errors import InputError
from debulk.survival.cox_model.model import cox

SAME = 1e-9  # two routes to one maximum, each exact to rounding


def table(n=120, seed=5):
    rng = np.random.default_rng(seed)
    return {
        "time": np.ceil(rng.exponential(size=n) * 20),
        "event": (rng.random(n) < 0.6).astype(float),
        "x": rng.normal(size=n),
        "z": rng.normal(size=n) + 3,
        "arm": rng.choice(["a", "b", "c"], size=n),
        "site": rng.integers(0, 5, size=n),
    }


def fit(frame, covariates=("x", "z"), **more):
    return cox(frame, time="time", event="event", covariates=covariates, **more)


def test_tables_of_all_kinds_give_one_answer():
    data = table()
    expected = fit(data, ["x", "arm"])
    assert expected.names == ("x", "arm[T.b]", "arm[T.c]")
    for frame in (pl.DataFrame(data), pd.DataFrame(data)):
        np.testing.assert_array_equal(fit(frame, ["x", "arm"]).coef, expected.coef)
    formula = cox(pl.DataFrame(data), time="time", event="event", formula="x + arm")
    np.testing.assert_allclose(formula.coef, expected.coef, rtol=SAME)
    assert formula.names == expected.names


def test_first_level_of_an_enum_is_the_reference():
    data = table()
    enum = pl.Series(data["arm"]).cast(pl.Enum(["c", "unused", "a", "b"]))
    frame = pl.DataFrame(data).with_columns(arm=enum)
    assert fit(frame, ["arm"]).names == ("arm[T.a]", "arm[T.b]")


def test_missing_values_and_weights_of_zero_are_counted():
    data = table()
    data["x"][[1, 2]] = np.nan
    weights = np.ones(120)
    weights[[0, 1]] = 0
    model = fit(data | {"w": weights}, weights="w")
    left = {each.reason: each.count for each in model.provenance.exclusions}
    assert left == {"the weight is 0": 2, "the value of x is missing": 1}
    assert model.n == 117
    kept = {name: values[3:] for name, values in data.items()}
    np.testing.assert_allclose(model.coef, fit(kept).coef, rtol=SAME)


def test_badly_scaled_covariates():
    data = table()
    plain = fit(data)
    scaled = fit(data | {"x": data["x"] * 1e6 + 1e9, "z": data["z"] * 1e-9})
    np.testing.assert_allclose(scaled.coef * [1e6, 1e-9], plain.coef, rtol=1e-6)
    np.testing.assert_allclose(scaled.loglik, plain.loglik, rtol=1e-9)


def test_large_finite_coefficient_is_no_alarm():
    x = -np.arange(40.0) / 40
    time = np.arange(40) + 1.0
    time[[20, 21]] = time[[21, 20]]  # one pair in the other order keeps the maximum finite
    model = cox({"t": time, "e": np.ones(40), "x": x}, time="t", event="e", covariates="x")
    assert 50 < model.coef[0] < 500


def test_rows_that_no_event_sees_change_nothing():
    data = table()
    more = {name: np.append(values, values[:2]) for name, values in data.items()}
    more["time"][-2:], more["event"][-2:] = 0.0, 0.0
    np.testing.assert_allclose(fit(more).coef, fit(data).coef, rtol=1e-12)


def test_stratum_without_events_and_of_one_patient():
    data = table()
    data["site"][0] = 99
    data["event"][data["site"] == 2] = 0
    model = fit(data, strata="site")
    without = np.isin(data["site"], [2, 99], invert=True)
    kept = {name: values[without] for name, values in data.items()}
    np.testing.assert_allclose(model.coef, fit(kept, strata="site").coef, rtol=SAME)


def test_all_events_at_one_time():
    model = fit(table() | {"time": np.full(120, 3.0)})
    assert np.isfinite(model.coef).all()


def test_late_entry_with_gaps_equals_rows_cut_apart():
    data = table()
    whole = fit(data)
    cut = np.floor(data["time"] / 2)
    first = data | {"entry": np.full(120, -1.0), "time": cut, "event": np.zeros(120)}
    second = data | {"entry": cut}
    both = {name: np.concatenate([first[name], second[name]]) for name in second}
    model = fit(both, entry="entry")
    np.testing.assert_allclose(model.coef, whole.coef, rtol=SAME)
    np.testing.assert_allclose(model.loglik, whole.loglik, rtol=SAME)


def test_weights_are_repeated_rows_with_breslow():
    data = table()
    times = np.random.default_rng(1).integers(1, 4, 120)
    weighted = fit(data | {"w": times}, weights="w", ties="breslow")
    repeated = {name: np.repeat(values, times) for name, values in data.items()}
    np.testing.assert_allclose(weighted.coef, fit(repeated, ties="breslow").coef, rtol=SAME)
    assert not weighted.robust


def test_refit_with_counts_of_a_bootstrap_sample():
    data = table()
    model = fit(data, strata="site")
    counts = np.random.default_rng(3).multinomial(120, np.full(120, 1 / 120)).astype(float)
    again = fit(data | {"w": counts}, weights="w", strata="site", robust=False)
    np.testing.assert_allclose(model.refit(counts).coef, again.coef, rtol=SAME)
    with pytest.raises(InputError, match="weights"):
        model.refit(counts[:5])


def test_start_on_a_part_of_many_rows():
    rng = np.random.default_rng(7)
    n = 40_000
    data = {"time": rng.exponential(size=n), "event": rng.random(n) < 0.3}
    data |= {"x": rng.normal(size=n), "z": (rng.random(n) < 5e-4).astype(float)}
    data |= {"entry": data["time"] * rng.random(n) * 0.9}
    model = fit(data, entry="entry")
    again = model.refit(np.ones(n))
    np.testing.assert_allclose(model.coef, again.coef, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(model.loglik, again.loglik, rtol=1e-12)


def test_results_as_text_and_json():
    model = fit(table(), ["x", "arm"], cluster="site")
    json.dumps(model.to_dict(), allow_nan=False)
    text = model.summary()
    assert "120 rows" in text
    assert "arm[T.b]" in text
    assert model.hazard_ratios.columns[:4] == ["term", "hazard_ratio", "lower", "upper"]
    np.testing.assert_allclose(model.hazard_ratios["se"], model.robust_se)
    assert model.aic == pytest.approx(6 - 2 * model.loglik[1])


def test_checks_and_predictions_are_reached():
    data = table()
    model = fit(data, ["x", "arm"], strata="site")
    new = {"x": [0.0, 1.0], "arm": ["a", "c"], "site": [1, 4]}
    assert model.design(new).tolist() == [[0.0, 0.0, 0.0], [1.0, 0.0, 1.0]]
    model.predict_survival(new, [5.0, 10.0])
    model.baseline_hazard()
    assert model.proportionality()["term"].to_list()[-1] == "GLOBAL"
    for kind in ("martingale", "deviance", "cox_snell", "partial", "score", "dfbeta", "dfbetas"):
        assert len(model.residuals(kind)) == 120
    assert 0 < model.concordance.estimate < 1
    for wrong, words in (
        (new | {"arm": ["a", "d"]}, "level 'd'"),
        (new | {"site": [1, 9]}, "stratum '9'"),
        (new | {"x": [0.0, np.nan]}, "missing"),
    ):
        with pytest.raises(InputError, match=words):
            model.predict_survival(wrong, [5.0])


def test_separation_is_named_and_firth_is_the_remedy():
    data = table()
    dead = data["event"] == 1
    rare = np.zeros(120)
    rare[np.flatnonzero(~dead)[:6]] = 1
    data["time"][rare == 1] = 15
    with pytest.raises(InputError, match="coefficient of 'rare' falls") as caught:
        fit(data | {"rare": rare}, ["x", "rare"])
    assert "firth" in caught.value.remedy
    with pytest.raises(InputError, match="'rare' falls"):
        fit(data | {"rare": rare, "entry": data["time"] / 2}, ["x", "rare"], entry="entry")
    model = fit(data | {"rare": rare}, ["x", "rare"], penalty="firth")
    assert -10 < model.coef[1] < 0
    assert model.hazard_ratios["lower"].to_list()[1] < 1e-2
    assert any("Firth" in note for note in model.notes)


def test_separation_by_a_combination_names_only_its_columns():
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(3, 60))
    time = np.argsort(np.argsort(-(a - 2 * b))) + 1.0
    with pytest.raises(InputError, match="'a' grows and the coefficient of 'b' falls") as caught:
        cox(
            {"t": time, "e": np.ones(60), "a": a, "b": b, "c": c},
            time="t",
            event="e",
            covariates=["c", "a", "b"],
        )
    assert "'c'" not in caught.value.found


@pytest.mark.parametrize(
    ("change", "more", "words"),
    [
        ({"time": (3, -1.0)}, {}, "time, row 4.*negative"),
        ({"time": (3, np.nan)}, {}, "time, row 4.*missing"),
        ({"time": (3, np.inf)}, {}, "time, row 4.*inf"),
        ({"event": (2, 2.0)}, {}, "event, row 3.*neither 0 nor 1"),
        ({"x": (5, np.inf)}, {}, "x, row 6.*infinite"),
        ({"z": (5, -1.0)}, {"weights": "z"}, "z, row 6.*negative"),
        ({"z": (5, 1e9)}, {"entry": "z"}, "z, row 6.*not below"),
    ],
)
def test_wrong_values_name_column_and_row(change, more, words):
    data = table()
    data["z"] = np.full(120, 0.5)
    for name, (row, value) in change.items():
        data[name][row] = value
    with pytest.raises(InputError, match=words):
        fit(data, ["x"], **more)


@pytest.mark.parametrize(
    ("frame", "more", "words"),
    [
        ({"event": np.zeros(120)}, {}, "no row has the event"),
        ({"z": np.full(120, 4.0)}, {}, "'z'.*constant"),
        ({"arm": np.full(120, "a")}, {"covariates": ["arm"]}, "'arm'.*constant"),
        ({}, {"covariates": ["x", "nope"]}, "no column 'nope'"),
        ({}, {"covariates": ["x", "x"]}, "twice"),
        ({}, {"covariates": []}, "no column"),
        ({}, {"covariates": None}, "missing"),
        ({}, {"formula": "x"}, "both given"),
        ({}, {"covariates": None, "formula": "x + nope"}, "nope"),
        ({}, {"covariates": None, "formula": "x + ("}, "formula"),
        ({}, {"covariates": None, "formula": "log(x)"}, "log"),
        ({}, {"ties": "exact"}, "exact"),
        ({}, {"penalty": "ridge"}, "ridge"),
        ({}, {"conf_level": 1.0}, "conf_level"),
        ({"site": np.full(120, np.nan)}, {"strata": "site"}, "no row is left"),
        ({"x": np.zeros(3)}, {}, "3 values"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value encountered in log")
def test_wrong_input_is_named(frame, more, words):
    with pytest.raises(InputError, match=words):
        fit(table() | frame, **more)


def test_collinear_covariates_are_named():
    data = table()
    with pytest.raises(InputError, match=r"'both'.*follows from 'x', 'z'"):
        fit(data | {"both": data["x"] - data["z"]}, ["x", "z", "both"])
    with pytest.raises(InputError, match="same for all rows"):
        fit(data, ["x", "site"], strata="site")


def test_provenance_says_what_was_chosen_and_what_followed():
    frame = {"t": [1.0, 2, 3, 4], "d": [1, 1, 1, 0], "x": [0.1, 0.5, 0.2, 0.4], "w": [1, 2, 1.5, 1]}
    model = cox(frame, time="t", event="d", covariates="x", weights="w", ties="breslow")
    found = {each.name: (each.value, each.status) for each in model.provenance.parameters}
    assert found["column.covariates"] == (["x"], "chosen")
    assert found["ties"] == ("breslow", "chosen")
    assert found["conf_level"] == (0.95, "default")
    assert found["robust"] == (True, "derived")
    assert "column.entry" not in found


def test_units_far_apart_change_nothing_but_the_units():
    rng = np.random.default_rng(8)
    x = rng.normal(size=(50, 2))
    frame = {"a": x[:, 0], "b": x[:, 1], "t": rng.exponential(size=50), "e": np.ones(50)}
    plain = cox(frame, time="t", event="e", covariates=["a", "b"], robust=True)
    unit = np.array([1e-9, 1e9])
    frame |= {"a": x[:, 0] / unit[0], "b": x[:, 1] / unit[1]}
    found = cox(frame, time="t", event="e", covariates=["a", "b"], robust=True)
    square = np.outer(unit, unit)
    np.testing.assert_allclose(found.naive_covariance, plain.naive_covariance * square, rtol=1e-9)
    np.testing.assert_allclose(found.covariance, plain.covariance * square, rtol=1e-9)
