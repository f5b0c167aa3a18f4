"""Every public function and method against input it cannot have expected.

Whatever is given for an argument, there is a result or an InputError that names a place and a
remedy: no other exception, no warning (warnings are errors here), and arrays given stay as they
are. A new public name without a line in the tables below fails `test_every_public_name_is_here`.
"""

import contextlib
import datetime
import inspect
import json
import math
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import debulk.survival as survival
from debulk import InputError

N = 24
GENERATOR = np.random.default_rng(20260301)
TIME = np.round(GENERATOR.exponential(10.0, N), 1) + 0.1
EVENT = GENERATOR.random(N) < 0.6
GROUP = np.arange(N) % 2
THREE = np.arange(N) % 3
CAUSE = np.arange(N) % 3
RISK = GENERATOR.normal(size=N)
SOON = (TIME / 2.0, THREE == 0)


def table(**changed):
    columns = {
        "t": TIME,
        "e": EVENT,
        "c": CAUSE,
        "x": RISK,
        "s": THREE,
        "w": 1.0 + GROUP / 2.0,
        "k": np.arange(N) // 2,
        "b": np.zeros(N),
        "o": np.zeros(N),
    }
    return {**columns, **changed}


FOLLOW_UP = {"time": TIME, "event": EVENT}
TWO = {**FOLLOW_UP, "group": GROUP}

FUNCTIONS = {
    "adjusted_rmst": {**TWO, "covariates": {"x": RISK}},
    "concordance": {**FOLLOW_UP, "risk": RISK},
    "cox": {"frame": table(), "time": "t", "event": "e", "covariates": ["x"]},
    "cumulative_incidence": {"time": TIME, "cause": CAUSE},
    "fine_gray": {"frame": table(), "time": "t", "cause": "c", "covariates": ["x"]},
    "fine_gray_weights": {"time": TIME, "cause": CAUSE},
    "gray_test": {"time": TIME, "cause": CAUSE, "group": GROUP},
    "hazard_ratio": TWO,
    "hazard_ratios": {**FOLLOW_UP, "group": THREE},
    "illness_death": {
        "progression_time": SOON[0],
        "progressed": SOON[1],
        "death_time": TIME,
        "died": EVENT,
    },
    "example": {"name": "colon"},
    "kaplan_meier": FOLLOW_UP,
    "landmark": {**FOLLOW_UP, "at": 1.0},
    "logrank": TWO,
    "logrank_pairwise": {**FOLLOW_UP, "group": THREE},
    "logrank_trend": {**FOLLOW_UP, "group": THREE},
    "max_combo": TWO,
    "median_difference": TWO,
    "milestone_difference": {**TWO, "at": 1.0},
    "multi_state": {
        "start": np.zeros(N),
        "stop": TIME,
        "to_state": CAUSE,
        "subject": np.arange(N),
    },
    "nelson_aalen": FOLLOW_UP,
    "one_sample_logrank": {**FOLLOW_UP, "expected": 0.1},
    "parametric": {**FOLLOW_UP, "model": "weibull"},
    "rmst_difference": TWO,
    "rmst_ratio": TWO,
    "rmtl_ratio": TWO,
    "state_histories": {"onsets": {"response": SOON}, "end_time": TIME, "ended": EVENT},
    "two_arm_trials": {
        "time": TIME.reshape(2, -1),
        "event": EVENT.reshape(2, -1),
        "experimental": GROUP.reshape(2, -1),
    },
    "EarlyZero": {"early_period": 1.0},
    "FlemingHarrington": {"rho": 0.0, "gamma": 1.0},
    "ModestlyWeighted": {"t_star": 5.0},
    "PiecewiseExponential": {"cuts": [5.0]},
    "PiecewiseHazard": {"cuts": (5.0,), "rates": (0.1, 0.2)},
    "RoystonParmar": {"interior_knots": 1},
}

RESULTS = {
    "AcceleratedTime": lambda: survival.parametric(TIME, EVENT, model="weibull").accelerated(),
    "AdjustedRmst": lambda: survival.adjusted_rmst(**FUNCTIONS["adjusted_rmst"]),
    "Concordance": lambda: survival.concordance(**FUNCTIONS["concordance"]),
    "CoxModel": lambda: survival.cox(**FUNCTIONS["cox"]),
    "FineGrayModel": lambda: survival.fine_gray(**FUNCTIONS["fine_gray"]),
    "FineGrayRows": lambda: survival.fine_gray_weights(TIME, CAUSE),
    "HazardCurve": lambda: survival.nelson_aalen(TIME, EVENT),
    "IncidenceCurve": lambda: survival.cumulative_incidence(TIME, CAUSE)["all"][1],
    "Landmark": lambda: survival.landmark(TIME, EVENT, 1.0),
    "MultiState": lambda: survival.illness_death(**FUNCTIONS["illness_death"]),
    "ParametricModel": lambda: survival.parametric(TIME, EVENT, model="weibull"),
    "PredictedSurvival": lambda: survival.cox(**FUNCTIONS["cox"]).predict_survival(
        {"x": [0.0, 1.0]}, [1.0, 5.0]
    ),
    "SchoenfeldResiduals": lambda: survival.cox(**FUNCTIONS["cox"]).residuals("schoenfeld"),
    "SurvivalCurve": lambda: survival.kaplan_meier(TIME, EVENT),
    "TransitionHazard": lambda: next(
        iter(survival.illness_death(**FUNCTIONS["illness_death"]).hazards().values())
    ),
    "TwoArmTrials": lambda: survival.two_arm_trials(**FUNCTIONS["two_arm_trials"]),
}

ARGUMENTS = {
    "from_state": "event-free",
    "from_time": 1.0,
    "frame": {"x": [0.0, 1.0]},
    "landmark": 1.0,
    "p": 0.5,
    "tau": 5.0,
    "time": 1.0,
    "times": [1.0, 5.0],
    "weights": np.ones(N),
}
NOT_CALLED = {"with_provenance", "weights_at", "cumulative"}
"""Methods for other parts of the program."""


def one(value, dtype=np.float64):
    """The times with one of them changed."""
    changed = TIME.astype(dtype)
    changed[3] = value
    return changed


def fails(*arrays):
    raise ZeroDivisionError("on purpose")


FROZEN = TIME.copy()
FROZEN.flags.writeable = False
PAIRS = np.empty(N, object)
PAIRS[:] = [(1, 2), (2, 3)] * (N // 2)

VALUES = {
    "list": TIME.tolist(),
    "tuple": tuple(TIME),
    "range": range(1, N + 1),
    "polars": pl.Series(TIME),
    "pandas, shuffled index": pd.Series(TIME, index=np.arange(N)[::-1]),
    "pandas nullable": pd.Series([None, *TIME[1:]], dtype="Float64"),
    "pandas nullable bool": pd.Series([True, None] * (N // 2), dtype="boolean"),
    "pandas text": pd.Series(["a", None] * (N // 2), dtype="string"),
    "pandas category": pd.Series(["a", "b"] * (N // 2), dtype="category"),
    "polars enum": pl.Series(["a", "b"] * (N // 2), dtype=pl.Enum(["b", "a"])),
    "polars null": pl.Series([None] * N),
    "polars date": pl.Series([datetime.date(2020, 1, 1)] * N),
    "polars decimal": pl.Series([Decimal("1.5")] * N),
    "polars list": pl.Series([[1.0, 2.0]] * N),
    "polars frame": pl.DataFrame({"a": TIME}),
    "pandas frame": pd.DataFrame({"a": TIME}),
    "integer": np.arange(N) + 1,
    "unsigned beyond int64": np.arange(N, dtype=np.uint64) + 2**63,
    "float32": TIME.astype(np.float32),
    "float16": TIME.astype(np.float16),
    "long double": one(np.longdouble("1e4000"), np.longdouble),
    "bool": EVENT,
    "text": TIME.astype(str),
    "bytes": np.array([b"a", b"b"] * (N // 2)),
    "dates": np.array(["2020-01-01", "NaT"] * (N // 2), dtype="M8[D]"),
    "complex": TIME.astype(complex),
    "records": np.zeros(N, dtype=[("a", "f8")]),
    "masked": np.ma.masked_array(TIME, mask=np.arange(N) == 3),
    "column": TIME[:, None],
    "cube": TIME[:, None, None],
    "view": np.repeat(TIME, 2)[::2],
    "backwards": TIME[::-1],
    "big endian": TIME.astype(">f8"),
    "read-only": FROZEN,
    "constant": np.full(N, 3.0),
    "zeros": np.zeros(N),
    "NaN": one(math.nan),
    "infinite": one(math.inf),
    "negative": one(-1.0),
    "negative zero": one(-0.0),
    "1e300": one(1e300),
    "largest": np.full(N, np.finfo(float).max),
    "subnormal": TIME * 5e-324,
    "1e-300": TIME * 1e-300,
    "1e12": TIME * 1e12,
    "short": TIME[:-1],
    "one row": TIME[:1],
    "empty": [],
    "None among numbers": [None, *TIME[1:]],
    "text among numbers": np.array(["1", *TIME[1:]], dtype=object),
    "list among numbers": np.array([*TIME[1:], [1, 2]], dtype=object),
    "pandas NA among numbers": np.array([pd.NA, *TIME[1:]], dtype=object),
    "signalling NaN": np.array([Decimal("sNaN")] * N, dtype=object),
    "integer beyond floats": [10**400] * N,
    "mixed labels": np.array([1, "a"] * (N // 2), dtype=object),
    "labels written alike": np.array([1, "1"] * (N // 2), dtype=object),
    "pairs": PAIRS,
    "ragged": [[1, 2], [3]] * (N // 2),
    "each its own": np.arange(N),
    "scalar": 3.0,
    "array without dimensions": np.array(3.0),
    "None": None,
    "true": True,
    "word": "loglog",
    "mapping": {"a": 1},
    "empty mapping": {},
    "set": {1, 2},
    "function that fails": fails,
    "class": int,
    "object": object(),
    "not a number": math.nan,
    "infinity": math.inf,
    "below 0": -1,
    "nought": 0,
    "smallest": 5e-324,
    "huge": 1e300,
    "complex number": 1j,
    "decimal": Decimal("0.5"),
    "integer too large": 10**400,
    "numpy float": np.float32(0.5),
    "date": datetime.date(2020, 1, 1),
    "pandas NA": pd.NA,
    "list of lists": [[]],
}


def survives(function, arguments, label):
    """A result that can be written as JSON, or an InputError; the arrays given are unchanged."""
    kept = [each for each in arguments.values() if isinstance(each, np.ndarray)]
    before = [each.tobytes() for each in kept if each.dtype != object]
    try:
        found = function(**arguments)
        json.dumps(found.to_dict() if hasattr(found, "to_dict") else None)
    except InputError as problem:
        complete = problem.where and problem.found and problem.remedy
        if not complete:
            raise AssertionError(f"{label}: {problem} says too little") from problem
    except Exception as problem:
        raise AssertionError(f"{label}: {type(problem).__name__}: {problem}") from problem
    assert before == [each.tobytes() for each in kept if each.dtype != object], label


def test_every_public_name_is_here():
    assert sorted([*FUNCTIONS, *RESULTS]) == sorted(survival.__all__)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_any_value_for_any_argument(name):
    function = getattr(survival, name)
    for argument in inspect.signature(function).parameters:
        for kind, value in VALUES.items():
            changed = {**FUNCTIONS[name], argument: value}
            survives(function, changed, f"{name}, {argument}: {kind}")


@pytest.mark.parametrize("name", RESULTS)
def test_any_value_for_any_argument_of_a_method(name):
    result = RESULTS[name]()
    for method, function in inspect.getmembers(type(result), inspect.isfunction):
        if method.startswith("_") or method in NOT_CALLED:
            continue
        parameters = list(inspect.signature(function).parameters.values())[1:]
        usual = {
            each.name: ARGUMENTS[each.name] for each in parameters if each.default is each.empty
        }
        for each in parameters:
            for kind, value in VALUES.items():
                label = f"{name}.{method}, {each.name}: {kind}"
                survives(getattr(result, method), {**usual, each.name: value}, label)


ROLES = {"strata": "s", "weights": "w", "cluster": "k", "entry": "b", "offset": "o"}


@pytest.mark.parametrize("column", ["t", "e", "x", "s", "w", "k", "b", "o"])
def test_any_column_of_a_cox_table(column):
    roles = {role: name for role, name in ROLES.items() if name == column}
    for kind, value in VALUES.items():
        frame = table(**{column: value})
        options = {"frame": frame, "time": "t", "event": "e", "covariates": ["x"], **roles}
        survives(survival.cox, options, f"{column}: {kind}")


@pytest.mark.parametrize("column", ["t", "c", "x", "s"])
def test_any_column_of_a_fine_gray_table(column):
    groups = {"censoring_groups": "s"} if column == "s" else {}
    for kind, value in VALUES.items():
        frame = table(**{column: value})
        options = {"frame": frame, "time": "t", "cause": "c", "covariates": ["x"], **groups}
        survives(survival.fine_gray, options, f"{column}: {kind}")


TABLES = {
    "no rows": pl.DataFrame(table()).head(0),
    "one row": pd.DataFrame(table()).head(1),
    "two rows": pl.DataFrame(table()).head(2),
    "lazy": pl.DataFrame(table()).lazy(),
    "no columns": pd.DataFrame(),
    "column twice": pd.DataFrame(np.c_[TIME, TIME, EVENT, RISK], columns=["t", "t", "e", "x"]),
    "columns in two levels": pd.DataFrame(
        np.c_[TIME, EVENT], columns=pd.MultiIndex.from_tuples([("t", "a"), ("e", "a")])
    ),
    "numbered columns": pd.DataFrame(np.c_[TIME, EVENT, RISK]),
    "scalars": {"t": 3.0, "e": 1, "x": 2.0},
}


@pytest.mark.parametrize("kind", TABLES)
def test_tables(kind):
    frame = TABLES[kind]
    options = {"frame": frame, "time": "t", "covariates": "x"}
    survives(survival.cox, {**options, "event": "e"}, kind)
    survives(survival.fine_gray, {**options, "cause": "c"}, kind)


FORMULAS = (
    *("", " ", "1", "0", "x +", "(x", "x - 1", "t ~ x", "x | s", "x y", "x + nope", "x.real", "3"),
    *("C(s)", "C(k)", "log(x)", "exp(1000 * x)", "x / 0", "{x + 1}", "bs(x, df=3)", "x ** 99"),
    *("Intercept", '__import__("os")', "`x`", "None", "C(s, Treatment('zz'))"),
)


@pytest.mark.parametrize("formula", FORMULAS)
def test_formulas(formula):
    frame = table(Intercept=RISK)
    options = {"frame": frame, "time": "t", "event": "e", "formula": formula}
    survives(survival.cox, options, formula)


@pytest.mark.parametrize("new", [{"s": [7]}, {"s": ["zz"]}, {}, {"s": [None]}])
def test_a_formula_meets_levels_it_does_not_know(new):
    fitted = survival.cox(table(), time="t", event="e", formula="C(s)")
    with pytest.raises(InputError):
        fitted.predict_survival(new, [1.0])


NAMES = ("a b", "e\u0301", "x+y", "1x", "if", "C(x)", "`", "'", "", "x:y", "log", "Intercept", "\n")


@pytest.mark.parametrize("name", [*NAMES, "number of the row"])
def test_column_names_of_any_kind(name):
    frame = table(**{name: RISK})
    usual = survival.cox(table(), time="t", event="e", covariates="x").coef
    found = survival.cox(frame, time="t", event="e", covariates=name)
    np.testing.assert_array_equal(found.coef, usual)
    usual = survival.fine_gray(**FUNCTIONS["fine_gray"]).coef
    found = survival.fine_gray(frame, time="t", cause="c", covariates=name)
    np.testing.assert_array_equal(found.coef, usual)
    survives(
        survival.parametric, {**FOLLOW_UP, "model": "weibull", "covariates": {name: RISK}}, name
    )


DESIGNS = {
    "constant": {"a": np.full(N, 3.0)},
    "scaled by 1e12": {"a": RISK * 1e12},
    "scaled by 1e-12": {"a": RISK * 1e-12},
    "scaled by 1e80": {"a": RISK * 1e80},
    "scaled by 1e-200": {"a": RISK * 1e-200},
    "far from 0": {"a": RISK + 1e12},
    "twice": {"a": RISK, "b": RISK},
    "follows": {"a": RISK, "b": 2.0 * RISK + 3.0},
    "nearly follows": {"a": RISK, "b": RISK + 1e-9 * np.sin(np.arange(N))},
    "all levels": {f"a{k}": (k == THREE).astype(float) for k in range(3)},
    "separates": {"a": TIME},
    "separates, negative": {"a": -TIME},
    "is the event": {"a": EVENT.astype(float)},
    "separates in part": {"a": (np.sort(TIME)[2] > TIME).astype(float), "b": RISK},
    "more than rows": {f"a{k}": np.cos((k + 1.0) * np.arange(N) ** 2) for k in range(N + 5)},
    "each its own level": {"a": np.array([f"g{k}" for k in range(N)])},
    "one far out": {"a": np.where(np.arange(N) == 3, 1e10, RISK)},
}


@pytest.mark.parametrize("kind", DESIGNS)
def test_covariates_without_an_answer(kind):
    columns = DESIGNS[kind]
    frame, names = table(**columns), list(columns)
    for options in ({}, {"penalty": "firth"}, {"robust": True}, {"ties": "breslow"}):
        cox = {"frame": frame, "time": "t", "event": "e", "covariates": names, **options}
        survives(survival.cox, cox, f"{kind}, {options}")
    grey = {"frame": frame, "time": "t", "cause": "c", "covariates": names}
    survives(survival.fine_gray, grey, kind)
    survives(survival.adjusted_rmst, {**TWO, "covariates": columns}, kind)
    for model in ("weibull", "lognormal"):
        options = {**FOLLOW_UP, "model": model, "covariates": columns}
        survives(survival.parametric, options, f"{kind}, {model}")


SAMPLES = {
    "n = 0": ([], []),
    "n = 1": ([1.0], [1]),
    "n = 1, censored": ([1.0], [0]),
    "n = 1, at 0": ([0.0], [1]),
    "n = 2": ([1.0, 2.0], [1, 1]),
    "n = 2, tied": ([2.0, 2.0], [1, 1]),
    "n = 2, at 0": ([0.0, 0.0], [1, 1]),
    "no events": ([1.0, 2.0, 3.0, 4.0], [0, 0, 0, 0]),
    "ties everywhere": ([2.0] * 8, [1] * 8),
    "ties, half censored": ([2.0] * 8, [1, 0] * 4),
    "subnormal": (np.arange(1, 9) * 5e-324, [1, 0, 1, 1, 1, 0, 1, 1]),
    "1e59": (np.arange(1, 9) * 1e59, [1, 0, 1, 1, 1, 0, 1, 1]),
    "1e300": (np.arange(1, 9) * 1e300, [1, 0, 1, 1, 1, 0, 1, 1]),
}
ONE_EACH = {"strata", "group", "cluster"}


def said(found):
    """Whether an estimate that is not defined says so."""
    return not math.isnan(getattr(found, "estimate", 0.0)) or bool(found.note)


def calls(time, event):
    """Every function of arrays or a table, on one small sample, and on rows apart."""
    time, event = np.asarray(time, dtype=np.float64), np.asarray(event, dtype=np.int64)
    n = time.size
    row, frame = np.arange(n), {"t": time, "e": event, "x": np.arange(n) ** 1.5, "s": np.arange(n)}
    common = {"time": time, "event": event, "cause": event, "group": row % 2, "risk": frame["x"]}
    for name, usual in FUNCTIONS.items():
        function = getattr(survival, name)
        parameters = inspect.signature(function).parameters
        changed = {key: common.get(key, value) for key, value in usual.items()}
        if "frame" in usual:
            yield name, function, {**changed, **usual, "frame": {**frame, "c": event}}
            yield name, function, {**changed, **usual, "frame": {**frame, "c": event}}
        elif "time" in usual and name != "two_arm_trials":
            if "covariates" in usual:
                changed["covariates"] = {"x": frame["x"]}
            yield name, function, changed
            for each in ONE_EACH & set(parameters):
                yield name, function, {**changed, each: row}


@pytest.mark.parametrize("kind", SAMPLES)
def test_small_and_strange_samples(kind):
    for name, function, options in calls(*SAMPLES[kind]):
        survives(function, options, f"{name}, {kind}")
        with contextlib.suppress(InputError):
            assert said(function(**options)), f"{name}, {kind}: not defined without a note"


@pytest.mark.parametrize("model", ["exponential", "weibull", "gompertz", "gamma", "lognormal"])
@pytest.mark.parametrize("cure", [False, True])
def test_parametric_models_of_small_and_strange_samples(model, cure):
    for kind, (time, event) in SAMPLES.items():
        options = {"time": time, "event": event, "model": model, "cure": cure}
        survives(survival.parametric, options, f"{model}, {kind}")


moments = st.one_of(
    st.integers(0, 3).map(float),
    st.floats(0.0, 1e308, allow_subnormal=True),
    st.sampled_from([math.nan, math.inf, -1.0, -0.0, 5e-324, 1e300]),
)
rows = st.lists(
    st.tuples(moments, st.sampled_from([0, 1, 1, 2]), st.sampled_from("aabc"), moments),
    max_size=6,
)


@settings(deadline=None, max_examples=60)
@given(rows=rows)
def test_property_any_rows_have_an_answer(rows):
    time, mark, group, weight = (
        (list(each) for each in zip(*rows, strict=True)) if rows else [[]] * 4
    )
    event = [min(each, 1) for each in mark]
    plain = {"time": time, "event": event}
    grouped = {**plain, "group": group}
    survives(survival.kaplan_meier, {**plain, "weights": weight}, "kaplan_meier")
    survives(survival.nelson_aalen, {**plain, "entry": weight}, "nelson_aalen")
    survives(survival.concordance, {**plain, "risk": weight}, "concordance")
    survives(survival.cumulative_incidence, {"time": time, "cause": mark}, "cumulative_incidence")
    for name in ("logrank", "max_combo", "hazard_ratios", "rmst_ratio", "median_difference"):
        survives(getattr(survival, name), grouped, name)
    frame = {"t": time, "e": event, "x": weight, "s": group}
    options = {"frame": frame, "time": "t", "event": "e", "covariates": "x"}
    survives(survival.cox, options, "cox")
    survives(survival.cox, {**options, "strata": "s"}, "cox in strata")


@pytest.mark.parametrize(
    ("function", "options", "nearest"),
    [
        (survival.kaplan_meier, {**FOLLOW_UP, "conf_type": "loglog"}, "log-log"),
        (survival.logrank, {**TWO, "weighting": "log-rank"}, "logrank"),
        (survival.hazard_ratio, {**TWO, "ties": "effron"}, "efron"),
        (survival.concordance, {**FUNCTIONS["concordance"], "method": "harell"}, "harrell"),
        (survival.max_combo, {**TWO, "alternative": "twosided"}, "two-sided"),
        (survival.parametric, {**FOLLOW_UP, "model": "weibul"}, "weibull"),
        (survival.cox, {**FUNCTIONS["cox"], "penalty": "fith"}, "firth"),
        (survival.fine_gray, {**FUNCTIONS["fine_gray"], "variance": "finegray"}, "fine-gray"),
    ],
)
def test_a_misspelt_word_is_answered_with_the_nearest(function, options, nearest):
    with pytest.raises(InputError, match=f"'{nearest}'"):
        function(**options)


def test_labels_that_are_written_alike_are_not_joined():
    labels = np.array([1, "1"] * (N // 2), dtype=object)
    with pytest.raises(InputError, match="group: holds both 1 and '1', which are written alike"):
        survival.cumulative_incidence(TIME, CAUSE, group=labels)


def test_a_masked_time_is_not_used():
    masked = np.ma.masked_array(TIME, mask=np.arange(N) == 3)
    with pytest.raises(InputError, match="time, row 4: the value is masked"):
        survival.kaplan_meier(masked, EVENT)


def test_many_groups():
    n = 10_000
    time, event = 1.0 + np.arange(n) % 97, np.arange(n) % 3 > 0
    own = survival.kaplan_meier(time, event, cluster=np.arange(n))
    assert own.n == n
    apart = survival.concordance(time, event, time, strata=np.arange(n))
    assert math.isnan(apart.estimate)
    assert "no comparable pair" in apart.note
    frame = {"t": time, "e": event, "x": np.arange(n) % 5, "s": np.arange(n)}
    with pytest.raises(InputError):
        survival.cox(frame, time="t", event="e", covariates="x", strata="s")
    many = survival.fine_gray(frame, time="t", cause="e", covariates="x")
    assert many.n == n


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name.islower()])
def test_the_same_call_gives_the_same_bits(name):
    first, second = (repr(getattr(survival, name)(**FUNCTIONS[name])) for _ in range(2))
    clean = [text.split(" at 0x")[0] for text in (first, second)]
    assert clean[0] == clean[1]
