"""Risks without treatment, judged in a registry where the ill are treated: the truth is known.

Untreated hazard 0.02 exp(0.8 x + 1.2 flare) a month. At each of six monthly visits a patient
with a flare (half of them have one, from a random month on) or of high x is the likelier to be
treated, and treatment halves the hazard. 30 registries of 800; the truth from 200,000 patients.
"""

import numpy as np
import polars as pl
import pytest

from debulk.prognosis.validation.accuracy import brier_of
from debulk.prognosis.validation.counterfactual import read_weighted_rows, validate_counterfactual
from debulk.prognosis.validation.discrimination import auc_of
from debulk.prognosis.validation.estimates import estimate_of
from debulk.prognosis.validation.event_ratios import ratio_at
from debulk.prognosis.validation.follow_up import read_follow_up
from debulk.prognosis.validation.risk_validation import validate_risk
from debulk.prognosis.validation.status import horizon_status

HORIZON, VISITS, REGISTRIES, SIZE = 18.0, 6, 30, 800
MONTHS = 24
BASE, EFFECT_OF_X, EFFECT_OF_FLARE = 0.02, 0.8, 1.2


def untreated(n, random):
    x = random.normal(size=n)
    flare = np.where(random.random(n) < 0.5, random.integers(0, 6, n), 99)
    flaring = flare[:, None] <= np.arange(MONTHS)
    hazard = BASE * np.exp(EFFECT_OF_X * x[:, None] + EFFECT_OF_FLARE * flaring)
    return x, flaring, hazard


def times(hazard, random):
    """Month of death under a hazard that is constant within months; infinite beyond the last."""
    sums = np.cumsum(hazard, axis=1)
    needed = random.exponential(size=hazard.shape[0])
    month = (sums < needed[:, None]).sum(axis=1)
    inside = np.minimum(month, hazard.shape[1] - 1)
    rows = np.arange(inside.size)
    part = (needed - (sums[rows, inside] - hazard[rows, inside])) / hazard[rows, inside]
    return np.where(month < hazard.shape[1], inside + part, np.inf)


def registry(random):
    """Weighted follow-up without treatment, the same unweighted, and what happened to all."""
    x, flaring, hazard = untreated(SIZE, random)
    chance = 1.0 / (1.0 + np.exp(2.8 - 0.7 * x[:, None] - 1.2 * flaring[:, :VISITS]))
    wanted = random.random((SIZE, VISITS)) < chance
    treated = np.where(wanted.any(axis=1), wanted.argmax(axis=1), 99)
    death = times(np.where(np.arange(MONTHS) >= treated[:, None], 0.5, 1.0) * hazard, random)
    lost = np.minimum(random.exponential(80.0, SIZE), MONTHS)
    stay = np.cumprod(1.0 - chance, axis=1)
    end = np.minimum(death, lost)
    rows = []
    for i in range(SIZE):
        leaves = min(end[i], treated[i])
        for month in range(VISITS):
            if month >= leaves:
                break
            last = month == VISITS - 1
            stop = leaves if last else min(leaves, month + 1.0)
            died = stop == death[i]
            rows.append((i, float(month), stop, int(died), 1.0 / stay[i, month]))
    columns = ["patient_id", "start_months", "stop_months", "event", "weight"]
    return x, pl.DataFrame(rows, schema=columns, orient="row"), end, death <= lost


@pytest.fixture(scope="module")
def truth():
    """Observed risk, AUC and Brier score had nobody been treated."""
    random = np.random.default_rng(11)
    x, _, hazard = untreated(200_000, random)
    case = times(hazard, random) <= HORIZON
    risk = predicted(x)
    order = np.argsort(risk)
    ranks = np.empty(x.size)
    ranks[order] = np.arange(1, x.size + 1)
    cases = int(case.sum())
    area = (ranks[case].sum() - cases * (cases + 1) / 2) / (cases * (x.size - cases))
    return {
        "observed_expected": case.mean() / risk.mean(),
        "auc": area,
        "brier": float(np.mean((case - risk) ** 2)),
    }


def predicted(x):
    """Risk that the model under test predicts: a flare in half of the patients, on average."""
    return 1.0 - np.exp(-BASE * HORIZON * 2.0 * np.exp(EFFECT_OF_X * x))


def judged(rows, risk):
    status = horizon_status(rows, HORIZON)
    area = auc_of(status, risk)
    return [
        ratio_at(status, rows, risk, 0.95),
        estimate_of(area, "area", rows, 0.95),
        estimate_of(brier_of(status, risk), "Brier", rows, 0.95),
    ]


@pytest.fixture(scope="module")
def found():
    """Weighted, unweighted, and whatever the treatment: three estimates of each registry."""
    random = np.random.default_rng(12)
    places = {row: row for row in range(SIZE)}
    result = []
    for _ in range(REGISTRIES):
        x, rows, end, died = registry(random)
        risk = predicted(x)
        flat = rows.with_columns(weight=pl.lit(1.0))
        kinds = (
            read_weighted_rows(rows, places),
            read_weighted_rows(flat, places),
            read_follow_up(end, died),
        )
        result.append([judged(each, risk) for each in kinds])
    return result


def values(found, kind):
    return np.array([[each.estimate for each in registry[kind]] for registry in found])


def test_weights_give_the_truth(truth, found):
    weighted = values(found, 0)
    error = weighted.std(axis=0, ddof=1) / np.sqrt(REGISTRIES)
    assert (np.abs(weighted.mean(axis=0) - list(truth.values())) < 3.0 * error).all()


def test_without_weights_and_without_regard_to_treatment_it_is_missed(truth, found):
    error = values(found, 0)[:, 0].std(ddof=1) / np.sqrt(REGISTRIES)
    for kind in (1, 2):
        miss = values(found, kind)[:, 0].mean() - truth["observed_expected"]
        assert miss < -6.0 * error


def test_intervals_cover(truth, found):
    for k, true in enumerate(truth.values()):
        inside = [each[0][k].lower <= true <= each[0][k].upper for each in found]
        # At a coverage of 95 %, 24 of 30 or fewer would have a probability of 0.003.
        assert sum(inside) >= 25


def test_weights_of_one_are_no_weights():
    random = np.random.default_rng(13)
    n = 300
    time, event = random.exponential(20.0, n) + 0.01, random.random(n) < 0.7
    risk = random.random(n) * 0.9 + 0.05
    # The same follow-up cut at month 5, as if a weight had changed there.
    early = np.minimum(time, 5.0)
    later = time > 5.0
    rows = pl.DataFrame(
        {
            "patient_id": np.concatenate((np.arange(n), np.flatnonzero(later))),
            "start_months": np.concatenate((np.zeros(n), np.full(later.sum(), 5.0))),
            "stop_months": np.concatenate((early, time[later])),
            "event": np.concatenate((event & ~later, event[later])).astype(int),
            "weight": np.ones(n + later.sum()),
        }
    )
    table = pl.DataFrame({"patient_id": np.arange(n), "risk": risk})
    options = {"horizon_months": 15.0, "bootstrap": 0}
    one = validate_risk(time, event, risk, **options)
    other = validate_counterfactual(rows, table, **options)
    for name in ("auc", "brier", "observed_expected", "calibration_slope", "calibration_intercept"):
        assert other.statistics[name].estimate == pytest.approx(one.statistics[name].estimate)
        assert other.statistics[name].se == pytest.approx(one.statistics[name].se)
    uno = one.statistics["concordance_uno"]
    assert other.concordance.estimate == pytest.approx(uno.estimate)


def test_rows_are_sorted_by_patient_whatever_their_order():
    frame = pl.DataFrame(
        {
            "patient_id": ["b", "a", "b"],
            "start_months": [2.0, 0.0, 0.0],
            "stop_months": [4.0, 3.0, 2.0],
            "event": [0, 1, 0],
            "weight": [2.0, 1.0, 1.0],
        }
    )
    rows = read_weighted_rows(frame, {"a": 0, "b": 1})
    assert rows.patient.tolist() == [1, 0, 1]
    assert rows.events == 1
