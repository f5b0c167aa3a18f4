"""Every clone written out, loop by loop: competing events, loss and late entry all at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
from tests.emulation.clones.simulated import registry

from debulk.emulation.clones.fit import clone_censor_weight
from debulk.emulation.grace import GracePeriod
from debulk.emulation.person_time import PersonTime
from debulk.emulation.weight_model import WeightModel

PATIENTS, TAU, VISITS = 220, 20.0, 6
CLOSED = 1e-9
"""Two Newton iterations to convergence, of the weights and of the hazard ratio."""

STRAIGHT = WeightModel(knots=0)


def case() -> PersonTime:
    """A quarter of the deaths are of another cause, three in ten enter late, many are lost."""
    data, random = registry(PATIENTS, 3, loss=0.02), np.random.default_rng(0)
    cause = data.cause.copy()
    deaths = np.flatnonzero(cause == 1)
    cause[random.choice(deaths, deaths.size // 4, replace=False)] = 2
    entry = np.where(random.random(PATIENTS) < 0.3, random.uniform(0.0, 3.0, PATIENTS), 0.0)
    return replace(data, cause=cause, entry_months=np.where(entry < data.time_months, entry, 0.0))


def chances(design, outcome, learns, form):
    """Fitted probabilities by Fisher scoring."""
    coef = np.zeros(design.shape[1])
    for _ in range(60):
        odds = design @ coef
        if form == "logistic":
            chance = 1.0 / (1.0 + np.exp(-odds))
            slope = chance * (1.0 - chance)
        else:
            chance = -np.expm1(-np.exp(odds))
            slope = np.exp(odds) * (1.0 - chance)
        weight = learns * slope**2 / (chance * (1.0 - chance))
        score = design.T @ (learns * slope * (outcome - chance) / (chance * (1.0 - chance)))
        coef = coef + np.linalg.solve(design.T @ (weight[:, None] * design), score)
    odds = design @ coef
    return 1.0 / (1.0 + np.exp(-odds)) if form == "logistic" else -np.expm1(-np.exp(odds))


def decisions(data, form):
    """Chance and outcome of each decision, by patient and visit."""
    keys, outcome, design, learns = [], [], [], []
    for patient in range(PATIENTS):
        start = data.start_months[patient]
        begun = -1 if np.isnan(start) else int(start)
        for row in range(data.first[patient], data.first[patient + 1]):
            visit = int(data.visit[row])
            if visit >= VISITS or (0 <= begun < visit):
                break
            if not data.eligible[row]:
                continue
            keys.append((patient, visit))
            outcome.append(begun == visit and not data.progression_months[patient] <= start)
            months = [float(visit == each) for each in range(1, VISITS)]
            design.append([1.0, *months, *data.values[row]])
            learns.append(visit >= data.entry_months[patient])
    told = np.array(outcome, float)
    found = chances(np.array(design), told, np.array(learns, float), form)
    return {
        key: (chance, happened) for key, chance, happened in zip(keys, found, told, strict=True)
    }


def losses(data):
    """Chance of being lost before the next visit; the visit as a line."""
    keys, outcome, design = [], [], []
    for patient in range(PATIENTS):
        last = int(np.ceil(data.time_months[patient])) - 1
        start = data.start_months[patient]
        for row in range(data.first[patient], data.first[patient + 1]):
            visit = int(data.visit[row])
            if visit < data.entry_months[patient]:
                continue
            keys.append((patient, visit))
            outcome.append(bool(data.lost[patient]) and data.cause[patient] == 0 and visit == last)
            treated = not np.isnan(start) and int(start) <= visit
            design.append([1.0, visit, *data.values[row], treated])
    told = np.array(outcome, float)
    found = chances(np.array(design, float), told, np.ones(told.size), "logistic")
    return dict(zip(keys, found, strict=True))


def factor(arm, timing, visit, chance, happened):
    if arm == 0:
        return 0.0 if happened else 1.0 / (1.0 - chance)
    if timing == "natural":
        if visit < VISITS - 1:
            return 1.0
        return 1.0 / chance if happened else 0.0
    due = 1.0 / (VISITS - visit)
    if happened:
        return due / chance
    return (1.0 - due) / (1.0 - chance)


def clone_rows(data, timing, decided, lost):
    """arm, start, stop, cause and weight of each clone in each month."""
    rows = []
    for arm in (0, 1):
        for patient in range(PATIENTS):
            weight, remaining, time = 1.0, 1.0, data.time_months[patient]
            for visit in range(int(np.ceil(time))):
                if (patient, visit) in decided:
                    weight *= factor(arm, timing, visit, *decided[patient, visit])
                if weight == 0.0:
                    break
                start, stop = max(visit, data.entry_months[patient]), min(visit + 1.0, time)
                if stop > start:
                    cause = data.cause[patient] if stop == time else 0
                    rows.append((arm, start, stop, cause, weight * remaining))
                remaining /= 1.0 - lost.get((patient, visit), 0.0)
    return np.array(rows)


def incidence(rows, times):
    """Cumulative incidence of the event at the horizon and the area under it."""
    survival, risk, area, before = 1.0, 0.0, 0.0, 0.0
    for time in times[times <= TAU]:
        area += risk * (time - before)
        before = time
        there = rows[(rows[:, 1] < time) & (rows[:, 2] >= time)]
        now = there[there[:, 2] == time]
        risk += survival * now[now[:, 3] == 1, 4].sum() / there[:, 4].sum()
        survival *= 1.0 - now[now[:, 3] > 0, 4].sum() / there[:, 4].sum()
    return risk, area + risk * (TAU - before)


def log_hazard_ratio(rows, times):
    beta = 0.0
    for _ in range(30):
        score = information = 0.0
        for time in times:
            there = rows[(rows[:, 1] < time) & (rows[:, 2] >= time)]
            died = there[(there[:, 2] == time) & (there[:, 3] == 1)]
            risk = there[:, 4] * np.exp(beta * there[:, 0])
            mean = (risk * there[:, 0]).sum() / risk.sum()
            score += (died[:, 4] * (died[:, 0] - mean)).sum()
            information += died[:, 4].sum() * mean * (1.0 - mean)
        beta += score / information
        if abs(score / information) < 1e-13:
            break
    return beta


@pytest.mark.parametrize("timing", ["natural", "uniform"])
@pytest.mark.parametrize("form", ["logistic", "cox"])
def test_everything_at_once_is_the_sum_over_clones(
    timing: Literal["natural", "uniform"], form: Literal["logistic", "cox"]
) -> None:
    data = case()
    answer = clone_censor_weight(
        data,
        GracePeriod(timing),
        tau_months=TAU,
        model=replace(STRAIGHT, form=form),
        loss_model=replace(STRAIGHT, month="linear"),
        curves=False,
    )
    rows = clone_rows(data, timing, decisions(data, form), losses(data))
    times = np.unique(rows[rows[:, 3] > 0, 2])
    (risk_0, area_0), (risk_1, area_1) = (
        incidence(rows[rows[:, 0] == arm], times) for arm in (0, 1)
    )
    ratio, mean, risk = answer.hazard_ratio, answer.rmst_difference, answer.risk_difference
    assert ratio is not None
    assert mean is not None
    assert risk is not None
    assert np.log(ratio.estimate) == pytest.approx(log_hazard_ratio(rows, times), abs=CLOSED)
    assert mean.estimate == pytest.approx(area_0 - area_1, abs=CLOSED)
    assert risk.estimate == pytest.approx(risk_1 - risk_0, abs=CLOSED)
