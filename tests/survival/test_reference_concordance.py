"""Concordance of R's package survival, made by the R scripts beside the numbers."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from debulk.survival.concordant_pairs import concordance

HERE = Path(__file__).parents[1] / "reference" / "survival"
R = json.loads((HERE / "rank_tests.json").read_text(encoding="utf-8"))
GBSG = json.loads((HERE / "concordance_gbsg.json").read_text(encoding="utf-8"))

CLOSED = 1e-10  # closed forms; R's numbers are written with 15 digits

OPTIONS = {
    "plain": {},
    "tau": {"tau": 310},
    "uno": {"method": "uno"},
    "uno_tau": {"method": "uno", "tau": 310},
    "weights": {"weights": "load"},
    "uno_weights": {"method": "uno", "weights": "load"},
    "uno_strata": {"method": "uno", "strata": "sex"},
    "strata_weights": {"weights": "load", "strata": "sex"},
    "entry_weights": {"weights": "load", "entry": "begin"},
    "cluster": {"cluster": "inst"},
}


def frame_of(name):
    frame = pl.read_csv(HERE / f"{name}.csv", null_values="NA")
    if name == "lung":
        load = 0.5 + np.arange(1, frame.height + 1) % 5 / 4
        begin = (0.3 * pl.col("time")).floor()
        frame = frame.with_columns(load=pl.Series(load), begin=begin)
    return frame


def counts(found):
    return [
        found.concordant,
        found.discordant,
        found.tied_risk,
        found.tied_time,
        found.tied_both,
    ]


@pytest.mark.parametrize("name", list(OPTIONS))
def test_arrays(name):
    case, frame = R["concordance"][name], frame_of("lung")
    if name == "cluster":
        frame = frame.drop_nulls("inst")
    options = {
        key: frame[value] if value in frame.columns else value
        for key, value in OPTIONS[name].items()
    }
    found = concordance(frame["time"], frame["event"], frame["age"], **options)
    assert found.estimate == pytest.approx(case["concordance"], rel=CLOSED)
    assert found.se**2 == pytest.approx(case["var"], rel=CLOSED)
    np.testing.assert_allclose(counts(found), case["count"], rtol=CLOSED, atol=CLOSED)


@pytest.mark.parametrize("case", R["cox"], ids=lambda case: f"{case['data']}-{len(case['coef'])}")
def test_linear_predictors_of_cox_models(case):
    frame = frame_of(case["data"])
    risk = sum(frame[name].to_numpy() * value for name, value in case["coef"].items())
    options = {key: frame[case[key]] for key in ("entry", "weights", "strata") if key in case}
    found = concordance(frame[case["time"]], frame[case["event"]], risk, **options)
    assert found.estimate == pytest.approx(case["concordance"], rel=CLOSED)
    assert found.se == pytest.approx(case["std"], rel=CLOSED)
    np.testing.assert_allclose(counts(found), case["count"], rtol=CLOSED, atol=CLOSED)


def test_another_table_than_the_model_was_fitted_to():
    frame = frame_of("risk_gbsg_val")
    risk = sum(frame[name].to_numpy() * value for name, value in GBSG["coef"].items())
    arrays = (frame["ryear"], frame["rfs"], risk)
    harrell = concordance(*arrays)
    assert harrell.estimate == pytest.approx(GBSG["harrell"]["C"], rel=CLOSED)
    assert harrell.se == pytest.approx(GBSG["harrell"]["se"], rel=CLOSED)
    uno = concordance(*arrays, method="uno", tau=GBSG["uno"]["ymax"])
    assert uno.estimate == pytest.approx(GBSG["uno"]["C"], rel=CLOSED)
    assert uno.se == pytest.approx(GBSG["uno"]["se"], rel=CLOSED)
