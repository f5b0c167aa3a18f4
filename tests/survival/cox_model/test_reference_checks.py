"""Numbers of R's package survival; tests/reference/survival/make_cox_checks.R makes them."""

import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from debulk.survival.cox_model.baseline import baseline_hazard
from debulk.survival.cox_model.prediction import adjusted_survival, predict_survival
from debulk.survival.cox_model.proportionality import proportionality, schoenfeld_plot_data
from debulk.survival.cox_model.residuals import (
    cox_snell,
    deviance,
    dfbeta,
    dfbetas,
    martingale,
    partial,
    schoenfeld,
    score,
)
from debulk.survival.cox_model.rows import CoxRows

HERE = Path(__file__).parents[2] / "reference" / "survival"
REFERENCE = json.loads((HERE / "cox_checks.json").read_text(encoding="utf-8"))
CASES = REFERENCE["cases"]
NAMES = [f"{case['data']}-{case['formula']}-{case['ties']}" for case in CASES]
each_case = pytest.mark.parametrize("case", CASES, ids=NAMES)

CLOSED = 1e-9  # closed forms at the same coefficients; both programs round some thousand sums
MACHINE = 1e-11  # share of the largest number, where sums cancel to nothing
BY_ROW, BY_EVENT = slice(None, None, 9), slice(None, None, 6)  # what the R script kept


def same(actual, expected):
    wanted = np.array(expected, dtype=float)
    largest = np.nanmax(np.abs(wanted), initial=0.0)
    actual = np.asarray(actual, dtype=float).reshape(wanted.shape)
    np.testing.assert_allclose(actual, wanted, rtol=CLOSED, atol=MACHINE * largest)


def labelled(column):
    labels = tuple(sorted(column.cast(pl.String).unique()))
    return labels, np.array([labels.index(each) for each in column.cast(pl.String)])


def rows_of(case):
    frame = pl.read_csv(HERE / f"{case['data']}.csv", null_values="NA")
    load = 1 + np.arange(1, frame.height + 1) % 4 / 3
    frame = frame.with_columns(load=pl.Series(load))
    if "time" in frame.columns:
        frame = frame.with_columns(coarse=(pl.col("time") / 90).ceil())
    left, right = case["formula"].split(" ~ ")
    surv = left.removeprefix("Surv(").removesuffix(")").split(", ")
    terms = [each for each in right.split(" + ") if "(" not in each]
    frame = frame.drop_nulls([each for each in terms if each in frame.columns])
    columns, owners = [], []
    for name in case["names"]:
        owner = name if name in terms else next(t for t in terms if name.startswith(t))
        level = name.removeprefix(owner)
        columns.append(frame[owner] == level if level else frame[owner])
        owners.append(owner)
    strata = re.search(r"strata\((\w+)\)", right)
    labels, codes = labelled(frame[strata.group(1)]) if strata else ((), None)
    return CoxRows(
        time=frame[surv[-2]].to_numpy().astype(float),
        event=frame[surv[-1]].to_numpy() == 1,
        x=np.column_stack([each.cast(pl.Float64).to_numpy() for each in columns]),
        names=tuple(case["names"]),
        terms=tuple(owners),
        stratum=codes,
        stratum_labels=labels,
        entry=frame[surv[0]].to_numpy().astype(float) if len(surv) == 3 else None,
        weights=frame[case["weights"]].to_numpy() if case["weights"] else None,
        offset=frame["age"].to_numpy() / 100 if "offset" in right else None,
    )


def fitted(case):
    return rows_of(case), np.array(case["coef"]), case["ties"], np.array(case["naive_covariance"])


@each_case
def test_residuals(case):
    rows, beta, ties, covariance = fitted(case)
    for name, residual in (("martingale", martingale), ("deviance", deviance), ("score", score)):
        same(residual(rows, beta, ties)[BY_ROW], case[name])
    same(partial(rows, beta, ties)[BY_ROW], case["partial"])
    same(dfbeta(rows, beta, ties, covariance)[BY_ROW], case["dfbeta"])
    same(dfbetas(rows, beta, ties, covariance)[BY_ROW], case["dfbetas"])
    same((rows.event - cox_snell(rows, beta, ties))[BY_ROW], case["martingale"])
    if case["covariance"] != case["naive_covariance"]:
        influence = dfbeta(rows, beta, ties, covariance)
        same(influence.T @ influence, case["covariance"])


@each_case
def test_schoenfeld_residuals(case):
    rows, beta, ties, covariance = fitted(case)
    found = schoenfeld(rows, beta, ties, covariance)
    same(found.residuals[BY_EVENT], case["schoenfeld"])
    same(found.scaled[BY_EVENT], case["scaled"])
    np.testing.assert_array_equal(found.time, case["plot_time"])


@each_case
def test_proportionality(case):
    rows, beta, ties, covariance = fitted(case)
    wanted = {(name, "column"): case["zph"][name] for name in case["zph"]}
    wanted |= {(np.sqrt, "column"): case["zph_root"], ("km", "term"): case["zph_terms"]}
    for (transform, by), expected in wanted.items():
        found = proportionality(rows, beta, ties, covariance, transform, by=by)
        ours = [each for each in expected["term"] if not each.startswith("strata(")]
        assert found["term"].to_list() == ours
        assert found["df"].to_list() == expected["df"]
        same(found["chi_square"], expected["chi_square"])
        same(found["p"], expected["p"])


@each_case
def test_points_of_the_schoenfeld_plot(case):
    rows, beta, ties, covariance = fitted(case)
    found = schoenfeld_plot_data(rows, beta, ties, covariance)
    order = np.arange(found.time.size)
    if rows.entry is not None:
        # R turns the order of tied events round for start-stop data.
        stratum = np.zeros(rows.n) if rows.stratum is None else rows.stratum
        row = schoenfeld(rows, beta, ties).row
        order = np.lexsort((-row, rows.time[row], stratum[row]))
    same(found.transformed[order], case["plot_x"])
    same(found.coefficient[order][BY_EVENT], case["plot_y"])


@each_case
def test_baseline_hazard(case):
    rows, beta, ties, _ = fitted(case)
    found = baseline_hazard(rows, beta, ties)
    same(found["time"], case["hazard_time"])
    same(found["hazard"], case["hazard"])
    steps = np.diff(found["hazard"].to_numpy(), prepend=0.0)
    stratum = found["stratum"].fill_null("").to_numpy()
    starts = np.append(True, stratum[1:] != stratum[:-1])
    steps[starts] = found["hazard"].to_numpy()[starts]
    np.testing.assert_allclose(found["increment"], steps, rtol=1e-6, atol=1e-14 * steps.max())


@each_case
def test_predicted_survival(case):
    rows, beta, ties, _ = fitted(case)
    strata = case.get("new_stratum")
    codes = np.array([rows.stratum_labels.index(each) for each in strata]) if strata else None
    offset = case.get("new_offset")
    time, start = np.array(case["curve_time"]), 0
    kept = np.zeros(time.size, dtype=bool)
    kept[BY_EVENT] = True
    for row, length in enumerate(case["curve_length"] or [time.size]):
        here, chosen = slice(start, start + length), slice(row, row + 1) if strata else slice(None)
        found = predict_survival(
            *(rows, beta, ties, np.array(case["covariance"]), np.array(case["new"])[chosen]),
            stratum_new=codes[chosen] if strata else None,
            offset_new=offset,
            times=time[here][kept[here]],
            conf_type=case["conf_type"],
        )
        lines = slice(int(kept[:start].sum()), int(kept[: start + length].sum()))
        same(found.survival, case["survival"][lines])
        same(found.std_error, case["std_error"][lines])
        for name in ("lower", "upper"):
            wanted = np.array(case[name][lines], dtype=float)
            # R leaves the limits before the first event undefined; here they are 1.
            before = np.isnan(wanted) & (found.survival == 1)
            limit = getattr(found, name)
            assert (limit[before] == 1).all()
            same(limit[~before], wanted[~before])
        start += length


@each_case
def test_adjusted_survival_of_one_row_is_its_prediction(case):
    rows, beta, ties, covariance = fitted(case)
    x = np.array(case["new"])[:1]
    stratum = None if rows.stratum is None else np.zeros(1, dtype=np.int64)
    one = predict_survival(rows, beta, ties, covariance, x, stratum)
    found = adjusted_survival(
        rows,
        beta,
        ties,
        covariance,
        {"all": np.repeat(x, 3, axis=0)},
        None if stratum is None else np.repeat(stratum, 3),
    )
    same(found.survival, one.survival)
    same(found.std_error, one.survival * one.std_error)
    same(found.lower, one.lower)
    same(found.upper, one.upper)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_all_follow_up_ends_at_one_time(ties):
    frame, expected = pl.read_csv(HERE / "ovarian.csv"), REFERENCE["tied"][ties]
    rows = CoxRows(
        time=np.full(frame.height, 7.0),
        event=frame["fustat"].to_numpy() == 1,
        x=frame.select("age", "rx").to_numpy().astype(float, order="C"),
        names=("age", "rx"),
        terms=("age", "rx"),
    )
    beta = np.array(expected["coef"])
    same(martingale(rows, beta, ties), expected["martingale"])
    same(score(rows, beta, ties), expected["score"])
    same(schoenfeld(rows, beta, ties).residuals, expected["schoenfeld"])
    same(baseline_hazard(rows, beta, ties)["hazard"], expected["hazard"])
