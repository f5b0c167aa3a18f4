"""The reconstruction once more, in plain Python: an oracle for the kernels, and curves to read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from debulk.survival.kernels import kaplan_meier_grid


@dataclass
class Arm:
    """Patients made up, and what a figure of them shows."""

    time: np.ndarray
    event: np.ndarray

    @property
    def n(self) -> int:
        return self.time.size

    def survival(self, at: np.ndarray) -> np.ndarray:
        return kaplan_meier_grid(self.time, self.event, np.minimum(at, self.time.max()))

    def event_times(self) -> np.ndarray:
        """Times of deaths, and the end of the curve."""
        return np.unique(np.append(self.time[self.event], self.time.max()))

    def at_risk(self, ticks: np.ndarray) -> dict[str, np.ndarray]:
        return {"time": ticks, "at_risk": (self.time[None, :] >= ticks[:, None]).sum(axis=1)}

    def read(
        self, clicks: int, error: float = 0.0, random: np.random.Generator | None = None
    ) -> dict[str, np.ndarray]:
        """Survival at so many times evenly spaced to the end of follow-up, with normal errors."""
        at = np.linspace(0.0, self.time.max(), clicks + 1)[1:]
        survival = self.survival(at)
        if random is not None:
            survival = np.clip(survival + error * random.standard_normal(at.size), 0.0, 1.0)
        return {"time": at, "survival": survival}


def made_up(n: int, seed: int, *, hazard: float = 0.05, follow_up: float = 40.0) -> Arm:
    """Exponential survival, uniform censoring."""
    random = np.random.default_rng(seed)
    death, end = random.exponential(1.0 / hazard, n), random.uniform(2.0, follow_up, n)
    return Arm(np.minimum(death, end), death <= end)


def falling(values: list[float]) -> list[float]:
    """Max-min formula of isotonic regression (Barlow and others 1972), for falling values."""
    size = len(values)
    return [
        min(
            max(float(np.mean(values[start : end + 1])) for end in range(i, size))
            for start in range(i + 1)
        )
        for i in range(size)
    ]


def walk(clicks, start, end, at_risk, survival, censored, most, counted):
    """Rows (time, event) of one interval, deaths, and survival at its end."""
    times = [start + (end - start) * k / (censored + 1) for k in range(1, censored + 1)]
    rows, deaths, since = [], 0, start
    for now, target in clicks:
        gone = sum((each - start) / (end - start) < (now - start) / (end - start) for each in times)
        left = at_risk - gone - deaths
        if left > 0 and survival > target:
            drop = min(math.floor(left * (1 - target / survival) + 0.5), left, most - deaths)
            early = 0.5 if counted and now >= end else 0.0
            rows += [(since + (now - since) * (k - early) / drop, True) for k in range(1, drop + 1)]
            survival *= 1 - drop / left
            deaths += drop
        since = now
    return rows + [(each, False) for each in times], deaths, survival


def reconstruct(clicks, ticks) -> list[tuple[float, bool]]:
    """Rows of an arm whose last number at risk is 0 or lies after its curve; no total."""
    rows, survival = [], 1.0
    for (start, at_risk), (end, later) in pairwise(ticks):
        inside = [each for each in clicks if start < each[0] <= end]
        counted = not (later == 0 and start < clicks[-1][0] < end)
        end = end if counted else clicks[-1][0]
        for censored in range(at_risk - later + 1):
            found = walk(
                inside, start, end, at_risk, survival, censored, at_risk - censored, counted
            )
            if censored + found[1] >= at_risk - later:
                break
        made, _, survival = walk(
            inside, start, end, at_risk, survival, censored, at_risk - later - censored, counted
        )
        rows += made
    return sorted(rows) + [(ticks[-1][0], False)] * ticks[-1][1]
