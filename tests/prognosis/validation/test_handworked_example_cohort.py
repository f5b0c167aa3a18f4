"""A published score in the example cohort: concordance and area once more, pair by pair."""

import numpy as np
import pytest

from debulk.patients import example_cohort
from debulk.prognosis.scores.scoring import score
from debulk.prognosis.validation.score_validation import validate_score

CLOSED_FORM = 1e-12
HORIZON = 24.0


@pytest.fixture(scope="module")
def found():
    return validate_score("fong", example_cohort(), horizon_months=HORIZON, bootstrap=0)


@pytest.fixture(scope="module")
def rows():
    """Points, months from the moment of judgement and death of those who have points."""
    cohort = example_cohort()
    joined = score("fong", cohort).join(cohort.followup, on="patient_id").drop_nulls("points")
    time = joined["last_months"] - joined["judged_months"].fill_null(0.0)
    return joined["points"].to_numpy(), time.to_numpy(), joined["dead"].to_numpy()


def test_everybody_is_accounted_for(found, rows):
    left_out = sum(each.count for each in found.provenance.exclusions)
    assert (found.n, left_out) == (rows[0].size, example_cohort().patients.height - rows[0].size)
    assert "calibration_slope" not in found.statistics
    assert any("gives no risks" in each for each in found.caveats)


def test_concordance_pair_by_pair(found, rows):
    points, time, dead = rows
    concordant = discordant = tied = 0
    for i in np.flatnonzero(dead):
        later = (time > time[i]) | ((time == time[i]) & ~dead)
        concordant += int(np.sum(points[i] > points[later]))
        discordant += int(np.sum(points[i] < points[later]))
        tied += int(np.sum(points[i] == points[later]))
    expected = (concordant + tied / 2) / (concordant + discordant + tied)
    assert found.concordance.estimate == pytest.approx(expected, abs=CLOSED_FORM)


def test_area_pair_by_pair(found, rows):
    points, time, dead = rows

    def uncensored(at: float, *, before: bool) -> float:
        """Chance of not having been lost by a time (deaths come before losses of the same day)."""
        chance = 1.0
        for loss in np.unique(time[~dead]):
            if loss < at or (loss == at and not before):
                there = np.sum((time > loss) | ((time == loss) & ~dead))
                chance *= 1.0 - np.sum((time == loss) & ~dead) / there
        return chance

    cases = np.flatnonzero(dead & (time <= HORIZON))
    controls = np.flatnonzero(time > HORIZON)
    weight = np.array([1.0 / uncensored(time[i], before=True) for i in cases])
    wins = [
        np.mean((points[i] > points[controls]) + 0.5 * (points[i] == points[controls]))
        for i in cases
    ]
    expected = float(weight @ np.array(wins) / weight.sum())
    assert found.statistics["auc"].estimate == pytest.approx(expected, abs=CLOSED_FORM)
