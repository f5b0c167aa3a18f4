"""Is the emulator the regression it says it is, with the error it says it has?"""

from __future__ import annotations

import numpy as np
import pytest

from debulk.core.errors import InputError
from debulk.disease.calibration.emulator import RIDGES, fit_emulator

SHRUNK = 1e-4  # the smallest penalty still pulls slopes by that
CLOSED_RTOL = 1e-8


def runs(count=80, parameters=5, seed=4):
    return np.random.default_rng(seed).standard_normal((count, parameters))


def test_a_linear_simulator_is_found_again():
    unit = runs()
    slopes = np.array([1.0, -2.0, 0.0, 0.5, 3.0])
    found = fit_emulator(unit, (unit @ slopes + 7.0)[:, None])
    assert found.linear[:, 0] == pytest.approx(slopes, abs=SHRUNK)
    assert found.predict(np.zeros(5))[0] == pytest.approx(7.0, abs=SHRUNK)
    assert found.explained[0] == pytest.approx(1.0, abs=1e-6)
    assert found.importance()[4, 0] == pytest.approx(
        3.0 * unit[:, 4].std() / (unit @ slopes).std(), rel=SHRUNK
    )


def test_a_bend_along_an_active_direction_is_found():
    unit = runs(200, 3)
    along = unit @ np.array([0.6, 0.8, 0.0])
    response = (2.0 * along + along**2)[:, None]
    straight = fit_emulator(unit, response, directions=0)
    bent = fit_emulator(unit, response, directions=2)
    assert bent.error_variance[0] < 0.05 * straight.error_variance[0]
    assert bent.explained[0] > 0.98


def test_slopes_are_the_derivative_of_the_prediction():
    unit = runs(200, 4)
    response = np.column_stack([unit[:, 0] + unit[:, 0] * unit[:, 1], unit[:, 2] ** 2])
    found = fit_emulator(unit, response, directions=3)
    at, step = np.array([0.3, -0.2, 0.5, 0.1]), 1e-5
    numeric = np.column_stack(
        [
            (found.predict(at + step * one) - found.predict(at - step * one)) / (2 * step)
            for one in np.eye(4)
        ]
    )
    assert found.jacobian(at) == pytest.approx(numeric, abs=1e-6)


def test_handworked_the_error_is_that_of_runs_left_out():
    """Leave each run out, fit the same ridge regression by hand, and predict it."""
    unit = runs(30, 4)
    response = unit[:, 0] + np.random.default_rng(9).standard_normal(30)
    found = fit_emulator(unit, response[:, None], directions=0)
    # The penalty is on columns scaled by all runs; without one the middle is not penalised.
    scaled = (unit - unit.mean(axis=0)) / unit.std(axis=0)

    def left_out(ridge):
        missed = []
        for out in range(30):
            kept = np.arange(30) != out
            design = np.column_stack([np.ones(29), scaled[kept]])
            penalty = np.diag([0.0, *np.full(4, ridge * 30)])
            normal = design.T @ design + penalty
            beta = np.linalg.solve(normal, design.T @ response[kept])
            missed.append(response[out] - beta[0] - scaled[out] @ beta[1:])
        return float(np.mean(np.square(missed)))

    assert found.error_variance[0] == pytest.approx(min(map(left_out, RIDGES)), rel=CLOSED_RTOL)


def test_noise_is_not_taken_for_influence():
    generator = np.random.default_rng(6)
    found = fit_emulator(runs(60, 20), generator.standard_normal((60, 3)))
    assert np.all(found.error_variance < 1.6)
    assert np.all(found.explained < 0.2)


def test_runs_without_a_target_are_left_out_for_it_alone():
    unit = runs()
    response = np.column_stack([unit[:, 0], unit[:, 1], unit[:, 2]])
    response[:20, 1] = np.nan
    response[:70, 2] = np.nan
    found = fit_emulator(unit, response)
    assert found.known.tolist() == [True, True, False]
    assert found.linear[1, 1] == pytest.approx(1.0, abs=SHRUNK)


def test_constant_responses_and_parameters_do_no_harm():
    unit = runs()
    unit[:, 2] = 0.0
    found = fit_emulator(unit, np.column_stack([np.full(80, 3.0), unit[:, 0]]))
    assert found.predict(unit[0])[0] == pytest.approx(3.0)
    assert np.isfinite(found.importance()).all()


def test_too_few_runs_are_refused():
    with pytest.raises(InputError, match="5 runs"):
        fit_emulator(runs(5), runs(5))
