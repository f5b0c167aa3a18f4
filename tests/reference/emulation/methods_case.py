"""Writes the shared case of `methods.R`: 150 simulated patients with ties, late entry, two causes.

Run from the repository root: ``python -m tests.reference.emulation.methods_case``.
"""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import numpy as np
import polars as pl
from tests.emulation.simulated import registry

from debulk.emulation.person_time import Covariate, PersonTime

FOLDER = Path(__file__).parent


def simulated() -> PersonTime:
    """A new one: times in eighths of a month, so that some are tied."""
    found = registry(150, 11, effect=-0.4, entry=True, competing=True, last_visit=18)
    time = np.ceil(found.time_months * 8.0) / 8.0
    entry = np.floor(found.entry_months * 8.0) / 8.0
    values = np.round(found.values, 4)
    return dataclasses.replace(found, time_months=time, entry_months=entry, values=values)


def case() -> PersonTime:
    """The stored case."""
    patients = pl.read_csv(FOLDER / "methods_patients.csv")
    visits = pl.read_csv(FOLDER / "methods_visits.csv")
    rows = visits.group_by("id", maintain_order=True).len()["len"].to_numpy()
    start = patients["start"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return PersonTime(
        time_months=patients["time"].cast(pl.Float64).to_numpy(),
        cause=patients["cause"].to_numpy().astype(np.int8),
        entry_months=patients["entry"].cast(pl.Float64).to_numpy(),
        start_months=start,
        complete_months=start,
        progression_months=np.full(patients.height, np.nan),
        lost=np.zeros(patients.height, dtype=bool),
        first=np.concatenate([[0], np.cumsum(rows)]).astype(np.int64),
        visit=visits["visit"].to_numpy().astype(np.int32),
        eligible=visits["eligible"].to_numpy() == 1,
        values=visits.select(pl.col("burden", "fit").cast(pl.Float64)).to_numpy(),
        covariates=(Covariate("burden", continuous=True), Covariate("fit")),
        patient_id=tuple(patients["id"].to_list()),
    )


def main() -> None:
    """Write patients and visits."""
    found = simulated()
    with (FOLDER / "methods_patients.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("id", "entry", "time", "cause", "start"))
        for place, name in enumerate(found.patient_id):
            start = found.start_months[place]
            told = "" if np.isnan(start) else f"{start:g}"
            row = (name, f"{found.entry_months[place]:g}", f"{found.time_months[place]:g}")
            writer.writerow((*row, int(found.cause[place]), told))
    with (FOLDER / "methods_visits.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("id", "visit", "eligible", "burden", "fit"))
        for place, patient in enumerate(found.patient):
            burden, fit = found.values[place]
            head = (int(patient), int(found.visit[place]), int(found.eligible[place]))
            writer.writerow((*head, f"{burden:.4f}", f"{fit:g}"))


if __name__ == "__main__":
    main()
