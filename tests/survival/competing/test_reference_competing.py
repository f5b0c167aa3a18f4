"""Numbers of R's packages survival and cmprsk.

tests/reference/survival/make_competing_risks.R and make_competing_ties.R make them.
"""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from debulk.survival.competing import cumulative_incidence, fine_gray_weights, gray_test
from debulk.survival.competing.fine_gray_fit import fit_fine_gray

HERE = Path(__file__).parents[2] / "reference" / "survival"
MGUS = json.loads((HERE / "competing_risks.json").read_text(encoding="utf-8"))["cases"]
TIES = json.loads((HERE / "competing_ties.json").read_text(encoding="utf-8"))

CLOSED = 1e-10  # closed forms: the reference has 15 digits, both programs round a few hundred sums
ITERATIVE = 1e-8  # both iterate Newton's method to convergence
LOOSE = 1e-6  # the reference stopped its iterations early (crr's default)
MACHINE = 1e-12  # where a number is 0 in one program and rounding in the other


def numbers(values):
    listed = np.array(values, dtype=object)
    return np.where(listed == None, np.nan, listed).astype(float)  # noqa: E711


def same(actual, expected, rtol=CLOSED):
    np.testing.assert_allclose(actual, numbers(expected), rtol=rtol, atol=MACHINE, equal_nan=True)


@pytest.fixture(scope="module")
def mgus():
    return pl.read_csv(HERE / "mgus2.csv", null_values="NA")


@pytest.fixture(scope="module")
def ties():
    return pl.read_csv(HERE / "competing_ties.csv")


def test_cuminc_of_mgus(mgus):
    case = MGUS["cuminc"]
    found = cumulative_incidence(mgus["etime"], mgus["ev"], group=mgus["sex"])
    for name, est, var in zip(case["curves"], case["est"], case["var"], strict=True):
        group, cause = name.split()
        curve = found[group][int(cause)]
        same(curve.at(case["times"]), est)
        same(curve.std_error_at(case["times"]) ** 2, var)


def test_survfit_of_mgus(mgus):
    case = MGUS["aalen_johansen"]
    found = cumulative_incidence(mgus["etime"], mgus["ev"], group=mgus["sex"], variance="jackknife")
    strata = np.array(case["strata"])
    times = np.array(case["times"])
    for group in ("F", "M"):
        chosen = strata == f"sex={group}"
        for cause in (1, 2):
            curve = found[group][cause]
            lower, upper = curve.limits_at(times[chosen])
            same(curve.at(times[chosen]), np.array(case["pstate"])[chosen, cause])
            same(curve.std_error_at(times[chosen]), np.array(case["stderr"])[chosen, cause])
            same(lower, np.array(case["lower"])[chosen, cause])
            same(upper, np.array(case["upper"])[chosen, cause])
            # Rows of rmean: the two groups' states one after the other; the last is the mean.
            row = case["rmean"][2 * cause + ("FM".index(group))]
            same(curve.rmtl(240).estimate, row[-1], rtol=1e-9)
            assert (curve.n, curve.n_events) == (row[0], row[1])


@pytest.mark.parametrize("cause", [1, 2])
def test_gray_of_mgus(mgus, cause):
    found = gray_test(mgus["etime"], mgus["ev"], mgus["sex"], cause_of_interest=cause)
    same([found.statistic, found.p, found.df], MGUS["cuminc"]["gray_tests"][cause - 1])
    known = mgus.filter(pl.col("mspike").is_not_null())
    layered = gray_test(
        known["etime"],
        known["ev"],
        known["sex"],
        strata=known["mspike"] > 1.2,
        cause_of_interest=cause,
    )
    same([layered.statistic, layered.p, layered.df], MGUS["cuminc_strata"]["gray_tests"][cause - 1])


@pytest.mark.parametrize(
    ("name", "rho", "strata"),
    [
        ("plain", 0, False),
        ("rho1", 1, False),
        ("rho2", -0.5, False),
        ("strata", 0, True),
        ("strata_rho1", 1, True),
        ("two", 0, False),
    ],
)
def test_gray_and_cuminc_with_ties(ties, name, rho, strata):
    case = TIES["cuminc"][name]
    frame = ties if name != "two" else ties.filter(pl.col("group") != "a")
    curves = cumulative_incidence(frame["time"], frame["cause"], group=frame["group"])
    for label, est, var in zip(case["curves"], case["est"], case["var"], strict=True):
        group, cause = label.split()
        curve = curves[group][cause]
        known = ~np.isnan(numbers(est))
        same(curve.at(TIES["times"])[known], numbers(est)[known])
        same(curve.std_error_at(TIES["times"])[known] ** 2, numbers(var)[known])
    for cause, test in zip(case["causes"], case["tests"], strict=True):
        found = gray_test(
            frame["time"],
            frame["cause"],
            frame["group"],
            cause_of_interest=cause,
            rho=rho,
            strata=frame["layer"] if strata else None,
        )
        same([found.statistic, found.p, found.df], test)


SURVFIT = {
    "plain": {},
    "plain_limits": {"conf_type": "plain"},
    "loglog_90": {"conf_type": "log-log", "conf_level": 0.9},
    "weights": {"weights": "weight"},
    "entry": {"entry": "entry"},
    "entry_weights": {"entry": "entry", "weights": "weight"},
}


@pytest.mark.parametrize("name", SURVFIT)
def test_survfit_with_ties(ties, name):
    case = TIES["survfit"][name]
    options = {
        key: ties[value] if key in ("weights", "entry") else value
        for key, value in SURVFIT[name].items()
    }
    curves = cumulative_incidence(ties["time"], ties["cause"], variance="jackknife", **options)
    for cause in (1, 2, 3):
        curve = curves["all"][cause]
        lower, upper = curve.limits_at(TIES["times"])
        same(curve.at(TIES["times"]), np.array(case["incidence"])[:, cause - 1])
        same(curve.std_error_at(TIES["times"]), np.array(case["std_error"])[:, cause - 1])
        same(lower, numbers(case["lower"])[:, cause - 1])
        same(upper, numbers(case["upper"])[:, cause - 1])


@pytest.mark.parametrize("name", ["plain", "weights"])
def test_clusters_with_one_cause(ties, name):
    case = TIES["cluster"][name]
    curve = cumulative_incidence(
        ties["time"],
        (ties["cause"] > 0).cast(int),
        cluster=ties["cluster"],
        weights=ties["weight"] if name == "weights" else None,
    )["all"][1]
    same(curve.at(TIES["times"]), case["incidence"])
    same(curve.std_error_at(TIES["times"]), case["std_error"])


@pytest.mark.parametrize("name", ["plain", "weights", "entry"])
def test_restricted_mean_time_lost(ties, name):
    case = TIES["rmean"][name]
    options = {
        "weights": ties["weight"] if name == "weights" else None,
        "entry": ties["entry"] if name == "entry" else None,
    }
    curves = cumulative_incidence(ties["time"], ties["cause"], variance="jackknife", **options)
    for cause in (1, 2, 3):
        found = curves["all"][cause].rmtl(case["tau"])
        same([found.estimate, found.se], [case["mean"][cause], case["se"][cause]])


def kinds(cause, code):
    return np.where(cause == 0, 0, np.where(cause == code, 1, 2))


@pytest.mark.parametrize("cause", [1, 2])
def test_crr_of_mgus(cause):
    frame = pl.read_csv(HERE / "mgus2_crr.csv")
    case, expanded = MGUS[f"crr{cause}"], MGUS[f"finegray{cause}"]
    x = frame.select(case["covs"]).to_numpy().astype(float)
    time = frame["etime"].to_numpy().astype(float)
    kind = kinds(frame["ev"].to_numpy(), cause)
    fit = fit_fine_gray(time, kind, x, tuple(case["covs"]))
    same(fit.coef, case["coef"], LOOSE)
    same(fit.covariance, case["var"], LOOSE)
    same(fit.naive_covariance, case["invinf"], LOOSE)
    same(fit.loglik, [case["loglik_null"], case["loglik"]], ITERATIVE)
    same(fit.event_times[:20], case["uftime_first20"])
    same(fit.hazard[:20], case["bfitj_first20"], LOOSE)
    events_first = fit_fine_gray(time, kind, x, tuple(case["covs"]), tied_events="gone")
    same(events_first.coef, expanded["coef_breslow"], ITERATIVE)
    rows = fine_gray_weights(frame["etime"], frame["ev"], cause_of_interest=cause)
    assert rows.row.size == expanded["nrow"]
    same(rows.weight.sum(), expanded["sum_wt"])
    for name, theirs in (("start", "start"), ("stop", "stop"), ("status", "status")):
        same(getattr(rows, name)[:40], expanded["first40"][theirs])
    same(rows.weight[:40], expanded["first40"]["wt"])


@pytest.mark.parametrize("name", list(TIES["crr"]))
def test_crr_with_ties(ties, name):
    case = TIES["crr"][name]
    group = {"cengroup1": "group", "cengroup2": "layer"}.get(name)
    codes = None if group is None else ties[group].rank("dense").to_numpy().astype(np.int64) - 1
    fit = fit_fine_gray(
        ties["time"].to_numpy().astype(float),
        kinds(ties["cause"].to_numpy(), case["code"]),
        ties.select("x1", "x2").to_numpy().astype(float),
        ("x1", "x2"),
        groups=codes,
    )
    same(fit.coef, case["coef"], ITERATIVE)
    if group is None:
        # With several censoring groups crr's sandwich is another; ours is checked against the
        # derivative of the estimate by case weights in test_fine_gray_fit.py.
        same(fit.covariance, case["var"], ITERATIVE)
    same(fit.naive_covariance, case["invinf"], ITERATIVE)
    same(fit.loglik, [case["loglik_null"], case["loglik"]], ITERATIVE)
    same(fit.event_times, case["uftime"])
    same(fit.hazard, case["bfitj"], ITERATIVE)
    predicted = fit.predict_incidence(np.array([[0.5, 1], [-1, 0]]), fit.event_times)
    same(predicted.T, case["predicted"], ITERATIVE)


@pytest.mark.parametrize(
    ("name", "code"), [("cause1", 1), ("cause3", 3), ("strata", 1), ("weights", 2), ("entry", 1)]
)
def test_finegray_with_ties(ties, name, code):
    case = TIES["finegray"][name]
    rows = fine_gray_weights(
        ties["time"],
        ties["cause"],
        cause_of_interest=code,
        entry=ties["entry"] if name == "entry" else None,
        strata=ties["group"] if name == "strata" else None,
        weights=ties["weight"] if name == "weights" else None,
    )
    assert_rows(rows, case)
    if name.startswith("cause"):
        fit = fit_fine_gray(
            ties["time"].to_numpy().astype(float),
            kinds(ties["cause"].to_numpy(), code),
            ties.select("x1", "x2").to_numpy().astype(float),
            ("x1", "x2"),
            tied_events="gone",
        )
        same(fit.coef, case["coef"], ITERATIVE)
        same(fit.naive_covariance, case["naive"], ITERATIVE)
        same(fit.robust_covariance, case["robust"], ITERATIVE)


def test_finegray_with_delayed_entry(ties):
    late = ties.filter(pl.col("time") > 3)
    entry = np.maximum(late["entry"].to_numpy(), 1)
    entry[0] = 2
    rows = fine_gray_weights(late["time"], late["cause"], entry=entry)
    case = TIES["finegray"]["late"]
    numbered = np.flatnonzero(ties["time"].to_numpy() > 3)
    case = {**case, "row": np.searchsorted(numbered, np.array(case["row"]) - 1) + 1}
    assert_rows(rows, case)


def assert_rows(rows, case):
    np.testing.assert_array_equal(rows.row + 1, case["row"])
    same(rows.start, case["start"])
    same(rows.stop, case["stop"])
    same(rows.status, case["status"])
    same(rows.weight, case["weight"])
