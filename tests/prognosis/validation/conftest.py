"""Risks of Cox models made in the Rotterdam patients, for them and for the German patients."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from debulk.survival import cox, fine_gray

REFERENCE = Path(__file__).parents[2] / "reference"
COVARIATES = {"m1": ["csize", "nod3", "g3"], "m2": ["age", "hormon"]}


@pytest.fixture(scope="session")
def r():
    text = (REFERENCE / "risk_prediction" / "risk_prediction.json").read_text(encoding="utf-8")
    return json.loads(text)["results"]


@pytest.fixture(scope="session")
def tables():
    names = {"score_val": "risk_gbsg_val", "score_dev": "risk_rotterdam_dev", "cr": "mgus2_crr"}
    return {
        name: pl.read_csv(REFERENCE / "survival" / f"{file}.csv", null_values="NA")
        for name, file in names.items()
    }


@pytest.fixture(scope="session")
def models(tables):
    return {
        name: cox(tables["score_dev"], time="ryear", event="rfs", covariates=columns)
        for name, columns in COVARIATES.items()
    }


@pytest.fixture(scope="session")
def german(tables, models):
    """Time, event, risk by 5 years and linear predictor of the German patients."""
    frame = tables["score_val"]
    risk = 1.0 - models["m1"].predict_survival(frame, [5.0]).survival[0]
    predictor = sum(
        frame[name].to_numpy() * value
        for name, value in zip(COVARIATES["m1"], models["m1"].coef, strict=True)
    )
    return frame["ryear"].to_numpy(), frame["rfs"].to_numpy(), risk, predictor


@pytest.fixture(scope="session")
def competing_risks(tables):
    """Cumulative incidence by 60, 120 and 180 months: Fine and Gray, and by cause-specific Cox."""
    frame, times = tables["cr"], np.array([60.0, 120.0, 180.0])
    names = ["age", "mspike", "hgb"]
    direct = fine_gray(frame, time="etime", cause="ev", covariates=names)
    values = frame.select(names).to_numpy()
    hazards, moments = [], np.unique(frame["etime"].to_numpy())
    for cause in (1, 2):
        marked = frame.with_columns(event=pl.col("ev") == cause)
        model = cox(marked, time="etime", event="event", covariates=names)
        steps = model.baseline_hazard()
        baseline = np.zeros(moments.size)
        baseline[np.searchsorted(moments, steps["time"].to_numpy())] = steps["increment"]
        hazards.append(np.outer(baseline, np.exp(values @ model.coef)))
    alive = np.cumprod(1.0 - hazards[0] - hazards[1], axis=0)
    before = np.vstack([np.ones(frame.height), alive[:-1]])
    incidence = np.cumsum(before * hazards[0], axis=0)
    at = np.searchsorted(moments, times, side="right") - 1
    return {"FGR": direct.predict_incidence(frame, times), "CSC": incidence[at].T}
