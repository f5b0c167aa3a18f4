"""Writes the shared case of sequential trials, and what PyPI's pySEQTarget makes of it.

Run from the repository root, with pySEQTarget (GPL; a peer for tests only) installed:
``python -m tests.reference.emulation.sequential_case``.
"""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from tests.emulation.simulated import registry

from debulk.emulation.person_time import Covariate, PersonTime

FOLDER = Path(__file__).parent
GRACE_VISITS = 6
HORIZON = 19
"""Intervals of follow-up: the peer's weights are fitted to all of it, so nothing is cut off."""


def simulated() -> PersonTime:
    """A new one: 300 patients with whole months, treated at any visit while untreated."""
    found = registry(300, 23, effect=-0.3, whole_months=True, last_visit=HORIZON - 1)
    values = np.round(found.values, 4)
    return dataclasses.replace(found, values=values, eligible=np.ones_like(found.eligible))


def case() -> PersonTime:
    """The stored case; every patient is last seen, or dies, at the end of the last row's month."""
    visits = pl.read_csv(FOLDER / "sequential_visits.csv")
    treated = pl.col("time").filter(pl.col("treatment") == 1).min().alias("start")
    found = visits.group_by("id", maintain_order=True).agg(
        pl.len().alias("rows"), pl.col("outcome").last(), treated
    )
    start = found["start"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    rows = found["rows"].to_numpy().astype(np.int64)
    return PersonTime(
        time_months=rows.astype(np.float64),
        cause=found["outcome"].to_numpy().astype(np.int8),
        entry_months=np.zeros(rows.size),
        start_months=start,
        complete_months=start,
        progression_months=np.full(rows.size, np.nan),
        lost=np.zeros(rows.size, dtype=bool),
        first=np.concatenate([[0], np.cumsum(rows)]),
        visit=visits["time"].to_numpy().astype(np.int32),
        eligible=np.ones(visits.height, dtype=bool),
        values=visits.select(pl.col("burden", "fit").cast(pl.Float64)).to_numpy(),
        covariates=(Covariate("burden", continuous=True), Covariate("fit")),
        patient_id=tuple(found["id"].to_list()),
    )


def table(person_time: PersonTime) -> pl.DataFrame:
    """One row a visit: covariates and treatment there, the outcome in the month after it."""
    patient = person_time.patient
    begun = person_time.start_visit[patient]
    visit = person_time.visit
    before = (begun >= 0) & (begun < visit)
    last = np.append(np.diff(patient) != 0, True)
    return pl.DataFrame(
        {
            "id": patient,
            "time": visit.astype(np.int64),
            "month": visit.astype(np.float64),
            "eligible": ((visit < GRACE_VISITS) & ~before).astype(np.int64),
            "treatment": ((begun >= 0) & (begun <= visit)).astype(np.int64),
            "outcome": (last & (person_time.cause[patient] == 1)).astype(np.int64),
            "burden": person_time.values[:, 0],
            "fit": person_time.values[:, 1],
        }
    )


def peer(data: pl.DataFrame, method: str) -> dict[str, Any]:
    """Coefficient of treatment and standardised risks, by pySEQTarget."""
    from pySEQTarget import SEQopts, SEQuential

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options = SEQopts(
            weighted=method == "censoring",
            weight_preexpansion=False,
            numerator="1",
            denominator="burden+fit+month",
            covariates="treatment_bas+followup+followup_sq+trial+burden_bas+fit",
            km_curves=True,
        )
        trials = SEQuential(
            data,
            id_col="id",
            time_col="time",
            eligible_col="eligible",
            treatment_col="treatment",
            outcome_col="outcome",
            time_varying_cols=["burden", "month"],
            fixed_cols=["fit"],
            method=method,
            parameters=options,
        )
        trials.expand()
        trials.fit()
        trials.survival()
        fitted = trials.outcome_model[0]["outcome"]
        risks = trials.km_data.filter(pl.col("estimate") == "risk")
    name = next(each for each in fitted.params.index if each.startswith("treatment"))
    return {
        "coef": float(fitted.params[name]),
        "rows": int(fitted.nobs),
        "risk": {
            str(arm): risks.filter(pl.col("treatment") == arm).sort("followup")["pred"].to_list()
            for arm in (0, 1)
        },
    }


def main() -> None:
    """Write the case and the peer's numbers."""
    data = table(simulated())
    data.write_csv(FOLDER / "sequential_visits.csv")
    expected = {
        "version": importlib.metadata.version("pySEQTarget"),
        "per-protocol": peer(data, "censoring"),
        "intention-to-treat": peer(data, "ITT"),
    }
    (FOLDER / "sequential.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
