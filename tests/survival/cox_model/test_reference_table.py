"""What users ask of a fitted model; tests/reference/survival/make_cox_table.R makes the numbers."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from debulk.core.errors import InputError
from debulk.survival import cox, kaplan_meier, nelson_aalen

HERE = Path(__file__).parents[2] / "reference" / "survival"
WANTED = json.loads((HERE / "cox_table.json").read_text(encoding="utf-8"))
CELLS = pl.Enum(["squamous", "smallcell", "adeno", "large"])

SAME = 1e-8  # both programs iterate Newton's method until nothing changes


def table(name):
    return pl.read_csv(HERE / f"{name}.csv", null_values="NA", infer_schema_length=None)


def veteran():
    return table("veteran").with_columns(pl.col("celltype").cast(CELLS))


def same(actual, expected):
    np.testing.assert_allclose(actual, np.array(expected, dtype=float), rtol=SAME)


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("backticks", "age * sex + C(`ph.ecog`) + log(`ph.karno`)"),
        ("polynomial", "poly(age, 3) + sex"),
    ],
)
def test_formulas_with_dotted_names_and_polynomials(name, formula):
    lung, wanted = table("lung"), WANTED["formulas"][name]
    model = cox(lung, time="time", event="event", formula=formula)
    assert model.n == wanted["n"]
    coef = np.array(wanted["coef"])
    if name == "backticks":  # R puts the interaction last, and so does formulaic
        assert model.names[-1] == "age:sex"
    same(model.coef, coef)
    same(model.predict_survival(lung[:2], [100, 400]).survival, wanted["survival"])


@pytest.mark.parametrize("formula", ["age + `ph.ecogg`", "poly(agee, 2)", "age + agee"])
def test_a_formula_with_an_unknown_column_is_refused(formula):
    with pytest.raises(InputError, match=r"ph\.ecogg|agee"):
        cox(table("lung"), time="time", event="event", formula=formula)


def test_names_of_functions_and_keywords_are_no_columns():
    frame = table("lung").with_columns(
        log=pl.lit(None, pl.Float64), degree=pl.lit(None, pl.Float64)
    )
    model = cox(frame, time="time", event="event", formula="log(age) + poly(sex, degree=1)")
    assert model.n == frame.height


def test_predictions_and_concordance_take_the_robust_variance():
    visits, wanted = table("cox_visits"), WANTED["robust"]
    model = cox(
        visits,
        time="stop",
        event="status",
        entry="start",
        covariates=["x", "z", "arm"],
        weights="load",
        cluster="id",
    )
    found = model.predict_survival(visits[:2], [3, 8])
    for name in ("std_error", "lower", "upper"):
        same(getattr(found, name), wanted[name])
    same(model.concordance.estimate, wanted["concordance"])
    same(model.concordance.se, wanted["concordance_se"])


def test_strata_stand_in_the_order_of_their_levels():
    model = cox(
        veteran(), time="time", event="status", covariates=["trt", "karno"], strata="celltype"
    )
    found = model.baseline_hazard()["stratum"].unique(maintain_order=True).to_list()
    assert found == WANTED["strata"] == CELLS.categories.to_list()


def test_a_factor_is_tested_as_one_term_when_asked():
    model = cox(veteran(), time="time", event="status", covariates=["celltype", "karno"])
    found = model.proportionality("km", by="term")
    assert found["term"].to_list() == ["celltype", "karno", "GLOBAL"]
    same(found.select("chi_square", "df", "p").to_numpy(), WANTED["terms"])
    assert model.proportionality().height == 5


def test_rows_with_equal_covariates_stay_tied_in_risk():
    model = cox(
        veteran(), time="time", event="status", formula="trt * celltype + karno", ties="breslow"
    )
    rows = np.unique(model.rows.x, axis=0)
    assert np.unique(model.linear_predictor).size <= rows.shape[0]
    found = model.concordance
    assert [found.concordant, found.discordant, found.tied_risk] == WANTED["tied"][:3]


def test_whole_weights_count_rows_as_in_r():
    frame, wanted = veteran(), WANTED["whole"]
    weights = 1 + frame["karno"].to_numpy() % 3
    arrays = (frame["time"], frame["status"])
    curve = kaplan_meier(*arrays, weights=weights)
    np.testing.assert_array_equal(curve.time, wanted["time"])
    error = np.array([np.nan if each == "NaN" else each for each in wanted["std_error"]], float)
    same(curve.std_error, error)
    same(nelson_aalen(*arrays, weights=weights).std_error, wanted["hazard_se"])
    # Halves are no counts: their variance is the jackknife's.
    halves = kaplan_meier(*arrays, weights=weights / 2)
    same(halves.std_error, kaplan_meier(*arrays, weights=weights, robust=True).std_error)
