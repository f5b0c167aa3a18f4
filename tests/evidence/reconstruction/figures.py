"""Published figures that DEBULK_DATA holds: rows of two arms, and how a figure of them is read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.evidence.reconstruction.twin import Arm

from debulk.evidence.reconstruction.one_arm import Reconstruction, reconstruct_arm
from debulk.survival import two_arm_trials

needs_data = pytest.mark.skipif(
    not os.environ.get("DEBULK_DATA"), reason="DEBULK_DATA names no folder of published curves"
)

AT_ODDS = ("ACT2_2A", "ACT2_2C", "RAISE_2A", "ENESTg1", "RADIANT4")
"""Figures whose files are at odds with themselves: arms swapped, events missing, other diseases."""

CLICKS = 200
"""Readings of each curve, evenly spaced from 0 to the end of the arm's follow-up."""

CLICK_NOISE = 0.005
"""Standard deviation of a click, on the axis of survival from 0 to 1."""


def folder(name: str) -> Path:
    return Path(os.environ["DEBULK_DATA"]) / name


@dataclass
class Figure:
    """Two arms and the ticks of the time axis."""

    name: str
    ticks: np.ndarray
    arms: tuple[Arm, Arm]


@cache
def two_arm_figures() -> list[Figure]:
    """Every figure of kmdata with two arms whose files agree with themselves."""
    rows = pl.read_csv(folder("kmdata_crc") / "kmdata_crc_ipd_long.csv")
    key = pl.read_csv(folder("kmdata_crc") / "kmdata_crc_key.csv")
    figures = []
    for name, axis in key.select("name", "xaxis_at").iter_rows():
        figure = rows.filter(pl.col("dataset") == name)
        labels = figure["arm"].unique(maintain_order=True).to_list()
        if len(labels) != 2 or name.startswith(AT_ODDS):
            continue
        arms = [figure.filter(pl.col("arm") == label) for label in labels]
        first, second = (
            Arm(each["time"].to_numpy(), each["event"].to_numpy() == 1) for each in arms
        )
        ticks = np.array([float(each) for each in str(axis).split()])
        figures.append(Figure(name, ticks, (first, second)))
    return figures


def rebuilt(
    arm: Arm, ticks: np.ndarray, random: np.random.Generator, *, total: bool, table: bool = True
) -> Reconstruction:
    """One arm read with noise and reconstructed."""
    return reconstruct_arm(
        arm.read(CLICKS, CLICK_NOISE, random),
        arm.at_risk(ticks) if table else None,
        events=int(arm.event.sum()) if total else None,
        patients=arm.n,
    )


def log_hazard_ratio(first: Arm | Reconstruction, second: Arm | Reconstruction) -> float:
    """Cox, second / first."""
    time = np.concatenate([first.time, second.time])
    event = np.concatenate([first.event, second.event])
    group = np.repeat([False, True], [first.n, second.n])
    return float(two_arm_trials(time[None], event[None], group[None]).log_hazard_ratio[0])


def hazard_ratio_errors(
    figures: list[Figure], seed: int, *, total: bool, table: bool = True
) -> np.ndarray:
    """Hazard ratio of the reconstructed arms over that of the rows, less 1, for each figure."""
    random = np.random.default_rng(seed)
    errors = []
    for figure in figures:
        made = [rebuilt(arm, figure.ticks, random, total=total, table=table) for arm in figure.arms]
        errors.append(np.expm1(log_hazard_ratio(*made) - log_hazard_ratio(*figure.arms)))
    return np.array(errors)
