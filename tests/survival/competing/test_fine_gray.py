"""The Fine-Gray model on tables: R's numbers through the public name, and what it refuses."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from debulk.core import InputError
from debulk.survival.competing import fine_gray, fine_gray_weights
from debulk.survival.cox_model.model import cox

HERE = Path(__file__).parents[2] / "reference" / "survival"
MGUS = json.loads((HERE / "competing_risks.json").read_text(encoding="utf-8"))["cases"]
TIES = json.loads((HERE / "competing_ties.json").read_text(encoding="utf-8"))

ITERATIVE = 1e-6  # crr stops its iterations early; both programs iterate


@pytest.fixture(scope="module")
def ties():
    return pl.read_csv(HERE / "competing_ties.csv")


@pytest.mark.parametrize("cause", [1, 2])
def test_reference_model_of_mgus(cause):
    frame = pl.read_csv(HERE / "mgus2_crr.csv")
    case = MGUS[f"crr{cause}"]
    model = fine_gray(
        frame, time="etime", cause="ev", covariates=case["covs"], cause_of_interest=cause
    )
    np.testing.assert_allclose(model.coef, case["coef"], rtol=ITERATIVE)
    np.testing.assert_allclose(model.covariance, case["var"], rtol=ITERATIVE)
    np.testing.assert_allclose(model.se, np.sqrt(np.diag(case["var"])), rtol=ITERATIVE)
    np.testing.assert_allclose(model.naive_covariance, case["invinf"], rtol=ITERATIVE)
    np.testing.assert_allclose(model.loglik, [case["loglik_null"], case["loglik"]], rtol=1e-9)
    baseline = model.baseline_hazard()
    np.testing.assert_allclose(baseline["increment"][:20], case["bfitj_first20"], rtol=ITERATIVE)
    assert model.events == (frame["ev"] == cause).sum()
    assert "Fine-Gray" in model.summary()
    assert model.to_dict()["method"] == "Fine-Gray"


@pytest.mark.parametrize("cause", [1, 2])
def test_reference_expanded_rows_in_a_cox_model(cause):
    frame = pl.read_csv(HERE / "mgus2_crr.csv")
    case = MGUS[f"finegray{cause}"]
    rows = fine_gray_weights(frame["etime"], frame["ev"], cause_of_interest=cause)
    names = MGUS[f"crr{cause}"]["covs"]
    expanded = {name: frame[name].to_numpy()[rows.row] for name in names}
    expanded |= {"start": rows.start, "stop": rows.stop, "status": rows.status, "w": rows.weight}
    for ties, key in (("efron", "coef_efron"), ("breslow", "coef_breslow")):
        model = cox(
            expanded,
            time="stop",
            event="status",
            entry="start",
            weights="w",
            covariates=names,
            ties=ties,
        )
        np.testing.assert_allclose(model.coef, case[key], rtol=ITERATIVE)
        if ties == "efron":
            # The file calls it naive, but coxph's default with such weights is the sandwich.
            np.testing.assert_allclose(model.covariance, case["naive_var_efron"], rtol=ITERATIVE)


def test_reference_prediction_and_kinds_of_variance(ties):
    options = {"time": "time", "cause": "cause", "covariates": ["x1", "x2"]}
    model = fine_gray(ties, **options)
    case = TIES["crr"]["cause1"]
    new = {"x1": [0.5, -1.0], "x2": [1, 0]}
    found = model.predict_incidence(new, case["uftime"])
    np.testing.assert_allclose(found.T, case["predicted"], rtol=ITERATIVE)
    assert np.isnan(model.predict_incidence(new, [99.0])).all()
    robust = fine_gray(ties, **options, variance="robust", tied_events="gone")
    np.testing.assert_allclose(robust.covariance, TIES["finegray"]["cause1"]["robust"], rtol=1e-6)
    naive = fine_gray(ties, **options, variance="naive")
    np.testing.assert_array_equal(naive.covariance, naive.naive_covariance)
    grouped = fine_gray(ties, **options, censoring_groups="group")
    np.testing.assert_allclose(grouped.coef, TIES["crr"]["cengroup1"]["coef"], rtol=ITERATIVE)


def test_text_formula_mapping_and_missing_values(ties):
    names = {0: "alive", 1: "relapse", 2: "death", 3: "other"}
    texts = ties.with_columns(why=pl.col("cause").replace_strict(names))
    plain = fine_gray(ties, time="time", cause="cause", covariates=["x1", "x2"])
    options = {"cause": "why", "cause_of_interest": "relapse", "censoring": "alive"}
    by_text = fine_gray(texts, time="time", formula="x1 + x2", **options)
    np.testing.assert_allclose(by_text.coef, plain.coef, rtol=1e-12)
    by_mapping = fine_gray(
        {name: texts[name].to_list() for name in texts.columns},
        time="time",
        covariates=["x1", "x2"],
        **options,
    )
    np.testing.assert_array_equal(by_mapping.coef, plain.coef)
    holes = texts.with_columns(x1=pl.when(pl.int_range(pl.len()) < 5).then(None).otherwise("x1"))
    fewer = fine_gray(holes, time="time", covariates=["x1", "x2"], **options)
    again = fine_gray(ties[5:], time="time", cause="cause", covariates=["x1", "x2"])
    np.testing.assert_array_equal(fewer.coef, again.coef)
    assert [each.count for each in fewer.provenance.exclusions] == [5]


def fit(**changed):
    frame = {"t": [1, 2, 3, 4, 5, 6.0], "c": [1, 2, 1, 0, 2, 1], "x": [1, 5, 2, 3, 4, 0.0]}
    frame |= changed
    return fine_gray(frame, time="t", cause="c", covariates="x")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"x": [1.0] * 6}, "constant|one level"),
        ({"c": [0] * 6}, "every row is censored"),
        ({"c": [2, 2, 2, 0, 2, 2]}, "no subject has the cause '1'"),
        ({"c": [1, 2, 1, 0, 2, 1.5]}, "c, row 6.*1.5"),
        ({"c": [1, 2, 1, 0, 2, None]}, "c, row 6.*missing"),
        ({"t": [1, 2, -3, 4, 5, 6]}, "t, row 3.*negative"),
        ({"t": [1, 2, np.nan, 4, 5, 6]}, "t, row 3.*missing"),
        ({"x": [6, 0, 5, 2, 1, 4.0]}, "'x' runs away"),
    ],
)
def test_what_is_wrong_is_named(changed, said):
    with pytest.raises(InputError, match=said):
        fit(**changed)


def test_collinear_covariates_are_named(ties):
    frame = ties.with_columns(x3=pl.col("x1") * 2 - pl.col("x2"))
    with pytest.raises(InputError, match="'x3'"):
        fine_gray(frame, time="time", cause="cause", covariates=["x1", "x2", "x3"])


@pytest.mark.parametrize("name", ["proportionality", "residuals"])
def test_what_is_not_offered_says_so(name):
    with pytest.raises(InputError, match="not offered"):
        getattr(fit(), name)()


def test_options_that_are_not_known(ties):
    for option in ({"variance": "best"}, {"tied_events": "never"}):
        with pytest.raises(InputError, match="not known"):
            fine_gray(ties, time="time", cause="cause", covariates="x1", **option)


def test_all_tied_and_events_at_time_zero_have_an_answer():
    for changed in ({"t": [1.0] * 6}, {"t": [0, 0, 1, 2, 2, 3.0]}):
        model = fit(**changed)
        assert np.isfinite(model.coef).all()
        assert np.isfinite(model.se).all()


@pytest.mark.parametrize(("rows", "said"), [(0, "no rows"), (1, "constant")])
def test_no_row_and_one_row(rows, said):
    with pytest.raises(InputError, match=said):
        fit(t=[1.0][:rows], c=[1][:rows], x=[2.0][:rows])
