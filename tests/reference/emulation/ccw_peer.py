"""Risks of the PyPI package clone-censor-weight (ccw) 0.1.0 on a shared, simulated case.

``python ccw_peer.py`` writes ccw_case.csv and ccw_peer.json beside itself. Aligned with debulk:
a row t holds the outcome of (t - 1, t], the covariates at t, treatment begun at t and loss at t;
whoever leaves without the outcome has a row of loss; progressed patients can no longer leave a
strategy; the month enters as indicators; weights are neither stabilised nor truncated. In the
case all deaths of a month happen at one time after its losses, so that the hazards of exact times
are the monthly hazards of ccw.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
PATIENTS, VISITS, HORIZON = 400, 6, 24
BURDENS = [f"burden_{visit}" for visit in range(VISITS)]


def simulate() -> list[dict[str, Any]]:
    """Patients: treatment follows burden and side, and acts (harm first, then benefit)."""
    random = np.random.default_rng(7)
    records = []
    for patient in range(PATIENTS):
        side = int(random.random() < 0.3)
        burden = random.normal()
        burdens, start, progression, end, died = [], None, None, None, 0
        for month in range(HORIZON + 1):
            burdens.append(round(float(burden), 3))
            free = progression is None and start is None
            odds = -1.5 - 0.6 * burden - 0.3 * side
            if month < VISITS and free and random.random() < 1.0 / (1.0 + np.exp(-odds)):
                start = month
            if random.random() < 0.01:
                end = month + 0.25
                break
            hazard = 0.04 * np.exp(0.5 * burden + 0.3 * side + 1.1 * (progression is not None))
            if start is not None:
                hazard = hazard + 0.03 if month - start < 2 else hazard * 0.7
            if month < HORIZON and random.random() < hazard:
                end, died = month + 0.5, 1
                break
            if progression is None and random.random() < 0.06:
                progression = month + 1
            burden += random.normal(0.0, 0.2)
        record = {"id": patient, "side": side, "start": start, "progression": progression}
        record |= {"time": HORIZON + 0.75 if end is None else end, "died": died}
        padded = (burdens + [burdens[-1]] * VISITS)[:VISITS]
        records.append(record | dict(zip(BURDENS, padded, strict=True)))
    return records


def long_rows(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of ccw: one a patient and month, up to the outcome or loss."""
    rows = []
    for each in records:
        month = int(each["time"])
        died, lost = each["died"], not each["died"] and month < HORIZON
        for at in range(min(month + 1 if died else month, HORIZON) + 1):
            progressed = each["progression"] is not None and each["progression"] <= at
            rows.append(
                {
                    "id": each["id"],
                    "month": at,
                    "treated": int(each["start"] == at),
                    "died": int(bool(died) and at == month + 1),
                    "lost": int(lost and at == month),
                    "side": each["side"],
                    "burden": each[f"burden_{min(at, VISITS - 1)}"],
                    "progressed": int(progressed),
                }
            )
    return rows


def peer_risks(rows: Any, model: str, loss: str = "1") -> list[float]:
    """Risks of both strategies at the horizon by ccw.

    A model of loss with an intercept alone cancels.
    """
    import ccw
    import pandas as pd
    from ccw.strategies import InitiateBy, NoInitiationThrough

    class NoLocal(NoInitiationThrough):
        def censoring_prob_mask(self, data, *, id_col, time_col, treatment_col):
            mask = super().censoring_prob_mask(
                data, id_col=id_col, time_col=time_col, treatment_col=treatment_col
            )
            return mask & (data["progressed"] == 0)

        def convert_treatment_prob_to_ipcw(self, data, treatment_col, *, return_details=False):
            data = data.copy()
            data.loc[data["progressed"] == 1, "treatment_prob"] = 0.0
            return super().convert_treatment_prob_to_ipcw(
                data, treatment_col, return_details=return_details
            )

        def treatment_prob_mask(self, data, time_col, treatment_col):
            return _decisions(data, time_col, treatment_col, self.day)

    class LocalUnlessProgression(InitiateBy):
        def artificial_censor(self, data, *, id_col, time_col, treatment_col):
            frame = data.copy().sort_values([id_col, time_col], kind="mergesort")
            begun = frame.groupby(id_col, sort=False)[treatment_col].cumsum()
            leaves = (frame[time_col] == self.day) & (begun == 0) & (frame["progressed"] == 0)
            frame["artificial_censor"] = leaves.astype(int)
            at = frame.loc[leaves].groupby(id_col)[time_col].min()
            frame["time_to_artificial_censor"] = frame[id_col].map(at)
            left = frame["time_to_artificial_censor"]
            return frame.loc[left.isna() | (frame[time_col] <= left)].copy()

        def censoring_prob_mask(self, data, *, id_col, time_col, treatment_col):
            mask = super().censoring_prob_mask(
                data, id_col=id_col, time_col=time_col, treatment_col=treatment_col
            )
            return mask & (data["progressed"] == 0)

        def treatment_prob_mask(self, data, time_col, treatment_col):
            return _decisions(data, time_col, treatment_col, self.day)

        def convert_treatment_prob_to_ipcw(self, data, treatment_col, *, return_details=False):
            data = data.copy()
            data.loc[data["progressed"] == 1, "treatment_prob"] = 1.0
            return super().convert_treatment_prob_to_ipcw(
                data, treatment_col, return_details=return_details
            )

    def _decisions(data, time_col, treatment_col, day):
        by_id = data.groupby("id", sort=False)[treatment_col]
        before = by_id.cumsum() - data[treatment_col]
        return (before == 0) & (data[time_col] <= day) & (data["progressed"] == 0)

    monthly, last = "burden + side + C(tstart)", "burden + side"
    formulas: dict[str, Any] = {"control": monthly, "intervention": last}
    if model == "treatment_probability":
        formulas = {key: {"treatment": monthly, "lost": loss} for key in formulas}
    spec = ccw.DataSpec(
        id="id",
        time="month",
        treatment="treated",
        outcome="died",
        censoring=("lost",),
        baseline=("side",),
        time_varying=("burden", "progressed"),
    )
    fit = ccw.CCW(
        spec=spec,
        strategies={
            "control": NoLocal(VISITS - 1),
            "intervention": LocalUnlessProgression(VISITS - 1),
        },
        weight_models=formulas,
        censoring_at_baseline=True,
        followup_end=HORIZON,
        censoring_model=model,
    ).fit(pd.DataFrame(rows))
    return [float(fit.risks[each]) for each in ("control", "intervention")]


def main() -> None:
    """Write the case and the peer's numbers."""
    records = simulate()
    with (HERE / "ccw_case.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]))
        writer.writeheader()
        writer.writerows(records)
    rows = long_rows(records)
    found = {
        "program": "clone-censor-weight 0.1.0",
        "horizon_months": HORIZON,
        "deadline": peer_risks(rows, "protocol_only"),
        "pooled": peer_risks(rows, "treatment_probability"),
    }
    (HERE / "ccw_peer.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
